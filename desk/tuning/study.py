"""The search for parameters: Optuna's TPE over the declared bounds, judged by walking forward through the window.

A trial plays the whole window once and is worth its mean cost over all folds. How good such a choice is on days it has
not seen is told beside it: for each fold but the first, the best trial on the folds before it, at that fold's cost.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec
import optuna
from optuna.trial import TrialState

from desk.tuning.costs import Outcome, Prices, folds, outcomes
from desk.tuning.play import Play
from detectors.bounds import Bound, bounds_of, changed
from detectors.detector import Params
from models.errors import OperatorError

SEED = 20_130_208
_KEPT = "outcomes"
_RESTS_ON = "rests_on"


class CannotTune(OperatorError):
    """What was asked for cannot be searched. Operator action: see the message."""


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What is searched for. `only`: these parameters, all declared ones when empty; `budget`: messages a day."""

    prices: Prices = Prices()
    budget: float = 50.0
    folds: int = 4
    trials: int = 40
    only: tuple[str, ...] = ()


class Tuned(msgspec.Struct, frozen=True, kw_only=True):
    """The best parameters, their outcome and the shipped ones' fold by fold, and the costs of walking forward."""

    parameters: dict[str, Any]
    best: list[Outcome]
    shipped: list[Outcome]
    forward: list[float]
    forward_shipped: list[float]
    trials: int


def tune(play: Play, aim: Aim, kept: Path, progress: Callable[[int], None] = lambda _: None) -> Tuned:
    """Search until there are `aim.trials` in the file `kept`, which may hold earlier ones. Raises CannotTune."""
    shipped: Params = play.detector.params
    bounds = _chosen(shipped, aim.only)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = _study(play, aim, kept, bounds)
    done = _done(study)
    progress(len(done))
    if not done:
        study.enqueue_trial({name: getattr(shipped, name) for name in bounds}, skip_if_exists=True)
    starts = folds(play.since, play.until, aim.folds)

    def objective(trial: optuna.Trial) -> float:
        params = _with(shipped, {name: _suggested(trial, name, bound) for name, bound in bounds.items()})
        found = outcomes(play.truths, play.said(params), starts, play.until)
        trial.set_user_attr(_KEPT, msgspec.to_builtins(found))
        return fmean(_costs(found, aim))

    study.optimize(objective, n_trials=max(0, aim.trials - len(done)), callbacks=[lambda *_: progress(1)])
    return _tuned(study, aim, shipped, bounds)


def _with(shipped: Params, parameters: dict[str, Any]) -> Params:
    if "close_at" in parameters or "open_at" in parameters:
        opens = parameters.get("open_at", shipped.open_at)
        parameters = parameters | {"close_at": min(parameters.get("close_at", shipped.close_at), opens)}
    return changed(shipped, parameters)


def _chosen(shipped: Params, only: Sequence[str]) -> dict[str, Bound]:
    bounds = bounds_of(type(shipped))
    for name in only:
        if name not in bounds:
            raise CannotTune(f"--only {name}: no parameter with declared bounds; there are {', '.join(bounds)}")
    return {name: bound for name, bound in bounds.items() if not only or name in only}


def _study(play: Play, aim: Aim, kept: Path, bounds: dict[str, Bound]) -> optuna.Study:
    """The one kept in the file, if it is the same search; trials of another are no help. Raises CannotTune."""
    rests_on = msgspec.json.encode(
        {
            "detector": play.detector.name, "since": play.since, "until": play.until, "truths": len(play.truths),
            "aim": msgspec.structs.replace(aim, trials=0), "bounds": bounds,
            "shipped": {name: getattr(play.detector.params, name) for name in bounds},
        }
    ).decode()  # fmt: skip
    storage = f"sqlite:///{os.fspath(kept)}"
    try:
        study = optuna.create_study(
            storage=storage, study_name=play.detector.name, load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=SEED, multivariate=True),
        )  # fmt: skip
    except Exception as error:  # whatever its database layer makes of a file that is none
        raise CannotTune(f"--study {kept}: cannot be used as a study ({type(error).__name__}); name another") from error
    before = study.user_attrs.get(_RESTS_ON)
    if before is not None and before != rests_on:
        raise CannotTune(
            f"--study {kept} holds another search (detector, window, prices, bounds or shipped parameters differ): "
            "name another file, or remove it"
        )
    study.set_user_attr(_RESTS_ON, rests_on)
    return study


def _suggested(trial: optuna.Trial, name: str, bound: Bound) -> float:
    if bound.whole:
        return trial.suggest_int(name, int(bound.low), int(bound.high), log=bound.wide)
    return trial.suggest_float(name, bound.low, bound.high, log=bound.wide)


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return [one for one in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)) if _KEPT in one.user_attrs]


def _costs(found: Sequence[Outcome], aim: Aim) -> list[float]:
    return [one.cost(aim.prices, aim.budget) for one in found]


def _tuned(study: optuna.Study, aim: Aim, shipped: Params, bounds: dict[str, Bound]) -> Tuned:
    trials = _done(study)
    outcomes_of = [msgspec.convert(one.user_attrs[_KEPT], list[Outcome]) for one in trials]
    costs = [_costs(found, aim) for found in outcomes_of]
    best = min(range(len(trials)), key=lambda number: fmean(costs[number]))
    forward = [
        costs[min(range(len(trials)), key=lambda number: fmean(costs[number][:fold]))][fold]
        for fold in range(1, aim.folds)
    ]
    params = _with(shipped, {name: trials[best].params[name] for name in bounds})
    return Tuned(
        parameters={name: getattr(params, name) for name in bounds if getattr(params, name) != getattr(shipped, name)},
        best=outcomes_of[best], shipped=outcomes_of[0], forward=forward, forward_shipped=costs[0][1:],
        trials=len(trials),
    )  # fmt: skip
