"""The desk's commands as a person types them, and what they say when something is wrong."""

import json
import sqlite3
from pathlib import Path

import pytest

from ledger.database import Ledger
from ledger.deciding import Page, write
from ledger.migrate import migrate
from models.decisions import Limits
from notifiers.decide import decide
from tests.e2e.commands import Here, assert_refused, typed
from tests.mini_olist import write_olist
from tests.notifier_cases import NOW, issue, standing


def test_evaluate_writes_scores_rows_and_page(tmp_path: Path) -> None:
    data = write_olist(tmp_path / "data")
    words = ["evaluate", "olist", "--data", str(data), "--since", "2017-11-01", "--detector", "late_delivery"]
    found = typed([*words, "--json", "o.json", "--scores", "rows", "--report", "o.html"], tmp_path)
    assert found.returncode == 0, found.stderr
    assert "known_first" in found.stdout
    assert "rule: not handed over to the carrier" in found.stdout
    assert json.loads((tmp_path / "o.json").read_text())["detectors"]["late_delivery"]["known_first"] is not None
    assert "Reliability" in (tmp_path / "o.html").read_text()
    files = sorted(file.name for file in (tmp_path / "rows").iterdir())
    assert "late_delivery--promise-3d.csv" in files
    assert "late_delivery--promise-10d.csv" in files


def test_a_recording_replayed_gives_the_issues_of_the_history(tmp_path: Path) -> None:
    data = write_olist(tmp_path / "data")
    first = typed(
        ["replay", "olist", "--data", str(data), "--partitions", "2", "--record", "kept", "--issues", "one"], tmp_path
    )
    assert first.returncode == 0, first.stderr
    second = typed(["replay", "kept", "--issues", "two"], tmp_path)
    assert second.returncode == 0, second.stderr
    issues = (tmp_path / "one").read_text().splitlines()
    assert sorted(issues) == sorted((tmp_path / "two").read_text().splitlines())
    assert len(issues) > 2
    third = typed(["replay", "kept", "--models", "relearn", "--issues", "three"], tmp_path)  # too few to learn from
    assert third.returncode == 0, third.stderr
    assert sorted(issues) == sorted((tmp_path / "three").read_text().splitlines())
    damaged = tmp_path / "kept" / "journal-1.log"
    damaged.write_bytes(damaged.read_bytes() + b'99999999 {"type":"nothing"}\n')
    assert_refused(typed(["replay", "kept", "--models", "relearn"], tmp_path), "kept holds a record that is no event")


