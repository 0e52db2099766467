"""Which `open_at` the demo of 7-9 February 2013 can stand: readings since 1 January, as if all above it were told.

For each threshold: the share of troubled flights told before their scheduled departure when a message takes so long
(business time), the share of told flights without trouble (whenever told), and the median lead.

    python -m bench.demo_threshold        about 1 minute
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import median

from bench.flight_signals import DETECTOR, late_delivery, signals
from desk.sources.flights import Flights
from desk.sources.source import Truth
from models.signals import Signal

SINCE, FROM, UNTIL = (datetime(2013, month, day, 5, tzinfo=UTC) for month, day in ((1, 1), (2, 7), (2, 10)))
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (0, 15, 30, 60))


def first_crossing(found: Iterable[Signal], threshold: float) -> datetime | None:
    """When an issue would open: at the first warm reading from the threshold on."""
    crossing = (one.at for one in found if one.warm and not one.over and one.probability >= threshold)
    return next(crossing, None)


def main() -> None:
    """Print the table, and what the shipped detector does."""
    detector = late_delivery()
    truths = {truth.object: truth for truth in Flights(FROM, UNTIL).truth()}
    found: dict[str, list[Signal]] = {order: [] for order in truths}
    for signal in signals(Flights(SINCE, UNTIL), detector):
        if signal.object in found:
            found[signal.object].append(signal)
    print(f"{len(truths)} flights, {sum(truth.trouble for truth in truths.values())} in trouble; ", end="")
    print(f"{DETECTOR} ships open_at {detector.params.open_at}")
    print(
        "open_at  told  false_alarms  told_before/median lead at a delay of "
        + "  ".join(str(delay) for delay in DELAYS)
    )
    for threshold in THRESHOLDS:
        _print(threshold, truths, {order: first_crossing(one, threshold) for order, one in found.items()})


def _print(threshold: float, truths: dict[str, Truth], opened: dict[str, datetime | None]) -> None:
    told = {order: at for order, at in opened.items() if at is not None and at >= FROM}
    troubled = [truth for truth in truths.values() if truth.trouble]
    wrong = sum(not truths[order].trouble for order in told) / max(1, len(told))
    cells = []
    for delay in DELAYS:
        leads = [truth.felt_at - told[truth.object] - delay for truth in troubled if truth.object in told]
        early = [lead / timedelta(minutes=1) for lead in leads if lead > timedelta(0)]
        cells.append(f"{len(early) / len(troubled):.2f}/{f'{median(early):.0f} min' if early else '-'}")
    print(f"{threshold:7.2f} {len(told):5} {wrong:13.2f}  " + "  ".join(f"{cell:>12}" for cell in cells))


if __name__ == "__main__":
    main()
