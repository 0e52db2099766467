"""The contract for bytes from outside, as pydantic models derived from the event types.

pydantic gives the error texts and the JSON Schemas; the fast codec reads the same types. `tests/units/test_contract.py`
shows that both accept and refuse the same bytes.
"""

from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from models.events.base import Event

_CONFIG = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, hide_input_in_errors=True)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS = {"ge": "ge", "le": "le", "min_length": "min_length", "max_length": "max_length"}


def _instant(text: str) -> str:
    """RFC 3339 with a zone. The codec's own parser decides, so that there is one meaning of a time."""
    try:
        msgspec.convert(text, _AWARE)
    except msgspec.ValidationError:
        raise ValueError("must be an RFC 3339 time with a zone") from None
    return text


_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_INSTANT = Annotated[str, AfterValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]


def _translate(kind: Any) -> Any:
    """The pydantic twin of a type that an event's member may have."""
    if get_origin(kind) is Annotated:
        base, *metas = get_args(kind)
        bounds = {ours: getattr(meta, theirs) for meta in metas for theirs, ours in _BOUNDS.items()}
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        return Annotated[_translate(base), Field(**known)] if known else _translate(base)
    if get_origin(kind) is list:
        return list[_translate(get_args(kind)[0])]  # type: ignore[misc]  # a type made at run time
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return dict[_translate(key), _translate(value)]  # type: ignore[misc]  # a type made at run time
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, map(_translate, get_args(kind)))
    if kind is datetime:
        return _INSTANT
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return contract_of(kind)
    return kind


@cache
def contract_of(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """The pydantic model that accepts what the codec accepts for this struct."""
    fields: dict[str, Any] = {}
    for member in msgspec.structs.fields(struct):
        fields[member.encode_name] = (_translate(member.type), _default(member))
    if issubclass(struct, Event):
        fields["type"] = (Literal[struct.type_name()], ...)
    return create_model(struct.__name__, __config__=_CONFIG, __doc__=struct.__doc__, **fields)


def _default(member: msgspec.structs.FieldInfo) -> Any:
    if member.default is not msgspec.NODEFAULT:
        return Field(default_factory=lambda: None) if isinstance(member.default, msgspec.Struct) else member.default
    if member.default_factory is not msgspec.NODEFAULT:
        return Field(default_factory=member.default_factory)
    return ...


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one event type."""
    return {"$schema": _DIALECT, **contract_of(kind).model_json_schema()}
