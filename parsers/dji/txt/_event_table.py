"""Events: what the aircraft did, the messages of the app, and how things were set up.

Zones and limits stand in ``_zone_limit_and_simulator_events``.
"""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from ..._tables import event_table_from_rows
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from ..._track_values._value_runs import find_runs, find_true_runs
from .. import _shared_fields_and_enum_names as flight_controller
from .._app_messages import event_kind_of_app_message
from .._event_rows import (
    NAT,
    EventRow,
    as_floats,
    in_air_or_on_ground_text,
    instant_or_none,
    known_motor_states,
    make_event_row,
    motor_event_kind_and_text,
)
from ._event_rows import (
    duration_from_first_to_last_record_s,
    event_of_each_run_of_set_flag,
    event_row_at,
    event_row_of_record_run,
)
from ._indexed_record_file import RecordFile, record_name
from ._zone_limit_and_simulator_events import zone_and_limit_events

_FIRMWARE, _COMPONENT, _FLIGHT_HUB, _BUSINESS = 15, 40, 53, 54
_NO_ACCOUNT = "0" * 16


_ADSB_RECORD = 27
#: Record type -> its name, and the rank of what it says.
_MESSAGE_RECORDS = {
    9: ("AppTip", "tip", "info"),
    10: ("AppWarn", "warning", "notice"),
    18: ("VisionWarning", "warning", "notice"),
    24: ("AppSeriousWarn", "warning", "serious"),
}

#: OSD ``ground_or_sky`` from here on: in the air.
_IN_AIR = 2
#: Records (of ten a second) for which a flag may drop and still be one event.
_BRIDGE_RECORDS = 10

_FAULTS = {
    "compass_error": "compass error",
    "barometer_dead": "barometer dead",
    "motor_stall": "motor stalled",
    "not_enough_force": "not enough force",
    "propeller_catapult": "propeller lost",
    "accelerometer_over_range": "accelerometer over range",
}


def build_event_table(file: RecordFile) -> pd.DataFrame:
    """Return the events of a file."""
    sources: Iterator[EventRow] = chain(
        _osd_remote_control_and_camera_events(file),
        zone_and_limit_events(file),
        _app_message_and_air_traffic_events(file),
        _home_failsafe_firmware_and_account_events(file),
    )
    return event_table_from_rows(sources)


