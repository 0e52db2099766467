"""The commands of who operates the service: doctor, status, metrics.

What they need is imported when they run: other commands, and every role, start without it.
"""

import time
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.live import Live

from streams.clock import real_now
from streams.settings import load

EVERY_S = 1.0


def register(app: typer.Typer, console: Console) -> None:
    """Add the commands to the command line."""

    @app.command()
    def metrics() -> None:
        """Print the page about every metric (docs/metrics.md)."""
        from streams.metrics.catalogue import all_metrics
        from streams.metrics.document import document

        typer.echo(document(all_metrics()), nl=False)

    @app.command()
    def doctor() -> None:
        """Check Kafka, topics, clock, ledger, channels, disk and settings; exit code 1 when anything is wrong."""
        from beforehand.doctor.examine import examine

        ill = False
        for finding in examine(load()):
            ill = ill or not finding.ok
            said = finding.fine if finding.ok else f"{finding.wrong}: {finding.do}"
            typer.echo(f"{'ok   ' if finding.ok else 'WRONG'} {finding.about}: {said}")
        if ill:
            raise typer.Exit(1)

    @app.command()
    def status(
        once: Annotated[bool, typer.Option("--once", help="show it once, do not refresh")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="print it once, as JSON")] = False,
    ) -> None:
        """Show lag, watermarks, open issues, outbox and holds; exit code 1, shown once, when something is not seen."""
        from beforehand.status.figures import look
        from beforehand.status.picture import picture
        from ledger.database import Ledger

        given = load()
        ledger = Ledger(given.database_url.get_secret_value())
        if not once and not as_json and console.is_terminal:
            with Live(console=console, auto_refresh=False) as live:
                while True:
                    live.update(picture(look(given, ledger), real_now()), refresh=True)
                    time.sleep(EVERY_S)
        found = look(given, ledger)
        if as_json:
            typer.echo(msgspec.json.encode(found).decode())
        else:
            console.print(picture(found, real_now()))
        if found.trouble:
            raise typer.Exit(1)
