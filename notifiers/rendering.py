"""An issue as words for its customer: subject, text and HTML from the templates of its detector.

Templates are files of this repository. Values stay values: bounded, checked, escaped, and never a source of links.
A new detector needs `<detector>.subject` and `<detector>.txt`; the HTML is the same words in `_mail.html`. Where there
is no room for a letter the sentence that says it all stands alone, or the words of `<detector>.short` where it exists.
"""

import re
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateNotFound, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.issues import Issue
from models.notifications import PermanentFailure
from notifiers.headers import is_clean, require_subject, shown_name
from notifiers.moments import wall_clock
from notifiers.wording import take_apart

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_VALUE = 200
_LINK = re.compile(r"://|\bwww\.|\b(?:mailto|javascript|data|tel):", re.IGNORECASE)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class CannotRenderError(PermanentFailure):
    """There is no template, or a value that it needs is missing or unfit to be shown. Nothing may be sent."""


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer gets to read."""

    subject: str
    text: str
    html: str
    short: str


def render(issue: Issue, *, name: str, locale: str, zone: str) -> Rendered:
    """The words of an issue. The same arguments give the same words.

    `name` is shown only when it is plainly a name; times are shown in `zone`, in UTC when it is not known; `locale`
    picks the language where the detector's templates have it, else English. Raises `CannotRenderError`.
    """
    try:
        return _rendered(issue, _values(issue, name, zone), _language(issue.detector, locale))
    except TemplateNotFound:
        raise CannotRenderError(f"{issue.detector} has no template; write one in notifiers/templates") from None
    except (UndefinedError, PermanentFailure) as error:  # these name the value, and do not show it
        raise CannotRenderError(f"{issue.detector} cannot be put into words: {error}") from None
    except Exception as error:
        raise CannotRenderError(f"{issue.detector} cannot be put into words ({type(error).__name__})") from None


def _rendered(issue: Issue, values: dict[str, object], language: str) -> Rendered:
    infix = "" if language == "en" else f".{language}"
    subject, text = (_template(f"{issue.detector}{infix}.{kind}").render(values) for kind in ("subject", "txt"))
    subject, words = require_subject(" ".join(subject.split())), take_apart(text)
    html = _template("_mail.html").render(language=language, subject=subject, **msgspec.structs.asdict(words))
    short = _short(f"{issue.detector}{infix}.short", values) or words.lead
    return Rendered(subject=subject, text=words.as_text(), html=html, short=short)


def _short(name: str, values: dict[str, object]) -> str:
    """The words for where a letter has no room; none when there is no template. No name: it may be anybody's screen."""
    if not (TEMPLATES / name).exists():
        return ""
    return " ".join(_template(name).render({**values, "name": ""}).split())


def _values(issue: Issue, name: str, zone: str) -> dict[str, object]:
    """What a template may show, and nothing else. Facts unfit to be shown are left out: who needs one fails."""
    facts = {key: value for key, value in issue.evidence.facts.items() if _KEY.fullmatch(key) and _is_fit(value)}
    return {"name": shown_name(name), "facts": facts, "since": issue.evidence.since, "zone": zone}


def _is_fit(value: str) -> bool:
    return len(value) <= LONGEST_VALUE and is_clean(value) and not _LINK.search(value)


def _language(detector: str, locale: str) -> str:
    match = _LANGUAGE.match(locale.lower())
    return match.group() if match and (TEMPLATES / f"{detector}.{match.group()}.txt").exists() else "en"


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=lambda name: name is not None and name.endswith(".html"),
    )
    environment.filters["moment"] = wall_clock
    return environment
