"""The commands that print the contract of events, for producers and their tools."""

import json
from typing import Annotated

import typer

from models.asyncapi import asyncapi, schemas
from models.errors import OperatorError
from streams.probes.contract import FOR_PRODUCERS

events = typer.Typer(help="The contract of events: AsyncAPI and JSON Schema.", no_args_is_help=True)


class UnknownType(OperatorError):
    """There is no such event type. Operator action: see the message."""


@events.command("asyncapi")
def events_asyncapi() -> None:
    """Print the AsyncAPI 3.0 document of the topics that producers write to."""
    typer.echo(json.dumps(asyncapi(FOR_PRODUCERS), indent=2))


@events.command("schema")
def events_schema(
    type_name: Annotated[str, typer.Argument(metavar="[TYPE]", help="such as order.placed.v1; all without")] = "",
) -> None:
    """Print the JSON Schema of one event type, or of all, by type."""
    found = schemas()
    if type_name and type_name not in found:
        raise UnknownType(f"there is no event type {type_name!r}: choose of {', '.join(found)}")
    typer.echo(json.dumps(found[type_name] if type_name else found, indent=2))
