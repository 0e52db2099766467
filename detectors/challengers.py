"""Challengers: detectors under other parameters on the same journal partition. What they find is never told.

Each has a pipeline of its own, so that nothing of it can reach the champions or another challenger. It begins with what
the journal has said so far of entities and models, and without any memory of customers.
"""

from collections.abc import Iterator

import msgspec

from detectors.catalogue import detector_types
from detectors.outputs import Outputs
from detectors.pipeline import Pipeline
from models.events.base import Event
from models.events.challenger_changed import ChallengerChanged, ChallengerChangedData

MOST = 8
"""Challengers at once; each costs as much as the detector that it challenges."""

_DEFINITION = b"\x00definition:"
_SHARED = b"\x00shared:"
_OF = b"\x00of:"
State = tuple[bytes, bytes | None]


class Challengers:
    """All challengers of one journal partition. What they find depends only on the sequence of records."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._listener = Pipeline([], partition)
        self._shared: dict[bytes, bytes] = {}
        self._defined: dict[str, ChallengerChangedData] = {}
        self._running: dict[str, Pipeline] = {}
        self._loading: list[tuple[bytes, bytes]] = []
        self._states: list[State] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one piece of state, in any order, before anything is applied."""
        self._loading.append((key, value))

    def apply(self, event: Event, offset: int) -> None:
        """Hand the record to all of them; one that is a challenger's own begins or ends it.

        Raises `ValueError` or `msgspec.ValidationError` for one that cannot run; the others go on.
        """
        self._restore()
        if type(event) is ChallengerChanged:
            self._change(event)
            return
        self._listener.apply(event, offset)
        for pipeline in self._running.values():
            pipeline.apply(event, offset)

    def drain(self) -> tuple[list[tuple[str, Outputs]], list[State]]:
        """What each of them found, by name, and every touched state."""
        self._restore()
        states, self._states = self._states, []
        found = []
        for key, value in self._take_shared():
            states.append((_SHARED + key, value))
        for name, pipeline in self._running.items():
            outputs = pipeline.drain()
            found.append((name, outputs))
            states += [(_of(name) + key, value) for key, value in outputs.states]
        return found, states

    def names(self) -> list[str]:
        """Who runs."""
        self._restore()
        return sorted(self._running)

    def _take_shared(self) -> Iterator[State]:
        for key, value in self._listener.drain().states:
            if value is None:
                self._shared.pop(key, None)
            else:
                self._shared[key] = value
            yield key, value

    def _change(self, event: ChallengerChanged) -> None:
        name, data = event.subject, event.data
        if data.change == "dropped":
            self._drop(name)
            return
        if self._defined.get(name) == data:
            return
        pipeline = self._made(data)
        if name not in self._running and len(self._running) >= MOST:
            raise ValueError(f"there are {MOST} challengers already: drop one")
        self._drop(name)
        self._states += [(_SHARED + key, value) for key, value in self._take_shared()]
        for key, value in self._shared.items():
            pipeline.load(key, value)
        self._defined[name], self._running[name] = data, pipeline
        self._states.append((_DEFINITION + name.encode(), msgspec.json.encode(data)))

    def _drop(self, name: str) -> None:
        """Forget it and everything it knew."""
        pipeline = self._running.pop(name, None)
        if pipeline is None:
            return
        del self._defined[name]
        self._states.append((_DEFINITION + name.encode(), None))
        self._states += [(_of(name) + key, None) for key in pipeline.known_keys()]

    def _made(self, data: ChallengerChangedData) -> Pipeline:
        kind = next((one for one in detector_types() if one.name == data.detector), None)
        if kind is None:
            raise ValueError(f"there is no detector {data.detector}")
        return Pipeline([kind(msgspec.json.decode(data.parameters, type=kind.params_type))], self._partition)

    def _restore(self) -> None:
        loading, self._loading = self._loading, []
        for key, value in loading:
            if (name := name_of(key)) is not None:
                data = definition_of(value)
                try:
                    pipeline = self._made(data)
                except ValueError:  # this version does not know it any more: it ended with the former one
                    continue
                self._defined[name], self._running[name] = data, pipeline
        for key, value in loading:
            if key.startswith(_SHARED):
                self._shared[key[len(_SHARED) :]] = value
                self._listener.load(key[len(_SHARED) :], value)
            for name, pipeline in self._running.items():
                if key.startswith(_of(name)):
                    pipeline.load(key[len(_of(name)) :], value)


def _of(name: str) -> bytes:
    return _OF + name.encode() + b"\x00"


def name_of(key: bytes) -> str | None:
    """The challenger that a state defines, None for any other state."""
    return key[len(_DEFINITION) :].decode() if key.startswith(_DEFINITION) else None


def definition_of(value: bytes) -> ChallengerChangedData:
    """What such a state says."""
    return msgspec.json.decode(value, type=ChallengerChangedData)
