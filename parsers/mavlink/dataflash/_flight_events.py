"""Flight events of a DataFlash log: modes, arming, take-off, faults and text messages."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from ..._model import ReceivedAdsbAircraft
from ..._track_values._find_airborne_time import WHEN_LOG_BEGINS
from ..._track_values._value_runs import find_runs, sorted_distinct_integers
from .._shared._ardupilot_names import (
    ARMING_METHOD_FENCE_BREACH,
    BOARD_MESSAGE,
    ERROR_OUTSIDE_FENCE,
    ERROR_SUBSYSTEMS,
    EVENT_ARMED,
    EVENT_DISARMED,
    EVENT_LANDED,
    EVENT_TAKEOFF_BEGUN,
    EVENT_TOOK_OFF,
    LOG_EVENTS,
    SUBSYSTEM_FENCE,
    SUBSYSTEM_NAVIGATION,
    arming_method_name,
    mode_name,
    mode_reason_name,
)
from .._shared._event_rows import EventRow, make_event_row
from .._shared._fence_messages import fence_text_event_kind
from .._shared._received_adsb_aircraft import aircraft_received_by_adsb
from .._shared._timestamps import NAT
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes
from ._message_columns import DataflashMessages, integer_or_minus_one

#: Subsystem whose code is a mode.
FLIGHT_MODE = 10
#: Two statements of one arming are this close, seconds.
SAME_ARMING_S = 1.0
#: Board type of the simulator, in `VER.BT`.
BOARD_SITL = 3
#: State of arming of PX4's first logger.
PX4_ARMED = 2

#: Kinds of event that warn.
_WARNING_KINDS = frozenset(
    {"fault", "failsafe", "link.lost", "battery", "warning", "geofence.disable"}
)


def _event_severity(kind: str) -> str:
    return "warning" if kind in _WARNING_KINDS else "info"


def flight_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield every event that is not about fences, cameras or links."""
    yield from chain(_mode_events(log), _arming_events(log), _ev_message_events(log))
    yield from _motor_stop_events_by_throttle(log)
    yield from chain(_takeoff_landing_events_from_stat(log), _error_events(log), _text_events(log))
    yield from chain(_dropped_message_events(log), _air_traffic_events(log))
    yield from chain(
        _restart_events(log), _first_sign_of_simulator_event(log), _logging_pause_events(log)
    )


def _mode_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.modes.messages
    if messages is None:
        return
    reasons = messages.numbers_of_field("Rsn").tolist()
    rows = zip(log.modes.rows, log.modes.names, log.modes.numbers, strict=True)
    for row, name, number in rows:
        why = (
            f" ({mode_reason_name(integer_or_minus_one(reasons[row]))})"
            if reasons[row] == reasons[row]
            else ""
        )
        yield log.event_row(messages, row, "mode", f"{name}{why}", record="Mode", value=number)


def _arming_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield arming and disarming; ARM states how, EV only that."""
    messages = log.messages_named("ARM")
    states = messages.numbers_of_field("ArmState").tolist()
    forced, methods = (
        messages.numbers_of_field("Forced").tolist(),
        messages.numbers_of_field("Method").tolist(),
    )
    for row, state in enumerate(states):
        by = (
            f" ({arming_method_name(integer_or_minus_one(methods[row]))})"
            if methods[row] == methods[row]
            else ""
        )
        text = f"{'armed' if state else 'disarmed'}{by}{', forced' if forced[row] > 0 else ''}"
        yield log.event_row(messages, row, "arm" if state else "disarm", text, record="ArmState")
        if not state and methods[row] == ARMING_METHOD_FENCE_BREACH:
            yield log.event_row(
                messages,
                row,
                "geofence.action",
                "disarmed because of a breached fence",
                record="Method",
                severity="serious",
            )
    events = log.messages_named("EV")
    ids = events.numbers_of_field("Id")
    utc = log.utc_ns_of_messages(messages) if len(messages) else np.empty(0, np.int64)
    for number, kind in ((EVENT_ARMED, "arm"), (EVENT_DISARMED, "disarm")):
        known = np.sort(utc[(np.array(states) != 0) == (kind == "arm")])
        for row in np.flatnonzero(ids == number).tolist():
            if not log.is_message_near_any_utc_ns(events, row, known, SAME_ARMING_S):
                yield log.event_row(
                    events, row, kind, f"{kind}ed", record="Id", value=float(number)
                )


def _motor_stop_events_by_throttle(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield that the motors stopped, where the throttle went to 0 for the rest of the log.

    Before firmware 3.1, which lets armed motors turn slowly, throttle 0 stopped them.
    """
    messages = log.messages_named("CTUN")
    throttle = messages.numbers_of_field("ThrOut")
    up = np.flatnonzero(throttle > 0)
    if (
        "MOT_SPIN_ARMED" in log.last_parameter_statements
        or not len(up)
        or up[-1] + 1 >= len(messages)
    ):
        return
    row = int(up[-1]) + 1
    events = log.messages_named("EV")
    disarmed = (
        events.offsets[events.numbers_of_field("Id") == EVENT_DISARMED] if len(events) else ()
    )
    if not any(int(offset) > messages.offsets[up[-1]] for offset in disarmed):
        yield log.event_row(
            messages,
            row,
            "disarm",
            "motors stopped: the throttle is 0 to the end of the log",
            record="ThrOut",
            value=0.0,
            grade="inferred",
        )


