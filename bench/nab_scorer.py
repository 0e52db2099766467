"""Whether the scorer is the benchmark's: its own result files must get its published scores."""

from pathlib import Path

import numpy as np
import pandas as pd

from desk.benchmark import Said
from desk.scores.nab import PROFILES, File
from desk.sources.nab import LABELS, windows_of

PUBLISHED = {
    "windowedGaussian": ((1.0, 1.0, 1.0), (39.65, 20.87, 47.41)),
    "numenta": ((0.5422, 0.5752, 0.5422), (70.10, 63.12, 74.32)),
    "null": ((0.625, 0.625, 0.625), (0.0, 0.0, 0.0)),
}
"""Detector -> published thresholds and scores, by profile in the order of `PROFILES`."""


def check(folder: Path) -> bool:
    """Print each beside what was published; whether all are the same to two decimals."""
    right = True
    for detector, (thresholds, published) in PUBLISHED.items():
        said = results(folder, detector)
        scores = [said.score(*pair).score for pair in zip(PROFILES, thresholds, strict=True)]
        same = all(round(score, 2) == known for score, known in zip(scores, published, strict=True))
        shown = " / ".join(f"{score:.2f}" for score in scores)
        print(f"scorer: {detector:17} {shown:24} {'as published' if same else f'NOT as published: {published}'}")
        right &= same
    return right


def results(folder: Path, detector: str) -> Said:
    """What the benchmark says that a detector of its own said."""
    found = Said()
    for name, windows in windows_of(folder / LABELS).items():
        area, _, metric = name.partition("/")
        table = pd.read_csv(folder / "results" / detector / area / f"{detector}_{metric}.csv.gz")
        at = pd.to_datetime(table["timestamp"]).to_numpy().astype("datetime64[s]").astype(np.int64)
        found.names.append(name)
        found.files.append(File(at, windows))
        found.said.append(table["anomaly_score"].to_numpy(np.float64))
    return found
