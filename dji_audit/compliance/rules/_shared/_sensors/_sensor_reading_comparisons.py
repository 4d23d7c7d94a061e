"""Readings of one quantity by two sensors of a log, held against each other in the air.

Readings are laid over one another by their place in the file, in which a log writes them as they
come, so that a counter that is wrong cannot move one sensor against another.  What is compared is
stated with its errors; only what lies beyond them for several readings in a row is a difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from dji_audit.common.time_intervals import Intervals
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    AirborneLogTrack,
    FixIndices,
    Floats,
    north_east_of_first_fix_m,
    runs_of_true_values,
)
from dji_audit.flights import Flight, cache_for_last_flight
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
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
#: Part of a window that must lie between two readings.
_LEAST_PART_OF_WINDOW = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorComparisonTolerances:
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


@dataclass(frozen=True, eq=False)
class SensorReadingDifference:
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

    @cached_property
    def compared_readings_mask(self) -> npt.NDArray[np.bool_]:
        """At which readings of the first anything could be compared."""
        return np.isfinite(self.metres)

    @cached_property
    def ratios_to_tolerance(self) -> Floats:
        """By how many times what is allowed they differ, where they could be compared."""
        return np.where(self.compared_readings_mask, self.metres / self.allowed_m, 0.0)

    @cached_property
    def greatest_ratio_to_tolerance(self) -> float:
        """The greatest excess."""
        return float(self.ratios_to_tolerance.max())

    def runs_beyond_tolerance(self) -> Iterator[tuple[int, int]]:
        """Yield first and last reading of each run that differs by more than is allowed."""
        for first, last in runs_of_true_values(self.ratios_to_tolerance > 1):
            lasted_s = float(self.one.seconds[last] - self.one.seconds[first])
            lasts = last - first + 1 >= _LEAST_READINGS and abs(lasted_s) >= _LEAST_S
            if lasts or self.is_step:
                yield first, last


@dataclass(frozen=True, slots=True, eq=False)
class SensorReadingDifferences:
    """One series that was compared with others, over windows of some lengths."""

    subject: str
    one: SensorReadings
    others: Sequence[SensorReadings]
    #: Metres, or NaN where nothing could be compared: shape ``(others, lengths, n)`` with the
    #: readings of the first; and how much is allowed, of that shape or one that extends to it.
    metres: Floats
    allowed_m: Floats
    lengths_s: Sequence[float | None] = (None,)
    is_step: bool = False

    def __iter__(self) -> Iterator[SensorReadingDifference]:
        """Yield each, by the other series and the length of the window."""
        return (self._difference_at(*at) for at in np.ndindex(self.metres.shape[:2]))

    def _difference_at(self, other: int, length: int) -> SensorReadingDifference:
        return SensorReadingDifference(
            self.subject,
            self.one,
            self.others[other],
            self.metres[other, length],
            np.broadcast_to(self.allowed_m, self.metres.shape)[other, length],
            self.lengths_s[length],
            self.is_step,
        )

    def differences_beyond_tolerance(self) -> Iterator[SensorReadingDifference]:
        """Yield those that are anywhere more than is allowed, in the same order."""
        is_beyond = (self.metres > self.allowed_m).any(axis=2)
        return (self._difference_at(*at) for at in np.argwhere(is_beyond).tolist())

    def compared_sensors(self) -> tuple[SensorReadings, ...]:
        """Return the first and each other that could be compared with it; empty: none."""
        of_each = zip(self.others, np.isfinite(self.metres), strict=True)
        others = [other for other, known in of_each if known.any()]
        return (self.one, *others) if others else ()

    def compared_intervals(self) -> Intervals:
        """Return the stretches in which anything could be compared, seconds, in any order."""
        shape = *self.metres.shape[:2], self.metres.shape[2] + 2
        is_compared = np.zeros(shape, bool)
        np.isfinite(self.metres, out=is_compared[:, :, 1:-1])
        flags = is_compared.ravel()
        # Every row begins and ends with a false value, so that no run goes on into the next.
        edges = np.flatnonzero(flags[1:] != flags[:-1])
        row, first = np.divmod(edges[::2], shape[2])
        lengths_s = np.array([length_s or 0.0 for length_s in self.lengths_s])
        starts, ends = self.one.seconds[first], self.one.seconds[edges[1::2] % shape[2] - 1]
        reach = ends + lengths_s[row % len(lengths_s)]
        intervals: Intervals = np.column_stack([starts, reach])[ends > starts]
        return intervals


@cache_for_last_flight
def sensor_readings_in_air(_flight: Flight, track: AirborneLogTrack) -> tuple[SensorReadings, ...]:
    """Return the readings of a log between the first and the last fix in the air, with times.

    Readings without a counter of their own take the time of those before and after them in the
    file.  A sensor that shows the same value throughout is not there.  Readings of the same records
    share one array of offsets and one of seconds.
    """
    readings = track.flight_log.log.sensor_readings
    if not readings:
        return ()
    first, last = track.offsets.min(), track.offsets.max()
    known_at, known_s = _byte_offsets_and_their_seconds(track, readings)
    in_air, shared = list[SensorReadings](), dict[bytes, npt.NDArray[Any]]()
    for each in readings:
        keep = (each.offsets >= first) & (each.offsets <= last)
        if each.quantity in ("height", "local position"):
            keep &= (abs(each.numbers) < _BEYOND_ANY_M).all(axis=1)
        if np.count_nonzero(keep) < _LEAST_IN_AIR:
            continue
        values, at, seconds = each.numbers[keep], each.offsets[keep], each.seconds[keep]
        if not np.isfinite(seconds).all():
            seconds = np.interp(at, known_at, known_s)
        if _is_sensor_present(each.quantity, values):
            at, seconds = (shared.setdefault(array.tobytes(), array) for array in (at, seconds))
            in_air.append(replace(each, offsets=at, seconds=seconds, numbers=values))
    return tuple(in_air)


def _is_sensor_present(quantity: str, values: Floats) -> bool:
    """Return whether values are those of a sensor: not all nought, and no height that never moves.

    A filter that does not run, and a sensor that is not there, give the same value throughout.
    """
    # Of a velocity one column may be missing throughout.
    known = _nought_if_unknown(values)
    is_moving = bool((known != known[0]).any())
    return is_moving or (quantity in ("position", "velocity") and bool(known.any()))


def _byte_offsets_and_their_seconds(
    track: AirborneLogTrack, readings: Sequence[SensorReadings]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return bytes of the file and the seconds of a counter there; else those of the track."""
    timed = [each for each in readings if np.isfinite(each.seconds).all()]
    if timed:
        longest = max(timed, key=lambda each: len(each.offsets))
        return longest.offsets, longest.seconds
    order = np.argsort(track.offsets, kind="stable")
    return track.offsets[order], track.seconds[order]


