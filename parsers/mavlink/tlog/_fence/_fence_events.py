"""Geofence events of a MAVLink stream: switching, breaches, and the vehicle's reaction."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from ..._shared._event_rows import EventRow
from ..._shared._fence_messages import (
    CEILING,
    CIRCLE,
    DO_FENCE_ENABLE,
    FLOOR,
    POLYGON,
    fence_switch_event_kind,
    severity_of_mode_chosen_by_fence,
)
from ..._shared._record_framing import Flags
from ..._shared._timestamps import NAT
from .._choose_vehicle import (
    VehicleOfStream,
    heartbeat_states_of_vehicle,
    is_returning_or_landing_mode,
    mode_name,
)
from .._event_rows import (
    enum_words_or_number,
    event_row,
    rows_where_value_changes,
    sender_name_of_message,
)
from .._fit_vehicle_clock import TlogClockFit
from .._message_columns import MavlinkMessages, TlogMessages
from .._parameters import FENCE_SENSOR
from .._status_text import BREACH_CLEARED_TEXT, StatusText, status_text_event_kind
from .._vehicle_commands import TlogCommands

#: Flag of HIGH_LATENCY2: the geofence.
HIGH_LATENCY_FENCE_FAILURE = 2048
#: A time since the start in a message that is this near to the message's own.
SAME_BREACH_NS = 10_000_000_000
#: Nanoseconds after a breach within which a change of mode counts as its consequence.
REACTION_NS = 3_000_000_000
#: Modes that an autopilot may choose instead of coming home.
HOLDING_MODES = ("HOLD", "LOITER", "GUIDED", "AUTO.LOITER")
#: FENCE_BREACH -> what was beyond its limit.
BREACH_TYPES = {0: "unknown fence", 1: "minimum altitude", 2: "maximum altitude", 3: "boundary"}
#: Names of PX4's events about fences; an event's number is a hash of its name.
PX4_FENCE_EVENTS: dict[str, tuple[str, str]] = {
    "check_gf_violation_max_hor_dist": (
        "geofence.breach",
        "geofence violation: exceeding maximum distance to home",
    ),
    "check_gf_violation_max_alt": (
        "geofence.breach",
        "geofence violation: exceeding maximum altitude above home",
    ),
    "check_gf_violation_custom_gf": (
        "geofence.breach",
        "geofence violation: approaching or outside geofence",
    ),
    "check_gf_no_home": ("geofence.refused", "geofence needs a valid home"),
    "navigator_geofence_invalid_against_home": (
        "geofence.refused",
        "geofence does not contain home",
    ),
    "navigator_geofence_invalid_against_cur_pos": (
        "geofence.refused",
        "geofence does not contain the position",
    ),
    "navigator_reposition_outside_geofence": ("geofence.refused", "target is outside geofence"),
    "navigator_change_altitude_outside_geofence": (
        "geofence.refused",
        "altitude is outside geofence",
    ),
    "navigator_mis_geofence_violation": ("geofence.refused", "waypoint is outside geofence"),
    "navigator_geofence_imported": ("geofence.config", "geofence imported"),
}

#: The boundary that an event about a breach names -> its bit.
PX4_BOUNDARIES = {
    "exceeding maximum distance to home": float(CIRCLE),
    "exceeding maximum altitude above home": float(CEILING),
    "approaching or outside geofence": float(POLYGON),
}


def fence_events_and_has_breach_messages(
    stream: TlogMessages,
    vehicle: VehicleOfStream,
    timing: TlogClockFit,
    texts: Sequence[StatusText],
    commands: TlogCommands,
    types: int,
) -> tuple[list[EventRow], bool]:
    """Return the events of fences, and whether messages other than texts report breaches.

    Args:
        types: Bit mask of the boundaries that are in force (``FENCE_TYPE``), 0 if unknown.
    """
    breaches = [
        *_breach_events_from_fence_status(
            vehicle.messages_from_autopilot(stream["FENCE_STATUS"]), timing, types
        ),
        *_px4_fence_events(vehicle.messages_from_any_component(stream["EVENT"])),
    ]
    status = vehicle.messages_from_autopilot(stream["SYS_STATUS"])
    if not any(row["kind"] == "geofence.breach" for row in breaches):
        breaches += _breach_events_from_sys_status(status)
        breaches += _breach_events_from_high_latency(
            vehicle.messages_from_autopilot(stream["HIGH_LATENCY2"])
        )
    is_reported = any(row["kind"] == "geofence.breach" for row in breaches)
    if not is_reported:
        breaches += _breach_events_from_texts(stream["STATUSTEXT"], texts)
    events = [
        *breaches,
        *_fence_switch_events(status),
        *_mode_change_events_after_fence_breach(stream, vehicle, breaches),
        *_fence_command_events(commands),
    ]
    return events, is_reported


def _fence_command_events(commands: TlogCommands) -> Iterator[EventRow]:
    """Yield the commands to switch the fence, with what they were answered."""
    for command in commands.commands_with_ids((DO_FENCE_ENABLE,)):
        kind = fence_switch_event_kind(command.params[0], refused=command.accepted is False)
        yield event_row(
            command.messages,
            command.row,
            kind,
            f"{_fence_command_text(command.params[0])} requested by "
            f"{sender_name_of_message(command.messages, command.row)}: {command.answer_text}",
            label="command",
            severity="warning" if kind == "geofence.disable" else "notice",
            grade=command.evidence_grade,
            value=command.params[0],
        )


def _fence_command_text(param: float) -> str:
    return {0.0: "fence off", 1.0: "fence on", 2.0: "fence floor off"}.get(param, "fence change")


def _breach_events_from_fence_status(
    messages: MavlinkMessages, timing: TlogClockFit, types: int
) -> Iterator[EventRow]:
    """Yield one event for each breach: repeated states are one, and so are repeated clears."""
    if not len(messages):
        return
    beyond: Flags = messages["breach_status"] != 0
    for first, after in runs_of_set_flag(beyond):
        kinds = np.unique(messages["breach_type"][first:after]).tolist()
        what = ", ".join(_breach_text(int(kind)) for kind in kinds if kind or len(kinds) == 1)
        start = int(messages.time[first])
        # breach_time is when the last breach began, in time since start-up; 0: not stated.
        since = float(messages["breach_time"][first])
        breach_utc_us = (
            timing.boot_time_to_utc_us(int(messages.rows[first]), since) if since else None
        )
        if (
            breach_utc_us is not None
            and abs(start - breach_utc_us * 1000) < SAME_BREACH_NS
            and first
        ):
            start = max(breach_utc_us * 1000, int(messages.time[first - 1]))
        open_ = after == len(messages)
        count = int(messages["breach_count"][first])
        yield event_row(
            messages,
            first,
            "geofence.breach",
            f"beyond {what} (breach {count})" + (", still so when the log ends" if open_ else ""),
            label="breach_status",
            severity="serious",
            value=_breached_boundary_bits(kinds, types),
            time=start,
            end=NAT if open_ else int(messages.time[after]),
        )
        mitigation = int(messages["breach_mitigation"][first])
        if mitigation > 1:
            text = f"limited: {enum_words_or_number('FENCE_MITIGATE', mitigation)}"
            yield event_row(
                messages,
                first,
                "geofence.action",
                text,
                label="breach_mitigation",
                severity="warning",
            )


def _breached_boundary_bits(kinds: Sequence[int], types: int) -> float | None:
    """Return the bit mask of boundaries; no message distinguishes circle and polygon."""
    either = CIRCLE | POLYGON
    bits = {1: FLOOR, 2: CEILING, 3: types & either or either}
    mask = 0
    for kind in kinds:
        mask |= bits.get(int(kind), 0)
    return float(mask) or None


def _breach_text(kind: int) -> str:
    return BREACH_TYPES.get(kind) or enum_words_or_number("FENCE_BREACH", kind)


def runs_of_set_flag(on: Flags) -> list[tuple[int, int]]:
    """Return first row and row after the last of each run of rows that are on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _px4_fence_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield PX4's events about fences; repeats of one within ten seconds are one."""
    known = {
        _px4_event_id_from_name(name): kind_and_text
        for name, kind_and_text in PX4_FENCE_EVENTS.items()
    }
    last: dict[int, int] = {}
    for row in np.flatnonzero(np.isin(messages["id"] & 0xFFFFFF, list(known))).tolist():
        number, time = int(messages["id"][row]) & 0xFFFFFF, int(messages.time[row])
        if number in last and abs(time - last[number]) < SAME_BREACH_NS:
            last[number] = time
            continue
        last[number] = time
        kind, text = known[number]
        severity = "serious" if kind == "geofence.breach" else "notice"
        bit = PX4_BOUNDARIES.get(text.removeprefix("geofence violation: "))
        yield event_row(messages, row, kind, text, label="id", severity=severity, value=bit)


