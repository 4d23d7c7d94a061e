"""Events: what the aircraft reports, in its records and in its text lines.

Lines of no known family are counted here and stay in ``records("fly_log")`` and the like, where
every line has its family.  Zones and limits stand in ``_zone_limit_and_simulator_events``.
"""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from ..._tables import event_table_from_rows
from ..._track_values._value_runs import RowRun, find_runs
from .. import _shared_fields_and_enum_names as flight_controller
from .._event_rows import (
    NAT,
    EventRow,
    as_floats,
    in_air_or_on_ground_text,
    known_motor_states,
    make_event_row,
    motor_event_kind_and_text,
)
from .._records_of_one_type import RecordsOfOneType
from . import _enum_names as enum_names
from ._classify_text_line import family_kind_and_severity_of_line
from ._event_rows import (
    equal_value_runs_by_segment,
    event_row_at,
    event_row_of_record_run,
    flag_runs,
    nonzero_enum_runs_and_meanings,
    record_bounds_of_each_segment,
    record_run_duration_text,
)
from ._indexed_dat_file import DatFile
from ._record_layouts import LINK
from ._zone_limit_and_simulator_events import zone_and_limit_events

#: Text records that hold messages; the others hold definitions and settings.
_MESSAGE_RECORDS = (0x8000, 0xFF00)
_KINDS_OF_OSD = frozenset({"arm", "disarm"})


def build_event_table(file: DatFile) -> pd.DataFrame:
    """Return the events of a file."""
    sources: Iterator[EventRow] = chain(
        _motor_and_airborne_events(file), _flight_mode_events(file), _flight_action_events(file),
        _fault_events(file), _bus_byte_count_events(file), _firmware_and_power_up_events(file),
        zone_and_limit_events(file), _text_line_events(file),
    )  # fmt: skip
    return event_table_from_rows(sources)


def _motor_and_airborne_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    for first, end in record_bounds_of_each_segment(file, osd):
        yield from _motor_events(file, osd, first, end)
        for run in find_runs(as_floats(osd.records["in_air"])[first:end] > 0):
            yield event_row_at(
                file, osd, first + run.first, "airborne.report", in_air_or_on_ground_text(run),
                "OSD.in_air", value=run.value,
            )  # fmt: skip


def _motor_events(file: DatFile, osd: RecordsOfOneType, first: int, end: int) -> Iterator[EventRow]:
    """Yield when the motors started and stopped in a segment."""
    previous = None
    columns = (osd.records[name][first:end] for name in ("motors_on", "height_ato_m"))
    for run in find_runs(known_motor_states(*columns)):
        index = first + run.first
        change = motor_event_kind_and_text(run, previous)
        if change is not None:
            yield event_row_at(file, osd, index, *change, "OSD.motors_on")
        previous = run.value


def _flight_mode_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    if not len(osd):
        return
    named = osd.records.enum_words_of_field("flight_mode")
    for run in equal_value_runs_by_segment(file, osd, osd.records["flight_mode"]):
        text = f"flight mode: {named[run.first]}"
        yield event_row_of_record_run(
            file, osd, run, "mode", text, "OSD.flight_mode", value=run.value
        )


def _flight_action_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    for run, action in nonzero_enum_runs_and_meanings(file, "OSD", "flight_action"):
        zone = int(run.value) in flight_controller.ZONE_ACTIONS
        yield event_row_of_record_run(
            file, osd, run, "geofence.action" if zone else "action", f"{action}",
            "OSD.flight_action", value=run.value, severity="warning" if zone else "notice",
        )  # fmt: skip
    for run in flag_runs(file, osd, osd.records["rc_out_of_control"]) if len(osd) else ():
        text = f"controller signal lost {record_run_duration_text(file, osd, run)}"
        yield event_row_of_record_run(
            file, osd, run, "link.lost", text, "OSD.rc_out_of_control", severity="warning"
        )


