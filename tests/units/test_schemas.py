"""The schemas that producers get say what ingest accepts."""

import json
import subprocess
import sys

import pytest

from beforehand.schemas import UnknownEventType, shown
from models.events.catalogue import event_types


def test_all_that_producers_may_send_and_nothing_internal_is_described() -> None:
    found = json.loads(shown())
    assert set(found) == {name for name, kind in event_types().items() if not kind.internal}
    assert all(one["$schema"].endswith("2020-12/schema") for one in found.values())
    assert found["order.placed.v1"] == json.loads(shown("order.placed.v1"))


def test_a_schema_names_the_type_what_is_required_and_the_bounds() -> None:
    schema = json.loads(shown("profile.changed.v1"))
    assert schema["properties"]["type"]["const"] == "profile.changed.v1"
    assert {"id", "source", "subject", "time", "type", "data"} <= set(schema["required"])
    assert schema["properties"]["subject"]["maxLength"] == 128
    assert schema["properties"]["time"]["format"] == "date-time"
    assert schema["$defs"]["ProfileChangedData"]["properties"]["consent"]["maxProperties"] == 12


@pytest.mark.parametrize("wrong", ["no.such.v1", "tick.v1"])
def test_a_type_that_no_producer_sends_is_refused_with_those_they_do(wrong: str) -> None:
    with pytest.raises(UnknownEventType, match=rf"'{wrong}': choose of .*order\.placed\.v1"):
        shown(wrong)


def test_the_command_prints_it_and_refuses_in_one_sentence() -> None:
    def run(kind: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "beforehand", "events", "schema", kind]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert json.loads(run("order.placed.v1").stdout)["properties"]["type"]["const"] == "order.placed.v1"
    refused = run("no.such.v1")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith("beforehand: no producer sends")
