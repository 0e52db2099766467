"""The broker's configuration: one node, small, quick to start, and quick to come back after a kill."""

from collections.abc import Mapping
from pathlib import Path

from deploy.kafka.ports import HOST

NODE = 1

LOG4J = """\
status=error
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.c.ref=C
"""

_ONE_NODE: Mapping[str, object] = {
    "process.roles": "broker,controller",
    "node.id": NODE,
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    **{
        f"{topic}.{name}": 1
        for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        for name in ("num.partitions", "replication.factor")
    },
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.min.isr": 1,
}

_QUICK: Mapping[str, object] = {
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 500,
    # After a kill the new process cannot register before the old one's session ends.
    "broker.session.timeout.ms": 1500,
    "broker.heartbeat.interval.ms": 200,
    # The default of 128 MB is more than the whole heap.
    "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
}


def configuration(data: Path, port: int, controller_port: int, more: Mapping[str, object]) -> str:
    """The text of `server.properties`; `more` wins over the settings here."""
    return _text(
        {
            **_ONE_NODE,
            **_QUICK,
            "log.dirs": data,
            "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
            "controller.quorum.voters": f"{NODE}@{HOST}:{controller_port}",
            **more,
        }
    )


def controller_configuration(data: Path, controller_port: int) -> str:
    """The same node without its broker, quick to find out that the broker is gone."""
    return _text(
        {
            "process.roles": "controller",
            "node.id": NODE,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": data,
            "listeners": f"CONTROLLER://{HOST}:{controller_port}",
            "controller.quorum.voters": f"{NODE}@{HOST}:{controller_port}",
            "broker.session.timeout.ms": 300,
            "broker.heartbeat.interval.ms": 100,
            "metadata.max.idle.interval.ms": 100,
        }
    )


def _text(settings: Mapping[str, object]) -> str:
    return "".join(f"{name}={_escaped(str(value))}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    """As Java reads it: Latin-1, backslash escapes, other characters as UTF-16 units."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    return "".join(
        chr(unit) if unit < 128 else f"\\u{unit:04x}"
        for unit in (int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2))
    )
