"""DJI on-board flight log (``FLYnnn.DAT``), V1 and V3, and DJI Assistant's export of it.

Who writes it: the flight controller, on the card inside the aircraft, one file
from power-up to power-down; DJI GO 4 on the tablet writes the same
(``MCDatFlightRecords``).  DJI Assistant 2 exports them as a zlib stream of
entries.  The kind follows from the content; the name counts only for a blank file and for
one of nothing but even bytes.

Facts: BudWalkerJava/DatCon 2a51562 (headers, tick rates, records),
o-gs/dji-firmware-tools df0b9c5 (framing with a length of 10 bits, records,
enumerations; facts only), FOSEGU/Fodogu ddeb4b7 and D3VL/DJI-DAT-Decryptor
(exports, encrypted kinds), abrignoni/ALEAPP 075122c (GPS), and the CRC-8 values
that unhcfreg/DROP lists.  **No real file was at hand**: the reader is held
against files of independent writers, which DatCon and ALEAPP read too.

Parts: a header of 256 bytes (V3) or 128 (V1), of which the aircraft's type and
the date of its firmware are read; records, each with two checksums and a tick;
filling.  Records are found by their checksums alone, so that a damaged copy
reads like a whole file, and an image like a file; other readers take the length
for one byte and lose every record of more than 255.

Times are the ticks since power-up, tied to UTC by the GPS; a run without a GPS
date has none.  Runs are read one by one; a run that covers a time already covered (a
flight that an export or an image holds twice) stays out of the tables.  Rows
come from OSD, altitude above sea level from GPS, and heights are barometric,
above take-off.

A container gives one log: of all flights in it, in order of time.  Each entry's
records carry its name and their offset in it (``entry``, ``entry_offset``);
every ``offset`` is one of the file that was opened, to within 256 bytes of the
packed stream.  At most 512 MiB are inflated.

Encrypted: ``LOGH`` (model and serial are in clear), a V3 header over cipher text
(Mini 2, Mavic Air, Mavic 2 and later; the model is in clear), and bytes as even
as cipher text under the name of a flight.  Such a log says so and has no rows.

Not decoded: battery, ESC, controller, RTK and vision records (kept as bytes
under their name or number), the record definitions (0xfffd, kept as text), and
what the camera did: no record of such a log states it, so ``captures`` is empty.
"""

from collections.abc import Sequence

