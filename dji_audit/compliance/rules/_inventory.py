"""What rules that look at the inventory share: the row of a flight's aircraft."""

from dji_audit.compliance.findings import Evidence, Finding
from dji_audit.compliance.inventory import Aircraft, serials
from dji_audit.compliance.rules._rule import Inputs
from dji_audit.flights import Flight
from dji_audit.supplied_tables import Row


def aircraft_row(flight: Flight, inputs: Inputs) -> tuple[Row[Aircraft] | None, str]:
    """Return the inventory's row of a flight's aircraft, or ``None`` and why there is none."""
    inventory = inputs.case.inventory
    if inventory is None:
        return None, "No inventory was given."
    named = serials(flight)
    if not named:
        return None, "No log of the flight names its aircraft by a serial number."
    row = inventory.find(flight)
    if row is None:
        return None, f"The inventory holds no aircraft with the serial {', '.join(sorted(named))}."
    return row, ""


def row_finding(
    flight: Flight,
    row: Row[Aircraft],
    rule: str,
    inputs: Inputs,
    field: str,
    summary: str,
    more: tuple[Evidence, ...] = (),
) -> Finding:
    """Return a finding about what the inventory says in a field of a row."""
    inventory = inputs.case.inventory
    if inventory is None:
        raise ValueError("a row without an inventory")
    value = getattr(row.said, field)
    shown = inventory.table.evidence(row, field, "not given" if value in (None, ()) else value)
    return Finding(
        rule, inputs.severity, summary, "reported", (shown, *more), flight.start, flight.end
    )
