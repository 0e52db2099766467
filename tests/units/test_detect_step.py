"""Detect and context over a partition: bad records and bad detectors are set aside one by one, states come back."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec
import pytest

from detectors.catalogue import all_detectors
from detectors.detector import State
from detectors.friction.payment_retry_loop import PaymentRetryLoop
from detectors.readings import Moment
from detectors.readings import Output as DetectorOutput
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import decode, encode, event_reader
from models.events.context_updated import ContextUpdated
from models.events.entity_measured import EntityMeasured
from models.events.model_updated import ModelUpdated
from models.events.order_placed import OrderPlaced
from models.events.parameters_updated import ParametersUpdated, ParametersUpdatedData
from models.events.payment_attempted import PaymentAttempted
from models.issues import decode_issue
from models.partitions import partition_of
from streams.breaker import SHARE, WINDOW, Breaker, DetectorBroken
from streams.decoding import decoded, one_by_one
from streams.metrics.catalogue import DETECTOR_FAILURES
from streams.roles.context import ContextStep
from streams.roles.detect import DetectStep
from streams.step import Output, Progress
from tests.records import FakeRecord, records

P = 4
START = datetime(2013, 2, 8, 12, tzinfo=UTC)


def failing_payments(customer: str, count: int = 6) -> list[bytes]:
    """What the shipped `payment_retry_loop` opens an issue for."""
    refused = PaymentAttempted.example()
    return [
        encode(
            msgspec.structs.replace(
                refused, id=f"{customer}-{number}", subject=customer, time=START + timedelta(minutes=number)
            )
        )
        for number in range(count)
    ]


def detect_step() -> DetectStep:
    return DetectStep(all_detectors(), partition=1, partitions=P)


def headers(output: Output) -> dict[str, str]:
    return {name: value.decode() for name, value in output[4]}


def test_an_issue_goes_to_its_journal_partition_under_its_customer() -> None:
    step = detect_step()
    step.apply(records(*failing_payments("c-9")))
    writes = step.drain(Progress())
    issues = [output for output in writes.outputs if output[0] == "issues.v1"]
    assert issues
    assert {output[1:3] for output in issues} == {(1, b"c-9")}
    issue = decode_issue(issues[0][3] or b"")
    assert (issue.change, issue.detector, issue.journal_partition) == ("opened", "payment_retry_loop", 1)
    assert {key for key, _ in writes.states} == {b"c-9"}


def test_what_was_drained_and_loaded_again_goes_on_as_if_nothing_had_been() -> None:
    values = failing_payments("c-1") + failing_payments("c-2")
    whole = detect_step()
    whole.apply(records(*values))
    stored: dict[bytes, bytes | None] = {}
    written: list[Output] = []
    for start in range(0, len(values), 3):
        step = detect_step()
        for key, value in stored.items():
            step.load(key, value or b"")
        step.apply(records(*values[start : start + 3], first=start))
        writes = step.drain(Progress())
        stored |= dict(writes.states)
        written += writes.outputs
    assert by_topic(written) == by_topic(whole.drain(Progress()).outputs)
    assert len(written) > 0


def by_topic(outputs: list[Output]) -> list[Output]:
    """What goes to each topic, in its order: between topics there is none."""
    return sorted(outputs, key=lambda output: output[0])


@pytest.mark.parametrize("bad", [b"", b"nonsense", None, b'{"type":"order.placed.v1"}', b'{"type":"no.such.v1"}'])
def test_a_record_that_is_no_event_is_set_aside_and_its_neighbours_are_read(bad: bytes | None) -> None:
    values: list[bytes | None] = [*failing_payments("c-9")]
    values.insert(2, bad)
    step = detect_step()
    step.apply(records(*values))
    written = step.drain(Progress()).outputs
    assert Counter(output[0] for output in written)["issues.v1"] >= 1
    [letter] = [output for output in written if output[0] == "dead-letters.v1"]
    assert letter[3] == bad
    assert headers(letter)["dlq.reason"] == Reason.BAD_JOURNAL_RECORD
    assert headers(letter)["dlq.offset"] == "2"
    assert headers(letter)["dlq.topic"] == "journal.v1"


def test_a_record_of_two_events_is_not_taken_for_two_records() -> None:
    one = encode(OrderPlaced.example())
    double = records(one + b"," + one)
    assert decoded(double, event_reader()) is None
    good, _, bad = one_by_one(double, event_reader())
    assert (len(good), len(bad)) == (0, 1)


def test_a_customer_of_many_good_records_is_decoded_all_at_once() -> None:
    events = decoded(records(*failing_payments("c-1")), event_reader())
    assert events is not None
    assert [event.id for event in events] == [f"c-1-{number}" for number in range(6)]


class Raising(PaymentRetryLoop):
    name: ClassVar[str] = "raising"

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[DetectorOutput]:
        raise LookupError("a value that must not be told")


def raising_step() -> DetectStep:
    return DetectStep([*all_detectors(), Raising(Raising.params_type())], partition=1, partitions=P)


def test_a_detector_that_raises_has_its_reading_set_aside_and_the_others_go_on() -> None:
    step = raising_step()
    values = failing_payments("c-9")
    step.apply(records(*values))
    writes = step.drain(Progress())
    written = writes.outputs
    letters = [output for output in written if output[0] == "dead-letters.v1"]
    assert [letter[3] for letter in letters] == values
    assert (DETECTOR_FAILURES, ("raising",), len(values)) in writes.counts
    assert {headers(letter)["dlq.reason"] for letter in letters} == {Reason.DETECTOR_ERROR.value}
    assert {headers(letter)["dlq.detail"] for letter in letters} == {"raising: LookupError"}
    assert any(output[0] == "issues.v1" for output in written)


def test_a_detector_that_raises_again_and_again_stops_the_role() -> None:
    step = raising_step()
    step.apply(records(*(value for number in range(100) for value in failing_payments(f"c-{number}"))))
    with pytest.raises(DetectorBroken, match="raising failed 600 times"):
        step.drain(Progress())


def test_the_breaker_holds_below_its_share_and_trips_above_it() -> None:
    breaker, most = Breaker(), int(SHARE * WINDOW)
    for _ in range(10):
        breaker.count({"late": WINDOW}, {"late": most})
    breaker.count({"late": 10}, {})
    with pytest.raises(DetectorBroken):
        breaker.count({"late": 500}, {"late": 500})


def test_the_breaker_forgets_what_lies_a_window_back() -> None:
    breaker = Breaker()
    for _ in range(100):
        breaker.count({"late": 100}, {"late": 15})
    breaker.count({"late": WINDOW}, {})
    breaker.count({"late": 100}, {"late": 100})


def test_few_readings_are_not_enough_to_call_a_detector_broken() -> None:
    Breaker().count({"late": 20}, {"late": 20})


def test_what_context_has_to_say_goes_to_every_journal_partition() -> None:
    step = ContextStep(partition=3, partitions=P)
    step.apply(records(encode(EntityMeasured.example())))
    writes = step.drain(Progress())
    assert [(topic, partition) for topic, partition, *_ in writes.outputs] == [("journal.v1", n) for n in range(P)]
    assert {type(decode(value or b"")) for *_, value, _ in writes.outputs} == {ContextUpdated}
    assert [key for key, _ in writes.states] == [EntityMeasured.example().subject.encode()]


def test_context_sets_aside_what_is_neither_seen_nor_measured() -> None:
    step = ContextStep(partition=3, partitions=P)
    odd = [FakeRecord(0, encode(OrderPlaced.example())), FakeRecord(1, b"x"), FakeRecord(2, None)]
    step.apply(odd)
    letters = step.drain(Progress()).outputs
    assert sorted(headers(letter)["dlq.offset"] for letter in letters) == ["0", "1", "2"]
    assert {headers(letter)["dlq.reason"] for letter in letters} == {Reason.BAD_JOURNAL_RECORD.value}


def test_an_observation_goes_to_the_partition_of_its_entity() -> None:
    step = detect_step()
    event = OrderPlaced.example()
    step.apply(records(encode(event)))
    for topic, partition, key, _, _ in step.drain(Progress()).outputs:
        if topic == "observations.v1":
            assert partition == partition_of((key or b"").decode(), P)


def test_a_snapshot_that_cannot_be_used_is_set_aside_with_its_reason_and_the_former_one_stays() -> None:
    good = ModelUpdated.example()
    other = msgspec.structs.replace(good.data, layout="snapshot.v9")
    spoilt = msgspec.structs.replace(good.data, body=good.data.body + " ")
    events = [good, *(msgspec.structs.replace(good, data=data) for data in (other, spoilt))]
    step = DetectStep([], 0, 1)
    step.apply(records(*(encode(event) for event in events)))
    writes = step.drain(Progress())
    letters = [dict(output[4]) for output in writes.outputs]
    assert [one["dlq.reason"] for one in letters] == [b"model_refused", b"model_refused"]
    assert b"has layout snapshot.v9" in letters[0]["dlq.detail"]
    assert b"does not have the digest that was told" in letters[1]["dlq.detail"]
    [(_, state)] = [one for one in writes.states if b"model:" in one[0]]
    assert msgspec.msgpack.decode(state or b"", type=ModelUpdated) == good


def test_parameters_out_of_bounds_are_set_aside_with_the_bound_and_the_former_ones_stay() -> None:
    def event(text: str) -> bytes:
        data = ParametersUpdatedData(detector="payment_retry_loop", parameters=text)
        return encode(msgspec.structs.replace(ParametersUpdated.example(), data=data))

    step = DetectStep(all_detectors(), 0, 1)
    step.apply(records(event('{"open_at": 0.6}'), event('{"open_at": 1.5}'), event('{"no_such": 1}')))
    writes = step.drain(Progress())
    letters = [dict(headers) for topic, _, _, _, headers in writes.outputs if topic == "dead-letters.v1"]
    assert [one["dlq.reason"] for one in letters] == [b"parameters_refused"] * 2
    for one, words in zip(letters, ((b"open_at", b"<= 1.0"), (b"no_such",)), strict=True):
        for word in (b"payment_retry_loop", b"former parameters stay", b"tune again", *words):
            assert word in one["dlq.detail"]
    assert [value for key, value in writes.states if b"parameters:" in key] == [b'{"open_at": 0.6}']
