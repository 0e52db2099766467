"""What `identities.v1` carries, keyed by identity: who is who, and events that wait to know."""

from typing import Any

import msgspec

from models.events.tick import Tick


class Linked(msgspec.Struct, frozen=True, tag_field="type", tag="linked"):
    """`identity` (such as `order:A-17`) is `to`: a customer, or (not `known`) another identity."""

    identity: str
    to: str
    known: bool = True


class Original(msgspec.Struct, frozen=True):
    """The record that an event was made of, as it came: for the dead letter that it may end as."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]]


class Awaiting(msgspec.Struct, frozen=True, tag_field="type", tag="awaiting"):
    """An event whose subject is an identity. `asked`: the identities that it has been asked of, this one last."""

    event: msgspec.Raw
    original: Original
    asked: list[str]

    @property
    def identity(self) -> str:
        """Of whom it is asked now."""
        return self.asked[-1]


Message = Linked | Awaiting | Tick


def encode_message(message: Message) -> bytes:
    """As it lies in the topic."""
    return msgspec.json.encode(message)


def decode_message(raw: bytes) -> Message:
    """Raises `msgspec.DecodeError` for anything else."""
    message: Message = _DECODER.decode(raw)
    return message


_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Message)
