"""What the demo's mails were worth, counted at the mail server and against the truth."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

import msgspec

from desk.matching import Said, match
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
    detector: str = ""
    customer_id: str = ""


class Caught(msgspec.Struct, frozen=True):
    """Of one kind of trouble, felt in the live days or told in them: how many were told, and before they could know."""

    troubled: int
    told: int
    told_before: int


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
    kinds: Mapping[str, Caught]
    pages: int = 0
    """Customers stuck in the checkout at the end, with the shop's page open."""
    told_in_page: int = 0
    longest_to_page_s: float = 0.0
    """From the third refusal to the page, of those who were told."""
    live_s: float
    slow_s: float = 0.0
    """Of `live_s`, how long the clock went slowly for a machine that did not follow."""
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


def first_mail(accepted: Iterable[Accepted], rows: Iterable[Row]) -> list[Said]:
    """The first mail that was taken about each thing."""
    by_id = {row.outreach_id: row for row in rows}
    told: dict[tuple[str, str, str], Said] = {}
    for one in sorted(accepted, key=lambda one: one.at):
        row = by_id.get(one.outreach_id)
        if row is not None:
            said = Said(row.detector, row.customer_id, row.object, one.at)
            told.setdefault((said.detector, said.customer_id, said.object), said)
    return list(told.values())


class Worth(msgspec.Struct, frozen=True):
    """See `Summary`."""

    troubled: int
    told: int
    told_before: float
    lead_time_median_s: float
    false_alarms: float
    kinds: Mapping[str, Caught]


def worth(truths: Iterable[Truth], told: Sequence[Said], since: datetime, until: datetime) -> Worth:
    """Told against true. Only trouble that would be felt in [since, until) counts for `told_before`."""
    matched_ = match(truths, told)
    troubled = [(t, said) for t, said in matched_.found if t.trouble and since <= t.felt_at < until]
    caught = [(t, said) for t, said in matched_.found if t.trouble and (said is not None or since <= t.felt_at < until)]
    early = [lead for t, said in troubled if said is not None and (lead := (t.felt_at - said.at).total_seconds()) > 0]
    return Worth(
        troubled=len(troubled),
        told=len(told),
        told_before=len(early) / len(troubled) if troubled else 0.0,
        lead_time_median_s=median(early) if early else 0.0,
        false_alarms=len(matched_.false) / len(told) if told else 0.0,
        kinds={name: _caught(name, caught) for name in sorted({t.detector for t, _ in caught})},
    )


def _caught(kind: str, troubled: Sequence[tuple[Truth, Said | None]]) -> Caught:
    of = [(t, said) for t, said in troubled if t.detector == kind]
    told = [(t, said) for t, said in of if said is not None]
    return Caught(len(of), len(told), sum(said.at < t.felt_at for t, said in told))
