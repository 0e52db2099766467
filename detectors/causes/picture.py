"""The numbers of one family of cases: how every entity fares at every look, and how it was expected to."""

from detectors.causes.rules import ROOT, CauseRule
from detectors.causes.tally import Seen, Tally
from detectors.causes.usual import Usual
from detectors.context.fading import half_life_s

PER_HOUR = 1000.0
"""Where only bad cases are seen, an hour counts like so many cases: bad ones are then few, and their number Poisson."""

Place = tuple[str, str]
"""Entity and look."""


class Picture:
    """What is usual in the family, and the tallies; `touched` names those that changed."""

    def __init__(self, rule: CauseRule) -> None:
        self.rule = rule
        self.usual: Usual | None = None
        self.tallies: dict[Place, Tally] = {}
        self.touched: dict[Place, None] = {}
        self.window_s, self._past_s = half_life_s(rule.window), half_life_s(rule.past)

    @property
    def until(self) -> float:
        """The newest case's instant; 0 without any."""
        return 0.0 if self.usual is None else self.usual.to

    def begin(self, look: str, at: float, learns: float) -> tuple[Usual, float]:
        """A case at `look` comes: what is usual, and the share of bad ones to expect of it."""
        usual = self.usual
        if usual is None:
            usual = self.usual = Usual(at, at)
        if self.rule.counts:
            hours, expected = usual.expected_until(at, self.window_s, self._past_s)
            self._kept((ROOT, look), at).add(hours * PER_HOUR, 0.0, expected, learns)
        return usual, usual.share(look, at, self.rule.hourly)

    def add(self, place: Place, at: float, bad: float, share: float, learns: float) -> None:
        """One more case of an entity, of which `share` was expected to go badly."""
        if self.rule.counts:
            self._kept(place, at).add(0.0, bad, 0.0, learns)
        else:
            self._kept(place, at).add(1.0, bad, share, learns)

    def learn(self, look: str, at: float, bad: float, learns: float) -> None:
        """What is usual, with this case."""
        if self.usual is not None:
            self.usual.learn(look, bad, at, self._past_s, self.rule.hourly, learns)
            self.usual.to = max(self.usual.to, at)

    def tally(self, entity: str, look: str, at: float) -> Tally:
        """The tally as it is now, to look at."""
        tally = self.tallies.get((entity, look))
        return Tally(at) if tally is None else tally.faded(at, self.window_s, self._past_s)

    def _kept(self, place: Place, at: float) -> Tally:
        """The tally to add to, faded until now."""
        tally = self.tallies.get(place)
        if tally is None:
            tally = self.tallies[place] = Tally(at)
        tally.fade(at, self.window_s, self._past_s)
        self.touched[place] = None
        return tally

    def seen(self, entity: str, look: str, at: float) -> Seen:
        """What was seen of it lately, and what its own past lets expect."""
        tally, strength = self.tally(entity, look, at), self.rule.strength
        if not self.rule.counts or entity == ROOT:
            return tally.seen(strength)
        root = self.tally(ROOT, look, at)
        part = (tally.before()[1] + 0.5) / (root.before()[1] + strength)
        return Seen(root.cases, tally.bad, min(max(root.seen(strength).share * part, 1e-6), 0.5))

    def against(self, entity: str, around: tuple[str, ...], look: str, at: float) -> Seen:
        """The same, expecting it to fare as the rest of what it lies within."""
        seen = self.seen(entity, look, at)
        lifts = [self.seen(parent, look, at).less(seen).odds_ratio(self.rule.strength) for parent in around]
        return seen.shifted(max(1.0, *lifts)) if lifts else seen

    def looks(self, entity: str) -> list[str]:
        """The looks that it has tallies of."""
        names = () if self.usual is None else self.usual.names()
        return [look for look in names if (entity, look) in self.tallies]

    def forget(self, before: float) -> list[Place]:
        """Drop the tallies that nothing was added to since; their places."""
        gone = sorted(place for place, tally in self.tallies.items() if tally.at < before and place[0] != ROOT)
        for place in gone:
            del self.tallies[place]
        return gone

    def rates(self, seen: Seen) -> tuple[float, float]:
        """Seen and expected: shares, or cases per hour."""
        unit = PER_HOUR if self.rule.counts else 1.0
        return seen.bad / max(seen.cases, 1e-9) * unit, seen.share * unit
