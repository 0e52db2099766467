"""How far each reader has come, kept in one transaction with what it wrote: nothing is taken in twice or left out."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from ledger.tables import positions
from ledger.upsert import insert_new
from models.errors import OperatorError

Place = tuple[str, int]
"""Topic and partition."""


class PositionMoved(OperatorError):
    """Another process reads in this reader's place. Operator action: run one of each reader per ledger."""


def load(connection: Connection, reader: str) -> dict[Place, int]:
    """Topic and partition -> the offset to read next."""
    rows = connection.execute(
        select(positions.c.topic, positions.c.partition, positions.c.next_offset).where(positions.c.reader == reader)
    )
    return {(row.topic, row.partition): row.next_offset for row in rows}


def begin(connection: Connection, reader: str, starts: Mapping[Place, int]) -> dict[Place, int]:
    """Where to read from: what is stored, or `starts` for a partition never read before, which is stored now."""
    insert_new(
        connection,
        positions,
        [
            {"reader": reader, "topic": topic, "partition": partition, "next_offset": start}
            for (topic, partition), start in starts.items()
        ],
    )
    return load(connection, reader)


def advance(connection: Connection, reader: str, moves: Mapping[Place, tuple[int, int]]) -> None:
    """Move each place from its first offset to its second. Raises `PositionMoved` unless all stood at the first."""
    for (topic, partition), (expected, following) in moves.items():
        moved = connection.execute(
            _MOVE,
            {
                "of_reader": reader,
                "of_topic": topic,
                "of_partition": partition,
                "expected": expected,
                "following": following,
            },
        )
        if moved.rowcount != 1:
            place = f"{topic}/{partition}"
            raise PositionMoved(f"{reader} no longer stands at {expected} in {place}: another {reader} runs, end one")


def next_offset(connection: Connection, reader: str, topic: str, partition: int) -> int:
    """The offset this reader reads next; 0 when it never began."""
    found = connection.execute(_ONE, {"of_reader": reader, "of_topic": topic, "of_partition": partition}).scalar()
    return int(found or 0)


_THERE = (
    (positions.c.reader == bindparam("of_reader"))
    & (positions.c.topic == bindparam("of_topic"))
    & (positions.c.partition == bindparam("of_partition"))
)
_ONE = select(positions.c.next_offset).where(_THERE)
_MOVE = (
    update(positions)
    .where(_THERE & (positions.c.next_offset == bindparam("expected")))
    .values(next_offset=bindparam("following"))
)
