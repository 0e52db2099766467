"""Where a webhook may go: the public internet by HTTPS, and nowhere else.

A name is resolved once, what it resolves to is checked, and the connection goes to what was checked (against rebinding
and server-side request forgery: OWASP ASVS 5.0 1.3.6; special ranges: IANA registries, RFC 6890).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from yarl import URL

from models.notifications import TemporaryFailure

PORTS = frozenset({443, 8443})
Resolve = Callable[[str, int], Awaitable[list[str]]]

_UNICAST = IPv6Network("2000::/3")
_CARRIERS = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments; Teredo carries an IPv4 address within
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries an IPv4 address within
        "3fff::/20",  # documentation
    )
)
_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""Protocol assignments and the former 6to4 relays, which this Python takes for global."""


class AddressRefusedError(TemporaryFailure):
    """The endpoint's name leads to where no webhook may go. Nothing was sent. Operator action: mend its DNS or URL."""


def require_url(text: str, *, allow_loopback: bool = False) -> URL:
    """A URL a webhook may be posted to, as far as it can be seen without resolving its name.

    `allow_loopback`: plain HTTP to this very machine too, for tests and development. Raises ValueError, with no part
    of the URL.
    """
    try:
        url = URL(text)
        host, port = url.raw_host or "", url.port
    except ValueError:
        raise ValueError("url is not a URL") from None
    if not text.isprintable() or " " in text or not host:
        raise ValueError("url is not a URL with a host")
    if url.raw_user is not None or url.raw_password is not None or url.raw_fragment:
        raise ValueError("url holds a user, a password or a fragment: leave them out")
    if allow_loopback and url.scheme == "http" and _is_loopback(host):
        return url
    if url.scheme != "https":
        raise ValueError("url is not https")
    if port not in PORTS:
        raise ValueError("url names another port than 443 or 8443")
    literal = _literal(host)
    if literal is not None and not is_public(literal):
        raise ValueError("url names an address that is not public")
    return url


async def resolve_once(url: URL, resolve: Resolve) -> list[str]:
    """The addresses to connect to, all of them checked.

    Raises `TemporaryFailure` when there are none, `AddressRefusedError` when any of them is not public (or, for an
    allowed URL of this machine, not loopback): a name that leads to both is somebody's trick.
    """
    host = url.raw_host or ""
    literal = _literal(host)
    if literal is not None:
        found = [host.strip("[]")]
    else:
        try:
            found = await resolve(host, url.port or 443)
        except OSError as error:
            raise TemporaryFailure(f"the endpoint's name cannot be resolved ({type(error).__name__})") from None
    fit = is_public if url.scheme == "https" else _loops_back
    if not found:
        raise TemporaryFailure("the endpoint's name has no address")
    if not all(fit(one) for one in map(_literal, found)):
        raise AddressRefusedError("address_not_public")
    return found


async def by_system(host: str, port: int) -> list[str]:
    """What the system's resolver says. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def is_public(address: IPv4Address | IPv6Address | None) -> bool:
    """Whether an address is one host's on the public internet: global unicast that carries no other address within."""
    if address is None or address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL)
    # NAT64 (64:ff9b::/96) and IPv4-mapped addresses are outside 2000::/3; those that hide an address in it are named
    return address in _UNICAST and not any(address in network for network in _CARRIERS)


def _loops_back(address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and address.is_loopback


def _is_loopback(host: str) -> bool:
    return host == "localhost" or _loops_back(_literal(host))


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
