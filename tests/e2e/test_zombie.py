"""A detect worker that is stopped past its session, and wakes up: fenced, it ends without having written a thing."""

import os
import signal
from datetime import timedelta
from pathlib import Path

from desk.sources.feed import feed
from desk.sources.shop import Shop
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, ROLE_EACH, address_items, eventually, house

TWO_DETECT = {**ROLE_EACH, "detect2": ["detect"]}
PACED_S = 30.0


def test_a_worker_that_wakes_after_its_partitions_moved_is_fenced_and_ends(tmp_path: Path) -> None:
    shop = Shop(customers=600, seed=5)
    events = list(shop.events())
    items = list(feed(events, PARTITIONS, timedelta(hours=3), tail=timedelta(days=1)))
    start, span = events[0].time, items[-1][2].time - events[0].time
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count

    with house(tmp_path, start, processes=TWO_DETECT) as running:
        supervisor = running.stack.supervisor
        running.feed(address_items(shop.addresses()), paced=False)
        running.start_clock(start, span.total_seconds() / PACED_S)
        feeding = running.feeding(items, progress)
        for number, name in enumerate(("detect", "detect2"), start=1):
            eventually(lambda number=number: done > 0.3 * number * len(items), 60, "a part is fed")  # type: ignore[misc]
            eventually(lambda name=name: name in supervisor.pids(), 30, "it runs")  # type: ignore[misc]
            zombie, restarts = supervisor.pids()[name], supervisor.restarts()[name]
            os.kill(zombie, signal.SIGSTOP)
            before = len(supervisor.log_of("detect2" if name == "detect" else "detect").read_bytes())
            eventually(lambda name=name, before=before: _took_over(supervisor, name, before), 30, "takeover")  # type: ignore[misc]
            os.kill(zombie, signal.SIGCONT)
            eventually(lambda name=name, restarts=restarts: supervisor.restarts()[name] > restarts, 30, "it ends")  # type: ignore[misc]
            assert "Fenced" in supervisor.log_of(name).read_text()
        feeding.join(timeout=90)
        assert not feeding.is_alive()
        eventually(lambda: promises.all_hold(running), 120, "everything is worked off")
        promises.check_all(running, least_issues=20)


def _took_over(supervisor: object, name: str, before: int) -> bool:
    """Whether the other worker has said something since: it opened the partitions."""
    other = "detect2" if name == "detect" else "detect"
    text = supervisor.log_of(other).read_bytes()[before:]  # type: ignore[attr-defined]
    return b"partition_open" in text