def test_explain_tells_of_a_customer_and_of_an_issue(tmp_path: Path, here: Here) -> None:
    data = write_olist(tmp_path / "data")
    here(
        ["replay", "olist", "--data", str(data), "--partitions", "2", "--record", "kept", "--issues", "issues"],
        tmp_path,
    )
    opened = json.loads((tmp_path / "issues").read_text().splitlines()[0])
    for key in (opened["customer_id"], opened["issue_id"], opened["issue_id"][:8]):
        found = here(["explain", key, "--journal", "kept"], tmp_path)
        assert found.returncode == 0, found.stderr
        for word in ("order.placed.v1", "late_delivery at", "opened", opened["issue_id"]):
            assert word in found.stdout, found.stdout


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    """A ledger with one issue told and one held."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = Ledger(url)
    migrate(ledger)
    tell = decide(issue(issue_id="told-1234"), standing(), Limits(), NOW)
    hold = decide(issue(issue_id="held-1234", customer_id="c-2"), standing(consent={}), Limits(), NOW)
    assert (tell.verdict, hold.verdict) == ("tell", "hold")
    with ledger.write() as connection:
        write(connection, Page(decisions=[tell, hold]), NOW)
    ledger.close()
    return url


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("told-1234", ["tell at", "by rule clear", "consent (email)", "lets pass", "PENDING"]),
        ("held-123", ["hold at", "by rule consent", "holds:"]),
        ("c-2", ["held-1234", "told_already"]),
    ],
)
def test_explain_names_every_rule_that_was_asked(
    tmp_path: Path, here: Here, ledger_url: str, key: str, said: list[str]
) -> None:
    found = here(["explain", key], tmp_path, database_url=ledger_url)
    assert found.returncode == 0, found.stderr
    for word in said:
        assert word in found.stdout, found.stdout
    assert "decide otherwise" not in found.stdout


def test_explain_says_when_todays_rules_decide_otherwise(tmp_path: Path, here: Here, ledger_url: str) -> None:
    with sqlite3.connect(tmp_path / "ledger.db") as file:
        file.execute('update decisions set record = replace(record, \'"rule":"consent"\', \'"rule":"cap"\')')
    assert "decide otherwise" in here(["explain", "c-2"], tmp_path, database_url=ledger_url).stdout


def test_detectors_are_listed_with_their_costs(tmp_path: Path, here: Here) -> None:
    found = here(["detectors", "--json"], tmp_path)
    assert found.returncode == 0, found.stderr
    listed = {one["name"]: one for one in json.loads(found.stdout)}
    assert {"late_delivery", "payment_retry_loop"} <= set(listed)
    for one in listed.values():
        assert one["listens_to"]
        assert one["warm_up"]
        assert 0 < one["microseconds_per_record"] < 10_000
        most = 40_000 if one["name"] == "unusual_metric" else 4096  # a metric is remembered as none of a customer's is
        assert 0 < one["bytes_per_customer"] < most
    assert "three failed attempts" in here(["detectors", "payment_retry_loop"], tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["evaluate", "olist", "--data", "nowhere"], ["nowhere", "--data"]),
        (["evaluate", "orders"], ["'orders'", "olist"]),
        (["evaluate", "shop", "--detector", "late"], ["'late'", "late_delivery"]),
        (["detectors", "late"], ["'late'", "late_delivery"]),
        (["evaluate", "shop", "--since", "soon"], ["--since 'soon'", "2017-11-24"]),
        (["evaluate", "shop", "--until", "2020-01-01"], ["nothing lies", "--since"]),
        (["evaluate", "shop", "--json", "no/x.json"], ["--json", "create it"]),
        (["replay", "nowhere"], ["nowhere", "--record"]),
        (["replay", "."], ["journal-0.log", "--record"]),
        (["replay", "shop", "--record", "data"], ["data is there already"]),
        (["tune", "late", "shop"], ["'late'", "late_delivery"]),
        (["tune", "error_burst", "shop", "--only", "colour"], ["--only colour", "window_s"]),
        (["tune", "error_burst", "shop", "--out", "no/x.json"], ["--out", "create it"]),
        (["tune", "usage_drop", "mentions", "--data", "data"], ["mentions"]),
        (["verdict", "nobody", "right"], ["BEFOREHAND_KAFKA"]),
        (["shadow", "add", "x", "nowhere.json"], ["BEFOREHAND_KAFKA"]),
        (["replay", "shop", "--models", "relearn"], ["always learned from anew", "leave out --models"]),
        (["explain", "nobody"], ["nobody", "BEFOREHAND_DATABASE_URL"]),
        (["explain", "nobody", "--journal", "nowhere"], ["nowhere", "--record"]),
    ],
)
def test_what_a_person_gets_wrong_is_one_sentence(
    tmp_path: Path, here: Here, words: list[str], said: list[str]
) -> None:
    (tmp_path / "data").mkdir()
    assert_refused(here(words, tmp_path), *said)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"], "nothing is left behind"


def test_a_missing_column_stops_an_evaluation_before_anything_is_written(tmp_path: Path, here: Here) -> None:
    data = write_olist(tmp_path / "data", without="seller_id")
    assert_refused(here(["evaluate", "olist", "--data", str(data), "--json", "x.json"], tmp_path), "'seller_id'")
    assert_refused(here(["replay", "olist", "--data", str(data), "--record", "kept"], tmp_path), "'seller_id'")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_damaged_recording_is_named_by_its_line(tmp_path: Path, here: Here) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "journal-0.log").write_bytes(b'0 {"type":"tick.v1"}\n')
    assert_refused(here(["replay", "kept"], tmp_path), "journal-0.log", "record it again")
    (tmp_path / "kept" / "journal-0.log").write_bytes(b"nonsense\n")
    assert_refused(here(["replay", "kept"], tmp_path), "line 1")
