"""What unhappy and happy words begin with, in four languages: a first opinion, before anything has been learned.

It was written by hand, from what people say of late, lost, broken and rude, and from how they thank; not fitted to any
data.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

from detectors.voice.text import LONGEST, NEGATIONS, REACH

_ENGLISH = """
worst terribl awful horribl delay cancel lost broke damag late rude never wait hour fail disappoint unaccept ridicul
useless wrong missing angry hate scam poor ignor stuck nobody complain disgrac joke refund sorry bad worse dirty smashed
nightmare incompeten wtf suck fuming unhelpful overcharg stranded
"""
_PORTUGUESE = """
pessim horriv atras cancel quebr danific reclam decepc vergonh ninguem absurd ruim lixo demor extravi perdid errad
esperando descaso engan golpe reembols pior nunca sumiu
"""
_SPANISH = """
pesim horribl retras rota roto danad queja decepc verguenz nadie inacept basura tarda perdid equivoc estafa fatal peor
nunca enfad robo averi
"""
_GERMAN = """
schlecht schlimm furchtbar schrecklich verspat storn kaputt beschadigt defekt enttausch unverschamt niemand warte
verloren falsch arger frech katastroph unmoglich peinlich betrug mies beschwer fehlt leider zerbroch unfreundlich frust
"""
_THANKS = """
thank great love awesome best good amazing excellent happy nice perfect appreciat helpful wonderful kudos superb
obrigad otim excelent ador maravilh perfeit recomend amei parabens melhor gostei
gracias genial encant recomiend mejor content feliz estupend
danke super toll prima gern bestens perfekt freundlich nett klasse zufried wunderbar schnell freu
"""

UNHAPPY: Final = frozenset((_ENGLISH + _PORTUGUESE + _SPANISH + _GERMAN).split())
HAPPY: Final = frozenset(_THANKS.split())

_SHORT: Final = {"mal": 1, "bom": -1, "boa": -1, "bien": -1, "bueno": -1, "buena": -1, "nie": 1, "thx": -1, "ty": -1}
"""Whole words that are too short to begin others."""

_FACES: Final = {**dict.fromkeys("😡🤬😠😤😢😭👎💔😒🙄😩😞", 1), **dict.fromkeys("😊😍❤👍🎉🙏😀😁🥰💕😄", -1)}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]")
_LEAST, _MOST = 3, 12
MOST_FEELING: Final = 4.0


def feeling(text: str) -> float:
    """Unhappy words less happy ones, between -4 and 4. Behind a negation a happy one is unhappy; no other is turned."""
    total, turned = 0, 0
    for match in _WORD.finditer(normalize("NFKC", text[:LONGEST]).casefold()):
        word = match.group()
        if not word[0].isalpha():
            total += _FACES.get(word, 0)
            turned = 0 if word in ".!?;" else turned
            continue
        plain = word.replace("'", "").replace("’", "")
        weight = _weight(plain)
        total += 1 if turned and weight < 0 else weight
        turned = REACH if plain in NEGATIONS else max(0, turned - 1)
    return max(-MOST_FEELING, min(MOST_FEELING, float(total)))


@lru_cache(maxsize=8192)
def _weight(word: str) -> int:
    """1 for an unhappy word, -1 for a happy one, by the longest beginning that is known."""
    bare = "".join(sign for sign in normalize("NFKD", word) if not combining(sign))
    if bare in _SHORT:
        return _SHORT[bare]
    for length in range(min(_MOST, len(bare)), _LEAST - 1, -1):
        if bare[:length] in UNHAPPY:
            return 1
        if bare[:length] in HAPPY:
            return -1
    return 0
