"""What came of a run as a whole: each rule over all flights, and every file that was given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.outcomes import Outcome
from dji_audit.mapper.flight_page._static_html import OUTCOME_WORDS
from dji_audit.mapper.html._escape import (
    escape_html,
    omitted_rows_note_html,
    small_print_html,
    table_row_of_html_cells,
)
from dji_audit.mapper.html._times import (
    date_text,
    time_zone_offsets_between,
    unix_ms,
    utc_datetime_from_ms,
)
from dji_audit.mapper.index_page._filter_data import OUTCOME_LETTERS, RuleOutcomesAcrossFlights
from dji_audit.mapper.index_page._filter_form import flight_count_link_html
from dji_audit.report.declared_clock_rows import DeclaredClockRow
from dji_audit.report.flight_location import DEFAULT_TIME_ZONE, known_time_zone_at
from dji_audit.report.rows import (
    FileRow,
    MediaCaptureFileRow,
    MediaFilesCaptureRow,
    PolicyRuleRow,
)

#: Reasons shown for a rule, the most frequent first; the pages of the flights give each.
_MAX_REASONS = 3
#: Files shown; the report holds all.
_MAX_FILES = 2000

#: Class of a file -> its words.
STATUS_WORDS = {
    "read": "read",
    "partial": "read in part",
    "encrypted": "encrypted",
    "unread": "not read",
    "unopened": "not opened",
    "container": "container",
    "no_evidence": "no evidence",
    "unknown": "kind not known",
    "copy": "copy",
    "other": "no log",
    "left_out": "left out by the unit",
}


def rules_section_html(outcomes: RuleOutcomesAcrossFlights) -> str:
    """Return a table with the outcomes of each rule over all flights; empty without any."""
    counts = outcomes.counts
    applied = [rule for rule in outcomes.rules if counts[rule]]
    if not applied:
        return ""
    order = sorted(
        applied, key=lambda rule: [-counts[rule][outcome] for outcome in OUTCOME_WORDS] + [0]
    )
    rows = "".join(
        _rule_row_html(outcomes.rules[rule], outcomes.not_assessable_reasons[rule], counts[rule])
        for rule in order
    )
    heads = "".join(
        f'<th scope="col" class="number">{words}</th>' for words in OUTCOME_WORDS.values()
    )
    unsure = sum(each[Outcome.NOT_ASSESSABLE] for each in counts.values())
    total = sum(each.total() for each in counts.values())
    not_assessable = flight_count_link_html(
        f"{unsure:,}", outcome=OUTCOME_LETTERS[Outcome.NOT_ASSESSABLE]
    )
    return (
        '<section aria-label="Rules" id="rule_section">'
        "<h2>Outcomes of each rule, and what was not checked</h2>"
        f"<p><b>{not_assessable} of {total:,} results are not assessable:</b> the logs do "
        "not hold what the rule needs. This does not mean that the rule was kept.</p>"
        f'<div class="scroll"><table id="rules"><thead><tr><th scope="col">Rule</th>{heads}'
        '<th scope="col">Why it could not be assessed</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _rule_row_html(
    rule: PolicyRuleRow, reasons: Mapping[str, int], counts: Mapping[Outcome, int]
) -> str:
    cells = "".join(_outcome_cell_html(rule, outcome, counts[outcome]) for outcome in OUTCOME_WORDS)
    shown = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    words = "".join(
        f"<p>{escape_html(reason)}{f' ({count:,} flights)' if count > 1 else ''}</p>"
        for reason, count in shown[:_MAX_REASONS]
    )
    if len(shown) > _MAX_REASONS:
        words += f'<p class="note">and {len(shown) - _MAX_REASONS:,} more reasons</p>'
    status = escape_html(rule.status.replace("_", " "))
    return (
        f"<tr><td><b>{escape_html(rule.title)}</b>"
        f'<span class="sub">{escape_html(rule.rule)} · {status}</span></td>'
        f'{cells}<td class="reasons">{words}</td></tr>'
    )


def _outcome_cell_html(rule: PolicyRuleRow, outcome: Outcome, count: int) -> str:
    number = '<span class="none">0</span>'
    if count:
        letter = OUTCOME_LETTERS[outcome]
        number = flight_count_link_html(
            f"{count:,}", f"chip {outcome}", rule=rule.rule, outcome=letter
        )
    return f'<td class="number">{number}</td>'


def files_section_html(files: Sequence[FileRow], flights: Mapping[str, str | None]) -> str:
    """Return every file that was given and its status; empty without any.

    Args:
        files: The files of the run.
        flights: Id of each flight -> its page, relative to the index; ``None``: it has none.
    """
    if not files:
        return ""
    counts = Counter(file.status for file in files)
    lead = ", ".join(
        f"{counts[status]:,} {words}" for status, words in STATUS_WORDS.items() if counts[status]
    )
    rows = "".join(_file_row_html(one, flights) for one in files[:_MAX_FILES])
    more = omitted_rows_note_html(len(files), _MAX_FILES)
    return (
        f'<section aria-label="Every file" id="file_section"><h2>{len(files):,} files given, '
        f"{len(files):,} accounted for</h2><p>{lead}.</p>"
        f"<details><summary>List them</summary><table><thead><tr>"
        '<th scope="col">File</th><th scope="col">Status</th>'
        '<th scope="col">What it is</th><th scope="col">Flights</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}</details></section>"
    )


def user_declared_clocks_section_html(clocks: Sequence[DeclaredClockRow]) -> str:
    """Return the clocks that a person declared and which logs use them; empty without any."""
    if not clocks:
        return ""
    rows = "".join(
        table_row_of_html_cells(
            escape_html(clock.files),
            escape_html(_declared_time_text(clock)) + small_print_html(clock.note),
            escape_html(", ".join(clock.used_by) or f"not used: {clock.unused_because}"),
        )
        for clock in clocks
    )
    return (
        '<section aria-label="Declared clocks" id="clocks"><h2>Clocks that were declared</h2>'
        "<p>These times are not stated by the files; a person declared them.</p>"
        '<table><thead><tr><th scope="col">Files</th><th scope="col">Declared</th>'
        f'<th scope="col">Used by</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )


def _declared_time_text(clock: DeclaredClockRow) -> str:
    if clock.shown is None:
        return f"begun at {clock.time.isoformat()}"
    return f"the clock showed {clock.shown.isoformat()} at {clock.time.isoformat()}"


def _file_row_html(one: FileRow, flights: Mapping[str, str | None]) -> str:
    status = one.status
    reason = f'<span class="sub">{escape_html(one.reason)}</span>' if one.reason else ""
    links = "<br>".join(_flight_link_html(flight, flights) for flight in one.flights)
    return table_row_of_html_cells(
        escape_html(one.name) + sha256_line_html(one),
        escape_html(STATUS_WORDS.get(status, status)) + reason,
        escape_html(one.kind or one.format or ""),
        links,
    )


def sha256_line_html(file: FileRow) -> str:
    """Return the SHA-256 of a file for below its name; empty: it was not computed."""
    if file.sha256 is None:
        return ""
    return f'<span class="sub hash">SHA-256 {escape_html(file.sha256)}</span>'


def _flight_link_html(flight: str, flights: Mapping[str, str | None]) -> str:
    page = flights.get(flight)
    return f'<a href="{quote(page)}">{escape_html(flight)}</a>' if page else escape_html(flight)


#: Captures shown; the report holds all.
_MAX_CAPTURES = 500


def media_captures_section_html(
    captures: Sequence[MediaFilesCaptureRow],
    local_zone: str | None,
    flight_zones: Mapping[str, str],
) -> str:
    """Return the section of captures; empty without any.

    Args:
        captures: Captures in media files.
        local_zone: The IANA time zone shown beside UTC; ``None``: that of where it was.
        flight_zones: The zone of each flight, by its number.
    """
    if not captures:
        return ""
    rows = "".join(
        _media_capture_row_html(
            capture, local_zone or _time_zone_where_captured(capture, flight_zones)
        )
        for capture in captures[:_MAX_CAPTURES]
    )
    count = pluralised_count(len(captures), "capture")
    more = omitted_rows_note_html(len(captures), _MAX_CAPTURES)
    return (
        f'<section aria-label="Media files"><h2>{count} in media files</h2>'
        '<div class="scroll"><table><thead><tr><th scope="col">Capture</th>'
        '<th scope="col">When (UTC, local)</th><th scope="col">Where</th>'
        '<th scope="col">What, by which sensor</th><th scope="col">Files</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
        '<p class="note">Files of one name are one capture. A clock without a stated time zone '
        "does not give UTC: such a capture has no time here.</p></section>"
    )


def _time_zone_where_captured(
    capture: MediaFilesCaptureRow, flight_zones: Mapping[str, str]
) -> str:
    """Return the time zone of the flight of a capture, else of the position that it states."""
    for stream in capture.streams:
        if zone := next((flight_zones[it] for it in stream.flights if it in flight_zones), None):
            return zone
    for stream in capture.streams:
        if stream.latitude_deg is None or stream.longitude_deg is None:
            continue
        if zone := known_time_zone_at(stream.latitude_deg, stream.longitude_deg):
            return zone
    return DEFAULT_TIME_ZONE


def _media_capture_row_html(capture: MediaFilesCaptureRow, local_zone: str) -> str:
    streams = capture.streams
    recorded = [
        f"{stream.kind}, {_sensor_name_or_not_stated(stream.sensor)}"
        for stream in streams
        if stream.kind
    ]
    what = "<br>".join(escape_html(text) for text in dict.fromkeys(recorded)) or "not stated"
    files = "<br>".join(
        escape_html(name) for name in dict.fromkeys(stream.file for stream in streams)
    )
    start = _media_capture_start_cell_html(streams, local_zone)
    return table_row_of_html_cells(
        escape_html(capture.name), start, _media_capture_position_cell_html(streams), what, files
    )


def _sensor_name_or_not_stated(name: str | None) -> str:
    return "sensor not stated" if name in (None, "unknown") else str(name)


def _media_capture_start_cell_html(streams: Sequence[MediaCaptureFileRow], local_zone: str) -> str:
    starts = sorted(stream.start for stream in streams if stream.start is not None)
    if not starts:
        return "not known"
    begun = unix_ms(starts[0])
    if begun is None:
        return "not known"
    local = escape_html(time_zone_offsets_between(local_zone, begun, begun).local_time_text(begun))
    return (
        f'{date_text(begun)} {utc_datetime_from_ms(begun):%H:%M:%S}<span class="sub">{local}</span>'
    )


def _media_capture_position_cell_html(streams: Sequence[MediaCaptureFileRow]) -> str:
    for stream in streams:
        latitude, longitude = stream.latitude_deg, stream.longitude_deg
        if latitude is not None and longitude is not None:
            height = stream.height_ato_m
            above = "" if height is None else f"{height:.0f} m above take-off"
            return f'{latitude:.6f}, {longitude:.6f}<span class="sub">{above}</span>'
    return "not stated"
