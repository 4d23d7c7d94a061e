"""Columns of the local sets of a whole stream that the tables need, a few bytes for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._decode_item_values import NO_TIME, Floats, Ints
from ._decode_local_set_columns import LocalSetColumns, LocalSetSummary, iterate_set_columns
from ._find_local_sets import LocalSets

#: Items that the tables need: the others are decoded where somebody asks for the records.
_NEEDED = (
    2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24, 25, *range(26, 34), 48,
    51, 56, 59, 65, 74, 75, 78, 79, 80, *range(82, 90), 90, 91, 104, 112, 113, 114, 123, 136, 137,
)  # fmt: skip
_EARLIEST_NS, _LATEST_NS = 631_152_000 * 10**9, 4_102_444_800 * 10**9
#: Mean radius of the earth, metres, for the direction to a place that is near.
_EARTH_M = 6_371_008.8


@dataclass(eq=False)
class FieldOfViewChanges:
    """Local sets whose field of view is not that of the one before, shapes ``(n,)``."""

    rows: Ints
    across_deg: Floats
    up_deg: Floats


@dataclass(eq=False)
class ColumnsForLogTables:
    """What the tables of a log need of every local set; every array has the shape ``(n, ...)``."""

    sets: LocalSets
    summary: LocalSetSummary
    #: UTC, nanoseconds since 1970; ``NO_TIME``: not given.
    times_ns: Ints
    #: Name of a column of the track, or of ``height_over_picture_m``, -> its values.
    numbers: dict[str, Floats]
    #: Corners of the picture, latitude and longitude less those of the sensor, degrees, shape
    #: ``(n, 4, 2)``, NaN: not given; ``None``: nowhere given.
    corner_offsets_deg: npt.NDArray[np.float32] | None = None
    #: Whether a local set gives its corners in full: else as offsets of a coarser step.
    has_full_corners: bool = False
    field_of_view_steps: FieldOfViewChanges = field(
        default_factory=lambda: FieldOfViewChanges(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    )
    #: The highest version of the standard, and whether leap seconds are stated.
    version: int | None = None
    states_leap_seconds: bool = False
    #: Rows that the tables are made of.
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def column_of_used_local_sets(self, name: str) -> Floats | None:
        """Return a column of the rows that the tables are made of; ``None``: nowhere given."""
        column = self.numbers.get(name)
        if column is None:
            return None
        return column if len(self.rows) == len(column) else column[self.rows]


def read_stream_columns(sets: LocalSets) -> ColumnsForLogTables:
    """Read every local set once, and keep of each what the tables need.

    A column takes memory from the first value on that is given.
    """
    stream = ColumnsForLogTables(sets, LocalSetSummary(), np.full(len(sets), NO_TIME, np.int64), {})
    steps: list[FieldOfViewChanges] = []
    last: tuple[float, float] = np.nan, np.nan
    for columns in iterate_set_columns(sets, _NEEDED, stream.summary):
        part = slice(columns.first, columns.last)
        times = stream.times_ns[part] = _times_ns(columns)
        for name, values in _track_column_values_by_name(columns).items():
            if np.isfinite(values).any():
                if name not in stream.numbers:
                    stream.numbers[name] = np.full(len(sets), np.nan)
                stream.numbers[name][part] = values
        _add_picture_corners(stream, columns)
        across, up = columns.values_of_tag(16), columns.values_of_tag(17)
        steps.append(_field_of_view_changes(columns.first, across, up, times, last))
        last = float(across[-1]), float(up[-1])
        versions = columns.values_of_tag(65)
        if np.isfinite(versions).any():
            stream.version = max(int(np.nanmax(versions)), stream.version or 0)
        stream.states_leap_seconds |= bool(np.isfinite(columns.values_of_tag(136)).any())
    if steps:
        stream.field_of_view_steps = FieldOfViewChanges(
            np.concatenate([each.rows for each in steps]),
            np.concatenate([each.across_deg for each in steps]),
            np.concatenate([each.up_deg for each in steps]),
        )
    stream.rows = _indices_of_local_sets_to_use(stream)
    return stream


def _indices_of_local_sets_to_use(stream: ColumnsForLogTables) -> Ints:
    """Return the readable local sets; where checksums fit at all, those whose checksum fits."""
    is_used = stream.sets.refusals == 0
    failing = stream.summary.wrong_checksums_stated_and_found.rows
    if len(failing) < int(is_used.sum()):
        is_used[failing] = False
    return np.flatnonzero(is_used)


def _times_ns(columns: LocalSetColumns) -> Ints:
    times = columns.timestamps_ns_of_tag(2)
    leap, correction = columns.values_of_tag(136), columns.values_of_tag(137)
    shift_us = np.nan_to_num(correction) - 1e6 * np.nan_to_num(leap)
    is_shifted = (times != NO_TIME) & (np.abs(shift_us) < 1e15)
    times[is_shifted] += (shift_us[is_shifted] * 1000).astype(np.int64)
    times[(times < _EARLIEST_NS) | (times > _LATEST_NS)] = NO_TIME
    return times


def _track_column_values_by_name(columns: LocalSetColumns) -> Mapping[str, Floats]:
    heading = columns.values_of_tag(5)
    pitch, roll = (
        columns.first_stated_number_of_tags(90, 6),
        columns.first_stated_number_of_tags(91, 7),
    )
    north, east = columns.values_of_tag(79), columns.values_of_tag(80)
    over_picture = _first_where_known_else_second(
        columns.values_of_tag(15) - columns.values_of_tag(25),
        columns.first_stated_number_of_tags(104, 75) - columns.values_of_tag(78),
    )
    yaw, elevation = camera_azimuth_and_elevation_deg(
        heading, pitch, roll, columns.values_of_tag(18), columns.values_of_tag(19)
    )
    seen_yaw, seen_elevation = _azimuth_and_elevation_to_frame_centre(columns, over_picture)
    course = np.degrees(np.arctan2(east, north)) % 360
    return {
        "latitude_deg": columns.values_of_tag(13),
        "longitude_deg": columns.values_of_tag(14),
        "altitude_amsl_m": columns.values_of_tag(15),
        "height_agl_m": columns.values_of_tag(114),
        "ground_speed_mps": _first_where_known_else_second(
            columns.values_of_tag(56), np.hypot(north, east)
        ),
        "vertical_speed_mps": columns.values_of_tag(51),
        "course_deg": _first_where_known_else_second(columns.values_of_tag(112), course) % 360,
        "heading_deg": heading % 360,
        "pitch_deg": pitch,
        "roll_deg": roll,
        "gimbal_yaw_deg": _first_where_known_else_second(yaw, seen_yaw),
        "gimbal_pitch_deg": _first_where_known_else_second(elevation, seen_elevation),
        "gimbal_roll_deg": (columns.values_of_tag(20) + 180) % 360 - 180,
        "height_over_picture_m": over_picture,
    }


def _azimuth_and_elevation_to_frame_centre(
    columns: LocalSetColumns, height_m: Floats
) -> tuple[Floats, Floats]:
    """Return where the frame centre lies from the sensor: from north, from the horizon."""
    latitude, longitude = columns.values_of_tag(13), columns.values_of_tag(14)
    north = np.radians(columns.values_of_tag(23) - latitude) * _EARTH_M
    turn = (columns.values_of_tag(24) - longitude + 180) % 360 - 180
    east = np.radians(turn) * _EARTH_M * np.cos(np.radians(latitude))
    away = np.hypot(north, east)
    is_near = away < 50_000
    yaw = np.where(is_near & (away > 1), np.degrees(np.arctan2(east, north)) % 360, np.nan)
    return yaw, np.where(is_near, -np.degrees(np.arctan2(height_m, away)), np.nan)


def _add_picture_corners(stream: ColumnsForLogTables, columns: LocalSetColumns) -> None:
    """Add the corners of the picture: those in full, else those given from the frame centre."""
    found = np.full((len(columns), 4, 2), np.nan, np.float32)
    place = columns.values_of_tag(13), columns.values_of_tag(14)
    for corner in range(4):
        for axis in range(2):
            tag = 2 * corner + axis
            full = columns.numbers.get(82 + tag)
            offset = columns.numbers.get(26 + tag)
            if full is not None:
                found[:, corner, axis] = full - place[axis]
            if offset is not None:
                from_centre = columns.values_of_tag(23 + axis) + offset - place[axis]
                is_missing = np.isnan(found[:, corner, axis])
                found[is_missing, corner, axis] = from_centre[is_missing]
            stream.has_full_corners |= full is not None
    found[..., 1] = (found[..., 1] + np.float32(180)) % np.float32(360) - np.float32(180)
    found[~np.isfinite(found).all(axis=(1, 2))] = np.nan
    if np.isfinite(found).any():
        if stream.corner_offsets_deg is None:
            stream.corner_offsets_deg = np.full((len(stream.sets), 4, 2), np.nan, np.float32)
        stream.corner_offsets_deg[columns.first : columns.last] = found


def _field_of_view_changes(
    first: int, across: Floats, up: Floats, times_ns: Ints, last: tuple[float, float]
) -> FieldOfViewChanges:
    """Return the local sets with another field of view, or an earlier time, than the one before."""
    is_step = (across != np.append(last[0], across[:-1])) | (up != np.append(last[1], up[:-1]))
    is_step[1:] |= times_ns[1:] < times_ns[:-1]
    is_step &= (across > 0) & (across < 180) & (up > 0) & (up < 180)
    is_step[0] |= bool(0 < across[0] < 180 and 0 < up[0] < 180)
    rows = np.flatnonzero(is_step)
    return FieldOfViewChanges(rows + first, across[rows], up[rows])


def _first_where_known_else_second(first: Floats, second: Floats) -> Floats:
    return np.where(np.isnan(first), second, first)


def camera_azimuth_and_elevation_deg(
    heading: Floats, pitch: Floats, roll: Floats, azimuth: Floats, elevation: Floats
) -> tuple[Floats, Floats]:
    """Return where a camera looks, from north and from the horizon, degrees.

    Args:
        heading: Of the platform, from north.
        pitch: Of the platform, nose up positive.
        roll: Of the platform, right wing down positive.
        azimuth: Of the camera from the nose, clockwise seen from above.
        elevation: Of the camera from the plane of the platform, down negative.
    """
    yaw, up, bank, side, tilt = (
        np.radians(each) for each in (heading, pitch, roll, azimuth, elevation)
    )
    forward = np.cos(tilt) * np.cos(side)
    right = np.cos(tilt) * np.sin(side)
    down = -np.sin(tilt)
    level_right = right * np.cos(bank) - down * np.sin(bank)
    below = right * np.sin(bank) + down * np.cos(bank)
    ahead = forward * np.cos(up) + below * np.sin(up)
    downward = -forward * np.sin(up) + below * np.cos(up)
    north = ahead * np.cos(yaw) - level_right * np.sin(yaw)
    east = ahead * np.sin(yaw) + level_right * np.cos(yaw)
    return (
        np.degrees(np.arctan2(east, north)) % 360,
        np.degrees(np.arcsin(np.clip(-downward, -1.0, 1.0))),
    )
