"""Before a role starts: Kafka must answer, and the topics must be as the role needs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from models.errors import OperatorError
from streams.clock import elapsed
from streams.connection import client_options
from streams.ending import FAILED
from streams.settings import Settings
from streams.step import Role

ANSWER_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0


class KafkaStayedAway(OperatorError):
    """No broker answers. Operator action: start it, or correct BEFOREHAND_KAFKA; then start the role again."""

    exit_code = FAILED


class TopicsWrong(OperatorError):
    """Topics are missing or have another partition count. Operator action: see the message."""


async def wait_for_kafka(settings: Settings) -> None:
    """Return when a broker answers. Raises `KafkaStayedAway` when none does for `give_up_s`."""
    started, pause = elapsed(), FIRST_PAUSE_S
    while True:
        try:
            async with _admin(settings):
                return
        except (KafkaError, OSError, TimeoutError) as error:
            if elapsed() - started + pause > settings.give_up_s:
                raise KafkaStayedAway(
                    f"no Kafka answers at {settings.kafka} (waited {settings.give_up_s:g} s): start it, or correct "
                    "BEFOREHAND_KAFKA and the settings that belong to it"
                ) from error
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def check_topics(role: Role, settings: Settings) -> None:
    """Raises `TopicsWrong`: without it, a role would wait in silence for a topic that is not there."""
    whole = {*role.inputs, *(role.state_topic(topic) for topic in role.inputs)}
    async with _admin(settings) as admin:
        told = await admin.describe_topics(sorted(whole | set(role.outputs)))
    there = {one["topic"]: len(one["partitions"]) for one in told if not one["error_code"]}
    missing = sorted((whole | set(role.outputs)) - there.keys())
    if missing:
        raise TopicsWrong(f"Kafka at {settings.kafka} has no topic {missing[0]}: run `beforehand topics apply`")
    for topic in sorted(whole):
        if there[topic] != settings.partitions:
            raise TopicsWrong(
                f"{topic} has {there[topic]} partitions where {settings.partitions} are set: a partition count never "
                "changes, because every customer's place hangs on it: set BEFOREHAND_PARTITIONS to what the topic has"
            )


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=int(ANSWER_S * 1000))
    try:
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
        yield admin
    finally:
        await admin.close()
