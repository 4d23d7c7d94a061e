"""When a place was in view of a camera, or near an aircraft: over all flights of a fleet.

The boxes of the tracks decide which are looked at.  A track is straight and even in time between
its kept fixes, so that its nearest point to a place, and when it comes within a distance, follow
from one quadratic equation a segment.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import MAX_RANGE_M, sightings_of_point
from dji_audit.common.plain_english import pluralised_count
from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.questions.row_filter import RowFilter
from dji_audit.fleet.tables.instant_texts import instant_text_of_ms
from dji_audit.fleet.tables.simplified_track import PackedTrackError, SimplifiedTrack, unpack_track
from dji_audit.geo.geodesy import Point, metres_per_degree
from dji_audit.geo.local_plane import east_north_m

#: How near counts as near where the user names no distance.
NEAR_M = 500.0
_FARTHEST_NEAR_M = 50_000.0
_COLUMNS = (
    AnswerColumn("flight", "Id of the flight."),
    AnswerColumn("how", "`near`: within the distance; `in view`: in the picture of the camera."),
    AnswerColumn("from", "From when; missing: the log has no UTC.", "UTC"),
    AnswerColumn("to", "Until when.", "UTC"),
    AnswerColumn("nearest_m", "Least distance along the ground in that time.", "m"),
    AnswerColumn("error_m", "How far the distance, or the place in the picture, may be off.", "m"),
    AnswerColumn("height_ato_m", "Height above take-off when it was nearest.", "m"),
    AnswerColumn("recorded", "`video` or `photo`; missing: nothing shows that it was recorded."),
    AnswerColumn("sensor", "Sensor of the picture."),
    AnswerColumn("certainty", "`inside` the picture, or at its `edge`, within the error."),
    AnswerColumn(
        "rests_on",
        "What the view rests on: corners of the picture that the log states, or logged angles and "
        "the field of view of the camera, and where that is from.",
    ),
    AnswerColumn("aircraft", "Model of the aircraft."),
    AnswerColumn("serial", "Serial number of the aircraft."),
    AnswerColumn("file", "The file that gives the track."),
    AnswerColumn("page", "Page of the flight, relative to the results of the run."),
)


@dataclass(frozen=True, slots=True)
class NearPassage:
    """A stretch of a track within a distance of a place."""

    start_ms: int
    end_ms: int
    nearest_m: float
    height_ato_m: float


def place_answer(
    connection: sqlite3.Connection,
    latitude_deg: float,
    longitude_deg: float,
    near_m: float = NEAR_M,
    chosen: RowFilter | None = None,
) -> Answer:
    """Return when a place was near an aircraft or in view of its camera.

    Args:
        connection: The database of a state.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: The same.
        near_m: How near an aircraft must be, along the ground.
        chosen: Which flights are asked; ``None``: all.

    Raises:
        QuestionError: If the place or the distance is none.
    """
    if not (abs(latitude_deg) <= 90 and abs(longitude_deg) <= 180):
        raise QuestionError("a place is latitude,longitude in degrees, such as 51.5007,-0.1246")
    if not 0 < near_m <= _FARTHEST_NEAR_M:
        raise QuestionError(f"--within is above 0 and at most {_FARTHEST_NEAR_M:,.0f} m")
    rows: list[tuple[Cell, ...]] = []
    unknown_view, damaged, looked_at = 0, 0, 0
    for candidate in _candidate_tracks(connection, latitude_deg, longitude_deg, near_m, chosen):
        try:
            track = unpack_track(candidate["track"])
        except PackedTrackError:
            damaged += 1
            continue
        looked_at += 1
        unknown_view += candidate["view_range_m"] is None
        turns = np.round((float(track.longitude_deg[0]) - longitude_deg) / 360.0)
        place = latitude_deg, longitude_deg + 360.0 * float(turns)
        rows += _rows_of_flight(candidate, track, place, near_m, chosen)
    total = connection.execute("SELECT count(*) FROM flights WHERE entry = 'log'").fetchone()[0]
    tracks = connection.execute("SELECT count(*) FROM tracks").fetchone()[0]
    rows.sort(key=lambda row: (row[2] is None, str(row[2]), str(row[0]), str(row[1])))
    return Answer(
        f"When was {latitude_deg:.6f}, {longitude_deg:.6f} in view, or within {near_m:g} m?",
        _COLUMNS,
        rows,
        tuple(_notes_on_completeness(total, tracks, unknown_view, damaged)),
    )


def _notes_on_completeness(
    total: int, tracks: int, unknown_view: int, damaged: int
) -> Iterator[str]:
    yield (
        "Tracks are simplified to within 0.5 m at every instant; error_m adds the error of a fix "
        "as its log states it, and is missing where the log states none. Distances are along the "
        "ground."
    )
    yield (
        "In view is an estimate, once a second, from logged angles simplified to within 1° and "
        "flat ground at the height of the take-off, or from corners of the picture that the log "
        "states: rests_on says which; error_m is then the 95 % error on the ground. "
        "Views too flat to locate anything are left out: the page of a flight has them."
    )
    if total > tracks:
        yield f"{pluralised_count(total - tracks, 'flight')} without a position: not known."
    if unknown_view:
        yield (
            f"Of {pluralised_count(unknown_view, 'flight')} in this area it is not known what was "
            "in view: the table tracks says why."
        )
    if damaged:
        yield f"{pluralised_count(damaged, 'track')} of the tables could not be read."


def _candidate_tracks(
    connection: sqlite3.Connection,
    latitude_deg: float,
    longitude_deg: float,
    near_m: float,
    chosen: RowFilter | None,
) -> Iterator[sqlite3.Row]:
    """Yield the tracks whose box, widened by what can be seen, holds the place."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    boxes = cursor.execute(
        "SELECT tracks.rowid AS number, south_deg, west_deg, north_deg, east_deg, view_range_m, "
        "tracks.start, tracks.end, serial, tracks.flight FROM tracks "
        "JOIN flights ON flights.flight = tracks.flight"
    ).fetchall()
    if not boxes:
        return
    south, west, north, east = (
        np.array([row[name] for row in boxes], np.float64)
        for name in ("south_deg", "west_deg", "north_deg", "east_deg")
    )
    seen = np.array([row["view_range_m"] or 0.0 for row in boxes], np.float64)
    reach = np.maximum(near_m, np.minimum(seen, MAX_RANGE_M))
    _, east_m = metres_per_degree(np.clip(np.abs(latitude_deg) + reach / 110_000, 0, 89.9))
    up, across = reach / 110_000, np.minimum(reach / east_m * 1.01, 360.0)
    # A box may go on across the date line, beyond 180 degrees.
    away = (longitude_deg - west + across) % 360.0
    inside = (latitude_deg >= south - up) & (latitude_deg <= north + up)
    inside &= away <= east - west + 2 * across
    for index in np.flatnonzero(inside).tolist():
        box = boxes[index]
        if not _matches_filter(box, chosen):
            continue
        yield cursor.execute(
            "SELECT tracks.*, flights.aircraft, flights.serial, flights.file, flights.page "
            "FROM tracks JOIN flights ON flights.flight = tracks.flight WHERE tracks.rowid = ?",
            (box["number"],),
        ).fetchone()


