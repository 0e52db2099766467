"""Playing a history and asking: each row is answered with what had been said by its instant, and by nothing later."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from desk.asking import NothingToAsk
from desk.evaluation import Evaluation, evaluate, judge
from desk.questions import Ask, Question
from desk.reports.figures import as_json, file_of, scores_csv
from desk.reports.page import page
from desk.scores.scored import NAMES
from desk.sources.histories import opened
from desk.sources.history import History
from desk.sources.source import Truth
from detectors.catalogue import all_detectors
from models.events.base import Event
from models.events.payment_attempted import PaymentAttempted, PaymentAttemptedData
from tests.mini_olist import write_olist

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


class Refusals(History):
    """One customer whose payment is refused every minute; asked after one refusal, after three, and before any."""

    name = "refusals"
    beat = timedelta(minutes=1)
    length = 5
    since, until = NOON, NOON + timedelta(hours=1)

    def events(self) -> Iterator[Event]:
        for minute in range(5):
            data = PaymentAttemptedData(order_id="o", succeeded=False)
            at = NOON + timedelta(minutes=minute)
            yield PaymentAttempted(id=f"p{minute}", source="shop", subject="c", time=at, data=data)

    def truth(self) -> list[Truth]:
        at = NOON + timedelta(minutes=30)
        return [
            Truth(customer_id="c", object="o", detector="payment_retry_loop", trouble=True, felt_at=at, promised_by=at)
        ]

    def questions(self) -> list[Question]:
        asks = [
            Ask(
                object="o", customer_id="c", at=NOON + timedelta(minutes=minute), trouble=minute > 0, rule=float(minute)
            )
            for minute in (-1, 0, 2)
        ]
        return [Question(name="q", title="q", asks=asks, usual=0.125, detector="payment_retry_loop", rule_name="r")]


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(Refusals())


def test_a_row_is_answered_by_the_last_word_until_its_instant(found: Evaluation) -> None:
    (judged,) = found.judged
    assert judged.said.tolist() == [False, True, True]
    nothing, one, three = judged.probability.tolist()
    assert nothing == 0.125, "the null speaks where nothing was said"
    assert one < 0.5 < three < 0.9


def test_issues_are_told_against_the_moment_of_trouble(found: Evaluation) -> None:
    told = found.telling["payment_retry_loop"][1]
    assert told["lead_time_median_s"].value == 28 * 60
    assert told["known_first"].value == 1.0
    assert found.issues()["change"].tolist()[0] == "opened"


def test_the_json_has_exactly_the_scores_by_name_and_the_rest_beside_them(found: Evaluation) -> None:
    text = json.loads(as_json(found))
    assert list(text["detectors"]["payment_retry_loop"]) == list(NAMES)
    assert NAMES == (
        "average_precision", "recall_at_10", "precision_at_10", "brier", "brier_skill", "ece", "lead_time_median_s",
        "known_first", "told_untroubled",
    )  # fmt: skip
    assert set(text["details"]["payment_retry_loop"]["q"]["scores"]) == {"payment_retry_loop", "null", "rule"}


def test_frames_and_files_hold_a_line_per_row(found: Evaluation) -> None:
    assert found.rows()["rule"].tolist() == [-1.0, 0.0, 2.0]
    assert found.scores()["scorer"].tolist() == ["payment_retry_loop", "null", "rule"]
    (judged,) = found.judged
    assert file_of(judged) == "payment_retry_loop--q.csv"
    assert len(scores_csv(judged).splitlines()) == 4


def test_a_row_that_must_stay_silent_scores_nothing() -> None:
    ask = Ask(object="o", customer_id="c", at=NOON, trouble=True, silent=True)
    question = Question(name="q", title="q", asks=[ask], usual=0.3)
    assert judge(question, "d", np.array([0.9])).probability.tolist() == [0.0]


def test_a_source_that_no_detector_reads_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("timestamp,value,label\n2024-01-01,1,1\n")
    others = [one for one in all_detectors() if one.name == "payment_retry_loop"]
    with pytest.raises(NothingToAsk, match=r"metric\.measured\.v1"):
        evaluate(opened("series", tmp_path), others)
    with pytest.raises(NothingToAsk, match="late_delivery"):
        evaluate(opened("olist", write_olist(tmp_path)), others)


def test_the_page_needs_no_network_and_shows_every_plot(found: Evaluation) -> None:
    text = page(found)
    assert "default-src 'none'" in text
    for word in ("http:", "https:", "<script", "src=", "@import"):
        assert word not in text.replace("http-equiv", "")
    for caption in ("Reliability", "Budget", "Lead times"):
        assert caption in text
    assert text.count("<svg") == 3
