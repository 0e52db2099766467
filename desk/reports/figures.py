"""An evaluation as JSON: per detector exactly the scores of `desk.scores.scored.NAMES`, and the details beside them."""

import json
from math import inf
from typing import Any

import msgspec

from desk.evaluation import Evaluation, Judged
from desk.scores.scored import NAMES, plain


def as_json(found: Evaluation) -> str:
    """`detectors`: name -> scores of its first question. `details`: every question, with intervals, null and rule."""
    names = list(found.telling)
    text = {
        "source": found.source,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "events": found.events,
        "issues": sum(issue.change == "opened" for issue in found.found),
        "detectors": {name: detector_scores(found, name) for name in names},
        "details": {name: _details(found, name) | _benchmark(found, name) for name in names},
    }
    return json.dumps(text, indent=2, allow_nan=False) + "\n"


def detector_scores(found: Evaluation, detector: str) -> dict[str, float | None]:
    """The scores of a detector by name, and no other names; None for what cannot be had."""
    return plain(found.first(detector).scores[detector] | found.telling[detector][1])


def scores_csv(one: Judged) -> str:
    """One line per row of the question: what was said of it, what null and rule say, and what was true."""
    text: str = one.table().to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ", lineterminator="\n")
    return text


def file_of(one: Judged) -> str:
    """The name of its file: detector and question, with nothing that a file system minds."""
    return f"{one.detector}--{one.question.name.replace('<=', '-at-most-').replace(' ', '-')}.csv"


def _benchmark(found: Evaluation, detector: str) -> dict[str, Any]:
    """`nab`: profile -> score, threshold (None: none is worth it), windows met, windows, false rows."""
    scores = found.nab.get(detector)
    if not scores:
        return {}
    return {
        "nab": {
            profile: msgspec.to_builtins(one) | {"threshold": one.threshold if one.threshold < inf else None}
            for profile, one in scores.items()
        }
    }


def _details(found: Evaluation, detector: str) -> dict[str, Any]:
    telling = found.telling[detector][1]
    return {
        one.question.name: {
            "title": one.question.title, "rows": len(one.trouble), "troubled": int(one.trouble.sum()),
            "said_nothing": int((~one.said).sum()), "usual": one.question.usual, "rule": one.question.rule_name,
            "note": one.question.note,
            "scores": {
                scorer: {
                    name: msgspec.to_builtins(score)
                    for name in NAMES
                    if (score := (scores | (telling if scorer == detector else {})).get(name)) is not None
                }
                for scorer, scores in one.scores.items()
            },
        }
        for one in found.judged
        if one.detector == detector
    }  # fmt: skip
