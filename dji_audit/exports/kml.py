"""KML 2.2 for Google Earth, with the ``gx`` extensions of Google: tracks that play along the time.

* The track is a ``gx:Track`` with the UTC of each fix; where a log has no UTC it is a line.
* Each recording is a placemark of its own with a time span, in the colour of its sensor: video of
  visible light is a wide blue line, thermal a narrow orange one on top of it.
* Altitude. KML knows heights above the sea (``absolute``) and above the ground below
  (``relativeToGround``), and none above the take-off. A track is drawn ``absolute`` where the log
  states heights above the sea, else where an elevation model of the unit gives that of the take-off
  point, to which the height above the take-off is added. Where neither is known it is drawn on the
  ground (``clampToGround``), its heights stand with each fix, and the description says so.
* Zones stand up from their lower limit only where both limits count from the sea or both from the
  ground; others are drawn on the ground, and their description names the limits.
* Nothing is loaded from anywhere: there is no icon, no link and no markup from a log. Google Earth
  shows descriptions as HTML, so that texts are escaped twice.

Facts: OGC 07-147r2 (KML 2.2), and Google's reference of its extensions, "KML Reference".
"""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.camera_view import CaptureFootprint
from dji_audit.common.safe_text import escape_html, xml_safe_text
from dji_audit.exports._export_format import (
    ExportFormat,
    ExportProvenance,
    FlightParts,
    utc_text,
)
from dji_audit.exports._exported_flight import (
    ExportedDeclaredTrack,
    ExportedFlight,
    ExportedMediaCapture,
    ExportedTrack,
    ExportedZone,
    SourceFileAndByteOffset,
)
from dji_audit.exports._flight_map_features import (
    lines_and_rows_split_at_antimeridian,
    log_clock_texts_of_fixes,
)
from dji_audit.exports._split_at_antimeridian import (
    DEGREE_DECIMALS,
    LonLat,
    PolygonRings,
    indices_after_antimeridian_crossing,
    split_polygons_at_antimeridian,
)
from dji_audit.report.event_rows import EventRow
from dji_audit.report.sensor_words import SENSOR_WORDS
from dji_audit.zones import VerticalDatum

Floats = npt.NDArray[np.float64]

#: Sensor -> colour of its recordings (blue, green, red, opacity first, as KML writes it), width.
_SENSOR_STYLES = {
    "visible": ("ffd96a1f", 9),
    "unknown": ("ffb36b8e", 7),
    "multispectral": ("ff4fa64f", 5),
    "thermal": ("ff0078ff", 4),
}
_TRACK_COLOUR = "ffffffff"
_AREA_COLOURS = {"footprint": "40735c00", "zone": "401a1ad1", "zone-finding": "801a1ad1"}
_ICON_COLOURS = {"home": "ff4fa64f", "finding": "ff1a1ad1", "event": "ff00c8ff"}
_SUPPLIED_COLOUR = "ff6e2a5b"
#: Kinds of events about parts and settings, which belong to no place: they stand in other formats.
SETTINGS_KINDS = frozenset(
    {"component", "firmware", "param", "geofence.config", "limit.config", "link.config"}
)
#: Column of the track -> its name in the table of a track, and the decimals written.
_TRACK_VALUES = {
    "height_ato_m": ("Height above the take-off point, m", 1),
    "altitude_amsl_m": ("Altitude above mean sea level, m", 1),
    "height_agl_m": ("Height above the ground, measured, m", 1),
    "ground_speed_mps": ("Ground speed, m/s", 1),
    "heading_deg": ("Heading, degrees", 1),
    "gimbal_pitch_deg": ("Camera pitch, degrees", 1),
    "battery_pct": ("Battery, %", 0),
    "source_offset": ("Byte in the source file", 0),
}
#: The time of every member of an archive, so that the same export has the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _DrawnAltitudes:
    """How high each fix is drawn: metres above mean sea level, NaN on the ground; and why."""

    metres: Floats
    basis: str
    #: Rows before which a line ends: another mode begins, or the other side of 180 degrees.
    breaks: npt.NDArray[np.intp]


