"""From the local sets of a stream to its ``Log``: track, aircraft, captures, fields of view."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._byte_coverage import ByteCoverage, byte_kind_code
from .._file_content import Content
from .._model import Aircraft, Clock, FieldOfView, Issue, Log, SensorReadings, Source
from .._tables import TRACK, build_table, event_table, media_capture_table, sort_by_time
from .._track_values._positions import mask_positions
from ._aircraft_types import aircraft_type
from ._item_values import NO_TIME, Floats, Ints
from ._local_sets import REFUSALS, LocalSets, find_local_sets
from ._security_and_targets import security_fields, target_counts
from ._set_columns import LocalSetRecords, SetColumns, ValueChange, read_columns, text_of
from ._tags import TAGS

RECORD = "UasDatalink"
#: Items that the tables need: the others are decoded where somebody asks for the records.
_NEEDED = (
    2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24, 25, 48, 51, 56, 59, 65,
    74, 75, 78, 79, 80, 90, 91, 104, 112, 113, 114, 123, 136, 137,
)  # fmt: skip
_EARLIEST_NS, _LATEST_NS = 631_152_000 * 10**9, 4_102_444_800 * 10**9
#: Seconds without a local set after which a recording is taken to have stopped.
_LONGEST_PAUSE_S = 10.0
_MOST_FIELDS_OF_VIEW, _LEAST_FOV_STEP_DEG = 10_000, 0.05
_MOST_ISSUES = 20_000
_VISIBLE = re.compile(r"\b(EO\w?|TV|DLTV|HDTV|DAY\w*|COLOU?R|CCD|VIS\w*|RGB)\b", re.IGNORECASE)
_THERMAL = re.compile(r"\b(\w*IR|THERMAL|INFRARED|FLIR)\b", re.IGNORECASE)
#: Items whose text is told as an event, and how.
_TOLD_TEXTS = {
    3: "mission", 4: "tail number", 10: "platform", 11: "sensor", 12: "image coordinates",
    59: "call sign",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _UsedRows:
    """The local sets that the tables are made of."""

    #: Rows of the columns.
    rows: Ints
    #: UTC, nanoseconds since 1970; ``NO_TIME``: not given.  Of all local sets.
    times_ns: Ints


def sensor_of_name(name: str) -> str:
    """Return ``visible``, ``thermal`` or ``unknown`` by the name of an image source."""
    plain = re.sub(r"[_\-/]", " ", name)
    told = (_VISIBLE.search(plain) is not None, _THERMAL.search(plain) is not None)
    return {(True, False): "visible", (False, True): "thermal"}.get(told, "unknown")


def read_log(content: Content, format_name: str, *, has_video: bool) -> Log:
    """Read the log of a stream of KLV.

    Args:
        content: The stream.
        format_name: Of the format that the stream was found in.
        has_video: Whether the file that it is from holds the video too.
    """
    sets = find_local_sets(content.array)
    columns = read_columns(sets, _NEEDED)
    used = _used_rows(columns)
    captures = list(_capture_rows(columns, used, content, has_video=has_video))
    coverage, gaps = _coverage_and_gaps(sets)
    versions = columns.number(65)
    version = f"ST 0601.{int(np.nanmax(versions))}" if np.isfinite(versions).any() else None
    has_times = bool((used.times_ns[used.rows] != NO_TIME).any())
    track, issues = _track_and_issues(columns, used)
    return Log(
        Source.from_content(content, format_name, version),
        _aircraft(columns),
        _clock(columns) if has_times else Clock(),
        track,
        event_table(_event_rows(columns, used)),
        media_capture_table(captures),
        fields_of_view=tuple(_fields_of_view(columns, used)),
        sensor_readings=tuple(_heights_over_picture(columns, used)),
        issues=(*gaps, *issues, *_value_issues(columns)),
        coverage=coverage,
        unrecorded_tables=("contacts",),
        track_record=RECORD,
        _records={RECORD: LocalSetRecords(sets)} if len(LocalSetRecords(sets)) else {},
    )


def _used_rows(columns: SetColumns) -> _UsedRows:
    """Return the readable local sets; where checksums fit at all, those whose checksum fits."""
    sets = columns.sets
    is_used = sets.refusals == 0
    failing = np.fromiter(columns.mismatches, np.int64, len(columns.mismatches))
    if len(failing) < int(is_used.sum()):
        is_used[failing] = False
    times = columns.instant(2).copy()
    leap, correction = columns.number(136), columns.number(137)
    shift_us = np.nan_to_num(correction) - 1e6 * np.nan_to_num(leap)
    is_shifted = (times != NO_TIME) & (np.abs(shift_us) < 1e15)
    times[is_shifted] += (shift_us[is_shifted] * 1000).astype(np.int64)
    times[(times < _EARLIEST_NS) | (times > _LATEST_NS)] = NO_TIME
    return _UsedRows(np.flatnonzero(is_used), times)


def _clock(columns: SetColumns) -> Clock:
    notes = ["the time stamp of each local set; ST 0603 asks for a clock bound to GPS"]
    if np.isfinite(columns.number(136)).any():
        notes.append("leap seconds that the stream states are taken off")
    return Clock("clock of the metadata", notes=tuple(notes))


def _aircraft(columns: SetColumns) -> Aircraft:
    def first_text(tag: int) -> str | None:
        texts = (text_of(each.value) for each in columns.changes.get(tag, ()))
        return next((text for text in texts if text), None)

    return Aircraft(
        model=first_text(10),
        name=first_text(59),
        serial=first_text(4),
        camera_model=first_text(11),
        larger_type=aircraft_type(first_text(10)),
    )


def _track_and_issues(
    columns: SetColumns, used: _UsedRows
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    rows = used.rows
    times, offsets = used.times_ns[rows], columns.sets.begins[rows]
    fixes = mask_positions(columns.number(13)[rows], columns.number(14)[rows], times)
    heading = columns.number(5)
    pitch, roll = columns.first_number(90, 6), columns.first_number(91, 7)
    yaw, elevation = camera_direction_deg(
        heading, pitch, roll, columns.number(18), columns.number(19)
    )
    north, east = columns.number(79), columns.number(80)
    relative_roll = columns.number(20)
    course = np.degrees(np.arctan2(east, north)) % 360
    values: dict[str, Any] = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "altitude_amsl_m": columns.number(15)[rows],
        "height_agl_m": columns.number(114)[rows],
        "ground_speed_mps": _first_of(columns.number(56), np.hypot(north, east))[rows],
        "vertical_speed_mps": columns.number(51)[rows],
        "course_deg": _first_of(columns.number(112), course)[rows] % 360,
        "heading_deg": heading[rows] % 360,
        "pitch_deg": pitch[rows],
        "roll_deg": roll[rows],
        "gimbal_yaw_deg": yaw[rows],
        "gimbal_pitch_deg": elevation[rows],
        "gimbal_roll_deg": ((relative_roll + 180) % 360 - 180)[rows],
        "source_offset": offsets,
    }
    is_row = (times != NO_TIME) | np.isfinite(fixes.latitude_deg)
    table = build_table(
        TRACK, {name: column[is_row] for name, column in values.items()}, int(is_row.sum())
    )
    return sort_by_time(table, "time"), fixes.issues("local sets", offsets)


def _first_of(first: Floats, second: Floats) -> Floats:
    return np.where(np.isnan(first), second, first)


def camera_direction_deg(
    heading: Floats, pitch: Floats, roll: Floats, azimuth: Floats, elevation: Floats
) -> tuple[Floats, Floats]:
    """Return where a camera looks, from north and from the horizon, degrees.

    Args:
        heading: Of the platform, from north.
        pitch: Of the platform, nose up positive.
        roll: Of the platform, right wing down positive.
        azimuth: Of the camera from the nose, clockwise seen from above.
        elevation: Of the camera from the plane of the platform, down negative.
    """
    yaw, up, bank, side, tilt = (
        np.radians(each) for each in (heading, pitch, roll, azimuth, elevation)
    )
    forward = np.cos(tilt) * np.cos(side)
    right = np.cos(tilt) * np.sin(side)
    down = -np.sin(tilt)
    level_right = right * np.cos(bank) - down * np.sin(bank)
    below = right * np.sin(bank) + down * np.cos(bank)
    ahead = forward * np.cos(up) + below * np.sin(up)
    downward = -forward * np.sin(up) + below * np.cos(up)
    north = ahead * np.cos(yaw) - level_right * np.sin(yaw)
    east = ahead * np.sin(yaw) + level_right * np.cos(yaw)
    return (
        np.degrees(np.arctan2(east, north)) % 360,
        np.degrees(np.arcsin(np.clip(-downward, -1.0, 1.0))),
    )


def _heights_over_picture(columns: SetColumns, used: _UsedRows) -> Iterator[SensorReadings]:
    """Yield the height of the sensor above the ground in the middle of the picture."""
    above_sea = columns.number(15) - columns.number(25)
    above_ellipsoid = columns.first_number(104, 75) - columns.number(78)
    heights = _first_of(above_sea, above_ellipsoid)[used.rows]
    is_known = np.isfinite(heights)
    if is_known.any():
        yield SensorReadings(
            "height over picture",
            "altitude of the sensor less the elevation of the frame centre",
            RECORD,
            "15, 25; 75, 78",
            columns.sets.begins[used.rows][is_known],
            np.full(int(is_known.sum()), np.nan),
            heights[is_known].reshape(-1, 1),
        )


def _event_rows(columns: SetColumns, used: _UsedRows) -> Iterator[dict[str, Any]]:
    for tag, words in _TOLD_TEXTS.items():
        for each in columns.changes.get(tag, ()):
            if text := text_of(each.value):
                yield _parameter_event(columns, used, each, tag, f"{words}: {text}")
    for each in columns.changes.get(48, ()):
        marking = ", ".join(f"{name} {text}" for name, text in security_fields(each.value).items())
        text = f"security marking: {marking or 'none that can be read'}"
        yield _parameter_event(columns, used, each, 48, text)


def _parameter_event(
    columns: SetColumns, used: _UsedRows, change: ValueChange, tag: int, text: str
) -> dict[str, Any]:
    instant = int(used.times_ns[change.row])
    return {
        "time": None if instant == NO_TIME else np.datetime64(instant, "ns"),
        "kind": "param",
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": f"{RECORD}.{TAGS[tag].name}",
        "source_offset": int(columns.sets.begins[change.row]),
    }


def _sensor_per_set(columns: SetColumns) -> list[tuple[int, str]]:
    """Return the sensor from a local set on, up to the next."""
    runs: list[tuple[int, str]] = []
    for change in columns.changes.get(11, ()):
        sensor = sensor_of_name(text_of(change.value))
        if not runs or runs[-1][1] != sensor:
            runs.append((change.row, sensor))
    # A name that comes late, because texts are sent now and then, holds from the beginning.
    return [(0, runs[0][1]), *runs[1:]] if runs else [(0, "unknown")]


def _capture_rows(
    columns: SetColumns, used: _UsedRows, content: Content, *, has_video: bool
) -> Iterator[dict[str, Any]]:
    """Yield a video for each stretch of one sensor without a pause."""
    rows = used.rows[used.times_ns[used.rows] != NO_TIME]
    times = used.times_ns[rows]
    if not len(rows):
        return
    runs = _sensor_per_set(columns)
    starts = np.array([row for row, _ in runs])
    sensor_run = np.searchsorted(starts, rows, "right") - 1
    steps = np.diff(times)
    is_begin = np.append(
        True, (np.diff(sensor_run) != 0) | (steps > _LONGEST_PAUSE_S * 1e9) | (steps < 0)
    )
    begins = np.flatnonzero(is_begin)
    for begin, last in zip(begins, np.append(begins[1:], len(rows)) - 1, strict=True):
        # A sensor looks until the next one does, where nothing paused between.
        goes_on = last + 1 < len(rows) and 0 <= steps[last] <= _LONGEST_PAUSE_S * 1e9
        yield {
            "start": np.datetime64(int(times[begin]), "ns"),
            "end": np.datetime64(int(times[last + 1 if goes_on else last]), "ns"),
            "sensor": runs[int(sensor_run[begin])][1],
            "kind": "video",
            "source": f"{RECORD}.image_source_sensor",
            "grade": "reported" if has_video else "inferred",
            "file": content.base_name if has_video else None,
            "source_offset": int(columns.sets.begins[rows[begin]]),
        }


def _fields_of_view(columns: SetColumns, used: _UsedRows) -> Iterator[FieldOfView]:
    """Yield the field of view where it changes, in time order."""
    rows = used.rows[used.times_ns[used.rows] != NO_TIME]
    across, up = columns.number(16)[rows], columns.number(17)[rows]
    is_known = (across > 0) & (across < 180) & (up > 0) & (up < 180)
    rows, across, up = rows[is_known], across[is_known], up[is_known]
    order = np.argsort(used.times_ns[rows], kind="stable")
    rows, across, up = rows[order], across[order], up[order]
    runs = _sensor_per_set(columns)
    starts = np.array([row for row, _ in runs])
    last: tuple[float, float] | None = None
    count = 0
    for row, horizontal, vertical in zip(rows.tolist(), across.tolist(), up.tolist(), strict=True):
        if last is not None and max(abs(horizontal - last[0]), abs(vertical - last[1])) < (
            _LEAST_FOV_STEP_DEG
        ):
            continue
        last, count = (horizontal, vertical), count + 1
        if count > _MOST_FIELDS_OF_VIEW:
            return
        yield FieldOfView(
            pd.Timestamp(int(used.times_ns[row]), unit="ns", tz="UTC"),
            runs[int(np.searchsorted(starts, row, "right")) - 1][1],
            horizontal,
            vertical,
            f"{RECORD}.sensor_horizontal_fov_deg",
            int(columns.sets.begins[row]),
        )


def _coverage_and_gaps(sets: LocalSets) -> tuple[ByteCoverage, list[Issue]]:
    """Return what every byte of the stream is, and an issue for each gap."""
    size = len(sets.data)
    is_read = sets.refusals == 0
    begins = np.concatenate([sets.begins, sets.others[:, 0]])
    ends = np.concatenate([sets.ends, sets.others[:, 1]])
    kinds = np.concatenate(
        [
            np.where(is_read, byte_kind_code("records"), byte_kind_code("gap")),
            np.full(len(sets.others), byte_kind_code("unknown")),
        ]
    ).astype(np.uint8)
    order = np.argsort(begins, kind="stable")
    begins, ends, kinds = begins[order], ends[order], kinds[order]
    bounds = np.empty(2 * len(begins) + 2, np.int64)
    bounds[0], bounds[-1] = 0, size
    bounds[1:-1:2], bounds[2:-1:2] = begins, ends
    codes = np.full(2 * len(begins) + 1, byte_kind_code("gap"), np.uint8)
    codes[1::2] = kinds
    between = [
        Issue(int(bounds[2 * at]), int(bounds[2 * at + 1] - bounds[2 * at]), "no KLV packet")
        for at in np.flatnonzero(bounds[1::2] > bounds[::2])[:_MOST_ISSUES].tolist()
    ]
    refused = [
        Issue(
            int(sets.begins[row]),
            int(sets.ends[row] - sets.begins[row]),
            REFUSALS[int(sets.refusals[row]) - 1],
        )
        for row in np.flatnonzero(~is_read)[:_MOST_ISSUES].tolist()
    ]
    issues = sorted((*between, *refused), key=lambda issue: issue.offset)
    if len(sets.others):
        at = int(sets.others[0, 0])
        issues.append(Issue(at, 0, f"{len(sets.others)} packets of other keys: counted, not read"))
    is_filled = np.diff(bounds) > 0
    edges = np.append(bounds[:-1][is_filled], size)
    return ByteCoverage(edges, codes[is_filled]).with_changed_kinds({}), issues


def _value_issues(columns: SetColumns) -> Iterator[Issue]:
    """Yield what is wrong with local sets that were read, and what is counted only."""
    sets = columns.sets
    readable = int((sets.refusals == 0).sum())
    is_used = len(columns.mismatches) == readable
    what = "no other fits either, so its values are used" if is_used else "the track leaves it out"
    for row, (stated, found) in list(columns.mismatches.items())[:_MOST_ISSUES]:
        words = (
            "a local set without a checksum at its end"
            if stated < 0
            else f"the checksum of a local set does not fit: it states {stated:04X}, and its bytes "
            f"give {found:04X}"
        )
        yield Issue(int(sets.begins[row]), 0, f"{words}; {what}")
    for tag, (first, missing) in sorted(columns.not_given.items()):
        words = f"{missing} values of {TAGS[tag].name} (item {tag}) are not given: out of range, "
        yield Issue(int(sets.begins[first]), 0, words + "off the earth, or of a wrong length")
    if unknown := sorted(set(columns.counts) - set(TAGS)):
        names = ", ".join(map(str, unknown[:10]))
        yield Issue(0, 0, f"items of unknown meaning, not read: {names}")
    if count := columns.counts.get(74):
        yield from _target_issue(columns, count)


def _target_issue(columns: SetColumns, count: int) -> Iterator[Issue]:
    changes = columns.changes.get(74, [])
    totals = [target_counts(each.value) for each in changes]
    stated = [number for each in totals for number in each[:1] if number is not None]
    most = f", at most {max(stated)} targets at once" if stated else ""
    at = int(columns.sets.begins[changes[0].row]) if changes else 0
    words = f"{count} local sets hold moving targets (ST 0903){most}: counted, not read"
    yield Issue(at, 0, words)
