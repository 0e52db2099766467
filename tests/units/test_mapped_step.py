"""A mapped topic's partition: announced, mapped, set aside to the byte, and never read with a file that was changed."""

import json
from collections.abc import Sequence

import pytest

from models.dead_letters import Reason
from models.events.catalogue import decode
from models.events.mapping_updated import MappingUpdated
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.tick import Tick
from models.identities.messages import Awaiting, Linked, decode_message
from models.mapping.engine import Mapping, read_mapping
from models.partitions import partition_of
from streams.lanes import Lane, lanes
from streams.mapped import MAPPING_KEY, MappedStep, MappingChanged
from streams.step import Output, Progress
from streams.ticks import Ticker
from streams.topics import JOURNAL
from streams.watermarks import FeedWatermark, WallWatermark
from tests.mapped import FOLDER, NOW, samples, shipped
from tests.records import FakeRecord

P = 4


def made(mapping: Mapping, partition: int = 6) -> MappedStep:
    data = [lane.tick(partition) for lane in lanes(P, [mapping])[mapping.topic]]
    ticker = Ticker(data, (JOURNAL, P), WallWatermark(NOW - NOW), lambda: NOW, lambda: 0.0, beat_s=1.0)
    return MappedStep((mapping.topic, partition), P, mapping, ticker, lambda: NOW)


def sample(name: str, which: str, offset: int = 5) -> FakeRecord:
    source = samples(name)[which]
    return FakeRecord(offset, source.value, headers=source.headers)


def outputs(step: MappedStep) -> list[Output]:
    return list(step.drain(Progress(None)).outputs)


def of(topic: str, written: Sequence[Output]) -> list[Output]:
    return [one for one in written if one[0] == topic]


def test_which_mapping_reads_is_the_first_word_in_every_journal_partition_and_said_once() -> None:
    step = made(shipped("warehouse-orders"))
    step.apply([sample("warehouse-orders", "1-insert")])
    written = outputs(step)
    first = [decode(value or b"") for *_, value, _ in written[:P]]
    assert [partition for _, partition, *_ in written[:P]] == list(range(P))
    assert all(
        isinstance(one, MappingUpdated) and one.data.digest == shipped("warehouse-orders").digest for one in first
    )
    step.apply([sample("warehouse-orders", "1-insert")])
    assert [one[0] for one in outputs(step)] == ["journal.v1", "identities.v1"]


def test_an_order_goes_to_its_customers_partition_and_says_whose_it_is() -> None:
    step = made(shipped("shopify-orders"))
    step.apply([sample("shopify-orders", "1-create")])
    written = outputs(step)
    [placed] = [one for one in of("journal.v1", written) if isinstance(decode(one[3] or b""), OrderPlaced)]
    assert placed[1:3] == (partition_of("115310627314723954", P), b"115310627314723954")
    [link] = of("identities.v1", written)
    assert link[1:3] == (partition_of("order:#9999", P), b"order:#9999")
    assert decode_message(link[3] or b"") == Linked("order:#9999", "115310627314723954")


def test_an_event_without_a_customer_asks_with_the_record_that_it_was_made_of() -> None:
    step, record = made(shipped("carrier-scans")), sample("carrier-scans", "4-dlv")
    step.apply([record])
    [question] = of("identities.v1", outputs(step))
    message = decode_message(question[3] or b"")
    assert isinstance(message, Awaiting)
    assert message.asked == ["parcel:SW0012345DE"]
    assert isinstance(decode(bytes(message.event)), OrderDelivered)
    assert (message.original.value, message.original.headers) == (record.value, list(record.headers))


def test_a_broken_record_is_set_aside_to_the_byte_into_a_partition_that_there_is() -> None:
    step = made(shipped("carrier-scans"))
    record = FakeRecord(41, b'{"parcel": 7', key=b"\xff", headers=samples("carrier-scans")["1-pup"].headers)
    step.apply([record])
    [letter] = of("dead-letters.v1", outputs(step))
    assert letter[1:4] == (6 % P, b"\xff", b'{"parcel": 7')
    assert list(letter[4][:6]) == list(record.headers)
    told = {name: value.decode() for name, value in letter[4][6:]}
    assert told == {
        "dlq.reason": "not_json", "dlq.topic": "carrier.scans", "dlq.partition": "6", "dlq.offset": "41",
        "dlq.stage": "ingest", "dlq.detail": "not one JSON value in UTF-8",
    }  # fmt: skip


