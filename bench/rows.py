"""One figure of detection as a row: ours beside the null, the rule and a reference, and what it has to reach.

A bench of detection that wants to stand in the common table (`bench/detection_table.py`) has a function `rows()` that
gives such rows from the file it wrote.
"""

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """`ours` is None where it was not measured; `less` tells that a smaller figure is the better one."""

    data: str
    what: str
    measure: str
    ours: float | None
    null: float | None = None
    rule: float | None = None
    reference: float | None = None
    reference_name: str = ""
    to_reach: float | None = None
    moonshot: float | None = None
    less: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is as good as it has to be; what was not measured does not hold."""
        if self.to_reach is None:
            return True
        if self.ours is None:
            return False
        return self.ours <= self.to_reach if self.less else self.ours >= self.to_reach


def printed(rows: list[Row]) -> str:
    """As a table."""
    head = f"{'data':10}{'what':34}{'measure':30}{'ours':>8}{'null':>8}{'rule':>8}{'ref.':>8}{'reach':>9}{'moon':>9}"
    lines = [head, "-" * len(head)]
    for row in rows:
        sign = "<=" if row.less else ">="
        figures = "".join(f"{_shown(one):>8}" for one in (row.ours, row.null, row.rule, row.reference))
        goals = "".join(f"{'' if goal is None else sign + _shown(goal):>9}" for goal in (row.to_reach, row.moonshot))
        verdict = "" if row.to_reach is None else "  holds" if row.holds else "  MISSED"
        lines.append(f"{row.data:10}{row.what:34}{row.measure:30}{figures}{goals}{verdict}")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
