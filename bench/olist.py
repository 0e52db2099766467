"""P(late) before the promise and P(complaint) on real orders (Olist), learned in one pass, labels as late as they came.

Everything goes through journal, detection, context and learning with 4 partitions; nothing is computed here but scores.
Beside our figures, on the same rows at the same instants: the null, the simple rule, and the references, which were
trained apart from any pipeline (their figures are given, not measured here). How features and settings were chosen:
docs/figures.md.

    python -m bench.olist    2 minutes of a core; needs recorded data (BEFOREHAND_DATA); writes bench/results/olist.json
"""

import sys
from pathlib import Path

import msgspec
import numpy as np

from beforehand.failures import told_plainly
from bench.rows import Row
from desk.evaluation import Evaluation, Judged, evaluate
from desk.reports.figures import detector_scores
from desk.scores.ranking import Ranking
from desk.scores.scored import Score
from desk.sources.histories import opened
from desk.sources.olist_questions import KNOWN, NEW
from detectors.catalogue import all_detectors

RESULT = Path(__file__).parent / "results" / "olist.json"
PARTITIONS = 4
DETECTORS = ("late_delivery", "will_complain")


class Reference(msgspec.Struct, frozen=True):
    """Rows, average precision of the simple rule and of models trained apart, and the figures to reach.

    `least` is by score; `ece` at most.
    """

    rows: int
    rule: float
    models: dict[str, float]
    least: dict[str, float]
    ece: float


REFERENCES = {
    "score<=2": Reference(
        7160, 0.457,
        {"default booster": 0.556, "regularised booster": 0.612, "weekly booster": 0.621, "seen with future": 0.64},
        {"average_precision": 0.605, "recall_at_10": 0.40, "brier_skill": 0.0}, 0.02,
    ),
    "promise-10d": Reference(
        5171, 0.311, {"online linear": 0.483, "best seen": 0.521}, {"average_precision": 0.50}, 0.07,
    ),
    "promise-7d": Reference(
        3287, 0.504, {"online linear": 0.626, "best seen": 0.645}, {"average_precision": 0.63}, 0.07,
    ),
    "promise-3d": Reference(
        2146, 0.749, {"online linear": 0.825, "best seen": 0.830}, {"average_precision": 0.82}, 0.03,
    ),
    "promise-1d": Reference(
        1737, 0.905, {"online linear": 0.916, "best seen": 0.923}, {"average_precision": 0.915}, 0.02,
    ),
}  # fmt: skip
MOONSHOTS = {
    ("score<=2", "average_precision"): 0.63,
    ("score<=2", "recall_at_10"): 0.43,
    ("promise-10d", "average_precision"): 0.54,
    ("promise-7d", "average_precision"): 0.66,
    ("promise-3d", "average_precision"): 0.84,
    ("promise-1d", "average_precision"): 0.93,
}
SAME = 0.001
"""The rule's average precision is the reference's up to its rounding, or rows or instants are others."""


def main() -> int:
    """Print, write; exit code 1 when rows or rule are not those of the references, or a figure is missed."""
    chosen = [one for one in all_detectors() if one.name in DETECTORS]
    found = evaluate(opened("olist"), chosen, partitions=PARTITIONS)
    judged = {one.question.name: one for one in found.judged}
    missed: list[str] = []
    for name, reference in REFERENCES.items():
        one = judged[name]
        if not _same(one, reference):
            missed.append(f"{name}: rows or rule are not the reference's")
        missed += _print(one, reference)
    for name in DETECTORS:
        telling = detector_scores(found, name)
        told = {key: telling[key] for key in ("lead_time_median_s", "known_first", "told_untroubled")}
        if told["known_first"] is not None:
            print(f"{name}, issues: " + ", ".join(f"{key} {value:.3g}" for key, value in told.items() if value))
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(_result(found, judged)), indent=2) + b"\n")
    print("\n".join(["missed:", *missed]) if missed else "every figure is reached")
    return int(bool(missed) or found.failures > 0)


