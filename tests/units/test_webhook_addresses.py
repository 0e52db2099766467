"""Where a webhook cannot be made to go: inside, to this machine, or anywhere by a trick of names."""

import asyncio
from pathlib import Path

import pytest
from yarl import URL

from models.notifications import TemporaryFailure
from notifiers.channels.channel import Outside
from notifiers.channels.webhook import WebhookChannel, WebhookConfig
from notifiers.webhooks.addresses import AddressRefusedError, by_system, require_url, resolve_once
from tests.hooks import AT, Now, endpoints, message, shop

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255", "::",
    "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::",
    "2002:a00:1::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
NUMERIC = [
    "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "localhost",
    "①②⑦.⓪.⓪.①", "127.0.0.1.", "3232235777", "0xa9fea9fe", "2852039166",
]  # fmt: skip
NOT_URLS = [
    "http://hooks.example/", "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/",
    "//hooks.example/", "hooks.example", "", "https:///x", "https://hooks.example:22/", "https://hooks.example:80/",
    "https://u@hooks.example/", "https://u:p@hooks.example/", "https://hooks.example/#x",
    "https://hooks.example@127.0.0.1/", "https://a\\@b.example/", "https://hooks.example:99999/",
    "https://hooks.example/\r\nX: y", "https://ho oks.example/", "javascript:alert(1)", "HTTP://hooks.example/",
    "https://[::1/", "data:text/plain,x", "http://localhost/", "http://127.0.0.1/",
]  # fmt: skip


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len({*INSIDE, *NUMERIC, *NOT_URLS}) >= 80


@pytest.mark.parametrize("text", NOT_URLS)
def test_what_is_no_public_url_is_refused_before_anything_is_resolved(text: str) -> None:
    with pytest.raises(ValueError, match=r"^url "):
        require_url(text)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_public_is_refused_as_a_literal_and_as_an_answer(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValueError, match=r"^url "):
        require_url(f"https://{host}/")

    async def says(_host: str, _port: int) -> list[str]:
        return [address]

    with pytest.raises(AddressRefusedError, match="address_not_public"):
        asyncio.run(resolve_once(URL("https://hooks.example/"), says))


@pytest.mark.parametrize("host", NUMERIC)
def test_a_number_that_is_an_address_leads_nowhere(host: str) -> None:
    with pytest.raises((ValueError, TemporaryFailure)):
        asyncio.run(resolve_once(require_url(f"https://{host}/"), by_system))


def test_public_addresses_are_taken_and_one_bad_one_among_them_spoils_all() -> None:
    told = [["93.184.216.34"], ["93.184.216.34", "2606:4700::1111"], ["93.184.216.34", "10.0.0.1"], []]

    async def says(_host: str, _port: int) -> list[str]:
        return told.pop(0)

    url = require_url("https://hooks.example:8443/x")
    assert asyncio.run(resolve_once(url, says)) == ["93.184.216.34"]
    assert len(asyncio.run(resolve_once(url, says))) == 2
    with pytest.raises(AddressRefusedError):
        asyncio.run(resolve_once(url, says))
    with pytest.raises(TemporaryFailure):
        asyncio.run(resolve_once(url, says))


def test_a_name_that_changes_its_mind_is_asked_once_and_never_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    async def work() -> None:
        async with shop() as inside:

            async def rebinds(host: str, _port: int) -> list[str]:
                asked.append(host)
                return ["127.0.0.1"] if len(asked) > 1 else ["192.0.2.1"]

            config = WebhookConfig(endpoints=endpoints(tmp_path, "https://hooks.example/"), timeout_s=1.0)
            sending = WebhookChannel(config, Outside(Now(), lambda: ""), rebinds)
            for _ in range(3):
                with pytest.raises(AddressRefusedError):
                    await sending.send(message(), AT)
            assert inside.got == []

    asyncio.run(work())
    assert asked == ["hooks.example"] * 3


def test_the_connection_goes_to_what_was_checked_and_not_to_what_the_name_says_elsewhere(tmp_path: Path) -> None:
    async def work() -> None:
        async with shop() as there:  # the system takes localhost for 127.0.0.1, where it listens

            async def says(_host: str, _port: int) -> list[str]:
                return ["127.0.0.2"]

            url = f"http://localhost:{there.port}/"
            config = WebhookConfig(endpoints=endpoints(tmp_path, url), allow_loopback=True)
            with pytest.raises(TemporaryFailure, match="no connection"):
                await WebhookChannel(config, Outside(Now(), lambda: ""), says).send(message(), AT)
            assert there.got == []
            await WebhookChannel(config, Outside(Now(), lambda: ""), by_system).send(message(), AT)
            assert len(there.got) == 1

    asyncio.run(work())


def test_a_name_that_nobody_resolves_in_time_is_temporary(tmp_path: Path) -> None:
    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    config = WebhookConfig(endpoints=endpoints(tmp_path, "https://hooks.example/"), timeout_s=0.1)
    with pytest.raises(TemporaryFailure, match="not resolved in time"):
        asyncio.run(WebhookChannel(config, Outside(Now(), lambda: ""), never).send(message(), AT))


def test_this_machine_is_allowed_only_when_said_so_and_only_by_a_name_of_its_own() -> None:
    assert require_url("http://127.0.0.1:8080/", allow_loopback=True).port == 8080
    assert require_url("http://[::1]:8080/", allow_loopback=True)
    for text in ("http://10.0.0.1/", "http://hooks.example/", "https://127.0.0.1/", "http://127.0.0.1.evil.example/"):
        with pytest.raises(ValueError, match=r"^url "):
            require_url(text, allow_loopback=True)

    async def elsewhere(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1"]

    with pytest.raises(AddressRefusedError):
        asyncio.run(resolve_once(require_url("http://localhost:8080/", allow_loopback=True), elsewhere))
