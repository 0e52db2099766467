"""The contract as documents that other people's tools read: AsyncAPI 3.0 and JSON Schema (2020-12)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic.json_schema import models_json_schema

from models.contract import contract_of, schema_of
from models.events.base import Event
from models.events.catalogue import encode, event_types
from models.events.feed_progressed import FeedProgressed

_SCHEMAS = "#/components/schemas/{model}"


def outside_types() -> dict[str, type[Event]]:
    """The event types that producers send; the others only this service writes."""
    return {name: kind for name, kind in event_types().items() if not kind.internal}


def asyncapi(topics: Mapping[str, str]) -> dict[str, Any]:
    """The AsyncAPI 3.0.0 document (asyncapi.com/docs/reference/specification/v3.0.0) of what this service reads.

    `topics`: name -> what it is for, of every topic that producers may write to.
    """
    kinds = outside_types()
    sent = {topic: [kind for kind in kinds.values() if _belongs(kind, topic)] for topic in topics}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "beforehand",
            "version": "1",
            "description": "What a producer sends so that trouble is found before the customer finds it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic: _channel(topic, topics[topic], sent[topic]) for topic in topics},
        "operations": {f"read_{topic}": _operation(topic, sent[topic]) for topic in topics},
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in kinds.values()},
            "schemas": _schemas(list(kinds.values())),
        },
    }


def schemas() -> dict[str, dict[str, Any]]:
    """Event type -> its JSON Schema, each complete in itself, with the example."""
    found = {}
    for name, kind in outside_types().items():
        found[name] = {**schema_of(kind), "examples": [_example(kind)]}
    return found


def _belongs(kind: type[Event], topic: str) -> bool:
    return kind.topic == topic or (kind is FeedProgressed and topic != "addresses.v1")


def _channel(topic: str, purpose: str, kinds: list[type[Event]]) -> dict[str, Any]:
    messages = {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds}
    return {"address": topic, "description": purpose, "messages": messages, "bindings": {"kafka": {"topic": topic}}}


def _operation(topic: str, kinds: list[type[Event]]) -> dict[str, Any]:
    channel = f"#/channels/{topic}"
    return {
        "action": "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind.__name__}"} for kind in kinds],
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.type_name(),
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").splitlines()[0],
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "examples": [{"name": "example", "payload": _example(kind)}],
    }


def _example(kind: type[Event]) -> Any:
    return msgspec.json.decode(encode(kind.example()))


def _schemas(kinds: list[type[Event]]) -> dict[str, Any]:
    _, found = models_json_schema(
        [(contract_of(kind), "validation") for kind in kinds], ref_template=_SCHEMAS, title="schemas"
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas
