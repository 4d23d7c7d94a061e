"""Which flights were in the air at once, and how near they came.

A sweep over take-offs and landings finds the flights that overlap in time; between them, two
tracks that are straight between kept fixes come nearest where one quadratic has its least.
"""

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dji_audit.fleet.questions.answer import Answer, AnswerColumn, Cell, QuestionError
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.tables.instant_texts import instant_text_of_ms
from dji_audit.fleet.tables.packed_columns import PackedTrackError
from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack, unpack_track
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from dji_audit.geo.local_plane import east_north_m

#: How near two flights must come where the user names no distance.
TOGETHER_WITHIN_M = 5000.0
#: Pairs whose tracks are compared; of further ones the number is given.
MAX_PAIRS = 5000
_FARTHEST_M = 500_000.0
#: Tracks that are unpacked at a time.
_TRACKS_KEPT = 512

Floats = npt.NDArray[np.float64]
_COLUMNS = (
    AnswerColumn("flight", "Id of the flight that began first."),
    AnswerColumn("other_flight", "Id of the other flight."),
    AnswerColumn("from", "From when both were in the air.", "UTC"),
    AnswerColumn("to", "Until when.", "UTC"),
    AnswerColumn("nearest_m", "Least distance along the ground at one instant.", "m"),
    AnswerColumn("error_m", "How far it may be off; missing: a clock or fix states no error.", "m"),
    AnswerColumn("nearest_at", "When.", "UTC"),
    AnswerColumn("height_ato_m", "Height of the first above its own take-off then.", "m"),
    AnswerColumn("other_height_ato_m", "Height of the other above its own take-off then.", "m"),
    AnswerColumn("aircraft", "Model of the first."),
    AnswerColumn("serial", "Serial number of the first."),
    AnswerColumn("other_aircraft", "Model of the other."),
    AnswerColumn("other_serial", "Serial number of the other."),
    AnswerColumn("remark", "What is odd about the pair; may be empty."),
)


@dataclass(frozen=True, slots=True)
class _TrackTimeSpanAndBoundingBox:
    """A track with its span of time and its box, not unpacked."""

    number: int
    flight: str
    start_ms: int
    end_ms: int
    box: tuple[float, float, float, float]
    aircraft: str | None
    serial: str | None
    fix_error_m: float | None
    clock_uncertainty_s: float | None
    tolerance_m: float


@dataclass(frozen=True, slots=True)
class ClosestApproach:
    """Where two tracks were nearest at one instant."""

    ms: int
    distance_m: float
    #: How fast they moved against one another then.
    speed_mps: float
    heights_ato_m: tuple[float, float]


def flights_together_answer(
    connection: sqlite3.Connection,
    within_m: float = TOGETHER_WITHIN_M,
    chosen: PeriodSerialAndFlightFilter | None = None,
) -> Answer:
    """Return the pairs of flights that were in the air at once and came near one another.

    Args:
        connection: The database of a state.
        within_m: How near they must come, along the ground.
        chosen: Which flights; a pair counts where one of its flights is chosen by id or serial.

    Raises:
        QuestionError: If the distance is none.
    """
    if not 0 < within_m <= _FARTHEST_M:
        raise QuestionError(f"--within is above 0 and at most {_FARTHEST_M:,.0f} m")
    chosen = chosen or PeriodSerialAndFlightFilter()
    spans = _query_track_time_spans_and_boxes(connection, chosen)
    overlapping = count_overlapping_span_pairs([(it.start_ms, it.end_ms) for it in spans])

    @lru_cache(maxsize=_TRACKS_KEPT)
    def track_of(number: int) -> SimplifiedTrack | None:
        packed = connection.execute("SELECT track FROM tracks WHERE rowid = ?", (number,))
        try:
            return unpack_track(packed.fetchone()[0])
        except PackedTrackError:
            return None

    rows: list[tuple[Cell, ...]] = []
    compared, is_cut = 0, False
    for one, other in _pairs_overlapping_in_time_and_space(spans, within_m):
        if not (_matches_filter(one, chosen) or _matches_filter(other, chosen)):
            continue
        if compared == MAX_PAIRS:
            is_cut = True
            break
        compared += 1
        track, other_track = track_of(one.number), track_of(other.number)
        if track is None or other_track is None:
            continue
        nearest = closest_approach(track, other_track)
        if nearest is not None and nearest.distance_m <= within_m:
            rows.append(_flight_pair_row(one, other, nearest))
    rows.sort(key=lambda row: (row[4], str(row[2]), str(row[0]), str(row[1])))
    notes = _notes_on_completeness(connection, overlapping, compared, within_m, is_cut)
    return Answer("Which flights were in the air at once, and how near?", _COLUMNS, rows, notes)


