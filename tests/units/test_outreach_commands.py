"""`beforehand outreach`: a person halts, releases and settles, and the ledger says who did."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from ledger.database import Ledger
from ledger.switches import BREAKER, halt, halted
from ledger.tables import outbox
from tests.command_line import Type, command_line
from tests.outreach import NOW, address, consent, decide, issue, new_ledger, remember, states


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = new_ledger(tmp_path)
    remember(ledger, *(event for n in (1, 2) for event in (consent(f"c-{n}", True), address(f"c-{n}"))))
    decide(ledger, issue(1), issue(2))
    with ledger.write() as connection:
        connection.execute(update(outbox).where(outbox.c.issue_id == "i-1").values(state="UNKNOWN", reason="lost"))
    return ledger


@pytest.fixture
def outreach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    monkeypatch.setenv("BEFOREHAND_DATABASE_URL", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.setenv("COLUMNS", "300")
    return partial(command_line(monkeypatch, capsys), "outreach")


def now_halted(ledger: Ledger) -> dict[str, str]:
    with ledger.read() as connection:
        return halted(connection)


def test_outreach_is_halted_and_released_with_the_names_of_who_did(ledger: Ledger, outreach: Type) -> None:
    assert outreach("halt", "--reason", "wrong texts", "--by", "ann").code == 0
    assert now_halted(ledger) == {"outreach": "ann: wrong texts"}
    released = outreach("release", "outreach", "--reason", "texts mended", "--by", "bob")
    assert (released.code, released.out) == (0, "released: outreach\n")
    assert now_halted(ledger) == {}
    lines = outreach("acts").out.splitlines()
    assert [line.split()[2:] for line in lines[1:]] == [
        ["bob", "release", "outreach", "texts", "mended"], ["ann", "halt", "outreach", "wrong", "texts"],
    ]  # fmt: skip


def test_a_release_of_one_switch_says_that_the_other_still_halts(ledger: Ledger, outreach: Type) -> None:
    with ledger.write() as connection:
        halt(connection, BREAKER, "60 sends within 5 minutes", NOW)
    outreach("halt", "--reason", "looking", "--by", "ann")
    found = outreach("release", "breaker", "--reason", "they were right", "--by", "ann")
    assert found.out == "released: breaker; still halted: outreach (ann: looking)\n"
    assert list(now_halted(ledger)) == ["outreach"]


def test_what_may_have_been_sent_is_listed_without_the_customer_and_settled_once(
    ledger: Ledger, outreach: Type
) -> None:
    listed = outreach("unknown", "list").out
    name = listed.splitlines()[1].split()[0]
    assert listed.endswith("1 wait for a person\n")
    assert "c-1" not in listed and "@" not in listed
    found = outreach("unknown", "settle", name, "--sent", "--reason", "in their log", "--by", "ann")
    assert (found.code, states(ledger)) == (0, {"i-1": "SENT", "i-2": "PENDING"})
    again = outreach("unknown", "settle", name, "--not-sent", "--reason", "or not", "--by", "bob")
    assert again.code == 2 and "unknown list" in again.err
    assert outreach("unknown", "list").out == "none waits\n"
    assert [line.split()[2:5] for line in outreach("acts").out.splitlines()[1:]] == [["ann", "sent", name]]


def test_what_was_not_sent_goes_back_in_line(ledger: Ledger, outreach: Type) -> None:
    name = outreach("unknown", "list").out.splitlines()[1].split()[0]
    assert outreach("unknown", "settle", name, "--not-sent", "--reason", "their log has a gap").code == 0
    assert states(ledger) == {"i-1": "PENDING", "i-2": "PENDING"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["halt"], "--reason"),
        (["release", "outreach", "--reason", "x"], "outreach is not halted"),
        (["release", "all", "--reason", "x"], "'outreach', 'breaker'"),
        (["unknown", "settle", "nobody", "--sent", "--reason", "x"], "'nobody'"),
        (["unknown", "settle", "nobody", "--reason", "x"], "--sent"),
    ],
    ids=lambda words: " ".join(words),
)
def test_what_a_person_gets_wrong_changes_nothing(ledger: Ledger, outreach: Type, words: list[str], told: str) -> None:
    before = states(ledger)
    found = outreach(*words)
    assert found.code == 2
    assert told in found.err
    assert (states(ledger), now_halted(ledger)) == (before, {})
    assert len(outreach("acts").out.splitlines()) == 1


def test_no_new_ledger_is_made_to_throw_a_switch_in(tmp_path: Path, outreach: Type) -> None:
    found = outreach("halt", "--reason", "x")
    assert (found.code, "BEFOREHAND_DATABASE_URL" in found.err) == (2, True)
    assert not (tmp_path / "ledger.db").exists()
