"""Writes the files of a new detector, whole or not at all. What they say is a working beginning, to be changed."""

import keyword
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import detectors
from detectors.catalogue import detector_types
from models.errors import OperatorError
from models.events.catalogue import event_types

ROOT = Path(detectors.__file__).parent.parent
SOURCES = ("orders.v1", "telemetry.v1", "care.v1")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_PAGES = Environment(  # noqa: S701 - the pages are Python and plain text
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True
)


class CannotWrite(OperatorError):
    """No detector can be written like this. Operator action: see the message."""


def write(area: str, name: str, event_type: str, root: Path = ROOT) -> list[Path]:
    """Write the detector, its mail and its scenario test; the files. Raises CannotWrite, then nothing was written."""
    texts = _texts(area, name, event_type)
    there = [file for file in texts if (root / file).exists() and file.name != "__init__.py"]
    if there:
        raise CannotWrite(f"{there[0]} is there already: choose another name, or change that file")
    written = []
    for file, text in texts.items():
        if not (root / file).exists():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, encoding="utf-8")
            written.append(file)
    return written


def _texts(area: str, name: str, event_type: str) -> dict[Path, str]:
    for what, word in (("AREA", area), ("NAME", name)):
        if not _NAME.match(word) or keyword.iskeyword(word):
            raise CannotWrite(f"{what} {word!r} is no name for it: write small letters and underscores: lost_basket")
    if name in {one.name for one in detector_types()}:
        raise CannotWrite(f"there is a detector {name} already: choose the name of another trouble")
    kinds = {kind: one for kind, one in event_types().items() if one.topic in SOURCES and not one.internal}
    if event_type not in kinds:
        raise CannotWrite(f"--event {event_type!r} is no event of a customer's: choose of {', '.join(kinds)}")
    kind = kinds[event_type]
    given = {
        "title": name.replace("_", " "), "name": name, "short": name.rpartition("_")[2], "topic": kind.topic,
        "cls": "".join(part.title() for part in name.split("_")), "event": kind.__name__, "module": kind.__module__,
        "type": event_type,
    }  # fmt: skip
    folder, words = Path("detectors") / area, Path("notifiers") / "templates"
    return {
        folder / "__init__.py": f'"""Trouble of the kind: {area.replace("_", " ")}."""\n',
        folder / f"{name}.py": _page("detector.py", given),
        words / f"{name}.txt": _page("mail.txt", given),
        words / f"{name}.subject": "We noticed that something went wrong\n",
        Path("tests") / "scenarios" / f"test_{name}.py": _page("scenario.py", given),
    }


def _page(name: str, given: dict[str, str]) -> str:
    return _PAGES.get_template(f"{name}.jinja").render(given)
