"""Heights and positions that stand still while the log's other columns say that it moved.

Whoever has no height may write 0, and a receiver that lost its fix may repeat its last position.
Neither is an observation.  A value that only stands still is none of these: an aircraft hovers,
stands on the ground, or flies level.  So a run of one value is left out only where other columns
contradict it by more than their errors:

* a position, where the log's own speed adds up to ``MOST_TRAVELLED_M`` meanwhile;
* a height above take-off, where the altitude above sea level changes by ``MOST_CLIMB_AMSL_M`` and
  the aircraft moves (a receiver on the ground drifts, and does not move);
* an altitude above sea level, where the height above take-off changes by ``MOST_CLIMB_M``;
* either, where the other is not known and the vertical speed adds up to ``MOST_CLIMBED_M``.

The first value of a run was measured, unless the column never has another: of heights, that is
how a column of zeros looks.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .._model import Issue, Log
from ._find_airborne_time import track_times_ns_by_own_clock

#: Metres; see above.  A position that is written to few decimals stands still for as long as the
#: aircraft needs for one step of it.
MOST_TRAVELLED_M, MOST_STEPS = 50.0, 2.0
MOST_CLIMB_AMSL_M, MOST_CLIMBED_M, MOST_CLIMB_M = 20.0, 10.0, 5.0
MOVING_MPS = 3.0
#: Slower, a speed is the noise of a sensor that stands.
LEAST_SPEED_MPS, LEAST_CLIMB_MPS = 1.0, 0.5
#: Shorter runs are those of a sensor that is slower than the rows.
LEAST_RUN_S = 10.0
#: Over a longer pause nothing is added up.
LONGEST_STEP_S = 10.0
_METRES_PER_DEG = 111_195.0
_NAT = np.iinfo(np.int64).min

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def log_without_contradicted_values(log: Log) -> Log:
    """Return a log without heights and positions that its other columns contradict, and issues."""
    times_ns = track_times_ns_by_own_clock(log)
    rows = np.flatnonzero(times_ns != _NAT)
    if len(rows) < 3:
        return log
    seconds = (times_ns[rows] - times_ns[rows[0]]) / 1e9
    values = {name: log.track[name].to_numpy(np.float64)[rows] for name in _COLUMNS}
    dropped: dict[str, Flags] = {}
    issues = list(log.issues)
    for columns, mask, text in (
        (
            ("latitude_deg", "longitude_deg"),
            _standing_positions_mask(values, seconds),
            "positions that stand still while the log's own speed says that it moved",
        ),
        (
            ("height_ato_m",),
            _standing_heights_mask("height_ato_m", values, seconds),
            "heights above take-off that stand still while its other columns say that it climbed",
        ),
        (
            ("altitude_amsl_m",),
            _standing_heights_mask("altitude_amsl_m", values, seconds),
            "altitudes above sea level that stand still while its other columns say that it "
            "climbed",
        ),
    ):
        if mask.any():
            whole = np.zeros(len(log.track), bool)
            whole[rows[mask]] = True
            dropped |= dict.fromkeys(columns, whole)
            offset = int(log.track["source_offset"].iloc[int(np.argmax(whole))])
            issues.append(Issue(offset, 0, f"{int(mask.sum()):,} {text}: left out"))
    if not dropped:
        return log
    track = log.track.assign(**{name: log.track[name].mask(mask) for name, mask in dropped.items()})
    return replace(log, track=track, issues=tuple(sorted(issues, key=lambda each: each.offset)))


_COLUMNS = (
    "latitude_deg", "longitude_deg", "height_ato_m", "altitude_amsl_m", "ground_speed_mps",
    "vertical_speed_mps",
)  # fmt: skip


def _standing_positions_mask(values: dict[str, Floats], seconds: Floats) -> Flags:
    """Return which positions repeat the one before while the aircraft moved."""
    latitude, longitude = values["latitude_deg"], values["longitude_deg"]
    mask = np.zeros(len(seconds), bool)
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    travelled_m = _sum_over_time(values["ground_speed_mps"], seconds, LEAST_SPEED_MPS)[known]
    if not len(known) or travelled_m[-1] <= MOST_TRAVELLED_M:
        return mask
    steps = abs(np.diff(latitude[known])), abs(np.diff(longitude[known]))
    moved = np.concatenate([step[step > 0] for step in steps])
    step_m = float(moved.min()) * _METRES_PER_DEG if len(moved) else 0.0
    least_m = max(MOST_TRAVELLED_M, MOST_STEPS * step_m)
    for first, last in _long_runs((steps[0] == 0) & (steps[1] == 0), seconds[known]):
        if travelled_m[last] - travelled_m[first] > least_m:
            mask[known[first + 1 : last + 1]] = True
    return mask


def _standing_heights_mask(column: str, values: dict[str, Floats], seconds: Floats) -> Flags:
    """Return which heights repeat the one before while the aircraft climbed or sank."""
    heights = values[column]
    mask = np.zeros(len(seconds), bool)
    known = np.flatnonzero(np.isfinite(heights))
    if len(known) < 3:
        return mask
    climbed_m = _sum_over_time(values["vertical_speed_mps"], seconds, LEAST_CLIMB_MPS)[known]
    speed = values["ground_speed_mps"][known]
    is_above_takeoff = column == "height_ato_m"
    other = values["altitude_amsl_m" if is_above_takeoff else "height_ato_m"][known]
    same = np.diff(heights[known]) == 0
    for first, last in _long_runs(same, seconds[known]):
        run = slice(first, last + 1)
        if not np.isfinite(other[run]).any():
            is_contradicted = _range(climbed_m[run]) > MOST_CLIMBED_M
        elif is_above_takeoff:
            moves = bool((speed[run] >= MOVING_MPS).any())
            is_contradicted = moves and _range(other[run]) > MOST_CLIMB_AMSL_M
        else:
            is_contradicted = _range(other[run]) > MOST_CLIMB_M
        if is_contradicted:
            mask[known[first + 1 : last + 1]] = True
    if mask.any() and same.all():
        mask[known[0]] = True
    return mask


def _long_runs(same: Flags, seconds: Floats) -> Iterator[tuple[int, int]]:
    """Yield the first and the last row of runs of equal values, of ``LEAST_RUN_S`` or more.

    Args:
        same: Whether each row but the first is equal to the one before, shape ``(n - 1,)``.
        seconds: Rising times, shape ``(n,)``.
    """
    goes_on = same & (np.diff(seconds) <= LONGEST_STEP_S)
    starts = np.flatnonzero(np.append(True, ~goes_on))
    ends = np.append(starts[1:] - 1, len(seconds) - 1)
    is_long = seconds[ends] - seconds[starts] >= LEAST_RUN_S
    yield from zip(starts[is_long].tolist(), ends[is_long].tolist(), strict=True)


def _sum_over_time(rate: Floats, seconds: Floats, least: float) -> Floats:
    """Return what a rate adds up to from the first row on; what is not known adds nothing."""
    rate = np.where(abs(rate) >= least, rate, 0.0)
    steps_s = np.diff(seconds, prepend=seconds[0])
    return np.cumsum(rate * np.where(steps_s <= LONGEST_STEP_S, steps_s, 0.0))


def _range(values: Floats) -> float:
    """Return how far values lie apart, of which one at least is known.

    One that differs from both its neighbours is an error of the sensor, and no climb.
    """
    known = values[np.isfinite(values)]
    if len(known) > 2:
        known = np.median(np.lib.stride_tricks.sliding_window_view(known, 3), axis=1)
    return float(np.ptp(known))
