"""Flight events of a DataFlash log: modes, arming, take-off, faults and text messages."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

import numpy as np

from .._shared._ardupilot_names import (
    ARMING_METHOD_FENCE_BREACH,
    BOARD_MESSAGE,
    ERROR_OUTSIDE_FENCE,
    ERROR_SUBSYSTEMS,
    EVENT_ARMED,
    EVENT_DISARMED,
    EVENT_TAKEOFF_BEGUN,
    LOG_EVENTS,
    SUBSYSTEM_FENCE,
    SUBSYSTEM_NAVIGATION,
    arming_method_name,
    mode_name,
    mode_reason_name,
)
from .._shared._event_rows import EventRow, make_event_row
from .._shared._fence import fence_text_kind
from ._dataflash_context import DataflashContext
from ._messages import DataflashMessages, integer_or_minus_one

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


def flight_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield every event that is not about fences, cameras or links."""
    yield from chain(_mode_events(log), _arming_events(log), _ev_message_events(log))
    yield from chain(_takeoff_landing_events(log), _error_events(log), _text_events(log))
    yield from chain(_dropped_message_events(log), _air_traffic_events(log))
    yield from chain(_restart_events(log), _simulator_events(log))


def _mode_events(log: DataflashContext) -> Iterator[EventRow]:
    messages = log.modes.messages
    if messages is None:
        return
    reasons = messages.numbers("Rsn").tolist()
    rows = zip(log.modes.rows, log.modes.names, log.modes.numbers, strict=True)
    for row, name, number in rows:
        why = (
            f" ({mode_reason_name(integer_or_minus_one(reasons[row]))})"
            if reasons[row] == reasons[row]
            else ""
        )
        yield log.event_row(messages, row, "mode", f"{name}{why}", record="Mode", value=number)


def _arming_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield arming and disarming; ARM states how, EV only that."""
    messages = log.messages_named("ARM")
    states = messages.numbers("ArmState").tolist()
    forced, methods = messages.numbers("Forced").tolist(), messages.numbers("Method").tolist()
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
    ids = events.numbers("Id")
    utc = log.utc_ns(messages) if len(messages) else np.empty(0, np.int64)
    for number, kind in ((EVENT_ARMED, "arm"), (EVENT_DISARMED, "disarm")):
        known = np.sort(utc[(np.array(states) != 0) == (kind == "arm")])
        for row in np.flatnonzero(ids == number).tolist():
            if not log.is_near_instants(events, row, known, SAME_ARMING_S):
                yield log.event_row(
                    events, row, kind, f"{kind}ed", record="Id", value=float(number)
                )


def _ev_message_events(log: DataflashContext) -> Iterator[EventRow]:
    messages = log.messages_named("EV")
    ids = messages.numbers("Id")
    known = dict(LOG_EVENTS)
    if not (ids == 28).any():
        # Firmware 3.1 and older reports only that the take-off began.
        known[EVENT_TAKEOFF_BEGUN] = ("takeoff", "took off")
    for row in np.flatnonzero(np.isin(ids, list(known))).tolist():
        kind, text = known[int(ids[row])]
        yield log.event_row(
            messages,
            row,
            kind,
            text,
            record="Id",
            severity=_event_severity(kind),
            value=float(ids[row]),
        )


def _takeoff_landing_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield take-off and landing of vehicles that state them by no event."""
    if np.isin(log.messages_named("EV").numbers("Id"), (18, 28)).any():
        return
    messages = log.messages_named("STAT")
    if messages.first_label("MainState"):
        yield from _px4_state_events(log)
    if messages.first_label("isFlying") is None:
        return
    flying = messages.numbers("isFlying")
    for row in (np.flatnonzero(np.diff(flying) != 0) + 1).tolist():
        kind, text = ("takeoff", "flying") if flying[row] else ("landing", "no longer flying")
        yield log.event_row(messages, row, kind, text, record="isFlying")