def _drawn_altitudes(flight: ExportedFlight) -> _DrawnAltitudes:
    metres, basis = _altitudes_and_basis_sentence(flight)
    changes = np.flatnonzero(np.isnan(metres[1:]) != np.isnan(metres[:-1])) + 1
    breaks = np.union1d(changes, indices_after_antimeridian_crossing(flight.track.longitude))
    return _DrawnAltitudes(metres, basis, breaks.astype(np.intp))


def _altitudes_and_basis_sentence(flight: ExportedFlight) -> tuple[Floats, str]:
    fixes = flight.track.fixes
    above_sea = fixes["altitude_amsl_m"].to_numpy(np.float64)
    height = fixes["height_ato_m"].to_numpy(np.float64)
    if np.isfinite(above_sea).any():
        count = int(np.isnan(above_sea).sum())
        basis = "Drawn at the altitude above mean sea level that the log states"
        lacking = f"; {count} of {len(fixes)} fixes lack it and are drawn on the ground"
        return (above_sea, f"{basis}{lacking if count else ''}.")
    if flight.takeoff_elevation_m is not None and np.isfinite(height).any():
        return (
            height + flight.takeoff_elevation_m,
            "Drawn at the height above the take-off point, added to the "
            f"{flight.takeoff_elevation_m:.1f} m above mean sea level of the ground there by the "
            f"elevation model {flight.elevation_model}; the log states no altitude.",
        )
    on_ground = np.full(len(fixes), np.nan)
    if np.isfinite(height).any():
        return (
            on_ground,
            "Drawn on the ground: the log states heights above the take-off point only, which KML "
            "cannot show. The heights stand with each fix. With an elevation model (--elevation) "
            "they are drawn.",
        )
    return (on_ground, "Drawn on the ground: the log states no height.")


def _document_parts_of_flight(flight: ExportedFlight) -> tuple[bytes, ...]:
    return ("".join(_flight_folder(flight)).encode("utf-8"),)


def _flight_folder(flight: ExportedFlight) -> Iterator[str]:
    altitudes = _drawn_altitudes(flight)
    lines = [
        flight.title,
        f"Flight {flight.id}." + (" Simulated: no aircraft flew." if flight.is_simulated else ""),
        altitudes.basis,
        flight.view_source,
    ]
    if flight.received_only:
        lines.append(
            "No log of the aircraft is at hand: the track is what it broadcast, as a receiver "
            "recorded it."
        )
    if not flight.track.timed_count and len(flight.track):
        lines.append("The log states no UTC: the track does not play along the time.")
    if flight.track.unlocated_count:
        lines.append(f"Fixes without a position, not drawn: {flight.track.unlocated_count}.")
    if flight.zone_count > len(flight.zones):
        lines.append(
            f"{len(flight.zones)} of {flight.zone_count} zones are near the track and drawn."
        )
    for source in flight.sources:
        clock = f"; clock: {source.clock}" if source.clock else ""
        lines.append(f"Source: {source.file}, SHA-256 {source.sha256}{clock}.")
    yield f"<Folder><name>{xml_safe_text(flight.title)}</name>"
    yield f"<description>{_html_description(lines)}</description>\n"
    yield from _track_placemarks(flight, altitudes)
    if flight.home is not None:
        yield _placemark("Home point", "", "home", _point_geometry(*flight.home), [])
    yield from _recording_folders(flight, altitudes)
    yield from _photo_folder(flight, altitudes)
    yield from _footprint_folder(flight)
    yield from _zone_folder(flight)
    yield from _finding_and_event_folders(flight)
    yield from _kml_folder_unless_empty("Who else was there", _nearby_aircraft_placemarks(flight))
    yield from _kml_folder_unless_empty(
        "Supplied tracks", map(_declared_track_placemark, flight.supplied_tracks)
    )
    yield "</Folder>\n"


