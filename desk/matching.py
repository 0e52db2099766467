"""What was said of customers, held against what was true."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from desk.sources.source import Truth

SLACK = timedelta(hours=1)
"""Said so long after a trouble of the customer as a whole has ended, it is still about that one."""


class Said(msgspec.Struct, frozen=True):
    """An issue that was opened, or a message that went out, at `at`."""

    detector: str
    customer_id: str
    object: str
    at: datetime


class Matched(msgspec.Struct, frozen=True):
    """`found`: each truth with the first that was said about it, if anything was. `false`: what no trouble answers."""

    found: list[tuple[Truth, Said | None]]
    false: list[Said]


def match(truths: Iterable[Truth], said: Iterable[Said]) -> Matched:
    """Bring both together, by detector and customer and by object, or, for the customer as a whole, by time."""
    by_customer: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in sorted(said, key=lambda one: one.at):
        by_customer[one.detector, one.customer_id].append(one)
    found: list[tuple[Truth, Said | None]] = []
    right: set[int] = set()
    for truth in truths:
        about = [one for one in by_customer.get((truth.detector, truth.customer_id), ()) if is_about(truth, one)]
        found.append((truth, about[0] if about else None))
        if truth.trouble:
            right |= {id(one) for one in about}
    false = [one for many in by_customer.values() for one in many if id(one) not in right]
    return Matched(found, false)


def is_about(truth: Truth, said: Said) -> bool:
    """Whether it speaks of this very thing."""
    if truth.object:
        return said.object == truth.object
    if truth.began_at is None or said.at < truth.began_at:
        return False
    return truth.ended_at is None or said.at <= truth.ended_at + SLACK
