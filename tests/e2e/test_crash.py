"""Everything is killed, again and again, while a shop sells and customers are told; nothing is lost or said twice."""

import os
import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from desk.sources.feed import Sent, feed
from desk.sources.shop import Shop
from ledger import counts
from streams import admin
from streams.clock import elapsed
from streams.topics import INPUTS
from tests.e2e import promises
from tests.e2e.house import PARTITIONS, ROLE_EACH, House, address_items, eventually, house

ROLES = list(ROLE_EACH)
RUSH, RUSH_S = (timedelta(minutes=20), timedelta(minutes=35)), 60.0
"""First the quarter of an hour in which most customers pay, slow enough for mails between the kills."""
DELIVERING_S = 30.0
"""Then two weeks of deliveries, fast."""


def lag_of(running: House) -> int:
    lags = (admin.lag(running.settings.kafka, admin.group_of(role), topics) for role, topics in INPUTS.items())
    return sum(sum(one.values()) for one in lags)


def under_way(running: House) -> int:
    with running.ledger.read() as connection:
        states = counts.by_state(connection)
    return states["CLAIMED"] + states["ON_WIRE"]


class Killer:
    """Kills roles as the feed progresses, and writes down what it hit."""

    def __init__(self, running: House) -> None:
        self._running = running
        self.log: list[tuple[str, float, int, int]] = []
        self.fed = 0
        self._killed: dict[str, int] = {}

    def progress(self, count: int) -> None:
        self.fed += count

    def play(self, items: list[Sent], plan: list[str]) -> None:
        """Feed the items in step with the clock; one kill at each of the evenly spaced shares of them."""
        self.fed = 0
        feeding = self._running.feeding(items, self.progress)
        for number, role in enumerate(plan):
            wanted = (number + 1) / (len(plan) + 1) * len(items)
            eventually(lambda wanted=wanted: self.fed >= wanted, 120, f"{wanted:.0f} are fed")  # type: ignore[misc]
            self._kill(role, self.fed / len(items))
        feeding.join(timeout=120)
        assert not feeding.is_alive()

    def _kill(self, role: str, share: float) -> None:
        supervisor = self._running.stack.supervisor
        former = self._killed.get(role)
        eventually(lambda: supervisor.pids().get(role, former) != former, 30, f"{role} runs again")
        lag = lag_of(self._running)
        if role == "sender":  # comes late enough to find mails, and waits for one
            eventually(lambda: under_way(self._running), 20, "a mail is under way")
        rows = under_way(self._running)
        self._killed[role] = supervisor.pids()[role]
        os.kill(self._killed[role], signal.SIGKILL)
        self.log.append((role, round(share, 2), lag, rows))
        print(f"killed {role} at {share:.0%}: lag {lag}, rows under way {rows}")


def test_nothing_is_lost_or_said_twice_when_every_role_is_killed_three_times(tmp_path: Path) -> None:
    shop = Shop(customers=4000, seed=3, duration=timedelta(minutes=10))
    events = list(shop.events())
    start, end = events[0].time, events[-1].time
    items = list(feed(events, PARTITIONS, timedelta(minutes=2), tail=timedelta(days=1)))
    before, rush, after = _split(items, start + RUSH[0], start + RUSH[1])

    # Slow answers after the final dot keep rows ON_WIRE for the kills to hit.
    with house(tmp_path, start + RUSH[0], faults=["dot=delay:0.3"], senders=3) as running:
        running.feed([*address_items(shop.addresses()), *before], paced=False)
        killer, began_s = Killer(running), elapsed()
        running.start_clock(start + RUSH[0], (RUSH[1] - RUSH[0]).total_seconds() / RUSH_S)
        killer.play(rush, [*ROLES, *ROLES, "sender"])
        running.start_clock(start + RUSH[1], (end - start).total_seconds() / DELIVERING_S)
        killer.play(after, ROLES[:-1])
        assert elapsed() - began_s >= 60

        assert Counter(role for role, *_ in killer.log) == Counter(ROLES * 3)
        assert any(lag > 0 for _, _, lag, _ in killer.log), "no kill hit a worker with unread records"
        assert any(rows > 0 for *_, rows in killer.log), "no kill hit a mail under way"

        eventually(lambda: promises.all_hold(running), 180, "everything is worked off")
        by_state = promises.check_all(running, least_issues=100)
        print("rows by state", dict(by_state))
        assert by_state["SENT"] > 20


def _split(items: list[Sent], first: datetime, second: datetime) -> tuple[list[Sent], list[Sent], list[Sent]]:
    before = [item for item in items if item[2].time < first]
    between = [item for item in items if first <= item[2].time < second]
    return before, between, items[len(before) + len(between) :]