def values_interpolated_at_readings(readings: SensorReadings, other: SensorReadings) -> Floats:
    """Return the values of other readings at the bytes of these, NaN beside a hole of theirs."""
    neighbours = _NeighbouringReadings.find_neighbours(readings, other)
    return _values_of_others_interpolated_at_readings([neighbours], [other.numbers])[:, 0].T


@dataclass(frozen=True, slots=True, eq=False)
class _NeighbouringReadings:
    """Between which two of other readings each reading stands in the file."""

    #: The one after it, and how far it stands from the one before to this, 0 to 1.
    after: FixIndices
    share: Floats
    #: Whether there is one on either side, and no hole between them.
    has_both: npt.NDArray[np.bool_]

    @classmethod
    def find_neighbours(cls, readings: SensorReadings, other: SensorReadings) -> Self:
        """Return the neighbours of readings among others."""
        at, others = readings.offsets, other.offsets
        after = np.searchsorted(others, at).clip(1, max(len(others) - 1, 1))
        before_at = others[after - 1]
        share = (at - before_at) / np.maximum(others[after] - before_at, 1)
        step_s = abs(other.seconds[after] - other.seconds[after - 1])
        has_both = (at >= others[0]) & (at <= others[-1]) & (step_s <= HOLE_S)
        return cls(after, share, has_both)


