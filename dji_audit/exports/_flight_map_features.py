"""The things of a flight that have a place on the map, as features: what, when, where, by what.

Heights stand among the properties and not in the coordinates: those of GeoJSON and of GeoParquet
count from the ellipsoid of WGS 84 (RFC 7946, section 3.1.1), and no log states such heights.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import JsonValue

from dji_audit.exports._export_format import utc_text
from dji_audit.exports._exported_flight import (
    ExportedDeclaredTrack,
    ExportedFlight,
    ExportedMediaCapture,
    ExportedTrack,
    SourceFileAndByteOffset,
)
from dji_audit.exports._split_at_antimeridian import (
    DEGREE_DECIMALS,
    LonLat,
    indices_after_antimeridian_crossing,
    latitude_at_antimeridian,
    split_polygons_at_antimeridian,
)

Geometry = dict[str, JsonValue]

#: What a feature can be.
FEATURE_KINDS = (
    "track",
    "single_fixes",
    "home",
    "recording",
    "photo",
    "footprint",
    "zone",
    "event",
    "finding",
    "nearby_aircraft",
    "supplied_track",
)
#: Columns of the track that a line carries for each of its points.
_POINT_COLUMNS = ("altitude_amsl_m", "height_ato_m", "height_agl_m", "ground_speed_mps")


@dataclass(frozen=True, slots=True)
class MapFeature:
    """A thing with its properties and its geometry, a geometry object of GeoJSON."""

    #: Unique among all flights.
    id: str
    properties: Mapping[str, JsonValue]
    #: ``None``: it is not known where it was.
    geometry: Geometry | None


def flight_features(flight: ExportedFlight) -> Iterator[MapFeature]:
    """Yield the features of a flight, in the order of ``FEATURE_KINDS``."""
    yield from _track_features(flight)
    if flight.home is not None:
        properties = _common_properties(flight, "home", name="Home point")
        yield MapFeature(f"{flight.id}/home", properties, _point_geometry(*flight.home))
    for number, capture in enumerate(flight.captures, 1):
        yield _media_capture_feature(flight, number, capture)
    for number, capture in enumerate(flight.captures, 1):
        yield from _footprint_features(flight, number, capture)
    yield from _zone_features(flight)
    for number, event in enumerate(flight.events, 1):
        source = SourceFileAndByteOffset(event.file, event.sha256, event.offset, event.record)
        yield _numbered_feature(
            flight,
            "event",
            number,
            _point_geometry_or_none(event.latitude_deg, event.longitude_deg),
            name=event.text or event.kind,
            start=utc_text(event.time),
            end=utc_text(event.end),
            kind=event.kind,
            severity=event.severity,
            grade=event.grade,
            value=event.value,
            source=source,
        )
    for number, finding in enumerate(flight.findings, 1):
        yield _numbered_feature(
            flight,
            "finding",
            number,
            _point_geometry_or_none(finding.latitude_deg, finding.longitude_deg),
            name=finding.summary,
            start=utc_text(finding.start),
            end=utc_text(finding.end),
            kind=finding.rule,
            severity=finding.severity,
            outcome=finding.outcome,
            source=finding.source,
        )
    for number, each in enumerate(flight.nearby_aircraft, 1):
        operator = each.operator_position or (None, None)
        yield _numbered_feature(
            flight,
            "nearby_aircraft",
            number,
            _point_geometry(each.latitude_deg, each.longitude_deg),
            name=each.identity,
            start=utc_text(each.start),
            end=utc_text(each.end),
            nearest=utc_text(each.nearest),
            distance_m=each.distance_m,
            height_ato_m=each.height_m,
            altitude_amsl_m=each.altitude_amsl_m,
            means=each.means,
            description=each.description,
            operator_latitude_deg=operator[0],
            operator_longitude_deg=operator[1],
            received_by=each.source_name,
            flight_of_its_own=each.flight_id,
        )
    for number, supplied in enumerate(flight.supplied_tracks, 1):
        yield _declared_track_feature(flight, number, supplied)


def _declared_track_feature(
    flight: ExportedFlight, number: int, track: ExportedDeclaredTrack
) -> MapFeature:
    """Return a track that the unit supplied: a line, of one place a point."""
    rounded = [
        (round(longitude, DEGREE_DECIMALS), round(latitude, DEGREE_DECIMALS))
        for latitude, longitude in track.positions
    ]
    places: list[JsonValue] = [list(place) for place in rounded]
    is_line = len(set(rounded)) > 1
    times: JsonValue = [utc_text(time) for time in track.times]
    geometry: Geometry = {
        "type": "LineString" if is_line else "Point",
        "coordinates": places if is_line else places[0],
    }
    return _numbered_feature(
        flight,
        "supplied_track",
        number,
        geometry,
        name=track.title,
        start=utc_text(track.times[0]),
        end=utc_text(track.times[-1]),
        owner=track.owner,
        description=track.text,
        source=track.source,
        coordTimes=times if is_line else None,
    )


def _numbered_feature(
    flight: ExportedFlight,
    feature: str,
    number: int,
    geometry: Geometry | None,
    *,
    name: str,
    source: SourceFileAndByteOffset | None = None,
    **more: JsonValue,
) -> MapFeature:
    """Return one of several features of a kind, by its number, with some more properties."""
    properties = _common_properties(flight, feature, name=name, source=source, **more)
    return MapFeature(f"{flight.id}/{feature}/{number}", properties, geometry)


def _common_properties(
    flight: ExportedFlight,
    feature: str,
    *,
    name: str,
    source: SourceFileAndByteOffset | None = None,
    **more: JsonValue,
) -> dict[str, JsonValue]:
    """Return the properties that every feature has, and some more; a missing one is left out."""
    stated = {key: value for key, value in more.items() if value is not None and value != ""}
    properties: dict[str, JsonValue] = {"feature": feature, "flight": flight.id, "name": name}
    properties |= stated
    if source is not None:
        properties |= {"source_file": source.file, "source_sha256": source.sha256}
        if source.offset is not None:
            properties["source_offset"] = source.offset
        if source.record is not None:
            properties["source_record"] = source.record
    return properties


def _track_features(flight: ExportedFlight) -> Iterator[MapFeature]:
    track = flight.track
    first = flight.sources[0]
    source = SourceFileAndByteOffset(first.file, first.sha256, None, track.record)
    lines: list[slice] = []
    singles: list[int] = []
    for run in track.runs:
        if _has_two_positions(track, run):
            lines.append(run)
        else:
            singles += range(run.start, run.stop)
    about: dict[str, JsonValue] = {
        "start": utc_text(flight.start),
        "end": utc_text(flight.end),
        "aircraft": flight.aircraft,
        "aircraft_name": flight.aircraft_name,
        "serial": flight.serial,
        "clock": flight.clock_source_of_times,
        "is_simulated": flight.is_simulated or None,
        "received_only": flight.received_only or None,
        "fixes_without_position": track.unlocated_count or None,
    }
    if flight.local_start is not None:
        about["local_start"] = flight.local_start.isoformat(timespec="milliseconds")
    if lines:
        geometry, points = _line_geometry_and_point_values(track, lines)
        properties = _common_properties(
            flight, "track", name=flight.title, source=source, **about, **points
        )
        yield MapFeature(f"{flight.id}/track", properties, geometry)
    else:
        # A flight without a line on the map is a flight all the same.
        properties = _common_properties(flight, "track", name=flight.title, source=source, **about)
        yield MapFeature(f"{flight.id}/track", properties, None)
    if singles:
        rows = np.array(singles)
        geometry = {
            "type": "MultiPoint",
            "coordinates": [list(point) for point in _lon_lat_pairs_of_fixes(track, rows)],
        }
        times: JsonValue = [utc_text(time) for time in track.fixes["time"].iloc[rows]]
        properties = _common_properties(
            flight,
            "single_fixes",
            name="Fixes alone, or at one place",
            source=source,
            coordTimes=times,
        )
        yield MapFeature(f"{flight.id}/single_fixes", properties, geometry)


def _has_two_positions(track: ExportedTrack, run: slice) -> bool:
    """Return whether a stretch of fixes has two places: one alone makes no valid line."""
    longitude, latitude = track.longitude[run], track.latitude[run]
    return bool(((longitude != longitude[0]) | (latitude != latitude[0])).any())


def _line_geometry_and_point_values(
    track: ExportedTrack, runs: Sequence[slice]
) -> tuple[Geometry, dict[str, JsonValue]]:
    """Return lines of fixes, and what is known at each point; null where that is not known.

    A line that crosses the antimeridian is cut there; the points of the cut are no fixes, and
    nothing is known at them.
    """
    coordinates: list[JsonValue] = []
    rows_of_lines: list[list[int]] = []
    for run in runs:
        for line, rows in lines_and_rows_split_at_antimeridian(
            _lon_lat_pairs_of_fixes(track, np.arange(run.start, run.stop)), run.start
        ):
            coordinates.append([list(point) for point in line])
            rows_of_lines.append(rows)
    points: dict[str, JsonValue] = {}
    if runs[0].start < track.timed_count:
        points["coordTimes"] = _values_of_points_by_line(
            rows_of_lines, lambda rows: [utc_text(it) for it in track.fixes["time"].iloc[rows]]
        )
    elif not np.isnat(track.local_times[runs[0]]).all():
        points["local_times"] = _values_of_points_by_line(
            rows_of_lines, lambda rows: log_clock_texts_of_fixes(track, rows)
        )
    for column in _POINT_COLUMNS:
        values = track.fixes[column].to_numpy(np.float64)
        if any(np.isfinite(values[run]).any() for run in runs):
            points[column] = _values_of_points_by_line(
                rows_of_lines, partial(_column_slice_as_rounded_json_numbers, values)
            )
    return {"type": "MultiLineString", "coordinates": coordinates}, points


def _column_slice_as_rounded_json_numbers(
    values: npt.NDArray[np.float64], rows: slice
) -> list[JsonValue]:
    return [rounded_or_none(value) for value in values[rows].tolist()]


def _values_of_points_by_line(
    rows_of_lines: Sequence[Sequence[int]], values_of_rows: Callable[[slice], Sequence[JsonValue]]
) -> JsonValue:
    """Return a value for each point of each line; null for a point that is no fix."""
    lines: list[JsonValue] = []
    for rows in rows_of_lines:
        fixes = [row for row in rows if row >= 0]
        values = iter(values_of_rows(slice(fixes[0], fixes[-1] + 1)))
        lines.append([next(values) if row >= 0 else None for row in rows])
    return lines


def log_clock_texts_of_fixes(track: ExportedTrack, rows: slice) -> list[str | None]:
    """Return times of fixes by the log's own clock: a date and time of day, or seconds elapsed."""
    times = track.local_times[rows].astype("datetime64[ms]")
    if track.local_clock == "elapsed":
        seconds = times.astype(np.int64) / 1000
        return [
            None if np.isnat(time) else f"PT{second:.3f}S"
            for time, second in zip(times, seconds.tolist(), strict=True)
        ]
    return [None if np.isnat(time) else str(time) for time in times]


