"""No clock of a log stepped while the aircraft's own counter ran on.

The clock of a phone, or the time that a receiver gives, is held against a counter
of the aircraft in the same log: flight time, time since power-on.  A step of one
that the other does not make is inconsistent.  Phones set their clocks by
themselves, so that a step alone says nothing of who made it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._log_tracks import SAID_BEFORE, whole_logs
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Counter

#: Steps that are listed for a log; the reason counts all.
_LISTED = 20
#: A counter that moved by more than this from one record to the next tells nothing of a step.
_STEADY_S = 5.0


class ClockJump(Parameters):
    """Parameters of the rule."""

    step_s: float = Field(2.0, gt=0, description="Seconds by which a clock may step.")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A clock, and what the aircraft had counted at the bytes at which it stands."""

    clock: Counter
    offsets: npt.NDArray[np.int64]
    clock_s: npt.NDArray[np.float64]
    counter_s: npt.NDArray[np.float64]


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Look for the steps of each clock of each log."""
    if not isinstance(parameters, ClockJump):
        raise TypeError("clock_jump takes ClockJump")
    logs = list(whole_logs(flight))
    if not logs:
        return SAID_BEFORE
    pairs = [(told_by, pair) for told_by, telling in logs for pair in _pairs(telling.log.counters)]
    if not pairs:
        return unknowable("No log of the flight has a clock and a counter to hold it against.")
    if not any(_counts(pair) for _, pair in pairs):
        return unknowable("No counter of the flight's logs runs on beside a clock.")
    found = [each for pair in pairs for each in _steps(flight, *pair, parameters, inputs)]
    return judged(
        found[:_LISTED],
        f"No clock stepped by more than {parameters.step_s:g} s.",
        f"{len(found)} step{'s' * (len(found) > 1)} of a clock.",
    )


def _pairs(counters: Sequence[Counter]) -> Iterator[_Pair]:
    """Yield each clock with a counter of its sender: of the same record, if there is one."""
    for clock in counters:
        beside = [it for it in counters if it.kind == "count" and it.sender == clock.sender]
        if clock.kind != "clock" or not beside:
            continue
        counter = next((it for it in beside if it.record == clock.record), beside[0])
        # What was counted last at each byte at which the clock stands.
        last = np.searchsorted(counter.offsets, clock.offsets, "right") - 1
        known = last >= 0
        if known.sum() > 1:
            yield _Pair(
                clock, clock.offsets[known], clock.seconds[known], counter.seconds[last[known]]
            )


def _counts(pair: _Pair) -> bool:
    """Return whether a counter runs, so that steps of the clock would show."""
    counted = np.diff(pair.counter_s)
    return bool(((counted > 0) & (counted <= _STEADY_S)).any())


def _steps(
    flight: Flight, told_by: int, pair: _Pair, parameters: ClockJump, inputs: Inputs
) -> Iterator[Finding]:
    """Yield each step of a clock that its counter does not make.

    A counter may stand still for a while, and then catch up: the two are compared
    from one record at which it moved to the next, and only one step of the clock
    between two neighbouring records counts.
    """
    moved = np.flatnonzero(np.diff(pair.counter_s, prepend=-np.inf) != 0)
    counted = np.diff(pair.counter_s[moved])
    apart = np.diff(pair.clock_s[moved]) - counted
    if pair.clock.period_s is not None:
        apart = (apart + pair.clock.period_s / 2) % pair.clock.period_s - pair.clock.period_s / 2
    # A counter that falls, or leaps, is no measure.
    doubtful = (counted > 0) & (counted <= _STEADY_S) & (abs(apart) > parameters.step_s)
    steps = abs(np.diff(pair.clock_s))
    for place in np.flatnonzero(doubtful).tolist():
        first, last = int(moved[place]), int(moved[place + 1])
        row = first + int(np.argmax(steps[first:last]))
        if steps[row] > parameters.step_s:
            found = float(apart[place]), float(counted[place])
            yield _finding(flight, told_by, pair, row, *found, inputs)


def _finding(
    flight: Flight,
    told_by: int,
    pair: _Pair,
    row: int,
    step: float,
    counted: float,
    inputs: Inputs,
) -> Finding:
    start = _instant(pair.clock_s[row])
    return Finding(
        RULE.id,
        inputs.severity,
        f"inconsistent: the clock {pair.clock.record}.{pair.clock.field} steps by {step:+.1f} s "
        f"while the aircraft counts {counted:.1f} s",
        "measured",
        tuple(
            evidence(
                flight, int(pair.offsets[each]), pair.clock.record, pair.clock.field,
                f"{pair.clock_s[each]:.3f} s", told_by,
            )
            for each in (row, row + 1)
        ),
        start,
        start,
    )  # fmt: skip


def _instant(seconds: float) -> pd.Timestamp | None:
    """Return an instant if a clock counts from 1970; a clock of GPS weeks does not."""
    if not 1e9 < seconds < 4e9:
        return None
    return pd.Timestamp(round(seconds * 1e3), unit="ms", tz="UTC")


def _told(clock: list[float], counter: list[float]) -> dict[str, Any]:
    """Return a log of a clock and, at the bytes between, a counter."""
    offsets = np.arange(100, 100 + 20 * len(clock), 20)
    return {
        "counters": (
            Counter("Custom", "time_ms", "clock", offsets, 1_778_749_200 + np.array(clock)),
            Counter("OSD", "flight_time_s", "count", offsets - 10, np.array(counter)),
        )
    }


_STEADY = [float(second) for second in range(30)]

RULE = Rule(
    "clock_jump",
    "No clock stepped while the aircraft counted on",
    "The clock of the app's device or receiver, and a counter of the aircraft, in each log.",
    "No log of the flight holds a clock and a counter that runs to hold it against.",
    ClockJump,
    check,
    examples=(
        Example(Outcome.PASS, "two that run alike", log=_told(_STEADY, _STEADY)),
        Example(
            Outcome.FAIL,
            "a clock that is set forward by an hour",
            log=_told([each + 3600 * (each > 15) for each in _STEADY], _STEADY),
        ),
        Example(
            Outcome.PASS,
            "a counter that stands still for ten seconds and then catches up",
            log=_told(_STEADY, [each if each < 8 or each > 18 else 8.0 for each in _STEADY]),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a clock beside a counter that never moves",
            log=_told(_STEADY, [7.0] * len(_STEADY)),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log with neither"),
    ),
)
