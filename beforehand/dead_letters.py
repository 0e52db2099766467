"""`beforehand dead-letters`: list, show, replay and drop what was set aside."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status

from beforehand.dead_letter_tables import Listing, described, summary
from beforehand.since import since
from models.dead_letters import Reason
from models.errors import OperatorError
from models.letters import id_of
from streams.clock import real_now
from streams.letters import reading, replaying
from streams.letters.repairs import Repairs, write_original
from streams.letters.working import Pace, Tally
from streams.settings import Settings, load

app = typer.Typer(help="What could not be used: look at it, mend it, send it again.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Ids = Annotated[list[str] | None, typer.Argument(help="letters by their ids, such as 3-120; none: all that hold below")]
ReasonOption = Annotated[str | None, typer.Option(help="only those set aside for this")]
SinceOption = Annotated[str | None, typer.Option(help="only those set aside since: 90m, 36h, 7d, 2013-02-08T15:00Z")]
MaxOption = Annotated[int | None, typer.Option("--max", help="so many letters at most", min=1)]
DryOption = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]
RateOption = Annotated[float, typer.Option(help="letters per second", min=0.01)]
RepairedOption = Annotated[Path | None, typer.Option(help="send the files of this folder instead, named by id")]
RawOption = Annotated[Path | None, typer.Option(help="write the original bytes (customers' data!) into this folder")]


class BadChoice(OperatorError):
    """An option does not hold. Operator action: see the message."""


@app.command("list")
def list_letters(
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: Annotated[int, typer.Option("--max", help="so many rows at most; all are counted", min=1)] = 50,
    all_: Annotated[bool, typer.Option("--all", help="those replayed or dropped, too")] = False,
) -> None:
    """Say what waits: reason, where it came from, when, and what was wrong with it; counted by reason."""
    settings, wanted = _settings(), _wanted(None, reason, since)
    console.print(*asyncio.run(_listed(settings, wanted, Listing(most, all_))).tables(), sep="\n")


@app.command()
def show(
    ids: Ids = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: MaxOption = None,
    raw: RawOption = None,
) -> None:
    """Show letters without any value: where from, why, headers, members with their types and lengths."""
    wanted = _wanted(ids, reason, since)
    if wanted == reading.Wanted():
        raise BadChoice("which letters? name them by id, --reason or --since: `beforehand dead-letters list` has them")
    asyncio.run(_shown(_settings(), wanted, most, raw))


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
    settings, wanted = _settings(), _wanted(ids, reason, since)
    repairs = Repairs(repaired) if repaired else None
    with console.status("none so far") as status:
        work = replaying.replay(settings, wanted, repairs, Pace(most, rate, dry_run), _so_far(status))
        tally = asyncio.run(work)
    _end("replayed", tally, dry_run)


@app.command()
def drop(
    ids: Ids = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    most: MaxOption = None,
    dry_run: DryOption = False,
) -> None:
    """Note that letters are done with; Kafka keeps them until their 28 days are over."""
    settings, wanted = _settings(), _wanted(ids, reason, since)
    if wanted == reading.Wanted():
        raise BadChoice("which letters? name them by id, --reason or --since: nothing is dropped without")
    with console.status("none so far") as status:
        tally = asyncio.run(replaying.drop(settings, wanted, Pace(most, dry=dry_run), _so_far(status)))
    _end("dropped", tally, dry_run)


def _settings() -> Settings:
    settings = load()
    if not settings.kafka:
        raise BadChoice("no Kafka is configured: set BEFOREHAND_KAFKA=host:port")
    return settings


def _wanted(ids: list[str] | None, reason: str | None, words: str | None) -> reading.Wanted:
    if reason is not None and reason not in set(Reason):
        raise BadChoice(f"{reason!r} is no reason: it is one of {', '.join(Reason)}")
    found = {name: id_of(name) for name in ids or ()}
    for name, letter in found.items():
        if letter is None:
            raise BadChoice(f"{name!r} is no dead letter's id, such as 3-120: `beforehand dead-letters list` has them")
    return reading.Wanted(
        ids=frozenset(letter for letter in found.values() if letter is not None) if ids else None,
        reason=reason,
        since=since(words, real_now()) if words is not None else None,
    )


async def _listed(settings: Settings, wanted: reading.Wanted, listing: Listing) -> Listing:
    reading.check_topics(settings)
    handled = await reading.handled_letters(settings)
    async with aclosing(reading.letters(settings, wanted)) as source:  # type: ignore[type-var]
        async for letter in source:
            listing.take(letter, reading.done_about(letter, handled))
    return listing


async def _shown(settings: Settings, wanted: reading.Wanted, most: int | None, raw: Path | None) -> None:
    reading.check_topics(settings)
    handled = await reading.handled_letters(settings)
    if wanted.ids is not None:
        await reading.named(settings, wanted.ids)
    shown = there = 0
    async with aclosing(reading.letters(settings, wanted)) as source:  # type: ignore[type-var]
        async for letter in source:
            done = reading.done_about(letter, handled)
            if most is not None and shown >= most:
                break
            if done is not None and wanted.ids is None:
                continue
            shown += 1
            if raw is None:
                console.print(described(letter, done))
            elif not write_original(raw, letter.id, letter.value or b""):
                there += 1
    if raw is not None:
        console.print(
            f"wrote {shown - there} files to {raw}" + (f"; {there} were there and are as they were" * bool(there))
        )
    elif not shown:
        console.print("nothing waits")


def _so_far(status: Status) -> Callable[[int], None]:
    """Seen in a terminal only."""
    return lambda done: status.update(f"{done} so far")


def _end(did: str, tally: Tally, dry_run: bool) -> None:
    console.print(summary(did, tally, dry_run))
    if tally.left:
        raise typer.Exit(1)
