"""The commands about mapping files: try one on samples, and the schema for editors."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from beforehand.samples import samples_of
from models.events.catalogue import encode
from models.intake import Rejected
from models.mapping.checking import Check, Tried, check
from models.mapping.engine import Mapping
from models.mapping.spec import schema
from streams.clock import real_now
from streams.mappings import mapping_in

maps = typer.Typer(help="Mapping files: other topics as our events, without code.", no_args_is_help=True)

_SHOWN = 400
"""Characters of a record that the table shows."""


@maps.command("check")
def map_check(
    file: Annotated[Path, typer.Argument(help="the mapping file")],
    sample: Annotated[Path, typer.Option(help="JSONL, or a folder of NAME.json with NAME.headers beside them")],
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Show records in, events out, and dead letters; exit code 1 when there is any, or a path that finds nothing."""
    mapping = mapping_in(file)
    tried = check(mapping, samples_of(sample, mapping.topic), real_now())
    if as_json:
        typer.echo(json.dumps(_report(mapping, tried), indent=2, ensure_ascii=False))
    else:
        _show(mapping, tried)
    if tried.dead_letters or tried.lost:
        raise typer.Exit(1)


@maps.command("schema")
def map_schema() -> None:
    """Print the JSON Schema of mapping files."""
    typer.echo(json.dumps(schema(), indent=2))


def _report(mapping: Mapping, tried: Check) -> dict[str, Any]:
    return {
        "mapping": mapping.name, "version": mapping.version, "digest": mapping.digest, "topic": mapping.topic,
        "records": [_reported(one) for one in tried.tried], "dead_letters": tried.dead_letters,
        "paths_that_found_nothing": [{"place": place, "path": path} for place, path in tried.lost],
        "rules_without_a_sample": tried.idle,
    }  # fmt: skip


def _reported(one: Tried) -> dict[str, Any]:
    if isinstance(one.found, Rejected):
        letter = {"reason": one.found.reason.value, "detail": one.found.detail}
        return {"record": one.name, "events": [], "links": [], "dead_letter": letter}
    events = [
        {"rule": made.rule, "known": made.known, "event": json.loads(encode(made.event))} for made in one.found.events
    ]
    links = [{"identity": link.identity, "to": link.to, "known": link.known} for link in one.found.links]
    return {"record": one.name, "events": events, "links": links, "dead_letter": None}


def _show(mapping: Mapping, tried: Check) -> None:
    table = Table(title=f"{mapping.name} version {mapping.version}", show_lines=True)
    for column, ratio in (("sample", 1), ("record in", 3), ("events out", 4)):
        table.add_column(column, overflow="fold", ratio=ratio)
    for one in tried.tried:
        table.add_row(escape(one.name), escape(_head_of(one)), _out_of(one))
    Console().print(table)
    for place, path in tried.lost:
        Console().print(
            f"{escape(place)}: {escape(repr(path))} finds nothing in any sample: correct the path, or give a `default`"
        )
    for name in tried.idle:
        Console().print(f"events.{escape(name)}: no sample makes one: add a sample of it")
    Console().print(f"{len(tried.tried)} samples, {tried.dead_letters} dead letters")


def _head_of(one: Tried) -> str:
    raw = one.source.value
    return "(no value)" if raw is None else " ".join(raw[: 2 * _SHOWN].decode(errors="replace").split())[:_SHOWN]


def _out_of(one: Tried) -> str:
    if isinstance(one.found, Rejected):
        return f"[red]dead letter {one.found.reason.value}[/red]\n{escape(one.found.detail)}"
    lines = [
        f"[green]{made.event.type_name()}[/green] of {escape(made.event.subject)}"
        f"{'' if made.known else ' [yellow](customer to be found)[/yellow]'}\n{escape(encode(made.event).decode())}"
        for made in one.found.events
    ]
    lines += [f"[cyan]link[/cyan] {escape(link.identity)} is {escape(link.to)}" for link in one.found.links]
    return "\n".join(lines) or "[dim]nothing (passed over)[/dim]"
