"""How dead letters look in a terminal. Nothing of an original's values is ever in it."""

from collections import Counter
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from models.letter_preview import preview, shown_name, sized
from models.letters import Letter
from streams.letters.reading import Handled
from streams.letters.working import Tally

MAX_WHYS = 10


class Listing:
    """Takes letters in, keeps the first `most` rows and counts all of them by reason. `all_`: the handled, too."""

    def __init__(self, most: int, all_: bool) -> None:
        self._most, self._all = most, all_
        self._counts: Counter[str] = Counter()
        self._rows: list[tuple[str, ...]] = []

    def take(self, letter: Letter, done: Handled | None) -> None:
        """One letter, and what was done about it."""
        if done is not None and not self._all:
            return
        self._counts[letter.reason] += 1
        if len(self._rows) < self._most:
            place = f"{letter.topic}/{letter.partition}/{letter.offset}"
            row = (letter.name, letter.reason, place, _when(letter.at_ms), letter.detail)
            self._rows.append((*row, _state(done)) if self._all else row)

    def tables(self) -> list[Table | Text]:
        """The rows, then the counts."""
        if not self._counts:
            return [Text("nothing waits")]
        rows = Table("id", "reason", "topic/partition/offset", "set aside (UTC)", "detail", box=None)
        if self._all:
            rows.add_column("state")
        for row in self._rows:
            rows.add_row(*map(Text, row))
        counts = Table("reason", "letters", box=None)
        for reason, count in self._counts.most_common():
            counts.add_row(Text(reason), str(count))
        hidden = self._counts.total() - len(self._rows)
        more = [Text(f"and {hidden} more: see --max, --reason, --since")] if hidden else []
        return [rows, *more, Text(), counts]


def described(letter: Letter, done: Handled | None) -> Text:
    """All that can be shown of a letter, in lines."""
    lines = [
        f"dead letter {letter.name}, set aside {_when(letter.at_ms)} UTC by {letter.stage}: {_state(done)}",
        f"from    {letter.topic}, partition {letter.partition}, offset {letter.offset}",
        f"reason  {letter.reason}: {letter.detail}",
        f"key     {sized(letter.key)}",
        *(f"header  {shown_name(name)}: {sized(text)}" for name, text in letter.headers),
        *(f"body    {line}" for line in preview(letter.value)),
    ]
    return Text("\n".join([*lines, ""]))


def summary(did: str, tally: Tally, dry_run: bool) -> Text:
    """What was done, and what was left and why."""
    words = f"would be {did}" if dry_run else did
    parts = ", ".join(f"{reason} {count}" for reason, count in tally.done.most_common())
    total = tally.done.total()
    lines = [f"{total} {words}" + (f" ({parts})" if parts else "")]
    most = tally.left.most_common(MAX_WHYS)
    lines += [f"{count} left: they {why}" for why, count in most]
    if others := tally.left.total() - sum(count for _, count in most):
        lines.append(f"{others} left for other reasons: see --reason")
    return Text("\n".join(lines))


def _state(done: Handled | None) -> str:
    if done is None:
        return "waits"
    repaired = " repaired" if done.repaired else ""
    return f"{done.did}{repaired} {done.at:%Y-%m-%d %H:%M:%S}"


def _when(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