def test_a_record_larger_than_our_topics_take_leaves_only_its_story() -> None:
    step = made(shipped("shopify-orders"))
    step.apply([FakeRecord(9, b"x" * 3_000_000, headers=(("a", b"b"),))])
    [letter] = of("dead-letters.v1", outputs(step))
    assert letter[2:4] == (None, None)
    assert dict(letter[4])["dlq.reason"] == Reason.TOO_LARGE.encode()
    assert dict(letter[4])["dlq.offset"] == b"9"


def restored(before: Mapping, after: Mapping) -> list[Output]:
    states = dict(made(before).drain(Progress(None)).states)
    step = made(after)
    step.load(MAPPING_KEY, states[MAPPING_KEY] or b"")
    return outputs(step)


def file(*changes: tuple[str, str]) -> Mapping:
    text = (FOLDER / "carrier-scans.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_mapping(text, "m.yaml")


def test_the_same_file_goes_on_and_a_new_version_is_announced() -> None:
    changed = ("OFD: out_for_delivery", "OFD: nearly_there")
    assert restored(file(), file()) == []
    updates = [decode(one[3] or b"") for one in restored(file(), file(changed, ("version: 1", "version: 2")))]
    assert [one.data.version for one in updates if isinstance(one, MappingUpdated)] == [2] * P


def test_another_file_under_the_same_or_an_older_version_is_refused_in_one_sentence() -> None:
    changed = ("OFD: out_for_delivery", "OFD: nearly_there")
    with pytest.raises(
        MappingChanged, match=r"^mapping carrier-scans: .* raise `version`, or put the former file back$"
    ):
        restored(file(), file(changed))
    with pytest.raises(MappingChanged, match="read with version 2 already, and the file says 1: give"):
        restored(file(("version: 1", "version: 2")), file())


def test_a_mapped_topic_counts_as_more_partitions_of_the_sources_that_its_events_belong_to() -> None:
    shop, scans = shipped("shopify-orders"), shipped("carrier-scans")
    shop = Mapping(shop.file.model_copy(update={"partitions": 6}))
    assert lanes(P, [shop, scans]) == {
        "orders.v1": [Lane("orders.v1", 0, 14)], "telemetry.v1": [Lane("telemetry.v1", 0, 4)],
        "care.v1": [Lane("care.v1", 0, 4)], "shopify.orders": [Lane("orders.v1", 4, 14)],
        "carrier.scans": [Lane("orders.v1", 10, 14)],
    }  # fmt: skip


def test_ticks_of_a_mapped_topic_speak_of_the_source_that_its_events_belong_to() -> None:
    step = made(shipped("shopify-orders"), partition=2)
    step.apply([sample("shopify-orders", "1-create")])
    ticks = [decode(one[3] or b"") for one in of("journal.v1", outputs(step)) if one[2] == b"tick"]
    assert len(ticks) == P
    told = [json.loads(json.dumps([t.data.source_topic, t.data.source_partition, t.data.source_partitions]))
            for t in ticks if isinstance(t, Tick)]  # fmt: skip
    assert told == [["orders.v1", P + 2, 2 * P]] * P


def test_a_mapped_word_of_the_producer_becomes_a_tick_where_it_stood_and_no_event() -> None:
    mapping = read_mapping(
        "mapping: m\nversion: 1\ntopic: t\nevents:\n"
        "  word: {type: feed.progressed.v1, when: value.upto, subject: {const: feed}, time: value.upto}\n"
        "  step:\n    type: order.step.v1\n    when: value.o\n    subject: value.c\n    time: value.at\n"
        "    data: {order_id: value.o, step: {const: x}}\n", "m.yaml",
    )  # fmt: skip
    assert lanes(P, [mapping])["t"] == [Lane("orders.v1", P, 2 * P)]
    data = [lane.tick(1) for lane in lanes(P, [mapping])["t"]]
    ticker = Ticker(data, (JOURNAL, P), FeedWatermark(), lambda: NOW, lambda: 0.0, beat_s=1.0)
    step = MappedStep(("t", 1), P, mapping, ticker, lambda: NOW)
    values = [{"c": "c", "o": "A", "at": "2013-02-08T10:00:00Z"}, {"upto": "2013-02-08T11:00:00Z"},
              {"c": "c", "o": "B", "at": "2013-02-08T12:00:00Z"}]  # fmt: skip
    step.apply([FakeRecord(number, json.dumps(value).encode()) for number, value in enumerate(values)])
    told = [decode(one[3] or b"").type_name() for one in outputs(step)]
    assert told == ["mapping.updated.v1"] * P + ["order.step.v1"] + ["tick.v1"] * P + ["order.step.v1"]
