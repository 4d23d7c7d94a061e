"""Readings of one quantity by two sensors of a log, held against each other in the air.

Readings are laid over one another by their place in the file, in which a log writes them as they
come, so that a counter that is wrong cannot move one sensor against another.  What is compared is
stated with its errors; only what lies beyond them for several readings in a row is a difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from dji_audit.compliance.rules._shared._log_tracks import (
    AirborneLogTrack,
    FixIndices,
    Floats,
    north_east_of_first_fix_m,
    runs_of_true_values,
)
from dji_audit.geo.geodesy import metres_per_degree
from parsers import SensorReadings

#: Seconds.  Between readings farther apart than this nothing is known.
HOLE_S = 2.5
#: Readings in a row, and seconds from the first to the last, that a difference must last.
_LEAST_READINGS, _LEAST_S = 3, 0.9
#: Fewer readings than this in the air are not compared.
_LEAST_IN_AIR = 3
#: Metres beyond which a value of a filter is damage.
_BEYOND_ANY_M = 1e5
#: Seconds for which a height must stay exactly the same to be held.
_HELD_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonTolerances:
    """How far two sensors may differ, by their errors."""

    position_m: float
    #: Seconds by which the two may lag behind each other: it counts with the speed.
    lag_s: float
    height_m: float
    satellite_height_m: float
    #: Share of the change of a height that counts besides.
    height_share: float
    #: Of a height that stays exactly the same while another changes.
    held_height_m: float
    motion_m: float
    #: Metres a second by which a measured velocity may be wrong for long.
    velocity_mps: float
    charge_mah: float


@dataclass(frozen=True, slots=True, eq=False)
class ReadingDifference:
    """Two series that were compared: by how much they differ, and how much is allowed."""

    #: "position", "height", "motion", "held height", "distance from home".
    subject: str
    one: SensorReadings
    other: SensorReadings
    #: At each reading of the first: metres, or NaN where nothing could be compared.
    metres: Floats
    allowed_m: Floats
    #: Time over which changes are compared; ``None``: the values themselves are.
    window_s: float | None = None
    #: Whether a single reading suffices: the step of a count stands for all that follow.
    is_step: bool = False

    @property
    def is_compared(self) -> npt.NDArray[np.bool_]:
        """At which readings of the first anything could be compared."""
        return np.isfinite(self.metres)

    @property
    def excess(self) -> Floats:
        """By how many times what is allowed they differ, where they could be compared."""
        return np.where(self.is_compared, self.metres / self.allowed_m, 0.0)

    def runs_beyond(self) -> Iterator[tuple[int, int]]:
        """Yield first and last reading of each run that differs by more than is allowed."""
        for first, last in runs_of_true_values(self.excess > 1):
            lasted_s = float(self.one.seconds[last] - self.one.seconds[first])
            lasts = last - first + 1 >= _LEAST_READINGS and abs(lasted_s) >= _LEAST_S
            if lasts or self.is_step:
                yield first, last


def readings_in_air(track: AirborneLogTrack) -> list[SensorReadings]:
    """Return the readings of a log between the first and the last fix in the air, with times.

    Readings without a counter of their own take the time of those before and after them in the
    file.  A sensor that shows the same value throughout is not there.
    """
    readings = track.flight_log.log.sensor_readings
    if not readings:
        return []
    offsets = track.track["source_offset"].to_numpy(np.int64)
    first, last = offsets.min(), offsets.max()
    known_at, known_s = _times_by_offset(track, readings)
    in_air = []
    for each in readings:
        keep = (each.offsets >= first) & (each.offsets <= last)
        if each.quantity in ("height", "local position"):
            keep &= (abs(each.numbers) < _BEYOND_ANY_M).all(axis=1)
        if keep.sum() < _LEAST_IN_AIR:
            continue
        values, at = each.numbers[keep], each.offsets[keep]
        seconds = each.seconds[keep]
        if not np.isfinite(seconds).all():
            seconds = np.interp(at, known_at, known_s)
        if _is_sensor_present(each.quantity, values):
            in_air.append(replace(each, offsets=at, seconds=seconds, numbers=values))
    return in_air


def _is_sensor_present(quantity: str, values: Floats) -> bool:
    """Return whether values are those of a sensor: not all nought, and no height that never moves.

    A filter that does not run, and a sensor that is not there, give the same value throughout.
    """
    # Of a velocity one column may be missing throughout.
    known = np.nan_to_num(values)
    is_moving = bool((known != known[0]).any())
    return is_moving or (quantity in ("position", "velocity") and bool(known.any()))


def _times_by_offset(
    track: AirborneLogTrack, readings: Sequence[SensorReadings]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return bytes of the file and the seconds of a counter there; else those of the track."""
    timed = [each for each in readings if np.isfinite(each.seconds).all()]
    if timed:
        longest = max(timed, key=lambda each: len(each.offsets))
        return longest.offsets, longest.seconds
    offsets = track.track["source_offset"].to_numpy(np.int64)
    order = np.argsort(offsets, kind="stable")
    return offsets[order], track.seconds[order]


