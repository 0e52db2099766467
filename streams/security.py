"""How to connect to Kafka, for both clients; refuses to speak in the clear beyond this machine."""

import re
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from models.errors import OperatorError

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class ConnectionRefused(OperatorError):
    """The settings for Kafka are incomplete or not safe. Operator action: correct the named setting."""


@dataclass(frozen=True, slots=True)
class Security:
    """`ca_file`: PEM file of who signed the broker's certificate; None: the machine's own list."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    allow_plaintext: bool = False

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol in ("SSL", "SASL_SSL")

    @property
    def sasl(self) -> bool:
        """Whether we name ourselves to the broker."""
        return self.protocol in ("SASL_PLAINTEXT", "SASL_SSL")


PLAIN = Security()
"""What the embedded broker on loopback speaks."""


def servers(bootstrap: str) -> list[tuple[str, int]]:
    """Splits `host:port,host:port`. Raises `ConnectionRefused` when it is not of this form."""
    found = []
    for part in bootstrap.split(","):
        host, _, port = part.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not _is_host(host) or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
            raise ConnectionRefused(f"Kafka address {part.strip()!r} is not host:port: correct BEFOREHAND_KAFKA")
        found.append((host, int(port)))
    return found


def check(bootstrap: str, security: Security) -> None:
    """Passes only what is complete and safe.

    Raises `ConnectionRefused` when addresses, user, password or file are wrong, and when events would leave this
    machine unencrypted without `allow_plaintext`. Names are not looked up: beside `localhost` a name is not loopback.
    """
    beyond = [host for host, _ in servers(bootstrap) if not _is_loopback(host)]
    if beyond and not security.tls and not security.allow_plaintext:
        raise ConnectionRefused(
            f"the connection to Kafka at {beyond[0]} would not be encrypted: set "
            "BEFOREHAND_KAFKA_SECURITY=SSL or SASL_SSL, or BEFOREHAND_KAFKA_ALLOW_PLAINTEXT=true"
        )
    if security.sasl and not (security.user and security.password):
        raise ConnectionRefused(
            f"Kafka security {security.protocol} needs a name and a password: "
            "set BEFOREHAND_KAFKA_USER and BEFOREHAND_KAFKA_PASSWORD"
        )
    if security.ca_file is not None and not security.tls:
        raise ConnectionRefused(
            f"a CA file has no use with Kafka security {security.protocol}: "
            "set BEFOREHAND_KAFKA_SECURITY=SSL or SASL_SSL, or unset BEFOREHAND_KAFKA_CA_FILE"
        )


def for_aiokafka(bootstrap: str, security: Security = PLAIN) -> dict[str, Any]:
    """Arguments of an aiokafka producer or consumer. Raises `ConnectionRefused` as `check` does."""
    check(bootstrap, security)
    arguments: dict[str, Any] = {"bootstrap_servers": bootstrap, "security_protocol": security.protocol}
    if security.tls:
        arguments["ssl_context"] = _tls(security)
    if security.sasl:
        arguments |= {
            "sasl_mechanism": security.mechanism,
            "sasl_plain_username": security.user,
            "sasl_plain_password": security.password,
        }
    return arguments


def for_kafka_python(bootstrap: str, security: Security = PLAIN) -> dict[str, Any]:
    """Arguments of a kafka-python client, which names them alike. Raises `ConnectionRefused` as `check` does."""
    return for_aiokafka(bootstrap, security)


def _is_host(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text) is not None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tls(security: Security) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=security.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConnectionRefused(
            f"CA file {security.ca_file} cannot be used ({error.strerror or error}): correct BEFOREHAND_KAFKA_CA_FILE"
        ) from None
