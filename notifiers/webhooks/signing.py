"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over id, timestamp and body, one per secret."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import new as hmac

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by the specification ("Signature scheme")."""


def secret_bytes(secret: str) -> bytes:
    """The key in a secret's text. Raises ValueError, without the secret, when it is not `whsec_` and base64."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is `whsec_` and base64") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret holds {SHORTEST} to {LONGEST} bytes")
    return key


def signature(key: bytes, message_id: str, unix_s: int, body: bytes) -> str:
    """One signature of the symmetric scheme, with its version in front: `v1,<base64>`."""
    return "v1," + b64encode(hmac(key, f"{message_id}.{unix_s}.".encode() + body, sha256).digest()).decode()


def signed_headers(keys: Sequence[bytes], message_id: str, unix_s: int, body: bytes) -> dict[str, str]:
    """The three headers; a signature per key, so that a receiver may change its secret at its own time."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(unix_s),
        "webhook-signature": " ".join(signature(key, message_id, unix_s, body) for key in keys),
    }
