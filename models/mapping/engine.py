"""A mapping file, compiled: one record in; events, links between identities, or the reason for a dead letter out."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from models.dead_letters import Reason
from models.events.base import Event
from models.intake import Rejected, parse
from models.mapping.compiling import Compiler
from models.mapping.documents import NOTHING, Source, document_of
from models.mapping.errors import MappingWrong, Unmapped
from models.mapping.paths import Document, PathTo
from models.mapping.rules import MAX_EVENTS, Linker, Maker, asked
from models.mapping.spec import MappingFile


class MappedEvent(msgspec.Struct, frozen=True):
    """An event of ours, by the rule of this name. Not `known`: its subject is an identity, its customer to be found."""

    event: Event
    rule: str
    known: bool = True


class Link(msgspec.Struct, frozen=True):
    """`identity` is `to`: a customer, or (not `known`) another identity."""

    identity: str
    to: str
    known: bool = True


class Mapped(msgspec.Struct, frozen=True):
    """What a record said; both empty: nothing that concerns us."""

    events: Sequence[MappedEvent] = ()
    links: Sequence[Link] = ()


class Mapping:
    """Made by `read_mapping`. Its methods are pure. Raises `MappingWrong`."""

    def __init__(self, file: MappingFile, path_type: type[PathTo] = PathTo) -> None:
        self.file = file
        self.name, self.version, self.topic = file.mapping, file.version, file.topic
        self.digest = sha256(file.model_dump_json(exclude_defaults=True).encode()).hexdigest()
        compiler = Compiler(path_type)
        self._when = None if file.when is None else compiler.path(file.when, "when")
        self._makers = [Maker(n, rule, compiler, alone=len(file.events) == 1) for n, rule in file.events.items()]
        self._linkers = [Linker(n, rule, compiler) for n, rule in file.links.items()]
        self.paths = tuple(compiler.paths)
        self.kinds = frozenset(maker.kind for maker in self._makers)
        """The event types that it makes."""
        self.identifies = any(maker.identity for maker in self._makers)
        """Whether any event is without its customer."""

    def __call__(self, source: Source, now: datetime) -> Mapped | Rejected:
        """All or nothing: a record of which one event does not hold is set aside as a whole. Never raises."""
        document = document_of(source, self.file.format)
        if isinstance(document, Rejected):
            return document
        if document is NOTHING:
            return Mapped()
        try:
            return self._map(document, now)
        except Unmapped as error:
            return Rejected(Reason.UNMAPPED, error.detail)

    def _map(self, document: Document, now: datetime) -> Mapped | Rejected:
        if self._when is not None and not asked(self._when.holds, document, "when"):
            return Mapped()
        events: list[MappedEvent] = []
        for maker in self._makers:
            for tree in maker.trees(document):
                event = _validated(maker, tree, now)
                if isinstance(event, Rejected):
                    return event
                events.append(MappedEvent(event, maker.name, not maker.identity))
                if len(events) > MAX_EVENTS:
                    raise Unmapped(f"events: more than {MAX_EVENTS} of one record")
        if len({one.event.id for one in events}) != len(events):
            raise Unmapped("id: two events of this record have the same")
        links = [Link(*link) for linker in self._linkers for link in linker.links(document)]
        if not events and not links and self.file.otherwise == "dead_letter":
            raise Unmapped("events: no rule's condition holds")
        return Mapped(events, links)


def _validated(maker: Maker, tree: dict[str, Any], now: datetime) -> Event | Rejected:
    """By the same contract as what our own producers send."""
    try:
        raw = msgspec.json.encode(tree)
    except (TypeError, ValueError, OverflowError):
        raise Unmapped(f"events.{maker.name}: a value that no JSON can hold") from None
    found = parse(raw, now)
    if isinstance(found, Rejected) and found.reason is not Reason.FUTURE_TIMESTAMP:
        return Rejected(Reason.UNMAPPED, f"events.{maker.name}.{found.detail}")
    return found


def read_mapping(text: str, name: str) -> Mapping:
    """The mapping in a YAML 1.2 text; `name` is what a person calls it. Raises `MappingWrong`, one sentence."""
    try:
        tree = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "somewhere"
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise MappingWrong(f"{name}, {where}: no YAML ({problem}): correct it there") from None
    try:
        return Mapping(MappingFile.model_validate(tree))
    except ValidationError as error:
        raise MappingWrong(f"{name}: {_first(error)}") from None
    except MappingWrong as error:
        raise MappingWrong(f"{name}: {error}") from None


def _first(error: ValidationError) -> str:
    """The most telling of pydantic's errors: a union names every branch that did not fit."""
    wrong = max(error.errors(include_url=False, include_context=False, include_input=False), key=_depth)
    place = ".".join(_place(wrong)) or "the file"
    if wrong["type"] == "extra_forbidden":
        return f"{place}: there is no such member: see `beforehand map schema` for those there are"
    return f"{place}: {wrong['msg'].removeprefix('Value error, ')}"


def _place(wrong: Any) -> list[str]:
    """Without the names that pydantic gives to the branches of a union."""
    return [str(part) for part in wrong["loc"] if not str(part).startswith(("function-", "constrained-", "Value"))]


def _depth(wrong: Any) -> tuple[int, bool]:
    return len(_place(wrong)), wrong["type"] == "value_error"  # ours, made for people
