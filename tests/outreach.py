"""Issues, decisions and ledgers as tests of outreach need them: a customer who said yes, and a trouble of theirs."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from ledger import deciding
from ledger.database import Ledger
from ledger.migrate import migrate
from ledger.remembering import Batch
from ledger.tables import outbox
from models.decisions import Decision, Limits, Standing
from models.events.address_changed import AddressChanged, AddressChangedData
from models.events.base import Event
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.issues import Change, Evidence, Issue
from notifiers.docket import Docket

NOW = datetime(2013, 2, 8, 15, 0, tzinfo=UTC)
LIMITS = Limits(cooldown=timedelta(0), cap_per_day=1000, cap_per_week=1000)
FACTS = {
    "order": "UA1545",
    "order_id": "UA1545",
    "departs": "15:00",
    "promised": "18:05",
    "late_by": "40 minutes",
    "attempts": "3",
    "failures": "3",
    "amount": "49.90 EUR",
    "stage": "retrying",
}


def issue(
    number: int = 1,
    *,
    customer: str = "",
    change: Change = "opened",
    detector: str = "payment_retry_loop",
    about: str = "",
    partition: int = 0,
    offset: int = 0,
    at: datetime = NOW,
) -> Issue:
    """An issue of its own for every number."""
    return Issue(
        issue_id=f"i-{number}",
        change=change,
        customer_id=customer or f"c-{number}",
        detector=detector,
        object=about or f"o-{number}",
        at=at,
        opened_at=at,
        horizon=None,
        score=0.9,
        probability=0.9,
        severity="high",
        evidence=Evidence(since=at, expected="paid", actual="refused", facts=FACTS),
        journal_partition=partition,
        journal_offset=offset,
    )


def consent(customer: str, allowed: bool, channel: str = "email") -> ProfileChanged:
    """A yes or a no."""
    example = ProfileChanged.example()
    data = ProfileChangedData(consent={channel: allowed}, zone="Europe/Paris", locale="en-GB")
    return msgspec.structs.replace(example, subject=customer, data=data)


def address(customer: str, mailbox: str = "", channel: str = "email") -> AddressChanged:
    """Where to reach them."""
    data = AddressChangedData(channel=channel, address=mailbox or f"{customer}@example.org", name="Ada")
    return msgspec.structs.replace(AddressChanged.example(), subject=customer, data=data)


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(f"sqlite:///{folder}/ledger.db")
        migrate(ledger)
        ledger.close()
        return (Path(folder) / "ledger.db").read_bytes()


def new_ledger(folder: Path) -> Ledger:
    """A migrated SQLite ledger in a folder."""
    (folder / "ledger.db").write_bytes(_migrated())
    return Ledger(f"sqlite:///{folder}/ledger.db")


def remember(ledger: Ledger, *events: Event) -> None:
    """Take events in, in one transaction."""
    batch = Batch()
    for event in events:
        batch.take(event)
    with ledger.write() as connection:
        batch.write(connection)


def tell_all(issue: Issue, standing: Standing, limits: Limits, now: datetime) -> Decision:
    """In the place of the rules: everything is told, by mail."""
    return Decision(
        issue=issue,
        standing=standing,
        limits=limits,
        decided_at=now,
        verdict="tell",
        rule="clear",
        reason="clear",
        channel=limits.channels[0],
        not_before=now,
        expires_at=now + limits.time_to_live,
    )


def decide(ledger: Ledger, *issues: Issue, limits: Limits = LIMITS, now: datetime = NOW) -> int:
    """Decide issues, in one transaction, with the real rules; how many now wait to be sent."""
    with ledger.write() as connection:
        docket = Docket(connection, issues, limits, {one.journal_partition: 10**9 for one in issues}, now)
        for one in issues:
            docket.take(one)
        return deciding.write(connection, docket.page, now)


def states(ledger: Ledger) -> dict[str, str]:
    """Issue -> state of its notification."""
    with ledger.read() as connection:
        return {row.issue_id: row.state for row in connection.execute(select(outbox.c.issue_id, outbox.c.state))}


def outbox_row(connection: Connection, issue_id: str) -> dict[str, object]:
    """The whole row of an issue's notification."""
    return dict(connection.execute(select(outbox).where(outbox.c.issue_id == issue_id)).mappings().one())