def _declared_track_placemark(track: ExportedDeclaredTrack) -> str:
    whens = "".join(f"<when>{utc_text(time, 3)}</when>" for time in track.times)
    coords = "".join(
        f"<gx:coord>{_degrees_text(longitude)} {_degrees_text(latitude)} 0</gx:coord>"
        for latitude, longitude in track.positions
    )
    geometry = f"<gx:Track><altitudeMode>clampToGround</altitudeMode>{whens}{coords}</gx:Track>\n"
    lines = [
        "The unit declared whose track it is.",
        track.text,
        _evidence_source_line(track.source),
    ]
    return _placemark(track.title, "", "supplied-track", geometry, lines)


def _nearby_aircraft_placemarks(flight: ExportedFlight) -> Iterator[str]:
    """Yield each aircraft near the flight that only receivers recorded, where it was nearest."""
    for each in flight.nearby_aircraft:
        lines = [
            f"{each.distance_m:.0f} m away at {each.nearest:%H:%M:%S} UTC; received from "
            f"{each.start:%H:%M:%S} to {each.end:%H:%M:%S} UTC.",
            "As it broadcast; no log of this aircraft is at hand.",
            f"Received by {each.means}, {each.source_name}"
            + (f"; flight {each.flight_id}." if each.flight_id else "."),
        ]
        if each.operator_position is not None:
            lines.append("Operator at {:.6f}, {:.6f}.".format(*each.operator_position))
        point = _point_geometry(each.latitude_deg, each.longitude_deg)
        yield _placemark(each.identity, "", "event", point, lines)


def _html_description(lines: Iterable[str]) -> str:
    """Return lines of text as the HTML of a description, escaped for XML on top."""
    return xml_safe_text("<br>".join(escape_html(line) for line in lines if line))


def _evidence_source_line(source: SourceFileAndByteOffset) -> str:
    where = "" if source.offset is None else f", byte {source.offset}"
    record = "" if source.record is None else f", {source.record}"
    return f"Source: {source.file}{where}{record}; SHA-256 {source.sha256}."


def _placemark(
    name: str, times: str, style: str, geometry: str, lines: Sequence[str], hidden: bool = False
) -> str:
    return (
        f"<Placemark><name>{xml_safe_text(name)}</name>{'<visibility>0</visibility>' * hidden}"
        f"<description>{_html_description(lines)}</description>"
        f"{times}<styleUrl>#{style}</styleUrl>{geometry}</Placemark>\n"
    )


def _kml_folder_unless_empty(
    name: str, placemarks: Iterable[str], hidden: bool = False
) -> Iterator[str]:
    """Yield a folder; nothing where it would be empty."""
    inside = list(placemarks)
    if inside:
        yield f"<Folder><name>{xml_safe_text(name)}</name>{'<visibility>0</visibility>' * hidden}\n"
        yield from inside
        yield "</Folder>\n"


def _time_primitive(start: pd.Timestamp | None, end: pd.Timestamp | None) -> str:
    first, last = utc_text(start, 3), utc_text(end, 3)
    if first is None:
        return ""
    if last is None or last == first:
        return f"<TimeStamp><when>{first}</when></TimeStamp>"
    return f"<TimeSpan><begin>{first}</begin><end>{last}</end></TimeSpan>"


def _degrees_text(value: float) -> str:
    return f"{value:.{DEGREE_DECIMALS}f}".rstrip("0").rstrip(".")


def _track_placemarks(flight: ExportedFlight, altitudes: _DrawnAltitudes) -> Iterator[str]:
    track, timed = flight.track, flight.track.timed_count
    runs = list(_runs_of_one_altitude_mode(track, altitudes, slice(0, len(track))))
    played = [run for run in runs if run.stop <= timed]
    if played:
        parts = "".join(_gx_track(track, run, altitudes.metres) for run in played)
        # Between the stretches nothing is known, so that nothing is drawn there.
        geometry = f"<gx:MultiTrack><gx:interpolate>0</gx:interpolate>{parts}</gx:MultiTrack>"
        yield _placemark("Track", "", "track", geometry, [altitudes.basis])
    still = [run for run in runs if run.start >= timed]
    if still:
        geometry = _line_or_point_geometry(track, still, altitudes.metres)
        texts = [text for text in log_clock_texts_of_fixes(track, slice(None)) if text is not None]
        lines = [altitudes.basis]
        if texts:
            lines.append(f"By the log's own clock, zone not known: {texts[0]} to {texts[-1]}.")
        yield _placemark("Track without UTC", "", "track", geometry, lines)


