"""What people wrote to six airlines in public, February 2015; the truth is what readers took it for.

The writer is not in the table, so each mention is somebody else's.
"""

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from desk.questions import Ask, Question
from desk.sources.csv_tables import NEVER, folder_of, seconds, table
from desk.sources.history import History, check_window
from desk.sources.source import Truth
from models.events.base import Event
from models.events.mention_posted import MentionPosted, MentionPostedData
from models.events.mention_triaged import MentionTriaged, MentionTriagedData

COLUMNS = ["tweet_id", "airline_sentiment", "negativereason", "airline", "text", "tweet_created"]
LONGEST = 500
WORDS = ("cancel", "delay", "late", "lost", "wait", "hold", "hour", "worst", "never", "not", "no ")
"""What a person would look for first."""
NOTHING_KNOWN = "no mention had been read before the first row, so the null says 0: its Brier skill is no measure"
READ_AFTER = timedelta(hours=2)
"""When readers said what they took it for is not in the table: so long after it was written."""


class Mentions(History):
    """Mentions written before `until`; those written from `since` on are asked about."""

    name = "mentions"
    beat = timedelta(minutes=1)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        folder = folder_of(self.name, data, "airline_tweets", "tweets")
        found = table(self.name, folder, "tweets", COLUMNS)
        found["at"] = seconds(self.name, "tweets, tweet_created", found["tweet_created"], "mixed")
        found = (
            found[found["at"] < NEVER].drop_duplicates("tweet_id").sort_values(["at", "tweet_id"], ignore_index=True)
        )
        at = found["at"].to_numpy(np.int64)
        first, last = (datetime.fromtimestamp(int(one), UTC) for one in ((at[0], at[-1]) if at.size else (0, 0)))
        self.since, self.until = since or first, until or last + timedelta(seconds=1)
        start, end = int(self.since.timestamp()), int(self.until.timestamp())
        check_window(self.name, self.since, self.until, int(((at >= start) & (at < end)).sum()), (first, last))
        self._rows: list[dict[Hashable, Any]] = found[at < end].fillna("").to_dict("records")
        self._asked = [row for row in self._rows if row["at"] >= start]
        self.length = 2 * len(self._rows)

    def events(self) -> Iterator[Event]:
        """In time order; the table knows minutes. What readers took each for follows `READ_AFTER`."""
        posted = ((row["at"], self._posted(row)) for row in self._rows)
        read = ((row["at"] + READ_AFTER.total_seconds(), self._read(row)) for row in self._rows)
        for _, event in merge(posted, read, key=itemgetter(0)):
            yield event

    def _posted(self, row: dict[Hashable, Any]) -> Event:
        data = MentionPostedData(via="twitter", text=row["text"][:LONGEST], entities={"airline": row["airline"]})
        at = datetime.fromtimestamp(int(row["at"]), UTC)
        return MentionPosted(id=row["tweet_id"], source=self.name, subject=_writer(row), time=at, data=data)

    def _read(self, row: dict[Hashable, Any]) -> Event:
        data = MentionTriagedData(mention_id=row["tweet_id"], unhappy=_complains(row))
        at = datetime.fromtimestamp(int(row["at"]), UTC) + READ_AFTER
        name = f"{row['tweet_id']}-read"
        return MentionTriaged(id=name, source=self.name, subject=_writer(row), time=at, data=data)

    def truth(self) -> list[Truth]:
        """Whether readers took it for a complaint."""
        return [
            Truth(
                customer_id=_writer(row), object=row["tweet_id"], detector="unhappy_mention", trouble=_complains(row),
                felt_at=datetime.fromtimestamp(int(row["at"]), UTC),
                promised_by=datetime.fromtimestamp(int(row["at"]), UTC),
            )
            for row in self._asked
        ]  # fmt: skip

    def questions(self) -> list[Question]:
        """Whether it is a complaint."""
        asks = [
            Ask(
                object=row["tweet_id"], customer_id=_writer(row), trouble=_complains(row),
                at=datetime.fromtimestamp(int(row["at"]), UTC), segment={"airline": row["airline"]},
                rule=float(sum(word in row["text"].lower() for word in WORDS)),
            )
            for row in self._asked
        ]  # fmt: skip
        known = [
            _complains(row) for row in self._rows if row["at"] + READ_AFTER.total_seconds() < self.since.timestamp()
        ]
        return [
            Question(
                name="mention", title="is it a complaint?", asks=asks, usual=sum(known) / max(1, len(known)),
                detector="unhappy_mention", rule_name=f"how many of these it has: {', '.join(WORDS)}",
                note="" if known else NOTHING_KNOWN,
            )
        ]  # fmt: skip


def _writer(row: dict[Hashable, Any]) -> str:
    return f"writer-of-{row['tweet_id']}"


def _complains(row: dict[Hashable, Any]) -> bool:
    return bool(row["airline_sentiment"] == "negative")
