"""What is known of customers right now, for a decision or for a last look before the send. No contact data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from ledger.tables import addresses, care_contacts, consents, outbox, profiles
from models.decisions import Standing, Told
from models.notifications import OutboxState

COUNTED = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.ON_WIRE, OutboxState.SENT, OutboxState.UNKNOWN)
"""States of a notification that was sent, may have been sent, or is on its way."""

_CHUNK = 500
"""Customers per query: below every database's limit of variables."""

Spoken = Row[str, str, str, str, str, datetime, str, datetime, str]


class Known(msgspec.Struct):
    """One customer's standing, and all that was or may be said to them, with what a caller needs to choose from it."""

    standing: Standing
    spoken: list[Spoken] = []

    def told(self, before: tuple[datetime, str] | None = None) -> list[Told]:
        """Newest first. With `before` = (queued_at, outreach_id) what is still in line behind it is left out.

        Else two that wait could each give way to the other.
        """
        return [
            Told(issue_id=row.issue_id, detector=row.detector, object=row.object, channel=row.channel, at=row.told_at)
            for row in self.spoken
            if before is None or row.state != OutboxState.PENDING or (row.queued_at, row.outreach_id) < before
        ]


def standings(connection: Connection, customer_ids: Iterable[str], since: datetime) -> dict[str, Known]:
    """For each customer, also one never heard of, what is known. `told` reaches back to `since`.

    `resolved` and `journal_next` are about an issue, not a customer: the caller sets them.
    """
    ids = sorted(set(customer_ids))
    known: dict[str, Known] = {}
    for start in range(0, len(ids), _CHUNK):
        known |= _some(connection, ids[start : start + _CHUNK], since)
    return known


def _some(connection: Connection, ids: Sequence[str], since: datetime) -> dict[str, Known]:
    consent: dict[str, dict[str, bool]] = {one: {} for one in ids}
    for row in connection.execute(select(consents).where(consents.c.customer_id.in_(ids)).order_by(consents.c.channel)):
        consent[row.customer_id][row.channel] = row.allowed
    reachable: dict[str, list[str]] = {one: [] for one in ids}
    for row in connection.execute(_reached(ids)):
        reachable[row.customer_id].append(row.channel)
    profile = {
        row.customer_id: row for row in connection.execute(select(profiles).where(profiles.c.customer_id.in_(ids)))
    }
    contacts: Mapping[str, int] = {row.customer_id: row.open for row in connection.execute(_open_contacts(ids))}
    known = {}
    for one in ids:
        zone, locale = (profile[one].zone, profile[one].locale) if one in profile else ("", "")
        known[one] = Known(Standing(
            consent=consent[one], zone=zone, locale=locale, reachable=reachable[one],
            open_contacts=contacts.get(one, 0),
        ))
    for spoken in connection.execute(_spoken(ids, since)):
        known[spoken.customer_id].spoken.append(spoken)
    return known


def _reached(ids: Sequence[str]) -> Select[tuple[str, str]]:
    where = addresses.c.customer_id.in_(ids)
    return select(addresses.c.customer_id, addresses.c.channel).where(where).order_by(addresses.c.channel)


def is_open() -> ColumnElement[bool]:
    """A care contact that was not closed, or opened again after that."""
    return or_(care_contacts.c.closed_at.is_(None), care_contacts.c.closed_at < care_contacts.c.opened_at)


def _open_contacts(ids: Sequence[str]) -> Select[tuple[str, int]]:
    return (
        select(care_contacts.c.customer_id, func.count().label("open"))
        .where(care_contacts.c.customer_id.in_(ids) & is_open())
        .group_by(care_contacts.c.customer_id)
    )


def _spoken(ids: Sequence[str], since: datetime) -> Select[str, str, str, str, str, datetime, str, datetime, str]:
    c = outbox.c
    return (
        select(
            c.customer_id, c.issue_id, c.detector, c.object, c.channel, c.told_at, c.state, c.queued_at, c.outreach_id
        )
        .where(c.customer_id.in_(ids) & c.state.in_(COUNTED) & (c.told_at >= since))
        .order_by(c.told_at.desc(), c.outreach_id)
    )
