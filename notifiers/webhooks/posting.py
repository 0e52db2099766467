"""One POST, and what its end means. No redirect is followed, no proxy asked, not one byte of an answer's body used."""

import asyncio
import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from models.notifications import PermanentFailure, TemporaryFailure, UnclearFailure

LONGEST_S = 5.0
MOST_BYTES = 64 * 1024
"""Of an answer that are ever held: its head, and what arrived with it."""
_OURS_TO_MEND = frozenset({401, 403, 404, 405, 407, 421, 426, 451})
"""About the endpoint and wrong for every message until somebody mends it, so no message is given up for it."""
_NOT_NOW = frozenset({408, 425, 429})


class EndpointGoneError(PermanentFailure):
    """The endpoint answered 410: it wants no more webhooks (Standard Webhooks 1.0.0)."""


async def post(
    url: URL, addresses: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime, longest_s: float
) -> int:
    """Post to one of `addresses`, which were checked; the 2xx status. `now` (aware) turns dates into seconds.

    Raises the three failures: before a connection stands nothing can have been accepted; after that only a clear
    answer says whether it was.
    """
    connected: list[bool] = []
    try:
        async with asyncio.timeout(longest_s), AsyncExitStack() as stack:
            session = await stack.enter_async_context(_session(addresses, connected))
            answer = await stack.enter_async_context(
                session.post(url, data=body, headers=headers, allow_redirects=False)
            )
            status, after = answer.status, answer.headers.get("Retry-After", "")
            answer.close()
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        told = type(error).__name__
        if connected:
            raise UnclearFailure(f"no clear answer from the endpoint ({told})") from None
        raise TemporaryFailure(f"no connection to the endpoint ({told})") from None
    _judge(status, retry_after_s(after, now))
    return status


def retry_after_s(value: str, now: datetime) -> float | None:
    """Seconds from `Retry-After` (RFC 9110 section 10.2.3); None when it says nothing that can be read."""
    if re.fullmatch(r"\d{1,7}", value.strip(), re.ASCII):
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _judge(status: int, after_s: float | None) -> None:
    if 200 <= status < 300:
        return
    if status == 410:
        raise EndpointGoneError("410")
    if status in _NOT_NOW or status in _OURS_TO_MEND or 300 <= status < 400:
        raise TemporaryFailure(str(status), after_s)
    if 400 <= status < 500:
        raise PermanentFailure(str(status))
    raise UnclearFailure(str(status))  # a 5xx may come after the work was done; the id lets us ask again


def _session(addresses: Sequence[str], connected: list[bool]) -> aiohttp.ClientSession:
    async def note(*_: Any) -> None:
        connected.append(True)

    def only_checked(place: Any) -> socket.socket:
        family, kind, protocol, _, where = place
        if str(where[0]) not in addresses:
            raise OSError("this address was not checked")
        return socket.socket(family, kind, protocol)

    watch = aiohttp.TraceConfig()
    watch.on_connection_create_end.append(note)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=_Checked(addresses), use_dns_cache=False, force_close=True, limit=1, socket_factory=only_checked
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),  # the block around it counts
        trace_configs=[watch],
        trust_env=False,
        auto_decompress=False,
        read_bufsize=MOST_BYTES // 2,  # aiohttp stops reading at twice as much
        max_headers=64,
        max_line_size=2048,
        max_field_size=2048,
    )


class _Checked(AbstractResolver):
    """Gives what was resolved and checked before; asks nobody."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=one,
                port=port,
                family=socket.AF_INET if ip_address(one).version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for one in self._addresses
            if family in (socket.AF_UNSPEC, socket.AF_INET if ip_address(one).version == 4 else socket.AF_INET6)
        ]

    async def close(self) -> None:
        """Nothing is open."""