class Kept(msgspec.Struct):
    """What the table of all figures needs of the file."""

    scores: dict[str, dict[str, Score]]
    detector: str


class File(msgspec.Struct):
    """The file, as far as it is read again."""

    questions: dict[str, Kept]


def rows() -> list[Row]:
    """Of the file that was written last, for the table of all figures of detection."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=File).questions
    given: list[Row] = []
    for name, reference in REFERENCES.items():
        scores, (model, best) = found[name].scores, list(reference.models.items())[-1]
        own, null = scores[found[name].detector], scores["null"]
        for measure, least in reference.least.items():
            first = measure == "average_precision"
            given.append(
                Row(
                    data="olist", what=name, measure=measure, ours=own[measure].value,
                    null=null[measure].value if measure in null else None, rule=reference.rule if first else None,
                    reference=best if first else None, reference_name=model, to_reach=least,
                    moonshot=MOONSHOTS.get((name, measure)),
                )
            )  # fmt: skip
        given.append(
            Row(data="olist", what=name, measure="ece", ours=own["ece"].value, to_reach=reference.ece, less=True)
        )
    return given


def _same(one: Judged, reference: Reference) -> bool:
    rule = one.scores["rule"]["average_precision"].value
    return len(one.trouble) == reference.rows and rule is not None and abs(rule - reference.rule) < SAME


def _print(one: Judged, reference: Reference) -> list[str]:
    """One table; what it misses."""
    question, own = one.question, one.scores[one.detector]
    print(f"\n{question.title}: {len(one.trouble)} rows, {one.trouble.mean():.3f} in trouble")
    for scorer, scores in one.scores.items():
        name = f"rule: {question.rule_name}" if scorer == "rule" else scorer
        names = ("average_precision", "recall_at_10", "brier", "brier_skill", "ece")
        print(f"  {name:36} " + "  ".join(_spoken(score, scores.get(score)) for score in names))
    for name, value in reference.models.items():
        print(f"  reference: {name:25} AP {value:.3f}")
    for segment, (rows, score) in _by_newness(one).items():
        print(f"  sellers {segment:34} {rows} rows, AP {score:.3f}")
    missed = [
        f"{question.name}: {name} {own[name].value:.3f}, wanted {least}"
        for name, least in reference.least.items()
        if (own[name].value or 0.0) < least
    ]
    if (own["ece"].value or 0.0) > reference.ece:
        missed.append(f"{question.name}: ece {own['ece'].value:.3f}, wanted at most {reference.ece}")
    return missed


def _spoken(name: str, score: Score | None) -> str:
    short = {"average_precision": "AP", "recall_at_10": "rec10", "brier": "Brier", "brier_skill": "skill", "ece": "ECE"}
    if score is None or score.value is None or score.low is None or score.high is None:
        return f"{short[name]} -"
    return f"{short[name]} {score.value:.3f} [{score.low:.3f} {score.high:.3f}]"


def _by_newness(one: Judged) -> dict[str, tuple[int, float]]:
    """Average precision of orders of new and of known sellers: the first rest on what their peers are like."""
    segments = np.array([ask.segment["seller"] for ask in one.question.asks])
    return {
        name: (int(rows.sum()), Ranking(one.trouble[rows], one.probability[rows]).average_precision())
        for name in (NEW, KNOWN)
        if (rows := segments == name).any()
    }


def _result(found: Evaluation, judged: dict[str, Judged]) -> dict[str, object]:
    return {
        "events": found.events,
        "partitions": PARTITIONS,
        "questions": {
            name: {
                "detector": one.detector,
                "rows": len(one.trouble),
                "trouble": float(one.trouble.mean()),
                "scores": one.scores,
                "references": REFERENCES[name].models,
                "by_seller": _by_newness(one),
            }
            for name, one in judged.items()
        },
        "issues": {name: detector_scores(found, name) for name in DETECTORS},
    }


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
