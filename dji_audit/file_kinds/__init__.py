"""The kinds of files that no log format claims, by their content: which of them may hold evidence.

Looks at no more than 32,768 bytes of most files: the beginning, and some of the middle and end.
"""

from dji_audit.file_kinds._file_sample import MAX_LOOKED_AT, FileSample
from dji_audit.file_kinds._kind_of_unparsed_file import FileKind, FileKindRelevance
from dji_audit.file_kinds._recognise_file_kind import kind_of_unclaimed_content, recognise_file_kind

__all__ = [
    "MAX_LOOKED_AT",
    "FileKind",
    "FileKindRelevance",
    "FileSample",
    "kind_of_unclaimed_content",
    "recognise_file_kind",
]
