"""Dies at each named point of the sender, in a forked process, and tells what the next sender made of it.

Run: python -m tests.sender_crashes FOLDER RUNS plain|keyed  (one line of JSON per run)
"""

import asyncio
import json
import os
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

from ledger import counts
from ledger.database import Ledger
from tests.outreach import address, consent, decide, issue, new_ledger, remember, states
from tests.sending import LEASE_S, Clock, House, Provider, keyed

POINTS = (
    "claim.before",
    "claim.written",
    "claim.committed",
    "wire.before",
    "wire.written",
    "wire.committed",
    "send.before",
    "provider.before",
    "provider.accepted",
    "send.accepted",
    "receipt.written",
    "receipt.committed",
    "send.failed",
    "failure.written",
    "failure.committed",
    "recover.before",
    "recover.written",
    "recover.committed",
)
ROWS = 3
DIED = 77


class Death:
    """Ends the process when a point is passed for the n-th time."""

    def __init__(self, point: str, times: int) -> None:
        self._point, self._left = point, times

    def __call__(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os._exit(DIED)


def live(folder: Path, kind: str, clock: Clock, death: Death, plan: list[str], places: int, rounds: int) -> None:
    """One sender process, from its start to its end."""
    ledger = Ledger(f"sqlite:///{folder}/ledger.db")
    provider = Provider(folder / "log", death) if kind == "plain" else keyed(log=folder / "log", step=death)
    if (folder / "log").exists():  # a provider outlives our processes
        provider.accepted = (folder / "log").read_text().split()
    provider.plan = plan
    house = House(ledger, provider, clock, step=death, owner=str(os.getpid()), places=places)

    async def work() -> None:
        for _ in range(rounds):
            await house.round()
            with ledger.read() as connection:
                if not counts.under_way(connection):
                    return
            clock.go(5)

    asyncio.run(work())
    ledger.close()


def dies(folder: Path, kind: str, clock: Clock, death: Death, plan: list[str], places: int) -> bool:
    """Whether a process with this death before it died of it."""
    child = os.fork()
    if child == 0:
        try:
            live(folder, kind, clock, death, plan, places, 4)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED


def one_run(template: Path, folder: Path, kind: str, point: str, seed: int) -> dict[str, object]:
    """Crash at `point`, wait out the lease, let another sender finish."""
    chance = random.Random(seed)
    shutil.copytree(template, folder)
    clock, times, places = Clock(), 1 + seed % ROWS, 1 if seed % 2 else ROWS
    fails = point.startswith(("send.failed", "failure"))
    plan = [chance.choice(["temporary", "permanent"]) for _ in range(ROWS)] if fails else []
    if point.startswith("recover"):
        assert dies(folder, kind, clock, Death(chance.choice(["claim.committed", "provider.accepted"]), 1), [], places)
        clock.go(LEASE_S + 1)
        times = 1
    if point.startswith(("claim", "wire")) and places > 1:  # they are passed once for all rows
        times = 1
    died = dies(folder, kind, clock, Death(point, times), plan, places)
    clock.go(LEASE_S + 10)
    live(folder, kind, clock, Death("", 0), [], ROWS, 8)
    ledger = Ledger(f"sqlite:///{folder}/ledger.db")
    found = states(ledger)
    ledger.close()
    log = folder / "log"
    accepted = Counter(log.read_text().split()) if log.exists() else Counter[str]()
    shutil.rmtree(folder)
    return {"point": point, "alone": places == 1, "died": died, "states": found, "accepted": dict(accepted)}


def main(folder: Path, runs: int, kind: str) -> None:
    template = folder / "template"
    template.mkdir()
    ledger = new_ledger(template)
    for number in range(1, ROWS + 1):
        remember(ledger, consent(f"c-{number}", True), address(f"c-{number}"))
    decide(ledger, *(issue(number) for number in range(1, ROWS + 1)))
    ledger.close()
    for point in POINTS:
        for seed in range(runs):
            sys.stdout.write(json.dumps(one_run(template, folder / "run", kind, point, seed)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
