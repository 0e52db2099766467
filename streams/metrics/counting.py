"""What the transactions of one input partition did, counted once per batch and once per commit."""

from collections import Counter
from collections.abc import Iterable, Sequence

from models.dead_letters import HEADER_REASON, HEADER_TOPIC
from streams.clock import real_now
from streams.metrics.catalogue import (
    BATCH_AGE,
    BATCH_SECONDS,
    DEAD_LETTER,
    DEAD_LETTERS,
    EVENTS_CONSUMED,
    OK,
    TRANSACTION_SECONDS,
)
from streams.metrics.metric import Count
from streams.metrics.registry import METRICS, Metrics

Headers = Sequence[tuple[str, bytes]]


class PartitionCounts:
    """Of one role on one topic; where a partition's numbers go."""

    def __init__(self, role: str, topic: str, metrics: Metrics = METRICS) -> None:
        self._role, self._topic, self._metrics = role, topic, metrics
        metrics.create(EVENTS_CONSUMED, role=(role,), topic=(topic,))
        metrics.create(DEAD_LETTERS, role=(role,), topic=(topic,))
        for one in (BATCH_SECONDS, BATCH_AGE, TRANSACTION_SECONDS):
            metrics.create(one, role=(role,))

    def batch(self, oldest_ms: int, seconds: float) -> None:
        """A batch was computed on; the oldest of its records is this old."""
        self._metrics.observe(BATCH_SECONDS, seconds, self._role)
        self._metrics.observe(BATCH_AGE, max(0.0, real_now().timestamp() - oldest_ms / 1000), self._role)

    def committed(self, records: int, seconds: float, letters: Iterable[Headers], counts: Iterable[Count]) -> None:
        """A transaction is through: so many input records, these dead letters, and what the step counted."""
        found = Counter(self._origin(headers) for headers in letters)
        for (topic, reason), amount in found.items():
            self._metrics.add(DEAD_LETTERS, amount, self._role, topic, reason)
        bad = min(found.total(), records)
        self._metrics.add(EVENTS_CONSUMED, records - bad, self._role, self._topic, OK)
        self._metrics.add(EVENTS_CONSUMED, bad, self._role, self._topic, DEAD_LETTER)
        self._metrics.observe(TRANSACTION_SECONDS, seconds, self._role)
        self._metrics.count(counts)

    def _origin(self, headers: Headers) -> tuple[str, str]:
        said = dict(headers)  # ours stand last, so they win over an original's
        return said.get(HEADER_TOPIC, self._topic.encode()).decode(), said[HEADER_REASON].decode()
