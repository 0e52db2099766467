"""Two hours in which nothing is read, then catching up: our outage is not the customers' trouble."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.sources.feed import Sent, feed
from desk.sources.flights import Flights
from models.events.feed_progressed import FeedProgressed
from models.events.order_delivered import OrderDelivered
from models.events.order_step import OrderStep
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, House, eventually, house
from tests.e2e.topic_reading import flat, read_topic

DAY = (datetime(2013, 1, 30, 5, tzinfo=UTC), datetime(2013, 1, 31, 5, tzinfo=UTC))
RATE = 2400.0
DETECTION = {"ingest": ["ingest"], "detect": ["detect"], "context": ["context"]}
ABSENCE = {"waiting": OrderStep, "overdue": OrderDelivered, "late": OrderDelivered}
"""The stages in which an issue says that something has not happened, and what has not."""


def happened(items: list[Sent]) -> dict[tuple[type, str], datetime]:
    """When each order really departed and really arrived."""
    kinds = (OrderStep, OrderDelivered)
    return {(type(event), event.data.order_id): event.time for _, _, event in items if isinstance(event, kinds)}


def pause_ingest(running: House, span: timedelta) -> None:
    pid, began = running.stack.supervisor.pids()["ingest"], running.clock.now()
    os.kill(pid, signal.SIGSTOP)
    eventually(lambda: running.clock.now() - began > span, 30, "the pause passes")
    os.kill(pid, signal.SIGCONT)


def test_no_absence_is_told_that_an_on_time_reading_would_not_have_seen(tmp_path: Path) -> None:
    items = list(feed(Flights(*DAY).events(), PARTITIONS, timedelta(minutes=5)))
    quiet = [item for item in items if not isinstance(item[2], FeedProgressed)]
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count

    # The wall clock makes the ticks: a partition read to its end vouches for the present less what may be under way.
    with house(tmp_path, items[0][2].time, processes=DETECTION, watermark="wall", settle_s=1800.0) as running:
        running.start_clock(items[0][2].time, RATE)
        feeding = running.feeding(quiet, progress)
        for share in (0.4, 0.7):
            eventually(lambda share=share: done > share * len(quiet), 90, f"{share:.0%} are fed")  # type: ignore[misc]
            pause_ingest(running, timedelta(hours=2))
        feeding.join(timeout=120)
        assert not feeding.is_alive()
        eventually(lambda: _all_journaled(running), 60, "everything is in the journal")
        eventually(lambda: promises.issues_are_complete(running), 60, "everything is detected")
        found = [issue for part in promises.issues(running) for issue in part if issue.change != "resolved"]
    really = happened(items)
    said = [issue for issue in found if issue.evidence.facts.get("stage") in ABSENCE]
    assert len(said) > 10, f"too few absences to judge by, of {len(found)} issues"
    untrue = [
        (issue.object, issue.at)
        for issue in said
        if really.get((ABSENCE[issue.evidence.facts["stage"]], issue.object), datetime.max.replace(tzinfo=UTC))
        <= issue.at
    ]
    assert untrue == []


def _all_journaled(running: House) -> bool:
    wanted = promises.produced_for_the_journal(running.fed).total()
    raws = flat(read_topic(running.settings.kafka, "journal.v1", PARTITIONS))
    return sum(b'"type":"order.' in raw or b'"type":"profile.' in raw for raw in raws) >= wanted
