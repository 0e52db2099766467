"""The terminal view of the demo: what is fed, how far behind the roles are, what was found, told and held back."""

from collections import deque
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from beforehand.demo.figures import Figures

WINDOW_S = 5.0


class Rate:
    """Events per second over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, now_s: float, total: int) -> float:
        """The rate as of now, given how many there were in all."""
        self._seen.append((now_s, total))
        while now_s - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        then_s, then = self._seen[0]
        return (total - then) / (now_s - then_s) if now_s > then_s else 0.0


class View:
    """Shows phases, one after the other. Without a terminal it prints a line now and then instead."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(None), TaskProgressColumn(), TimeRemainingColumn(), expand=True
        )
        self._task = self._bar.add_task("", total=1.0)
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._rate = Rate()
        self._printed_s = 0.0

    def phase(self, words: str) -> None:
        """A new phase begins."""
        self._bar.reset(self._task, description=words, total=1.0)
        if self._live is None:
            self._console.print(words)

    def show(self, now_s: float, done: float, business: datetime, events: int, figures: Figures) -> None:
        """Draw. `done` is the share of this phase, `now_s` seconds of any clock that never goes back."""
        self._bar.update(self._task, completed=done)
        rate = self._rate.at(now_s, events)
        if self._live is not None:
            self._live.update(self._picture(rate, business, events, figures))
        elif now_s - self._printed_s >= WINDOW_S:
            self._printed_s = now_s
            self._console.print(
                f"{business:%d %b %H:%M} UTC  {events} events, {rate:.0f}/s, lag {sum(figures.lag.values())}, "
                f"{figures.decided} issues, {figures.accepted} mails"
            )

    def _picture(self, rate: float, business: datetime, events: int, figures: Figures) -> RenderableType:
        facts = Table.grid(padding=(0, 2), expand=True)
        facts.add_column(ratio=1)
        facts.add_column(ratio=1)
        facts.add_column(ratio=1)
        facts.add_row(
            _column("stream", {"it is": f"{business:%d %b %H:%M} UTC", "events": events, "events/s": f"{rate:,.0f}"}
                    | {f"lag {role}": lag for role, lag in figures.lag.items()}),
            _column("issues and mails", {"issues": figures.decided, "mails accepted": figures.accepted}
                    | {state.lower(): rows for state, rows in figures.outbox.items() if rows}),
            _column("held back, by reason", figures.holds),
        )  # fmt: skip
        return Panel(Group(facts, self._bar), title=self._title, border_style="blue")

    def __enter__(self) -> "View":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()


def _column(title: str, rows: dict[str, object] | dict[str, int] | dict[str, str]) -> Table:
    table = Table(title, "", box=None, expand=True, header_style="bold")
    table.columns[1].justify = "right"
    for name, value in rows.items():
        table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    return table
