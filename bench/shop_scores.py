"""Plays simulated shops through the whole pipeline offline, and counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

import msgspec
from msgspec.msgpack import encode

from desk.matching import Said, match
from desk.offline import House
from desk.sources.feed import feed
from desk.sources.shop import ALL_STORIES, Shop
from detectors.catalogue import detector_types, watcher_types
from detectors.customer import decode, key_of
from detectors.memory import is_customer
from detectors.outputs import Outputs

PARTITIONS = 4
NAMES = {key_of(detector.name, detector.version): detector.name for detector in (*detector_types(), *watcher_types())}
BEAT = timedelta(minutes=15)
"""How often time moves; live it moves every second or so: absence is told up to so much later here."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of trouble. `called` turned to us themselves; the median lead is over those of them told before."""

    troubled: int
    issues: int
    recall: float
    precision: float
    called: int
    told_before: float
    lead_median_s: float | None


def play(shop: Shop, partitions: int = PARTITIONS, beat: timedelta = BEAT) -> Iterator[Outputs]:
    """Everything that detection says of a shop."""
    with House(partitions) as house:
        for outputs in house.run(feed(shop.events(), partitions, beat)):
            assert not outputs.failures, outputs.failures[0]
            yield outputs


def opened(shop: Shop, beat: timedelta = BEAT) -> list[Said]:
    """Every issue that was opened."""
    return [
        Said(issue.detector, issue.customer_id, issue.object, issue.at)
        for outputs in play(shop, beat=beat)
        for issue in outputs.issues
        if issue.change == "opened"
    ]


def score(customers: int, seed: int, beat: timedelta = BEAT) -> dict[str, Kind]:
    """By kind of trouble, over a shop that tells all stories. A thing that opened twice counts as one issue."""
    shop = Shop(customers, seed, stories=ALL_STORIES)
    first: dict[tuple[str, str, str], Said] = {}
    for one in opened(shop, beat):
        first.setdefault((one.detector, one.customer_id, one.object), one)
    matched = match(shop.truth(), first.values())
    false = Counter(one.detector for one in matched.false)
    issues = Counter(one.detector for one in first.values())
    found: dict[str, list[tuple[bool, float | None]]] = defaultdict(list)
    for truth, said in matched.found:
        if truth.trouble:
            lead = None
            if truth.called_at is not None:
                lead = (truth.called_at - said.at).total_seconds() if said is not None else -1.0
            found[truth.detector].append((said is not None, lead))
    return {name: _kind(rows, issues[name], false[name]) for name, rows in sorted(found.items())}


def _kind(rows: list[tuple[bool, float | None]], issues: int, false: int) -> Kind:
    leads = [lead for _, lead in rows if lead is not None]
    before = [lead for lead in leads if lead > 0.0]
    return Kind(
        troubled=len(rows),
        issues=issues,
        recall=sum(told for told, _ in rows) / len(rows),
        precision=1.0 - false / issues if issues else 0.0,
        called=len(leads),
        told_before=len(before) / len(leads) if leads else 0.0,
        lead_median_s=median(before) if before else None,
    )


def calm_messages(customers: int, seed: int, beat: timedelta = BEAT) -> dict[str, int]:
    """Issues by detector in a shop where nothing is wrong."""
    return dict(Counter(one.detector for one in opened(Shop(customers, seed, stories=ALL_STORIES, calm=True), beat)))


def warm_states(customers: int, seed: int, beat: timedelta = BEAT) -> tuple[int, dict[str, int]]:
    """The 99th percentile of the largest state of each customer: of the whole record, and of each detector's part."""
    wholes: dict[bytes, int] = {}
    parts: dict[str, dict[bytes, int]] = defaultdict(dict)
    for outputs in play(Shop(customers, seed, stories=ALL_STORIES, everything=True), beat=beat):
        for key, value in outputs.states:
            if value is None or not is_customer(key):
                continue
            wholes[key] = max(wholes.get(key, 0), len(value))
            for name, part in decode(value).parts.items():
                of = parts[NAMES[name]]
                of[key] = max(of.get(key, 0), len(encode(part)))
    return percentile(list(wholes.values())), {
        name: percentile(list(of.values())) for name, of in sorted(parts.items())
    }


def percentile(sizes: list[int], share: float = 0.99) -> int:
    """The smallest that so many are not above."""
    return sorted(sizes)[min(len(sizes) - 1, int(len(sizes) * share))]
