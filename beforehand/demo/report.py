"""The end of the demo: its summary in the terminal and as JSON, and a mail to open."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from beforehand.demo.play import Played
from beforehand.demo.story import Story
from beforehand.demo.summary import Accepted, Row, Summary, duplicates, first_mail, matched, worth
from deploy.mail.kept import read_accepted
from ledger import counts
from ledger.database import Ledger
from ledger.tables import outbox
from streams.clock import BusinessClock
from streams.settings import Settings


def report(
    name: str,
    story: Story,
    settings: Settings,
    mails: Path,
    played: Played,
    total_s: float,
    json: Path,
    console: Console,
) -> Summary:  # fmt: skip
    """Count, print, and write `json`. Returns what it wrote."""
    kept = read_accepted(mails)
    clock = BusinessClock(settings.clock_file)
    accepted = [Accepted(one.message_id.strip("<>").split("@")[0], clock.at(one.at_unix)) for one in kept]
    ledger = Ledger(settings.database_url.get_secret_value())
    try:
        with ledger.read() as connection:
            rows = [
                Row(*row)
                for row in connection.execute(
                    select(
                        outbox.c.outreach_id,
                        outbox.c.object,
                        outbox.c.state,
                        outbox.c.detector,
                        outbox.c.customer_id,
                    ).where(outbox.c.channel == "email")
                )
            ]
            in_page = connection.scalar(select(func.count()).where(outbox.c.channel == "in_app")) or 0
            holds, decided = counts.by_rule(connection), counts.decided(connection)
    finally:
        ledger.close()
    found = worth(story.source().truth(), first_mail(accepted, rows), story.live_since, story.live_until)
    summary = Summary(
        source=name, events=played.events, flagged=decided - holds.get("shadow", 0) - in_page,
        sent=sum(row.state == "SENT" for row in rows), accepted=len(accepted), duplicates=duplicates(accepted),
        told_before=found.told_before, lead_time_median_s=found.lead_time_median_s, false_alarms=found.false_alarms,
        troubled=found.troubled, told=found.told, unmatched=matched(accepted, rows), holds=holds, kinds=found.kinds,
        pages=story.pages, told_in_page=len(played.pages_s),
        longest_to_page_s=round(max(played.pages_s, default=0.0), 2),
        live_s=round(played.live_s, 1), slow_s=round(played.slow_s, 1), total_s=round(total_s, 1),
    )  # fmt: skip
    json.write_bytes(msgspec.json.format(msgspec.json.encode(summary)))
    _print(summary, json, kept[len(kept) // 2].path(mails) if kept else None, console)
    return summary


def _print(summary: Summary, json: Path, mail: Path | None, console: Console) -> None:
    table = Table("what", "figure", title="what it was worth", box=None)
    told = {
        "events fed": f"{summary.events:,}",
        "customers flagged in the live days": f"{summary.flagged:,}",
        "mails sent / accepted / duplicates": f"{summary.sent} / {summary.accepted} / {summary.duplicates}",
        "mails without a row, SENT rows without a mail": str(summary.unmatched),
        f"of {summary.troubled} in trouble, told before they could know": f"{summary.told_before:.0%}",
        "told how long before (median)": f"{summary.lead_time_median_s / 60:.0f} min",
        f"of {summary.told} told, without trouble": f"{summary.false_alarms:.0%}",
        "held back": ", ".join(f"{rule} {count}" for rule, count in summary.holds.items()) or "none",
        "live part / everything": f"{summary.live_s:.0f} s / {summary.total_s:.0f} s",
        "of it more slowly, for the machine to follow": f"{summary.slow_s:.0f} s",
    }
    for what, figure in told.items():
        table.add_row(what, figure)
    if summary.pages:
        longest = f", {summary.longest_to_page_s:.1f} s after the refusal" if summary.told_in_page else ""
        table.add_row(
            "stuck checkout, page open", f"{summary.told_in_page} of {summary.pages} told in the page{longest}"
        )
    for kind, caught in summary.kinds.items():
        table.add_row(
            kind.replace("_", " "), f"{caught.troubled} in trouble, {caught.told} told, {caught.told_before} before"
        )
    console.print(table)
    console.print(f"the same as JSON: {json}", soft_wrap=True)
    if mail is not None:
        console.print(f"a mail to open: {mail}", soft_wrap=True)
