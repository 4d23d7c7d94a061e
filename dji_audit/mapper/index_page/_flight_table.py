"""The table of flights: one row a flight."""

import math
from collections.abc import Iterator
from urllib.parse import quote

import pandas as pd

from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.compliance.outcomes import Outcome
from dji_audit.mapper.flight_page._static_html import OUTCOME_WORDS
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._times import (
    date_text,
    time_zone_offsets_between,
    unix_ms,
    utc_datetime_from_ms,
)
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.rows import FlightRow

#: Verdict on a flight -> its word.
VERDICT_WORDS = {
    FlightVerdict.NEEDS_LOOK: "Needs a look",
    FlightVerdict.NOTE: "Note",
    FlightVerdict.NOT_CHECKED: "Not checked",
    FlightVerdict.CLEAN_IN_PART: "Clean in part",
    FlightVerdict.CLEAN: "Clean",
    FlightVerdict.SIMULATED: "Simulated",
}
#: Outcomes of rules that a row of the index counts, in a word each.
SHORT_OUTCOMES = {
    Outcome.FAIL: "failed",
    Outcome.FAIL_ACKNOWLEDGED: "acknowledged",
    Outcome.FAIL_AUTHORISED: "authorised",
    Outcome.NOT_ASSESSABLE: "not checked",
    Outcome.PASS: "passed",
}
_THERMAL_WORDS = {"yes": "thermal", "no": "no thermal"}


#: Name of a column in an address, its head, and whether it holds numbers.
COLUMNS = (
    ("number", "No.", True),
    ("flight", "Flight, by its first source", False),
    ("sources", "Sources", False),
    ("takeoff", "Take-off (UTC, local)", False),
    ("place", "Place", False),
    ("aircraft", "Aircraft", False),
    ("duration", "Duration", True),
    ("distance", "Distance", True),
    ("height", "Height", True),
    ("home", "From home", True),
    ("recorded", "Recorded", False),
    ("rules", "Rules", False),
    ("read", "Read", False),
)


def flight_table_heads_html() -> str:
    """Return the heads of the table of flights, as HTML."""
    return "".join(
        f'<th scope="col" data-column="{name}" class="{"number" if is_number else "words"}">'
        f"{head}</th>"
        for name, head, is_number in COLUMNS
    )


def flight_page_link_html(page: str | None, words: str, moment: pd.Timestamp | None = None) -> str:
    """Return words that lead to the page of a flight, as HTML; without a page only the words.

    Args:
        page: The page, relative to the index.
        words: What the link says.
        moment: What the page shall show first, UTC; ``None``: its beginning.
    """
    name = escape_html(words)
    if not page:
        return name
    ms = unix_ms(moment)
    when = "" if ms is None else f"#t={utc_datetime_from_ms(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"
    return f'<a href="{quote(page)}{when}">{name}</a>'


def is_partly_read(row: FlightRow) -> bool:
    """Return whether something of a flight's logs was not read."""
    return row.encrypted or row.cut_short or row.bytes_not_decoded > 0


def flight_row_html(number: int, row: FlightRow) -> str:
    """Return the row of a flight in the table of flights, as HTML."""
    flags = " ".join(str(outcome) for outcome in OUTCOME_WORDS if row.outcomes.get(outcome))
    flags += " partial" if is_partly_read(row) else ""
    flags += " disagree" if row.disagreements else ""
    flags += f" {row.verdict}"
    cells = "".join(
        _sortable_cell_html(value, shown, kind) for value, shown, kind in _flight_table_cells(row)
    )
    return (
        f'<tr data-has="{flags}" data-id="{escape_html(row.id)}">'
        f'<td class="number">{number}</td>{cells}</tr>'
    )


def _sortable_cell_html(value: float | None, shown: str, kind: str) -> str:
    """Return a cell with what it is sorted by; without, it is sorted by its text."""
    key = "" if value is None or not math.isfinite(value) else f' data-key="{value:.10g}"'
    return f'<td class="{kind}"{key}>{shown}</td>'


def _flight_table_cells(row: FlightRow) -> Iterator[tuple[float | None, str, str]]:
    link = flight_page_link_html(row.page, row.file)
    start = unix_ms(row.takeoff) if row.takeoff is not None else unix_ms(row.start)
    yield None, f'{link}<span class="sub">{escape_html(row.id)}</span>', "file"
    yield float(row.files), _sources_cell_html(row), "sources"
    yield start, _takeoff_time_cell_html(row, start), "time"
    others = len(row.nearby_aircraft)
    beside = f'<span class="sub">{others} other aircraft received near it</span>' if others else ""
    yield None, escape_html(row.place or "not known") + beside, "place"
    names = ", ".join(filter(None, [row.aircraft, row.aircraft_name]))
    aircraft = escape_html(names or "not named")
    own = '<span class="sub">as broadcast; no log of its own</span>' if row.received_only else ""
    yield None, f'{aircraft}<span class="sub">{escape_html(row.serial or "")}</span>{own}', "craft"
    duration = escape_html(duration_text(row.duration_s)) + _mark_of_value_that_only_header_states(
        row, "duration_s"
    )
    yield row.duration_s, duration, "number"
    distance = _format_metres(row.distance_m) + _mark_of_value_that_only_header_states(
        row, "distance_m"
    )
    yield row.distance_m, distance, "number"
    height = _format_metres(row.max_height_ato_m) + _mark_of_value_that_only_header_states(
        row, "max_height_ato_m"
    )
    yield row.max_height_ato_m, height, "number"
    yield row.max_home_distance_m, _format_metres(row.max_home_distance_m), "number"
    yield row.video_s, _recorded_media_cell_html(row), "rec"
    yield _urgency_sort_key(row), _outcome_counts_cell_html(row), "outcomes"
    unread = row.bytes_not_decoded + 1e12 * row.encrypted
    unread += row.cut_short
    yield unread, _read_coverage_cell_html(row), "read"


