"""Flight recorder logs of DroneDeploy's app, which flies aircraft of DJI.

Facts: one real log (app 2.75.0, Inspire 2); DJI's Mobile SDK, whose values the app writes down.
Lines of names and values by tabs begin with ``#DroneDeploy`` and its version; ``#`` begins a group.
Then come a line of names that begins ``Date/Time (GMT)``, ten rows a second, and the end of the
session.

**Time** is GMT by the device's clock to the second, and seconds since the session began to the
millisecond: the instant is the beginning, as all rows together show it, and those seconds.  Dates
are month/day/year, unless a first number above 12 shows otherwise.

**Speeds.** In the real log the last names are out of order: the columns called ``Vel - X``,
``Vel - Y``, ``Vel - Z`` and ``Speed (mph)`` hold speed, north, east (m/s) and down (ft/s), as the
positions and heights show.  They are read so where the first is the length of the next two, else
they stay in ``records("Row")``.  Heights are those above take-off of the app, feet.

Not decoded: what else the rows hold; it stays in ``records("Row")``.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Aircraft, Clock, Issue, Log, NamedPosition, Source, StatedSerial
from .._tables import (
    TRACK,
    build_table,
    event_table_from_rows,
    media_capture_table_from_rows,
    sort_by_time,
)
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._track_values._mask_impossible_values import values_with_nan_beyond_bound
from .._track_values._value_runs import find_runs, find_true_runs
from .._which_facts_logs_record import FactDeclaration
from ..dji._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from ..dji._event_rows import NAT, in_air_or_on_ground_text, instant_or_none, make_event_row
from ..dji._records_from_dicts import RecordsFromDicts
from ..dji._shared_fact_declarations import IDENTITY_FACTS, fact_declarations_of_track_columns

_MAGIC, _FIRST_COLUMN, _END = b"#DroneDeploy\t", "Date/Time (GMT)", "#Flight Recorder Session End"
_TIME = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}):(\d{2}):(\d{2})")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,20})?")
_FEET_M = 0.3048
_VELOCITY = ("Aircraft Vel - X", "Aircraft Vel - Y", "Aircraft Vel - Z", "Aircraft Speed (mph)")
#: Part -> names of its serial number and firmware.
_PARTS = {
    "flight controller": ("Flight Controller Serial Number", "Flight Controller Firmware"),
    "camera": ("Camera Serial Number", "Camera Firmware"),
    "controller": ("Remote Control Serial Number", "Remote Control Firmware"),
    "battery": ("Battery Serial Number", "Battery Firmware"),
    "gimbal": ("", "Gimbal Firmware"),
    "aircraft": ("", "Aircraft Firmware"),
}
_CAMERA_STATES = {
    "Aircraft Camera Recording": "video",
    "Aircraft Camera Single Capture": "photo",
    "Aircraft Camera Burst Capture": "photo",
    "Aircraft Camera Interval Capture": "photo",
}
_LONGEST_LINE, _MOST_ROWS, _MOST_COLUMNS = 1 << 16, 2_000_000, 512
_FASTEST_MPS, _HIGHEST_M = 100.0, 10_000.0
#: Share of the rows in which the speed must be the length of the two columns behind it.
_SHARE, _CLOSE_MPS = 0.98, 0.02

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class _RecorderLines:
    """What the lines of a log hold."""

    def __init__(self, content: Content) -> None:
        """Read every line."""
        self.header: dict[str, tuple[str, int]] = {}
        self.names: list[str] = []
        self.rows: list[list[str]] = []
        self.offsets: list[int] = []
        self.issues: list[Issue] = []
        self.has_end = False
        at, size, data = 0, len(content), content.data
        while at < size and len(self.rows) < _MOST_ROWS:
            end = data.find(b"\n", at) + 1 or size
            line = bytes(data[at : min(end, at + _LONGEST_LINE)]).decode("utf-8", "replace")
            self._read_line(line.rstrip("\r\n"), at, end)
            at = end
        if at < size:
            self.issues.append(Issue(at, size - at, "very long: only its beginning is read"))
        if not self.has_end:
            self.issues.append(Issue(size, 0, "cut short: the end of the session is not stated"))

    def _read_line(self, line: str, begin: int, end: int) -> None:
        fields = line.split("\t")
        if not self.names:
            if fields[0] == _FIRST_COLUMN and len(fields) <= _MOST_COLUMNS:
                self.names = fields
            elif len(fields) > 1:
                self.header.setdefault(fields[0], (" ".join(fields[1:])[:200], begin))
        elif line == _END:
            self.has_end = True
        elif len(fields) == len(self.names) and not self.has_end:
            self.rows.append(fields)
            self.offsets.append(begin)
        elif line and not self.has_end:
            last = self.issues[-1] if self.issues else None
            if last is not None and last.offset + last.size == begin:
                begin = self.issues.pop().offset
            self.issues.append(Issue(begin, end - begin, "a row with another number of columns"))

    def texts_of_column(self, name: str) -> list[str]:
        """Return a column; of one that is not there, empty texts."""
        if name not in self.names:
            return [""] * len(self.rows)
        column = self.names.index(name)
        return [row[column] for row in self.rows]

    def numbers_of_column(self, name: str) -> Floats:
        """Return a column, NaN where a row has no number."""
        return np.array(
            [
                float(each) if _NUMBER.fullmatch(each) else np.nan
                for each in self.texts_of_column(name)
            ],
            np.float64,
        )

    def header_value_or_none(self, name: str) -> str | None:
        """Return a value of the header; ``None``: not stated."""
        text = self.header.get(name, ("", 0))[0].strip()
        return None if text in ("", "null", "N/A") else text


def claims(content: Content) -> bool:
    """Return whether a file begins with the name of the app and a version."""
    return content.head.startswith(_MAGIC) and b"#Flight Recorder" in content.head


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read every row; one with another number of columns is an issue.

    Raises:
        CorruptLogError: If no row can be read.
    """
    del keys  # nothing is encrypted
    lines = _RecorderLines(content)
    if not lines.rows:
        raise CorruptLogError(0, "rows behind a line of names", "none")
    times, notes = _row_times_ns_and_clock_notes(lines)
    offsets = np.array(lines.offsets, np.int64)
    fixes = replace_false_positions_with_nan(
        lines.numbers_of_column("Aircraft Latitude (Degrees)"),
        lines.numbers_of_column("Aircraft Longitude (Degrees)"),
        times,
    )
    columns, speed_issues = _speed_columns_and_issues(lines)
    charge = lines.numbers_of_column("Aircraft Battery Power (%)")
    satellites = lines.numbers_of_column("Aircraft Satellites")
    columns |= {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "height_ato_m": values_with_nan_beyond_bound(
            lines.numbers_of_column("Aircraft Barometric Altitude (ft)") * _FEET_M, _HIGHEST_M
        ),
        "heading_deg": lines.numbers_of_column("Aircraft Heading (Degrees)") % 360,
        "pitch_deg": values_with_nan_beyond_bound(
            lines.numbers_of_column("Aircraft Pitch (Degrees)"), 180
        ),
        "roll_deg": values_with_nan_beyond_bound(
            lines.numbers_of_column("Aircraft Roll (Degrees)"), 180
        ),
        "gimbal_yaw_deg": lines.numbers_of_column("Gimbal Yaw (Degrees)") % 360,
        "gimbal_pitch_deg": values_with_nan_beyond_bound(
            lines.numbers_of_column("Gimbal Pitch (Degrees)"), 360
        ),
        "gimbal_roll_deg": values_with_nan_beyond_bound(
            lines.numbers_of_column("Gimbal Roll (Degrees)"), 360
        ),
        "satellites": [int(each) if 0 <= each <= 255 else None for each in satellites],
        "battery_pct": np.where((charge > 0) & (charge <= 100), charge, np.nan),
        "flight_mode": [each or None for each in lines.texts_of_column("Aircraft Flight Mode")],
        "source_offset": offsets,
    }
    issues = [*lines.issues, *fixes.issues("rows", offsets), *speed_issues]
    spans, gaps = spans_covering_bytes_and_gap_issues(
        len(content), [(0, len(content), "records")], issues
    )
    return Log(
        Source.from_content(content, FORMAT.name, lines.header_value_or_none("#DroneDeploy")),
        _aircraft_identity(lines),
        Clock("clock of the device", uncertainty_s=1.0, notes=notes),
        sort_by_time(build_table(TRACK, columns, len(offsets)), "time"),
        event_table_from_rows(_event_rows(lines, times)),
        media_capture_table_from_rows(_media_capture_rows(lines, times)),
        named_positions=tuple(_home_and_controller_positions(lines, times)),
        stated_serials=tuple(_stated_serials(lines)),
        issues=tuple(sorted((*issues, *gaps), key=lambda issue: issue.offset)),
        coverage=spans,
        unrecorded_tables=("contacts",),
        track_record="Row",
        _records={"Row": RecordsFromDicts(list(_rows_as_dicts(lines)), None)},
    )


