"""One lesson at work: learns examples one by one, and now and then tells what it knows as a snapshot.

When what is done depends on the examples and their time alone, never on when anybody looked or wrote: an example is
scored with the snapshot in force, then learned; a snapshot is told when the examples' time enters a new interval of
`publish_every_s`; trees are fitted when it enters one of `every_s`, on the rows learned by then, and are in force
`ADOPTED_AFTER_S` later, whenever the fit was really done, beside those that are kept of former ones.
"""

from math import floor, nan

import numpy as np

from detectors.learning.calibration import fitted, knots, sigmoid
from detectors.learning.course import Course, Wanted
from detectors.learning.drift import LOOK_EVERY, ROWS
from detectors.learning.families.boosted import mean
from detectors.learning.families.online import OnlineModel
from detectors.learning.joining import Waiting
from detectors.learning.lesson import Boosted, Lesson
from detectors.learning.snapshot import MOST_LOGIT, Linear, Snapshot, Trees
from detectors.learning.trainer import Job, Trainer
from detectors.learning.validation import brier, ece, log_loss, metrics
from detectors.learning.window import HEAD, Floats, Window

ADOPTED_AFTER_S = 3600.0
"""Live, a fit has so long before anybody would have to wait for it."""

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_ENOUGH = 200
"""Rows before a share or a curve is chosen by them."""


