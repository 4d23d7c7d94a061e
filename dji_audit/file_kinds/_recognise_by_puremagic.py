"""Kinds that `puremagic` knows, for what nothing else here recognises."""

import puremagic

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import (
    UNPACK,
    FileKind,
    FileKindRelevance,
    make_evidence_file_kind,
    make_harmless_file_kind,
)

#: Fewer bytes than these are met by chance.
_LEAST_BYTES = 4
#: Kinds that record what others send or receive, or where something was.
_EVIDENCE_SUFFIXES = frozenset(
    (".cap", ".pcap", ".pcapng", ".etl", ".evt", ".acp", ".ntar", ".gpx", ".fit", ".trc", ".tr1")
)
#: Kinds that pack other files: what they hold is not known.
_CONTAINER_SUFFIXES = frozenset(
    (
        ".zip", ".zipx", ".jar", ".apk", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub",
        ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".lz", ".lzh", ".arj", ".ace",
        ".cab", ".sit", ".hqx", ".z", ".iso", ".img", ".bin", ".vhd", ".vhdx", ".vmdk", ".vdi",
        ".qcow", ".qcow2", ".dmg", ".e01", ".aff", ".gho", ".wim", ".cpio", ".rpm", ".deb", ".dar",
    )
)  # fmt: skip


def recognise_by_puremagic(sample: FileSample) -> FileKind | None:
    """Return the kind of a file by the tables of ``puremagic``; ``None``: it does not know it."""
    try:
        matches = puremagic.magic_string(sample.first_4096_bytes)
    except (puremagic.PureError, ValueError):
        return None
    for match in matches:
        found = bytes(match.byte_match)
        # One byte again and again is an empty memory, whatever the tables call it.
        if len(found) >= _LEAST_BYTES and len(set(found)) > 1 and match.name:
            name = f"{match.name} ({match.extension})" if match.extension else match.name
            if match.extension in _EVIDENCE_SUFFIXES:
                return make_evidence_file_kind(name)
            if match.extension in _CONTAINER_SUFFIXES:
                sign = "what it holds is not known"
                return FileKind(name, FileKindRelevance.CONTAINER, sign, UNPACK)
            return make_harmless_file_kind(name)
    return None
