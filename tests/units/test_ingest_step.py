"""Ingest: what goes where, to the byte, and ticks that are last, rare and never go back."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from models.dead_letters import Reason
from models.events.address_changed import AddressChanged
from models.events.base import Event
from models.events.catalogue import decode, encode, event_types
from models.events.context_updated import ContextUpdated
from models.events.entity_measured import EntityMeasured
from models.events.feed_progressed import FeedProgressed
from models.events.order_placed import OrderPlaced
from models.events.tick import Tick, TickData
from models.partitions import partition_of
from streams.roles.ingest import IngestStep
from streams.step import Output, Progress
from streams.ticks import CAUGHT_UP_KEY, Ticker
from streams.topics import JOURNAL
from streams.watermarks import FeedWatermark, WallWatermark
from tests.records import FakeRecord, records

P = 4
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLACE = ("orders.v1", 2)


class Clocks:
    """The business time and the seconds that pass, both set by hand."""

    def __init__(self) -> None:
        self.now = NOON
        self.elapsed = 100.0


def made(clocks: Clocks, *, wall: bool = False, settle: timedelta = MINUTE) -> IngestStep:
    watermark = WallWatermark(settle) if wall else FeedWatermark()
    data = TickData(source_topic=PLACE[0], source_partition=PLACE[1], source_partitions=P)
    ticker = Ticker([data], (JOURNAL, P), watermark, lambda: clocks.now, lambda: clocks.elapsed, beat_s=1.0)
    return IngestStep(PLACE, P, ticker, lambda: clocks.now)


def outputs(step: IngestStep, at_end: datetime | None = None) -> list[Output]:
    return list(step.drain(Progress(at_end)).outputs)


def fed(*values: bytes | None, now: datetime = NOON) -> list[Output]:
    clocks = Clocks()
    clocks.now = now
    step = made(clocks)
    step.apply(records(*values))
    return outputs(step)


def progressed(time: datetime) -> bytes:
    return encode(FeedProgressed(id="f", source="feed", subject="feed", time=time))


def placed(subject: str = "c-1", **change: object) -> bytes:
    return json.dumps(json.loads(encode(OrderPlaced.example())) | {"subject": subject} | change).encode()


def headers(output: Output) -> dict[str, str]:
    return {name: value.decode() for name, value in output[4]}


def ticks(written: Sequence[Output]) -> list[tuple[int, datetime]]:
    found = [(partition, decode(value or b"")) for _, partition, _, value, _ in written]
    return [(partition, event.time) for partition, event in found if isinstance(event, Tick)]


def test_a_customers_event_goes_to_the_customers_journal_partition_in_canonical_bytes() -> None:
    [output] = fed(placed("c-77"))
    assert output[:3] == ("journal.v1", partition_of("c-77", P), b"c-77")
    assert output[3] == encode(decode(placed("c-77")))


def test_a_measurement_goes_to_the_observations_partition_of_its_entity() -> None:
    event = EntityMeasured.example()
    [output] = fed(encode(event), now=NOON + timedelta(days=1))
    assert output == ("observations.v1", partition_of(event.subject, P), event.subject.encode(), encode(event), ())


def test_a_bad_record_is_set_aside_with_its_own_bytes_key_and_headers_and_the_reason() -> None:
    step = made(Clocks())
    bad = FakeRecord(offset=41, key=b"\xffk", value=b'{"type": ', headers=(("trace", b"1"),))
    step.apply([bad])
    [output] = outputs(step)
    assert output[:4] == ("dead-letters.v1", 2, b"\xffk", b'{"type": ')
    assert headers(output) == {
        "trace": "1", "dlq.reason": "not_json", "dlq.topic": "orders.v1", "dlq.partition": "2", "dlq.offset": "41",
        "dlq.stage": "ingest", "dlq.detail": "not one JSON value in UTF-8",
    }  # fmt: skip


def test_neighbours_of_a_bad_record_pass_in_their_order() -> None:
    written = fed(placed("c-1", id="e1"), b"no", placed("c-1", id="e2"), None, placed("c-1", id="e3"))
    journal = [decode(value or b"").id for topic, _, _, value, _ in written if topic == "journal.v1"]
    assert journal == ["e1", "e2", "e3"]
    assert [topic for topic, *_ in written].count("dead-letters.v1") == 2


INTERNAL = [kind.example() for kind in event_types().values() if kind.internal]


@pytest.mark.parametrize("event", INTERNAL, ids=lambda event: type(event).__name__)
def test_what_only_this_service_writes_is_refused_from_outside(event: Event) -> None:
    [output] = fed(encode(event), now=NOON + timedelta(days=1))
    assert (output[0], headers(output)["dlq.reason"]) == ("dead-letters.v1", Reason.NOT_ALLOWED)


def test_there_are_internal_types_to_refuse() -> None:
    assert {type(event) for event in INTERNAL} >= {Tick, ContextUpdated}


def test_contact_data_on_a_wrong_topic_never_reaches_the_journal() -> None:
    [output] = fed(encode(AddressChanged.example()))
    assert (output[0], headers(output)["dlq.reason"]) == ("dead-letters.v1", Reason.NOT_ALLOWED)
    assert "example.org" not in "".join(headers(output).values())


def test_an_event_later_than_five_minutes_from_now_is_set_aside() -> None:
    late, early = placed(time="2013-02-08T12:05:01Z"), placed(time="2013-02-08T12:04:59Z")
    written = fed(late, early)
    assert [topic for topic, *_ in written] == ["dead-letters.v1", "journal.v1"]
    assert headers(written[0])["dlq.reason"] == Reason.FUTURE_TIMESTAMP


def test_a_customer_cannot_be_named_like_our_own_state_keys() -> None:
    [output] = fed(placed("\x00marker"))
    assert (output[0], headers(output)["dlq.reason"]) == ("dead-letters.v1", Reason.INVALID)


def test_the_producers_word_becomes_a_tick_in_every_journal_partition_and_no_record() -> None:
    written = fed(progressed(NOON - MINUTE))
    assert ticks(written) == [(number, NOON - MINUTE) for number in range(P)]
    assert len(written) == P
    tick = decode(written[0][3] or b"")
    assert isinstance(tick, Tick)
    assert (tick.data.source_topic, tick.data.source_partition, tick.data.source_partitions) == (*PLACE, P)


def test_a_tick_of_the_producers_word_stands_where_the_word_stood() -> None:
    written = fed(placed(id="before"), progressed(NOON - 2 * MINUTE), progressed(NOON - MINUTE), placed(id="after"))
    assert [decode(value or b"").id for *_, value, _ in written] == ["before", *["tick"] * P, "after"]
    assert {time for _, time in ticks(written)} == {NOON - MINUTE}


def test_a_word_that_goes_back_makes_no_tick() -> None:
    step = made(Clocks())
    step.apply(records(progressed(NOON)))
    assert len(ticks(outputs(step))) == P
    step.apply(records(progressed(NOON - MINUTE), progressed(NOON)))
    assert outputs(step) == []


def test_without_a_word_a_fed_source_makes_no_tick_however_long_it_is_silent() -> None:
    clocks = Clocks()
    step = made(clocks)
    step.apply(records(placed()))
    outputs(step, at_end=NOON)
    clocks.elapsed += 3600
    clocks.now += timedelta(hours=1)
    assert outputs(step, at_end=clocks.now) == []


def test_by_the_wall_the_tick_comes_last_and_once_per_beat() -> None:
    clocks = Clocks()
    step = made(clocks, wall=True)
    step.apply(records(placed(time="2013-02-08T11:00:00Z")))
    written = outputs(step)
    assert [topic for topic, *_ in written] == ["journal.v1"] * (1 + P)
    assert ticks(written[1:]) == [(number, NOON - 61 * MINUTE) for number in range(P)]
    clocks.elapsed += 0.9
    assert outputs(step, at_end=NOON) == []
    clocks.elapsed += 0.2
    assert {time for _, time in ticks(outputs(step, at_end=NOON))} == {NOON - MINUTE}


def test_by_the_wall_nothing_is_vouched_for_before_anything_is_known() -> None:
    assert outputs(made(Clocks(), wall=True)) == []


def test_a_tick_never_goes_back_when_the_clock_is_set_back() -> None:
    clocks = Clocks()
    step = made(clocks, wall=True)
    told = []
    for shift in (0, -30, -10, 5):
        clocks.elapsed += 2
        clocks.now = NOON + shift * MINUTE
        told += [time for _, time in ticks(outputs(step, at_end=clocks.now))]
    assert told == [NOON - MINUTE] * P + [NOON + 4 * MINUTE] * P


def test_a_tick_never_goes_back_after_a_restore() -> None:
    step = made(Clocks(), wall=True)
    states = step.drain(Progress(NOON)).states
    assert [key for key, _ in states] == [CAUGHT_UP_KEY]
    clocks = Clocks()
    clocks.now = NOON - timedelta(hours=1)
    again = made(clocks, wall=True)
    for key, value in states:
        again.load(key, value or b"")
    assert outputs(again, at_end=clocks.now) == []
    clocks.now, clocks.elapsed = NOON + MINUTE, 200.0
    assert {time for _, time in ticks(outputs(again, at_end=clocks.now))} == {NOON}


def test_how_far_was_told_is_stored_only_when_it_changed() -> None:
    clocks = Clocks()
    step = made(clocks, wall=True)
    assert len(step.drain(Progress(NOON)).states) == 1
    clocks.elapsed += 5
    assert step.drain(Progress(NOON)).states == []


def test_batches_of_any_size_give_the_same_records() -> None:
    values = [placed(f"c-{number % 5}", id=f"e{number}") if number % 7 else b"bad" for number in range(60)]
    values[20:20] = [progressed(NOON - MINUTE)]
    whole = fed(*values)
    step = made(Clocks())
    pieces: list[Output] = []
    for start in range(0, len(values), 4):
        step.apply(records(*values[start : start + 4], first=start))
        pieces += outputs(step)
    assert pieces == whole
