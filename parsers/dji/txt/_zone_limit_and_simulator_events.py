"""Events of zones and limits, refused motor starts, and the simulator."""

from collections.abc import Iterator

import numpy as np

from ..._track_values._value_runs import RowRun, find_runs, find_true_runs, merge_close_runs
from .. import _shared_fields_and_enum_names as flight_controller
from .._event_rows import EventRow, as_floats, instant_or_none, make_event_row
from .._records_of_one_type import RecordsOfOneType
from ._event_rows import duration_from_first_to_last_record_s, event_row_of_record_run
from ._indexed_record_file import RecordFile
from ._text_and_list_records import AVOID_BITS, decode_obstacle_avoidance_rows_and_statuses

#: OSD comes ten times a second, Home and VisionGroup less often.
_BRIDGE_OSD_RECORDS, _BRIDGE_HOME_RECORDS = 10, 2
_VISION_GROUP, _UNLOCK = 17, 52

#: Flags of MCAvoidStatus that speak of a zone, a boundary or a limit.
_AVOID_EVENTS = {
    "radius_limit": ("geofence.limit", "radius limit in force"),
    "airport_limit": ("geofence.limit", "airport zone limits the flight"),
    "horizontal_near_boundary": ("geofence.limit", "near a boundary, horizontally"),
    "vertical_airport_limit": ("geofence.limit", "airport zone limits the height"),
    "vertical_low_limit": ("warning", "at the lower height limit, kept from the ground"),
    "roof_limit": ("warning", "an obstacle above limits the height"),
    "force_landing": ("failsafe", "forced landing"),
    "hit_ground_limit": ("warning", "kept from the ground"),
}


def zone_and_limit_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the events that speak of a boundary or a limit."""
    for source in (
        _out_of_limit_events, _near_limit_events, _limit_setting_events, _motor_refusal_events,
        _obstacle_avoidance_events, _zone_data_events, _simulated_flight_warnings,
    ):  # fmt: skip
        yield from source(file)


def _out_of_limit_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    for run in merge_close_runs(find_true_runs(typed.records["out_of_limit"]), _BRIDGE_OSD_RECORDS):
        frames = int(np.nansum(as_floats(typed.records["out_of_limit"])[run.first : run.last + 1]))
        near = _names_of_nearby_limits(file, typed, run)
        kind = next((f"limit.{name}" for name in ("distance", "height") if name in near), None)
        what = f"its {' and '.join(near)} limit" if near else "a limit"
        counted = f"{frames} frame{'s' * (frames != 1)}"
        duration_s = duration_from_first_to_last_record_s(file, typed, run)
        text = f"out of {what} for {duration_s:.1f} s ({counted})"
        yield event_row_of_record_run(
            file, typed, run, kind or "geofence.breach", text, "OSD.out_of_limit",
            severity="warning", value=float(frames),
        )  # fmt: skip


def _names_of_nearby_limits(file: RecordFile, osd: RecordsOfOneType, run: RowRun) -> list[str]:
    """Return which limits Home says are near in a run of OSD, from the Home before it on."""
    home = file.records_of_type(2)
    first = max(0, int(np.searchsorted(home.rows, osd.rows[run.first])) - 1)
    during = slice(first, int(np.searchsorted(home.rows, osd.rows[run.last])))
    flags = {"distance": "near_distance_limit", "height": "near_height_limit"}
    return [
        name for name, flag in flags.items() if np.nansum(as_floats(home.records[flag])[during]) > 0
    ]


def _near_limit_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(2)
    for name, kind, what in (
        ("near_distance_limit", "limit.distance", "distance"),
        ("near_height_limit", "limit.height", "height"),
    ):
        for run in merge_close_runs(find_true_runs(typed.records[name]), _BRIDGE_HOME_RECORDS):
            duration_s = duration_from_first_to_last_record_s(file, typed, run)
            text = f"at its {what} limit for {duration_s:.1f} s"
            yield event_row_of_record_run(
                file, typed, run, kind, text, f"Home.{name}", severity="notice"
            )


def _limit_setting_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(2)
    home = typed.records
    if not len(home):
        return
    reasons = home.enum_word_array_of_field("height_limit_reason")
    for run in find_runs(
        np.where(home.records_holding_field_mask("height_limit_m"), home["height_limit_m"], np.nan)
    ):
        if not np.isfinite(run.value) or run.value <= 0:
            continue
        reason = reasons[run.first]
        text = f"height limit {run.value:g} m above take-off (reason: {reason})"
        record = "Home.height_limit_m"
        yield event_row_of_record_run(
            file, typed, run, "limit.config", text, record, value=run.value
        )
    for run in find_true_runs(home["beginner_mode"]):
        text = "beginner mode: height and distance are limited"
        yield event_row_of_record_run(file, typed, run, "limit.config", text, "Home.beginner_mode")


def _motor_refusal_events(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(1)
    named = typed.records.enum_word_array_of_field("motor_refusal")
    for run in find_runs(np.nan_to_num(as_floats(typed.records["motor_refusal"]))):
        cause = int(run.value) & 0x7F
        if not cause:
            continue
        zone = cause in flight_controller.ZONE_REFUSALS
        yield event_row_of_record_run(
            file, typed, run, "geofence.refused" if zone else "fault",
            f"motors refused to start: {named[run.first]}", "OSD.motor_refusal",
            severity="warning" if zone else "notice", value=float(cause),
        )  # fmt: skip


def _obstacle_avoidance_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the runs of each flag of MCAvoidStatus, sub-block 8 of VisionGroup."""
    frames = file.readable_frame_indices(_VISION_GROUP)
    rows, status = decode_obstacle_avoidance_rows_and_statuses(file.bodies_by_length(_VISION_GROUP))
    at = frames[rows]
    for name, (kind, text) in _AVOID_EVENTS.items():
        for run in find_true_runs(status & AVOID_BITS[name]):
            yield make_event_row(
                int(file.times.ns[at[run.first]]), kind, text, f"VisionGroup.{name}",
                file.index.frame_offset(at[run.first]),
                end=instant_or_none(int(file.times.ns[at[run.last]])),
                severity="info" if kind == "warning" else "warning",
            )  # fmt: skip


