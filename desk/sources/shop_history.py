"""The simulated shop, opened for a window: each kind of trouble that it plays, as the customer is about to feel it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from desk.questions import Ask, Question
from desk.simple_rules import RULES
from desk.sources.history import History, check_window
from desk.sources.shop import ALL_STORIES, START, Shop
from desk.sources.source import Truth
from models.events.base import Event

CUSTOMERS = 1_000
WARM_UP = timedelta(days=5)
EARLIER = {"late_delivery": timedelta(hours=24)}
"""Where the last word before it is felt would be no forecast any more."""
JUST_BEFORE = timedelta(microseconds=1)


class ShopHistory(History):
    """Objects whose trouble would be felt in [since, until) are asked about; all of the shop is played."""

    name = Shop.name
    beat = timedelta(minutes=15)
    tail = timedelta(days=1)

    def __init__(
        self, _data: Path, since: datetime | None = None, until: datetime | None = None, *, customers: int = CUSTOMERS
    ) -> None:
        self._shop = Shop(customers=customers, stories=ALL_STORIES)
        truths = list(self._shop.truth())
        felt = [truth.felt_at for truth in truths]
        self.since = since or START + WARM_UP
        self.until = until or max(felt) + timedelta(seconds=1)
        self._asked = [truth for truth in truths if self.since <= truth.felt_at < self.until]
        self._before = [truth for truth in truths if truth.felt_at < self.since]
        check_window(self.name, self.since, self.until, len(self._asked), (min(felt), max(felt)))
        self.length = len(self._events)

    def events(self) -> Iterator[Event]:
        """As they happen."""
        return iter(self._events)

    def truth(self) -> list[Truth]:
        """Of the window."""
        return self._asked

    def questions(self) -> list[Question]:
        """One for each detector that the shop has truth for."""
        by_detector: dict[str, list[Truth]] = defaultdict(list)
        for truth in self._asked:
            by_detector[truth.detector].append(truth)
        return [self._question(name, truths) for name, truths in sorted(by_detector.items())]

    def _question(self, detector: str, truths: list[Truth]) -> Question:
        ahead = EARLIER.get(detector, JUST_BEFORE)
        asked = {truth.object: truth.felt_at - ahead for truth in truths}
        rule = RULES.get(detector)
        says = {} if rule is None else rule.says(self._events, asked)
        before = [truth.trouble for truth in self._before if truth.detector == detector]
        when = "just before" if ahead == JUST_BEFORE else f"{ahead // timedelta(hours=1)} h before"
        return Question(
            name=when,
            title=f"trouble of the kind {detector}, asked {when} the customer could know",
            asks=[
                Ask(
                    object=truth.object, customer_id=truth.customer_id, at=asked[truth.object], trouble=truth.trouble,
                    rule=says.get(truth.object), segment={"day": f"{truth.felt_at:%m-%d}"},
                )
                for truth in truths
            ],
            usual=sum(before) / len(before) if before else 0.0,
            detector=detector,
            rule_name="" if rule is None else rule.name,
        )  # fmt: skip

    @cached_property
    def _events(self) -> list[Event]:
        return list(self._shop.events())
