"""The track of subtitles: a row wherever one of its values changes.

Cues come with every frame, positions about ten times a second, so most cues repeat the one before;
these give no row.  ``source_offset`` is the offset of the cue that the row comes from, so that
``records("cue")`` has its wall clock, time code and text.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue, NamedPosition
from ..._tables import TRACK, build_table
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._implausible_gimbal_angles import masked_gimbal_columns_and_issues
from ._position_axis_order import (
    AMBIGUOUS,
    GpsPositionOfEachCueAndAxisOrderBasis,
    home_latitudes_and_longitudes,
)
from ._subtitle_telemetry import SubtitleTelemetry
from ._vectorised_parsing import Floats

_MOST_HOMES = 200
#: A time code beyond is damage.
_LONGEST_S = 1e9
_NAT = np.iinfo(np.int64).min


def flight_track_of_subtitles(
    subtitles: SubtitleTelemetry,
    positions: GpsPositionOfEachCueAndAxisOrderBasis,
    period: npt.NDArray[np.int64],
    times_ns: npt.NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Return the track.

    Args:
        subtitles: The cues.
        found: The position of each.
        period: The recording that each belongs to; -1 for no recording.
        times_ns: UTC of each cue in nanoseconds since 1970, where it is known.
    """
    latitude, longitude = replace_invalid_positions_with_nan(
        positions.latitude_deg, positions.longitude_deg, _cue_times_ns(subtitles)
    )
    gimbal, _ = _gimbal_columns_and_issues(subtitles)
    values: dict[str, Floats] = {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "height_ato_m": subtitles.number_of_first_key_in_each_cue(
            "rel_alt", "barometer", "hb", "h"
        ),
        "ground_speed_mps": _ground_speeds_mps(subtitles),
        "heading_deg": subtitles.number_of_first_key_in_each_cue("drone_yaw", "f_pry_3") % 360,
        "pitch_deg": subtitles.number_of_first_key_in_each_cue("drone_pitch", "f_pry_1"),
        "roll_deg": subtitles.number_of_first_key_in_each_cue("drone_roll", "f_pry_2"),
        **gimbal,
        "satellites": positions.satellites,
    }
    known = np.isfinite(latitude)
    fix = np.where(known, 1.0, np.where(positions.says_none, 0.0, np.nan))
    rows = row_indices_of_changed_values([*values.values(), fix], period)
    return flight_track_table(values, fix, rows, subtitles.cues.offsets, times_ns)


def flight_track_table(
    values: dict[str, Floats],
    fix: Floats,
    rows: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    times_ns: npt.NDArray[np.int64] | None,
) -> pd.DataFrame:
    """Return the table of the track that some rows of columns make."""
    columns: dict[str, Any] = {name: column[rows] for name, column in values.items()}
    if "satellites" in columns:
        counts = columns["satellites"]
        missing = np.isnan(counts)
        columns["satellites"] = pd.arrays.IntegerArray(
            np.nan_to_num(counts).astype(np.uint8), missing
        )
    columns["fix_ok"] = pd.arrays.BooleanArray(np.nan_to_num(fix[rows]) == 1, np.isnan(fix[rows]))
    columns["source_offset"] = offsets[rows]
    nat = np.full(len(rows), np.iinfo(np.int64).min)
    columns["time"] = nat if times_ns is None else times_ns[rows]
    return build_table(TRACK, columns, len(rows))


