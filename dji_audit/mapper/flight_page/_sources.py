"""The files that tell a flight: how each was placed in time, how well it fits, what it gives."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import parsers
from dji_audit.flights import (
    ALIGNMENT_METHODS,
    Disagreement,
    Flight,
    FlightSource,
    LogMatch,
    SourceValue,
)
from dji_audit.mapper.flight_page._coverage import ReadCoverage
from dji_audit.mapper.flight_page._html_tables import fact_list, utc_and_local
from dji_audit.mapper.flight_page._method import coverage_section, uncertainty_words
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._times import TimeZone, unix_ms

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


def source_table(flight: Flight, reads: Sequence[ReadCoverage], local: TimeZone) -> str:
    """Return what each file is, how it was placed and how it fits, the one of the path first."""
    if len(flight.sources) == 1:
        card = _source_heading(flight, 0, reads[0]) + _source_facts(flight, 0, reads[0], local)
        return f'<div class="card source">{card}</div>'
    rows = "".join(_source_row(flight, place, read) for place, read in enumerate(reads))
    return (
        f"<p>{len(flight.sources)} files tell this flight. The first gives path and clock; the "
        "others were fitted to it, and what they say of the same moment was compared.</p>"
        '<table id="files"><thead><tr><th scope="col">File</th><th scope="col" class="s">Its '
        f'clock</th><th scope="col" class="t">Fit</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def source_details(flight: Flight, reads: Sequence[ReadCoverage], local: TimeZone) -> str:
    """Return everything about each file where there are several; nothing for one."""
    if len(flight.sources) == 1:
        return ""
    cards = "".join(
        f'<details class="card source"><summary>{_source_heading(flight, place, read)}</summary>'
        f"{_source_facts(flight, place, read, local)}</details>"
        for place, read in enumerate(reads)
    )
    return f"<h2>Each file</h2>{cards}"


def _source_row(flight: Flight, place: int, read: ReadCoverage) -> str:
    telling = flight.sources[place]
    placing, match = telling.alignment, telling.match
    shift = placing.offset_s or 0.0
    moved = f"{shift:+,.1f} s, " if abs(shift) >= 0.05 else ""
    if telling.elapsed_epoch is not None:
        moved = f"counts from {telling.elapsed_epoch:%H:%M:%S} UTC, "
    known = "within an unknown error"
    if placing.uncertainty_s is not None:
        known = f"within {uncertainty_words(placing.uncertainty_s)}"
    if placing.drift is not None and placing.has_drift:
        known += f"; {placing.drift.description}"
    known = moved + known if placing.is_aligned else placing.reason
    fit = "" if match is None else f"{match.score:.2f}"
    apart = "" if match is None or match.distance_m is None else f"{match.distance_m:.2f} m apart"
    return (
        f"<tr><td>{_source_heading(flight, place, read)}"
        f'<span class="sub">{escape_html(_contributions(flight, place))}</span></td>'
        f"<td>{escape_html(ALIGNMENT_METHODS.get(placing.method, placing.method))}"
        f'<span class="sub">{escape_html(known)}</span></td>'
        f'<td>{fit}<span class="sub">{apart}</span></td></tr>'
    )


def _source_heading(flight: Flight, place: int, read: ReadCoverage) -> str:
    chips = "".join(
        f' <span class="chip {kind}">{escape_html(words)}</span>'
        for words, kind in _chips(flight, place, read)
    )
    number = f'<span class="badge">{place + 1}</span>' if len(flight.sources) > 1 else ""
    return f"<h3>{number}{escape_html(_file_name(flight, place))}{chips}</h3>"


def _source_facts(flight: Flight, place: int, read: ReadCoverage, local: TimeZone) -> str:
    telling = flight.sources[place]
    source = telling.log.source
    lines = [
        ("Format", " ".join(filter(None, [source.format, source.format_version]))),
        ("Size", f"{source.size:,} bytes"),
        ("SHA-256", source.sha256),
        *_clock_facts(telling),
        ("Tells of", _covered_time(telling, local)),
        ("Gives", _contributions(flight, place)),
        ("Fits", _match_words(telling.match)),
        *(
            ("Rival", f"fits {rival.flight_id} too: {_match_words(rival.match)}")
            for rival in telling.alternative_flights
        ),
        *(("Note", note) for note in telling.log.clock.notes),
    ]
    return (
        f'<dl class="list">{fact_list(lines)}</dl>'
        f"<h3>What of it was read</h3>{coverage_section(telling.log, read)}"
    )


def _chips(flight: Flight, place: int, read: ReadCoverage) -> Iterator[tuple[str, str]]:
    telling = flight.sources[place]
    if place == 0 and len(flight.sources) > 1:
        yield "path", ""
    if telling.copy_of is not None:
        yield f"copy of {telling.copy_of + 1}", ""
    if telling.is_media:
        yield "recording", ""
    if not telling.alignment.is_aligned:
        yield "clock not aligned", "warned"
    if telling.log.encrypted:
        yield "encrypted", "warned"
    if read.warnings:
        yield "read in part", "warned"


def _clock_facts(telling: FlightSource) -> Iterator[tuple[str, str]]:
    clock, placing = telling.log.clock, telling.alignment
    yield "Clock", clock.source or "it does not say where its times come from"
    yield "Placed", ALIGNMENT_METHODS.get(placing.method, placing.method)
    drift = placing.drift
    if telling.elapsed_epoch is not None:
        yield "Counts from", f"{telling.elapsed_epoch:%Y-%m-%d %H:%M:%S} UTC"
    elif placing.shifts_times:
        shift = f"{placing.offset_s or 0.0:+.3f} s to the flight's clock"
        if drift is not None and placing.has_drift:
            own = datetime.fromtimestamp(drift.reference_s, UTC)
            shift += f" when it showed {own:%H:%M:%S}"
        yield "Shifted by", shift
    yield "Known within", uncertainty_words(placing.uncertainty_s)
    if placing.method != "reference" and placing.is_aligned:
        yield "Drift", "not known" if drift is None else drift.description
    if placing.timezone_s is not None:
        yield "Its zone", f"UTC{placing.timezone_s / 3600:+.4g} h"
    yield "Because", placing.reason


def _covered_time(telling: FlightSource, local: TimeZone) -> str:
    start, end = unix_ms(telling.start), unix_ms(telling.end)
    if start is None:
        return ""
    words = utc_and_local(start, local)
    return words if end is None or end == start else f"{words} to {utc_and_local(end, local)}"


def _contributions(flight: Flight, place: int) -> str:
    """Return what of the flight comes from a file."""
    parts = []
    if place == 0:
        parts.append("path, but for what others give" if flight.column_sources else "path")
    parts += sorted(
        {_COLUMN_WORDS.get(c, c) for c, by in flight.column_sources.items() if by == place}
    )
    for words, frame in (
        ("event", flight.events),
        ("recording", flight.captures),
        ("contact", flight.contacts),
    ):
        count = int((frame["source_index"] == place).sum())
        if count:
            parts.append(f"{count:,} {words}{'s' * (count != 1)}")
    if flight.home is not None and flight.home_source_index == place:
        parts.append("home point")
    return ", ".join(parts) or "nothing that another does not give"


def _match_words(match: LogMatch | None) -> str:
    if match is None:
        return ""
    parts = [f"{match.score:.2f} of 1"]
    if match.serials_agree is not None:
        parts.append("serial numbers agree" if match.serials_agree else "serial numbers contradict")
    if match.overlap is not None:
        parts.append(f"{100 * match.overlap:.0f} % of the time in common")
    if match.distance_m is not None:
        parts.append(f"paths {match.distance_m:.2f} m apart")
    if match.power_on_difference_s is not None:
        parts.append(f"powered on {match.power_on_difference_s:.1f} s apart")
    return ", ".join(parts)


def disagreement_section(flight: Flight, local: TimeZone) -> str:
    """Return what the files disagree on, beyond what their errors allow; and the remarks."""
    if len(flight.sources) < 2 and not flight.disagreements and not flight.sequence_gaps:
        return ""
    rows = "".join(_disagreement_row(flight, one, local) for one in flight.disagreements)
    table = (
        '<table id="disagreements"><thead><tr><th scope="col" class="t">Time</th>'
        '<th scope="col">What they disagree on</th><th scope="col" class="s">Bytes</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
        if rows
        else "<p>Within their errors the files agree where they could be compared.</p>"
    )
    notes = "".join(
        f"<li>{escape_html(one.text)} ({escape_html(_file_name(flight, one.source_index))})</li>"
        for one in flight.sequence_gaps
    )
    remarks = f'<h2>Remarks, never proof</h2><ul class="evidence">{notes}</ul>' if notes else ""
    return f"<h2>Where the files disagree ({len(flight.disagreements)})</h2>{table}{remarks}"


def _disagreement_row(flight: Flight, one: Disagreement, local: TimeZone) -> str:
    start, end = unix_ms(one.start), unix_ms(one.end)
    at = "" if start is None else f' data-at="{start}"'
    until = "" if end is None else f' data-end="{end}"'
    time = "whole flight" if start is None else utc_and_local(start, local)
    apart = ""
    if one.difference is not None and one.tolerance is not None:
        apart = f"{one.difference:.4g} {one.unit} apart, {one.tolerance:.4g} {one.unit} allowed"
        apart += f" ({one.tolerance_basis})" if one.tolerance_basis else ""
    count = f"; {one.count:,} rows" if one.count > 1 else ""
    return (
        f'<tr{at}{until}><td class="time">{escape_html(time)}</td>'
        f"<td><b>{escape_html(one.kind)}</b>: "
        f'{escape_html(one.text)}<span class="sub">{escape_html(apart + count)}</span></td>'
        f'<td class="source">{"".join(_source_value(flight, it) for it in one.sides)}</td></tr>'
    )


def _source_value(flight: Flight, said: SourceValue) -> str:
    place = "whole file" if said.offset is None else f"byte {said.offset:,}"
    return (
        f"{escape_html(_file_name(flight, said.source_index))}"
        f'<span class="sub">{escape_html(f"{said.record}.{said.field} = {said.value}")}</span>'
        f'<span class="sub">{place}</span>'
    )


def _file_name(flight: Flight, told_by: int) -> str:
    return flight.logs[told_by].source.name


def aircraft_facts(logs: Sequence[parsers.Log]) -> str:
    """Return what the files say of the aircraft and its parts, and which say it."""
    said: dict[str, dict[str, list[int]]] = {}
    for number, log in enumerate(logs, 1):
        for part, value in _aircraft_parts(log.aircraft):
            if value:
                said.setdefault(part, {}).setdefault(value, []).append(number)
    lines = []
    for part, values in said.items():
        for value, numbers in values.items():
            files = f" (file {', '.join(map(str, numbers))})" if len(logs) > 1 else ""
            lines.append((part, f"{value}{files}"))
    return fact_list(lines) or "<div><dt>Nothing</dt><dd>no file names it</dd></div>"


def _aircraft_parts(aircraft: parsers.Aircraft) -> Iterator[tuple[str, str | None]]:
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
