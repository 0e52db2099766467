"""The demo's figures are counted, not believed."""

from datetime import UTC, datetime, timedelta

import msgspec

from beforehand.demo.summary import Accepted, Caught, Row, duplicates, first_mail, matched, worth
from desk.matching import Said
from desk.sources.source import Truth

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)


def truth(about: str, *, trouble: bool, felt_at: datetime = NOON) -> Truth:
    return Truth(
        customer_id=f"c-{about}",
        object=about,
        detector="late_delivery",
        trouble=trouble,
        felt_at=felt_at,
        promised_by=NOON,
    )


def said(about: str, at: datetime) -> Said:
    return Said("late_delivery", f"c-{about}", about, at)


def test_a_mail_taken_twice_is_one_duplicate() -> None:
    twice = [Accepted("a", NOON), Accepted("b", NOON), Accepted("a", NOON)]
    assert duplicates(twice) == 1


def test_mails_without_a_row_and_sent_rows_without_a_mail_are_told_apart_from_unknown_ones() -> None:
    rows = [Row("a", "1", "SENT"), Row("b", "2", "SENT"), Row("c", "3", "UNKNOWN")]
    assert matched([Accepted("a", NOON), Accepted("c", NOON), Accepted("z", NOON)], rows) == 2


def test_told_before_counts_only_mails_that_came_before_the_customer_could_know() -> None:
    truths = [
        truth("early", trouble=True),
        truth("late", trouble=True),
        truth("missed", trouble=True),
        truth("fine", trouble=False),
    ]
    leads = {"early": timedelta(hours=2), "late": timedelta(minutes=-1), "fine": timedelta(hours=1)}
    told = [said(about, NOON - lead) for about, lead in leads.items()]
    found = worth(truths, told, NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert (found.troubled, found.told) == (3, 3)
    assert found.told_before == 1 / 3
    assert found.false_alarms == 1 / 3
    assert found.lead_time_median_s == 7200
    assert found.kinds == {"late_delivery": Caught(troubled=3, told=2, told_before=1)}


def test_trouble_outside_the_days_is_not_asked_for_but_a_false_mail_there_still_counts() -> None:
    truths = [truth("far", trouble=True, felt_at=NOON + timedelta(days=9)), truth("calm", trouble=False)]
    found = worth(truths, [said("calm", NOON)], NOON, NOON + timedelta(days=1))
    assert (found.troubled, found.told_before, found.false_alarms) == (0, 0.0, 1.0)


def test_the_first_mail_about_an_object_counts() -> None:
    rows = [Row("a", "1", "SENT", "late_delivery", "c-1"), Row("b", "1", "SENT", "late_delivery", "c-1")]
    assert first_mail([Accepted("b", NOON + timedelta(hours=1)), Accepted("a", NOON)], rows) == [said("1", NOON)]


def test_trouble_of_the_customer_as_a_whole_is_told_by_a_mail_of_its_time() -> None:
    began = msgspec.structs.replace(truth("1", trouble=True), object="", detector="login_trouble", began_at=NOON)
    before, after = (Said("login_trouble", "c-1", "login-x", NOON + timedelta(hours=h)) for h in (-1, 1))
    assert worth([began], [before], NOON, NOON + timedelta(days=1)).false_alarms == 1.0
    assert worth([began], [after], NOON, NOON + timedelta(days=1)).kinds["login_trouble"].told == 1
