"""Detectors by the names that a person gives."""

from collections.abc import Sequence
from typing import Any

from detectors.catalogue import all_detectors
from detectors.detector import Detector
from models.errors import OperatorError


class UnknownDetector(OperatorError):
    """There is no such detector. Operator action: the message names those that there are."""


def chosen(names: Sequence[str]) -> list[Detector[Any, Any]]:
    """The shipped detectors of these names, all without. Raises UnknownDetector."""
    there = {one.name: one for one in all_detectors()}
    for name in names:
        if name not in there:
            raise UnknownDetector(f"there is no detector {name!r}: choose of {', '.join(there)}")
    return [one for name, one in there.items() if not names or name in names]
