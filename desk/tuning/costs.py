"""What a detector's messages would have cost: the missed, the false and the repeated, fold by fold of a window."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from desk.matching import Said, is_about, match
from desk.sources.source import Truth
from models.issues import Issue


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What one of each costs, in any unit: a trouble nobody spoke of in time, a message for nothing, one too many."""

    missed: float = 5.0
    false: float = 1.0
    repeated: float = 2.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one fold. `caught` was told before it was felt, `told` counts every message."""

    troubles: int
    caught: int
    false: int
    repeated: int
    told: int
    days: float

    def cost(self, prices: Prices, budget_per_day: float) -> float:
        """Per day. What is told beyond the budget costs like a missed trouble, message by message."""
        beyond = max(0.0, self.told - budget_per_day * self.days)
        missed = self.troubles - self.caught
        total = prices.missed * (missed + beyond) + prices.false * self.false + prices.repeated * self.repeated
        return total / self.days


def folds(since: datetime, until: datetime, count: int) -> list[datetime]:
    """The beginnings of `count` equal parts of [since, until). Raises ValueError for fewer than 2."""
    if count < 2:
        raise ValueError("folds: 2 at least, or there is nothing to walk forward to")
    step = (until - since) / count
    return [since + number * step for number in range(count)]


def opened(issues: Sequence[Issue]) -> list[Said]:
    """Every message there would be: one per episode that opens."""
    return [Said(one.detector, one.customer_id, one.object, one.at) for one in issues if one.change == "opened"]


def outcomes(
    truths: Sequence[Truth], said: Sequence[Said], starts: Sequence[datetime], until: datetime
) -> list[Outcome]:
    """Each fold's. A trouble belongs to the fold in which it is felt, a message to the one it is said in."""

    def fold(at: datetime) -> int:
        return max(0, bisect_right(starts, at) - 1)

    said = [one for one in said if starts[0] <= one.at < until]
    matched, by_customer = match(truths, said), defaultdict(list)
    for one in said:
        by_customer[one.customer_id].append(one)
    troubles, caught, repeated, false, told = (Counter[int]() for _ in range(5))
    for truth, first in matched.found:
        if truth.trouble:
            troubles[fold(truth.felt_at)] += 1
            caught[fold(truth.felt_at)] += first is not None and first.at < truth.felt_at
            about = sum(is_about(truth, one) for one in by_customer[truth.customer_id])
            repeated[fold(truth.felt_at)] += max(0, about - 1)
    for one in matched.false:
        false[fold(one.at)] += 1
    for one in said:
        told[fold(one.at)] += 1
    ends = [*starts[1:], until]
    return [
        Outcome(
            troubles=troubles[number], caught=caught[number], false=false[number], repeated=repeated[number],
            told=told[number], days=(end - start) / timedelta(days=1),
        )
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]  # fmt: skip
