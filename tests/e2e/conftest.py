"""Brokers and commands that several files of tests ask for."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from tests.command_line import command_line
from tests.e2e.commands import Here
from tests.e2e.dead_letter_cases import letter_broker
from tests.telling import create_topics


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """The test's own, with what the roles that tell read: it may be filled, stopped and killed."""
    with Broker(tmp_path / "kafka") as started:
        create_topics(started.bootstrap)
        yield started
    shutil.rmtree(tmp_path / "kafka", ignore_errors=True)


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One with the service's own topics, for tests of what is set aside."""
    with letter_broker(tmp_path_factory.mktemp("letters")) as started:
        yield started


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """A command in this process: quicker than one of its own, the same code from its words to its exit code."""

    def run(words: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        for name in [name for name in os.environ if name.startswith("BEFOREHAND_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(f"BEFOREHAND_{name.upper()}", value)
        monkeypatch.chdir(folder)
        return subprocess.CompletedProcess(words, *command_line(monkeypatch, capsys)(*words))

    return run
