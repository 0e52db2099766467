"""What a role says of itself once a second: where it stands, and what it waits for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from detectors.causes.cause import Standing
from streams.watermarks import Poll


class PlaceLook(msgspec.Struct, frozen=True, kw_only=True):
    """One input partition. `read` and `committed` are next offsets; `committed_at` is on the monotonic clock.

    `end` is None until a broker told it; `behind`: something there is not in a committed transaction yet.
    `caught_up_at`: Unix seconds of the last instant at which nothing was, as far as known.
    """

    topic: str
    partition: int
    read: int
    committed: int
    committed_at: float
    end: int | None
    behind: bool
    caught_up_at: float = 0.0
    held: bool = False
    """It waits for another role: no fault of its own."""

    @property
    def lag(self) -> int:
        """Offsets between what is committed and the end; 0 when all is done, whatever markers take offsets too."""
        return max(0, self.end - self.committed) if self.behind and self.end is not None else 0


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One role. `away`: what it cannot go on without and does not answer; empty: it could go on.

    `not_ready`: reasons, in words. `kafka_answered_at`: Unix seconds. `waiting_s`: for how long it has been getting
    partitions and their states. `watermarks`: source -> Unix seconds of business time.
    """

    places: Sequence[PlaceLook] = ()
    away: str = ""
    not_ready: Sequence[str] = ()
    kafka_answered_at: float = 0.0
    waiting_s: float = 0.0
    watermarks: Mapping[str, float] = {}
    causes: Sequence[Standing] = ()
    """Those that are open, of the partitions that it owns."""
    round_s: float = 0.0
    """For how long a loop that should come round again and again has not."""


class Part(Protocol):
    """A role of this process."""

    def look(self) -> Look:
        """As it stands now. Called in the event loop; must not wait."""


LEDGER_AWAY = "the ledger is away or locked"

SILENT_S = 10.0
"""So long after the last answer of a broker we say that it does not answer."""


def place_look(
    place: tuple[str, int],
    poll: Poll | None,
    delivered: int,
    stands: tuple[int, int],
    committed_at: float,
    *,
    held: bool = False,
) -> PlaceLook:
    """A place as seen through its last poll; everything below `delivered` was handed out, `stands`: read, committed."""
    read, committed = stands
    if poll is None:
        behind, end, caught_up_at = read > committed, None, 0.0
    else:
        behind, end = poll.position < poll.end or committed < delivered, poll.end
        caught_up_at = 0.0 if behind else poll.answered_at
    return PlaceLook(
        topic=place[0], partition=place[1], read=read, committed=committed, committed_at=committed_at,
        end=end, behind=behind, caught_up_at=caught_up_at, held=held,
    )  # fmt: skip
