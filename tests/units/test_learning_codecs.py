"""Whatever is learned reads back as it was written, and curves rise."""

from itertools import pairwise
from math import nan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.learning import course as courses
from detectors.learning.calibration import fitted, knots
from detectors.learning.course import Course, Wanted
from detectors.learning.drift import Drift
from detectors.learning.families.boosted import mean
from detectors.learning.snapshot import LAYOUT, MOST_LOGIT, Linear, Snapshot, Trees, decode, encode
from detectors.learning.validation import average_precision, metrics
from detectors.learning.window import CHUNK, HEAD, Window

numbers = st.floats(-1e12, 1e12)
WIDTH = 2


@st.composite
def trees(draw: st.DrawFn) -> Trees:
    """Full binary trees, a few nodes each."""
    roots, nodes = [], list[tuple[int, float, int, int, bool, float]]()
    for _ in range(draw(st.integers(0, 3))):
        roots.append(len(nodes))
        open_nodes, depth = [len(nodes)], 0
        nodes.append((-1, 0.0, 0, 0, False, draw(numbers)))
        while open_nodes and depth < 3 and draw(st.booleans()):
            node, left = open_nodes.pop(0), len(nodes)
            column, missing_left = draw(st.integers(0, WIDTH - 1)), draw(st.booleans())
            nodes[node] = (column, draw(numbers), left, left + 1, missing_left, 0.0)
            nodes += [(-1, 0.0, 0, 0, False, draw(numbers)) for _ in range(2)]
            open_nodes += [left, left + 1]
            depth += 1
    columns = [list(column) for column in zip(*nodes, strict=True)] if nodes else [[]] * 6
    feature, threshold, left_of, right_of, missing, value = columns
    return Trees(
        baseline=draw(numbers), roots=roots, feature=feature, threshold=threshold, left=left_of, right=right_of,
        missing_left=missing, value=value,
    )  # fmt: skip


lines = st.builds(
    Linear,
    bias=numbers,
    means=st.lists(numbers, min_size=WIDTH, max_size=WIDTH),
    scales=st.lists(st.floats(1e-6, 1e6), min_size=WIDTH, max_size=WIDTH),
    weights=st.lists(numbers, min_size=WIDTH, max_size=WIDTH),
    missing=st.lists(numbers, min_size=WIDTH, max_size=WIDTH),
    hashed=st.lists(numbers, max_size=4),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(lines, trees(), st.tuples(numbers | st.just(nan), numbers | st.just(nan)), st.lists(st.text(), max_size=3))
def test_a_snapshot_that_has_travelled_says_the_same(
    line: Linear, found: Trees, values: tuple[float, float], tokens: list[str]
) -> None:
    snapshot = Snapshot(names=("a", "b"), parts=(line, found), mix=(0.25, 0.75))
    again = decode(*encode(snapshot), LAYOUT)
    assert again == snapshot
    assert again.score(values, tokens) == snapshot.score(values, tokens)
    assert -MOST_LOGIT <= again.score(values, tokens) <= MOST_LOGIT


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(trees(), min_size=1, max_size=4), st.tuples(numbers | st.just(nan), numbers | st.just(nan)))
def test_the_mean_of_fits_is_one_forest_that_says_their_mean(fits: list[Trees], values: tuple[float, float]) -> None:
    said = [found.score(values, ()) for found in fits]
    forest = mean(fits)
    largest = max(abs(number) for found in fits for number in (found.baseline, *found.value))
    assert forest.score(values, ()) == pytest.approx(sum(said) / len(said), rel=1e-6, abs=1e-6 * largest)
    snapshot = Snapshot(names=("a", "b"), parts=(forest,), mix=(1.0,))
    assert decode(*encode(snapshot), LAYOUT) == snapshot


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0.05, 5.0), st.floats(-8.0, 8.0), st.lists(st.floats(-MOST_LOGIT, MOST_LOGIT), max_size=20))
def test_a_curve_of_knots_rises_and_is_close_to_the_one_it_stands_for(
    slope: float, shift: float, scores: list[float]
) -> None:
    curve = knots(slope, shift)
    assert all(right[0] > left[0] and right[1] > left[1] for left, right in pairwise(curve))
    snapshot = Snapshot(names=(), parts=(), calibration=curve)
    said = [snapshot.probability(score) for score in sorted(scores)]
    assert said == sorted(said)
    meant = 1 / (1 + np.exp(-np.clip(slope * np.array(sorted(scores)) + shift, -40, 40)))
    assert said == pytest.approx(meant, abs=0.005)


def test_the_curve_finds_what_scores_should_have_said() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(scale=2.0, size=4000)
    labels = (rng.random(4000) < 1 / (1 + np.exp(-(0.5 * scores - 1.0)))).astype(float)
    assert fitted(scores, labels) == pytest.approx((0.5, -1.0), abs=0.1)
    slope, shift = fitted(np.linspace(-1, 1, 50), np.zeros(50))  # no trouble at all: bounded all the same
    assert slope >= 0.05
    assert -10.0 < shift < 0.0


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK), st.integers(1, 3 * CHUNK))
def test_rows_read_back_from_their_chunks(count: int, more: int, keep: int) -> None:
    window, again = Window(WIDTH), Window(WIDTH)
    for number in range(count):
        window.append((float(number),) * len(HEAD), np.array([number, nan]))
    window.trim(keep)
    for chunk in window.changed:
        value = window.encode(chunk)
        if value is not None:
            again.load(chunk, value)
    again.following = window.following
    for number in range(count, count + more):
        for one in (window, again):
            one.append((float(number),) * len(HEAD), np.array([number, nan]))
    kept = min(keep + more, count + more)
    rows = again.heads(kept)["at"]
    assert rows.tolist() == window.heads(kept)["at"].tolist() == list(range(count + more - kept, count + more))
    assert again.values(kept)[:, 0].tolist() == rows.tolist()


def test_how_far_a_lesson_has_come_reads_back() -> None:
    course = Course(
        learned=3, version=2, told=1, published=15_000.0, fitted=2_000.0, wanted=Wanted(2_000, 3, 1.5, 2.5),
        share=0.25, curve=(0.9, 0.1), shadowed=True, drift=Drift(1.0, 2.0),
    )  # fmt: skip
    assert courses.decode(courses.encode(course)) == course
    assert courses.decode(courses.encode(Course())) == Course()


def test_figures_are_those_of_the_books() -> None:
    labels, said = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert average_precision(labels, said) == pytest.approx((1.0 + 2 / 3) / 2)
    found = metrics(labels, said)
    assert found["brier"] == pytest.approx((0.01 + 0.64 + 0.09 + 0.01) / 4)
    assert found["ece"] == pytest.approx((0.1 + 0.8 + 0.3 + 0.1) / 4)
    assert found["base_rate"] == 0.5
    assert metrics(labels[:0], said[:0]) == {}
    assert "average_precision" not in metrics(np.zeros(2), said[:2])
