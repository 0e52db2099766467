"""A challenger is tried beside its detector, compared, reviewed and promoted; an agent's verdict finds its way."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

from sqlalchemy import select

from desk.sources.feed import Sent
from ledger.tables import decisions
from models.events.care_contact_opened import CareContactOpened, CareContactOpenedData
from models.events.catalogue import decode
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from models.issues import decode_issue
from models.partitions import partition_of
from tests.e2e.commands import assert_refused, typed
from tests.e2e.house import PARTITIONS, House, eventually, house
from tests.e2e.topic_reading import flat, read_topic

AT = datetime(2025, 3, 1, 9, tzinfo=UTC)
PROCESSES = {name: [name] for name in ("ingest", "detect", "context", "shadow")} | {"tell": ["remember", "decide"]}


SET = {"payment_retry_loop": {"window_s": 7200.0}}
"""By the operator; shipped are 1800 s, so the slow one is no trouble as shipped."""


def failures(customer: str, count: int, apart: timedelta = timedelta(minutes=1)) -> list[Sent]:
    """So many payments that fail."""
    data = PaymentAttemptedData(order_id=f"o-{customer}", succeeded=False)
    return [
        ("telemetry.v1", partition_of(customer, PARTITIONS), PaymentAttempted(
            id=f"{customer}-{number}", source="shop", subject=customer, time=AT + number * apart, data=data
        ))
        for number in range(count)
    ]  # fmt: skip


def call(customer: str) -> Sent:
    """The customer turns to support two hours later."""
    data = CareContactOpenedData(contact_id=f"t-{customer}")
    event = CareContactOpened(
        id=f"call-{customer}", source="desk", subject=customer, time=AT + timedelta(hours=2), data=data
    )
    return "care.v1", partition_of(customer, PARTITIONS), event


def found(running: House, topic: str) -> set[str]:
    """Customers with an issue there."""
    return {decode_issue(raw).customer_id for raw in flat(read_topic(running.settings.kafka, topic, PARTITIONS))}


def decided(running: House) -> dict[str, str]:
    """Customer -> issue id of every decision on record."""
    with running.ledger.read() as connection:
        rows = connection.execute(select(decisions.c.customer_id, decisions.c.issue_id)).all()
    return {str(customer): str(issue) for customer, issue in rows}


def test_a_challenger_is_tried_compared_and_promoted(tmp_path: Path) -> None:
    file = tmp_path / "braver.json"
    proposal = {"detector": "payment_retry_loop", "parameters": {"floor": 2}}
    file.write_text(json.dumps(proposal))
    with house(tmp_path, AT + timedelta(hours=12), processes=PROCESSES, parameters=SET) as running:
        given = {
            "kafka": running.settings.kafka, "partitions": str(PARTITIONS), "clock_file": str(running.clock_file),
            "database_url": running.settings.database_url.get_secret_value(), "parameters": json.dumps(SET),
        }  # fmt: skip

        def beforehand(*words: str) -> CompletedProcess[str]:
            return typed(words, tmp_path, 180, **given)

        assert_refused(beforehand("shadow", "promote", "braver", str(file)), "nobody has reviewed it")
        added = beforehand("shadow", "add", "braver", str(file))
        assert "braver challenges payment_retry_loop" in added.stdout, added.stderr

        slow = failures("slow", 2, apart=timedelta(hours=1))
        running.feed(
            [*failures("twice", 2), *failures("thrice", 3), call("twice"), *failures("calm", 1), *slow], paced=False
        )
        eventually(
            lambda: found(running, "shadow-issues.v1") == {"twice", "thrice", "slow"}, 120, "the challenger finds all"
        )
        eventually(lambda: found(running, "issues.v1") == {"thrice"}, 60, "the champion finds one")
        assert '{"window_s":7200.0,"floor":2}' in beforehand("shadow", "list").stdout

        compared = beforehand("shadow", "compare", "braver", "--horizon-h", "6", "--json", "out.json")
        assert compared.returncode == 0, compared.stderr
        figures = json.loads((tmp_path / "out.json").read_text())
        assert (figures["champion"]["messages"], figures["challenger"]["messages"]) == (1, 3)
        assert (figures["champion"]["caught"]["value"], figures["challenger"]["caught"]["value"]) == (0.0, 1.0)

        file.write_text(json.dumps(proposal | {"reviewed_by": "ana", "parameters": {"floor": 4}}))
        assert_refused(beforehand("shadow", "promote", "braver", str(file)), "other parameters")
        file.write_text(json.dumps(proposal | {"reviewed_by": "ana"}))
        assert "reviewed by ana" in beforehand("shadow", "promote", "braver", str(file)).stdout
        given["parameters"] = "{}"  # from here on, only the journal can tell
        file.write_text(json.dumps(proposal | {"parameters": {"floor": 50}}))
        in_force = '{"window_s":7200.0,"floor":50}'
        assert in_force in beforehand("shadow", "add", "calmer", str(file)).stdout, "said, but perhaps not yet read"
        running.feed(failures("later", 2, apart=timedelta(hours=1)), paced=False)
        eventually(lambda: "later" in found(running, "issues.v1"), 60, "the champion has both settings now")
        assert "later" not in found(running, "shadow-issues.v1")
        assert in_force in beforehand("shadow", "add", "calmer", str(file)).stdout, "read by the champion"
        assert_refused(beforehand("shadow", "drop", "braver"), "no challenger 'braver' runs")

        eventually(lambda: {"thrice", "later"} <= decided(running).keys(), 60, "both are decided")
        issue = decided(running)["later"]
        said = beforehand("verdict", issue[:12], "wrong", "--by", "ana")
        assert "wrong: payment_retry_loop about o-later" in said.stdout, said.stderr
        eventually(lambda: _context_of(running, "detector:payment_retry_loop"), 60, "all partitions hear of it")
        assert_refused(beforehand("verdict", "nobodys-issue", "right"), "0 issues on record")


def _context_of(running: House, entity: str) -> bool:
    """Every journal partition has a word on the entity."""
    parts = read_topic(running.settings.kafka, "journal.v1", PARTITIONS)
    return all(any(decode(raw).subject == entity for _, key, raw in part if key == entity.encode()) for part in parts)