def _row_times_ns_and_clock_notes(lines: _RecorderLines) -> tuple[Ints, tuple[str, ...]]:
    """Return the instant of each row, and what is to be said of the clock."""
    texts = lines.texts_of_column(_FIRST_COLUMN)
    stated = [_TIME.fullmatch(text) for text in texts]
    day_first = any(found is not None and int(found[1]) > 12 for found in stated)
    seconds = np.array(
        [_seconds_since_1970(found, day_first=day_first) for found in stated], np.float64
    )
    elapsed = lines.numbers_of_column("Elapsed Time (sec)")
    begun = seconds - elapsed
    order = "day/month/year" if day_first else "month/day/year, as the maker's country writes them"
    notes = [f"dates are read as {order}"]
    times = seconds
    if np.isfinite(begun).any():
        # A second is written before it is over: the latest beginning is the closest.
        spread = float(np.nanmax(begun) - np.nanmin(begun))
        if spread <= 2:
            times = np.where(np.isfinite(elapsed), np.nanmax(begun) + elapsed, seconds)
        else:
            notes.append(f"the device's clock was set by up to {spread:.1f} s during the flight")
    known = np.isfinite(times)
    milliseconds = np.round(np.where(known, times, 0) * 1e3).astype(np.int64)
    return np.where(known, milliseconds * 1_000_000, NAT), tuple(notes)


