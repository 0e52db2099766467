"""One fit in a process of its own: `python -m streams.fitting`, a job on standard input, numbers on standard output."""

import os
import sys

import msgspec
import numpy as np

from detectors.learning.lesson import Additive, Boosted
from detectors.learning.trainer import Fitted, Job

POLITE = 10
"""How much others go first."""


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """A job as bytes: float32 values row by row, float64 labels."""

    name: str
    settings: Boosted | Additive
    names: tuple[str, ...]
    values: bytes
    labels: bytes
    seed: int


def encode_job(job: Job) -> bytes:
    """For standard input."""
    values, labels = job.values.tobytes(), job.labels.tobytes()
    return msgspec.msgpack.encode(Sent(job.name, job.settings, job.names, values, labels, job.seed))


def decode_fitted(raw: bytes) -> Fitted:
    """From standard output. Raises `msgspec.DecodeError` when it was cut short."""
    return _FITTED.decode(raw)


def main() -> None:
    """Fit, and say it. What was cut short, because whoever asked is gone, ends this with an error."""
    os.nice(POLITE)
    sent = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Sent)
    values = np.frombuffer(sent.values, np.float32).reshape(-1, len(sent.names))
    job = Job(sent.name, sent.settings, sent.names, values, np.frombuffer(sent.labels), sent.seed)
    sys.stdout.buffer.write(msgspec.msgpack.encode(job.done()))


_FITTED: msgspec.msgpack.Decoder[Fitted] = msgspec.msgpack.Decoder(Fitted)


if __name__ == "__main__":
    main()
