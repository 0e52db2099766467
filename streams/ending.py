"""The one way out when memory and log may differ: say why, and end at once."""

import logging
import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import structlog

from models.errors import OperatorError

FAILED = 70
"""Exit code (EX_SOFTWARE): whoever runs the process starts it again, from its last checkpoint."""

_LOG = structlog.get_logger("beforehand")


def end_process(event: str, error: BaseException | None = None, **facts: object) -> NoReturn:
    """Log `event` and end with code 70, without a chance for anything to commit. `facts` hold no customer's values."""
    if error is not None:
        facts |= {"error": kind_of(error), "where": _place_of(error)}
    if isinstance(error, OperatorError):
        facts["detail"] = str(error)  # such a text is made for people and holds no values
    _LOG.critical(event, **facts)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FAILED)


def kind_of(error: BaseException) -> str:
    """The class names of an error and of what caused it: their texts may quote a customer's values."""
    names = [type(error).__name__]
    if error.__cause__ is not None:
        names.append(type(error.__cause__).__name__)
    return " from ".join(names)


def _place_of(error: BaseException) -> str:
    """The lines that led there, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
