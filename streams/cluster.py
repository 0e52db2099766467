"""An open connection to a Kafka cluster for questions about topics and offsets (kafka-python's admin client)."""

import logging
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

with warnings.catch_warnings():  # loading it warns 218 times about its own way of reading files
    warnings.simplefilter("ignore", DeprecationWarning)
    # It carries no types: what comes from it gets them where it is read, in this file only.
    from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
    from kafka import errors as kafka_errors
    from kafka.admin import ConfigResource

from models.errors import OperatorError
from streams.security import PLAIN, Security, for_kafka_python
from streams.topics import Topic

T = TypeVar("T")
Partition = tuple[str, int]
"""A topic's name and the number of one of its partitions."""

TIMEOUT_S = 6.0
_EXISTS = kafka_errors.TopicAlreadyExistsError.errno
_AWAY = (kafka_errors.KafkaTimeoutError, kafka_errors.KafkaConnectionError)
_NO_COMMITS_YET = (kafka_errors.CoordinatorNotAvailableError, kafka_errors.CoordinatorLoadInProgressError)


class KafkaAway(OperatorError):
    """No Kafka answers. Operator action: start it, or correct its address, protocol or credentials."""


class KafkaRefused(OperatorError):
    """Kafka answers, but refuses what was asked for. Operator action: see the message."""


class Cluster:
    """Use it as a context manager, from one thread. Raises `KafkaAway` within about 10 s, `ConnectionRefused`."""

    def __init__(self, bootstrap: str, security: Security = PLAIN) -> None:
        logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it logs it also raises; keep it off the terminal
        arguments = for_kafka_python(bootstrap, security)
        timeout_ms = round(TIMEOUT_S * 1000)
        self._where = bootstrap
        self._client = self._ask(
            lambda: KafkaAdminClient(
                **arguments,
                client_id="beforehand-admin",
                bootstrap_timeout_ms=timeout_ms,
                request_timeout_ms=timeout_ms,
                reconnect_backoff_max_ms=1000,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def partitions(self, names: Iterable[str]) -> dict[str, int]:
        """Topic -> its partition count, of those that exist."""
        told = self._ask(lambda: self._client.describe_topics(list(names)))
        return {one["name"]: len(one["partitions"]) for one in told if one["error_code"] == 0}

    def settings(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """Topic -> its settings with defaults, as Kafka names them. The topics must exist."""
        asked = [ConfigResource("topic", name) for name in names]
        told = self._ask(lambda: self._client.describe_configs(asked, config_filter="all")) if asked else {}
        return {
            name: {key: str(one["value"]) for key, one in found.items()}
            for name, found in told.get("topic", {}).items()
        }

    def create(self, topics: Sequence[Topic]) -> None:
        """Creates topics with the cluster's own replication factor; returns when all of them have leaders.

        One that exists is left alone. Raises `KafkaRefused`.
        """
        asked = {
            one.name: {"num_partitions": one.partitions, "replication_factor": -1, "configs": one.settings}
            for one in topics
        }
        told = self._ask(lambda: self._client.create_topics(asked, raise_errors=False))
        for one in told["topics"]:
            if one["error_code"] not in (0, _EXISTS):
                why = one["error_message"] or kafka_errors.for_code(one["error_code"]).__name__
                raise KafkaRefused(f"Kafka at {self._where} does not create topic {one['name']}: {why}")
        self._ask(lambda: self._client.wait_for_topics(list(asked)))

    def offsets(self, partitions: Iterable[Partition], *, beginning: bool = False) -> dict[Partition, int]:
        """The offset of the next record a reader of committed ones could get to, or that of the first one there is."""
        which = OffsetSpec.EARLIEST if beginning else OffsetSpec.LATEST
        asked = {TopicPartition(*one): which for one in partitions}
        told = self._ask(lambda: self._client.list_partition_offsets(asked, "read_committed")) if asked else {}
        return {(key.topic, key.partition): int(one.offset) for key, one in told.items()}

    def committed(self, group: str) -> dict[Partition, int]:
        """Where a consumer group is: the next offset of each partition it ever committed."""
        try:
            told = self._client.list_group_offsets([group])[group]
        except _NO_COMMITS_YET:  # the cluster has never seen a group, or is just starting
            return {}
        except kafka_errors.KafkaError as error:
            raise self._said(error) from None
        return {(key.topic, key.partition): int(one.offset) for key, one in told.items() if one.offset >= 0}

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except (kafka_errors.KafkaError, OSError) as error:
            raise self._said(error) from None

    def _said(self, error: Exception) -> Exception:
        if isinstance(error, (*_AWAY, OSError)):
            return KafkaAway(
                f"no Kafka answers at {self._where}: start it, or correct BEFOREHAND_KAFKA and the "
                "settings that belong to it"
            )
        return KafkaRefused(f"Kafka at {self._where} refused: {error}")
