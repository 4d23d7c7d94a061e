"""The operations of the operations log that contain a flight, for the rules that use it."""

from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.compliance.data_needs import DataNeed, supplied_input_data_need
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.operations_log import Operation
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import Flight


def operations_log_data_need() -> DataNeed:
    """Return the need that the unit gives its operations log."""
    return supplied_input_data_need("operations", "operations log", "Give it with --operations.")


def operations_of_flight_or_reason(
    flight: Flight, inputs: RuleInputs
) -> tuple[list[SuppliedRow[Operation]], str]:
    """Return the operations that contain the flight, or why there is none, a clause."""
    operations = inputs.context.operations
    if operations is None:
        return [], "no operations log was given"
    start, end = flight.takeoff or flight.start, flight.landing or flight.end
    if start is None or end is None:
        return [], "the flight has no time"
    rows = list(
        operations.operations_containing_interval(
            start, end, aircraft_serials_in_logs_of_flight(flight)
        )
    )
    return rows, "" if rows else "no operation covers the flight"
