"""Each alert has a page that helps at night: short, in the same order, with commands that exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from beforehand.cli import app
from tests.alert_files import ROOT, alerts

FOLDER = ROOT / "docs" / "runbooks"
PAGES = sorted(file for file in FOLDER.glob("*.md") if file.stem != "README")
HEADINGS = ["Meaning", "What the customer feels", "First three commands", "Stop the bleeding", "Recover", "Verify"]


def commands_in(page: str) -> Iterator[str]:
    """In blocks and in the text; a bare name of a command in the text is none."""
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`(beforehand [a-z-]+ [^`]+|beforehand (?:doctor|up|settings))`", " ".join(page.split()))


def parse(line: str) -> None:
    """As the command line would, to the last option, and do nothing. Raises a usage error."""
    words = shlex.split(line)[1:]
    command: Any = typer.main.get_command(app)
    context = command.context_class(command, info_name="beforehand")
    while hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(context, words)
        context = command.context_class(command, parent=context, info_name=name)
    command.parse_args(context, list(words))


def test_there_is_one_page_per_alert() -> None:
    assert {file.stem for file in PAGES} == {alert["alert"] for alert in alerts()}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.stem))
def test_a_page_says_what_to_do_in_under_a_page(file: Path) -> None:
    page = file.read_text()
    assert page.startswith(f"# {file.stem}\n")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .*$", page, flags=re.MULTILINE))
    assert len(page.splitlines()) < 60
    [block] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(block.splitlines()) == 3


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.stem))
def test_every_command_of_a_page_exists_with_its_options(file: Path) -> None:
    found = list(commands_in(file.read_text()))
    for line in found:
        program = shlex.split(line)[0]
        if program == "beforehand":
            parse(line)
        else:
            assert program in ("tail", "promtool", "amtool"), line
    assert any(line.startswith("beforehand") for line in found)


@pytest.mark.parametrize("line", ["beforehand outreach stop", "beforehand outreach halt", "beforehand status --onse"])
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing"):
        parse(line)


@pytest.mark.parametrize("alert", sorted({one["alert"] for one in alerts()}))
def test_a_page_names_only_other_alerts_that_exist(alert: str) -> None:
    page = (FOLDER / f"{alert}.md").read_text()
    assert set(re.findall(r"see ([A-Z][a-z]+[A-Z]\w+)", page)) <= {one["alert"] for one in alerts()}
