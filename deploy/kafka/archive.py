"""Java's archive of loaded classes: made once per machine, it halves the time Kafka takes to start."""

import logging
from pathlib import Path

from deploy.kafka.cache import locked, workshop
from deploy.kafka.configuration import LOG4J, configuration
from deploy.kafka.errors import EmbeddedKafkaError
from deploy.kafka.format import format_data
from deploy.kafka.node import Node
from deploy.kafka.ports import free_port
from deploy.kafka.program import Program

logger = logging.getLogger(__name__)
_EXIT_TIMEOUT_S = 120.0  # Java 25 takes up to 21 s to write it on a busy machine


def archive_flags(program: Program) -> tuple[str, ...]:
    """The flags that make Java use the archive; makes it first when there is none (10 to 30 s, once)."""
    if not program.archive.exists():
        with locked(program.archive):
            if not program.archive.exists():
                _train(program)
    if program.archive.stat().st_size == 0:
        return ()
    if program.java.major >= 25:
        return (f"-XX:AOTCache={program.archive}",)
    return (f"-XX:SharedArchiveFile={program.archive}", "-Xshare:auto")


def _train(program: Program) -> None:
    """Runs a broker once and lets Java write down what it loaded. Kafka works without: a failure costs only time."""
    with workshop(program.archive) as home:
        made = home / "classes"
        made_by = "-XX:AOTCacheOutput" if program.java.major >= 25 else "-XX:ArchiveClassesAtExit"
        try:
            _run_once(program, home, (f"{made_by}={made}",))
        except EmbeddedKafkaError as error:
            logger.warning("Kafka will start slowly, its class archive could not be made: %s", error)
        if not made.exists():
            made.touch()  # remembers the failure, so that not every start tries again
        made.rename(program.archive)


def _run_once(program: Program, home: Path, flags: tuple[str, ...]) -> None:
    port = free_port()
    format_data(program, home / "data")
    (home / "log4j2.properties").write_text(LOG4J)
    (home / "server.properties").write_text(configuration(home / "data", port, free_port(port), {}))
    node = Node(program, home, flags)
    node.wait_ready(port)
    node.stop(_EXIT_TIMEOUT_S)
