"""Geofences: what is in force, switched on or off, breached, and what followed."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from .._shared._fence import CEILING, CIRCLE, FLOOR, POLYGON, action_severity, switch_kind
from .._shared._framing import Flags
from ._clock import Timing, Vehicle
from ._commands import Commands
from ._event import NAT, Event, changes, event, sender_of, word
from ._modes import is_returning, mode_name, states
from ._params import FENCE_SENSOR
from ._records import Messages, Stream
from ._text import CLEARED, Text, kind_of

#: Flag of HIGH_LATENCY2: the geofence.
FAILURE = 2048
#: A time since the start that stands in a message and is this near to its own.
NEAR_NS = 10_000_000_000
#: Nanoseconds after a breach within which a change of mode is held to be its consequence.
FOLLOWS_NS = 3_000_000_000
#: Modes that an autopilot may choose instead of coming home.
STAYING = ("HOLD", "LOITER", "GUIDED", "AUTO.LOITER")
DO_FENCE_ENABLE = 207
#: FENCE_BREACH -> what was beyond its limit.
BREACHES = {0: "unknown fence", 1: "minimum altitude", 2: "maximum altitude", 3: "boundary"}
#: Names of PX4's events about fences; an event's number is a hash of its name.
PX4_EVENTS: dict[str, tuple[str, str]] = {
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

#: What those about breaches say was crossed -> its bit.
PX4_BOUNDARIES = {
    "exceeding maximum distance to home": float(CIRCLE),
    "exceeding maximum altitude above home": float(CEILING),
    "approaching or outside geofence": float(POLYGON),
}


def fence_events(
    stream: Stream,
    vehicle: Vehicle,
    timing: Timing,
    said: Sequence[Text],
    commands: Commands,
    types: int,
) -> tuple[list[Event], bool]:
    """Return what is told of fences, and whether other messages than texts tell of breaches.

    Args:
        types: Bit mask of the boundaries that are in force (``FENCE_TYPE``), 0 if unknown.
    """
    breaches = [
        *_breaches(vehicle.sent(stream["FENCE_STATUS"]), timing, types),
        *_px4(vehicle.owns(stream["EVENT"])),
    ]
    status = vehicle.sent(stream["SYS_STATUS"])
    if not any(row["kind"] == "geofence.breach" for row in breaches):
        breaches += _unhealthy(status)
        breaches += _failed(vehicle.sent(stream["HIGH_LATENCY2"]))
    told = any(row["kind"] == "geofence.breach" for row in breaches)
    if not told:
        breaches += _said(stream["STATUSTEXT"], said)
    events = [
        *breaches,
        *_switches(status),
        *_actions(stream, vehicle, breaches),
        *_ordered(commands),
    ]
    return events, told


def _ordered(commands: Commands) -> Iterator[Event]:
    """Yield the commands to switch the fence, with what they were answered."""
    for one in commands.of((DO_FENCE_ENABLE,)):
        kind = switch_kind(one.params[0], refused=one.accepted is False)
        yield event(
            one.found,
            one.row,
            kind,
            f"{_wish(one.params[0])} asked for by {sender_of(one.found, one.row)}: {one.answer}",
            label="command",
            severity="warning" if kind == "geofence.disable" else "notice",
            grade=one.grade,
            value=one.params[0],
        )


def _wish(param: float) -> str:
    return {0.0: "fence off", 1.0: "fence on", 2.0: "fence floor off"}.get(param, "fence change")


def _breaches(found: Messages, timing: Timing, types: int) -> Iterator[Event]:
    """Yield one event for each breach: repeated states are one, and so are repeated clears."""
    if not len(found):
        return
    beyond: Flags = found["breach_status"] != 0
    for first, after in runs(beyond):
        kinds = np.unique(found["breach_type"][first:after]).tolist()
        what = ", ".join(_breach(int(kind)) for kind in kinds if kind or len(kinds) == 1)
        start = int(found.time[first])
        # breach_time is when the last breach began, in time since the start; 0: not told.
        since = float(found["breach_time"][first])
        told = timing.utc_of_boot(int(found.rows[first]), since) if since else None
        if told is not None and abs(start - told * 1000) < NEAR_NS and first:
            start = max(told * 1000, int(found.time[first - 1]))
        open_ = after == len(found)
        count = int(found["breach_count"][first])
        yield event(
            found,
            first,
            "geofence.breach",
            f"beyond {what} (breach {count})" + (", still so when the log ends" if open_ else ""),
            label="breach_status",
            severity="serious",
            value=_mask(kinds, types),
            time=start,
            end=NAT if open_ else int(found.time[after]),
        )
        mitigation = int(found["breach_mitigation"][first])
        if mitigation > 1:
            text = f"limited: {word('FENCE_MITIGATE', mitigation)}"
            yield event(
                found, first, "geofence.action", text, label="breach_mitigation", severity="warning"
            )


def _mask(kinds: Sequence[int], types: int) -> float | None:
    """Return the bit mask of boundaries; a message tells circle from polygon by neither."""
    either = CIRCLE | POLYGON
    bits = {1: FLOOR, 2: CEILING, 3: types & either or either}
    mask = 0
    for kind in kinds:
        mask |= bits.get(int(kind), 0)
    return float(mask) or None


def _breach(kind: int) -> str:
    return BREACHES.get(kind) or word("FENCE_BREACH", kind)


def runs(on: Flags) -> list[tuple[int, int]]:
    """Return first row and row after the last of each run of rows that are on."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _px4(found: Messages) -> Iterator[Event]:
    """Yield PX4's events about fences; repeats of one within ten seconds are one."""
    known = {_event_number(name): told for name, told in PX4_EVENTS.items()}
    last: dict[int, int] = {}
    for row in np.flatnonzero(np.isin(found["id"] & 0xFFFFFF, list(known))).tolist():
        number, time = int(found["id"][row]) & 0xFFFFFF, int(found.time[row])
        if number in last and abs(time - last[number]) < NEAR_NS:
            last[number] = time
            continue
        last[number] = time
        kind, text = known[number]
        severity = "serious" if kind == "geofence.breach" else "notice"
        bit = PX4_BOUNDARIES.get(text.removeprefix("geofence violation: "))
        yield event(found, row, kind, text, label="id", severity=severity, value=bit)


