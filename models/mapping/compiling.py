"""A value of the file and the member that it is for, as a function from a document to what the member is given."""

from collections.abc import Callable
from typing import Any

from models.mapping.errors import MappingWrong, Unmapped
from models.mapping.money import minor_units
from models.mapping.paths import Document, PathTo
from models.mapping.scalars import boolean, integer, number, text
from models.mapping.spec import Value
from models.mapping.targets import Target
from models.mapping.times import reader

Take = Callable[[Document], Any]
"""From a document; None: nothing found. Raises `Unmapped`."""

ANY_TEXT = Target("text")
TIME = Target("time")
_READERS: dict[str, Callable[[Any], Any]] = {"text": text, "integer": integer, "number": number, "boolean": boolean}


class Compiler:
    """Compiles values and keeps every path that it met. `path_type` may be one that also watches what is found."""

    def __init__(self, path_type: type[PathTo] = PathTo) -> None:
        self.paths: list[PathTo] = []
        self._path_type = path_type

    def path(self, expression: str, place: str, *, may_miss: bool = False) -> PathTo:
        """An expression of the file. Raises `MappingWrong`."""
        self.paths.append(found := self._path_type(expression, place, may_miss=may_miss))
        return found

    def take(self, value: "str | Value", target: Target, place: str) -> Take:
        """What gives `target` its value. Raises `MappingWrong`, naming `place` in the file."""
        spec = Value(path=value) if isinstance(value, str) else value
        if spec.each is not None:
            return self._placed(self._list(spec, target, place), place)
        if spec.members is not None:
            return self._object(spec.members, target, place)
        if "const" in spec.model_fields_set:
            constant = spec.const
            return lambda _document: constant
        return self._placed(self._scalar(spec, target, place), place)

    def object(self, members: "dict[str, str | Value]", target: Target, place: str) -> Take:
        """The members of a struct or a table."""
        return self._object(members, target, place)

    def _object(self, members: "dict[str, str | Value]", target: Target, place: str) -> Take:
        if target.sort not in ("struct", "table"):
            raise MappingWrong(f"{place}: the event wants {_words(target)} here, not members: give a path")
        takes = []
        for name, value in members.items():
            wanted = target.entry if target.sort == "table" else target.members.get(name)
            if wanted is None:
                known = ", ".join(target.members) or "no members"
                raise MappingWrong(f"{place}.{name}: the event has no member of this name; it has {known}")
            takes.append((name, wanted.required, self.take(value, wanted, f"{place}.{name}"), f"{place}.{name}"))
        for name, member in target.members.items():
            if member.required and name not in members:
                raise MappingWrong(f"{place}.{name}: the event needs it: say where it comes from")

        def take(document: Document) -> dict[str, Any]:
            found = {}
            for name, required, one, where in takes:
                value = one(document)
                if value is not None:
                    found[name] = value
                elif required:
                    raise Unmapped(f"{where}: nothing found, and the event needs it")
            return found

        return take

    def _list(self, spec: Value, target: Target, place: str) -> Take:
        if target.sort != "list" or target.entry is None or spec.each is None or spec.of is None:
            raise MappingWrong(f"{place}: the event wants {_words(target)} here, not a list: give a path")
        each = self.path(spec.each, f"{place}.each")
        one = self.take(spec.of, target.entry, f"{place}.of")

        def take(document: Document) -> list[Any]:
            entries = each.entries(document)
            found = [one({**document, "item": item, "index": index}) for index, item in enumerate(entries)]
            return [value for value in found if value is not None]

        return take

    def _scalar(self, spec: Value, target: Target, place: str) -> Take:
        if target.sort in ("list", "table", "struct"):
            hint = "`each` and `of`" if target.sort == "list" else "`members`"
            raise MappingWrong(f"{place}: the event wants {_words(target)} here: give {hint}")
        path = self.path(spec.path or "", place, may_miss=spec.default is not None)
        read = self._read(spec, target, place)
        table, otherwise, default = spec.table, spec.otherwise, spec.default

        def take(document: Document) -> Any:
            found = path.find(document)
            if found is None:
                return default
            if table is not None:
                key = _key(found)
                if key not in table and otherwise is None:
                    raise Unmapped("not in the table")
                return table.get(key, otherwise)
            return read(document, found)

        return take

    def _read(self, spec: Value, target: Target, place: str) -> Callable[[Document, Any], Any]:
        if target.sort == "time":
            instant = reader(spec.time, spec.zone, spec.plus, place)
            return lambda _document, found: instant(found)
        if spec.time or spec.zone or spec.plus is not None:
            raise MappingWrong(
                f"{place}: `time`, `zone` and `plus` are for times, and the event wants {_words(target)}"
            )
        if spec.money is not None:
            if target.sort != "integer":
                raise MappingWrong(f"{place}: `money` makes minor units, and the event wants {_words(target)}")
            currency = self.take(spec.money, ANY_TEXT, f"{place}.money")
            return lambda document, found: minor_units(found, currency(document))
        scalar = _READERS[target.sort]
        return lambda _document, found: scalar(found)

    @staticmethod
    def _placed(take: Take, place: str) -> Take:
        """Name the place in what goes wrong there, once."""

        def placed(document: Document) -> Any:
            try:
                return take(document)
            except Unmapped as error:
                named = error.detail.startswith(place.split(".", 1)[0] + ".")
                raise error if named else Unmapped(f"{place}: {error.detail}") from None

        return placed


def _key(found: Any) -> str:
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else text(found)


def _words(target: Target) -> str:
    return {
        "text": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
        "time": "a time", "list": "a list", "table": "members of any name", "struct": "an object",
    }[target.sort]  # fmt: skip
