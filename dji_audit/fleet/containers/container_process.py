"""Containers are listed and unpacked in a process of their own, which they cannot take along.

One that is cut short while it is mapped, that crashes its decompressor, hangs or takes all memory
costs itself: the process is started again for the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from dji_audit.fleet.containers.generator_in_subprocess import (
    GeneratorFailedError,
    GeneratorProcess,
)
from dji_audit.fleet.worker_pool import (
    MAX_TIMES_AGAIN,
    MEMORY_BYTES,
    ItemFailure,
    item_failure_from_exception,
    result_unless_disk_full,
)
from dji_audit.ingest import IngestSettings, InputFilesAndKeychains
from dji_audit.ingest.dry_run_scan import EvidenceDryRun, scan_input_files
from dji_audit.ingest.input_files import (
    ContainerContents,
    ContainerListingError,
    ContainerOpeningFunctions,
    FileOnDisk,
    ManifestOfBackup,
    container_contents_or_none,
    read_backup_manifest_of_folder,
)
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import TIME_LIMIT

#: A container gets the time of one file for each so many bytes that were begun: whole phones are
#: hashed and unpacked at 10 MB/s at the least.
_BYTES_FOR_A_TIME_LIMIT = 1 << 32

Result = TypeVar("Result")


class ContainerUnpackingProcess:
    """The process of a run that lists and unpacks containers; started when the first is met."""

    def __init__(self, jobs: int, timeout_s: float, memory_bytes: int = MEMORY_BYTES) -> None:
        """Start nothing yet.

        Args:
            jobs: Worker processes of the run; 0: there is no process for containers either.
            timeout_s: Seconds that a container may take, for each 4 GB of it.
            memory_bytes: Memory that the process may take of its own.
        """
        self._process = GeneratorProcess(memory_bytes) if jobs else None
        self._timeout_s = timeout_s
        #: How containers are opened while files are looked for.
        self.reading = ContainerOpeningFunctions(self._list_container, self._read_backup_manifests)

    def __enter__(self) -> Self:
        """Return it; nothing is started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()

    def generator_results_for_container(
        self,
        path: Path,
        generator: Callable[..., Iterator[Result]],
        arguments: Callable[[], tuple[Any, ...]],
    ) -> Iterator[Result]:
        """Yield what a generator makes of a container.

        Args:
            path: The container.
            generator: A generator function that the other process can import.
            arguments: Returns its arguments; asked again where somebody ended the process, so
                that what was yielded already is left out.

        Raises:
            GeneratorFailedError: If it does not come to its end.
            OSError: If the container cannot be opened.
            OutputError: If there is no room for what it writes.
        """
        if self._process is None:
            try:
                yield from generator(*arguments())
            except OSError as error:
                result_unless_disk_full(item_failure_from_exception(error))
                raise
            return
        limit_s = self._timeout_s * (1 + path.stat().st_size // _BYTES_FOR_A_TIME_LIMIT)
        times_lost = 0
        while True:
            try:
                with closing(self._process.results(generator, arguments(), limit_s)) as results:
                    for result in results:
                        yield result
                        times_lost = 0
            except GeneratorFailedError as error:
                if error.was_ended_from_outside and times_lost < MAX_TIMES_AGAIN:
                    times_lost += 1
                    continue
                if error.failure.cause is QuarantineCause.TIME_LIMIT:
                    reason = f"stopped after {limit_s:g} s, {TIME_LIMIT}"
                    failure = ItemFailure(QuarantineCause.TIME_LIMIT, reason)
                    raise GeneratorFailedError(failure) from error
                raise
            return

    def evidence_dry_run_of_inputs(
        self, files: InputFilesAndKeychains, settings: IngestSettings
    ) -> EvidenceDryRun | None:
        """Return the classes of files that were found; ``None``: one of them ended the process.

        It tells how long a run will take, and nothing that the run rests on: a file that goes wrong
        is named when it is read.
        """
        if self._process is None:
            return scan_input_files(files, settings)
        limit_s = self._timeout_s * max(1, len(files.discovered.inputs))
        # What an earlier run hashed is not looked at.
        files = replace(files, hashed_earlier={})
        try:
            (scan,) = self._process.results(
                scan_evidence_in_container_process, (files, settings), limit_s
            )
        except GeneratorFailedError:
            return None
        return scan

    def _list_container(
        self, file: FileOnDisk, passwords: Sequence[bytes]
    ) -> ContainerContents | None:
        return self._single_result_of_generator(
            file.path, list_container_contents, (file, passwords)
        )

    def _read_backup_manifests(self, files: Sequence[FileOnDisk]) -> ManifestOfBackup | None:
        return self._single_result_of_generator(files[0].path, read_backup_manifests, (files,))

    def _single_result_of_generator(
        self,
        path: Path,
        generator: Callable[..., Iterator[Result | None]],
        arguments: tuple[Any, ...],
    ) -> Result | None:
        """Return the one result of a generator.

        Raises:
            ContainerListingError: If it could not be made.
        """
        found: Result | None = None
        try:
            for result in self.generator_results_for_container(path, generator, lambda: arguments):
                found = result
        except GeneratorFailedError as error:
            raise ContainerListingError(error.failure.reason, error.failure.cause) from error
        except OSError:
            # Whoever reads the file says so.
            return None
        return found


def list_container_contents(
    file: FileOnDisk, passwords: Sequence[bytes]
) -> Iterator[ContainerContents | None]:
    """Yield once what a container holds; ``None``: it is none, or cannot be opened."""
    yield container_contents_or_none(file, passwords)


def scan_evidence_in_container_process(
    files: InputFilesAndKeychains, settings: IngestSettings
) -> Iterator[EvidenceDryRun]:
    """Yield once the classes of files that were found."""
    yield scan_input_files(files, settings)


def read_backup_manifests(files: Sequence[FileOnDisk]) -> Iterator[ManifestOfBackup | None]:
    """Yield once what the manifests in a folder say; ``None``: they are of no backup."""
    yield read_backup_manifest_of_folder(files)
