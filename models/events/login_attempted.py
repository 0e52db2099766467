"""A customer, or somebody in their name, tried to sign in."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key, Text


class LoginAttemptedData(Payload, frozen=True):
    """`reason` is the sign-in's own word for a failure; it is not shown to the customer."""

    succeeded: bool
    method: Key = "password"
    reason: Text = ""


class LoginAttempted(Event, frozen=True, tag="login.attempted.v1"):
    """One attempt at the account of `subject`, whatever its end."""

    topic: ClassVar[str] = "telemetry.v1"
    data: LoginAttemptedData

    @classmethod
    def example(cls) -> Self:
        """A wrong password."""
        data = LoginAttemptedData(succeeded=False, reason="wrong_password")
        return cls(id="lg-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
