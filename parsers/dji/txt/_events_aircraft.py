"""What the aircraft did: motors, take-off, mode, actions of its own, links, faults."""

from collections.abc import Iterator

import numpy as np

from ..._runs import runs, true_runs
from .. import _flight_controller as controller
from ._event_rows import Row, at, duration_s, flagged, floats, over
from ._record_file import RecordFile

#: OSD ``ground_or_sky`` from here on: in the air.
_IN_AIR = 2
#: A change to "in the air" higher than this is no take-off: the log began in flight.
_TAKEOFF_BELOW_M = 5.0
#: Records (of ten a second) for which a flag may drop and still be one event.
_BRIDGE = 10

_FAULTS = {
    "compass_error": "compass error",
    "barometer_dead": "barometer dead",
    "motor_stall": "motor stalled",
    "not_enough_force": "not enough force",
    "propeller_catapult": "propeller lost",
    "accelerometer_over_range": "accelerometer over range",
}


def aircraft_events(file: RecordFile) -> Iterator[Row]:
    """Yield the events that follow from OSD, RC and Camera states."""
    if len(file.of(1)):
        yield from _motors_and_air(file)
        yield from _modes(file)
        yield from _actions(file)
        yield from _faults(file)
    yield from _buttons(file)
    yield from _storage(file)
    yield from _link(file)


def _motors_and_air(file: RecordFile) -> Iterator[Row]:
    typed = file.of(1)
    osd = typed.records
    previous = None
    for run in runs(osd["motors_on"]):
        if run.value and previous is not None:
            yield at(file, typed, run.first, "arm", "motors started", "OSD.motors_on")
        elif not run.value and previous:
            yield at(file, typed, run.first, "disarm", "motors stopped", "OSD.motors_on")
        previous = run.value
    in_air = floats(osd["ground_or_sky"]) >= _IN_AIR
    height = floats(osd["height_ato_m"])
    for run in true_runs(in_air):
        record = "OSD.ground_or_sky"
        if run.first > 0 and not height[run.first] > _TAKEOFF_BELOW_M:
            yield at(file, typed, run.first, "takeoff", "took off", record)
        if run.last + 1 < len(typed):
            yield at(file, typed, run.last + 1, "landing", "landed", record)


def _modes(file: RecordFile) -> Iterator[Row]:
    typed = file.of(1)
    named = typed.records.words("flight_mode")
    for run in runs(typed.records["flight_mode"]):
        text = f"flight mode: {named[run.first]}"
        yield over(file, typed, run, "mode", text, "OSD.flight_mode", value=run.value)


def _actions(file: RecordFile) -> Iterator[Row]:
    typed = file.of(1)
    named = typed.records.words("flight_action")
    for run in true_runs(floats(typed.records["flight_action"])):
        # A run of different actions in a row is one event each.
        part = typed.records["flight_action"][run.first : run.last + 1]
        for inner in runs(part):
            first, last = run.first + inner.first, run.first + inner.last
            whole = type(run)(inner.value, first, last)
            action = int(inner.value)
            kind = "geofence.action" if action in controller.ZONE_ACTIONS else "action"
            severity = "warning" if kind != "action" else "notice"
            yield over(
                file, typed, whole, kind, f"{named[first]}", "OSD.flight_action",
                value=inner.value, severity=severity,
            )  # fmt: skip
    for run in true_runs(typed.records["rc_out_of_control"]):
        text = f"controller signal lost for {duration_s(file, typed, run):.1f} s"
        record = "OSD.rc_out_of_control"
        yield over(file, typed, run, "link.lost", text, record, severity="warning")


def _faults(file: RecordFile) -> Iterator[Row]:
    typed = file.of(1)
    for name, text in _FAULTS.items():
        yield from flagged(file, typed, name, "fault", text, "OSD", _BRIDGE, severity="warning")
    for name, text in (
        ("low_voltage_go_home", "battery low: go home"),
        ("low_voltage_landing", "battery low: landing"),
    ):
        yield from flagged(file, typed, name, "battery", text, "OSD", _BRIDGE, severity="notice")
    failure = floats(typed.records["motor_failure"])
    for run in runs(np.nan_to_num(failure)):
        if run.value:
            text = f"motor failure, reason {int(run.value)}"
            record = "OSD.motor_failure"
            yield over(file, typed, run, "fault", text, record, severity="serious", value=run.value)


def _buttons(file: RecordFile) -> Iterator[Row]:
    typed = file.of(4)
    for name, text in (
        ("record_button", "record button of the controller pressed"),
        ("shutter_button", "shutter button of the controller pressed"),
    ):
        kind = "capture.command"
        yield from flagged(file, typed, name, kind, text, "RC", grade="commanded")


def _storage(file: RecordFile) -> Iterator[Row]:
    typed = file.of(25)
    previous = None
    for run in runs(typed.records["storage_inserted"]):
        if previous is not None:
            text = "storage card inserted" if run.value else "storage card removed"
            record = "Camera.storage_inserted"
            yield at(file, typed, run.first, "capture.storage", text, record, severity="notice")
        previous = run.value


def _link(file: RecordFile) -> Iterator[Row]:
    typed = file.of(49)
    for uplink, name in ((True, "uplink"), (False, "downlink")):
        signal = floats(typed.records["signal_pct"])
        chosen = np.flatnonzero(np.asarray(typed.records["uplink"]) == uplink)
        if not len(chosen):
            continue
        lowest = chosen[int(np.argmin(signal[chosen]))]
        mean = float(signal[chosen].mean())
        text = f"{name}: lowest signal {int(signal[lowest])} %, mean {mean:.0f} %"
        record = "OFDM.signal_pct"
        value = float(signal[lowest])
        yield at(
            file, typed, int(lowest), "link.signal", text, record, value=value, grade="measured"
        )
