"""When a place was in view of a camera, or near an aircraft: over all flights of a fleet.

The boxes of the tracks decide which are looked at, some hundred at a time.
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from dji_audit.camera_view import MAX_RANGE_M, PointSighting
from dji_audit.common.plain_english import pluralised_count
from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.questions.passages_near_place import PassageNearPlace, passages_near_place
from dji_audit.fleet.questions.place_in_view_of_tracks import (
    SightingsOfPlaceFromTrack,
    sightings_of_place_from_each_track,
)
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.tables.instant_texts import instant_texts_of_ms
from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack, unpack_tracks
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree

#: When something began and ended; missing: the log has no UTC.
SpanTexts = tuple[str | None, str | None]
#: How near counts as near where the user names no distance.
NEAR_M = 500.0
_FARTHEST_NEAR_M = 50_000.0
#: Bytes, and tracks, that are unpacked together: what is in memory at a time, since no byte stands
#: for more than a fix.
_BYTES_AT_A_TIME, _TRACKS_AT_A_TIME = 1_000_000, 500
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


def answer_when_place_near_or_in_view(
    connection: sqlite3.Connection,
    latitude_deg: float,
    longitude_deg: float,
    near_m: float = NEAR_M,
    chosen: PeriodSerialAndFlightFilter | None = None,
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
    unknown_view, damaged = 0, 0
    for candidates in _query_candidate_tracks_by_box(
        connection, latitude_deg, longitude_deg, near_m, chosen
    ):
        unpacked = unpack_tracks([candidate["track"] for candidate in candidates])
        there = [(it, track) for it, track in zip(candidates, unpacked, strict=True) if track]
        tracks = [track for _, track in there]
        passages = passages_near_place(tracks, latitude_deg, longitude_deg, near_m)
        views = _sightings_of_place_from_candidate_tracks(there, latitude_deg, longitude_deg)
        damaged += len(unpacked) - len(there) + sum(view.is_damaged for view in views)
        unknown_view += sum(candidate["view_range_m"] is None for candidate, _ in there)
        spans = _start_and_end_texts_of_tracks(tracks, passages, views)
        for (candidate, _), near, view, own in zip(there, passages, views, spans, strict=True):
            rows += _answer_rows_of_passages_and_views(candidate, near, view, own, chosen)
    total, simulated = connection.execute(
        "SELECT sum(NOT simulated), sum(simulated) FROM flights WHERE entry = 'log'"
    ).fetchone()
    tracks_there = connection.execute(
        "SELECT count(*) FROM tracks JOIN flights ON flights.flight = tracks.flight "
        "WHERE NOT simulated"
    ).fetchone()[0]
    rows.sort(key=lambda row: (row[2] is None, str(row[2]), str(row[0]), str(row[1])))
    return Answer(
        f"When was {latitude_deg:.6f}, {longitude_deg:.6f} in view, or within {near_m:g} m?",
        _COLUMNS,
        rows,
        tuple(
            _notes_on_completeness(
                (total or 0) - tracks_there, simulated or 0, unknown_view, damaged
            )
        ),
    )


def _sightings_of_place_from_candidate_tracks(
    there: Sequence[tuple[sqlite3.Row, SimplifiedTrack]], latitude_deg: float, longitude_deg: float
) -> list[SightingsOfPlaceFromTrack]:
    """Return when the place was in view on each track; nothing where that is not known."""
    views = [SightingsOfPlaceFromTrack()] * len(there)
    known = [
        index
        for index, (candidate, track) in enumerate(there)
        if candidate["view_range_m"] is not None and track.camera is not None
    ]
    found = sightings_of_place_from_each_track(
        [there[it][1] for it in known], latitude_deg, longitude_deg
    )
    for index, view in zip(known, found, strict=True):
        views[index] = view
    return views


def _notes_on_completeness(
    without_position: int, simulated: int, unknown_view: int, damaged: int
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
    if without_position > 0:
        yield f"{pluralised_count(without_position, 'flight')} without a position: not known."
    if simulated:
        yield f"Left out {pluralised_count(simulated, 'flight')} of a simulator, where nobody flew."
    if unknown_view:
        yield (
            f"Of {pluralised_count(unknown_view, 'flight')} in this area it is not known what was "
            "in view: the table tracks says why."
        )
    if damaged:
        yield f"{pluralised_count(damaged, 'track')} of the tables could not be read."


def _query_candidate_tracks_by_box(
    connection: sqlite3.Connection,
    latitude_deg: float,
    longitude_deg: float,
    near_m: float,
    chosen: PeriodSerialAndFlightFilter | None,
) -> Iterator[list[sqlite3.Row]]:
    """Yield the tracks whose box, widened by what can be seen, holds the place, some at a time."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    boxes = cursor.execute(
        "SELECT tracks.rowid AS number, south_deg, west_deg, north_deg, east_deg, view_range_m, "
        "tracks.start, tracks.end, serial, tracks.flight, length(track) AS bytes FROM tracks "
        "JOIN flights ON flights.flight = tracks.flight WHERE NOT simulated"
    ).fetchall()
    if not boxes:
        return
    south, west, north, east = (
        np.array([row[name] for row in boxes], np.float64)
        for name in ("south_deg", "west_deg", "north_deg", "east_deg")
    )
    seen = np.array([row["view_range_m"] or 0.0 for row in boxes], np.float64)
    reach = np.maximum(near_m, np.minimum(seen, MAX_RANGE_M))
    _, east_m = metres_per_latitude_and_longitude_degree(
        np.clip(np.abs(latitude_deg) + reach / 110_000, 0, 89.9)
    )
    up, across = reach / 110_000, np.minimum(reach / east_m * 1.01, 360.0)
    # A box may go on across the date line, beyond 180 degrees.
    away = (longitude_deg - west + across) % 360.0
    inside = (latitude_deg >= south - up) & (latitude_deg <= north + up)
    inside &= away <= east - west + 2 * across
    chosen_boxes = [
        boxes[index]
        for index in np.flatnonzero(inside).tolist()
        if _matches_filter(boxes[index], chosen)
    ]
    for own in _batches_of_track_numbers_to_unpack(chosen_boxes):
        yield cursor.execute(
            "SELECT tracks.flight, track, view_range_m, fix_error_m, tolerance_m, "  # noqa: S608 - places for numbers
            "aircraft, serial, file, page "
            "FROM tracks JOIN flights ON flights.flight = tracks.flight "
            f"WHERE tracks.rowid IN ({', '.join('?' * len(own))}) ORDER BY tracks.rowid",
            own,
        ).fetchall()


