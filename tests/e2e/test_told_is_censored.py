"""A mail that was sent leads to an example that is left out, also when decide dies before the journal knows of it."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import update

from desk.sources.feed import Sent, feed
from detectors.catalogue import all_detectors
from detectors.learning.partition import Example, LearnPartition, lessons_of
from detectors.propensity import complaint_stories as stories
from detectors.propensity.will_complain import MODEL
from ledger.tables import outbox
from models.events.base import Event
from models.events.catalogue import decode
from models.events.customer_told import CustomerTold
from models.events.example_censored import ExampleCensored
from models.events.example_labelled import ExampleLabelled
from models.events.order_placed import OrderPlaced
from models.events.survey_answered import SurveyAnswered
from tests.e2e.house import PARTITIONS, House, address_items, eventually, house
from tests.e2e.topic_reading import read_topic
from tests.outreach import address, consent, states

TOLD, SILENT = "c-told", "c-silent"


def of(customer: str, event: Event) -> Event:
    """The story's event as that customer's, of an order of their own."""
    if isinstance(event, OrderPlaced | SurveyAnswered):
        event = msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, order_id=f"W-{customer}"))
    return msgspec.structs.replace(event, subject=customer, id=f"{customer}-{event.id}")


def played(at_home: House, events: list[Event], then: timedelta) -> None:
    """Feed them, and have time go on for so long, in every source."""
    sent: list[Sent] = list(feed(events, PARTITIONS, timedelta(hours=6), tail=then))
    at_home.feed(sent, paced=False)


def journal(at_home: House) -> list[CustomerTold]:
    raws = [raw for part in read_topic(at_home.settings.kafka, "journal.v1", PARTITIONS) for _, _, raw in part]
    return [
        one for one in map(decode, (raw for raw in raws if b"customer.told" in raw)) if isinstance(one, CustomerTold)
    ]


def log(at_home: House) -> list[Example]:
    [part] = read_topic(at_home.settings.kafka, "examples.v1", 1)
    return [one for one in map(decode, (raw for _, _, raw in part)) if isinstance(one, Example)]


def how_many(at_home: House, kind: type[Example]) -> int:
    return sum(isinstance(one, kind) and one.subject == MODEL for one in log(at_home))


def test_a_mail_that_was_sent_leads_to_a_censored_example(tmp_path: Path) -> None:
    begin, promise = stories.placed().time, timedelta(days=stories.PROMISED_D)
    now, ways = begin + promise + timedelta(days=1), {MODEL: ["email"]}
    with house(tmp_path, now, channels=["record"], detector_channels=ways) as at_home:
        at_home.feed(address_items(iter([address(TOLD)])), paced=False)
        yes = [of(TOLD, consent(TOLD, True)), of(SILENT, consent(SILENT, False))]
        yes = [msgspec.structs.replace(one, time=begin) for one in yes]
        played(at_home, [*yes, *(of(one, stories.placed()) for one in (TOLD, SILENT))], promise)
        eventually(lambda: states(at_home.ledger), 60, "one is told")
        eventually(lambda: set(states(at_home.ledger).values()) == {"SENT"}, 30, "it is sent")
        eventually(lambda: len(journal(at_home)) == 1, 30, "the journal knows")
        [first] = journal(at_home)
        assert (first.subject, first.data.object) == (TOLD, f"W-{TOLD}")

        # as if it had died before: decide ends, and the ledger does not know that the journal knows
        os.kill(at_home.stack.supervisor.pids()["decide"], signal.SIGKILL)
        with at_home.ledger.write() as connection:
            connection.execute(update(outbox).values(in_journal=False))
        eventually(lambda: len(journal(at_home)) == 2, 60, "it is written again")
        assert journal(at_home) == [first, first]

        eventually(lambda: how_many(at_home, ExampleCensored) == 2, 30, "detect passed it on")
        at_home.start_clock(begin + timedelta(days=13), 0.0)
        played(at_home, [of(one, stories.answered(1, 12)) for one in (TOLD, SILENT)], timedelta(hours=12))
        eventually(lambda: how_many(at_home, ExampleLabelled) == 2, 60, "both have spoken")
        learning = LearnPartition(lessons_of(all_detectors()))
        for offset, example in enumerate(log(at_home)):
            learning.apply(example, offset)
        counts = learning.counted()[MODEL]
        assert len(at_home.mails()) == 1
    assert (counts["frozen"], counts["told"], counts["censored"], counts["learned"]) == (2, 1, 1, 1)
