"""The geofence in a DataFlash log: settings, breaches, and the aircraft's reaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..._model import Geofence
from .._shared._ardupilot_names import (
    ERROR_OUTSIDE_FENCE,
    MODE_REASON_FENCE_BREACH,
    SUBSYSTEM_FENCE,
    SUBSYSTEM_NAVIGATION,
)
from .._shared._event_rows import EventRow
from .._shared._fence_messages import (
    COPTER_FENCE_ACTIONS,
    DO_FENCE_ENABLE,
    POLYFENCE_ITEMS,
    POLYGON,
    breached_boundaries_text,
    fence_circle_text,
    fence_polygon_text,
    fence_switch_event_kind,
    fence_text_event_kind,
    harmless_fence_text_event_kind_and_severity,
    iterate_breach_row_spans,
    severity_of_mode_chosen_by_fence,
    wkt_point_text_with_fence_use_prefix,
)
from .._shared._fences_from_parameters import (
    TimedFenceParameterValue,
    build_fence_switch_setting,
    fences_from_settings,
    split_drawn_fences_by_switching,
)
from .._shared._timestamps import NAT, timestamp_or_none
from ._camera_commands_of_log import refused_command_mask
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes
from ._message_columns import DataflashMessages, integer_or_minus_one

#: Events by which the fence was switched on or off.
EVENT_FENCE_ON, EVENT_FENCE_OFF = 41, 42
#: A text this close to a reported breach is about that breach, seconds.
SAME_BREACH_S = 2.0
#: A mode that changes this soon after a breach does so because of it, seconds.
REACTION_S = 1.0


_SEVERITIES = {
    "geofence.breach": "serious",
    "geofence.refused": "warning",
    "geofence.warning": "notice",
    "geofence.disable": "warning",
    "geofence.enable": "notice",
    "geofence.config": "info",
}


def fence_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield every event about a fence."""
    yield from chain(_fence_setting_events(log), _fence_shape_events(log), _breach_events(log))
    yield from chain(
        _target_outside_fence_events(log), _fence_action_events(log), _fence_command_events(log)
    )
    yield from _fence_text_events(log)


def _fence_setting_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("PARM")
    for parameter in log.parameter_statements_without_repetitions:
        if not parameter.name.startswith("FENCE_"):
            continue
        record = f"Value ({parameter.name})"
        meaning = _fence_setting_meaning(log, parameter.name, parameter.value)
        changed = "" if parameter.before is None else f" (was {parameter.before:g})"
        yield log.event_row(
            messages,
            parameter.row,
            "geofence.config",
            f"{parameter.name} = {parameter.value:g}{changed}{meaning}",
            record=record,
            value=parameter.value,
        )
        if parameter.name == "FENCE_ENABLE" and parameter.before is not None:
            kind = "geofence.enable" if parameter.value else "geofence.disable"
            yield log.event_row(
                messages,
                parameter.row,
                kind,
                "fence enabled by parameter" if parameter.value else "fence disabled by parameter",
                record=record,
                severity=_SEVERITIES[kind],
                value=parameter.value,
            )


def _fence_setting_meaning(log: DataflashMessagesClockAndModes, name: str, value: float) -> str:
    if value != value or value < 0:
        return ""
    if name == "FENCE_TYPE":
        return f": {breached_boundaries_text(integer_or_minus_one(value))}"
    if name == "FENCE_ACTION" and log.vehicle == "Copter" and value < len(COPTER_FENCE_ACTIONS):
        return f": {COPTER_FENCE_ACTIONS[integer_or_minus_one(value)]}"
    return ""


def fences_of_log(log: DataflashMessagesClockAndModes) -> tuple[Geofence, ...]:
    """Return the fences of the log, as shapes."""
    settings = _fence_settings(log)
    return (
        *fences_from_settings(settings),
        *split_drawn_fences_by_switching(_listed_fences(log), settings, POLYGON),
    )


