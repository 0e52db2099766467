"""Once a second, in the event loop: it turned, the roles were looked at, and a role that hangs ends the process."""

import asyncio
from typing import NoReturn

from models.errors import OperatorError
from streams.ending import end_process
from streams.probes.gauges import Gauges
from streams.probes.look import Look
from streams.probes.stall import Stall
from streams.probes.vitals import Vitals
from streams.settings import Settings

BEAT_S = 1.0


class CommitsStopped(OperatorError):
    """A role reads, and what it reads gets into no transaction. Operator action: none, it is started again."""


class Pulse:
    """Looks at the parts of this process."""

    def __init__(self, vitals: Vitals, settings: Settings, gauges: Gauges | None = None) -> None:
        self._vitals, self._settings, self._gauges = vitals, settings, gauges or Gauges()
        self._stalls: dict[tuple[str, str, int], Stall] = {}
        self._looked_at = vitals.clock()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        while True:
            try:
                self.beat()
            except CommitsStopped as error:
                end_process("watchdog", error)
            await asyncio.sleep(BEAT_S)

    def beat(self) -> None:
        """One look. Raises `CommitsStopped`."""
        now = self._vitals.clock()
        passed_s, self._looked_at = now - self._looked_at, now
        looks = {role: part.look() for role, part in self._vitals.parts.items()}
        self._count(looks, passed_s)
        self._vitals.looks = looks
        self._vitals.stalled = (*self._too_long(), *self._no_rounds(looks))
        self._vitals.turned_at = now
        self._gauges.show(looks)

    def _count(self, looks: dict[str, Look], passed_s: float) -> None:
        there: dict[tuple[str, str, int], Stall] = {}
        for role, look in looks.items():
            for place in look.places:
                key = (role, place.topic, place.partition)
                stall = there[key] = self._stalls.get(key) or Stall()
                stall.look(place, passed_s, away=bool(look.away) or place.held)
                if stall.unsaved_s > self._settings.watchdog_s:
                    raise CommitsStopped(
                        f"{role} has read {place.topic}/{place.partition} up to {place.read} and committed nothing "
                        f"beyond {place.committed} for {stall.unsaved_s:.0f} s: it ends itself, to be started again "
                        "from there; again and again: look at the broker and the database"
                    )
        self._stalls = there

    def _no_rounds(self, looks: dict[str, Look]) -> list[str]:
        limit = self._settings.stall_s
        slow = [(role, one.round_s) for role, one in looks.items() if one.round_s > limit and not one.away]
        return [f"{role}: its loop has not come round for {seconds:.0f} s" for role, seconds in slow]

    def _too_long(self) -> list[str]:
        limit = self._settings.stall_s
        return [
            f"{role}: {topic}/{partition} is behind, and nothing was committed for {stall.behind_s:.0f} s"
            for (role, topic, partition), stall in self._stalls.items()
            if stall.behind_s > limit
        ]
