"""What a mapping file may say, as types: the same that an editor gets as a JSON Schema."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from models.events.catalogue import event_types

Path = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1000,
        description="JMESPath over {value, key, headers, ce, topic, partition, offset, timestamp, item, index}",
    ),
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
Scalar = str | int | float | bool
_KINDS = ("path", "const", "members", "each")


def mappable() -> list[str]:
    """The event types that a mapping may make: not what only this service writes, and no contact data."""
    return [name for name, kind in event_types().items() if not kind.internal and kind.topic != "addresses.v1"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Value(_Strict):
    """Where one member comes from: exactly one of `path`, `const`, `members` and `each`."""

    path: Path | None = None
    const: JsonValue = None
    members: dict[str, "Path | Value"] | None = Field(None, description="an object, member by member")
    each: Path | None = Field(None, description="a list: one entry for everything found here, which is then `item`")
    of: "Path | Value | None" = Field(None, description="with `each`: what an entry is")
    default: JsonValue = Field(None, description="with `path`: when it finds nothing")
    table: dict[str, Scalar] | None = Field(None, description="with `path`: found text -> value")
    otherwise: Scalar | None = Field(None, description="with `table`: for what is not in it; without it a dead letter")
    time: str | None = Field(
        None,
        description="rfc3339 (default), iso_local, epoch_s, epoch_ms, epoch_us, epoch_ns, epoch_days, or a strptime "
        "format such as %d.%m.%Y %H:%M",
    )
    zone: str | None = Field(None, description="IANA zone of a time that names none, such as Europe/Berlin")
    plus: timedelta | None = Field(None, description="added to the time, ISO 8601, such as P3D")
    money: "Path | Value | None" = Field(
        None, description="an amount in major units becomes minor units of the currency (ISO 4217) found here"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in _KINDS if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(_KINDS)}")
        if (given[0] == "each") != (self.of is not None):
            raise ValueError("`each` and `of` belong together")
        return self


class Identity(_Strict):
    """Something that stands for a customer until they are known: an order, a parcel, a session."""

    kind: Name
    id: Path | Value


class Rule(_Strict):
    """One event of ours. `each` makes one for everything it finds; without `when` it is made of every record."""

    type: Annotated[str, Field(json_schema_extra=lambda schema: schema.update(enum=mappable()))]
    when: Path | None = Field(None, description="JMESPath; null, false and empty mean no")
    each: Path | None = None
    id: Path | Value | None = Field(None, description="default: the CloudEvents id, or topic/partition/offset")
    source: Path | Value | None = Field(None, description="default: the CloudEvents source, or the topic")
    subject: Path | Value | None = Field(None, description="the customer (for entity.measured.v1 the entity)")
    identity: Identity | None = Field(None, description="instead of `subject`, where the record names no customer")
    time: Path | Value
    data: dict[str, Path | Value] = {}

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if (self.subject is None) == (self.identity is None):
            raise ValueError("give exactly one of subject, identity")
        return self


class LinkRule(_Strict):
    """What a record tells of who somebody is: `identity` is `subject`, or is the same as `same_as`."""

    identity: Identity
    when: Path | None = None
    each: Path | None = None
    subject: Path | Value | None = None
    same_as: Identity | None = None

    @model_validator(mode="after")
    def _to_one(self) -> Self:
        if (self.subject is None) == (self.same_as is None):
            raise ValueError("give exactly one of subject, same_as")
        return self


class MappingFile(_Strict):
    """A topic that exists, as events of ours."""

    mapping: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64, description="its name")]
    version: int = Field(ge=1, description="raise it with every change: a running service knows which one it has read")
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=200)]
    partitions: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        None, description="that the topic has; default: BEFOREHAND_PARTITIONS"
    )
    format: Literal["json", "cloudevents", "debezium"] = "json"
    when: Path | None = Field(None, description="records without it are passed over")
    otherwise: Literal["skip", "dead_letter"] = Field("skip", description="for a record that no event was made of")
    events: dict[Name, Rule] = Field(min_length=1, max_length=20)
    links: dict[Name, LinkRule] = Field({}, max_length=20)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a mapping file, for editors."""
    found = MappingFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
