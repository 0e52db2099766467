"""A mention's text as hashed tokens: words, pairs of words, and pieces of words, in whatever language it is written.

Pieces of words (character n-grams) need no dictionary, no stemmer and no guess of the language, and forgive spelling:
Cavnar and Trenkle 1994; words and pairs of them beside pieces: Wang and Manning 2012. Hashing bounds what a model of
them can weigh (Weinberger et al. 2009).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize
from zlib import crc32

LONGEST: Final = 500
"""Characters that are read, like `models.fields.Text`."""
MOST: Final = 600
"""Tokens of one text."""
PIECES: Final = (3, 4, 5)
REACH: Final = 3
"""Words behind a negation that it turns."""

NEGATIONS: Final = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nobody",
        "nothing",
        "neither",
        "nor",
        "cannot",
        "cant",
        "wont",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "wasnt",
        "arent",
        "werent",
        "havent",
        "hasnt",
        "hadnt",
        "couldnt",
        "wouldnt",
        "shouldnt",
        "aint",
        "without",
        "não",
        "nao",
        "nunca",
        "nem",
        "nada",
        "nenhum",
        "nenhuma",
        "ninguém",
        "ninguem",
        "sem",
        "jamais",
        "nadie",
        "ningún",
        "ningun",
        "ninguna",
        "ninguno",
        "tampoco",
        "sin",
        "ni",
        "nicht",
        "nichts",
        "nie",
        "niemals",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keinem",
        "keines",
        "niemand",
        "ohne",
    ]
)
"""English, Portuguese, Spanish, German."""

_URL = re.compile(r"https?://\S+|www\.\S+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_LONG = re.compile(r"(\w)\1{2,}")
_PART = re.compile(r"[@#]?[^\W_]+(?:['’_-][^\W_]+)*|[!?]+|\.{2,}|[^\w\s]")
_APOSTROPHE = re.compile(r"['’]")
_CLAUSE = frozenset(".,;:!?…")


def tokens(text: str) -> tuple[str, ...]:
    """The text's tokens, each once, as checksums in hexadecimal; at most `MOST`. Empty when there is no sign in it.

    Checksums, because what is learned from must not hold what anybody wrote; they are hashed again into a model's
    table.
    """
    found: dict[str, None] = {}
    for one in _named(text):
        found[f"{crc32(one.encode()):x}"] = None
        if len(found) >= MOST:
            break
    return tuple(found)


def _named(text: str) -> Iterator[str]:
    plain = normalize("NFKC", text[:LONGEST])
    plain = _NUMBER.sub("0", _URL.sub(" ", plain))
    words: list[str] = []
    turned = 0
    for match in _PART.finditer(plain):
        part = match.group()
        if not part[-1].isalnum():
            turned = 0 if part[0] in _CLAUSE else turned
            yield from _sign(part)
            continue
        word = _LONG.sub(r"\1\1", _APOSTROPHE.sub("", part.casefold()))
        if _LONG.search(part):
            yield "long"
        if len(part) > 3 and part.isupper():
            yield "loud"
        negates = word in NEGATIONS
        yield f"w {word}"
        if turned and not negates:
            yield f"not {word}"
            turned -= 1
        turned = REACH if negates else turned
        words.append(word)
    yield from (f"p {first} {second}" for first, second in zip(["", *words], [*words, ""], strict=True))
    for word in words:
        yield from _pieces(word)


def _sign(part: str) -> Iterator[str]:
    """Punctuation that is a tone of voice, and pictures: an emoji is a word of its own."""
    if part[0] in "!?.":
        yield f"s {part[:3]}"
    elif category(part[0]) in ("So", "Sk", "Sm"):
        yield f"e {part[0]}"


@lru_cache(maxsize=8192)
def _pieces(word: str) -> tuple[str, ...]:
    whole = f" {word.lstrip('#@')} "[:42]
    return tuple(f"c {whole[at : at + size]}" for size in PIECES for at in range(len(whole) - size + 1))
