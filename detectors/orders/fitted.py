"""Weights of the outlook: fitted on flights, by hand for a shop."""

from detectors.orders import fitted_flights

_SHOP = {
    "seller.late/12h": 0.4,
    "seller.late/14d": 0.2,
    "lane.delivered_late/14d": 0.2,
}
"""Not fitted: no recorded history of a shop was at hand."""

WEIGHTS: dict[str, dict[str, float]] = {
    phase: {**weights, **(_SHOP if phase in ("distant", "far", "near") else {})}
    for phase, weights in fitted_flights.WEIGHTS.items()
}