def _runs_of_one_altitude_mode(
    track: ExportedTrack, altitudes: _DrawnAltitudes, rows: slice
) -> Iterator[slice]:
    """Yield stretches of fixes that are drawn in one piece: of one mode, on one side of 180°."""
    breaks = altitudes.breaks
    for run in track.gap_free_fix_runs_within_rows(rows):
        first = int(np.searchsorted(breaks, run.start, "right"))
        last = int(np.searchsorted(breaks, run.stop, "left"))
        edges = [run.start, *breaks[first:last].tolist(), run.stop]
        for begin, stop in pairwise(edges):
            yield slice(begin, stop)


def _kml_altitude_mode_and_metres(metres: float) -> tuple[str, str]:
    if np.isnan(metres):
        return "clampToGround", "0"
    return "absolute", f"{metres:.2f}"


def _gx_track(track: ExportedTrack, run: slice, metres: Floats) -> str:
    fixes = track.fixes.iloc[run]
    mode, _ = _kml_altitude_mode_and_metres(metres[run.start])
    whens = "".join(f"<when>{utc_text(time, 3)}</when>" for time in fixes["time"])
    coords = "".join(
        f"<gx:coord>{_degrees_text(x)} {_degrees_text(y)} "
        f"{_kml_altitude_mode_and_metres(z)[1]}</gx:coord>"
        for x, y, z in zip(
            track.longitude[run].tolist(),
            track.latitude[run].tolist(),
            metres[run].tolist(),
            strict=True,
        )
    )
    arrays = "".join(
        f'<gx:SimpleArrayData name="{column}">'
        + "".join(
            f"<gx:value>{'' if value != value else f'{value:.{digits}f}'}</gx:value>"
            for value in fixes[column].to_numpy(np.float64).tolist()
        )
        + "</gx:SimpleArrayData>"
        for column, (_, digits) in _TRACK_VALUES.items()
        if fixes[column].notna().any()
    )
    return (
        f"<gx:Track><altitudeMode>{mode}</altitudeMode>{whens}{coords}"
        f'<ExtendedData><SchemaData schemaUrl="#fix">{arrays}</SchemaData></ExtendedData>'
        "</gx:Track>\n"
    )


def _line_or_point_geometry(track: ExportedTrack, runs: Iterable[slice], metres: Floats) -> str:
    """Return stretches of fixes as lines and, where there is one fix only, points."""
    parts = []
    for run in runs:
        mode, _ = _kml_altitude_mode_and_metres(metres[run.start])
        points: list[LonLat] = list(
            zip(track.longitude[run].tolist(), track.latitude[run].tolist(), strict=True)
        )
        if len(points) == 1:
            parts.append(_point_geometry(points[0][1], points[0][0], metres[run.start]))
            continue
        for line, rows in lines_and_rows_split_at_antimeridian(points, run.start):
            text = " ".join(
                f"{_degrees_text(x)},{_degrees_text(y)},{_kml_altitude_mode_and_metres(metres[row])[1]}"
                for (x, y), row in zip(line, rows, strict=True)
                if row >= 0
            )
            tessellate = "<tessellate>1</tessellate>" * (mode == "clampToGround")
            parts.append(
                f"<LineString>{tessellate}<altitudeMode>{mode}</altitudeMode>"
                f"<coordinates>{text}</coordinates></LineString>"
            )
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _point_geometry(latitude: float, longitude: float, metres: float = np.nan) -> str:
    mode, altitude = _kml_altitude_mode_and_metres(metres)
    return (
        f"<Point><altitudeMode>{mode}</altitudeMode>"
        f"<coordinates>{_degrees_text(longitude)},{_degrees_text(latitude)},{altitude}</coordinates></Point>"
    )


