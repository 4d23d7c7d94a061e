"""Events of zones and limits, refused motor starts, and the simulator."""

from collections.abc import Iterator

import numpy as np

from .. import _shared_fields_and_enum_names as flight_controller
from .._event_rows import EventRow, as_floats
from ._event_rows import (
    equal_value_runs_by_segment,
    event_row_at,
    event_row_of_record_run,
    flag_runs,
    nonzero_enum_runs_and_meanings,
    record_run_duration_text,
)
from ._indexed_dat_file import DatFile

_ZONE_SLOTS = 5


def zone_and_limit_events(file: DatFile) -> Iterator[EventRow]:
    """Yield the events that speak of a boundary or a limit."""
    for source in (
        _out_of_limit_events, _motor_refusal_events, _events_of_home_records,
        _height_and_distance_limit_setting_events,
        _airport_zone_events, _airport_data_events, _limited_zone_events,
        _zone_database_query_count_event,
    ):  # fmt: skip
        yield from source(file)


def _out_of_limit_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    for run in flag_runs(file, osd, osd.records["out_of_limit"]) if len(osd) else ():
        text = f"out of a distance or height limit {record_run_duration_text(file, osd, run)}"
        record = "OSD.out_of_limit"
        yield event_row_of_record_run(
            file, osd, run, "geofence.breach", text, record, severity="warning", value=run.row_count
        )


def _motor_refusal_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    for run, cause in nonzero_enum_runs_and_meanings(file, "OSD", "refusal_cause"):
        zone = int(run.value) in flight_controller.ZONE_REFUSALS
        yield event_row_of_record_run(
            file, osd, run, "geofence.refused" if zone else "fault",
            f"motors refused to start: {cause}", "OSD.refusal",
            severity="warning" if zone else "notice", value=run.value,
        )  # fmt: skip


def _events_of_home_records(file: DatFile) -> Iterator[EventRow]:
    typed = file.records_of_type("HOME")
    if not len(typed):
        return
    home = typed.records
    for name, kind, what in (
        ("at_distance_limit", "limit.distance", "distance"),
        ("at_height_limit", "limit.height", "height"),
    ):
        for run in flag_runs(file, typed, home[name]):
            text = f"at its {what} limit {record_run_duration_text(file, typed, run)}"
            yield event_row_of_record_run(
                file, typed, run, kind, text, f"HOME.{name}", severity="notice"
            )
    for run in flag_runs(file, typed, home["beginner_mode"]):
        text = "beginner mode: height and distance are limited"
        yield event_row_of_record_run(file, typed, run, "limit.config", text, "HOME.beginner_mode")
    for run in flag_runs(file, typed, home["simulator"]):
        text = "simulator: this is not a real flight"
        yield event_row_of_record_run(
            file, typed, run, "simulator", text, "HOME.simulator", severity="warning"
        )
    if home.records_holding_field_mask("height_limit_m").any():
        reasons = home.enum_words_of_field("height_limit_reason")
        for run in equal_value_runs_by_segment(file, typed, home["height_limit_m"]):
            if 0 < run.value < 1e5:
                text = f"height limit {run.value:g} m above take-off (reason: {reasons[run.first]})"
                record = "HOME.height_limit_m"
                yield event_row_of_record_run(
                    file, typed, run, "limit.config", text, record, value=run.value
                )
    for run in flag_runs(file, typed, home["home_set"]):
        height = as_floats(home["go_home_height_m"])[run.first]
        text = f"home point set; go-home height {height:g} m"
        yield event_row_at(file, typed, run.first, "home", text, "HOME.home_set", value=height)


def _height_and_distance_limit_setting_events(file: DatFile) -> Iterator[EventRow]:
    typed = file.records_of_type("CONTROLLER")
    for name, what in (("max_height_m", "height"), ("max_radius_m", "distance")):
        for run in (
            equal_value_runs_by_segment(file, typed, typed.records[name]) if len(typed) else ()
        ):
            if run.value > 0:
                text = f"greatest {what} set to {run.value:g} m"
                record = f"CONTROLLER.{name}"
                yield event_row_of_record_run(
                    file, typed, run, "limit.config", text, record, value=run.value
                )


