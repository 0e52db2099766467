"""Plots as SVG text, drawn by hand: they stand in the page itself and need nothing else."""

from collections.abc import Sequence
from html import escape

import msgspec

WIDTH, HEIGHT = 420, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
INK, FAINT = "#333", "#ddd"
COLOURS = ("#0b6fa4", "#999", "#c2571a")
"""The detector, the null, the rule: told apart in grey, too."""

Point = tuple[float, float]


class Line(msgspec.Struct, frozen=True):
    """A named line; with `dots` each point is a circle of that radius, too."""

    name: str
    points: Sequence[Point]
    dots: Sequence[float] = ()
    dashed: bool = False


def lines(
    drawn: Sequence[Line], across: str, up: str, *, most: Point = (1.0, 1.0), colours: Sequence[str] = COLOURS
) -> str:
    """Lines from 0 to `most`, both axes as shares. The legend stands below."""
    parts = [_frame(across, up, most)]
    for number, line in enumerate(drawn):
        colour = colours[number % len(colours)]
        places = [_place(point, most) for point in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        for (x, y), radius in zip(places, line.dots, strict=False):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.55"/>')
        x, y = LEFT, HEIGHT + 12 + 17 * number
        parts.append(
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 18}" y2="{y - 4}" stroke="{colour}" stroke-width="2"{dash}/>'
        )
        parts.append(_text(x + 24, y, line.name))
    return _svg(parts, HEIGHT + 17 * len(drawn))


def bars(counts: Sequence[tuple[str, float]], across: str, up: str) -> str:
    """Upright bars with their labels below; every second label when they are many."""
    most = max((count for _, count in counts), default=0.0) or 1.0
    parts, step = [_axes(across, up)], (WIDTH - LEFT - RIGHT) / max(len(counts), 1)
    parts += [_text(LEFT - 6, _y(share) + 4, f"{most * share:.0f}", "end") for share in (0.0, 0.5, 1.0)]
    for number, (label, count) in enumerate(counts):
        x, y = LEFT + number * step, _y(count / most)
        height = HEIGHT - BOTTOM - y
        parts.append(
            f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{step - 2:.1f}" height="{height:.1f}" fill="{COLOURS[0]}"/>'
        )
        if number % (1 + len(counts) // 9) == 0:
            parts.append(_text(x + step / 2, HEIGHT - BOTTOM + 15, label, "middle"))
    return _svg(parts, HEIGHT)


def segments(rows: Sequence[tuple[str, float, float]]) -> str:
    """One line per segment: a bar for the first share, a tick for the second."""
    height, parts, left = 26 + 18 * len(rows), [], 130
    room = WIDTH - left - 46
    for number, (label, first, second) in enumerate(rows):
        y = 8 + 18 * number
        parts.append(_text(left - 6, y + 11, label, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{room * first:.1f}" height="13" fill="{COLOURS[0]}"/>')
        x = left + room * second
        parts.append(
            f'<line x1="{x:.1f}" y1="{y - 2}" x2="{x:.1f}" y2="{y + 15}" stroke="{COLOURS[2]}" stroke-width="3"/>'
        )
        parts.append(_text(left + room * max(first, second) + 6, y + 11, f"{first:.2f}"))
    return _svg(parts, height)


def _frame(across: str, up: str, most: Point) -> str:
    marks = [_axes(across, up)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _place((share * most[0], share * most[1]), most)
        marks.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{FAINT}"/>')
        marks.append(_text(LEFT - 6, y + 4, f"{share * most[1]:.2f}", "end"))
        marks.append(_text(x, HEIGHT - BOTTOM + 15, f"{share * most[0]:.2f}", "middle"))
    return "".join(marks)


def _axes(across: str, up: str) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return (
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="{INK}"/>'
        + _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle")
        + f'<g transform="rotate(-90 12 {middle})">{_text(12, middle, up, "middle")}</g>'
    )


def _place(point: Point, most: Point) -> Point:
    x = LEFT + (WIDTH - LEFT - RIGHT) * point[0] / most[0]
    return x, _y(point[1] / most[1])


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: int) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">{"".join(parts)}</svg>'
