"""Everything is killed, again and again, while a shop sells and customers are told; nothing is lost or said twice."""

import os
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path

from desk.sources.feed import feed
from desk.sources.shop import Shop
from ledger import counts
from streams import admin
from streams.clock import elapsed
from streams.topics import INPUTS
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, ROLE_EACH, House, address_items, eventually, house

PACED_S = 75.0
KILLS_EACH = 3
CUSTOMERS = 1500


def lag_of(running: House) -> int:
    lags = (admin.lag(running.settings.kafka, admin.group_of(role), topics) for role, topics in INPUTS.items())
    return sum(sum(one.values()) for one in lags)


def under_way(running: House) -> int:
    with running.ledger.read() as connection:
        states = counts.by_state(connection)
    return states["CLAIMED"] + states["ON_WIRE"]


def kill(running: House, role: str) -> tuple[int, int]:
    """SIGKILL the role's process; the lag and the rows under way as of just before."""
    eventually(lambda: role in running.stack.supervisor.pids(), 30, f"{role} runs")
    lag, rows = lag_of(running), under_way(running)
    os.kill(running.stack.supervisor.pids()[role], signal.SIGKILL)
    return lag, rows


def test_nothing_is_lost_or_said_twice_when_every_role_is_killed_three_times(tmp_path: Path) -> None:
    shop = Shop(customers=CUSTOMERS, seed=3)
    events = list(shop.events())
    items = list(feed(events, PARTITIONS, timedelta(hours=2), tail=timedelta(days=1)))
    start, span = events[0].time, items[-1][2].time - events[0].time
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count

    # Slow answers after the final dot keep rows ON_WIRE for the kills to hit.
    with house(tmp_path, start, faults=["dot=delay:0.3"], senders=2) as running:
        running.feed(address_items(shop.addresses()), paced=False)
        began_s = elapsed()
        running.start_clock(start, span.total_seconds() / PACED_S)
        feeding = running.feeding(items, progress)
        plan = [role for _ in range(KILLS_EACH) for role in ROLE_EACH]
        log: list[tuple[str, float, int, int]] = []
        for number, role in enumerate(plan):
            share = (number + 1) / (len(plan) + 1)
            eventually(lambda share=share: done >= share * len(items), 120, f"{share:.0%} are fed")  # type: ignore[misc]
            lag, rows = kill(running, role)
            log.append((role, round(done / len(items), 2), lag, rows))
            print("killed", *log[-1])
        feeding.join(timeout=120)
        assert not feeding.is_alive()
        assert elapsed() - began_s >= 60

        assert Counter(role for role, *_ in log) == Counter(plan)
        assert any(lag > 0 for _, _, lag, _ in log), "no kill hit a worker with unread records"
        assert any(rows > 0 for *_, rows in log), "no kill hit a mail under way"

        eventually(lambda: promises.all_hold(running), 180, "everything is worked off")
        by_state = promises.check_all(running, least_issues=50)
        print("rows by state", dict(by_state))
        assert by_state["SENT"] > 50
