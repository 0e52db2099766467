"""The first tables. Written out, not taken from `ledger.tables`: what was released stays as it was."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Text, text

from ledger.columns import Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    _remembered()
    _decided()
    _said()
    _read()


def downgrade() -> None:
    """Drop everything."""
    for name in (
        "switches",
        "set_aside",
        "positions",
        "receipts",
        "outbox",
        "decisions",
        "episodes",
        "care_contacts",
        "addresses",
        "profiles",
        "consents",
    ):
        op.drop_table(name)


def _id(name: str, length: int = 128) -> Column[str]:
    return Column(name, String(length), primary_key=True)


def _text(name: str, length: int = 128) -> Column[str]:
    return Column(name, String(length), nullable=False)


def _remembered() -> None:
    op.create_table(
        "consents",
        _id("customer_id"),
        Column("channel", String(128), primary_key=True, comment="* speaks for all"),
        Column("allowed", Boolean, nullable=False),
    )
    op.create_table("profiles", _id("customer_id"), _text("zone", 64), _text("locale", 35))
    op.create_table("addresses", _id("customer_id"), _id("channel"), _text("address", 320), _text("name", 100))
    op.create_table(
        "care_contacts",
        _id("contact_id"),
        _id("customer_id"),
        Column("opened_at", Utc, nullable=True),
        Column("closed_at", Utc, nullable=True),
    )
    op.create_index("ix_care_contacts_customer", "care_contacts", ["customer_id"])


def _decided() -> None:
    op.create_table(
        "episodes",
        _id("issue_id"),
        _text("customer_id"),
        _text("detector"),
        _text("object"),
        Column("opened_at", Utc, nullable=False),
        Column("closed_at", Utc, nullable=True),
    )
    is_open = text("closed_at IS NULL")
    op.create_index(
        "one_open_episode",
        "episodes",
        ["customer_id", "detector", "object"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "decisions",
        _id("issue_id"),
        _text("customer_id"),
        _text("verdict", 8),
        _text("rule", 64),
        Column("decided_at", Utc, nullable=False),
        Column("record", Text, nullable=False, comment="JSON of models.decisions.Decision, all inputs included"),
    )
    op.create_index("ix_decisions_rule", "decisions", ["verdict", "rule"])


def _said() -> None:
    op.create_table(
        "outbox",
        _id("outreach_id", 32),
        Column("issue_id", String(128), ForeignKey("decisions.issue_id"), nullable=False, unique=True),
        _text("customer_id"),
        _text("detector"),
        _text("object"),
        _text("channel", 32),
        _text("state", 16),
        Column("reason", String(300), nullable=False, server_default=""),
        Column("queued_at", Utc, nullable=False),
        Column("not_before", Utc, nullable=False),
        Column("expires_at", Utc, nullable=True),
        Column("told_at", Utc, nullable=False, comment="on the wire, or else queued: what caps and cooldowns count"),
        Column("sent_at", Utc, nullable=True),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("token", BigInteger, nullable=False, server_default="0", comment="fencing: grows with every claim"),
        Column("owner", String(64), nullable=False, server_default=""),
        Column("real_lease_until", Utc, nullable=True),
        Column("real_retry_at", Utc, nullable=True),
        Column("real_first_wire_at", Utc, nullable=True, comment="when the oldest call with an unclear end began"),
        Column("real_changed_at", Utc, nullable=False),
        Column("body_hash", String(64), nullable=False, server_default=""),
    )
    op.create_index("ix_outbox_state", "outbox", ["state", "not_before"])
    op.create_index("ix_outbox_customer", "outbox", ["customer_id", "told_at"])
    op.create_index("ix_outbox_told", "outbox", ["told_at"])
    op.create_table(
        "receipts",
        Column("outreach_id", String(32), ForeignKey("outbox.outreach_id"), primary_key=True),
        Column("token", BigInteger, primary_key=True, comment="of the claim whose call this was"),
        _text("outcome", 16),
        Column("at", Utc, nullable=False),
        _text("provider_id", 300),
        _text("detail", 300),
    )


def _read() -> None:
    op.create_table(
        "positions",
        _id("reader", 64),
        _id("topic", 249),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
    )
    op.create_table(
        "set_aside",
        _id("reader", 64),
        _id("topic", 249),
        Column("partition", Integer, primary_key=True),
        Column("offset", BigInteger, primary_key=True),
        _text("reason", 64),
        Column("sha256", String(64), nullable=False, comment="of the bytes, which stay in Kafka"),
    )
    op.create_table(
        "switches",
        _id("name", 32),
        Column("halted", Boolean, nullable=False),
        _text("reason", 300),
        Column("changed_at", Utc, nullable=False),
    )
