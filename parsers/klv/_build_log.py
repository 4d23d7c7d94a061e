"""From the local sets of a stream to its ``Log``: track, aircraft, captures, fields of view."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .._byte_coverage import ByteCoverage, coverage_kind_code
from .._file_content import Content
from .._model import Aircraft, Clock, FieldOfView, Issue, Log, SensorReadings, Source
from .._tables import (
    TRACK,
    build_table,
    event_table_from_rows,
    media_capture_table_from_rows,
    sort_by_time,
)
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from ._columns_for_log_tables import ColumnsForLogTables, read_stream_columns
from ._crewed_aircraft_designations import aircraft_type
from ._decode_item_values import NO_TIME
from ._decode_local_set_columns import (
    ChangedItemValue,
    LocalSetRecords,
    utf8_text_replacing_invalid_bytes,
)
from ._find_local_sets import REFUSALS, LocalSets, find_local_sets
from ._misb_st0601_tags import TAGS
from ._security_and_targets import detected_and_reported_target_counts, security_fields

RECORD = "UasDatalink"
#: Seconds without a local set after which a recording is taken to have stopped.
_LONGEST_PAUSE_S = 10.0
_MOST_FIELDS_OF_VIEW, _LEAST_FOV_STEP_DEG = 10_000, 0.05
_MOST_ISSUES, _MOST_CAPTURES = 20_000, 20_000
#: From one number of a corner to the next, metres: 2 * 0.075 degrees in 65,534 steps, as an offset
#: from the frame centre; 360 degrees in 2**32 - 2 steps, in full.
_OFFSET_CORNER_STEP_M, _FULL_CORNER_STEP_M = 0.26, 0.01
_VISIBLE = re.compile(r"\b(EO\w?|TV|DLTV|HDTV|DAY\w*|COLOU?R|CCD|VIS\w*|RGB)\b", re.IGNORECASE)
_THERMAL = re.compile(r"\b(\w*IR|THERMAL|INFRARED|FLIR)\b", re.IGNORECASE)
#: Items whose text is told as an event, and how.
_TOLD_TEXTS = {
    3: "mission", 4: "tail number", 10: "platform", 11: "sensor", 12: "image coordinates",
    59: "call sign",
}  # fmt: skip


def camera_sensor_from_source_name(name: str) -> str:
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
    stream = read_stream_columns(sets)
    coverage, gaps = _byte_coverage_and_gap_issue_list(sets)
    captures, capture_issues = _captures_and_issues(stream, content, has_video=has_video)
    has_times = bool((stream.times_ns[stream.rows] != NO_TIME).any())
    readings = (*_sensor_heights_over_frame_centre(stream), *_picture_corner_readings(stream))
    lenses = tuple(_fields_of_view(stream))
    events = event_table_from_rows(_event_rows(stream))
    track, issues = _track_and_issues(stream)
    records = LocalSetRecords(sets)
    return Log(
        Source.from_content(
            content,
            format_name,
            None if stream.version is None else f"ST 0601.{stream.version}",
        ),
        _aircraft_of_stream(stream),
        _clock_of_stream(stream) if has_times else Clock(),
        track,
        events,
        captures,
        fields_of_view=lenses,
        sensor_readings=readings,
        issues=(*gaps, *issues, *capture_issues, *_local_set_value_issues(stream)),
        coverage=coverage,
        unrecorded_tables=("contacts",),
        track_record=RECORD,
        _records={RECORD: records} if len(records) else {},
    )


def _clock_of_stream(stream: ColumnsForLogTables) -> Clock:
    notes = ["the time stamp of each local set; ST 0603 asks for a clock bound to GPS"]
    if stream.states_leap_seconds:
        notes.append("leap seconds that the stream states are taken off")
    return Clock("clock of the metadata", notes=tuple(notes))


def _aircraft_of_stream(stream: ColumnsForLogTables) -> Aircraft:
    def first_text(tag: int) -> str | None:
        texts = (
            utf8_text_replacing_invalid_bytes(each.value)
            for each in stream.summary.changes.get(tag, ())
        )
        return next((text for text in texts if text), None)

    return Aircraft(
        model=first_text(10),
        name=first_text(59),
        serial=first_text(4),
        camera_model=first_text(11),
        larger_type=aircraft_type(first_text(10)),
    )


def _track_and_issues(stream: ColumnsForLogTables) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the track; the columns of the stream go into it one by one, so that none is twice."""
    rows = stream.rows
    times, offsets = stream.times_ns[rows], stream.sets.begins[rows]
    none = np.full(len(rows), np.nan)
    latitude, longitude = (
        stream.column_of_used_local_sets("latitude_deg"),
        stream.column_of_used_local_sets("longitude_deg"),
    )
    fixes = replace_false_positions_with_nan(
        none if latitude is None else latitude, none if longitude is None else longitude, times
    )
    stream.numbers |= {"latitude_deg": none[:0], "longitude_deg": none[:0]}
    is_row = (times != NO_TIME) | np.isfinite(fixes.latitude_deg)
    issues = fixes.issues("local sets", offsets)
    values: dict[str, Any] = {
        "time": times[is_row],
        "latitude_deg": fixes.latitude_deg[is_row],
        "longitude_deg": fixes.longitude_deg[is_row],
        "source_offset": offsets[is_row],
    }
    del fixes, latitude, longitude
    for name in [name for name in stream.numbers if name in TRACK and name not in values]:
        column = stream.column_of_used_local_sets(name)
        del stream.numbers[name]
        values[name] = None if column is None else column if is_row.all() else column[is_row]
    table = build_table(TRACK, values, int(is_row.sum()))
    return sort_by_time(table, "time"), issues


