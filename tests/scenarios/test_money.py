"""Bills, fees and charges: what a customer did not expect to pay."""

import pytest

from detectors.context.partition import ContextPartition
from detectors.scenes import after, tick
from models.events.base import Event
from models.events.charge_made import ChargeMade, ChargeMadeData
from models.events.charge_reversed import ChargeReversed, ChargeReversedData
from models.events.invoice_issued import InvoiceIssued, InvoiceIssuedData, InvoiceLine
from tests.told import changes, told

DAY, TOPIC = 24 * 60, "orders.v1"


def charge(minute: float, amount: int = 4990, charge_id: str = "", **more: str) -> Event:
    data = ChargeMadeData(charge_id=charge_id or f"ch-{minute}", amount_minor=amount, **more)  # type: ignore[arg-type]
    return ChargeMade(id=f"e-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def taken_back(minute: float, charge_id: str) -> Event:
    data = ChargeReversedData(charge_id=charge_id)
    return ChargeReversed(id=f"r-{charge_id}", source="t", subject="c-1", time=after(minute), data=data)


def bill(
    month: float, amount: int, *lines: InvoiceLine, tariff: str = "", customer: str = "c-1", name: str = ""
) -> Event:
    data = InvoiceIssuedData(invoice_id=name or f"IN-{month}", amount_minor=amount, tariff=tariff, lines=list(lines))
    return InvoiceIssued(
        id=f"{customer}-{month}-{amount}", source="t", subject=customer, time=after(month * 30 * DAY), data=data
    )


def fee(amount: int, kind: str = "card_fee", *, announced: bool = False) -> InvoiceLine:
    return InvoiceLine(kind=kind, amount_minor=amount, fee=True, announced=announced)


def test_an_order_charged_twice_is_told_and_ends_when_either_charge_is_taken_back() -> None:
    twice = [charge(0, order_id="A"), charge(3 * DAY, order_id="A")]
    issue = told("double_charge", twice).issues[0]
    assert (issue.change, issue.object, issue.evidence.facts["amount"]) == ("opened", f"ch-{3 * DAY}", "49.90 EUR")
    for name in ("ch-0", f"ch-{3 * DAY}"):
        assert changes("double_charge", [*twice, taken_back(4 * DAY, name)]) == ["opened", "resolved"]


def test_three_charges_are_one_trouble_and_a_worse_one() -> None:
    found = told("double_charge", [charge(minute, order_id="A") for minute in range(3)]).issues
    assert [(issue.change, issue.severity) for issue in found] == [("opened", "medium"), ("updated", "high")]
    assert {issue.object for issue in found} == {"ch-1"}


@pytest.mark.parametrize(
    "second",
    [
        charge(1, order_id="B"),
        charge(1, order_id="A", part="2/2"),
        charge(1, 4991, order_id="A"),
        charge(1, order_id="A", currency="USD"),
        charge(1, order_id="A", merchant="other"),
        charge(1, order_id="A", charge_id="ch-0"),
    ],
)
def test_what_differs_in_anything_or_is_the_same_charge_told_again_is_no_double(second: Event) -> None:
    assert changes("double_charge", [charge(0, order_id="A"), second]) == []


def test_who_lets_it_stand_twice_buys_twice_and_is_told_no_more() -> None:
    events: list[Event] = []
    for week in range(0, 50, 14):
        events += [charge(week * DAY), charge(week * DAY + 2), tick(TOPIC, (week + 11) * DAY)]
    found = told("double_charge", events).issues
    assert [issue.change for issue in found] == ["opened", "resolved"] * 2


def test_a_bill_is_compared_with_the_customers_own() -> None:
    steady = [bill(month, amount) for month, amount in enumerate((3000, 3100, 2950, 3050))]
    wild = [bill(month, amount) for month, amount in enumerate((2000, 6000, 2500, 5500))]
    assert changes("bill_shock", [*steady, bill(5, 6200)]) == ["opened"]
    assert changes("bill_shock", [*wild, bill(5, 6200)]) == []
    assert changes("bill_shock", [*steady, bill(5, 3900)]) == []


def test_what_was_announced_is_no_shock_and_a_corrected_bill_ends_it() -> None:
    steady = [bill(month, 3000) for month in range(4)]
    known = InvoiceLine(kind="device", amount_minor=6000, announced=True)
    assert changes("bill_shock", [*steady, bill(5, 9000, known)]) == []
    corrected = [*steady, bill(5, 9000), bill(6, 3100, name="IN-5")]
    assert changes("bill_shock", corrected) == ["opened", "resolved"]


def test_a_new_customer_borrows_from_their_tariff_and_is_told_nothing_without() -> None:
    first = bill(3, 20_000, tariff="flat", customer="c-new")
    assert changes("bill_shock", [first]) == []
    context = ContextPartition()
    others = [bill(n / 30, 2000 + n, tariff="flat", customer=f"c-{n}") for n in range(60)]
    observed = told("bill_shock", others).observations
    for offset, seen in enumerate(observed):
        context.apply(seen, offset)
    knowledge = context.drain().updates
    assert len(observed) == 60
    assert len(knowledge) > 0
    issue = told("bill_shock", [*knowledge, first]).issues[0]
    assert issue.change == "opened"
    assert issue.evidence.expected.startswith("about 20.")
    assert changes("bill_shock", [*knowledge, bill(3, 3500, tariff="flat", customer="c-new")]) == []


def test_a_fee_surprises_once() -> None:
    found = told("surprise_fee", [bill(0, 3000), bill(1, 3500, fee(500)), bill(2, 3500, fee(500))]).issues
    assert [issue.change for issue in found] == ["opened"]
    assert (found[0].evidence.facts["kind"], found[0].evidence.facts["amount"]) == ("card fee", "5.00 EUR")


def test_a_fee_on_the_first_bill_of_few_cents_or_announced_is_no_surprise() -> None:
    assert changes("surprise_fee", [bill(0, 3500, fee(500))]) == []
    assert changes("surprise_fee", [bill(0, 3000), bill(1, 3050, fee(50))]) == []
    assert changes("surprise_fee", [bill(0, 3000), bill(1, 3500, fee(500, announced=True))]) == []


def test_a_fee_charged_by_itself_ends_when_it_is_taken_back() -> None:
    events = [charge(0), charge(DAY, 700, fee="late_fee"), taken_back(2 * DAY, f"ch-{DAY}")]
    assert changes("surprise_fee", events) == ["opened", "resolved"]
