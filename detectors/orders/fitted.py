"""Weights of the outlook, fitted on flights of January to September 2013 (`bench/fit_late_delivery.py`)."""

WEIGHTS: dict[str, dict[str, float]] = {
    "far": {"bias": -2.2, "airport.late/1h": 0.3, "airport.late/3h": 0.3, "airport.visibility_mi<3": 3.0, "airport.wind_mph>20": 0.5,
            "airport_carrier.late/3h": 0.2, "airport_hour.delivered_late/14d": 0.3, "seller.late/3h": 0.5, "carrier.late/3h": 0.2},
    "near": {"bias": -2.2, "airport.late/1h": 0.5, "airport.late/3h": 0.3, "airport.visibility_mi<3": 3.0, "airport.wind_mph>20": 0.5,
            "airport_carrier.late/3h": 0.3, "airport_hour.delivered_late/14d": 0.3, "seller.late/3h": 0.5, "carrier.late/3h": 0.2},
    "moving": {"bias": -3.5, "own.late": 3.0},
    "waiting": {"bias": -2.5, "own.waiting": 3.0, "airport.late/1h": 0.4},
    "overdue": {"bias": -1.0, "own.late": 1.5, "own.overdue": 3.0, "own.waiting": 1.0},
}
