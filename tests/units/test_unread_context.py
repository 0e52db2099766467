"""A word of context is read when somebody first asks what it says; until then it is kept as it was written."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec
import pytest

from detectors.catalogue import all_detectors
from detectors.detector import State
from detectors.friction.payment_retry_loop import PaymentRetryLoop
from detectors.knowledge import Knowledge
from detectors.readings import Moment
from detectors.readings import Output as DetectorOutput
from models.dead_letters import Reason
from models.events.base import Event
from models.events.catalogue import decode_many, encode
from models.events.context_updated import ContextUpdated, ContextUpdatedData
from models.events.order_placed import OrderPlaced
from models.events.payment_attempted import PaymentAttempted
from models.unread import UnreadContext, journal_reader
from streams.roles.detect import DetectStep
from streams.step import Progress
from tests.records import records

WORD = ContextUpdated.example()
GOOD = encode(WORD)
ODD = GOOD.replace(b'"total":10.0', b'"total":"ten"')
"""JSON, but a sum is no number."""


def unread(raw: bytes = GOOD) -> UnreadContext:
    [event] = journal_reader().decode_many([raw])
    assert isinstance(event, UnreadContext)
    return event


def said(knowledge: Knowledge) -> ContextUpdatedData:
    known = knowledge.known(WORD.subject)
    assert known is not None
    return known.data


def test_it_says_what_it_would_have_said_at_once() -> None:
    knowledge = Knowledge()
    knowledge.put(unread())
    assert said(knowledge) == WORD.data
    known = knowledge.known(WORD.subject)
    assert known is not None
    assert known.at == WORD.time.timestamp()


def test_other_events_are_read_at_once() -> None:
    order = encode(OrderPlaced.example())
    assert journal_reader().decode_many([order, GOOD])[:1] == decode_many([order])


@pytest.mark.parametrize("asked", [False, True])
def test_it_comes_back_from_its_state_whether_or_not_it_was_read(asked: bool) -> None:
    knowledge, again = Knowledge(), Knowledge()
    knowledge.put(unread())
    if asked:
        said(knowledge)
    again.load(WORD.subject, knowledge.encode(WORD.subject) or b"")
    assert said(again) == WORD.data


def test_a_state_of_before_there_were_unread_words_is_read() -> None:
    knowledge = Knowledge()
    knowledge.load(WORD.subject, msgspec.msgpack.encode((WORD.time.timestamp(), WORD.data)))
    assert said(knowledge) == WORD.data


def test_one_that_is_none_says_nothing_and_is_told_of_once() -> None:
    knowledge = Knowledge()
    knowledge.put(unread(ODD), 7)
    assert knowledge.take_refused() == []
    assert said(knowledge) == said(knowledge) == ContextUpdatedData()
    [word] = knowledge.take_refused()
    assert (word.name, word.offset, word.why) == (WORD.subject, 7, "ValidationError")
    assert ODD.find(word.said or b"none") > 0
    again = Knowledge()
    again.load(WORD.subject, knowledge.encode(WORD.subject) or b"")
    assert said(again) == ContextUpdatedData()
    assert knowledge.take_refused() == again.take_refused() == []


class Curious(PaymentRetryLoop):
    """Asks what is known of the entity, whatever happens."""

    name: ClassVar[str] = "curious"

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[DetectorOutput]:
        known = moment.knowledge.known(WORD.subject)
        assert known is not None
        assert not known.data.sums
        return ()


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("beside", [[], [b"no event"]])
def test_detect_sets_it_aside_when_it_is_read_and_goes_on(at_once: bool, beside: list[bytes]) -> None:
    step = DetectStep([*all_detectors(), Curious(Curious.params_type())], partition=1, partitions=4)
    step.apply(records(ODD, *beside, first=20))
    if not at_once:
        assert [one[3] for one in step.drain(Progress()).outputs if one[0] == "dead-letters.v1"] == beside
    step.apply(records(encode(PaymentAttempted.example()), first=22))
    writes = step.drain(Progress())
    letter = [output for output in writes.outputs if output[0] == "dead-letters.v1"][-1]
    headers = {name: value.decode() for name, value in letter[4]}
    assert headers["dlq.reason"] == Reason.BAD_JOURNAL_RECORD
    assert headers["dlq.offset"] == "20"
    assert headers["dlq.detail"] == f"{WORD.subject}: ValidationError"
    assert (letter[3] or b"").find(b'"total":"ten"') > 0
    assert b"\x00ctx:" + WORD.subject.encode() in dict(writes.states)
    step.apply(records(encode(msgspec.structs.replace(PaymentAttempted.example(), id="other")), first=23))
    assert "dead-letters.v1" not in {topic for topic, *_ in step.drain(Progress()).outputs}
