"""The status as a table for a terminal."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from beforehand.status.figures import Status


def picture(status: Status, now: datetime) -> RenderableType:
    """Drawn as of `now`, which ages are counted from."""
    table = Table("what", "which", "how it stands", box=None, pad_edge=False, title=f"beforehand, {now:%H:%M:%S} UTC")
    for rows in (
        _rows("process", status.processes),
        _rows("lag (offsets)", status.lag),
        _rows("read up to", {name: _ago(at, now) for name, at in status.watermarks.items()}),
        _rows("canary", {"last came through": _ago(status.canary_at, now)}),
        _rows("open issues", status.open_issues),
        _rows("outbox", {state: rows for state, rows in status.outbox.items() if rows}),
        _rows("held by", status.holds),
        _rows("halted", status.halted),
    ):
        for row in rows:
            table.add_row(*row)
    return Group(table, *(f"[yellow]{escape(one)}[/yellow]" for one in status.trouble))


def _rows(what: str, found: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for number, (which, said) in enumerate(found.items()):
        yield what if number == 0 else "", escape(which), escape(str(said))


def _ago(at: datetime | None, now: datetime) -> str:
    return "not known yet" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC, {(now - at).total_seconds():.0f} s ago"
