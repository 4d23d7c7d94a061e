"""MPEG transport streams (``.ts``, ``.mpg``, ``.m2ts``) with KLV: video of STANAG 4609.

Who writes them: cameras of helicopters and of large drones, and ground stations that record their
downlink.

Facts: ISO/IEC 13818-1; MISB ST 1402 (KLV in stream type 06 with the registration ``KLVA``, or in
type 15 with metadata access units of five header bytes); ST 0601 for what it says.  Validated on
vectors only: streams that another program wrote; no recording of a helicopter could be had.

Read: the header of every packet of 188, 192 or 204 bytes, the tables, and the streams with KLV,
one log each.  The video is hashed, as all evidence is, and not read: captures last from the first
to the last local set.  Where packets of the metadata are missing or damaged, the rest of their
unit is left out; packets that repeat the one before count once.  What local sets say is on the
page of bare KLV.  The map tables list the streams of the file (records ``ElementaryStream``): a
stream of sound is a recording of sound for as long as the metadata last.

Not read: video, sound, times of presentation; tables that are longer than a packet.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from .._byte_coverage import ByteCoverage, coverage_kind_code
from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format, LogsAndParts
from .._log_in_file._part_to_carrier_offsets import PartToCarrierOffsets
from .._log_in_file._shift_log_offsets import log_with_replaced_offsets
from .._model import Issue, Log, Source
from .._tables import sort_by_time
from .._track_values._value_runs import sorted_distinct_integers
from ..dji._records_from_dicts import RecordsFromDicts
from ._build_log import read_log
from ._decode_item_values import Ints
from ._klv_bytes_from_packets import KlvBytesFromPackets, assemble_klv_bytes
from ._transport_stream_packets import (
    PACKET_SIZE,
    ElementaryStream,
    TransportScan,
    detect_packet_start_and_stride,
    scan_transport_stream,
)
from ._which_facts_logs_record import STREAM_RECORD, TRANSPORT_STREAM_FACTS

_MOST_LOST = 20_000


def claims(content: Content) -> bool:
    """Return whether packets of a transport stream follow one another from the first on."""
    return detect_packet_start_and_stride(content.head) is not None


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the log of the metadata stream with most packets.

    Raises:
        CorruptLogError: If there is no packet.
    """
    return read_log_per_metadata_stream(content, keys).logs[0]


def read_log_per_metadata_stream(content: Content, keys: Sequence[Keychains] = ()) -> LogsAndParts:
    """Read a log for each metadata stream; without one, a log that says so.

    Raises:
        CorruptLogError: If there is no packet.
    """
    del keys  # nothing is encrypted
    grid = detect_packet_start_and_stride(content.head)
    if grid is None:
        raise CorruptLogError(0, "packets of a transport stream", repr(content.head[:4]))
    scan = scan_transport_stream(content, grid)
    lost = [
        Issue(begin, end - begin, "no packets of the transport stream")
        for begin, end in scan.lost[:_MOST_LOST]
    ]
    if len(scan.lost) > _MOST_LOST:
        begin, end = scan.lost[_MOST_LOST][0], scan.lost[-1][1]
        lost.append(Issue(begin, end - begin, "packets are lost over and over"))
    if scan.is_too_much:
        lost.append(Issue(0, 0, "more metadata than any recording has: cut short"))
    streams = sorted(scan.kept, key=lambda pid: -len(scan.kept[pid]))
    logs = [
        _log_of_metadata_stream(content, scan, pid, is_one_of_several=len(streams) > 1)
        for pid in streams
    ]
    if not any(log.record_counts for log in logs):
        logs = [_log_without_metadata(content, scan, logs)]
    first = _with_streams_of_program(logs[0], scan)
    logs[0] = replace(
        first, issues=tuple(sorted((*lost, *first.issues), key=lambda issue: issue.offset))
    )
    return LogsAndParts(tuple(logs), coverage=logs[0].coverage, issues=logs[0].issues)


def _with_streams_of_program(log: Log, scan: TransportScan) -> Log:
    """Return a log with the streams that the tables list, and with the sound among them."""
    if not scan.streams:
        return log
    streams = sorted(scan.streams.values(), key=lambda each: each.offset)
    listed = RecordsFromDicts(
        [
            {
                "offset": each.offset,
                "pid": each.pid,
                "stream_type": each.stream_type,
                # What begins with a label of KLV is metadata, whatever the table calls it.
                "content": "metadata" if each.pid in scan.kept else each.content,
                "is_list_complete": not scan.has_longer_table,
            }
            for each in streams
        ]
    )
    captures = log.captures
    sound = next((each for each in streams if each.content == "sound"), None)
    if sound is not None and len(captures):
        captures = sort_by_time(
            pd.concat([captures, _sound_captures(captures, sound)], ignore_index=True), "start"
        )
    return replace(log, captures=captures, _records={**log._records, STREAM_RECORD: listed})


def _sound_captures(videos: pd.DataFrame, sound: ElementaryStream) -> pd.DataFrame:
    """Return a recording of sound for each stretch of video without a pause."""
    begins_anew = videos["start"] > videos["end"].cummax().shift()
    stretches = videos.groupby(begins_anew.cumsum())
    return videos[begins_anew | (videos.index == 0)].assign(
        end=stretches["end"].max().to_numpy(),
        sensor="unknown",
        kind="audio",
        source=f"{STREAM_RECORD}.content (type {sound.stream_type:#04x})",
        source_offset=sound.offset,
    )


