"""A detect worker that is stopped past its session, and wakes up: fenced, it ends without having written a thing."""

import os
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from beforehand.supervisor import Supervisor
from desk.sources.feed import feed
from desk.sources.shop import Shop
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, ROLE_EACH, address_items, eventually, house

DETECTS = ("detect", "detect2")
TWO_DETECT = {**ROLE_EACH, "detect2": ["detect"]}
PACED_S = 35.0
ATTEMPTS = 4
OPEN = re.compile(r"partitions_open\s+count=(\d+)")


def owned(supervisor: Supervisor, name: str, since: int = 0) -> int:
    """How many partitions the worker said it has, the last time it said so after that much of its log."""
    said = OPEN.findall(supervisor.log_of(name).read_bytes()[since:].decode())
    return int(said[-1]) if said else 0


def lengths(supervisor: Supervisor) -> dict[str, int]:
    """How far each worker's log goes."""
    return {name: supervisor.log_of(name).stat().st_size for name in DETECTS}


def is_fenced(supervisor: Supervisor, name: str, other: str) -> bool:
    """Stop it while it owns partitions, wake it when the other has all of them: True if it was fenced and ended.

    One that was stopped between two transactions has nothing to be fenced for: it joins anew, which is as right.
    """
    restarts, pid = supervisor.restarts()[name], supervisor.pids()[name]
    os.kill(pid, signal.SIGSTOP)
    since = lengths(supervisor)
    eventually(lambda: owned(supervisor, other, since[other]) == PARTITIONS, 60, f"{other} takes over")
    os.kill(pid, signal.SIGCONT)
    eventually(
        lambda: supervisor.restarts()[name] > restarts or owned(supervisor, name, since[name]),
        90,
        f"{name} ends or joins anew",
    )
    if supervisor.restarts()[name] == restarts:
        return False
    assert "Fenced" in supervisor.log_of(name).read_bytes()[since[name] :].decode()
    return True


def test_a_worker_that_wakes_after_its_partitions_moved_is_fenced_and_ends(tmp_path: Path) -> None:
    shop = Shop(customers=600, seed=5)
    events = list(shop.events())
    items = list(feed(events, PARTITIONS, timedelta(hours=3), tail=timedelta(days=1)))
    start, span = events[0].time, items[-1][2].time - events[0].time
    pace = span.total_seconds() / PACED_S
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count

    with house(tmp_path, start, processes=TWO_DETECT) as running:
        supervisor = running.stack.supervisor

        def put_to_work(since: dict[str, int]) -> None:
            """Both have opened their half since then, and the feed goes on: a worker without work cannot be fenced."""
            eventually(
                lambda: all(owned(supervisor, name, since[name]) == PARTITIONS // 2 for name in DETECTS),
                90,
                "each has opened its half",
            )
            running.start_clock(max(start, running.clock.now()), pace)
            least = done + len(items) / 50
            eventually(lambda: done > least, 60, "there is work under way")

        running.feed(address_items(shop.addresses()), paced=False)
        feeding = running.feeding(items, progress)
        since = dict.fromkeys(DETECTS, 0)
        for name, other in (DETECTS, reversed(DETECTS)):
            for _ in range(ATTEMPTS):
                put_to_work(since)
                since = lengths(supervisor)
                fenced = is_fenced(supervisor, name, other)
                running.start_clock(running.clock.now(), 0.0)  # what is left to feed waits for the next
                if fenced:
                    break
            else:
                pytest.fail(f"{name} was woken {ATTEMPTS} times and was never fenced")
        assert done < len(items)
        running.start_clock(running.clock.now(), pace)
        feeding.join(timeout=90)
        assert not feeding.is_alive()
        eventually(lambda: promises.all_hold(running), 120, "everything is worked off")
        promises.check_all(running, least_issues=20)
