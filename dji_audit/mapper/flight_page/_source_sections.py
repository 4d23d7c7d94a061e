"""The sources of a flight: clock alignment, fit, and what each contributes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import parsers
from dji_audit.common.plain_english import pluralised_count
from dji_audit.flights import (
    ALIGNMENT_METHODS,
    Disagreement,
    Flight,
    FlightSource,
    LogToFlightMatch,
    ValueInLog,
)
from dji_audit.mapper.flight_page._byte_coverage import ByteCoverageSummary
from dji_audit.mapper.flight_page._method_notes import (
    byte_coverage_section_html,
    clock_uncertainty_words,
)
from dji_audit.mapper.flight_page._static_html import labelled_values_html, utc_and_local_text
from dji_audit.mapper.html._escape import escape_html, small_print_html, table_html
from dji_audit.mapper.html._times import TimeZone, unix_ms

#: Sides of a disagreement that are listed; the report has all.
_MAX_SIDES = 12
_COLUMN_WORDS: Mapping[str, str] = {
    "latitude_deg": "position",
    "longitude_deg": "position",
    "altitude_amsl_m": "height above sea level",
    "height_ato_m": "height above take-off",
    "height_agl_m": "height over ground",
    "ground_speed_mps": "speed",
    "vertical_speed_mps": "climb",
    "course_deg": "course",
    "heading_deg": "heading",
    "pitch_deg": "pitch of the airframe",
    "roll_deg": "roll of the airframe",
    "gimbal_yaw_deg": "yaw of the camera",
    "gimbal_pitch_deg": "pitch of the camera",
    "gimbal_roll_deg": "roll of the camera",
    "battery_pct": "battery",
    "flight_mode": "flight mode",
}


def table_of_sources_and_clocks_html(
    flight: Flight, coverages: Sequence[ByteCoverageSummary], local: TimeZone
) -> str:
    """Return the sources with clock and fit; the source of the track comes first."""
    if len(flight.sources) == 1:
        card = _source_heading_html(flight, 0, coverages[0]) + _labelled_values_of_one_source_html(
            flight, 0, coverages[0], local
        )
        return f'<div class="card source">{card}</div>'
    rows = "".join(_source_row_html(flight, index, read) for index, read in enumerate(coverages))
    received = ""
    if (
        any(source.is_from_receiver for source in flight.sources)
        and not flight.is_known_only_from_receivers
    ):
        received = (
            "<p>A received broadcast is what another device recorded of the aircraft. It confirms "
            "or contradicts the track, and gives none of it.</p>"
        )
    return (
        f"<p>This flight has {len(flight.sources)} source files. The first gives the track and "
        "the clock. The others are aligned with it, and values at the same moment are compared.</p>"
        f"{received}" + table_html({"File": "", "Clock": "s", "Fit": "t"}, rows, 'id="files"')
    )


def source_details_html(
    flight: Flight, coverages: Sequence[ByteCoverageSummary], local: TimeZone
) -> str:
    """Return all facts about each source where there are several; empty for one."""
    if len(flight.sources) == 1:
        return ""
    cards = "".join(
        f'<details class="card source"><summary>{_source_heading_html(flight, index, read)}'
        "</summary>"
        f"{_labelled_values_of_one_source_html(flight, index, read, local)}</details>"
        for index, read in enumerate(coverages)
    )
    return f'<h2>Each source</h2><div id="source_cards">{cards}</div>'


def _source_row_html(flight: Flight, index: int, read: ByteCoverageSummary) -> str:
    source = flight.sources[index]
    alignment, match = source.alignment, source.match
    shift = alignment.offset_s or 0.0
    moved = f"{shift:+,.1f} s, " if abs(shift) >= 0.05 else ""
    if source.start_of_elapsed_clock is not None:
        moved = f"counts from {source.start_of_elapsed_clock:%H:%M:%S} UTC, "
    known = "within an unknown error"
    if alignment.uncertainty_s is not None:
        known = f"within {clock_uncertainty_words(alignment.uncertainty_s)}"
    if alignment.drift is not None and alignment.has_drift:
        known += f"; {alignment.drift.description}"
    known = moved + known if alignment.is_aligned else alignment.reason
    fit = "" if match is None else f"{match.score:.2f}"
    apart = "" if match is None or match.distance_m is None else f"{match.distance_m:.2f} m apart"
    return (
        f"<tr><td>{_source_heading_html(flight, index, read)}"
        f'<span class="sub">{escape_html(_contribution_words(flight, index))}</span></td>'
        f"<td>{escape_html(ALIGNMENT_METHODS.get(alignment.method, alignment.method))}"
        f'<span class="sub">{escape_html(known)}</span></td>'
        f'<td>{fit}<span class="sub">{apart}</span></td></tr>'
    )


def _source_heading_html(flight: Flight, index: int, read: ByteCoverageSummary) -> str:
    chips = "".join(
        f' <span class="chip {kind}">{escape_html(words)}</span>'
        for words, kind in _source_role_chip_texts_and_css_classes(flight, index, read)
    )
    number = f'<span class="badge">{index + 1}</span>' if len(flight.sources) > 1 else ""
    return f"<h3>{number}{escape_html(_source_file_name(flight, index))}{chips}</h3>"


def _labelled_values_of_one_source_html(
    flight: Flight, index: int, read: ByteCoverageSummary, local: TimeZone
) -> str:
    source = flight.sources[index]
    file = source.log.source
    lines = [
        ("Format", " ".join(filter(None, [file.format, file.format_version]))),
        ("Size", f"{file.size:,} bytes"),
        ("SHA-256", file.sha256),
        *_clock_labels_and_values(source),
        ("Covers", _start_and_end_time_words(source, local)),
        ("Provides", _contribution_words(flight, index)),
        ("Fit", _match_score_words(source.match)),
        *(
            ("Alternative", f"also fits {other.flight_id}: {_match_score_words(other.match)}")
            for other in source.alternative_flights
        ),
        *(("Note", note) for note in source.log.clock.notes),
    ]
    return (
        f'<dl class="list">{labelled_values_html(lines)}</dl>'
        f"<h3>How much of it was read</h3>{byte_coverage_section_html(source.log, read)}"
    )


def _source_role_chip_texts_and_css_classes(
    flight: Flight, index: int, read: ByteCoverageSummary
) -> Iterator[tuple[str, str]]:
    source = flight.sources[index]
    if index == 0 and len(flight.sources) > 1:
        yield "track", ""
    if source.copy_of is not None:
        yield f"copy of {source.copy_of + 1}", ""
    if source.is_media:
        yield "recording", ""
    if source.is_from_receiver:
        yield "received broadcast", ""
    if not source.alignment.is_aligned:
        yield "clock not aligned", "warned"
    if source.log.encrypted:
        yield "encrypted", "warned"
    if read.warnings:
        yield "read in part", "warned"


def _clock_labels_and_values(source: FlightSource) -> Iterator[tuple[str, str]]:
    clock, alignment = source.log.clock, source.alignment
    yield "Clock", clock.source or "the log does not state where its times come from"
    yield "Alignment", ALIGNMENT_METHODS.get(alignment.method, alignment.method)
    drift = alignment.drift
    if source.start_of_elapsed_clock is not None:
        yield "Elapsed time from", f"{source.start_of_elapsed_clock:%Y-%m-%d %H:%M:%S} UTC"
    elif alignment.shifts_times:
        shift = f"{alignment.offset_s or 0.0:+.3f} s to the flight's clock"
        if drift is not None and alignment.has_drift:
            own = datetime.fromtimestamp(drift.reference_s, UTC)
            shift += f" when it showed {own:%H:%M:%S}"
        yield "Shifted by", shift
    yield "Known within", clock_uncertainty_words(alignment.uncertainty_s)
    if alignment.method != "reference" and alignment.is_aligned:
        yield "Drift", "not known" if drift is None else drift.description
    if alignment.timezone_s is not None:
        yield "Time zone", f"UTC{alignment.timezone_s / 3600:+.4g} h"
    yield "Reason", alignment.reason


def _start_and_end_time_words(source: FlightSource, local: TimeZone) -> str:
    start, end = unix_ms(source.start), unix_ms(source.end)
    if start is None:
        return ""
    words = utc_and_local_text(start, local)
    return words if end is None or end == start else f"{words} to {utc_and_local_text(end, local)}"


def _contribution_words(flight: Flight, index: int) -> str:
    """Return which parts of the flight come from a source."""
    parts = []
    if index == 0:
        parts.append("track, except columns of other sources" if flight.column_sources else "track")
    parts += sorted(
        {_COLUMN_WORDS.get(c, c) for c, by in flight.column_sources.items() if by == index}
    )
    for noun, frame in (
        ("event", flight.events),
        ("recording", flight.captures),
        ("contact", flight.contacts),
    ):
        count = int((frame["source_index"] == index).sum())
        if count:
            parts.append(pluralised_count(count, noun))
    if flight.home is not None and flight.home_source_index == index:
        parts.append("home point")
    return ", ".join(parts) or "nothing beyond the other sources"


def _match_score_words(match: LogToFlightMatch | None) -> str:
    if match is None:
        return ""
    parts = [f"{match.score:.2f} of 1"]
    if match.serials_agree is not None:
        parts.append("serial numbers agree" if match.serials_agree else "serial numbers contradict")
    if match.overlap is not None:
        parts.append(f"{100 * match.overlap:.0f} % of the time in common")
    if match.distance_m is not None:
        parts.append(f"tracks {match.distance_m:.2f} m apart")
    if match.power_on_difference_s is not None:
        parts.append(f"powered on {match.power_on_difference_s:.1f} s apart")
    return ", ".join(parts)


def disagreement_section_html(flight: Flight, local: TimeZone) -> str:
    """Return the disagreements beyond the errors of the sources, and the remarks."""
    if len(flight.sources) < 2 and not flight.disagreements and not flight.sequence_gaps:
        return ""
    rows = "".join(_disagreement_row_html(flight, one, local) for one in flight.disagreements)
    table = (
        table_html({"Time": "t", "Disagreement": "", "Bytes": "s"}, rows, 'id="disagreements"')
        if rows
        else "<p>Where the sources could be compared, they agree within their errors.</p>"
    )
    notes = "".join(
        f"<li>{escape_html(one.text)} "
        f"({escape_html(_source_file_name(flight, one.source_index))})</li>"
        for one in flight.sequence_gaps
    )
    remarks = f'<h2>Remarks (not evidence)</h2><ul class="evidence">{notes}</ul>' if notes else ""
    return f"<h2>Disagreements between sources ({len(flight.disagreements)})</h2>{table}{remarks}"


def _disagreement_row_html(flight: Flight, one: Disagreement, local: TimeZone) -> str:
    start, end = unix_ms(one.start), unix_ms(one.end)
    at = "" if start is None else f' data-at="{start}"'
    until = "" if end is None else f' data-end="{end}"'
    time = "whole flight" if start is None else utc_and_local_text(start, local)
    apart = ""
    if one.difference is not None and one.tolerance is not None:
        apart = f"{one.difference:.4g} {one.unit} apart, {one.tolerance:.4g} {one.unit} allowed"
        apart += f" ({one.tolerance_basis})" if one.tolerance_basis else ""
    count = f"{one.count:,} rows" if one.count > 1 else ""
    limit = small_print_html("; ".join(filter(None, (apart, count))))
    sides = "".join(_source_value_html(flight, side) for side in one.sides[:_MAX_SIDES])
    if (more := len(one.sides) - _MAX_SIDES) > 0:
        sides += f"<div>and {more:,} more: report.json lists all</div>"
    return (
        f'<tr{at}{until}><td class="time">{escape_html(time)}</td>'
        f"<td><b>{escape_html(one.kind)}</b>: "
        f"{escape_html(one.text)}{limit}</td>"
        f'<td class="source">{sides}</td></tr>'
    )


def _source_value_html(flight: Flight, value: ValueInLog) -> str:
    index = "whole file" if value.offset is None else f"byte {value.offset:,}"
    return (
        f"<div>{escape_html(_source_file_name(flight, value.source_index))}"
        f"{small_print_html(f'{value.record}.{value.field} = {value.value}')}"
        f"{small_print_html(index)}</div>"
    )


def _source_file_name(flight: Flight, source_index: int) -> str:
    return flight.logs[source_index].source.name


def aircraft_labelled_values_html(logs: Sequence[parsers.Log]) -> str:
    """Return what the sources state about the aircraft, and which source states it."""
    stated: dict[str, dict[str, list[int]]] = {}
    for number, log in enumerate(logs, 1):
        for part, value in _aircraft_labels_and_values(log.aircraft):
            if value:
                stated.setdefault(part, {}).setdefault(value, []).append(number)
    lines = []
    for part, values in stated.items():
        for value, numbers in values.items():
            files = f" (file {', '.join(map(str, numbers))})" if len(logs) > 1 else ""
            lines.append((part, f"{value}{files}"))
    return labelled_values_html(lines) or "<div><dt>Nothing</dt><dd>no source names it</dd></div>"


def _aircraft_labels_and_values(aircraft: parsers.Aircraft) -> Iterator[tuple[str, str | None]]:
    yield "Maker", aircraft.maker
    yield "Model", aircraft.model
    yield "Name", aircraft.name
    yield "Serial", aircraft.serial
    yield "Flight controller", aircraft.flight_controller_serial
    yield "Camera", aircraft.camera_model
    yield "Camera serial", aircraft.camera_serial
    yield "Controller serial", aircraft.controller_serial
    yield "Battery serial", aircraft.battery_serial
    yield "App", aircraft.app
    for part, version in sorted(aircraft.firmware.items()):
        yield f"Firmware, {part}", version
