"""The index of a run: every flight in one table, and the files that could not be read."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from dji_audit.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import AuditBasis
from dji_audit.compliance.findings import Outcome
from dji_audit.mapper.flight_page._method_notes import audit_basis_labelled_values
from dji_audit.mapper.flight_page._static_html import (
    OUTCOME_WORDS,
    labelled_value_list,
    warning_banner,
)
from dji_audit.mapper.html._assets import fill_template, index_script, read_asset
from dji_audit.mapper.html._csp import sealed_document
from dji_audit.mapper.html._escape import escape_html, table_row_html
from dji_audit.mapper.html._times import date_text, time_zone_between, unix_ms, utc_datetime
from dji_audit.mapper.index_page._overview_map import overview_map
from dji_audit.mapper.index_page._sections import (
    captures_section,
    declared_clocks_section,
    files_section,
    rules_section,
    sha256_line,
)
from dji_audit.mapper.index_page._triage import (
    hosts_section,
    not_flown_section,
    triage_section,
)
from dji_audit.plain_english import duration_text, pluralised_count, sentence_case
from dji_audit.report.rows import FileRow, FlightRow, FlightVerdict, RunContents
from dji_audit.report.verdict import NOT_READ

#: Verdict on a flight -> its word.
_VERDICT_WORDS = {
    FlightVerdict.NEEDS_LOOK: "Needs a look",
    FlightVerdict.NOTE: "Note",
    FlightVerdict.NOT_CHECKED: "Not checked",
    FlightVerdict.CLEAN_IN_PART: "Clean in part",
    FlightVerdict.CLEAN: "Clean",
    FlightVerdict.SIMULATED: "Simulated",
}
#: Outcomes of rules that a row of the index counts, in a word each.
_SHORT_OUTCOMES = {
    Outcome.FAIL: "failed",
    Outcome.FAIL_ACKNOWLEDGED: "acknowledged",
    Outcome.FAIL_AUTHORISED: "authorised",
    Outcome.NOT_ASSESSABLE: "not checked",
    Outcome.PASS: "passed",
}
_THERMAL_WORDS = {"yes": "thermal", "no": "no thermal"}


def draw_index_page(
    contents: RunContents,
    *,
    basis: AuditBasis,
    generated: datetime | None,
    verdict_line: str,
    local_zone: str = "Europe/London",
    case: CaseDetails = NO_CASE_DETAILS,
) -> str:
    """Return the index page of a run: self-contained, and the same for the same arguments.

    Args:
        contents: The rows of the run; flights are first shown in their order.
        basis: Tool, policy and catalogue that the flights were audited with.
        generated: When the page is made, aware; ``None``: not stated.
        verdict_line: The line that sums up the run, shown before anything else.
        local_zone: The IANA time zone shown beside UTC.
        case: What a person states of the case, shown in the head.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.SealError: If the page would load something.
    """
    flights = contents.flights
    unread_files = [file for file in contents.files if file.status in NOT_READ]
    slots = {
        "case": _case_list(case),
        "verdict": escape_html(verdict_line),
        "banner": warning_banner(_unread_files_warnings(flights, unread_files)),
        "triage": triage_section(contents),
        "flights": pluralised_count(len(flights), "flight"),
        "overview": overview_map(_start_points_by_flight_number(flights)),
        "rows": "".join(
            _flight_row(number, flight, local_zone) for number, flight in enumerate(flights, 1)
        ),
        "rules": rules_section(contents.results, contents.rules),
        "captures": captures_section(contents.captures, local_zone),
        "files": files_section(contents.files, {flight.id: flight.page for flight in flights})
        + declared_clocks_section(contents.clocks),
        "unread": _unread_section(unread_files),
        "not_flown": not_flown_section(contents.files),
        "hosts": hosts_section(contents.contacts),
        "zone": escape_html(local_zone),
        "basis": audit_basis_labelled_values(basis, generated),
    }
    body = fill_template(read_asset("index.html"), slots)
    head = "<title>Flights audited</title>\n"
    head += "".join(f"<style>{read_asset(name)}</style>\n" for name in ("page.css", "index.css"))
    return sealed_document(head, f"{body}<script>{index_script()}</script>\n</body>\n")


def _case_list(case: CaseDetails) -> str:
    """Return what a person states of the case; nothing if that is nothing."""
    return f'<dl class="facts">{labelled_value_list(case.labelled_values())}</dl>' if case else ""


def _unread_files_warnings(rows: Sequence[FlightRow], unread: Sequence[FileRow]) -> Iterator[str]:
    """Yield what must be read before anything else: what was not read."""
    if unread:
        yield f"{pluralised_count(len(unread), 'file')} could not be read: listed below the table."
    if partial := sum(1 for row in rows if _is_partly_read(row)):
        yield f"{pluralised_count(partial, 'flight')} could be read only in part: see “Read”."


def _start_points_by_flight_number(rows: Sequence[FlightRow]) -> list[tuple[float, float, int]]:
    """Return home point, else start, and number of each flight that has one."""
    return [
        (latitude, longitude, number)
        for number, row in enumerate(rows, 1)
        for latitude, longitude in (
            (row.home_latitude_deg, row.home_longitude_deg)
            if row.home_latitude_deg is not None
            else (row.start_latitude_deg, row.start_longitude_deg),
        )
        if latitude is not None and longitude is not None
    ]


def _is_partly_read(row: FlightRow) -> bool:
    return row.encrypted or row.cut_short or row.bytes_not_decoded > 0


def _flight_row(number: int, row: FlightRow, local_zone: str) -> str:
    flags = " ".join(str(outcome) for outcome in OUTCOME_WORDS if row.outcomes.get(outcome))
    flags += " partial" if _is_partly_read(row) else ""
    flags += " disagree" if row.disagreements else ""
    flags += f" {row.verdict}"
    cells = "".join(
        _table_cell(value, shown, kind) for value, shown, kind in _flight_cells(row, local_zone)
    )
    return f'<tr data-has="{flags}"><td class="number">{number}</td>{cells}</tr>'


def _table_cell(value: float | None, shown: str, kind: str) -> str:
    """Return a cell with what it is sorted by; without, it is sorted by its text."""
    key = "" if value is None or not math.isfinite(value) else f' data-key="{value:.10g}"'
    return f'<td class="{kind}"{key}>{shown}</td>'


def _flight_cells(row: FlightRow, local_zone: str) -> Iterator[tuple[float | None, str, str]]:
    name = escape_html(row.file)
    link = f'<a href="{quote(row.page)}">{name}</a>' if row.page else name
    start = unix_ms(row.takeoff) if row.takeoff is not None else unix_ms(row.start)
    yield None, f'{link}<span class="sub">{escape_html(row.id)}</span>', "file"
    yield float(row.files), _sources_cell(row), "sources"
    yield start, _takeoff_cell(row, start, local_zone), "time"
    names = ", ".join(filter(None, [row.aircraft, row.aircraft_name]))
    aircraft = escape_html(names or "not named")
    yield None, f'{aircraft}<span class="sub">{escape_html(row.serial or "")}</span>', "craft"
    duration = escape_html(duration_text(row.duration_s)) + _stated_by_header_mark(
        row, "duration_s"
    )
    yield row.duration_s, duration, "number"
    distance = _format_metres(row.distance_m) + _stated_by_header_mark(row, "distance_m")
    yield row.distance_m, distance, "number"
    height = _format_metres(row.max_height_ato_m) + _stated_by_header_mark(row, "max_height_ato_m")
    yield row.max_height_ato_m, height, "number"
    yield row.max_home_distance_m, _format_metres(row.max_home_distance_m), "number"
    yield row.video_s, _recorded_media_cell(row), "rec"
    yield _urgency_sort_key(row), _outcomes_cell(row), "outcomes"
    unread = row.bytes_not_decoded + 1e12 * row.encrypted
    unread += row.cut_short
    yield unread, _coverage_cell(row), "read"


def _stated_by_header_mark(row: FlightRow, column: str) -> str:
    """Return the mark of a value that a header states and no record shows; empty: records do."""
    return '<span class="sub">by the header</span>' if column in row.stated_by_header else ""


def _sources_cell(row: FlightRow) -> str:
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


def _takeoff_cell(row: FlightRow, start: int | None, local_zone: str) -> str:
    if start is None and row.local_start is not None:
        own = (row.local_takeoff or row.local_start)[:19].replace("T", " ")
        return f'{own}<span class="sub">clock of the log</span>'
    if start is None:
        return "not given"
    local = time_zone_between(local_zone, start, start).local_time_text(start)
    lead = "" if row.takeoff is not None else "log begins "
    lead = "header: " if "start" in row.stated_by_header else lead
    utc = f"{date_text(start)} {utc_datetime(start):%H:%M:%S}"
    return f'{lead}{utc}<span class="sub">{escape_html(local)}</span>'


def _format_metres(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "not known"
    return f"{value / 1000:.2f} km" if abs(value) >= 10_000 else f"{value:,.0f} m"


def _recorded_media_cell(row: FlightRow) -> str:
    parts = []
    if row.videos:
        parts.append(f"{pluralised_count(row.videos, 'video')}, {duration_text(row.video_s)}")
    if row.photos:
        parts.append(pluralised_count(row.photos, "photo"))
    if not parts:
        return "not known" if _is_partly_read(row) or row.photos is None else "none shown"
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


def _outcomes_cell(row: FlightRow) -> str:
    shown = [
        f'<span class="chip {outcome}">{row.outcomes[outcome]} {words}</span>'
        for outcome, words in _SHORT_OUTCOMES.items()
        if row.outcomes.get(outcome)
    ]
    words = f'<span class="chip {row.verdict}">{_VERDICT_WORDS[row.verdict]}</span>'
    worst = f'<span class="sub">worst finding: {row.worst}</span>' if row.worst else ""
    return f"{words} {' '.join(shown)}{worst}" if shown else "no rule was applied"


def _coverage_cell(row: FlightRow) -> str:
    words = "in part" if _is_partly_read(row) else "all"
    parts = ["encrypted"] if row.encrypted else []
    if row.cut_short:
        parts.append("cut short")
    if row.bytes_not_decoded:
        parts.append(f"{row.bytes_not_decoded:,} bytes not decoded")
    if row.issues:
        parts.append(pluralised_count(row.issues, "issue"))
    return f'{words}<span class="sub">{", ".join(parts)}</span>'


def _advice(file: FileRow) -> str:
    """Return what can be done with a file that was not read; empty: its reason says it."""
    if file.advice in ("", file.reason):
        return ""
    return f"<p>{escape_html(sentence_case(file.advice))}.</p>"


def _unread_section(unread: Sequence[FileRow]) -> str:
    if not unread:
        return ""
    rows = "".join(
        table_row_html(
            escape_html(file.name) + sha256_line(file),
            escape_html(file.reason),
            escape_html(file.kind or "not known") + _advice(file),
        )
        for file in unread
    )
    return (
        '<section aria-label="Files that could not be read"><h2>Not read, so not audited '
        f"({len(unread):,})</h2>"
        '<div class="scroll"><table id="unread"><thead><tr><th scope="col">File</th>'
        '<th scope="col">Reason</th>'
        '<th scope="col">What it looks like, and what can be done</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )
