"""The rows of a run on disk, kind by kind: no run holds them all in memory.

``iterate_rows_kind_by_kind`` goes through the rows of a finished run, and
``load_last_run_rows_of_state`` gives those of the last run that a state keeps; ``RowFile`` is
where they lie.
"""

from dji_audit.fleet.rows_on_disk._row_file import (
    NO_ROWS,
    EncodedRows,
    RowFile,
    RowsOnDisk,
    encode_rows,
    encode_rows_in_blocks,
    write_rows_to_disk,
)
from dji_audit.fleet.rows_on_disk._rows_of_run import (
    ROWS_FILE,
    EncodedBlocks,
    RowKind,
    RowOfKind,
    iterate_rows_kind_by_kind,
    load_checked_rows_by_name,
    load_last_run_rows_of_state,
    load_named_rows_and_text_from_file,
    load_rows_of_run,
    row_type_of_kind,
    rows_of_kind,
    save_named_rows_in_file,
    save_rows_in_state,
    save_rows_of_run,
)

__all__ = [
    "NO_ROWS",
    "ROWS_FILE",
    "EncodedBlocks",
    "EncodedRows",
    "RowFile",
    "RowKind",
    "RowOfKind",
    "RowsOnDisk",
    "encode_rows",
    "encode_rows_in_blocks",
    "iterate_rows_kind_by_kind",
    "load_checked_rows_by_name",
    "load_last_run_rows_of_state",
    "load_named_rows_and_text_from_file",
    "load_rows_of_run",
    "row_type_of_kind",
    "rows_of_kind",
    "save_named_rows_in_file",
    "save_rows_in_state",
    "save_rows_of_run",
    "write_rows_to_disk",
]
