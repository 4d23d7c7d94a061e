"""The tables of a run that finished, from its rows, its basis and what the unit supplied."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.context import AuditContext
from dji_audit.fleet.tables.declared_flights_without_log import rows_of_flights_without_log
from dji_audit.fleet.tables.table_rows import RowsOfOneTable
from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number
from dji_audit.report.rows import RunContents


def write_run_tables_and_return_run_number(
    state: Path,
    contents: RunContents,
    rows_of_flights: Sequence[RowsOfOneTable],
    basis: AuditInputProvenance,
    context: AuditContext,
    *,
    generated: dt.datetime | None,
    paths: Sequence[Path],
    results_folder: Path | None,
) -> int:
    """Write the tables of a run into a state; return the number of the run in its history.

    Args:
        state: The folder of the state.
        contents: The rows of the run.
        rows_of_flights: The rows of its flights, as ``rows_of_each_table`` gives them.
        basis: What it was made with.
        context: What the unit supplied.
        generated: Time of the run, if the user gave one.
        paths: What was audited.
        results_folder: Where its pages are; ``None``: none were drawn.

    Raises:
        OutputError: If they cannot be written.
    """
    about = {
        "tool_version": basis.tool_version,
        "policy": f"{basis.policy_name} {basis.policy_version}, SHA-256 {basis.policy_sha256}",
        "catalogue": f"edition {basis.catalogue_edition}, SHA-256 {basis.catalogue_sha256}",
        "paths": "; ".join(sorted(str(path.resolve()) for path in paths)),
    }
    if generated is not None:
        about["generated"] = generated.isoformat()
    if results_folder is not None:
        about["results_folder"] = str(results_folder.resolve())
    for number, file in enumerate(basis.context_files, 1):
        about[f"supplied_{number:03d}"] = f"{file.kind}: {file.name}, SHA-256 {file.sha256}"
    declared = rows_of_flights_without_log(context.operations, context.inventory)
    return write_fleet_tables_and_return_run_number(
        state, chain(_rows_of_no_flight(contents), rows_of_flights), about, declared
    )


def _rows_of_no_flight(contents: RunContents) -> Iterator[object]:
    """Yield the rows of a run that are not among those of one of its flights."""
    yield from contents.files
    yield from contents.rules
    yield from contents.captures
    for contact in contents.contacts:
        if contact.flight is None:
            yield contact
