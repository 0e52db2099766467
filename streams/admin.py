"""Brings a cluster's topics in line with the table, says where they differ, and how far behind a role is.

All functions raise `KafkaAway`, `KafkaRefused` and `ConnectionRefused`, each with one sentence for the operator.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from models.errors import OperatorError
from streams.cluster import Cluster, KafkaAway, KafkaRefused, Partition
from streams.security import PLAIN, Security
from streams.topics import Topic

__all__ = ["KafkaAway", "KafkaRefused", "TopicMismatch", "apply", "check", "end_offsets", "group_of", "lag"]

_COMPARED = {
    "cleanup.policy": "what happens to old records",
    "retention.ms": "how long records live",
    "max.message.bytes": "how large a batch of records may be",
    "message.timestamp.type": "whose time a record carries",
}


class TopicMismatch(OperatorError):
    """A topic exists with another partition count. Operator action: keep the count it has; it can never change."""


def group_of(role: str, prefix: str = "") -> str:
    """The consumer group of a role."""
    return f"{prefix}beforehand-{role}"


def apply(bootstrap: str, topics: Sequence[Topic], security: Security = PLAIN) -> list[str]:
    """Creates the topics that are missing and returns their names; the others are left as they are.

    Raises `TopicMismatch`, before anything is created, when one has another partition count.
    """
    with Cluster(bootstrap, security) as cluster:
        there = cluster.partitions(topic.name for topic in topics)
        wrong = _wrong_counts(topics, there)
        if wrong:
            raise TopicMismatch(
                f"{wrong[0]} (Kafka at {bootstrap}): a partition count never changes, because every "
                "customer's place hangs on it: set BEFOREHAND_PARTITIONS to what the topic has"
            )
        missing = [topic for topic in topics if topic.name not in there]
        if missing:
            cluster.create(missing)
        return [topic.name for topic in missing]


def check(bootstrap: str, topics: Sequence[Topic], security: Security = PLAIN) -> list[str]:
    """One sentence for every difference between the cluster and the table; empty: none."""
    with Cluster(bootstrap, security) as cluster:
        there = cluster.partitions(topic.name for topic in topics)
        settings = cluster.settings(there)
    missing = [f"{topic.name} is missing" for topic in topics if topic.name not in there]
    others = chain.from_iterable(_differences(topic, settings[topic.name]) for topic in topics if topic.name in there)
    return [*missing, *_wrong_counts(topics, there), *others]


def end_offsets(bootstrap: str, names: Iterable[str], security: Security = PLAIN) -> dict[Partition, int]:
    """(topic, partition) -> last stable offset, of the named topics that exist."""
    with Cluster(bootstrap, security) as cluster:
        return cluster.offsets(_every_partition(cluster, names))


def lag(bootstrap: str, group: str, names: Iterable[str], security: Security = PLAIN) -> dict[Partition, int]:
    """(topic, partition) -> offsets between where `group` is and the last stable offset.

    A group that never committed has everything before it. The end of a transaction takes an offset as well, so that
    one or two remain when all is read.
    """
    with Cluster(bootstrap, security) as cluster:
        partitions = _every_partition(cluster, names)
        done = cluster.committed(group)
        first = cluster.offsets((one for one in partitions if one not in done), beginning=True)
        ends = cluster.offsets(partitions)
    return {one: max(0, end - done.get(one, first.get(one, end))) for one, end in ends.items()}


def _every_partition(cluster: Cluster, names: Iterable[str]) -> list[Partition]:
    return [(name, number) for name, count in cluster.partitions(names).items() for number in range(count)]


def _wrong_counts(topics: Sequence[Topic], there: dict[str, int]) -> list[str]:
    return [
        f"{topic.name} has {there[topic.name]} partitions and must have {topic.partitions}"
        for topic in topics
        if there.get(topic.name, topic.partitions) != topic.partitions
    ]


def _differences(topic: Topic, settings: dict[str, str]) -> list[str]:
    wanted = topic.settings
    return [
        f"{topic.name}: {name} ({words}) is {settings.get(name, 'not set')} and should be {wanted[name]}"
        for name, words in _COMPARED.items()
        if settings.get(name) != wanted[name]
    ]
