"""What was frozen meets its label: once, in one order, and only when its time has come."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.learning.joining import Join, Ripe, Waiting

HOUR = 3600.0


def waiting(ripe_at: float = 10.0, expires_at: float = 100.0, at: float = 0.0, source: str = "0") -> Waiting:
    return Waiting(at, b"", (), ripe_at, expires_at, source)


def test_good_news_that_comes_early_waits_for_the_bad_ones_of_its_cohort() -> None:
    join = Join()
    join.freeze("a", waiting(ripe_at=10.0))
    join.label("a", 0.0, 2.0)
    assert join.released("0", 9.9) == []
    assert [(thing, one.label) for thing, one in join.released("0", 10.0)] == [("a", 0.0)]
    assert len(join) == 0


def test_what_is_released_together_has_one_order() -> None:
    join = Join()
    for thing, ripe_at in (("c", 5.0), ("b", 7.0), ("a", 7.0)):
        join.freeze(thing, waiting(ripe_at=ripe_at))
        join.label(thing, 1.0, 1.0)
    assert [thing for thing, _ in join.released("0", 8.0)] == ["c", "a", "b"]


def test_the_time_of_another_partition_ripens_nothing() -> None:
    join = Join()
    join.freeze("a", waiting(ripe_at=10.0, source="3"))
    join.label("a", 1.0, 1.0)
    assert join.released("0", 50.0) == []
    assert len(join.released("3", 10.0)) == 1


def test_the_first_label_counts() -> None:
    join = Join()
    join.freeze("a", waiting())
    join.label("a", 0.0, 1.0)
    join.label("a", 1.0, 2.0)
    assert join.released("0", 10.0)[0][1].label == 0.0
    assert (join.counts["labelled"], join.counts["unknown"]) == (1, 1)


def test_without_a_label_it_expires_and_a_label_that_comes_too_late_teaches_nothing() -> None:
    join = Join()
    join.freeze("a", waiting(expires_at=100.0))
    join.freeze("b", waiting(expires_at=100.0))
    join.label("a", 1.0, 100.5)
    assert join.released("0", 101.0) == []
    assert (len(join), join.counts["expired"], join.counts["unknown"]) == (0, 2, 1)


def test_a_labelled_one_that_ripens_late_does_not_expire() -> None:
    join = Join()
    join.freeze("a", waiting(ripe_at=200.0, expires_at=100.0))
    join.label("a", 1.0, 50.0)
    assert join.released("0", 150.0) == []
    assert [thing for thing, _ in join.released("0", 200.0)] == ["a"]


def test_an_object_may_be_frozen_again_once_the_first_has_counted() -> None:
    join = Join()
    join.freeze("a", waiting(ripe_at=1.0, at=0.0))
    join.freeze("a", waiting(ripe_at=2.0, at=0.5))
    join.label("a", 1.0, 0.6)
    assert [one.at for _, one in join.released("0", 3.0)] == [0.0]
    join.freeze("a", waiting(ripe_at=4.0, at=3.0))
    join.label("a", 0.0, 3.5)
    assert [one.at for _, one in join.released("0", 5.0)] == [3.0]
    assert join.counts["repeated"] == 1


def test_of_too_many_the_one_that_would_expire_next_is_given_up() -> None:
    join = Join(most=2)
    for thing, expires_at in (("a", 90.0), ("b", 30.0), ("c", 60.0)):
        join.freeze(thing, waiting(expires_at=expires_at))
    assert [join.encode(thing) is None for thing in "abc"] == [False, True, False]
    assert join.counts["crowded"] == 1


steps = st.lists(
    st.tuples(
        st.sampled_from(["freeze", "label", "time"]),
        st.sampled_from("abcdef"),
        st.integers(0, 30),
        st.integers(0, 30),
        st.sampled_from("01"),
    ),
    max_size=60,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.sets(st.integers(0, 60)), st.sampled_from([3, 100]))
def test_restarts_change_nothing_and_nothing_counts_twice(
    done: list[tuple[str, str, int, int, str]], restarts: set[int], most: int
) -> None:
    assert _run(done, set(), most) == _run(done, restarts, most)
    released = _run(done, set(), most)[0]
    assert all(one.label is not None for _, one in released)
    frozen = sum(1 for step, *_ in done if step == "freeze")
    assert len(released) <= frozen


def _run(
    done: list[tuple[str, str, int, int, str]], restarts: set[int], most: int
) -> tuple[list[Ripe], set[tuple[str, bytes]]]:
    join, released, states, now = Join(most), [], dict[str, bytes](), 0.0
    for place, (step, thing, late, long, source) in enumerate(done):
        if step == "freeze":
            join.freeze(thing, waiting(now + late, now + late + long, now, source))
        elif step == "label":
            join.label(thing, float(late % 2), now)
        else:
            now += late
        released += join.released(source, now)
        for changed in join.changed:
            value = join.encode(changed)
            if value is None:
                states.pop(changed, None)
            else:
                states[changed] = value
        join.changed.clear()
        if place in restarts:
            join = Join(most)
            for name in sorted(states, reverse=True):
                join.load(name, states[name])
    return released, set(states.items())
