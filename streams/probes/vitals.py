"""What the event loop leaves behind for the threads that answer probes: whether it turns, and what its roles say."""

from collections.abc import Callable, Iterable

from detectors.causes.cause import Standing
from streams.clock import elapsed
from streams.probes.look import Look, Part

STILL_S = 10.0
"""An event loop that has not turned for so long stands still."""


class Vitals:
    """One process. The loop writes, other threads read: every write is one assignment. `clock` never goes back."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self.clock = clock
        self.parts: dict[str, Part] = {}
        self.turned_at = clock()
        self.looks: dict[str, Look] = {}
        self.stalled: tuple[str, ...] = ()
        self.ledger_trouble: str | None = None
        """Why the ledger cannot be reached; None: it can, or nobody here needs it."""
        self._expected: tuple[str, ...] = ()

    def expect(self, roles: Iterable[str]) -> None:
        """These are to be running before the process is ready."""
        self._expected = tuple(roles)

    def watch(self, role: str, part: Part) -> None:
        """From now on this role can be looked at."""
        self.parts[role] = part

    @property
    def roles(self) -> tuple[str, ...]:
        """What this process runs."""
        return self._expected

    def causes(self) -> list[Standing]:
        """What its roles have found that many customers suffer from, and is not over."""
        return [cause for look in self.looks.values() for cause in look.causes]

    def ill(self) -> list[str]:
        """Why the process should be ended; nothing when it lives. Kafka, SQL or SMTP being down is no reason."""
        still_s = self.clock() - self.turned_at
        still = [f"the event loop has not turned for {still_s:.0f} s"] if still_s > STILL_S else []
        return [*still, *self.stalled]

    def not_ready(self) -> list[str]:
        """Why no work should be expected of it yet."""
        looks = self.looks
        starting = [f"{role}: starting" for role in self._expected if role not in looks]
        said = [f"{role}: {reason}" for role, look in looks.items() for reason in look.not_ready]
        ledger = [] if self.ledger_trouble is None else [self.ledger_trouble]
        return [*self.ill(), *starting, *said, *ledger]


VITALS = Vitals()
"""This process's."""
