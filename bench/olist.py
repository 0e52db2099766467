"""What `late_delivery`, as shipped, says of real orders (Olist): before the promise, and of a score of 2 or less.

Beside it, on the same rows at the same instants: the null, the simple rule, and the references, which were trained on
earlier orders of the same shop (their figures are given, not measured here). `late_delivery` ships with weights that
were fitted on flights and set by hand for shops; nothing of it was fitted on these orders. For the score there is no
detector yet: P(late) at that instant stands in.

    python -m bench.olist        under a minute; needs recorded data (BEFOREHAND_DATA); writes bench/results/olist.json
"""

import sys
from pathlib import Path

import msgspec

from beforehand.failures import told_plainly
from desk.evaluation import Evaluation, Judged, evaluate
from desk.reports.figures import detector_scores
from desk.sources.histories import opened

RESULT = Path(__file__).parent / "results" / "olist.json"
DETECTOR = "late_delivery"


class Reference(msgspec.Struct, frozen=True):
    """Rows, average precision of the simple rule, and that of models trained on the shop's own earlier orders."""

    rows: int
    rule: float
    models: dict[str, float]


REFERENCES = {
    "promise-3d": Reference(2146, 0.749, {"batch booster": 0.819, "online linear": 0.825, "weekly + online": 0.830}),
    "promise-1d": Reference(1737, 0.905, {"batch booster": 0.922, "online linear": 0.916, "weekly + online": 0.923}),
    "promise-7d": Reference(3287, 0.504, {"batch booster": 0.610, "online linear": 0.626, "weekly + online": 0.630}),
    "promise-10d": Reference(5171, 0.311, {"batch booster": 0.477, "online linear": 0.483, "weekly + online": 0.502}),
    "score<=2": Reference(
        7160,
        0.457,
        {"default booster": 0.556, "online linear": 0.605, "weekly booster": 0.621, "seen with future": 0.64},
    ),
}
SAME = 0.001
"""The rule's average precision is the reference's up to its rounding, or rows or instants are others."""


def main() -> int:
    """Print, write; exit code 1 when rows or rule are not those of the references."""
    found = evaluate(opened("olist"))
    wrong = [one.question.name for one in found.judged if not _same(one)]
    for one in found.judged:
        _print(one)
    telling = detector_scores(found, DETECTOR)
    print("issues: " + ", ".join(f"{name} {telling[name]:.3g}" for name in ("lead_time_median_s", "known_first")
                                 if telling[name] is not None))  # fmt: skip
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(_result(found)), indent=2) + b"\n")
    if wrong:
        print(f"rows or rule are not the references': {', '.join(wrong)}")
    return int(bool(wrong) or {one.question.name for one in found.judged} != set(REFERENCES))


def _same(one: Judged) -> bool:
    reference, rule = REFERENCES[one.question.name], one.scores["rule"]["average_precision"].value
    return len(one.trouble) == reference.rows and rule is not None and abs(rule - reference.rule) < SAME


def _print(one: Judged) -> None:
    question = one.question
    print(f"\n{question.title}: {len(one.trouble)} rows, {one.trouble.mean():.3f} in trouble")
    for scorer, scores in one.scores.items():
        first, others = scores["average_precision"], [scores.get(name) for name in ("recall_at_10", "brier", "ece")]
        shown = "  ".join(f"{score.value:.3f}" if score and score.value is not None else "    -" for score in others)
        name = f"rule: {question.rule_name}" if scorer == "rule" else scorer
        print(f"  {name:36} AP {first.value:.3f} [{first.low:.3f} {first.high:.3f}]  rec10 Brier ECE  {shown}")
    for name, value in REFERENCES[question.name].models.items():
        print(f"  reference: {name:25} AP {value:.3f}")
    if question.note:
        print(f"  ({question.note})")


def _result(found: Evaluation) -> dict[str, object]:
    return {
        "detector": DETECTOR,
        "events": found.events,
        "questions": {
            one.question.name: {
                "rows": len(one.trouble),
                "trouble": float(one.trouble.mean()),
                "average_precision": {name: scores["average_precision"] for name, scores in one.scores.items()},
                "ece": one.scores[DETECTOR]["ece"],
                "references": REFERENCES[one.question.name].models,
            }
            for one in found.judged
        },
        "scores": detector_scores(found, DETECTOR),
    }


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