def _media_capture_description_lines(capture: ExportedMediaCapture) -> list[str]:
    known = f"How it is known: {capture.grade}." if capture.grade else ""
    start, end = utc_text(capture.start), utc_text(capture.end)
    when = "" if start is None else f"From {start}" + (f" to {end}." if end else "; end not shown.")
    cut = "Without its line and its pictures: the flight has too many recordings at once."
    return [
        capture.title,
        when,
        known,
        cut if capture.is_cut else "",
        _evidence_source_line(capture.source),
    ]


def _media_capture_style_id(capture: ExportedMediaCapture) -> str:
    sensor = capture.sensor if capture.sensor in _SENSOR_STYLES else "unknown"
    return f"{'photo' if capture.kind == 'photo' else 'video'}-{sensor}"


def _recording_folders(flight: ExportedFlight, altitudes: _DrawnAltitudes) -> Iterator[str]:
    """Yield a folder of recordings for each sensor, so that each can be shown apart."""
    for sensor, words in SENSOR_WORDS.items():
        recordings = [
            capture
            for capture in flight.captures
            if capture.kind != "photo" and _media_capture_style_id(capture) == f"video-{sensor}"
        ]
        yield from _kml_folder_unless_empty(
            f"Recordings, {words}",
            (_recording_placemark(flight, altitudes, capture) for capture in recordings),
        )


def _recording_placemark(
    flight: ExportedFlight, altitudes: _DrawnAltitudes, capture: ExportedMediaCapture
) -> str:
    track = flight.track
    geometry = ""
    inside = capture.fixes
    if inside.stop - inside.start > 1:
        runs = list(_runs_of_one_altitude_mode(track, altitudes, inside))
        geometry = _line_or_point_geometry(track, runs, altitudes.metres)
    elif capture.fix_at_start >= 0:
        geometry = _point_geometry_at_fix(track, altitudes, capture.fix_at_start)
    times = _time_primitive(capture.start, capture.end)
    return _placemark(
        capture.title,
        times,
        _media_capture_style_id(capture),
        geometry,
        _media_capture_description_lines(capture),
    )


def _point_geometry_at_fix(track: ExportedTrack, altitudes: _DrawnAltitudes, row: int) -> str:
    place = float(track.latitude[row]), float(track.longitude[row])
    return _point_geometry(*place, float(altitudes.metres[row]))


def _photo_folder(flight: ExportedFlight, altitudes: _DrawnAltitudes) -> Iterator[str]:
    yield from _kml_folder_unless_empty(
        "Photos",
        (
            _placemark(
                capture.title,
                _time_primitive(capture.start, None),
                _media_capture_style_id(capture),
                _point_geometry_at_fix(flight.track, altitudes, capture.fix_at_start)
                if capture.fix_at_start >= 0
                else "",
                _media_capture_description_lines(capture),
            )
            for capture in flight.captures
            if capture.kind == "photo"
        ),
    )


def _footprint_folder(flight: ExportedFlight) -> Iterator[str]:
    yield from _kml_folder_unless_empty(
        "Ground in the picture (computed)",
        (
            _footprint_placemark(capture, footprint)
            for capture in flight.captures
            for footprint in capture.footprints
        ),
        hidden=True,
    )


def _footprint_placemark(capture: ExportedMediaCapture, footprint: CaptureFootprint) -> str:
    time = pd.Timestamp(footprint.time_ms, unit="ms", tz="UTC")
    lines = [
        f"Computed from position, height and angles; 95 % error {footprint.error_m:.0f} m.",
        "The picture reaches further than is drawn." if footprint.is_clipped else "",
        *_media_capture_description_lines(capture),
    ]
    geometry = _polygon_geometry(
        split_polygons_at_antimeridian([footprint.outline]), "clampToGround", "0"
    )
    times = _time_primitive(time, None)
    return _placemark(capture.title, times, "footprint", geometry, lines, hidden=True)


