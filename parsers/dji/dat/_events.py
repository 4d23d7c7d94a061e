"""Events: what the aircraft says that it did.  Zones and texts have modules of their own."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from ..._runs import Run, runs
from ..._tables import events as event_table
from .. import _flight_controller as controller
from . import _enums as words
from ._dat_file import DatFile, Typed
from ._event_rows import Row, at, changes, flagged, floats, for_s, in_segments, instant, over
from ._event_texts import text_events
from ._event_zones import zone_events
from ._records import LINK

#: A change to "in the air" higher than this is no take-off: the log began in flight.
_TAKEOFF_BELOW_M = 5.0


def events(file: DatFile) -> pd.DataFrame:
    """Return the events of a file."""
    sources: Iterator[Row] = chain(
        _motors_and_air(file), _modes(file), _actions(file), _faults(file), _links(file),
        _runs_of_the_aircraft(file), zone_events(file), text_events(file),
    )  # fmt: skip
    return event_table(sources)


def _motors_and_air(file: DatFile) -> Iterator[Row]:
    osd = file.of("OSD")
    for first, end in in_segments(file, osd):
        yield from _edges(file, osd, first, end)
        height = floats(osd.records["height_ato_m"])[first:end]
        in_air = floats(osd.records["in_air"])[first:end]
        for run in runs(in_air):
            begins, ends = first + run.first, first + run.last
            if not run.value > 0:
                continue
            if run.first > 0 and not height[run.first] > _TAKEOFF_BELOW_M:
                yield at(file, osd, begins, "takeoff", "took off", "OSD.in_air")
            if ends + 1 < end:
                yield at(file, osd, ends + 1, "landing", "landed", "OSD.in_air")


def _edges(file: DatFile, osd: Typed, first: int, end: int) -> Iterator[Row]:
    """Yield when the motors started and stopped in a segment."""
    previous = None
    for run in runs(osd.records["motors_on"][first:end]):
        place = first + run.first
        if run.value and previous is not None:
            yield at(file, osd, place, "arm", "motors started", "OSD.motors_on")
        elif not run.value and previous:
            yield at(file, osd, place, "disarm", "motors stopped", "OSD.motors_on")
        previous = run.value


def _modes(file: DatFile) -> Iterator[Row]:
    osd = file.of("OSD")
    if not len(osd):
        return
    named = osd.records.words("flight_mode")
    for run in changes(file, osd, osd.records["flight_mode"]):
        text = f"flight mode: {named[run.first]}"
        yield over(file, osd, run, "mode", text, "OSD.flight_mode", value=run.value)


def _actions(file: DatFile) -> Iterator[Row]:
    osd = file.of("OSD")
    if not len(osd):
        return
    named = osd.records.words("flight_action")
    for run in changes(file, osd, np.nan_to_num(floats(osd.records["flight_action"]))):
        if not run.value:
            continue
        zone = int(run.value) in controller.ZONE_ACTIONS
        yield over(
            file, osd, run, "geofence.action" if zone else "action", f"{named[run.first]}",
            "OSD.flight_action", value=run.value, severity="warning" if zone else "notice",
        )  # fmt: skip
    for run in flagged(file, osd, osd.records["rc_out_of_control"]):
        text = f"controller signal lost {for_s(file, osd, run)}"
        yield over(file, osd, run, "link.lost", text, "OSD.rc_out_of_control", severity="warning")


def _faults(file: DatFile) -> Iterator[Row]:
    osd = file.of("OSD")
    if not len(osd):
        return
    for name, kind, text, severity in (
        ("compass_error", "fault", "compass error", "warning"),
        ("battery_asks_go_home", "battery", "battery low: go home", "notice"),
        ("battery_asks_landing", "battery", "battery low: landing", "notice"),
    ):
        for run in flagged(file, osd, osd.records[name]):
            yield over(file, osd, run, kind, text, f"OSD.{name}", severity=severity)
    failure = np.nan_to_num(floats(osd.records["motor_failure"]))
    for run in changes(file, osd, failure):
        if run.value:
            text = f"motor failure, reason {int(run.value)}"
            yield over(
                file, osd, run, "fault", text, "OSD.motor_failure", severity="serious",
                value=run.value,
            )  # fmt: skip


def _links(file: DatFile) -> Iterator[Row]:
    """Yield, for each bus whose bytes are counted, what the counters say; none names a host."""
    for kind, bus in words.LINKS.items():
        name = f"LINK_{kind:04x}"
        link = file.of(name)
        if not len(link):
            continue
        sent, received = (floats(link.records[f"{way}_bytes"]) for way in ("sent", "received"))
        for first, end in in_segments(file, link):
            most = [float(np.nan_to_num(way[first:end]).max()) for way in (sent, received)]
            text = (
                f"link to the {bus}: counters of bytes reach {most[0]:.0f} sent and "
                f"{most[1]:.0f} received; the log names no host"
            )
            run = Run(1.0, first, end - 1)
            record = f"{name}.{LINK.fields[0].name}"
            yield over(
                file, link, run, "link.signal", text, record, grade="measured", value=sum(most)
            )


def _runs_of_the_aircraft(file: DatFile) -> Iterator[Row]:
    """Yield the firmware that each header states, and each new power-up or break of the clock."""
    for row, header in file.headers:
        if row < len(file.frames) and not file.told[row]:
            continue
        time = int(file.times.ns[row]) if row < len(file.frames) else None
        yield {
            "time": None if time is None else instant(time),
            "kind": "firmware", "severity": "info", "grade": "reported",
            "text": f"flight controller of {header.model}: firmware built {header.built}",
            "record": "header.built", "source_offset": file.stream.place(header.at),
        }  # fmt: skip
    for segment in file.times.segments[1:]:
        if not file.told[segment.first]:
            continue
        yield {
            "time": instant(int(file.times.ns[segment.first])),
            "kind": "clock", "severity": "info", "grade": "measured",
            "text": "the aircraft's clock starts anew: another power-up, file or part of one",
            "record": "tick", "source_offset": int(file.offsets[segment.first]),
        }  # fmt: skip
