"""The path of a flight as arrays, and blocks of it with the circle that each lies in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.zones._intervals import Floats, Intervals, complement, whole
from dji_audit.zones._model import Datum, Point

#: Between these lie all radii of curvature of the ellipsoid.
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 6_335_000.0, 6_400_000.0
#: Fixes of a block.
BLOCK = 64

#: Column of a track -> what its heights are counted from.
HEIGHTS: Mapping[Datum, str] = {
    Datum.AMSL: "altitude_amsl_m",
    Datum.AGL: "height_agl_m",
    Datum.HOME: "height_ato_m",
}


@dataclass(frozen=True, eq=False)
class Path:
    """Fixes with time and place, in time order.

    Between two fixes the aircraft is taken to fly straight and evenly, unless they
    are further apart than ``gap_s``: then nothing is said of it.
    """

    #: UTC of the first fix; times count from here, in seconds.
    start: np.datetime64
    times_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    #: Heights by what they are counted from; NaN where a fix has none.
    heights_m: Mapping[Datum, Floats]
    horizontal_error_m: Floats
    vertical_error_m: Floats
    #: Row of each fix in its track.
    rows: npt.NDArray[np.int64]
    gap_s: float

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.times_s)

    @property
    def end_s(self) -> float:
        """Seconds from the first fix to the last."""
        return float(self.times_s[-1]) if len(self) else 0.0

    def instant(self, seconds: float) -> pd.Timestamp:
        """Return a time of the path in UTC."""
        return pd.Timestamp(self.start).tz_localize("UTC") + pd.Timedelta(seconds=seconds)

    def seconds(self, instant: pd.Timestamp) -> float:
        """Return an instant as seconds from the first fix."""
        began = pd.Timestamp(self.start).tz_localize("UTC")
        return float((instant - began).total_seconds())

    def fix(self, seconds: float) -> int:
        """Return the number of the last fix at or before a time."""
        place = int(np.searchsorted(self.times_s, seconds + 1e-9, "right")) - 1
        return min(max(place, 0), len(self) - 1)

    def row(self, seconds: float) -> int:
        """Return the row of the track of the fix at or before a time."""
        return int(self.rows[self.fix(seconds)])

    def places(self, seconds: Floats) -> tuple[Floats, Floats]:
        """Return latitude and longitude at some times."""
        return directions_deg(self.directions(seconds))

    def directions(self, seconds: Floats) -> Floats:
        """Return the directions of a path at some times, between fixes along a straight line.

        The line is the chord between the two directions, which on the ground is the
        geodesic to far less than a millimetre over the way between two fixes.
        """
        last = len(self) - 1
        before = np.clip(np.searchsorted(self.times_s, seconds, "right") - 1, 0, max(0, last - 1))
        after = np.minimum(before + 1, last)
        lasts = self.times_s[after] - self.times_s[before]
        since = seconds - self.times_s[before]
        share = np.clip(np.divide(since, lasts, out=np.zeros_like(since), where=lasts > 0), 0, 1)
        start = self.vectors[before]
        between: Floats = start + share[:, None] * (self.vectors[after] - start)
        return between

    def place(self, seconds: float) -> Point:
        """Return latitude and longitude at a time."""
        latitude, longitude = self.places(np.array([seconds]))
        return float(latitude[0]), float(longitude[0])

    @cached_property
    def seen(self) -> Intervals:
        """The times between fixes that are close enough."""
        return complement(self.gaps, 0.0, self.end_s) if len(self.gaps) else whole(0.0, self.end_s)

    def way_m(self, seconds: Floats) -> Floats:
        """Return how far was flown up to some times, at most."""
        return np.interp(seconds, self.times_s, self._way_m)

    @cached_property
    def _way_m(self) -> Floats:
        steps = at_most_m(chords(self.vectors[1:], self.vectors[:-1]))
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def gaps(self) -> Intervals:
        """The times between fixes that are too far apart."""
        far = np.flatnonzero(np.diff(self.times_s) > self.gap_s)
        return np.column_stack([self.times_s[far], self.times_s[far + 1]])

    @cached_property
    def vectors(self) -> Floats:
        """Unit vectors of the fixes, shape ``(n, 3)``."""
        return unit_vectors(self.latitude_deg, self.longitude_deg)

    @cached_property
    def blocks(self) -> "Blocks":
        """The path in blocks; the last fix of each is the first of the next."""
        first = np.arange(0, max(1, len(self) - 1), BLOCK)
        last = np.minimum(first + BLOCK, len(self) - 1)
        least = np.minimum(np.minimum.reduceat(self.vectors, first), self.vectors[last])
        most = np.maximum(np.maximum.reduceat(self.vectors, first), self.vectors[last])
        return Blocks(first, last, least, most)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Runs of fixes, or of such runs: first and last (both included), and the box around them."""

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    #: Least and greatest coordinates of the directions, shape ``(n, 3)``.
    least: Floats
    most: Floats

    @cached_property
    def centres(self) -> Floats:
        """The middles of the boxes, as directions."""
        middle = self.least + self.most
        norms = np.linalg.norm(middle, axis=1, keepdims=True)
        # What reaches around the Earth has no middle, and its radius holds all of it.
        return np.where(norms > 0, middle / np.where(norms > 0, norms, 1), [1.0, 0.0, 0.0])

    @cached_property
    def radius_m(self) -> Floats:
        """How far the fixes of each are from its centre at most."""
        corner = np.maximum(np.abs(self.most - self.centres), np.abs(self.least - self.centres))
        return at_most_m(np.linalg.norm(corner, axis=1))

    @cached_property
    def groups(self) -> "Blocks":
        """Blocks of these blocks."""
        first = np.arange(0, len(self.first), BLOCK)
        return Blocks(
            first,
            np.minimum(first + BLOCK, len(self.first)) - 1,
            np.minimum.reduceat(self.least, first),
            np.maximum.reduceat(self.most, first),
        )


