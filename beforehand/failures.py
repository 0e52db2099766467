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
    except (OperatorError, EmbeddedKafkaError) as error:
        sys.stderr.write(f"beforehand: {error}\n")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
