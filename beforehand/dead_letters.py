"""`beforehand dead-letters`: list, show, replay and drop what was set aside.

What the commands need is imported when they run: other commands start without it.
"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What could not be used: look at it, mend it, send it again.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="letters by their ids, such as 3-120; none: all that hold below")]
ReasonOption = Annotated[str | None, typer.Option(help="only those set aside for this")]
SinceOption = Annotated[str | None, typer.Option(help="only those set aside since: 90m, 36h, 7d, 2013-02-08T15:00Z")]
MaxOption = Annotated[int | None, typer.Option("--max", help="so many letters at most", min=1)]
DryOption = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]
RateOption = Annotated[float, typer.Option(help="letters per second", min=0.01)]
RepairedOption = Annotated[Path | None, typer.Option(help="send the files of this folder instead, named by id")]
RawOption = Annotated[Path | None, typer.Option(help="write the original bytes (customers' data!) into this folder")]


@app.command("list")
def list_letters(
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: Annotated[int, typer.Option("--max", help="so many rows at most; all are counted", min=1)] = 50,
    all_: Annotated[bool, typer.Option("--all", help="those replayed or dropped, too")] = False,
) -> None:
    """Say what waits: reason, where it came from, when, and what was wrong with it; counted by reason."""
    from beforehand.letters import Choice, list_letters

    list_letters(Choice(None, reason, since), most, all_)


@app.command()
def show(
    ids: Ids = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: MaxOption = None,
    raw: RawOption = None,
) -> None:
    """Show letters without any value: where from, why, headers, members with their types and lengths."""
    from beforehand.letters import Choice, show

    show(Choice(ids, reason, since), most, raw)


@app.command()
def replay(
    ids: Ids = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: MaxOption = None,
    rate: RateOption = 100.0,
    dry_run: DryOption = False,
    repaired: RepairedOption = None,
) -> None:
    """Send letters to where they came from, once; what would only come back is left."""
    from beforehand.letters import Choice, replay
    from streams.letters.working import Pace

    replay(Choice(ids, reason, since), Pace(most, rate, dry_run), repaired)


@app.command()
def drop(
    ids: Ids = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: MaxOption = None,
    dry_run: DryOption = False,
) -> None:
    """Note that letters are done with; Kafka keeps them until their 28 days are over."""
    from beforehand.letters import Choice, drop
    from streams.letters.working import Pace

    drop(Choice(ids, reason, since), Pace(most, dry=dry_run))
