"""`beforehand shadow`: detectors under other parameters beside those that speak: tried, compared, promoted.

What the commands need is imported when they run: other commands start without it.
"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Challengers: detectors under other parameters; they tell nobody.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="the challenger's name")]
File = Annotated[Path, typer.Argument(help="a file of parameters, as `beforehand tune` writes it")]


@app.command()
def add(name: Name, file: File) -> None:
    """Let a challenger run beside its detector from now on, in the role `shadow`; nobody is told of what it finds."""
    from beforehand.shadowing import add

    add(name, file)


@app.command("list")
def list_() -> None:
    """Show who challenges whom, as the role `shadow` has it."""
    from beforehand.shadowing import show_all

    show_all()


@app.command()
def compare(
    name: Name,
    days: Annotated[float, typer.Option(help="how far to look back from now", min=0.01)] = 14.0,
    horizon_h: Annotated[float, typer.Option(help="a sign so many hours after a message proves it right")] = 72.0,
    json: Annotated[Path | None, typer.Option(help="write the comparison to this file")] = None,
) -> None:
    """Hold a challenger against its champion by what customers did themselves, with intervals."""
    from beforehand.shadowing import show_comparison

    show_comparison(name, days, horizon_h, json)


@app.command()
def promote(name: Name, file: File) -> None:
    """Put a reviewed challenger in its champion's place, from here on in the journal, and end the challenger."""
    from beforehand.shadowing import promote

    promote(name, file)


@app.command()
def drop(name: Name) -> None:
    """End a challenger and forget what it knew."""
    from beforehand.shadowing import drop

    drop(name)
