"""Values that try to become headers, recipients or parts: each is refused, left out, or stays the value it is."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from unicodedata import normalize

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.notifications import Message, PermanentFailure
from notifiers.headers import UnsafeValueError, read_again, require_subject, subject_line
from notifiers.rendering import CannotRenderError, render
from notifiers.smtp.compose import compose
from tests.header_attacks import ADDRESSES, HARMLESS, REFUSED_EVERYWHERE
from tests.notifier_cases import issue

AT = datetime(2013, 2, 8, 15, tzinfo=UTC)
SENDER = Address("Care", addr_spec="care@shop.example")
ID = "0123456789abcdef0123456789abcdef"
HEADERS = sorted(["from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"])
"""All there are, and each once."""


def message(**values: str) -> Message:
    plain = Message(
        outreach_id=ID,
        address="ada@example.org",
        name="Ada",
        subject="Your order",
        text="Hello\n",
        html="<p>Hello</p>\n",
    )
    return msgspec.structs.replace(plain, **values)


def composed(**values: str) -> bytes:
    return compose(message(**values), SENDER, "shop.example", AT)


def about(order_id: str) -> Message:
    """The way of a fact: through the templates into subject and body."""
    plain = issue()
    facts = {**plain.evidence.facts, "order_id": order_id}
    shown = msgspec.structs.replace(plain, evidence=msgspec.structs.replace(plain.evidence, facts=facts))
    mail = render(shown, name="Ada", locale="en", zone="")
    return message(subject=mail.subject, text=mail.text, html=mail.html)


def header_lines(raw: bytes) -> list[str]:
    """Read by hand, not by the package that wrote them."""
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    return [line.split(b":", 1)[0].decode("ascii").lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]


def is_as_meant(raw: bytes, to: str = "ada@example.org") -> bool:
    read: Any = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_content_type() for part in read.walk()]
    return (
        sorted(header_lines(raw)) == HEADERS
        and [one.addr_spec for one in read["To"].addresses] == [to]
        and parts == ["multipart/alternative", "text/plain", "text/html"]
        and raw.isascii()
    )


def test_a_plain_mail_is_as_meant() -> None:
    raw = composed()
    read: Any = message_from_bytes(raw, policy=policy.default)
    assert is_as_meant(raw)
    assert read["Message-ID"] == f"<{ID}@shop.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime == AT
    assert (read["From"], read["To"]) == ("Care <care@shop.example>", "Ada <ada@example.org>")
    assert composed() == raw


def test_there_are_enough_attacks() -> None:
    assert len(set(REFUSED_EVERYWHERE)) >= 110
    assert 4 * len(REFUSED_EVERYWHERE) + len(ADDRESSES) >= 500


@pytest.mark.parametrize("value", REFUSED_EVERYWHERE)
def test_an_attack_on_subject_address_or_id_is_refused_without_repeating_it(value: str) -> None:
    for place in ("subject", "address", "outreach_id"):
        with pytest.raises(PermanentFailure) as failure:
            composed(**{place: value})
        assert value not in str(failure.value)


@pytest.mark.parametrize("value", REFUSED_EVERYWHERE)
def test_an_attack_by_name_is_left_out(value: str) -> None:
    raw = composed(name=value)
    assert is_as_meant(raw)
    assert b"\r\nTo: ada@example.org\r\n" in raw


@pytest.mark.parametrize("value", REFUSED_EVERYWHERE)
def test_an_attack_by_order_number_is_never_put_into_words(value: str) -> None:
    with pytest.raises(CannotRenderError):
        about(value)


@pytest.mark.parametrize("value", HARMLESS)
def test_what_only_looks_like_an_attack_stays_a_value(value: str) -> None:
    raw = compose(about(value), SENDER, "shop.example", AT)
    read: Any = message_from_bytes(raw, policy=policy.default)
    assert is_as_meant(raw)
    assert read["Subject"] == f"Your order {value} may arrive late"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_one_plain_mailbox_is_refused(address: str) -> None:
    with pytest.raises(UnsafeValueError) as failure:
        composed(address=address)
    assert address.strip() == "" or address not in str(failure.value)


@pytest.mark.parametrize(
    "address", ["a@b.co", "Ada.Lovelace+x@mail.example.org", "o'neill@example.org", "a_b-c@x-y.example", "1@2.example"]
)
def test_plain_mailboxes_are_written_as_they_are(address: str) -> None:
    assert is_as_meant(composed(address=address), address)


@pytest.mark.parametrize(
    "body",
    [
        f"\r\n--=_{ID}--\r\n",
        f"--=_{ID}\nContent-Type: text/html\n\nx",
        "\r\n.\r\nMAIL FROM:<e@x.example>\r\n",
        "\n.\n",
        "\rBcc: e@x.example\n",
        "x" * 2000,
    ],
)
def test_a_body_cannot_end_itself(body: str) -> None:
    assert is_as_meant(composed(text=body, html=body))


@pytest.mark.parametrize("subject", ["", " ", "  x", "x  y", "x" * 201, "x\u00a0 y "])
def test_an_odd_subject_is_refused(subject: str) -> None:
    with pytest.raises(UnsafeValueError):
        require_subject(subject)


@pytest.mark.parametrize("added", [b"Bcc: evil@x.example", b"Subject: again", b"X-Any: thing", b"To: evil@x.example"])
def test_a_mail_that_reads_back_with_another_header_is_refused(added: bytes) -> None:
    written = EmailMessage(policy=policy.SMTP)
    written["Subject"], written["To"] = "Your order", "ada@example.org"
    written.set_content("Hello\n")
    raw = written.as_bytes()
    assert read_again(raw, written)["Subject"] == "Your order"
    with pytest.raises(UnsafeValueError):
        read_again(added + b"\r\n" + raw, written)
    with pytest.raises(UnsafeValueError):
        read_again(raw.replace(b"Subject: Your order\r\n", b""), written)


def test_the_hole_of_this_python_is_seen_when_it_has_it() -> None:
    """CVE-2024-6923, open before 3.11.10: without the check of the value, reading back finds the forged header."""
    written = EmailMessage(policy=policy.SMTP)
    written["Subject"] = "=?utf-8?q?A=0D=0ABcc=3A_evil=40x=2Eexample?="
    written.set_content("Hello\n")
    try:
        raw = written.as_bytes()
    except ValueError:
        return  # this Python refuses by itself
    forged = b"\nBcc:" in raw
    try:
        read_again(raw, written)
    except UnsafeValueError:
        forged = False
    assert not forged


@settings(max_examples=200)
@given(name=st.text(max_size=70), subject=st.text(max_size=210), local=st.text(max_size=20))
def test_whatever_comes_in_the_mail_is_as_meant_or_refused(name: str, subject: str, local: str) -> None:
    try:
        raw = composed(name=name, subject=subject, address=f"{local}@example.org")
    except PermanentFailure:
        return
    assert is_as_meant(raw, f"{local}@example.org")
    read: Any = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == subject


CLEAN = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=130)


@settings(max_examples=200)
@given(words=st.lists(CLEAN, min_size=1, max_size=8))
def test_every_clean_subject_arrives_as_it_was(words: list[str]) -> None:
    subject = " ".join(words)[:200].strip().replace("=?", "=.")
    raw = composed(subject=subject)
    read: Any = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == subject
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert subject_line(subject).isascii()


@settings(max_examples=150)
@given(words=st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=14), min_size=1, max_size=6))
def test_a_name_comes_through_unchanged_or_not_at_all(words: list[str]) -> None:
    name = " ".join(words)
    read: Any = message_from_bytes(composed(name=name), policy=policy.default)
    (to,) = read["To"].addresses
    assert to.addr_spec == "ada@example.org"
    assert to.display_name in ("", normalize("NFC", name))
    assert to.display_name or not (name.isascii() and len(name) <= 45)
