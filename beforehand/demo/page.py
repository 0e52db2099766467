"""The last scene of the shop's demo, at the speed of life: who is stuck in the checkout is told in the open page.

At 2,400 times the speed of life a quarter of an hour is over in a third of a second: what is worth saying only while it
happens is mostly held there (`too_old`). So some customers come at the end, one after the other, with the page open.
"""

import asyncio
import hmac
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256

import aiohttp
import msgspec

from models.events.base import Event
from models.events.checkout_step import CheckoutStep, CheckoutStepData
from models.events.profile_changed import ProfileChanged, ProfileChangedData
from models.partitions import partition_of
from notifiers.sessions.edge import RECEIPTS, SESSIONS
from notifiers.sessions.tokens import AUDIENCE, read_keys
from streams.clock import BusinessClock, elapsed, real_now
from streams.feed import feed
from streams.settings import Settings

REFUSALS = 3
WAIT_S = 20.0
ORIGIN = "http://shop.example"
_TOKEN_LASTS = timedelta(minutes=5)


async def stuck_with_open_pages(settings: Settings, customers: int) -> list[float]:
    """Seconds from the third refusal to the open page, for those of `customers` who were told within `WAIT_S`.

    `settings` are those of a running stack with the role `in_app`, whose business clock goes at the speed of life.
    """
    now = BusinessClock(settings.clock_file).now

    async def write(*events: Event) -> None:
        places = [(one.topic, partition_of(one.subject, settings.partitions), one) for one in events]
        await feed(settings, places, progress=lambda _count, _at: None)

    took: list[float] = []
    for name in (f"page-{number}" for number in range(1, customers + 1)):
        yes = ProfileChangedData(consent={"in_app": True})
        step = CheckoutStepData(checkout_id=f"{name}-k", step="shipping_address", accepted=False)
        await write(ProfileChanged(id=f"{name}-yes", source="shop", subject=name, time=now(), data=yes))
        try:
            async with asyncio.timeout(WAIT_S), _open_page(settings, name) as notices:
                for number in range(REFUSALS):
                    refused_s = elapsed()
                    await write(CheckoutStep(id=f"{name}-{number}", source="shop", subject=name, time=now(), data=step))
                await anext(notices)
                took.append(elapsed() - refused_s)
                await anext(notices, None)  # goes on once it is confirmed
        except (TimeoutError, StopAsyncIteration, aiohttp.ClientError):
            continue  # not told; the count says so
    return took


@asynccontextmanager
async def _open_page(settings: Settings, customer: str) -> AsyncIterator[AsyncIterator[str]]:
    """A page as a browser's is: its notices, each confirmed when the next one is asked for."""
    if settings.in_app_keys is None:
        raise ValueError("no in_app_keys")
    token = _token(customer, read_keys(settings.in_app_keys.read_bytes())[0])
    edge = f"http://{settings.in_app_host}:{settings.in_app_port}"
    headers = {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
    async with aiohttp.ClientSession(edge, headers=headers, raise_for_status=True) as page:
        async with page.post(SESSIONS) as answer:
            session = (await answer.json())["session"]
        async with page.get(f"{SESSIONS}/{session}") as stream:
            yield _notices(page, stream)


async def _notices(page: aiohttp.ClientSession, stream: aiohttp.ClientResponse) -> AsyncIterator[str]:
    async for line in stream.content:
        if not line.startswith(b"data: "):
            continue
        notice = msgspec.json.decode(line.removeprefix(b"data: "))
        yield notice["text"]
        async with page.post(RECEIPTS, data=msgspec.json.encode({"id": notice["id"]})):
            return


def _token(customer: str, key: bytes) -> str:
    """What the shop's server would sign for its customer."""
    until = int((real_now() + _TOKEN_LASTS).timestamp())
    said = ({"alg": "HS256", "typ": "JWT"}, {"sub": customer, "aud": AUDIENCE, "exp": until})
    signed = b".".join(_part(msgspec.json.encode(one)) for one in said)
    return (signed + b"." + _part(hmac.digest(key, signed, sha256))).decode()


def _part(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
