"""Issues of a MAVLink stream: what was not decoded, and why."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..._byte_coverage import ByteCoverage, CoverageSpan
from ..._log_in_file._filler_bytes import describe_filler_bytes, leading_filler_size_and_period
from ..._model import Issue
from .._shared._copied_as_text_issues import issues_if_log_was_copied_as_text
from .._shared._mavlink_message_definitions import message_definitions
from ._choose_vehicle import VehicleOfStream
from ._frame_header_columns import DAMAGED, FOREIGN, UNKNOWN
from ._index_frames import SHORTEST_TEXT, TlogIndex
from ._message_columns import TlogMessages
from ._track import LARGEST_HEIGHT_M, row_numbers_of_implausible_heights

#: Bytes of a gap that are inspected to describe it.
INSPECTED_BYTES = 64
#: Share of them that must be printable for a text.
TEXT_SHARE = 0.9


def find_issues(
    stream: TlogMessages, vehicle: VehicleOfStream, spans: ByteCoverage, secrets: Mapping[str, int]
) -> tuple[Issue, ...]:
    """Return an issue for each gap, and remarks (of size 0) on what was decoded."""
    return (
        *vehicle_independent_file_issues(stream, spans),
        *_issues_of_positions_from_other_senders(stream, vehicle),
        *_other_vehicle_issues(stream),
        *_implausible_height_issues(stream, vehicle),
        *_redaction_issues(stream, secrets),
    )


def vehicle_independent_file_issues(stream: TlogMessages, spans: ByteCoverage) -> tuple[Issue, ...]:
    """Return the issues of the file, whichever vehicle a log is about."""
    gaps = tuple(_gap_issues(stream.index, spans))
    return (
        *gaps,
        *(issues_if_log_was_copied_as_text(stream.index.array) if gaps else ()),
        *_console_text_issues(spans),
        *_damaged_ground_station_frame_issues(stream.index),
        *_undefined_message_issues(stream),
    )


def issues_that_damage_is_counted_in_other_log(
    index: TlogIndex, name: str | None
) -> Iterator[Issue]:
    """Yield a remark that the damage to the file is told with the log of another vehicle."""
    gaps = list(index.coverage_spans().spans_of_kind("gap"))
    if gaps:
        size = sum(gap.size for gap in gaps)
        yield Issue(
            gaps[0].offset,
            0,
            f"{size:,} bytes in {len(gaps):,} places of the file could not be decoded, and nobody "
            f"knows of which vehicle they were: they are counted with log #{name}",
        )


def _console_text_issues(spans: ByteCoverage) -> Iterator[Issue]:
    """Yield a remark on texts between frames, such as a console prints."""
    texts = list(spans.spans_of_kind("opaque"))
    if texts:
        size = sum(text.size for text in texts)
        places = "one place" if len(texts) == 1 else f"{len(texts)} places"
        yield Issue(texts[0].offset, 0, f"{size:,} bytes of text between frames, in {places}")


def _damaged_ground_station_frame_issues(index: TlogIndex) -> Iterator[Issue]:
    """Yield a remark on frames of ground stations whose checksum is wrong."""
    rows = index.damaged_ground_station_rows
    if len(rows):
        what = "a frame" if len(rows) == 1 else f"{len(rows):,} frames"
        text = f"{what} of a ground station with a wrong checksum: nothing of the vehicle is lost"
        yield Issue(int(index.starts[rows[0]]), 0, text)


def _gap_issues(index: TlogIndex, spans: ByteCoverage) -> Iterator[Issue]:
    gaps = list(spans.spans_of_kind("gap"))
    damaged = index.rows_with_frame_status(DAMAGED)
    starts = index.starts[damaged]
    first = np.searchsorted(starts, [gap.offset for gap in gaps])
    last = np.searchsorted(starts, [gap.offset + gap.size for gap in gaps])
    for gap, a, b in zip(gaps, first.tolist(), last.tolist(), strict=True):
        reason = (
            _damaged_frames_reason(index, damaged[a:b].tolist())
            if b > a
            else _why_bytes_in_gap_are_no_frames(index, gap)
        )
        yield Issue(gap.offset, gap.size, reason)


def _damaged_frames_reason(index: TlogIndex, rows: list[int]) -> str:
    if len(rows) > 1:
        return f"{len(rows)} frames whose checksum is wrong"
    number = int(index.message_ids_of_rows(np.array(rows[:1]))[0])
    known = message_definitions().get(number)
    # What has the place of a number in a torn frame is no number.
    return f"a frame ({known.name}) whose checksum is wrong" if known else "a torn frame"


def _why_bytes_in_gap_are_no_frames(index: TlogIndex, gap: CoverageSpan) -> str:
    some = index.array[gap.offset : gap.offset + min(gap.size, INSPECTED_BYTES)]
    printable = ((some >= 32) & (some < 127)) | (some == 10) | (some == 13) | (some == 9)
    if gap.size >= SHORTEST_TEXT and float(printable.mean()) >= TEXT_SHARE:
        where = "before the first frame" if gap.offset == 0 else "between frames"
        return f"mostly text {where}"
    filled, period = leading_filler_size_and_period(index.array[gap.offset : gap.offset + gap.size])
    if filled == gap.size:
        return f"{describe_filler_bytes(filled, period, int(some[0]))}: nothing was written here"
    if gap.offset + gap.size == len(index.array):
        return "no complete frame: the file ends inside one, or is damaged"
    return "no intact frame: damaged, or not MAVLink"


def _undefined_message_issues(stream: TlogMessages) -> Iterator[Issue]:
    """Yield a remark for each message number whose frames are kept as bytes."""
    index = stream.index
    for status, why in (
        (UNKNOWN, "has no definition here; its checksum could not be checked"),
        (FOREIGN, "has another definition than ours; the frames are intact"),
    ):
        rows = stream.rows_without_other_vehicles(index.rows_with_frame_status(status))
        numbers, first, count = np.unique(
            index.message_ids_of_rows(rows), return_index=True, return_counts=True
        )
        for number, row, times in zip(numbers, rows[first], count, strict=True):
            text = f"message {number} {why}: {times} frames are kept as bytes"
            yield Issue(int(index.starts[row]), 0, text)


def _issues_of_positions_from_other_senders(
    stream: TlogMessages, vehicle: VehicleOfStream
) -> Iterator[Issue]:
    messages = stream["GLOBAL_POSITION_INT"]
    foreign = (messages.system != vehicle.system) | (messages.component != vehicle.component)
    for system in np.unique(messages.system[foreign]).tolist():
        rows = np.flatnonzero(foreign & (messages.system == system))
        text = (
            f"{len(rows)} positions sent by system {system} are not in the track, which is that "
            f"of {vehicle.system}/{vehicle.component}"
        )
        yield Issue(int(messages.offsets[rows[0]]), 0, text)


def _other_vehicle_issues(stream: TlogMessages) -> Iterator[Issue]:
    """Yield a remark for each other vehicle of the file, whose frames are in a log of its own."""
    systems = stream.index.frames.system
    for system in sorted(stream.without):
        rows = np.flatnonzero(systems == system)
        text = f"{len(rows)} frames sent by system {system} are another vehicle's: log #{system}"
        yield Issue(int(stream.index.starts[rows[0]]), 0, text)


def _implausible_height_issues(stream: TlogMessages, vehicle: VehicleOfStream) -> Iterator[Issue]:
    messages = vehicle.messages_from_autopilot(stream["GLOBAL_POSITION_INT"])
    rows = row_numbers_of_implausible_heights(messages)
    if rows:
        text = (
            f"{len(rows)} positions have a height beyond {LARGEST_HEIGHT_M / 1000:g} km: left out"
        )
        yield Issue(int(messages.offsets[rows[0]]), 0, text)


def _redaction_issues(stream: TlogMessages, secrets: Mapping[str, int]) -> Iterator[Issue]:
    for name, count in secrets.items():
        offset = int(stream[name.split(".")[0]].offsets[0])
        yield Issue(offset, 0, f"{name} is a secret: redacted in {count} messages")
