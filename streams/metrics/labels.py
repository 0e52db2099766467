"""The labels that several metrics share."""

from typing import Final

from detectors.causes.rules import SHIPPED
from streams.metrics.metric import Label

ROLES: Final = (
    "ingest", "identify", "detect", "context", "learn", "shadow", "remember", "decide", "sender", "in_app", "canary",
)  # fmt: skip
ROLE: Final = Label("role", ROLES)
TOPIC: Final = Label("topic", bound="topics that a role reads: ours, and one per mapping")
PARTITION: Final = Label("partition", bound="a topic's partitions that the process owns: 16, unless set otherwise")
DETECTOR: Final = Label("detector", bound="detectors: one per file")
PROCESS: Final = Label("process", bound="processes that `beforehand up` runs: about seven")
CHANNEL: Final = Label("channel", bound="channels: one per file in notifiers/channels/")
PLACE: Final = (ROLE, TOPIC, PARTITION)
MODEL: Final = Label("model", bound="lessons of the detectors: a few")
FAMILY: Final = Label("family", tuple(rule.family for rule in SHIPPED))