def _zone_data_events(file: RecordFile) -> Iterator[EventRow]:
    """Yield the zone database in force, licences used, and the zone state of the app."""
    rows, listed = file.frame_indices_and_list_records(28)
    seen = set()
    for number, offset, row in listed.rows():
        if row["text"] and row["text"] not in seen:
            seen.add(row["text"])
            text = f"no-fly-zone database in force: {row['text']}"
            ns = int(file.times.ns[rows[number]])
            yield make_event_row(ns, "geofence.config", text, "FlyForbidDatabase", offset)
    typed = file.records_of_type(51)
    for run in find_runs(np.nan_to_num(as_floats(typed.records["state"]))):
        if run.value:
            text = f"zone state {int(run.value)} (meaning not proven)"
            record = "FlySafeLimitInfo.state"
            yield event_row_of_record_run(
                file, typed, run, "geofence.limit", text, record, grade="inferred", value=run.value
            )
    for frame in np.flatnonzero(file.index.record_types == _UNLOCK):
        text = "a zone-unlocking licence was handled; the record keeps its bytes"
        ns, offset = int(file.times.ns[frame]), file.index.frame_offset(frame)
        yield make_event_row(
            ns, "geofence.config", text, "FlySafeUnlock", offset, severity="notice"
        )


def _simulated_flight_warnings(file: RecordFile) -> Iterator[EventRow]:
    typed = file.records_of_type(2)
    for run in merge_close_runs(find_true_runs(typed.records["simulator"]), _BRIDGE_HOME_RECORDS):
        text = "simulator: this is not a real flight"
        yield event_row_of_record_run(
            file, typed, run, "simulator", text, "Home.simulator", severity="warning"
        )
