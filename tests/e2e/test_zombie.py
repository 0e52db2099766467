"""A detect worker that is stopped past its session, and wakes up: fenced, it ends without having written a thing."""

import os
import re
import signal
from datetime import timedelta
from pathlib import Path

from beforehand.supervisor import Supervisor
from desk.sources.feed import feed
from desk.sources.shop import Shop
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, ROLE_EACH, address_items, eventually, house

TWO_DETECT = {**ROLE_EACH, "detect2": ["detect"]}
PACED_S = 35.0
OPEN = re.compile(r"partitions_open\s+count=(\d+)")


def owned(supervisor: Supervisor, name: str, since: int = 0) -> int:
    """How many partitions the worker said it has, the last time it said so after that much of its log."""
    said = OPEN.findall(supervisor.log_of(name).read_bytes()[since:].decode())
    return int(said[-1]) if said else 0


def make_a_zombie(supervisor: Supervisor, name: str, other: str) -> None:
    """Stop it while it owns partitions, wake it when the other has all of them, and see it end."""
    restarts, pid = supervisor.restarts()[name], supervisor.pids()[name]
    os.kill(pid, signal.SIGSTOP)
    since = supervisor.log_of(other).stat().st_size
    eventually(lambda: owned(supervisor, other, since) == PARTITIONS, 30, f"{other} takes over")
    os.kill(pid, signal.SIGCONT)
    eventually(lambda: supervisor.restarts()[name] > restarts, 30, f"{name} ends")
    assert "Fenced" in supervisor.log_of(name).read_text()


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
        eventually(lambda: owned(supervisor, "detect") and owned(supervisor, "detect2"), 60, "both own partitions")
        running.start_clock(start, span.total_seconds() / PACED_S)
        feeding = running.feeding(items, progress)
        eventually(lambda: done > 0.2 * len(items), 60, "a part is fed")
        make_a_zombie(supervisor, "detect", "detect2")
        since = {name: supervisor.log_of(name).stat().st_size for name in ("detect", "detect2")}
        eventually(  # each has opened its share: one that is stopped before has nothing to be fenced for
            lambda: (
                sum(owned(supervisor, name, size) for name, size in since.items()) == PARTITIONS
                and owned(supervisor, "detect", since["detect"]) > 0
            ),
            60,
            "the first is back",
        )
        make_a_zombie(supervisor, "detect2", "detect")
        feeding.join(timeout=90)
        assert not feeding.is_alive()
        eventually(lambda: promises.all_hold(running), 120, "everything is worked off")
        promises.check_all(running, least_issues=20)
