"""`beforehand evaluate`: a history played to detectors, and what their answers were worth. Nobody is told anything."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from beforehand.choosing import chosen
from beforehand.progress import progress
from beforehand.windows import BadWords, Window, check_writable, write_whole
from desk.evaluation import Evaluation, Judged, evaluate
from desk.reports.figures import as_json, file_of, scores_csv
from desk.reports.page import figure, page
from desk.scores.nab import Nab
from desk.scores.scored import NAMES
from models.collecting import collect_rarely

console = Console(highlight=False)


class Wanted(Window, frozen=True, kw_only=True):
    """What the command was asked for; each output is None when it is not wanted."""

    detectors: list[str]
    json: Path | None
    scores: Path | None
    report: Path | None


def run(wanted: Wanted) -> None:
    """Play, score, show, and write what is wanted. Nothing is written before everything is known."""
    collect_rarely()
    check_outputs(wanted)
    detectors = chosen(wanted.detectors) if wanted.detectors else None
    history = wanted.history()
    with progress(console, wanted.source, history.length) as done:
        found = evaluate(history, detectors, progress=done)
    texts = [(wanted.json, as_json), (wanted.report, page)]
    written = [(file, text(found)) for file, text in texts if file is not None]
    if wanted.scores is not None:
        wanted.scores.mkdir(exist_ok=True)
        written += [(wanted.scores / file_of(one), scores_csv(one)) for one in found.judged]
    for file, text in written:
        write_whole(file, text)
    show(found, console)


def check_outputs(wanted: Wanted) -> None:
    """Raises BadWords for a place that cannot be written to."""
    check_writable("--json", wanted.json)
    check_writable("--report", wanted.report)
    if wanted.scores is not None:
        if wanted.scores.exists() and not wanted.scores.is_dir():
            raise BadWords(f"--scores {wanted.scores} is a file: name a folder")
        check_writable("--scores", wanted.scores / "x.csv" if wanted.scores.exists() else wanted.scores)


def show(found: Evaluation, console: Console) -> None:
    """The scores as tables."""
    console.print(
        f"{found.source}: {found.events:,} events; asked about {found.since:%F %H:%M} to {found.until:%F %H:%M}"
    )
    if found.failures:
        console.print(f"{found.failures} readings failed and are missing")
    for detector, (_, told) in found.telling.items():
        console.print(f"\n[bold]{detector}[/bold]: " + ", ".join(f"{name} {figure(name, told[name])}" for name in told))
        if detector in found.nab:
            _show_nab(found.nab[detector], console)
        for one in (one for one in found.judged if one.detector == detector):
            _show_question(one, console)


def _show_nab(scores: Mapping[str, Nab], console: Console) -> None:
    """The score of the Numenta Anomaly Benchmark: 0 is saying nothing, 100 each window met at once and nothing else."""
    named = ", ".join(f"{profile.replace('_', ' ')} {one.score:.1f}" for profile, one in scores.items())
    first = next(iter(scores.values()))
    console.print(
        f"NAB score: {named}; at its best threshold, {first.threshold:.3g}, {first.hits} of {first.windows} windows "
        f"are met, and {first.false_rows} rows outside are called unusual"
    )


def _show_question(one: Judged, console: Console) -> None:
    """The interval only of the first score: the report has all of them."""
    question = one.question
    console.print(f"\n{question.title}: {len(one.trouble):,} rows, {one.trouble.mean():.1%} in trouble")
    first, *others = NAMES[:6]
    heads = [name.replace("_", "\n", 1).replace("_", " ") for name in others]
    table = Table("", first.replace("_", "\n"), "95 %", *heads, box=None)
    for scorer, scores in one.scores.items():
        value, _, interval = figure(first, scores.get(first)).removesuffix(")").partition(" (")
        figures = [figure(name, scores.get(name), interval=False) for name in others]
        table.add_row(scorer, value, interval.replace(" to ", "–"), *figures)
    console.print(table)
    for words in (question.rule_name and f"rule: {question.rule_name}", question.note and f"note: {question.note}"):
        if words:
            console.print(f" {words}")
