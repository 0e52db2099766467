"""JMESPath expressions (jmespath.org/specification), checked when they are read and safe when they run."""

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from models.mapping.errors import MappingWrong, Unmapped

ROOTS = frozenset({"value", "key", "headers", "ce", "topic", "partition", "offset", "timestamp", "item", "index"})
"""What a document has at its top; `ce` holds the CloudEvents attributes, `item` and `index` belong to `each`."""

Document = Mapping[str, Any]


class PathTo:
    """One expression. `place` is where it stands in the file, for errors; `may_miss`: finding nothing is foreseen."""

    def __init__(self, expression: str, place: str, *, may_miss: bool = False) -> None:
        self.expression, self.place, self.may_miss = expression, place, may_miss
        try:
            self._compiled = jmespath.compile(expression)
        except JMESPathError as error:
            first = str(error).splitlines()[0].rstrip(":")
            raise MappingWrong(f"{place}: {expression!r} is no JMESPath: {first}") from None
        for node in _nodes(self._compiled.parsed):
            if node["type"] == "function_expression" and node["value"] not in Functions.FUNCTION_TABLE:
                raise MappingWrong(f"{place}: JMESPath has no function {node['value']!r}: see jmespath.org")
        unknown = sorted(first_fields(self._compiled.parsed) - ROOTS)
        if unknown:
            raise MappingWrong(
                f"{place}: {expression!r} begins with {unknown[0]!r}, which no record has: begin with one of "
                f"{', '.join(sorted(ROOTS))} (a member of the record itself is value.{unknown[0]})"
            )
        self._members = _members(self._compiled.parsed)

    def find(self, document: Document) -> Any:
        """What stands there, or None. Raises `Unmapped` when a function is given what it does not take."""
        if self._members is not None:
            found: Any = document
            for name in self._members:
                found = found.get(name) if isinstance(found, dict) else None
            return found
        try:
            return self._compiled.search(document)
        except (JMESPathError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError):
            raise Unmapped("the path's function does not take what stands there") from None

    def holds(self, document: Document) -> bool:
        """Whether it is true as JMESPath means it: not null, not false, not empty. Raises `Unmapped`."""
        found = self.find(document)
        return found is not None and found is not False and found not in ("", [], {})

    def entries(self, document: Document) -> list[Any]:
        """The list that stands there, nothing being an empty one. Raises `Unmapped` for anything else."""
        found = self.find(document)
        if found is None:
            return []
        if not isinstance(found, list):
            raise Unmapped("not a list")
        return found


def _members(node: Any) -> tuple[str, ...] | None:
    """The names of an expression that is names and dots only: most are, and walking them takes a tenth of the time."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return None
    parts = [_members(child) for child in node["children"]]
    return None if None in parts else tuple(name for part in parts for name in part or ())


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)


_DESCENDING = frozenset({"subexpression", "index_expression", "projection", "value_projection", "filter_projection",
                         "flatten", "pipe"})  # fmt: skip


def first_fields(node: Any) -> set[str]:
    """The members of the top document that an expression looks at; what stands behind a dot is another's."""
    kind, children = node["type"], [child for child in node.get("children", ()) if isinstance(child, dict)]
    if kind == "field":
        return {node["value"]}
    if kind in _DESCENDING:
        return first_fields(children[0]) if children else set()
    if kind == "expref":
        return set()
    return set().union(*(first_fields(child) for child in children)) if children else set()
