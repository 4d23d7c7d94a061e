"""The first stage: every file is read once, and what came of it is put on disk."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.fleet.containers.member_copies import IndexedInput, MemberCopies
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.read_file_in_worker import (
    READ_FILE,
    READ_STAGE,
    FileResult,
    NetworkLogIndexAndSpan,
    ReadSettings,
)
from dji_audit.fleet.result_keys import LogWithResultKey
from dji_audit.fleet.stages.container_rows import row_with_container
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stored_rows import RowFile, StoredRows, encode_rows
from dji_audit.fleet.temporary_files_for_workers import LOG_STAGE
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.flights import LogSummary
from dji_audit.ingest.input_files import InputFile
from dji_audit.media_files import MediaStream
from dji_audit.report.declared_clock_rows import LogClockForReport
from dji_audit.report.rows import FileRow


@dataclass(slots=True)
class RowBlocksByFile:
    """Rows on disk, a block of them for each of some files, and the index of its file."""

    rows: StoredRows[object]
    file_indices: "array[int]" = field(default_factory=lambda: array("Q"))

    def add_rows_of_file(self, file_index: int, rows: Sequence[object]) -> None:
        """Add the rows of a file, if it has any."""
        if rows:
            self.rows.add_block(encode_rows(rows))
            self.file_indices.append(file_index)

    def in_order_of_files(self) -> StoredRows[object]:
        """Return all rows, those of the first file first."""
        order = sorted(range(len(self.file_indices)), key=self.file_indices.__getitem__)
        return self.rows.in_order_of_blocks(order)

    def by_file(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Yield the index of each file with its rows."""
        for block, file_index in enumerate(self.file_indices):
            yield file_index, self.rows.rows_of_block(block)


@dataclass(slots=True)
class FilesRead:
    """The results of reading every file."""

    #: A row for each file that was read, by its index.
    file_rows: StoredRows[FileRow]
    #: What joining needs to know of each part of a log, in the order of reading; ``None``: they
    #: are joined.
    summaries: StoredRows[LogSummary] | None
    #: What media files recorded, what is known of the clocks of logs, and files as they were when
    #: they were hashed.
    media: RowBlocksByFile
    clocks: RowBlocksByFile
    hashed: RowBlocksByFile
    network_logs: list[NetworkLogIndexAndSpan] = field(default_factory=list)
    #: Index of a log -> the key under which it is kept, as bytes.
    log_keys: dict[int, bytes] = field(default_factory=dict)
    #: Files that were known from an earlier run, and those that were not even hashed.
    known_count: int = 0
    trusted_count: int = 0
    #: Under which keys the results are kept, as bytes.
    result_keys: set[bytes] = field(default_factory=set)
    _file_indices: "array[int]" = field(default_factory=lambda: array("Q"))

    @classmethod
    def none_yet(cls, spool: Path) -> "FilesRead":
        """Return the results of no file; those that are added lie in the spool.

        Raises:
            OSError: If nothing can be written there.
        """
        rows = RowFile(spool)
        return cls(
            file_rows=StoredRows(rows),
            summaries=StoredRows(RowFile()),
            media=RowBlocksByFile(StoredRows(rows)),
            clocks=RowBlocksByFile(StoredRows(rows)),
            hashed=RowBlocksByFile(StoredRows(rows)),
        )

    def add_result(self, file_index: int, result: FileResult, row: FileRow) -> None:
        """Keep the result of a file.

        Args:
            file_index: Its index among those that are read.
            result: The result.
            row: Its row, with what its container says of it.
        """
        self._file_indices.append(file_index)
        self.file_rows.add_block(encode_rows((row,)))
        if result.summaries and self.summaries is not None:
            self.summaries.add_block(encode_rows(result.summaries))
        self.network_logs += result.network_logs
        self.media.add_rows_of_file(file_index, result.streams)
        self.clocks.add_rows_of_file(file_index, result.clocks)
        self.log_keys |= {log.index: bytes.fromhex(log.key) for log in result.logs}
        self.known_count += result.was_known
        self.trusted_count += result.was_trusted
        if result.key:
            self.result_keys.add(bytes.fromhex(result.key))
        if result.hashed is not None:
            self.hashed.add_rows_of_file(file_index, (result.hashed,))

    def finish(self) -> None:
        """Put everything into the order of the files, whenever each of them was read."""
        order = sorted(range(len(self._file_indices)), key=self._file_indices.__getitem__)
        self.file_rows = self.file_rows.in_order_of_blocks(order)
        self.network_logs.sort(key=lambda it: it.index)

    def file_row_lookup_by_name(
        self, to_read: Sequence[InputFile], wanted: Mapping[str, InputFile]
    ) -> Callable[[str], FileRow | None]:
        """Return a function that returns the row of a file by its name; ``None``: it was not read.

        Args:
            to_read: The files that were read, in the order of their indices.
            wanted: The files that may be asked for, by whatever names.
        """
        names = {item.name for item in wanted.values()}
        indices = {item.name: index for index, item in enumerate(to_read) if item.name in names}

        def row_of_file(name: str) -> FileRow | None:
            index = indices.get(name)
            return None if index is None else self.file_rows.rows_of_block(index)[0]

        return row_of_file

    def used_results(self) -> Iterator[tuple[str, str]]:
        """Yield stage and key of each result, and of each log."""
        yield from ((READ_STAGE, key.hex()) for key in self.result_keys)
        yield from ((LOG_STAGE, key.hex()) for key in self.log_keys.values())

    def hashed_files(self, to_read: Sequence[InputFile]) -> Iterator[tuple[str, FileHashAndStat]]:
        """Yield the resolved path of each file that was hashed, with what the disk stated."""
        for file_index, hashed in self.hashed.by_file():
            for it in hashed:
                if isinstance(it, FileHashAndStat):
                    yield str(to_read[file_index].path.resolve()), it

    def log_with_result_key(self, index: int) -> LogWithResultKey:
        """Return a log by its index."""
        return LogWithResultKey(index, self.log_keys[index].hex())

    def media_by_file(self) -> Iterator[tuple[int, Sequence[MediaStream]]]:
        """Yield the index of each media file with what it recorded."""
        for file_index, streams in self.media.by_file():
            yield file_index, [it for it in streams if isinstance(it, MediaStream)]

    def clocks_of_logs(self) -> Iterator[LogClockForReport]:
        """Yield what is known of the clock of each log, in the order of the files."""
        for clock in self.clocks.in_order_of_files():
            if isinstance(clock, LogClockForReport):
                yield clock


def read_files(
    to_read: Sequence[InputFile],
    settings: ReadSettings,
    copies: MemberCopies,
    passwords: Sequence[bytes],
    pool: WorkerPool | DaskPool,
    progress: Progress | None,
) -> FilesRead:
    """Read every file, and every member as its container is unpacked."""
    order: list[int] = []

    def indexed_inputs() -> Iterator[IndexedInput]:
        for indexed in copies.indexed_inputs(to_read, passwords):
            order.append(indexed.index)
            yield indexed

    read = FilesRead.none_yet(settings.spool)
    # One input needs no other process.
    items: Iterable[IndexedInput] = indexed_inputs()
    if len(to_read) < 2:
        items = list(items)
    for number, result in enumerate(pool.results_of_each(READ_FILE, items, settings, copies)):
        item = to_read[order[number]]
        read.add_result(order[number], result, row_with_container(result.row, item))
        if progress:
            progress(number + 1, len(to_read), item.name)
    read.finish()
    return read