def lines_and_rows_split_at_antimeridian(
    points: Sequence[LonLat], first_row: int
) -> Iterator[tuple[list[LonLat], list[int]]]:
    """Yield the parts of a line between crossings of the antimeridian, and the row of each point.

    Args:
        points: Longitude and latitude; neighbours are nearer than half a turn.
        first_row: Row of the first point.

    Yields:
        At least two points each, and their rows, -1 for points on the antimeridian itself that
        are no fixes.
    """
    longitude = np.array([point[0] for point in points])
    line: list[LonLat] = []
    rows: list[int] = []
    crossings = set(indices_after_antimeridian_crossing(longitude).tolist())
    for number, point in enumerate(points):
        if number in crossings:
            before = points[number - 1]
            edge = 180.0 if before[0] > 0 else -180.0
            latitude = round(latitude_at_antimeridian(before, point), DEGREE_DECIMALS)
            if before[0] != edge:
                line.append((edge, latitude))
                rows.append(-1)
            if len(line) > 1:
                yield line, rows
            line, rows = ([], []) if point[0] == -edge else ([(-edge, latitude)], [-1])
        line.append(point)
        rows.append(first_row + number)
    if len(line) > 1:
        yield line, rows


def _lon_lat_pairs_of_fixes(track: ExportedTrack, rows: npt.NDArray[Any]) -> list[LonLat]:
    return [
        (round(x, DEGREE_DECIMALS), round(y, DEGREE_DECIMALS))
        for x, y in zip(track.longitude[rows].tolist(), track.latitude[rows].tolist(), strict=True)
    ]


