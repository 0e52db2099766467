"""What the commands of `beforehand dead-letters` do."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

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

console = Console(highlight=False, soft_wrap=True)


class BadChoice(OperatorError):
    """An option does not hold. Operator action: see the message."""


class Choice(NamedTuple):
    """Which letters, as it was typed; nothing said: all that wait."""

    ids: list[str] | None
    reason: str | None
    since: str | None


def list_letters(choice: Choice, most: int, all_: bool) -> None:
    """Say what waits, counted by reason; `all_`: what is done with, too."""
    settings, wanted = _settings(), _wanted(choice)
    console.print(*asyncio.run(_listed(settings, wanted, Listing(most, all_))).tables(), sep="\n")


def show(choice: Choice, most: int | None, raw: Path | None) -> None:
    """Show letters without any value, or write their bytes into the folder `raw`. Raises BadChoice."""
    wanted = _wanted(choice)
    if wanted == reading.Wanted():
        raise BadChoice("which letters? name them by id, --reason or --since: `beforehand dead-letters list` has them")
    asyncio.run(_shown(_settings(), wanted, most, raw))


def replay(choice: Choice, pace: Pace, repaired: Path | None) -> None:
    """Send letters to where they came from, once, or what is in `repaired` in their place."""
    settings, wanted = _settings(), _wanted(choice)
    repairs = Repairs(repaired) if repaired else None
    with console.status("none so far") as status:
        tally = asyncio.run(replaying.replay(settings, wanted, repairs, pace, _so_far(status)))
    _end("replayed", tally, pace.dry)


def drop(choice: Choice, pace: Pace) -> None:
    """Note that letters are done with. Raises BadChoice when none are named."""
    settings, wanted = _settings(), _wanted(choice)
    if wanted == reading.Wanted():
        raise BadChoice("which letters? name them by id, --reason or --since: nothing is dropped without")
    with console.status("none so far") as status:
        tally = asyncio.run(replaying.drop(settings, wanted, pace, _so_far(status)))
    _end("dropped", tally, pace.dry)


def _settings() -> Settings:
    settings = load()
    if not settings.kafka:
        raise BadChoice("no Kafka is configured: set BEFOREHAND_KAFKA=host:port")
    return settings


def _wanted(choice: Choice) -> reading.Wanted:
    ids, reason, words = choice
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
