"""The first stage: every file is read once, and what came of it is put on disk."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    are_logs_kept,
    file_index_of_log,
    number_of_log_in_file,
    run_wide_log_index,
)
from dji_audit.fleet.result_keys import LogWithResultKey, log_result_key
from dji_audit.fleet.rows_on_disk import NO_ROWS, EncodedRows, RowFile, RowsOnDisk, encode_rows
from dji_audit.fleet.stages.container_rows import row_with_container
from dji_audit.fleet.stages.file_results_of_last_run import (
    FileDigestAndResultKey,
    FileResultsOfLastRun,
    FileResultsToSave,
    KeptFileRows,
    digest_of_input_attributes_and_sha256,
)
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.temporary_files_for_workers import LOG_STAGE
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.ingest.input_files import InputFile, hash_files_in_parallel
from dji_audit.media_files import MediaFileRecording
from dji_audit.report.declared_clock_rows import LogClockTextsForReport
from dji_audit.report.rows import FileRow


@dataclass(slots=True)
class RowBlocksByFile:
    """Rows on disk, a block of them for each of some files, and the index of its file."""

    rows: RowsOnDisk[object]
    file_indices: "array[int]" = field(default_factory=lambda: array("Q"))

    def add_rows_of_file(self, file_index: int, rows: Sequence[object]) -> None:
        """Add the rows of a file, if it has any."""
        if rows:
            self.add_block_of_file(file_index, encode_rows(rows))

    def add_block_of_file(self, file_index: int, rows: EncodedRows) -> None:
        """Add the encoded rows of a file, if it has any."""
        if rows.count:
            self.rows.add_block(rows)
            self.file_indices.append(file_index)

    def all_rows_in_file_order(self) -> RowsOnDisk[object]:
        """Return all rows, those of the first file first."""
        order = sorted(range(len(self.file_indices)), key=self.file_indices.__getitem__)
        return self.rows.with_blocks_reordered(order)

    def rows_with_file_index(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Yield the index of each file with its rows."""
        for block, file_index in enumerate(self.file_indices):
            yield file_index, self.rows.rows_of_block(block)

    def blocks_of_files(self, file_indices: Iterable[int]) -> Iterator[EncodedRows]:
        """Yield the encoded rows of each of some files; those of none have no row."""
        block_of_file = {index: block for block, index in enumerate(self.file_indices)}
        for index in file_indices:
            block = block_of_file.get(index)
            yield NO_ROWS if block is None else self.rows.encoded_block(block)


@dataclass(frozen=True, slots=True)
class _ResultKeyAndLogCount:
    """The key under which the result of a file and its logs are kept, as bytes."""

    key: bytes
    log_count: int


