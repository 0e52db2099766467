"""How customers of the simulated shop say it was: each around a level of their own, and some far below it."""

from datetime import datetime

from desk.sources.shop_diary import Diary, days
from models.events.survey_answered import SurveyAnswered, SurveyAnsweredData

OWNED_SHARE = 0.4
LOW_SHARE = 0.08
"""Per answer."""

LEVELS, LEVEL_SHARES = (3, 4, 5), (0.15, 0.35, 0.5)


def surveys(diary: Diary, joins: datetime, _end: datetime) -> None:
    """Two customers in five, up to five times. Stars; now and then a star more or less than usual says nothing."""
    if not diary.owns(OWNED_SHARE):
        return
    at, level = joins, int(diary.rng.choice(LEVELS, p=LEVEL_SHARES))
    for number in range(int(diary.rng.integers(1, 6))):
        at += days(diary.between(0.5, 4))
        order, bad = f"{diary.customer}-s{number}", diary.hits(LOW_SHARE)
        usual = level + (int(diary.rng.choice((-1, 1))) if diary.has(0.1) else 0)
        score = int(diary.rng.choice((1, 2))) if bad else min(5, max(3, usual))
        diary.write(SurveyAnswered, at, SurveyAnsweredData(survey_id=f"{order}-q", score=score, order_id=order))
        if bad:
            diary.troubled("low_score", order, at, days(diary.about(2, 0.8)))
        else:
            diary.untroubled("low_score", order, at, at, at)
