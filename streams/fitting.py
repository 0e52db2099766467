"""One fit in a process of its own: `python -m streams.fitting`, a job on standard input, trees on standard output."""

import os
import sys

import msgspec
import numpy as np

from detectors.learning.families.boosted import fit
from detectors.learning.lesson import Boosted
from detectors.learning.snapshot import Trees
from detectors.learning.trainer import Job

POLITE = 10
"""How much others go first."""


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """A job as bytes: float32 values row by row, float64 labels."""

    settings: Boosted
    width: int
    values: bytes
    labels: bytes
    seed: int


def encode_job(job: Job) -> bytes:
    """For standard input."""
    values, labels = job.values.tobytes(), job.labels.tobytes()
    return msgspec.msgpack.encode(Sent(job.settings, job.values.shape[1], values, labels, job.seed))


def decode_trees(raw: bytes) -> Trees:
    """From standard output. Raises `msgspec.DecodeError` when it was cut short."""
    return msgspec.msgpack.decode(raw, type=Trees)


def main() -> None:
    """Fit, and say it. What was cut short, because whoever asked is gone, ends this with an error."""
    os.nice(POLITE)
    sent = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Sent)
    values = np.frombuffer(sent.values, np.float32).reshape(-1, sent.width)
    trees = fit(sent.settings, values, np.frombuffer(sent.labels), sent.seed)
    sys.stdout.buffer.write(msgspec.msgpack.encode(trees))


if __name__ == "__main__":
    main()