@dataclass(slots=True)
class FilesRead:
    """The results of reading every file."""

    #: A row for each file that was read, by its index.
    file_rows: RowsOnDisk[FileRow]
    #: What joining needs to know of each part of a log, what media files recorded, what is known of
    #: the clocks of logs, and files as they were when they were hashed.
    summaries: RowBlocksByFile
    media: RowBlocksByFile
    clocks: RowBlocksByFile
    hashed: RowBlocksByFile
    network_logs: list[NetworkLogIndexAndSpan] = field(default_factory=list)
    #: Index of a file whose result is kept -> its key.
    result_keys: dict[int, _ResultKeyAndLogCount] = field(default_factory=dict)
    #: Index of a file on the disk -> a digest of all that its result rests on besides the settings.
    input_digests: dict[int, bytes] = field(default_factory=dict)
    #: Files that were known from an earlier run, and the indices of those not even hashed.
    known_count: int = 0
    trusted: set[int] = field(default_factory=set)
    _file_indices: "array[int]" = field(default_factory=lambda: array("Q"))

    @classmethod
    def create_empty(cls, spool: Path) -> "FilesRead":
        """Return the results of no file; those that are added lie in the spool.

        Raises:
            OSError: If nothing can be written there.
        """
        rows = RowFile(spool)
        return cls(
            file_rows=RowsOnDisk(rows),
            summaries=RowBlocksByFile(RowsOnDisk(rows)),
            media=RowBlocksByFile(RowsOnDisk(rows)),
            clocks=RowBlocksByFile(RowsOnDisk(rows)),
            hashed=RowBlocksByFile(RowsOnDisk(rows)),
        )

    def add_result(self, file_index: int, result: FileResult, item: InputFile) -> None:
        """Keep the result of a file.

        Args:
            file_index: Its index among those that are read.
            result: The result.
            item: The file.
        """
        self._file_indices.append(file_index)
        self.file_rows.add_block(encode_rows((row_with_container(result.row, item),)))
        self.summaries.add_rows_of_file(file_index, result.summaries)
        self.media.add_rows_of_file(file_index, result.streams)
        self.clocks.add_rows_of_file(file_index, result.clocks)
        self._add_network_logs(file_index, result.network_logs)
        self.known_count += result.was_known
        if result.was_trusted:
            self.trusted.add(file_index)
        if result.key:
            self.result_keys[file_index] = _ResultKeyAndLogCount(
                bytes.fromhex(result.key), result.log_count
            )
        if result.hashed is not None:
            self.hashed.add_rows_of_file(file_index, (result.hashed,))
            if result.key:
                self.input_digests[file_index] = digest_of_input_attributes_and_sha256(
                    item, result.hashed.sha256
                )

    def add_rows_of_last_run(
        self, file_index: int, kept: KeptFileRows, hashed: FileHashAndStat
    ) -> None:
        """Keep what the last run read of a file that has not changed since."""
        is_trusted = hashed.is_of_earlier_run
        self._file_indices.append(file_index)
        self.file_rows.add_block(_file_row_with_hash_trust_flag(kept, is_trusted=is_trusted))
        self.summaries.add_block_of_file(file_index, kept.summaries)
        self.media.add_block_of_file(file_index, kept.media)
        self.clocks.add_block_of_file(file_index, kept.clocks)
        self._add_network_logs(file_index, kept.network_logs)
        self.known_count += 1
        if is_trusted:
            self.trusted.add(file_index)
        self.result_keys[file_index] = _ResultKeyAndLogCount(kept.result_key, kept.log_count)
        now = replace(hashed, is_of_earlier_run=False)
        self.hashed.add_rows_of_file(file_index, (now,))
        self.input_digests[file_index] = kept.input_digest

    def _add_network_logs(self, file_index: int, logs: Iterable[NetworkLogIndexAndSpan]) -> None:
        self.network_logs += (
            replace(log, index=run_wide_log_index(file_index, log.index)) for log in logs
        )

    def put_results_in_file_order(self) -> None:
        """Put everything into the order of the files, whenever each of them was read."""
        order = sorted(range(len(self._file_indices)), key=self._file_indices.__getitem__)
        self.file_rows = self.file_rows.with_blocks_reordered(order)
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

    def results_to_keep(self) -> FileResultsToSave:
        """Return what the next run can take as it is, of files on the disk whose result is kept."""
        indices = sorted(self.input_digests)
        network_logs: dict[int, list[NetworkLogIndexAndSpan]] = {}
        for log in self.network_logs:
            file_index = file_index_of_log(log.index)
            own = replace(log, index=number_of_log_in_file(log.index))
            network_logs.setdefault(file_index, []).append(own)
        return FileResultsToSave(
            keys=(
                FileDigestAndResultKey(
                    self.input_digests[index].hex(),
                    self.result_keys[index].key.hex(),
                    self.result_keys[index].log_count,
                    index in self.trusted,
                )
                for index in indices
            ),
            file_rows=map(self.file_rows.encoded_block, indices),
            summaries=self.summaries.blocks_of_files(indices),
            media=self.media.blocks_of_files(indices),
            clocks=self.clocks.blocks_of_files(indices),
            network_logs=(
                encode_rows(network_logs[index]) if index in network_logs else NO_ROWS
                for index in indices
            ),
        )

    def iterate_stage_and_key_of_used_results(self) -> Iterator[tuple[str, str]]:
        """Yield stage and key of each result, and of each log."""
        yield from ((READ_STAGE, it.key.hex()) for it in self.result_keys.values())
        for it in self.result_keys.values():
            for number in range(it.log_count):
                yield LOG_STAGE, log_result_key(it.key.hex(), number)

    def resolved_paths_and_hashes(
        self, to_read: Sequence[InputFile]
    ) -> Iterator[tuple[str, FileHashAndStat]]:
        """Yield the resolved path of each file that was hashed, with what the disk stated."""
        for file_index, hashed in self.hashed.rows_with_file_index():
            for it in hashed:
                if isinstance(it, FileHashAndStat):
                    yield str(to_read[file_index].path.resolve()), it

    def kept_log_indices(self) -> Iterator[int]:
        """Yield the index of each log that is kept."""
        for file_index, kept in self.result_keys.items():
            yield from (run_wide_log_index(file_index, number) for number in range(kept.log_count))

    def log_with_result_key(self, index: int) -> LogWithResultKey:
        """Return a log by its index."""
        kept = self.result_keys[file_index_of_log(index)]
        return LogWithResultKey(index, log_result_key(kept.key.hex(), number_of_log_in_file(index)))

    def iterate_media_file_index_and_recordings(
        self,
    ) -> Iterator[tuple[int, Sequence[MediaFileRecording]]]:
        """Yield the index of each media file with what it recorded."""
        for file_index, streams in self.media.rows_with_file_index():
            yield file_index, [it for it in streams if isinstance(it, MediaFileRecording)]

    def clocks_of_logs(self) -> Iterator[LogClockTextsForReport]:
        """Yield what is known of the clock of each log, in the order of the files."""
        for clock in self.clocks.all_rows_in_file_order():
            if isinstance(clock, LogClockTextsForReport):
                yield clock


