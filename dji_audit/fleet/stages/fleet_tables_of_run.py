"""The tables of a fleet, which a worker writes into a state from the rows on disk.

The database, what is derived from it and the Parquet files take memory of the worker, and pyarrow
is loaded there alone.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dji_audit.compliance.audit import AuditBasis
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.stored_rows import StoredRows, load_rows
from dji_audit.fleet.tables.write_tables_of_run import write_tables_of_run
from dji_audit.fleet.temporary_run_files import load_saved_audit_context
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions, WorkerPool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTablesToWrite:
    """What the tables of a run are made from."""

    #: The rows of the run, as ``save_rows`` leaves them, and the parts and tracks of its flights.
    rows_file: Path
    rows_of_flights: StoredRows[object]
    basis: AuditBasis
    #: Folder of temporary files, where what the unit supplied lies.
    spool: Path
    generated: dt.datetime | None
    #: What was audited.
    paths: Sequence[Path]
    #: Where the pages are; ``None``: none were drawn.
    results_folder: Path | None


def write_fleet_tables_in_worker(
    state: Path, tables: FleetTablesToWrite, pool: WorkerPool | DaskPool
) -> None:
    """Let a worker write the tables of a run into a state.

    Raises:
        OutputError: If they cannot be written.
    """
    for failure in pool.results_of_each(_WRITE_FLEET_TABLES, [state], tables):
        if failure:
            raise OutputError(failure)


def write_fleet_tables_of_run(state: Path, tables: FleetTablesToWrite) -> str:
    """Write the tables of a run; return why they could not be; empty: they are there."""
    try:
        write_tables_of_run(
            state,
            load_rows(tables.rows_file),
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


def _failure_of_tables(state: Path, failure: ItemFailure) -> str:
    return f"{state}: the tables of the fleet could not be written: {failure.reason}"


_WRITE_FLEET_TABLES = WorkAndFailureFunctions(
    write_fleet_tables_of_run, _failure_of_tables, has_deadline=False
)
