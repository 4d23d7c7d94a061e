"""Kinds that `puremagic` knows, for what nothing else here recognises."""

import puremagic

from dji_audit.file_kinds._file_sample import FileSample
from dji_audit.file_kinds._model import FileKind, evidence_kind, harmless_kind

#: Fewer bytes than these are met by chance.
_LEAST_BYTES = 4
#: Kinds that record what others send or receive, or where something was.
_EVIDENCE_SUFFIXES = frozenset(
    (".cap", ".pcap", ".pcapng", ".etl", ".evt", ".acp", ".ntar", ".gpx", ".fit", ".trc", ".tr1")
)


def recognise_by_library(sample: FileSample) -> FileKind | None:
    """Return the kind of a file by the tables of ``puremagic``; ``None``: it does not know it."""
    try:
        matches = puremagic.magic_string(sample.head)
    except (puremagic.PureError, ValueError):
        return None
    for match in matches:
        found = bytes(match.byte_match)
        # One byte again and again is an empty memory, whatever the tables call it.
        if len(found) >= _LEAST_BYTES and len(set(found)) > 1 and match.name:
            name = f"{match.name} ({match.extension})" if match.extension else match.name
            if match.extension in _EVIDENCE_SUFFIXES:
                return evidence_kind(name)
            return harmless_kind(name)
    return None
