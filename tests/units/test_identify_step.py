"""Identify: events find their customer by one step or two, wait in bounds, and ticks go behind what they vouch for."""

from datetime import UTC, datetime, timedelta

from models.events.base import Event
from models.events.catalogue import decode, encode
from models.events.order_placed import OrderPlaced
from models.events.order_step import OrderStep
from models.events.payment_attempted import PaymentAttempted
from models.events.tick import Tick, TickData
from models.identities.messages import Linked
from models.identities.table import Bounds, Identities
from models.mapping.engine import Link
from models.partitions import partition_of
from streams.identities import awaiting, link_of, linked
from streams.lanes import Lane
from streams.roles.identify import IdentifyStep
from streams.step import Output, Progress
from streams.ticks import tick_of
from tests.records import FakeRecord

P = 4
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
SCANS = {"carrier.scans": [Lane("orders.v1", 4, 8)]}
ORIGINAL = FakeRecord(17, b"\xff", key=b"k", headers=(("h", b"1"),))


class Partitions:
    """All partitions of the identities, as the role runs them: what one writes to another is read there."""

    def __init__(self) -> None:
        self.now = NOON
        self._steps = [self._made(number) for number in range(P)]
        self.states: list[dict[bytes, bytes]] = [{} for _ in range(P)]

    def _made(self, number: int) -> IdentifyStep:
        bounds = Bounds(timedelta(hours=1), 100)
        return IdentifyStep(number, P, SCANS, Identities(bounds), lambda: self.now)

    def restart(self) -> None:
        self._steps = [self._made(number) for number in range(P)]
        for step, states in zip(self._steps, self.states, strict=True):
            for key, value in states.items():
                step.load(key, value)

    def watermarks(self) -> list[dict[str, float]]:
        return [step.watermarks() for step in self._steps]

    def feed(self, *outputs: Output) -> list[Output]:
        """What leaves the identities, in order, when these come in."""
        left: list[Output] = []
        for _ in range(6):
            for number, step in enumerate(self._steps):
                step.apply([FakeRecord(0, value) for _, partition, _, value, _ in outputs if partition == number])
            outputs, written = (), [self._drained(number) for number in range(P)]
            for part in written:
                left += [one for one in part if one[0] != "identities.v1"]
                outputs += tuple(one for one in part if one[0] == "identities.v1")
        assert not outputs
        return left

    def _drained(self, number: int) -> list[Output]:
        writes = self._steps[number].drain(Progress(None))
        for key, value in writes.states:
            if value is None:
                del self.states[number][key]
            else:
                self.states[number][key] = value
        return list(writes.outputs)


def scan(identity: str = "parcel:1", number: int = 0) -> Output:
    data = OrderStep.example().data
    event = OrderStep(id=f"s{number}", source="c", subject=identity, time=NOON,
                      data=type(data)(order_id=identity, step="arrived"))  # fmt: skip
    return awaiting(event, ORIGINAL, ("carrier.scans", 6), P)


def link(identity: str, to: str, *, known: bool = True) -> Output:
    return linked(Link(identity, to, known), P)


def events(written: list[Output]) -> list[Event]:
    return [decode(value or b"") for topic, *_, value, _ in written if topic == "journal.v1"]


def test_a_parcel_finds_its_order_and_the_order_its_customer_across_partitions_and_a_restart() -> None:
    partitions = Partitions()
    assert partitions.feed(scan()) == []
    assert partitions.feed(link("parcel:1", "order:A-17", known=False)) == []
    partitions.restart()
    [output] = partitions.feed(link("order:A-17", "ada"))
    assert output[:3] == ("journal.v1", partition_of("ada", P), b"ada")
    [event] = events([output])
    assert isinstance(event, OrderStep)
    assert (event.id, event.subject, event.data.order_id) == ("s0", "ada", "A-17")
    assert [event.subject for event in events(partitions.feed(scan(number=1)))] == ["ada"]
    assert all(not key.startswith(b"wait:") for states in partitions.states for key in states)


