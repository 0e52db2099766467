"""Event in, issues out: episodes, repeats, observations, parameters."""

from models.dead_letters import Reason
from models.instants import instant
from tests.toy_detectors import call, closed, fed, parameters, tick


def changes(events: list) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    return [(issue.object, issue.change) for issue in fed(events).drain().issues]


def test_an_episode_opens_is_updated_when_it_matters_and_is_resolved() -> None:
    calls = [call("c-1", minute, "t-1") for minute in range(4)]
    assert changes([*calls, closed("c-1", 5, "t-1")]) == [
        ("t-1", "opened"), ("t-1", "updated"), ("t-1", "resolved"),
    ]  # fmt: skip


def test_the_same_trouble_later_is_a_new_episode_with_an_id_of_its_own() -> None:
    calls = [call("c-1", minute, "t-1") for minute in (0, 1)] + [closed("c-1", 2, "t-1")]
    again = [call("c-1", minute, "t-1") for minute in (3, 4)]
    issues = fed([*calls, *again]).drain().issues
    assert [issue.change for issue in issues] == ["opened", "resolved", "opened"]
    assert issues[0].issue_id == issues[1].issue_id != issues[2].issue_id
    assert len(issues[0].issue_id) == 32


def test_an_issue_says_where_in_the_journal_and_since_when() -> None:
    issue = fed([call("c-1", 0, "t-1"), call("c-1", 1, "t-1")]).drain().issues[0]
    assert (issue.journal_partition, issue.journal_offset) == (3, 1)
    assert issue.at == issue.opened_at == call("c-1", 1, "t-1").time
    assert issue.evidence.actual == "2 calls"


def test_a_producers_retry_does_nothing() -> None:
    retried = [call("c-1", 0, "t-1", event_id="same"), call("c-1", 0, "t-1", event_id="same")]
    outputs = fed(retried).drain()
    assert outputs.issues == []
    assert [signal.features for signal in outputs.signals] == [{"calls": 1.0}]
    assert len(outputs.observations) == 1


def test_a_retry_is_known_after_a_restart_and_among_thirty_others() -> None:
    first = fed([call("c-1", 0, "t-1", event_id="same"), *(call("c-1", n, "t-2") for n in range(30))])
    second = fed([])
    for key, value in first.drain().states:
        assert value is not None
        second.load(key, value)
    second.apply(call("c-1", 40, "t-1", event_id="same"), 40)
    assert second.drain().signals == []


def test_two_customers_may_use_the_same_event_id() -> None:
    outputs = fed([call("c-1", 0, "t", event_id="same"), call("c-2", 0, "t", event_id="same")]).drain()
    assert [signal.customer_id for signal in outputs.signals] == ["c-1", "c-2"]


def test_what_is_cold_is_kept_as_a_signal_and_opens_nothing() -> None:
    outputs = fed([call("c-1", minute, "t-1", via="cold") for minute in range(5)]).drain()
    assert [signal.probability for signal in outputs.signals] == [0.3, 0.6, 0.8999999999999999, 1.0, 1.0]
    assert not any(signal.warm for signal in outputs.signals)
    assert outputs.issues == []


def test_observations_name_the_entity_and_no_customer() -> None:
    observations = fed([call("secret-customer", 7, "t-1")]).drain().observations
    seen = observations[0]
    assert (len(observations), seen.subject, seen.data.measure, seen.data.value) == (1, "line:main", "called", 1.0)
    assert observations[0].time == instant(call("c", 7, "t").time.timestamp())
    assert "secret" not in observations[0].id


def test_observations_have_ids_of_their_own_also_when_one_tick_wakes_many() -> None:
    observations = fed([call(f"c-{n}", 0, "t") for n in range(5)]).drain().observations
    assert len({seen.id for seen in observations}) == 5


def test_parameters_hold_from_their_place_in_the_journal_on() -> None:
    events = [call("c-1", 0, "t-1"), parameters(1, '{"weight": 0.1}'), call("c-1", 2, "t-1")]
    assert [signal.probability for signal in fed(events).drain().signals] == [0.3, 0.2]


def test_parameters_survive_a_restart() -> None:
    first, second = fed([parameters(0, '{"weight": 0.1}')]), fed([])
    for key, value in first.drain().states:
        assert value is not None
        second.load(key, value)
    second.apply(call("c-1", 2, "t-1"), 1)
    assert second.drain().signals[0].probability == 0.1


def test_parameters_that_do_not_hold_leave_the_old_ones() -> None:
    for text in ("{", '{"weight": "much"}', '{"no_such": 1}', '{"open_at": 0.2, "close_at": 0.4}', "[]"):
        pipeline = fed([parameters(0, text), call("c-1", 2, "t-1")])
        outputs = pipeline.drain()
        assert [(one.name, one.offset, one.reason) for one in outputs.refused] == [
            ("many_calls", 0, Reason.PARAMETERS_REFUSED)
        ], text
        assert outputs.signals[0].probability == 0.3


def test_parameters_that_a_newer_version_refuses_do_not_keep_it_from_starting() -> None:
    pipeline = fed([])
    pipeline.load(b"\x00parameters:many_calls", b'{"gone": 1}')
    pipeline.apply(call("c-1", 2, "t-1"), 1)
    assert pipeline.drain().signals[0].probability == 0.3


def test_parameters_for_a_detector_that_is_not_here_do_nothing() -> None:
    outputs = fed([parameters(0, "{", detector="another")]).drain()
    assert (outputs.failures, outputs.states) == ([], [])


def test_a_drain_begins_anew() -> None:
    pipeline = fed([call("c-1", 0, "t-1"), call("c-1", 1, "t-1"), tick(1)])
    first = pipeline.drain()
    again = pipeline.drain()
    assert len(first.issues) == 1
    assert (again.issues, again.states, again.signals, again.observations) == ([], [], [], [])


def test_a_customer_may_be_called_like_a_reserved_key() -> None:
    first, second = fed([tick(0), call("\x00clock", 0, "t-1")]), fed([])
    states = first.drain().states
    assert len({key for key, _ in states}) == len(states)
    for key, value in states:
        assert value is not None
        second.load(key, value)
    second.apply(call("\x00clock", 1, "t-1"), 2)
    assert [issue.customer_id for issue in second.drain().issues] == ["\x00clock"]
