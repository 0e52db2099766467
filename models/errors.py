"""The errors that a person can do something about."""

from typing import ClassVar


class OperatorError(Exception):
    """Its text is one sentence or two: what is wrong, where, and what to do. Shown without a traceback."""

    exit_code: ClassVar[int] = 2
    """Of the process that it ends."""
