"""The command line in this very process: a new one takes longer to start than most commands."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from beforehand.cli import main


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Type = Callable[..., Said]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """`typed("status", "--once")`: the same code as a person's, from its words to its exit code."""

    def typed(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["beforehand", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(ended.value.code if isinstance(ended.value.code, int) else 0, *capsys.readouterr())

    return typed