def rounded_or_none(value: float, digits: int = 3) -> float | None:
    """Return a number to some digits; ``None`` where it is missing."""
    return None if value != value else round(value, digits)


def _point_geometry(latitude: float, longitude: float) -> Geometry:
    return {
        "type": "Point",
        "coordinates": [round(longitude, DEGREE_DECIMALS), round(latitude, DEGREE_DECIMALS)],
    }


def _point_geometry_or_none(latitude: float | None, longitude: float | None) -> Geometry | None:
    if latitude is None or longitude is None:
        return None
    return _point_geometry(latitude, longitude)


def _media_capture_feature(
    flight: ExportedFlight, number: int, capture: ExportedMediaCapture
) -> MapFeature:
    track = flight.track
    geometry: Geometry | None = None
    points: dict[str, JsonValue] = {}
    lines = [
        run
        for run in track.gap_free_fix_runs_within_rows(capture.fixes)
        if _has_two_positions(track, run)
    ]
    if capture.kind != "photo" and lines:
        geometry, points = _line_geometry_and_point_values(track, lines)
    elif capture.fix_at_start >= 0:
        row = capture.fix_at_start
        geometry = _point_geometry(float(track.latitude[row]), float(track.longitude[row]))
        for column in ("altitude_amsl_m", "height_ato_m"):
            points[column] = rounded_or_none(float(track.fixes[column].iloc[row]))
    feature = "photo" if capture.kind == "photo" else "recording"
    properties = _common_properties(
        flight,
        feature,
        name=capture.title,
        start=utc_text(capture.start),
        end=utc_text(capture.end),
        kind=capture.kind,
        sensor=capture.sensor,
        grade=capture.grade,
        media_file=capture.media_file,
        is_cut=capture.is_cut or None,
        source=capture.source,
        **points,
    )
    return MapFeature(f"{flight.id}/capture/{number}", properties, geometry)


