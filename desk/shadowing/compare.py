"""A challenger held against its champion by what customers themselves did: who turned to us, and who was told before.

Live there is no truth but the customers' own signs: they turn to support, or answer a survey badly. A message counts as
right when such a sign follows within the horizon, else as false; a sign is caught when a message came before it. Both
sides are counted by the same rule; what the champion really told may have kept customers from calling, which makes it
look worse than it is.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from desk.scores.bootstrap import REPEATS, intervals
from desk.scores.ranking import Floats
from desk.scores.scored import Score
from models.canary import is_canary
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened
from models.events.survey_answered import SurveyAnswered
from models.issues import Issue

LOW = 0.4
"""A survey's score up to this share of the best is a sign of trouble: 2 of 5."""


class Said(msgspec.Struct, frozen=True):
    """A message there was, or would have been."""

    customer_id: str
    at: datetime


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side's figures. `caught` of the signs, `false` of the messages; the lead is a mean over what was caught."""

    messages: int
    caught: Score
    false: Score
    lead_h: Score


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`difference` is challenger less champion, drawn by customer."""

    since: datetime
    until: datetime
    customers: int
    signs: int
    champion: Side
    challenger: Side
    difference: dict[str, Score]


def signs(events: Iterable[Event]) -> list[Said]:
    """When customers themselves let us know that something was wrong."""
    found = []
    for event in events:
        low = isinstance(event, SurveyAnswered) and event.data.score <= LOW * event.data.best
        if (low or isinstance(event, CareContactOpened)) and not is_canary(event.subject):
            found.append(Said(event.subject, event.time))
    return found


def messages(issues: Iterable[Issue], detector: str) -> list[Said]:
    """One per episode that opened."""
    return [
        Said(one.customer_id, one.at)
        for one in issues
        if one.detector == detector and one.change == "opened" and not is_canary(one.customer_id)
    ]


def compare(
    champion: Sequence[Said], challenger: Sequence[Said], signs: Sequence[Said], since: datetime, until: datetime,
    horizon: timedelta, repeats: int = REPEATS,
) -> Comparison:  # fmt: skip
    """Messages in [since, until - horizon) are judged, and signs in [since, until).

    Raises ValueError when the window is not longer than the horizon: no message could be judged.
    """
    if until - since <= horizon:
        raise ValueError("compare: the window must be longer than the horizon")
    told = [_by_customer(side, since, until) for side in (champion, challenger)]
    called = _by_customer(signs, since, until)
    customers = sorted({*told[0], *told[1], *called})
    counts = [
        np.array([_counts(side.get(one, []), called.get(one, []), until, horizon) for one in customers]).reshape(-1, 5)
        for side in told
    ]

    def figures(weights: Floats | None) -> list[float]:
        first, second = (_figures(side, weights) for side in counts)
        return [*first, *second, *(b - a for a, b in zip(first, second, strict=True))]

    values = figures(None)
    found = [
        Score(*(None if np.isnan(one) else float(one) for one in (value, *bounds)))
        for value, bounds in zip(values, intervals(len(customers), figures, repeats), strict=True)
    ]
    sides = [
        Side(messages=sum(map(len, side.values())), caught=part[0], false=part[1], lead_h=part[2])
        for side, part in zip(told, (found[:3], found[3:6]), strict=True)
    ]
    return Comparison(
        since=since, until=until, customers=len(customers), signs=sum(map(len, called.values())),
        champion=sides[0], challenger=sides[1],
        difference=dict(zip(("caught", "false", "lead_h"), found[6:], strict=True)),
    )  # fmt: skip


def _by_customer(said: Iterable[Said], since: datetime, until: datetime) -> Mapping[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    for one in sorted(said, key=lambda one: one.at):
        if since <= one.at < until:
            found[one.customer_id].append(one.at)
    return found


def _counts(
    told: list[datetime], called: list[datetime], until: datetime, horizon: timedelta
) -> tuple[int, int, float, int, int]:
    """Signs, signs caught, hours of lead, messages old enough to be judged, and false ones among them."""
    caught, lead_h, judged, false = 0, 0.0, 0, 0
    for at in called:
        first = bisect_left(told, at - horizon)
        if first < len(told) and told[first] < at:
            caught, lead_h = caught + 1, lead_h + (at - told[first]) / timedelta(hours=1)
    for at in told:
        if at < until - horizon:
            following = bisect_right(called, at)
            judged += 1
            false += following == len(called) or called[following] > at + horizon
    return len(called), caught, lead_h, judged, false


def _figures(counts: Floats, weights: Floats | None) -> list[float]:
    total = counts.sum(axis=0) if weights is None else (counts * weights[:, None]).sum(axis=0)
    called, caught, lead_h, judged, false = total.tolist()
    return [_ratio(caught, called), _ratio(false, judged), _ratio(lead_h, caught)]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
