"""The in_app channel: told only when a page of the customer says so, never twice to the same page, bounded."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.notifications import PermanentFailure, TemporaryFailure, UnclearFailure
from notifiers.channels.in_app import InAppChannel, InAppConfig, NobodyThere, event_of
from notifiers.kept_file import FileWrongError
from notifiers.sessions.offers import MOST_OF_ONE, MOST_WAITING
from tests.outreach import NOW
from tests.pages import Page, edge, holds, message

Work = Callable[[InAppChannel], Awaitable[None]]


def with_edge(folder: Path, work: Work, **more: Any) -> None:
    async def run() -> None:
        async with asyncio.timeout(30), edge(folder, **more) as channel:
            await work(channel)

    asyncio.run(run())


def test_it_is_told_when_a_page_says_that_it_was_shown_and_not_before(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel) as page:
            sending = asyncio.create_task(channel.send(message(), NOW))
            which, told = await page.events.get()
            assert set(told) == {"id", "title", "text", "at"}
            assert told["title"] == "Your payment for order 1 did not go through"
            assert not sending.done()
            assert await page.shown(which) == 204
            assert (await sending).detail == "shown"
            assert await page.shown(which) == 204  # a page that asks twice does no harm

    with_edge(tmp_path, work)


def test_nobody_there_is_temporary_and_another_customers_page_is_nobody(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        with pytest.raises(NobodyThere):
            await channel.send(message(), NOW)
        async with Page(channel, "c-2") as page:
            with pytest.raises(NobodyThere):
                await channel.send(message(), NOW)
            assert page.events.empty()

    with_edge(tmp_path, work)


def test_a_page_that_says_nothing_leaves_it_unclear_and_its_late_word_counts(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel) as page:
            with pytest.raises(UnclearFailure):
                await channel.send(message(), NOW)
            which, _ = await page.events.get()
            assert await page.shown(which) == 204
            assert (await channel.send(message(), NOW)).detail == "shown"
            assert page.events.empty()  # it was not sent again

    with_edge(tmp_path, work, shown_timeout_s=0.1)


def test_of_two_pages_one_is_told_and_the_other_only_when_that_one_goes(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel) as first:
            async with Page(channel) as second:
                sending = asyncio.create_task(channel.send(message(), NOW))
                which, _ = await second.events.get()
                assert first.events.empty()
            again, _ = await first.events.get()
            assert again == which
            await first.shown(again)
            await sending

    with_edge(tmp_path, work)


def test_a_page_that_comes_back_goes_on_behind_what_it_has(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel) as page:
            sending = [asyncio.create_task(channel.send(message(number), NOW)) for number in (1, 2)]
            had, _ = await page.events.get()
            assert had == message(1).outreach_id
            await page.leave()
            assert await page.listen(last=had) == 200
            names = [(await page.events.get())[0]]
            await page.leave()
            assert await page.listen() == 200  # a page that knows nothing gets all of it
            names += [(await page.events.get())[0] for _ in range(2)]
            assert names == [message(2).outreach_id, message(1).outreach_id, message(2).outreach_id]
            for number in (1, 2):
                await page.shown(message(number).outreach_id)
            await asyncio.gather(*sending)

    with_edge(tmp_path, work)


def test_a_page_that_does_not_read_fills_up_and_no_more_is_kept_for_it(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel):
            sending = [asyncio.create_task(channel.send(message(number), NOW)) for number in range(MOST_WAITING * 2)]
            ends = await asyncio.gather(*sending, return_exceptions=True)
            kinds = {type(one) for one in ends}
            assert TemporaryFailure in kinds
            assert kinds <= {TemporaryFailure, UnclearFailure, NobodyThere}

    with_edge(tmp_path, work, shown_timeout_s=0.3)


def test_only_so_many_pages_of_one_customer_listen_the_oldest_goes(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        pages = [Page(channel) for _ in range(MOST_OF_ONE + 1)]
        for page in pages:
            await page.begin()
            await page.listen()
        await holds(pages[0].ended.is_set)
        assert not any(page.ended.is_set() for page in pages[1:])
        assert await pages[0].listen() == 404
        for page in pages:
            await page.__aexit__()

    with_edge(tmp_path, work)


def test_a_heartbeat_comes_while_nothing_else_does_and_a_session_ends_with_its_token(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        async with Page(channel, lasts_s=2.0) as page:
            await holds(lambda: page.beats >= 2)
            await holds(page.ended.is_set)
            assert await page.listen() == 404

    with_edge(tmp_path, work, heartbeat_s=0.1)


def test_who_begins_to_listen_is_made_known(tmp_path: Path) -> None:
    async def work(channel: InAppChannel) -> None:
        came: list[str] = []
        channel.arrived = came.append
        async with Page(channel, "c-9"):
            assert came == ["c-9"]

    with_edge(tmp_path, work)


def test_the_event_holds_no_contact_data_and_stays_one_event_whatever_is_in_it() -> None:
    raw = event_of(message(short="a\n\nid: x\r\ndata: <script>alert(1)</script>\u2028b"), NOW)
    assert raw.count(b"\n") == 4 and b"\r" not in raw
    for value in (b"Ada", b"Lovelace", b"ada@example.org", b"c-1"):
        assert value not in raw
    with pytest.raises(PermanentFailure, match="8 KiB"):
        event_of(message(short="x" * 9000), NOW)
    with pytest.raises(PermanentFailure, match="whose"):
        event_of(msgspec.structs.replace(message(), issue=None), NOW)


@pytest.mark.parametrize("keys", ["", "short", "k" * 40 + "\nshort\n"])
def test_keys_that_are_none_stop_it_from_opening_and_are_not_shown(keys: str, tmp_path: Path) -> None:
    with pytest.raises(FileWrongError, match="key") as error:
        with_edge(tmp_path, lambda _: asyncio.sleep(0), keys=keys)
    assert "short" not in str(error.value).replace("shorter", "")


@pytest.mark.parametrize("origin", ["*", "null", "shop.example", "https://shop.example/", "https://*.example", "x://y"])
def test_an_origin_is_one_scheme_and_host(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        InAppConfig.model_validate({"origins": [origin]})