def _notes_on_completeness(
    connection: sqlite3.Connection, overlapping: int, compared: int, within_m: float, is_cut: bool
) -> tuple[str, ...]:
    untimed = connection.execute(
        "SELECT count(*) FROM flights LEFT JOIN tracks ON tracks.flight = flights.flight "
        "WHERE entry = 'log' AND NOT simulated AND (tracks.flight IS NULL OR NOT timed)"
    ).fetchone()[0]
    notes = [
        f"{overlapping:,} pairs of flights were recorded at one time; {compared:,} of them, whose "
        f"areas come within {within_m:g} m, were compared.",
        "Tracks are simplified to within 0.5 m at every instant; error_m adds the errors of both "
        "fixes, and what both clocks may be off at the speed at which they passed. Distances are "
        "along the ground; heights count from two take-offs and are not compared.",
    ]
    if untimed:
        notes.append(f"Flights without a position or UTC, of which this is not known: {untimed:,}.")
    if is_cut:
        notes.append(
            f"Only the first {MAX_PAIRS:,} such pairs in order of time were compared: choose a "
            "time with --between, an aircraft with --serial, or a smaller --within for the others."
        )
    return tuple(notes)


def _query_track_time_spans_and_boxes(
    connection: sqlite3.Connection, chosen: PeriodSerialAndFlightFilter
) -> list[_TrackTimeSpanAndBoundingBox]:
    first, after = chosen.between or ("", "~")
    rows = connection.execute(
        "SELECT tracks.rowid, tracks.flight, tracks.start, tracks.end, south_deg, west_deg, "
        "north_deg, east_deg, aircraft, serial, fix_error_m, tracks.clock_uncertainty_s, "
        "tolerance_m "
        "FROM tracks JOIN flights ON flights.flight = tracks.flight WHERE timed "
        "AND NOT simulated AND tracks.end >= ? AND tracks.start < ? "
        "ORDER BY tracks.start, tracks.flight",
        (first, after),
    )
    return [
        _TrackTimeSpanAndBoundingBox(
            row[0], row[1], _parse_instant_ms(row[2]), _parse_instant_ms(row[3]),
            (row[4], row[5], row[6], row[7]), *row[8:],
        )
        for row in rows
    ]  # fmt: skip


def _parse_instant_ms(text: str) -> int:
    return int(np.datetime64(text.removesuffix("Z"), "ms").astype(np.int64))


def _matches_filter(
    span: _TrackTimeSpanAndBoundingBox, chosen: PeriodSerialAndFlightFilter
) -> bool:
    return chosen.serial in (None, span.serial) and chosen.flight in (None, span.flight)


def count_overlapping_span_pairs(spans: Sequence[tuple[int, int]]) -> int:
    """Return how many pairs of spans overlap, at the cost of sorting them."""
    starts = np.sort(np.array([start for start, _ in spans], np.int64))
    ends = np.sort(np.array([end for _, end in spans], np.int64))
    # Of all pairs those do not overlap of which one ends before the other starts.
    apart = int(np.searchsorted(ends, starts, "left").sum())
    return len(spans) * (len(spans) - 1) // 2 - apart