def _polygon_geometry(
    polygons: Sequence[PolygonRings], mode: str, altitude: str, extrude: str = ""
) -> str:
    parts = []
    for rings in polygons:
        bounds = []
        for number, ring in enumerate(rings):
            name = "innerBoundaryIs" if number else "outerBoundaryIs"
            text = " ".join(f"{_degrees_text(x)},{_degrees_text(y)},{altitude}" for x, y in ring)
            bounds.append(
                f"<{name}><LinearRing><coordinates>{text}</coordinates></LinearRing></{name}>"
            )
        tessellate = "<tessellate>1</tessellate>" * (mode == "clampToGround")
        parts.append(
            f"<Polygon>{extrude}{tessellate}<altitudeMode>{mode}</altitudeMode>"
            f"{''.join(bounds)}</Polygon>"
        )
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>" if parts else ""


def _zone_folder(flight: ExportedFlight) -> Iterator[str]:
    yield from _kml_folder_unless_empty("Zones near the track", map(_zone_placemark, flight.zones))


def _zone_placemark(zone: ExportedZone) -> str:
    lines = [
        f"{zone.name} ({zone.id}). {zone.kind}; effect: {zone.effect}.",
        f"Limits: {zone.limits}; {zone.active}.",
        "To stay inside." if zone.inclusion else "",
        "" if zone.polygons else "The zone is everywhere: not drawn.",
        _evidence_source_line(zone.source),
    ]
    geometry = _polygon_geometry(zone.polygons, *_zone_altitude_mode_top_and_extrude(zone))
    style = "zone-finding" if zone.is_in_finding else "zone"
    return _placemark(zone.name, "", style, geometry, lines)


def _zone_altitude_mode_top_and_extrude(zone: ExportedZone) -> tuple[str, str, str]:
    """Return the altitude mode of a zone, the metres of its top, and whether it stands up.

    A polygon of KML reaches from its top down to the ground: a zone that begins higher, or
    whose limits count from something else, is drawn on the ground.
    """
    top, modes = (
        zone.upper.metres,
        {VerticalDatum.AMSL: "absolute", VerticalDatum.AGL: "relativeToGround"},
    )
    begins_on_ground = zone.lower.datum is VerticalDatum.SURFACE or (
        zone.lower.datum is VerticalDatum.AGL and zone.lower.metres == 0
    )
    mode = modes.get(zone.upper.datum)
    if mode is None or top is None or not begins_on_ground:
        return "clampToGround", "0", ""
    return mode, f"{top:.2f}", "<extrude>1</extrude>"


def _finding_and_event_folders(flight: ExportedFlight) -> Iterator[str]:
    yield from _kml_folder_unless_empty(
        "Findings",
        (
            _placemark(
                finding.summary,
                _time_primitive(finding.start, finding.end),
                "finding",
                _point_geometry_or_empty(finding.latitude_deg, finding.longitude_deg),
                [
                    finding.summary,
                    f"Rule {finding.rule}: {finding.outcome}, severity {finding.severity}.",
                    "" if finding.source is None else _evidence_source_line(finding.source),
                ],
            )
            for finding in flight.findings
        ),
    )
    told = [event for event in flight.events if event.kind not in SETTINGS_KINDS]
    grave = [event for event in told if event.severity in ("warning", "serious")]
    yield from _kml_folder_unless_empty("Warnings", map(_event_placemark, grave))
    rest = [event for event in told if event.severity not in ("warning", "serious")]
    yield from _kml_folder_unless_empty("Other events", map(_event_placemark, rest), hidden=True)


def _event_placemark(event: EventRow) -> str:
    source = SourceFileAndByteOffset(event.file, event.sha256, event.offset, event.record)
    known = f"How it is known: {event.grade}." if event.grade else ""
    name = event.text or event.kind
    is_hidden = event.severity not in ("warning", "serious")
    return _placemark(
        name,
        _time_primitive(event.time, event.end),
        "event",
        _point_geometry_or_empty(event.latitude_deg, event.longitude_deg),
        [name, f"Kind: {event.kind}.", known, _evidence_source_line(source)],
        hidden=is_hidden,
    )