def interpolated_values_at(readings: SensorReadings, other: SensorReadings) -> Floats:
    """Return the values of other readings at the bytes of these, NaN beside a hole of theirs."""
    after = np.clip(
        np.searchsorted(other.offsets, readings.offsets), 1, max(len(other.offsets) - 1, 1)
    )
    span = np.maximum(other.offsets[after] - other.offsets[after - 1], 1)
    share = (readings.offsets - other.offsets[after - 1]) / span
    step = other.numbers[after] - other.numbers[after - 1]
    values: Floats = other.numbers[after - 1] + step * share[:, None]
    is_known = (
        (readings.offsets >= other.offsets[0])
        & (readings.offsets <= other.offsets[-1])
        & (abs(other.seconds[after] - other.seconds[after - 1]) <= HOLE_S)
    )
    return np.where(is_known[:, None], values, np.nan)


def _readings_of_quantity(
    readings: Sequence[SensorReadings], quantity: str
) -> list[SensorReadings]:
    return [each for each in readings if each.quantity == quantity]


def position_differences(
    readings: Sequence[SensorReadings], tolerances: ComparisonTolerances
) -> Iterator[ReadingDifference]:
    """Yield how far apart each two positions are."""
    # What is stated seldom, such as where a photo was taken, is looked up in what is stated often.
    positions = sorted(
        _readings_of_quantity(readings, "position"), key=lambda each: len(each.offsets)
    )
    for one, other in combinations(positions, 2):
        there = interpolated_values_at(one, other)
        degree_north_m, degree_east_m = metres_per_degree(one.numbers[:, 0])
        north_m = (there[:, 0] - one.numbers[:, 0]) * degree_north_m
        east_m = (there[:, 1] - one.numbers[:, 1]) * degree_east_m
        allowed = tolerances.position_m + tolerances.lag_s * _usual_speed_mps(one, _metres_north_and_east(one))
        yield ReadingDifference("position", one, other, np.hypot(north_m, east_m), allowed)


def _metres_north_and_east(readings: SensorReadings) -> Floats:
    north, east = north_east_of_first_fix_m(readings.numbers[:, 0], readings.numbers[:, 1])
    return np.column_stack([north, east])


def _usual_speed_mps(readings: SensorReadings, metres: Floats) -> Floats:
    """Return the usual speed about each reading: the median of the steps of some seconds."""
    steps_s = np.diff(readings.seconds)
    with np.errstate(all="ignore"):
        speed = np.hypot(*np.diff(metres, axis=0).T) / steps_s
    speed = speed[np.isfinite(speed) & (steps_s > 0)]
    usual = float(np.quantile(speed, 0.95)) if len(speed) else 0.0
    return np.full(len(readings.offsets), min(usual, 100.0))


