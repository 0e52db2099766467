"""Fits in processes of their own, so that heartbeats, checkpoints and probes go on meanwhile."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress

from detectors.learning.snapshot import Trees
from detectors.learning.trainer import Job
from streams.clock import elapsed
from streams.fitting import decode_trees, encode_job
from streams.metrics.catalogue import FIT_SECONDS
from streams.metrics.registry import METRICS


class FitFailed(Exception):
    """A fit ended without trees. Operator action: none; the role is started again, and fits again."""


class OtherProcess:
    """A `Trainer`: one process per job. Used from one event loop; a job ends with the loop.

    When this process is killed, a fit under way ends by itself, at the latest when nobody takes its trees.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Trees]] = {}

    def start(self, job: Job) -> None:
        """Begin, unless it is known. Must be called in a running event loop."""
        if job.name not in self._tasks:
            self._tasks[job.name] = asyncio.get_running_loop().create_task(self._fit(job))

    def knows(self, name: str) -> bool:
        """Whether it was started here."""
        return name in self._tasks

    def result(self, name: str) -> Trees | None:
        """The trees, None while they are not ready. Raises `FitFailed`."""
        task = self._tasks.get(name)
        return task.result() if task is not None and task.done() else None

    def forget(self, name: str) -> None:
        """They are taken over."""
        self._tasks.pop(name, None)

    async def _fit(self, job: Job) -> Trees:
        began = elapsed()
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "streams.fitting", stdin=PIPE, stdout=PIPE)
        try:
            found, _ = await process.communicate(encode_job(job))
        finally:
            with suppress(ProcessLookupError):  # it has ended
                process.kill()
        if process.returncode != 0:
            raise FitFailed(f"the fit {job.name} ended with {process.returncode}; its own words are in the log")
        METRICS.observe(FIT_SECONDS, elapsed() - began)
        return decode_trees(found)
