"""The charts of an incident as pictures: one quantity against seconds from the moment."""

from collections.abc import Callable, Iterator

import numpy as np

from dji_audit.incident._incident_document_model import Floats, IncidentChart, IncidentChartLine
from dji_audit.mapper.html._escape import escape_html

#: From values to pixels.
Scale = Callable[[Floats], Floats]

WIDTH, HEIGHT = 480, 166
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 36, 20
#: Most points of one line: more than a printed line can show.
_MAX_POINTS = 1500
#: Colour, and dashes as the second cue.
_LOOKS = (
    ("#0b3d6b", ""),
    ("#d55e00", "7 3"),
    ("#00735c", "2 3"),
    ("#332288", "9 3 2 3"),
    ("#5f6b76", "4 4"),
    ("#b00020", "1 4"),
)
_INK, _GRID = "#14181d", "#cdd4db"


def chart_svg(
    chart: IncidentChart, before_s: float, after_s: float, width: int = WIDTH, height: int = HEIGHT
) -> str:
    """Return a chart as an SVG element, without any text of a log but the names of its lines.

    Args:
        chart: What is drawn.
        before_s: Seconds that the axis shows before the moment.
        after_s: Seconds after it.
        width: In the unit in which its letters are 10 high.
        height: Likewise.
    """
    values = np.concatenate([line.values for line in chart.lines])
    low, high = _round_axis_limits(float(values.min()), float(values.max()), chart.least_span)

    def x(seconds: Floats) -> Floats:
        share = (seconds + before_s) / (before_s + after_s)
        return _LEFT + share * (width - _LEFT - _RIGHT)

    def y(value: Floats) -> Floats:
        share = (value - low) / (high - low)
        return height - _BOTTOM - share * (height - _TOP - _BOTTOM)

    title = f"{chart.title}, {chart.unit}" if chart.unit else chart.title
    parts = [
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape_html(title)} against seconds from the moment">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="0" y="12" {_text_attributes(12)} font-weight="bold">{escape_html(title)}</text>',
    ]
    for value in np.linspace(low, high, 3):
        at = float(y(np.array(value)))
        parts.append(
            f'<path d="M{_LEFT} {at:.1f}H{width - _RIGHT}" stroke="{_GRID}"/>'
            f'<text x="{_LEFT - 4}" y="{at + 4:.1f}" text-anchor="end" {_text_attributes(10)}>'
            f"{value:g}</text>"
        )
    for second in _time_axis_tick_seconds(before_s, after_s, most=width // 50):
        at = float(x(np.array(second)))
        is_moment = second == 0
        parts.append(
            f'<path d="M{at:.1f} {_TOP}V{height - _BOTTOM}" '
            f'stroke="{_INK if is_moment else _GRID}"/>'
            f'<text x="{at:.1f}" y="{height - 6}" text-anchor="middle" {_text_attributes(10)}>'
            f"{'moment' if is_moment else f'{second:+g} s'}</text>"
        )
    parts += [*_chart_lines_svg(chart.lines, x, y), "</svg>"]
    return "".join(parts)


def _chart_lines_svg(lines: tuple[IncidentChartLine, ...], x: Scale, y: Scale) -> Iterator[str]:
    """Yield each line, and above the chart its name beside a piece of it."""
    legend_x = float(_LEFT)
    for number, line in enumerate(lines):
        colour, dashes = _LOOKS[number % len(_LOOKS)]
        look = f'stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dashes}"'
        step = max(1, -(-len(line.values) // _MAX_POINTS))
        across, up = x(line.seconds[::step]), y(line.values[::step])
        places = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
        if len(line.values) == 1:
            yield f'<circle cx="{across[0]:.1f}" cy="{up[0]:.1f}" r="2.5" fill="{colour}"/>'
        else:
            yield f'<polyline points="{places}" fill="none" {look}/>'
        if len(lines) > 1:
            yield (
                f'<path d="M{legend_x:.0f} 24h20" fill="none" {look}/>'
                f'<text x="{legend_x + 24:.0f}" y="28" {_text_attributes(10)}>'
                f"{escape_html(line.label)}</text>"
            )
            legend_x += 5.4 * len(line.label) + 40


def _text_attributes(size: int) -> str:
    return f'font-family="sans-serif" font-size="{size}" fill="{_INK}"'


def _round_axis_limits(low: float, high: float, least_span: float) -> tuple[float, float]:
    """Return limits at round numbers that enclose two values and are far enough apart."""
    if high - low < least_span:
        middle = (low + high) / 2
        low, high = middle - least_span / 2, middle + least_span / 2
    step = 10 ** np.floor(np.log10((high - low) / 2))
    step *= next(it for it in (5, 2, 1) if it == 1 or (high - low) / (step * it) >= 2)
    first, last = np.floor(low / step), np.ceil(high / step)
    # An even number of steps, so that the line in the middle has a round number too.
    last += (last - first) % 2
    return float(first * step), float(last * step)


def _time_axis_tick_seconds(before_s: float, after_s: float, most: int) -> list[float]:
    """Return seconds from the moment at a round step, the moment among them."""
    whole = before_s + after_s
    step = next((it for it in (1, 2, 5, 10, 20, 30, 60, 120, 300) if whole / it <= most), whole / 5)
    first, last = -int(before_s // step), int(after_s // step)
    return [number * step for number in range(first, last + 1)]