def _osd_remote_control_and_camera_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the events that follow from OSD, RC and Camera states."""
    if len(file.records_of_type(1)):
        for source in (
            _motor_and_airborne_events,
            _flight_mode_events,
            _flight_action_events,
            _fault_and_low_battery_events,
        ):
            yield from source(file)
    for source in (
        _record_and_shutter_button_events,
        _storage_card_events,
        _lowest_and_mean_radio_signal_events,
    ):
        yield from source(file)


def _motor_and_airborne_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    osd = typed.records
    previous = None
    for run in find_runs(known_motor_states(osd["motors_on"], osd["height_ato_m"])):
        change = motor_event_kind_and_text(run, previous)
        if change is not None:
            yield event_row_at(file, typed, run.first, *change, "OSD.motors_on")
        previous = run.value
    for run in find_runs(as_floats(osd["ground_or_sky"]) >= _IN_AIR):
        yield event_row_at(
            file, typed, run.first, "airborne.report", in_air_or_on_ground_text(run),
            "OSD.ground_or_sky", value=run.value,
        )  # fmt: skip


def _flight_mode_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    named = typed.records.enum_word_array_of_field("flight_mode")
    for run in find_runs(typed.records["flight_mode"]):
        text = f"flight mode: {named[run.first]}"
        yield event_row_of_record_run(
            file, typed, run, "mode", text, "OSD.flight_mode", value=run.value
        )


def _flight_action_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    named = typed.records.enum_word_array_of_field("flight_action")
    for run in find_true_runs(as_floats(typed.records["flight_action"])):
        # A run of different actions in a row is one event each.
        part = typed.records["flight_action"][run.first : run.last + 1]
        for inner in find_runs(part):
            first, last = run.first + inner.first, run.first + inner.last
            action_run = type(run)(inner.value, first, last)
            action = int(inner.value)
            kind = "geofence.action" if action in flight_controller.ZONE_ACTIONS else "action"
            severity = "warning" if kind != "action" else "notice"
            yield event_row_of_record_run(
                file, typed, action_run, kind, f"{named[first]}", "OSD.flight_action",
                value=inner.value, severity=severity,
            )  # fmt: skip
    for run in find_true_runs(typed.records["rc_out_of_control"]):
        seconds = duration_from_first_to_last_record_s(file, typed, run)
        text = f"controller signal lost for {seconds:.1f} s"
        record = "OSD.rc_out_of_control"
        yield event_row_of_record_run(
            file, typed, run, "link.lost", text, record, severity="warning"
        )


def _fault_and_low_battery_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    for name, text in _FAULTS.items():
        yield from event_of_each_run_of_set_flag(
            file, typed, name, "fault", text, "OSD", _BRIDGE_RECORDS, severity="warning"
        )
    for name, text in (
        ("low_voltage_go_home", "battery low: go home"),
        ("low_voltage_landing", "battery low: landing"),
    ):
        yield from event_of_each_run_of_set_flag(
            file, typed, name, "battery", text, "OSD", _BRIDGE_RECORDS, severity="notice"
        )
    failure = as_floats(typed.records["motor_failure"])
    for run in find_runs(np.nan_to_num(failure)):
        if run.value:
            text = f"motor failure, reason {int(run.value)}"
            record = "OSD.motor_failure"
            yield event_row_of_record_run(
                file, typed, run, "fault", text, record, severity="serious", value=run.value
            )


def _record_and_shutter_button_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(4)
    for name, text in (
        ("record_button", "record button of the controller pressed"),
        ("shutter_button", "shutter button of the controller pressed"),
    ):
        kind = "capture.command"
        yield from event_of_each_run_of_set_flag(
            file, typed, name, kind, text, "RC", grade="commanded"
        )


def _storage_card_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(25)
    previous = None
    for run in find_runs(typed.records["storage_inserted"]):
        if previous is not None:
            text = "storage card inserted" if run.value else "storage card removed"
            record = "Camera.storage_inserted"
            yield event_row_at(
                file, typed, run.first, "capture.storage", text, record, severity="notice"
            )
        previous = run.value


def _lowest_and_mean_radio_signal_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(49)
    for uplink, name in ((True, "uplink"), (False, "downlink")):
        signal = as_floats(typed.records["signal_pct"])
        chosen = np.flatnonzero(np.asarray(typed.records["uplink"]) == uplink)
        if not len(chosen):
            continue
        lowest = chosen[int(np.argmin(signal[chosen]))]
        mean = float(signal[chosen].mean())
        text = f"{name}: lowest signal {int(signal[lowest])} %, mean {mean:.0f} %"
        record = "OFDM.signal_pct"
        value = float(signal[lowest])
        yield event_row_at(
            file, typed, int(lowest), "link.signal", text, record, value=value, grade="measured"
        )


def _app_message_and_air_traffic_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the messages of the app, and the aircraft that ADS-B heard."""
    for kind, (name, event_kind, severity) in _MESSAGE_RECORDS.items():
        rows, listed = file.frame_indices_and_list_records(kind)
        # An app repeats its few messages.
        kinds_of_texts: dict[str, str] = {}
        for number, offset, row in listed.rows():
            ns, text = int(file.times.ns[rows[number]]), row["text"]
            if text not in kinds_of_texts:
                kinds_of_texts[text] = event_kind_of_app_message(text, event_kind)
            yield make_event_row(ns, kinds_of_texts[text], text, name, offset, severity=severity)
    yield from _received_aircraft_events(file)


