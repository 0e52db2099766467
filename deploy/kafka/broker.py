"""The embedded broker: start it, use it, stop it; the same folder later gives the same broker again."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.kafka.archive import archive_flags
from deploy.kafka.cache import default_cache
from deploy.kafka.configuration import LOG4J, configuration
from deploy.kafka.errors import BrokerFailed, PortInUse
from deploy.kafka.format import format_data
from deploy.kafka.node import Node
from deploy.kafka.ports import HOST, free_port, is_free
from deploy.kafka.program import Program, find_program
from deploy.kafka.recovery import ended_badly, fence_the_dead


class Broker:
    """A real Apache Kafka on loopback that keeps its data in `home` and ends with this process.

    `home`: folder of this broker: data, configuration, log, the port it had.
    `cache`: what is made once per machine; `default_cache()` when not given.
    `port`: where to listen; not given: the port this `home` had before, or a free one.
    `properties`: Kafka settings that win over ours.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache: Path | None = None,
        port: int | None = None,
        properties: Mapping[str, object] | None = None,
    ) -> None:
        self.home = home.absolute()
        self._cache = cache.absolute() if cache else default_cache()
        self._asked = port
        self._properties = dict(properties or {})
        self._program: Program | None = None
        self._node: Node | None = None
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """Where clients connect, `host:port`. Raises `BrokerFailed` when it was never started."""
        if not self._port:
            raise BrokerFailed(f"the Kafka on {self.home} was never started: start it first")
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The process id of the running Kafka. Raises `BrokerFailed` when none is running."""
        return self._started().process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._node is not None and self._node.process.poll() is None

    @property
    def log(self) -> Path:
        """The file with all that Kafka said."""
        return self.home / "kafka.log"

    def start(self) -> Self:
        """Returns when the broker serves; does nothing when it already does.

        Raises `EmbeddedKafkaError`: no Java, no jars, port or folder in use, or Kafka refused; nothing is left running.
        """
        if self.running:
            return self
        try:
            self._start()
        except OSError as error:
            raise BrokerFailed(
                f"{error.filename or self.home} cannot be used ({error.strerror}): correct it, or choose another folder"
            ) from error
        return self

    def wait(self) -> int:
        """Returns when the broker ended, by itself or by somebody else's hand; its exit code."""
        return self._started().process.wait()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Ends the broker in order; it can be started again."""
        if self._node is not None:
            self._node.stop(timeout_s)
            self._node = None

    def kill(self) -> None:
        """Ends the broker as a crash would (SIGKILL); it can be started again."""
        if self._node is not None:
            self._node.kill()
            self._node = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        program = self._program = self._program or find_program(self._cache)
        flags = archive_flags(program)
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "log4j2.properties").write_text(LOG4J)
        format_data(program, self.home / "data")
        fixed = self._asked or self._port or self._former_port()
        for attempts_left in (2, 1, 0):
            port = fixed or free_port()
            try:
                self._launch(program, flags, port)
                break
            except PortInUse:
                # Between our look and Kafka's somebody may take a free port: ours, or the controller's.
                if not attempts_left or (fixed and not is_free(fixed)):
                    raise

    def _started(self) -> Node:
        if self._node is None:
            raise BrokerFailed(f"no Kafka is running on {self.home}: start it first")
        return self._node

    def _former_port(self) -> int | None:
        """The port this folder's broker had, if it can be had again: clients may still know it."""
        try:
            port = int((self.home / "port").read_text())
        except (OSError, ValueError):
            return None
        return port if is_free(port) else None

    def _launch(self, program: Program, flags: tuple[str, ...], port: int) -> None:
        if not is_free(port):
            raise PortInUse(f"port {port} of this machine is in use by another program: stop it, or ask for another")
        if ended_badly(self.home / "data"):
            fence_the_dead(program, self.home, flags)
        settings = configuration(self.home / "data", port, free_port(port), self._properties)
        (self.home / "server.properties").write_text(settings)
        node = Node(program, self.home, flags)
        node.wait_ready(port)
        (self.home / "port").write_text(str(port))
        self._node, self._port = node, port
