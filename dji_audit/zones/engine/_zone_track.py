"""The track of a flight as arrays, and blocks of it with their bounding circles."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.time_intervals import (
    FloatArray,
    Intervals,
    interval_complement,
    one_time_interval,
)
from dji_audit.geo.unit_vectors import (
    chord_lengths_between_unit_vectors,
    lat_lon_to_vectors,
    max_ground_distances_of_chords_m,
    vectors_to_lat_lon,
)
from dji_audit.zones._model import Point, VerticalDatum

#: The number of fixes in a block.
FIXES_PER_BLOCK = 64

#: Datum of a height -> its column in the track table.
HEIGHT_COLUMNS: Mapping[VerticalDatum, str] = {
    VerticalDatum.AMSL: "altitude_amsl_m",
    VerticalDatum.AGL: "height_agl_m",
    VerticalDatum.HOME: "height_ato_m",
}


@dataclass(frozen=True, eq=False)
class ZoneTrack:
    """Fixes with time and position, in time order.

    Between two fixes the aircraft is assumed to fly straight at constant speed, unless they
    are more than ``gap_s`` apart: then its position is unknown.
    """

    #: UTC of the first fix; times are seconds from here.
    start: np.datetime64
    times_s: FloatArray
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    #: Heights by datum; NaN where a fix has none.
    heights_m: Mapping[VerticalDatum, FloatArray]
    horizontal_error_m: FloatArray
    vertical_error_m: FloatArray
    #: Row of each fix in the track table.
    track_rows: npt.NDArray[np.int64]
    gap_s: float

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.times_s)

    @property
    def end_s(self) -> float:
        """Seconds from the first fix to the last."""
        return float(self.times_s[-1]) if len(self) else 0.0

    def to_timestamp(self, seconds: float) -> pd.Timestamp:
        """Return a time in seconds as UTC."""
        return pd.Timestamp(self.start).tz_localize("UTC") + pd.Timedelta(seconds=seconds)

    def seconds_since_first_fix(self, instant: pd.Timestamp) -> float:
        """Return a UTC time as seconds from the first fix."""
        began = pd.Timestamp(self.start).tz_localize("UTC")
        return float((instant - began).total_seconds())

    def fix_index_at(self, seconds: float) -> int:
        """Return the index of the last fix at or before a time."""
        index = int(np.searchsorted(self.times_s, seconds + 1e-9, "right")) - 1
        return max(index, 0)

    def track_row_at(self, seconds: float) -> int:
        """Return the row in the track table of the last fix at or before a time."""
        return int(self.track_rows[self.fix_index_at(seconds)])

    def positions_at(self, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return latitudes and longitudes at the given times."""
        return vectors_to_lat_lon(self.unit_vectors_at(seconds))

    def unit_vectors_at(self, seconds: FloatArray) -> FloatArray:
        """Return the unit vectors at the given times, linearly interpolated between fixes.

        The chord between two unit vectors follows the geodesic to far less than a millimetre
        over the distance between two fixes.
        """
        last = len(self) - 1
        before = np.maximum(np.searchsorted(self.times_s, seconds, "right") - 1, 0)
        after = np.minimum(before + 1, last)
        lasts = self.times_s[after] - self.times_s[before]
        since = seconds - self.times_s[before]
        share = np.clip(np.divide(since, lasts, out=np.zeros_like(since), where=lasts > 0), 0, 1)
        start = self.unit_vectors[before]
        between: FloatArray = start + share[:, None] * (self.unit_vectors[after] - start)
        return between

    def position_at(self, seconds: float) -> Point:
        """Return latitude and longitude at one time."""
        latitude, longitude = self.positions_at(np.array([seconds]))
        return float(latitude[0]), float(longitude[0])

    @cached_property
    def observed_intervals(self) -> Intervals:
        """The intervals between fixes that are at most ``gap_s`` apart."""
        return (
            interval_complement(self.gap_intervals, 0.0, self.end_s)
            if len(self.gap_intervals)
            else one_time_interval(0.0, self.end_s)
        )

    def is_start_of_observed_interval(self, seconds: float) -> bool:
        """Return whether it is observed from this time on, and not before."""
        return bool(np.isclose(self.observed_intervals[:, 0], seconds, atol=1e-9).any())

    def is_end_of_observed_interval(self, seconds: float) -> bool:
        """Return whether it is observed up to this time, and not after."""
        return bool(np.isclose(self.observed_intervals[:, 1], seconds, atol=1e-9).any())

    def max_distances_flown_until_times_m(self, seconds: FloatArray) -> FloatArray:
        """Return the largest distance that may have been flown up to the given times."""
        return np.interp(seconds, self.times_s, self._distances_flown_until_each_fix_m)

    @cached_property
    def _distances_flown_until_each_fix_m(self) -> FloatArray:
        steps = max_ground_distances_of_chords_m(
            chord_lengths_between_unit_vectors(self.unit_vectors[1:], self.unit_vectors[:-1])
        )
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def gap_intervals(self) -> Intervals:
        """The intervals between fixes that are more than ``gap_s`` apart."""
        far = np.flatnonzero(np.diff(self.times_s) > self.gap_s)
        return np.column_stack([self.times_s[far], self.times_s[far + 1]])

    @cached_property
    def unit_vectors(self) -> FloatArray:
        """Unit vectors of the fixes, shape ``(n, 3)``."""
        return lat_lon_to_vectors(self.latitude_deg, self.longitude_deg)

    @cached_property
    def consecutive_fix_blocks(self) -> "TrackBlocks":
        """The blocks of the track; the last fix of each is the first of the next."""
        first = np.arange(0, max(1, len(self) - 1), FIXES_PER_BLOCK)
        last = np.minimum(first + FIXES_PER_BLOCK, len(self) - 1)
        least = np.minimum(np.minimum.reduceat(self.unit_vectors, first), self.unit_vectors[last])
        most = np.maximum(np.maximum.reduceat(self.unit_vectors, first), self.unit_vectors[last])
        return TrackBlocks(first, last, least, most)


