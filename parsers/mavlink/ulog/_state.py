"""Events of a ULog from the state of the aircraft: mode, arming, flight, links, battery."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._model import Place
from . import _enums as _ulog_names
from ._recording import Recording, event
from ._topics import Series

Row = Mapping[str, Any]

_ARMED = 2
#: Home moved by less is the same home, degrees (about a metre).
_MOVED_DEG = 1e-5

#: Topic, fields -> kind, severity and words of the time in which the field is true.
#: Of the fields of a row, the first that the log has counts.
_FLAGS: tuple[tuple[str, tuple[str, ...], str, str, str], ...] = (
    ("vehicle_status", ("failsafe",), "failsafe", "serious", "a fail-safe is active"),
    (
        "vehicle_status",
        ("gcs_connection_lost", "data_link_lost"),
        "link.lost",
        "warning",
        "no connection to the ground station",
    ),
    ("vehicle_status", ("rc_signal_lost",), "link.lost", "warning", "no signal of the controller"),
    (
        "failsafe_flags",
        ("manual_control_signal_lost",),
        "link.lost",
        "warning",
        "no signal of the controller",
    ),
    ("vehicle_status", ("engine_failure",), "fault", "serious", "an engine has failed"),
    ("failsafe_flags", ("fd_motor_failure",), "fault", "serious", "a motor has failed"),
    ("failsafe_flags", ("fd_critical_failure",), "fault", "serious", "a critical failure"),
    (
        "failsafe_flags",
        ("remote_id_unhealthy",),
        "remote_id",
        "warning",
        "the Remote ID system is not healthy",
    ),
)

_BATTERY = {1: "low", 2: "critical", 3: "emergency", 4: "failed", 5: "unhealthy"}


def draw(recording: Recording) -> Iterator[Row]:
    """Yield the events of the state of the aircraft."""
    status = recording.series("vehicle_status")
    if status is not None:
        yield from _modes(recording, status)
        yield from _arming(recording, status)
        yield from _simulated(recording, status)
    yield from _flights(recording)
    for topic, fields, kind, severity, words in _FLAGS:
        yield from _flagged(recording, topic, fields, kind, severity, words)
    yield from _batteries(recording)
    yield from _restarted(recording)


def intervals(
    recording: Recording, found: Series, flag: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, int, bool]]:
    """Yield the first row with a flag, the first without it again, and whether there is one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flag, [False]])))
    firsts, afters = edges.reshape(-1, 2).T
    begun = recording.shown(found, firsts, "flags")
    for first, after in zip(begun, afters.tolist(), strict=False):
        ended = after < len(found)
        yield first, after if ended else len(found) - 1, ended


def _flagged(
    recording: Recording,
    topic: str,
    fields: tuple[str, ...],
    kind: str,
    severity: str,
    words: str,
) -> Iterator[Row]:
    found = recording.series(topic)
    field = next((name for name in fields if found is not None and name in found), None)
    if found is None or field is None or (flag := found.flags(field)) is None:
        return
    for first, last, ended in intervals(recording, found, flag):
        yield event(
            recording,
            int(found.ticks[first]),
            kind,
            words if ended else f"{words} (to the end of the log)",
            f"{topic}.{field}",
            int(found.offsets[first]),
            severity=severity,
            end=int(found.ticks[last]),
        )


def _modes(recording: Recording, status: Series) -> Iterator[Row]:
    state = status.numbers("nav_state")
    if state is None:
        return
    wanted = status.numbers("nav_state_user_intention")
    for row in recording.changes(status, state):
        name = _ulog_names.mode(int(state[row]), recording.version)
        asked = wanted is None or wanted[row] == state[row]
        at, offset = int(status.ticks[row]), int(status.offsets[row])
        text = f"Mode: {name}"
        if row == 0:
            text += " (at the start of the log)"
        yield event(
            recording, at, "mode", text, "vehicle_status.nav_state", offset, value=state[row]
        )
        if wanted is not None and not asked:
            user = _ulog_names.mode(int(wanted[row]), recording.version)
            yield event(
                recording,
                at,
                "action",
                f"The aircraft went to {name} by itself; {user} was selected",
                "vehicle_status.nav_state_user_intention",
                offset,
                severity="warning",
                value=state[row],
            )


def armed(status: Series) -> npt.NDArray[np.bool_] | None:
    """Return in which records the aircraft is armed."""
    state = status.numbers("arming_state")
    return None if state is None else state == _ARMED


