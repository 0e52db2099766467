"""Cases that a run kept: context alone finds in them what the whole house found."""

from datetime import timedelta
from pathlib import Path

import pytest

from bench.cause_cases import keep, kept, words_of
from bench.cause_words import PARTITIONS, words
from detectors.catalogue import all_detectors
from models.events.case_observed import CaseObserved
from models.events.catalogue import encode
from models.events.order_placed import OrderPlaced
from tests.scenarios.test_shared_cause import days_with_a_storm


def test_context_says_of_the_kept_cases_what_it_said_within_the_house(tmp_path: Path) -> None:
    detectors = [one for one in all_detectors() if one.name == "late_delivery"]
    cases: list[CaseObserved] = []
    said = words(days_with_a_storm(), detectors, timedelta(minutes=5), topics=("orders.v1",), cases=cases)
    keep(cases, tmp_path / "cases")
    found = list(kept(tmp_path / "cases"))
    assert found == cases
    assert [one.data.change for one in said if one.data.change != "changed"] == ["opened", "closed"]
    again = words_of(found, PARTITIONS)
    assert [(one.subject, one.time, one.data) for one in again] == [(one.subject, one.time, one.data) for one in said]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cases").write_bytes(encode(OrderPlaced.example()) + b"\n")
    with pytest.raises(ValueError, match="no case but OrderPlaced"):
        list(kept(tmp_path / "cases"))