def _event_number(name: str) -> int:
    """Return the number of a PX4 event: 24 bits of FNV-1a of its name."""
    value = 0x811C9DC5
    for byte in name.encode("ascii"):
        value = ((value ^ byte) * 0x1000193) & 0xFFFFFFFF
    return value & 0xFFFFFF


def _unhealthy(found: Messages) -> Iterator[Event]:
    """Yield breaches that only SYS_STATUS tells: fence enabled and not healthy."""
    label = "onboard_control_sensors_health"
    enabled = (found["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    healthy = (found[label] & FENCE_SENSOR) > 0
    yield from _while(found, enabled & ~healthy, label, "fence enabled and not healthy", "inferred")


def _failed(found: Messages) -> Iterator[Event]:
    """Yield breaches that the message of slow links tells."""
    failed = (found["failure_flags"] & FAILURE) > 0
    yield from _while(found, failed, "failure_flags", "fence breached", "reported")


def _while(found: Messages, beyond: Flags, label: str, text: str, grade: str) -> Iterator[Event]:
    """Yield a breach for each run of messages that say so."""
    for first, after in runs(beyond):
        open_ = after == len(found)
        yield event(
            found,
            first,
            "geofence.breach",
            text + (", still so when the log ends" if open_ else ""),
            label=label,
            severity="serious",
            grade=grade,
            end=NAT if open_ else int(found.time[after]),
        )


def _said(found: Messages, said: Sequence[Text]) -> Iterator[Event]:
    """Yield breaches that only texts tell, each to the text that says it is over."""
    over = [one.row for one in said if CLEARED.search(one.text)]
    for one in said:
        if kind_of(one.text, one.level) != "geofence.breach":
            continue
        place = bisect_right(over, one.row)
        after = over[place] if place < len(over) else None
        yield event(
            found,
            one.row,
            "geofence.breach",
            one.text,
            label="text",
            severity="serious",
            end=NAT if after is None else int(found.time[after]),
        )


def _switches(found: Messages) -> Iterator[Event]:
    """Yield when the fence was switched on and off, with how it was at first."""
    if not len(found):
        return
    present = (found["onboard_control_sensors_present"] & FENCE_SENSOR) > 0
    enabled = (found["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    for row in changes(enabled):
        if row == 0 and not present[0]:
            continue
        state = "on" if enabled[row] else "off"
        kind = "geofence.enable" if enabled[row] else "geofence.disable"
        yield event(
            found,
            row,
            kind if row else "geofence.config",
            f"fence {state}" if row else f"fence {state} when the log begins",
            label="onboard_control_sensors_enabled",
            severity="info" if not row else "notice" if enabled[row] else "warning",
            value=float(enabled[row]),
        )


def _actions(stream: Stream, vehicle: Vehicle, breaches: Sequence[Event]) -> Iterator[Event]:
    """Yield the change of mode that followed a breach."""
    found = states(stream, vehicle)
    beats = vehicle.sent(stream["HEARTBEAT"])
    rows = np.array(changes(found.mode)[1:], np.int64)
    rows = rows[np.argsort(found.time[rows], kind="stable")]
    times = found.time[rows]
    for breach in breaches:
        start = breach["time"]
        if breach["kind"] != "geofence.breach" or start == NAT:
            continue
        first = int(np.searchsorted(times, start - FOLLOWS_NS // 3))
        last = int(np.searchsorted(times, start + FOLLOWS_NS, "right"))
        for row in rows[first : min(last, first + 32)].tolist():
            name = mode_name(vehicle, int(found.mode[row]))
            stays = name in STAYING and found.time[row] >= start
            if is_returning(name) or stays:
                seconds = max(0.0, float(found.time[row] - start) / 1e9)
                yield event(
                    beats,
                    row,
                    "geofence.action",
                    f"{name}, {seconds:.1f} s after the breach",
                    label="custom_mode",
                    severity=action_severity(name),
                    grade="inferred",
                    value=seconds,
                )
                break
