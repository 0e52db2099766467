"""Finds Kafka's program files: KAFKA_HOME, else those fetched by an earlier run, else Maven.

What Maven brings is checked against the committed SHA256SUMS, file by file, none missing and none too many: when it
arrives and again at every start. A KAFKA_HOME is the owner's own and is taken as it is.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from deploy.kafka.cache import locked, workshop
from deploy.kafka.errors import JarsChanged, JarsMissing

VERSION = "4.4.0"  # the same as in pom.xml
HERE = Path(__file__).resolve().parent
FETCH_TIMEOUT_S = 900


def find_jars(cache: Path) -> tuple[Path, ...]:
    """All jars of one Kafka, sorted, fetched into `cache` when they are nowhere yet.

    Raises `JarsMissing`: KAFKA_HOME holds no Kafka, Maven is missing, or Maven could not fetch them.
    Raises `JarsChanged`: they are not exactly those in SHA256SUMS.
    """
    home = os.environ.get("KAFKA_HOME")
    if home:
        return _own(Path(home))
    folder = cache / f"kafka-{VERSION}"
    if not folder.is_dir():
        with locked(folder):
            if not folder.is_dir():
                _fetch(folder)
    check(folder)
    return _jars(folder)


def check(folder: Path, sums: Path = HERE / "SHA256SUMS") -> None:
    """Compares the jars in `folder` with the committed list.

    Raises `JarsChanged`: one is missing, unknown or has other bytes.
    """
    wanted = {name: digest for digest, name in (line.split() for line in sums.read_text().splitlines() if line)}
    for jar in _jars(folder):
        with jar.open("rb") as file:
            if wanted.pop(jar.name, None) != hashlib.file_digest(file, "sha256").hexdigest():
                raise JarsChanged(f"{jar} is not the file named in {sums}: delete {folder} and start again")
    if wanted:
        raise JarsChanged(f"{min(wanted)} is missing in {folder}: delete that folder and start again")


def _own(home: Path) -> tuple[Path, ...]:
    jars = _jars(home / "libs")
    if not any(jar.name.startswith("kafka_") for jar in jars):
        raise JarsMissing(f"KAFKA_HOME={home} has no libs/kafka_*.jar: point it at an unpacked Kafka, or unset it")
    return jars


def _jars(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.absolute().glob("*.jar")))


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise JarsMissing(
            "Apache Kafka is not on this machine yet and Maven is missing to fetch it: "
            "install Maven, or set KAFKA_HOME to an unpacked Apache Kafka"
        )
    with workshop(folder) as building:
        # Maven writes next to its pom; -C refuses a file whose checksum differs from the registry's.
        command = [
            maven,
            "-q",
            "-B",
            "-C",
            "-f",
            str(HERE / "pom.xml"),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={building}",
            "-DincludeScope=runtime",
        ]
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=True)
        except subprocess.CalledProcessError as error:
            raise JarsMissing(
                f"Maven could not fetch Apache Kafka {VERSION} ({_reason(error.stdout)}): "
                "look at the network, or set KAFKA_HOME"
            ) from None
        except subprocess.TimeoutExpired:
            raise JarsMissing(
                f"Maven did not fetch Apache Kafka {VERSION} within {FETCH_TIMEOUT_S} s: "
                "look at the network, or set KAFKA_HOME"
            ) from None
        check(building)
        building.rename(folder)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if line.startswith("[ERROR]")]
    return lines[0].removeprefix("[ERROR]").strip()[:300] if lines else "it gave no reason"
