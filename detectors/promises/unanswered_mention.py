"""Trouble: the customer asked us something in public, and nobody answers."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from detectors import scenes
from detectors.deadlines import DAY_S, HOUR_S, Deadline, DeadlineDetector, DeadlineParams, DeadlineState, hours
from detectors.entities import short
from detectors.readings import Moment, Output
from models.events.base import Event
from models.events.care_contact_closed import CareContactClosed
from models.events.mention_answered import MentionAnswered, MentionAnsweredData
from models.events.mention_posted import MentionPosted, MentionPostedData

QUESTION_MARKS = frozenset("?؟？՞\u037e")
"""Latin, Arabic, wide, Armenian, Greek."""


class MentionParams(DeadlineParams, frozen=True):
    """As `DeadlineParams`; an answer is due `answer_within_s` after the mention.

    Who asks in public looks for an answer the same day; after a day they ask elsewhere, or call. What asks nothing,
    such as praise, needs no answer: only when the customer writes again within `serious_s` it does (`again` logits for
    each).
    """

    answer_within_s: Annotated[float, Meta(ge=HOUR_S / 4, le=7 * DAY_S)] = 12 * HOUR_S
    grace_s: Annotated[float, Meta(ge=0.0, le=DAY_S)] = 0.0
    serious_s: Annotated[float, Meta(ge=HOUR_S, le=14 * DAY_S)] = 2 * DAY_S
    asks: Annotated[float, Meta(ge=0.0, le=5.0)] = 1.0
    again: Annotated[float, Meta(ge=0.0, le=5.0)] = 1.0


class UnansweredMention(DeadlineDetector[MentionParams]):
    """Tells a question by its mark, in whatever language. Whether it is an unhappy one is for `unhappy_mention` to say.

    A care contact that was closed since is an answer, too: somebody has talked to them.
    """

    name = "unanswered_mention"
    listens_to = (MentionPosted, MentionAnswered, CareContactClosed)
    begins_with = (MentionPosted,)
    clock = ("care.v1",)
    most = 2
    params_type = MentionParams
    floor = "a question of theirs, or two mentions, without an answer for twelve hours"
    warm_up = "none: the question is the customer's own"

    def observe(self, state: DeadlineState, event: Event, moment: Moment) -> Iterable[Output]:
        """A mention, or an answer."""
        if type(event) is MentionPosted:
            now, data = int(moment.now), event.data
            asks = int(not QUESTION_MARKS.isdisjoint(data.text))
            due = int(now + self.params.answer_within_s)
            return self.wait(state, short(event.id), Deadline(now, due, short(data.via), asks))
        if isinstance(event, MentionAnswered):
            return self.ended(state, short(event.data.mention_id), "answered")
        return [said for thing in list(state.waiting) for said in self.ended(state, thing, "talked to")]

    def weight(self, state: DeadlineState, deadline: Deadline) -> float:
        """A question weighs by itself, anything else by being repeated."""
        near = sum(abs(other.began - deadline.began) < self.params.serious_s for other in state.waiting.values())
        return self.params.again * (near - 1) + (self.params.asks if deadline.asks else -0.5)

    def words(self, deadline: Deadline, now: float) -> tuple[str, str, dict[str, str]]:
        """Where, and how long it stands there."""
        within, waited = hours(deadline.due - deadline.began), hours(now - deadline.began)
        return f"an answer within {within}", f"none for {waited}", {"via": deadline.note, "waited": waited}

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """A question, and a day goes by."""
        return [_posted(), scenes.tick("care.v1", 1440)]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Praise that nobody answers; a question that is answered after three hours."""
        data = MentionAnsweredData(mention_id="mn-2880")
        answer = MentionAnswered(
            id="a", source="care", subject=scenes.CUSTOMER, time=scenes.after(2880 + 180), data=data
        )
        return [
            _posted(text="what a lovely crew"),
            scenes.tick("care.v1", 1440),
            _posted(2880),
            answer,
            scenes.tick("care.v1", 20 * 1440),
        ]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """A remark, the same twice, then a question for longer and longer."""
        twice = [_posted(text="still waiting"), _posted(60, text="still waiting"), scenes.tick("care.v1", 14 * 60)]
        once = [[_posted(), scenes.tick("care.v1", passed * 60)] for passed in (13, 24, 70, 200)]
        return [[_posted(text="still waiting"), scenes.tick("care.v1", 14 * 60)], twice, *once]


def _posted(at: int = 0, text: str = "where is my bag?") -> MentionPosted:
    data = MentionPostedData(via="twitter", text=text)
    return MentionPosted(id=f"mn-{at}", source="twitter", subject=scenes.CUSTOMER, time=scenes.after(at), data=data)