def _airport_zone_events(file: DatFile) -> Iterator[EventRow]:
    """Yield the states of record 40: where an airport zone sees the aircraft, and what it does."""
    typed = file.records_of_type("AIRPORT_LIMIT")
    for name, kind, what in (
        ("area_state", "geofence.limit", "airport zone"),
        ("action_state", "geofence.action", "acts because of an airport zone"),
    ):
        for run, state in nonzero_enum_runs_and_meanings(file, "AIRPORT_LIMIT", name):
            text = f"{what}: {state}, {record_run_duration_text(file, typed, run)}"
            record = f"AIRPORT_LIMIT.{name}"
            yield event_row_of_record_run(
                file, typed, run, kind, text, record, severity="warning", value=run.value
            )


def _airport_data_events(file: DatFile) -> Iterator[EventRow]:
    """Yield what record 0x500a says of zones; what its flags mean follows from their names."""
    typed = file.records_of_type("AIRPORT_LIMIT_DATA")
    for name, kind, text in (
        ("airport_disabled", "geofence.disable", "the limits at airports are switched off"),
        ("whitelist_enabled", "geofence.config", "a list of unlocked zones is in force"),
        ("ground_state", "geofence.limit", "a zone limits the aircraft on the ground"),
        ("takeoff_state", "geofence.limit", "a zone limits the take-off"),
        ("final_state", "geofence.limit", "a zone limits the flight"),
    ):
        for run in flag_runs(file, typed, typed.records[name]) if len(typed) else ():
            duration = record_run_duration_text(file, typed, run)
            full_text = f"{text} {duration} (inferred from the name of the flag)"
            record = f"AIRPORT_LIMIT_DATA.{name}"
            yield event_row_of_record_run(
                file, typed, run, kind, full_text, record, grade="inferred", severity="notice"
            )


def _limited_zone_events(file: DatFile) -> Iterator[EventRow]:
    """Yield what record 0x500b says: in a warning zone, and inside which limited area."""
    typed = file.records_of_type("ADVANCED_LIMIT_DATA")
    if not len(typed):
        return
    nearest = as_floats(typed.records["nearest_zone"])
    for run in flag_runs(file, typed, typed.records["in_warning_zone"]):
        near = nearest[run.first : run.last + 1]
        least = float(np.nanmin(near)) if np.isfinite(near).any() else np.nan
        duration = record_run_duration_text(file, typed, run)
        text = f"in a warning zone {duration}; nearest zone at {least:g}"
        record = "ADVANCED_LIMIT_DATA.in_warning_zone"
        yield event_row_of_record_run(
            file, typed, run, "geofence.warning", text, record, severity="notice", value=least
        )
    for slot in range(1, _ZONE_SLOTS + 1):
        inside = np.nan_to_num(as_floats(typed.records[f"inside_{slot}"])) != 0
        zones = np.where(inside, as_floats(typed.records[f"zone_{slot}"]), np.nan)
        for run in equal_value_runs_by_segment(file, typed, zones):
            if not np.isfinite(run.value):
                continue
            text = (
                f"inside limited zone {int(run.value)} {record_run_duration_text(file, typed, run)}"
            )
            record = f"ADVANCED_LIMIT_DATA.inside_{slot}"
            yield event_row_of_record_run(
                file, typed, run, "geofence.breach", text, record, severity="warning",
                value=run.value,
            )  # fmt: skip


def _zone_database_query_count_event(file: DatFile) -> Iterator[EventRow]:
    typed = file.records_of_type("ZONE_DATABASE")
    if len(typed):
        text = f"the zone database was queried {len(typed)} times for nearby zones"
        record, count = "ZONE_DATABASE", float(len(typed))
        yield event_row_at(file, typed, 0, "geofence.config", text, record, value=count)
