"""A process that can be probed: the server's thread, the watchdog's thread, and the pulse in the event loop."""

import asyncio
import platform
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from streams.metrics.catalogue import BUILD_INFO
from streams.metrics.registry import METRICS
from streams.probes.pulse import Pulse
from streams.probes.server import ProbeServer
from streams.probes.vitals import VITALS
from streams.probes.watchdog import LoopWatchdog
from streams.settings import Settings

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@asynccontextmanager
async def probed(settings: Settings, roles: Sequence[str], name: str = "") -> AsyncIterator[None]:
    """Inside it the process answers probes and watches itself. `name`: else its roles'. Raises `PortTaken`."""
    VITALS.expect(roles)
    METRICS.put(BUILD_INFO, 1, version(), platform.python_version())
    server = ProbeServer(VITALS, settings, name or "+".join(roles))
    pulse = asyncio.create_task(Pulse(VITALS, settings).run())
    watchdog = LoopWatchdog(VITALS, settings.watchdog_s)
    try:
        yield
    finally:
        watchdog.close()
        pulse.cancel()
        with suppress(asyncio.CancelledError):
            await pulse
        server.close()


def version() -> str:
    """What is written in pyproject.toml; the application is not installed, so nothing else knows."""
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])
