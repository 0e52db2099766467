"""What customers allow is what a plain reading of all they ever said would give, on both databases."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
import pytest
from alembic import command
from sqlalchemy import insert, text

from ledger.database import Ledger
from ledger.migrate import configured, migrate
from ledger.standing import standings
from ledger.tables import consents
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from notifiers.case import Hold
from notifiers.policy.consent import rule
from tests.notifier_cases import case
from tests.outreach import NOW, remember

CHANNELS = ["email", "sms", "push"]
CUSTOMERS = [f"c-{number}" for number in range(60)]
Statement = Mapping[str, bool]
FINDINGS = {None: Hold(reason="consent_unknown"), False: Hold(reason="opted_out"), True: None}


def said(customer: str, answers: Statement) -> ProfileChanged:
    data = ProfileChangedData(consent=dict(answers))
    return msgspec.structs.replace(ProfileChanged.example(), subject=customer, data=data)


def plainly(statements: Sequence[Statement], channel: str) -> bool | None:
    """The newest statement that speaks of the channel, or of all; within one statement a no wins."""
    for answers in reversed(statements):
        spoken = [answers[name] for name in (channel, "*") if name in answers]
        if spoken:
            return all(spoken)
    return None


def findings(ledger: Ledger, customers: Sequence[str]) -> dict[tuple[str, str], object]:
    with ledger.read() as connection:
        known = standings(connection, customers, NOW - timedelta(days=7))
    return {
        (customer, channel): rule(case(standing=known[customer].standing, channel=channel))
        for customer in customers
        for channel in CHANNELS
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_newest_word_about_a_channel_or_about_all_counts_whatever_the_batches(ledger: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    heard: dict[str, list[Statement]] = {customer: [] for customer in CUSTOMERS}
    met: set[bool | None] = set()
    for _ in range(25):
        events = []
        for _ in range(chance.randint(1, 20)):
            customer, names = chance.choice(CUSTOMERS), chance.sample([*CHANNELS, "*"], chance.choice([1, 1, 1, 2, 4]))
            heard[customer].append({name: chance.random() < 0.5 for name in names})
            events.append(said(customer, heard[customer][-1]))
        remember(ledger, *events)
        wanted = {(one, channel): plainly(heard[one], channel) for one in CUSTOMERS for channel in CHANNELS}
        found = findings(ledger, CUSTOMERS)
        assert [(key, heard[key[0]]) for key in wanted if found[key] != FINDINGS[wanted[key]]] == []
        met |= set(wanted.values())
    assert met == {None, False, True}


@pytest.mark.parametrize(
    ("statements", "open_for"),
    [
        ([{"*": False}, {"*": True}], CHANNELS),
        ([{"email": True}, {"*": False}, {"sms": True}], ["sms"]),
        ([{"email": True, "sms": True}, {"*": False}], []),
        ([{"email": False}, {"*": True}], CHANNELS),
        ([{"*": True}, {"email": False}], ["sms", "push"]),
        ([{"*": False, "email": True}], []),
        ([{"*": True, "email": False}], ["sms", "push"]),
        ([{"sms": True}], ["sms"]),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_word_to_all_and_a_word_to_one(
    ledger: Ledger, statements: list[Statement], open_for: list[str], together: bool
) -> None:
    events = [said("c", one) for one in statements]
    for some in [events] if together else [[one] for one in events]:
        remember(ledger, *some)
    assert [channel for (_, channel), found in findings(ledger, ["c"]).items() if found is None] == open_for


def test_a_ledger_from_before_opens_nobody_who_had_said_no_to_all(empty_url: str) -> None:
    ledger = Ledger(empty_url)
    with ledger.write() as connection:
        command.upgrade(configured(connection), "0002")
        rows = [("c", "*", False), ("c", "email", True), ("d", "*", True), ("d", "email", False), ("e", "sms", True)]
        named = [{"customer_id": who, "channel": channel, "allowed": yes} for who, channel, yes in rows]
        connection.execute(insert(consents), named)
    migrate(ledger)
    assert [key for key, found in findings(ledger, ["c", "d", "e"]).items() if found is None] == [
        ("d", "sms"),
        ("d", "push"),
        ("e", "sms"),
    ]
    with ledger.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM consents")) == 4
    ledger.close()
