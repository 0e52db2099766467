"""Who listens: a short-lived token that the shop signs for its own customer (JWT, RFC 7519, HS256 of RFC 7518)."""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

import msgspec

AUDIENCE = "beforehand"
LONGEST = timedelta(hours=1)
"""How far ahead a token may end. What is signed for longer is not taken at all."""
_SHORTEST_KEY = 32
"""Bytes: RFC 7518 section 3.2 asks for a key no shorter than the hash."""
_LONGEST_TOKEN, _LONGEST_ID = 2048, 128


class TokenRefusedError(Exception):
    """The token is none of ours, or no longer. Its words are a closed list: forged, not_for_us, expired, too_long."""


class _Head(msgspec.Struct):
    alg: str
    crit: msgspec.Raw | None = None


class _Claims(msgspec.Struct):
    sub: str
    aud: str
    exp: int | float


class Listener(msgspec.Struct, frozen=True):
    """A customer, until when."""

    customer_id: str
    until: datetime


def read_keys(raw: bytes) -> list[bytes]:
    """A key per line, the one to sign with first. Raises ValueError, without any key, when they are too short or none.

    While a key is being exchanged the file holds the new and the old one.
    """
    keys = [line.strip() for line in raw.splitlines() if line.strip()]
    if not keys:
        raise ValueError("there is no key: write one per line")
    if min(map(len, keys)) < _SHORTEST_KEY:
        raise ValueError(f"a key is shorter than {_SHORTEST_KEY} characters")
    return keys


def listener_of(token: str, keys: Sequence[bytes], now: datetime) -> Listener:
    """Whom a token speaks for at `now` (aware). Raises `TokenRefusedError`.

    The signature is checked before anything that it covers is believed, in constant time and by every key.
    """
    signed, _, signature = token.rpartition(".")
    head, _, claims = signed.partition(".")
    if len(token) > _LONGEST_TOKEN or not token.isascii() or "." in claims:
        raise TokenRefusedError("forged")
    given = _decoded(signature)
    fits = [compare_digest(hmac(key, signed.encode(), sha256).digest(), given) for key in keys]
    if not any(fits):
        raise TokenRefusedError("forged")
    try:
        # the algorithm is ours, not the token's: a head that names another one is refused, never followed
        told = msgspec.json.decode(_decoded(head), type=_Head)
        said = msgspec.json.decode(_decoded(claims), type=_Claims)
        until = datetime.fromtimestamp(said.exp, UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError):
        raise TokenRefusedError("not_for_us") from None
    plain = 0 < len(said.sub) <= _LONGEST_ID and said.sub.isprintable()
    if told.alg != "HS256" or told.crit is not None or said.aud != AUDIENCE or not plain:
        raise TokenRefusedError("not_for_us")
    if until <= now:
        raise TokenRefusedError("expired")
    if until > now + LONGEST:
        raise TokenRefusedError("too_long")
    return Listener(said.sub, until)


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise TokenRefusedError("forged") from None
