"""Flight events of a ULog: mode, arming, take-off, landing, links, battery, home."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._model import NamedPosition
from ..._track_values._find_airborne_time import WHEN_LOG_BEGINS
from ._px4_enum_names import arming_reason_name, mode_name
from ._topic_series import TopicSeries
from ._ulog_context import UlogContext, event_row, series_event

TableRow = Mapping[str, Any]

_ARMED = 2
#: Home moved by less is the same home, degrees (about a metre).
_HOME_MOVED_DEG = 1e-5

#: Topic, fields -> kind, severity and words of the time in which the field is true.
#: Of the fields of a row, the first that the log has counts.
_FLAG_EVENTS: tuple[tuple[str, tuple[str, ...], str, str, str], ...] = (
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


def flight_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield the events of the state of the aircraft."""
    status = log.series("vehicle_status")
    if status is not None:
        yield from _mode_events(log, status)
        yield from _arming_events(log, status)
    yield from _simulator_events(log, status)
    yield from _airborne_report_events(log)
    for topic, fields, kind, severity, words in _FLAG_EVENTS:
        yield from _events_while_flag_is_set(log, topic, fields, kind, severity, words)
    yield from _battery_events(log)
    yield from _restart_events(log)


def iterate_set_flag_spans_and_whether_ended(
    log: UlogContext, series: TopicSeries, flag: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, int, bool]]:
    """Yield the first row with a flag, the first without it again, and whether there is one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flag, [False]])))
    firsts, afters = edges.reshape(-1, 2).T
    begun = log.keep_limited_number_of_rows(series, firsts, "flags")
    for first, after in zip(begun, afters.tolist(), strict=False):
        ended = after < len(series)
        yield first, after if ended else len(series) - 1, ended


def _events_while_flag_is_set(
    log: UlogContext,
    topic: str,
    fields: tuple[str, ...],
    kind: str,
    severity: str,
    words: str,
) -> Iterator[TableRow]:
    series = log.series(topic)
    field = next((name for name in fields if series is not None and name in series), None)
    if series is None or field is None or (flag := series.flags_of_field(field)) is None:
        return
    for first, last, ended in iterate_set_flag_spans_and_whether_ended(log, series, flag):
        yield event_row(
            log,
            int(series.ticks[first]),
            kind,
            words if ended else f"{words} (to the end of the log)",
            f"{topic}.{field}",
            int(series.offsets[first]),
            severity=severity,
            end=int(series.ticks[last]),
        )


def _mode_events(log: UlogContext, status: TopicSeries) -> Iterator[TableRow]:
    state = status.integers_of_field("nav_state")
    if state is None:
        return
    selected = status.integers_of_field("nav_state_user_intention")
    for row in log.rows_where_field_changes(status, state):
        name = mode_name(int(state[row]), log.firmware_version)
        is_selected = selected is None or selected[row] == state[row]
        at, offset = int(status.ticks[row]), int(status.offsets[row])
        text = f"Mode: {name}"
        if row == 0:
            text += " (at the start of the log)"
        yield event_row(log, at, "mode", text, "vehicle_status.nav_state", offset, value=state[row])
        if selected is not None and not is_selected:
            user = mode_name(int(selected[row]), log.firmware_version)
            yield event_row(
                log,
                at,
                "action",
                f"The aircraft went to {name} by itself; {user} was selected",
                "vehicle_status.nav_state_user_intention",
                offset,
                severity="warning",
                value=state[row],
            )


def armed_record_mask(status: TopicSeries) -> npt.NDArray[np.bool_] | None:
    """Return in which records the aircraft is armed."""
    state = status.integers_of_field("arming_state")
    return None if state is None else state == _ARMED


def _arming_events(log: UlogContext, status: TopicSeries) -> Iterator[TableRow]:
    on = armed_record_mask(status)
    if on is None:
        return
    since = status.integers_of_field("armed_time")
    for row in log.rows_where_field_changes(status, on):
        name = "latest_arming_reason" if on[row] else "latest_disarming_reason"
        reasons = status.integers_of_field(name)
        number = None if reasons is None else int(reasons[row])
        why = (
            f": {arming_reason_name(number, log.firmware_version)}"
            if number is not None and number > 0
            else ""
        )
        at = int(status.ticks[row])
        if on[row] and since is not None and 0 < since[row] <= at:
            at = log.unwrap_boot_time_across_restarts_us(int(since[row]), int(status.offsets[row]))
        text = ("Armed" if on[row] else "Disarmed") + why
        yield event_row(
            log,
            at,
            "arm" if on[row] else "disarm",
            text + (f" {WHEN_LOG_BEGINS}" if row == 0 else ""),
            "vehicle_status.arming_state",
            int(status.offsets[row]),
            value=number,
        )


def _airborne_report_events(log: UlogContext) -> Iterator[TableRow]:
    series = log.series("vehicle_land_detected")
    landed = None if series is None else series.flags_of_field("landed")
    if series is None or landed is None:
        return
    for row in log.rows_where_field_changes(series, landed):
        where = "on the ground" if landed[row] else "in the air"
        yield series_event(
            log,
            series,
            row,
            "airborne.report",
            f"Reports to be {where}" + (f" {WHEN_LOG_BEGINS}" if row == 0 else ""),
            "landed",
            value=float(not landed[row]),
        )


#: What the names of topics with the simulator's true state end in.
_SIMULATOR_TOPIC = "_groundtruth"


def _simulator_events(log: UlogContext, status: TopicSeries | None) -> Iterator[TableRow]:
    """Yield the first sign that the aircraft was simulated; one is enough."""
    simulated = None if status is None else status.flags_of_field("hil_state")
    hardware = log.info_messages.get("ver_hw")
    if status is not None and simulated is not None and simulated.any():
        row = int(np.argmax(simulated))
        yield series_event(
            log,
            status,
            row,
            "simulator",
            "Sensors are simulated (hardware in the loop)",
            "hil_state",
            severity="notice",
        )
        return
    if hardware is not None and "SITL" in str(hardware.value):
        yield event_row(
            log,
            log.first_tick,
            "simulator",
            f"The autopilot is a program: {hardware.value}",
            "INFO ver_hw",
            hardware.offset,
            severity="notice",
        )
        return
    for topic in sorted(log.undamaged_streams_by_topic):
        series = log.series(topic) if topic.endswith(_SIMULATOR_TOPIC) else None
        if series is not None and len(series):
            text = f"Only a simulator knows the true state ({topic})"
            yield series_event(log, series, 0, "simulator", text, "timestamp", severity="notice")
            return


def _battery_events(log: UlogContext) -> Iterator[TableRow]:
    for instance in log.instance_numbers_of_topic("battery_status"):
        series = log.series("battery_status", instance)
        level = None if series is None else series.integers_of_field("warning")
        if series is None or level is None:
            continue
        for row in log.rows_where_field_changes(series, level):
            if level[row] <= 0:
                continue
            word = _BATTERY.get(int(level[row]), f"level {int(level[row])}")
            yield series_event(
                log,
                series,
                row,
                "battery",
                f"Battery {instance}: {word}",
                "warning",
                severity="serious" if level[row] >= 2 else "warning",
                grade="measured",
                value=level[row],
            )


def _restart_events(log: UlogContext) -> Iterator[TableRow]:
    for offset in log.clock_restart_offsets.tolist():
        yield event_row(
            log,
            log.last_record_time_us_before_offset(offset + 1),
            "clock",
            "The log's clock restarted",
            "timestamp",
            offset,
            severity="notice",
            grade="inferred",
        )


def home_events_and_positions(log: UlogContext) -> Iterator[tuple[TableRow, NamedPosition]]:
    """Yield each home point, as an event and as a position."""
    series = log.series("home_position")
    latitude = None if series is None else series.first_present_field_as_floats("lat")
    longitude = None if series is None else series.first_present_field_as_floats("lon")
    if series is None or latitude is None or longitude is None:
        return
    valid = series.flags_of_field("valid_hpos")
    good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good &= (latitude != 0) | (longitude != 0)
    good &= True if valid is None else valid
    before: tuple[float, float] | None = None
    rows = np.flatnonzero(good)
    moved = np.abs(np.diff(latitude[rows])) + np.abs(np.diff(longitude[rows])) > 0
    rows = rows[np.concatenate([[True], moved])] if len(rows) else rows
    for row in log.keep_limited_number_of_rows(series, rows, "moves"):
        here = float(latitude[row]), float(longitude[row])
        if before and max(abs(here[0] - before[0]), abs(here[1] - before[1])) < _HOME_MOVED_DEG:
            continue
        text = "Home was set" if before is None else "Home moved"
        before = here
        at, offset = int(series.ticks[row]), int(series.offsets[row])
        event = event_row(log, at, "home", text, "home_position.lat", offset)
        yield (
            event,
            NamedPosition("home", log.timestamp(at), *here, None, "home_position", offset),
        )