class Learner:
    """Its numbers lie in `course`, `window`, `online` and `fits`; `snapshot` is the one in force."""

    def __init__(self, lesson: Lesson, trainer: Trainer) -> None:
        width = len(lesson.names)
        self.lesson = lesson
        self._trainer = trainer
        self.course = Course()
        self.window = Window(width if lesson.boosted else 0)
        self.online = OnlineModel(width, lesson.online) if lesson.online else None
        self.fits: tuple[Trees, ...] = ()
        """The newest last."""
        self.snapshot: Snapshot | None = None
        self.touched = False
        """Something was learned since it was last written."""
        self._turned = False

    def learn(self, example: Waiting) -> None:
        """Score it with the snapshot in force, then learn it."""
        values: Floats = np.frombuffer(example.values)
        label = example.label or 0.0
        said = self._said(values.tolist(), example.tokens)
        self.window.append((example.at, label, *said), values)
        if self.online is not None:
            self.online.learn(values, example.tokens, label)
        self.course.learned += 1
        self.touched = True
        if self.snapshot is not None:
            self._watch(label, said[3])

    def waits(self, now: float) -> bool:
        """Whether a fit has to be done before the examples' time may come to `now`."""
        wanted = self.course.wanted
        if wanted is None:
            return False
        self._go_on(wanted)
        return now >= wanted.adopted_at and self._trainer.result(self._name(wanted)) is None

    def turn(self, now: float) -> Snapshot | None:
        """The examples' time is `now`: a snapshot when one is due."""
        adopted = self._adopt(now)
        self._want_fit(now)
        course = self.course
        turned, self._turned = self._turned, False
        interval = floor(now / self.lesson.publish_every_s)
        due = interval > course.published and course.learned > course.told
        if not (adopted or due) or course.learned < self.lesson.least:
            return self.snapshot if turned else None
        self.touched = True
        course.published, course.told = interval, course.learned
        self._choose()
        self.snapshot = self._taken()
        if course.wanted is None:
            settings = self.lesson.boosted
            self.window.trim(max(settings.most_rows if settings else 0, self.lesson.recent))
        return self.snapshot

    def metrics(self) -> dict[str, float]:
        """Of what the snapshots said of the newest examples before they were learned."""
        heads = self._judged(self.lesson.recent)
        return metrics(heads["label"], heads["said"])

    def go_on(self) -> None:
        """After a restart: do again what was under way."""
        if self.course.wanted is not None:
            self._go_on(self.course.wanted)

    def _watch(self, label: float, said: float) -> None:
        """To shadow on an alarm that the calibration error confirms; back when that is in bounds again."""
        course = self.course
        alarm = course.drift.add(label, said)
        if alarm if not course.shadowed else course.learned % LOOK_EVERY == 0:
            heads = self._judged(ROWS)
            out = len(heads["label"]) >= ROWS and ece(heads["label"], heads["said"]) > self.lesson.shadow_above
            self._turned = self._turned or out != course.shadowed
            course.shadowed = out

    def _said(self, values: list[float], tokens: tuple[str, ...]) -> tuple[float, float, float, float, float]:
        if self.snapshot is None:
            return nan, nan, nan, nan, nan
        linear = trees = nan
        total = 0.0
        for part, share in zip(self.snapshot.parts, self.snapshot.mix, strict=True):
            score = part.score(values, tokens)
            total += share * score
            if isinstance(part, Linear):
                linear = score
            else:
                trees = score
        total = max(-MOST_LOGIT, min(MOST_LOGIT, total))
        slope, shift = self.course.curve
        tried = float(sigmoid(np.array(slope * total + shift)))
        return linear, trees, total, self.snapshot.probability(total), tried

    def _adopt(self, now: float) -> bool:
        wanted = self.course.wanted
        if wanted is None or now < wanted.adopted_at:
            return False
        self._go_on(wanted)
        trees = self._trainer.result(self._name(wanted))
        if trees is None:
            raise RuntimeError("a fit is not done: ask waits() before the examples' time goes on")
        self._trainer.forget(self._name(wanted))
        settings = self._boosted()
        # Those of larger settings might not fit in a record beside it.
        former = [fit for fit in self.fits if len(fit.feature) <= settings.most_nodes]
        self.fits = (*former, trees)[-settings.kept :]
        self.course.wanted, self.touched = None, True
        return True

    def _want_fit(self, now: float) -> None:
        settings, course = self.lesson.boosted, self.course
        if settings is None:
            return
        interval = floor(now / settings.every_s)
        if interval <= course.fitted or course.wanted is not None:
            return
        first, course.fitted, self.touched = course.fitted < 0, interval, True
        if first:
            return
        adopted_at = interval * settings.every_s + min(ADOPTED_AFTER_S, settings.every_s / 2)
        wanted = Wanted(interval, self.window.following, now - settings.window_s, max(now, adopted_at))
        job = self._job(wanted)
        if len(job.labels) >= self.lesson.least and 0.0 < float(np.mean(job.labels >= 0.5)) < 1.0:
            course.wanted = wanted
            self._trainer.start(job)

    def _go_on(self, wanted: Wanted) -> None:
        if not self._trainer.knows(self._name(wanted)):
            self._trainer.start(self._job(wanted))

    def _name(self, wanted: Wanted) -> str:
        return f"{self.lesson.model}-{wanted.number}"

    def _job(self, wanted: Wanted) -> Job:
        settings = self._boosted()
        most = settings.most_rows + self.window.following - wanted.last
        heads, values = self.window.heads(most), self.window.values(most)
        upto = len(values) - (self.window.following - wanted.last)
        rows = np.flatnonzero(heads["at"][:upto] >= wanted.since)
        return Job(self._name(wanted), settings, values[rows], heads["label"][rows], wanted.number % 2**31)

    def _boosted(self) -> Boosted:
        assert self.lesson.boosted is not None  # noqa: S101 - only such lessons want fits
        return self.lesson.boosted

    def _judged(self, most: int) -> dict[str, Floats]:
        heads = self.window.heads(most)
        said = ~np.isnan(heads["score"])
        return {name: heads[name][said] for name in HEAD}

    def _choose(self) -> None:
        """Mix and curve, by the newest rows."""
        heads = self._judged(self.lesson.recent)
        both = ~np.isnan(heads["linear"]) & ~np.isnan(heads["trees"])
        if self.online is not None and both.sum() >= _ENOUGH:
            label, linear, trees = heads["label"][both], heads["linear"][both], heads["trees"][both]
            losses = [log_loss(label, sigmoid(share * trees + (1.0 - share) * linear)) for share in _SHARES]
            self.course.share = _SHARES[int(np.argmin(losses))]
        if len(heads["label"]) >= _ENOUGH:
            self.course.curve = fitted(heads["score"], heads["label"])

    def _calibrates(self, heads: dict[str, Floats]) -> bool:
        """Whether the curves that were tried so far made the probabilities better than the scores alone would be."""
        if not self.lesson.calibrated or len(heads["label"]) < _ENOUGH:
            return False
        return brier(heads["label"], heads["tried"]) < brier(heads["label"], sigmoid(heads["score"]))

    def _taken(self) -> Snapshot | None:
        parts: list[Linear | Trees] = [] if self.online is None else [self.online.part()]
        if self.fits:
            parts.append(mean(self.fits))
        if not parts:
            return None
        share = self.course.share
        mix = (1.0,) if len(parts) == 1 else (1.0 - share, share)
        curve = knots(*self.course.curve) if self._calibrates(self._judged(self.lesson.recent)) else ()
        return Snapshot(names=self.lesson.names, parts=tuple(parts), mix=mix, calibration=curve)
