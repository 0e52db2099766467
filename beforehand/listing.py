"""`beforehand detectors`: what listens to what, under which parameters, and what it costs."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from beforehand.choosing import chosen
from desk.costs import cost
from detectors.detector import Detector
from streams.clock import elapsed

console = Console(highlight=False)
Described = dict[str, Any]


def run(names: list[str], as_json: bool) -> None:
    """Print them, as a table or for programs."""
    found = [described(one) for one in chosen(names)]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for one in found:
        console.print(_table(one))


def described(detector: Detector[Any, Any]) -> Described:
    """All that can be said of a detector; costs are measured now, on its own stories."""
    measured = cost(detector, elapsed)
    return {
        "name": detector.name,
        "does": (type(detector).__doc__ or "").splitlines()[0],
        "listens_to": [kind.type_name() for kind in detector.listens_to],
        "time_from": list(detector.clock),
        "warm_up": detector.warm_up,
        "floor": detector.floor,
        "state_version": detector.version,
        "parameters": {name: _short(value) for name, value in msgspec.to_builtins(detector.params).items()},
        "microseconds_per_record": round(measured.microseconds, 1),
        "bytes_per_customer": measured.bytes,
    }


def _short(value: Any) -> Any:
    """Tables of weights are counted, not shown."""
    if isinstance(value, Mapping):
        return f"{sum(len(part) if isinstance(part, Mapping) else 1 for part in value.values())} numbers"
    return value


def _table(one: Described) -> Table:
    table = Table(title=one["name"], title_justify="left", title_style="bold", box=None, show_header=False)
    table.add_row("does", one["does"])
    table.add_row("listens to", ", ".join(one["listens_to"]))
    table.add_row("time from", ", ".join(one["time_from"]))
    table.add_row("warm-up", one["warm_up"])
    table.add_row("floor", one["floor"])
    table.add_row("parameters", ", ".join(f"{name}={value}" for name, value in one["parameters"].items()))
    table.add_row(
        "costs", f"{one['microseconds_per_record']} us a record, {one['bytes_per_customer']} bytes a customer"
    )
    return table
