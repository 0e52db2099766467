"""Insert or update, in the one form that both databases understand."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, object]


def insert_into(connection: Connection, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[Row], keep_empty: bool = False) -> None:
    """Write rows by primary key. With `keep_empty` an empty text leaves what stood there; None always does.

    Raises `sqlalchemy.exc.DBAPIError` as the database does.
    """
    if not rows:
        return
    statement = insert_into(connection, table)
    changed = {}
    for column in table.columns:
        if column.primary_key:
            continue
        new = statement.excluded[column.name]
        changed[column.name] = _kept(table, column.name, new, keep_empty)
    statement = statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)
    connection.execute(statement, list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows whose primary key is new; leave those that are there as they are."""
    if rows:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), list(rows))


def _kept(table: Table, name: str, new: Any, keep_empty: bool) -> Any:
    if keep_empty:
        new = func.nullif(new, "")
    return func.coalesce(new, table.columns[name])