@dataclass(frozen=True, eq=False)
class TrackBlocks:
    """Runs of fixes, or of blocks: first and last (both included), and their bounding boxes."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    #: Smallest and largest coordinates of the unit vectors, shape ``(n, 3)``.
    minimum: FloatArray
    maximum: FloatArray

    @cached_property
    def centres(self) -> FloatArray:
        """The centres of the boxes, as unit vectors."""
        middle = self.minimum + self.maximum
        norms = np.linalg.norm(middle, axis=1, keepdims=True)
        # A block that reaches around the Earth has no centre; its radius covers all of it.
        return np.where(norms > 0, middle / np.where(norms > 0, norms, 1), [1.0, 0.0, 0.0])

    @cached_property
    def radii_m(self) -> FloatArray:
        """The largest possible distance of a fix from the centre of its block."""
        corner = np.maximum(
            np.abs(self.maximum - self.centres), np.abs(self.minimum - self.centres)
        )
        return max_ground_distances_of_chords_m(np.linalg.norm(corner, axis=1))

    @cached_property
    def groups_of_blocks(self) -> "TrackBlocks":
        """Groups of these blocks."""
        first = np.arange(0, len(self.first), FIXES_PER_BLOCK)
        return TrackBlocks(
            first,
            np.minimum(first + FIXES_PER_BLOCK, len(self.first)) - 1,
            np.minimum.reduceat(self.minimum, first),
            np.maximum.reduceat(self.maximum, first),
        )


def build_zone_track(
    track: pd.DataFrame,
    gap_s: float,
    after: pd.Timestamp | None = None,
    before: pd.Timestamp | None = None,
) -> ZoneTrack:
    """Return a track table as arrays.

    Args:
        track: Fixes; fixes without time or position, or that the aircraft itself marked as
            invalid, are left out.
        gap_s: Fixes further apart than this leave a gap, seconds.
        after: Begin with the last fix before this time.
        before: End with the first fix after this time.
    """
    times = track["time"].to_numpy("datetime64[ns]")
    latitude = track["latitude_deg"].to_numpy(np.float64)
    longitude = track["longitude_deg"].to_numpy(np.float64)
    keep = ~np.isnat(times) & np.isfinite(latitude) & np.isfinite(longitude)
    keep &= track["fix_ok"].fillna(value=True).to_numpy(np.bool_)
    rows = np.flatnonzero(keep)
    rows = rows[np.argsort(times[rows], kind="stable")]
    if after is not None:
        first = np.searchsorted(times[rows], np.datetime64(after.value, "ns"), "right") - 1
        rows = rows[max(0, int(first)) :]
    if before is not None:
        last = np.searchsorted(times[rows], np.datetime64(before.value, "ns"), "left") + 1
        rows = rows[: int(last)]
    start = times[rows[0]] if len(rows) else np.datetime64(0, "ns")
    numbers = {
        name: track[name].to_numpy(np.float64)[rows]
        for name in (*HEIGHT_COLUMNS.values(), "horizontal_error_m", "vertical_error_m")
    }
    return ZoneTrack(
        start=start,
        times_s=(times[rows] - start) / np.timedelta64(1_000_000_000, "ns"),
        latitude_deg=latitude[rows],
        longitude_deg=longitude[rows],
        heights_m={datum: numbers[name] for datum, name in HEIGHT_COLUMNS.items()},
        horizontal_error_m=numbers["horizontal_error_m"],
        vertical_error_m=numbers["vertical_error_m"],
        track_rows=rows,
        gap_s=gap_s,
    )
