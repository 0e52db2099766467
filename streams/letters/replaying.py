"""Sends letters to where they came from, or lets them go."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Final

import msgspec

from models.dead_letters import Reason
from models.intake import Rejected
from models.letters import Letter
from streams.admitting import taken_in
from streams.clock import BusinessClock
from streams.cluster import Cluster
from streams.connection import security_of
from streams.letters.failures import NotReplayable
from streams.letters.reading import Wanted, check_topics, named
from streams.letters.repairs import Repairs
from streams.letters.working import Judge, Pace, Tally, work
from streams.letters.writer import note
from streams.settings import Settings
from streams.step import Output
from streams.topics import SOURCES, table

REPLAYED, DROPPED = "replayed", "dropped"

OWN: Final = frozenset(topic.name for topic in table(1)) - set(SOURCES)
"""Topics that only this service writes, or that nobody sets aside from into the dead letters."""

NEVER: Final = {
    Reason.DETECTOR_ERROR: "the journal still holds its event, and the other detectors took it in: mend the detector",
    Reason.EXAMPLE_REFUSED: "it was frozen by another version: run detect and learn in one",
    Reason.MODEL_REFUSED: "the next snapshot of the model replaces it: run detect and learn in one version",
    Reason.PARAMETERS_REFUSED: "promote parameters that this version accepts in their place",
    Reason.BAD_JOURNAL_RECORD: "it was never an event: take the right to write there away from whoever wrote it",
}
"""Reasons of letters from the journal and the observations, which are not to be written twice; what to do instead."""

_Progress = Callable[[int], None]


async def replay(
    settings: Settings, wanted: Wanted, repairs: Repairs | None, pace: Pace, progress: _Progress = lambda _: None
) -> Tally:
    """Send wanted letters, with `repairs` those that have a body there, to their source's partition.

    Key, headers and, without a repair, bytes are the original's. Raises `NotReplayable` before anything is sent when
    letters from the journal are asked for by reason or id; `UnknownLetter`, `BadRepair`, `OtherRun`, `LettersAway`,
    and what `check_topics` raises.
    """
    if wanted.reason in NEVER:
        raise NotReplayable(_never(f"letters of {wanted.reason} are", wanted.reason))
    check_topics(settings)
    ids = _both(wanted.ids, repairs.ids if repairs else None)
    if ids is not None:
        _check(await named(settings, ids))
    return await work(settings, msgspec.structs.replace(wanted, ids=ids), _replayed(settings, repairs), pace, progress)


async def drop(settings: Settings, wanted: Wanted, pace: Pace, progress: _Progress = lambda _: None) -> Tally:
    """Note of wanted letters that they are done with. Raises `UnknownLetter`, `OtherRun`, `LettersAway`."""
    check_topics(settings)
    if wanted.ids is not None:
        await named(settings, wanted.ids)
    return await work(settings, wanted, lambda letter, at: [note(letter, DROPPED, at)], pace, progress)


def _both(
    one: frozenset[tuple[int, int]] | None, other: frozenset[tuple[int, int]] | None
) -> frozenset[tuple[int, int]] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _check(letters: Iterable[Letter]) -> None:
    for letter in letters:
        if letter.topic in OWN:
            raise NotReplayable(_never(f"dead letter {letter.name} from {letter.topic} is", letter.reason))


def _never(what: str, reason: str) -> str:
    instead = NEVER[Reason(reason)] if reason in NEVER else "only this service writes there"
    return f"{what} not replayed; {instead}, then `beforehand dead-letters drop` it"


def _replayed(settings: Settings, repairs: Repairs | None) -> Judge:
    clock = BusinessClock(settings.clock_file)

    @cache
    def partitions(topic: str) -> int:
        with Cluster(settings.kafka, security_of(settings)) as cluster:
            return cluster.partitions([topic]).get(topic, 0)

    def judge(letter: Letter, at: datetime) -> list[Output] | str:
        if letter.topic in OWN:
            return f"came from {letter.topic}, where only this service writes: drop them when they are looked at"
        if letter.partition >= partitions(letter.topic):
            return f"came from {letter.topic}/{letter.partition}, which is not there any more"
        body = letter.value if repairs is None else repairs.body(letter.id)
        if repairs is not None and not _same_event(letter.value, body):
            return "have another CloudEvents id in their repaired body: put the old one back"
        if letter.topic in SOURCES:
            event = taken_in(body, clock.now())
            if isinstance(event, Rejected):
                return f"would come back as {event.reason} ({event.detail})"
        again: Output = (letter.topic, letter.partition, letter.key, body, letter.headers)
        place = f"{letter.topic}/{letter.partition}"
        return [again, note(letter, REPLAYED, at, place, repairs is not None)]

    return judge


class _Identity(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


def _same_event(original: bytes | None, repaired: bytes | None) -> bool:
    """Whether a repair leaves the CloudEvents id, by which a repetition is known, as far as the original has one."""
    before = _identity(original)
    return before is None or before == _identity(repaired)


def _identity(raw: bytes | None) -> str | None:
    try:
        return msgspec.json.decode(raw or b"", type=_Identity).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
