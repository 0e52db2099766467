"""`map check`: records in, events out, what would be dead-lettered and why; the exit code says whether all is well."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from beforehand.cli import app
from models.mapping.engine import read_mapping
from tests.mapped import FOLDER, NAMES

ROOT = FOLDER.parents[1]


def checked(mapping: Path, sample: Path, *more: str) -> Result:
    return CliRunner().invoke(
        app, ["map", "check", str(mapping), "--sample", str(sample), *more], env={"COLUMNS": "200"}
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_that_are_shipped_pass_with_every_rule_used_and_every_path_found(name: str) -> None:
    result = checked(FOLDER / f"{name}.yaml", FOLDER / "samples" / name, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["dead_letters"]) == (0, 0)
    assert told["paths_that_found_nothing"] == told["rules_without_a_sample"] == []
    assert sum(len(one["events"]) for one in told["records"]) >= 4


def test_a_dead_letter_is_shown_with_its_reason_and_place_and_makes_the_exit_code_1(tmp_path: Path) -> None:
    lines = [
        b'{"c": "c-1", "o": "A", "s": "packed", "at": "2013-02-08T15:00:00Z"}',
        b'{"c": "c-1"',
        b'{"c": "c-1", "o": 7}',
    ]
    (tmp_path / "s.jsonl").write_bytes(b"\n".join(lines))
    (tmp_path / "m.yaml").write_text(
        "mapping: m\nversion: 1\ntopic: t\nevents:\n  s:\n    type: order.step.v1\n    subject: value.c\n"
        "    time: value.at\n    data: {order_id: value.o, step: value.s}\n"
    )
    result = checked(tmp_path / "m.yaml", tmp_path / "s.jsonl")
    assert result.exit_code == 1
    assert result.stdout.count("events out") == 1
    assert "…" not in result.stdout, "nothing of an event is cut off"
    assert "dead letter not_json" in result.stdout
    assert "events.s.data.step: nothing found" in result.stdout
    assert "3 samples, 2 dead letters" in result.stdout
    told = json.loads(checked(tmp_path / "m.yaml", tmp_path / "s.jsonl", "--json").stdout)
    assert [one["dead_letter"] and one["dead_letter"]["reason"] for one in told["records"]] == [
        None,
        "not_json",
        "unmapped",
    ]


def test_a_path_that_finds_nothing_in_any_sample_is_told_and_makes_the_exit_code_1(tmp_path: Path) -> None:
    text = (FOLDER / "shopify-orders.yaml").read_text().replace("carrier_identifier", "carier_identifier")
    (tmp_path / "m.yaml").write_text(text)
    result = checked(tmp_path / "m.yaml", FOLDER / "samples" / "shopify-orders")
    assert result.exit_code == 1
    told = " ".join(result.stdout.split())
    assert "'value.shipping_lines[0].carier_identifier' finds nothing in any sample: correct the path" in told
    assert "0 dead letters" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["nowhere.yaml", "--sample", "."],
            "nowhere.yaml: cannot be read (No such file or directory): name a mapping file",
        ),
        (["deploy/mappings/carrier-scans.yaml", "--sample", "nowhere"], "nowhere: cannot be read"),
        (["deploy/mappings/carrier-scans.yaml", "--sample", "docs"], "docs: no sample in it: put a record per line"),
        (["README.md", "--sample", "docs"], "README.md"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_no_traceback(arguments: list[str], told: str) -> None:
    command = [sys.executable, "-m", "beforehand", "map", "check", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith("beforehand: ")
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_schema_that_is_printed_is_the_one_that_is_kept() -> None:
    result = CliRunner().invoke(app, ["map", "schema"])
    assert json.loads(result.stdout) == json.loads((FOLDER / "mapping.schema.json").read_text())


def commands() -> list[list[str]]:
    lines = (ROOT / "docs" / "mappings.md").read_text().splitlines()
    return [line.split()[3:] for line in lines if line.startswith(".venv/bin/python -m beforehand ")]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_of_the_document_about_mappings_runs(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert len(result.stdout) > 500


def test_the_mapping_in_the_document_holds() -> None:
    text = (ROOT / "docs" / "mappings.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert read_mapping(text, "docs/mappings.md").identifies
