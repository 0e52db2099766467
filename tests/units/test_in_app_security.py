"""Who gets in at the edge: only whom the shop has signed for, for so long, from its own pages."""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from notifiers.channels.in_app import InAppChannel
from notifiers.sessions.tokens import TokenRefusedError, listener_of
from streams.clock import real_now
from tests.outreach import NOW
from tests.pages import FORMER_KEY, KEY, ORIGIN, Page, edge, message, signed, token

KEYS = [KEY.encode(), FORMER_KEY.encode()]


def in_s(seconds: float) -> int:
    return int(time.time() + seconds)


def none_signed() -> str:
    head = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return head + "." + token().split(".")[1] + "."


GOOD = {"sub": "c-1", "aud": "beforehand", "exp": in_s(300)}
REFUSED = {
    "another key": (signed(GOOD, "x" * 40), "forged"),
    "no signature": (none_signed(), "forged"),
    "claims of another": (token("c-2").rsplit(".", 1)[0] + "." + token("c-1").rsplit(".", 1)[1], "forged"),
    "empty": ("", "forged"),
    "dots": ("...", "forged"),
    "not ascii": ("é" + token(), "forged"),
    "very long": (token("c" * 4000), "forged"),
    "not base64": (token() + "!", "forged"),
    "signed as none": (signed(GOOD, head={"alg": "none"}), "not_for_us"),
    "another algorithm": (signed(GOOD, head={"alg": "HS512"}), "not_for_us"),
    "critical extension": (signed(GOOD, head={"alg": "HS256", "crit": ["exp"]}), "not_for_us"),
    "for somebody else": (signed({**GOOD, "aud": "other"}), "not_for_us"),
    "for nobody": (signed({"sub": "c-1", "exp": in_s(300)}), "not_for_us"),
    "about nobody": (signed({**GOOD, "sub": ""}), "not_for_us"),
    "about a number": (signed({**GOOD, "sub": 7}), "not_for_us"),
    "a line end in the name": (signed({**GOOD, "sub": "c\n1"}), "not_for_us"),
    "a name too long": (signed({**GOOD, "sub": "c" * 129}), "not_for_us"),
    "without an end": (signed({"sub": "c-1", "aud": "beforehand"}), "not_for_us"),
    "an end that is no time": (signed({**GOOD, "exp": 1e300}), "not_for_us"),
    "not an object": (signed([]), "not_for_us"),  # type: ignore[arg-type] # what is refused
    "expired": (signed({**GOOD, "exp": in_s(-1)}), "expired"),
    "for too long": (signed({**GOOD, "exp": in_s(7200)}), "too_long"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_is_not_fit_is_refused_with_its_reason(name: str) -> None:
    given, reason = REFUSED[name]
    with pytest.raises(TokenRefusedError) as error:
        listener_of(given, KEYS, real_now())
    assert str(error.value) == reason


@pytest.mark.parametrize("key", [KEY, FORMER_KEY])
def test_while_a_key_is_exchanged_both_are_taken(key: str) -> None:
    assert listener_of(token("c-1", key=key), KEYS, real_now()).customer_id == "c-1"


def with_page(folder: Path, work: Callable[[InAppChannel, Page], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(20), edge(folder) as channel, Page(channel) as page:
            await work(channel, page)

    asyncio.run(run())


def test_the_edge_lets_nobody_in_without_a_good_token(tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        for given in ("", "Basic eDp5", "Bearer", "Bearer x.y.z", f"Bearer {token(key='x' * 40)}"):
            for path in ("/in-app/sessions", "/in-app/receipts"):
                async with page.post(path, {"id": "x"}, Authorization=given) as answer:
                    assert answer.status == 401

    with_page(tmp_path, work)


def test_another_customer_can_neither_take_nor_confirm_what_is_not_theirs(tmp_path: Path) -> None:
    async def work(channel: InAppChannel, page: Page) -> None:
        async with Page(channel, "c-2") as other:
            sending = asyncio.create_task(channel.send(message(), NOW))
            which, _ = await page.events.get()
            assert await other.shown(which) == 404
            assert not sending.done()
            assert other.events.empty()
            await page.shown(which)
            await sending

    with_page(tmp_path, work)


def test_what_was_never_offered_cannot_be_confirmed_ahead(tmp_path: Path) -> None:
    async def work(channel: InAppChannel, page: Page) -> None:
        assert await page.shown(message().outreach_id) == 404
        sending = asyncio.create_task(channel.send(message(), NOW))
        assert (await page.events.get())[0] == message().outreach_id
        await page.shown(message().outreach_id)
        await sending

    with_page(tmp_path, work)


OTHERS = ["https://evil.example", "null", ORIGIN + ".evil.example", ORIGIN + ":8443", "http://shop.example", ""]


@pytest.mark.parametrize("origin", OTHERS)
def test_a_page_of_another_origin_gets_nothing_and_no_word_that_it_may(origin: str, tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        async with page.post("/in-app/sessions", Origin=origin) as answer:
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
        where = f"{page.at}/in-app/sessions/{page.session}"
        for method in (page.client.get, page.client.options):
            async with method(where, headers={"Origin": origin}) as answer:
                assert answer.status == 403
                assert "Access-Control-Allow-Origin" not in answer.headers

    with_page(tmp_path, work)


def test_the_shops_own_page_is_told_what_it_may_and_credentials_never_are_asked_for(tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        async with page.client.options(page.at + "/in-app/sessions", headers={"Origin": ORIGIN}) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert answer.headers["Access-Control-Allow-Methods"] == "POST"
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert answer.headers["Vary"] == "Origin"

    with_page(tmp_path, work)


def test_no_answer_says_what_runs_here_or_may_be_kept_and_no_url_names_a_customer(tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        assert len(page.session) == 32 and "c-1" not in page.session
        async with page.post("/in-app/sessions") as answer:
            assert (await answer.json()).keys() == {"session"}
            assert answer.headers["Server"] == "beforehand"
            assert answer.headers["Cache-Control"] == "no-store"
        for path in ("/", "/in-app/sessions/../../etc/passwd", "/in-app/sessions/" + "0" * 32, "/in-app/sessions/x"):
            async with page.client.get(page.at + path, headers={"Origin": ORIGIN}) as answer:
                assert answer.status == 404
                assert await answer.text() == ""

    with_page(tmp_path, work)


@pytest.mark.parametrize("body", ["", "[]", '{"id": 7}', "{" * 3000])
def test_a_receipt_that_says_nothing_is_refused(body: str, tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        headers = {"Authorization": f"Bearer {page.token}"}
        async with page.client.post(page.at + "/in-app/receipts", data=body, headers=headers) as answer:
            assert answer.status == 400
        async with page.client.post(page.at + "/in-app/receipts", data="x" * 9000, headers=headers) as answer:
            assert answer.status == 413

    with_page(tmp_path, work)


def test_keys_are_exchanged_without_a_restart_and_a_broken_file_lets_nobody_in(tmp_path: Path) -> None:
    async def work(_: InAppChannel, page: Page) -> None:
        async def status(key: str) -> int:
            async with page.post("/in-app/sessions", Authorization=f"Bearer {token(key=key)}") as answer:
                return int(answer.status)

        found = [await status(KEY), await status(FORMER_KEY)]
        for text in (f"{FORMER_KEY}\n{KEY}\n", FORMER_KEY, "too short"):
            (tmp_path / "keys").write_text(text)
            found += [await status(KEY), await status(FORMER_KEY)]
        assert found == [201, 401, 201, 201, 401, 201, 503, 503]

    with_page(tmp_path, work)
