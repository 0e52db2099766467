"""A history played to detectors, and what their answers were worth: the same code as live, without anybody told.

found = evaluate(opened("olist", data))
found.scores()
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from msgspec.structs import replace

from desk.asking import Listener, pairs
from desk.benchmark import is_benchmark, said_of
from desk.matching import match
from desk.offline import House
from desk.questions import Question
from desk.scores.bootstrap import REPEATS
from desk.scores.nab import Nab
from desk.scores.ranking import Bools, Floats
from desk.scores.scored import NAMES, Scores, calibrated, ranked, told
from desk.scores.telling import Telling, by_window, telling
from desk.sources.feed import feed
from desk.sources.history import History
from desk.sources.source import Truth
from detectors.catalogue import all_detectors
from detectors.detector import Detector
from detectors.peers import Peers
from models.events.base import Event
from models.issues import Issue

Progress = Callable[[int], None]
"""Is told how many events were played since it was last told."""
_EVERY = 500


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One detector on one question; arrays have one entry per row of the question.

    `probability` is the null's where the detector had said nothing (`said` is False). `scores` are by scorer: the
    detector's name, `null`, and `rule` where there is one.
    """

    question: Question
    detector: str
    trouble: Bools
    probability: Floats
    said: Bools
    rule: Floats | None
    scores: dict[str, Scores]

    @property
    def answered(self) -> list[tuple[str, float]]:
        """Customer and probability of each row; 0 where nothing was said."""
        spoken = np.where(self.said, self.probability, 0.0).tolist()
        return [(ask.customer_id, probability) for ask, probability in zip(self.question.asks, spoken, strict=True)]

    def table(self) -> pd.DataFrame:
        """One row per row of the question, for a notebook."""
        asks = self.question.asks
        columns: dict[str, Any] = {
            "detector": self.detector, "question": self.question.name,
            "object": [ask.object for ask in asks], "customer_id": [ask.customer_id for ask in asks],
            "at": [ask.at for ask in asks], "probability": self.probability, "said": self.said,
            "null": self.question.usual, "rule": np.nan if self.rule is None else self.rule, "trouble": self.trouble,
        }  # fmt: skip
        segments = {name for ask in asks for name in ask.segment}
        return pd.DataFrame(columns | {name: [ask.segment.get(name, "") for ask in asks] for name in sorted(segments)})


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What `evaluate` found. `telling` is by detector, `judged` the first question of each detector first."""

    source: str
    since: datetime
    until: datetime
    events: int
    failures: int
    judged: list[Judged]
    telling: dict[str, tuple[Telling, Scores]]
    found: list[Issue]
    nab: dict[str, dict[str, Nab]] = {}
    """By detector and profile, of labelled series: the score of the Numenta Anomaly Benchmark."""

    def first(self, detector: str) -> Judged:
        """The detector's first question: the one that its figures are told of."""
        return next(one for one in self.judged if one.detector == detector)

    def scores(self) -> pd.DataFrame:
        """One row per detector, question and scorer; `low` and `high` of each score beside it."""
        rows = []
        for one in self.judged:
            for scorer, scores in one.scores.items():
                own = scorer == one.detector and one is self.first(one.detector)
                merged = scores | (self.telling[one.detector][1] if own else {})
                row: dict[str, Any] = {"detector": one.detector, "question": one.question.name, "scorer": scorer}
                for name in NAMES:
                    score = merged.get(name)
                    row[name] = score and score.value
                    row[f"{name}_low"], row[f"{name}_high"] = score and score.low, score and score.high
                rows.append(row)
        return pd.DataFrame(rows)

    def rows(self) -> pd.DataFrame:
        """Every row of every question with what was said and what was true."""
        return pd.concat([one.table() for one in self.judged], ignore_index=True)

    def issues(self) -> pd.DataFrame:
        """Every change of every episode, in the order of the journal."""
        names = (
            "issue_id",
            "change",
            "customer_id",
            "detector",
            "object",
            "at",
            "opened_at",
            "probability",
            "severity",
        )
        return pd.DataFrame({name: [getattr(issue, name) for issue in self.found] for name in names})


def evaluate(
    history: History,
    detectors: Sequence[Detector[Any, Any]] | None = None,
    *,
    partitions: int = 1,
    repeats: int = REPEATS,
    progress: Progress = lambda _: None,
    peers: Peers = "shrunk",
) -> Evaluation:
    """Play the history to the detectors (all shipped ones when None) that it has questions for.

    The context is one beat behind, as live. `peers`: see `desk.offline.House`. Raises NothingToAsk.
    """
    offered = [*all_detectors(), *history.listeners()] if detectors is None else list(detectors)
    asked = pairs(history.name, history.questions(), offered)
    chosen = [one for one in offered if one.name in {name for _, name in asked}]
    topics = sorted({topic for one in chosen for topic in one.clock})
    listener = Listener(asked)
    sent = feed(counted(history.events(), progress), partitions, history.beat, topics, history.tail)
    with House(partitions, detectors=chosen, keep_signals=True, peers=peers) as house:
        for outputs in house.run(sent):
            listener.take(outputs)
    tellings = {one.name: _telling(history.truth(), one.name, listener) for one in chosen}
    judged = [judge(question, name, listener.answers(question, name), repeats) for question, name in asked]
    return Evaluation(
        source=history.name, since=history.since, until=history.until, events=history.length,
        failures=listener.failures, found=listener.issues,
        judged=judged, telling={name: (one, told(one, repeats)) for name, one in tellings.items()},
        nab={one.detector: said_of(history, one.answered).scores() for one in judged if is_benchmark(history)},
    )  # fmt: skip


def _telling(truths: Sequence[Truth], name: str, listener: Listener) -> Telling:
    """By object; windows of whoever finds them by time."""
    own = [truth for truth in truths if truth.detector == name]
    windows = [replace(truth, detector=name) for truth in truths if not truth.detector and not truth.object]
    if own or not windows:
        return telling(own, listener.opened(name))
    matched = match(windows, listener.told(name))
    return by_window([(truth, said.at if said else None) for truth, said in matched.found], len(matched.false))


def judge(question: Question, detector: str, answers: Floats, repeats: int = REPEATS) -> Judged:
    """Score the answers (NaN: nothing was said) beside the null and the rule."""
    trouble: Bools = np.array([ask.trouble for ask in question.asks], np.bool_)
    silent: Bools = np.array([ask.silent for ask in question.asks], np.bool_)
    said: Bools = ~np.isnan(answers)
    probability = np.where(silent, 0.0, np.where(said, answers, question.usual))
    always = np.full(len(trouble), question.usual)
    rules = [ask.rule for ask in question.asks if ask.rule is not None]
    rule = np.array(rules, np.float64) if rules and len(rules) == len(trouble) else None
    scores = {
        detector: ranked(trouble, probability, repeats) | calibrated(trouble, probability, question.usual, repeats),
        "null": ranked(trouble, always, repeats) | calibrated(trouble, always, question.usual, repeats),
    }
    if rule is not None:
        scores["rule"] = ranked(trouble, rule, repeats)
    return Judged(
        question=question, detector=detector, trouble=trouble, probability=probability, said=said, rule=rule,
        scores=scores,
    )  # fmt: skip


def counted(events: Iterator[Event], progress: Progress) -> Iterator[Event]:
    """The same events; `progress` hears of them by the hundred."""
    waiting = 0
    for event in events:
        yield event
        waiting += 1
        if waiting == _EVERY:
            progress(waiting)
            waiting = 0
    progress(waiting)
