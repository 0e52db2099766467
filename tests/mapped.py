"""The mappings that are shipped, their samples, and samples broken in a way whose reason is known."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from beforehand.samples import samples_of
from models.dead_letters import Reason
from models.mapping.documents import Source
from models.mapping.engine import Mapping
from streams.mappings import mapping_in

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "mappings"
NAMES = ("shopify-orders", "warehouse-orders", "carrier-scans")
NOW = datetime(2013, 3, 1, tzinfo=UTC)
U, J = Reason.UNMAPPED, Reason.NOT_JSON


def shipped(name: str) -> Mapping:
    return mapping_in(FOLDER / f"{name}.yaml")


def samples(name: str) -> dict[str, Source]:
    return dict(samples_of(FOLDER / "samples" / name, shipped(name).topic))


WHOLE = {"shopify-orders": "1-create", "warehouse-orders": "1-insert", "carrier-scans": "1-pup"}
"""A sample of each that gives an event."""

_BODY: dict[str, Callable[[Any], Any]] = {
    "shopify-orders": lambda tree: tree, "warehouse-orders": lambda tree: tree["payload"]["after"],
    "carrier-scans": lambda tree: tree,
}  # fmt: skip
_NEEDED = {
    "shopify-orders": ("name", "created_at"),
    "warehouse-orders": ("id", "customer_id", "created_at", "promised_on"),
    "carrier-scans": ("parcel", "scanned"),
}
_TIMES = {"shopify-orders": "created_at", "warehouse-orders": "created_at", "carrier-scans": "scanned"}
_CLOSED: dict[str, list[tuple[str, object]]] = {
    "shopify-orders": [("currency", "EURO"), ("currency", "usd"), ("current_total_price", "12.345")],
    "warehouse-orders": [("total", "1.2.3"), ("total", "0.001"), ("currency", "€"), ("total", "NaN")],
    "carrier-scans": [("code", "???"), ("code", 7), ("code", None), ("code", ["PUP"])],
}
Broken = tuple[Reason, Source]


def broken(name: str, seed: int, count: int) -> Iterator[Broken]:
    """`count` records of the shape, each with the reason that it must be set aside for."""
    random, whole = Random(f"{name}{seed}"), samples(name)[WHOLE[name]]
    ways = [_missing, _mistyped, _bad_time, _outside_its_list, _future, _bytes]
    if name == "carrier-scans":
        ways.append(_envelope)
    for number in range(count):
        reason, source = ways[number % len(ways)](name, random, whole)
        yield reason, msgspec.structs.replace(source, offset=number)


def _changed(name: str, whole: Source, member: str, value: object, *, drop: bool = False) -> Source:
    tree = json.loads(whole.value or b"")
    body = _BODY[name](tree)
    if drop:
        del body[member]
    else:
        body[member] = value
    return msgspec.structs.replace(whole, value=json.dumps(tree).encode())


def _missing(name: str, random: Random, whole: Source) -> Broken:
    return U, _changed(name, whole, random.choice(_NEEDED[name]), None, drop=random.random() < 0.5)


def _mistyped(name: str, random: Random, whole: Source) -> Broken:
    wrong: list[object] = [[], {}, True, {"a": 1}, [1, 2], "x" * 300, "", 1.5e300]
    member, value = random.choice(_NEEDED[name]), random.choice(wrong)
    if value == "x" * 300 and member == "parcel":  # a long id is no error: its digest stands for it
        value = {}
    return U, _changed(name, whole, member, value)


def _bad_time(name: str, random: Random, whole: Source) -> Broken:
    wrong: list[object] = ["yesterday", "2013-02-30T00:00:00Z", "2013-02-07 09:10:11", 10**30, "99.99.2013 00:00:00",
                           -(10**18), "0001-01-01T00:00:00+14:00", "31.03.2013 02:30:00"]  # fmt: skip
    return U, _changed(name, whole, _TIMES[name], random.choice(wrong))


def _outside_its_list(name: str, random: Random, whole: Source) -> Broken:
    member, value = random.choice(_CLOSED[name])
    return (U, _changed(name, whole, member, value)) if value is not None else _missing(name, random, whole)


def _future(name: str, random: Random, whole: Source) -> Broken:
    year = random.randint(2014, 2150)
    value: object = {
        "shopify-orders": f"{year}-01-01T00:00:00+01:00",
        "warehouse-orders": round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000,
        "carrier-scans": f"01.01.{year} 00:00:00",
    }[name]
    return Reason.FUTURE_TIMESTAMP, _changed(name, whole, _TIMES[name], value)


def _bytes(_name: str, random: Random, whole: Source) -> Broken:
    raw = whole.value or b""
    object_at = raw.rstrip()
    reason, value = random.choice([
        (J, raw[: random.randrange(1, len(object_at) - 1)]), (J, b" "), (J, raw + b"\x00"),
        (J, raw.replace(b'"', b"'")),
        (J, object_at[:-1] + b', "x": NaN}'), (J, object_at[:-1] + b', "x": 1e999}'), (J, b"\xff\xfe" + raw),
        (Reason.DUPLICATE_KEY, object_at[:-1] + b', "x": 1, "x": 2}'),
        (Reason.TOO_LARGE, object_at[:-1] + b', "x": "' + b"x" * 300_000 + b'"}'),
        (Reason.TOO_DEEP, object_at[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
    ])  # fmt: skip
    return reason, msgspec.structs.replace(whole, value=value)


def _envelope(_name: str, random: Random, whole: Source) -> Broken:
    headers = dict(whole.headers)
    reason, change = random.choice([
        (Reason.UNSUPPORTED_VERSION, {"ce_specversion": b"0.3"}), (U, {"ce_source": b""}),
        (U, {"ce_id": b"\xff\xff"}), (U, {"content-type": b"application/avro"}),
        (U, {"content-type": b"application/cloudevents-batch+json"}), (U, {"ce_type": b"\xc3"}),
    ])  # fmt: skip
    return reason, msgspec.structs.replace(whole, headers=list({**headers, **change}.items()))
