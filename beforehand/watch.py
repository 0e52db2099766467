"""While `up` runs: its own probes, and how often it has started a process again."""

import asyncio
from threading import Event

from beforehand.stack import Stack
from streams.metrics.catalogue import RESTARTS
from streams.metrics.registry import METRICS
from streams.probes.process import probed

_LOOK_S = 0.5


def watch(stack: Stack, stopped: Event) -> None:
    """Serve the probes of this process until `stopped`. Raises `PortTaken`."""
    asyncio.run(_watch(stack, stopped))


async def _watch(stack: Stack, stopped: Event) -> None:
    counted: dict[str, int] = {}
    async with probed(stack.given, [], "up"):
        while not stopped.is_set():
            for name, count in stack.supervisor.restarts().items():
                METRICS.add(RESTARTS, count - counted.get(name, 0), name)
                counted[name] = count
            await asyncio.sleep(_LOOK_S)
