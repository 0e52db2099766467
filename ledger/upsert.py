"""Insert or update, in the one form that both databases understand."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, object]


def _insert_into(dialect: str, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[Row], keep_empty: bool = False) -> None:
    """Write rows by primary key. With `keep_empty` an empty text leaves what stood there; None always does.

    Raises `sqlalchemy.exc.DBAPIError` as the database does.
    """
    if rows:
        connection.execute(_upserted(connection.dialect.name, table, keep_empty), list(rows))


@cache
def _upserted(dialect: str, table: Table, keep_empty: bool) -> Any:
    statement = _insert_into(dialect, table)
    changed = {}
    for column in table.columns:
        if column.primary_key:
            continue
        new = statement.excluded[column.name]
        changed[column.name] = _kept(table, column.name, new, keep_empty)
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write rows whose primary key is new; leave those that are there as they are."""
    if rows:
        connection.execute(_insert_into(connection.dialect.name, table).on_conflict_do_nothing(), list(rows))


def _kept(table: Table, name: str, new: Any, keep_empty: bool) -> Any:
    if keep_empty:
        new = func.nullif(new, "")
    return func.coalesce(new, table.columns[name])
