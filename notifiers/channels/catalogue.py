"""All channels, found by their files."""

import importlib
import inspect
import pkgutil
from functools import cache
from typing import Any

import notifiers.channels
from notifiers.channels.channel import Channel


@cache
def all_channels() -> dict[str, type[Channel]]:
    """Name -> class, for every concrete channel that a file of this folder defines."""
    found: dict[str, type[Channel]] = {}
    for module in pkgutil.iter_modules(notifiers.channels.__path__, "notifiers.channels."):
        loaded = importlib.import_module(module.name)
        for thing in vars(loaded).values():
            if _is_channel_of(thing, module.name):
                found[thing.name] = thing
    return dict(sorted(found.items()))


def _is_channel_of(thing: Any, module: str) -> bool:
    is_channel = isinstance(thing, type) and issubclass(thing, Channel) and not inspect.isabstract(thing)
    return is_channel and thing.__module__ == module
