"""Tell or hold: what was decided about an issue, with everything it was decided from."""

from datetime import timedelta
from typing import Literal

import msgspec

from models.fields import Instant
from models.issues import Issue, Severity

Verdict = Literal["tell", "hold"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier notification of ours to the same customer, sent or on its way."""

    issue_id: str
    detector: str
    object: str
    channel: str
    at: Instant
    severity: Severity | Literal[""] = ""
    """Of the issue as it was told; empty when it is not on record."""
    stage: str = ""
    cause: str = ""
    """The cause it was told with; empty when there was none."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knew of a customer at the moment of the decision. No contact data."""

    consent: dict[str, bool] = {}
    """By channel; `*` speaks for those that are not there. What is not known is a no."""
    zone: str = ""
    locale: str = ""
    reachable: list[str] = []
    """Channels that an address is known for."""
    open_contacts: int = 0
    """Care contacts of theirs that support has not closed yet."""
    last_contact_at: Instant | None = None
    """When the newest of those was opened; None: there is none, or it is not on record."""
    resolved: bool = False
    """The episode's end is already on record."""
    told: list[Told] = []
    """Newest first, as far back as the longest limit looks; what was said of the issue's own object without end."""
    journal_next: int = 0
    """The ledger has everything of the issue's journal partition below this offset."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How often and when we may speak; the operator's choice, kept in every decision."""

    channels: tuple[str, ...] = ("email",)
    """In order of preference."""
    detector_channels: dict[str, tuple[str, ...]] = {}
    """In place of `channels`, for the detectors named here."""
    outreach_from: Instant | None = None
    """Issues opened before this instant are only recorded (shadow)."""
    cooldown: timedelta = timedelta(hours=12)
    """Between two notifications of one detector to one customer."""
    open_contact_holds: timedelta = timedelta(days=7)
    """How long after it was opened a care contact that was never closed keeps us silent."""
    cap_per_day: int = 2
    cap_per_week: int = 4
    time_to_live: timedelta = timedelta(hours=6)
    """How long after it was found an issue may still be told."""
    detector_time_to_live: dict[str, timedelta] = {}
    """In place of `time_to_live`, for the detectors named here."""
    quiet_from_hour: int = 21
    quiet_until_hour: int = 8
    quiet_channels: tuple[str, ...] = ("sms", "push", "voice")
    """Channels that keep quiet hours in the customer's own zone; e-mail does not ring, a session is awake."""

    def channels_for(self, detector: str) -> tuple[str, ...]:
        """Which channels tell of this detector's issues, in order of preference."""
        return self.detector_channels.get(detector, self.channels)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Recomputes bit for bit from `issue`, `standing`, `limits` and `decided_at`."""

    issue: Issue
    standing: Standing
    limits: Limits
    decided_at: Instant
    verdict: Verdict
    rule: str
    """The rule that held, or `clear` when none did."""
    reason: str
    channel: str = ""
    not_before: Instant | None = None
    expires_at: Instant | None = None
