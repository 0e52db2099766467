"""The Numenta Anomaly Benchmark v1.1, by its own published rules: `unusual_metric` beside what others reach.

Everything comes through pipeline and context with 4 partitions. The scorer is checked first: from the benchmark's own
result files it must give the published scores. One parameter set and one threshold serve all files, nothing knows a
file's length or range. Cross-fitted: of the parameter sets in `SETS` and of all thresholds each half of the files takes
what is best for the other half; the halves are drawn folder by folder with two seeds.

    python -m bench.nab      some ten minutes; needs recorded data (BEFOREHAND_DATA); writes bench/results/nab.json
"""

import sys
from pathlib import Path

import msgspec
import numpy as np

from beforehand.failures import told_plainly
from bench.nab_scorer import check
from bench.rows import Row, printed
from desk.benchmark import Said, said_of
from desk.evaluation import evaluate
from desk.reports.figures import detector_scores
from desk.scores.nab import PROFILES
from desk.scores.nab import Nab as Score
from desk.sources.histories import opened
from desk.sources.nab import Nab
from detectors.catalogue import detector_types
from detectors.detector import Params
from streams.settings import load

RESULT = Path(__file__).parent / "results" / "nab.json"
UNUSUAL = next(one for one in detector_types() if one.name == "unusual_metric")


def _params(**changed: float) -> Params:
    """The shipped parameters with these in their places."""
    return msgspec.convert(changed, UNUSUAL.params_type)


SHIPPED = "as shipped"
SETS = {
    SHIPPED: _params(),
    "silent for 12 h, however long it is known": _params(silent_s=43_200.0, silent_share=1.0),
    "silent for up to a day": _params(silent_s=86_400.0, silent_share=0.02),
    "again at twice the height": _params(again=2.0),
}
SEEDS = (7, 3)
OTHERS = {
    "windowedGaussian": (39.65, 20.87, 47.41),
    "random cut forest": (51.72, 38.36, 59.75),
    "numenta (HTM), told the range": (70.10, 63.12, 74.32),
    "ARTime, told range and length": (74.85, 65.15, 80.36),
}
ASKED, MOONSHOT = (66.0, 55.0, 72.0), (75.0, 65.5, 80.5)
"""Standard, low FP, low FN on all files; beside them standard cross-fitted."""
CROSSED = (61.0, 67.0)
Halves = tuple[list[int], list[int]]


class Result(msgspec.Struct, kw_only=True):
    """What the file holds: scores by parameter set and profile, and by seed and profile; what `evaluate` says."""

    all_files: dict[str, dict[str, Score]]
    cross_fitted: dict[str, dict[str, float]]
    evaluate: dict[str, float | None]
    blind_clock: list[float]
    published: dict[str, tuple[float, float, float]] = msgspec.field(default_factory=OTHERS.copy)


def main() -> int:
    """Print, write; exit code 1 when the scorer is off or a figure is missed."""
    data = load().data
    right = check(data / "nab")
    found, told = {}, {}
    for name, params in SETS.items():
        found[name], told[name] = play(data, params)
    crossed = {
        str(seed): {profile: cross_fitted(found, halves(found[SHIPPED].names, seed), profile) for profile in PROFILES}
        for seed in SEEDS
    }
    clock = blind_clock(found[SHIPPED])
    show(found, crossed, clock)
    print("as shipped, `evaluate nab`: "
          + ", ".join(f"{name} {score:.3g}" for name, score in told[SHIPPED].items() if score is not None))  # fmt: skip
    scores = {name: said.scores() for name, said in found.items()}
    written = Result(all_files=scores, cross_fitted=crossed, evaluate=told[SHIPPED], blind_clock=list(clock))
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=2) + b"\n")
    print(printed(rows()))
    return int(not right or not all(row.holds for row in rows()))