def _fence_settings(log: DataflashMessagesClockAndModes) -> list[TimedFenceParameterValue]:
    """Return what was set of fences, and when they were switched, in order."""
    settings: list[tuple[float, TimedFenceParameterValue]] = []
    messages = log.messages_named("PARM")
    utc = log.utc_ns_of_messages(messages).tolist() if len(messages) else []
    for parameter in log.parameter_statements_without_repetitions:
        if parameter.name.startswith("FENCE_"):
            record, offset = f"PARM.Value ({parameter.name})", int(messages.offsets[parameter.row])
            set_ = TimedFenceParameterValue(
                parameter.name, parameter.value, utc[parameter.row], record, offset
            )
            settings.append((float(log.write_order_numbers(messages)[parameter.row]), set_))
    events = log.messages_named("EV")
    ids = events.numbers_of_field("Id")
    for row in np.flatnonzero(np.isin(ids, (EVENT_FENCE_ON, EVENT_FENCE_OFF))).tolist():
        on, at = bool(ids[row] == EVENT_FENCE_ON), int(log.utc_ns_of_messages(events)[row])
        position = float(log.write_order_numbers(events)[row])
        settings.append(
            (position, build_fence_switch_setting(on, at, "EV.Id", int(events.offsets[row])))
        )
    return [
        parameter
        for _, parameter in sorted(settings, key=lambda each: (each[0], each[1].source_offset))
    ]


@dataclass(frozen=True, slots=True)
class _ListedFenceShape:
    """One shape of a listing of the fence."""

    row: int
    use: str
    points: tuple[tuple[float, float], ...]
    shape: str
    #: NaN of what is no circle.
    radius_m: float

    @property
    def text(self) -> str:
        """The shape in words."""
        if self.shape == "polygon":
            return fence_polygon_text(self.use, self.points)
        if self.shape == "circle":
            return fence_circle_text(self.use, *self.points[0], self.radius_m)
        return wkt_point_text_with_fence_use_prefix(self.use, *self.points[0])


def _listed_fences(log: DataflashMessagesClockAndModes) -> Iterator[Geofence]:
    """Yield each shape of each listing that differs from the one before it."""
    messages = log.messages_named("FNCE")
    listings = list(_changed_fence_listings(messages))
    for number, listing in enumerate(listings):
        start = (
            timestamp_or_none(int(log.utc_ns_of_messages(messages)[listing[0].row]))
            if number
            else None
        )
        later = listings[number + 1 :]
        end = (
            timestamp_or_none(int(log.utc_ns_of_messages(messages)[later[0][0].row]))
            if later
            else None
        )
        for each in listing:
            if each.shape in ("polygon", "circle"):
                yield Geofence(
                    use=each.use,
                    shape=each.shape,
                    points=each.points,
                    radius_m=None if each.shape == "polygon" else each.radius_m,
                    height_m=None,
                    enabled=None,
                    start=start,
                    end=end,
                    record="FNCE.Type",
                    source_offset=int(messages.offsets[each.row]),
                )