def _point_geometry_or_empty(latitude: float | None, longitude: float | None) -> str:
    return "" if latitude is None or longitude is None else _point_geometry(latitude, longitude)


def _shared_styles() -> Iterator[str]:
    # Only the description: the usual balloon would show the name as HTML, too.
    balloon = "<BalloonStyle><text>$[description]</text></BalloonStyle>"
    yield (
        f'<Style id="track"><LineStyle><color>{_TRACK_COLOUR}</color><width>2</width></LineStyle>'
        f"{balloon}</Style>\n"
    )
    yield (
        f'<Style id="supplied-track"><LineStyle><color>{_SUPPLIED_COLOUR}</color>'
        f"<width>3</width></LineStyle>{balloon}</Style>\n"
    )
    for sensor, (colour, width) in _SENSOR_STYLES.items():
        yield (
            f'<Style id="video-{sensor}"><IconStyle><color>{colour}</color></IconStyle>'
            f"<LineStyle><color>{colour}</color><width>{width}</width></LineStyle>{balloon}</Style>\n"
        )
        yield (
            f'<Style id="photo-{sensor}"><IconStyle><color>{colour}</color><scale>0.7</scale>'
            f"</IconStyle><LabelStyle><scale>0</scale></LabelStyle>{balloon}</Style>\n"
        )
    for name, colour in _AREA_COLOURS.items():
        yield (
            f'<Style id="{name}"><LineStyle><color>ff{colour[2:]}</color><width>2</width>'
            f"</LineStyle><PolyStyle><color>{colour}</color></PolyStyle>{balloon}</Style>\n"
        )
    for name, colour in _ICON_COLOURS.items():
        yield (
            f'<Style id="{name}"><IconStyle><color>{colour}</color></IconStyle>'
            f"<LabelStyle><scale>0</scale></LabelStyle>{balloon}</Style>\n"
        )


def _kml_document(flights: Sequence[FlightParts], basis: ExportProvenance) -> Iterator[bytes]:
    lines = [
        *basis.sentences,
        "Positions: WGS 84. Times: UTC. Recordings of visible light are wide blue lines, thermal "
        "ones narrow orange lines on top of them.",
    ]
    head = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">\n'
        "<Document><name>Flights</name>"
        f"<description>{_html_description(lines)}</description>\n",
        *_shared_styles(),
        '<Schema id="fix" name="Fix">',
        *(
            f'<gx:SimpleArrayField name="{column}" type="double">'
            f"<displayName>{xml_safe_text(title)}</displayName></gx:SimpleArrayField>"
            for column, (title, _) in _TRACK_VALUES.items()
        ),
        "</Schema>\n",
    ]
    yield "".join(head).encode("utf-8")
    for parts in flights:
        yield parts(0)
    yield b"</Document></kml>\n"


def _kmz_document(flights: Sequence[FlightParts], basis: ExportProvenance) -> Iterator[bytes]:
    stream = io.BytesIO()
    with tempfile.TemporaryFile() as document, zipfile.ZipFile(stream, "w") as archive:
        document.writelines(_kml_document(flights, basis))
        member = zipfile.ZipInfo("doc.kml", _ZIP_TIME)
        member.compress_type = zipfile.ZIP_DEFLATED
        # The same on every system: without it the archive names the one it was made on.
        member.create_system, member.external_attr = 3, 0o644 << 16
        # Where it is small enough, readers that know no ZIP64 read it.
        member.file_size = document.tell()
        document.seek(0)
        with archive.open(member, "w") as out:
            shutil.copyfileobj(document, out)
    yield stream.getvalue()


KML = ExportFormat(
    name="kml",
    title="KML 2.2 for Google Earth",
    suffix=".kml",
    flight_parts=_document_parts_of_flight,
    document=_kml_document,
)
KMZ = ExportFormat(
    name="kmz",
    title="the same, compressed",
    suffix=".kmz",
    flight_parts=_document_parts_of_flight,
    document=_kmz_document,
)
