"""Flights as a kind of promise to learn about: trouble three hours and one hour before departure."""

from detectors.learning.lesson import Boosted, Lesson
from detectors.orders.course import Course
from detectors.orders.flight_features import NAMES, values
from detectors.orders.flight_seen import seen
from detectors.orders.journey import Journey

DAY_S = 86_400.0

AHEAD_S = 12_600.0
"""It was learned of flights three hours and one hour ahead: further off it says nothing."""


def _speaks(order: Journey, now: float) -> bool:
    """From three hours before the planned departure until then; once it is missed, or made, the order tells itself."""
    return not order.begun and now < order.next_due <= now + AHEAD_S


FLIGHT = Course(
    lesson=Lesson(
        model="late_delivery/flight",
        names=NAMES,
        online=None,
        boosted=Boosted(
            every_s=14 * DAY_S,
            kept=4,
            most_rows=700_000,
            rate=0.12,
            rounds=100,
            leaves=15,
            least_in_leaf=1200,
            columns=0.2,
            l2=5.0,
        ),
        calibrated=False,
        publish_every_s=14 * DAY_S,
        least=100_000,
        censored=False,  # no letter of ours makes a flight late, or brings it in time
    ),
    carries="flight",
    values=values,
    freezes=("3h", "1h"),
    late_after_s=2_699.0,  # one that arrives 45 minutes late to the second is in trouble
    seen=seen,
    speaks=_speaks,
)
