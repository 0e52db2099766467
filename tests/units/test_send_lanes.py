"""A transaction that ends under way: whoever reads the log is told why, and not only that it has ended."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation, ProducerFenced

from streams.sending import Entry, Place, send_lanes

LANES: dict[Place, list[Entry]] = {("issues.v1", 0): [(b"k", b"1", ())], ("issues.v1", 1): [(b"k", b"2", ())]}


class Batch:
    """Takes everything."""

    def append(self, **_record: Any) -> object:
        return self

    def close(self) -> None:
        """Nothing more comes."""


class Ending:
    """A producer whose transaction is over once the first batch has been taken, for the given reason or for none."""

    def __init__(self, reason: Exception | None) -> None:
        self._reason = reason
        self._over = False

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, _batch: Batch, _topic: str, *, partition: int) -> asyncio.Future[int]:
        if self._over:
            raise IllegalOperation("Can't send messages while not in transaction")
        self._over = True
        taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._reason is None:
            taken.set_result(partition)
        else:
            taken.set_exception(self._reason)
        return taken


@pytest.mark.parametrize(("reason", "told"), [(ProducerFenced(), ProducerFenced), (None, IllegalOperation)])
def test_the_reason_of_a_batch_before_is_told(reason: Exception | None, told: type[Exception]) -> None:
    with pytest.raises(told):
        asyncio.run(send_lanes(Ending(reason), LANES))
