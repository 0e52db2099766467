"""Nothing is decided before the ledger knows everything that happened before the issue, an opt-out above all."""

from models.decisions import Standing
from models.issues import Issue


class RecordNotCaughtUp(Exception):
    """The ledger has not passed the issue's place in the journal: wait and ask again. Nothing was decided."""


def require_caught_up(issue: Issue, standing: Standing) -> None:
    """Raise `RecordNotCaughtUp` until the ledger has read the journal past the issue's own offset."""
    if standing.journal_next <= issue.journal_offset:
        place = f"{issue.journal_partition}/{issue.journal_offset}"
        raise RecordNotCaughtUp(f"the ledger stands at {standing.journal_next}, the issue at {place} of the journal")