def _pairs_overlapping_in_time_and_space(
    spans: Sequence[_TrackTimeSpanAndBoundingBox], within_m: float
) -> Iterator[tuple[_TrackTimeSpanAndBoundingBox, _TrackTimeSpanAndBoundingBox]]:
    """Yield the pairs that overlap in time and whose boxes come near, by the start of the later."""
    in_the_air: dict[int, _TrackTimeSpanAndBoundingBox] = {}
    landings: list[tuple[int, int]] = []
    cells = _TrackBoxGrid(within_m)
    for index, span in enumerate(spans):
        while landings and landings[0][0] < span.start_ms:
            _, landed = heapq.heappop(landings)
            cells.remove(landed, in_the_air.pop(landed))
        for other in cells.indices_of_boxes_near(span):
            yield in_the_air[other], span
        in_the_air[index] = span
        cells.add(index, span)
        heapq.heappush(landings, (span.end_ms, index))


class _TrackBoxGrid:
    """The boxes of flights in the air by cells of a grid, so that only near ones are compared."""

    #: A box that covers more cells than this is kept apart and compared with all.
    _MOST_CELLS = 64

    def __init__(self, within_m: float) -> None:
        self._within_m = within_m
        # Twice as large as what is near: a box covers few cells.
        self._size_deg = max(2 * within_m / 110_000, 0.02)
        self._cells: dict[tuple[int, int], dict[int, _TrackTimeSpanAndBoundingBox]] = {}
        self._large: dict[int, _TrackTimeSpanAndBoundingBox] = {}

    def _grid_cells_of_track(
        self, span: _TrackTimeSpanAndBoundingBox
    ) -> list[tuple[int, int]] | None:
        """Return the cells of a box widened by half of what is near; ``None``: too many."""
        south, west, north, east = span.box
        _, east_m = metres_per_latitude_and_longitude_degree(
            min(max(abs(south), abs(north)) + 0.1, 89.9)
        )
        up, across = self._within_m / 110_000 / 2, self._within_m / float(east_m) / 2 * 1.01
        rows = range(
            int(np.floor((south - up) / self._size_deg)),
            int(np.floor((north + up) / self._size_deg)) + 1,
        )
        columns = range(
            int(np.floor((west - across) / self._size_deg)),
            int(np.floor((east + across) / self._size_deg)) + 1,
        )
        if (
            len(rows) * len(columns) > self._MOST_CELLS
            or east > 180 - across
            or west < across - 180
        ):
            return None
        return [(row, column) for row in rows for column in columns]

    def add(self, index: int, span: _TrackTimeSpanAndBoundingBox) -> None:
        cells = self._grid_cells_of_track(span)
        if cells is None:
            self._large[index] = span
            return
        for cell in cells:
            self._cells.setdefault(cell, {})[index] = span

    def remove(self, index: int, span: _TrackTimeSpanAndBoundingBox) -> None:
        if self._large.pop(index, None) is not None:
            return
        for cell in self._grid_cells_of_track(span) or ():
            own = self._cells[cell]
            del own[index]
            if not own:
                del self._cells[cell]

    def indices_of_boxes_near(self, span: _TrackTimeSpanAndBoundingBox) -> Iterator[int]:
        """Yield the boxes that may come near one, in order."""
        cells = self._grid_cells_of_track(span)
        if cells is None:
            found = {index for own in self._cells.values() for index in own}
        else:
            found = {index for cell in cells for index in self._cells.get(cell, ())}
        yield from sorted(found | self._large.keys())


