"""The files below what the user named, on the disk and in containers; and which are copies."""

from dji_audit.ingest.input_files._container_members import OpenedInput, open_members
from dji_audit.ingest.input_files._copies import CopiesAndHashes, find_copies
from dji_audit.ingest.input_files._files_on_disk import printable_name
from dji_audit.ingest.input_files._find_inputs import find_inputs, split_member_path
from dji_audit.ingest.input_files._left_out import LeaveOutError, LeaveOutPatterns
from dji_audit.ingest.input_files._model import (
    KEYCHAINS_SUFFIX,
    LINK_NOT_FOLLOWED,
    ContainerFile,
    DiscoveredFiles,
    InputFile,
    KeychainsFile,
    KeychainsMember,
    LeftOutFile,
    UnreadablePath,
)

__all__ = [
    "KEYCHAINS_SUFFIX",
    "LINK_NOT_FOLLOWED",
    "ContainerFile",
    "CopiesAndHashes",
    "DiscoveredFiles",
    "InputFile",
    "KeychainsFile",
    "KeychainsMember",
    "LeaveOutError",
    "LeaveOutPatterns",
    "LeftOutFile",
    "OpenedInput",
    "UnreadablePath",
    "find_copies",
    "find_inputs",
    "open_members",
    "printable_name",
    "split_member_path",
]
