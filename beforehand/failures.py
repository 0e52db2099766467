"""Errors that a person can act on: one sentence on the terminal, exit code not 0, no traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.kafka.errors import EmbeddedKafkaError
from models.errors import OperatorError

USAGE = 2
INTERRUPTED = 130


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what an operator can mend into its sentence, and Ctrl-C into a quiet end."""
    try:
        yield
    except OperatorError as error:
        _end(str(error), error.exit_code)
    except EmbeddedKafkaError as error:
        _end(str(error), USAGE)
    except BaseExceptionGroup as group:
        _end_of_group(group)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _end_of_group(group: BaseExceptionGroup[BaseException]) -> None:
    """Roles that ran side by side: the first that an operator can mend speaks; anything else is a bug and is raised."""
    known, unknown = group.split(OperatorError)
    if unknown is not None or known is None:
        raise group
    first: BaseException = known
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    _end(str(first), getattr(first, "exit_code", USAGE))


def _end(sentence: str, code: int) -> None:
    sys.stderr.write(f"beforehand: {sentence}\n")
    sys.exit(code)
