"""What every channel promises, whichever it is: found by its file, its limits declared, its failures told apart."""

import asyncio
import inspect
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

import notifiers.channels
from deploy.mail import MailServer
from models.notifications import Message, PermanentFailure, Receipt, TemporaryFailure, UnclearFailure, outreach_id
from notifiers.channels.catalogue import all_channels
from notifiers.channels.channel import Channel, ChannelConfig, Outside
from notifiers.channels.in_app import InAppChannel
from streams.clock import random_id, real_now
from tests.hooks import endpoints, shop
from tests.outreach import issue
from tests.pages import KEY, ORIGIN, Page

AT = datetime(2013, 2, 8, 15, tzinfo=UTC)
NAMES = sorted(all_channels())
NOT_CHANNELS = {"catalogue", "channel"}


def made(name: str, **given: object) -> Channel:
    channel = all_channels()[name]
    config = channel.Config.model_validate(given)
    return channel(config, Outside(real_now, random_id))  # type: ignore[call-arg] # what is tested here


@asynccontextmanager
async def answered(name: str, folder: Path) -> AsyncIterator[tuple[Channel, Callable[[], int]]]:
    """An open channel with a provider that takes everything, and how much that one took."""
    async with AsyncExitStack() as stack:
        taken: Callable[[], int] = lambda: 0  # noqa: E731 - nobody outside is told
        given: dict[str, object] = {}
        if name == "email":
            mails = stack.enter_context(MailServer(folder))
            given, taken = {"port": mails.port}, lambda: len(mails.accepted)
        elif name == "webhook":
            told = await stack.enter_async_context(shop())
            file = endpoints(folder, f"http://127.0.0.1:{told.port}/")
            given, taken = {"endpoints": file, "allow_loopback": True}, lambda: len(told.got)
        elif name == "in_app":
            (folder / "keys").write_text(KEY)
            given = {"keys": folder / "keys", "origins": [ORIGIN], "shown_timeout_s": 10.0}
        channel = made(name, **given)
        await channel.open()
        if isinstance(channel, InAppChannel):
            pages = [await stack.enter_async_context(Page(channel, f"c-{number}")) for number in range(20)]
            showing = [asyncio.create_task(page.show_all()) for page in pages]
            taken = lambda: sum(page.got for page in pages)  # noqa: E731 - as above
            stack.callback(lambda: [one.cancel() for one in showing])
        yield channel, taken
        await channel.close()


def message(number: int) -> Message:
    return Message(
        outreach_id=outreach_id(f"i-{number}", "any"),
        address=f"c-{number}@example.org",
        name="Ada",
        subject="Your order",
        text="Hello\n",
        html="<p>Hello</p>\n",
        short="Hello.",
        issue=issue(number),
    )


def test_every_file_is_a_channel_of_its_own_name() -> None:
    files = {one.name for one in pkgutil.iter_modules(notifiers.channels.__path__)} - NOT_CHANNELS
    assert files == set(NAMES)
    for name, channel in all_channels().items():
        assert channel.__module__ == f"notifiers.channels.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_its_limits_are_declared(name: str) -> None:
    channel = all_channels()[name]
    assert channel.name == name
    assert channel.idempotency_window >= timedelta(0)
    assert issubclass(channel.Config, ChannelConfig)
    assert inspect.iscoroutinefunction(channel.send)
    assert channel.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_its_config_refuses_what_it_does_not_know_and_never_repeats_it(name: str) -> None:
    with pytest.raises(ValidationError) as error:
        all_channels()[name].Config.model_validate({"no_such_setting": "hunter2"})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_messages_one_after_the_other_and_at_once_and_can_be_closed_twice(name: str, tmp_path: Path) -> None:
    async def work() -> list[Receipt]:
        async with answered(name, tmp_path) as (channel, taken):
            receipts = [await channel.send(message(0), AT)]
            receipts += await asyncio.gather(*(channel.send(message(number), AT) for number in range(1, 20)))
            await channel.close()
            assert taken() == (0 if name == "record" else 20)
            return receipts

    receipts = asyncio.run(work())
    assert len({receipt.provider_id for receipt in receipts}) == 20


@pytest.mark.parametrize("name", NAMES)
def test_opening_does_not_need_the_provider_and_sending_without_one_is_temporary_at_most(name: str) -> None:
    async def work() -> None:
        channel = made(name, **({"port": 1} if name == "email" else {}))
        await channel.open()
        try:
            await channel.send(message(0), AT)
        except TemporaryFailure:
            assert name != "record"
        finally:
            await channel.close()

    asyncio.run(work())


@pytest.mark.parametrize("name", NAMES)
def test_a_date_without_a_zone_is_a_mistake_of_the_caller(name: str) -> None:
    async def work() -> None:
        await made(name).send(message(0), datetime(2013, 2, 8))  # noqa: DTZ001 - what is refused

    with pytest.raises(ValueError, match="zone"):
        asyncio.run(work())


def test_the_three_failures_exclude_each_other() -> None:
    failures = (PermanentFailure, TemporaryFailure, UnclearFailure)
    assert [(a, b) for a in failures for b in failures if a is not b and issubclass(a, b)] == []