def _matches_filter(box: sqlite3.Row, chosen: RowFilter | None) -> bool:
    if chosen is None:
        return True
    if chosen.between is not None:
        first, after = chosen.between
        if box["start"] is None or box["end"] < first or box["start"] >= after:
            return False
    return chosen.serial in (None, box["serial"]) and chosen.flight in (None, box["flight"])


def _rows_of_flight(
    candidate: sqlite3.Row,
    track: SimplifiedTrack,
    place: Point,
    near_m: float,
    chosen: RowFilter | None,
) -> Iterator[tuple[Cell, ...]]:
    about = tuple(candidate[name] for name in ("aircraft", "serial", "file", "page"))
    fix_error = candidate["fix_error_m"]
    error = None if fix_error is None else round(track.tolerance_m + fix_error, 1)
    for near in near_passages(track, *place, near_m):
        span = _span_texts(near.start_ms, near.end_ms, track.is_timed)
        if _overlaps_chosen_time(span, chosen):
            height = None if np.isnan(near.height_ato_m) else round(near.height_ato_m, 1)
            yield (candidate["flight"], "near", *span, round(near.nearest_m, 1), error, height,
                   None, None, None, None, *about)  # fmt: skip
    poses = track.camera_poses() if candidate["view_range_m"] is not None else None
    if poses is None:
        return
    for one in sightings_of_point(poses, *place):
        span = _span_texts(one.start_ms, one.end_ms, track.is_timed)
        if one.certainty != "bearing" and _overlaps_chosen_time(span, chosen):
            known = None if one.error_m is None else round(one.error_m, 1)
            yield (candidate["flight"], "in view", *span, round(one.range_m, 1), known, None,
                   one.recorded, one.sensor, one.certainty, poses.fov_and_angles_source_text,
                   *about)  # fmt: skip