def test_what_a_guest_did_is_stitched_to_the_customer_who_logs_in() -> None:
    partitions, attempt = Partitions(), PaymentAttempted.example()
    guest = [type(attempt)(id=f"p{number}", source="web", subject="session:s1", time=NOON, data=attempt.data)
             for number in range(3)]  # fmt: skip
    assert partitions.feed(*[awaiting(one, ORIGINAL, ("clicks", 0), P) for one in guest]) == []
    stitched = events(partitions.feed(link("session:s1", "ada")))
    assert [(event.id, event.subject) for event in stitched] == [("p0", "ada"), ("p1", "ada"), ("p2", "ada")]
    assert all(isinstance(event, PaymentAttempted) and event.data == attempt.data for event in stitched)


def test_an_order_that_was_placed_says_whose_it_is_and_nothing_else_does() -> None:
    placed = OrderPlaced.example()
    assert link_of(placed) == Linked(f"order:{placed.data.order_id}", placed.subject)
    assert link_of(OrderStep.example()) is None


def test_who_stays_unknown_becomes_a_dead_letter_of_the_record_that_it_was_made_of() -> None:
    partitions = Partitions()
    partitions.feed(scan())
    partitions.restart()
    partitions.now += timedelta(minutes=61)
    [letter] = partitions.feed()
    assert letter[:4] == ("dead-letters.v1", 6 % P, b"k", b"\xff")
    told = {name: value.decode() for name, value in letter[4]}
    assert told == {
        "h": "1", "dlq.reason": "unresolved_identity", "dlq.topic": "carrier.scans", "dlq.partition": "6",
        "dlq.offset": "17", "dlq.stage": "identify", "dlq.detail": "nobody said whose it is within 1:00:00",
    }  # fmt: skip
    assert partitions.feed(link("parcel:1", "ada")) == []


def test_identities_in_a_ring_end_as_a_dead_letter() -> None:
    partitions = Partitions()
    partitions.feed(link("parcel:1", "box:2", known=False), link("box:2", "parcel:1", known=False))
    [letter] = partitions.feed(scan())
    assert dict(letter[4])["dlq.detail"] == b"the identities point at each other"


def test_what_is_no_message_is_set_aside() -> None:
    [letter] = Partitions().feed(("identities.v1", 1, b"x", b'{"type": "nonsense"}', ()))
    assert dict(letter[4])["dlq.reason"] == b"bad_journal_record"


def told(of_partition: int, at: datetime) -> list[Output]:
    """What ingest writes when it has read a partition of the scans up to then."""
    tick = encode(
        tick_of(TickData(source_topic="carrier.scans", source_partition=of_partition, source_partitions=2), at)
    )
    return [("identities.v1", number, b"tick", tick, ()) for number in range(P)]


def test_a_tick_goes_on_behind_the_events_when_every_partition_of_the_topic_has_told() -> None:
    partitions = Partitions()
    partitions.feed(link("parcel:1", "ada"))
    assert partitions.feed(*told(0, NOON)) == []
    assert partitions.watermarks() == [{"carrier.scans": 0.0}] * P
    partitions.restart()
    written = partitions.feed(scan(), *told(1, NOON + timedelta(minutes=5)))
    here = [event for event in events(written) if not isinstance(event, Tick)]
    ticks = [event for event in events(written) if isinstance(event, Tick)]
    assert len(here) == 1
    assert len(ticks) == P * P
    assert {event.time for event in ticks} == {NOON}
    assert {event.data.source_partition for event in ticks} == {4, 5, 6, 7}
    assert {(event.data.source_topic, event.data.source_partitions) for event in ticks} == {("orders.v1", 8)}
    own = partition_of("parcel:1", P)
    order = [event.data.source_partition - 4 if isinstance(event, Tick) else "scan" for event in events(written)]
    assert order.index("scan") < order.index(own)
    assert partitions.feed(*told(1, NOON + timedelta(minutes=9))) == []
    assert partitions.watermarks() == [{"carrier.scans": NOON.timestamp()}] * P
