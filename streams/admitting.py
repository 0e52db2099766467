"""What comes in from a source of ours, and where it goes."""

from datetime import datetime

from models.dead_letters import Reason
from models.events.address_changed import AddressChanged
from models.events.base import Event
from models.events.catalogue import encode
from models.events.entity_measured import EntityMeasured
from models.intake import Rejected, parse
from models.partitions import partition_of
from streams.step import Output
from streams.topics import JOURNAL, OBSERVATIONS


def admitted(event: Event, partitions: int) -> Output:
    """Its record: a customer's in the journal, an entity's in the observations."""
    topic = OBSERVATIONS if type(event) is EntityMeasured else JOURNAL
    subject = event.subject
    return topic, partition_of(subject, partitions), subject.encode(), encode(event), ()


def taken_in(raw: bytes | None, now: datetime) -> Event | Rejected:
    """The event of a source's record, or why it is set aside. `now` is the business time."""
    event = parse(raw, now)
    if isinstance(event, Rejected):
        return event
    if event.internal:
        return Rejected(Reason.NOT_ALLOWED, "type: only this service writes it")
    if type(event) is AddressChanged:
        return Rejected(Reason.NOT_ALLOWED, "type: contact data goes to addresses.v1 only")
    if event.subject.startswith("\x00"):
        return Rejected(Reason.INVALID, "subject: begins with a NUL, as only our own keys do")
    return event