def row_indices_of_changed_values(
    columns: list[Floats], period: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the rows in which a column has a value other than the last it had.

    A value that is missing is no change.  The first row of each recording counts.
    """
    inside = np.flatnonzero(period >= 0)
    if not len(inside):
        return inside
    new = np.zeros(len(inside), bool)
    some = np.zeros(len(inside), bool)
    for column in columns:
        values = column[inside]
        there = np.flatnonzero(np.isfinite(values))
        some[there] = True
        present = values[there]
        differs = np.ones(len(there), bool)
        differs[1:] = present[1:] != present[:-1]
        new[there[differs]] = True
    # The first cue of a recording that has a value.
    withs = np.flatnonzero(some)
    starts = np.ones(len(withs), bool)
    starts[1:] = np.diff(period[inside][withs]) != 0
    new[withs[starts]] = True
    return np.asarray(inside[new])


def replace_invalid_positions_with_nan(
    latitude: Floats, longitude: Floats, times_ns: npt.NDArray[np.int64] | None = None
) -> tuple[Floats, Floats]:
    """Return positions, those that nobody measured as NaN in both."""
    fixes = replace_false_positions_with_nan(latitude, longitude, times_ns)
    return fixes.latitude_deg, fixes.longitude_deg


def _gimbal_columns_and_issues(
    subtitles: SubtitleTelemetry,
) -> tuple[dict[str, Floats], tuple[Issue, ...]]:
    return masked_gimbal_columns_and_issues(
        subtitles.number_of_first_key_in_each_cue("gb_yaw", "g_pry_3", "gimbal_yaw"),
        subtitles.number_of_first_key_in_each_cue("gb_pitch", "g_pry_1", "gimbal_pitch"),
        subtitles.number_of_first_key_in_each_cue("gb_roll", "g_pry_2", "gimbal_roll"),
        "cues",
        subtitles.cues.offsets,
    )


def position_issues(
    subtitles: SubtitleTelemetry, positions: GpsPositionOfEachCueAndAxisOrderBasis
) -> list[Issue]:
    """Return what a reader must know of the positions."""
    out: list[Issue] = []
    if subtitles.has_key("gimbal_yaw") or subtitles.has_key("gimbal_pitch"):
        first_cue = int(np.argmax(subtitles.any_key_mask("gimbal_yaw", "gimbal_pitch")))
        reason = (
            "gimbal angles stand under names that no known DJI camera writes: they are taken as "
            "written and are a weak source"
        )
        out.append(Issue(int(subtitles.cues.offsets[first_cue]), 0, reason))
    for name, order in positions.axis_orders.items():
        if order == AMBIGUOUS:
            row = np.argmax(subtitles.dialect_index_of_each_cue == subtitles.dialects.index(name))
            first = int(subtitles.cues.offsets[row])
            reason = (
                f"the order of the numbers of GPS(…) in the {name} cues is ambiguous:"
                " positions are not used"
            )
            out.append(Issue(first, 0, reason))
    fixes = replace_false_positions_with_nan(
        positions.latitude_deg, positions.longitude_deg, _cue_times_ns(subtitles)
    )
    out += fixes.issues("cues", subtitles.cues.offsets)
    out += _gimbal_columns_and_issues(subtitles)[1]
    return out


def seconds_to_nanoseconds(seconds: Floats) -> npt.NDArray[np.int64]:
    """Return seconds since any instant in nanoseconds; least ``int64`` where missing."""
    known = np.isfinite(seconds) & (abs(seconds) < _LONGEST_S)
    return np.where(known, np.round(np.where(known, seconds, 0.0) * 1e9), _NAT).astype(np.int64)


def _cue_times_ns(subtitles: SubtitleTelemetry) -> npt.NDArray[np.int64]:
    """Return times of the cues among themselves: by the wall clock, else by the time code."""
    wall = subtitles.wall_clock_of_each_cue.astype("datetime64[ns]").view(np.int64)
    if (wall != _NAT).any():
        return np.asarray(wall)
    return seconds_to_nanoseconds(subtitles.cues.start_s)


def home_points(
    subtitles: SubtitleTelemetry, positions: GpsPositionOfEachCueAndAxisOrderBasis
) -> tuple[NamedPosition, ...]:
    """Return the home points that cues state, one for each change."""
    out: list[NamedPosition] = []
    for name in positions.home_pairs:
        pair = home_latitudes_and_longitudes(positions, name)
        if pair is None:
            continue
        latitude, longitude = replace_invalid_positions_with_nan(*pair)
        known = np.flatnonzero(np.isfinite(latitude))
        if not len(known):
            continue
        fresh = np.ones(len(known), bool)
        fresh[1:] = (np.diff(latitude[known]) != 0) | (np.diff(longitude[known]) != 0)
        for row in known[fresh][:_MOST_HOMES].tolist():
            out.append(
                NamedPosition(
                    "home",
                    None,
                    float(latitude[row]),
                    float(longitude[row]),
                    None,
                    "cue.HOME",
                    int(subtitles.cues.offsets[row]),
                )
            )
    return tuple(sorted(out, key=lambda point: point.source_offset))


def _ground_speeds_mps(subtitles: SubtitleTelemetry) -> Floats:
    """Return the horizontal speed: as stated, or of its two components."""
    x, y = (
        subtitles.number_of_first_key_in_each_cue("drone_speedx"),
        subtitles.number_of_first_key_in_each_cue("drone_speedy"),
    )
    stated = subtitles.number_of_first_key_in_each_cue("h_s")
    return np.where(stated >= 0, stated, np.hypot(x, y))
