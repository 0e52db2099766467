"""A channel's own consent is from now on newer than that for all channels: make it so for what is there."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Which of both was newer was not kept. Beside a no to all, what was said of single channels is forgotten."""
    op.execute(
        "DELETE FROM consents WHERE channel <> '*' AND customer_id IN "
        "(SELECT customer_id FROM consents WHERE channel = '*' AND NOT allowed)"
    )


def downgrade() -> None:
    """Nothing: fewer rows say the same to the version before, in which a no to all closed everything."""
