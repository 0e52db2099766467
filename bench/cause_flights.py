"""Causes on flights: how early airports' causes find the surges of `flights.md`, and how often for nothing.

A block (airport, local hour, day) is hot when at least 40 % and 6 of its flights are in trouble, twice the usual of
that hour until September; hot blocks at most 3 h apart are a surge. An alarm stands from its opening to its close;
alarms at most 3 h apart count as one. A surge is seen when an alarm stands at any time from 2 h before its onset to
its end; how early counts from no more than those 2 h. An alarm is false when no hot block of the airport begins within
3 h of its opening (one that still lasts has not ended). Both the rule and the causes are judged so.

The bars of `orders_hours` are no holdout. A first set, chosen on January to June against the rule in the same months,
saw as many there (159 of 166), but 114 of July to December where the rule saw 120. Then four others were tried on the
whole year, which saw 277 to 281; one of them ships. What `late_delivery` thinks of a flight was fitted on January to
September.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from bench.cause_cases import keep, kept, words_of
from bench.cause_words import PARTITIONS, runs, words
from bench.flight_signals import BEAT, late_delivery
from desk.sources.flight_events import CANCELLATION_KNOWN_MIN
from desk.sources.flight_tables import NEVER, FlightTable, flight_table
from desk.sources.flights import TROUBLE_MIN, Flights
from models.events.case_observed import CaseObserved
from models.events.cause_changed import CauseChanged

GAP_MIN, AHEAD_MIN, HOUR_MIN = 180, 120, 60
FIRST_TEST_MONTH = 10
PERIODS = {"year": range(1, 13), "Jan-Jun": range(1, 7), "Jul-Dec": range(7, 13)}
Alarms = dict[str, list[tuple[int, int]]]
"""By airport: opened and closed, in UTC minutes since 1970."""


class Surge(msgspec.Struct, frozen=True):
    """First and last hot block of one run, by their first flight's minute."""

    airport: str
    onset: int
    last: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What alarms made of the surges. `median_min`: from the onset to the alarm; below 0 it was earlier.

    `open_h`: hours for which alarms stood, all airports together, in alarms that opened then.
    """

    surges: int
    seen: int
    alarms: int
    false: int
    median_min: float
    quartiles_min: tuple[float, float]
    open_h: float


def hot_blocks(table: FlightTable) -> dict[str, list[int]]:
    """By airport, the first minutes of the hot blocks, in time order."""
    blocks: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    usual: dict[tuple[str, int], list[bool]] = defaultdict(list)
    trouble = table.arrived >= table.promised + TROUBLE_MIN
    for row, (origin, day, hour) in enumerate(zip(table.origin, table.day, table.local_hour, strict=True)):
        blocks[origin, day, hour].append(row)
        if table.month[row] < FIRST_TEST_MONTH:
            usual[origin, hour].append(bool(trouble[row]))
    hot: dict[str, list[int]] = defaultdict(list)
    for (origin, _, hour), rows in blocks.items():
        bad, of_hour = int(trouble[rows].sum()), usual[origin, hour]
        share = float(np.mean(of_hour)) if of_hour else 0.14
        if bad >= 0.4 * len(rows) and bad >= 6 and bad >= 2 * share * len(rows):
            hot[origin].append(int(table.due[rows].min()))
    return {origin: sorted(starts) for origin, starts in sorted(hot.items())}


def surges(hot: Mapping[str, list[int]]) -> list[Surge]:
    """Runs of hot blocks."""
    found: list[Surge] = []
    for airport, starts in hot.items():
        for start in starts:
            if found and found[-1].airport == airport and start - found[-1].last <= GAP_MIN:
                found[-1] = msgspec.structs.replace(found[-1], last=start)
            else:
                found.append(Surge(airport, start, start))
    return found


def rule(table: FlightTable, many: int) -> Alarms:
    """The rule: so many flights late by 45 minutes or known to be cancelled within 60 minutes."""
    alarms: Alarms = {}
    origins = np.asarray(table.origin)
    late = (table.departed - table.due >= TROUBLE_MIN) & (table.departed < NEVER)
    known = np.where(table.cancelled, table.due + CANCELLATION_KNOWN_MIN, table.due + TROUBLE_MIN)
    for origin in np.unique(origins):
        at = np.sort(known[(origins == origin) & (late | table.cancelled)])
        first = at[: len(at) - many + 1]
        fires = at[many - 1 :] - first <= HOUR_MIN
        found = zip(at[many - 1 :][fires].tolist(), (first[fires] + HOUR_MIN).tolist(), strict=True)
        alarms[str(origin)] = _merged(list(found), 0)
    return alarms


def cause_alarms(cases: Path | None = None) -> Alarms:
    """The causes of airports. `cases`: where those of a run lie, or else are kept for another time."""
    if cases is not None and cases.exists():
        return alarms_of(words_of(kept(cases), PARTITIONS))
    heard: list[CaseObserved] | None = None if cases is None else []
    found = words(
        Flights().events(), [late_delivery()], BEAT, topics=("orders.v1",), tail=timedelta(hours=12), cases=heard
    )
    if cases is not None:
        keep(heard or [], cases)
    return alarms_of(found)


def alarms_of(found: list[CauseChanged]) -> Alarms:
    """From opened to closed."""
    alarms: Alarms = defaultdict(list)
    for opened, later in runs(found):
        airport = opened.data.entities.get("airport")
        if airport is not None:
            alarms[airport].append((_minute(opened.time), _minute((later or [opened])[-1].time)))
    return dict(alarms)


def judged(alarms: Alarms, hot: Mapping[str, list[int]], months: range) -> Seen:
    """Surges whose onset, and alarms whose opening lies in these months (UTC)."""
    merged = {airport: _merged(sorted(found), GAP_MIN) for airport, found in alarms.items()}
    early, asked = [], [one for one in surges(hot) if _month(one.onset) in months]
    for surge in asked:
        begins, ends = surge.onset - AHEAD_MIN, surge.last + HOUR_MIN
        met = [opened for opened, closed in merged.get(surge.airport, []) if opened < ends and closed > begins]
        if met:
            early.append(max(met[0], begins) - surge.onset)
    opened = [(airport, at) for airport, found in merged.items() for at, _ in found if _month(at) in months]
    false = sum(not any(-GAP_MIN - HOUR_MIN < one - at <= GAP_MIN for one in hot[airport]) for airport, at in opened)
    stood = sum(closed - at for found in alarms.values() for at, closed in found if _month(at) in months)
    quartiles = np.percentile(early, [25, 50, 75]).tolist() if early else [float("nan")] * 3
    return Seen(
        surges=len(asked), seen=len(early), alarms=len(opened), false=false, median_min=quartiles[1],
        quartiles_min=(quartiles[0], quartiles[2]), open_h=stood / 60,
    )  # fmt: skip


def flights_table(cases: Path | None = None) -> dict[str, dict[str, Seen]]:
    """By scorer, by period: the rule with 3 to 10 flights, and the causes. `cases` as for `cause_alarms`."""
    table = flight_table()
    hot = hot_blocks(table)
    scorers = {f"{many} bad in 60 min": rule(table, many) for many in (3, 4, 5, 6, 7, 8, 10)}
    scorers["causes"] = cause_alarms(cases)
    return {
        name: {period: judged(alarms, hot, months) for period, months in PERIODS.items()}
        for name, alarms in scorers.items()
    }


def _merged(found: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for opened, closed in found:
        if merged and opened - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closed))
        else:
            merged.append((opened, closed))
    return merged


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def _month(minute: int) -> int:
    return int(np.datetime64(minute, "m").astype("datetime64[M]").astype(int) % 12) + 1
