"""What the logs of a flight disagree on, beyond what their errors allow.

Errors: a satellite position of an aircraft is good to about 5 m without corrections
(the 95 % figure that DJI states for hovering is 1.5 m, and GPS SPS PS 2020 gives 8 m at
95 % as the worst case); a barometric height drifts by some metres in a flight.  Added to
these are the step size of the numbers, and the distance that the aircraft covers within
the uncertainty of the clocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights._columns_with_values import Ints
from dji_audit.flights._model import DISAGREEMENT_KINDS, Disagreement, ValueInLog
from dji_audit.flights.merge._aligned_segments import AlignedSegment
from dji_audit.flights.merge._clock_conflicts import clock_conflicts
from dji_audit.flights.merge._conflict_groups import ConflictOfTwoLogs, group_conflicts
from dji_audit.flights.merge._conflict_sentences import CAPTURE_BOUNDS, TRACK_DISTANCE
from dji_audit.flights.merge._merge_media_captures import MediaCaptureGroup, MediaCaptureObservation
from dji_audit.geo.geodesy import (
    approximate_ground_distances_m,
    distances_between_point_pairs_m,
    interpolate_longitudes_deg,
)

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

#: Metres that each of two logs may be off.
POSITION_ERROR_M, HEIGHT_ERROR_M, ALTITUDE_ERROR_M = 5.0, 3.0, 10.0
#: Speeds that few aircraft exceed, for rows that state none.
_SPEED_MPS, _VERTICAL_SPEED_MPS = 15.0, 3.0
#: Rows of a log farther apart than this are a gap, across which nothing is interpolated.
_MAX_GAP_S = 3.0
#: The one row of a photo is compared with rows that are as near in time as this.
_MAX_PHOTO_AGE_S = 0.6
#: Conflicting rows that are no farther apart than this are one interval.
_MAX_BRIDGE_S = 5.0
#: Tolerance of the start and end of a capture.
_BOUNDS_TOLERANCE_S = 5.0
#: A capture that starts or ends this near to where its log does is cut by that.
_LOG_EDGE_NS = 2_000_000_000
#: Intervals that are listed for each pair of logs; the last one counts the rest.
_MAX_INTERVALS = 20
_KINDS = tuple(DISAGREEMENT_KINDS)


@dataclass(frozen=True, slots=True, eq=False)
class _ComparedTrackRows:
    """Rows of one log compared with another at the same instants."""

    rows: Rows
    #: Row of the other log that is nearest in time.
    nearest: Rows
    #: Values of the log, and of the other one between its rows; a column each.
    columns: list[Floats]
    other_columns: list[Floats]


def find_disagreements(
    segments: Sequence[AlignedSegment], groups: Sequence[MediaCaptureGroup]
) -> tuple[Disagreement, ...]:
    """Return what the logs of a flight disagree on, in order of kind and time."""
    conflicts = [*clock_conflicts(segments)]
    for index, segment in enumerate(segments):
        aligned = segment.alignment.is_aligned and segments[0].alignment.is_aligned
        if index and aligned and not segment.is_copy:
            conflicts += _track_conflicts(segments, index)
    conflicts += _media_capture_bound_conflicts(segments, groups)
    conflicts.sort(
        key=lambda it: (
            _KINDS.index(it.kind),
            it.key,
            0 if it.start is None else it.start.value,
            it.other.source_index,
        )
    )
    return tuple(group_conflicts(conflicts, [segment.log.source.name for segment in segments]))


def _track_conflicts(segments: Sequence[AlignedSegment], index: int) -> Iterator[ConflictOfTwoLogs]:
    """Yield where and when the first log and another differ on where the aircraft was."""
    # The denser of the two is compared with the sparser: each row of both then counts.
    pair = (0, index) if len(segments[0].track) >= len(segments[index].track) else (index, 0)
    dense, sparse = segments[pair[0]], segments[pair[1]]
    unsure_s = dense.uncertainty_s + sparse.uncertainty_s
    if compared := _paired_track_values_at_same_instants(
        dense, sparse, ("latitude_deg", "longitude_deg")
    ):
        speed = _column_values_or_default(dense, "ground_speed_mps", compared.rows, _SPEED_MPS)
        steps_m = dense.timed_track.position_resolution_m + sparse.timed_track.position_resolution_m
        tolerance = np.asarray(2 * POSITION_ERROR_M + steps_m + speed * unsure_s, np.float64)
        # Most rows are near for sure; the others are measured.
        positions = *compared.columns, *compared.other_columns
        distance = approximate_ground_distances_m(*positions)
        far = np.flatnonzero(distance > 0.9 * tolerance)
        distance[far] = distances_between_point_pairs_m(*(column[far] for column in positions))
        yield from _iterate_interval_conflicts_of_two_logs(
            segments, pair, compared, "position", "latitude_deg", "", distance, tolerance
        )
    for column, error_m, quantity in (
        ("height_ato_m", HEIGHT_ERROR_M, " in height above take-off"),
        ("altitude_amsl_m", ALTITUDE_ERROR_M, " in altitude above the sea"),
    ):
        if compared := _paired_track_values_at_same_instants(dense, sparse, (column,)):
            speed = abs(
                _column_values_or_default(
                    dense, "vertical_speed_mps", compared.rows, _VERTICAL_SPEED_MPS
                )
            )
            difference = np.asarray(
                abs(compared.columns[0] - compared.other_columns[0]), np.float64
            )
            tolerance = np.asarray(2 * error_m + speed * unsure_s, np.float64)
            yield from _iterate_interval_conflicts_of_two_logs(
                segments, pair, compared, "height", column, quantity, difference, tolerance
            )


def _paired_track_values_at_same_instants(
    one: AlignedSegment, other: AlignedSegment, columns: tuple[str, ...]
) -> _ComparedTrackRows | None:
    """Return the values of two logs at the instants of the one; ``None``: they share none."""
    times, values = one.times_and_columns_of_complete_rows(columns)
    other_times, other_values = other.times_and_columns_of_complete_rows(columns)
    if not len(times) or not len(other_times):
        return None
    at, reference = times[:, 0], other_times[:, 0]
    after = np.searchsorted(reference, at)
    inside = (after > 0) & (after < len(reference))
    exact = (after < len(reference)) & (reference[np.minimum(after, len(reference) - 1)] == at)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(reference) - 1)
    close = reference[after] - reference[before] <= _MAX_GAP_S
    at_photo = abs(at - reference[0]) <= _MAX_PHOTO_AGE_S
    keep = np.flatnonzero(at_photo if len(reference) == 1 else exact | (inside & close))
    if not len(keep):
        return None
    nearer = np.where(at - reference[before] <= reference[after] - at, before, after)
    return _ComparedTrackRows(
        times[keep, 1].astype(np.intp),
        other_times[nearer[keep], 1].astype(np.intp),
        [column[keep] for column in values],
        [
            (interpolate_longitudes_deg if name == "longitude_deg" else np.interp)(
                at[keep], reference, column
            )
            for name, column in zip(columns, other_values, strict=True)
        ],
    )


def _column_values_or_default(
    segment: AlignedSegment, column: str, rows: Rows, default: float
) -> Floats:
    """Return the values of a column at some rows, with a default where none is stated."""
    values = segment.track[column].to_numpy(np.float64)[rows]
    return np.where(np.isfinite(values), values, default)


def _iterate_interval_conflicts_of_two_logs(
    segments: Sequence[AlignedSegment],
    pair: tuple[int, int],
    compared: _ComparedTrackRows,
    kind: str,
    column: str,
    quantity: str,
    difference: Floats,
    tolerance: Floats,
) -> Iterator[ConflictOfTwoLogs]:
    """Yield each interval in which two logs differ by more than their errors allow."""
    beyond = np.flatnonzero(difference > tolerance)
    if not len(beyond):
        return
    dense, sparse = segments[pair[0]], segments[pair[1]]
    is_photo = sparse.is_media and len(sparse.track) == 1
    times: Ints = dense.track["time"].to_numpy("datetime64[ns]").view(np.int64)[compared.rows]
    cuts = np.flatnonzero(np.diff(times[beyond]) > _MAX_BRIDGE_S * 1e9) + 1
    intervals = np.split(beyond, cuts)
    for number, rows in enumerate(intervals[:_MAX_INTERVALS], 1):
        worst = int(rows[np.argmax(difference[rows] - tolerance[rows])])
        sides = {
            pair[0]: _track_value_in_log(segments, pair[0], int(compared.rows[worst]), column),
            pair[1]: _track_value_in_log(segments, pair[1], int(compared.nearest[worst]), column),
        }
        yield ConflictOfTwoLogs(
            kind,
            f"{column} of photos" if is_photo else column,
            TRACK_DISTANCE,
            sides.pop(0),
            sides.popitem()[1],
            float(difference[worst]),
            float(tolerance[worst]),
            {"quantity": quantity},
            pd.Timestamp(int(times[rows[0]]), tz="UTC"),
            pd.Timestamp(int(times[rows[-1]]), tz="UTC"),
            len(rows),
            len(intervals) - number if number == _MAX_INTERVALS else 0,
            is_timed=not is_photo,
        )


def _track_value_in_log(
    segments: Sequence[AlignedSegment], index: int, row: int, column: str
) -> ValueInLog:
    segment = segments[index]
    fix = segment.track.iloc[row]
    field, value = column, f"{float(fix[column]):.1f}"
    if column == "latitude_deg":
        field = "latitude_deg, longitude_deg"
        value = f"{float(fix['latitude_deg']):.6f}, {float(fix['longitude_deg']):.6f}"
    return ValueInLog(index, int(fix["source_offset"]), segment.log.track_record, field, value)


def _media_capture_bound_conflicts(
    segments: Sequence[AlignedSegment], groups: Sequence[MediaCaptureGroup]
) -> Iterator[ConflictOfTwoLogs]:
    """Yield captures to which a log and a file give a different start or end.

    A capture is cut where its log starts or ends, so that nothing follows from a bound there.
    """
    spans = [_track_span_of_flight_record_ns(segment) for segment in segments]
    for group in groups:
        primary = group.best_observation
        files = [it for it in group.observations if it.source_key != primary.source_key]
        shutter_events = {it.shutter_event for it in files if it.source_key == "files"}
        if group.kind == "photo" or len(shutter_events) > 1:
            continue
        for file in files:
            log_edges = *spans[primary.source_index], *spans[file.source_index]
            tolerance_s = primary.uncertainty_s + file.uncertainty_s + _BOUNDS_TOLERANCE_S
            for edge, first_ns, other_ns in (
                ("begins", primary.start_ns, file.start_ns),
                ("ends", primary.end_ns, file.end_ns),
            ):
                difference_s = abs(first_ns - other_ns) / 1e9
                is_cut = any(
                    abs(bound - log_edge) <= _LOG_EDGE_NS
                    for bound in (first_ns, other_ns)
                    for log_edge in log_edges
                )
                if difference_s <= tolerance_s or is_cut or file.start_ns == file.end_ns:
                    continue
                at, name = pd.Timestamp(first_ns, tz="UTC"), f"{group.kind} {edge}"
                yield ConflictOfTwoLogs(
                    "capture", name, CAPTURE_BOUNDS,
                    _capture_start_or_end_in_log(primary, first_ns),
                    _capture_start_or_end_in_log(file, other_ns),
                    difference_s, tolerance_s, {"edge": name}, at, at,
                )  # fmt: skip


def _track_span_of_flight_record_ns(segment: AlignedSegment) -> tuple[int, ...]:
    """Return the first and the last instant of the track of a record; none of media."""
    track = segment.timed_track
    if segment.is_media or not len(track):
        return ()
    return round(track.start * 1e9), round(track.end * 1e9)


def _capture_start_or_end_in_log(observation: MediaCaptureObservation, bound_ns: int) -> ValueInLog:
    value = f"{pd.Timestamp(bound_ns, tz='UTC'):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    index, offset = observation.log_and_byte_offset
    return ValueInLog(index, offset, "capture", "start, end", value)
