"""`beforehand outreach`: halt it, release it, and settle what may or may not have been sent. All of it is on record.

What the commands need is imported when they run: other commands start without it.
"""

from typing import Annotated, Literal

import typer

app = typer.Typer(help="Messages to customers: stop them all, let them go on.", no_args_is_help=True)
unknown = typer.Typer(help="Messages that may or may not have been sent.", no_args_is_help=True)
app.add_typer(unknown, name="unknown")

Why = Annotated[str, typer.Option("--reason", help="why, in a few words; no customer's data")]
Who = Annotated[str, typer.Option("--by", help="who decided so; default: who is logged in")]
Most = Annotated[int, typer.Option("--max", help="so many rows at most", min=1)]


@app.command("halt")
def halt_(reason: Why, by: Who = "") -> None:
    """Throw the kill switch: from this moment no sender claims anything. Waiting messages may expire."""
    from beforehand.switching import halt_all

    halt_all(reason, by)


@app.command("release")
def release_(switch: Literal["outreach", "breaker"], reason: Why, by: Who = "") -> None:
    """Let messages go on: `outreach` is the kill switch, `breaker` the guard that counts them."""
    from beforehand.switching import release_one

    release_one(switch, reason, by)


@app.command("acts")
def acts_(most: Most = 20) -> None:
    """Show what people did here, the newest first."""
    from beforehand.switching import show_acts

    show_acts(most)


@unknown.command("list")
def list_unknown(most: Most = 50) -> None:
    """List them, the oldest first. A mail's Message-ID begins with the id shown."""
    from beforehand.switching import show_unknown

    show_unknown(most)


@unknown.command("settle")
def settle(
    outreach_id: Annotated[str, typer.Argument(metavar="ID", help="as listed")],
    sent: Annotated[bool, typer.Option("--sent/--not-sent", help="what the provider's own log says")],
    reason: Why,
    by: Who = "",
) -> None:
    """Say what became of one, after a look at its provider. --not-sent puts it back in line, to be sent."""
    from beforehand.switching import settle_one

    settle_one(outreach_id, sent, reason, by)
