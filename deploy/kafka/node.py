"""One Kafka process: started, waited for, ended."""

import re
import signal
import struct
import subprocess
import time
from pathlib import Path

from deploy.kafka.child import spawn
from deploy.kafka.configuration import NODE
from deploy.kafka.errors import BrokerFailed, DataInUse, EmbeddedKafkaError, PortInUse
from deploy.kafka.program import Program
from deploy.kafka.ready import live_brokers

READY_TIMEOUT_S = 90.0
_POLL_S = 0.02
_LOCKED = re.compile(r"Failed to acquire lock on file \.lock in (.+?)\. A Kafka instance")
_EXCEPTION = re.compile(r"^(?:Caused by: )?[\w.$]*(?:Exception|Error): (.+)$", re.MULTILINE)  # the last is the cause


class Node:
    """A Kafka process that runs `home/server.properties` and writes `home/kafka.log`."""

    def __init__(self, program: Program, home: Path, flags: tuple[str, ...] = ()) -> None:
        self._log = home / "kafka.log"
        command = program.command(home, "kafka.Kafka", str(home / "server.properties"), flags=flags)
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self.process = spawn(command, log, folder=home, environment={"LC_ALL": "C.UTF-8"})

    def wait_ready(self, port: int) -> None:
        """Returns when the broker serves on `port`.

        Raises `PortInUse`, `DataInUse`, `BrokerFailed`: it ended, or did not get ready in time; it is ended then.
        """
        try:
            self._poll(port)
        except BaseException:
            self.kill()
            raise

    def raise_if_ended(self) -> None:
        """Raises what `wait_ready` raises, when the process ended by itself."""
        if self.process.poll() is not None:
            raise self._reason()

    def stop(self, timeout_s: float) -> int:
        """Asks Kafka to end, insists after `timeout_s`; its exit code."""
        self.process.terminate()
        self.process.send_signal(signal.SIGCONT)  # one that is stopped could not hear
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """Ends Kafka as a crash would; its exit code."""
        self.process.kill()
        return self.process.wait()

    def _poll(self, port: int) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            self.raise_if_ended()
            try:
                if NODE in live_brokers(port):
                    return
            except (OSError, struct.error):
                pass  # not yet
            time.sleep(_POLL_S)
        raise BrokerFailed(f"Kafka was not ready after {READY_TIMEOUT_S:.0f} s: look into {self._log}")

    def _reason(self) -> EmbeddedKafkaError:
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            said = log.read().decode(errors="replace")
        if "Address already in use" in said:
            return PortInUse(f"a port Kafka needs was taken while it started ({self._log}): start it again")
        locked = _LOCKED.search(said)
        if locked:
            return DataInUse(f"another Kafka runs on {locked[1]}: stop it, or choose another folder")
        reasons = _EXCEPTION.findall(said) or said.strip().splitlines() or ["it gave no reason"]
        why = reasons[-1][:300]
        return BrokerFailed(
            f"Kafka ended with code {self.process.returncode} while starting ({why}): look into {self._log}"
        )