def _seconds_since_1970(found: re.Match[str] | None, *, day_first: bool) -> float:
    if found is None:
        return float("nan")
    first, second, year, hour, minute, seconds = map(int, found.groups())
    month, day = (second, first) if day_first else (first, second)
    try:
        instant = dt.datetime(year, month, day, hour, minute, seconds, tzinfo=dt.UTC)
        return instant.timestamp()
    except ValueError:
        return float("nan")


def _speed_columns_and_issues(lines: _RecorderLines) -> tuple[dict[str, Any], list[Issue]]:
    """Return speeds where the columns show what they hold."""
    speed, north, east, down = (lines.numbers_of_column(name) for name in _VELOCITY)
    known = np.isfinite(speed) & np.isfinite(north) & np.isfinite(east)
    fits = abs(np.hypot(north, east) - speed)[known] < _CLOSE_MPS
    moves = bool(known.any()) and float(np.max(speed[known])) > 1
    if not moves or np.mean(fits) < _SHARE:
        if not known.any():
            return {}, []
        return {}, [Issue(0, 0, "which column is which speed does not show: left in the records")]
    return {
        "ground_speed_mps": np.where((speed >= 0) & (speed <= _FASTEST_MPS), speed, np.nan),
        "vertical_speed_mps": 0.0 - values_with_nan_beyond_bound(down * _FEET_M, _FASTEST_MPS),
        "course_deg": np.where(speed > 0, np.degrees(np.arctan2(east, north)) % 360, np.nan),
    }, []


def _aircraft_identity(lines: _RecorderLines) -> Aircraft:
    serials = {part: lines.header_value_or_none(name) for part, (name, _) in _PARTS.items() if name}
    firmware = {
        part: text
        for part, (_, name) in _PARTS.items()
        if (text := lines.header_value_or_none(name)) is not None
    }
    version = lines.header_value_or_none("#DroneDeploy")
    return Aircraft(
        maker="DJI",
        model=lines.header_value_or_none("Aircraft Model"),
        name=lines.header_value_or_none("Aircraft Name"),
        flight_controller_serial=serials["flight controller"],
        camera_serial=serials["camera"],
        controller_serial=serials["controller"],
        battery_serial=serials["battery"],
        app=f"DroneDeploy {version}" if version else "DroneDeploy",
        firmware=firmware,
    )