def _sensor_heights_over_frame_centre(stream: ColumnsForLogTables) -> Iterator[SensorReadings]:
    """Yield the height of the sensor above the ground in the middle of the picture."""
    heights = stream.column_of_used_local_sets("height_over_picture_m")
    stream.numbers.pop("height_over_picture_m", None)
    if heights is not None:
        is_known = np.isfinite(heights)
        yield SensorReadings(
            "height over picture",
            "altitude of the sensor less the elevation of the frame centre",
            RECORD,
            "15, 25; 75, 78",
            stream.sets.begins[stream.rows][is_known],
            np.full(int(is_known.sum()), np.nan),
            heights[is_known].reshape(-1, 1),
        )


def _picture_corner_readings(stream: ColumnsForLogTables) -> Iterator[SensorReadings]:
    """Yield the corners of the picture on the ground as the stream states them."""
    corners = stream.corner_offsets_deg
    stream.corner_offsets_deg = None
    if corners is None:
        return
    is_known = np.isfinite(corners[stream.rows, 0, 0])
    rows = stream.rows[is_known]
    if len(rows):
        numbers = np.empty((len(rows), 9), np.float32)
        numbers[:, :8] = corners.reshape(-1, 8)[rows]
        # Metres from one number to the next, of the coarsest that the stream uses.
        numbers[:, 8] = _FULL_CORNER_STEP_M if stream.has_full_corners else _OFFSET_CORNER_STEP_M
        yield SensorReadings(
            "picture corners",
            "corners of the picture on the ground, as the maker of the stream computed them",
            RECORD,
            "82 to 89" if stream.has_full_corners else "23, 24, 26 to 33",
            stream.sets.begins[rows],
            np.broadcast_to(np.float64(np.nan), len(rows)),
            numbers,
        )


def _event_rows(stream: ColumnsForLogTables) -> Iterator[dict[str, Any]]:
    changes = stream.summary.changes
    for tag, words in _TOLD_TEXTS.items():
        for each in changes.get(tag, ()):
            if text := utf8_text_replacing_invalid_bytes(each.value):
                yield _changed_value_event(stream, each, tag, f"{words}: {text}")
    for each in changes.get(48, ()):
        marking = ", ".join(f"{name} {text}" for name, text in security_fields(each.value).items())
        text = f"security marking: {marking or 'none that can be read'}"
        yield _changed_value_event(stream, each, 48, text)


