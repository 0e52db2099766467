"""What the commands of `beforehand shadow` do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from desk.scores.scored import Score
from desk.shadowing.compare import Comparison, Side, compare, messages, signs
from desk.tuning.parameters_file import Proposal, read
from detectors.bounds import changed
from detectors.challengers import definition_of, name_of
from models.errors import OperatorError
from models.events.base import Event
from models.events.catalogue import decode
from models.events.challenger_changed import ChallengerChanged, ChallengerChangedData
from models.events.parameters_updated import ParametersUpdated, ParametersUpdatedData
from models.issues import Issue, decode_issue
from streams.announcing import announce
from streams.clock import BusinessClock
from streams.in_force import in_force
from streams.letters.records import records
from streams.roles.shadow import CHALLENGER
from streams.settings import Settings, load
from streams.topics import ISSUES, JOURNAL, SHADOW_ISSUES, state_topic

console = Console(highlight=False, soft_wrap=True)
_SIGNS = (b'{"type":"care.opened', b'{"type":"survey.')


class NoChallenger(OperatorError):
    """There is no such challenger, or it cannot do what is asked. Operator action: see the message."""


def add(name: str, file: Path) -> None:
    """Let a challenger run beside its detector from now on, in the role `shadow`; nobody is told of what it finds."""
    settings, proposal = _settings(), read(file)
    parameters = msgspec.json.encode(_whole(settings, proposal, file)).decode()
    data = ChallengerChangedData(change="added", detector=proposal.detector, parameters=parameters)
    _announce(settings, _event(settings, name, data))
    console.print(
        f"{name} challenges {proposal.detector}, where `beforehand worker shadow` runs, with {parameters}; all else is "
        "as shipped"
    )


def show_all() -> None:
    """Show who challenges whom, as the role `shadow` has it."""
    shown = Table("challenger", "detector", "parameters", box=None)
    found = asyncio.run(_challengers(_settings()))
    for name, data in sorted(found.items()):
        shown.add_row(name, data.detector, data.parameters)
    console.print(shown if found else "no challenger runs (or the role `shadow` has not read of it yet)")


def show_comparison(name: str, days: float, horizon_h: float, json: Path | None) -> None:
    """Hold a challenger against its champion by what customers did themselves, with intervals."""
    settings = _settings()
    found = asyncio.run(_compared(settings, name, timedelta(days=days), timedelta(hours=horizon_h)))
    _show(found, name)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


def promote(name: str, file: Path) -> None:
    """Put a reviewed challenger in its champion's place, from here on in the journal, and end the challenger."""
    settings, proposal = _settings(), read(file)
    if not proposal.reviewed_by.strip():
        raise NoChallenger(f"{file}: nobody has reviewed it: whoever has read it writes the name into `reviewed_by`")
    running, whole = asyncio.run(_running(settings, name)), _whole(settings, proposal, file)
    if (running.detector, msgspec.json.decode(running.parameters)) != (proposal.detector, whole):
        raise NoChallenger(
            f"{file}, and what {proposal.detector} runs with now, give other parameters than {name} runs with: review "
            "what was tried, or add it anew"
        )
    now = BusinessClock(settings.clock_file).now()
    data = ParametersUpdatedData(detector=proposal.detector, parameters=running.parameters)
    known_as = f"promote-{name}-{now:%Y%m%dT%H%M%S.%f}"
    update = ParametersUpdated(id=known_as, source="operator", subject=proposal.detector, time=now, data=data)
    dropped = ChallengerChangedData(change="dropped", detector=proposal.detector)
    _announce(settings, update, _event(settings, name, dropped))
    console.print(
        f"{proposal.detector} runs with the parameters of {name}, reviewed by {proposal.reviewed_by}: "
        f"{running.parameters}"
    )


def drop(name: str) -> None:
    """End a challenger and forget what it knew."""
    settings = _settings()
    running = asyncio.run(_running(settings, name))
    _announce(settings, _event(settings, name, ChallengerChangedData(change="dropped", detector=running.detector)))
    console.print(f"{name} ends")


