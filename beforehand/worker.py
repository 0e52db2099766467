"""Runs roles in this process: one of the Faust roles, or any of those that wait for a database and a mail server."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from models.errors import OperatorError
from streams.settings import Settings
from streams.step import Role

Run = Callable[[Settings, asyncio.Event], Coroutine[Any, Any, None]]

FAUST: Final = ("ingest", "identify", "detect", "context", "learn", "shadow")
PLAIN: Final = ("remember", "decide", "sender", "in_app", "canary")
ROLES: Final = (*FAUST, *PLAIN)


class UnknownRole(OperatorError):
    """The command names roles that cannot be run like this. Operator action: see the message."""


def run(roles: Sequence[str], settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises `UnknownRole`; ends the process with 70 when a role fails."""
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise UnknownRole(f"there is no role {unknown[0]!r}: choose of {', '.join(ROLES)}")
    faust = [role for role in roles if role in FAUST]
    if len(faust) > 1 or (faust and len(roles) > 1):
        raise UnknownRole(f"{faust[0]} runs in a process of its own: start one `worker {faust[0]}` beside the others")
    # Imported here and below: a process pays only for what it runs.
    if faust:
        from streams.run import run_role

        run_role(_faust_role(faust[0], settings), settings)
    from streams.logs import quiet_libraries

    quiet_libraries()
    asyncio.run(_together({role: _plain_role(role) for role in roles}, settings))


def _faust_role(name: str, settings: Settings) -> Role:
    if name == "ingest":
        from streams.roles.ingest import ingest

        return ingest(settings)
    if name == "identify":
        from streams.roles.identify import identify

        return identify(settings)
    if name == "detect":
        from streams.roles.detect import detect

        return detect(settings)
    if name == "context":
        from streams.roles.context import context

        return context(settings)
    if name == "shadow":
        from streams.roles.shadow import shadow

        return shadow(settings)
    if name == "learn":
        from streams.roles.learn import learn

        return learn(settings)
    raise UnknownRole(f"there is no role {name!r}: choose of {', '.join(ROLES)}")


def _plain_role(name: str) -> Run:
    if name == "remember":
        from streams.roles.remember import run as remember

        return remember
    if name == "decide":
        from streams.roles.decide import run as decide

        return decide
    if name == "sender":
        from streams.roles.sender import run as sender

        return sender
    if name == "in_app":
        from streams.roles.in_app import run as in_app

        return in_app
    if name == "canary":
        from streams.roles.canary import run as canary

        return canary
    raise UnknownRole(f"there is no role {name!r}: choose of {', '.join(ROLES)}")


async def _together(runs: Mapping[str, Run], settings: Settings) -> None:
    """Run side by side; the first that fails ends all."""
    from streams.ledger_watch import watch_ledger
    from streams.probes.process import probed
    from streams.probes.vitals import VITALS

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with probed(settings, list(runs)):
        watching = asyncio.create_task(watch_ledger(settings, VITALS))
        try:
            async with asyncio.TaskGroup() as group:
                for one in runs.values():
                    group.create_task(one(settings, stop))
        finally:
            watching.cancel()
            await asyncio.wait({watching})
