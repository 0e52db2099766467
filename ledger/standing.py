"""What is known of customers right now, for a decision or for a last look before the send. No contact data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, func, or_, select

from ledger.columns import Utc
from ledger.tables import addresses, care_contacts, consents, outbox, profiles
from models.decisions import Standing, Told
from models.notifications import OutboxState

COUNTED = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.ON_WIRE, OutboxState.SENT, OutboxState.UNKNOWN)
"""States of a notification that was sent, may have been sent, or is on its way."""

_CHUNK = 500
"""Customers per query: below every database's limit of variables."""

Spoken = Row[str, str, str, str, str, datetime, str, datetime, str, datetime | None, str, str, str]


class Known(msgspec.Struct):
    """One customer's standing, and all that was or may be said to them, with what a caller needs to choose from it."""

    standing: Standing
    spoken: list[Spoken] = []

    def told(self, before: tuple[datetime, str] | None = None) -> list[Told]:
        """Newest first. With `before` = (queued_at, outreach_id) what is still in line behind it is left out.

        Else two that wait could each give way to the other.
        """
        return [
            Told(
                issue_id=row.issue_id,
                detector=row.detector,
                object=row.object,
                channel=row.channel,
                at=row.told_at,
                severity=row.severity,
                stage=row.stage,
                cause=row.cause,
            )
            for row in self.spoken
            if before is None or row.state != OutboxState.PENDING or (row.queued_at, row.outreach_id) < before
        ]

    def in_line(self) -> set[str]:
        """The issues whose notification waits and surely has not been accepted: their end takes it back."""
        return {
            row.issue_id for row in self.spoken if row.state == OutboxState.PENDING and row.real_first_wire_at is None
        }


def standings(
    connection: Connection,
    customer_ids: Iterable[str],
    since: datetime,
    objects: Iterable[str] = (),
    causes: Iterable[str] = (),
) -> dict[str, Known]:
    """For each customer, also one never heard of, what is known.

    What was said reaches back to `since`, and without end for what was said of `objects` or with `causes`.
    `resolved` and `journal_next` are about an issue, not a customer: the caller sets them.
    """
    ids = sorted(set(customer_ids))
    how_far = {"since": since, "objects": sorted(set(objects)), "causes": sorted(set(causes) - {""})}
    known: dict[str, Known] = {}
    for start in range(0, len(ids), _CHUNK):
        known |= _some(connection, ids[start : start + _CHUNK], how_far)
    return known


def _some(connection: Connection, ids: Sequence[str], how_far: Mapping[str, object]) -> dict[str, Known]:
    consent: dict[str, dict[str, bool]] = {one: {} for one in ids}
    whom = {"ids": ids}
    for row in connection.execute(_CONSENTS, whom):
        consent[row.customer_id][row.channel] = row.allowed
    reachable: dict[str, list[str]] = {one: [] for one in ids}
    for row in connection.execute(_REACHED, whom):
        reachable[row.customer_id].append(row.channel)
    profile = {row.customer_id: row for row in connection.execute(_PROFILES, whom)}
    contacts = {row.customer_id: (row.open, row.last_at) for row in connection.execute(_OPEN_CONTACTS, whom)}
    known = {}
    for one in ids:
        open_contacts, last_contact_at = contacts.get(one, (0, None))
        zone, locale = (profile[one].zone, profile[one].locale) if one in profile else ("", "")
        known[one] = Known(
            Standing(
                consent=consent[one],
                zone=zone,
                locale=locale,
                reachable=reachable[one],
                open_contacts=open_contacts,
                last_contact_at=last_contact_at,
            )
        )
    for spoken in connection.execute(_SPOKEN, {**whom, **how_far}):
        known[spoken.customer_id].spoken.append(spoken)
    return known


def is_open() -> ColumnElement[bool]:
    """A care contact that was not closed, or opened again after that."""
    return or_(care_contacts.c.closed_at.is_(None), care_contacts.c.closed_at < care_contacts.c.opened_at)


def _of(table: Table) -> ColumnElement[bool]:
    return table.c.customer_id.in_(bindparam("ids", expanding=True))


# Made once: a statement takes longer to make than to run.
_CONSENTS = select(consents).where(_of(consents)).order_by(consents.c.channel)
_REACHED = select(addresses.c.customer_id, addresses.c.channel).where(_of(addresses)).order_by(addresses.c.channel)
_PROFILES = select(profiles).where(_of(profiles))
_OPEN_CONTACTS = (
    select(
        care_contacts.c.customer_id,
        func.count().label("open"),
        func.max(care_contacts.c.opened_at, type_=Utc).label("last_at"),
    )
    .where(_of(care_contacts) & is_open())
    .group_by(care_contacts.c.customer_id)
)
_o = outbox.c
_SPOKEN = (
    select(
        _o.customer_id,
        _o.issue_id,
        _o.detector,
        _o.object,
        _o.channel,
        _o.told_at,
        _o.state,
        _o.queued_at,
        _o.outreach_id,
        _o.real_first_wire_at,
        _o.severity,
        _o.stage,
        _o.cause,
    )
    .where(_of(outbox) & _o.state.in_(COUNTED))
    .where(
        (_o.told_at >= bindparam("since"))
        | _o.object.in_(bindparam("objects", expanding=True))
        | _o.cause.in_(bindparam("causes", expanding=True))
    )
    .order_by(_o.told_at.desc(), _o.outreach_id)
)
