"""What a family learned is numbers, and the numbers say what the family would say."""

from math import nan

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from detectors.learning.families.boosted import BEYOND, fit, trees_of
from detectors.learning.families.online import PIECE, OnlineModel
from detectors.learning.lesson import Boosted, Online
from detectors.learning.snapshot import Snapshot, decode, encode


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trees_as_arrays_say_what_predict_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(1500, 8)).astype(np.float32)
    values[rng.random(values.shape) < 0.2] = nan
    values[:, 1] = np.where(np.isnan(values[:, 1]), nan, 1.0)  # only being unknown tells anything
    values[:, 2] = np.round(values[:, 2])  # values that lie on thresholds' sides, many times each
    odds = np.nan_to_num(values[:, 0]) + 2.0 * np.isnan(values[:, 1]) + np.nan_to_num(values[:, 2])
    labels = odds + rng.normal(size=len(values)) > 0.5
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=8, random_state=seed).fit(values, labels)
    trees = trees_of(model)
    assert BEYOND in trees.threshold
    seen = [trees.score(row, ()) for row in values.astype(float).tolist()]
    assert seen == pytest.approx(model.decision_function(values), abs=1e-6)
    wild = rng.normal(scale=50.0, size=(200, 8))
    wild[rng.random(wild.shape) < 0.5] = nan
    assert [trees.score(row, ()) for row in wild.tolist()] == pytest.approx(model.decision_function(wild), abs=1e-6)


def test_a_fit_depends_on_its_rows_and_seed_alone_and_its_trees_travel() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(400, 3)).astype(np.float32)
    labels = (values[:, 0] > 0).astype(float)
    settings = Boosted(rounds=5, least_in_leaf=5)
    trees = fit(settings, values, labels, 7)
    assert fit(settings, values, labels, 7) == trees
    snapshot = Snapshot(names=("a", "b", "c"), parts=(trees,), mix=(1.0,))
    assert decode(*encode(snapshot), "snapshot.v1") == snapshot


def test_a_fit_leaves_alone_a_value_that_was_never_known() -> None:
    rng = np.random.default_rng(8)
    values = np.stack((rng.normal(size=300), np.full(300, nan)), axis=1).astype(np.float32)
    trees = fit(Boosted(rounds=3, least_in_leaf=5, columns=1.0), values, (values[:, 0] > 0).astype(float), 1)
    assert set(trees.feature) == {-1, 0}


def test_a_fit_needs_both_kinds_of_rows() -> None:
    with pytest.raises(ValueError, match="rows without"):
        fit(Boosted(), np.zeros((10, 2), np.float32), np.ones(10), 1)


def test_the_online_model_finds_what_decides() -> None:
    rng = np.random.default_rng(5)
    model = OnlineModel(3, Online(rate=0.1, token_bits=8))
    for _ in range(4000):
        known, phone = rng.random() < 0.8, rng.random() < 0.5
        value = float(rng.normal(100.0, 10.0))
        logit = ((value - 100.0) / 5.0 if known else 1.5) + 2.0 * phone - 1.0
        label = float(rng.random() < 1 / (1 + np.exp(-logit)))
        values = np.array([value if known else nan, rng.normal(), 3.0])
        model.learn(values, ("phone",) if phone else ("mail",), label)
    part = model.part()
    said = {
        (value, token): part.score((value, 0.0, 3.0), (token,))
        for value in (90.0, 110.0, nan)
        for token in ("mail", "phone")
    }
    assert said[90.0, "mail"] == pytest.approx(-3.0, abs=0.6)
    assert said[110.0, "phone"] == pytest.approx(3.0, abs=0.6)
    assert said[nan, "mail"] == pytest.approx(0.5, abs=0.6)


def test_the_online_model_is_its_numbers() -> None:
    rng, settings = np.random.default_rng(6), Online(token_bits=8, l2=0.001)
    model, again = OnlineModel(4, settings), OnlineModel(4, settings)
    rows = [(np.where(rng.random(4) < 0.3, nan, rng.normal(size=4)), (f"t{rng.integers(50)}", "x", "x"))
            for _ in range(60)]  # fmt: skip
    for place, (values, tokens) in enumerate(rows):
        model.learn(values, tokens, float(place % 2))
        if place == 30:
            again.load(model.encode())
            for piece in model.changed:
                again.load_piece(piece, model.encode_piece(piece))
        elif place > 30:
            again.learn(values, tokens, float(place % 2))
    assert again.part() == model.part()
    assert all(0 <= piece < 256 // PIECE for piece in model.changed)
    with pytest.raises(ValueError, match="reshape"):
        OnlineModel(5, settings).load(model.encode())
