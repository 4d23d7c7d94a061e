"""The files below what the user named, on the disk and in containers; and which are copies."""

from dji_audit.ingest.input_files._container_members import (
    ContainerContents,
    MemberInput,
    container_contents_or_none,
    open_members,
)
from dji_audit.ingest.input_files._duplicate_inputs import (
    DuplicatesAndHashes,
    find_duplicates_and_hashes,
    hash_files_in_parallel,
)
from dji_audit.ingest.input_files._files_on_disk import find_files, printable_name
from dji_audit.ingest.input_files._find_inputs import (
    IN_THIS_PROCESS,
    ContainerOpeningFunctions,
    container_and_member_of_path,
    find_inputs,
)
from dji_audit.ingest.input_files._hash_evidence_file import hash_evidence_file
from dji_audit.ingest.input_files._itunes_backups import (
    ManifestOfBackup,
    read_backup_manifest_of_folder,
)
from dji_audit.ingest.input_files._leave_out_patterns import LeaveOutPatternError, LeaveOutPatterns
from dji_audit.ingest.input_files._model import (
    KEYCHAINS_SUFFIX,
    LINK_NOT_FOLLOWED,
    ContainerFile,
    ContainerListingError,
    DiscoveredFiles,
    FileOnDisk,
    InputFile,
    KeychainsFile,
    KeychainsMember,
    LeftOutFile,
    UnreadablePath,
)

__all__ = [
    "IN_THIS_PROCESS",
    "KEYCHAINS_SUFFIX",
    "LINK_NOT_FOLLOWED",
    "ContainerContents",
    "ContainerFile",
    "ContainerListingError",
    "ContainerOpeningFunctions",
    "DiscoveredFiles",
    "DuplicatesAndHashes",
    "FileOnDisk",
    "InputFile",
    "KeychainsFile",
    "KeychainsMember",
    "LeaveOutPatternError",
    "LeaveOutPatterns",
    "LeftOutFile",
    "ManifestOfBackup",
    "MemberInput",
    "UnreadablePath",
    "container_and_member_of_path",
    "container_contents_or_none",
    "find_duplicates_and_hashes",
    "find_files",
    "find_inputs",
    "hash_evidence_file",
    "hash_files_in_parallel",
    "open_members",
    "printable_name",
    "read_backup_manifest_of_folder",
]
