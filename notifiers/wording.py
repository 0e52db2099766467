"""A rendered text taken apart, so that text and HTML always say the same.

A text template gives paragraphs: a greeting, one sentence that says it all, parts that begin with a title on a line
of its own ending in a colon, and a closing.
"""

import re
from textwrap import fill

import msgspec

LINE = 72
_TITLE = re.compile(r"([A-Z][A-Za-z' ]{2,39}):\n(.+)", re.DOTALL)


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one message, without any layout."""

    greeting: str
    lead: str
    parts: list[tuple[str, str]]
    closing: str

    def as_text(self) -> str:
        """Lines of at most 72 characters, where words allow, and an empty line between paragraphs."""
        parts = [f"{title}:\n{_filled(words)}" for title, words in self.parts]
        return "\n\n".join([_filled(self.greeting), _filled(self.lead), *parts, _filled(self.closing)]) + "\n"


def take_apart(text: str) -> Wording:
    """Read a rendered text. Raises ValueError when it does not have the shape."""
    paragraphs = [one.strip() for one in re.split(r"\n\s*\n", text) if one.strip()]
    if len(paragraphs) < 4:
        raise ValueError("a text needs a greeting, a lead, parts and a closing")
    greeting, lead, *middle, closing = paragraphs
    parts = []
    for one in middle:
        match = _TITLE.fullmatch(one)
        if match is None:
            raise ValueError("a part of a text needs a title, a colon and words")
        parts.append((match.group(1), _plain(match.group(2))))
    return Wording(greeting=_plain(greeting), lead=_plain(lead), parts=parts, closing=_plain(closing))


def _plain(words: str) -> str:
    return " ".join(words.split())


def _filled(words: str) -> str:
    return fill(words, LINE, break_long_words=False, break_on_hyphens=False)