def _log_of_metadata_stream(
    content: Content, scan: TransportScan, pid: int, *, is_one_of_several: bool
) -> Log:
    at = scan.kept[pid]
    assembled = assemble_klv_bytes(content.array, at)
    content.release_pages()
    name = f"pid {pid:#x}"
    part = content.sub_content(stream=name, data=assembled.data, carried_runs=assembled.runs)
    log = read_log(part, FORMAT.name, has_video=scan.has_video)
    in_stream = log.issues
    refused = [(each.offset, each.offset + each.size) for each in in_stream if each.size]
    gaps = sorted_distinct_integers(
        np.concatenate([_packet_offsets_of_klv_ranges(at, assembled, refused), assembled.left_out])
    )
    coverage = _byte_coverage_of_packets(len(content), scan, at, gaps)
    moved = log
    if len(part):
        offsets = PartToCarrierOffsets(content, assembled.runs, len(part))
        moved = log_with_replaced_offsets(log, offsets, content, coverage)
    issues = [
        *assembled.issues,
        *(
            Issue(int(begin), PACKET_SIZE, "metadata that is left out, for packets before it are "
                  "missing or it is damaged")
            for begin in assembled.left_out[:_MOST_LOST]
        ),
        *(
            _map_issue_to_packet_offsets(issue, assembled, at) if issue.size else placed
            for issue, placed in zip(in_stream, moved.issues, strict=True)
        ),
    ]  # fmt: skip
    source = Source.from_content(
        content,
        FORMAT.name,
        log.source.format_version,
        stream=name if is_one_of_several else None,
    )
    if is_one_of_several:
        source = replace(source, name=f"{content.name}#{name}")
    return replace(
        moved,
        source=source,
        captures=moved.captures.assign(
            file=moved.captures["file"].mask(moved.captures["file"].notna(), content.base_name)
        ),
        issues=tuple(sorted(issues, key=lambda issue: issue.offset)),
        coverage=coverage,
    )


def _packet_offsets_of_klv_ranges(
    packet_offsets: Ints, assembled: KlvBytesFromPackets, stretches: Sequence[tuple[int, int]]
) -> Ints:
    """Return the packets that hold any byte of some stretches of a stream."""
    runs = assembled.runs
    found = np.zeros(len(runs.starts) + 1, np.int64)
    for begin, end in stretches:
        first = int(np.searchsorted(runs.starts, begin, "right")) - 1
        last = int(np.searchsorted(runs.starts, end - 1, "right"))
        found[max(first, 0)] += 1
        found[last] -= 1
    held = runs.offsets[np.cumsum(found[:-1]) > 0]
    row = np.searchsorted(packet_offsets, held, "right") - 1
    return sorted_distinct_integers(packet_offsets[row])


def _map_issue_to_packet_offsets(
    issue: Issue, assembled: KlvBytesFromPackets, packet_offsets: Ints
) -> Issue:
    """Return an issue of the stream over the packets that hold its bytes."""
    packets = _packet_offsets_of_klv_ranges(
        packet_offsets, assembled, [(issue.offset, issue.offset + issue.size)]
    )
    begin = int(packets[0])
    return replace(issue, offset=begin, size=int(packets[-1]) + PACKET_SIZE - begin)


def _byte_coverage_of_packets(
    size: int, scan: TransportScan, packets: Ints, gaps: Ints
) -> ByteCoverage:
    """Return what every byte of the file is: metadata, other packets, gaps."""
    lost = np.array(scan.lost, np.int64).reshape(-1, 2)
    lost[_MOST_LOST + 1 :, 0] = lost[_MOST_LOST:-1, 1] if len(lost) > _MOST_LOST else 0
    records, damaged = _byte_ranges_of_packet_runs(packets), _byte_ranges_of_packet_runs(gaps)
    edges = sorted_distinct_integers(
        np.concatenate([[0, size], records.ravel(), damaged.ravel(), lost.ravel()])
    )
    edges = edges[(edges >= 0) & (edges <= size)]
    begins = edges[:-1]
    kinds = np.full(len(begins), coverage_kind_code("media"), np.uint8)
    for stretches, kind in ((records, "records"), (damaged, "gap"), (lost, "gap")):
        if len(stretches):
            row = np.maximum(np.searchsorted(stretches[:, 0], begins, "right") - 1, 0)
            inside = (begins >= stretches[row, 0]) & (begins < stretches[row, 1])
            kinds[inside] = coverage_kind_code(kind)
    return ByteCoverage(edges, kinds).with_changed_kinds({})


def _byte_ranges_of_packet_runs(offsets: Ints) -> Ints:
    """Return begin and end of each run of packets that lie end to end, shape ``(n, 2)``."""
    is_head = np.append(True, np.diff(offsets) != PACKET_SIZE)[: len(offsets)]
    is_last = np.append(is_head[1:], True)[: len(offsets)]
    return np.column_stack([offsets[is_head], offsets[is_last] + PACKET_SIZE])


def _log_without_metadata(content: Content, scan: TransportScan, logs: Sequence[Log]) -> Log:
    """Return a log that says that there is no metadata that can be read, and whether a video is."""
    if logs:
        return logs[0]
    what = "a video" if scan.has_video else "no video"
    declared = " although its tables declare some" if scan.declared else ""
    issue = Issue(
        0,
        0,
        f"a transport stream with {what} and no KLV metadata{declared}: it says neither when nor "
        "where",
    )
    none = np.zeros(0, np.int64)
    return Log(
        Source.from_content(content, FORMAT.name),
        issues=(issue,),
        coverage=_byte_coverage_of_packets(len(content), scan, none, none),
        unrecorded_tables=("track", "events", "captures", "contacts"),
    )


FORMAT = Format(
    "mpeg-ts",
    "MPEG transport stream with KLV (STANAG 4609)",
    "ISO/IEC 13818-1; MISB ST 1402, ST 0601",
    claims,
    read,
    facts=TRANSPORT_STREAM_FACTS,
    read_logs_and_parts=read_log_per_metadata_stream,
)