def rows() -> list[Row]:
    """The figures of the file that was written last."""
    result = msgspec.json.decode(RESULT.read_bytes(), type=Result)
    found = [
        Row(data="nab", what=f"{profile}, one parameter set", measure="NAB score", ours=one.score, null=clock,
            reference=reference, reference_name="ARTime", to_reach=least, moonshot=most)
        for (profile, one), clock, reference, least, most in zip(
            result.all_files[SHIPPED].items(), result.blind_clock, OTHERS["ARTime, told range and length"],
            ASKED, MOONSHOT, strict=True,
        )
    ]  # fmt: skip
    return found + [
        Row(data="nab", what=f"standard, cross-fitted, seed {seed}", measure="NAB score", ours=one["standard"],
            to_reach=CROSSED[0], moonshot=CROSSED[1])
        for seed, one in result.cross_fitted.items()
    ]  # fmt: skip


def play(data: Path, params: Params) -> tuple[Said, dict[str, float | None]]:
    """What the detector says of every row, and what `beforehand evaluate nab` says of it."""
    history = opened("nab", data)
    assert isinstance(history, Nab)
    evaluation = evaluate(history, [UNUSUAL(params)], partitions=4, repeats=1)
    assert evaluation.failures == 0
    said = said_of(history, evaluation.first(UNUSUAL.name).answered)
    return said, detector_scores(evaluation, UNUSUAL.name)


def halves(names: list[str], seed: int) -> Halves:
    """The files in two halves, drawn folder by folder."""
    rng, folders, flip = np.random.default_rng(seed), dict[str, list[int]](), 0
    for place, name in enumerate(names):
        folders.setdefault(name.split("/")[0], []).append(place)
    first: list[int] = []
    second: list[int] = []
    for folder in sorted(folders):
        drawn = rng.permutation(folders[folder]).tolist()
        odd = len(drawn) % 2
        half = len(drawn) // 2 + (flip if odd else 0)
        flip ^= odd
        first += drawn[:half]
        second += drawn[half:]
    return sorted(first), sorted(second)


def cross_fitted(found: dict[str, Said], parts: Halves, profile: str) -> float:
    """The mean of both halves' scores, each under the parameters and the threshold that are best for the other half."""
    scores = []
    for own, other in (parts, parts[::-1]):
        best = {name: said.of(other).score(profile) for name, said in found.items()}
        chosen = max(best, key=lambda name: best[name].score)
        scores.append(found[chosen].of(own).score(profile, best[chosen].threshold).score)
    return sum(scores) / len(scores)


def blind_clock(said: Said) -> tuple[float, ...]:
    """An alarm every so many rows, the best spacing of each profile: below that a detector knows nothing."""
    found = []
    for spacing in range(100, 1200, 100):
        alarms = [(np.arange(file.rows) % spacing == spacing - 1).astype(np.float64) for file in said.files]
        found.append([Said(said.names, said.files, alarms).score(profile, 1.0).score for profile in PROFILES])
    return tuple(max(0.0, *one) for one in zip(*found, strict=True))


def show(found: dict[str, Said], crossed: dict[str, dict[str, float]], clock: tuple[float, ...]) -> None:
    """The table."""
    print(f"\n{'':58}{'standard':>10}{'low FP':>10}{'low FN':>10}")
    for name, said in found.items():
        scores = said.scores()
        print(f"{'unusual_metric, ' + name:58}" + "".join(f"{one.score:10.2f}" for one in scores.values()))
    for seed, one in crossed.items():
        print(
            f"{f'unusual_metric, cross-fitted, seed {seed}':58}" + "".join(f"{score:10.2f}" for score in one.values())
        )
    print(f"{'a clock that looks at nothing':58}" + "".join(f"{score:10.2f}" for score in clock))
    for other, published in OTHERS.items():
        print(f"{other + ' (published)':58}" + "".join(f"{score:10.2f}" for score in published))
    first = found[SHIPPED].score("standard")
    print(f"as shipped, standard: {first.hits} of {first.windows} windows met, {first.false_rows} false rows, "
          f"threshold {first.threshold:.3f}")  # fmt: skip


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
