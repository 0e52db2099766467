"""A record of somebody else's topic as the document that paths look into.

CloudEvents 1.0.2 with its Kafka protocol binding (structured and binary mode); Debezium's change event envelope.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from models.dead_letters import Reason
from models.intake import Rejected, any_json
from models.mapping.paths import Document


class Source(msgspec.Struct, frozen=True):
    """One record as it came. `timestamp` is in milliseconds of Unix time."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 0


NOTHING: Document = {}
"""A record that says nothing on purpose: Debezium's tombstone after a deletion."""

_BINARY = "ce_"
_REQUIRED = ("id", "source", "type")


def document_of(source: Source, form: str) -> Document | Rejected:
    """The document of a record; `NOTHING` for a tombstone. `form` is the mapping's `format`."""
    headers = _headers(source)
    if source.value is None:
        if form == "debezium":
            return NOTHING
        if form != "cloudevents" or not _is_binary(headers):
            return Rejected(Reason.NOT_JSON, "the record has no value")
    if form == "cloudevents":
        return _cloud_event(source, headers)
    value = any_json(source.value or b"")
    if isinstance(value, Rejected):
        return value
    if form == "debezium":
        value = _envelope(value)
        if isinstance(value, Rejected):
            return value
    return _document(source, headers, value, None)


def _document(source: Source, headers: dict[str, str], value: Any, ce: dict[str, Any] | None) -> Document:
    return {
        "value": value,
        "key": None if source.key is None else source.key.decode(errors="replace"),
        "headers": headers,
        "ce": ce,
        "topic": source.topic,
        "partition": source.partition,
        "offset": source.offset,
        "timestamp": source.timestamp,
    }


def _headers(source: Source) -> dict[str, str]:
    """Names in lower case, as in HTTP. One that is no text is left out; of two with one name the last counts."""
    found = {}
    for name, raw in source.headers:
        try:
            found[name.lower()] = (raw or b"").decode()
        except UnicodeDecodeError:
            continue
    return found


def _envelope(value: Any) -> Any:
    """With or without the schema that the JSON converter wraps around it."""
    if isinstance(value, dict) and "payload" in value and "schema" in value:
        value = value["payload"]
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        return Rejected(Reason.UNMAPPED, "value.op: no change event of Debezium")
    return value


def _is_binary(headers: dict[str, str]) -> bool:
    return f"{_BINARY}specversion" in headers or f"{_BINARY}id" in headers


def _cloud_event(source: Source, headers: dict[str, str]) -> Document | Rejected:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind.startswith("application/cloudevents-batch"):
        return Rejected(Reason.UNMAPPED, "headers.content-type: batches have no place in the Kafka binding")
    if _is_binary(headers) and not kind.startswith("application/cloudevents"):
        ce: dict[str, Any] = {
            name.removeprefix(_BINARY): text for name, text in headers.items() if name.startswith(_BINARY)
        }
        data = _data(source.value, kind)
    else:
        whole = any_json(source.value or b"")
        if isinstance(whole, Rejected):
            return whole
        if not isinstance(whole, dict):
            return Rejected(Reason.UNMAPPED, "value: no CloudEvent")
        ce = {name: one for name, one in whole.items() if name not in ("data", "data_base64")}
        data = whole.get("data") if "data_base64" not in whole else _unpacked(whole["data_base64"])
    wrong = data if isinstance(data, Rejected) else _wrong(ce)
    return wrong or _document(source, headers, data, ce)


def _wrong(ce: dict[str, Any]) -> Rejected | None:
    missing = [name for name in _REQUIRED if not isinstance(ce.get(name), str) or not ce[name]]
    if "specversion" not in ce or missing:
        return Rejected(Reason.UNMAPPED, f"ce.{missing[0] if missing else 'specversion'}: a CloudEvent must have it")
    if ce["specversion"] != "1.0":
        return Rejected(Reason.UNSUPPORTED_VERSION, "ce.specversion is not 1.0")
    return None


def _data(raw: bytes | None, kind: str) -> Any:
    if raw is None or raw == b"":
        return None
    if kind and kind != "application/json" and not kind.endswith(("+json", "/json")):
        return Rejected(Reason.UNMAPPED, "headers.content-type: the data is not JSON")
    return any_json(raw)


def _unpacked(packed: Any) -> Any:
    try:
        return any_json(base64.b64decode(packed, validate=True))
    except (binascii.Error, TypeError, ValueError):
        return Rejected(Reason.UNMAPPED, "value.data_base64: not base64")
