"""The best single rule on flights: the share of late or cancelled departures at the airport in the last two hours.

Computed from the table alone, as the reference does: departures and cancellations known strictly before the instant.
"""

import numpy as np
import numpy.typing as npt

from desk.sources.flight_events import CANCELLATION_KNOWN_MIN
from desk.sources.flight_tables import FlightTable

WINDOW_MIN = 120
LATE_MIN = 45
Floats = npt.NDArray[np.float64]


def late_share(table: FlightTable, lead_min: int) -> Floats:
    """For every row, the share of late (>= 45 min) or cancelled in the two hours before `lead_min` before departure.

    Nothing known: NaN.
    """
    known = np.where(table.cancelled, table.due + CANCELLATION_KNOWN_MIN, table.departed)
    late = table.cancelled | (table.departed - table.due >= LATE_MIN)
    origins = np.asarray(table.origin)
    shares = np.full(len(known), np.nan)
    for origin in np.unique(origins):
        rows = np.flatnonzero(origins == origin)
        order = rows[np.argsort(known[rows], kind="stable")]
        sums = np.concatenate([[0], np.cumsum(late[order])])
        asked = table.due[rows] - lead_min
        first = np.searchsorted(known[order], asked - WINDOW_MIN, "left")
        last = np.searchsorted(known[order], asked, "left")
        counts = last - first
        found = counts > 0
        shares[rows[found]] = (sums[last] - sums[first])[found] / counts[found]
    return shares
