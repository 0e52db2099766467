"""Whether a mention is a complaint: `unhappy_mention`, online, beside a batch model of the first two thirds.

The mentions of six airlines in time order, through pipeline and learning with four partitions: each is judged before
anybody has read it, and what readers took it for is known two hours later. The reference is TF-IDF and logistic
regression (scikit-learn's defaults, with as many iterations as it needs), fitted on the first two thirds in the same
run. Tokens, rate and table size were chosen within the first two thirds; the last third was looked at once.

    python -m bench.mentions        about a minute; needs recorded data (BEFOREHAND_DATA); writes
    bench/results/mentions.json
"""

import sys
from pathlib import Path

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from beforehand.failures import told_plainly
from bench.rows import Row
from desk.evaluation import evaluate
from desk.sources.histories import opened
from models.events.mention_posted import MentionPosted

RESULT = Path(__file__).parent / "results" / "mentions.json"
DETECTOR = "unhappy_mention"


class Result(msgspec.Struct, kw_only=True):
    """What the file holds: average precisions over the last third, and the expected calibration error over all."""

    mentions: int
    tested: int
    complaints: float
    ours: float
    reference: float
    ece: float | None


def measured() -> Result:
    """Play, fit, compare. Raises `SourceMissing` without the data."""
    history = opened("mentions")
    texts = {event.id: event.data.text for event in history.events() if isinstance(event, MentionPosted)}
    judged = next(one for one in evaluate(history).judged if one.detector == DETECTOR)
    trouble = np.asarray(judged.trouble, dtype=bool)
    begin = 2 * len(trouble) // 3
    words = [texts[ask.object] for ask in judged.question.asks]
    return Result(
        mentions=len(trouble),
        tested=len(trouble) - begin,
        complaints=float(trouble[begin:].mean()),
        ours=float(average_precision_score(trouble[begin:], judged.probability[begin:])),
        reference=_reference(words, trouble, begin),
        ece=judged.scores[DETECTOR]["ece"].value,
    )


def _reference(words: list[str], trouble: np.ndarray, begin: int) -> float:
    terms = TfidfVectorizer()
    model = LogisticRegression(max_iter=1000).fit(terms.fit_transform(words[:begin]), trouble[:begin])
    return float(average_precision_score(trouble[begin:], model.decision_function(terms.transform(words[begin:]))))


def rows() -> list[Row]:
    """Of the file that was written last."""
    found = msgspec.json.decode(RESULT.read_bytes(), type=Result)
    return [
        Row(
            data="mentions",
            what="is it a complaint? last third",
            measure="average precision",
            ours=found.ours,
            null=found.complaints,
            reference=found.reference,
            reference_name="TF-IDF + logistic regression on the first two thirds",
            to_reach=found.reference,
        )
    ]


def main() -> int:
    """Print, write; exit code 1 when the reference is better."""
    found = measured()
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    print(f"{found.mentions} mentions, the last {found.tested} judged, {found.complaints:.3f} of them complaints")
    print(f"average precision: ours {found.ours:.4f}, TF-IDF + logistic regression {found.reference:.4f}")
    print(f"expected calibration error, all: {'-' if found.ece is None else f'{found.ece:.3f}'}")
    return int(found.ours < found.reference)


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