def _batches_of_track_numbers_to_unpack(boxes: Sequence[sqlite3.Row]) -> Iterator[list[int]]:
    """Yield the numbers of the tracks that are unpacked together."""
    numbers: list[int] = []
    size = 0
    for box in boxes:
        own = box["bytes"] or 0
        if numbers and (size + own > _BYTES_AT_A_TIME or len(numbers) == _TRACKS_AT_A_TIME):
            yield numbers
            numbers, size = [], 0
        numbers.append(box["number"])
        size += own
    if numbers:
        yield numbers


def _matches_filter(box: sqlite3.Row, chosen: PeriodSerialAndFlightFilter | None) -> bool:
    if chosen is None:
        return True
    if chosen.between is not None:
        first, after = chosen.between
        if box["start"] is None or box["end"] < first or box["start"] >= after:
            return False
    return chosen.serial in (None, box["serial"]) and chosen.flight in (None, box["flight"])


def _answer_rows_of_passages_and_views(
    candidate: sqlite3.Row,
    passages: Sequence[PassageNearPlace],
    view: SightingsOfPlaceFromTrack,
    spans: Sequence[SpanTexts],
    chosen: PeriodSerialAndFlightFilter | None,
) -> Iterator[tuple[Cell, ...]]:
    about = tuple(candidate[name] for name in ("aircraft", "serial", "file", "page"))
    flight, fix_error = candidate["flight"], candidate["fix_error_m"]
    error = None if fix_error is None else round(candidate["tolerance_m"] + fix_error, 1)
    for near, span in zip(passages, spans, strict=False):
        if _overlaps_time_filter_if_any(span, chosen):
            height = None if math.isnan(near.height_ato_m) else round(near.height_ato_m, 1)
            yield (flight, "near", *span, round(near.nearest_m, 1), error, height,
                   None, None, None, None, *about)  # fmt: skip
    for one, span in zip(view.sightings, spans[len(passages) :], strict=True):
        if _overlaps_time_filter_if_any(span, chosen):
            known = None if one.error_m is None else round(one.error_m, 1)
            yield (flight, "in view", *span, round(one.range_m, 1), known, None,
                   one.recorded, one.sensor, one.certainty, view.rests_on, *about)  # fmt: skip


def _overlaps_time_filter_if_any(
    span: SpanTexts, chosen: PeriodSerialAndFlightFilter | None
) -> bool:
    if chosen is None or chosen.between is None:
        return True
    start, end = span
    first, after = chosen.between
    return start is not None and end is not None and end >= first and start < after


def _start_and_end_texts_of_tracks(
    tracks: Sequence[SimplifiedTrack],
    passages: Sequence[Sequence[PassageNearPlace]],
    views: Sequence[SightingsOfPlaceFromTrack],
) -> Iterator[list[SpanTexts]]:
    """Yield of each track when its passages, and then its sightings, began and ended."""
    found: list[list[PassageNearPlace | PointSighting]] = [
        [*near, *view.sightings] for near, view in zip(passages, views, strict=True)
    ]
    texts = instant_texts_of_ms(
        [ms for own in found for it in own for ms in (it.start_ms, it.end_ms)]
    )
    spans: Iterator[SpanTexts] = zip(texts[0::2], texts[1::2], strict=True)
    for track, own in zip(tracks, found, strict=True):
        known = list(islice(spans, len(own)))
        yield known if track.is_timed else [(None, None)] * len(own)
