"""A role as a process: wait for Kafka, run, stop when told, end with 70 when anything is wrong."""

import asyncio
import signal
import sys
from contextlib import suppress
from typing import NoReturn

from models.collecting import collect_rarely
from streams.app import RoleApp
from streams.ending import end_process
from streams.logs import quiet_libraries
from streams.probes.process import probed
from streams.probes.vitals import VITALS
from streams.settings import Settings
from streams.step import Role
from streams.waiting import check_topics, wait_for_kafka, watch

STOP_S = 30.0


def run_role(role: Role, settings: Settings) -> NoReturn:
    """Run a Faust role in a process of its own; exits with code 0 after SIGTERM or SIGINT, everything written.

    Ends the process with code 70 and one logged event when a step, a transaction, a takeover or Kafka fails: whoever
    started it starts it again, and it goes on from its last transaction. Raises `KafkaStayedAway` when no broker
    answers for `give_up_s`, `TopicsWrong` when topics are missing or have another partition count.
    """
    quiet_libraries()
    collect_rarely()
    asyncio.run(_serve(role, settings))
    sys.exit(0)


async def _serve(role: Role, settings: Settings) -> None:
    async with probed(settings, [role.name]):
        await _serve_probed(role, settings)


async def _serve_probed(role: Role, settings: Settings) -> None:
    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    stopping = asyncio.create_task(told.wait())
    ready = asyncio.create_task(_ready(role, settings))
    await asyncio.wait({ready, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stopping.done():
        ready.cancel()
        with suppress(asyncio.CancelledError):
            await ready
        return
    await ready
    app = RoleApp(role, settings)
    VITALS.watch(role.name, app.reading)
    await _run(app, stopping)


async def _ready(role: Role, settings: Settings) -> None:
    await wait_for_kafka(settings)
    await check_topics(role, settings)


async def _run(app: RoleApp, stopping: asyncio.Task[bool]) -> None:
    app.in_worker = True
    starting = asyncio.create_task(app.start())
    crashed = asyncio.create_task(app.wait_until_stopped())
    watching = asyncio.create_task(watch(app.reading, app.settings))
    tasks: set[asyncio.Task[None] | asyncio.Task[bool]] = {starting, stopping, crashed, watching}
    while not stopping.done():
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            if task.exception() or task is crashed:
                end_process("crashed", task.exception() or app.crash_reason, role=app.role.name)
    watching.cancel()
    try:
        async with asyncio.timeout(STOP_S):
            await app.stop()
    except Exception as error:
        end_process("stop_failed", error, role=app.role.name)
