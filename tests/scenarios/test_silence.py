"""Devices that fall silent, and customers who do."""

from detectors.scenes import after, tick
from models.events.base import Event
from models.events.device_reported import DeviceReported, DeviceReportedData
from models.events.usage_counted import UsageCounted, UsageCountedData
from tests.told import changes, told

DAY = 24 * 60
TOPIC = "telemetry.v1"


def report(minute: float, device: str = "d", *, leaving: bool = False) -> Event:
    data = DeviceReportedData(device_id=device, leaving=leaving)
    return DeviceReported(id=f"d-{device}-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def known(every: int = 15, days: int = 4) -> list[Event]:
    return [report(minute) for minute in range(0, days * DAY + 1, every)]


def used(day: float, amount: int) -> Event:
    data = UsageCountedData(metric="plays", amount=amount)
    return UsageCounted(id=f"u-{day}", source="t", subject="c-1", time=after(day * DAY), data=data)


def test_silence_beyond_its_own_rhythm_opens_and_a_sign_of_life_ends_it() -> None:
    assert changes("silent_device", [*known(), tick(TOPIC, 4 * DAY + 80)]) == []
    gone = [*known(), tick(TOPIC, 4 * DAY + 95)]
    assert changes("silent_device", gone) == ["opened"]
    assert changes("silent_device", [*gone, report(4 * DAY + 100)]) == ["opened", "resolved"]


def test_a_device_that_reports_every_other_hour_may_be_silent_for_longer() -> None:
    assert changes("silent_device", [*known(every=120, days=6), tick(TOPIC, 6 * DAY + 600)]) == []
    assert changes("silent_device", [*known(every=120, days=6), tick(TOPIC, 6 * DAY + 800)]) == ["opened"]


def test_a_device_known_for_two_days_opens_nothing() -> None:
    assert changes("silent_device", [*known(days=2), tick(TOPIC, 4 * DAY)]) == []


def test_who_says_goodbye_is_not_missed() -> None:
    assert changes("silent_device", [*known(), report(4 * DAY + 5, leaving=True), tick(TOPIC, 9 * DAY)]) == []


def test_the_silence_of_the_feed_is_no_silence_of_the_device() -> None:
    assert changes("silent_device", [*known(), tick("orders.v1", 30 * DAY)]) == []


def test_silence_becomes_serious_and_is_given_up_after_two_weeks() -> None:
    ticks = [tick(TOPIC, 4 * DAY + hours * 60) for hours in (2, 4, 8, 24, 100, 400)]
    issues = told("silent_device", [*known(), *ticks]).issues
    assert issues[0].severity == "medium"
    assert "high" in {issue.severity for issue in issues}
    assert issues[-1].change == "resolved"


def test_an_outage_does_not_become_usual() -> None:
    back = 6 * DAY
    again = [report(back + minute) for minute in range(0, 600, 15)]
    found = changes("silent_device", [*known(), tick(TOPIC, 5 * DAY), *again, tick(TOPIC, back + 600 + 300)])
    assert [change for change in found if change != "updated"] == ["opened", "resolved", "opened"]


def test_no_use_at_all_is_noticed_without_any_event() -> None:
    usual = [used(day, 10) for day in range(60)]
    ticks = [tick(TOPIC, day * DAY) for day in range(60, 76)]
    issue = told("usage_drop", [*usual, *ticks]).issues[0]
    assert issue.change == "opened"
    assert after(68 * DAY) <= issue.at <= after(72 * DAY)
    assert issue.evidence.facts["metric"] == "plays"


def test_use_that_comes_back_ends_it() -> None:
    days = [*(used(day, 10) for day in range(60)), *(used(day, 1) for day in range(60, 75))]
    assert changes("usage_drop", [*days, *(used(day, 10) for day in range(75, 90))])[-1] == "resolved"


def test_a_third_less_and_a_rare_guest_are_no_trouble() -> None:
    less = [*(used(day, 12) for day in range(60)), *(used(day, 8) for day in range(60, 90))]
    rare = [*(used(day, 1) for day in range(0, 60, 2)), tick(TOPIC, 90 * DAY)]
    assert changes("usage_drop", less) == []
    assert changes("usage_drop", rare) == []


def test_counts_that_come_late_count_for_their_day() -> None:
    late = [used(day, 10) for day in (*range(60), 62, 61, 63, 60, 64)]
    state = told("usage_drop", late)
    assert max(signal.features["drop"] for signal in state.signals[-2:]) < 0.2


def test_a_new_customer_is_compared_with_nothing() -> None:
    short = [*(used(day, 10) for day in range(20)), tick(TOPIC, 70 * DAY)]
    assert changes("usage_drop", short) == []
    longer = [*(used(day, 10) for day in range(50)), tick(TOPIC, 70 * DAY)]
    assert changes("usage_drop", longer)[0] == "opened"
