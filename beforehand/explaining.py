"""`beforehand explain`: the events, readings and rules that led to tell or hold."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from desk.explaining import Told, explain, is_issue
from desk.journal_file import recorded
from ledger.reachable import NoLedger, existing
from ledger.retelling import OnRecord, on_record
from models.decisions import Decision
from models.errors import OperatorError
from notifiers.case import Case, Hold
from notifiers.decide import CHANNEL_RULES, CUSTOMER_RULES, ask, decide
from streams.settings import load

console = Console(highlight=False, soft_wrap=True)


class NothingKnown(OperatorError):
    """Neither ledger nor journal has it. Operator action: see the message."""


def run(key: str, journal: Path | None) -> None:
    """Show what the journal and the ledger know of an issue or a customer. Raises NothingKnown."""
    url = load().database_url.get_secret_value()
    told = explain(recorded(journal), key) if journal is not None else []
    records, where = _records(url, key)
    if not told and not records:
        asked = f"the recording {journal} or {where}" if journal else where
        raise NothingKnown(
            f"nothing about {key!r} is in {asked}: name an issue or a customer, BEFOREHAND_DATABASE_URL, or --journal"
        )
    for one in told:
        _show_journal(one, key)
    for record in records:
        _show_record(record)


def _records(url: str, key: str) -> tuple[list[OnRecord], str]:
    """What the ledger knows, and where that is; a recording is told of without any."""
    try:
        with existing(url) as ledger, ledger.read() as connection:
            return on_record(connection, key), f"the ledger {ledger.name}"
    except NoLedger as error:
        return [], f"the ledger ({error})"


def rules_of(decision: Decision) -> list[tuple[str, str]]:
    """Every rule that was asked, in order, with what it found; the same code as when it was decided."""
    case = Case(
        issue=decision.issue, standing=decision.standing, limits=decision.limits, now=decision.decided_at, channel=""
    )
    found: list[tuple[str, str]] = []
    for name, rule in CUSTOMER_RULES:
        held = ask(((name, rule),), case)
        found.append((name, _word(held)))
        if held is not None:
            return found
    for channel in decision.limits.channels:
        for name, rule in CHANNEL_RULES:
            held = ask(((name, rule),), Case(
                issue=case.issue, standing=case.standing, limits=case.limits, now=case.now, channel=channel
            ))  # fmt: skip
            found.append((f"{name} ({channel})", _word(held)))
            if held is not None:
                break
        else:
            return found
    return found


def _word(held: object) -> str:
    if not isinstance(held, tuple):
        return "lets pass"
    finding = held[1]
    return f"holds: {finding.reason}" if isinstance(finding, Hold) else f"waits: {finding.reason}"


def _show_journal(told: Told, key: str) -> None:
    things = {issue.object for issue in told.issues if is_issue(issue.issue_id, key)}
    table = Table(
        "when (UTC)", "", "about", "what", box=None, title=f"journal: {told.customer_id}", title_justify="left"
    )
    for moment in sorted(told.moments, key=lambda moment: moment.at):
        if things and moment.thing and moment.thing not in things:
            continue
        table.add_row(*map(Text, (f"{moment.at:%F %H:%M:%S}", moment.sort, moment.thing, moment.words)))
    console.print(table)


def _show_record(record: OnRecord) -> None:
    decision, issue = record.decision, record.decision.issue
    console.print(
        Text(f"\nledger: {issue.detector} of {issue.customer_id}, {issue.object}, issue {issue.issue_id}"),
        Text(f"  found {issue.at:%F %H:%M:%S}: P {issue.probability:.3f}, {issue.severity}; expected "
             f"{issue.evidence.expected}; {issue.evidence.actual}"),
        Text(f"  {decision.verdict} at {decision.decided_at:%F %H:%M:%S} by rule {decision.rule}: {decision.reason}"),
        *(Text(f"    {name:24} {word}") for name, word in rules_of(decision)),
        sep="\n",
    )  # fmt: skip
    again = decide(issue, decision.standing, decision.limits, decision.decided_at)
    if again != decision:
        console.print("  today's rules decide otherwise: the program has changed since", style="yellow")
    if (sent := record.sent) is not None:
        console.print(Text(f"  {sent.channel}: {sent.state} {sent.reason}".rstrip()))
        for at, outcome, detail in sent.receipts:
            console.print(Text(f"    {at:%F %H:%M:%S} {outcome} {detail}".rstrip()))
