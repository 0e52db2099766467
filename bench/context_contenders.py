"""A share of late arrivals over a window of time, kept in four ways: ours, and river's closest statistics."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any

from river import proba, stats, utils

from detectors.context.fading import Fading, half_life_s
from detectors.context.rules import ContextParams

WINDOWS = {"1h": timedelta(hours=1), "14d": timedelta(days=14)}
PARAMS = ContextParams()
ALPHA, BETA = PARAMS.prior * PARAMS.strength, (1.0 - PARAMS.prior) * PARAMS.strength
"""Our shrinkage, as the pseudo-counts of a Beta distribution."""


class Share(ABC):
    """One airport's share of late arrivals."""

    @abstractmethod
    def __init__(self, window: str, cases: float) -> None:
        """Over a window such as `14d`, which holds so many cases on average."""

    @abstractmethod
    def update(self, late: float, at: float, instant: datetime) -> None:
        """One more arrival."""

    @abstractmethod
    def share(self) -> float:
        """As of the last arrival."""

    @abstractmethod
    def numbers(self) -> Any:
        """What has to be stored to go on after a restart."""


class Ours(Share):
    """`detectors.context.fading`: two numbers and an instant."""

    def __init__(self, window: str, cases: float) -> None:  # noqa: ARG002
        self.half_life, self.sum = half_life_s(window), Fading(0.0)

    def update(self, late: float, at: float, instant: datetime) -> None:  # noqa: ARG002
        """One more arrival."""
        self.sum.add(late, at, self.half_life)

    def share(self) -> float:
        """As of the last arrival."""
        return self.sum.total / self.sum.weight

    def numbers(self) -> Any:
        """What has to be stored."""
        return self.sum


class RollingMean(Share):
    """river's exact window: `utils.TimeRolling` of `stats.Mean`, which keeps every observation in it."""

    def __init__(self, window: str, cases: float) -> None:  # noqa: ARG002
        self.kept: Any = utils.TimeRolling(stats.Mean, period=WINDOWS[window])

    def update(self, late: float, at: float, instant: datetime) -> None:  # noqa: ARG002
        """One more arrival."""
        self.kept.update(late, t=instant)

    def share(self) -> float:
        """As of the last arrival."""
        return float(self.kept.get())

    def numbers(self) -> Any:
        """What has to be stored."""
        return [self.kept.obj.n, self.kept.obj.get(), queue_of(self.kept)]


class RollingBeta(RollingMean):
    """river's exact window of `proba.Beta` with our prior: the shrunk share."""

    def __init__(self, window: str, cases: float) -> None:  # noqa: ARG002
        self.kept = utils.TimeRolling(proba.Beta, period=WINDOWS[window], alpha=ALPHA, beta=BETA)

    def share(self) -> float:
        """As of the last arrival."""
        cases = self.kept.obj.n_samples
        return float((self.kept.obj.alpha - ALPHA) / cases)

    def numbers(self) -> Any:
        """What has to be stored."""
        return [self.kept.obj.alpha, self.kept.obj.beta, queue_of(self.kept)]


class ByCount(Share):
    """`stats.EWMean`: fades by the observation, not by time; as many per window are assumed as there are on average."""

    def __init__(self, window: str, cases: float) -> None:  # noqa: ARG002
        self.kept = stats.EWMean(fading_factor=min(1.0, 1.0 / cases))

    def update(self, late: float, at: float, instant: datetime) -> None:  # noqa: ARG002
        """One more arrival."""
        self.kept.update(late)

    def share(self) -> float:
        """As of the last arrival."""
        return float(self.kept.get())

    def numbers(self) -> Any:
        """What has to be stored."""
        return self.kept._ewmean.__getstate__()  # the library's own bytes: it has no numbers to read or set


CONTENDERS: dict[str, type[Share]] = {
    "ours: fading sums": Ours,
    "river TimeRolling(Mean)": RollingMean,
    "river TimeRolling(Beta)": RollingBeta,
    "river EWMean": ByCount,
}


def queue_of(rolling: Any) -> list[tuple[float, float]]:
    """The observations a window holds, as seconds and value."""
    values = (args[0] for args, _ in rolling._datum)
    return [(t.replace(tzinfo=UTC).timestamp(), value) for t, value in zip(rolling._timestamps, values, strict=True)]
