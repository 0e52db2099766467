"""The whole service on this machine: a broker when none is given, topics, ledger, and a process per role."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType, TracebackType
from typing import Final, Self

from beforehand.supervisor import Supervisor
from deploy.kafka.broker import Broker
from ledger.database import Ledger
from ledger.migrate import migrate
from streams.admin import apply
from streams.clock import elapsed
from streams.connection import security_of
from streams.mappings import topics_of
from streams.settings import Settings, as_environment

PROCESSES: Final[Mapping[str, Sequence[str]]] = {
    "ingest": ["ingest"],
    "detect": ["detect"],
    "context": ["context"],
    "learn": ["learn"],
    "tell": ["remember", "decide", "sender", "canary"],
}
"""Process name -> the roles in it. What waits for other machines shares a process; what computes has its own."""

WITH_MAPPINGS: Final[Mapping[str, Sequence[str]]] = {"identify": ["identify"]}
"""More of them, when other topics are mapped."""

WITH_PAGES: Final[Mapping[str, Sequence[str]]] = {"in_app": ["in_app"]}
"""And when customers are told in their sessions: what the web reaches has a process of its own."""


WITH_SHADOW: Final[Mapping[str, Sequence[str]]] = {"shadow": ["shadow"]}
"""And when challengers are to run beside the detectors."""


class Stack:
    """Use it as a context manager: inside it everything runs, after it nothing does.

    `processes`: name -> roles. `others`: name -> command line of what else is to be kept running.

    `settings.kafka` empty: an embedded broker on `settings.run_dir`/kafka. Raises `OperatorError` and
    `EmbeddedKafkaError` when it cannot start; nothing is left running then.
    """

    def __init__(
        self,
        settings: Settings,
        processes: Mapping[str, Sequence[str]] = PROCESSES,
        others: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.given = settings
        if processes is PROCESSES:
            wanted = (
                (settings.mappings, WITH_MAPPINGS),
                (settings.in_app_keys, WITH_PAGES),
                (settings.shadow, WITH_SHADOW),
            )
            for asked, more in wanted:
                processes = {**processes, **(more if asked else {})}
        self._commands = {**others, **{name: command_of(roles) for name, roles in processes.items()}}
        self._open = ExitStack()
        self.settings = settings
        """The settings that the roles run with: the broker's address is filled in."""
        self.supervisor: Supervisor
        self.broker: Broker | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._start(opening)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _start(self, opening: ExitStack) -> None:
        run_dir = self.given.run_dir.absolute()
        run_dir.mkdir(parents=True, exist_ok=True)
        if not self.given.kafka:
            self.broker = opening.enter_context(Broker(run_dir / "kafka"))
            self.settings = self.given.model_copy(update={"kafka": self.broker.bootstrap})
        prepare(self.settings)
        theirs = self.settings.model_copy(update={"probes_port": 0})  # one port is not enough for all of them
        self.supervisor = opening.enter_context(
            Supervisor(self._commands, run_dir / "logs", elapsed, as_environment(theirs))
        )


def prepare(settings: Settings) -> None:
    """Create what is missing: topics and the ledger's tables. Raises `OperatorError`, `LedgerUnavailable`."""
    apply(settings.kafka, topics_of(settings), security_of(settings))
    ledger = Ledger(settings.database_url.get_secret_value())
    try:
        migrate(ledger)
    finally:
        ledger.close()


def command_of(roles: Sequence[str]) -> list[str]:
    """The command line of a process with these roles, for this very Python."""
    return [sys.executable, "-m", "beforehand", "worker", *roles]
