"""JSON that DJI's own reader of flight records writes, as a table: one row for each frame.

Facts: dji-sdk/FlightRecordParsingLib 020d61f2, ``FRSummaryModelProto.proto`` and the other protocol
files (names, units and the sampling rate; MIT): ``{"summary": {…}, "info": {"frameTimeStates":
[…]}}``, one frame for each tenth of a second unless ``samplingRate`` says otherwise.  The reader
writes a value that was never recorded as 0, false or an empty text, so a column that holds nothing
else throughout is not stated.  No real file is known.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._model import Issue
from .._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from .._shared_fields_and_enum_names import PRODUCT
from ._known_export_programs import OFFICIAL_JSON
from ._open_dronelog_metadata import ExportMetadata, number_or_none
from ._read_export_lines import QUOTED_SEPARATOR, ExportLines
from ._recognise_header import ExportColumn, ExportHeader

#: What the first bytes hold: the outermost names, and one that only such files have.
_BEGINNING = re.compile(rb'\s{0,64}\{\s{0,64}"(?:summary|info)"\s{0,64}:\s{0,64}\{')
_KEYS_OF_FLIGHT_RECORDS = re.compile(
    rb'"(?:frameTimeStates|flightControllerState|samplingRate|startCoordinate|maxVirticalSpeed'
    rb'|flightControllerInformation)"\s{0,64}:'
)
_FRAMES = re.compile(rb'"frameTimeStates"\s{0,64}:\s{0,64}\[')
_SUMMARY = re.compile(rb'"summary"\s{0,64}:\s{0,64}(?=\{)')
_FRAME_BEGINS = re.compile(
    rb'\{\s{0,64}"(?:flightControllerState|cameraState|gimbalState|rcHardwareState|batteryState'
    rb"|mobileRemoteController|airLinkState|goBusinessData|mobileDeviceState|visionState"
    rb'|gimbalsState|camerasState|batteriesState)"\s{0,64}:'
)
_GAP = re.compile(r"[\s,]*")
#: Limits: bytes of a file, frames, columns, levels of one frame, frames that are no JSON.
_MOST_BYTES, _MOST_FRAMES, _MOST_COLUMNS, _DEEPEST, _MOST_DAMAGED = 1 << 28, 1 << 20, 512, 8, 10_000
_MOST_TEXT = 1000
#: Frames a second where the summary does not say.
_USUAL_RATE_HZ = 10.0
SECONDS_COLUMN = "frame number / samplingRate"
#: What a value is that was never recorded.
_UNSET = frozenset({"", "0", "0.0", "false"})
_SEPARATOR = b"\t"


def claims_official_json(head: bytes) -> bool:
    """Return whether the first bytes are JSON of DJI's own reader of flight records."""
    return bool(_BEGINNING.match(head)) and bool(_KEYS_OF_FLIGHT_RECORDS.search(head))


def read_official_json_header_rows_metadata(
    content: Content,
) -> tuple[ExportHeader, ExportLines, ExportMetadata]:
    """Return header, rows and metadata of a file; a frame that is no JSON is an issue and no row.

    Raises:
        CorruptLogError: If it holds no frame.
    """
    data = content.data[:_MOST_BYTES]
    listed = _FRAMES.search(data)
    issues: list[Issue] = []
    offsets: list[int] = []
    rows: list[dict[str, str]] = []
    end = len(data)
    if listed is not None:
        # A character of Latin-1 is a byte: places in the text are places in the file.
        text = data.decode("latin-1")
        for begin, until, value in _iterate_begin_end_and_value_of_frames(
            data, text, listed.end(), issues
        ):
            offsets.append(begin)
            rows.append(dict(_iterate_frame_paths_and_values(value)))
            end = until
    if not rows:
        raise CorruptLogError(len(data) if listed is None else listed.end(), "a frame", "none")
    if len(content) > len(data) or len(rows) >= _MOST_FRAMES:
        issues.append(Issue(end, len(content) - end, "very long: only its beginning is read"))
    summary, damage = _summary_and_why_unreadable(data)
    if damage:
        issues.append(Issue(0, 0, damage))
    rate_hz = number_or_none(summary.get("samplingRate")) or _USUAL_RATE_HZ
    for number, row in enumerate(rows):
        row[SECONDS_COLUMN] = repr(number / rate_hz)
    titles = _columns_with_any_value(rows)
    columns = tuple(ExportColumn(title, title, "") for title in titles)
    lines = "\n".join("\t".join(row.get(title, "") for title in titles) for row in rows)
    pieces = [
        (0, offsets[0], "header"), (offsets[0], end, "records"), (end, len(content), "header"),
    ]  # fmt: skip
    spans, _ = spans_covering_bytes_and_gap_issues(len(content), pieces, issues)
    header = ExportHeader(0, offsets[0], _SEPARATOR, columns, OFFICIAL_JSON, content.base_name)
    export_lines = ExportLines(
        np.array(offsets, np.int64), spans, tuple(issues), (lines + "\n").encode(), "utf-8", "\t",
        len(columns), has_quotes=True,
    )  # fmt: skip
    return header, export_lines, _metadata_of_summary(summary)


