"""What has to happen before a broker comes back after a crash, so that no transaction is lost.

Kafka 4.4.0, one node, killed just after a commit: the new process reads from the metadata log that it leads its
partitions, as the dead one did, goes on with the transactions that were being completed, and cannot reach itself yet.
When the controller then fences the dead one, those partitions have no leader for a moment; the coordinator takes them
for deleted and calls the transaction complete although its commit marker was never written. Readers of committed
records then stop there for ever (seen in about one of five such kills).

So the controller runs alone first, long enough to write down that the dead broker is gone. A broker that starts after
that leads nothing until it is fit to.
"""

import re
import time
from pathlib import Path

from deploy.kafka.configuration import LOG4J, controller_configuration
from deploy.kafka.errors import BrokerFailed
from deploy.kafka.node import READY_TIMEOUT_S, Node
from deploy.kafka.ports import free_port
from deploy.kafka.program import Program

_TOLD = "logger.c.name=org.apache.kafka.controller\nlogger.c.level=INFO\n"
_ACTIVE = "Performing controller activation"
# What the metadata log says of the broker, one line for each change; -1 means that it may serve, 0 nothing of this.
_FENCED = re.compile(r"Replayed .*?(?:Register|RegistrationChange)\w*Record.*? fenced=(true|false|1|-1)\b")
_WRITES = 3
_POLL_S = 0.02


def ended_badly(data: Path) -> bool:
    """Whether a broker served from this folder and did not end in order: then Kafka's own mark of that is missing."""
    return (data / "recovery-point-offset-checkpoint").exists() and not (data / ".kafka_cleanshutdown").exists()


def fence_the_dead(program: Program, home: Path, flags: tuple[str, ...]) -> None:
    """Runs the controller of `home` alone until it knows that its broker is gone (1.5 to 2 s).

    Raises `DataInUse`: it is not gone. Raises `PortInUse`, `BrokerFailed`: the controller does not start.
    """
    folder = home / "controller"
    folder.mkdir(exist_ok=True)
    log = folder / "kafka.log"
    log.unlink(missing_ok=True)
    (folder / "log4j2.properties").write_text(LOG4J + _TOLD)
    (folder / "server.properties").write_text(controller_configuration(home / "data", free_port()))
    controller = Node(program, folder, flags)
    try:
        _wait(controller, log, home / "data" / "__cluster_metadata-0")
    finally:
        controller.stop(READY_TIMEOUT_S)


def _wait(controller: Node, log: Path, metadata: Path) -> None:
    """Until the controller holds the broker for gone, and has written that down.

    It thinks so before it writes, and writes in order something new every 0.1 s: after some more writes it is there.
    """
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    written = -1
    writes = 0
    while time.monotonic() < deadline_s:
        controller.raise_if_ended()
        said = log.read_text(errors="replace")
        if _ACTIVE in said and not _serves(said):
            size = sum(file.stat().st_size for file in metadata.glob("*.log"))
            writes += size > written >= 0
            written = size
            if writes >= _WRITES:
                return
        time.sleep(_POLL_S)
    raise BrokerFailed(f"Kafka's controller was not ready after {READY_TIMEOUT_S:.0f} s: look into {log}")


def _serves(said: str) -> bool:
    changes = _FENCED.findall(said)
    return bool(changes) and changes[-1] in ("false", "-1")
