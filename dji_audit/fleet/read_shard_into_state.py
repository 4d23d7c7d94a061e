"""One part of the files below some paths: read into a state, and judged by nobody yet.

Logs of one flight may lie in different parts, so that a part alone has no flights and no verdict.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dji_audit.fleet.containers.container_process import ContainerUnpackingProcess
from dji_audit.fleet.containers.member_copies import MemberCopies
from dji_audit.fleet.decoder_code_digests import cached_or_new_decoder_code_digests
from dji_audit.fleet.keys_and_clocks_digests import keys_and_clocks_digests
from dji_audit.fleet.read_file_in_worker import ReadSettings, clear_keyring_cache
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stages.read_files import read_files
from dji_audit.fleet.stages.run_options import RunOptions
from dji_audit.fleet.state.run_ledger import ShardNumberAndCount
from dji_audit.fleet.state.state_folder import (
    file_hashes_of_earlier_runs,
    open_state_folder,
    refuse_state_in_evidence,
)
from dji_audit.fleet.temporary_files_for_workers import (
    open_temporary_run_folder,
    save_keychains_and_return_paths,
)
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.ingest import find_input_files_and_keychains
from dji_audit.ingest.dry_run_scan import EvidenceDryRun
from dji_audit.mapper import names_of_records_to_plot
from dji_audit.report.file_status import FileStatus
from dji_audit.report.quarantine import QuarantinedFile, quarantined_files


@dataclass(frozen=True, slots=True)
class ShardReadCounts:
    """What came of reading one part."""

    #: Files of the part that were known, and that were read.
    known_files: int
    read_files: int
    #: Files of all parts, copies and what the unit supplies left out.
    all_files: int
    #: Files of the part that could not be read in full, and those that went wrong.
    incomplete_files: int
    quarantined: tuple[QuarantinedFile, ...]


def read_shard_into_state(
    paths: Sequence[Path],
    options: RunOptions,
    shard: ShardNumberAndCount,
    progress: Progress | None = None,
    on_scan: Callable[[EvidenceDryRun], None] | None = None,
) -> ShardReadCounts:
    """Read one part of the files below some paths into the state.

    Args:
        paths: Files and folders, the same for every part.
        options: What the user chose; there is a state.
        shard: Which part.
        progress: Told of each file.
        on_scan: Called once, before anything is read, with what there is.

    Raises:
        OutputError: If the state cannot be used.
        ValueError: If there is no state.
    """
    if options.state is None:
        raise ValueError("a part is read into a state")
    refuse_state_in_evidence(options.state, paths)
    supplied = {path.resolve() for path, _ in options.context_files.files_and_kinds()}
    hashes = file_hashes_of_earlier_runs(options.state, options.trust_mtime)
    containers = ContainerUnpackingProcess(options.jobs, options.timeout_s)
    files = find_input_files_and_keychains(
        paths, options.ingest, supplied, hashes, containers.reading
    )
    if on_scan is not None:
        scan = containers.evidence_dry_run_of_inputs(files, options.ingest)
        if scan is not None:
            on_scan(scan)
    every = [
        item
        for item in files.discovered.inputs
        if item.name not in files.originals_by_duplicate_name
        and not (item.member is None and item.path.resolve() in supplied)
    ]
    # A container is unpacked by one machine.
    to_read = [item for item in every if shard.is_file_in_shard(item.name.partition("!/")[0])]
    try:
        with (
            open_temporary_run_folder(paths) as spool,
            open_state_folder(options.state) as state,
            WorkerPool(options.jobs, options.timeout_s, results_folder=spool) as pool,
            containers,
        ):
            pool.finish_running_items_when_interrupted()
            ingest = replace(
                options.ingest,
                keychains=save_keychains_and_return_paths(spool, files.keychains),
                clocks=files.clocks,
                passwords=(),
            )
            settings = ReadSettings(
                ingest,
                spool,
                state.store,
                keys_and_clocks_digests(options.ingest, files.keychains, files.clocks),
                cached_or_new_decoder_code_digests(options.state),
                names_of_records_to_plot(options.plots),
            )
            copies = MemberCopies(spool, to_read, containers, files.file_hashes_by_name)
            read = read_files(to_read, settings, copies, options.ingest.passwords, pool, progress)
            rows = list(read.file_rows)
            state.ledger.add_run(paths, rows, shard, quarantined_files(rows))
            state.ledger.add_hashed_files(read.resolved_paths_and_hashes(to_read))
    finally:
        clear_keyring_cache()
    incomplete = (FileStatus.PARTIAL, FileStatus.UNREAD, FileStatus.UNOPENED, FileStatus.ENCRYPTED)
    return ShardReadCounts(
        read.known_count,
        len(to_read) - read.known_count,
        len(every),
        sum(row.status in incomplete for row in rows),
        quarantined_files(rows),
    )
