"""What the short histories of detectors have in common: where they begin, and how time passes in them."""

from datetime import UTC, datetime, timedelta

from models.events.tick import Tick, TickData

START = datetime(2013, 2, 8, 9, tzinfo=UTC)
CUSTOMER = "c-1"


def after(minutes: float) -> datetime:
    """So many minutes into the story."""
    return START + timedelta(minutes=minutes)


def tick(topic: str, minutes: float) -> Tick:
    """The topic has been read up to there."""
    data = TickData(source_topic=topic, source_partition=0, source_partitions=1)
    return Tick(id=f"t-{minutes:g}", source="ingest", subject="tick", time=after(minutes), data=data)
