"""The kinds of rows of a run, all rows of a run kind by kind, and those that a state keeps."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.rows_on_disk._row_file import EncodedRows, RowFile, RowsOnDisk, encode_rows
from dji_audit.fleet.store import StoredValueError, decode_stored_value, encode_value_to_stream
from dji_audit.report.declared_clock_rows import DeclaredClockRow, LogClockTextsForReport
from dji_audit.report.event_rows import EventRow
from dji_audit.report.network_contact_rows import ContactRow, NetworkCoverageOfFlightRow
from dji_audit.report.rows import (
    FileRow,
    FindingRow,
    FlightRow,
    MediaFilesCaptureRow,
    MissingInAppLogFolderRow,
    PolicyRuleRow,
    RuleResultRow,
    RunContents,
)

#: What came of the rules on each flight, in a file of rows; no document states it so.
_RULE_OUTCOMES = "rule outcomes"
#: The rows of the last run in a state.
ROWS_FILE = "rows-of-last-run"
_MAGIC = b"dji-audit rows 4\n"
#: What the file ends with: a mark, where its list of blocks begins, and the CRC-32 of that.
_END = struct.Struct("<8sQI")
_END_MARK = b"dj-whole"
_CHUNK_BYTES = 1 << 20


class RowKind(StrEnum):
    """What a row of a run is about; the value stands in ``report.jsonl``."""

    FILE = "file"
    FLIGHT = "flight"
    RESULT = "result"
    FINDING = "finding"
    EVENT = "event"
    CONTACT = "contact"
    NETWORK_COVERAGE = "network_coverage"
    CAPTURE = "capture"
    RULE = "rule"
    DECLARED_CLOCK = "declared_clock"
    UNDECLARED_CLOCK = "undeclared_clock"
    APP_FOLDER = "app_folder"


#: Kind -> field of ``RunContents``, and class of its rows.
_FIELDS: Mapping[RowKind, tuple[str, type]] = {
    RowKind.FILE: ("files", FileRow),
    RowKind.FLIGHT: ("flights", FlightRow),
    RowKind.RESULT: ("results", RuleResultRow),
    RowKind.FINDING: ("findings", FindingRow),
    RowKind.EVENT: ("events", EventRow),
    RowKind.CONTACT: ("contacts", ContactRow),
    RowKind.NETWORK_COVERAGE: ("network", NetworkCoverageOfFlightRow),
    RowKind.CAPTURE: ("captures", MediaFilesCaptureRow),
    RowKind.RULE: ("rules", PolicyRuleRow),
    RowKind.DECLARED_CLOCK: ("clocks", DeclaredClockRow),
    RowKind.UNDECLARED_CLOCK: ("undeclared_clocks", LogClockTextsForReport),
    RowKind.APP_FOLDER: ("app_folders", MissingInAppLogFolderRow),
}


@dataclass(frozen=True, slots=True)
class RowOfKind:
    """One row of a run, a dataclass of ``dji_audit.report``, and its kind."""

    kind: RowKind
    row: Any


def row_type_of_kind(kind: RowKind) -> type:
    """Return the dataclass of the rows of a kind: its fields are the columns of a table."""
    return _FIELDS[kind][1]


def rows_of_kind(contents: RunContents, kind: RowKind) -> Sequence[Any]:
    """Return the rows of one kind of a run, in their order in ``report.json``.

    They can be gone through as often as is wanted.  Those that grow with the run lie on disk: a
    few are in memory at a time.
    """
    rows: Sequence[Any] = getattr(contents, _FIELDS[kind][0])
    return rows


def iterate_rows_kind_by_kind(contents: RunContents) -> Iterator[RowOfKind]:
    """Yield every row of a run once, kind by kind in the order of ``RowKind``.

    Args:
        contents: Of a run that finished (``FinishedRun.contents``), or of the last run of a state
            (``load_last_run_rows_of_state``).
    """
    for kind in RowKind:
        for row in rows_of_kind(contents, kind):
            yield RowOfKind(kind, row)


def save_rows_in_state(state: Path, contents: RunContents) -> None:
    """Keep the rows of a run that finished in a state; those of the run before are replaced.

    Raises:
        OutputError: If they cannot be written.
    """
    save_rows_of_run(state / ROWS_FILE, contents)


def save_rows_of_run(path: Path, contents: RunContents) -> None:
    """Save the rows of a run in a file, whole or not at all.

    Raises:
        OutputError: If they cannot be written.
    """
    rows = {kind.value: rows_of_kind(contents, kind) for kind in RowKind}
    rows[_RULE_OUTCOMES] = contents.rule_outcomes
    save_named_rows_in_file(path, rows, contents.unmatched_acknowledgements)


@dataclass(frozen=True, slots=True)
class EncodedBlocks:
    """Rows that are encoded already, block by block; they are gone through once."""

    blocks: Iterable[EncodedRows]


def save_named_rows_in_file(
    path: Path, rows: Mapping[str, Sequence[Any] | EncodedBlocks], note: str = ""
) -> None:
    """Save rows in a file, whole or not at all.

    Args:
        path: The file; its folder exists.
        rows: Rows by a name; the blocks of those that are stored or encoded stay as they are.
        note: A text that goes with them.

    Raises:
        OutputError: If they cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
            try:
                _write_named_rows(rows, note, cast(BinaryIO, stream))
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
        Path(stream.name).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: {os_error_reason(error)}") from error


