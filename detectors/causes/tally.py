"""What is counted of one entity at one look: lately, and in its own past. Numbers only."""

from copy import copy
from math import log
from typing import NamedTuple

import msgspec

LEAST = 1e-6


class Seen(NamedTuple):
    """So many cases, how many of them were bad, and the share that was to be expected."""

    cases: float
    bad: float
    share: float

    @property
    def expected(self) -> float:
        """How many bad ones were to be expected."""
        return self.cases * self.share

    def less(self, part: "Seen") -> "Seen":
        """What is left without a part of it."""
        cases = max(self.cases - part.cases, LEAST)
        share = (self.expected - part.expected) / cases
        return Seen(cases, max(self.bad - part.bad, 0.0), _within(share))

    def odds_ratio(self, strength: float) -> float:
        """The odds of being bad against those expected, shrunk to 1 by so many cases."""
        bad = self.bad + strength * self.share
        good = self.cases - self.bad + strength * (1.0 - self.share)
        return bad / max(good, LEAST) * (1.0 - self.share) / self.share

    def shifted(self, ratio: float) -> "Seen":
        """The same, where other odds were to be expected."""
        odds = ratio * self.share / (1.0 - self.share)
        return Seen(self.cases, self.bad, _within(odds / (1.0 + odds)))

    def evidence(self) -> float:
        """Log likelihood ratio of the share seen against that expected (binomial), 0 when it is not higher."""
        bad, good, share = self.bad, self.cases - self.bad, self.share
        if bad <= self.expected:
            return 0.0
        found = bad * log(bad / self.expected)
        return found + (good * log(good / (self.cases * (1.0 - share))) if good > 0.0 else 0.0)


class Tally(msgspec.Struct, array_like=True, gc=False):
    """Fading sums as of `at` (seconds since 1970): cases, how many went badly, how many were expected to.

    The past fades slowly and holds what is recent, too; `own` takes that out again.
    """

    at: float
    cases: float = 0.0
    bad: float = 0.0
    expected: float = 0.0
    past_cases: float = 0.0
    past_bad: float = 0.0
    past_expected: float = 0.0

    def fade(self, at: float, window_s: float, past_s: float) -> None:
        """Let time pass, by half-lives; an earlier instant changes nothing."""
        if at <= self.at:
            return
        left, kept = 0.5 ** ((at - self.at) / window_s), 0.5 ** ((at - self.at) / past_s)
        self.cases *= left
        self.bad *= left
        self.expected *= left
        self.past_cases *= kept
        self.past_bad *= kept
        self.past_expected *= kept
        self.at = at

    def faded(self, at: float, window_s: float, past_s: float) -> "Tally":
        """As it is at a later instant; this one stays, so that a look at it leaves no trace."""
        if at <= self.at:
            return self
        other = copy(self)
        other.fade(at, window_s, past_s)
        return other

    def add(self, cases: float, bad: float, expected: float, learns: float) -> None:
        """More cases; `learns` is how much of them goes into the past."""
        self.cases += cases
        self.bad += bad
        self.expected += expected
        self.past_cases += learns * cases
        self.past_bad += learns * bad
        self.past_expected += learns * expected

    def before(self) -> tuple[float, float, float]:
        """Cases, bad and expected ones of before the window, more or less."""
        return (
            max(self.past_cases - self.cases, 0.0),
            max(self.past_bad - self.bad, 0.0),
            max(self.past_expected - self.expected, 0.0),
        )

    def seen(self, strength: float) -> Seen:
        """Against what the entity's own past makes of what was expected of its cases."""
        now = Seen(self.cases, self.bad, _within(self.expected / max(self.cases, LEAST)))
        cases, bad, expected = self.before()
        past = Seen(cases, min(bad, cases), _within(expected / cases if cases > LEAST else now.share))
        return now.shifted(past.odds_ratio(strength))


def _within(share: float) -> float:
    """A share that has odds."""
    return min(max(share, LEAST), 1.0 - LEAST)
