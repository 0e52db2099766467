"""Asks a broker, in Kafka's own protocol, which brokers are alive."""

import socket
import struct

from deploy.kafka.ports import HOST

_METADATA, _VERSION = 3, 1


def live_brokers(port: int, timeout_s: float = 1.0) -> list[int]:
    """The ids of the brokers that are registered and serve: a Metadata request (version 1) without topics.

    Raises `OSError`: nobody answers there (yet).
    Raises `struct.error`: the answer was cut short.
    """
    client = b"ready"
    request = struct.pack(">hhih", _METADATA, _VERSION, 1, len(client)) + client + struct.pack(">i", 0)
    with socket.create_connection((HOST, port), timeout_s) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as answer:
            (length,) = struct.unpack(">i", answer.read(4))
            return _ids(answer.read(length))


def _ids(body: bytes) -> list[int]:
    """Reads [id, host, port, rack] of each broker, after the correlation id and the count."""
    (count,) = struct.unpack_from(">i", body, 4)
    ids, at = [], 8
    for _ in range(count):
        node, host = struct.unpack_from(">ih", body, at)
        at += 6 + host + 4
        (rack,) = struct.unpack_from(">h", body, at)
        at += 2 + max(rack, 0)
        ids.append(node)
    return ids
