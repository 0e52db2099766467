"""Whether Kafka answers, whether the topics are as they must be, and whether its clock agrees with ours."""

from collections.abc import Iterator

from beforehand.doctor.finding import Finding, wrong
from models.errors import OperatorError
from streams import admin
from streams.broker_clock import clock_offset_s
from streams.connection import security_of
from streams.mappings import topics_of
from streams.settings import Settings

CLOCK_S = 2.0
"""So far the broker's clock may be from ours: its time stamps say how old a record is."""


def about_kafka(settings: Settings) -> Iterator[Finding]:
    """Three findings: broker, topics, clock. Without a broker the other two cannot be looked at."""
    if not settings.kafka:
        yield Finding("Kafka", fine="none is configured: `beforehand up` starts one of its own")
        return
    try:
        differences = admin.check(settings.kafka, topics_of(settings), security_of(settings))
    except OperatorError as error:
        yield wrong("Kafka", str(error))
        return
    yield Finding("Kafka", fine=f"answers at {settings.kafka}")
    yield _topics(differences, len(topics_of(settings)))
    if not any(one.startswith("ingest.orders.v1.state is missing") for one in differences):
        yield _clock(settings)


def _topics(differences: list[str], count: int) -> Finding:
    if not differences:
        return Finding("topics", fine=f"all {count} are as they must be")
    more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
    missing = any("is missing" in one for one in differences)
    do = "run `beforehand topics apply`" if missing else "run `beforehand topics check`, and set what it names"
    return Finding("topics", wrong=differences[0] + more, do=do)


def _clock(settings: Settings) -> Finding:
    try:
        offset = clock_offset_s(settings)
    except OperatorError as error:
        return wrong("clock", str(error))
    if abs(offset) <= CLOCK_S:
        return Finding("clock", fine=f"agrees with the broker's to {abs(offset):.1f} s")
    ahead = "ahead of" if offset > 0 else "behind"
    return Finding("clock", wrong=f"this machine is {abs(offset):.0f} s {ahead} the broker", do="run NTP on both")
