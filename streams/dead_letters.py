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
