"""The file in which parameters wait for a review: what changes, why, and who would be told now and not before."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from desk.matching import Said
from detectors.bounds import changed
from detectors.catalogue import detector_types
from detectors.detector import Detector
from models.errors import OperatorError

LAYOUT = "parameters.v1"


class BadParameters(OperatorError):
    """A file of parameters does not hold. Operator action: the message says which part, and what would."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who would be told, of what and when."""

    customer_id: str
    object: str
    at: datetime


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`parameters` replace those of `detector`; the others stay. In force once reviewed and promoted."""

    layout: str = LAYOUT
    detector: str
    parameters: dict[str, Any]
    why: str = ""
    reviewed_by: str = ""
    """Whoever has read the file writes the name here; without it, it is not promoted."""
    figures: dict[str, Any] = {}
    told_now: list[Message] = []
    told_no_more: list[Message] = []

    @property
    def kind(self) -> type[Detector[Any, Any]]:
        """The detector's class; `read` has seen that there is one."""
        return next(one for one in detector_types() if one.name == self.detector)


def difference(before: Sequence[Said], after: Sequence[Said]) -> tuple[list[Message], list[Message]]:
    """Who would be told now and not before, and who not any more, by customer and object."""
    had, has = ({(one.customer_id, one.object) for one in told} for told in (before, after))
    new = [_message(one) for one in after if (one.customer_id, one.object) not in had]
    gone = [_message(one) for one in before if (one.customer_id, one.object) not in has]
    return new, gone


def text_of(proposal: Proposal) -> str:
    """As it is written to the file: JSON with a line per member."""
    return msgspec.json.format(msgspec.json.encode(proposal), indent=2).decode() + "\n"


def read(file: Path) -> Proposal:
    """A proposal whose detector and parameters this version accepts. Raises BadParameters."""
    try:
        proposal = msgspec.json.decode(file.read_bytes(), type=Proposal)
    except OSError as error:
        raise BadParameters(f"{file}: cannot be read ({error.strerror}): name a file that `tune` wrote") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadParameters(f"{file}: is no file of parameters ({error}): see docs/desk.md") from None
    if proposal.layout != LAYOUT:
        raise BadParameters(f"{file}: has layout {proposal.layout!r}, and this version reads {LAYOUT}: tune again")
    there = [one.name for one in detector_types()]
    if proposal.detector not in there:
        raise BadParameters(f"{file}: there is no detector {proposal.detector!r}: there are {', '.join(there)}")
    try:
        changed(proposal.kind.params_type(), proposal.parameters)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadParameters(f"{file}: parameters of {proposal.detector}: {error}; correct it, or tune again") from None
    return proposal


def _message(said: Said) -> Message:
    return Message(customer_id=said.customer_id, object=said.object, at=said.at)
