"""The tables. `addresses` is the only one that holds contact data.

Times named `..._at` are business times, what customers feel; `real_...` are the machine's own, for leases and retries.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from ledger.columns import Utc

tables = MetaData()

consents = Table(
    "consents",
    tables,
    Column("customer_id", String(128), primary_key=True),
    Column("channel", String(128), primary_key=True, comment="* speaks for all"),
    Column("allowed", Boolean, nullable=False),
)

profiles = Table(
    "profiles",
    tables,
    Column("customer_id", String(128), primary_key=True),
    Column("zone", String(64), nullable=False),
    Column("locale", String(35), nullable=False),
)

addresses = Table(
    "addresses",
    tables,
    Column("customer_id", String(128), primary_key=True),
    Column("channel", String(128), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("name", String(100), nullable=False),
)

care_contacts = Table(
    "care_contacts",
    tables,
    Column("contact_id", String(128), primary_key=True),
    Column("customer_id", String(128), primary_key=True),
    Column("opened_at", Utc, nullable=True),
    Column("closed_at", Utc, nullable=True),
    Index("ix_care_contacts_customer", "customer_id"),
)

episodes = Table(
    "episodes",
    tables,
    Column("issue_id", String(128), primary_key=True),
    Column("customer_id", String(128), nullable=False),
    Column("detector", String(128), nullable=False),
    Column("object", String(128), nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("closed_at", Utc, nullable=True),
    Index(
        "one_open_episode",
        "customer_id",
        "detector",
        "object",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

decisions = Table(
    "decisions",
    tables,
    Column("issue_id", String(128), primary_key=True),
    Column("customer_id", String(128), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("decided_at", Utc, nullable=False),
    Column("record", Text, nullable=False, comment="JSON of models.decisions.Decision, all inputs included"),
    Index("ix_decisions_rule", "verdict", "rule"),
)

outbox = Table(
    "outbox",
    tables,
    Column("outreach_id", String(32), primary_key=True),
    Column("issue_id", String(128), ForeignKey("decisions.issue_id"), nullable=False, unique=True),
    Column("customer_id", String(128), nullable=False),
    Column("detector", String(128), nullable=False),
    Column("object", String(128), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),
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
    Column("severity", String(8), nullable=False, server_default="", comment="as told; empty: not on record"),
    Column("stage", String(64), nullable=False, server_default="", comment="as told, in the detector's own word"),
    Column("cause", String(64), nullable=False, server_default="", comment="the id of the cause it was told with"),
    Column("in_journal", Boolean, nullable=False, server_default=false(), comment="detection knows that it was told"),
    Index("ix_outbox_state", "state", "not_before"),
    Index("ix_outbox_customer", "customer_id", "told_at"),
    Index("ix_outbox_told", "told_at"),
    Index("ix_outbox_in_journal", "in_journal", "state"),
)

receipts = Table(
    "receipts",
    tables,
    Column("outreach_id", String(32), ForeignKey("outbox.outreach_id"), primary_key=True),
    Column("token", BigInteger, primary_key=True, comment="of the claim whose call this was"),
    Column("outcome", String(16), nullable=False),
    Column("at", Utc, nullable=False),
    Column("provider_id", String(300), nullable=False),
    Column("detail", String(300), nullable=False),
)

positions = Table(
    "positions",
    tables,
    Column("reader", String(64), primary_key=True),
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

set_aside = Table(
    "set_aside",
    tables,
    Column("reader", String(64), primary_key=True),
    Column("topic", String(249), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the bytes, which stay in Kafka"),
)

switches = Table(
    "switches",
    tables,
    Column("name", String(32), primary_key=True),
    Column("halted", Boolean, nullable=False),
    Column("reason", String(300), nullable=False),
    Column("changed_at", Utc, nullable=False),
)

acts = Table(
    "acts",
    tables,
    Column("number", Integer, primary_key=True),
    Column("at", Utc, nullable=False, comment="real time: when a person did it"),
    Column("by", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("about", String(128), nullable=False),
    Column("reason", String(300), nullable=False),
)
