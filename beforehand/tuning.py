"""`beforehand tune`: better parameters for a detector, by what its messages would have cost. It tells nobody."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from beforehand.choosing import chosen
from beforehand.progress import progress
from beforehand.windows import Window, check_writable, write_whole
from desk.tuning.costs import Outcome
from desk.tuning.parameters_file import Proposal, difference, text_of
from desk.tuning.play import Play
from desk.tuning.study import Aim, Tuned, tune
from detectors.bounds import changed
from models.collecting import collect_rarely

console = Console(highlight=False, soft_wrap=True)
MOST_SHOWN = 10


class Wanted(Window, frozen=True, kw_only=True):
    """What the command was asked for."""

    detector: str
    aim: Aim
    study: Path
    out: Path


def run(wanted: Wanted) -> None:
    """Search, show, write the file. A search that was broken off goes on where it was."""
    collect_rarely()
    check_writable("--out", wanted.out)
    check_writable("--study", wanted.study)
    (detector,) = chosen([wanted.detector])
    history = wanted.history()
    play = Play(history, detector)
    with progress(console, f"{detector.name} on {wanted.source}, trials", wanted.aim.trials) as done:
        found = tune(play, wanted.aim, wanted.study, done)
    after = play.said(changed(detector.params, found.parameters))
    new, gone = difference(play.said(detector.params), after)
    proposal = Proposal(
        detector=detector.name, parameters=found.parameters, told_now=new, told_no_more=gone,
        why=f"{found.trials} trials on {wanted.source}, {history.since:%F} until {history.until:%F}",
        figures={"cost_per_day": _cost(found.best, wanted.aim), "shipped": _cost(found.shipped, wanted.aim),
                 "walking_forward": found.forward, "walking_forward_shipped": found.forward_shipped},
    )  # fmt: skip
    write_whole(wanted.out, text_of(proposal))
    _show(found, proposal, wanted)


def _cost(outcomes: list[Outcome], aim: Aim) -> float:
    return sum(one.cost(aim.prices, aim.budget) for one in outcomes) / len(outcomes)


def _show(found: Tuned, proposal: Proposal, wanted: Wanted) -> None:
    table = Table("", "cost/day", "missed", "false", "repeated", "messages/day", box=None)
    for name, outcomes in (("shipped", found.shipped), ("tuned", found.best)):
        days = sum(one.days for one in outcomes)
        table.add_row(
            name, f"{_cost(outcomes, wanted.aim):.2f}", f"{sum(one.troubles - one.caught for one in outcomes):,}",
            f"{sum(one.false for one in outcomes):,}", f"{sum(one.repeated for one in outcomes):,}",
            f"{sum(one.told for one in outcomes) / days:.1f}",
        )  # fmt: skip
    console.print(table)
    ahead, shipped = sum(found.forward) / len(found.forward), sum(found.forward_shipped) / len(found.forward_shipped)
    console.print(f"chosen on the days before, on the days after: {ahead:.2f} a day; as shipped {shipped:.2f}")
    changes = ", ".join(f"{name} {value:.4g}" for name, value in proposal.parameters.items())
    console.print(f"changes: {changes or 'none: the shipped parameters are the best of all tried'}")
    lists = (("told now and not before", proposal.told_now), ("not told any more", proposal.told_no_more))
    for title, messages in lists:
        console.print(f"{title}: {len(messages)}")
        for one in messages[:MOST_SHOWN]:
            console.print(f"  {one.at:%F %H:%M} {one.customer_id} {one.object}")
    console.print(f"written to {wanted.out}: read it, put your name in `reviewed_by`, then try it in the shadow")
