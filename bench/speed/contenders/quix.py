"""quixstreams with its defaults: state in RocksDB and in a changelog topic. Runs in the peers' own virtualenv."""

import logging
import time
from typing import Any

from quixstreams import Application, State
from quixstreams.models import Deserializer, Serializer

from bench.speed.job import Job, Told, job_of_this_process, tell
from bench.speed.toy import DECODE_ONE, ENCODE, EVERY, Output, ToyEvent


class FromJson(Deserializer):  # type: ignore[misc]  # the library is not in the virtualenv that checks types
    """The same decoder as everybody's: faster than the default."""

    def __call__(self, value: bytes, ctx: Any) -> ToyEvent:  # noqa: ARG002 - the library's call
        """One event."""
        return DECODE_ONE(value)


class ToJson(Serializer):  # type: ignore[misc]  # as above
    """The same encoder as everybody's."""

    def __call__(self, value: Output, ctx: Any) -> bytes:  # noqa: ARG002 - the library's call
        """One output."""
        return ENCODE(value)


class Run(logging.Handler):
    """One run. The library logs each commit when it is done: that is how its last one is timed."""

    def __init__(self, job: Job) -> None:
        super().__init__(logging.DEBUG)
        self._job = job
        self._records = self._outputs = 0
        self._began = self._committed = 0.0
        self._app = Application(
            broker_address=job.kafka,
            consumer_group=job.name,
            auto_offset_reset="earliest",
            state_dir=job.folder,
            loglevel="WARNING",
        )

    def emit(self, record: logging.LogRecord) -> None:
        """A commit is done."""
        if record.getMessage().startswith("Committed"):
            self._committed = time.perf_counter()

    def run(self) -> Told:
        """Read everything, commit."""
        commits = logging.getLogger("quixstreams.processing.context")
        commits.setLevel(logging.DEBUG)
        commits.propagate = False
        commits.addHandler(self)
        source = self._app.topic(self._job.source, value_deserializer=FromJson())
        sink = self._app.topic(self._job.sink, value_serializer=ToJson())
        frame = self._app.dataframe(source).apply(self._take, stateful=True)
        frame.filter(lambda output: output is not None).to_topic(sink)
        self._app.run()
        return Told(
            records=self._records, outputs=self._outputs, seconds=self._committed - self._began,
            cpu_s=time.process_time(),
            settings={"state": "RocksDB and changelog (default)", "commit_interval": "5 s (default)",
                      "processing_guarantee": "at-least-once (default)"},
        )  # fmt: skip

    def _take(self, event: ToyEvent, state: State) -> Output | None:
        self._began = self._began or time.perf_counter()
        self._records += 1
        if self._records == self._job.records:
            self._app.stop()
        count, mean = state.get("seen", (0, 0.0))
        count += 1
        mean += (event.value - mean) / count
        state.set("seen", (count, mean))
        if count % EVERY:
            return None
        self._outputs += 1
        return Output(event.customer, count, mean)


if __name__ == "__main__":
    tell(Run(job_of_this_process()).run())
