"""What the commands of `beforehand outreach` do."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from ledger import acts, settling
from ledger.acts import Act
from ledger.reachable import existing
from ledger.switches import BREAKER, OUTREACH, halt, halted, release
from models.errors import OperatorError
from streams.clock import BusinessClock, real_now
from streams.settings import load

console = Console(highlight=False, soft_wrap=True)


class NothingToDo(OperatorError):
    """What was asked for is not as the command takes it to be. Operator action: see the message."""


def halt_all(reason: str, by: str) -> None:
    """Throw the kill switch: from this moment no sender claims anything. Waiting messages may expire."""
    with _acting() as connection:
        _halt(connection, reason, _name(by))
    console.print("halted: nothing is sent until `beforehand outreach release outreach`")


def release_one(switch: Literal["outreach", "breaker"], reason: str, by: str) -> None:
    """Let messages go on: `outreach` is the kill switch, `breaker` the guard. Raises NothingToDo, NoLedger."""
    with _acting() as connection:
        stopped = halted(connection)
        if switch not in stopped:
            also = "".join(f"; {one} is ({why})" for one, why in stopped.items())
            raise NothingToDo(f"{switch} is not halted{also}: see `beforehand status --once`")
        name = BREAKER if switch == "breaker" else OUTREACH
        release(connection, name, f"{_name(by)}: {reason}", BusinessClock(load().clock_file).now())
        _record(connection, "release", switch, reason, by)
        left = halted(connection)
    console.print(f"released: {switch}" + "".join(f"; still halted: {one} ({why})" for one, why in left.items()))


def show_acts(most: int) -> None:
    """Show what people did here, the newest first."""
    with _acting() as connection:
        found = acts.latest(connection, most)
    shown = Table("when (UTC)", "who", "what", "about", "why", box=None)
    for act in found:
        shown.add_row(f"{act.at:%Y-%m-%d %H:%M:%S}", act.by, act.what, act.about, act.reason)
    _print(shown)


def show_unknown(most: int) -> None:
    """List those of which nobody knows, the oldest first."""
    with _acting() as connection:
        found, all_ = settling.unclear(connection, most), settling.how_many(connection)
    shown = Table("id", "channel", "detector", "on the wire (UTC)", "why unclear", box=None)
    for one in found:
        shown.add_row(one.outreach_id, one.channel, one.detector, f"{one.on_wire_at:%Y-%m-%d %H:%M:%S}", one.reason)
    if found:
        _print(shown)
    console.print(f"{all_} wait for a person" if all_ else "none waits")


def settle_one(outreach_id: str, sent: bool, reason: str, by: str) -> None:
    """Say what became of one; one that was not sent is back in line. Raises NothingToDo, NoLedger."""
    with _acting() as connection:
        if sent:
            done = settling.settle_sent(connection, outreach_id, f"{_name(by)}: {reason}", real_now())
        else:
            done = settling.settle_not_sent(connection, outreach_id, real_now())
        if not done:
            raise NothingToDo(
                f"{outreach_id!r} does not wait for a person: `beforehand outreach unknown list` has those"
            )
        _record(connection, "sent" if sent else "not_sent", outreach_id, reason, by)
    console.print("on record as sent" if sent else "back in line: it goes out if all rules still allow it")


def _halt(connection: Connection, reason: str, by: str) -> None:
    halt(connection, OUTREACH, f"{by}: {reason}", BusinessClock(load().clock_file).now())
    _record(connection, "halt", OUTREACH, reason, by)


def _record(connection: Connection, what: str, about: str, reason: str, by: str) -> None:
    acts.record(connection, Act(at=real_now(), by=_name(by), what=what, about=about, reason=reason))


def _name(by: str) -> str:
    return by or getpass.getuser()


@contextmanager
def _acting() -> Iterator[Connection]:
    """A transaction of a ledger that is there already: a switch thrown in a new, empty one would stop nobody."""
    with existing(load().database_url.get_secret_value()) as ledger, ledger.write() as connection:
        yield connection


def _print(table: Table) -> None:
    """Whole, also where the terminal is narrow: an id is typed again into the next command."""
    wanted = console.measure(table, options=console.options.update_width(1_000)).maximum
    Console(highlight=False, width=max(console.width, wanted)).print(table)
