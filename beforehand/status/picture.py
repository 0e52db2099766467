"""The status for a terminal: what ails first, then the service beside what its customers get."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from beforehand.status.figures import READY, Causes, Status

SIDE_BY_SIDE = 76
"""Columns of the terminal from which on both halves stand beside each other."""
Part = tuple[str, Mapping[str, object]]


class Picture:
    """Drawn as of `now`, which ages are counted from, for whatever width there is."""

    def __init__(self, status: Status, now: datetime) -> None:
        self._status, self._now = status, now

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A terminal that is too low cuts the end, so what a person must know stands at the top."""
        yield Text(f"beforehand, {self._now:%H:%M:%S} UTC", style="bold")
        for one in self._status.trouble:
            yield f"[yellow]{escape(one)}[/yellow]"
        for switch, reason in self._status.halted.items():
            yield f"[red]halted[/red] by {escape(switch)}: {escape(reason)}"
        for process, said in self._status.processes.items():
            if said != READY:
                yield f"[yellow]{escape(process)} is not ready[/yellow]: {escape(said)}"
        yield _processes(self._status.processes)
        yield _causes(self._status.causes, self._now)
        halves = (_half(self._service()), _half(self._customers()))
        if options.max_width < SIDE_BY_SIDE:
            yield from halves
            return
        beside = Table.grid(padding=(0, 2), expand=True)
        beside.add_column(ratio=1)
        beside.add_column(ratio=1)
        beside.add_row(*halves)
        yield beside

    def _service(self) -> tuple[Part, ...]:
        status = self._status
        return (
            ("lag (offsets)", status.lag),
            ("read up to", {name: _ago(at, self._now) for name, at in status.watermarks.items()}),
            ("canary", {"last came through": _ago(status.canary_at, self._now)}),
        )

    def _customers(self) -> tuple[Part, ...]:
        status = self._status
        return (
            ("open issues", status.open_issues),
            ("outbox", {state: rows for state, rows in status.outbox.items() if rows}),
            ("held by", status.holds),
        )


def picture(status: Status, now: datetime) -> RenderableType:
    """The status as of `now`."""
    return Picture(status, now)


def _processes(found: Mapping[str, str]) -> Text:
    """In running text: their names are long."""
    words = [f"{name} {READY if said == READY else 'not ready'}" for name, said in found.items()]
    return Text.assemble(("process  ", "bold"), ", ".join(words) or "none")


def _causes(found: Causes, now: datetime) -> Text:
    """In running text: a seller's name is long. What is about all that there is has no name of its own."""
    largest, words = found.largest, "none"
    if largest is not None:
        about = ", ".join(f"{kind} {name}" for kind, name in largest.entities.items()) or f"all {largest.family}"
        which = "" if found.open == 1 else "the largest is "
        words = f"{found.open} open: {which}{about}, {largest.cases:,} customers, opened {_ago(largest.since, now)}"
    return Text.assemble(("causes   ", "bold"), words)


def _half(parts: tuple[Part, ...]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for title, rows in parts:
        table.add_row(f"[bold]{title}[/bold]", "" if rows else "none")
        for which, said in rows.items():
            words = f"{said:,}" if isinstance(said, int) else str(said)
            table.add_row(f"  {escape(which)}", escape(words))
    return table


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "not known yet"
    age_s = (now - at).total_seconds()
    if age_s < 120:
        return f"{max(0.0, age_s):.0f} s ago"
    if age_s < 2 * 3600:
        return f"{age_s / 60:.0f} min ago ({at:%H:%M})"
    if age_s < 2 * 86_400:
        return f"{age_s / 3600:.0f} h ago ({at:%d %b %H:%M})"
    return f"{age_s / 86_400:,.0f} days ago ({at:%Y-%m-%d})"
