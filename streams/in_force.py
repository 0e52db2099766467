"""What a detector runs with now: what the journal said last, else BEFOREHAND_PARAMETERS, else what is shipped."""

import sys
from typing import Any

import msgspec

from detectors.detector import Detector
from detectors.pipeline import PARAMETERS
from models.events.catalogue import decode
from models.events.parameters_updated import ParametersUpdated
from streams.letters.records import Span, records
from streams.restore import Marker
from streams.settings import Settings
from streams.step import MARKER_KEY
from streams.topics import JOURNAL, state_topic

_ONE = 0
"""An operator's word is in every partition or in none, so any one of them tells."""
_UPDATE = b'{"type":"parameters.updated'


async def in_force(settings: Settings, kind: type[Detector[Any, Any]]) -> dict[str, Any]:
    """The members that somebody has set, with their values; all others are as shipped.

    What `detect` has read of the journal is taken from its state, which outlives the journal's records; the journal
    tells the rest. Raises `LettersAway`.
    """
    found = settings.parameters.get(kind.name, {})
    for word in await _words(settings, kind.name):
        if _holds(word, kind):
            found = msgspec.json.decode(word)
    return dict(found)


async def _words(settings: Settings, detector: str) -> list[bytes]:
    """Everything that is still known to have been said of it, the newest last."""
    said, following = b"", 0
    async for _, record in records(settings, state_topic("detect", JOURNAL), spans={_ONE: Span(0, sys.maxsize)}):
        if record.key == PARAMETERS + detector.encode():
            said = record.value or b""
        elif record.key == MARKER_KEY and record.value is not None:
            following = msgspec.json.decode(record.value, type=Marker).next
    later = []
    async for _, record in records(settings, JOURNAL, spans={_ONE: Span(following, sys.maxsize)}):
        if record.value is not None and record.value.startswith(_UPDATE):
            event = decode(record.value)
            if isinstance(event, ParametersUpdated) and event.data.detector == detector:
                later.append(event.data.parameters.encode())
    return [said, *later]


def _holds(word: bytes, kind: type[Detector[Any, Any]]) -> bool:
    """Whether this version takes it; else detection goes on with what was there before."""
    try:
        msgspec.json.decode(word, type=kind.params_type)
    except msgspec.DecodeError:
        return False
    return True
