"""Every detector has words for its customers, and the words keep the house's promises: service, and nothing sold."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from detectors.catalogue import all_detectors
from detectors.detector import Detector
from detectors.pipeline import Pipeline
from models.issues import Issue
from notifiers.rendering import TEMPLATES, Rendered, render

DETECTORS = all_detectors()
SELLING = re.compile(
    r"\b(?:offers?|discounts?|deals?|sale|free|buy|upgrades?|premium|vouchers?|coupons?|promo\w*|newsletter|"
    r"recommend\w*|shop now|exclusive|save|bonus|gift|% off)\b",
    re.IGNORECASE,
)
OURS = re.compile(r"\b(?:score|probability|model|detector|logit|episode|issue|event|signal|partition)\b", re.IGNORECASE)


def troubles(detector: Detector[Any, Any]) -> list[Issue]:
    pipeline = Pipeline([detector], 0)
    for offset, event in enumerate(detector.story_of_trouble()):
        pipeline.apply(event, offset)
    return [issue for issue in pipeline.drain().issues if issue.change != "resolved"]


def mails(detector: Detector[Any, Any]) -> list[Rendered]:
    return [render(issue, name="Ada", locale="en-US", zone="America/New_York") for issue in troubles(detector)]


def ids(detector: Detector[Any, Any]) -> str:
    return str(detector.name)


class Seen(HTMLParser):
    """Tags in order, attributes by name, and the words of the body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("detector", DETECTORS, ids=ids)
def test_the_story_of_trouble_becomes_a_mail(detector: Detector[Any, Any]) -> None:
    assert len(mails(detector)) >= 1
    for mail in mails(detector):
        assert 10 <= len(mail.subject) <= 78
        assert mail.text.startswith("Hello Ada,\n\n")
        assert max(len(line) for line in mail.text.splitlines()) <= 72
        assert len(mail.text.split()) <= 120
        for title in ("What happened:\n", "What we did:\n", "What is left to do:\n"):
            assert mail.text.count(title) == 1


@pytest.mark.parametrize("detector", DETECTORS, ids=ids)
def test_the_short_words_stand_alone_on_a_screen_that_anybody_may_see(detector: Detector[Any, Any]) -> None:
    for mail in mails(detector):
        assert 20 <= len(mail.short) <= 300
        assert mail.short.endswith(".")
        assert not re.search(r"\b(?:Ada|mail|answer)\b", mail.short)


@pytest.mark.parametrize("detector", DETECTORS, ids=ids)
def test_nothing_is_sold_nothing_is_linked_and_our_own_words_stay_ours(detector: Detector[Any, Any]) -> None:
    for mail in mails(detector):
        for said in (
            mail.subject,
            mail.text,
            mail.short,
            unescape(re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", mail.html)),
        ):
            assert not SELLING.search(said)
            assert not OURS.search(said)
            assert "://" not in said
            assert "{{" not in said


@pytest.mark.parametrize("detector", DETECTORS, ids=ids)
def test_the_html_is_whole_and_loads_nothing(detector: Detector[Any, Any]) -> None:
    for mail in mails(detector):
        seen = Seen(mail.html)
        assert seen.open == []
        assert not {"a", "img", "script", "link", "iframe", "form", "object", "video"} & set(seen.tags)
        assert not {"href", "src", "onload", "onclick", "background"} & seen.attributes
        assert "url(" not in mail.html
        assert "@import" not in mail.html
        assert len(mail.html.encode()) < 20_000


def test_every_template_belongs_to_a_detector() -> None:
    names = {path.name.partition(".")[0] for path in TEMPLATES.iterdir() if not path.name.startswith("_")}
    assert names == {detector.name for detector in DETECTORS}