def _arming(recording: Recording, status: Series) -> Iterator[Row]:
    on = armed(status)
    if on is None:
        return
    since = status.numbers("armed_time")
    for row in recording.changes(status, on):
        if row == 0 and not on[0]:
            continue
        name = "latest_arming_reason" if on[row] else "latest_disarming_reason"
        reasons = status.numbers(name)
        number = None if reasons is None else int(reasons[row])
        why = (
            f": {_ulog_names.reason(number, recording.version)}"
            if number is not None and number > 0
            else ""
        )
        at = int(status.ticks[row])
        if on[row] and since is not None and 0 < since[row] <= at:
            at = recording.tick(int(since[row]), int(status.offsets[row]))
        text = ("Armed" if on[row] else "Disarmed") + why
        yield event(
            recording,
            at,
            "arm" if on[row] else "disarm",
            text + (" (before the start of the log)" if row == 0 else ""),
            "vehicle_status.arming_state",
            int(status.offsets[row]),
            value=number,
        )


def _flights(recording: Recording) -> Iterator[Row]:
    found = recording.series("vehicle_land_detected")
    landed = None if found is None else found.flags("landed")
    if found is None or landed is None:
        return
    for row in recording.changes(found, landed):
        if row == 0:
            continue
        yield event(
            recording,
            int(found.ticks[row]),
            "landing" if landed[row] else "takeoff",
            "Landing detected" if landed[row] else "Take-off detected",
            "vehicle_land_detected.landed",
            int(found.offsets[row]),
        )


def _simulated(recording: Recording, status: Series) -> Iterator[Row]:
    simulated = status.flags("hil_state")
    hardware = recording.info.get("ver_hw")
    if simulated is not None and simulated.any():
        row = int(np.argmax(simulated))
        yield event(
            recording,
            int(status.ticks[row]),
            "simulator",
            "Sensors are simulated (hardware in the loop)",
            "vehicle_status.hil_state",
            int(status.offsets[row]),
            severity="notice",
        )
    elif hardware is not None and "SITL" in str(hardware.value):
        yield event(
            recording,
            recording.first,
            "simulator",
            f"The autopilot is a program: {hardware.value}",
            "INFO ver_hw",
            hardware.offset,
            severity="notice",
        )


def _batteries(recording: Recording) -> Iterator[Row]:
    for instance in recording.instances("battery_status"):
        found = recording.series("battery_status", instance)
        level = None if found is None else found.numbers("warning")
        if found is None or level is None:
            continue
        for row in recording.changes(found, level):
            if level[row] <= 0:
                continue
            word = _BATTERY.get(int(level[row]), f"level {int(level[row])}")
            yield event(
                recording,
                int(found.ticks[row]),
                "battery",
                f"Battery {instance}: {word}",
                "battery_status.warning",
                int(found.offsets[row]),
                severity="serious" if level[row] >= 2 else "warning",
                grade="measured",
                value=level[row],
            )


def _restarted(recording: Recording) -> Iterator[Row]:
    for offset in recording.restarts.tolist():
        yield event(
            recording,
            recording.tick_before(offset + 1),
            "clock",
            "The log's clock began anew",
            "timestamp",
            offset,
            severity="notice",
            grade="inferred",
        )


def homes(recording: Recording) -> Iterator[tuple[Row, Place]]:
    """Yield each home point, as an event and as a place."""
    found = recording.series("home_position")
    latitude = None if found is None else found.floats("lat")
    longitude = None if found is None else found.floats("lon")
    if found is None or latitude is None or longitude is None:
        return
    valid = found.flags("valid_hpos")
    good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good &= (latitude != 0) | (longitude != 0)
    good &= True if valid is None else valid
    before: tuple[float, float] | None = None
    rows = np.flatnonzero(good)
    moved = np.abs(np.diff(latitude[rows])) + np.abs(np.diff(longitude[rows])) > 0
    rows = rows[np.concatenate([[True], moved])] if len(rows) else rows
    for row in recording.shown(found, rows, "moves"):
        here = float(latitude[row]), float(longitude[row])
        if before and max(abs(here[0] - before[0]), abs(here[1] - before[1])) < _MOVED_DEG:
            continue
        text = "Home was set" if before is None else "Home moved"
        before = here
        at, offset = int(found.ticks[row]), int(found.offsets[row])
        told = event(recording, at, "home", text, "home_position.lat", offset)
        yield told, Place("home", recording.moment(at), *here, None, "home_position", offset)
