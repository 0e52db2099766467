"""The folder of accepted mails: one file per acceptance, so that a duplicate is a second file, and a line for each.

`new/00000001.eml` is the mail as it came, nothing added;
`accepted.jsonl` has `{"seq": 1, "at_unix": ..., "message_id": "<...>", "to": ["..."]}`.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email import message_from_bytes
from pathlib import Path

LOG = "accepted.jsonl"


@dataclass(frozen=True)
class Accepted:
    """One acceptance. `at_unix` is real time, in seconds; `to` are the recipients of the envelope."""

    seq: int
    at_unix: float
    message_id: str
    to: list[str]

    def path(self, folder: Path) -> Path:
        """The mail itself."""
        return folder / "new" / f"{self.seq:08d}.eml"


class Keeper:
    """Writes into one folder, going on after what is there. One writer per folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.count = max((int(one.stem) for one in (folder / "new").glob("*.eml")), default=0)
        _end_at_a_line(folder / LOG)
        self._log = (folder / LOG).open("a", encoding="utf-8")

    def keep(self, content: bytes, to: Sequence[str]) -> Accepted:
        """Write the mail, then its line. Both are with the operating system when this returns; neither is synced."""
        self.count += 1
        message_id = str(message_from_bytes(content).get("Message-ID", "")).strip()
        accepted = Accepted(seq=self.count, at_unix=time.time(), message_id=message_id, to=list(to))
        path = accepted.path(self.folder)
        unfinished = self.folder / "tmp" / path.name
        unfinished.write_bytes(content)
        unfinished.replace(path)
        self._log.write(json.dumps(asdict(accepted), ensure_ascii=False) + "\n")
        self._log.flush()
        return accepted

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def _end_at_a_line(log: Path) -> None:
    """Take off what a killed server left half written."""
    if log.exists():
        written = log.read_bytes()
        with log.open("r+b") as file:
            file.truncate(written.rfind(b"\n") + 1)


def read_accepted(folder: Path) -> list[Accepted]:
    """All acceptances so far, in order; none when the server has not started. A half-written last line is left out."""
    try:
        lines = (folder / LOG).read_text(encoding="utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    return [Accepted(**json.loads(line)) for line in lines if line.endswith("\n")]


def duplicates(folder: Path) -> dict[str, int]:
    """Message-ID -> how often it was accepted, for those accepted more than once."""
    counts = Counter(one.message_id for one in read_accepted(folder))
    return {message_id: count for message_id, count in counts.items() if count > 1}
