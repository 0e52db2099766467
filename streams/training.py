"""Fits in processes of their own, so that heartbeats, checkpoints and probes go on meanwhile."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress

from detectors.learning.trainer import Fitted, Job
from streams.clock import elapsed
from streams.fitting import decode_fitted, encode_job
from streams.metrics.catalogue import FIT_SECONDS
from streams.metrics.registry import METRICS


class FitFailed(Exception):
    """A fit ended without a model. Operator action: none; the role is started again, and fits again."""


class OtherProcess:
    """A `Trainer`: one process per job. Used from one event loop; a job ends with the loop.

    When this process is killed, a fit under way ends by itself, at the latest when nobody takes what it found.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Fitted]] = {}

    def start(self, job: Job) -> None:
        """Begin, unless it is known. Must be called in a running event loop."""
        if job.name not in self._tasks:
            self._tasks[job.name] = asyncio.get_running_loop().create_task(self._fit(job))

    def knows(self, name: str) -> bool:
        """Whether it was started here."""
        return name in self._tasks

    def result(self, name: str) -> Fitted | None:
        """What was fitted, None while it is not ready. Raises `FitFailed`."""
        task = self._tasks.get(name)
        return task.result() if task is not None and task.done() else None

    def forget(self, name: str) -> None:
        """It is taken over."""
        self._tasks.pop(name, None)

    async def _fit(self, job: Job) -> Fitted:
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
        return decode_fitted(found)
