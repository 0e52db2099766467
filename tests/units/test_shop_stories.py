"""The simulated shop's further stories: they change nothing of the others, and are truthful about their trouble."""

import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from desk.sources.shop import ALL_STORIES, Shop
from desk.sources.source import Truth
from detectors.catalogue import detector_types
from models.events.base import Event
from models.events.care_contact_opened import CareContactOpened
from models.events.catalogue import encode
from models.events.refund_paid import RefundPaid

ROOT = Path(__file__).parents[2]
CUSTOMERS = 300
UNTOLD = {"will_complain", "unusual_metric"}
"""Measured on recorded histories: the simulated shop has no truth for these."""


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(CUSTOMERS, seed=4, stories=ALL_STORIES)


@pytest.fixture(scope="module")
def events(shop: Shop) -> list[Event]:
    return list(shop.events())


@pytest.fixture(scope="module")
def truths(shop: Shop) -> list[Truth]:
    return list(shop.truth())


def test_orders_and_payments_are_the_same_with_and_without_further_stories(events: list[Event]) -> None:
    alone = [encode(event) for event in Shop(CUSTOMERS, seed=4).events()]
    everything = {encode(event) for event in events}
    assert set(alone) < everything
    one = Shop(CUSTOMERS, seed=4, stories=("refunds",)).events()
    assert len(alone) < len({encode(event) for event in one} & everything) < len(everything)


def test_all_stories_stand_in_time_order_with_ids_of_their_own(events: list[Event]) -> None:
    assert all(former.time <= later.time for former, later in pairwise(events))
    assert len({event.id for event in events}) == len(events)
    again = Shop(CUSTOMERS, seed=4, stories=ALL_STORIES).events()
    assert [encode(event) for event in again] == [encode(event) for event in events]


def test_every_kind_of_trouble_hits_some_and_spares_most(truths: list[Truth]) -> None:
    troubled = Counter(truth.detector for truth in truths if truth.trouble)
    spared = Counter(truth.detector for truth in truths if not truth.trouble)
    assert set(troubled) == {detector.name for detector in detector_types()} - UNTOLD
    assert all(spared[kind] > 2 * count for kind, count in troubled.items())


def test_the_customers_own_call_comes_while_their_trouble_lasts(truths: list[Truth], events: list[Event]) -> None:
    calls = {(event.subject, event.time) for event in events if isinstance(event, CareContactOpened)}
    called = [truth for truth in truths if truth.called_at is not None]
    assert len(called) > 20
    for truth in called:
        assert truth.trouble
        assert (truth.customer_id, truth.called_at) in calls
        assert truth.began_at is None or truth.called_at is None or truth.called_at >= truth.began_at


def test_a_refund_in_trouble_is_not_paid_within_a_day_of_its_promise(truths: list[Truth], events: list[Event]) -> None:
    paid = {event.data.refund_id: event.time for event in events if isinstance(event, RefundPaid)}
    troubled = [truth for truth in truths if truth.detector == "refund_overdue" and truth.trouble]
    assert len(troubled) > 2
    for truth in troubled:
        assert truth.began_at is not None
        late = paid.get(truth.object)
        assert late == truth.ended_at
        assert late is None or (late - truth.began_at).days >= 1


def test_on_calm_days_nobody_is_in_trouble_and_nobody_calls_about_it() -> None:
    calm = Shop(CUSTOMERS, seed=4, stories=ALL_STORIES, calm=True)
    assert not [truth for truth in calm.truth() if truth.trouble or truth.called_at]
    assert calm.disruptions == []
    kinds = Counter(type(event).__name__ for event in calm.events())
    assert kinds["ErrorShown"] > 10  # what only looks like trouble stays
    assert kinds["LoginAttempted"] > 2 * CUSTOMERS


def test_an_unknown_story_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"no such story: nonsense; there are visits"):
        Shop(10, stories=("nonsense",))


def test_no_detector_reads_anything_of_the_simulator() -> None:
    code = "import sys, detectors.catalogue as c; c.all_detectors(); print([m for m in sys.modules if 'desk' in m])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    texts = [path.read_text() for path in (ROOT / "detectors").rglob("*.py")]
    assert not [text for text in texts if re.search(r"^\s*(?:from|import) desk\b|shop_", text, re.MULTILINE)]
