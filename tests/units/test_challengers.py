"""Challengers: what they find is what their detector would find, from where they began, whoever restarts in between."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec
import pytest

from desk.sources.feed import feed
from desk.sources.shop import Shop
from detectors.challengers import MOST, Challengers
from detectors.friction.payment_retry_loop import PaymentRetryLoop
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.catalogue import encode
from models.events.challenger_changed import ChallengerChanged, ChallengerChangedData
from models.events.feed_progressed import FeedProgressed
from models.events.tick import Tick, TickData
from models.issues import Issue, encode_issue
from streams.roles.shadow import ShadowStep
from streams.step import Progress
from streams.topics import SHADOW_ISSUES
from tests.records import records

T0 = datetime(2025, 3, 1, tzinfo=UTC)
BRAVER = '{"floor": 2}'


def changed(
    name: str, parameters: str = BRAVER, detector: str = "payment_retry_loop", *, added: bool = True
) -> ChallengerChanged:
    data = ChallengerChangedData(change="added" if added else "dropped", detector=detector, parameters=parameters)
    return ChallengerChanged(id=f"{name}-{added}", source="operator", subject=name, time=T0, data=data)


@pytest.fixture(scope="module")
def journal() -> list[Event]:
    """Some days of a shop, as one partition has them."""
    found: list[Event] = []
    for topic, number, event in islice(feed(Shop(customers=150).events(), 1, timedelta(hours=1)), 6_000):
        if isinstance(event, FeedProgressed):
            data = TickData(source_topic=topic, source_partition=number, source_partitions=1)
            found.append(Tick(id="tick", source="ingest", subject="tick", time=event.time, data=data))
        else:
            found.append(event)
    return found


def alone(journal: list[Event], parameters: str, first: int = 0) -> list[Issue]:
    """What the detector finds by itself."""
    detector = PaymentRetryLoop(msgspec.json.decode(parameters, type=PaymentRetryLoop.params_type))
    pipeline, found = Pipeline([detector], 0), []
    for offset, event in enumerate(journal, first):
        pipeline.apply(event, offset)
        found += pipeline.drain().issues
    return found


def played(challengers: Challengers, journal: list[Event], first: int = 0) -> dict[str, list[Issue]]:
    found: dict[str, list[Issue]] = {}
    for offset, event in enumerate(journal, first):
        challengers.apply(event, offset)
    for name, outputs in challengers.drain()[0]:
        found.setdefault(name, []).extend(outputs.issues)
    return found


def test_each_challenger_finds_what_its_detector_would(journal: list[Event]) -> None:
    challengers = Challengers(0)
    challengers.apply(changed("braver"), 0)
    challengers.apply(changed("as shipped", "{}"), 1)
    found = played(challengers, journal, 2)
    assert found["braver"] == alone(journal, BRAVER, 2)
    assert found["as shipped"] == alone(journal, "{}", 2)
    assert len(found["braver"]) > len(found["as shipped"]) > 0


def test_a_worker_that_takes_over_finds_the_same(journal: list[Event]) -> None:
    states: dict[bytes, bytes | None] = {}
    found: list[Issue] = []
    records: list[Event] = [changed("braver"), *journal]
    for start in range(0, len(records), 700):
        worker = Challengers(0)
        for key, value in reversed(states.items()):  # the order in which they come back must not matter
            if value is not None:
                worker.load(key, value)
        for offset, event in enumerate(records[start : start + 700], start):
            worker.apply(event, offset)
        outputs, written = worker.drain()
        states.update(written)
        found += [issue for _, one in outputs for issue in one.issues]
    assert found == alone(journal, BRAVER, 1)


def test_one_that_is_dropped_leaves_no_state(journal: list[Event]) -> None:
    challengers = Challengers(0)
    states: dict[bytes, bytes | None] = {}
    for offset, event in enumerate([changed("braver"), *journal, changed("braver", added=False)]):
        challengers.apply(event, offset)
        states.update(challengers.drain()[1])
    assert challengers.names() == []
    assert [key for key, value in states.items() if value is not None and not key.startswith(b"\x00shared:")] == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (changed("odd", detector="nobody"), "no detector nobody"),
        (changed("odd", '{"floor": 0}'), "floor"),
        (changed("odd", '{"flor": 3}'), "flor"),
        (changed("one too many"), f"{MOST} challengers"),
    ],
)
def test_one_that_cannot_run_is_set_aside_and_the_others_go_on(
    event: ChallengerChanged, reason: str, journal: list[Event]
) -> None:
    step = ShadowStep("journal.v1", 0)
    good = [changed(f"c{number}") for number in range(MOST)]
    step.apply(records(*(encode(one) for one in [*good, event, *journal])))
    written = step.drain(Progress()).outputs
    letters = [one for one in written if one[0] != SHADOW_ISSUES]
    assert len(letters) == 1
    assert letters[0][3] == encode(event)
    assert any(reason in (value or b"").decode() for _, value in letters[0][4])
    found = [one[3] for one in written if one[0] == SHADOW_ISSUES and dict(one[4])["challenger"] == b"c0"]
    assert found == [encode_issue(issue) for issue in alone(journal, BRAVER, MOST + 1)]
