"""A role that counts, until a record says that its loop is to stand still. Run as a process."""

import sys
import time
from collections.abc import Sequence

from streams.run import run_role
from streams.settings import Settings
from streams.step import Progress, Record, Role, Writes

STAND_STILL = b"stand still"


class StuckStep:
    def load(self, key: bytes, value: bytes) -> None:
        """Nothing was kept."""

    def apply(self, records: Sequence[Record]) -> None:
        if any(record.value == STAND_STILL for record in records):
            time.sleep(600)

    def drain(self, _progress: Progress, /) -> Writes:
        return Writes()


if __name__ == "__main__":
    name, topic = sys.argv[1:]
    run_role(Role(name, (topic,), lambda _topic, _partition: StuckStep()), Settings())
