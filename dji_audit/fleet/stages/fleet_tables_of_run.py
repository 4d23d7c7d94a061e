"""The tables of a fleet, which a worker writes from the rows on disk: into a state, or as Parquet.

The database, what is derived from it and the Parquet files take memory of the worker, and pyarrow
is loaded there alone.
"""

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dji_audit.common.atomic_files import open_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import OutputError, raise_first_failure
from dji_audit.fleet.rows_on_disk import RowsOnDisk, load_rows_of_run
from dji_audit.fleet.tables.open_database import TABLES_FOLDER
from dji_audit.fleet.tables.parquet_files import existing_parquet_table_paths
from dji_audit.fleet.tables.table_rows import RowsOfOneTable
from dji_audit.fleet.tables.write_tables_of_run import (
    write_run_tables_and_return_run_number,
)
from dji_audit.fleet.temporary_files_for_workers import load_saved_audit_context
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions, WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsForFleetTables:
    """What the tables of a run are made from."""

    #: The rows of the run, as ``save_rows_of_run`` leaves them, and those of its flights for the
    #: tables.
    rows_file: Path
    rows_of_flights: RowsOnDisk[RowsOfOneTable]
    basis: AuditInputProvenance
    #: Folder of temporary files, where what the unit supplied lies.
    spool: Path
    generated: dt.datetime | None
    #: What was audited.
    paths: Sequence[Path]
    #: Where the pages are; ``None``: none were drawn.
    results_folder: Path | None


def write_fleet_tables_in_worker(
    state: Path, tables: InputsForFleetTables, pool: WorkerPool | DaskPool
) -> None:
    """Let a worker write the tables of a run into a state.

    Raises:
        OutputError: If they cannot be written.
    """
    raise_first_failure(pool.results_of_each(_WRITE_FLEET_TABLES, [state], tables))


def write_fleet_tables_or_return_reason(state: Path, tables: InputsForFleetTables) -> str:
    """Write the tables of a run; return why they could not be; empty: they are there."""
    try:
        write_run_tables_and_return_run_number(
            state,
            load_rows_of_run(tables.rows_file),
            tables.rows_of_flights,
            tables.basis,
            load_saved_audit_context(tables.spool),
            generated=tables.generated,
            paths=tables.paths,
            results_folder=tables.results_folder,
        )
    except OutputError as error:
        return str(error)
    return ""


def write_parquet_tables_in_worker(
    out: Path, state: Path | None, tables: InputsForFleetTables, pool: WorkerPool | DaskPool
) -> None:
    """Let a worker write the tables of a run as Parquet beside its report.

    Args:
        out: The folder of the results.
        state: Where the tables were written already; ``None``: nowhere.
        tables: What they are made from.
        pool: The workers.

    Raises:
        OutputError: If they cannot be written.
    """
    raise_first_failure(pool.results_of_each(_WRITE_PARQUET_TABLES, [(out, state)], tables))


def write_parquet_tables_or_return_reason(
    target: tuple[Path, Path | None], tables: InputsForFleetTables
) -> str:
    """Write the tables of a run as Parquet; return why they could not be; empty: they are there."""
    out, state = target
    target_folder = out / TABLES_FOLDER
    try:
        with TemporaryDirectory(dir=tables.spool) as folder:
            if state is None:
                state = Path(folder)
                if failure := write_fleet_tables_or_return_reason(state, tables):
                    return failure
            remove_parquet_tables(out)
            target_folder.mkdir(exist_ok=True)
            for path in existing_parquet_table_paths(state / TABLES_FOLDER):
                with path.open("rb") as source, open_atomically(target_folder / path.name) as copy:
                    shutil.copyfileobj(source, copy)
    except OSError as error:
        return f"{target_folder}: {os_error_reason(error)}"
    return ""


def remove_parquet_tables(out: Path) -> None:
    """Remove the tables of an earlier run beside a report, and nothing else that lies there.

    Raises:
        OSError: If one cannot be removed.
    """
    folder = out / TABLES_FOLDER
    for path in existing_parquet_table_paths(folder):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _parquet_failure_text(target: tuple[Path, Path | None], failure: ItemFailure) -> str:
    return f"{target[0]}: the Parquet tables could not be written: {failure.reason}"


_WRITE_PARQUET_TABLES = WorkAndFailureFunctions(
    write_parquet_tables_or_return_reason, _parquet_failure_text, has_deadline=False
)


def _tables_failure_text(state: Path, failure: ItemFailure) -> str:
    return f"{state}: the tables of the fleet could not be written: {failure.reason}"


_WRITE_FLEET_TABLES = WorkAndFailureFunctions(
    write_fleet_tables_or_return_reason, _tables_failure_text, has_deadline=False
)