def _footprint_features(
    flight: ExportedFlight, number: int, capture: ExportedMediaCapture
) -> Iterator[MapFeature]:
    for place, footprint in enumerate(capture.footprints, 1):
        when = utc_text(pd.Timestamp(footprint.time_ms, unit="ms", tz="UTC"), 3)
        properties = _common_properties(
            flight,
            "footprint",
            name=f"Ground in the picture of: {capture.title}",
            start=when,
            end=when,
            kind=capture.kind,
            sensor=capture.sensor,
            grade="inferred",
            error_95_m=round(footprint.error_m, 1),
            is_clipped=footprint.is_clipped,
            capture=f"{flight.id}/capture/{number}",
            source=capture.source,
        )
        polygons = split_polygons_at_antimeridian([footprint.outline])
        yield MapFeature(
            f"{flight.id}/capture/{number}/footprint/{place}",
            properties,
            _polygon_or_multi_polygon_geometry(polygons),
        )


def _polygon_or_multi_polygon_geometry(
    polygons: Sequence[Sequence[Sequence[LonLat]]],
) -> Geometry | None:
    """Return polygons as one geometry; ``None``: there is none."""
    if not polygons:
        return None
    coordinates: list[JsonValue] = [
        [[list(point) for point in ring] for ring in polygon] for polygon in polygons
    ]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}


def _zone_features(flight: ExportedFlight) -> Iterator[MapFeature]:
    for number, zone in enumerate(flight.zones, 1):
        yield _numbered_feature(
            flight,
            "zone",
            number,
            _polygon_or_multi_polygon_geometry(zone.polygons),
            name=zone.name,
            zone_id=zone.id,
            kind=zone.kind,
            effect=zone.effect,
            limits=zone.limits,
            lower=str(zone.lower),
            upper=str(zone.upper),
            active=zone.active,
            inclusion=zone.inclusion,
            in_finding=zone.is_in_finding,
            source=zone.source,
        )
