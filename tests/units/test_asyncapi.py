"""The published contract: every reference leads somewhere, takes what intake takes, and refuses what it refuses."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from beforehand.cli import app
from models.asyncapi import asyncapi, outside_types, schemas
from models.dead_letters import Reason
from models.events.base import Event
from models.intake import Rejected, parse
from streams.probes.contract import FOR_PRODUCERS
from streams.probes.server import ProbeServer
from streams.probes.vitals import Vitals
from streams.settings import Settings
from streams.topics import ADDRESSES, SOURCES
from tests.bad_inputs import NOW, bad_inputs

DOCUMENT = asyncapi(FOR_PRODUCERS)


def references(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("$ref"), str):
            yield tree["$ref"]
        for one in tree.values():
            yield from references(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from references(one)


def found(reference: str) -> Any:
    tree: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        tree = tree[part]
    return tree


def validator(name: str) -> Draft202012Validator:
    """Of a message's payload, with the whole document behind its references."""
    schema = {**DOCUMENT["components"]["messages"][name]["payload"], "components": DOCUMENT["components"]}
    return Draft202012Validator(schema)


def test_every_reference_of_the_document_leads_somewhere() -> None:
    all_of_them = list(references(DOCUMENT))
    assert len(all_of_them) > 40
    for reference in all_of_them:
        assert found(reference)


def test_every_topic_that_producers_write_to_is_a_channel_with_an_operation_and_every_type_has_one() -> None:
    assert set(DOCUMENT["channels"]) == {*SOURCES, ADDRESSES}
    assert {one["address"] for one in DOCUMENT["channels"].values()} == {*SOURCES, ADDRESSES}
    named = {name for one in DOCUMENT["channels"].values() for name in one["messages"]}
    assert named == {kind.__name__ for kind in outside_types().values()}
    assert {one["action"] for one in DOCUMENT["operations"].values()} == {"receive"}
    assert set(DOCUMENT) >= {"asyncapi", "info", "channels", "operations", "components"}


@pytest.mark.parametrize("kind", outside_types().values(), ids=lambda kind: kind.__name__)
def test_every_example_of_the_document_is_taken_by_its_schema_and_by_intake(kind: type[Event]) -> None:
    [example] = DOCUMENT["components"]["messages"][kind.__name__]["examples"]
    validator(kind.__name__).validate(example["payload"])
    assert parse(json.dumps(example["payload"]).encode(), NOW) == kind.example()
    schema = schemas()[kind.type_name()]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(schema["examples"][0])


def test_what_intake_calls_invalid_no_schema_takes_but_for_times_which_are_only_a_format() -> None:
    refused = 0
    for reason, raw in bad_inputs(seed=3, count=900):
        rejected = parse(raw, NOW)
        if reason is not Reason.INVALID or not isinstance(rejected, Rejected) or "time" in rejected.detail:
            continue
        tree = json.loads(raw)
        assert not validator(outside_types()[tree["type"]].__name__).is_valid(tree)
        refused += 1
    assert refused > 30


def test_the_commands_print_both_and_refuse_a_type_that_there_is_not() -> None:
    runner = CliRunner()
    assert json.loads(runner.invoke(app, ["events", "asyncapi"]).stdout) == DOCUMENT
    assert json.loads(runner.invoke(app, ["events", "schema"]).stdout) == schemas()
    one = runner.invoke(app, ["events", "schema", "order.placed.v1"])
    assert json.loads(one.stdout)["title"] == "OrderPlaced"
    wrong = runner.invoke(app, ["events", "schema", "order.lost.v1"])
    assert wrong.exit_code != 0
    assert "there is no event type 'order.lost.v1': choose of " in str(wrong.exception)


def test_every_process_serves_the_contract_and_its_schemas_take_its_own_examples(tmp_path: Path) -> None:
    server = ProbeServer(Vitals(), Settings(run_dir=tmp_path), "any")

    def ask(path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            return json.load(answer)

    try:
        served, where = ask("/asyncapi.json"), ask("/schemas.json")
        assert served == DOCUMENT
        assert set(where) == set(outside_types())
        for message in served["components"]["messages"].values():
            schema = ask(where[message["name"]])
            assert schema["properties"]["type"]["const"] == message["name"]
            for example in message["examples"]:
                Draft202012Validator(schema).validate(example["payload"])
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask("/schemas/order.lost.v1.json")
    finally:
        server.close()
