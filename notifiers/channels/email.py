"""Mail by SMTP: no server recognises a repeated mail, so an unclear send is never repeated."""

import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal, Self

import aiosmtplib
from pydantic import Field, SecretStr, model_validator

from models.notifications import Message, PermanentFailure, Receipt
from notifiers.channels.channel import Channel, ChannelConfig, Outside
from notifiers.headers import require_address, require_clean
from notifiers.smtp.compose import compose
from notifiers.smtp.connections import Connections
from notifiers.smtp.transaction import transact

_NAMED = re.compile(r"([^<>@,;:\"]*?) *<([^<>]+)>")
Seconds = Annotated[float, Field(gt=0, le=3600)]


class EmailConfig(ChannelConfig):
    """Which server, and as whom. A server beyond loopback needs TLS, unless `allow_plaintext` says otherwise."""

    host: str = "127.0.0.1"
    port: int = Field(1025, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "none"
    allow_plaintext: bool = False
    user: str = ""
    password: SecretStr = SecretStr("")
    mail_from: str = "Care <care@shop.example>"
    domain: str = ""
    """The right side of Message-IDs; empty: that of `mail_from`."""
    allowed_domains: frozenset[str] = frozenset()
    """Only mailboxes of exactly these domains are written to; empty: all."""
    connections: int = Field(4, ge=1, le=64)
    connect_timeout_s: Seconds = 10.0
    command_timeout_s: Seconds = 60.0
    reply_timeout_s: Seconds = 600.0
    """For the reply to the final dot: RFC 5321 section 4.5.3.2.6 asks for ten minutes; impatience makes duplicates."""

    @property
    def sender(self) -> Address:
        """`mail_from`, taken apart. Raises `UnsafeValueError` when it is not one plain mailbox."""
        named = _NAMED.fullmatch(require_clean("mail_from", self.mail_from))
        name, address = named.groups() if named else ("", self.mail_from)
        return Address(name, addr_spec=require_address(address))

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        try:
            require_address(f"id@{self.domain or self.sender.domain}")
        except PermanentFailure:
            raise ValueError("mail_from must be `Name <local@domain>` with one plain mailbox") from None
        if self.tls == "none" and not self.allow_plaintext and not _is_loopback(self.host):
            raise ValueError("tls is none but the mail server is not on this machine; set starttls or tls")
        return self


class EmailChannel(Channel):
    """Mails one message per transaction over a few reused connections."""

    name: ClassVar[str] = "email"
    idempotency_window: ClassVar[timedelta] = timedelta(0)
    Config: ClassVar[type[ChannelConfig]] = EmailConfig

    def __init__(self, config: EmailConfig, _outside: Outside | None = None) -> None:
        self.config = config
        self._sender = config.sender
        self._connections = Connections(self._connection, config.connections)

    @property
    def connections_opened(self) -> int:
        """How many connections were made so far."""
        return self._connections.opened

    async def reach(self) -> None:
        """Connect, greet, log in, leave."""
        await self._connections.reach()

    async def close(self) -> None:
        """Say goodbye to the server."""
        await self._connections.close()

    async def send(self, message: Message, at: datetime) -> Receipt:
        """Mail it, dated `at`. Raises the three failures of the base class; an unsafe value is a permanent one."""
        config = self.config
        to = require_address(message.address)
        if config.allowed_domains and to.rpartition("@")[2].lower() not in _lower(config.allowed_domains):
            raise PermanentFailure("the domain of the address is not in allowed_domains")
        mail = compose(message, self._sender, config.domain or self._sender.domain, at)
        return await self._connections.use(
            lambda connection: transact(
                connection,
                self._sender.addr_spec,
                to,
                mail,
                command_s=config.command_timeout_s,
                reply_s=config.reply_timeout_s,
            )
        )

    def _connection(self) -> aiosmtplib.SMTP:
        config = self.config
        return aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            timeout=config.connect_timeout_s,
            use_tls=config.tls == "tls",
            start_tls=config.tls == "starttls",
            username=config.user or None,
            password=config.password.get_secret_value() or None,
            local_hostname=config.domain or self._sender.domain,
        )


def _lower(domains: frozenset[str]) -> frozenset[str]:
    return frozenset(domain.lower() for domain in domains)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