def _file_row_with_hash_trust_flag(kept: KeptFileRows, *, is_trusted: bool) -> EncodedRows:
    """Return the row of a file with whether this run trusts the disk for its hash."""
    if kept.is_hash_trusted == is_trusted:
        return kept.file_row
    return encode_rows(
        replace(row, is_hash_trusted=is_trusted)
        for row in kept.file_row.decode()
        if isinstance(row, FileRow)
    )


def read_files(
    to_read: Sequence[InputFile],
    settings: ReadSettings,
    copies: MemberCopies,
    passwords: Sequence[bytes],
    pool: WorkerPool | DaskPool,
    progress: Progress | None,
    last_run: FileResultsOfLastRun | None = None,
) -> FilesRead:
    """Read every file, and every member as its container is unpacked.

    Args:
        to_read: The files.
        settings: What a worker needs to know.
        copies: The members of containers on their way to the workers.
        passwords: Tried on encrypted members.
        pool: The workers.
        progress: Told of each file.
        last_run: What the last run of the state read: a file that has not changed since goes to no
            worker.
    """
    read = FilesRead.create_empty(settings.spool)
    hashes: dict[str, FileHashAndStat] = {}
    if last_run is not None:
        for index, item, hashed in _index_and_hash_of_inputs_outside_containers(to_read, copies):
            if not _add_last_result_if_file_unchanged(
                read, index, item, hashed, last_run, settings
            ):
                hashes[item.name] = hashed
            elif progress:
                progress(read.known_count, len(to_read), item.name)
    known = frozenset(read.result_keys)
    order: list[int] = []

    def indexed_inputs() -> Iterator[IndexedInput]:
        for indexed in copies.inputs_with_index_and_copy(to_read, passwords, known):
            order.append(indexed.index)
            hashed = indexed.hashed or hashes.get(indexed.input.name)
            yield replace(indexed, hashed=hashed)

    # One input needs no other process.
    items: Iterable[IndexedInput] = indexed_inputs()
    if len(to_read) - len(known) < 2:
        items = list(items)
    for number, result in enumerate(pool.results_of_each(READ_FILE, items, settings, copies)):
        item = to_read[order[number]]
        read.add_result(order[number], result, item)
        if progress:
            progress(len(known) + number + 1, len(to_read), item.name)
    read.put_results_in_file_order()
    return read


def _index_and_hash_of_inputs_outside_containers(
    to_read: Sequence[InputFile], copies: MemberCopies
) -> Iterator[tuple[int, InputFile, FileHashAndStat]]:
    """Yield index and hash of each file that lies on the disk and can be read."""
    hashed = copies.known_hash_by_file_name
    on_disk = [(index, item) for index, item in enumerate(to_read) if item.member is None]
    new = hash_files_in_parallel(item.path for _, item in on_disk if item.name not in hashed)
    for index, item in on_disk:
        it = hashed[item.name] if item.name in hashed else next(new)
        if it is not None:
            yield index, item, it


def _add_last_result_if_file_unchanged(
    read: FilesRead,
    index: int,
    item: InputFile,
    hashed: FileHashAndStat,
    last_run: FileResultsOfLastRun,
    settings: ReadSettings,
) -> bool:
    """Add what the last run read of a file, if it is the same and its logs are still kept."""
    kept = last_run.look_up_kept_rows_by_input_digest(
        digest_of_input_attributes_and_sha256(item, hashed.sha256)
    )
    try:
        if kept is None or not hashed.is_unchanged(item.path.stat()):
            return False
    except OSError:
        # Whoever reads it says so.
        return False
    if not are_logs_kept(settings.store, kept.result_key.hex(), kept.log_count):
        return False
    read.add_rows_of_last_run(index, kept, hashed)
    return True
