"""Complaints in public: a lexicon to begin with, then what was learned from agents who read them."""

import hashlib
from zlib import crc32

import pytest

from detectors.catalogue import all_detectors
from detectors.learning.snapshot import LAYOUT, Linear, Snapshot, encode
from detectors.pipeline import Pipeline
from detectors.scenes import after, tick
from detectors.voice.text import tokens
from models.events.base import Event
from models.events.example_frozen import ExampleFrozen
from models.events.example_labelled import ExampleLabelled
from models.events.mention_posted import MentionPosted, MentionPostedData
from models.events.mention_triaged import MentionTriaged, MentionTriagedData
from models.events.model_updated import ModelUpdated, ModelUpdatedData
from streams.roles.decide import limits_of
from streams.settings import Settings
from tests.told import changes, told

NAME, DAY, BITS = "unhappy_mention", 24 * 60, 16
ANGRY = "worst service, my bag is lost"


def wrote(minute: float, text: str = ANGRY) -> Event:
    data = MentionPostedData(via="forum", text=text)
    return MentionPosted(id=f"m-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def read(minute: float, mention: str, *, unhappy: bool = True) -> Event:
    data = MentionTriagedData(mention_id=mention, unhappy=unhappy)
    return MentionTriaged(id=f"r-{minute}", source="t", subject="c-1", time=after(minute), data=data)


def learned(text: str, weight: float, *, shadowed: bool = False) -> Event:
    """A snapshot that knows the tokens of one text."""
    hashed = [0.0] * 2**BITS
    for token in tokens(text):
        hashed[crc32(token.encode()) % 2**BITS] = weight
    linear = Linear(bias=-4.0, means=[0.0], scales=[1.0], weights=[0.0], missing=[0.0], hashed=hashed)
    body, digest = encode(Snapshot(names=("lexicon",), parts=(linear,), mix=(1.0,)))
    assert digest == hashlib.sha256(body.encode()).hexdigest()
    data = ModelUpdatedData(digest=digest, layout=LAYOUT, body=body, shadowed=shadowed)
    return ModelUpdated(id="m", source="learn", subject=NAME, time=after(0), data=data)


def test_a_complaint_is_told_until_an_agent_has_read_it_or_for_three_days() -> None:
    assert changes(NAME, [wrote(0)]) == ["opened"]
    assert changes(NAME, [wrote(0), read(30, "m-0")]) == ["opened", "resolved"]
    assert changes(NAME, [wrote(0), tick("care.v1", 4 * DAY)]) == ["opened", "resolved"]
    assert changes(NAME, [wrote(0, "thank you, great crew")]) == []


def test_what_was_learned_counts_from_then_on_and_the_lexicon_alone_no_more() -> None:
    harmless = "the usual words about nothing"
    assert changes(NAME, [wrote(1, harmless)]) == []
    assert changes(NAME, [learned(harmless, 0.5), wrote(1, harmless)]) == ["opened"]
    assert changes(NAME, [learned(harmless, 0.5), wrote(1)]) == []


def test_a_model_that_has_drifted_opens_nothing() -> None:
    outputs = told(NAME, [learned(ANGRY, 0.5, shadowed=True), wrote(1)])
    assert outputs.issues == []
    assert [signal.warm for signal in outputs.signals] == [False]


def test_every_mention_is_frozen_without_its_words_and_labelled_by_who_has_read_it() -> None:
    pipeline = Pipeline([one for one in all_detectors() if one.name == NAME], 0)
    for offset, event in enumerate([wrote(0, "hello there"), read(90, "m-0", unhappy=False)]):
        pipeline.apply(event, offset)
    frozen, labelled = pipeline.drain().examples
    assert isinstance(frozen, ExampleFrozen)
    assert isinstance(labelled, ExampleLabelled)
    assert (frozen.data.object, labelled.data.object, labelled.data.value) == ("m-0", "m-0", 0.0)
    assert frozen.data.probability == pytest.approx(0.27, abs=0.01)
    assert "hello" not in str(frozen)


def test_it_keeps_nothing_of_what_was_said() -> None:
    states = told(NAME, [wrote(0)]).states
    assert b"bag" not in (dict(states)[b"c-1"] or b"")


def test_it_is_for_the_shops_own_people() -> None:
    assert Settings.model_fields["detector_channels"].default[NAME] == ["webhook"]
    assert limits_of(Settings()).channels_for(NAME) == ()
