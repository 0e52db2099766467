"""Where to reach a customer: read when a message is made, and for nothing else."""

from sqlalchemy import Connection, select

from ledger.tables import addresses


def address_of(connection: Connection, customer_id: str, channel: str) -> tuple[str, str] | None:
    """Address and name on a channel, or None when there is none."""
    where = (addresses.c.customer_id == customer_id) & (addresses.c.channel == channel)
    row = connection.execute(select(addresses.c.address, addresses.c.name).where(where)).one_or_none()
    return None if row is None else (row.address, row.name)
