"""What customers of the simulated shop write in public: questions, praise, complaints, and what became of them."""

from datetime import datetime, timedelta

from desk.sources.shop_diary import Diary, days, minutes
from desk.sources.shop_words import ANGER, LANGUAGES, PRAISE, QUESTIONS
from models.events.mention_answered import MentionAnswered, MentionAnsweredData
from models.events.mention_posted import MentionPosted, MentionPostedData
from models.events.mention_triaged import MentionTriaged, MentionTriagedData

OWNED_SHARE = 0.3
UNANSWERED_SHARE = 0.2
ANGRY_SHARE = 0.15
READ_SHARE = 0.6
"""So many are read by an agent within hours, who says what they take them for."""
QUESTION_SHARE = 0.6
PLACES = ("twitter", "facebook", "forum")


def mention(diary: Diary, joins: datetime, _end: datetime) -> None:
    """A customer in three writes once or twice, in a language of their own. Praise is thanked for now and then."""
    if not diary.owns(OWNED_SHARE):
        return
    language, at = str(diary.rng.choice(LANGUAGES)), joins
    for _ in range(1 + int(diary.has(0.3))):
        at += days(diary.between(0.2, 6))
        asks, angry = diary.has(QUESTION_SHARE), diary.hits(ANGRY_SHARE)
        asks = asks and not angry
        text = str(diary.rng.choice((ANGER if angry else QUESTIONS if asks else PRAISE)[language]))
        name = diary.next_id()
        diary.write(MentionPosted, at, MentionPostedData(via=str(diary.rng.choice(PLACES)), text=text))
        if angry:
            diary.troubled("unhappy_mention", name, at, timedelta(hours=diary.about(20, 0.8)))
        else:
            diary.untroubled("unhappy_mention", name, at, at, at)
        if diary.has(READ_SHARE):
            read = at + minutes(diary.between(10, 400))
            diary.write(MentionTriaged, read, MentionTriagedData(mention_id=name, unhappy=angry))
        answered = _answered(diary, name, at, asks=asks)
        if answered is not None:
            diary.write(MentionAnswered, answered, MentionAnsweredData(mention_id=name))
        at = max(at, answered or at + days(6))


def _answered(diary: Diary, name: str, at: datetime, *, asks: bool) -> datetime | None:
    """Questions within ten hours, or after days, or never."""
    if asks and diary.hits(UNANSWERED_SHARE):
        late = at + minutes(diary.between(30 * 60, 120 * 60)) if diary.has(0.5) else None
        diary.troubled("unanswered_mention", name, at, timedelta(hours=diary.about(36, 0.6)), late)
        return late
    answered = at + minutes(diary.between(5, 600)) if asks or diary.has(0.3) else None
    diary.untroubled("unanswered_mention", name, at, answered or at, answered)
    return answered
