"""The dead letters there are, and what was done about them."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import datetime

import msgspec
from msgspec import structs

from models.letters import Letter, LetterId, id_of, name_of, opened
from streams.cluster import Cluster
from streams.connection import security_of
from streams.letters.failures import TopicWrong, UnknownLetter
from streams.letters.records import Span, beginnings, records
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, HANDLED_LETTERS


class Wanted(msgspec.Struct, frozen=True):
    """Which letters: all that is given must hold. `ids` None: any; `since`: set aside then or later."""

    ids: frozenset[LetterId] | None = None
    reason: str | None = None
    since: datetime | None = None

    @property
    def since_ms(self) -> int:
        """`since` in Unix milliseconds; 0 for any."""
        return 0 if self.since is None else round(self.since.timestamp() * 1000)

    def holds(self, letter: Letter) -> bool:
        """Whether the letter is one of them."""
        if self.ids is not None and letter.id not in self.ids:
            return False
        return self.reason in (None, letter.reason) and letter.at_ms >= self.since_ms


class Handled(msgspec.Struct, frozen=True):
    """What was done about a letter, and when. `to`: topic/partition it was sent to.

    `of_ms` is the letter's own time: it tells the letter from one of the same id in a topic that was made anew.
    """

    did: str
    at: datetime
    of_ms: int
    to: str = ""
    repaired: bool = False


def check_topics(settings: Settings) -> None:
    """Both topics are as the settings say. Raises `KafkaAway` within about 10 s, `ConnectionRefused`, `TopicWrong`."""
    for name in ("aiokafka", "asyncio"):  # what they log is also raised; keep it off the terminal
        logging.getLogger(name).setLevel(logging.CRITICAL)
    needed = (DEAD_LETTERS, HANDLED_LETTERS)
    with Cluster(settings.kafka, security_of(settings)) as cluster:
        there = cluster.partitions(needed)
    for topic in needed:
        if there.get(topic) != settings.partitions:
            raise TopicWrong(
                f"topic {topic} has {there.get(topic, 0)} partitions, not {settings.partitions}: run `beforehand "
                "topics apply`, or correct BEFOREHAND_PARTITIONS"
            )


async def letters(settings: Settings, wanted: Wanted) -> AsyncIterator[Letter]:
    """The wanted letters that there are now, in order within each partition.

    A record that somebody else wrote to the topic is no letter and is left out. Raises `LettersAway`.
    """
    source = records(settings, DEAD_LETTERS, wanted.since_ms, _spans(wanted.ids))
    async with aclosing(source):  # type: ignore[type-var]  # typeshed: an async generator has `aclose`
        async for partition, record in source:
            letter = opened((partition, record.offset), record.timestamp, record.key, record.value, record.headers)
            if letter is not None and wanted.holds(letter):
                yield letter


async def named(settings: Settings, ids: frozenset[LetterId]) -> list[Letter]:
    """The letters of these ids, without their values. Raises `UnknownLetter` when one is not there, `LettersAway`."""
    found = [structs.replace(letter, value=None) async for letter in letters(settings, Wanted(ids=ids))]
    if missing := ids - {letter.id for letter in found}:
        raise UnknownLetter(
            f"there is no dead letter {name_of(min(missing))} (letters are kept for 28 days): "
            "`beforehand dead-letters list` names those there are"
        )
    return found


async def handled_letters(settings: Settings) -> dict[LetterId, Handled]:
    """What was done so far, by the letter's id. Raises `LettersAway`."""
    found: dict[LetterId, Handled] = {}
    async for _, record in records(settings, HANDLED_LETTERS):
        letter = id_of((record.key or b"").decode("ascii", "replace"))
        if letter is not None and record.value is not None:
            found[letter] = msgspec.json.decode(record.value, type=Handled)
        elif letter is not None:
            found.pop(letter, None)
    return found


async def gone(settings: Settings, handled: Mapping[LetterId, Handled]) -> list[LetterId]:
    """Handled letters that Kafka has deleted since: they need not be remembered. Raises `LettersAway`."""
    oldest = await beginnings(settings, DEAD_LETTERS)
    return [(partition, offset) for partition, offset in handled if offset < oldest.get(partition, 0)]


def done_about(letter: Letter, handled: Mapping[LetterId, Handled]) -> Handled | None:
    """What was done about this letter, None: nothing."""
    found = handled.get(letter.id)
    return found if found is not None and found.of_ms == letter.at_ms else None


def _spans(ids: frozenset[LetterId] | None) -> dict[int, Span] | None:
    if ids is None:
        return None
    offsets: dict[int, list[int]] = {}
    for partition, offset in ids:
        offsets.setdefault(partition, []).append(offset)
    return {partition: Span(min(some), max(some) + 1) for partition, some in offsets.items()}
