"""The cause that a customer was told of: whoever hears of it by one order need not hear of it by the next."""

from alembic import op
from sqlalchemy import Column, String

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Rows from before name no cause, and hold nobody back."""
    op.add_column(
        "outbox",
        Column(
            "cause",
            String(64),
            nullable=False,
            server_default="",
            comment="the id of the cause it was told with",
        ),
    )


def downgrade() -> None:
    """Forget it again."""
    op.drop_column("outbox", "cause")
