"""What operations see of the ledger: canaries kept apart, mails accepted twice, and the figures of the outbox."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ledger import canaries, counts
from ledger.database import Ledger
from ledger.reachable import is_current, revision
from ledger.switches import BREAKER, halt
from ledger.tables import decisions, episodes, receipts
from models.canary import canary_of
from models.notifications import OutboxState
from streams import serving
from streams.ledger_watch import LedgerMeasures
from streams.metrics.registry import Metrics
from tests.outreach import NOW, consent, decide, issue, remember
from tests.sending import Clock, House, Provider, queue


def test_canaries_are_decided_remembered_for_a_while_and_in_no_figure(ledger: Ledger) -> None:
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        decide(ledger, issue(number, customer=canary_of(number), at=at), now=at)
    decide(ledger, issue(9))
    with ledger.write() as connection:
        assert counts.decided(connection) == 1
        assert "canary" not in counts.by_rule(connection)
        assert canaries.last_decided(connection) == NOW + timedelta(minutes=2)
        assert canaries.forget(connection, NOW + timedelta(minutes=2)) == 2
        left = set(connection.scalars(select(decisions.c.issue_id)))
        assert left == {"i-2", "i-9"} == set(connection.scalars(select(episodes.c.issue_id)))


async def test_a_mail_taken_from_two_senders_is_seen_as_a_duplicate(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    queue(ledger)
    clock.go(1)
    assert await house.round() == 1
    metrics = Metrics()
    LedgerMeasures(ledger, metrics).take(clock.at)
    assert metrics.registry.get_sample_value("beforehand_outreach_duplicates") == 0
    with ledger.write() as connection:  # a second acceptance, under the token of another claim
        first = connection.execute(select(receipts)).one()
        connection.execute(receipts.insert(), {**first._mapping, "token": first.token + 1})
    LedgerMeasures(ledger, metrics).take(clock.at)
    assert metrics.registry.get_sample_value("beforehand_outreach_duplicates") == 1


def test_the_outbox_the_switches_and_what_waits_are_measured(ledger: Ledger) -> None:
    queue(ledger)
    metrics = Metrics()
    with ledger.write() as connection:
        halt(connection, BREAKER, "too many", NOW)
    LedgerMeasures(ledger, metrics).take(NOW + timedelta(minutes=5))
    told = metrics.registry.get_sample_value
    assert told("beforehand_outbox_rows", {"state": "PENDING"}) == 1
    assert told("beforehand_outbox_rows", {"state": "UNKNOWN"}) == told("beforehand_outreach_unknown_rows") == 0
    assert NOW.timestamp() <= (told("beforehand_outbox_oldest_pending_timestamp_seconds") or 0) < NOW.timestamp() + 300
    assert told("beforehand_breaker_open", {"name": "outreach"}) == 1
    assert told("beforehand_kill_switch_on", {"by": "ledger"}) == 0


def test_a_ledger_says_whether_its_tables_are_of_this_version(ledger: Ledger) -> None:
    assert is_current(ledger)
    assert revision(ledger)


async def test_what_becomes_of_each_notification_is_told_once_it_is_on_record(
    ledger: Ledger, provider: Provider, house: House, clock: Clock
) -> None:
    words: list[tuple[str, str, float | None]] = []
    house = House(ledger, provider, clock, places=1, word=lambda *word: words.append(word))
    queue(ledger, 4)
    remember(ledger, consent("c-4", False))
    provider.plan = ["temporary", "permanent", "accept"]
    clock.go(10)
    for _ in range(4):
        await house.round()
    assert sorted(word[:2] for word in words) == [
        ("email", OutboxState.FAILED), ("email", OutboxState.PENDING), ("email", OutboxState.SENT),
        ("email", OutboxState.SUPPRESSED),
    ]  # fmt: skip
    assert {seconds for _, outcome, seconds in words if outcome == OutboxState.SENT} == {10.0}


def test_words_become_counts_by_channel_and_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    monkeypatch.setattr(serving, "METRICS", metrics)
    for outcome, seconds in (("SENT", 4.0), ("PENDING", None), ("blocked", None)):
        serving.word("email", outcome, seconds)
    told = metrics.registry.get_sample_value
    assert told("beforehand_outreach_total", {"channel": "email", "outcome": "sent"}) == 1
    assert told("beforehand_outreach_total", {"channel": "email", "outcome": "retried"}) == 1
    assert told("beforehand_duplicate_blocked_total", {"layer": "wire"}) == 1
    assert told("beforehand_detect_to_send_seconds_bucket", {"channel": "email", "le": "5.0"}) == 1
    assert told("beforehand_detect_to_send_seconds_bucket", {"channel": "email", "le": "2.5"}) == 0