def height_differences(
    readings: Sequence[SensorReadings], windows_s: Sequence[float], tolerances: ComparisonTolerances
) -> Iterator[ReadingDifference]:
    """Yield by how much the changes of each two heights differ over some windows."""
    heights = [*_readings_of_quantity(readings, "height"), *_local_heights(readings)]
    windows_of = {id(each): _windows_of_lengths(each.seconds, windows_s) for each in heights}
    for one, other in combinations(heights, 2):
        if one.record == other.record and one.source == other.source:
            continue
        there, here = interpolated_values_at(one, other)[:, 0], one.numbers[:, 0]
        is_satellite = any("satellite" in each.source for each in (one, other))
        least_m = tolerances.satellite_height_m if is_satellite else tolerances.height_m
        for window in windows_of[id(one)]:
            own, others = window.changes(here), window.changes(there)
            largest = np.fmax(abs(own), abs(others))
            allowed = least_m + tolerances.height_share * np.where(np.isnan(largest), 0, largest)
            yield ReadingDifference(
                "height", one, other, abs(others - own), allowed, window.length_s
            )
        yield from _held_height_differences(one, other, here, there, tolerances)
        swapped = interpolated_values_at(other, one)[:, 0]
        yield from _held_height_differences(other, one, other.numbers[:, 0], swapped, tolerances)


