"""Whether detection knows that a customer was told: what it learns from must not be what our own words have changed."""

from alembic import op
from sqlalchemy import Boolean, Column, false

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """What was told before is taken for known: its examples are learned from as they were."""
    op.add_column(
        "outbox",
        Column(
            "in_journal",
            Boolean,
            nullable=False,
            server_default=false(),
            comment="detection knows that it was told",
        ),
    )
    op.create_index("ix_outbox_in_journal", "outbox", ["in_journal", "state"])
    op.execute("UPDATE outbox SET in_journal = TRUE WHERE state IN ('SENT', 'UNKNOWN')")


def downgrade() -> None:
    """Forget it again."""
    op.drop_index("ix_outbox_in_journal", "outbox")
    op.drop_column("outbox", "in_journal")