def path_of(
    track: pd.DataFrame,
    gap_s: float,
    after: pd.Timestamp | None = None,
    before: pd.Timestamp | None = None,
) -> Path:
    """Return the path of a track.

    Args:
        track: Fixes; those without time or place, or that the aircraft itself held
            for no position, are left out.
        gap_s: Fixes further apart than this leave a gap.
        after: Only from the last fix before this on.
        before: Only up to the first fix after this.
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
        for name in (*HEIGHTS.values(), "horizontal_error_m", "vertical_error_m")
    }
    return Path(
        start=start,
        times_s=(times[rows] - start) / np.timedelta64(1_000_000_000, "ns"),
        latitude_deg=latitude[rows],
        longitude_deg=longitude[rows],
        heights_m={datum: numbers[name] for datum, name in HEIGHTS.items()},
        horizontal_error_m=numbers["horizontal_error_m"],
        vertical_error_m=numbers["vertical_error_m"],
        rows=rows,
        gap_s=gap_s,
    )


def unit_vectors(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return directions from the middle of a sphere, shape ``(n, 3)``."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    level = np.cos(latitude)
    return np.stack(
        [level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1
    )


def directions_deg(vectors: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of directions, which need not be of unit length."""
    x, y, z = vectors.T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def chords(one: Floats, other: Floats) -> Floats:
    """Return the straight distances between unit vectors."""
    away: Floats = np.linalg.norm(one - other, axis=-1)
    return away


def at_most_m(chord: Floats) -> Floats:
    """Return the greatest distance along the ground that a chord between directions may be.

    Directions are by geodetic latitude, so that a distance is an angle times a radius
    of curvature of the ellipsoid, of which ``LARGEST_RADIUS_M`` is none of the smaller.
    """
    arc: Floats = 2 * np.arcsin(np.minimum(chord / 2, 1)) * LARGEST_RADIUS_M * 1.001
    return arc


def at_least_m(chord: Floats) -> Floats:
    """Return the least distance along the ground that a chord between directions may be."""
    arc: Floats = 2 * np.arcsin(np.minimum(chord / 2, 1)) * SMALLEST_RADIUS_M * 0.995
    return arc
