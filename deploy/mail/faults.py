"""Faults to order, written `STAGE=ACTION` or `STAGE=ACTION@N` (every Nth time the stage is reached, from the Nth on).

Stages: `connect` `mail` `rcpt` `data` (before the content is asked for) `dot` (after the final dot).
Actions:
`451`, `550`, ...  refuse with this code; the mail is not kept
`drop`             close without a reply; at `dot` the mail has been kept: accepted, reply lost
`lose`             at `dot`: close without a reply, mail not kept
`delay:SECONDS`    before the reply; at `dot` the mail has been kept
`close`            at `dot`: keep, reply, then close: the reused connection is dead
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

STAGES = ("connect", "mail", "rcpt", "data", "dot")
_ACTION = r"[45]\d\d|drop|lose|close|delay:\d+(?:\.\d+)?"
_SPEC = re.compile(rf"(?P<stage>[a-z]+)=(?P<action>{_ACTION})(?:@(?P<every>[1-9]\d*))?")


class FaultError(ValueError):
    """A fault that cannot be read."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, where, and how often."""

    stage: str
    action: str
    every: int = 1

    @property
    def reply(self) -> str:
        """The refusal, when the action is one; else empty."""
        return f"{self.action} {self.action[0]}.0.0 refused to order" if self.action.isdigit() else ""

    @property
    def delay_s(self) -> float:
        """Seconds to wait, when the action is a delay; else 0."""
        return float(self.action.partition(":")[2] or 0)


def parse_fault(spec: str) -> Fault:
    """Read one fault. Raises `FaultError` saying what would be right."""
    match = _SPEC.fullmatch(spec)
    if match is None or match["stage"] not in STAGES:
        raise FaultError(f"fault {spec!r} is not STAGE=ACTION[@N], such as dot=drop@10, rcpt=550 or dot=delay:0.5")
    if match["action"] in ("lose", "close") and match["stage"] != "dot":
        raise FaultError(f"fault {spec!r}: `lose` and `close` are for the stage `dot`")
    return Fault(match["stage"], match["action"], int(match["every"] or 1))


class Faults:
    """Counts how often each stage was reached and says what goes wrong there, if anything."""

    def __init__(self, specs: Sequence[str]) -> None:
        self._faults = [parse_fault(spec) for spec in specs]
        self._reached: Counter[str] = Counter()

    def at(self, stage: str) -> list[Fault]:
        """The faults that are due, now that the stage has been reached once more; delays first."""
        self._reached[stage] += 1
        due = [one for one in self._faults if one.stage == stage and self._reached[stage] % one.every == 0]
        return sorted(due, key=lambda one: not one.delay_s)
