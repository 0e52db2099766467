"""What people did to outreach by hand is on record."""

from alembic import op
from sqlalchemy import Column, Integer, String

from ledger.columns import Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing was done yet, as far as is known."""
    op.create_table(
        "acts",
        Column("number", Integer, primary_key=True),
        Column("at", Utc, nullable=False, comment="real time: when a person did it"),
        Column("by", String(64), nullable=False),
        Column("what", String(32), nullable=False),
        Column("about", String(128), nullable=False),
        Column("reason", String(300), nullable=False),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_table("acts")
