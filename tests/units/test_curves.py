"""A sum of curves: what was fitted is numbers, and the numbers say what the fit would say."""

from math import nan

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.learning.curves import Curves, Level
from detectors.learning.families.additive import fit
from detectors.learning.lesson import Additive
from detectors.learning.snapshot import LAYOUT, Snapshot, SnapshotError, decode, encode

NAMES = ("ahead", "late", "odd")
LEVELS = [
    Level(at=60.0, bias=-1.0, heights=[[], [0.0, 1.0, 3.0], [0.0, -1.0]], missing=[0.0, 0.5, 0.25]),
    Level(at=180.0, bias=-2.0, heights=[[], [0.0, 2.0, 2.0], [0.0, 0.0]], missing=[0.0, 0.0, 0.0]),
]
TOLD = Curves(knots=[[], [0.0, 10.0, 30.0], [0.0, 1.0]], levels=LEVELS)


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ((60.0, 0.0, 0.0), -1.0),
        ((60.0, 5.0, 0.0), -0.5),
        ((60.0, 20.0, 1.0), 0.0),
        ((60.0, 99.0, -5.0), 2.0),  # level beyond its knots
        ((60.0, nan, nan), -0.25),
        ((30.0, 30.0, 0.0), 2.0),  # nearer than the nearest level
        ((180.0, 30.0, 0.0), 0.0),
        ((999.0, 30.0, 0.0), 0.0),
        ((120.0, 30.0, 0.0), 1.0),  # half way between 2 and 0
        ((nan, 30.0, 0.0), 2.0),
    ],
)
def test_curves_are_straight_between_knots_and_mixed_between_levels(values: tuple[float, ...], score: float) -> None:
    assert TOLD.score(values, ()) == pytest.approx(score)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"levels": []}, "no level"),
        ({"by": 3}, "no level"),
        ({"levels": LEVELS[::-1]}, "do not rise"),
        ({"knots": [[], [0.0, 10.0, 10.0], [0.0, 1.0]]}, "do not rise"),
        ({"knots": [[], [0.0, 10.0], [0.0, 1.0]]}, "unlike length"),
        ({"levels": [msgspec.structs.replace(LEVELS[0], missing=[0.0])]}, "unlike length"),
        ({"knots": [[], [0.0, 10.0, 30.0]], "levels": []}, "no level"),
    ],
)
def test_curves_that_do_not_fit_together_are_refused(change: dict[str, object], reason: str) -> None:
    spoilt = msgspec.structs.replace(TOLD, **change)
    with pytest.raises(SnapshotError, match=reason):
        decode(*encode(Snapshot(names=NAMES, parts=(spoilt,), mix=(1.0,))), LAYOUT)


def test_a_snapshot_with_curves_that_has_travelled_is_the_same() -> None:
    snapshot = Snapshot(names=NAMES, parts=(TOLD,), mix=(1.0,))
    assert decode(*encode(snapshot), LAYOUT) == snapshot


def rows(count: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """What is late matters by steps, and an hour ahead twice as much as three; one value tells by being unknown."""
    rng = np.random.default_rng(3)
    ahead, late, odd = rng.choice((60.0, 180.0), count), rng.normal(20.0, 10.0, count), rng.normal(size=count)
    odd[rng.random(count) < 0.3] = nan
    logit = -2.0 + np.where(late > 20.0, 2.0, 0.0) * np.where(ahead < 100.0, 2.0, 1.0) + 1.5 * np.isnan(odd)
    labels = (rng.random(count) < 1 / (1 + np.exp(-logit))).astype(float)
    return np.stack((ahead, late, odd), axis=1).astype(np.float32), labels


SETTINGS = Additive(l2=1.0, by="ahead", levels=(60.0, 180.0))


def test_a_fit_finds_what_decides_at_each_level() -> None:
    found = fit(SETTINGS, NAMES, *rows())
    said = {(ahead, late): found.score((ahead, late, 0.0), ()) for ahead in (60.0, 180.0) for late in (5.0, 35.0)}
    assert said == pytest.approx(
        {(60.0, 5.0): -2.0, (60.0, 35.0): 2.0, (180.0, 5.0): -2.0, (180.0, 35.0): 0.0}, abs=0.5
    )
    assert found.score((180.0, 5.0, nan), ()) == pytest.approx(-0.5, abs=0.4)


def test_a_fit_depends_on_its_rows_alone() -> None:
    values, labels = rows()
    again = np.asfortranarray(values.copy())
    assert fit(SETTINGS, NAMES, values, labels) == fit(SETTINGS, NAMES, again, labels.copy())


def test_without_levels_there_is_one_set_of_curves() -> None:
    [level] = fit(Additive(l2=1.0), NAMES, *rows()).levels
    assert len(level.heights) == 3


def test_a_value_that_is_never_known_or_always_the_same_says_nothing() -> None:
    values, labels = rows(500)
    values[:, 1], values[:, 2] = 7.0, nan
    found = fit(Additive(l2=1.0), NAMES, values, labels)
    assert found.knots[1:] == [[], []]
    assert found.score((60.0, 7.0, nan), ()) == found.score((60.0, 99.0, nan), ())


def test_a_level_without_trouble_is_fitted_to_all_rows() -> None:
    values, labels = rows(2000)
    labels[values[:, 0] < 100.0] = 0.0
    near, far = fit(SETTINGS, NAMES, values, labels).levels
    assert near.bias != far.bias
    assert max(map(max, near.heights)) > 0.5


def test_rows_of_one_kind_teach_nothing() -> None:
    values, labels = rows(300)
    with pytest.raises(ValueError, match="rows without"):
        fit(SETTINGS, NAMES, values, labels * 0.0)


@given(st.lists(st.floats(-1e6, 1e6, width=32) | st.just(nan), min_size=3, max_size=3))
def test_what_was_fitted_is_finite_for_any_values(values: list[float]) -> None:
    assert np.isfinite(FITTED.score(values, ()))


FITTED = fit(SETTINGS, NAMES, *rows(1000))