def _flight_pair_row(
    one: _TrackTimeSpanAndBoundingBox,
    other: _TrackTimeSpanAndBoundingBox,
    nearest: ClosestApproach,
) -> tuple[Cell, ...]:
    start, end = max(one.start_ms, other.start_ms), min(one.end_ms, other.end_ms)
    error: float | None = None
    if None not in (
        one.fix_error_m, other.fix_error_m, one.clock_uncertainty_s, other.clock_uncertainty_s
    ):  # fmt: skip
        clocks = float(one.clock_uncertainty_s or 0) + float(other.clock_uncertainty_s or 0)
        fixes = float(one.fix_error_m or 0) + float(other.fix_error_m or 0)
        simplified = one.tolerance_m + other.tolerance_m
        error = round(simplified + fixes + clocks * nearest.speed_mps, 1)
    height, other_height = (
        None if np.isnan(it) else round(float(it), 1) for it in nearest.heights_ato_m
    )
    same = one.serial is not None and one.serial == other.serial
    return (
        one.flight, other.flight, instant_text_of_ms(start), instant_text_of_ms(end),
        round(nearest.distance_m, 1), error, instant_text_of_ms(nearest.ms), height, other_height,
        one.aircraft, one.serial, other.aircraft, other.serial,
        "one serial number: copies of a log, or a wrong clock" if same else "",
    )  # fmt: skip


def closest_approach(track: SimplifiedTrack, other: SimplifiedTrack) -> ClosestApproach | None:
    """Return where two tracks were nearest at one instant; ``None``: never both were recorded.

    Between two kept fixes each moves straight and evenly, so that the square of their distance is
    a quadratic of the time, whose least is exact.
    """
    best: ClosestApproach | None = None
    for part in track.parts:
        for other_part in other.parts:
            start = max(track.ms[part.start], other.ms[other_part.start])
            end = min(track.ms[part.stop - 1], other.ms[other_part.stop - 1])
            if start > end:
                continue
            found = _closest_approach_of_parts(track, part, other, other_part, int(start), int(end))
            if best is None or found.distance_m < best.distance_m:
                best = found
    return best


def _closest_approach_of_parts(
    track: SimplifiedTrack, part: slice, other: SimplifiedTrack, other_part: slice,
    start_ms: int, end_ms: int,
) -> ClosestApproach:  # fmt: skip
    own, others = track.ms[part], other.ms[other_part]
    instants = np.unique(np.concatenate([own, others, [start_ms, end_ms]]))
    instants = instants[(instants >= start_ms) & (instants <= end_ms)].astype(np.float64)
    latitude, longitude, height = _track_positions_at_instants(track, part, instants)
    other_latitude, other_longitude, other_height = _track_positions_at_instants(
        other, other_part, instants
    )
    east, north = east_north_m(latitude, longitude, other_latitude, other_longitude)
    if len(instants) == 1:
        away = float(np.hypot(east[0], north[0]))
        return ClosestApproach(start_ms, away, 0.0, (float(height[0]), float(other_height[0])))
    to_east, to_north = np.diff(east), np.diff(north)
    squared = to_east**2 + to_north**2
    dot = east[:-1] * to_east + north[:-1] * to_north
    share = np.clip(np.where(squared > 0, -dot / np.where(squared > 0, squared, 1), 0), 0, 1)
    distances = np.hypot(east[:-1] + share * to_east, north[:-1] + share * to_north)
    index = int(np.argmin(distances))
    span = float(instants[index + 1] - instants[index])
    at = float(share[index])
    heights = (
        _value_between_row_and_next(height, index, at),
        _value_between_row_and_next(other_height, index, at),
    )
    return ClosestApproach(
        round(float(instants[index]) + at * span),
        float(distances[index]),
        float(np.sqrt(squared[index])) / span * 1000 if span else 0.0,
        heights,
    )


def _value_between_row_and_next(values: Floats, index: int, share: float) -> float:
    first = float(values[index])
    return first if share == 0 else first + share * (float(values[index + 1]) - first)


def _track_positions_at_instants(
    track: SimplifiedTrack, part: slice, instants: Floats
) -> tuple[Floats, Floats, Floats]:
    own = track.ms[part].astype(np.float64)
    latitude, longitude, height = (
        np.interp(instants, own, column[part])
        for column in (track.latitude_deg, track.longitude_deg, track.height_ato_m)
    )
    return latitude, longitude, height
