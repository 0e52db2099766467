"""Starts processes that end with us, whatever ends us.

Linux can send a process a signal when its parent dies (`PR_SET_PDEATHSIG`), but the "parent" is the *thread* that
started it. So all children of this process are started by one thread that lives as long as the process does.
"""

import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread
from typing import IO

Process = subprocess.Popen[bytes]

# Runs in the new process, in a bare Python of its own, and then becomes the command. Code between fork and exec
# inside *our* process, which has threads, would not be safe. If the parent is gone already, nothing is started.
_TRAMPOLINE = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, int(sys.argv[1]))
if os.getppid() != int(sys.argv[2]):
    os._exit(1)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def spawn(
    command: Sequence[str],
    log: IO[bytes],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    at_our_end: signal.Signals = signal.SIGKILL,
) -> Process:
    """Starts `command` with both outputs in `log` and nothing to read.

    It gets `at_our_end` when this process dies, even by SIGKILL, and a process group of its own, so that Ctrl-C in a
    terminal reaches only us and we can end our children in order.

    Raises `OSError`: no new process is possible. (A missing program shows as exit code 1 and a line in `log`.)
    """
    whole = [sys.executable, "-I", "-S", "-c", _TRAMPOLINE, str(int(at_our_end)), str(os.getpid()), *command]
    return _STARTER.run(
        lambda: subprocess.Popen(
            whole,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=None if environment is None else {**os.environ, **environment},
            process_group=0,
        )
    )


class _Starter:
    """The one thread that starts children."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Process], Future[Process]]] = queue.SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None

    def run(self, job: Callable[[], Process]) -> Process:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="children", daemon=True)
                self._thread.start()
        answer: Future[Process] = Future()
        self._jobs.put((job, answer))
        return answer.result()

    def _work(self) -> None:
        while True:
            job, answer = self._jobs.get()
            try:
                answer.set_result(job())
            except BaseException as error:
                answer.set_exception(error)


_STARTER = _Starter()


def _renew() -> None:
    """A fork of this process has no such thread: it starts its own."""
    global _STARTER
    _STARTER = _Starter()


os.register_at_fork(after_in_child=_renew)
