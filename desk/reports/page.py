"""The page: one file of HTML with its plots inside, no script, nothing fetched."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from desk.evaluation import Evaluation, Judged
from desk.reports.plots import Line, bars, lines, segments
from desk.scores.calibration import reliability
from desk.scores.ranking import Ranking
from desk.scores.scored import NAMES, Score
from desk.scores.telling import Telling

SHOWN_SEGMENTS = 12
LEAST_ROWS = 30
"""A segment with fewer rows says nothing."""
_SPANS = ((60.0, "min"), (3600.0, "hours"), (86_400.0, "days"))
_JINJA = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def page(found: Evaluation) -> str:
    """The report as HTML."""
    shown = {name: [_question(one) for one in found.judged if one.detector == name] for name in found.telling}
    leads = {name: _leads(telling) for name, (telling, _) in found.telling.items()}
    told = {
        name: [(score, figure(score, scores[score])) for score in scores] for name, (_, scores) in found.telling.items()
    }
    return _JINJA.get_template("page.html").render(found=found, shown=shown, leads=leads, told=told, names=NAMES)


def figure(name: str, score: Score | None, *, interval: bool = True) -> str:
    """A score for people: three digits with its interval, times in hours or days, a dash where there is none."""
    if score is None or score.value is None:
        return "–"
    put = _span if name.endswith("_s") else _digits
    if not interval or score.low is None or score.high is None:
        return put(score.value)
    return f"{put(score.value)} ({put(score.low)} to {put(score.high)})"


def _digits(value: float) -> str:
    return f"{value:.3f}"


def _span(value_s: float) -> str:
    unit, word = next(((unit, word) for unit, word in reversed(_SPANS) if abs(value_s) >= 2 * unit), _SPANS[0])
    return f"{value_s / unit:.1f} {word}"


def _question(one: Judged) -> dict[str, Any]:
    return {
        "question": one.question,
        "rows": len(one.trouble),
        "share": float(one.trouble.mean()),
        "silent": int((~one.said).sum()),
        "scores": [
            (scorer, [figure(name, scores.get(name)) for name in NAMES[:6]]) for scorer, scores in one.scores.items()
        ],
        "reliability": Markup(_reliability(one)),  # noqa: S704 - drawn by us, names escaped
        "budget": Markup(_budget(one)),  # noqa: S704
        "segments": [(name, Markup(drawn)) for name, drawn in _segments(one)],  # noqa: S704
    }


def _reliability(one: Judged) -> str:
    bins = reliability(one.trouble, one.probability)
    largest = max(tenth.rows for tenth in bins)
    dots = [3.0 + 9.0 * (tenth.rows / largest) ** 0.5 for tenth in bins]
    said = Line(one.detector, [(tenth.said, tenth.true) for tenth in bins], dots)
    return lines(
        [said, Line("as said, so true", [(0.0, 0.0), (1.0, 1.0)], dashed=True)], "probability said", "came true"
    )


def _budget(one: Judged) -> str:
    shares = np.linspace(0.0, 0.5, 51)

    def line(name: str, score: Any) -> Line:
        return Line(name, list(zip(shares.tolist(), Ranking(one.trouble, score).curve(shares).tolist(), strict=True)))

    drawn = [line(one.detector, one.probability), Line("null", [(0.0, 0.0), (0.5, 0.5)], dashed=True)]
    if one.rule is not None:
        drawn.append(line("rule", one.rule))
    return lines(drawn, "share of rows told", "share of trouble caught", most=(0.5, 1.0))


def _segments(one: Judged) -> list[tuple[str, str]]:
    """Per name of a segment: average precision (bar) and the share of trouble (tick) in its largest parts."""
    by_name: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, ask in enumerate(one.question.asks):
        for name, value in ask.segment.items():
            by_name[name][value].append(row)
    drawn = []
    for name, parts in by_name.items():
        largest = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))[:SHOWN_SEGMENTS]
        rows = [_segment(one, value, np.array(places)) for value, places in largest if len(places) >= LEAST_ROWS]
        if shown := sorted(row for row in rows if row is not None):
            drawn.append((name, segments(shown)))
    return drawn


def _segment(one: Judged, value: str, rows: Any) -> tuple[str, float, float] | None:
    trouble = one.trouble[rows]
    if not trouble.any():
        return None
    precision = Ranking(trouble, one.probability[rows]).average_precision()
    return f"{value or '(none)'} · {len(rows)}", precision, float(trouble.mean())


def _leads(found: Telling) -> Markup:
    leads = found.lead_s[~np.isnan(found.lead_s)]
    if not leads.size:
        return Markup("<p>Nobody would have been told before it was felt.</p>")
    unit, word = next(((unit, word) for unit, word in reversed(_SPANS) if np.median(leads) >= 2 * unit), _SPANS[0])
    values = leads / unit
    step = _round_up(float(np.percentile(values, 98)) / 12)
    edges: list[float] = [step * number for number in range(13)]
    counts = np.histogram(np.minimum(values, edges[-1]), edges)[0].tolist()
    drawn = [(f"{edge:.3g}", float(count)) for edge, count in zip(edges[:-1], counts, strict=True)]
    return Markup(bars(drawn, f"{word}, from the opened issue to the moment it is felt", "told"))  # noqa: S704


def _round_up(step: float) -> float:
    """The next of 1, 2, 5, 10 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(step, 1e-9)))
    return next(float(power * nice) for nice in (1.0, 2.0, 5.0, 10.0) if power * nice >= step)
