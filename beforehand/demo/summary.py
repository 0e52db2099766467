"""What the demo's mails were worth, counted at the mail server and against the truth."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

import msgspec

from desk.sources.source import Truth


class Accepted(msgspec.Struct, frozen=True):
    """A mail that the mail server took, at a business instant."""

    outreach_id: str
    at: datetime


class Row(msgspec.Struct, frozen=True):
    """A row of the outbox."""

    outreach_id: str
    object: str
    state: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`told_before`: share of troubled objects whose mail came before the customer could know.

    `false_alarms`: share of told objects without trouble. `lead_time_median_s`: seconds from the mail to the moment
    the customer could know, over troubled objects told before it. Shares are 0 where there is nothing to share.
    """

    source: str
    events: int
    flagged: int
    sent: int
    accepted: int
    duplicates: int
    told_before: float
    lead_time_median_s: float
    false_alarms: float
    troubled: int
    told: int
    unmatched: int
    """Accepted mails without a row, and SENT rows without a mail: 0, or something is very wrong."""
    holds: Mapping[str, int]
    live_s: float
    total_s: float


def matched(accepted: Sequence[Accepted], rows: Sequence[Row]) -> int:
    """How many mails have no row in the outbox, plus how many SENT rows have no mail."""
    mails = {one.outreach_id for one in accepted}
    known = {row.outreach_id for row in rows}
    sent = {row.outreach_id for row in rows if row.state == "SENT"}
    return len(mails - known) + len(sent - mails)


def duplicates(accepted: Sequence[Accepted]) -> int:
    """How many mails were taken more than once, each further one counted."""
    return len(accepted) - len({one.outreach_id for one in accepted})


def first_mail(accepted: Iterable[Accepted], rows: Iterable[Row]) -> dict[str, datetime]:
    """Object -> when its first mail was taken."""
    objects = {row.outreach_id: row.object for row in rows}
    told: dict[str, datetime] = {}
    for one in accepted:
        about = objects.get(one.outreach_id)
        if about is not None:
            told[about] = min(one.at, told.get(about, one.at))
    return told


class Worth(msgspec.Struct, frozen=True):
    """See `Summary`."""

    troubled: int
    told: int
    told_before: float
    lead_time_median_s: float
    false_alarms: float


def worth(truths: Iterable[Truth], told: Mapping[str, datetime], since: datetime, until: datetime) -> Worth:
    """Told against true. Only objects whose trouble would be felt in [since, until) count for `told_before`."""
    by_object: dict[str, list[Truth]] = {}
    for truth in truths:
        by_object.setdefault(truth.object, []).append(truth)
    troubled = [t for ts in by_object.values() for t in ts if t.trouble and since <= t.felt_at < until]
    leads = [(t.felt_at - told[t.object]).total_seconds() for t in troubled if t.object in told]
    early = [lead for lead in leads if lead > 0]
    false = [about for about in told if not any(t.trouble for t in by_object.get(about, ()))]
    return Worth(
        troubled=len(troubled),
        told=len(told),
        told_before=len(early) / len(troubled) if troubled else 0.0,
        lead_time_median_s=median(early) if early else 0.0,
        false_alarms=len(false) / len(told) if told else 0.0,
    )
