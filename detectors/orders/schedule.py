"""When to look at an order again: fixed times before its planned ones, and each one it misses."""

from detectors.orders.journey import Journey

HOUR_S = 3600.0


class Schedule:
    """All times in seconds.

    Before its first step is reached (or with no steps before its promise) an order is looked at `before`, later on
    `before_promise`. A step is missed `grace` and `late` after its due time, a promise at once and `late` after it.
    """

    def __init__(
        self, before: tuple[float, ...], before_promise: tuple[float, ...], grace: float, late: float, give_up: float
    ) -> None:
        self._before = tuple(sorted(before, reverse=True))
        self._before_promise = tuple(sorted(before_promise, reverse=True))
        self._names = [(look, spoken(look)) for look in sorted(before)]
        self._promise_names = [(look, f"promise-{spoken(look)}") for look in sorted(before_promise)]
        self._after_step = (grace, late)
        self._after_promise = (0.0, late)
        self._give_up = give_up

    def following(self, order: Journey, now: float) -> float:
        """The next instant after `now` to look; the last one is when the order is given up."""
        promised, steps = order.promised, order.steps
        following = promised + self._give_up
        ahead = (promised if order.begun or not steps else steps[0].due) - now
        for before in self._before_promise if order.begun else self._before:
            if before < ahead:
                look = now + ahead - before
                if look < following:
                    following = look
                break
        if steps:
            following = _first(steps[0].due, self._after_step, now, following)
        if now < promised:  # the first of `_after_promise`
            return following if following < promised else promised
        return _first(promised, self._after_promise, now, following)

    def look(self, order: Journey, now: float) -> str:
        """The name of the occasion: the latest look that is past, such as `3h`, or what is overdue."""
        planned = order.promised if order.begun else order.next_due
        if now >= order.promised:
            return "overdue"
        if order.steps and now >= order.next_due:
            return "waiting"
        names, ahead = self._promise_names if order.begun else self._names, planned - now
        return next((name for look, name in names if look >= ahead), "early")


def _first(base: float, after: tuple[float, ...], now: float, following: float) -> float:
    for late in after:
        at = base + late
        if now < at:
            return at if at < following else following
    return following


def spoken(seconds: float) -> str:
    """Hours, or minutes below one: `72h`, `30min`."""
    return f"{seconds / HOUR_S:g}h" if seconds >= HOUR_S else f"{seconds / 60.0:g}min"
