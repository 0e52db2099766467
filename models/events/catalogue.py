"""All event types, found by their files, and the one fast codec for them."""

import importlib
import pkgutil
import types
from collections.abc import Callable, Iterable, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec

import models.events
from models.events.base import Event


@cache
def event_types() -> dict[str, type[Event]]:
    """CloudEvents type -> class, for every class that a file of this folder defines."""
    found: dict[str, type[Event]] = {}
    for module in pkgutil.iter_modules(models.events.__path__, "models.events."):
        loaded = importlib.import_module(module.name)
        for thing in vars(loaded).values():
            if _is_event_of(thing, module.name):
                found[thing.type_name()] = thing
    return dict(sorted(found.items()))


def _is_event_of(thing: Any, module: str) -> bool:
    is_event = isinstance(thing, type) and issubclass(thing, Event) and thing is not Event
    return is_event and thing.__module__ == module


encode: Callable[[Event], bytes] = msgspec.json.Encoder().encode
"""The canonical bytes of an event: compact JSON, members in the order they are declared."""


class EventReader:
    """Events of some types, from their bytes. What is not UTF-8 is found here: the codec passes over what it skips."""

    def __init__(self, kinds: Iterable[type[Event]]) -> None:
        union: Any = reduce(or_, kinds)
        self._one: msgspec.json.Decoder[Event] = msgspec.json.Decoder(union)
        self._many: msgspec.json.Decoder[list[Event]] = msgspec.json.Decoder(types.GenericAlias(list, (union,)))

    def decode(self, raw: bytes) -> Event:
        """Read one. Raises `msgspec.DecodeError` (or its subclass `ValidationError`) or `UnicodeDecodeError`."""
        return self._one.decode(str(raw, "utf-8"))

    def decode_many(self, raws: Sequence[bytes]) -> list[Event]:
        """Read a whole batch at once; one bad record raises for all, and says nothing of which."""
        return self._many.decode(str(b"[" + b",".join(raws) + b"]", "utf-8"))


@cache
def event_reader() -> EventReader:
    """Of all types."""
    return EventReader(event_types().values())


def decode(raw: bytes) -> Event:
    """Read one event of any type. Raises as `EventReader.decode`."""
    return event_reader().decode(raw)


def decode_many(raws: Sequence[bytes]) -> list[Event]:
    """Read a whole batch of any types. Raises as `EventReader.decode`."""
    return event_reader().decode_many(raws)
