"""decide: tell or hold, once per issue, as soon as the ledger knows all that came before it.

Beside that it tells the journal of what customers were told: of those that write into the ledger it is the one that is
alone and has Kafka.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ledger import positions
from ledger.canaries import last_decided
from ledger.database import Ledger
from ledger.deciding import write
from ledger.migrate import migrate
from ledger.positions import Place
from ledger.remembering import SetAside, aside, has_nul, write_set_aside
from models.dead_letters import Reason
from models.decisions import Decision, Limits
from models.issues import Issue, decode_issue
from notifiers.docket import Docket
from streams.bells import QUEUED, REMEMBERED, bell
from streams.channels import set_up
from streams.clock import BusinessClock, elapsed, real_now
from streams.decided import begin_counting, count_decisions
from streams.ledgers import ledger_of
from streams.patience import Patience, Stopped
from streams.reader import DECIDE as READER
from streams.reader import REMEMBER, Fetched, Reader
from streams.settings import Settings
from streams.telling import beside, keep_telling
from streams.topics import ISSUES, JOURNAL

AT_ONCE = 500
"""Issues per transaction: what a sender on SQLite has to wait for at most."""
LONGEST_NAME = 128
"""What a column of the ledger holds."""
_FETCH_S, _LOOK_AGAIN_S = 0.2, 0.05


class Lane:
    """What was read of one partition and waits to be decided, in order."""

    def __init__(self, fetched: Fetched) -> None:
        self.place, self.expected, self._following = fetched.place, fetched.expected, fetched.following
        self._read = [(record.offset, _issue(fetched.place, record.offset, record.value)) for record in fetched.records]

    def ready(self, journal_next: Mapping[int, int], most: int) -> Sequence[Issue | SetAside]:
        """The first ones, up to the first that the ledger has not caught up with."""
        found: list[Issue | SetAside] = []
        for _, one in self._read[:most]:
            if isinstance(one, Issue) and journal_next.get(one.journal_partition, 0) <= one.journal_offset:
                break
            found.append(one)
        return found

    def following(self, taken: int) -> int:
        """Where the partition stands once the first `taken` are decided."""
        return self._following if taken == len(self._read) else self._read[taken][0]

    def drop(self, taken: int) -> bool:
        """They are decided, and that is committed. True when nothing is left."""
        self.expected = self.following(taken)
        del self._read[:taken]
        return not self._read

    def journal_partitions(self) -> set[int]:
        """Which partitions of the journal its issues come from."""
        return {one.journal_partition for _, one in self._read if isinstance(one, Issue)}


class Decided(msgspec.Struct, frozen=True):
    """What one transaction did: records taken by place, and notifications that now wait."""

    taken: dict[Place, int]
    queued: int
    following: dict[Place, int] = {}
    decisions: list[Decision] = []
    known: int = 0
    """Issues opened anew that had a decision."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Decide until `stop`. Raises `OperatorError` for what only a person can mend (`GiveUp`: exit code 70)."""
    ledger, patience = ledger_of(settings), Patience(settings.give_up_s, stop)
    reader = Reader(settings, ledger, READER, (ISSUES,), patience, stop)
    try:
        await patience(lambda: migrate(ledger))
        await beside(keep_telling(ledger, settings, stop), _decide(settings, ledger, reader, patience, stop))
    except Stopped:
        return
    finally:
        await reader.close()


async def _decide(settings: Settings, ledger: Ledger, reader: Reader, patience: Patience, stop: asyncio.Event) -> None:
    clock, limits = BusinessClock(settings.clock_file), limits_of(settings)
    lanes: dict[Place, Lane] = {}
    await reader.open()
    begin_counting(await patience(lambda: _last_canary(ledger)))
    while not stop.is_set():
        for fetched in await reader.fetch(0 if lanes else _FETCH_S, lanes):
            lanes[fetched.place] = Lane(fetched)
        if not lanes:
            continue
        began = elapsed()
        done = await patience(lambda: decide_ready(ledger, list(lanes.values()), limits, clock.now(), real_now()))
        reader.held = lanes.keys() - done.taken.keys()  # the ledger knows too little of their customers yet
        for place, taken in done.taken.items():
            if lanes[place].drop(taken):
                del lanes[place]
        if done.taken:
            _count(reader, done, elapsed() - began)
        if done.queued:
            bell(QUEUED).ring()
        if not done.taken:
            await bell(REMEMBERED).wait(_LOOK_AGAIN_S)


def _last_canary(ledger: Ledger) -> datetime | None:
    with ledger.read() as connection:
        return last_decided(connection)


def limits_of(settings: Settings) -> Limits:
    """The operator's limits, as every decision keeps them."""
    return Limits(
        channels=set_up(settings, settings.channels),
        detector_channels={name: set_up(settings, some) for name, some in settings.detector_channels.items()},
        outreach_from=settings.outreach_from,
        cooldown=timedelta(seconds=settings.cooldown_s),
        open_contact_holds=timedelta(seconds=settings.open_contact_s),
        cap_per_day=settings.cap_per_day,
        cap_per_week=settings.cap_per_week,
        time_to_live=timedelta(seconds=settings.time_to_live_s),
        detector_time_to_live={name: timedelta(seconds=s) for name, s in settings.detector_time_to_live_s.items()},
    )


def decide_ready(ledger: Ledger, lanes: Sequence[Lane], limits: Limits, now: datetime, real_now: datetime) -> Decided:
    """Decide what the ledger has caught up with, and move the positions, in one transaction.

    Raises `PositionMoved` when another process decides in this one's place, `LedgerUnavailable`: nothing is written.
    """
    with ledger.read() as connection:  # most of the time spent waiting must not lock out who is waited for
        wanted = {partition for lane in lanes for partition in lane.journal_partitions()}
        journal_next = {one: positions.next_offset(connection, REMEMBER, JOURNAL, one) for one in wanted}
    ready: dict[Place, Sequence[Issue | SetAside]] = {}
    room = AT_ONCE
    for lane in lanes:
        ready[lane.place] = lane.ready(journal_next, room)
        room -= len(ready[lane.place])
    moves = {lane.place: (lane.expected, lane.following(len(ready[lane.place]))) for lane in lanes if ready[lane.place]}
    if not moves:
        return Decided({}, 0)
    records = [one for some in ready.values() for one in some]
    issues = [one for one in records if isinstance(one, Issue)]
    with ledger.write() as connection:
        positions.advance(connection, READER, moves)
        docket = Docket(connection, issues, limits, journal_next, now)
        for issue in issues:
            docket.take(issue)
        queued = write(connection, docket.page, real_now)
        write_set_aside(connection, [one for one in records if isinstance(one, SetAside)])
    return Decided(
        {place: len(some) for place, some in ready.items() if some},
        queued,
        {place: following for place, (_, following) in moves.items()},
        docket.page.decisions,
        docket.known,
    )


def _count(reader: Reader, done: Decided, seconds: float) -> None:
    reader.stored(done.following, {ISSUES: sum(done.taken.values())}, seconds)
    count_decisions(done.decisions, done.known)


def _issue(place: Place, offset: int, value: bytes | None) -> Issue | SetAside:
    try:
        issue = decode_issue(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return aside(READER, *place, offset, value or b"", Reason.INVALID)
    names = (issue.issue_id, issue.customer_id, issue.detector, issue.object)
    if has_nul(issue) or max(map(len, names)) > LONGEST_NAME:
        return aside(READER, *place, offset, value or b"", Reason.NOT_ALLOWED)
    return issue
