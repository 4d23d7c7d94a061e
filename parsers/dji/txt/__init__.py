"""DJI app flight record (``DJIFlightRecord_*.txt``), versions 1 to 14.

Who writes it: DJI GO, GO 4, Fly, Pilot, goggles and SDK apps, on the device
that flies the aircraft; one file a flight, in ``FlightRecord/``.  The name is
not reliable and is not looked at.

Facts: lvauvillier/dji-log-parser 88fcfc96 and dji-sdk/FlightRecordParsingLib
dc4bb0df (both MIT) for the layout, o-gs/dji-firmware-tools df0b9c60 for some
flags (facts only), and measurement on 72 distinct real files, which wins where
they disagree: the body of a record is two bytes shorter than its payload, its
length and not the file's version decides which fields it has, OSD byte 35
runs from bit 0 up, and what the app appends after Details is not part of the
flight.

Parts: a prefix (12 bytes, 100 from version 6 on); records; the marker 12345
and JPEG pictures; Details.  Version 12 puts Details after the prefix, 13 and
14 into a scrambled auxiliary block before the records.  Bodies are plain up to
version 6, XOR-scrambled with a trailer from 7 on, AES-256-CBC under that from
13 on.

A later version is named as not known yet, and read as the last known one where its blocks and
frames prove to be written so.  Versions seen: real 4, 8, 9, 10, 11 and (encrypted) 14; synthetic
3, 6, 7, 12, 13, 14.  Not decoded: waypoint, agriculture, debug and diagnostic records (kept as
bytes under their name or number), the signature of version 13 and 14 (no public key is known), the
128 bytes that versions 9 and 10 append, and every body of version 13 and 14 without a keychain.

Up to four pictures of what the camera saw have thumbnails, which can be shown, and a position; no
record states when they were taken.

Times are the clock of the app's device; heights are barometric, above
take-off; the file knows no altitude above sea level.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..._dji_keychains import Keychains, keychains_sha256
from ..._file_content import Content
from ..._formats import Format
from ..._model import Log, MonotonicCounter, RecordsOfType, Source
from ..._record_layout import LayoutRecords
from ..._track_values._redundant_sensor_readings import read_sensor_readings
from ._aircraft_app_and_positions import named_positions, read_aircraft, totals_stated_in_details
from ._embedded_pictures import embedded_pictures
from ._event_table import build_event_table
from ._file_layout import claims, needs_keys
from ._host_references import host_references
from ._indexed_record_file import RecordFile
from ._media_captures import build_capture_table
from ._redundant_measurements import (
    READING_FIELDS,
    remote_controller_gnss_clock_readings,
    stated_serials,
)
from ._start_of_headerless_log import find_log_start
from ._track import build_track_and_issues
from ._undecoded_text_issues import undecoded_text_issues
from ._which_facts_logs_record import FACTS


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a flight record; damage and missing keys are issues of the log, not errors.

    Raises:
        LogError: If not even the prefix can be read.
    """
    file = RecordFile.open(content, keys)
    rows, dropped = build_track_and_issues(file)
    opened_by = file.bodies.keychains
    records = file.records_by_name()
    return Log(
        Source.from_content(content, FORMAT.name, str(file.layout.version)),
        read_aircraft(file),
        file.times.clock,
        rows,
        build_event_table(file),
        build_capture_table(file),
        named_positions=named_positions(file),
        host_references=host_references(file),
        header_summary=totals_stated_in_details(file),
        issues=tuple(
            sorted(
                (*file.issues(), *file.times.issues, *dropped, *undecoded_text_issues(file)),
                key=lambda issue: issue.offset,
            )
        ),
        pictures=embedded_pictures(file),
        coverage=file.coverage(),
        encrypted=file.has_undecrypted_bodies,
        track_record="OSD",
        records_sha256=file.records_sha256,
        stated_serials=stated_serials(file),
        other_clocks=remote_controller_gnss_clock_readings(file),
        sensor_readings=read_sensor_readings(records, READING_FIELDS),
        monotonic_counters=tuple(_monotonic_clock_counters(records)),
        aircraft_log_number=file.aircraft_log_number,
        key_request=file.bodies.key_request,
        keychain_sha256=keychains_sha256(opened_by) if opened_by is not None else None,
        _records=records,
    )


def _monotonic_clock_counters(records: Mapping[str, RecordsOfType]) -> Iterator[MonotonicCounter]:
    """Yield the clock of the app's device, and the flight time that the aircraft counts."""
    for name, field, kind, unit_s in (
        ("Custom", "time_ms", "clock", 1e-3),
        ("OSD", "flight_time_s", "count", 1.0),
    ):
        layout_records = records.get(name)
        if not isinstance(layout_records, LayoutRecords):
            continue
        # Not by its frame, which would decode sixty columns for one.
        seconds = np.asarray(layout_records[field], np.float64) * unit_s
        known = np.isfinite(seconds)
        if known.any():
            yield MonotonicCounter(name, field, kind, layout_records.offsets[known], seconds[known])


FORMAT = Format(
    "dji-txt",
    "DJI app flight record",
    "lvauvillier/dji-log-parser 88fcfc96; dji-sdk/FlightRecordParsingLib dc4bb0df; measurement",
    claims,
    read,
    facts=FACTS,
    find_start_offset=find_log_start,
    skips_filled_tail=True,
    needs_keys=needs_keys,
)
