"""The one table of all topics: name, partitions, how long records live, how large they may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

ORDERS: Final = "orders.v1"
TELEMETRY: Final = "telemetry.v1"
CARE: Final = "care.v1"
ADDRESSES: Final = "addresses.v1"
JOURNAL: Final = "journal.v1"
OBSERVATIONS: Final = "observations.v1"
EXAMPLES: Final = "examples.v1"
ISSUES: Final = "issues.v1"
SHADOW_ISSUES: Final = "shadow-issues.v1"
DEAD_LETTERS: Final = "dead-letters.v1"
HANDLED_LETTERS: Final = "dead-letters.v1.handled"
IDENTITIES: Final = "identities.v1"
OWN: Final = (
    ORDERS, TELEMETRY, CARE, ADDRESSES, JOURNAL, OBSERVATIONS, EXAMPLES, ISSUES, DEAD_LETTERS, HANDLED_LETTERS,
    IDENTITIES, SHADOW_ISSUES,
)  # fmt: skip

SOURCES: Final = (ORDERS, TELEMETRY, CARE)
"""What `ingest` reads. `addresses.v1` is a source too, but never comes near the journal: only `remember` reads it."""

INPUTS: Final[dict[str, tuple[str, ...]]] = {
    "ingest": SOURCES,
    "detect": (JOURNAL,),
    "context": (OBSERVATIONS,),
    "learn": (EXAMPLES,),
}
"""Role -> the topics it reads with a transactional checkpoint."""

BESIDE: Final[dict[str, tuple[str, ...]]] = {"shadow": (JOURNAL,)}
"""The same of roles that nothing waits for: they need not run."""

SINGLE: Final = frozenset({EXAMPLES})
"""Topics with one partition: what is learned has one order."""

_KIB, _MIB = 1024, 1024 * 1024
_OVERHEAD = 64 * _KIB  # headers, key and batch around a value of the stated size

# Records carry the broker's time: an event's own time may be years ago (a replay), and the broker would delete it at
# once for its age.
_BROKER_TIME = {"message.timestamp.type": "LogAppendTime"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must be. `retention` None: for ever, as the last value of each key (compaction)."""

    name: str
    partitions: int
    retention: timedelta | None
    value_bytes: int = _MIB
    more: tuple[tuple[str, str], ...] = ()

    @property
    def compacted(self) -> bool:
        """Keeps the last value per key; every record needs a key, or the broker refuses the whole batch."""
        return self.retention is None

    @property
    def settings(self) -> dict[str, str]:
        """As Kafka names them."""
        keep = -1 if self.retention is None else round(self.retention.total_seconds() * 1000)
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(keep),
            "max.message.bytes": str(self.value_bytes + _OVERHEAD),
            **_BROKER_TIME,
            **dict(self.more),
        }


def state_topic(role: str, topic: str) -> str:
    """Where `role` keeps its state for what it reads from `topic`, partition by partition."""
    return f"{role}.{topic}.state"


def table(partitions: int, prefix: str = "", mapped: Mapping[str, int] = MappingProxyType({})) -> tuple[Topic, ...]:
    """All topics. `partitions`: of the journal; it never changes. `prefix`: before every name.

    `mapped`: somebody else's topics that are read through a mapping, and their partitions. They need states, and
    where there are any, identities are looked after; the topics themselves are not ours to make.
    """
    p = partitions
    sources = [Topic(prefix + name, p, timedelta(days=7)) for name in SOURCES]
    states = [
        _state(state_topic(role, prefix + name), 1 if name in SINGLE else p)
        for role, names in (INPUTS | BESIDE).items()
        for name in names
    ]
    return (
        *sources,
        Topic(prefix + ADDRESSES, p, None, more=_ERASABLE),
        Topic(prefix + JOURNAL, p, timedelta(days=28)),  # bounds the erasure of what detection knew of a person
        Topic(prefix + OBSERVATIONS, p, timedelta(days=7)),
        Topic(prefix + EXAMPLES, 1, timedelta(days=7)),
        Topic(prefix + ISSUES, p, timedelta(days=28)),
        Topic(prefix + SHADOW_ISSUES, p, timedelta(days=28)),  # nothing that can tell anybody reads it
        Topic(prefix + DEAD_LETTERS, p, timedelta(days=28), 2 * _MIB),  # an original of full size, and its story
        *states,
        _state(prefix + HANDLED_LETTERS, p),  # in the letter's own partition, what was done about it
        *(_mapped(partitions, prefix, mapped) if mapped else ()),
    )


def _mapped(partitions: int, prefix: str, mapped: Mapping[str, int]) -> list[Topic]:
    states = [_state(state_topic("ingest", topic), count) for topic, count in mapped.items()]
    identities = prefix + IDENTITIES
    return [
        *states,
        Topic(identities, partitions, timedelta(days=7)),
        _state(state_topic("identify", identities), partitions),
    ]


# An address must really go: within a day of its tombstone, and of the segment's next write.
_ERASABLE = (
    ("segment.ms", str(3_600_000)),
    ("min.cleanable.dirty.ratio", "0.1"),
    ("max.compaction.lag.ms", str(86_400_000)),
)

# A restart reads the whole topic, and what is not compacted yet is read for nothing: small segments.
_STATE = (
    ("segment.ms", str(600_000)),
    ("segment.bytes", str(32 * _MIB)),
    ("max.compaction.lag.ms", str(86_400_000)),
    ("delete.retention.ms", str(3_600_000)),
)


def _state(name: str, partitions: int) -> Topic:
    return Topic(name, partitions, None, _MIB, _STATE)