def load_last_run_rows_of_state(state: Path) -> RunContents:
    """Return the rows of the last run that finished with a state.

    Only where they lie is read; the rows themselves are read as they are gone through.

    Args:
        state: The folder that ``audit --state`` named.

    Raises:
        OutputError: If no run finished with it, or its rows are damaged or of another version.
    """
    if not (state / ROWS_FILE).exists():
        raise OutputError(f"{state} holds the rows of no finished run: run the audit")
    return load_rows_of_run(state / ROWS_FILE)


def load_rows_of_run(path: Path) -> RunContents:
    """Return the rows that were saved in a file; they are read as they are gone through.

    Raises:
        OutputError: If it cannot be opened, is damaged or of another version.
    """
    rows, note = load_named_rows_and_text_from_file(
        path, [*(kind.value for kind in RowKind), _RULE_OUTCOMES]
    )
    stored: dict[str, Any] = {name: rows[kind.value] for kind, (name, _) in _FIELDS.items()}
    return replace(
        RunContents(()),
        unmatched_acknowledgements=note,
        rule_outcomes=rows[_RULE_OUTCOMES],
        **stored,
    )


def load_named_rows_and_text_from_file(
    path: Path, names: Iterable[str], *, checks_blocks: bool = False
) -> tuple[dict[str, RowsOnDisk[Any]], str]:
    """Return the rows that were saved in a file by these names, and the text that goes with them.

    Args:
        path: The file.
        names: The names of the rows.
        checks_blocks: Whether every byte of the rows is checked, not only where they lie.

    Raises:
        OutputError: If it cannot be opened, is damaged or of another version.
    """
    try:
        file = RowFile.open_with_known_blocks(path)
    except OSError as error:
        raise OutputError(f"{path}: {os_error_reason(error)}") from error
    with suppress(StoredValueError, zlib.error, ValueError, TypeError, KeyError, OSError):
        return _read_rows_by_name_and_note_text(path, file, names, checks_blocks=checks_blocks)
    raise OutputError(
        f"{path} is damaged or was written by another version of dji-audit: run the audit again"
    )


def load_checked_rows_by_name(
    path: Path, names: Iterable[str], note: str = ""
) -> dict[str, RowsOnDisk[Any]] | None:
    """Return the rows that were saved in a file by these names, every byte of them checked.

    ``None``: there are none, they are damaged or of another version, or another text goes with
    them.
    """
    with suppress(OutputError):
        rows, saved_note = load_named_rows_and_text_from_file(path, names, checks_blocks=True)
        if saved_note == note:
            return rows
    return None


def _write_named_rows(
    named: Mapping[str, Sequence[Any] | EncodedBlocks], note: str, stream: BinaryIO
) -> None:
    stream.write(_MAGIC)
    crc = 0
    places: dict[str, bytes] = {}
    # Where each block lies in the file that is written; nothing is read from it.
    written: RowsOnDisk[Any] = RowsOnDisk(RowFile())
    for name, rows in named.items():
        own = written.with_blocks_reordered(())
        for block in _encoded_blocks(rows):
            own.add_block_already_in_file(stream.tell(), len(block.data), block.count)
            stream.write(block.data)
            crc = zlib.crc32(block.data, crc)
        places[name] = own.block_positions_as_bytes()
    index = io.BytesIO()
    encode_value_to_stream({"blocks": places, "unmatched": note, "crc": crc}, index)
    packed = zlib.compress(index.getvalue())
    begin = stream.tell()
    stream.write(packed)
    stream.write(_END.pack(_END_MARK, begin, zlib.crc32(packed)))
    stream.flush()


def _encoded_blocks(rows: Sequence[Any] | EncodedBlocks) -> Iterable[EncodedRows]:
    if isinstance(rows, EncodedBlocks):
        return rows.blocks
    return rows.blocks() if isinstance(rows, RowsOnDisk) else (encode_rows(rows),)


def _read_rows_by_name_and_note_text(
    path: Path, file: RowFile, names: Iterable[str], *, checks_blocks: bool
) -> tuple[dict[str, RowsOnDisk[Any]], str]:
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END) - _END.size
        stream.seek(0)
        if size < len(_MAGIC) or stream.read(len(_MAGIC)) != _MAGIC:
            raise StoredValueError("no rows of this version")
        stream.seek(size)
        mark, begin, crc = _END.unpack(stream.read(_END.size))
        if mark != _END_MARK or not len(_MAGIC) <= begin <= size:
            raise StoredValueError("cut short")
        stream.seek(begin)
        packed = stream.read(size - begin)
        if zlib.crc32(packed) != crc:
            raise StoredValueError("damaged")
        index = decode_stored_value(zlib.decompress(packed))
        if checks_blocks and _crc_of_blocks(stream, begin) != index["crc"]:
            raise StoredValueError("damaged")
    stored: dict[str, RowsOnDisk[Any]] = {}
    for name in names:
        rows: RowsOnDisk[Any] = RowsOnDisk(file)
        rows.add_known_blocks(index["blocks"][name])
        stored[name] = rows
    note: str = index["unmatched"]
    return stored, note


def _crc_of_blocks(stream: BinaryIO, end: int) -> int:
    """Return the CRC-32 of what lies between the beginning of a file and its list of blocks."""
    stream.seek(len(_MAGIC))
    crc, left = 0, end - len(_MAGIC)
    while left > 0 and (chunk := stream.read(min(left, _CHUNK_BYTES))):
        crc = zlib.crc32(chunk, crc)
        left -= len(chunk)
    return crc
