"""What exports hold of one flight: its fixes, captures, zones, events and findings.

Every format is written from this, so that all hold the same. Text from logs is visible and in one
line; a missing value is missing.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.camera_view import (
    CameraPoses,
    CaptureFootprint,
    CaptureWithFieldOfView,
    footprint_of_capture,
)
from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.plain_english import as_sentence
from dji_audit.common.safe_text import whole_visible_text
from dji_audit.common.table_values import text_of_table_cell_or_none, time_of_table_cell_or_none
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.network import FlightContacts
from dji_audit.exports._split_at_antimeridian import (
    PolygonRings,
    corridor_outline_then_hole_outlines,
    split_polygons_at_antimeridian,
    wrapped_longitudes,
)
from dji_audit.flights import Flight, NearbyAircraft, home_distances_m
from dji_audit.geo.elevation_files import ElevationModel
from dji_audit.report.event_rows import EventRow, FixIndexByTime, event_rows_of_flight
from dji_audit.report.flight_rows import page_file_name
from dji_audit.report.sensor_words import SENSOR_WORDS
from dji_audit.zones import (
    Corridor,
    Limit,
    Zone,
    active_times_text,
    approximate_track_to_zone_distance_m,
    densified_line,
    shape_outlines,
)

#: Fixes further apart than this in time are not joined by a line, as on the pages.
MAX_GAP_S = 5.0
#: Zones that come no nearer to the track than this, and that no finding names, are left out.
NEAR_ZONE_M = 5000.0
#: A video has a footprint every so many seconds, and no more footprints than this.
FOOTPRINT_STEP_S = 5.0
MAX_FOOTPRINTS = 120
#: Recordings that overlap are each a line of their own: so many times the track, and no more.
_MOST_TIMES_DRAWN = 20
#: Footprints of all captures of a flight.
_MOST_FOOTPRINTS_OF_FLIGHT = 5_000
_NO_TIME = np.iinfo(np.int64).min
#: Datums of elevation models that count from the sea: a geoid, or a national height system.
_SEA_LEVEL_DATUM = re.compile(r"geoid |.* height \(EPSG:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLogFile:
    """One log of a flight, and how its times are known."""

    file: str
    sha256: str
    container_sha256: str | None
    format: str
    #: What gave its times; ``None``: it has none.
    clock: str | None
    clock_uncertainty_s: float | None
    #: How its clock was aligned with the flight's.
    alignment: str


@dataclass(frozen=True, slots=True)
class SourceFileAndByteOffset:
    """Where in the evidence a thing stands."""

    file: str
    sha256: str
    offset: int | None
    record: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ExportedTrack:
    """The fixes of a flight that have a position."""

    #: Columns of ``parsers.TRACK``; those with a time first, in order of it.
    fixes: pd.DataFrame
    #: Stretches of fixes that follow one another, at most ``MAX_GAP_S`` apart.
    runs: tuple[slice, ...]
    #: By the log's own clock, without a zone, where that is not UTC; ``NaT``: not known.
    local_times: npt.NDArray[np.datetime64]
    #: ``wall`` or ``elapsed``, as `parsers.LocalTimes`; empty: it has no such clock.
    local_clock: str
    #: How many fixes have no usable position.
    unlocated_count: int
    #: The record that holds the fixes of the first log.
    record: str
    #: Of the fixes, nanoseconds since 1970; the least number there is where a time is missing.
    time_ns: npt.NDArray[np.int64]
    #: How many fixes have a time; they come first.
    timed_count: int
    #: Every row of the track, also those without a position, in the same order.
    table: pd.DataFrame
    table_local_times: npt.NDArray[np.datetime64]
    #: Of each row of the table, metres from the home point in force; NaN: not known.
    table_home_distances_m: npt.NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.fixes)

    @property
    def latitude(self) -> npt.NDArray[np.float64]:
        """Degrees, WGS 84."""
        return self.fixes["latitude_deg"].to_numpy(np.float64)

    @property
    def longitude(self) -> npt.NDArray[np.float64]:
        """Degrees, WGS 84, -180 to 180."""
        return self.fixes["longitude_deg"].to_numpy(np.float64)

    def slice_of_fixes_between_times(self, start: pd.Timestamp, end: pd.Timestamp) -> slice:
        """Return the fixes from one instant to another, both included."""
        ns = self.time_ns[: self.timed_count]
        first = int(np.searchsorted(ns, start.value, "left"))
        return slice(first, max(first, int(np.searchsorted(ns, end.value, "right"))))

    def gap_free_fix_runs_within_rows(self, rows: slice) -> list[slice]:
        """Return the stretches of fixes that follow one another, within some rows."""
        first = bisect_right(self.runs, rows.start, key=lambda run: run.stop)
        last = bisect_left(self.runs, rows.stop, key=lambda run: run.start)
        parts = (
            slice(max(run.start, rows.start), min(run.stop, rows.stop))
            for run in self.runs[first:last]
        )
        return [part for part in parts if part.start < part.stop]

    def column_texts_with_invisible_chars_escaped(self, column: str) -> list[str | None]:
        """Return a column of texts, each visible and in one line."""
        return [text_with_unseen_spelt_out_or_none(value) for value in self.fixes[column].tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMediaCapture:
    """One photo or recording; ``None``: the logs do not say."""

    #: ``photo``, ``video`` or ``audio``.
    kind: str
    #: ``visible``, ``thermal``, ``multispectral`` or ``unknown``.
    sensor: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    media_file: str | None
    grade: str | None
    source: SourceFileAndByteOffset
    #: The fixes from its start to its end.
    fixes: slice
    #: The fix nearest to its start; -1: none is near.
    fix_at_start: int
    footprints: tuple[CaptureFootprint, ...] = ()
    #: Whether it has no line, or no footprints, because the flight has too many in all.
    is_cut: bool = False

    @property
    def title(self) -> str:
        """What it is, in words."""
        words = SENSOR_WORDS.get(self.sensor, self.sensor)
        return f"{self.kind.capitalize()}, {words}" + (
            f": {self.media_file}" if self.media_file else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedZone:
    """A zone near the track, or one that a finding names."""

    id: str
    name: str
    kind: str
    effect: str
    #: Both limits with what they are counted from.
    limits: str
    lower: Limit
    upper: Limit
    #: When it is active, in words.
    active: str
    #: Whether leaving it is the breach.
    inclusion: bool
    #: Whether a finding is about it.
    is_in_finding: bool
    #: Of the file that holds it, not of a log unless the log sets the fence.
    source: SourceFileAndByteOffset
    polygons: tuple[PolygonRings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFinding:
    """What a rule of the policy found in the flight."""

    rule: str
    outcome: str
    severity: str
    summary: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    latitude_deg: float | None
    longitude_deg: float | None
    #: The first of the records that show it; ``None``: it names none.
    source: SourceFileAndByteOffset | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedHostContact:
    """One contact of a device of the flight with a host, by the record that shows it."""

    time: pd.Timestamp | None
    end: pd.Timestamp | None
    host: str
    #: How much the record shows: one of ``dji_audit.endpoints.CLAIMS``.
    claim: str
    device: str | None
    #: Format of the log that shows it.
    log_format: str
    source: SourceFileAndByteOffset


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedDeclaredTrack:
    """A track that the unit supplied: nobody's path but its owner's."""

    #: Whose it is: "Track of the pilot".
    title: str
    #: One of ``declared_tracks.OWNERS``.
    owner: str
    #: What it says of the flight.
    text: str
    source: SourceFileAndByteOffset
    times: tuple[pd.Timestamp, ...]
    #: Latitude and longitude of each time.
    positions: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportedFlight:
    """One flight as exports hold it; ``None``: its logs do not say."""

    id: str
    #: Short name for people: aircraft and start.
    title: str
    #: Name of a file of its own without the suffix: readable, safe everywhere, and unique.
    file_stem: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    takeoff: pd.Timestamp | None
    landing: pd.Timestamp | None
    #: By the clock of its log, without a zone, where that is not UTC.
    local_start: pd.Timestamp | None
    aircraft: str | None
    aircraft_name: str | None
    serial: str | None
    app: str | None
    is_simulated: bool
    sources: tuple[ExportedLogFile, ...]
    #: Column of the track -> file that gives it, where that is not the first source.
    column_sources: Mapping[str, str]
    home: tuple[float, float] | None
    #: Of the ground at the take-off above mean sea level, by an elevation model of the unit.
    takeoff_elevation_m: float | None
    elevation_model: str
    #: How the footprints were worked out, or why there are none.
    view_source: str
    track: ExportedTrack
    captures: tuple[ExportedMediaCapture, ...]
    zones: tuple[ExportedZone, ...]
    #: Zones that were supplied; those of them that lie further away are left out.
    zone_count: int
    events: tuple[EventRow, ...]
    findings: tuple[ExportedFinding, ...]
    contacts: tuple[ExportedHostContact, ...]
    #: Whether the track is what receivers recorded of its broadcast, for want of a log of its own.
    received_only: bool = False
    #: Aircraft near it that only receivers recorded, with visible texts.
    nearby_aircraft: tuple[NearbyAircraft, ...] = ()
    #: Tracks of people and of other aircraft that the unit supplied, while the flight lasted.
    supplied_tracks: tuple[ExportedDeclaredTrack, ...] = ()

    @property
    def clock_source_of_times(self) -> str | None:
        """What gave the times of the flight; ``None``: it has no time."""
        return self.sources[0].clock


def text_with_unseen_spelt_out_or_none(value: object) -> str | None:
    """Return a text of a log visible and in one line; ``None`` where it is missing."""
    text = text_of_table_cell_or_none(value)
    return None if text is None else whole_visible_text(text)


def flight_for_export(
    audit: FlightAudit,
    poses: CameraPoses,
    zones: Sequence[Zone],
    elevation: ElevationModel | None = None,
) -> ExportedFlight:
    """Return what exports hold of an audited flight.

    Args:
        audit: The flight and its findings.
        poses: Its camera view.
        zones: The zones that it was compared with, its own fences included.
        elevation: Heights of the ground above mean sea level, if the unit supplied them.
    """
    flight = audit.flight
    aircraft = flight.aircraft
    track = _track_to_export(flight)
    subjects = {finding.subject for finding in audit.findings if finding.subject is not None}
    home = flight.home or flight.takeoff_position
    takeoff = flight.takeoff_position or flight.home
    return ExportedFlight(
        id=flight.id,
        title=_flight_title(flight),
        file_stem=page_file_name(audit).removesuffix(".html"),
        start=flight.start,
        end=flight.end,
        takeoff=flight.takeoff,
        landing=flight.landing,
        local_start=flight.local_start,
        aircraft=text_with_unseen_spelt_out_or_none(aircraft.model),
        aircraft_name=text_with_unseen_spelt_out_or_none(aircraft.name),
        serial=text_with_unseen_spelt_out_or_none(aircraft.serial),
        app=text_with_unseen_spelt_out_or_none(aircraft.app),
        is_simulated=flight.is_simulated,
        sources=tuple(_log_files_to_export(flight)),
        column_sources={
            column: whole_visible_text(flight.logs[index].source.name)
            for column, index in sorted(flight.column_sources.items())
        },
        home=None if home is None else (home.latitude_deg, home.longitude_deg),
        takeoff_elevation_m=_ground_elevation_m(elevation, takeoff),
        elevation_model="" if elevation is None else whole_visible_text(elevation.name),
        view_source=whole_visible_text(
            poses.unknown_view_reason
            or f"Field of view: {poses.fov_source or 'of each recording, by its own file'}. "
            f"Ground: {poses.ground_height_source_text}."
        ),
        track=track,
        captures=tuple(_media_captures_to_export(flight, track, poses)),
        zones=tuple(_exported_zones(zones, track, subjects)),
        zone_count=len(zones),
        events=tuple(map(_event_with_visible_texts, event_rows_of_flight(flight))),
        findings=tuple(_exported_findings(audit)),
        contacts=() if audit.network is None else exported_host_contacts(audit.network),
        received_only=flight.is_known_only_from_receivers,
        nearby_aircraft=tuple(
            replace(
                each,
                identity=whole_visible_text(each.identity),
                source_name=whole_visible_text(each.source_name),
                description=whole_visible_text(each.description),
            )
            for each in flight.nearby_aircraft
        ),
        supplied_tracks=tuple(
            ExportedDeclaredTrack(
                title=f"Track of {each.track.owner_text}",
                owner=each.track.owner,
                text=whole_visible_text(each.text),
                source=SourceFileAndByteOffset(
                    whole_visible_text(each.track.source.name),
                    each.track.source.sha256,
                    None,
                    each.track.record,
                ),
                times=tuple(pd.Timestamp(ms, unit="ms", tz="UTC") for ms in each.shown_ms),
                positions=each.shown_positions,
            )
            for each in audit.declared_tracks
            if each.shown_positions
        ),
    )


def _event_with_visible_texts(event: EventRow) -> EventRow:
    return replace(
        event,
        kind=whole_visible_text(event.kind),
        text=text_with_unseen_spelt_out_or_none(event.text),
        record=text_with_unseen_spelt_out_or_none(event.record),
        file=whole_visible_text(event.file),
    )


def _exported_findings(audit: FlightAudit) -> Iterable[ExportedFinding]:
    for result in audit.results:
        for finding in result.findings:
            shown_by = finding.evidence[0] if finding.evidence else None
            yield ExportedFinding(
                rule=whole_visible_text(finding.rule),
                outcome=str(result.outcome_of_finding(finding)),
                severity=str(finding.severity),
                summary=whole_visible_text(as_sentence(finding.summary)),
                start=finding.start,
                end=finding.end,
                latitude_deg=finding.latitude_deg,
                longitude_deg=finding.longitude_deg,
                source=None
                if shown_by is None
                else SourceFileAndByteOffset(
                    whole_visible_text(shown_by.file),
                    shown_by.sha256,
                    shown_by.offset,
                    whole_visible_text(f"{shown_by.record}.{shown_by.field}"),
                ),
            )


def exported_host_contacts(network: FlightContacts) -> tuple[ExportedHostContact, ...]:
    """Return contacts of devices, in order of time, each with the record that shows it."""
    sources = [log.source for log in network.logs]
    contacts = []
    for row in rows_as_mappings(network.rows):
        source = sources[int(row["log"])]
        record = SourceFileAndByteOffset(
            whole_visible_text(source.name),
            source.sha256,
            int(row["source_offset"]),
            text_with_unseen_spelt_out_or_none(row["evidence"]),
        )
        contacts.append(
            ExportedHostContact(
                time=time_of_table_cell_or_none(row["time"]),
                end=time_of_table_cell_or_none(row["end"]),
                host=whole_visible_text(row["label"]),
                claim=str(row["claim"]),
                device=text_with_unseen_spelt_out_or_none(row["device"]),
                log_format=source.format,
                source=record,
            )
        )
    return tuple(contacts)


def _ground_elevation_m(
    elevation: ElevationModel | None, place: parsers.NamedPosition | None
) -> float | None:
    """Return the height of the ground above mean sea level; ``None``: not known in that datum."""
    if elevation is None or place is None or not _SEA_LEVEL_DATUM.match(elevation.datum):
        return None
    here = np.array([place.latitude_deg]), np.array([place.longitude_deg])
    height = float(elevation.height_m(*here)[0])
    return height if np.isfinite(height) else None


def _flight_title(flight: Flight) -> str:
    name = flight.aircraft.name or flight.aircraft.model or "Aircraft not stated"
    start = flight.takeoff if flight.takeoff is not None else flight.start
    if start is not None:
        when = f"{start:%Y-%m-%d %H:%M:%S} UTC"
    elif flight.local_start is not None:
        when = f"{flight.local_start:%Y-%m-%d %H:%M:%S} by its own clock, zone not known"
    else:
        when = "time not known"
    return whole_visible_text(f"{name}, {when}")


def _log_files_to_export(flight: Flight) -> Iterable[ExportedLogFile]:
    for source in flight.sources:
        origin, clock = source.log.source, source.log.clock
        yield ExportedLogFile(
            file=whole_visible_text(origin.name),
            sha256=origin.sha256,
            container_sha256=origin.container_sha256,
            format=origin.format,
            clock=text_with_unseen_spelt_out_or_none(clock.source),
            clock_uncertainty_s=clock.uncertainty_s,
            alignment=whole_visible_text(source.alignment.reason),
        )


def _track_to_export(flight: Flight) -> ExportedTrack:
    track = flight.track
    ns = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    order = np.argsort(np.where(ns == _NO_TIME, np.iinfo(np.int64).max, ns), kind="stable")
    table = track.iloc[order].reset_index(drop=True)
    table["longitude_deg"] = wrapped_longitudes(table["longitude_deg"].to_numpy(np.float64))
    local_times, local_clock = _log_clock_times_and_kind(flight, table)
    latitude = table["latitude_deg"].to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        usable = (abs(latitude) <= 90) & (abs(table["longitude_deg"].to_numpy(np.float64)) <= 180)
    fixes = table if usable.all() else table[usable].reset_index(drop=True)
    fixes_ns = fixes["time"].to_numpy("datetime64[ns]").astype(np.int64)
    return ExportedTrack(
        fixes,
        tuple(_split_fixes_at_time_gaps(fixes, local_times[usable])),
        local_times[usable],
        local_clock,
        len(table) - len(fixes),
        flight.log.track_record,
        fixes_ns,
        int((fixes_ns != _NO_TIME).sum()),
        table,
        local_times,
        home_distances_m(flight)[order],
    )


def _split_fixes_at_time_gaps(
    fixes: pd.DataFrame, local_times: npt.NDArray[np.datetime64]
) -> Iterable[slice]:
    """Yield stretches of fixes without a longer gap; fixes without any time are one stretch."""
    if not len(fixes):
        return
    ns = fixes["time"].to_numpy("datetime64[ns]").astype(np.int64)
    local_ns = local_times.astype("datetime64[ns]").astype(np.int64)
    timed = ns != _NO_TIME
    clock = np.where(timed, ns, local_ns)
    known = clock != _NO_TIME
    with np.errstate(over="ignore"):
        steps = abs(np.diff(clock)) > MAX_GAP_S * 1e9
    breaks = (known[1:] & known[:-1] & steps) | (timed[1:] != timed[:-1])
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(fixes)]
    for first, stop in pairwise(edges):
        yield slice(first, stop)


def _log_clock_times_and_kind(
    flight: Flight, fixes: pd.DataFrame
) -> tuple[npt.NDArray[np.datetime64], str]:
    """Return the times of fixes by the own clock of the first log, and the kind of that clock."""
    log = flight.log
    if log.local_times is None or len(log.local_times.track) != len(log.track):
        return np.full(len(fixes), np.datetime64("NaT", "ns")), ""
    offsets = log.track["source_offset"].to_numpy(np.int64)
    order = np.argsort(offsets, kind="stable")
    wanted = fixes["source_offset"].to_numpy(np.int64)
    at = np.clip(np.searchsorted(offsets[order], wanted), 0, max(len(order) - 1, 0))
    times = log.local_times.track.astype("datetime64[ns]")[order[at]]
    found = offsets[order[at]] == wanted
    return np.where(found, times, np.datetime64("NaT", "ns")), log.local_times.kind


def _media_captures_to_export(
    flight: Flight, track: ExportedTrack, poses: CameraPoses
) -> Iterable[ExportedMediaCapture]:
    views = {(view.start_ms, view.end_ms, view.kind, view.sensor): view for view in poses.captures}
    nearest = FixIndexByTime(track.fixes).row_numbers_nearest_to(flight.captures["start"])
    points_left, footprints_left = _MOST_TIMES_DRAWN * len(track), _MOST_FOOTPRINTS_OF_FLIGHT
    for fix, row in zip(nearest.tolist(), rows_as_mappings(flight.captures), strict=True):
        capture = _exported_media_capture(flight, track, row, fix)
        view = _field_of_view_of_capture(capture, views)
        footprints = (
            tuple(_footprints_of_one_capture(poses, view))
            if view is not None and footprints_left
            else ()
        )
        points = capture.fixes.stop - capture.fixes.start
        if points > points_left or (view is not None and not footprints_left):
            yield replace(capture, fixes=slice(0, 0), is_cut=True)
            continue
        points_left -= points
        footprints_left = max(footprints_left - len(footprints), 0)
        yield replace(capture, footprints=footprints)


def _field_of_view_of_capture(
    capture: ExportedMediaCapture, views: Mapping[tuple[int, int, str, str], CaptureWithFieldOfView]
) -> CaptureWithFieldOfView | None:
    if capture.start is None:
        return None
    last = capture.start if capture.kind == "photo" or capture.end is None else capture.end
    key = capture.start.value // 10**6, last.value // 10**6, capture.kind, capture.sensor
    return views.get(key)


def _exported_media_capture(
    flight: Flight, track: ExportedTrack, row: Mapping[str, Any], fix: int
) -> ExportedMediaCapture:
    start, end = time_of_table_cell_or_none(row["start"]), time_of_table_cell_or_none(row["end"])
    origin = flight.logs[int(row["source_index"])].source
    return ExportedMediaCapture(
        kind=whole_visible_text(row["kind"]),
        sensor=whole_visible_text(row["sensor"]),
        start=start,
        end=end,
        media_file=text_with_unseen_spelt_out_or_none(row["file"]),
        grade=text_with_unseen_spelt_out_or_none(row["grade"]),
        source=SourceFileAndByteOffset(
            whole_visible_text(origin.name),
            origin.sha256,
            int(row["source_offset"]),
            text_with_unseen_spelt_out_or_none(row["source"]),
        ),
        fixes=slice(0, 0)
        if start is None or end is None
        else track.slice_of_fixes_between_times(start, end),
        fix_at_start=fix,
    )


def _footprints_of_one_capture(
    poses: CameraPoses, view: CaptureWithFieldOfView
) -> Iterable[CaptureFootprint]:
    """Yield the footprint of a photo, or those of a video every few seconds."""
    step = max(FOOTPRINT_STEP_S * 1000, (view.end_ms - view.start_ms) / (MAX_FOOTPRINTS - 1))
    count = int((view.end_ms - view.start_ms) / step) + 1 if view.kind == "video" else 1
    for number in range(count):
        footprint = footprint_of_capture(poses, view, view.start_ms + int(number * step))
        if footprint is not None:
            yield footprint


@dataclass(frozen=True, slots=True)
class _TrackBoundingBox:
    south: float
    west: float
    north: float
    east: float


def _track_bounding_box(track: ExportedTrack) -> _TrackBoundingBox | None:
    """Return the box round all fixes; its longitudes pass 180 across the antimeridian."""
    if not len(track):
        return None
    latitude = track.latitude
    first = float(track.longitude[0])
    longitude = track.longitude - 360 * np.round((track.longitude - first) / 360)
    return _TrackBoundingBox(
        float(latitude.min()), float(longitude.min()), float(latitude.max()), float(longitude.max())
    )


def _exported_zones(
    zones: Sequence[Zone], track: ExportedTrack, subjects: set[str]
) -> Iterable[ExportedZone]:
    """Yield the zones near the track and those that findings name, in the order of the files."""
    box = _track_bounding_box(track)
    for zone in zones:
        is_near = box is not None and approximate_track_to_zone_distance_m(zone, box) <= NEAR_ZONE_M
        if is_near or zone.id in subjects:
            yield _exported_zone(zone, zone.id in subjects)


def _exported_zone(zone: Zone, is_in_finding: bool) -> ExportedZone:
    polygons: list[PolygonRings] = []
    for shape in zone.shape:
        if isinstance(shape, Corridor):
            outlines = corridor_outline_then_hole_outlines(
                densified_line(shape.points), shape.half_width_m
            )
            polygons += split_polygons_at_antimeridian(outlines)
        else:
            polygons += split_polygons_at_antimeridian(shape_outlines(shape))
    return ExportedZone(
        id=whole_visible_text(zone.id),
        name=whole_visible_text(zone.name or zone.id),
        kind=whole_visible_text(zone.kind),
        effect=zone.effect.value,
        limits=whole_visible_text(zone.limits_text),
        lower=zone.lower,
        upper=zone.upper,
        active=whole_visible_text(active_times_text(zone)),
        inclusion=zone.inclusion,
        is_in_finding=is_in_finding,
        source=SourceFileAndByteOffset(
            whole_visible_text(zone.source.name),
            zone.source.sha256,
            zone.offset,
            whole_visible_text(zone.path),
        ),
        polygons=tuple(polygons),
    )
