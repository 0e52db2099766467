"""The commands that README and docs name: in blocks and in the text, without the words around them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", *sorted(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md")))
_PROGRAMS = r"(?:beforehand|make|python3?|docker|promtool|amtool|tail|sed)"
_OURS = re.compile(r"^(?:docker compose exec \w+ |\.venv/bin/)?python -m beforehand\b")


def in_blocks(page: str) -> list[str]:
    """Lines of its code blocks that are commands."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", _text(page), re.DOTALL | re.MULTILINE)
    lines = [_plain(line) for language, block in blocks if language in ("", "sh") for line in block.splitlines()]
    return [line for line in lines if re.match(_PROGRAMS + r"\s", line)]


def in_text(page: str) -> list[str]:
    """What its running text sets as a command of more than one word."""
    spans = [_plain(span) for span in _spans(page)]
    return [span for span in spans if re.match(_PROGRAMS + r"\s", span)]


def queries_in(page: str) -> list[str]:
    """SQL for the ledger."""
    return [span for span in _spans(page) if re.match(r"(?i)(select|update|delete|insert)\s", span)]


def leaves_in(page: str) -> set[str]:
    """Our commands by bare name, as README lists them: `topics apply|check` are two."""
    found = set()
    for span in _spans(page):
        if re.fullmatch(r"[a-z-]+(?: [a-z|]+)?(?: ROLE\.\.\.)?", span):
            first, _, rest = span.removesuffix(" ROLE...").partition(" ")
            found |= {f"{first} {one}".strip() for one in rest.split("|")}
    return found


def _text(page: str) -> str:
    return (ROOT / page).read_text()


def _spans(page: str) -> list[str]:
    text = re.sub(r"```.*?```", "", _text(page), flags=re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def _plain(line: str) -> str:
    return _OURS.sub("beforehand", re.sub(r"\s+# .*", "", line.strip()))