def _received_aircraft_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield one event for each aircraft heard, from the first message of it to the last."""
    rows, listed = file.frame_indices_and_list_records(_ADSB_RECORD)
    heard: dict[str, EventRow] = {}
    for number, offset, row in listed.rows():
        ns = int(file.times.ns[rows[number]])
        position = f"{row['latitude_deg']:.4f}, {row['longitude_deg']:.4f}"
        if row["icao"] in heard:
            heard[row["icao"]] |= {
                "end": instant_or_none(ns),
                "value": heard[row["icao"]]["value"] + 1,
            }
            continue
        text = f"another aircraft, ICAO {row['icao']}, first near {position}"
        heard[row["icao"]] = make_event_row(
            ns, "traffic", text, "ADSB", offset, end=instant_or_none(ns), value=1.0
        )
    yield from heard.values()


def _home_failsafe_firmware_and_account_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the events that describe the set-up rather than the flight."""
    for source in (
        _home_point_events,
        _failsafe_events,
        _firmware_and_serial_events,
        _account_and_upload_events,
    ):
        yield from source(file)


def _home_point_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(2)
    home = typed.records
    if not len(home):
        return
    fixes = replace_false_positions_with_nan(home["latitude_deg"], home["longitude_deg"])
    latitude, longitude = fixes.latitude_deg, fixes.longitude_deg
    is_set = np.asarray(home["home_set"]) == 1
    # Rounded to about a metre: below that the point has not moved.
    cell = np.where(is_set, np.round(latitude, 5) * 1e6 + np.round(longitude, 5), np.nan)
    for run in find_runs(cell):
        if np.isfinite(run.value):
            text = f"home point {latitude[run.first]:.6f}, {longitude[run.first]:.6f}"
            yield event_row_at(file, typed, run.first, "home", text, "Home.latitude_deg")


def _failsafe_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(19)
    named = typed.records.enum_words_of_field("fail_safe") if len(typed) else []
    for run in find_runs(typed.records["fail_safe"]):
        text = f"on loss of the controller's signal: {named[run.first]}"
        yield event_row_at(
            file, typed, run.first, "param", text, "MCParam.fail_safe", value=run.value
        )


def _firmware_and_serial_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield firmware and serial numbers, each once: the app repeats them every second."""
    for code, kind, record, line in (
        (_FIRMWARE, "firmware", "Firmware", "firmware of the {part} ({sub}): {version}"),
        (_COMPONENT, "component", "ComponentSerial", "serial number of the {part}: {serial}"),
    ):
        rows, listed = file.frame_indices_and_list_records(code)
        seen = set()
        for number, offset, row in listed.rows():
            text = line.format_map(row)
            if text not in seen:
                seen.add(text)
                yield make_event_row(int(file.times.ns[rows[number]]), kind, text, record, offset)


def _account_and_upload_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield what Details and business records say of accounts and uploads: signs, no proof."""
    details = file.details
    at_byte = file.layout.details_offset
    if len(details):
        start = details["start_ms"][0]
        plausible = np.isfinite(start) and 0 < start < 4_102_444_800_000
        time = int(start) * 1_000_000 if plausible else NAT
        upload_mark = details["needs_upload"][0]
        if np.isfinite(upload_mark):
            text = f"the app's upload mark is {int(upload_mark)} (a sign, not proof of an upload)"
            record = "Details.needs_upload"
            yield make_event_row(time, "sync", text, record, at_byte, value=float(upload_mark))
        account = details["account_hash"][0]
        if account and account != _NO_ACCOUNT:
            text = f"logged in to a DJI account; the file keeps part of its hash: {account}"
            yield make_event_row(time, "account", text, "Details.account_hash", at_byte)
        elif account:
            text = "not logged in to a DJI account"
            yield make_event_row(time, "account", text, "Details.account_hash", at_byte)
    for kind, what in ((_FLIGHT_HUB, "FlightHub"), (_BUSINESS, "business services")):
        frames = np.flatnonzero(file.index.record_types == kind)
        if len(frames):
            offset = file.index.frame_offset(frames[0])
            text = f"{len(frames)} records of {what}: the app was set up to use it"
            time = int(file.times.ns[frames[0]])
            yield make_event_row(time, "sync", text, record_name(kind), offset)