def _stated_serials(lines: _RecorderLines) -> Iterator[StatedSerial]:
    for part, (name, _) in _PARTS.items():
        serial = lines.header_value_or_none(name) if name else None
        if serial is not None:
            yield StatedSerial(part, serial, f"header.{name}", lines.header[name][1])


def _event_rows(lines: _RecorderLines, times: Ints) -> Iterator[dict[str, Any]]:
    for row, text in enumerate(lines.texts_of_column("Info")):
        if text:
            yield make_event_row(
                int(times[row]), "action", text[:500], "Row.Info", lines.offsets[row]
            )
    yield from _flight_mode_and_no_fly_events(lines, times)
    flying = lines.numbers_of_column("Aircraft Flying")
    stated = np.flatnonzero(np.isfinite(flying))
    for run in find_runs((flying[stated] != 0).astype(np.float64)):
        row = int(stated[run.first])
        yield make_event_row(
            int(times[row]), "airborne.report", in_air_or_on_ground_text(run),
            "Row.Aircraft Flying",
            lines.offsets[row], value=run.value,
        )  # fmt: skip


def _flight_mode_and_no_fly_events(lines: _RecorderLines, times: Ints) -> Iterator[dict[str, Any]]:
    """Yield flight modes and no-fly states, one for each change."""
    for name, kind, title, severity in (
        ("Aircraft Flight Mode", "mode", "flight mode", "info"),
        ("Aircraft No-Fly", "geofence.warning", "no-fly state", "notice"),
    ):
        before = ""
        for row, text in enumerate(lines.texts_of_column(name)):
            if text != before and text not in ("", "null", "N/A"):
                yield make_event_row(
                    int(times[row]), kind, f"{title}: {text[:200]}", f"Row.{name}",
                    lines.offsets[row], severity=severity,
                )  # fmt: skip
            before = text


def _media_capture_rows(lines: _RecorderLines, times: Ints) -> Iterator[dict[str, Any]]:
    for name, kind in _CAMERA_STATES.items():
        for run in find_true_runs(lines.numbers_of_column(name)):
            start = int(times[run.first])
            end = int(times[run.last]) if kind == "video" else start
            yield {
                "start": instant_or_none(start),
                "end": instant_or_none(max(start, end)),
                "sensor": "unknown",
                "kind": kind,
                "source": f"Row.{name}",
                "grade": "reported",
                "source_offset": lines.offsets[run.first],
            }


def _home_and_controller_positions(lines: _RecorderLines, times: Ints) -> Iterator[NamedPosition]:
    """Yield home and controller, once for each place."""
    for kind, prefix in (("home", "Home"), ("controller", "RC")):
        fixes = replace_false_positions_with_nan(
            lines.numbers_of_column(f"{prefix} Latitude (Degrees)"),
            lines.numbers_of_column(f"{prefix} Longitude (Degrees)"),
        )
        last = (np.nan, np.nan)
        for row in np.flatnonzero(np.isfinite(fixes.latitude_deg)).tolist():
            place = float(fixes.latitude_deg[row]), float(fixes.longitude_deg[row])
            if place != last:
                yield NamedPosition(
                    kind, _timestamp_or_none(int(times[row])), *place, None,
                    f"Row.{prefix} Latitude (Degrees)", lines.offsets[row],
                )  # fmt: skip
            last = place


def _timestamp_or_none(ns: int) -> pd.Timestamp | None:
    return None if ns == NAT else pd.Timestamp(ns, tz="UTC")


def _rows_as_dicts(lines: _RecorderLines) -> Iterator[Mapping[str, Any]]:
    for row, offset in zip(lines.rows, lines.offsets, strict=True):
        yield {
            name: float(text) if _NUMBER.fullmatch(text) else text or None
            for name, text in zip(lines.names, row, strict=True)
        } | {"offset": offset}


FORMAT = Format(
    name="dronedeploy",
    title="flight recorder log of DroneDeploy",
    reference="one real log; DJI's Mobile SDK",
    claims=claims,
    read=read,
    facts=(
        *fact_declarations_of_track_columns(
            "rows", "time", "latitude_deg", "longitude_deg", "height_ato_m", "ground_speed_mps"
        ),
        FactDeclaration("takeoff_landing", "whether the aircraft flies"),
        FactDeclaration("photo", "states of the camera"),
        FactDeclaration("video", "states of the camera"),
        *IDENTITY_FACTS,
    ),
)
