"""Mentions as tokens, and what the lexicon makes of them, in several languages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.sources.shop_words import ANGER, PRAISE
from detectors.voice.lexicon import HAPPY, MOST_FEELING, UNHAPPY, feeling
from detectors.voice.text import MOST, tokens
from models.events.example_frozen import ExampleFrozen
from models.events.mention_posted import MentionPosted

ALIKE = [
    ("ﬂight １２", "flight 12"),
    ("gate 17", "gate 4"),
    ("sooooo late", "soooooooo late"),
    ("Bags Lost", "bags lost"),
    ("see https://a.example/x now", "see www.b.example now"),
    ("don’t", "don't"),
]


@given(st.text(max_size=700))
def test_any_text_becomes_a_bounded_set_of_checksums(text: str) -> None:
    found = tokens(text)
    assert len(found) == len(set(found)) <= MOST
    assert all(re.fullmatch(r"[0-9a-f]{1,8}", one) for one in found)
    assert found == tokens(text)
    assert -MOST_FEELING <= feeling(text) <= MOST_FEELING


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_is_said_alike_has_the_same_tokens(one: str, other: str) -> None:
    assert set(tokens(one)) == set(tokens(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("good", "not good"), ("fine", "FINE FINE"), ("fine", "fine 😡"), ("late", "late!!"), ("soo late", "so late")],
)
def test_what_changes_the_tone_changes_the_tokens(one: str, other: str) -> None:
    assert set(tokens(one)) != set(tokens(other))


def test_a_hashtag_and_a_slip_of_the_pen_share_pieces_with_the_word() -> None:
    word = set(tokens("disappointed"))
    assert len(word & set(tokens("#disappointed"))) > 0.8 * len(word) - 2
    assert len(word & set(tokens("dissapointed"))) > 0.3 * len(word)


def test_a_negation_turns_words_up_to_the_end_of_its_clause() -> None:
    assert set(tokens("not good")) & set(tokens("never good")) > set(tokens("good")) & set(tokens("never. good"))


def test_the_longest_mention_fits_the_example_that_is_frozen_of_it() -> None:
    text = " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}xyzab" for n in range(60))[:500]
    assert len(tokens(text)) == MOST
    field = ExampleFrozen.example().data.__struct_fields__
    assert "tokens" in field
    assert len(MentionPosted.example().data.text) <= 500


@pytest.mark.parametrize("language", ["en", "pt", "es", "de"])
def test_the_lexicon_tells_complaints_from_praise_in_each_language(language: str) -> None:
    assert all(feeling(text) > 0.0 for text in ANGER[language])
    assert all(feeling(text) < 0.0 for text in PRAISE[language])


@pytest.mark.parametrize("text", ["not good", "não recomendo", "nicht zufrieden", "no me gusta, nada perfecto"])
def test_a_happy_word_behind_a_negation_is_unhappy(text: str) -> None:
    assert feeling(text) > 0.0


def test_no_beginning_stands_on_both_sides() -> None:
    assert set() == UNHAPPY & HAPPY
