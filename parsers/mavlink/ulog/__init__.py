"""PX4 ULog: the log of the autopilot's logger, ``.ulg`` and ``.ulog``.

Specification: https://docs.px4.io/main/en/dev_log/ulog_file_format ; other
writers use the format too (seen: the logs of a drone-show controller).

| byte | header |
|---|---|
| 0 | ``55 4c 6f 67 01 12 35`` |
| 7 | version: 0 or 1 |
| 8 | u64 microseconds, the log's own clock |

Then records, ``u2 size, u1 type, size bytes``: `F` formats, `I` `M` information,
`P` `Q` parameters and their defaults, `A` `R` subscriptions, `D` data, `L` `C`
text, `S` synchronisation, `O` dropouts, `B` flag bits.  The first record may be
`B`, which states where data was appended after the log was closed (`_index_records`);
that is the only incompatible flag known, and a log with another is refused.

Times are microseconds since boot; UTC comes from the satellite receiver
(`_fit_boot_clock`).  Positions are 1e-7 degrees and millimetres up to v1.13 and
degrees and metres from v1.14 on (`_track`).  A fence breach is in
``vehicle_status`` (v1.12, v1.13), ``failsafe_flags`` (from v1.14 on) or
``geofence_result`` where a logger was set to keep it (`_fences_and_fence_events`); PX4 never
logs the polygons of a fence, only the ``GF_*`` parameters.  Messages of the
``event`` topic are decoded only with the definitions inside the log
(`_event_definitions`).

``Log.records`` has every topic by its name, all instances of it in one table
with the instance as ``multi_id``, and records other than data as ``INFO``,
``INFO_MULTIPLE``, ``PARAMETER``, ``PARAMETER_DEFAULT``, ``TEXT``, ``DROPOUT``,
``FORMAT``, ``SUBSCRIPTION``, ``SYNC``, ``FLAG_BITS`` and ``UNKNOWN``.

Encrypted logs (``ULogEnc``, ``.ulge``; header of 22 bytes, the wrapped key, then
the log under XChaCha20) are recognised; the private key that unwraps theirs is
the firmware maker's, so nothing in them is read.

Versions seen: PX4 of 2016 to v1.16.  Not decoded: the payload of tunnels and of
RTCM corrections, crash dumps, anything in encrypted logs.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..._byte_coverage import CoverageSpan
from ..._clocks._move_local_times_out_of_tables import log_with_elapsed_times_as_local
from ..._clocks._read_monotonic_counters import CounterField, read_counters
from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError, UnsupportedVersionError
from ..._file_content import Content
from ..._formats import Format
from ..._model import Issue, Log, RecordsOfType, Source
from ..._tables import contact_table_from_rows, event_table_from_rows, media_capture_table_from_rows
from ..._track_values._redundant_sensor_readings import read_sensor_readings
from .._shared._record_framing import byte_kind_code_per_record, record_coverage
from ._aircraft_identity import identity_and_parameter_events, read_aircraft
from ._broadcast_remote_id import remote_id_events_and_pilot_positions
from ._fences_and_fence_events import fence_events, fences_set_by_parameters
from ._flight_events import flight_events, home_events_and_positions
from ._hosts_links_and_received_aircraft import (
    contact_rows_and_events,
    hosts_in_texts,
    received_adsb_aircraft,
)
from ._index_records import build_ulog_index
from ._media_captures import media_capture_rows_and_events
from ._non_data_records import non_data_records, read_dropout_offsets_and_durations_ms
from ._redundant_measurements import (
    READING_FIELDS,
    lifetime_totals,
    log_file_name_clock_to_compare,
    missing_event_counts_by_sequence,
)
from ._start_of_headerless_log import find_log_start
from ._text_events import text_events
from ._topic_series import TopicRecords, streams_by_topic
from ._track import read_track
from ._ulog_context import UlogContext
from ._which_facts_logs_record import FACTS

NAME = "ulog"
MAGIC = bytes.fromhex("554c6f67011235")
ENCRYPTED_MAGIC = b"ULogEnc"
HEADER_SIZE = 16
NEWEST_VERSION = 1


def claims(content: Content) -> bool:
    """Return whether a file begins as a ULog does, encrypted or not."""
    return content.head.startswith((MAGIC, ENCRYPTED_MAGIC))


def read(content: Content, keys: Sequence[Keychains]) -> Log:
    """Read a ULog.

    Raises:
        CorruptLogError: If the file is shorter than the header.
        UnsupportedVersionError: If the version is not known, or the log says that
            its flags make it unreadable for a reader that does not know them.
    """
    if content.head.startswith(ENCRYPTED_MAGIC):
        return _encrypted_log(content)
    version = content.unpack("<B", len(MAGIC), "the version")[0]
    content.read_bytes(0, HEADER_SIZE, "the header")
    if version > NEWEST_VERSION:
        raise UnsupportedVersionError(f"ULog version {version}; known are 0 to {NEWEST_VERSION}")
    _refuse_unknown_flags(content)
    with ThreadPoolExecutor(1) as hasher:
        # Hashing releases the interpreter lock, so it costs little during the search.
        digest = hasher.submit(lambda: content.sha256)
        recording = UlogContext(content, build_ulog_index(content))
        source = Source(content.name, len(content), digest.result(), NAME, str(version))
    if not len(recording.index.starts):
        raise CorruptLogError(HEADER_SIZE, "a record", "none in the file")
    return _build_log(recording, source)


#: Counters of a log.
_COUNTERS = (
    CounterField("vehicle_local_position", "timestamp", "count", 1e-6, begins_new_log=True),
    CounterField("vehicle_gps_position", "timestamp", "count", 1e-6, begins_new_log=True),
    CounterField("vehicle_gps_position", "time_utc_usec", "clock", 1e-6, valid=("fix_type", 3)),
)


def _build_log(log: UlogContext, source: Source) -> Log:
    track = read_track(log)
    capture_rows, command_events = media_capture_rows_and_events(log)
    peers, links = contact_rows_and_events(log)
    broadcast, pilots = remote_id_events_and_pilot_positions(log)
    homes = list(home_events_and_positions(log))
    mentions = tuple(hosts_in_texts(log))
    event_rows = [
        *identity_and_parameter_events(log),
        *flight_events(log),
        *fence_events(log),
        *(row for row, _ in homes),
        *command_events,
        *links,
        *broadcast,
        *text_events(log),
    ]
    issues = (
        *log.index.issues,
        *log.issues,
        *_dropout_issues(log),
        *track.issues,
    )
    undamaged = {
        name: TopicRecords(log.content.array, streams)
        for name, streams in log.undamaged_streams_by_topic.items()
    }
    made = Log(
        source=source,
        aircraft=read_aircraft(log),
        clock=log.clock.clock,
        track=track.frame,
        track_record=track.record,
        events=event_table_from_rows(event_rows),
        captures=media_capture_table_from_rows(capture_rows),
        contacts=contact_table_from_rows(peers),
        host_references=mentions,
        named_positions=(*(position for _, position in homes), *pilots),
        fences=fences_set_by_parameters(log),
        received_aircraft=received_adsb_aircraft(log),
        issues=tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size))),
        logger_counts=missing_event_counts_by_sequence(undamaged),
        other_clocks=tuple(log_file_name_clock_to_compare(log)),
        lifetime_totals=tuple(lifetime_totals(log)),
        sensor_readings=read_sensor_readings(undamaged, READING_FIELDS),
        monotonic_counters=read_counters(undamaged, _COUNTERS),
        coverage=_coverage_spans_of_whole_file(log),
        _records=_records_by_name(log),
    )
    return log_with_elapsed_times_as_local(made) if log.clock.counts_from_start else made


def _records_by_name(log: UlogContext) -> dict[str, RecordsOfType]:
    records: dict[str, RecordsOfType] = dict(non_data_records(log.content, log.index).items())
    for name, streams in streams_by_topic(log.index.streams).items():
        if name in records:
            records[f"{name} (of the log)"] = records[name]
        records[name] = TopicRecords(log.content.array, streams)
    return records


def _coverage_spans_of_whole_file(log: UlogContext) -> tuple[CoverageSpan, ...]:
    index = log.index
    spans = record_coverage(
        index.starts, index.ends, len(log.content), byte_kind_code_per_record(~index.unknown)
    )
    first = spans[0]
    # `record_coverage` sees the header as a gap before the first record.
    rest = (
        [CoverageSpan(HEADER_SIZE, first.size - HEADER_SIZE, "gap")]
        if first.size > HEADER_SIZE
        else []
    )
    return (CoverageSpan(0, HEADER_SIZE, "header"), *rest, *spans[1:])


def _dropout_issues(log: UlogContext) -> list[Issue]:
    """Return one remark on all times at which the logger could not keep up."""
    dropouts = list(read_dropout_offsets_and_durations_ms(log.content, log.index))
    if not dropouts:
        return []
    lost_ms = [lasted for _, lasted in dropouts]
    if len(dropouts) == 1:
        what = f"dropout: the logger could not keep up and lost {lost_ms[0]} ms"
    else:
        what = (
            f"{len(dropouts)} dropouts: the logger could not keep up and lost {sum(lost_ms)} ms "
            f"in all, {max(lost_ms)} ms at the longest"
        )
    return [Issue(dropouts[0][0], 0, what)]


def _refuse_unknown_flags(content: Content) -> None:
    if len(content) < HEADER_SIZE + 19 or content.data[HEADER_SIZE + 2] != ord("B"):
        return
    flags = content.data[HEADER_SIZE + 11 : HEADER_SIZE + 19]
    if flags[0] & ~1 or any(flags[1:]):
        raise UnsupportedVersionError(f"ULog with incompatible flags {flags.hex()}")


def _encrypted_log(content: Content) -> Log:
    content.read_bytes(0, 22, "the header of an encrypted log")
    version = content.unpack("<B", len(ENCRYPTED_MAGIC), "the version")[0]
    key, nonce = content.unpack("<HH", 18, "the sizes of key and nonce")
    begin = min(22 + key + nonce, len(content))
    spans = [CoverageSpan(0, 22, "header")]
    if begin > 22:
        spans.append(CoverageSpan(22, begin - 22, "opaque"))
    if len(content) > begin:
        spans.append(CoverageSpan(begin, len(content) - begin, "encrypted"))
    reason = "encrypted by the logger; only the builder of the firmware has the private key"
    return Log(
        source=Source.from_content(content, NAME, f"encrypted {version}"),
        issues=(Issue(begin, len(content) - begin, reason),),
        coverage=tuple(spans),
        encrypted=True,
    )


FORMAT = Format(
    name=NAME,
    title="PX4 ULog (.ulg)",
    reference="https://docs.px4.io/main/en/dev_log/ulog_file_format",
    claims=claims,
    facts=FACTS,
    read=read,
    find_start_offset=lambda content: find_log_start(content, MAGIC),
    skips_filled_tail=True,
    needs_keys=lambda content: content.head.startswith(ENCRYPTED_MAGIC),
)
