"""A batch of issues, each decided in its turn, with what the ones before it in the batch changed."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from ledger.deciding import Page, Trouble, decided, open_troubles
from ledger.standing import Known, standings
from models.decisions import Decision, Limits, Standing, Told
from models.issues import Issue
from notifiers.decide import ALREADY_OPEN, decide

Decide = Callable[[Issue, Standing, Limits, datetime], Decision]
_WEEK = timedelta(days=7)


def reach_back(limits: Limits) -> timedelta:
    """How far back what was said to a customer matters: the longest limit."""
    return max(_WEEK, limits.cooldown)


class Docket:
    """Reads once what the whole batch needs, in the caller's transaction; `page` is what to write.

    `journal_next` by journal partition is how far the ledger has read; `now` is a business time.
    """

    def __init__(
        self,
        connection: Connection,
        issues: Iterable[Issue],
        limits: Limits,
        journal_next: dict[int, int],
        now: datetime,
        rules: Decide = decide,
    ) -> None:
        issues = list(issues)
        self._limits, self._journal_next, self._now, self._rules = limits, journal_next, now, rules
        self._decided = decided(connection, (issue.issue_id for issue in issues))
        fresh = {issue.customer_id for issue in issues if issue.issue_id not in self._decided}
        self._since = now - reach_back(limits)
        objects = {issue.object for issue in issues if issue.issue_id not in self._decided}
        causes = {issue.cause for issue in issues if issue.issue_id not in self._decided}
        self._known: dict[str, Known] = standings(connection, fresh, self._since, objects, causes)
        self._said: dict[str, list[Told]] = {customer: known.told() for customer, known in self._known.items()}
        self._in_line = {issue_id for known in self._known.values() for issue_id in known.in_line()}
        self._open: dict[Trouble, str] = open_troubles(connection, {issue.customer_id for issue in issues})
        self.page = Page()
        self.known = 0
        """Issues that were opened anew, and had a decision."""

    def take(self, issue: Issue) -> None:
        """Decide an issue never decided before, whatever change it comes with; close the episode of a resolved one.

        Raises `RecordNotCaughtUp` when the ledger has not passed the issue's place in the journal.
        """
        if issue.issue_id not in self._decided:
            self._decide(issue)
        elif issue.change == "opened":
            self.known += 1
        if issue.change == "resolved":
            self._close(issue)

    def _decide(self, issue: Issue) -> None:
        trouble = (issue.customer_id, issue.detector, issue.object)
        standing = msgspec.structs.replace(
            self._known[issue.customer_id].standing,
            told=[one for one in self._said[issue.customer_id] if self._counts(one, issue)],
            journal_next=self._journal_next.get(issue.journal_partition, 0),
        )
        decision = self._rules(issue, standing, self._limits, self._now)
        if self._open.get(trouble) is not None:
            decision = msgspec.structs.replace(
                decision,
                verdict="hold",
                rule=ALREADY_OPEN,
                reason=ALREADY_OPEN,
                channel="",
                not_before=None,
                expires_at=None,
            )
        else:
            self._open[trouble] = issue.issue_id
            self.page.opened[issue.issue_id] = trouble
        self._decided.add(issue.issue_id)
        self.page.decisions.append(decision)
        if decision.verdict == "tell":
            self._say(decision)

    def _counts(self, told: Told, issue: Issue) -> bool:
        """Whether what was said matters for the issue: lately, or ever of the same object or with the same cause."""
        shared = bool(issue.cause) and told.cause == issue.cause
        return told.at >= self._since or told.object == issue.object or shared

    def _say(self, decision: Decision) -> None:
        issue = decision.issue
        told = Told(
            issue_id=issue.issue_id,
            detector=issue.detector,
            object=issue.object,
            channel=decision.channel,
            at=self._now,
            severity=issue.severity,
            stage=issue.stage,
            cause=issue.cause,
        )
        self._said[issue.customer_id] = [told, *self._said[issue.customer_id]]
        self._in_line.add(issue.issue_id)

    def _close(self, issue: Issue) -> None:
        trouble = (issue.customer_id, issue.detector, issue.object)
        if self._open.get(trouble) == issue.issue_id:
            del self._open[trouble]
        self.page.closed.setdefault(issue.issue_id, issue.at)
        said = self._said.get(issue.customer_id)
        if said is not None and issue.issue_id in self._in_line:  # else it was sent, and counts
            self._said[issue.customer_id] = [one for one in said if one.issue_id != issue.issue_id]
