"""Which sums are kept of which measure, and when a change is worth a word to every journal partition."""

import msgspec

from detectors.context.fading import half_life_s


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sums `name/window` of `measure`: of the values, or, with `at_least`, of 1.0 from there on and 0.0 below."""

    measure: str
    name: str
    windows: tuple[str, ...]
    at_least: float | None = None
    scale: float = 1.0
    """A change of the mean by so much counts like a change of a share from 0 to 1."""

    def __post_init__(self) -> None:
        for window in self.windows:
            half_life_s(window)

    def value(self, observed: float) -> float:
        """What an observation adds."""
        return observed if self.at_least is None else float(observed >= self.at_least)


FLIGHTS = (
    Rule(measure="left_late_min", name="left_late_min", windows=("1h", "4h"), scale=60.0),
    Rule(measure="arrived_late_min", name="arrived_late_min", windows=("1h", "4h"), scale=60.0),
    Rule(measure="waiting", name="waiting", windows=("1d",)),
    Rule(measure="trouble", name="trouble", windows=("3h", "1d", "7d", "30d")),
    Rule(measure="precipitation_in", name="precipitation_in", windows=("3h", "12h")),
    Rule(measure="pressure_hpa", name="pressure_hpa", windows=("6h",), scale=20.0),
    Rule(measure="wind_mph", name="wind_mph", windows=("6h",), scale=20.0),
    Rule(measure="visibility_mi", name="visibility_mi", windows=("3h",), scale=10.0),
)
"""What `detectors/orders/flight_features.py` reads beside."""
_HELD = ("said", "came")
"""What a model of parcels said some days before the promise, and what came of it."""

SHIPPED = (
    Rule(measure="late_min", name="late", at_least=45.0, windows=("1h", "12h", "14d")),
    Rule(measure="late_min", name="late_min", windows=("1h",), scale=60.0),
    Rule(measure="slow", name="slow", windows=("30min", "2h")),
    Rule(measure="cancelled", name="cancelled", windows=("3h", "12h")),
    Rule(measure="delivered_late_min", name="delivered_late", at_least=45.0, windows=("3h", "14d")),
    Rule(measure="verdict_wrong", name="verdict_wrong", windows=("90d",)),
    Rule(measure="verdict_known", name="verdict_known", windows=("90d",)),
    Rule(measure="bill_log", name="bill_log", windows=("90d",), scale=10.0),
    Rule(measure="parcel_late", name="parcel_late", windows=("7d", "30d")),
    Rule(measure="open_7d", name="open_7d", windows=("7d", "30d")),
    Rule(measure="transit_d", name="transit_d", windows=("7d", "30d"), scale=10.0),
    Rule(measure="handover_late_d", name="handover_late_d", windows=("30d",), scale=5.0),
    *(
        Rule(measure=f"{what}_{days}d", name=f"{what}_{days}d", windows=("60d",))
        for what in _HELD
        for days in (3, 2, 1)
    ),
    Rule(measure="bought", name="bought", windows=("7d", "30d")),
    Rule(measure="bad_score", name="bad_score", windows=("120d",)),
    *FLIGHTS,
)
"""What the shipped scores read, and what the words of an issue tell."""


class ContextParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entity is told of at most every `min_interval_s` of event time, when a mean moved by `min_change`.

    Means are shrunk to `prior` with the weight of `strength` cases, so that a first few cases are no news.
    Measures without a rule are kept over `other_windows`. A measurement is passed on for `measured_for_s`.
    """

    rules: tuple[Rule, ...] = SHIPPED
    other_windows: tuple[str, ...] = ("3h", "14d")
    min_change: float = 0.02
    min_interval_s: float = 300.0
    prior: float = 0.1
    strength: float = 5.0
    measured_for_s: float = 6 * 3600.0
    forget_after_s: float = 60 * 86_400.0


def fed_by() -> dict[str, frozenset[str]]:
    """Which sums each observed measure feeds under the shipped rules, without their windows."""
    return {
        measure: frozenset(rule.name for rule in SHIPPED if rule.measure == measure)
        for measure in sorted({rule.measure for rule in SHIPPED})
    }