def _mark_of_value_that_only_header_states(row: FlightRow, column: str) -> str:
    """Return the mark of a value that a header states and no record shows; empty: records do."""
    return '<span class="sub">by the header</span>' if column in row.stated_by_header else ""


def _sources_cell_html(row: FlightRow) -> str:
    """Return the number of source files, of disagreements between them, and their names."""
    if row.files < 2:
        return "1 file"
    apart = row.disagreements
    words = pluralised_count(apart, "disagreement") if apart else "no disagreement"
    names = "".join(f"<li>{escape_html(source.file)}</li>" for source in row.sources)
    return (
        f"<details><summary>{row.files} files</summary>"
        f'<ul class="evidence">{names}</ul></details><span class="sub">{words}</span>'
    )


def _takeoff_time_cell_html(row: FlightRow, start: int | None) -> str:
    if start is None and row.local_start is not None:
        own = (row.local_takeoff or row.local_start)[:19].replace("T", " ")
        return f'{own}<span class="sub">clock of the log</span>'
    if start is None:
        return "not given"
    local = time_zone_offsets_between(row.timezone, start, start).local_time_text(start)
    lead = "" if row.takeoff is not None else "log begins "
    lead = "header: " if "start" in row.stated_by_header else lead
    utc = f"{date_text(start)} {utc_datetime_from_ms(start):%H:%M:%S}"
    return f'{lead}{utc}<span class="sub">{escape_html(local)}</span>'


def _format_metres(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "not known"
    return f"{value / 1000:.2f} km" if abs(value) >= 10_000 else f"{value:,.0f} m"


def _recorded_media_cell_html(row: FlightRow) -> str:
    parts = []
    if row.videos:
        parts.append(f"{pluralised_count(row.videos, 'video')}, {duration_text(row.video_s)}")
    if row.photos:
        parts.append(pluralised_count(row.photos, "photo"))
    if not parts:
        return "not known" if is_partly_read(row) or row.photos is None else "none shown"
    thermal = _THERMAL_WORDS.get(row.thermal, "thermal not stated")
    return f'{", ".join(parts)}<span class="sub">{thermal}</span>'


def _urgency_sort_key(row: FlightRow) -> float:
    """Return a number that puts the most urgent flights on one side."""
    order = list(FlightVerdict)
    unsure = row.outcomes.get(Outcome.NOT_ASSESSABLE, 0)
    return (
        100_000 * (len(order) - order.index(row.verdict))
        + 10_000 * (row.worst.rank if row.worst else 0)
        + 100 * row.outcomes.get(Outcome.FAIL, 0)
        + unsure
    )


def _outcome_counts_cell_html(row: FlightRow) -> str:
    shown = [
        _chip_linking_to_page_html(row, str(outcome), f"{row.outcomes[outcome]} {words}")
        for outcome, words in SHORT_OUTCOMES.items()
        if row.outcomes.get(outcome)
    ]
    words = f'<span class="chip {row.verdict}">{VERDICT_WORDS[row.verdict]}</span>'
    worst = f'<span class="sub">worst finding: {row.worst}</span>' if row.worst else ""
    return f"{words} {' '.join(shown)}{worst}" if shown else "no rule was applied"


def _chip_linking_to_page_html(row: FlightRow, kind: str, words: str) -> str:
    """Return a number of rules that leads to them on the page of the flight, as HTML."""
    if not row.page:
        return f'<span class="chip {kind}">{words}</span>'
    return f'<a class="chip {kind}" href="{quote(row.page)}#tab=rules">{words}</a>'


def _read_coverage_cell_html(row: FlightRow) -> str:
    words = "in part" if is_partly_read(row) else "all"
    parts = ["encrypted"] if row.encrypted else []
    if row.cut_short:
        parts.append("cut short")
    if row.bytes_not_decoded:
        parts.append(f"{pluralised_count(row.bytes_not_decoded, 'byte')} not decoded")
    if row.issues:
        parts.append(pluralised_count(row.issues, "issue"))
    return f'{words}<span class="sub">{", ".join(parts)}</span>'
