"""The process of one role: started, found dead, started again when it is due."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from beforehand.restarts import Restarts
from deploy.kafka.child import Process, spawn

logger = logging.getLogger(__name__)


class RoleProcess:
    """One command that is to be running. Times are seconds of a clock that never goes back."""

    def __init__(self, name: str, command: Sequence[str], logs: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.restarts = Restarts()
        self.process: Process | None = None
        self.started_s = 0.0
        self.due_s = 0.0
        self._command = tuple(command)
        self._environment = dict(environment)

    def start(self, now_s: float) -> None:
        """Starts the command, `now_s` on the clock. Raises `OSError` when no process or file is possible."""
        with self.log.open("ab") as log:
            self.process = spawn(self._command, log, environment=self._environment)
        self.started_s = now_s

    def look(self, now_s: float) -> None:
        """Notes a death, and starts again what is due."""
        if self.process is not None and self.process.poll() is not None:
            self._died(self.process.returncode, now_s)
        if self.process is None and now_s >= self.due_s:
            self.start(now_s)

    def _died(self, code: int, now_s: float) -> None:
        self.process = None
        delay_s = self.restarts.after(self.started_s, now_s)
        self.due_s = now_s + delay_s
        tell, often = (logger.error, "; it dies again and again") if self.restarts.alarming else (logger.warning, "")
        tell(
            "%s ended with code %d and is started again in %.1f s (restart %d)%s: see %s",
            self.name,
            code,
            delay_s,
            self.restarts.count,
            often,
            self.log,
        )
