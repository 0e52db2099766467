"""The webhook channel against a real HTTP server: what is signed, what goes out, and what each answer means."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from models.notifications import PermanentFailure, TemporaryFailure, UnclearFailure
from notifiers.channels.webhook import body_of
from notifiers.kept_file import FileWrongError
from notifiers.webhooks.posting import EndpointGoneError
from notifiers.webhooks.signing import secret_bytes, signature
from tests.hooks import AT, NEW, OLD, Shop, channel, endpoints, message, shop


def with_shop(work: Callable[[Shop, str], Awaitable[None]]) -> None:
    async def run() -> None:
        async with shop() as told:
            await work(told, f"http://127.0.0.1:{told.port}/hooks")

    asyncio.run(run())


def test_the_signature_is_that_of_the_published_vector() -> None:
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["whsec_", "whsec_YWJj", "whsec_" + "A" * 88, "not base64!", "whsec_" + "é" * 32])
def test_a_secret_that_is_none_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret") as error:
        secret_bytes(secret)
    assert secret.removeprefix("whsec_") == "" or secret not in str(error.value)


def test_a_repeated_send_has_the_same_id_and_body_and_its_own_time_and_a_signature_per_secret(tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        told.answers = [500, 200]
        sending = channel(tmp_path, url, NEW, OLD)
        with pytest.raises(UnclearFailure):
            await sending.send(message(), AT)
        receipt = await sending.send(message(), AT)
        assert (receipt.provider_id, receipt.detail) == (message().outreach_id, "200")
        first, second = told.got
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == message().outreach_id
        assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
        for one in told.got:
            stamp = int(one.headers["webhook-timestamp"])
            wanted = [signature(secret_bytes(secret), message().outreach_id, stamp, one.body) for secret in (NEW, OLD)]
            assert one.headers["webhook-signature"].split(" ") == wanted

    with_shop(work)


def test_the_body_says_whose_trouble_it_is_and_holds_no_contact_data() -> None:
    raw = body_of(message(), AT)
    told = json.loads(raw)
    assert set(told) == {"type", "timestamp", "data"}
    assert (told["type"], told["timestamp"]) == ("customer.trouble", "2013-02-08T15:00:00Z")
    assert told["data"]["customer_id"] == "c-1"
    assert told["data"]["text"] == "Your payment was refused 3 times."
    for value in (b"ada@example.org", b"Lovelace", b"Ada"):
        assert value not in raw


def test_a_body_over_20_kb_is_never_sent(tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        with pytest.raises(PermanentFailure, match="20 kB"):
            await channel(tmp_path, url).send(msgspec.structs.replace(message(), short="é" * 10_000), AT)
        assert told.got == []

    with_shop(work)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (301, TemporaryFailure), (307, TemporaryFailure), (401, TemporaryFailure), (404, TemporaryFailure),
        (408, TemporaryFailure), (429, TemporaryFailure), (400, PermanentFailure), (409, PermanentFailure),
        (413, PermanentFailure), (422, PermanentFailure), (500, UnclearFailure), (502, UnclearFailure),
        (503, UnclearFailure), (504, UnclearFailure),
    ],
)  # fmt: skip
def test_every_answer_has_its_meaning(status: int, failure: type[Exception], tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        told.answers = [status]
        with pytest.raises(failure):
            await channel(tmp_path, url).send(message(), AT)
        assert len(told.got) == 1

    with_shop(work)


@pytest.mark.parametrize(("value", "seconds"), [("120", 120.0), ("Tue, 14 Nov 2023 22:14:21 GMT", 60.0), ("x", None)])
def test_the_endpoint_may_say_when_to_come_again(value: str, seconds: float | None, tmp_path: Path) -> None:
    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": value})

    async def work(told: Shop, url: str) -> None:
        told.answers = [busy]
        with pytest.raises(TemporaryFailure) as error:
            await channel(tmp_path, url).send(message(), AT)
        assert error.value.retry_after_s == seconds

    with_shop(work)


def test_410_ends_the_endpoint_until_its_file_changes(tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        told.answers = [410]
        sending = channel(tmp_path, url)
        for _ in range(3):
            with pytest.raises(EndpointGoneError):
                await sending.send(message(), AT)
        assert len(told.got) == 1
        endpoints(tmp_path, url + "/mended")
        await sending.send(message(), AT)
        assert [one.path for one in told.got] == ["/hooks", "/hooks/mended"]

    with_shop(work)


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        async def elsewhere(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": url + "/inside"})

        told.answers = [elsewhere]
        with pytest.raises(TemporaryFailure, match="307"):
            await channel(tmp_path, url).send(message(), AT)
        assert [one.path for one in told.got] == ["/hooks"]

    with_shop(work)


def test_proxies_of_the_environment_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def work(told: Shop, url: str) -> None:
        await channel(tmp_path, url).send(message(), AT)
        assert len(told.got) == 1

    with_shop(work)


def test_an_answer_without_end_is_cut_off_and_one_that_never_comes_is_unclear(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async def work(told: Shop, url: str) -> None:
        told.answers = [endless, silent]
        sending = channel(tmp_path, url, timeout_s=0.5)
        assert (await sending.send(message(), AT)).detail == "200"
        with pytest.raises(UnclearFailure):
            await sending.send(message(), AT)

    with_shop(work)


def test_a_head_without_end_is_unclear(tmp_path: Path) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                writer.write(b"x-more: " + b"y" * 1000 + b"\r\n")
                await writer.drain()
        except OSError:
            writer.close()

    async def work() -> None:
        server = await asyncio.start_server(flood, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UnclearFailure):
            await channel(tmp_path, f"http://127.0.0.1:{port}/").send(message(), AT)
        server.close()

    asyncio.run(work())


def test_nobody_there_is_temporary(tmp_path: Path) -> None:
    with pytest.raises(TemporaryFailure, match="no connection"):
        asyncio.run(channel(tmp_path, "http://127.0.0.1:1/").send(message(), AT))


def test_a_secret_is_exchanged_without_a_restart_and_a_broken_file_sends_nothing(tmp_path: Path) -> None:
    async def work(told: Shop, url: str) -> None:
        sending = channel(tmp_path, url, OLD)
        await sending.send(message(), AT)
        endpoints(tmp_path, url, NEW, OLD)
        await sending.send(message(), AT)
        assert [len(one.headers["webhook-signature"].split(" ")) for one in told.got] == [1, 2]
        (tmp_path / "endpoints.json").write_text('{"*": {"url": "https://x.example/", "secrets": ["hunter2"]}}')
        with pytest.raises(TemporaryFailure, match="a secret") as error:
            await sending.send(message(), AT)
        assert "hunter2" not in str(error.value)
        with pytest.raises(FileWrongError):
            await sending.open()
        assert len(told.got) == 2

    with_shop(work)
