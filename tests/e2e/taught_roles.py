"""`detect` and `learn` with the one detector of `tests.taught` that learns. Run as a process: the role's name."""

import logging
import sys

import structlog

from streams.roles.detect import DetectStep
from streams.roles.learn import learn
from streams.run import run_role
from streams.settings import Settings
from streams.step import Role
from streams.topics import DEAD_LETTERS, EXAMPLES, ISSUES, JOURNAL, OBSERVATIONS
from tests.taught import LESSON, CallsAgain


def role(name: str, settings: Settings) -> Role:
    if name == "learn":
        return learn(settings, [LESSON])

    def step(_topic: str, partition: int) -> DetectStep:
        return DetectStep([CallsAgain(CallsAgain.params_type())], partition, settings.partitions)

    return Role("detect", (JOURNAL,), step, outputs=(ISSUES, OBSERVATIONS, EXAMPLES, DEAD_LETTERS))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
    )
    run_role(role(sys.argv[1], Settings()), Settings())
