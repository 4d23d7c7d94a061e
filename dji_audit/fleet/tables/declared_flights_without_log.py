"""Flights that left no log: entered by hand in the operations, counted as declared."""

import hashlib
from collections.abc import Iterator

from dji_audit.compliance.inventory import Inventory
from dji_audit.compliance.operations_log import OperationsLog
from dji_audit.fleet.tables.table_rows import TableRow
from dji_audit.flights import normalised_serial
from dji_audit.report.json_values import iso_utc_text


def rows_of_flights_without_log(
    operations: OperationsLog | None, inventory: Inventory | None = None
) -> Iterator[TableRow]:
    """Yield a row of the table of flights for each operation that is marked as without a log.

    Args:
        operations: The operations of the unit; ``None``: none are supplied.
        inventory: From which maker and model of an aircraft are taken; ``None``: from nowhere.
    """
    if operations is None:
        return
    import pandas as pd

    aircraft = (
        {}
        if inventory is None
        else {normalised_serial(row.record.serial): row.record for row in inventory.table.rows}
    )
    for row in operations.table.rows:
        operation = row.record
        if not operation.no_log:
            continue
        start, end = pd.Timestamp(operation.start), pd.Timestamp(operation.end)
        serials = tuple(map(normalised_serial, operation.aircraft)) or (None,)
        for serial in serials:
            known = aircraft.get(serial) if serial is not None else None
            name = f"{operation.operation}\0{serial}\0{start.isoformat()}"
            text = iso_utc_text(start)
            yield (
                "flights",
                {
                    "flight": f"declared-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
                    "entry": "declared",
                    "start": text,
                    "takeoff": text,
                    "landing": iso_utc_text(end),
                    "month": None if text is None else text[:7],
                    "duration_s": round((end - start).total_seconds(), 1),
                    "maker": None if known is None else known.maker,
                    "aircraft": None if known is None else known.model,
                    "serial": serial,
                    "thermal": "unknown",
                    "operation": operation.operation,
                    **dict.fromkeys(_NOTHING_RECORDED, 0),
                },
            )


#: Counts of a flight that no log records.
_NOTHING_RECORDED = (
    "fixes", "simulated", "received_only", "findings", "remarks", "encrypted", "issues",
    "bytes_not_decoded", "cut_short", "files", "disagreements", "pass", "fail", "fail_acknowledged",
    "fail_authorised", "not_assessable", "not_applicable",
)  # fmt: skip
