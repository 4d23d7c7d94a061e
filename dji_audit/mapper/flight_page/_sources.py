"""The files that tell a flight: how each was placed in time, how well it fits, what it gives."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import parsers
from dji_audit.flights import METHODS, Disagreement, Flight, Match, Said, Telling
from dji_audit.mapper.flight_page._coverage import Reading
from dji_audit.mapper.flight_page._file import coverage, uncertainty
from dji_audit.mapper.flight_page._html_tables import facts, when
from dji_audit.mapper.html._escape import escaped
from dji_audit.mapper.html._times import Zone, milliseconds

_COLUMNS: Mapping[str, str] = {
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


def sources(flight: Flight, reads: Sequence[Reading], local: Zone) -> str:
    """Return what each file is, how it was placed and how it fits, the one of the path first."""
    if len(flight.tellings) == 1:
        card = _head(flight, 0, reads[0]) + _about(flight, 0, reads[0], local)
        return f'<div class="card source">{card}</div>'
    rows = "".join(_row(flight, place, read) for place, read in enumerate(reads))
    return (
        f"<p>{len(flight.tellings)} files tell this flight. The first gives path and clock; the "
        "others were fitted to it, and what they say of the same moment was compared.</p>"
        '<table id="files"><thead><tr><th scope="col">File</th><th scope="col" class="s">Its '
        f'clock</th><th scope="col" class="t">Fit</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def source_details(flight: Flight, reads: Sequence[Reading], local: Zone) -> str:
    """Return everything about each file where there are several; nothing for one."""
    if len(flight.tellings) == 1:
        return ""
    cards = "".join(
        f'<details class="card source"><summary>{_head(flight, place, read)}</summary>'
        f"{_about(flight, place, read, local)}</details>"
        for place, read in enumerate(reads)
    )
    return f"<h2>Each file</h2>{cards}"


def _row(flight: Flight, place: int, read: Reading) -> str:
    telling = flight.tellings[place]
    placing, match = telling.placing, telling.match
    shift = placing.offset_s or 0.0
    moved = f"{shift:+,.1f} s, " if abs(shift) >= 0.05 else ""
    if telling.counts_from is not None:
        moved = f"counts from {telling.counts_from:%H:%M:%S} UTC, "
    known = "within an unknown error"
    if placing.uncertainty_s is not None:
        known = f"within {uncertainty(placing.uncertainty_s)}"
    if placing.drift is not None and placing.drifts:
        known += f"; {placing.drift.words}"
    known = moved + known if placing.placed else placing.reason
    fit = "" if match is None else f"{match.score:.2f}"
    apart = "" if match is None or match.distance_m is None else f"{match.distance_m:.2f} m apart"
    return (
        f"<tr><td>{_head(flight, place, read)}"
        f'<span class="sub">{escaped(_gives(flight, place))}</span></td>'
        f"<td>{escaped(METHODS.get(placing.method, placing.method))}"
        f'<span class="sub">{escaped(known)}</span></td>'
        f'<td>{fit}<span class="sub">{apart}</span></td></tr>'
    )


def _head(flight: Flight, place: int, read: Reading) -> str:
    chips = "".join(
        f' <span class="chip {kind}">{escaped(words)}</span>'
        for words, kind in _chips(flight, place, read)
    )
    number = f'<span class="badge">{place + 1}</span>' if len(flight.tellings) > 1 else ""
    return f"<h3>{number}{escaped(_name(flight, place))}{chips}</h3>"


def _about(flight: Flight, place: int, read: Reading, local: Zone) -> str:
    telling = flight.tellings[place]
    source = telling.log.source
    lines = [
        ("Format", " ".join(filter(None, [source.format, source.format_version]))),
        ("Size", f"{source.size:,} bytes"),
        ("SHA-256", source.sha256),
        *_clock(telling),
        ("Tells of", _span(telling, local)),
        ("Gives", _gives(flight, place)),
        ("Fits", _fit(telling.match)),
        *(("Rival", f"fits {rival.flight} too: {_fit(rival.match)}") for rival in telling.rivals),
        *(("Note", note) for note in telling.log.clock.notes),
    ]
    return (
        f'<dl class="list">{facts(lines)}</dl>'
        f"<h3>What of it was read</h3>{coverage(telling.log, read)}"
    )


def _chips(flight: Flight, place: int, read: Reading) -> Iterator[tuple[str, str]]:
    telling = flight.tellings[place]
    if place == 0 and len(flight.tellings) > 1:
        yield "path", ""
    if telling.copy_of is not None:
        yield f"copy of {telling.copy_of + 1}", ""
    if telling.media:
        yield "recording", ""
    if not telling.placing.placed:
        yield "not placed in time", "warned"
    if telling.log.encrypted:
        yield "encrypted", "warned"
    if read.warnings:
        yield "read in part", "warned"


def _clock(telling: Telling) -> Iterator[tuple[str, str]]:
    clock, placing = telling.log.clock, telling.placing
    yield "Clock", clock.source or "it does not say where its times come from"
    yield "Placed", METHODS.get(placing.method, placing.method)
    drift = placing.drift
    if telling.counts_from is not None:
        yield "Counts from", f"{telling.counts_from:%Y-%m-%d %H:%M:%S} UTC"
    elif placing.moves:
        shift = f"{placing.offset_s or 0.0:+.3f} s to the flight's clock"
        if drift is not None and placing.drifts:
            own = datetime.fromtimestamp(drift.at_s, UTC)
            shift += f" when it showed {own:%H:%M:%S}"
        yield "Shifted by", shift
    yield "Known within", uncertainty(placing.uncertainty_s)
    if placing.method != "reference" and placing.placed:
        yield "Drift", "not known" if drift is None else drift.words
    if placing.zone_s is not None:
        yield "Its zone", f"UTC{placing.zone_s / 3600:+.4g} h"
    yield "Because", placing.reason


def _span(telling: Telling, local: Zone) -> str:
    start, end = milliseconds(telling.start), milliseconds(telling.end)
    if start is None:
        return ""
    words = when(start, local)
    return words if end is None or end == start else f"{words} to {when(end, local)}"


def _gives(flight: Flight, place: int) -> str:
    """Return what of the flight comes from a file."""
    parts = []
    if place == 0:
        parts.append("path, but for what others give" if flight.columns_from else "path")
    parts += sorted({_COLUMNS.get(c, c) for c, by in flight.columns_from.items() if by == place})
    for words, frame in (
        ("event", flight.events),
        ("recording", flight.captures),
        ("contact", flight.contacts),
    ):
        count = int((frame["told_by"] == place).sum())
        if count:
            parts.append(f"{count:,} {words}{'s' * (count != 1)}")
    if flight.home is not None and flight.home_told_by == place:
        parts.append("home point")
    return ", ".join(parts) or "nothing that another does not give"


def _fit(match: Match | None) -> str:
    if match is None:
        return ""
    parts = [f"{match.score:.2f} of 1"]
    if match.serial is not None:
        parts.append("serial numbers agree" if match.serial else "serial numbers contradict")
    if match.overlap is not None:
        parts.append(f"{100 * match.overlap:.0f} % of the time in common")
    if match.distance_m is not None:
        parts.append(f"paths {match.distance_m:.2f} m apart")
    if match.power_on_s is not None:
        parts.append(f"powered on {match.power_on_s:.1f} s apart")
    return ", ".join(parts)


def disagreements(flight: Flight, local: Zone) -> str:
    """Return what the files disagree on, beyond what their errors allow; and the remarks."""
    if len(flight.tellings) < 2 and not flight.disagreements and not flight.remarks:
        return ""
    rows = "".join(_disagreement(flight, one, local) for one in flight.disagreements)
    table = (
        '<table id="disagreements"><thead><tr><th scope="col" class="t">Time</th>'
        '<th scope="col">What they disagree on</th><th scope="col" class="s">Bytes</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
        if rows
        else "<p>Within their errors the files agree where they could be compared.</p>"
    )
    notes = "".join(
        f"<li>{escaped(one.text)} ({escaped(_name(flight, one.told_by))})</li>"
        for one in flight.remarks
    )
    remarks = f'<h2>Remarks, never proof</h2><ul class="evidence">{notes}</ul>' if notes else ""
    return f"<h2>Where the files disagree ({len(flight.disagreements)})</h2>{table}{remarks}"


def _disagreement(flight: Flight, one: Disagreement, local: Zone) -> str:
    start, end = milliseconds(one.start), milliseconds(one.end)
    at = "" if start is None else f' data-at="{start}"'
    until = "" if end is None else f' data-end="{end}"'
    time = "whole flight" if start is None else when(start, local)
    apart = ""
    if one.apart is not None and one.allowed is not None:
        apart = f"{one.apart:.4g} {one.unit} apart, {one.allowed:.4g} {one.unit} allowed"
        apart += f" ({one.allowance})" if one.allowance else ""
    count = f"; {one.count:,} rows" if one.count > 1 else ""
    return (
        f'<tr{at}{until}><td class="time">{escaped(time)}</td><td><b>{escaped(one.what)}</b>: '
        f'{escaped(one.text)}<span class="sub">{escaped(apart + count)}</span></td>'
        f'<td class="source">{"".join(_said(flight, it) for it in one.sides)}</td></tr>'
    )


def _said(flight: Flight, said: Said) -> str:
    place = "whole file" if said.offset is None else f"byte {said.offset:,}"
    return (
        f"{escaped(_name(flight, said.told_by))}"
        f'<span class="sub">{escaped(f"{said.record}.{said.field} = {said.value}")}</span>'
        f'<span class="sub">{place}</span>'
    )


def _name(flight: Flight, told_by: int) -> str:
    return flight.logs[told_by].source.name


def aircraft_facts(logs: Sequence[parsers.Log]) -> str:
    """Return what the files say of the aircraft and its parts, and which say it."""
    said: dict[str, dict[str, list[int]]] = {}
    for number, log in enumerate(logs, 1):
        for part, value in _parts(log.aircraft):
            if value:
                said.setdefault(part, {}).setdefault(value, []).append(number)
    lines = []
    for part, values in said.items():
        for value, numbers in values.items():
            files = f" (file {', '.join(map(str, numbers))})" if len(logs) > 1 else ""
            lines.append((part, f"{value}{files}"))
    return facts(lines) or "<div><dt>Nothing</dt><dd>no file names it</dd></div>"


def _parts(aircraft: parsers.Aircraft) -> Iterator[tuple[str, str | None]]:
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