def _px4_event_id_from_name(name: str) -> int:
    """Return the number of a PX4 event: 24 bits of FNV-1a of its name."""
    value = 0x811C9DC5
    for byte in name.encode("ascii"):
        value = ((value ^ byte) * 0x1000193) & 0xFFFFFFFF
    return value & 0xFFFFFF


def _breach_events_from_sys_status(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield breaches that only SYS_STATUS reports: fence enabled and not healthy."""
    label = "onboard_control_sensors_health"
    enabled = (messages["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    healthy = (messages[label] & FENCE_SENSOR) > 0
    yield from _breach_event_per_run(
        messages, enabled & ~healthy, label, "fence enabled and not healthy", "inferred"
    )


def _breach_events_from_high_latency(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield breaches that the message of slow links reports."""
    failed = (messages["failure_flags"] & HIGH_LATENCY_FENCE_FAILURE) > 0
    yield from _breach_event_per_run(
        messages, failed, "failure_flags", "fence breached", "reported"
    )


def _breach_event_per_run(
    messages: MavlinkMessages, beyond: Flags, label: str, text: str, grade: str
) -> Iterator[EventRow]:
    """Yield a breach for each run of messages that report one."""
    for first, after in runs_of_set_flag(beyond):
        open_ = after == len(messages)
        yield event_row(
            messages,
            first,
            "geofence.breach",
            text + (", still so when the log ends" if open_ else ""),
            label=label,
            severity="serious",
            grade=grade,
            end=NAT if open_ else int(messages.time[after]),
        )


def _breach_events_from_texts(
    messages: MavlinkMessages, texts: Sequence[StatusText]
) -> Iterator[EventRow]:
    """Yield breaches that only texts report, each up to the text that ends it."""
    over = [text.row for text in texts if BREACH_CLEARED_TEXT.search(text.text)]
    for text in texts:
        if status_text_event_kind(text.text, text.level) != "geofence.breach":
            continue
        index = bisect_right(over, text.row)
        after = over[index] if index < len(over) else None
        yield event_row(
            messages,
            text.row,
            "geofence.breach",
            text.text,
            label="text",
            severity="serious",
            end=NAT if after is None else int(messages.time[after]),
        )


def _fence_switch_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield when the fence was switched on and off, with how it was at first."""
    if not len(messages):
        return
    present = (messages["onboard_control_sensors_present"] & FENCE_SENSOR) > 0
    enabled = (messages["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    for row in rows_where_value_changes(enabled):
        if row == 0 and not present[0]:
            continue
        state = "on" if enabled[row] else "off"
        kind = "geofence.enable" if enabled[row] else "geofence.disable"
        yield event_row(
            messages,
            row,
            kind if row else "geofence.config",
            f"fence {state}" if row else f"fence {state} when the log begins",
            label="onboard_control_sensors_enabled",
            severity="info" if not row else "notice" if enabled[row] else "warning",
            value=float(enabled[row]),
        )


def _mode_change_events_after_fence_breach(
    stream: TlogMessages, vehicle: VehicleOfStream, breaches: Sequence[EventRow]
) -> Iterator[EventRow]:
    """Yield the change of mode that followed a breach."""
    states = heartbeat_states_of_vehicle(stream, vehicle)
    beats = vehicle.messages_from_autopilot(stream["HEARTBEAT"])
    rows = np.array(rows_where_value_changes(states.mode)[1:], np.int64)
    rows = rows[np.argsort(states.time[rows], kind="stable")]
    times = states.time[rows]
    for breach in breaches:
        start = breach["time"]
        if breach["kind"] != "geofence.breach" or start == NAT:
            continue
        first = int(np.searchsorted(times, start - REACTION_NS // 3))
        last = int(np.searchsorted(times, start + REACTION_NS, "right"))
        for row in rows[first : min(last, first + 32)].tolist():
            name = mode_name(vehicle, int(states.mode[row]))
            stays = name in HOLDING_MODES and states.time[row] >= start
            if is_returning_or_landing_mode(name) or stays:
                seconds = max(0.0, float(states.time[row] - start) / 1e9)
                yield event_row(
                    beats,
                    row,
                    "geofence.action",
                    f"{name}, {seconds:.1f} s after the breach",
                    label="custom_mode",
                    severity=severity_of_mode_chosen_by_fence(name),
                    grade="inferred",
                    value=seconds,
                )
                break
