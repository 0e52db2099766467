"""Names of what many customers share, as `kind:name`."""

from hashlib import blake2b

LONGEST = 40
"""Bytes of a kind or a name that are kept; `kind:name` stays a `models.fields.Key`."""

_KEPT = 22


def short(name: str) -> str:
    """The name; one that is too long is cut and ends in a digest of the whole, so that it stays one of a kind."""
    if len(name) <= LONGEST and name.isascii():
        return name
    raw = name.encode()
    if len(raw) <= LONGEST:
        return name
    return f"{raw[:_KEPT].decode(errors='ignore')}~{blake2b(raw, digest_size=8).hexdigest()}"


CASES = "cases:"


def cases_of(family: str) -> str:
    """The `subject` under which the cases of a family lie together."""
    return f"{CASES}{family}"


def entity_id(kind: str, name: str) -> str:
    """The entity's id, the `subject` of its events."""
    return f"{kind}:{name}"
