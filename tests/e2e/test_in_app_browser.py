"""The example page in a real browser: shown as text, once, read out, and only to the shop's own origin."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from deploy.kafka.ports import free_port
from models.notifications import Message, Receipt, UnclearFailure
from notifiers.channels.channel import Outside
from notifiers.channels.in_app import InAppChannel, NobodyThere
from notifiers.rendering import render
from streams.clock import random_id, real_now
from tests.browser import Tab, browser
from tests.outreach import NOW, issue
from tests.pages import KEY, edge, message
from tests.shop_page import shop_page

Work = Callable[[InAppChannel, Tab, str], Awaitable[None]]
LISTENS = "document.body?.dataset.listening === 'yes'"
ATTACK = "<img src=x onerror=\"document.body.dataset.hacked='yes'\"><script>document.body.dataset.hacked=1</script>"


def in_browser(folder: Path, work: Work, *, listed: bool = True) -> None:
    async def run() -> None:
        port, own = free_port(), free_port()
        origin = f"http://127.0.0.1:{own}"
        origins = [origin if listed else "https://shop.example"]
        async with (
            asyncio.timeout(60),
            edge(folder, port=port, origins=origins, shown_timeout_s=5.0) as channel,
            shop_page(f"http://127.0.0.1:{port}", port=own),
            browser(folder / "profile") as started,
        ):
            tab = await started.tab()
            await tab.go(origin)
            await work(channel, tab, origin)

    asyncio.run(run())


async def until_there(channel: InAppChannel, what: Message) -> Receipt:
    """Send it again and again until a page has come (back) that shows it."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await channel.send(what, NOW)
            except (NobodyThere, UnclearFailure):
                await asyncio.sleep(0.05)


def attacked(number: int) -> Message:
    plain = issue(number)
    facts = plain.evidence.facts | {"order_id": ATTACK}
    words = render(
        msgspec.structs.replace(plain, evidence=msgspec.structs.replace(plain.evidence, facts=facts)),
        name="",
        locale="en",
        zone="",
    )
    return msgspec.structs.replace(message(number), subject=words.subject, short=words.short)


def test_a_notice_is_shown_as_text_is_read_out_and_can_be_closed(tmp_path: Path) -> None:
    async def work(channel: InAppChannel, tab: Tab, _: str) -> None:
        await tab.until(LISTENS)
        assert (await channel.send(message(), NOW)).detail == "shown"
        assert (await channel.send(attacked(2), NOW)).detail == "shown"
        await tab.picture(tmp_path / "notices.png")
        shown = await tab.evaluate("[...document.querySelectorAll('#notices h2')].map(one => one.textContent)")
        assert ATTACK in shown[0]
        assert shown[1] == "Your payment for order 1 did not go through"
        assert await tab.evaluate("document.querySelectorAll('img, #notices script').length") == 0
        assert await tab.evaluate("document.body.dataset.hacked ?? 'no'") == "no"
        tree = (await tab.call("Accessibility.getFullAXTree"))["nodes"]
        roles = {one["role"]["value"] for one in tree if not one["ignored"]}
        assert {"status", "heading", "button"} <= roles
        assert "Close" in {one.get("name", {}).get("value") for one in tree if one["role"]["value"] == "button"}
        await tab.evaluate("document.querySelector('#notices button').click()")
        assert await tab.evaluate("document.querySelectorAll('.notice').length") == 1

    in_browser(tmp_path, work)


def test_what_is_sent_again_is_confirmed_and_not_shown_again_also_after_a_reload(tmp_path: Path) -> None:
    async def work(channel: InAppChannel, tab: Tab, origin: str) -> None:
        await tab.until(LISTENS)
        await channel.send(message(), NOW)
        other = InAppChannel(channel.config, Outside(real_now, random_id))  # whoever sends next does not know of it
        await channel.close()
        await other.open()
        try:
            await tab.until(LISTENS)
            await until_there(other, message())
            assert await tab.evaluate("document.querySelectorAll('.notice').length") == 1
            await tab.go(origin)
            await tab.until("document.readyState === 'complete' && " + LISTENS)
            assert await tab.evaluate("document.querySelectorAll('.notice').length") == 0
            assert (await other.send(message(), NOW)).detail == "shown"
            assert await tab.evaluate("document.querySelectorAll('.notice').length") == 0
            assert (await other.send(message(2), NOW)).detail == "shown"
            assert await tab.evaluate("document.querySelectorAll('.notice').length") == 1
        finally:
            await other.close()

    in_browser(tmp_path, work)


def test_whoever_walks_through_many_pages_leaves_no_connection_behind(tmp_path: Path) -> None:
    """A browser has six for one host: pages kept for "back" must not use them up, or nothing is confirmed any more."""

    async def work(channel: InAppChannel, tab: Tab, origin: str) -> None:
        for number in range(10):
            here = f"{origin}/of/c-1?page={number}"
            await tab.go(here)
            await tab.until(f"location.href === '{here}' && {LISTENS}")
        assert (await channel.send(message(), NOW)).detail == "shown"
        await tab.evaluate("history.back()")
        await tab.until(f"location.search === '?page=8' && {LISTENS}")
        assert (await until_there(channel, message(2))).detail == "shown"

    in_browser(tmp_path, work)


def test_a_page_of_another_origin_cannot_listen_even_with_the_customers_own_token(tmp_path: Path) -> None:
    async def work(channel: InAppChannel, tab: Tab, _: str) -> None:
        port = channel.port
        told = await tab.until(
            f"""(async () => {{
              const token = (await (await fetch('/beforehand-token')).json()).token;
              const headers = {{Authorization: 'Bearer ' + token}};
              const where = 'http://127.0.0.1:{port}/in-app/sessions';
              try {{ await fetch(where, {{method: 'POST', headers}}); return 'in'; }}
              catch (error) {{ return error.name; }}
            }})()"""
        )
        assert told == "TypeError"
        assert await tab.evaluate("document.body.dataset.listening ?? 'no'") == "no"
        with pytest.raises(NobodyThere):
            await channel.send(message(), NOW)

    in_browser(tmp_path, work, listed=False)


def test_the_page_holds_no_key_and_loads_nothing_from_elsewhere() -> None:
    html = (Path(__file__).parents[2] / "docs" / "examples" / "in_app" / "index.html").read_text()
    assert KEY not in html and "innerHTML" not in html and "src=" not in html
    assert 'role="status"' in html