def _fence_shape_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield the polygons and circles of the fence, whole, each time another one is listed."""
    messages = log.messages_named("FNCE")
    for listing in _changed_fence_listings(messages):
        for each in listing:
            yield log.event_row(
                messages,
                each.row,
                "geofence.config",
                each.text,
                record="Type",
                value=each.radius_m,
            )


def _changed_fence_listings(messages: DataflashMessages) -> Iterator[list[_ListedFenceShape]]:
    """Yield the listings of the fence that differ from the one before them."""
    last: list[str] = []
    for listing in _fence_shapes_of_each_listing(messages):
        texts = [each.text for each in listing]
        if texts != last:
            last = texts
            yield listing


def _fence_shapes_of_each_listing(messages: DataflashMessages) -> list[list[_ListedFenceShape]]:
    """Return the shapes of each listing of the fence; each begins with item 0."""
    kinds, counts = (
        messages.numbers_of_field("Type").tolist(),
        messages.numbers_of_field("Count").tolist(),
    )
    points = list(
        zip(
            messages.numbers_of_field("Lat").tolist(),
            messages.numbers_of_field("Lng").tolist(),
            strict=True,
        )
    )
    radii, item_numbers = (
        messages.numbers_of_field("Radius").tolist(),
        messages.numbers_of_field("Seq").tolist(),
    )
    listings: list[list[_ListedFenceShape]] = []
    row = 0
    while row < len(messages):
        use, shape = POLYFENCE_ITEMS.get(
            integer_or_minus_one(kinds[row]), (f"type {kinds[row]:g}", "point")
        )
        size = 1
        if shape == "polygon":
            # One vertex an item; a vertex of another kind ends a polygon that is cut short.
            vertex_count = min(max(1, integer_or_minus_one(counts[row])), len(messages) - row)
            size = next(
                (n for n in range(1, vertex_count) if kinds[row + n] != kinds[row]), vertex_count
            )
        radius = radii[row] if shape == "circle" else np.nan
        if not listings or item_numbers[row] == 0:
            listings.append([])
        listings[-1].append(
            _ListedFenceShape(row, use, tuple(points[row : row + size]), shape, radius)
        )
        row += size
    return listings


def _breach_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("ERR")
    for rows in log.rows_by_power_on(
        messages, messages.numbers_of_field("Subsys") == SUBSYSTEM_FENCE
    ):
        codes = [
            integer_or_minus_one(code) for code in messages.numbers_of_field("ECode")[rows].tolist()
        ]
        for breach in iterate_breach_row_spans(codes):
            end = None if breach.end is None else rows[breach.end]
            open_ended = "" if end is not None else "; not reported as over when the log ends"
            yield log.event_row(
                messages,
                rows[breach.start],
                "geofence.breach",
                f"fence breached: {breached_boundaries_text(breach.boundaries)}{open_ended}",
                record="ECode",
                severity="serious",
                value=float(breach.boundaries),
                end=end,
            )


def _target_outside_fence_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("ERR")
    refused = (messages.numbers_of_field("Subsys") == SUBSYSTEM_NAVIGATION) & (
        messages.numbers_of_field("ECode") == ERROR_OUTSIDE_FENCE
    )
    for row in np.flatnonzero(refused).tolist():
        yield log.event_row(
            messages,
            row,
            "geofence.refused",
            "target refused: it lies outside the fence",
            record="ECode",
            severity="warning",
            value=float(ERROR_OUTSIDE_FENCE),
        )


def _fence_action_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    modes = log.modes
    if modes.messages is None:
        return
    stated = modes.messages.first_present_label("Rsn") is not None
    reasons = modes.messages.numbers_of_field("Rsn")
    errors = log.messages_named("ERR")
    starts = (errors.numbers_of_field("Subsys") == SUBSYSTEM_FENCE) & (
        errors.numbers_of_field("ECode") > 0
    )
    breached = (
        np.sort(log.utc_ns_of_messages(errors)[starts]) if len(errors) else np.empty(0, np.int64)
    )
    inferred = np.zeros(len(reasons), np.bool_)
    if not stated and len(breached):
        utc = log.utc_ns_of_messages(modes.messages)
        last = breached[np.maximum(np.searchsorted(breached, utc, side="right") - 1, 0)]
        inferred = (last != NAT) & (last <= utc) & (utc - last <= REACTION_S * 1e9)
    for name, row in zip(modes.names, modes.rows, strict=True):
        because = stated and reasons[row] == MODE_REASON_FENCE_BREACH
        if because or inferred[row]:
            yield log.event_row(
                modes.messages,
                row,
                "geofence.action",
                f"changed to {name} because of a breached fence",
                record="Rsn" if because else "Mode",
                severity=severity_of_mode_chosen_by_fence(name),
                grade="reported" if because else "inferred",
            )


def _fence_command_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages = log.messages_named("MAVC")
    states, results, denied = (
        messages.numbers_of_field("P1"),
        messages.numbers_of_field("Res"),
        refused_command_mask(messages),
    )
    for row in np.flatnonzero(messages.numbers_of_field("Cmd") == DO_FENCE_ENABLE).tolist():
        kind = fence_switch_event_kind(states[row], refused=bool(denied[row]))
        what = {0: "disable the fence", 1: "enable the fence", 2: "disable the fence floor"}
        request = what.get(integer_or_minus_one(states[row]), "switch the fence")
        answer = "accepted" if results[row] == 0 else f"answered with {results[row]:g}"
        yield log.event_row(
            messages,
            row,
            kind,
            f"command to {request}, {answer}",
            record="Cmd",
            severity=_SEVERITIES[kind],
            grade="reported" if results[row] == 0 else "commanded",
            value=float(states[row]),
        )


def _fence_text_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    messages, errors = log.messages_named("MSG"), log.messages_named("ERR")
    fence = (errors.numbers_of_field("Subsys") == SUBSYSTEM_FENCE) & (
        errors.numbers_of_field("ECode") > 0
    )
    breached = (
        np.sort(log.utc_ns_of_messages(errors)[fence]) if len(errors) else np.empty(0, np.int64)
    )
    for row, text in log.pilot_message_rows_and_texts:
        kind = fence_text_event_kind(text)
        if kind is None:
            continue
        if kind == "geofence.breach" and log.is_message_near_any_utc_ns(
            messages, row, breached, SAME_BREACH_S
        ):
            kind = "geofence.warning"
        plain = harmless_fence_text_event_kind_and_severity(text)
        severity = plain[1] if plain else _SEVERITIES[kind]
        yield log.event_row(messages, row, kind, text, record="Message", severity=severity)
