"""Curves as SVG: panels next to each other, with both axes in powers of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 300  # of a panel with its margins
LEFT, RIGHT, TOP, BOTTOM = 60, 28, 64, 48
NARROW = 2.5  # powers of ten that are too few for ticks

# Colours that people with colour blindness tell apart, and dashes.
STYLES = (("#0072b2", ""), ("#009e73", "6 3"), ("#d55e00", "2 3"))


@dataclass
class Panel:
    """Curves over the same axes; a zero on the x-axis stands where a one would."""

    title: str
    across: str
    curves: dict[str, list[tuple[float, float]]]


def draw(panels: list[Panel]) -> str:
    """The panels as a picture. Curves with the same place in their panel look the same."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(panels)}" height="{HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for at, name in enumerate(panels[0].curves):
        x = LEFT + 150 * at
        parts += [stroke([(x, 18), (x + 28, 18)], at), text(x + 34, 22, name, "start")]
    for at, panel in enumerate(panels):
        parts += [f'<g transform="translate({WIDTH * at} 0)">', *drawn(panel), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def drawn(panel: Panel) -> list[str]:
    """The axes and the curves of a panel."""
    points = [point for curve in panel.curves.values() for point in curve]
    across = sorted({max(x, 1) for x, _ in points})
    upwards = ticks([y for _, y in points])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (right - LEFT) * share(max(x, 1), across),
            bottom - (bottom - TOP) * share(y, upwards),
        )

    parts = [text(LEFT, TOP - 14, panel.title, "start", "bold")]
    parts.append(text((LEFT + right) / 2, HEIGHT - 10, panel.across, "middle"))
    for y in upwards:
        _, down = place(1, y)
        parts.append(f'<path d="M{LEFT} {down:.1f}H{right}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, down + 4, short(y), "end"))
    for x in sorted({x for x, _ in points}):
        along, _ = place(x, upwards[0])
        parts.append(f'<path d="M{along:.1f} {bottom}v5" stroke="#666"/>')
        parts.append(text(along, bottom + 20, short(x), "middle"))
    parts.append(f'<path d="M{LEFT} {bottom}H{right}" stroke="#666"/>')
    parts += [
        stroke([place(*point) for point in curve], at)
        for at, curve in enumerate(panel.curves.values())
    ]
    return parts


def ticks(values: list[float]) -> list[float]:
    """Powers of ten around the values; with 2 and 5 between them, if they would be few."""
    low, high = math.log10(min(values)), math.log10(max(values))
    steps = (1, 2, 5) if high - low < NARROW else (1,)
    powers = range(math.floor(low), math.ceil(high) + 1)
    every = [step * 10.0**power for power in powers for step in steps]
    below = max(tick for tick in every if tick <= min(values))
    above = min((tick for tick in every if tick >= max(values)), default=every[-1])
    return [tick for tick in every if below <= tick <= max(above, below * 10)]


def short(value: float) -> str:
    """A number in few letters."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def share(value: float, scale: list[float]) -> float:
    """Where a value stands between the ends of a scale, from 0 to 1."""
    low, high = math.log10(scale[0]), math.log10(scale[-1])
    return (math.log10(value) - low) / (high - low or 1)


def stroke(points: list[tuple[float, float]], at: int) -> str:
    """A curve with its points marked."""
    colour, dashes = STYLES[at]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    line = f'<path d="M{path}" fill="none" stroke-width="2" stroke-dasharray="{dashes or "none"}"/>'
    return f'<g stroke="{colour}" fill="{colour}">{line}{dots}</g>'


def text(x: float, y: float, words: str, anchor: str, weight: str = "normal") -> str:
    """A line of text."""
    style = f'text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
