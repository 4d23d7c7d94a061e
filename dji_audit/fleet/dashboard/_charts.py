"""Charts of the dashboard: bars by month in SVG, each part a link to what it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from dji_audit.mapper.html._escape import escape_html

_WIDTH, _HEIGHT, _LEFT, _FOOT, _TOP = 760, 190, 44, 34, 12
#: Half the width of the name of a period, with the larger letters of a phone.
_HALF_NAME = 44
#: Bars that one chart shows by month; of more it shows years.
MAX_MONTHS = 48
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class StackedBarPartKind:
    """One kind of thing that the bars of a chart are made of."""

    #: Its class in the style sheet.
    name: str
    words: str
    #: What leads to its rows: keys of the address.
    choice: Mapping[str, str]


def filter_link_html(html: str, **choice: str) -> str:
    """Return HTML that leads to the rows it counts, by the address of the page."""
    return f'<a href="#{escape_html(urlencode(choice))}">{html}</a>'


def filter_link_with_count_html(count: int, **choice: str) -> str:
    """Return a number that leads to what it counts; zero leads nowhere."""
    text = f"{count:,}"
    return filter_link_html(text, **choice) if count else text


def months_or_years_spanned(months: Sequence[str]) -> list[str]:
    """Return every month from the first to the last, or every year where these are too many."""
    if not months:
        return []
    first, last = _months_since_year_zero(min(months)), _months_since_year_zero(max(months))
    if last - first < MAX_MONTHS:
        return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(first, last + 1)]
    return [f"{year:04d}" for year in range(first // 12, last // 12 + 1)]


def _months_since_year_zero(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_name_and_year_or_year_text(period: str) -> str:
    """Return ``May 2026``, or the year alone."""
    return f"{_MONTHS[int(period[5:7]) - 1]} {period[:4]}" if len(period) > 4 else period


def stacked_bar_chart_html(
    periods: Sequence[str],
    parts: Sequence[StackedBarPartKind],
    values: Mapping[tuple[str, str], float],
    unit: str,
    subject: str,
) -> str:
    """Return a chart of stacked bars with its key, and a table of the same figures.

    Args:
        periods: Months or years, in order.
        parts: What the bars are made of, from the bottom.
        values: Period and name of a part -> its value.
        unit: Behind a number, such as ``flights`` or ``h``.
        subject: What the chart shows, for those who do not see it.
    """
    shown = [part for part in parts if any(values.get((it, part.name)) for it in periods)]
    if not periods or not shown:
        return '<p class="none">None.</p>'
    sums = [sum(values.get((it, part.name), 0.0) for part in shown) for it in periods]
    step = _round_axis_step(max(sums) / 4)
    top = step * max(1, -(-max(sums) // step))
    room = (_WIDTH - _LEFT) / len(periods)
    wide = min(room * 0.78, 46.0)
    scale = (_HEIGHT - _FOOT - _TOP) / top
    base = _HEIGHT - _FOOT
    lines = "".join(
        f'<path class="grid" d="M{_LEFT} {base - level * scale:.1f}H{_WIDTH}"/>'
        f'<text class="axis end" x="{_LEFT - 5}" y="{base - level * scale + 4:.1f}">'
        f"{_format_number(level)}</text>"
        for level in (step * index for index in range(round(top / step) + 1))
    )
    bars = []
    for index, period in enumerate(periods):
        left, at = _LEFT + room * index + (room - wide) / 2, float(base)
        for part in shown:
            value = values.get((period, part.name), 0.0)
            if not value:
                continue
            tall = value * scale
            at -= tall
            when = month_name_and_year_or_year_text(period)
            words = f"{when}, {part.words}: {_format_number(value)} {unit}"
            bars.append(
                f'<a tabindex="-1" href="#{_filter_query_of_bar(period, part)}" '
                f'aria-label="{escape_html(words)}"><rect class="{part.name}" x="{left:.1f}" '
                f'y="{at:.1f}" width="{wide:.1f}" height="{tall:.1f}"><title>'
                f"{escape_html(words)}</title></rect></a>"
            )
    every = max(1, -(-len(periods) // max(1, int((_WIDTH - _LEFT) / 86))))
    names = "".join(
        _period_name_svg(period, _LEFT + room * (index + 0.5), base + 16)
        for index, period in enumerate(periods)
        if index % every == 0
    )
    key = "".join(
        f'<li><svg viewBox="0 0 14 14" aria-hidden="true"><rect class="{part.name}" width="14" '
        f'height="14"/></svg>{escape_html(part.words)}</li>'
        for part in shown
    )
    return (
        f'<svg class="bars" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="group" '
        f'aria-label="{escape_html(subject)}; the table below has its figures">'
        f"{lines}{''.join(bars)}{names}</svg>"
        f'<ul class="bar_key">{key}</ul>{_chart_values_table_html(periods, shown, values, subject)}'
    )


def _period_name_svg(period: str, middle: float, below: int) -> str:
    """Return the name of a period below its bar: where it would be cut, it ends at the edge."""
    is_cut = middle + _HALF_NAME > _WIDTH
    at, anchor = (_WIDTH, "end") if is_cut else (middle, "middle")
    words = month_name_and_year_or_year_text(period)
    return f'<text class="axis {anchor}" x="{at:.1f}" y="{below}">{words}</text>'


def _filter_query_of_bar(period: str, part: StackedBarPartKind) -> str:
    return escape_html(urlencode({"month": period, **part.choice}))


def _chart_values_table_html(
    periods: Sequence[str],
    parts: Sequence[StackedBarPartKind],
    values: Mapping[tuple[str, str], float],
    subject: str,
) -> str:
    heads = "".join(
        f'<th scope="col" class="number">{escape_html(part.words)}</th>' for part in parts
    )
    rows = []
    for period in periods:
        cells = "".join(
            '<td class="number">'
            f"{_chart_value_link_html(values.get((period, part.name), 0.0), period, part)}</td>"
            for part in parts
        )
        rows.append(
            f'<tr><th scope="row">{month_name_and_year_or_year_text(period)}</th>{cells}</tr>'
        )
    return (
        f'<details><summary>Figures</summary><div class="scroll" '
        f'aria-label="Figures: {escape_html(subject)}"><table class="figures"><thead><tr>'
        f'<th scope="col">Month</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        "</div></details>"
    )


def _chart_value_link_html(value: float, period: str, part: StackedBarPartKind) -> str:
    return filter_link_html(_format_number(value), month=period, **part.choice) if value else "0"


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _round_axis_step(least: float) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that is large enough."""
    power = 0.1
    while power * 5 < least:
        power *= 10
    return next(factor * power for factor in (1, 2, 5) if factor * power >= least)
