"""What is usual in a family of cases: the share that goes badly, or how many there are in an hour."""

import msgspec

HOURS = 24
HOUR_S = 3600.0
DAY_S = 86_400.0
PRIOR, STRENGTH = 0.1, 20.0
"""A look's share where nothing is known, and the cases it is worth."""
HOUR_STRENGTH = 30.0
"""So many cases the look's own share is worth in one hour of the day."""


class Fades(msgspec.Struct, array_like=True, gc=False):
    """Cases and bad ones, as of `at`."""

    at: float
    cases: float = 0.0
    bad: float = 0.0

    def add(self, cases: float, bad: float, at: float, half_life_s: float) -> None:
        """More of both."""
        left = 0.5 ** (max(0.0, at - self.at) / half_life_s)
        self.cases, self.bad, self.at = self.cases * left + cases, self.bad * left + bad, max(at, self.at)


class Usual(msgspec.Struct, array_like=True):
    """Sums by look, and by look and hour. `since`: the first case, `to`: the newest."""

    since: float
    to: float
    looks: dict[str, Fades] = {}

    def share(self, look: str, at: float, hourly: bool) -> float:
        """The share of bad cases to expect, at this hour of the day when `hourly`."""
        of_look = self.looks.get(look)
        share = PRIOR if of_look is None else (of_look.bad + STRENGTH * PRIOR) / (of_look.cases + STRENGTH)
        if not hourly or (of_hour := self.looks.get(_hour(look, at))) is None:
            return share
        return (of_hour.bad + HOUR_STRENGTH * share) / (of_hour.cases + HOUR_STRENGTH)

    def learn(self, look: str, bad: float, at: float, half_life_s: float, hourly: bool, weight: float) -> None:
        """One more case."""
        for name in (look, _hour(look, at)) if hourly else (look,):
            fades = self.looks.get(name)
            if fades is None:
                fades = self.looks[name] = Fades(at)
            fades.add(weight, weight * bad, at, half_life_s)

    def names(self) -> list[str]:
        """The looks that were ever taken."""
        return [look for look in self.looks if "/" not in look]

    def expected_until(self, at: float, window_s: float, past_s: float) -> tuple[float, float]:
        """How many hours passed since the last call, and the cases to be expected in them, faded by now."""
        expected, hours, moment = 0.0, 0.0, self.to
        while moment < at:
            until = min(at, (moment // HOUR_S + 1.0) * HOUR_S)
            passed = (until - moment) / HOUR_S * 0.5 ** ((at - until) / window_s)
            hours += passed
            expected += passed * self._per_hour(moment, past_s)
            moment = until
        self.to = max(self.to, at)
        return hours, expected

    def _per_hour(self, at: float, past_s: float) -> float:
        """Cases an hour at this hour of the day; hours beside it count half."""
        days = min((at - self.since) / DAY_S, past_s / DAY_S / 0.6931)
        hour, found = int(at % DAY_S // HOUR_S), 0.0
        for beside, weight in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            fades = self.looks.get(f"/{(hour + beside) % HOURS}")
            if fades is not None:
                found += weight * fades.cases * 0.5 ** (max(0.0, at - fades.at) / past_s)
        return (found + 0.5) / (days + 1.0)


def _hour(look: str, at: float) -> str:
    return f"{look}/{int(at % DAY_S // HOUR_S)}"
