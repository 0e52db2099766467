"""Inputs that must be set aside, at least twenty for every reason that intake can give, made from a seed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from models.dead_letters import Reason
from models.events.catalogue import encode, event_types

NOW = datetime(2013, 2, 9, 12, 0, tzinfo=UTC)
OUTSIDE = [kind for kind in event_types().values() if not kind.internal]


def tree(random: Random) -> dict[str, Any]:
    kind = random.choice(OUTSIDE)
    parsed: dict[str, Any] = json.loads(encode(kind.example()))
    parsed["id"] = f"bad-{random.getrandbits(64):x}"
    return parsed


def dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def not_json(random: Random) -> bytes:
    raw = dumped(tree(random))
    return random.choice([
        raw[: random.randrange(len(raw))], raw + b"\x00", b"\xef\xbb\xbf" + raw, raw.replace(b'"', b"'"), raw + raw,
        random.randbytes(random.randint(0, 60)), raw.replace(b'"type"', b'"\xff": NaN, "type"'),
        raw[:-1] + b",}", raw.decode().encode("utf-16"),
    ])  # fmt: skip


def too_large(random: Random) -> bytes:
    return dumped({**tree(random), "padding": "x" * random.randint(256 * 1024, 300 * 1024)})


def too_deep(random: Random) -> bytes:
    depth = random.choice([40, 250, 1_000, 30_000])
    opener, closer = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    nest = opener * depth + b"1" + closer * depth
    return dumped(tree(random))[:-1] + b', "more": ' + nest + b"}"


def duplicate_key(random: Random) -> bytes:
    name = random.choice(["id", "subject", "time", "source"])
    one = tree(random)
    return dumped(one)[:-1] + b", " + dumped({name: one[name]})[1:]


def unknown_type(random: Random) -> bytes:
    return dumped(
        {**tree(random), "type": random.choice(["", "order", "order.lost.v1", "O" * 200, "order.placed", "é"])}
    )


def unsupported_version(random: Random) -> bytes:
    one = tree(random)
    if random.random() < 0.5:
        return dumped({**one, "specversion": random.choice(["0.3", "1.1", "2.0", ""])})
    return dumped({**one, "type": one["type"].rsplit(".v", 1)[0] + random.choice([".v2", ".v0", ".v99"])})


def invalid(random: Random) -> bytes:
    one = tree(random)
    name = random.choice(["id", "source", "subject", "time", "data"])
    wrong: list[object] = [None, 7, "", [], "x" * 200, {"order_id": 3}, "2013-02-08 15:00", "1360335600"]
    wrong.append("0001-01-01T00:00:00+14:00")
    if name == "data":
        wrong = [None, 7, "", [], "x"]
    return dumped({**one, name: random.choice([w for w in wrong if not _fits(name, w)])})


def _fits(name: str, value: object) -> bool:
    return name in ("id", "source", "subject") and isinstance(value, str) and 0 < len(value) <= 128


def not_allowed(random: Random) -> bytes:
    kind = random.choice([kind for kind in event_types().values() if kind.internal])
    return encode(kind.example())


def future(random: Random) -> bytes:
    ahead = random.choice([timedelta(minutes=6), timedelta(hours=1), timedelta(days=3650)])
    return dumped({**tree(random), "time": (NOW + ahead).isoformat()})


MAKERS = {
    Reason.NOT_JSON: not_json, Reason.TOO_LARGE: too_large, Reason.TOO_DEEP: too_deep,
    Reason.DUPLICATE_KEY: duplicate_key, Reason.UNKNOWN_TYPE: unknown_type,
    Reason.UNSUPPORTED_VERSION: unsupported_version, Reason.INVALID: invalid, Reason.NOT_ALLOWED: not_allowed,
    Reason.FUTURE_TIMESTAMP: future,
}  # fmt: skip


def bad_inputs(seed: int, count: int) -> Iterator[tuple[Reason, bytes]]:
    """`count` inputs, reasons in turn, each with the reason that must be given."""
    random, reasons = Random(seed), list(MAKERS)
    for number in range(count):
        reason = reasons[number % len(reasons)]
        yield reason, MAKERS[reason](random)
