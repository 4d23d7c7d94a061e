"""What happened in a flight, as a DataFlash log tells it: modes, arming, faults, messages."""

import re
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from .._shared._ardupilot import (
    ARMED,
    BOARD,
    DISARMED,
    ERRORS,
    EVENTS,
    FENCE,
    FENCE_METHOD,
    NAVIGATION,
    OUTSIDE_FENCE,
    TAKEOFF_OLD,
    method_name,
    mode_name,
    reason_name,
)
from .._shared._fence import text_kind
from ._context import Context, Row
from ._messages import Messages, whole

#: Subsystem whose code is a mode.
FLIGHT_MODE = 10
#: Two statements of one arming are this close, seconds.
SAME_S = 1.0
#: Board type of the simulator, in `VER.BT`.
SITL = 3
#: State of arming of PX4's first logger.
PX4_ARMED = 2

_SEVERITY = {
    "fault": "warning",
    "failsafe": "warning",
    "link.lost": "warning",
    "battery": "warning",
    "warning": "warning",
    "geofence.disable": "warning",
}


def flight_events(log: Context) -> Iterator[Row]:
    """Yield every event that is not about fences, cameras or links."""
    yield from _modes(log)
    yield from _arming(log)
    yield from _stated(log)
    yield from _flying(log)
    yield from _errors(log)
    yield from _texts(log)
    yield from _dropped(log)
    yield from _traffic(log)
    yield from _restarts(log)
    yield from _simulated(log)


def _modes(log: Context) -> Iterator[Row]:
    found = log.modes.messages
    if found is None:
        return
    reasons = found.numbers("Rsn").tolist()
    rows = zip(log.modes.rows, log.modes.names, log.modes.numbers, strict=True)
    for row, name, number in rows:
        why = f" ({reason_name(whole(reasons[row]))})" if reasons[row] == reasons[row] else ""
        yield log.event(found, row, "mode", f"{name}{why}", record="Mode", value=number)


def _arming(log: Context) -> Iterator[Row]:
    """Yield arming and disarming; ARM says how, EV only that."""
    found = log.named("ARM")
    states = found.numbers("ArmState").tolist()
    forced, methods = found.numbers("Forced").tolist(), found.numbers("Method").tolist()
    for row, state in enumerate(states):
        by = f" ({method_name(whole(methods[row]))})" if methods[row] == methods[row] else ""
        text = f"{'armed' if state else 'disarmed'}{by}{', forced' if forced[row] > 0 else ''}"
        yield log.event(found, row, "arm" if state else "disarm", text, record="ArmState")
        if not state and methods[row] == FENCE_METHOD:
            yield log.event(
                found,
                row,
                "geofence.action",
                "disarmed because of a breached fence",
                record="Method",
                severity="serious",
            )
    events = log.named("EV")
    ids = events.numbers("Id")
    utc = log.utc_ns(found) if len(found) else np.empty(0, np.int64)
    for number, kind in ((ARMED, "arm"), (DISARMED, "disarm")):
        known = np.sort(utc[(np.array(states) != 0) == (kind == "arm")])
        for row in np.flatnonzero(ids == number).tolist():
            if not log.near(events, row, known, SAME_S):
                yield log.event(events, row, kind, f"{kind}ed", record="Id", value=float(number))


def _stated(log: Context) -> Iterator[Row]:
    found = log.named("EV")
    ids = found.numbers("Id")
    known = dict(EVENTS)
    if not (ids == 28).any():
        # Firmware 3.1 and older says only that the take-off began.
        known[TAKEOFF_OLD] = ("takeoff", "took off")
    for row in np.flatnonzero(np.isin(ids, list(known))).tolist():
        kind, text = known[int(ids[row])]
        yield log.event(
            found,
            row,
            kind,
            text,
            record="Id",
            severity=_SEVERITY.get(kind, "info"),
            value=float(ids[row]),
        )


def _flying(log: Context) -> Iterator[Row]:
    """Yield take-off and landing of vehicles that state them by no event."""
    if np.isin(log.named("EV").numbers("Id"), (18, 28)).any():
        return
    found = log.named("STAT")
    if found.first("MainState"):
        yield from _px4_state(log)
    if found.first("isFlying") is None:
        return
    flying = found.numbers("isFlying")
    for row in (np.flatnonzero(np.diff(flying) != 0) + 1).tolist():
        kind, text = ("takeoff", "flying") if flying[row] else ("landing", "no longer flying")
        yield log.event(found, row, kind, text, record="isFlying")