def _px4_state_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield arming and flying as PX4's first logger states them."""
    messages = log.messages_named("STAT")
    armed, landed = messages.numbers("ArmS") == PX4_ARMED, messages.numbers("Landed") != 0
    if len(messages) and armed[0]:
        yield log.event_row(messages, 0, "arm", "armed when the log begins", record="ArmS")
    for states, record, kinds in (
        (armed, "ArmS", (("disarm", "disarmed"), ("arm", "armed"))),
        (landed, "Landed", (("takeoff", "left the ground"), ("landing", "landed"))),
    ):
        for row in (np.flatnonzero(states[1:] != states[:-1]) + 1).tolist():
            kind, text = kinds[int(states[row])]
            yield log.event_row(messages, row, kind, text, record=record)


def _error_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield faults, each with the report that it is over."""
    messages = log.messages_named("ERR")
    systems = messages.numbers("Subsys")
    for number in np.unique(systems[systems == systems]).tolist():
        if number != SUBSYSTEM_FENCE:
            for rows in log.rows_by_power_on(messages, systems == number):
                yield from _subsystem_error_events(log, messages, number, rows)


def _subsystem_error_events(
    log: DataflashContext, messages: DataflashMessages, number: float, rows: list[int]
) -> Iterator[EventRow]:
    """Yield the faults of one subsystem from one power-on to the next."""
    kind, name = ERROR_SUBSYSTEMS.get(
        integer_or_minus_one(number), ("fault", f"subsystem {number:g}")
    )
    codes = messages.numbers("ECode")[rows].tolist()
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

#: What else a message may be about.
_TEXT_KINDS = (
    (re.compile(r"odid|opendroneid", re.I), "remote_id"),
    (re.compile(r"\beras\w*\b.*\blogs?\b|\blogs?\b.*\beras", re.I), "log.transfer"),
    (
        re.compile(r"^(Ardu|APM:|Rover|Sub |Blimp|AntennaTracker|ChibiOS|NuttX|PX4:)\S* *\S*\d"),
        "firmware",
    ),
    (BOARD_MESSAGE, "component"),
)


def _text_events(log: DataflashContext) -> Iterator[EventRow]:
    messages = log.messages_named("MSG")
    for row, text in log.text_messages:
        if fence_text_kind(text) is not None or not text.strip():
            continue
        warns = _WARNING_TEXT.search(text) is not None
        kinds = (kind for pattern, kind in _TEXT_KINDS if pattern.search(text))
        kind = next(kinds, "warning" if warns else "tip")
        severity = "warning" if warns else "info"
        yield log.event_row(messages, row, kind, text, record="Message", severity=severity)


def _dropped_message_events(log: DataflashContext) -> Iterator[EventRow]:
    """Yield how many messages could not be written."""
    messages = log.messages_named("DSF")
    dropped = messages.numbers("Dp")
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


def _air_traffic_events(log: DataflashContext) -> Iterator[EventRow]:
    messages = log.messages_named("ADSB")
    if len(messages) == 0:
        return
    addresses = messages.numbers("ICAO_address")
    _, firsts = np.unique(addresses, return_index=True)
    for row in np.sort(firsts).tolist():
        text = f"aircraft {integer_or_minus_one(addresses[row]):06X} received"
        yield log.event_row(messages, row, "traffic", text, record="ICAO_address")


def _restart_events(log: DataflashContext) -> Iterator[EventRow]:
    for power_on in log.clock.power_on_periods[1:]:
        at = log.clock.utc_of_boot(np.array([power_on.offset]), np.array([0.0]))
        yield make_event_row(
            "clock",
            "the autopilot's clock restarted",
            time=int(at[0]),
            record="TimeUS",
            source_offset=power_on.offset,
            details={"severity": "notice", "grade": "inferred"},
        )


def _simulator_events(log: DataflashContext) -> Iterator[EventRow]:
    version, texts = log.messages_named("VER"), log.messages_named("MSG")
    for row in np.flatnonzero(version.numbers("BT") == BOARD_SITL)[:1].tolist():
        yield log.event_row(version, row, "simulator", "written by a simulator", record="BT")
        return
    for row, text in log.text_messages:
        if re.search(r"\bSITL\b|^SIM ", text):
            yield log.event_row(texts, row, "simulator", text, record="Message", grade="inferred")
            return