def _whole(settings: Settings, proposal: Proposal, file: Path) -> dict[str, Any]:
    """What the detector is to run with: what it runs with now, and the proposal's members in place of the same ones.

    Raises NoChallenger when these do not go together.
    """
    kind = proposal.kind
    found = asyncio.run(in_force(settings, kind)) | proposal.parameters
    try:
        changed(kind.params_type(), found)
    except msgspec.ValidationError as error:
        raise NoChallenger(
            f"{file} does not go with what {kind.name} runs with now ({error}): correct it, or BEFOREHAND_PARAMETERS"
        ) from None
    return found


def _settings() -> Settings:
    settings = load()
    if not settings.kafka:
        raise NoChallenger("no Kafka is configured: set BEFOREHAND_KAFKA=host:port to where the service reads from")
    return settings


def _event(settings: Settings, name: str, data: ChallengerChangedData) -> ChallengerChanged:
    now = BusinessClock(settings.clock_file).now()
    return ChallengerChanged(
        id=f"{data.change}-{name}-{now:%Y%m%dT%H%M%S.%f}", source="operator", subject=name, time=now, data=data
    )


def _announce(settings: Settings, *events: Event) -> None:
    asyncio.run(announce(settings, *events))


async def _challengers(settings: Settings) -> dict[str, ChallengerChangedData]:
    found: dict[str, ChallengerChangedData] = {}
    async for _, record in records(settings, state_topic("shadow", JOURNAL)):
        name = name_of(record.key or b"")
        if name is None:
            continue
        if record.value is None:
            found.pop(name, None)
        else:
            found[name] = definition_of(record.value)
    return found


async def _running(settings: Settings, name: str) -> ChallengerChangedData:
    """Raises NoChallenger when it does not run."""
    running = (await _challengers(settings)).get(name)
    if running is None:
        raise NoChallenger(f"no challenger {name!r} runs: `beforehand shadow list` names those that do")
    return running


async def _issues(settings: Settings, topic: str, since_ms: int, challenger: str = "") -> AsyncIterator[Issue]:
    async for _, record in records(settings, topic, since_ms):
        if record.value is not None and (not challenger or dict(record.headers).get(CHALLENGER) == challenger.encode()):
            yield decode_issue(record.value)


async def _compared(settings: Settings, name: str, window: timedelta, horizon: timedelta) -> Comparison:
    running = await _running(settings, name)
    if window <= horizon:
        raise NoChallenger("--days must be longer than --horizon-h: no message would be old enough to be judged")
    until = BusinessClock(settings.clock_file).now()
    theirs = [one async for one in _issues(settings, SHADOW_ISSUES, 0, name)]
    since = max([until - window, *([min(one.at for one in theirs)] if theirs else [])])
    ours = [one async for one in _issues(settings, ISSUES, 0)]
    events = [
        decode(record.value)
        async for _, record in records(settings, JOURNAL)
        if record.value is not None and record.value.startswith(_SIGNS)
    ]
    if until - since <= horizon:
        raise NoChallenger(
            f"{name} runs since {since:%F %H:%M}: wait until {horizon} have passed, or lower --horizon-h"
        )
    detector = running.detector
    return compare(messages(ours, detector), messages(theirs, detector), signs(events), since, until, horizon)


def _show(found: Comparison, name: str) -> None:
    window = f"{found.since:%F %H:%M} until {found.until:%F %H:%M}"
    console.print(f"{window}: {found.customers:,} customers, {found.signs:,} signs of trouble")
    shown = Table("", "messages", "signs caught", "false messages", "lead, h", box=None)
    for who, side in (("champion", found.champion), (name, found.challenger)):
        shown.add_row(who, f"{side.messages:,}", *(_words(one) for one in _figures(side)))
    shown.add_row("difference", "", *(_words(one) for one in found.difference.values()))
    console.print(shown)


def _figures(side: Side) -> tuple[Score, Score, Score]:
    return side.caught, side.false, side.lead_h


def _words(score: Score) -> str:
    if score.value is None or score.low is None or score.high is None:
        return "-"
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
