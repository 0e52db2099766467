"""What the customer reads: plain, in their own time, and never a value that could be more than a value."""

from datetime import UTC, datetime
from html import unescape

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.issues import Issue
from models.notifications import PermanentFailure
from notifiers.headers import shown_name
from notifiers.moments import wall_clock
from notifiers.rendering import CannotRenderError, Rendered, render
from notifiers.wording import take_apart
from tests.notifier_cases import issue


def with_facts(detector: str = "late_delivery", **facts: str) -> Issue:
    plain = issue(detector=detector)
    merged = {key: value for key, value in {**plain.evidence.facts, **facts}.items() if value}
    return msgspec.structs.replace(plain, evidence=msgspec.structs.replace(plain.evidence, facts=merged))


def words(shown: Issue, name: str = "Ada", locale: str = "en-US", zone: str = "America/New_York") -> Rendered:
    return render(shown, name=name, locale=locale, zone=zone)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_late_order_is_told_in_the_customers_own_time() -> None:
    mail = words(with_facts())
    assert mail.subject == "Your order A-17 may arrive late"
    assert "We promised it by Friday 8 February, 13:05 EST." in flat(mail.text)
    assert "We promised it by Friday 8 February, 13:05 EST." in flat(mail.html)


def test_without_a_zone_times_are_shown_as_utc() -> None:
    for zone in ("", "Not/AZone"):
        assert "Friday 8 February, 18:05 UTC" in flat(words(with_facts(), zone=zone).text)


@pytest.mark.parametrize(
    ("stage", "subject", "sentence"),
    [
        ("far", "Your order A-17 may arrive late", "From what we see on its way, that will probably not hold."),
        ("waiting", "Your order A-17 may arrive late", "“handed over” was due by Friday 8 February, 10:00 EST and"),
        ("overdue", "Your order A-17 is late", "and it has not arrived."),
        ("late", "Your order A-17 is late", "Your order A-17 is later than we promised."),
        ("cancelled", "Your order A-17 was cancelled", "It had to be called off on our side."),
    ],
)
def test_every_stage_of_a_late_order_has_its_own_words(stage: str, subject: str, sentence: str) -> None:
    mail = words(with_facts(stage=stage, step="handed_over", step_due="2013-02-08T15:00:00+00:00"))
    assert mail.subject == subject
    assert sentence in flat(mail.text)
    assert sentence in flat(unescape(mail.html))


def test_an_amount_that_nobody_knows_is_not_shown() -> None:
    assert "of 49.90 EUR" in flat(words(with_facts("payment_retry_loop")).text)
    for unknown in ("0.00 EUR", ""):
        assert "The payment has been refused" in flat(words(with_facts("payment_retry_loop", amount=unknown)).text)


def test_text_and_html_say_the_same() -> None:
    for detector in ("late_delivery", "payment_retry_loop"):
        mail = words(with_facts(detector))
        said = take_apart(mail.text)
        shown = flat(unescape(mail.html))
        for sentence in (said.greeting, said.lead, said.closing, *(part for pair in said.parts for part in pair)):
            assert sentence in shown
        assert [title for title, _ in said.parts] == ["What happened", "What we did", "What is left to do"]


def test_values_are_escaped_in_html_and_plain_in_text() -> None:
    mail = words(with_facts(order_id="<b onload=x>&A-17</b>"))
    assert "<b onload=x>&A-17</b>" in flat(mail.text)
    assert "<b " not in mail.html
    assert "&lt;b onload=x&gt;&amp;A-17&lt;/b&gt;" in mail.html


def test_a_value_is_never_a_template() -> None:
    assert "{{ 7 * 7 }}{% if x %}" in flat(words(with_facts(order_id="{{ 7 * 7 }}{% if x %}")).text)


UNFIT = [
    "",
    "A\r\nBcc: e@x.y",
    "A\n\nWhat we did:\nnothing",
    "=?utf-8?q?A?=",
    "A\u2028B",
    "A\u202eB",
    "A\x00",
    "A\u200bB",
    "https://evil.example/x",
    "see WWW.evil.example",
    "javascript:alert(1)",
    "mailto:e@x.y",
    "x" * 201,
    "\ud800",
]


@pytest.mark.parametrize("value", UNFIT)
def test_a_needed_value_that_is_missing_or_unfit_stops_the_message(value: str) -> None:
    with pytest.raises(CannotRenderError) as failure:
        words(with_facts(order_id=value))
    assert isinstance(failure.value, PermanentFailure)
    assert value == "" or value not in str(failure.value)


def test_an_unfit_value_that_no_template_shows_stops_nothing() -> None:
    assert words(with_facts(seller="https://evil.example/x")) == words(with_facts())
    assert words(with_facts(**{"Bad Key\n": "x"})) == words(with_facts())


@pytest.mark.parametrize("promised", ["tomorrow", "2013-02-08T18:05:00", "2013-02-30T00:00:00+00:00"])
def test_a_time_that_is_none_stops_the_message_without_repeating_it(promised: str) -> None:
    with pytest.raises(CannotRenderError, match=r"\(ValueError\)$"):
        words(with_facts(promised_by=promised))


def test_a_detector_without_a_template_is_named() -> None:
    with pytest.raises(CannotRenderError, match="quantum_flux has no template"):
        words(with_facts("quantum_flux"))
    with pytest.raises(CannotRenderError):
        words(with_facts("../late_delivery"))


def test_a_language_without_templates_falls_back_to_english() -> None:
    for locale in ("de-DE", "", "x", "../..", "\x00"):
        assert words(with_facts(), locale=locale) == words(with_facts())


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        " Ada ",
        "Zoë Müller",
        "Anne-Marie O'Neill",
        "J. R. Smith",
        "Smith Jr.",
        "李小龍",
        "Ðorđe",
        "Nguyễn Thị Minh",
    ],
)
def test_a_plain_name_is_shown(name: str) -> None:
    assert f"Hello {name.strip()}," in words(with_facts(), name=name).text


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "Ada <ada@x.y>",
        "evil.com",
        "www.evil",
        "Ada\r\nBcc: e@x.y",
        "=?utf-8?q?A?=",
        "Ada\u202e",
        "<b>Ada</b>",
        "Ada, Bob",
        "{{ 7*7 }}",
        "A" * 61,
        "Call 0900 123",
        "Ada\x07",
        "-Ada",
        "Ada;",
        '"Ada"',
        "a@b",
        "Ada\u2029",
    ],
)
def test_what_is_not_plainly_a_name_is_left_out(name: str) -> None:
    assert words(with_facts(), name=name).text.startswith("Hello,\n")


@given(name=st.text(max_size=80), order=st.text(min_size=1, max_size=60))
def test_whatever_comes_in_one_shape_comes_out(name: str, order: str) -> None:
    try:
        mail = words(with_facts(order_id=order), name=name)
    except CannotRenderError:
        return
    assert [title for title, _ in take_apart(mail.text).parts] == ["What happened", "What we did", "What is left to do"]
    assert "\n" not in mail.subject
    assert shown_name(name) in mail.text


def test_the_same_issue_reads_the_same_every_time() -> None:
    assert words(with_facts()) == words(with_facts())


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "Friday 8 February, 19:05 CET"),
        ("Asia/Kolkata", "Friday 8 February, 23:35 IST"),
        ("America/Sao_Paulo", "Friday 8 February, 16:05 UTC-02"),
        ("Pacific/Auckland", "Saturday 9 February, 07:05 NZDT"),
    ],
)
def test_clocks_are_named(zone: str, shown: str) -> None:
    assert wall_clock(datetime(2013, 2, 8, 18, 5, tzinfo=UTC), zone) == shown
