"""What a canary does: its trouble opens by the shipped detector, ends a beat later, and is held by its rule."""

from datetime import UTC, datetime, timedelta

import msgspec

from detectors.catalogue import all_detectors
from detectors.pipeline import Pipeline
from models.canary import canary_of, is_canary
from models.decisions import Limits
from models.issues import Issue
from notifiers.case import Hold
from notifiers.decide import CUSTOMER_RULES, decide
from notifiers.policy import canary
from notifiers.recheck import RULES
from streams.roles.canary import canaries
from streams.settings import Settings
from tests.notifier_cases import NOW, case, issue, standing

SETTINGS = Settings(partitions=4)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def found(beats: int) -> list[Issue]:
    pipeline, issues = Pipeline(all_detectors(), 0), []
    offset = 0
    for beat in range(beats):
        for _topic, _partition, event in canaries(AT + beat * timedelta(minutes=1), SETTINGS):
            pipeline.apply(event, offset)
            offset += 1
        issues += pipeline.drain().issues
    return issues


def test_each_beats_canary_becomes_an_issue_that_ends_with_the_next_beat() -> None:
    issues = found(5)
    opened = [one.object for one in issues if one.change == "opened"]
    resolved = [one.object for one in issues if one.change == "resolved"]
    assert len(opened) == len(set(opened)) == 5
    assert resolved == opened[:4]
    assert all(is_canary(one.customer_id) for one in issues)
    assert len({one.customer_id for one in issues}) == 4, "as many canaries as partitions, and no more"


def test_two_senders_of_a_beat_send_the_same_ids() -> None:
    one, other = (list(canaries(AT + timedelta(seconds=s), SETTINGS)) for s in (1, 50))
    assert [item[2].id for item in one] == [item[2].id for item in other]
    assert len({item[2].id for item in one}) == len(one)


def test_a_canary_is_held_first_of_all_however_free_to_tell_it_is() -> None:
    troubled = issue(customer_id=canary_of(3))
    assert CUSTOMER_RULES[0] == ("canary", canary.rule)
    assert canary.rule(case(issue=troubled)) == Hold(reason="canary")
    decision = decide(troubled, standing(), Limits(), NOW)
    assert (decision.verdict, decision.rule, decision.channel) == ("hold", "canary", "")
    assert canary.rule in [rule for _, rule, _ in RULES], "and asked again before a send"


def test_a_customer_whose_name_resembles_a_canarys_is_none() -> None:
    assert not is_canary("canary:beforehand:1")
    assert canary.rule(case(issue=msgspec.structs.replace(issue(), customer_id="x" + canary_of(1)))) is None
