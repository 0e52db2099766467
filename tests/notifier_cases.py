"""Issues, standings and limits for tests of what is told: a plain one of each, and strategies for any."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import strategies as st

from models.decisions import Limits, Standing, Told
from models.issues import Evidence, Issue
from notifiers.case import Case

NOW = datetime(2013, 2, 8, 15, 0, tzinfo=UTC)
ZONES = ["", "UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Not/AZone", "../etc"]
STAGES = ["at_risk", "waiting", "overdue", "late", "cancelled"]
DETECTORS = ["late_delivery", "payment_retry_loop"]
CHANNELS = ["email", "sms", "push", "record", "pigeon"]


def issue(**changes: object) -> Issue:
    evidence = Evidence(
        since=NOW - timedelta(minutes=10),
        expected="on time",
        actual="late",
        facts={"order_id": "A-17", "promised_by": "2013-02-08T18:05:00Z", "failures": "4", "amount": "49.90 EUR"},
    )
    plain = Issue(
        issue_id="i-1",
        change="opened",
        customer_id="c-1",
        detector="late_delivery",
        object="A-17",
        at=NOW - timedelta(minutes=1),
        opened_at=NOW - timedelta(minutes=1),
        horizon=NOW + timedelta(hours=3),
        score=1.2,
        probability=0.77,
        severity="medium",
        evidence=evidence,
        journal_partition=2,
        journal_offset=41,
    )
    return msgspec.structs.replace(plain, **changes)


def at_stage(stage: str, **changes: object) -> Issue:
    plain = issue(**changes)
    evidence = msgspec.structs.replace(plain.evidence, facts=plain.evidence.facts | {"stage": stage})
    return msgspec.structs.replace(plain, evidence=evidence)


def standing(**changes: object) -> Standing:
    plain = Standing(
        consent={"email": True}, zone="America/New_York", locale="en-US", reachable=["email"], journal_next=42
    )
    return msgspec.structs.replace(plain, **changes)


def told(**changes: object) -> Told:
    plain = Told(
        issue_id="i-0",
        detector="late_delivery",
        object="A-1",
        channel="email",
        at=NOW - timedelta(days=2),
        severity="medium",
    )
    return msgspec.structs.replace(plain, **changes)


def case(**parts: object) -> Case:
    plain = Case(issue=issue(), standing=standing(), limits=Limits(), now=NOW, channel="email")
    return msgspec.structs.replace(plain, **parts)


def instants(spread: timedelta = timedelta(days=20)) -> st.SearchStrategy[datetime]:
    naive = NOW.replace(tzinfo=None)
    return st.datetimes(naive - spread, naive + spread).map(lambda at: at.replace(tzinfo=UTC))


def spans(longest: timedelta) -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(0), longest)


def some_told() -> st.SearchStrategy[list[Told]]:
    one = st.builds(
        Told,
        issue_id=st.sampled_from(["i-0", "i-1", "i-2"]),
        detector=st.sampled_from(DETECTORS),
        object=st.sampled_from(["A-1", "A-17"]),
        channel=st.sampled_from(CHANNELS),
        at=instants(),
        severity=st.sampled_from(["", "low", "medium", "high"]),
        stage=st.sampled_from(["", "at_risk", "late", "cancelled"]),
    )
    return st.lists(one, max_size=6)


def issues() -> st.SearchStrategy[Issue]:
    return st.builds(
        issue,
        change=st.sampled_from(["opened", "updated", "resolved"]),
        detector=st.sampled_from(DETECTORS),
        at=instants(),
        opened_at=instants(timedelta(hours=12)),
        horizon=st.none() | instants(timedelta(hours=12)),
        score=st.floats(-1e6, 1e6),
        probability=st.floats(0, 1),
        journal_offset=st.integers(0, 60),
    )


def standings() -> st.SearchStrategy[Standing]:
    return st.builds(
        Standing,
        consent=st.dictionaries(st.sampled_from(["*", *CHANNELS]), st.booleans(), max_size=4),
        zone=st.sampled_from(ZONES),
        locale=st.sampled_from(["", "en-US", "de"]),
        reachable=st.lists(st.sampled_from(CHANNELS), unique=True),
        open_contacts=st.integers(0, 2),
        last_contact_at=st.none() | instants(),
        resolved=st.booleans(),
        told=some_told(),
        journal_next=st.integers(0, 60),
    )


def limits() -> st.SearchStrategy[Limits]:
    return st.builds(
        Limits,
        channels=st.lists(st.sampled_from(CHANNELS), max_size=4, unique=True).map(tuple),
        outreach_from=st.none() | instants(),
        cooldown=spans(timedelta(days=3)),
        open_contact_holds=spans(timedelta(days=10)),
        cap_per_day=st.integers(0, 5),
        cap_per_week=st.integers(0, 9),
        time_to_live=spans(timedelta(days=1)),
        quiet_from_hour=st.integers(0, 23),
        quiet_until_hour=st.integers(0, 23),
    )
