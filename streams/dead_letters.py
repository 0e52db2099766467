"""A record that was set aside: its original bytes, and why, where and by whom in headers."""

from models.dead_letters import (
    HEADER_DETAIL,
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_STAGE,
    HEADER_TOPIC,
    Reason,
)
from streams.step import Output, Record
from streams.topics import DEAD_LETTERS

MAX_DETAIL = 200
MAX_ORIGINAL = 1 << 20
"""Bytes of a record of somebody else's topic that a dead letter still holds: their limits are not ours."""


def dead_letter(record: Record, place: tuple[str, int], stage: str, reason: Reason, detail: str) -> Output:
    """The record of `place` (topic, partition) as a dead letter. `detail` holds no value of the record's.

    Key, value and headers are the original's, to the byte; our headers stand behind them.
    """
    topic, partition = place
    ours = [
        (HEADER_REASON, reason.value),
        (HEADER_TOPIC, topic),
        (HEADER_PARTITION, str(partition)),
        (HEADER_OFFSET, str(record.offset)),
        (HEADER_STAGE, stage),
        (HEADER_DETAIL, detail[:MAX_DETAIL]),
    ]
    headers = [*record.headers, *((name, text.encode()) for name, text in ours)]
    return DEAD_LETTERS, partition, record.key, record.value, headers


def foreign_letter(
    record: Record, place: tuple[str, int], stage: str, reason: Reason, detail: str, partitions: int
) -> Output:
    """The same for a record of somebody else's topic, which may have more partitions and larger records than ours.

    An original that is too large stays where it is: the headers say where.
    """
    topic, _, key, value, headers = dead_letter(record, place, stage, reason, detail)
    if len(key or b"") + len(value or b"") + sum(len(name) + len(raw) for name, raw in headers) > MAX_ORIGINAL:
        key, value, headers = None, None, headers[len(record.headers) :]
    return topic, place[1] % partitions, key, value, headers
