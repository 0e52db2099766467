"""The feed: partitions by subject, and the producer's word on how far it is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from desk.sources.feed import Sent, feed
from models.events.base import Event
from models.events.feed_progressed import FeedProgressed
from models.events.order_delivered import OrderDelivered, OrderDeliveredData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.partitions import partition_of

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
BEAT = timedelta(minutes=5)


def delivered(minute: float, customer: str = "c-1") -> Event:
    at = NOON + timedelta(minutes=minute)
    return OrderDelivered(
        id=f"d-{minute}", source="t", subject=customer, time=at, data=OrderDeliveredData(order_id="o")
    )


def progress(sent: Iterator[Sent]) -> list[tuple[str, int, float]]:
    found = [(topic, number, event) for topic, number, event in sent if isinstance(event, FeedProgressed)]
    return [(topic, number, (event.time - NOON) / timedelta(minutes=1)) for topic, number, event in found]


def test_an_event_goes_to_its_topic_and_the_partition_of_its_subject() -> None:
    profile = ProfileChanged(id="p", source="t", subject="c-77", time=NOON, data=ProfileChangedData())
    sent = [place for *place, event in feed([delivered(0, "c-5"), profile], 4, BEAT) if event.id in ("d-0", "p")]
    assert sent == [["orders.v1", partition_of("c-5", 4)], ["care.v1", partition_of("c-77", 4)]]


def test_progress_stands_before_the_first_event_past_a_beat() -> None:
    order = [event.id.split("-")[0] for _, _, event in feed([delivered(1), delivered(4), delivered(6)], 1, BEAT, ["x"])]
    assert order == ["d", "d", "progress", "d", "progress"]


def test_an_event_at_the_beat_itself_is_part_of_what_the_beat_vouches_for() -> None:
    sent = list(feed([delivered(4), delivered(5), delivered(7)], 1, BEAT, ["x"]))
    assert [event.id for _, _, event in sent][:3] == ["d-4", "d-5", f"progress-x-0-{int(NOON.timestamp()) + 300}"]


def test_beats_go_on_while_nothing_happens() -> None:
    told = progress(feed([delivered(1), delivered(16)], 1, BEAT, ["x"]))
    assert told == [("x", 0, 5), ("x", 0, 10), ("x", 0, 15), ("x", 0, 20)]


def test_every_partition_of_every_topic_progresses_and_the_tail_is_vouched_for() -> None:
    told = progress(feed([delivered(1)], 2, BEAT, ["a", "b"], tail=timedelta(minutes=6)))
    assert told == [(topic, number, minute) for minute in (5, 10) for topic in "ab" for number in (0, 1)]


def test_a_beat_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        list(feed([delivered(1)], 1, timedelta(0)))


def test_nothing_sent_is_no_progress() -> None:
    assert list(feed([], 2, BEAT)) == []