def _changed_value_event(
    stream: ColumnsForLogTables, change: ChangedItemValue, tag: int, text: str
) -> dict[str, Any]:
    instant = int(stream.times_ns[change.row])
    return {
        "time": None if instant == NO_TIME else np.datetime64(instant, "ns"),
        "kind": "param",
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": f"{RECORD}.{TAGS[tag].name}",
        "source_offset": int(stream.sets.begins[change.row]),
    }


def _camera_sensor_changes_with_rows(stream: ColumnsForLogTables) -> list[tuple[int, str]]:
    """Return the sensor from a local set on, up to the next."""
    runs: list[tuple[int, str]] = []
    for change in stream.summary.changes.get(11, ()):
        sensor = camera_sensor_from_source_name(utf8_text_replacing_invalid_bytes(change.value))
        if not runs or runs[-1][1] != sensor:
            runs.append((change.row, sensor))
    # A name that comes late, because texts are sent now and then, holds from the beginning.
    return [(0, runs[0][1]), *runs[1:]] if runs else [(0, "unknown")]


def _captures_and_issues(
    stream: ColumnsForLogTables, content: Content, *, has_video: bool
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return a video for each stretch of one sensor without a pause."""
    rows = stream.rows[stream.times_ns[stream.rows] != NO_TIME]
    times = stream.times_ns[rows]
    if not len(rows):
        return media_capture_table_from_rows(()), ()
    runs = _camera_sensor_changes_with_rows(stream)
    starts = np.array([row for row, _ in runs])
    sensor_run = np.searchsorted(starts, rows, "right") - 1
    steps = np.diff(times)
    is_begin = np.append(
        True, (np.diff(sensor_run) != 0) | (steps > _LONGEST_PAUSE_S * 1e9) | (steps < 0)
    )
    begins = np.flatnonzero(is_begin)
    ends = np.append(begins[1:], len(rows)) - 1
    captures: list[dict[str, Any]] = []
    for begin, last in zip(begins[:_MOST_CAPTURES], ends[:_MOST_CAPTURES], strict=True):
        # A sensor looks until the next one does, where nothing paused between.
        goes_on = last + 1 < len(rows) and 0 <= steps[last] <= _LONGEST_PAUSE_S * 1e9
        captures.append(
            {
                "start": np.datetime64(int(times[begin]), "ns"),
                "end": np.datetime64(int(times[last + 1 if goes_on else last]), "ns"),
                "sensor": runs[int(sensor_run[begin])][1],
                "kind": "video",
                "source": f"{RECORD}.image_source_sensor",
                "grade": "reported" if has_video else "inferred",
                "file": content.base_name if has_video else None,
                "source_offset": int(stream.sets.begins[rows[begin]]),
            }
        )
    issues: tuple[Issue, ...] = ()
    if len(begins) > _MOST_CAPTURES:
        at = int(stream.sets.begins[rows[begins[_MOST_CAPTURES]]])
        words = f"{len(begins)} stretches of recording: those after {_MOST_CAPTURES} are left out"
        issues = (Issue(at, 0, words),)
    return media_capture_table_from_rows(captures), issues


def _fields_of_view(stream: ColumnsForLogTables) -> Iterator[FieldOfView]:
    """Yield the field of view where it changes, in time order."""
    steps = stream.field_of_view_steps
    times = stream.times_ns[steps.rows]
    is_used = (times != NO_TIME) & np.isin(steps.rows, stream.rows, assume_unique=True)
    order = np.flatnonzero(is_used)[np.argsort(times[is_used], kind="stable")]
    runs = _camera_sensor_changes_with_rows(stream)
    starts = np.array([row for row, _ in runs])
    last: tuple[float, float] | None = None
    count = 0
    for at in order:
        horizontal, vertical = float(steps.across_deg[at]), float(steps.up_deg[at])
        if last is not None and max(abs(horizontal - last[0]), abs(vertical - last[1])) < (
            _LEAST_FOV_STEP_DEG
        ):
            continue
        last, count = (horizontal, vertical), count + 1
        if count > _MOST_FIELDS_OF_VIEW:
            return
        row = int(steps.rows[at])
        yield FieldOfView(
            pd.Timestamp(int(stream.times_ns[row]), unit="ns", tz="UTC"),
            runs[int(np.searchsorted(starts, row, "right")) - 1][1],
            horizontal,
            vertical,
            f"{RECORD}.sensor_horizontal_fov_deg",
            int(stream.sets.begins[row]),
        )


def _byte_coverage_and_gap_issue_list(sets: LocalSets) -> tuple[ByteCoverage, list[Issue]]:
    """Return what every byte of the stream is, and an issue for each gap."""
    size = len(sets.data)
    is_read = sets.refusals == 0
    # Local sets that lie end to end, and are alike, become one span.
    is_alike = (sets.begins[1:] == sets.ends[:-1]) & (is_read[1:] == is_read[:-1])
    heads = np.flatnonzero(np.append(True, ~is_alike)[: len(sets)])
    lasts = np.append(heads[1:], len(sets)) - 1 if len(heads) else heads
    begins = np.concatenate([sets.begins[heads], sets.others[:, 0]])
    ends = np.concatenate([sets.ends[lasts], sets.others[:, 1]])
    kinds = np.concatenate(
        [
            np.where(is_read[heads], coverage_kind_code("records"), coverage_kind_code("gap")),
            np.full(len(sets.others), coverage_kind_code("unknown")),
        ]
    ).astype(np.uint8)
    order = np.argsort(begins, kind="stable")
    begins, ends, kinds = begins[order], ends[order], kinds[order]
    bounds = np.empty(2 * len(begins) + 2, np.int64)
    bounds[0], bounds[-1] = 0, size
    bounds[1:-1:2], bounds[2:-1:2] = begins, ends
    codes = np.full(2 * len(begins) + 1, coverage_kind_code("gap"), np.uint8)
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


def _local_set_value_issues(stream: ColumnsForLogTables) -> Iterator[Issue]:
    """Yield what is wrong with local sets that were read, and what is counted only."""
    sets, summary = stream.sets, stream.summary
    wrong = summary.wrong_checksums_stated_and_found
    is_used = len(wrong.rows) == int((sets.refusals == 0).sum())
    what = "no other fits either, so its values are used" if is_used else "the track leaves it out"
    listed = zip(wrong.rows[:_MOST_ISSUES], wrong.stated, wrong.found, strict=False)
    for row, stated, found in listed:
        words = (
            "a local set without a checksum at its end"
            if stated < 0
            else f"the checksum of a local set does not fit: it states {stated:04X}, and its bytes "
            f"give {found:04X}"
        )
        yield Issue(int(sets.begins[row]), 0, f"{words}; {what}")
    if len(wrong.rows) > _MOST_ISSUES:
        at = int(sets.begins[wrong.rows[_MOST_ISSUES]])
        words = f"the checksums of {len(wrong.rows)} local sets do not fit: the rest is not listed"
        yield Issue(at, 0, f"{words}; {what}")
    for tag, (first, missing) in sorted(summary.not_given.items()):
        words = f"{missing} values of {TAGS[tag].name} (item {tag}) are not given: out of range, "
        yield Issue(int(sets.begins[first]), 0, words + "off the earth, or of a wrong length")
    if unknown := sorted(set(summary.counts) - set(TAGS)):
        names = ", ".join(map(str, unknown[:10]))
        yield Issue(0, 0, f"items of unknown meaning, not read: {names}")
    if count := summary.counts.get(74):
        changes = summary.changes.get(74, [])
        totals = [detected_and_reported_target_counts(each.value) for each in changes]
        stated_totals = [number for each in totals for number in each[:1] if number is not None]
        most = f", at most {max(stated_totals)} targets at once" if stated_totals else ""
        at = int(sets.begins[changes[0].row]) if changes else 0
        words = f"{count} local sets hold moving targets (ST 0903){most}: counted, not read"
        yield Issue(at, 0, words)
