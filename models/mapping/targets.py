"""What a member of one of our events wants to be given, read from its declared type."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

Sort = Literal["text", "integer", "number", "boolean", "time", "list", "table", "struct"]
_SCALARS: dict[Any, Sort] = {str: "text", int: "integer", float: "number", bool: "boolean", datetime: "time"}


@dataclass(frozen=True)
class Target:
    """`entry`: of a list or a table (any key, one type of value); `members`: of a struct."""

    sort: Sort
    required: bool = True
    entry: "Target | None" = None
    members: dict[str, "Target"] = field(default_factory=dict)


def target_of(kind: Any, *, required: bool = True) -> Target:
    """The target for a declared type. Raises `TypeError` for one that no event of ours uses."""
    origin = get_origin(kind)
    if origin is Annotated:
        return target_of(get_args(kind)[0], required=required)
    if origin is Literal:
        return Target("text", required)
    if origin in (Union, UnionType):
        others = [one for one in get_args(kind) if one is not type(None)]
        if len(others) == 1:
            return target_of(others[0], required=required)
    if origin is list:
        return Target("list", required, target_of(get_args(kind)[0]))
    if origin is dict:
        return Target("table", required, target_of(get_args(kind)[1], required=False))
    if kind in _SCALARS:
        return Target(_SCALARS[kind], required)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return Target("struct", required, members=members_of(kind))
    raise TypeError(f"no mapping to a member of type {kind!r}")


def members_of(struct: type[msgspec.Struct]) -> dict[str, Target]:
    """Member -> target, of a struct."""
    return {one.encode_name: target_of(one.type, required=one.required) for one in msgspec.structs.fields(struct)}


def without(target: Target, name: str) -> Target:
    """The same struct, one member of which somebody else will fill in."""
    return replace(target, members={other: one for other, one in target.members.items() if other != name})
