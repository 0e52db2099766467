"""How bad the trouble was that a customer was told of: worse news of the same thing may be told, the same may not."""

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Rows from before stay empty: not known to have been less bad, so they are not followed by a second message."""
    op.add_column(
        "outbox",
        Column("severity", String(8), nullable=False, server_default="", comment="as told; empty: not on record"),
    )
    op.add_column(
        "outbox",
        Column("stage", String(64), nullable=False, server_default="", comment="as told, in the detector's own word"),
    )


def downgrade() -> None:
    """Forget it again."""
    for name in ("stage", "severity"):
        op.drop_column("outbox", name)
