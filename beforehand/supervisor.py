"""Keeps the processes of the roles running: starts them, starts them again when they die, ends them all."""

import logging
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from beforehand.role_process import RoleProcess
from deploy.kafka.child import Process

logger = logging.getLogger(__name__)
_LOOK_S = 0.05
STOP_TIMEOUT_S = 30.0


class Supervisor:
    """Runs each command as a process of its own that ends with this one; its output goes to `<logs>/<name>.log`.

    `commands`: name -> command line. `logs`: folder, made when missing. `elapsed`: seconds on a clock that never goes
    back. `environment`: variables on top of ours. Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        logs: Path,
        elapsed: Callable[[], float],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._logs = logs
        self._roles = {name: RoleProcess(name, command, logs, environment or {}) for name, command in commands.items()}
        self._elapsed = elapsed
        self._lock = Lock()  # whoever reads or changes a role's process
        self._stopping = Event()
        self._watch: Thread | None = None

    def start(self) -> Self:
        """Starts every command and the thread that looks after them. Raises `OSError` when that is impossible."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._stopping.clear()
        try:
            for role in self._roles.values():
                role.start(self._elapsed())
        except BaseException:
            self.stop(0.0)
            raise
        self._watch = Thread(target=self._keep_running, name="supervisor", daemon=True)
        self._watch.start()
        return self

    def pids(self) -> dict[str, int]:
        """Name -> process id, of those that run now (one that just died is missing until it is started again)."""
        with self._lock:
            return {
                role.name: role.process.pid
                for role in self._roles.values()
                if role.process is not None and role.process.poll() is None
            }

    def restarts(self) -> dict[str, int]:
        """Name -> how often it was started again."""
        return {role.name: role.restarts.count for role in self._roles.values()}

    def log_of(self, name: str) -> Path:
        """The file that holds all this role ever said."""
        return self._roles[name].log

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> dict[str, int]:
        """Asks all to end, insists after `timeout_s`, or at once when interrupted; name -> exit code."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.join()
            self._watch = None
        left = {role.name: role.process for role in self._roles.values() if role.process is not None}
        try:
            for process in left.values():
                process.terminate()
                process.send_signal(signal.SIGCONT)  # one that is stopped could not hear
            deadline_s = self._elapsed() + timeout_s
            for name, process in left.items():
                self._wait(name, process, deadline_s)
        finally:
            for process in left.values():
                process.kill()
                process.wait()
            for role in self._roles.values():
                role.process = None
        return {name: process.returncode for name, process in left.items()}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self, name: str, process: Process, deadline_s: float) -> None:
        try:
            process.wait(max(0.0, deadline_s - self._elapsed()))
        except subprocess.TimeoutExpired:
            logger.error("%s did not end in time and is killed", name)

    def _keep_running(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            with self._lock:
                for role in self._roles.values():
                    self._look(role)

    def _look(self, role: RoleProcess) -> None:
        try:
            role.look(self._elapsed())
        except OSError as error:  # no process or file possible right now: the others are looked after all the same
            role.due_s = self._elapsed() + 1.0
            logger.error("%s cannot be started: %s", role.name, error)
