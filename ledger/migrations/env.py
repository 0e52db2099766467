"""Alembic reads this file; the connection and its transaction come from `ledger.migrate`."""

from alembic import context

from ledger.tables import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
