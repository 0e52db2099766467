"""A sender that dies anywhere: nobody is told twice, nothing is stuck, and only what is truly unclear is called so."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from models.notifications import outreach_id
from tests.sender_crashes import POINTS, ROWS

ROOT = Path(__file__).resolve().parents[2]
ON_WIRE = {
    "wire.committed",
    "send.before",
    "provider.before",
    "provider.accepted",
    "send.accepted",
    "receipt.written",
    "send.failed",
    "failure.written",
    "recover.before",
    "recover.written",
    "recover.committed",
}
"""Points where the ledger says ON_WIRE of the one row under way, or of a row whose sender died before."""


@pytest.mark.parametrize(("kind", "runs"), [("plain", 20), ("keyed", 4)])
def test_no_death_of_a_sender_tells_anybody_twice_or_leaves_a_row_behind(kind: str, runs: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sender_crashes", str(tmp_path), str(runs), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == runs * len(POINTS)
    deaths: Counter[str] = Counter()
    unknown: defaultdict[str, int] = defaultdict(int)
    for result in results:
        deaths[result["point"]] += result["died"]
        ends = Counter(result["states"].values())
        unknown[result["point"]] += ends["UNKNOWN"] if result["alone"] else 0
        assert set(result["accepted"].values()) <= {1}, f"told twice: {result}"
        assert ends.total() == ROWS
        assert set(ends) <= {"SENT", "FAILED", "UNKNOWN"}, f"stuck: {result}"
        for issue, state in result["states"].items():
            was_accepted = outreach_id(issue, "email") in result["accepted"]
            assert was_accepted == (state == "SENT") or state == "UNKNOWN", result
    assert deaths == dict.fromkeys(POINTS, runs)
    called_unclear = {point for point, rows in unknown.items() if rows}
    assert called_unclear <= (ON_WIRE if kind == "plain" else set())
    assert kind == "keyed" or {"wire.committed", "provider.accepted", "send.accepted"} <= called_unclear
