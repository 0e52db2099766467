"""What a check found: fine, or what is wrong and what to do about it."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's. `wrong` empty: `fine` says what was seen."""

    about: str
    fine: str = ""
    wrong: str = ""
    do: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is to be done."""
        return not self.wrong


def wrong(about: str, sentence: str) -> Finding:
    """From an operator's sentence: what is wrong stands before the colon's last part, what to do behind it."""
    what, _, do = sentence.rpartition(": ")
    return Finding(about, wrong=what or sentence, do=do if what else "see the documentation")
