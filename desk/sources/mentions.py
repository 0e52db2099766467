"""What people wrote to six airlines in public, February 2015; the truth is what readers took it for.

The writer is not in the table, so each mention is somebody else's.
"""

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from desk.questions import Ask, Question
from desk.sources.csv_tables import folder_of, seconds, table
from desk.sources.history import History, check_window
from desk.sources.source import Truth
from models.events.base import Event
from models.events.mention_posted import MentionPosted, MentionPostedData

COLUMNS = ["tweet_id", "airline_sentiment", "negativereason", "airline", "text", "tweet_created"]
LONGEST = 500


class Mentions(History):
    """Mentions written in [since, until)."""

    name = "mentions"
    beat = timedelta(minutes=1)

    def __init__(self, data: Path, since: datetime | None = None, until: datetime | None = None) -> None:
        folder = folder_of(self.name, data, "airline_tweets", "tweets")
        found = table(self.name, folder, "tweets", COLUMNS)
        found["at"] = seconds(self.name, "tweets, tweet_created", found["tweet_created"], "mixed")
        found = found.drop_duplicates("tweet_id").sort_values(["at", "tweet_id"], ignore_index=True)
        at = found["at"].to_numpy(np.int64)
        first, last = (datetime.fromtimestamp(int(one), UTC) for one in ((at[0], at[-1]) if at.size else (0, 0)))
        self.since, self.until = since or first, until or last + timedelta(seconds=1)
        inside = (at >= int(self.since.timestamp())) & (at < int(self.until.timestamp()))
        check_window(self.name, self.since, self.until, int(inside.sum()), (first, last))
        self._rows: list[dict[Hashable, Any]] = found[inside].fillna("").to_dict("records")
        self.length = len(self._rows)

    def events(self) -> Iterator[Event]:
        """In time order; the table knows minutes."""
        for row in self._rows:
            data = MentionPostedData(via="twitter", text=row["text"][:LONGEST], entities={"airline": row["airline"]})
            at = datetime.fromtimestamp(int(row["at"]), UTC)
            yield MentionPosted(id=row["tweet_id"], source=self.name, subject=_writer(row), time=at, data=data)

    def truth(self) -> list[Truth]:
        """Whether readers took it for a complaint."""
        return [
            Truth(
                customer_id=_writer(row), object=row["tweet_id"], detector="", trouble=_complains(row),
                felt_at=datetime.fromtimestamp(int(row["at"]), UTC),
                promised_by=datetime.fromtimestamp(int(row["at"]), UTC),
            )
            for row in self._rows
        ]  # fmt: skip

    def questions(self) -> list[Question]:
        """Whether it is a complaint."""
        asks = [
            Ask(
                object=row["tweet_id"], customer_id=_writer(row), trouble=_complains(row),
                at=datetime.fromtimestamp(int(row["at"]), UTC), segment={"airline": row["airline"]},
            )
            for row in self._rows
        ]  # fmt: skip
        return [Question(name="mention", title="is it a complaint?", asks=asks, usual=0.0, about=MentionPosted)]


def _writer(row: dict[Hashable, Any]) -> str:
    return f"writer-of-{row['tweet_id']}"


def _complains(row: dict[Hashable, Any]) -> bool:
    return bool(row["airline_sentiment"] == "negative")
