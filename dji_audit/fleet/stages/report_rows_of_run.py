"""The rows of a run, put together from what the stages left on disk."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from dji_audit.compliance.context import AuditContext
from dji_audit.fleet.read_file_in_worker import file_index_of_log
from dji_audit.fleet.rows_on_disk import RowKind, RowsOnDisk, write_rows_to_disk
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.flights import ClockAlignment, shared_name_of_capture_files
from dji_audit.media_files import MediaFileRecording, group_media_files_by_capture
from dji_audit.report.declared_clock_rows import declared_clock_rows
from dji_audit.report.flight_rows import media_capture_row
from dji_audit.report.network_contact_rows import ContactRow
from dji_audit.report.rows import (
    PAGE_NOT_WRITTEN,
    FileRow,
    MediaFilesCaptureRow,
    MissingInAppLogFolderRow,
    RunContents,
)
from dji_audit.report.run_verdict import DID_NOT_FLY, NO_FLIGHT
from parsers import DeclaredClock


def assemble_report_rows_of_run(
    read: FilesRead,
    audited: FlightsAudited,
    *,
    names_of_files_read: Sequence[str],
    other_rows: Sequence[FileRow],
    contacts: Sequence[ContactRow],
    declared_clocks: Sequence[DeclaredClock],
    app_folders: tuple[MissingInAppLogFolderRow, ...],
    context: AuditContext,
) -> RunContents:
    """Return all rows of a run, in the order of its report.

    Args:
        read: What came of the files.
        audited: What came of the flights.
        names_of_files_read: The names of the files that were read, in the order of their indices.
        other_rows: Of files that were not read: copies, context files, containers.
        contacts: Hosts in the network logs that record no time of a flight.
        declared_clocks: Clocks that a person declared.
        app_folders: What folders of apps say by what is missing there.
        context: What the unit supplied.
    """
    own_contacts: RowsOnDisk[Any] = audited.rows_of_kind_in_report_order(RowKind.CONTACT)
    own_contacts.add_rows(contacts)
    rows: dict[RowKind, Any] = {
        kind: audited.rows_of_kind_in_report_order(kind)
        for kind in audited.rows
        if kind is not RowKind.CONTACT
    }
    return RunContents(
        files=write_rows_to_disk(
            _file_rows_sorted_by_name(read, audited, names_of_files_read, other_rows)
        ),
        flights=rows[RowKind.FLIGHT],
        results=rows[RowKind.RESULT],
        findings=rows[RowKind.FINDING],
        captures=write_rows_to_disk(_media_capture_rows(read, audited)),
        contacts=own_contacts,
        network=rows[RowKind.NETWORK_COVERAGE],
        rules=tuple(audited.rules.values()),
        clocks=declared_clock_rows(
            declared_clocks, list(read.clocks_of_logs()) if declared_clocks else ()
        ),
        undeclared_clocks=write_rows_to_disk(it for it in read.clocks_of_logs() if it.unstated),
        unmatched_acknowledgements=_unmatched_acknowledgements_text(audited, context),
        app_folders=app_folders,
        events=rows[RowKind.EVENT],
        rule_outcomes=audited.rule_outcomes.with_blocks_reordered(
            audited.flight_indices_in_order()
        ),
    )


def _unmatched_acknowledgements_text(audited: FlightsAudited, context: AuditContext) -> str:
    """Return which supplied acknowledgements match no finding of a run; empty: each does."""
    if context.acknowledgements is None:
        return ""
    matched: set[int] = set()
    for it in audited.shorts:
        matched.update(it.acknowledgements)
    return context.acknowledgements.unmatched_rows_text(matched)


def _file_rows_sorted_by_name(
    read: FilesRead,
    audited: FlightsAudited,
    names_of_files_read: Sequence[str],
    other_rows: Sequence[FileRow],
) -> Iterator[FileRow]:
    """Yield the row of every file, by its name."""
    names = [*names_of_files_read, *(row.name for row in other_rows)]
    read_count = len(names_of_files_read)
    outcomes = _OutcomeOfEachFile(audited)
    for place in sorted(range(len(names)), key=names.__getitem__):
        if place < read_count:
            (row,) = read.file_rows.rows_of_block(place)
            yield outcomes.file_row_with_outcome(place, row)
        else:
            yield other_rows[place - read_count]


class _OutcomeOfEachFile:
    """What became of the logs of each file: its flights, or why it has none."""

    def __init__(self, audited: FlightsAudited) -> None:
        self._flights: dict[int, list[str]] = defaultdict(list)
        self._failures: dict[int, str] = {}
        self._page_failures: dict[int, str] = {}
        self._not_aligned: dict[int, str] = {}
        for index, assembly, _ in audited.indexed_flights_with_clock_alignments():
            for file in sorted({file_index_of_log(it) for it in assembly.log_indices}):
                self._flights[file].append(audited.ids[index])
                if failure := audited.failures.get(index):
                    self._failures[file] = failure
                if failure := audited.page_failures.get(index):
                    self._page_failures[file] = failure
            for member in assembly.members:
                if not member.alignment.is_aligned and (
                    member.alternative_flights or len(assembly.members) > 1
                ):
                    file = file_index_of_log(member.log_index)
                    self._not_aligned[file] = member.alignment.reason
        self._unjoined = {
            file_index_of_log(member.log_index): member.alignment.reason
            for member in audited.unjoined
        }

    def file_row_with_outcome(self, file: int, row: FileRow) -> FileRow:
        """Return the row of a file by its index, with what became of it."""
        flights = self._flights.get(file, ())
        row = replace(row, flights=tuple(flights))
        if file in self._failures:
            why = f"its flight was not audited: {self._failures[file]}"
            return replace(row, status="unread", reason=why)
        if file in self._page_failures:
            why = f"{PAGE_NOT_WRITTEN}: {self._page_failures[file]}"
            return replace(
                row,
                status="partial" if row.status == "read" else row.status,
                reason="; ".join([*[row.reason] * bool(row.reason), why]),
            )
        if not flights and file in self._unjoined and not row.reason:
            why = self._unjoined[file]
            return replace(
                row,
                reason=why if why.startswith(DID_NOT_FLY) else f"{NO_FLIGHT}: {why}",
            )
        if file in self._not_aligned and not row.reason:
            return replace(row, reason=f"clock not aligned: {self._not_aligned[file]}")
        return row


def _media_capture_rows(read: FilesRead, audited: FlightsAudited) -> Iterator[MediaFilesCaptureRow]:
    """Yield the captures in media files by their name, with times and flights found by joining."""
    if not read.media.file_indices:
        return
    media = set(read.media.file_indices)
    by_file: dict[int, tuple[ClockAlignment | None, tuple[str, ...]]] = {}
    for index, assembly, alignments in audited.indexed_flights_with_clock_alignments():
        for member, alignment in zip(assembly.members, alignments, strict=True):
            file = file_index_of_log(member.log_index)
            if file in media:
                _, ids = by_file.get(file, (None, ()))
                by_file[file] = alignment, tuple(dict.fromkeys((*ids, audited.ids[index])))
    # A file is one stream or more of one capture, which its name tells.
    blocks: dict[str, list[int]] = defaultdict(list)
    for block, (_, streams) in enumerate(read.iterate_media_file_index_and_recordings()):
        blocks[shared_name_of_capture_files(streams[0].file)].append(block)
    for name in sorted(blocks):
        found: list[MediaFileRecording] = []
        for block in blocks[name]:
            last, ids = by_file.get(read.media.file_indices[block], (None, ()))
            for stream in cast(
                tuple[MediaFileRecording, ...], read.media.rows.rows_of_block(block)
            ):
                found.append(stream.with_aligned_times(last, ids))
        yield from map(media_capture_row, group_media_files_by_capture(found))