def _fault_events(file: DatFile) -> Iterator[EventRow]:
    osd = file.records_of_type("OSD")
    if not len(osd):
        return
    for name, kind, text, severity in (
        ("compass_error", "fault", "compass error", "warning"),
        ("battery_asks_go_home", "battery", "battery low: go home", "notice"),
        ("battery_asks_landing", "battery", "battery low: landing", "notice"),
    ):
        for run in flag_runs(file, osd, osd.records[name]):
            yield event_row_of_record_run(
                file, osd, run, kind, text, f"OSD.{name}", severity=severity
            )
    failure = np.nan_to_num(as_floats(osd.records["motor_failure"]))
    for run in equal_value_runs_by_segment(file, osd, failure):
        if run.value:
            text = f"motor failure, reason {int(run.value)}"
            yield event_row_of_record_run(
                file, osd, run, "fault", text, "OSD.motor_failure", severity="serious",
                value=run.value,
            )  # fmt: skip


def _bus_byte_count_events(file: DatFile) -> Iterator[EventRow]:
    """Yield the byte counters of each bus; they name no host."""
    for kind, bus in enum_names.LINK_BUSES.items():
        name = f"LINK_{kind:04x}"
        link = file.records_of_type(name)
        if not len(link):
            continue
        sent, received = (
            as_floats(link.records[f"{direction}_bytes"]) for direction in ("sent", "received")
        )
        for first, end in record_bounds_of_each_segment(file, link):
            most = [
                float(np.nan_to_num(direction[first:end]).max()) for direction in (sent, received)
            ]
            text = (
                f"link to the {bus}: counters of bytes reach {most[0]:.0f} sent and "
                f"{most[1]:.0f} received; the log names no host"
            )
            run = RowRun(1.0, first, end - 1)
            record = f"{name}.{LINK.fields[0].name}"
            yield event_row_of_record_run(
                file, link, run, "link.signal", text, record, grade="measured", value=sum(most)
            )


def _firmware_and_power_up_events(file: DatFile) -> Iterator[EventRow]:
    """Yield the firmware that each header states, and each new power-up or break of the clock."""
    for row, header in file.headers_with_next_record_number:
        if row < len(file.frames) and not file.non_duplicate_record_mask[row]:
            continue
        time = int(file.times.ns[row]) if row < len(file.frames) else NAT
        text = f"flight controller of {header.model}: firmware built {header.build_date}"
        offset = file.stream.file_offset(header.offset)
        yield make_event_row(time, "firmware", text, "header.built", offset)
    for segment in file.times.segments[1:]:
        if not file.non_duplicate_record_mask[segment.first]:
            continue
        time, offset = int(file.times.ns[segment.first]), int(file.offsets[segment.first])
        text = "the aircraft's clock starts anew: another power-up, file or part of one"
        yield make_event_row(time, "clock", text, "tick", offset, grade="measured")


def _text_line_events(file: DatFile) -> Iterator[EventRow]:
    """Yield the lines that belong to a family, and how many do not."""
    other: list[int] = []
    aside = _KINDS_OF_OSD if len(file.records_of_type("OSD")) else frozenset()
    for row, kind, line in file.text_lines_with_record_and_type:
        if kind not in _MESSAGE_RECORDS:
            continue
        family = family_kind_and_severity_of_line(line)
        if family is None:
            other.append(row)
            continue
        name, event_kind, severity = family
        # The OSD's own bit says when motors run; its text lines would count them twice.
        event_kind_used = "tip" if event_kind in aside else event_kind
        yield _text_event(
            file, row, event_kind_used, severity, line, f"{enum_names.TEXT_RECORDS[kind]} ({name})"
        )
    if other:
        text = f"{len(other)} lines of the aircraft's log match no known family of messages"
        yield _text_event(file, other[0], "tip", "info", text, "fly_log") | {
            "value": float(len(other))
        }


def _text_event(
    file: DatFile, row: int, kind: str, severity: str, text: str, record: str
) -> EventRow:
    ns, offset = int(file.times.ns[row]), int(file.offsets[row])
    grade = "inferred" if kind == "sync" else "reported"
    return make_event_row(ns, kind, text, record, offset, severity=severity, grade=grade)
