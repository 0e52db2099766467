"""Faults of the pinned Faust that this house is built around.

One that starts to fail here was mended upstream: then the way around it may be looked at again (docs/adr).
"""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from typing import Any

import faust
import pytest
from faust.events import Event
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as StockConsumer
from faust.transport.drivers.aiokafka import Transport as StockTransport
from faust.transport.producer import ProducerBuffer
from faust.types import TP, ConsumerMessage

PLACE = TP("in.v1", 0)


def stock_app() -> faust.App:
    return faust.App("pitfalls", broker="kafka://127.0.0.1:1", store="memory://", web_enabled=False, autodiscover=False)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_the_pinned_versions_are_the_ones_that_were_examined() -> None:
    assert (version("faust-streaming"), version("mode-streaming"), version("aiokafka")) == ("0.15.3", "0.7.1", "0.14.0")


@pytest.mark.parametrize("how", ["exception", "cancellation"])
def test_faust_counts_an_event_as_read_although_its_agent_failed_on_it(how: str) -> None:
    async def test() -> None:
        app = stock_app()
        channel, started = app.channel(), asyncio.Event()

        async def agent() -> None:
            async for _ in app.stream(channel):
                started.set()
                assert not message.acked
                if how == "exception":
                    raise RuntimeError
                await asyncio.Event().wait()

        app.flow_control.resume()
        generation = app.consumer_generation_id
        message = ConsumerMessage(
            PLACE.topic, 0, 7, 0.0, 0, None, b"k", b"v", None, tp=PLACE, generation_id=generation
        )  # fmt: skip
        message.incref()
        task = asyncio.create_task(agent())
        while not channel.subscriber_count:
            await asyncio.sleep(0)
        await channel.put(Event(app, b"k", b"v", None, message))
        await asyncio.wait_for(started.wait(), 5)
        if how == "cancellation":
            task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() or isinstance(task.exception(), RuntimeError)
        del task  # its traceback holds the stream, which acknowledges when it is let go
        deadline = time.monotonic() + 5
        while not message.acked and time.monotonic() < deadline:
            gc.collect()
            await asyncio.sleep(0.01)
        assert message.acked

    run(test)


def stock_consumer() -> StockConsumer:
    app = stock_app()
    consumer = app.consumer
    assert type(consumer) is StockConsumer
    return consumer


def test_faust_commits_past_an_event_under_way_when_one_offset_is_missing_at_the_head() -> None:
    async def test() -> None:
        consumer = stock_consumer()
        consumer._committed_offset[PLACE] = 2585
        consumer._acked[PLACE] = [2586, 2587, 2588, 2589]  # 2585 is still being worked on
        assert consumer._new_offset(PLACE) == 2590

    run(test)


def test_faust_commits_past_the_first_event_of_a_new_group() -> None:
    async def test() -> None:
        consumer = stock_consumer()
        consumer._acked[PLACE] = [1, 2, 3]  # 0 is still being worked on
        assert consumer._new_offset(PLACE) == 4

    run(test)


def test_faust_counts_the_event_behind_a_hole_as_read() -> None:
    async def test() -> None:
        consumer = stock_consumer()
        consumer._committed_offset[PLACE] = 11
        await consumer._add_gap(PLACE, 12, 15)  # what it does when 15 follows on 11
        consumer._acked[PLACE] = [11, 16]  # 15 is still being worked on
        assert consumer._new_offset(PLACE) == 17

    run(test)


def test_faust_calls_its_buffer_flushed_while_a_record_is_still_being_sent() -> None:
    class Slow:
        """A send that the broker holds up."""

        def __init__(self) -> None:
            self.message, self.channel, self.sent = self, self, False

        async def publish_message(self, _future: Any, wait: bool = False) -> None:
            await asyncio.Event().wait()
            self.sent = True

    async def test() -> None:
        buffer, record = ProducerBuffer(), Slow()
        buffer.app = stock_app()
        await buffer.start()
        buffer.put(record)  # type: ignore[arg-type]  # stands for a FutureMessage
        while buffer.size:
            await asyncio.sleep(0)
        began = time.monotonic()
        await buffer.flush()
        assert time.monotonic() - began < 1.0
        assert not record.sent

    run(test)


def test_faust_reads_what_a_producer_aborted() -> None:
    async def test() -> None:
        consumer = stock_consumer()
        transport = consumer.transport
        assert type(consumer._thread) is AIOKafkaConsumerThread
        assert isinstance(transport, StockTransport)
        client = consumer._thread._create_worker_consumer(transport)
        assert client._isolation_level == "read_uncommitted"

    run(test)
