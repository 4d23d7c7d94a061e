"""Positions that no receiver measured: none yet, near 0 N 0 E, or left over from another flight."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._model import Issue

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Degrees from 0 N 0 E, in the sea off Ghana, within which a position is the wanderings of a
#: filter without a fix: about a kilometre.
_NEAR_ZERO_DEG = 0.01
#: Closer, it is 0 as written by whoever has none, which needs no remark.
_EXACTLY_ZERO_DEG = 1e-6
#: A position left over stands still to within so many metres, or wanders as slowly as a filter
#: without a fix and no farther than this, until it jumps by more than these metres, farther than
#: any aircraft gets from a standstill in that time.
_STILL_M = 2.0
_WANDERING_MPS, _WANDERED_M = 1.0, 100.0
_STALE_JUMP_M = 500.0
_ACCELERATION_MPS2, _FASTEST_MPS = 10.0, 150.0
#: Places that a receiver goes through until it has its first fix.
_MOST_STALE_PLACES = 8
#: Metres to another place, and seconds until the track goes on where it was, which no aircraft
#: and no deception of its receiver does: the value of a damaged record.
_EXCURSION_M = 100_000.0
_EXCURSION_S = 10.0
_EXCURSION_BACK_M = 2000.0
_METRES_PER_DEG = 111_195.0
_NAT = np.iinfo(np.int64).min
#: Positions looked at together for the first that moved.
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class MaskedPositions:
    """Positions with those that were not measured as NaN, and which those are, shape ``(n,)``."""

    latitude_deg: Floats
    longitude_deg: Floats
    #: Not on Earth at all.
    off_earth: npt.NDArray[np.bool_]
    #: Near 0 N 0 E, but not exactly there.
    near_zero: npt.NDArray[np.bool_]
    #: Left over from another place at the beginning of the log.
    stale: npt.NDArray[np.bool_]
    #: Far from the fixes before and after, which go on as if nothing had been.
    far_off: npt.NDArray[np.bool_]

    def issues(self, rows: str, offsets: npt.NDArray[np.integer]) -> tuple[Issue, ...]:
        """Return one remark for each kind of position that was left out.

        Args:
            rows: What the positions stand in, such as "OSD records".
            offsets: Byte of each in the file.
        """
        return tuple(
            Issue(int(offsets[int(np.argmax(which))]), 0, f"{int(which.sum())} {rows} {what}")
            for which, what in (
                (self.off_earth, "hold a position that is not on Earth"),
                (self.near_zero, "hold a position near 0 N 0 E, as without a fix: left out"),
                (self.stale, "hold a position left over from another place: left out"),
                (self.far_off, "hold a position over 100 km from its neighbours: left out"),
            )
            if which.any()
        )


def replace_false_positions_with_nan(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike, times_ns: Ints | None = None
) -> MaskedPositions:
    """Return positions without those that nobody measured.

    Args:
        latitude: Degrees, shape ``(n,)``; NaN: none.
        longitude: Likewise.
        times_ns: Times in file order, least ``int64`` for none; with them, a position left over
            from another place at the beginning is looked for.
    """
    lat, lon = np.array(latitude, np.float64), np.array(longitude, np.float64)
    with np.errstate(invalid="ignore"):
        is_known = np.isfinite(lat) & np.isfinite(lon)
        off_earth = ~((abs(lat) <= 90) & (abs(lon) <= 180)) & ~(np.isnan(lat) & np.isnan(lon))
        is_zero = (abs(lat) < _EXACTLY_ZERO_DEG) & (abs(lon) < _EXACTLY_ZERO_DEG)
        near_zero = (abs(lat) < _NEAR_ZERO_DEG) & (abs(lon) < _NEAR_ZERO_DEG) & ~is_zero
    drop = ~is_known | off_earth | is_zero | near_zero
    lat[drop] = lon[drop] = np.nan
    stale, far_off = np.zeros(len(lat), bool), np.zeros(len(lat), bool)
    if times_ns is not None:
        rows = np.flatnonzero(~drop)
        stale[rows[: _count_stale_positions_at_start(lat[rows], lon[rows], times_ns[rows])]] = True
        rows = rows[~stale[rows]]
        far_off[rows[_jump_away_and_back_mask(lat[rows], lon[rows], times_ns[rows])]] = True
        lat[stale | far_off] = lon[stale | far_off] = np.nan
    return MaskedPositions(lat, lon, off_earth, near_zero, stale, far_off)


def _jump_away_and_back_mask(lat: Floats, lon: Floats, times_ns: Ints) -> npt.NDArray[np.bool_]:
    """Return which positions lie far off between a jump away and the jump back."""
    out = np.zeros(len(lat), bool)
    jumps = np.flatnonzero(
        _distances_of_position_pairs_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) > _EXCURSION_M
    )
    away, back = jumps[:-1], jumps[1:] + 1
    is_timed = (times_ns[away] != _NAT) & (times_ns[back] != _NAT)
    seconds = np.where(is_timed, times_ns[back] - times_ns[away], -1) / 1e9
    apart_m = _distances_of_position_pairs_m(lat[away], lon[away], lat[back], lon[back])
    is_excursion = (seconds >= 0) & (seconds <= _EXCURSION_S) & (apart_m <= _EXCURSION_BACK_M)
    before = -1
    for start, end in zip(away[is_excursion].tolist(), back[is_excursion].tolist(), strict=True):
        if start >= before:
            out[start + 1 : end] = True
            before = end
    return out


def _distances_of_position_pairs_m(
    lat: Floats, lon: Floats, to_lat: Floats, to_lon: Floats
) -> Floats:
    """Return distances by equal degrees, close enough to tell kilometres from continents."""
    north = (to_lat - lat) * _METRES_PER_DEG
    east = ((to_lon - lon + 180) % 360 - 180) * np.cos(np.radians(to_lat)) * _METRES_PER_DEG
    return np.hypot(north, east)


def _count_stale_positions_at_start(lat: Floats, lon: Floats, times_ns: Ints) -> int:
    """Return how many positions at the beginning stand still at other places than the rest.

    A receiver may go through several such places until it has its first fix.
    """
    count = 0
    for _ in range(_MOST_STALE_PLACES):
        still = _count_still_positions_before_first_jump(lat[count:], lon[count:], times_ns[count:])
        if not still or 2 * (count + still) >= len(lat):
            return count
        count += still
    return count


def _count_still_positions_before_first_jump(lat: Floats, lon: Floats, times_ns: Ints) -> int:
    """Return how many positions stand still, or wander, before a jump that no aircraft makes.

    0: none do.
    """
    if len(lat) < 3:
        return 0
    count = _first_position_that_moved(lat, lon, times_ns)
    if count is None:
        return 0
    last, first = slice(count - 1, count), slice(count, count + 1)
    jump_m = float(_distances_of_position_pairs_m(lat[last], lon[last], lat[first], lon[first])[0])
    seconds = 0.0
    if _NAT not in (times_ns[count], times_ns[count - 1]):
        seconds = abs(int(times_ns[count]) - int(times_ns[count - 1])) / 1e9
    reach_m = min(_ACCELERATION_MPS2 / 2 * seconds**2, _FASTEST_MPS * seconds)
    return count if jump_m > max(_STALE_JUMP_M, reach_m) else 0


def _first_position_that_moved(lat: Floats, lon: Floats, times_ns: Ints) -> int | None:
    """Return the first position that is farther from the first than it wanders; ``None``: none.

    It is near the begin as a rule, so that not all are looked at.
    """
    for begin in range(0, len(lat), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        times = times_ns[part]
        elapsed_s = np.zeros(len(times))
        if times_ns[0] != _NAT:
            elapsed_s = np.where(times != _NAT, (times - times_ns[0]) / 1e9, 0.0)
        wandered_m = np.clip(_WANDERING_MPS * elapsed_s, 0.0, _WANDERED_M)
        distances_m = _distances_of_position_pairs_m(lat[:1], lon[:1], lat[part], lon[part])
        moved = distances_m > _STILL_M + wandered_m
        if moved.any():
            return begin + int(np.argmax(moved))
    return None
