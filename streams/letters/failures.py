"""What can go wrong with dead letters that a person can do something about."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError, ProducerFenced

from models.errors import OperatorError
from streams.settings import Settings


class LettersAway(OperatorError):
    """Kafka stopped to answer half-way. Operator action: look at it, then run the command again."""


class TopicWrong(OperatorError):
    """A topic is missing, or has another number of partitions. Operator action: see the message."""


class UnknownLetter(OperatorError):
    """An id names no dead letter, or its letter is gone. Operator action: `beforehand dead-letters list --all`."""


class OtherRun(OperatorError):
    """Somebody else replays or drops at the same time. Operator action: let them end, then run this again."""


class NotReplayable(OperatorError):
    """The letter does not come from a source. Operator action: see the message."""


class BadRepair(OperatorError):
    """What is to be sent instead cannot be read. Operator action: see the message."""


@contextmanager
def told(settings: Settings) -> Iterator[None]:
    """Turn what aiokafka raises into a sentence. What a transaction held is then in Kafka as a whole, or not at all."""
    try:
        yield
    except ProducerFenced:
        raise OtherRun(
            "another `beforehand dead-letters replay` or `drop` took over: what this one had done is done; let the "
            "other one end, then run this again"
        ) from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise LettersAway(
            f"Kafka at {settings.kafka} refused, or stopped to answer ({type(error).__name__}): look at it, then run "
            "this again; what was done is done, and nothing is done twice"
        ) from None