def _values_of_others_interpolated_at_readings(
    neighbours: Sequence[_NeighbouringReadings], numbers: Sequence[Floats]
) -> Floats:
    """Return values of several others at some readings, each between its two neighbours there.

    Args:
        neighbours: Of the ``n`` readings among each of the others.
        numbers: Values of each of the others, all of one width.

    Returns:
        Shape ``(width, others, n)``.
    """
    firsts = np.cumsum([0, *(len(each) for each in numbers[:-1])])
    after = np.array([each.after for each in neighbours]) + firsts[:, None]
    columns = np.ascontiguousarray(np.concatenate(numbers).T)
    before = columns.take(after - 1, axis=1)
    share = np.array([each.share for each in neighbours])
    has_both = np.array([each.has_both for each in neighbours])
    return np.where(has_both, before + (columns.take(after, axis=1) - before) * share, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class _TimeWindowsFromEachReading:
    """The windows of some lengths that begin at each reading."""

    lengths_s: Sequence[float]
    #: Reading at which each ends, and whether it has that length and no hole, ``(lengths, n)``.
    ends: FixIndices
    is_whole: npt.NDArray[np.bool_]

    @classmethod
    def windows_of_lengths(cls, seconds: Floats, lengths_s: Sequence[float]) -> Self:
        """Return the windows over readings at some times."""
        rising = np.maximum.accumulate(seconds)
        holes = np.concatenate(([0], np.cumsum(abs(np.diff(seconds)) > HOLE_S)))
        lengths = np.array(lengths_s, np.float64)[:, None]
        ends = np.minimum(np.searchsorted(rising, rising + lengths), len(seconds) - 1)
        is_whole = (rising[ends] - rising >= lengths * _LEAST_PART_OF_WINDOW) & (
            holes[ends] == holes
        )
        return cls(lengths_s, ends, is_whole)

    def changes_over_windows(self, values: Floats) -> Floats:
        """Return the change of values over each window; NaN where it has a hole.

        Args:
            values: Shape ``(..., n)``.

        Returns:
            Shape ``(..., lengths, n)``.
        """
        return np.where(
            self.is_whole, values.take(self.ends, axis=-1) - values[..., None, :], np.nan
        )


class SensorComparisonsOfLog:
    """The readings of one log in the air, held against each other pair by pair."""

    def __init__(
        self, readings: Sequence[SensorReadings], tolerances: SensorComparisonTolerances
    ) -> None:
        self._readings = readings
        self._tolerances = tolerances
        self._heights = [*self._readings_of_quantity("height"), *self._heights_above_takeoff()]
        self._neighbours = dict[tuple[int, int, int], _NeighbouringReadings]()
        self._windows = dict[tuple[int, Sequence[float]], _TimeWindowsFromEachReading]()
        self._held = {id(each): _runs_held_at_greatest_height(each) for each in self._heights}
        self._positions = [
            (each, metres, _usual_speed_mps(each, metres))
            for each in self._readings_of_quantity("position")
            for metres in [_positions_as_metres_north_east(each)]
        ]

    def _readings_of_quantity(self, quantity: str) -> list[SensorReadings]:
        return [each for each in self._readings if each.quantity == quantity]

    def _heights_above_takeoff(self) -> list[SensorReadings]:
        return [
            replace(each, quantity="height", numbers=each.numbers[:, 2:])
            for each in self._readings_of_quantity("local position")
        ]

    def _values_interpolated_at_readings(
        self,
        one: SensorReadings,
        others: Sequence[SensorReadings],
        numbers: Sequence[Floats] | None = None,
    ) -> Floats:
        """Return values of others at the readings of one, shape ``(width, others, n)``.

        Args:
            one: Readings at which the values are wanted.
            others: Readings of which they are.
            numbers: The values, where they are not those of the readings.
        """
        return _values_of_others_interpolated_at_readings(
            [self._neighbours_of_readings(one, other) for other in others],
            [other.numbers for other in others] if numbers is None else numbers,
        )

    def _neighbours_of_readings(
        self, one: SensorReadings, other: SensorReadings
    ) -> _NeighbouringReadings:
        key = (id(one.offsets), id(other.offsets), id(other.seconds))
        if key not in self._neighbours:
            self._neighbours[key] = _NeighbouringReadings.find_neighbours(one, other)
        return self._neighbours[key]

    def _windows_from_each_reading(
        self, one: SensorReadings, lengths_s: Sequence[float]
    ) -> _TimeWindowsFromEachReading:
        """Return the windows of those lengths that fit between the first and the last reading."""
        key = (id(one.seconds), lengths_s)
        if key not in self._windows:
            span_s = float(one.seconds.max() - one.seconds[0])
            fitting = [each for each in lengths_s if span_s >= each * _LEAST_PART_OF_WINDOW]
            self._windows[key] = _TimeWindowsFromEachReading.windows_of_lengths(
                one.seconds, fitting
            )
        return self._windows[key]

    def _least_height_tolerance_m(self, *sensors: SensorReadings) -> float:
        is_satellite = any("satellite" in each.source for each in sensors)
        return self._tolerances.satellite_height_m if is_satellite else self._tolerances.height_m

    def differences_of_each_two_positions(self) -> Iterator[SensorReadingDifferences]:
        """Yield how far apart each two positions are."""
        # What is stated seldom, such as where a photo was taken, is looked up in what is stated
        # often.
        positions = sorted(self._positions, key=lambda each: len(each[0].offsets))
        for number, (one, _, speed_mps) in enumerate(positions[:-1]):
            degree_north_m, degree_east_m = metres_per_latitude_and_longitude_degree(
                one.numbers[:, 0]
            )
            allowed_m = self._tolerances.position_m + self._tolerances.lag_s * speed_mps
            others = [other for other, _, _ in positions[number + 1 :]]
            latitude, longitude = self._values_interpolated_at_readings(one, others)
            metres = np.hypot(
                (latitude - one.numbers[:, 0]) * degree_north_m,
                (longitude - one.numbers[:, 1]) * degree_east_m,
            )
            yield SensorReadingDifferences(
                "position", one, others, metres[:, None], np.array(allowed_m)
            )

    def height_change_differences(
        self, lengths_s: Sequence[float]
    ) -> Iterator[SensorReadingDifferences]:
        """Yield by how much the changes of each two heights differ over some windows."""
        for number, one in enumerate(self._heights):
            others = [
                other
                for other in self._heights[number + 1 :]
                if one.record != other.record or one.source != other.source
            ]
            if not others:
                continue
            windows = self._windows_from_each_reading(one, lengths_s)
            (there,) = self._values_interpolated_at_readings(one, others)
            own = windows.changes_over_windows(one.numbers[:, 0])
            changes = windows.changes_over_windows(there)
            largest = np.fmax(abs(own), abs(changes))
            least_m = [self._least_height_tolerance_m(one, other) for other in others]
            allowed = np.array(least_m)[:, None, None] + self._tolerances.height_share * (
                np.where(np.isnan(largest), 0, largest)
            )
            yield SensorReadingDifferences(
                "height", one, others, abs(changes - own), allowed, windows.lengths_s
            )
            for other in others:
                yield from self._height_changes_while_other_height_is_held(one, other)
                yield from self._height_changes_while_other_height_is_held(other, one)

    def _height_changes_while_other_height_is_held(
        self, one: SensorReadings, other: SensorReadings
    ) -> Iterator[SensorReadingDifferences]:
        """Yield by how much another height changes while the first stays the same for seconds."""
        held = self._held[id(one)]
        if not held:
            return
        there = self._values_interpolated_at_readings(one, [other])[0, 0]
        metres = np.full(len(there), np.nan)
        for first, last in held:
            known = there[first : last + 1][np.isfinite(there[first : last + 1])]
            if len(known) > 1:
                # One step is a level that was set anew, and no climb.
                step_m = float(abs(np.diff(known)).max())
                metres[first : last + 1] = max(0.0, float(np.ptp(known)) - step_m)
        if np.isfinite(metres).any():
            allowed = np.array(self._tolerances.held_height_m)
            yield SensorReadingDifferences("held height", one, [other], metres[None, None], allowed)

    def height_and_vertical_speed_differences(
        self, lengths_s: Sequence[float]
    ) -> Iterator[SensorReadingDifferences]:
        """Yield by how much heights and vertical speeds differ over windows, and held heights."""
        climbs = [
            _integrate_velocity_and_count_gaps_so_far(velocity, slice(2, 3))
            for velocity in self._readings_of_quantity("velocity")
            if np.isfinite(velocity.numbers[:, 2]).any()
        ]
        for one in self._heights if climbs else ():
            windows = self._windows_from_each_reading(one, lengths_s)
            own = windows.changes_over_windows(one.numbers[:, 0])
            changes, holes = windows.changes_over_windows(
                self._values_interpolated_at_readings(one, climbs)
            )
            largest = np.maximum(_nought_if_unknown(abs(own)), _nought_if_unknown(abs(changes)))
            allowed = (
                self._least_height_tolerance_m(one)
                + self._tolerances.velocity_mps * np.array(windows.lengths_s)[:, None]
                + 2.5 * self._tolerances.height_share * largest
            )
            apart = np.where(holes == 0, abs(changes - own), np.nan)
            yield SensorReadingDifferences("climb", one, climbs, apart, allowed, windows.lengths_s)
            for climbed in climbs:
                yield from self._height_changes_while_other_height_is_held(one, climbed)

    def position_and_velocity_differences(
        self, lengths_s: Sequence[float]
    ) -> Iterator[SensorReadingDifferences]:
        """Yield how far positions and velocities, or two ways of position, differ over windows."""
        local_positions = self._readings_of_quantity("local position")
        ways = [replace(each, numbers=each.numbers[:, :2]) for each in local_positions]
        local_ways = [(each, each.numbers, _usual_speed_mps(each, each.numbers)) for each in ways]
        paths = [
            _integrate_velocity_and_count_gaps_so_far(each)
            for each in self._readings_of_quantity("velocity")
        ]
        # As of a velocity, with a column that counts holes; here there are none.
        holeless = [np.column_stack([each.numbers, np.zeros(len(each.numbers))]) for each in ways]
        for one, metres, speed_mps in (*self._positions, *local_ways):
            others = [*paths, *ways] if one.quantity == "position" else paths
            windows = self._windows_from_each_reading(one, lengths_s)
            if not others or not windows.lengths_s:
                continue
            numbers = [*(each.numbers for each in paths), *holeless][: len(others)]
            *there, holes = self._values_interpolated_at_readings(one, others, numbers)
            north, east = windows.changes_over_windows(metres.T[:, None] - there)
            is_known = windows.changes_over_windows(holes) == 0
            drift_mps = [self._tolerances.velocity_mps] * len(paths) + [0.0] * len(ways)
            drift_m = (
                np.array(drift_mps)[: len(others), None, None]
                * (np.array(windows.lengths_s)[:, None])
            )
            allowed_m = self._tolerances.motion_m + self._tolerances.lag_s * speed_mps
            yield SensorReadingDifferences(
                "motion",
                one,
                others,
                np.where(is_known, np.hypot(north, east), np.nan),
                allowed_m + drift_m,
                windows.lengths_s,
            )

    def battery_charge_step_differences(self) -> Iterator[SensorReadingDifferences]:
        """Yield the steps of the charge that a battery counts, which current and time change."""
        for one in self._readings:
            if not one.quantity.startswith("charge"):
                continue
            used = one.numbers[:, 0] * (1 if one.quantity == "charge used" else -1)
            step = np.diff(used, prepend=used[0])
            elapsed_s = np.diff(one.seconds, prepend=one.seconds[0])
            usual = np.quantile(step[step > 0], 0.9) if (step > 0).any() else 0.0
            is_near = abs(elapsed_s) <= HOLE_S * 4
            beyond = np.where(step < 0, -step, step - usual)
            metres = np.where(is_near, beyond, np.nan)[None, None]
            allowed = np.array(self._tolerances.charge_mah)
            yield SensorReadingDifferences("charge", one, [one], metres, allowed, is_step=True)


def _nought_if_unknown(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.0, values)


def _runs_held_at_greatest_height(height: SensorReadings) -> list[tuple[int, int]]:
    """Return first and last reading of each run for which a height stays at its greatest value."""
    metres, seconds = height.numbers[:, 0], height.seconds
    return [
        (first, last)
        for first, last in runs_of_true_values(metres == metres.max())
        if seconds[last] - seconds[first] >= _HELD_S
    ]


def _positions_as_metres_north_east(readings: SensorReadings) -> Floats:
    north, east = north_east_of_first_fix_m(readings.numbers[:, 0], readings.numbers[:, 1])
    return np.column_stack([north, east])


def _usual_speed_mps(readings: SensorReadings, metres: Floats) -> float:
    """Return the usual speed of some readings: that of most of their steps."""
    steps_s = np.diff(readings.seconds)
    with np.errstate(all="ignore"):
        speed = np.hypot(*np.diff(metres, axis=0).T) / steps_s
    speed = speed[np.isfinite(speed) & (steps_s > 0)]
    return min(float(np.quantile(speed, 0.95)), 100.0) if len(speed) else 0.0


def _integrate_velocity_and_count_gaps_so_far(
    velocity: SensorReadings, columns: slice = slice(0, 2)
) -> SensorReadings:
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
