"""Put the time stamp of a manifest into an archive; no other byte of a member changes."""

from pathlib import Path

from dji_audit.dossier.check_zip_archive_bytes import (
    ArchiveMember,
    check_archive,
    iterate_member_chunks,
)
from dji_audit.dossier.manifest_model_and_reader import (
    MANIFEST_FILE,
    MAX_MANIFEST_BYTES,
    SIGNATURE_FILE,
    SUMS_FILE,
    TIMESTAMP_FILE,
)
from dji_audit.dossier.rfc3161_request_and_response_files import (
    MAX_RESPONSE_BYTES,
    CheckedTimestamp,
    check_timestamp,
)
from dji_audit.dossier.stored_zip import StoredZipWriter
from dji_audit.dossier.write_archive import DossierError, open_archive_for_writing


def read_manifest_bytes(path: Path) -> bytes:
    """Return the bytes of the manifest in an archive.

    Raises:
        DossierError: If anything in its structure is not as it must be.
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        for member in _checked_archive_members(path):
            if member.name == MANIFEST_FILE and member.size <= MAX_MANIFEST_BYTES:
                return b"".join(iterate_member_chunks(stream, member))
    raise DossierError(f"{path} holds no manifest")


def add_and_return_checked_timestamp(path: Path, response: Path) -> CheckedTimestamp:
    """Put a response into an archive, in place of an earlier one; return what it says.

    Raises:
        DossierError: If the archive is not as it must be, or cannot be written.
        TimestampError: If the response is none, or one of other data.
        OSError: If one of the two cannot be read.
    """
    with response.open("rb") as stream:
        answer = stream.read(MAX_RESPONSE_BYTES + 1)
    if len(answer) > MAX_RESPONSE_BYTES:
        raise DossierError(f"{response} is too large to be a response")
    stamp = check_timestamp(answer, read_manifest_bytes(path))
    heads = (MANIFEST_FILE, SUMS_FILE, SIGNATURE_FILE)
    members = [member for member in _checked_archive_members(path) if member.name != TIMESTAMP_FILE]
    behind = sum(member.name in heads for member in members[: len(heads)])
    with path.open("rb") as old, open_archive_for_writing(path, replaces=True) as new:
        archive = StoredZipWriter(new)
        for number, member in enumerate(members):
            if number == behind:
                archive.add(TIMESTAMP_FILE, len(answer), (answer,))
            archive.add(member.name, member.size, iterate_member_chunks(old, member))
        if behind == len(members):
            archive.add(TIMESTAMP_FILE, len(answer), (answer,))
        archive.finish()
    return stamp


def _checked_archive_members(path: Path) -> tuple[ArchiveMember, ...]:
    with path.open("rb") as stream:
        checked = check_archive(stream, path.stat().st_size)
    for fault in checked.faults:
        raise DossierError(f"{path} is damaged: {fault.name}: {fault.reason}")
    return checked.members
