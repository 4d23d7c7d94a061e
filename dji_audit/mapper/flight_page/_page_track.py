"""The track of a flight as arrays in time order; fixes without a time stand apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.flights import Flight
from dji_audit.mapper.html._folium import Bounds

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

#: Fixes further apart than this are not joined by a solid line.
GAP_MS = 5000
#: Without times, fixes stand this far apart on the axis.
_STEP_MS = 1000
_NO_TIME = np.iinfo(np.int64).min

#: What a fix was recorded with: bits, because a camera can do two at once.
SENSOR_BITS = {"unknown": 1, "visible": 2, "thermal": 4, "multispectral": 8}


@dataclass(frozen=True, slots=True, eq=False)
class PageTrack:
    """The fixes of a flight that stand on the page's axis, and the others.

    ``latitude`` and ``longitude`` are NaN where a fix has no usable position.
    Longitude is continuous: it passes 180 for a flight across the antimeridian.
    """

    #: ``time``: milliseconds since 1970; ``fix``: the log gives no times.
    axis: str
    ms: Longs
    latitude: Floats
    longitude: Floats
    #: `SENSORS` bits of the video that was being recorded.
    recording: npt.NDArray[np.uint8]
    #: Whether sound was being recorded on its own.
    sound: npt.NDArray[np.bool_]
    #: Rows of ``flight.track``, in the order of ``ms``.
    row_numbers: npt.NDArray[np.intp]
    #: Latitude and longitude of fixes without a time.
    untimed: tuple[Floats, Floats]
    #: What a reviewer must know of how the fixes were taken over.
    notes: tuple[str, ...]

    @property
    def position_mask(self) -> npt.NDArray[np.bool_]:
        """Which fixes have a position."""
        return np.isfinite(self.latitude)

    @property
    def bounds(self) -> Bounds | None:
        """The box round every position; ``None`` without one."""
        latitude = np.concatenate([self.latitude[self.position_mask], self.untimed[0]])
        longitude = np.concatenate([self.longitude[self.position_mask], self.untimed[1]])
        if not len(latitude):
            return None
        south, north = float(latitude.min()), float(latitude.max())
        return Bounds(south, float(longitude.min()), north, float(longitude.max()))


def build_page_track(flight: Flight) -> PageTrack:
    """Return the path of a flight."""
    track = flight.track
    latitude, longitude, unusable = _track_positions_and_impossible_count(track)
    ms = unix_ms_of_times(track["time"])
    timed = ms != _NO_TIME
    remarks = []
    if unusable:
        remarks.append(f"{_fix_count_words(unusable)} an impossible position and are not drawn.")
    axis, rows = "time", np.flatnonzero(timed)
    untimed = np.flatnonzero(~timed & np.isfinite(latitude))
    if len(rows) < min(len(track), 2):
        axis, rows, untimed = "fix", np.arange(len(track)), np.array([], np.intp)
        ms = np.arange(len(track), dtype=np.int64) * _STEP_MS
        remarks.append("The fixes in this log have no times in UTC: the axis counts fixes.")
    elif not timed.all():
        remarks.append(
            f"{_fix_count_words(int((~timed).sum()))} no time: drawn as dots, off the time axis."
        )
    if (np.diff(ms[rows]) < 0).any():
        rows = rows[np.argsort(ms[rows], kind="stable")]
        remarks.append("The log's clock goes back at least once: fixes are in order of their time.")
    return PageTrack(
        axis=axis,
        ms=ms[rows],
        latitude=latitude[rows],
        longitude=longitude[rows],
        recording=_recording_sensor_bits_at_each_time(flight.captures, ms[rows], axis),
        sound=_recording_sensor_bits_at_each_time(flight.captures, ms[rows], axis, kind="audio")
        > 0,
        row_numbers=rows,
        untimed=(latitude[untimed], longitude[untimed]),
        notes=tuple(remarks),
    )


def unix_ms_of_times(times: "pd.Series[pd.Timestamp]") -> Longs:
    """Return milliseconds since 1970; the least number there is where a time is missing."""
    nanoseconds = times.to_numpy("datetime64[ns]").astype(np.int64)
    return np.where(nanoseconds == _NO_TIME, _NO_TIME, nanoseconds // 1_000_000)


def _track_positions_and_impossible_count(track: pd.DataFrame) -> tuple[Floats, Floats, int]:
    """Return latitude, continuous longitude, and how many positions are impossible."""
    latitude = track["latitude_deg"].to_numpy(np.float64)
    longitude = track["longitude_deg"].to_numpy(np.float64)
    stated = np.isfinite(latitude) & np.isfinite(longitude)
    with np.errstate(invalid="ignore"):
        usable = stated & (np.abs(latitude) <= 90) & (np.abs(longitude) <= 360)
    latitude = np.where(usable, latitude, np.nan)
    longitude = np.where(usable, longitude, np.nan)
    if usable.any() and np.ptp(longitude[usable]) > 180:
        first = longitude[usable][0]
        longitude = longitude - 360 * np.round((longitude - first) / 360)
    return latitude, longitude, int((stated & ~usable).sum())


def _recording_sensor_bits_at_each_time(
    captures: pd.DataFrame, ms: Longs, axis: str, kind: str = "video"
) -> npt.NDArray[np.uint8]:
    """Return the sensors that recorded video, or another kind, at each instant."""
    bits = np.zeros(len(ms), np.uint8)
    if axis != "time":
        return bits
    starts, ends = unix_ms_of_times(captures["start"]), unix_ms_of_times(captures["end"])
    for start, end, recorded, sensor in zip(
        starts.tolist(), ends.tolist(), captures["kind"], captures["sensor"], strict=True
    ):
        if recorded == kind and _NO_TIME not in (start, end):
            first, last = np.searchsorted(ms, [start, end], "left")
            bits[first : max(last, first)] |= bit_mask_of_sensor(sensor)
    return bits


def bit_mask_of_sensor(sensor: object) -> int:
    """Return the bit of a sensor; a word that is not known is an unknown sensor."""
    return SENSOR_BITS.get(str(sensor), SENSOR_BITS["unknown"])


def _fix_count_words(count: int) -> str:
    return f"{count:,} fix has" if count == 1 else f"{count:,} fixes have"