def _ev_message_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("EV")
    ids = messages.numbers_of_field("Id")
    known = dict(LOG_EVENTS)
    if not (ids == EVENT_TOOK_OFF).any():
        # Firmware 3.1 and older reports only that the take-off began.
        known[EVENT_TAKEOFF_BEGUN] = ("airborne.report", "reports to begin the take-off")
    for row in np.flatnonzero(np.isin(ids, list(known))).tolist():
        kind, text = known[int(ids[row])]
        yield log.event_row(
            messages,
            row,
            kind,
            text,
            record="Id",
            severity=_event_severity(kind),
            value=float(ids[row] != EVENT_LANDED) if kind == "airborne.report" else float(ids[row]),
        )


def _takeoff_landing_events_from_stat(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield take-off and landing of vehicles that state them by no event."""
    if np.isin(
        log.messages_named("EV").numbers_of_field("Id"), (EVENT_LANDED, EVENT_TOOK_OFF)
    ).any():
        return
    messages = log.messages_named("STAT")
    if messages.first_present_label("MainState"):
        yield from _px4_state_events(log)
    if messages.first_present_label("isFlying") is None:
        return
    flying = messages.numbers_of_field("isFlying")
    yield from _airborne_report_events(log, messages, flying != 0, "isFlying")


def _px4_state_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield arming and flying as PX4's first logger states them."""
    messages = log.messages_named("STAT")
    armed, landed = (
        messages.numbers_of_field("ArmS") == PX4_ARMED,
        messages.numbers_of_field("Landed") != 0,
    )
    if len(messages):
        kind = "arm" if armed[0] else "disarm"
        yield log.event_row(messages, 0, kind, f"{kind}ed {WHEN_LOG_BEGINS}", record="ArmS")
    for row in (np.flatnonzero(armed[1:] != armed[:-1]) + 1).tolist():
        kind = "arm" if armed[row] else "disarm"
        yield log.event_row(messages, row, kind, f"{kind}ed", record="ArmS")
    yield from _airborne_report_events(log, messages, ~landed, "Landed")


def _airborne_report_events(
    log: DataflashMessagesClockAndModes,
    messages: DataflashMessages,
    flying: npt.NDArray[np.bool_],
    record: str,
) -> Iterator[EventRow]:
    """Yield the first report of being in the air or on the ground, and each change."""
    for run in find_runs(flying):
        where = "in the air" if run.value > 0 else "on the ground"
        yield log.event_row(
            messages,
            run.first,
            "airborne.report",
            f"reports to be {where}" + (f" {WHEN_LOG_BEGINS}" if run.first == 0 else ""),
            record=record,
            value=run.value,
        )


def _error_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield faults, each with the report that it is over."""
    messages = log.messages_named("ERR")
    systems = messages.numbers_of_field("Subsys")
    for number in np.unique(systems[systems == systems]).tolist():
        if number != SUBSYSTEM_FENCE:
            for rows in log.rows_by_power_on(messages, systems == number):
                yield from _subsystem_error_events(log, messages, number, rows)


def _subsystem_error_events(
    log: DataflashMessagesClockAndModes, messages: DataflashMessages, number: float, rows: list[int]
) -> Iterator[EventRow]:
    """Yield the faults of one subsystem from one power-on to the next."""
    kind, name = ERROR_SUBSYSTEMS.get(
        integer_or_minus_one(number), ("fault", f"subsystem {number:g}")
    )
    codes = messages.numbers_of_field("ECode")[rows].tolist()
    overs = [index for index, code in enumerate(codes) if code == 0]
    for index, (row, code) in enumerate(zip(rows, codes, strict=True)):
        if code == 0 or (number == SUBSYSTEM_NAVIGATION and code == ERROR_OUTSIDE_FENCE):
            continue
        if index and codes[index - 1] == code and number != FLIGHT_MODE:
            continue
        after = bisect_right(overs, index)
        end = rows[overs[after]] if after < len(overs) else None
        what = f", code {code:g}"
        if number == FLIGHT_MODE:
            what, end = f": {mode_name(log.vehicle, integer_or_minus_one(code))}", None
        yield log.event_row(
            messages,
            row,
            kind,
            name + what,
            record="ECode",
            severity=_event_severity(kind),
            value=code,
            end=end,
        )


_WARNING_TEXT = re.compile(
    r"prearm|^arm:|fail|error|bad |lost|crash|glitch|inconsisten|unhealthy|emergency", re.I
)

#: What firmware states in a message alone (ArduPlane's crashes), or beside an ``ERR``.
_FAULT_TEXT = re.compile(r"\bcrash(ed)?\b|potential thrust loss|yaw imbalance", re.I)
_FAIL_SAFE_TEXT = re.compile(
    r"\b(throttle|radio|rc|gcs|batt(ery)?|ekf|long|short)\b.{0,20}fail-?safe"
    r"(?!.*\b(off|ok|cleared|disabled|recovered)\b)",
    re.I,
)
#: What else a message may be about.
_TEXT_KINDS = (
    (re.compile(r"odid|opendroneid", re.I), "remote_id"),
    (
        re.compile(r"\beras\w{0,20}\b.{0,200}\blogs?\b|\blogs?\b.{0,200}\beras", re.I),
        "log.transfer",
    ),
    (
        re.compile(
            r"^(Ardu|APM:|Rover|Sub |Blimp|AntennaTracker|ChibiOS|NuttX|PX4:)"
            r"\S{0,60} {0,4}\S{0,60}\d"
        ),
        "firmware",
    ),
    (BOARD_MESSAGE, "component"),
)


def _text_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("MSG")
    text_kinds: tuple[tuple[re.Pattern[str], str], ...] = (*_TEXT_KINDS, (_FAULT_TEXT, "fault"))
    if not len(log.messages_named("ERR")):
        # Elsewhere `ERR` states each fail-safe, with its end.
        text_kinds = (*text_kinds, (_FAIL_SAFE_TEXT, "failsafe"))
    for row, text in log.pilot_message_rows_and_texts:
        if fence_text_event_kind(text) is not None or not text.strip():
            continue
        kinds = (kind for pattern, kind in text_kinds if pattern.search(text))
        stated = next(kinds, None)
        warns = stated in _WARNING_KINDS or _WARNING_TEXT.search(text) is not None
        kind = stated or ("warning" if warns else "tip")
        severity = "warning" if warns else "info"
        yield log.event_row(messages, row, kind, text, record="Message", severity=severity)


def _dropped_message_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield how many messages could not be written."""
    messages = log.messages_named("DSF")
    dropped = messages.numbers_of_field("Dp")
    # A counter that goes back was reset by a restart.
    for row in np.flatnonzero(np.diff(dropped, prepend=0) > 0).tolist():
        yield log.event_row(
            messages,
            row,
            "fault",
            f"{dropped[row]:g} messages could not be written to the log so far",
            record="Dp",
            severity="notice",
            grade="measured",
            value=float(dropped[row]),
        )


def received_adsb_aircraft(log: DataflashMessagesClockAndModes) -> tuple[ReceivedAdsbAircraft, ...]:
    """Return the aircraft that were received by ADS-B, each with its path."""
    messages = log.messages_named("ADSB")
    if len(messages) == 0:
        return ()
    positions = (
        messages.numbers_of_field("Lat") / 1e7,
        messages.numbers_of_field("Lng") / 1e7,
        messages.numbers_of_field("Alt") / 1e3,
    )
    addresses = np.nan_to_num(messages.numbers_of_field("ICAO_address")).astype(np.int64)
    return aircraft_received_by_adsb(
        addresses, log.utc_ns_of_messages(messages), positions, messages.offsets, "ADSB"
    )


def _air_traffic_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("ADSB")
    if len(messages) == 0:
        return
    addresses = messages.numbers_of_field("ICAO_address")
    _, firsts = np.unique(addresses, return_index=True)
    for row in np.sort(firsts).tolist():
        text = f"aircraft {integer_or_minus_one(addresses[row]):06X} received"
        yield log.event_row(messages, row, "traffic", text, record="ICAO_address")


def _restart_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    for power_on in log.clock.power_on_periods[1:]:
        at = log.clock.boot_times_to_utc_ns(np.array([power_on.offset]), np.array([0.0]))
        yield make_event_row(
            "clock",
            "the autopilot's clock restarted",
            time=int(at[0]),
            record="TimeUS",
            source_offset=power_on.offset,
            details={"severity": "notice", "grade": "inferred"},
        )


#: Records of the simulator's own state, and a parameter that only a simulated vehicle has.
_SIMULATOR_RECORDS = ("SIM", "SIM2")
_SIMULATOR_PARAMETER = re.compile(r"SIM_(SPEEDUP|RATE_HZ|OPOS_LAT|DRIFT_SPEED)$")


def _first_sign_of_simulator_event(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield the first sign that the vehicle was simulated; one is enough."""
    version, texts = log.messages_named("VER"), log.messages_named("MSG")
    for row in np.flatnonzero(version.numbers_of_field("BT") == BOARD_SITL)[:1].tolist():
        yield log.event_row(version, row, "simulator", "written by a simulator", record="BT")
        return
    for name in _SIMULATOR_RECORDS:
        messages = log.messages_named(name)
        if len(messages):
            text = f"only a simulator writes {name} records"
            yield log.event_row(messages, 0, "simulator", text, record="TimeUS")
            return
    parameters = log.messages_named("PARM")
    for parameter in log.parameter_statements_without_repetitions:
        if _SIMULATOR_PARAMETER.match(parameter.name):
            text = f"only a simulated vehicle has the parameter {parameter.name}"
            yield log.event_row(parameters, parameter.row, "simulator", text, record="Name")
            return
    for row, text in log.pilot_message_rows_and_texts:
        if re.search(r"\bSITL\b|^SIM ", text):
            yield log.event_row(texts, row, "simulator", text, record="Message", grade="inferred")
            return


#: Records that are written all the time, several times a second.
_STEADY_RECORDS = ("ATT", "IMU", "POS", "GPS")
#: A silence of all of them that is a pause, nanoseconds.
_PAUSE_NS = 5 * 10**9
#: How long the logger goes on after disarming (15 s, ``AP_Logger.h``), and how far the events of
#: arming lie from the records beside them, nanoseconds.
_PERSISTS_NS, _BESIDE_NS = 20 * 10**9, 2 * 10**9


def _logging_pause_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield where the logger wrote nothing while disarmed, as ``LOG_DISARMED`` 0 tells it to."""
    setting = log.last_parameter_statements.get("LOG_DISARMED")
    if setting is not None and setting.value != 0:
        return
    steady = [log.utc_ns_of_messages(messages) for name in _STEADY_RECORDS
              if len(messages := log.messages_named(name))]  # fmt: skip
    times = sorted_distinct_integers(np.concatenate([np.empty(0, np.int64), *steady]))
    times = times[times != NAT]
    arming = [row for row in _arming_events(log) if row["kind"] in ("arm", "disarm")]
    arming = sorted((row for row in arming if row["time"] != NAT), key=lambda row: int(row["time"]))
    instants = [int(row["time"]) for row in arming]
    for index in np.flatnonzero(np.diff(times) > _PAUSE_NS).tolist():
        start, end = int(times[index]), int(times[index + 1])
        before = bisect_right(instants, start + _BESIDE_NS) - 1
        after = before + 1
        if before < 0 or after >= len(arming):
            continue
        is_disarmed = arming[before]["kind"] == "disarm" and arming[after]["kind"] == "arm"
        near = start - instants[before] <= _PERSISTS_NS and instants[after] - end <= _BESIDE_NS
        if is_disarmed and near:
            stated = "" if setting is None else ", as LOG_DISARMED = 0 tells it to"
            yield make_event_row(
                "log.pause",
                f"the logger wrote nothing while disarmed{stated}",
                time=start,
                end=end,
                record=arming[before]["record"],
                source_offset=arming[before]["source_offset"],
                details={
                    "severity": "info",
                    "grade": "inferred" if setting is None else "reported",
                    "value": (end - start) / 1e9,
                },
            )
