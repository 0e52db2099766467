"""Tuning: costs add up by fold, a search goes on where it was and never ends worse, and the file says what changes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean

import pytest

from desk.matching import Said
from desk.sources.shop_history import ShopHistory
from desk.sources.source import Truth
from desk.tuning.costs import Outcome, Prices, folds, outcomes
from desk.tuning.parameters_file import BadParameters, Proposal, difference, read, text_of
from desk.tuning.play import NothingToTuneBy, Play
from desk.tuning.study import Aim, CannotTune, tune
from detectors.bounds import bounds_of
from detectors.catalogue import detector_types
from detectors.friction.payment_retry_loop import PaymentRetryLoop

T0 = datetime(2025, 3, 1, tzinfo=UTC)


def after(days: float) -> datetime:
    return T0 + timedelta(days=days)


def truth(customer: str, felt: float, *, trouble: bool = True) -> Truth:
    return Truth(
        customer_id=customer, object=f"o-{customer}", detector="d", trouble=trouble, felt_at=after(felt),
        promised_by=after(felt),
    )  # fmt: skip


def said(customer: str, at: float) -> Said:
    return Said("d", customer, f"o-{customer}", after(at))


def test_each_fold_counts_its_own() -> None:
    truths = [truth("early", 0.5), truth("late", 1.5), truth("missed", 3.5), truth("calm", 3.6, trouble=False)]
    messages = [said("early", 0.2), said("late", 1.7), said("early", 0.3), said("calm", 3.1)]
    first, second = outcomes(truths, messages, folds(T0, after(4), 2), after(4))
    assert first == Outcome(troubles=2, caught=1, false=0, repeated=1, told=3, days=2.0)
    assert second == Outcome(troubles=1, caught=0, false=1, repeated=0, told=1, days=2.0)
    assert first.cost(Prices(missed=5, false=1, repeated=2), budget_per_day=50) == (5 + 2) / 2
    assert second.cost(Prices(missed=5, false=1, repeated=2), budget_per_day=0) == (5 + 1 + 5) / 2


def test_every_detector_declares_what_can_be_tuned_and_ships_within_it() -> None:
    for one in detector_types():
        bounds = bounds_of(one.params_type)
        assert {"open_at", "close_at"} <= set(bounds), one.name
        shipped = one.params_type()
        assert all(bound.low <= getattr(shipped, name) <= bound.high for name, bound in bounds.items()), one.name


@pytest.fixture(scope="module")
def play() -> Play:
    """A shop in which the shipped parameters are spoiled: only after eight failures it speaks."""
    params = PaymentRetryLoop.params_type(floor=8)
    return Play(ShopHistory(Path(), customers=60), PaymentRetryLoop(params))


def test_the_search_goes_on_where_it_was_and_finds_better(play: Play, tmp_path: Path) -> None:
    aim = Aim(trials=3, folds=2, only=("floor",))
    first = tune(play, aim, tmp_path / "a.study")
    assert first.trials == 3
    seen: list[int] = []
    more = tune(play, Aim(trials=9, folds=2, only=("floor",)), tmp_path / "a.study", seen.append)
    assert (more.trials, seen[0]) == (9, 3)
    cost = {name: fmean(one.cost(aim.prices, aim.budget) for one in found) for name, found in
            (("best", more.best), ("shipped", more.shipped))}  # fmt: skip
    assert cost["best"] < cost["shipped"]
    assert more.parameters["floor"] < 8
    assert len(more.forward) == 1


def test_another_search_is_not_mixed_into_a_study(play: Play, tmp_path: Path) -> None:
    tune(play, Aim(trials=1, folds=2, only=("floor",)), tmp_path / "a.study")
    with pytest.raises(CannotTune, match="another search"):
        tune(play, Aim(trials=2, folds=2, only=("window_s",)), tmp_path / "a.study")


def test_what_cannot_be_searched_is_said(play: Play, tmp_path: Path) -> None:
    with pytest.raises(CannotTune, match=r"--only colour: .* floor"):
        tune(play, Aim(only=("colour",)), tmp_path / "b.study")
    (tmp_path / "text").write_text("no database, but long enough to be taken for one by its name\n" * 20)
    with pytest.raises(CannotTune, match="cannot be used as a study"):
        tune(play, Aim(only=("floor",)), tmp_path / "text")
    with pytest.raises(NothingToTuneBy, match="has no trouble of the kind late_delivery"):
        one = next(one for one in detector_types() if one.name == "late_delivery")
        Play(ShopHistory(Path(), customers=1), one(one.params_type()))


def test_the_file_says_who_would_be_told_now_and_reads_back(tmp_path: Path) -> None:
    new, gone = difference([said("a", 1), said("b", 1)], [said("b", 2), said("c", 3)])
    assert ([one.customer_id for one in new], [one.customer_id for one in gone]) == (["c"], ["a"])
    proposal = Proposal(detector="payment_retry_loop", parameters={"floor": 2}, told_now=new, told_no_more=gone)
    file = tmp_path / "p.json"
    file.write_text(text_of(proposal))
    assert read(file) == proposal
    assert json.loads(file.read_text())["told_now"][0]["customer_id"] == "c"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("{", "no file of parameters"),
        ('{"detector": "nobody", "parameters": {}}', "no detector 'nobody'"),
        ('{"detector": "payment_retry_loop", "parameters": {"floor": 0}}', r"floor"),
        ('{"detector": "payment_retry_loop", "parameters": {"flor": 2}}', "flor"),
        ('{"detector": "payment_retry_loop", "parameters": {"open_at": 0.1, "close_at": 0.2}}', "close_at"),
        ('{"layout": "parameters.v7", "detector": "payment_retry_loop", "parameters": {}}', "parameters.v7"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_with_the_reason(words: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(words)
    with pytest.raises(BadParameters, match=reason):
        read(file)
