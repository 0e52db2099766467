"""Puts questions to detectors while a history is played: what had been said of each row by its instant."""

from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from desk.matching import Said
from desk.questions import Ask, Question
from detectors.detector import Detector
from detectors.outputs import Outputs
from models.errors import OperatorError
from models.issues import Issue


class NothingToAsk(OperatorError):
    """No detector reads what a source holds. Operator action: the message says which events nobody reads."""


class _Said:
    """Readings of one object by one detector, in time order."""

    def __init__(self) -> None:
        self.at, self.probability = array("d"), array("d")


class Listener:
    """Takes in what detection says; keeps readings of asked objects, and every issue."""

    def __init__(self, pairs: Sequence[tuple[Question, str]]) -> None:
        self._said = {(detector, _about(ask)): _Said() for question, detector in pairs for ask in question.asks}
        self.issues: list[Issue] = []
        self.failures = 0

    def take(self, outputs: Outputs) -> None:
        """What came since the last time."""
        self.issues += outputs.issues
        self.failures += len(outputs.failures)
        for signal in outputs.signals:
            for about in ((signal.object, ""), ("", signal.customer_id)):
                said = self._said.get((signal.detector, about))
                if said is not None:
                    said.at.append(signal.at.timestamp())
                    said.probability.append(signal.probability)

    def answers(self, question: Question, detector: str) -> npt.NDArray[np.float64]:
        """For every row the probability last read at its instant or before; NaN where nothing had been said."""
        found = np.full(len(question.asks), np.nan)
        for row, ask in enumerate(question.asks):
            said = self._said[detector, _about(ask)]
            if said.at:
                place = int(np.searchsorted(np.frombuffer(said.at), ask.at.timestamp(), "right"))
                found[row] = said.probability[place - 1] if place else np.nan
        return found

    def told(self, detector: str) -> list[Said]:
        """All issues that the detector opened."""
        return [
            Said(detector, issue.customer_id, issue.object, issue.at)
            for issue in self.issues
            if issue.detector == detector and issue.change == "opened"
        ]

    def opened(self, detector: str) -> dict[str, datetime]:
        """Object -> when the detector's first issue about it opened."""
        found: dict[str, datetime] = {}
        for issue in self.issues:
            if issue.detector == detector and issue.change == "opened":
                found[issue.object] = min(issue.at, found.get(issue.object, issue.at))
        return found


def _about(ask: Ask) -> tuple[str, str]:
    """An object, or, without one, a customer."""
    return (ask.object, "" if ask.object else ask.customer_id)


def pairs(
    source: str, questions: Sequence[Question], detectors: Sequence[Detector[Any, Any]]
) -> list[tuple[Question, str]]:
    """Each question with each detector that can answer it. Raises NothingToAsk when there is no such pair."""
    found = [(question, one.name) for one in detectors for question in questions if question.suits(one)]
    if found:
        return found
    named = ", ".join(one.name for one in detectors)
    about = sorted({question.about.type_name() for question in questions if question.about is not None})
    wanted = sorted({question.detector for question in questions if question.detector})
    what = " or ".join([*wanted, *(f"one that listens to {kind}" for kind in about)]) or "none that there is"
    raise NothingToAsk(
        f"{source} has truth for {what}, and none of these is: {named}; choose another source or --detector, "
        f"or add such a detector in detectors/ (`beforehand replay {source}` plays the source without judging)"
    )
