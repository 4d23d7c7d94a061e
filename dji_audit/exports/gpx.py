"""GPX 1.1: tracks with UTC, captures and events as way points, areas as closed routes.

* ``ele`` is the altitude above mean sea level, where the log states one, and nothing else: heights
  above the take-off stand in an extension, with the ground speed and the byte in the source.
* ``time`` is UTC, to the microsecond; a fix without UTC has none.
* GPX knows no areas: zones and footprints are routes (``rte``), which are outlines and no way that
  anything took. Holes are routes of their own.
* A track is cut where nothing is known for more than 5 s, and at the antimeridian.

Facts: the schema of GPX 1.1 (topografix.com/GPX/1/1): order of elements, longitude below 180.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from dji_audit.common.safe_text import xml_safe_text
from dji_audit.exports._export_format import ExportFormat, ExportProvenance, FlightParts, utc_text
from dji_audit.exports._exported_flight import (
    ExportedDeclaredTrack,
    ExportedFlight,
    SourceFileAndByteOffset,
)
from dji_audit.exports._flight_map_features import lines_and_rows_split_at_antimeridian
from dji_audit.exports._split_at_antimeridian import (
    DEGREE_DECIMALS,
    LonLat,
    PolygonRings,
    split_polygons_at_antimeridian,
)
from dji_audit.exports.kml import SETTINGS_KINDS

#: Column of the track -> its element in the extensions of a point, and the decimals written.
_EXTENSIONS = {
    "height_ato_m": 2,
    "height_agl_m": 2,
    "ground_speed_mps": 2,
    "heading_deg": 1,
    "source_offset": 0,
}
_NAMESPACE = "urn:dji-audit:gpx:1"


def _document_parts_of_flight(flight: ExportedFlight) -> tuple[bytes, ...]:
    parts = (
        _way_points(flight),
        _zone_and_photo_footprint_routes(flight),
        chain(_track_element(flight), map(_declared_track_element, flight.supplied_tracks)),
    )
    return tuple("".join(part).encode("utf-8") for part in parts)


def _position_attributes(longitude: float, latitude: float) -> str:
    # The schema has no 180: the same meridian is -180.
    longitude = -180.0 if longitude >= 180 else longitude
    return f'lat="{latitude:.{DEGREE_DECIMALS}f}" lon="{longitude:.{DEGREE_DECIMALS}f}"'


def _source_record_text(source: SourceFileAndByteOffset) -> str:
    where = "" if source.offset is None else f", byte {source.offset}"
    return f"{source.file}{where}; SHA-256 {source.sha256}"


def _way_points(flight: ExportedFlight) -> Iterator[str]:
    track = flight.track
    if flight.home is not None:
        latitude, longitude = flight.home
        yield _way_point(latitude, longitude, None, "Home point", "", "", "home")
    for capture in flight.captures:
        row = capture.fix_at_start
        if row < 0:
            continue
        end = utc_text(capture.end)
        yield _way_point(
            float(track.latitude[row]),
            float(track.longitude[row]),
            capture.start,
            capture.title,
            f"until {end}" if end and capture.kind != "photo" else "",
            _source_record_text(capture.source),
            f"{capture.kind} {capture.sensor}",
            float(track.fixes["altitude_amsl_m"].iloc[row]),
        )
    for event in flight.events:
        if event.latitude_deg is None or event.longitude_deg is None:
            continue
        if event.kind not in SETTINGS_KINDS:
            yield _way_point(
                event.latitude_deg,
                event.longitude_deg,
                event.time,
                event.text or event.kind,
                f"severity {event.severity}" if event.severity else "",
                _source_record_text(
                    SourceFileAndByteOffset(event.file, event.sha256, event.offset, None)
                ),
                event.kind,
            )
    for each in flight.nearby_aircraft:
        yield _way_point(
            each.latitude_deg,
            each.longitude_deg,
            each.nearest,
            each.identity,
            f"another aircraft, {each.distance_m:.0f} m away over the ground",
            f"received by {each.source_name}",
            "nearby_aircraft",
        )
    for finding in flight.findings:
        if finding.latitude_deg is not None and finding.longitude_deg is not None:
            yield _way_point(
                finding.latitude_deg,
                finding.longitude_deg,
                finding.start,
                finding.summary,
                f"{finding.rule}: {finding.outcome}, severity {finding.severity}",
                "" if finding.source is None else _source_record_text(finding.source),
                "finding",
            )


def _way_point(
    latitude: float,
    longitude: float,
    time: pd.Timestamp | None,
    name: str,
    description: str,
    source: str,
    kind: str,
    elevation_m: float = np.nan,
) -> str:
    when = utc_text(time)
    return (
        f"<wpt {_position_attributes(longitude, latitude)}>"
        + ("" if np.isnan(elevation_m) else f"<ele>{elevation_m:.2f}</ele>")
        + ("" if when is None else f"<time>{when}</time>")
        + _name_and_description_elements(name, description, source)
        + f"<type>{xml_safe_text(kind)}</type></wpt>\n"
    )


def _name_and_description_elements(name: str, description: str, source: str) -> str:
    """Return the elements that way points, routes and tracks have in common, in their order."""
    texts = (("name", name), ("desc", description), ("src", source))
    return "".join(
        f"<{element}>{xml_safe_text(text)}</{element}>" for element, text in texts if text
    )


def _zone_and_photo_footprint_routes(flight: ExportedFlight) -> Iterator[str]:
    for zone in flight.zones:
        limits = f"{zone.limits}; {zone.active}; effect: {zone.effect}"
        yield from _zone_route(
            zone.polygons, zone.name, limits, _source_record_text(zone.source), "zone"
        )
    for capture in flight.captures:
        if capture.kind == "photo":
            for footprint in capture.footprints:
                yield from _zone_route(
                    split_polygons_at_antimeridian([footprint.outline]),
                    f"Ground in the picture of: {capture.title}",
                    f"computed; 95 % error {footprint.error_m:.0f} m",
                    _source_record_text(capture.source),
                    "footprint",
                )


def _zone_route(
    polygons: Sequence[PolygonRings], name: str, description: str, source: str, kind: str
) -> Iterator[str]:
    for polygon in polygons:
        for number, ring in enumerate(polygon):
            points = "".join(f"<rtept {_position_attributes(x, y)}/>" for x, y in ring)
            texts = _name_and_description_elements(
                f"{name} (hole)" if number else name, description, source
            )
            yield f"<rte>{texts}<type>{kind}</type>{points}</rte>\n"


def _track_element(flight: ExportedFlight) -> Iterator[str]:
    track = flight.track
    if not len(track):
        return
    files = "; ".join(f"{source.file}, SHA-256 {source.sha256}" for source in flight.sources)
    clock = f"times by {flight.clock_source_of_times}" if flight.clock_source_of_times else "no UTC"
    if flight.received_only:
        clock += (
            "; no log of the aircraft is at hand: the track is what it broadcast, as a receiver "
            "recorded it"
        )
    described = _name_and_description_elements(flight.title, f"Flight {flight.id}; {clock}", files)
    yield f"<trk>{described}<type>track</type>\n"
    times = [utc_text(time) for time in track.fixes["time"]]
    elevations = track.fixes["altitude_amsl_m"].to_numpy(np.float64).tolist()
    values = {column: track.fixes[column].to_numpy(np.float64).tolist() for column in _EXTENSIONS}
    longitude, latitude = track.longitude.tolist(), track.latitude.tolist()
    for run in track.runs:
        points: list[LonLat] = list(zip(longitude[run], latitude[run], strict=True))
        pieces = [rows for _, rows in lines_and_rows_split_at_antimeridian(points, run.start)] or [
            [run.start]
        ]
        for rows in pieces:
            yield "<trkseg>"
            for row in rows:
                if row < 0:
                    continue
                elevation = elevations[row]
                yield f"<trkpt {_position_attributes(longitude[row], latitude[row])}>"
                yield "" if elevation != elevation else f"<ele>{elevation:.3f}</ele>"
                yield "" if times[row] is None else f"<time>{times[row]}</time>"
                yield "<extensions>"
                for column, digits in _EXTENSIONS.items():
                    value = values[column][row]
                    if value == value:
                        yield f"<d:{column}>{value:.{digits}f}</d:{column}>"
                yield "</extensions></trkpt>\n"
            yield "</trkseg>\n"
    yield "</trk>\n"


def _declared_track_element(track: ExportedDeclaredTrack) -> str:
    source = _source_record_text(track.source)
    described = _name_and_description_elements(f"{track.title} (supplied)", track.text, source)
    points = "".join(
        f"<trkpt {_position_attributes(longitude, latitude)}><time>{utc_text(time)}</time></trkpt>"
        for (latitude, longitude), time in zip(track.positions, track.times, strict=True)
    )
    return f"<trk>{described}<type>supplied track</type><trkseg>{points}</trkseg></trk>\n"


def _document_from_parts(
    flights: Sequence[FlightParts], basis: ExportProvenance
) -> Iterator[bytes]:
    description = " ".join(basis.sentences)
    made = "" if basis.generated is None else f"<time>{basis.generated:%Y-%m-%dT%H:%M:%SZ}</time>"
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator="dji-audit {xml_safe_text(basis.tool_version)}" '
        f'xmlns="http://www.topografix.com/GPX/1/1" xmlns:d="{_NAMESPACE}">\n'
        f"<metadata><name>Flights</name><desc>{xml_safe_text(description)}</desc>{made}</metadata>\n"
    ).encode()
    # The schema wants all way points first, then the routes, then the tracks.
    for number in range(3):
        for parts in flights:
            yield parts(number)
    yield b"</gpx>\n"


FORMAT = ExportFormat(
    name="gpx",
    title="GPX 1.1, times in UTC",
    suffix=".gpx",
    flight_parts=_document_parts_of_flight,
    document=_document_from_parts,
)
