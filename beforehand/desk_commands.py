"""The commands of the desk. What they need is imported when they run: other commands start without it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

SOURCES = "olist, flights, shop, nab, series, mentions, complaints"
Data = Annotated[Path | None, typer.Option(help="folder with recorded data; else BEFOREHAND_DATA, ../shared/data")]
Detectors = Annotated[list[str] | None, typer.Option(help="only this detector; may be given again")]
Since = Annotated[str | None, typer.Option(help="what lies from here on: 2017-11-01, or RFC 3339; UTC without a zone")]
Until = Annotated[str | None, typer.Option(help="and before here")]


def add_to(app: typer.Typer) -> None:
    """Make them commands of `app`."""
    for name, command in COMMANDS:
        app.command(name)(command)


def replay(
    source: Annotated[str, typer.Argument(metavar="SOURCE|JOURNAL", help=f"{SOURCES}; or a recorded journal")],
    data: Data = None,
    detector: Detectors = None,
    since: Since = None,
    until: Until = None,
    partitions: Annotated[int, typer.Option(help="of the journal that a source is played into", min=1, max=64)] = 4,
    record: Annotated[Path | None, typer.Option(help="keep the journal in this new folder")] = None,
    issues: Annotated[Path | None, typer.Option(help="write every issue to this file, one JSON a line")] = None,
    models: Annotated[
        Literal["recorded", "relearn"], typer.Option(help="of a recorded journal: its own models, or learned anew")
    ] = "recorded",
) -> None:
    """Play a history, or a recorded journal, to the detectors and say what they found; tells nobody."""
    from beforehand.replaying import Wanted, run

    run(
        Wanted(
            source=source, data=data, detectors=detector or [], since=since, until=until, partitions=partitions,
            record=record, issues=issues, models=models,
        )
    )  # fmt: skip


def evaluate(
    source: Annotated[str, typer.Argument(help=SOURCES)],
    data: Data = None,
    detector: Detectors = None,
    since: Since = None,
    until: Until = None,
    json: Annotated[Path | None, typer.Option(help="write the scores to this file")] = None,
    scores: Annotated[Path | None, typer.Option(help="write what was said of each row into this folder (CSV)")] = None,
    report: Annotated[Path | None, typer.Option(help="write a page with plots; it needs no network")] = None,
) -> None:
    """Score what detectors say of a history against what was true, beside a null and a simple rule; tells nobody."""
    from beforehand.evaluating import Wanted, run

    run(
        Wanted(
            source=source, data=data, detectors=detector or [], since=since, until=until, json=json, scores=scores,
            report=report,
        )
    )  # fmt: skip


def explain(
    what: Annotated[str, typer.Argument(metavar="ISSUE|CUSTOMER", help="an issue's id (8 characters will do)")],
    journal: Annotated[Path | None, typer.Option(help="a recorded journal: events and readings, too")] = None,
) -> None:
    """Show the events, readings and rules that led to tell or hold, from the ledger and a recorded journal."""
    from beforehand.explaining import run

    run(what, journal)


def detectors(
    names: Annotated[list[str] | None, typer.Argument(help="only these")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """List detectors: what they listen to, parameters, warm-up, floor, and what they cost (measured now)."""
    from beforehand.listing import run

    run(names or [], as_json)


def tune(
    detector: Annotated[str, typer.Argument(help="see `beforehand detectors`")],
    source: Annotated[str, typer.Argument(help=SOURCES)],
    data: Data = None,
    since: Since = None,
    until: Until = None,
    budget: Annotated[float, typer.Option(help="messages a day, at most", min=0.0)] = 50.0,
    missed: Annotated[float, typer.Option(help="what a trouble costs that nobody spoke of in time", min=0.0)] = 5.0,
    false: Annotated[float, typer.Option(help="what a message for nothing costs", min=0.0)] = 1.0,
    repeated: Annotated[float, typer.Option(help="what a second message about the same costs", min=0.0)] = 2.0,
    trials: Annotated[int, typer.Option(help="in all, with those that the study has already", min=1)] = 40,
    folds: Annotated[int, typer.Option(help="parts of the window to walk forward through", min=2, max=52)] = 4,
    only: Annotated[list[str] | None, typer.Option(help="only this parameter; may be given again")] = None,
    study: Annotated[Path | None, typer.Option(help="keeps the trials, to go on later; DETECTOR-SOURCE.study")] = None,
    out: Annotated[Path | None, typer.Option(help="the file of parameters to write; DETECTOR-SOURCE.json")] = None,
) -> None:
    """Search better parameters for a detector by the cost of its messages, walking forward through a history."""
    from beforehand.tuning import Wanted, run
    from desk.tuning.costs import Prices
    from desk.tuning.study import Aim

    prices = Prices(missed=missed, false=false, repeated=repeated)
    aim = Aim(prices=prices, budget=budget, folds=folds, trials=trials, only=tuple(only or ()))
    name = f"{detector}-{source}"
    run(
        Wanted(
            detector=detector, source=source, data=data, since=since, until=until, aim=aim,
            study=study or Path(f"{name}.study"), out=out or Path(f"{name}.json"),
        )
    )  # fmt: skip


def verdict(
    issue: Annotated[str, typer.Argument(help="an issue's id (8 characters will do), as `explain` shows it")],
    word: Annotated[Literal["right", "wrong", "known", "trend"], typer.Argument(metavar="right|wrong|known|trend")],
    by: Annotated[str, typer.Option("--by", help="who says so; default: who is logged in")] = "",
) -> None:
    """Say what an issue was worth; detectors learn from it, within bounds."""
    from beforehand.verdicts import run

    run(issue, word, by)


def new_detector(
    area: Annotated[str, typer.Argument(help="the folder in detectors/, such as friction; may be a new one")],
    name: Annotated[str, typer.Argument(help="of the trouble, such as lost_basket")],
    event: Annotated[str, typer.Option(help="the type of event it listens to first")] = "checkout.step.v1",
) -> None:
    """Write the file of a new detector, its mail and its scenario test; all of it works and waits to be changed."""
    from beforehand.new_detector import run

    run(area, name, event)


COMMANDS = (
    ("replay", replay),
    ("evaluate", evaluate),
    ("explain", explain),
    ("detectors", detectors),
    ("tune", tune),
    ("verdict", verdict),
    ("new-detector", new_detector),
)
