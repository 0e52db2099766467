"""One rule of a mapping, compiled: documents in, the trees of our events out."""

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, TypeVar

from models.events.catalogue import event_types
from models.mapping.compiling import ANY_TEXT, TIME, Compiler, Take
from models.mapping.errors import MappingWrong, Unmapped
from models.mapping.paths import Document, PathTo
from models.mapping.spec import Identity, LinkRule, Rule, mappable
from models.mapping.targets import members_of, without

T = TypeVar("T")
MAX_KEY = 128
MAX_EVENTS = 1000
"""Of one record."""


class Maker:
    """Makes the events of one type. `alone`: the file has no other rule, so that an id needs no name behind it."""

    def __init__(self, name: str, rule: Rule, compiler: Compiler, *, alone: bool) -> None:
        place = f"events.{name}"
        if rule.type not in mappable():
            raise MappingWrong(f"{place}.type: {rule.type!r} cannot be mapped to: use one of {', '.join(mappable())}")
        self.name, self.type = name, rule.type
        self.kind = event_types()[rule.type]
        self._alone, self._place = alone, place
        self._when = None if rule.when is None else compiler.path(rule.when, f"{place}.when")
        self._each = None if rule.each is None else compiler.path(rule.each, f"{place}.each")
        self._id = None if rule.id is None else compiler.take(rule.id, ANY_TEXT, f"{place}.id")
        self._source = None if rule.source is None else compiler.take(rule.source, ANY_TEXT, f"{place}.source")
        self.identity = rule.identity is not None
        if rule.identity is not None:
            self._subject = identity_of(rule.identity, compiler, f"{place}.identity")
        else:
            self._subject = compiler.take(rule.subject or "", ANY_TEXT, f"{place}.subject")
        self._time = compiler.take(rule.time, TIME, f"{place}.time")
        wanted = members_of(self.kind)["data"]
        self._stands_in = self.identity and "order_id" in wanted.members and "order_id" not in rule.data
        if self._stands_in:  # whoever finds the customer may find the order, too
            wanted = without(wanted, "order_id")
        self._data = compiler.object(rule.data, wanted, f"{place}.data")

    def trees(self, document: Document) -> Iterator[dict[str, Any]]:
        """What the events are made of, not validated yet. Raises `Unmapped`."""
        for index, one in spread(document, self._each, self._place):
            if self._when is None or asked(self._when.holds, one, f"{self._place}.when"):
                yield self._tree(one, index)

    def _tree(self, document: Document, index: int | None) -> dict[str, Any]:
        subject = _some(self._subject, document, f"{self._place}.{'identity.id' if self.identity else 'subject'}")
        data = self._data(document)
        return {
            "type": self.type,
            "id": self._id_of(document, index),
            "source": _some(self._source, document, f"{self._place}.source") if self._source else _origin(document),
            "subject": subject,
            "time": _some(self._time, document, f"{self._place}.time"),
            "data": {**data, "order_id": subject} if self._stands_in else data,
        }

    def _id_of(self, document: Document, index: int | None) -> str:
        if self._id is not None:
            parts = [_some(self._id, document, f"{self._place}.id")]
        else:
            ce = document["ce"]
            parts = [ce["id"] if ce else f"{document['topic']}/{document['partition']}/{document['offset']}"]
        if not self._alone:
            parts.append(self.name)
        if index is not None and self._id is None:
            parts.append(str(index))
        return shortened("/".join(parts))


class Linker:
    """Says of identities whose they are."""

    def __init__(self, name: str, rule: LinkRule, compiler: Compiler) -> None:
        place = f"links.{name}"
        self._place = place
        self._when = None if rule.when is None else compiler.path(rule.when, f"{place}.when")
        self._each = None if rule.each is None else compiler.path(rule.each, f"{place}.each")
        self._identity = identity_of(rule.identity, compiler, f"{place}.identity")
        self._known = rule.subject is not None
        if rule.same_as is not None:
            self._to = identity_of(rule.same_as, compiler, f"{place}.same_as")
        else:
            self._to = compiler.take(rule.subject or "", ANY_TEXT, f"{place}.subject")

    def links(self, document: Document) -> Iterator[tuple[str, str, bool]]:
        """Identity, whose it is, and whether that is a customer (else another identity). Raises `Unmapped`.

        A record that names only one of the two tells nothing, and that is no fault of it.
        """
        for _, one in spread(document, self._each, self._place):
            if self._when is None or asked(self._when.holds, one, f"{self._place}.when"):
                identity, to = self._identity(one), self._to(one)
                if not identity or not to:
                    continue
                if len(to) > MAX_KEY or to.startswith("\x00"):
                    raise Unmapped(f"{self._place}.subject: no customer has such an id")
                yield identity, to, self._known


def identity_of(identity: Identity, compiler: Compiler, place: str) -> Take:
    """`kind:id`, or None when the record has no such id."""
    take = compiler.take(identity.id, ANY_TEXT, f"{place}.id")

    def named(document: Document) -> str | None:
        found = take(document)
        return shortened(f"{identity.kind}:{found}") if found else None

    return named


def spread(document: Document, each: PathTo | None, place: str) -> Iterator[tuple[int | None, Document]]:
    """The document itself, or one for every entry of a list."""
    if each is None:
        yield None, document
        return
    entries = asked(each.entries, document, f"{place}.each")
    if len(entries) > MAX_EVENTS:
        raise Unmapped(f"{place}.each: more than {MAX_EVENTS} entries")
    for index, item in enumerate(entries):
        yield index, {**document, "item": item, "index": index}


def shortened(name: str) -> str:
    """The name itself, or a digest of it when it is too long for a key."""
    return name if len(name) <= MAX_KEY else blake2b(name.encode(errors="replace"), digest_size=32).hexdigest()


def _some(take: Take, document: Document, place: str) -> Any:
    found = take(document)
    if found is None:
        raise Unmapped(f"{place}: nothing found, and the event needs it")
    return found


def _origin(document: Document) -> str:
    ce = document["ce"]
    return shortened(ce["source"] if ce else document["topic"])


def asked(question: Callable[[Document], T], document: Document, place: str) -> T:
    """What a path answers. Raises `Unmapped`, naming `place` in the file."""
    try:
        return question(document)
    except Unmapped as error:
        raise Unmapped(f"{place}: {error.detail}") from None
