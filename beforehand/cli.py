"""The commands. Each one loads the settings, composes rooms, and leaves the work to them.

Rooms are imported by the command that needs them: a role starts in half the time without the others.
"""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from beforehand import dead_letters, desk_commands, operations, outreach, shadow
from beforehand.events import events
from beforehand.failures import USAGE, told_plainly
from beforehand.maps import maps
from beforehand.worker import ROLES, run
from streams.settings import Settings, as_shown, load

app = typer.Typer(
    help="Finds out about a customer's trouble before the customer does, and says so first.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip
topics = typer.Typer(help="Kafka's topics: bring them into being, or compare them.", no_args_is_help=True)
app.add_typer(topics, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(outreach.app, name="outreach")
app.add_typer(shadow.app, name="shadow")
app.add_typer(maps, name="map")
app.add_typer(events, name="events")
desk_commands.add_to(app)
console = Console()
operations.register(app, console)


def main() -> None:
    """Run a command; what an operator can mend is told in one sentence."""
    with told_plainly():
        app()


@app.command()
def worker(roles: Annotated[list[str], typer.Argument(help=f"of {', '.join(ROLES)}")]) -> None:
    """Run some roles until SIGTERM. Each Faust role wants a process of its own."""
    run(roles, _with_kafka(load()))


@app.command()
def up() -> None:
    """Run everything, with an embedded Kafka when none is configured, until Ctrl-C."""
    from beforehand.stack import Stack
    from beforehand.watch import watch

    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with Stack(load()) as stack:
        console.print(
            f"running, Kafka at {stack.settings.kafka}, logs in {stack.settings.run_dir / 'logs'}; Ctrl-C ends"
        )
        watch(stack, stopped)
    console.print("ended")


@app.command()
def settings() -> None:
    """Print all settings, secrets hidden."""
    shown = Table("variable", "value", box=None)
    for variable, value in as_shown(load()):
        shown.add_row(variable, value)
    console.print(shown)


@topics.command("apply")
def topics_apply() -> None:
    """Create the topics that are missing; refuses when one has another partition count."""
    from streams import admin
    from streams.connection import security_of
    from streams.mappings import topics_of

    given = _with_kafka(load())
    created = admin.apply(given.kafka, topics_of(given), security_of(given))
    console.print("created " + ", ".join(created) if created else "nothing to do")


@topics.command("check")
def topics_check() -> None:
    """Say where the cluster's topics differ from the table; exit code 1 when they do."""
    from streams import admin
    from streams.connection import security_of
    from streams.mappings import topics_of

    given = _with_kafka(load())
    differences = admin.check(given.kafka, topics_of(given), security_of(given))
    for difference in differences:
        console.print(difference)
    if differences:
        raise typer.Exit(1)
    console.print("all topics are as they should be")


@app.command()
def demo(
    source: Annotated[Literal["flights", "shop"], typer.Option(help="whose events")] = "flights",
    run_dir: Annotated[Path, typer.Option(help="where mails, logs and the summary go")] = Path(".run"),
) -> None:
    """Feed a history in shadow, then live days with outreach on, and count what the mails were worth."""
    from beforehand.demo.run import run_demo

    run_demo(source, run_dir, console)


def _with_kafka(given: Settings) -> Settings:
    if not given.kafka:
        console.print("beforehand: no Kafka is configured: set BEFOREHAND_KAFKA=host:port, or use `beforehand up`")
        raise typer.Exit(USAGE)
    return given
