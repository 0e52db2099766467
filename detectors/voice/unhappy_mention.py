"""Trouble: the customer complains in public, and whoever could mend it does not know yet.

Like `low_score` it speaks to the shop's own people, by `webhook`: the customer has just said it, and everybody can
read it.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors import scenes
from detectors.detector import Detector, Params, State
from detectors.entities import short
from detectors.learning.lesson import Lesson, Online
from detectors.odds import over, probability
from detectors.readings import Alarm, Cancel, Freeze, Label, Moment, Output, Reading
from detectors.voice.lexicon import feeling
from detectors.voice.text import tokens
from models.events.base import Event
from models.events.mention_posted import MentionPosted, MentionPostedData
from models.events.mention_triaged import MentionTriaged
from models.instants import instant
from models.issues import Evidence

HOUR_S, DAY_S = 3_600.0, 86_400.0
MOST_OPEN = 2
MODEL = "unhappy_mention"


class UnhappyParams(Params, frozen=True):
    """Until enough was learned, each unhappy word weighs `word` logits, and a mention without any has `bias`.

    It is told for `settles_s`, or until an agent has read it. What they took it for is waited for `label_within_s`.
    """

    bias: Annotated[float, Meta(ge=-5.0, le=5.0)] = -1.0
    word: Annotated[float, Meta(ge=0.1, le=5.0)] = 1.2
    settles_s: Annotated[float, Meta(ge=HOUR_S, le=30 * DAY_S)] = 3 * DAY_S
    label_within_s: Annotated[float, Meta(ge=HOUR_S, le=30 * DAY_S)] = 14 * DAY_S


class Complaint(msgspec.Struct, array_like=True):
    """Where it stands, and when it was posted."""

    via: str
    at: int


class UnhappyState(State):
    """Complaints that nobody has read, the longest known first. What they say is not kept."""

    open: dict[str, Complaint] = {}


class UnhappyMention(Detector[UnhappyParams, UnhappyState]):
    """A lexicon in four languages to begin with, then logistic regression on hashed words and pieces of words.

    It learns from what agents say of mentions that they have read (`mention.triaged.v1`), with the lexicon's opinion as
    one of its values: so what was learned in one language is not lost to another.
    """

    name = "unhappy_mention"
    listens_to = (MentionPosted, MentionTriaged)
    clock = ("care.v1",)
    params_type = UnhappyParams
    state_type = UnhappyState
    learns = (
        Lesson(
            model=MODEL,
            names=("lexicon",),
            online=Online(rate=0.02, token_bits=16),
            publish_every_s=6 * HOUR_S,
            censored=False,  # what a mention says does not change by what we say
        ),
    )
    floor = "a public complaint of theirs that no agent has read"
    warm_up = "none: a lexicon stands in until 200 mentions have been read by agents"

    def observe(self, state: UnhappyState, event: Event, moment: Moment) -> Iterable[Output]:
        """A mention, or what an agent took it for."""
        if type(event) is MentionPosted:
            return self._posted(state, event, moment)
        if isinstance(event, MentionTriaged):
            data, thing = event.data, short(event.data.mention_id)
            read: list[Output] = [] if state.open.pop(thing, None) is None else [over(thing, "read"), Cancel(thing)]
            return [Label(MODEL, data.mention_id, float(data.unhappy)), *read]
        return ()

    def due(self, state: UnhappyState, alarm: Alarm, moment: Moment) -> Iterable[Output]:  # noqa: ARG002
        """It is no news any more."""
        return () if state.open.pop(alarm.object, None) is None else (over(alarm.object, "settled"),)

    def evidence(self, state: UnhappyState, reading: Reading, moment: Moment) -> Evidence:
        """Where it was said; never what."""
        complaint = state.open.get(reading.object)
        facts = {"about": reading.object, "stage": reading.stage}
        if complaint is None:
            return Evidence(since=instant(moment.now), expected="", actual=reading.stage, facts=facts)
        return Evidence(
            since=instant(complaint.at),
            expected="nothing to complain of",
            actual=f"an unhappy mention on {complaint.via} that no agent has read",
            factors=reading.factors(),
            facts=facts | {"via": complaint.via},
        )

    def _posted(self, state: UnhappyState, event: MentionPosted, moment: Moment) -> list[Output]:
        params, thing, now = self.params, short(event.id), moment.now
        words, found = feeling(event.data.text), tokens(event.data.text)
        score = params.bias + params.word * words
        likely, warm = probability(score), True
        learned = moment.knowledge.model(MODEL)
        if learned is not None:
            score = learned.snapshot.score((words,), found)
            likely, warm = learned.snapshot.probability(score), not learned.shadowed
        said: list[Output] = [_reading(thing, score, likely, words, warm=warm)]
        said.append(
            Freeze(
                model=MODEL,
                object=event.id,
                values=(words,),
                tokens=found,
                ripe_at=now,
                expires_at=now + params.label_within_s,
                probability=likely,
            )
        )
        if likely < params.open_at:
            return said
        state.open[thing] = Complaint(short(event.data.via), int(now))
        said.append(Alarm(thing, now + params.settles_s))
        while len(state.open) > MOST_OPEN:
            oldest = next(iter(state.open))
            del state.open[oldest]
            said += (over(oldest, "forgotten"), Cancel(oldest))
        return said

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """Two complaints in two languages."""
        return [
            _posted(0, "worst airline ever, my flight was cancelled and nobody helps 😡"),
            _posted(60, "péssimo, o pedido chegou quebrado e ninguém resolve"),
        ]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Thanks, a question, and news."""
        return [
            _posted(0, "great crew today, thank you so much 😊"),
            _posted(60, "¿a qué hora abre la tienda?"),
            _posted(120, "new route from Lisbon to Boston starts in May"),
            scenes.tick("care.v1", 5 * 1440),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """From thanks to rage."""
        texts = ("thanks, lovely flight", "boarding now", "flight delayed", "delayed again, bag lost", "worst. " * 4)
        return [[_posted(0, text)] for text in texts]


def _reading(thing: str, score: float, likely: float, words: float, *, warm: bool) -> Reading:
    return Reading(
        object=thing,
        look="posted",
        score=score,
        probability=likely,
        severity="high" if likely >= 0.9 else "medium",
        stage="unread",
        warm=warm,
        features=({"lexicon": words, "score": score},),
    )


def _posted(minute: int, text: str) -> MentionPosted:
    data = MentionPostedData(via="twitter", text=text)
    return MentionPosted(
        id=f"mn-{minute}", source="twitter", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data
    )
