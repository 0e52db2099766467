"""The folder that keeps what is made once per machine, and how two processes share it."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def default_cache() -> Path:
    """`$BEFOREHAND_CACHE/kafka`, or `.cache/kafka` beside the source code."""
    chosen = os.environ.get("BEFOREHAND_CACHE")
    return (Path(chosen).expanduser() if chosen else ROOT / ".cache").absolute() / "kafka"


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Holds the lock that belongs to `target` (a file beside it); waits for the process that has it.

    The system frees the lock when its holder dies, so nobody has to clean up after a crash.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(target.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` to build it in; removed at the end.

    Call it with the lock held: what a crashed holder left behind is cleared first.
    """
    folder = target.with_name(target.name + ".building")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fingerprint(*parts: object) -> str:
    """A short name for exactly these parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]