def _overlaps_chosen_time(span: tuple[str | None, str | None], chosen: RowFilter | None) -> bool:
    if chosen is None or chosen.between is None:
        return True
    start, end = span
    first, after = chosen.between
    return start is not None and end is not None and end >= first and start < after


def _span_texts(start_ms: int, end_ms: int, is_timed: bool) -> tuple[str | None, str | None]:
    if not is_timed:
        return None, None
    return instant_text_of_ms(start_ms), instant_text_of_ms(end_ms)


def near_passages(
    track: SimplifiedTrack, latitude_deg: float, longitude_deg: float, near_m: float
) -> Iterator[NearPassage]:
    """Yield the stretches of a track within a distance of a place, in order of time.

    Args:
        track: The track.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: The same, by the same count of turns as the track.
        near_m: The distance along the ground.
    """
    east, north = east_north_m(latitude_deg, longitude_deg, track.latitude_deg, track.longitude_deg)
    for part in track.parts:
        yield from _near_passages_of_part(
            track.ms[part], east[part], north[part], track.height_ato_m[part], near_m
        )


def _near_passages_of_part(
    ms: npt.NDArray[np.int64],
    east: npt.NDArray[np.float64],
    north: npt.NDArray[np.float64],
    height: npt.NDArray[np.float64],
    near_m: float,
) -> Iterator[NearPassage]:
    if len(ms) == 1:
        away = float(np.hypot(east[0], north[0]))
        if away <= near_m:
            yield NearPassage(int(ms[0]), int(ms[0]), away, float(height[0]))
        return
    to_east, to_north = np.diff(east), np.diff(north)
    span_ms = np.diff(ms)
    squared = to_east**2 + to_north**2
    dot = east[:-1] * to_east + north[:-1] * to_north
    moves = squared > 0
    safe = np.where(moves, squared, 1.0)
    nearest_share = np.clip(np.where(moves, -dot / safe, 0.0), 0.0, 1.0)
    nearest = np.hypot(east[:-1] + nearest_share * to_east, north[:-1] + nearest_share * to_north)
    within = nearest <= near_m
    if not within.any():
        return
    rest = np.sqrt(np.maximum(dot**2 - squared * (east[:-1] ** 2 + north[:-1] ** 2 - near_m**2), 0))
    enters = np.clip(np.where(moves, (-dot - rest) / safe, 0.0), 0.0, 1.0)
    leaves = np.clip(np.where(moves, (-dot + rest) / safe, 1.0), 0.0, 1.0)
    segments = np.flatnonzero(within)
    for run in np.split(segments, np.flatnonzero(np.diff(segments) > 1) + 1):
        # It may leave and come back where one segment ends outside.
        breaks = np.flatnonzero((leaves[run[:-1]] < 1.0) | (enters[run[1:]] > 0.0)) + 1
        for stretch in np.split(run, breaks):
            best = stretch[int(np.argmin(nearest[stretch]))]
            first, last = stretch[0], stretch[-1]
            share = nearest_share[best]
            yield NearPassage(
                int(ms[first] + round(float(enters[first]) * int(span_ms[first]))),
                int(ms[last] + round(float(leaves[last]) * int(span_ms[last]))),
                float(nearest[best]),
                float(height[best] + share * (height[best + 1] - height[best]))
                if share > 0
                else float(height[best]),
            )
