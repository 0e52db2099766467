"""What a tick may vouch for: never more than was surely read."""

from datetime import UTC, datetime, timedelta

from streams.watermarks import FeedWatermark, Poll, ReadToEnd, WallWatermark

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def poll(position: int, end: int, at: float) -> Poll:
    return Poll(position=position, end=end, answered_at=at)


def test_one_answer_vouches_for_nothing_because_its_request_may_be_old() -> None:
    reading = ReadToEnd()
    reading.looked(poll(5, 5, at=100.0), delivered=5)
    assert reading.applied(5) is None


def test_an_answer_vouches_for_the_instant_of_the_answer_before_it() -> None:
    reading = ReadToEnd()
    reading.looked(poll(5, 5, at=100.0), delivered=5)
    reading.looked(poll(5, 5, at=100.25), delivered=5)
    assert reading.applied(5) == 100.0


def test_a_process_that_slept_does_not_take_an_old_answer_for_a_new_one() -> None:
    reading = ReadToEnd()
    for at in (100.0, 100.25):
        reading.looked(poll(5, 5, at), delivered=5)
    reading.looked(poll(5, 5, at=900.0), delivered=5)  # given before the sleep, taken in after it
    assert reading.applied(5) == 100.25
    reading.looked(poll(9, 9, at=900.1), delivered=9)  # asked for after the sleep
    assert reading.applied(9) == 900.0


def test_what_is_delivered_but_not_yet_applied_counts_as_unread() -> None:
    reading = ReadToEnd()
    reading.looked(poll(5, 9, at=100.0), delivered=5)
    reading.looked(poll(9, 9, at=101.0), delivered=9)
    assert reading.applied(8) is None
    assert reading.applied(9) == 100.0


def test_a_partition_with_more_to_read_is_not_at_its_end() -> None:
    reading = ReadToEnd()
    for at in (100.0, 101.0, 102.0):
        reading.looked(poll(5, 6, at), delivered=5)
    assert reading.applied(5) is None


def test_under_steady_load_the_end_that_was_reached_still_counts() -> None:
    reading = ReadToEnd()
    for step in range(1, 6):  # always at the end, always ahead of what is applied
        reading.looked(poll(step, step, at=100.0 + step), delivered=step)
    assert reading.applied(3) == 102.0
    assert reading.applied(5) == 104.0


def test_a_clock_that_is_set_back_never_takes_back_what_was_vouched_for() -> None:
    reading = ReadToEnd()
    for at in (100.0, 101.0, 50.0, 51.0):
        reading.looked(poll(5, 5, at), delivered=5)
    assert reading.applied(5) == 100.0


def test_the_feed_watermark_believes_the_producers_word_only() -> None:
    watermark = FeedWatermark()
    watermark.read(NOON)
    assert watermark.instant(NOON, NOON) is None
    watermark.vouched(NOON - MINUTE)
    watermark.vouched(NOON - 2 * MINUTE)
    watermark.read(NOON)
    assert watermark.instant(NOON, NOON) == NOON - MINUTE


def test_the_wall_watermark_follows_the_newest_event_through_a_backlog() -> None:
    watermark = WallWatermark(MINUTE)
    assert watermark.instant(NOON, None) is None
    for behind in (180, 120, 150):
        watermark.read(NOON - behind * MINUTE)
    assert watermark.instant(NOON, None) == NOON - 121 * MINUTE


def test_the_wall_watermark_follows_the_clock_at_the_end_of_the_partition() -> None:
    watermark = WallWatermark(MINUTE)
    watermark.read(NOON - 30 * MINUTE)
    assert watermark.instant(NOON, NOON - timedelta(seconds=2)) == NOON - MINUTE - timedelta(seconds=2)


def test_an_event_from_the_future_does_not_move_the_watermark_past_the_present() -> None:
    watermark = WallWatermark(MINUTE)
    watermark.read(NOON + 4 * MINUTE)
    assert watermark.instant(NOON, None) == NOON - MINUTE