def _px4_state(log: Context) -> Iterator[Row]:
    """Yield arming and flying as PX4's first logger states them."""
    found = log.named("STAT")
    armed, landed = found.numbers("ArmS") == PX4_ARMED, found.numbers("Landed") != 0
    if len(found) and armed[0]:
        yield log.event(found, 0, "arm", "armed when the log begins", record="ArmS")
    for states, record, kinds in (
        (armed, "ArmS", (("disarm", "disarmed"), ("arm", "armed"))),
        (landed, "Landed", (("takeoff", "left the ground"), ("landing", "landed"))),
    ):
        for row in (np.flatnonzero(states[1:] != states[:-1]) + 1).tolist():
            kind, text = kinds[int(states[row])]
            yield log.event(found, row, kind, text, record=record)


def _errors(log: Context) -> Iterator[Row]:
    """Yield faults, each with the report that it is over."""
    found = log.named("ERR")
    systems = found.numbers("Subsys")
    for number in np.unique(systems[systems == systems]).tolist():
        if number != FENCE:
            for rows in log.runs(found, systems == number):
                yield from _faults(log, found, number, rows)


def _faults(log: Context, found: Messages, number: float, rows: list[int]) -> Iterator[Row]:
    """Yield the faults of one subsystem from one power-on to the next."""
    kind, name = ERRORS.get(whole(number), ("fault", f"subsystem {number:g}"))
    held = found.numbers("ECode")[rows].tolist()
    overs = [place for place, code in enumerate(held) if code == 0]
    for place, (row, code) in enumerate(zip(rows, held, strict=True)):
        if code == 0 or (number == NAVIGATION and code == OUTSIDE_FENCE):
            continue
        if place and held[place - 1] == code and number != FLIGHT_MODE:
            continue
        after = bisect_right(overs, place)
        end = rows[overs[after]] if after < len(overs) else None
        what = f", code {code:g}"
        if number == FLIGHT_MODE:
            what, end = f": {mode_name(log.vehicle, whole(code))}", None
        yield log.event(
            found,
            row,
            kind,
            name + what,
            record="ECode",
            severity=_SEVERITY.get(kind, "info"),
            value=code,
            end=end,
        )


_WARNS = re.compile(
    r"prearm|^arm:|fail|error|bad |lost|crash|glitch|inconsisten|unhealthy|emergency", re.I
)

#: Of what else a message may speak.
_SAYS = (
    (re.compile(r"odid|opendroneid", re.I), "remote_id"),
    (re.compile(r"\beras\w*\b.*\blogs?\b|\blogs?\b.*\beras", re.I), "log.transfer"),
    (
        re.compile(r"^(Ardu|APM:|Rover|Sub |Blimp|AntennaTracker|ChibiOS|NuttX|PX4:)\S* *\S*\d"),
        "firmware",
    ),
    (BOARD, "component"),
)


def _texts(log: Context) -> Iterator[Row]:
    found = log.named("MSG")
    for row, text in log.texts:
        if text_kind(text) is not None or not text.strip():
            continue
        warns = _WARNS.search(text) is not None
        said = (kind for pattern, kind in _SAYS if pattern.search(text))
        kind = next(said, "warning" if warns else "tip")
        severity = "warning" if warns else "info"
        yield log.event(found, row, kind, text, record="Message", severity=severity)


def _dropped(log: Context) -> Iterator[Row]:
    """Yield how many messages could not be written."""
    found = log.named("DSF")
    dropped = found.numbers("Dp")
    # A counter that goes back begins anew after a restart.
    for row in np.flatnonzero(np.diff(dropped, prepend=0) > 0).tolist():
        yield log.event(
            found,
            row,
            "fault",
            f"{dropped[row]:g} messages could not be written to the log so far",
            record="Dp",
            severity="notice",
            grade="measured",
            value=float(dropped[row]),
        )


def _traffic(log: Context) -> Iterator[Row]:
    found = log.named("ADSB")
    if len(found) == 0:
        return
    addresses = found.numbers("ICAO_address")
    _, firsts = np.unique(addresses, return_index=True)
    for row in np.sort(firsts).tolist():
        text = f"aircraft {whole(addresses[row]):06X} received"
        yield log.event(found, row, "traffic", text, record="ICAO_address")


def _restarts(log: Context) -> Iterator[Row]:
    for one in log.times.power_ons[1:]:
        at = log.times.at(np.array([one.offset]), np.array([0.0]))
        yield {
            "time": int(at[0]),
            "end": np.iinfo(np.int64).min,
            "kind": "clock",
            "severity": "notice",
            "grade": "inferred",
            "text": "the clock of the autopilot began anew",
            "value": np.nan,
            "record": "TimeUS",
            "source_offset": one.offset,
        }


def _simulated(log: Context) -> Iterator[Row]:
    version, texts = log.named("VER"), log.named("MSG")
    for row in np.flatnonzero(version.numbers("BT") == SITL)[:1].tolist():
        yield log.event(version, row, "simulator", "written by a simulator", record="BT")
        return
    for row, text in log.texts:
        if re.search(r"\bSITL\b|^SIM ", text):
            yield log.event(texts, row, "simulator", text, record="Message", grade="inferred")
            return
