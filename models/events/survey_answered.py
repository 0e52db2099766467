"""A customer said how it was: a review, or the answer to a survey."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from msgspec import Meta

from models.events.base import Event, Payload
from models.fields import Key


class SurveyAnsweredData(Payload, frozen=True):
    """`score` from 0 to `best`; `order_id` is empty when it is about nothing in particular. Words are left out."""

    survey_id: Key
    score: Annotated[int, Meta(ge=0, le=100)]
    best: Annotated[int, Meta(ge=1, le=100)] = 5
    order_id: Annotated[str, Meta(max_length=128)] = ""


class SurveyAnswered(Event, frozen=True, tag="survey.answered.v1"):
    """We heard from the customer at `time`, whenever they were asked."""

    topic: ClassVar[str] = "care.v1"
    data: SurveyAnsweredData

    @classmethod
    def example(cls) -> Self:
        """Two stars of five for an order."""
        data = SurveyAnsweredData(survey_id="r-7", score=2, order_id="A-17")
        return cls(id="sv-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 8, 0, tzinfo=UTC), data=data)