from ..._clocks._read_monotonic_counters import CounterField, read_counters
from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._formats import Format
from ..._log_in_file._filler_bytes import describe_filler_bytes
from ..._model import Aircraft, Issue, Log, Source
from .._layout_builders import decode_record
from . import _enum_names as enum_names
from ._aircraft_and_hosts import (
    aircraft_values_in_text_lines,
    host_references,
    model_without_header_issues,
    named_positions,
    read_aircraft,
)
from ._byte_ranges_by_kind import CoverageSpanArrays
from ._classify_gaps import ENCRYPTED_REASON, find_padding_runs, spans_of_encrypted_logh_file
from ._event_table import build_event_table
from ._export_container import DatContainerEntry
from ._indexed_dat_file import DatFile
from ._recognise_dat_file import BLANK, LOGH, claims, dat_file_kind
from ._record_layouts import LOGH_HEADER
from ._start_of_headerless_log import find_log_start
from ._track import build_track_and_issues
from ._which_facts_logs_record import FACTS


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read an on-board log, an export of some, or an image that holds some.

    Damage, cipher text and a header without records are issues of the log, not errors; ``keys``
    are not used: none are known for these files.

    Raises:
        CorruptLogError: If the file is blank.
    """
    kind = dat_file_kind(content.head, content.base_name)
    if kind == LOGH:
        return _read_logh_file(content)
    if kind == BLANK:
        _raise_if_wholly_blank(content)
    file = DatFile.open(content)
    event_rows = build_event_table(file)
    file.clear_cache()
    rows, dropped = build_track_and_issues(file)
    file.clear_cache()
    records = file.records_by_name()
    version = f"{file.version}, encrypted" if file.gaps.encrypted_entries else file.version
    return Log(
        _build_log_source(
            content, f"{version}, exported" if file.stream.is_from_export_container else version
        ),
        _aircraft_of_file(file),
        file.times.clock,
        rows,
        event_rows,
        named_positions=named_positions(file),
        host_references=host_references(file),
        issues=tuple(
            sorted(
                (
                    *file.issues(),
                    *dropped,
                    *_whole_log_issues(file),
                    *model_without_header_issues(file),
                ),
                key=lambda issue: issue.offset,
            )
        ),
        coverage=file.coverage(),
        encrypted=bool(file.gaps.encrypted_entries),
        unrecorded_tables=("captures",),
        monotonic_counters=read_counters(records, (CounterField("OSD", "time", "count"),)),
        _records=records,
    )


def _read_logh_file(content: Content) -> Log:
    """Return what a LOGH file says in clear."""
    entry = DatContainerEntry("", 0, 0, len(content))
    spans = CoverageSpanArrays.from_spans(
        spans_of_encrypted_logh_file(content.array, entry)
    ).merged_spans_in_order()
    sealed = [span for span in spans if span.kind == "encrypted"]
    issues = [Issue(span.offset, span.size, ENCRYPTED_REASON) for span in sealed]
    return Log(
        _build_log_source(content, LOGH),
        _aircraft_in_logh_header(content.head),
        issues=tuple(issues or [Issue(0, 0, f"{ENCRYPTED_REASON}; nothing follows")]),
        coverage=spans,
        encrypted=True,
    )


def _raise_if_wholly_blank(content: Content) -> None:
    """Refuse a file of one value: nobody knows what was in it.

    Raises:
        CorruptLogError: If all its bytes are the same.
    """
    size = len(content)
    if list(find_padding_runs(content.array, 0, size)) == [(0, size)]:
        found = f"nothing but {describe_filler_bytes(size, 1, content.head[0])}"
        raise CorruptLogError(0, "records", f"{found}: erased, or never written")


def _build_log_source(content: Content, version: str) -> Source:
    return Source.from_content(content, FORMAT.name, version)


def _aircraft_of_file(file: DatFile) -> Aircraft:
    """Return the aircraft; for a container of LOGH entries, what their headers say."""
    sealed = [entry for entry in file.gaps.encrypted_entries if not file.gaps.headers]
    if sealed and not len(file.frames):
        begin = sealed[0].begin
        head = file.stream.data[begin : begin + 0x38].tobytes()
        if dat_file_kind(head) == LOGH:
            return _aircraft_in_logh_header(head)
    return read_aircraft(file)


def _aircraft_in_logh_header(head: bytes) -> Aircraft:
    """Return model and serial, which stand in clear in the header of a LOGH file."""
    fields = decode_record(LOGH_HEADER, head)
    model, serial = (
        fields[name].split(b"\0")[0].decode("ascii", "replace") for name in ("model", "serial")
    )
    product = enum_names.ENCRYPTED_MODELS.get(model)
    return Aircraft(
        maker="DJI",
        model=f"{product} ({model})" if product else model or None,
        serial=serial or None,
    )


def _whole_log_issues(file: DatFile) -> list[Issue]:
    """Return issues about the log as a whole."""
    issues = []
    if not len(file.frames) and not file.gaps.encrypted_entries:
        issues.append(
            Issue(0, 0, "no record with valid checksums: nothing was recorded, or nothing is left")
        )
    elif len(file.frames) and file.times.clock.source is None:
        reason = "no GPS date in this log: its times are relative only, so no row has a time"
        issues.append(Issue(0, 0, reason))
    first = next(iter(file.coverage()), None)
    if first is not None and first.kind == "padding" and first.offset == 0 and len(file.frames):
        words = describe_filler_bytes(first.size, 1, int(file.stream.data[0]))
        issues.append(Issue(0, first.size, f"{words} before the log: never written, or erased"))
    if file.stream.is_from_export_container:
        names = ", ".join(entry.name for entry in file.stream.entries if entry.name)
        issues.append(Issue(0, 0, f"export container: this log covers {names}"))
    for name, values in aircraft_values_in_text_lines(file).items():
        if len(values) > 1 and name == "serial":
            issues.append(Issue(0, 0, f"records of several aircraft: {', '.join(values)}"))
    return issues


FORMAT = Format(
    "dji-dat",
    "DJI on-board flight log (DAT)",
    "BudWalkerJava/DatCon 2a51562; o-gs/dji-firmware-tools df0b9c5 (facts only)",
    claims,
    read,
    facts=FACTS,
    find_start_offset=find_log_start,
    skips_filled_tail=True,
)
