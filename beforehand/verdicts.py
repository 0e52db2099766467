"""`beforehand verdict`: an agent or a scientist says what an issue was worth. It becomes an event like any other."""

import asyncio
import getpass
from typing import get_args

from rich.console import Console

from detectors.verdicts import HIGHEST, LOWEST
from ledger.reachable import existing
from ledger.retelling import on_record
from models.errors import OperatorError
from models.events.verdict_given import Verdict, VerdictGiven, VerdictGivenData
from models.issues import Issue
from streams.announcing import submit
from streams.clock import BusinessClock
from streams.settings import Settings, load

console = Console(highlight=False, soft_wrap=True)
VERDICTS: tuple[str, ...] = get_args(Verdict)


class NoVerdict(OperatorError):
    """The verdict cannot be given like this. Operator action: see the message."""


def run(key: str, verdict: str, by: str) -> None:
    """Find the issue in the ledger and send the verdict to `care.v1`. Raises NoVerdict, NoLedger."""
    settings = load()
    word = next((one for one in get_args(Verdict) if one == verdict), None)
    if word is None:
        raise NoVerdict(f"{verdict!r} is no verdict: say {', '.join(VERDICTS)}")
    if not settings.kafka:
        raise NoVerdict("no Kafka is configured: set BEFOREHAND_KAFKA=host:port to where the service reads from")
    issue = _issue(settings, key)
    data = VerdictGivenData(
        issue_id=issue.issue_id, detector=issue.detector, object=issue.object, verdict=word,
        by=(by or getpass.getuser())[:64],
    )  # fmt: skip
    at = BusinessClock(settings.clock_file).now()
    name = f"verdict-{issue.issue_id}-{data.by}-{verdict}"
    event = VerdictGiven(id=name, source="beforehand", subject=issue.customer_id, time=at, data=data)
    asyncio.run(submit(settings, event))
    console.print(
        f"{verdict}: {issue.detector} about {issue.object}. Verdicts move from where on {issue.detector} speaks by "
        f"{LOWEST:+.2f} to {HIGHEST:+.2f} at most; the metric beforehand_detector_bar shows where it stands"
    )


def _issue(settings: Settings, key: str) -> Issue:
    with existing(settings.database_url.get_secret_value()) as ledger, ledger.read() as connection:
        found = {one.decision.issue.issue_id: one.decision.issue for one in on_record(connection, key)}
    if len(found) != 1:
        many = f": {', '.join(found)}" if found else ""
        raise NoVerdict(f"{len(found)} issues on record are named {key!r}{many}; give the id that `explain` shows")
    return next(iter(found.values()))
