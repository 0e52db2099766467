"""Faust, with our transport and our checkpoints: one app per role and process."""

from typing import Any

import faust
from faust.types import TP
from yarl import URL

from streams.assignment import Assignment
from streams.ending import end_process
from streams.schema import RawBatch
from streams.settings import Settings
from streams.step import Role
from streams.transport import Transport


class RoleApp(faust.App):
    """Shares the partitions of a role's inputs among the processes of its group, and brings them batches.

    Faust's tables, producer, web server and `exactly_once` are not used (docs/adr). State lies in `streams.checkpoint`.
    """

    def __init__(self, role: Role, settings: Settings) -> None:
        self.role = role
        self.settings = settings
        self.reading = Assignment(role, settings)
        super().__init__(
            role.group,
            broker=[URL(f"kafka://{server.strip()}") for server in settings.kafka.split(",")],
            store="memory://",
            autodiscover=False,
            web_enabled=False,
            processing_guarantee="at_least_once",
            consumer_auto_offset_reset="earliest",
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=settings.partitions,
            broker_session_timeout=settings.session_timeout_s,
            broker_heartbeat_interval=settings.session_timeout_s / 6,
            broker_request_timeout=40.0,
            broker_commit_interval=5.0,
            stream_buffer_maxsize=4,  # batches
            stream_wait_empty=False,  # True waits for ever: what is dropped at a freeze is never acknowledged
        )
        self.on_rebalance_complete.connect(self._rebalanced, weak=False)
        self.on_partitions_revoked.connect(self._revoked, weak=False)
        self.agent(self.topic(*role.inputs, schema=RawBatch()), name=role.name)(self._run)

    async def _run(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            try:
                await self.reading.take(message.tp, message.generation_id, event.value, event)
            except Exception as error:
                # Faust would count the batch as read and go on with the next one
                end_process("batch_failed", error, role=self.role.name)

    async def _rebalanced(self, *_: Any, **__: Any) -> None:
        """Awaited after every assignment and before the seek, outside the group's callback: heartbeats go on."""
        try:
            assigned = {TP(place.topic, place.partition) for place in self.consumer.assignment()}
            await self.reading.rebalanced(assigned, self.consumer_generation_id)
        except Exception as error:
            end_process("rebalance_failed", error, role=self.role.name)

    async def _revoked(self, *_: Any, **__: Any) -> None:
        """Awaited before we rejoin the group: we are still the owner."""
        try:
            await self.reading.revoked()
        except Exception as error:
            end_process("revoke_failed", error, role=self.role.name)

    async def on_first_start(self) -> None:
        """Faust would make a folder here; we keep nothing on disk."""

    async def on_stop(self) -> None:
        """Before agents and consumer are stopped."""
        await self.reading.close()
        await super().on_stop()

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)