def _local_heights(readings: Sequence[SensorReadings]) -> list[SensorReadings]:
    return [
        replace(each, quantity="height", numbers=each.numbers[:, 2:])
        for each in _readings_of_quantity(readings, "local position")
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _WindowOfEachReading:
    """The window of one length that begins at each reading."""

    length_s: float
    #: Reading at which each ends, and whether it has that length and no hole.
    ends: FixIndices
    is_whole: npt.NDArray[np.bool_]

    def changes(self, values: Floats) -> Floats:
        """Return the change of values over each window; NaN where it has a hole.

        Args:
            values: Shape ``(n,)``.
        """
        return np.where(self.is_whole, values[self.ends] - values, np.nan)


def _windows_of_lengths(seconds: Floats, windows_s: Sequence[float]) -> list[_WindowOfEachReading]:
    """Return the windows of some lengths over readings at some times."""
    rising = np.maximum.accumulate(seconds)
    holes = np.concatenate(([0], np.cumsum(abs(np.diff(seconds)) > HOLE_S)))
    found = []
    for window_s in windows_s:
        ends = np.minimum(np.searchsorted(rising, rising + window_s), len(seconds) - 1)
        is_whole = (rising[ends] - rising >= window_s * 0.95) & (holes[ends] == holes)
        found.append(_WindowOfEachReading(window_s, ends, is_whole))
    return found


def _held_height_differences(
    one: SensorReadings,
    other: SensorReadings,
    here: Floats,
    there: Floats,
    tolerances: ComparisonTolerances,
) -> Iterator[ReadingDifference]:
    """Yield by how much another height changes while the first is exactly the same for seconds."""
    metres = np.full(len(here), np.nan)
    highest = float(np.nanmax(here))
    for first, last in runs_of_true_values(here == highest):
        if one.seconds[last] - one.seconds[first] >= _HELD_S:
            known = there[first : last + 1][np.isfinite(there[first : last + 1])]
            if len(known) > 1:
                # One step is a level that was set anew, and no climb.
                step_m = float(abs(np.diff(known)).max())
                metres[first : last + 1] = max(0.0, float(np.ptp(known)) - step_m)
    if np.isfinite(metres).any():
        yield ReadingDifference(
            "held height", one, other, metres, np.full(len(here), tolerances.held_height_m)
        )


def motion_differences(
    readings: Sequence[SensorReadings], windows_s: Sequence[float], tolerances: ComparisonTolerances
) -> Iterator[ReadingDifference]:
    """Yield by how much positions and velocities, or two ways of position, differ over windows."""
    velocities = _readings_of_quantity(readings, "velocity")
    locals_ = _readings_of_quantity(readings, "local position")
    positions = [(each, _metres_north_and_east(each)) for each in _readings_of_quantity(readings, "position")]
    positions += [(each, each.numbers[:, :2]) for each in locals_]
    paths = [_integrated_velocity(each) for each in velocities]
    ways = [replace(each, numbers=each.numbers[:, :2]) for each in locals_]
    for one, metres in positions:
        speed, windows = _usual_speed_mps(one, metres), _windows_of_lengths(one.seconds, windows_s)
        for other in (*paths, *(ways if one.quantity == "position" else ())):
            yield from _motion_over_windows(one, metres, other, speed, windows, tolerances)


def _motion_over_windows(
    one: SensorReadings,
    metres: Floats,
    other: SensorReadings,
    speed: Floats,
    windows: Sequence[_WindowOfEachReading],
    tolerances: ComparisonTolerances,
) -> Iterator[ReadingDifference]:
    there = interpolated_values_at(one, other)
    north_m, east_m = (np.ascontiguousarray(metres[:, at] - there[:, at]) for at in (0, 1))
    holes = _gaps_before_each_point(there)
    drift_mps = tolerances.velocity_mps if other.quantity == "velocity" else 0.0
    for window in windows:
        allowed = tolerances.motion_m + tolerances.lag_s * speed + drift_mps * window.length_s
        metres_apart = np.hypot(window.changes(north_m), window.changes(east_m))
        is_whole = window.changes(holes) == 0
        apart = np.where(is_whole, metres_apart, np.nan)
        yield ReadingDifference("motion", one, other, apart, allowed, window.length_s)


def _gaps_before_each_point(way: Floats) -> Floats:
    """Return the holes before each point of a way; 0 where it is none of a velocity."""
    return way[:, 2] if way.shape[1] > 2 else np.zeros(len(way))


def _integrated_velocity(velocity: SensorReadings, columns: slice = slice(0, 2)) -> SensorReadings:
    """Return the way that a velocity covers, and in the last column the holes before each.

    The way is the integral of the velocity, NaN where that is not known; across a hole it is not
    known at all.
    """
    steps_s = np.diff(velocity.seconds)
    rate = velocity.numbers[:, columns]
    known = (steps_s > 0) & (steps_s <= HOLE_S)
    middle = (rate[1:] + rate[:-1]) / 2
    step = np.where(known[:, None], steps_s[:, None] * np.nan_to_num(middle), 0.0)
    way = np.vstack([np.zeros(rate.shape[1]), np.cumsum(step, axis=0)])
    holes = np.concatenate(([0], np.cumsum(~known & (steps_s != 0))))
    return replace(
        velocity, numbers=np.column_stack([np.where(np.isfinite(rate), way, np.nan), holes])
    )


def climb_differences(
    readings: Sequence[SensorReadings], windows_s: Sequence[float], tolerances: ComparisonTolerances
) -> Iterator[ReadingDifference]:
    """Yield by how much heights and vertical speeds differ over windows, and held heights."""
    heights = [*_readings_of_quantity(readings, "height"), *_local_heights(readings)]
    windows_of = {id(each): _windows_of_lengths(each.seconds, windows_s) for each in heights}
    for other in _readings_of_quantity(readings, "velocity"):
        if not np.isfinite(other.numbers[:, 2]).any():
            continue
        climbed = _integrated_velocity(other, slice(2, 3))
        for one in heights:
            at_one, here = interpolated_values_at(one, climbed), one.numbers[:, 0]
            there, holes = at_one[:, 0], at_one[:, 1]
            is_satellite = "satellite" in one.source
            least_m = tolerances.satellite_height_m if is_satellite else tolerances.height_m
            for window in windows_of[id(one)]:
                own, others = window.changes(here), window.changes(there)
                largest = np.maximum(np.nan_to_num(abs(own)), np.nan_to_num(abs(others)))
                allowed = (
                    least_m
                    + tolerances.velocity_mps * window.length_s
                    + 2.5 * tolerances.height_share * largest
                )
                metres = np.where(window.changes(holes) == 0, abs(others - own), np.nan)
                yield ReadingDifference("climb", one, climbed, metres, allowed, window.length_s)
            yield from _held_height_differences(one, climbed, here, there, tolerances)


def charge_step_differences(
    readings: Sequence[SensorReadings], tolerances: ComparisonTolerances
) -> Iterator[ReadingDifference]:
    """Yield the steps of the charge that a battery counts, which changes by current and time."""
    for one in readings:
        if not one.quantity.startswith("charge"):
            continue
        used = one.numbers[:, 0] * (1 if one.quantity == "charge used" else -1)
        step = np.diff(used, prepend=used[0])
        elapsed_s = np.diff(one.seconds, prepend=one.seconds[0])
        usual = np.quantile(step[step > 0], 0.9) if (step > 0).any() else 0.0
        is_near = abs(elapsed_s) <= HOLE_S * 4
        beyond = np.where(step < 0, -step, step - usual)
        metres = np.where(is_near, beyond, np.nan)
        allowed = np.full(len(step), tolerances.charge_mah)
        yield ReadingDifference("charge", one, one, metres, allowed, is_step=True)
