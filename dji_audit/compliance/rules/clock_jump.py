"""No clock of a log stepped while the aircraft's own counter ran on.

The clock of a phone, or the time that a receiver gives, is held against a counter
of the aircraft in the same log: flight time, time since power-on.  A step of one
that the other does not make is inconsistent.  Phones set their clocks by
themselves, so that a step alone says nothing of who made it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._counters import ClockPair, clocks
from dji_audit.compliance.rules._example import Example
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.compliance.rules._tellings import SAID_BEFORE, whole_logs
from dji_audit.flights import Flight

#: Steps that are listed for a log; the reason counts all.
_LISTED = 20
#: A counter that moved by more than this from one record to the next tells nothing of a step.
_STEADY_S = 5.0


class ClockJump(Parameters):
    """Parameters of the rule."""

    step_s: float = Field(2.0, gt=0, description="Seconds by which a clock may step.")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Look for the steps of each clock of each log."""
    if not isinstance(parameters, ClockJump):
        raise TypeError("clock_jump takes ClockJump")
    logs = list(whole_logs(flight))
    if not logs:
        return SAID_BEFORE
    pairs = [(told_by, pair) for told_by, telling in logs for pair in clocks(telling.log)]
    pairs = [(told_by, pair) for told_by, pair in pairs if len(pair.offsets) > 1]
    if not pairs:
        return unknowable("No log of the flight has a clock and a counter to hold it against.")
    found = [each for pair in pairs for each in _steps(flight, *pair, parameters, inputs)]
    return judged(
        found[:_LISTED],
        f"No clock stepped by more than {parameters.step_s:g} s.",
        f"{len(found)} step{'s' * (len(found) > 1)} of a clock.",
    )


def _steps(
    flight: Flight, told_by: int, pair: ClockPair, parameters: ClockJump, inputs: Inputs
) -> Iterator[Finding]:
    """Yield each step of a clock that its counter does not make.

    A counter may stand still for a while, and then catch up: the two are compared
    from one record at which it moved to the next, and only one step of the clock
    between two neighbouring records counts.
    """
    moved = np.flatnonzero(np.diff(pair.counter_s, prepend=-np.inf) != 0)
    counted = np.diff(pair.counter_s[moved])
    apart = np.diff(pair.clock_s[moved]) - counted
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
    pair: ClockPair,
    row: int,
    step: float,
    counted: float,
    inputs: Inputs,
) -> Finding:
    start = _instant(pair.clock_s[row])
    return Finding(
        RULE.id,
        inputs.severity,
        f"inconsistent: the clock {pair.record}.{pair.field} steps by {step:+.1f} s while the "
        f"aircraft counts {counted:.1f} s",
        "measured",
        tuple(
            evidence(
                flight, int(pair.offsets[each]), pair.record, pair.field,
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


def _told(clock: list[float]) -> dict[str, Mapping[str, Any]]:
    seconds = range(len(clock))
    return {"SYSTEM_TIME": {
        "time_unix_usec": [1e6 * (1_778_749_200 + each) for each in clock],
        "time_boot_ms": [1e3 * (50 + each) for each in seconds],
    }}  # fmt: skip


_STEADY = [float(second) for second in range(30)]

RULE = Rule(
    "clock_jump",
    "No clock stepped while the aircraft counted on",
    "The clock of the app's device or receiver, and a counter of the aircraft, in each log.",
    "No log of the flight holds a clock and a counter to hold it against.",
    ClockJump,
    check,
    examples=(
        Example(Outcome.PASS, "two that run alike", format="mavlink-tlog", records=_told(_STEADY)),
        Example(
            Outcome.FAIL,
            "a clock that is set forward by an hour",
            format="mavlink-tlog",
            records=_told([each + 3600 * (each > 15) for each in _STEADY]),
        ),
        Example(
            Outcome.PASS,
            "a counter that stands still for ten seconds and then catches up",
            format="dji-txt",
            records={
                "Custom": {"time_ms": [1e3 * (1_778_749_200 + each) for each in _STEADY]},
                "OSD": {
                    "flight_time_s": [each if each < 8 or each > 18 else 8 for each in _STEADY]
                },
            },
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log with neither"),
    ),
)
