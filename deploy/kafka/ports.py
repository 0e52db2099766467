"""Free ports on loopback."""

import secrets
import socket
from pathlib import Path

HOST = "127.0.0.1"
LOWEST = 20_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka does: lingering connections do not count
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(*promised: int) -> int:
    """A port nobody listens on, below those the system hands out for outgoing connections, and none of `promised`.

    `promised`: ports that others of the same start will listen on, though nobody does yet.

    While a broker restarts, its clients keep connecting to its port. From the outgoing range one of them could get that
    very port (TCP then connects it to itself) and the broker could not come back.
    """
    highest = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32_768
    for _ in range(200):
        port = LOWEST + secrets.randbelow(max(highest - LOWEST, 1_000))
        if port not in promised and is_free(port):
            return port
    with socket.socket() as any_port:  # nearly all are taken: whatever the system has
        any_port.bind((HOST, 0))
        return int(any_port.getsockname()[1])
