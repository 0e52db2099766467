"""The simulated shop: deterministic, in time order, and truthful about its own trouble."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest

from desk.sources.shop import Shop
from desk.sources.shop_orders import TROUBLE_AFTER
from models.events.base import Event
from models.events.catalogue import decode, encode
from models.events.order_cancelled import OrderCancelled
from models.events.order_delivered import OrderDelivered
from models.events.order_placed import OrderPlaced
from models.events.payment_attempted import PaymentAttempted
from models.events.profile_changed import ProfileChanged
from models.events.promise_changed import PromiseChanged


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(customers=1500, seed=3)


@pytest.fixture(scope="module")
def events(shop: Shop) -> list[Event]:
    return list(shop.events())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(shop: Shop, events: list[Event]) -> None:
    raw = [encode(event) for event in events]
    assert raw == [encode(event) for event in Shop(customers=1500, seed=3).events()]
    assert raw != [encode(event) for event in Shop(customers=1500, seed=4).events()]
    assert raw == [encode(decode(one)) for one in raw]


def test_events_stand_in_time_order_with_ids_of_their_own(events: list[Event]) -> None:
    assert all(former.time <= later.time for former, later in pairwise(events))
    assert len({event.id for event in events}) == len(events)


def test_each_customer_is_introduced_before_anything_else(events: list[Event]) -> None:
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(event.subject, event)
    assert len(first) == 1500
    assert all(isinstance(event, ProfileChanged) for event in first.values())


def test_customers_differ_in_consent_and_zone_and_some_change_their_mind(events: list[Event]) -> None:
    profiles = [event.data for event in events if isinstance(event, ProfileChanged)]
    consents = Counter(str(profile.consent) for profile in profiles)
    assert set(consents) == {"{'email': True}", "{'email': False}", "{}", "{'*': False}"}
    assert consents["{'email': True}"] > 0.8 * 1500
    assert len({profile.zone for profile in profiles} - {""}) == 5


def test_late_orders_are_trouble_against_the_promise_that_stands(shop: Shop, events: list[Event]) -> None:
    truths = {truth.object: truth for truth in shop.truth() if truth.detector == "late_delivery"}
    promised = {e.data.order_id: e.data.promised_by for e in events if isinstance(e, OrderPlaced | PromiseChanged)}
    arrived = {e.data.order_id: e.time for e in events if isinstance(e, OrderDelivered)}
    assert set(promised) == set(truths)
    late = {order for order, at in arrived.items() if at >= promised[order] + TROUBLE_AFTER}
    lost = {e.data.order_id for e in events if isinstance(e, OrderCancelled) and e.data.by == "seller"}
    assert {order for order, truth in truths.items() if truth.trouble} == late | lost
    assert 0.02 < len(late | lost) / len(truths) < 0.2


def test_most_late_orders_share_a_disrupted_seller_or_carrier(shop: Shop, events: list[Event]) -> None:
    shares = {e.data.order_id: e.data.entities for e in events if isinstance(e, OrderPlaced)}
    hit = {disruption.entity for disruption in shop.disruptions}
    late = [truth for truth in shop.truth() if truth.detector == "late_delivery" and truth.trouble]
    explained = sum(bool(hit & set(shares[truth.object].values())) for truth in late)
    assert explained > 0.8 * len(late)


def test_a_payment_loop_is_four_refusals_in_minutes_without_success(shop: Shop, events: list[Event]) -> None:
    refused: dict[str, list[PaymentAttempted]] = defaultdict(list)
    for event in events:
        if isinstance(event, PaymentAttempted) and not event.data.succeeded:
            refused[event.data.order_id].append(event)
    truths = [truth for truth in shop.truth() if truth.detector == "payment_retry_loop"]
    assert {truth.object for truth in truths if truth.trouble} == {o for o, tries in refused.items() if len(tries) >= 4}
    for truth in (truth for truth in truths if truth.trouble):
        tries = refused[truth.object]
        assert tries[-1].time - tries[0].time < timedelta(minutes=30)
        assert truth.felt_at - tries[-1].time >= timedelta(hours=1)


def test_an_order_is_placed_only_when_it_was_paid(events: list[Event]) -> None:
    paid = {e.data.order_id: e.time for e in events if isinstance(e, PaymentAttempted) and e.data.succeeded}
    placed = {e.data.order_id: e.time for e in events if isinstance(e, OrderPlaced)}
    assert set(placed) == set(paid)
    assert all(placed[order] > at for order, at in paid.items())


def test_each_customer_has_an_address_from_the_day_they_join(shop: Shop, events: list[Event]) -> None:
    joined = {event.subject: event.time for event in reversed(events)}
    addresses = list(shop.addresses())
    assert {address.subject: address.time for address in addresses} == joined


def test_a_shop_without_customers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one customer"):
        Shop(customers=0)