def _iterate_begin_end_and_value_of_frames(
    data: bytes, text: str, at: int, issues: list[Issue]
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Yield begin, end and value of each frame; after damage from where the next one begins."""
    decoder = json.JSONDecoder()
    for _ in range(_MOST_FRAMES):
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if text[at : at + 1] == "]":
            return
        if at >= len(text):
            issues.append(Issue(len(data), 0, "cut short: the list of frames has no end"))
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            # What was understood is not read again, so that damage costs no more than its bytes.
            value, end = None, max(at + 1, error.pos)
        except RecursionError:
            issues.append(Issue(at, len(data) - at, "values within values without end: not read"))
            return
        if isinstance(value, dict):
            yield at, end, value
            at = end
            continue
        following = _FRAME_BEGINS.search(data, end)
        until = following.start() if following else len(data)
        what = "a frame that is not JSON" + ("" if following else ": cut short")
        issues.append(Issue(at, until - at, what))
        if following is None or len(issues) >= _MOST_DAMAGED:
            return
        at = until


def _iterate_frame_paths_and_values(
    value: object, path: str = "", depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield each value of a frame under its path, as ``flightControllerState.altitude``."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for name, inner in value.items():
            yield from _iterate_frame_paths_and_values(
                inner, f"{path}.{name}" if path else str(name), depth + 1
            )
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif isinstance(value, int | float):
        yield path, repr(value)
    elif isinstance(value, str):
        yield path, _table_cell_text(value)
    elif value is not None:
        yield path, _table_cell_text(json.dumps(value))


def _table_cell_text(text: str) -> str:
    """Return a text as it may stand in a table: UTF-8 again, without tabs and line ends."""
    plain = _utf8_text_misread_as_latin1(text)[:_MOST_TEXT].replace("\t", QUOTED_SEPARATOR)
    return "".join(
        each if each.isprintable() or each == QUOTED_SEPARATOR else " " for each in plain
    )


def _utf8_text_misread_as_latin1(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:  # written as \\u…: it is the text already
        return text.encode("utf-8", "replace").decode("utf-8")


def _columns_with_any_value(rows: list[dict[str, str]]) -> list[str]:
    """Return the paths that hold anything but what is written for want of a value."""
    stated: dict[str, None] = {}
    for row in rows:
        for path, value in row.items():
            if value not in _UNSET and path not in stated and len(stated) < _MOST_COLUMNS:
                stated[path] = None
    return list(stated)


def _summary_and_why_unreadable(data: bytes) -> tuple[Mapping[str, Any], str]:
    match = _SUMMARY.search(data)
    if match is None:
        return {}, "the file has no summary: aircraft and start are not stated"
    try:
        text = data[match.end() : match.end() + (1 << 20)].decode("latin-1")
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}, "its summary is not JSON: aircraft and start are not stated"
    return (value, "") if isinstance(value, dict) else ({}, "its summary is of another form")


def _metadata_of_summary(summary: Mapping[str, Any]) -> ExportMetadata:
    aircraft = {
        "name": _text_or_none(summary.get("aircraftName")),
        "model": _product_name_of_summary(summary.get("productType")),
        "flight_controller_serial": _serial_of_component(summary, "flightControllerInformation"),
        "controller_serial": _serial_of_component(summary, "remoteControllerInformation"),
        "camera_serial": _serial_of_component(summary, "camerasInformation"),
        "battery_serial": _serial_of_component(summary, "batteriesInformation"),
        "app": _platform_and_app_version_text(summary),
    }
    stated = {part: value for part, value in aircraft.items() if value}
    return ExportMetadata(_parse_start_time_utc(summary.get("startTime")), stated)


def _parse_start_time_utc(value: object) -> pd.Timestamp | None:
    """Return the start, in UTC without a zone: seconds since 1970, or milliseconds."""
    seconds = number_or_none(value)
    if seconds is None:
        return None
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    if not 1_262_304_000 < seconds < 4_102_444_800:  # 2010 to 2100
        return None
    return pd.Timestamp(round(seconds * 1e9), unit="ns")


def _product_name_of_summary(value: object) -> str | None:
    number = number_or_none(value)
    if number is not None:
        return PRODUCT.get(int(number), f"product {int(number)}") if number else None
    return _text_or_none(value)


def _serial_of_component(summary: Mapping[str, Any], part: str) -> str | None:
    """Return the serial number of a part, or that of the first of several."""
    value = summary.get(part)
    if isinstance(value, dict) and "serialNumber" not in value:
        value = next((each for _, each in sorted(value.items())), None)
    return _text_or_none(value.get("serialNumber")) if isinstance(value, dict) else None


def _platform_and_app_version_text(summary: Mapping[str, Any]) -> str | None:
    version = summary.get("appVersion")
    numbers = version if isinstance(version, list) else []
    parts = [_text_or_none(summary.get("platform")), ".".join(str(each) for each in numbers[:8])]
    return " ".join(part for part in parts if part) or None


def _text_or_none(value: object) -> str | None:
    return (
        (_utf8_text_misread_as_latin1(value).strip()[:200] or None)
        if isinstance(value, str)
        else None
    )
