"""Listing and unpacking that go wrong for containers of certain names, in the other process."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import parsers
from dji_audit.fleet.containers import container_process, member_copies
from dji_audit.fleet.containers.member_copies import MemberCopyOrFailure
from dji_audit.ingest import IngestSettings, InputFilesAndKeychains
from dji_audit.ingest.dry_run_scan import EvidenceDryRun
from dji_audit.ingest.input_files import ContainerContents, FileOnDisk, InputFile

#: As they are before a test puts those of this module in their place.
LIST, COPY = (
    container_process.list_container_contents,
    member_copies.copy_members_and_iterate_indexed_copies,
)


def go_wrong(path: Path) -> None:
    """Do what the container's name says, in the middle of the work on it."""
    match path.stem.split("-")[0]:
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            time.sleep(600)
        case "memory":
            bytearray(1 << 34)
        case "fault":
            raise IndexError("list index out of range")
        case "full":
            raise OSError(28, "No space left on device")
        case "cut":
            content = parsers.open_content(path)
            os.truncate(path, 0)
            content.data[:10]
        case "once":
            mark = path.parent.parent / f"{path.name}.mark"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)


def list_container_contents(
    file: FileOnDisk, passwords: Sequence[bytes]
) -> Iterator[ContainerContents | None]:
    """List a container, or go wrong."""
    go_wrong(file.path)
    yield from LIST(file, passwords)


def copy_members_and_iterate_indexed_copies(
    path: Path, members: Mapping[int, InputFile], passwords: Sequence[bytes], folder: Path
) -> Iterator[tuple[int, MemberCopyOrFailure]]:
    """Copy the first member of a container, then go wrong."""
    copies = COPY(path, members, passwords, folder)
    yield next(copies)
    go_wrong(path)
    yield from copies


def own_process_number() -> Iterator[int]:
    """Yield the number of the process that this runs in."""
    yield os.getpid()


def cut_scans(files: InputFilesAndKeychains, settings: IngestSettings) -> Iterator[EvidenceDryRun]:
    """Look at the files while somebody cuts one short."""
    for item in files.discovered.inputs:
        go_wrong(item.path)
    yield from container_process.scan_evidence_in_container_process(files, settings)
