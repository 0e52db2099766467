"""Before a role starts: Kafka must answer, and the topics must be as the role needs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NoBrokersAvailable

from models.errors import OperatorError
from streams.clock import elapsed
from streams.connection import client_options
from streams.ending import FAILED
from streams.settings import Settings
from streams.step import Role

ANSWER_S = 10.0
WATCH_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0


class KafkaStayedAway(OperatorError):
    """No broker answers. Operator action: start it, or correct BEFOREHAND_KAFKA; then start the role again."""

    exit_code = FAILED


class GroupSilent(OperatorError):
    """The consumer group does not come to an end of its rebalance. Operator action: look at the brokers."""

    exit_code = FAILED


class TopicsWrong(OperatorError):
    """Topics are missing or have another partition count. Operator action: see the message."""


async def wait_for_kafka(settings: Settings) -> None:
    """Return when a broker answers that is in its cluster. Raises `KafkaStayedAway` when none does for `give_up_s`."""
    started, pause = elapsed(), FIRST_PAUSE_S
    while True:
        try:
            async with _admin(settings) as admin:
                # One that is only starting answers, and names no broker: a consumer that begins there never gets on.
                if (await admin.describe_cluster())["brokers"]:
                    return
                raise NoBrokersAvailable
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
    foreign = [topic for topic in missing if topic in role.foreign]
    if foreign:
        raise TopicsWrong(
            f"Kafka at {settings.kafka} has no topic {foreign[0]}, which a mapping reads: create it, or correct "
            "`topic` in the mapping"
        )
    if missing:
        raise TopicsWrong(f"Kafka at {settings.kafka} has no topic {missing[0]}: run `beforehand topics apply`")
    ours = {topic: 1 if topic in role.single else settings.partitions for topic in role.inputs}
    wanted = ours | role.foreign
    wanted |= {role.state_topic(topic): count for topic, count in wanted.items()}
    for topic, count in wanted.items():
        if there[topic] != count and topic in role.foreign:
            raise TopicsWrong(
                f"{topic} has {there[topic]} partitions where its mapping says {count}: set `partitions` in it"
            )
        if there[topic] != count and count == 1 != settings.partitions:
            raise TopicsWrong(
                f"{topic} has {there[topic]} partitions and must have 1, because what is learned has one order: delete "
                "it and run `beforehand topics apply`"
            )
        if there[topic] != count:
            raise TopicsWrong(
                f"{topic} has {there[topic]} partitions where {count} are set: a partition count never "
                "changes, because every customer's place hangs on it: set BEFOREHAND_PARTITIONS to what the topic has"
            )


class Reading(Protocol):
    """What is watched of the partitions of this process."""

    @property
    def waiting_s(self) -> float:
        """For how long the group has been owing us an assignment."""

    @property
    def empty(self) -> bool:
        """Whether no partition is ours."""


async def watch(reading: Reading, settings: Settings) -> None:
    """See what no checkpoint would: a group that gives no answer, and no broker when no partition is ours.

    Raises `GroupSilent` or `KafkaStayedAway` after `give_up_s`; never returns.
    """
    while True:
        await asyncio.sleep(min(WATCH_S, settings.give_up_s / 2))
        if reading.waiting_s > settings.give_up_s:
            raise GroupSilent(
                f"the consumer group has given no assignment for {settings.give_up_s:g} s: look at the brokers' logs; "
                "the role can be started again at any time"
            )
        if reading.empty:
            await wait_for_kafka(settings)


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=int(ANSWER_S * 1000))
    try:
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
        yield admin
    finally:
        await admin.close()
