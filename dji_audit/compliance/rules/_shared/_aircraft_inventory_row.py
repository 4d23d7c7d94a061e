"""What inventory and log say of the aircraft: its row, and whether it is no small drone."""

from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.compliance.data_needs import (
    DataNeed,
    fact_in_air_data_need,
    supplied_input_data_need,
)
from dji_audit.compliance.findings import Evidence, Finding, evidence_of_user_supplied_row
from dji_audit.compliance.inventory import InventoryAircraft, aircraft_serials_in_logs_of_flight
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._rule import (
    CheckEndedEarlyWithResultError,
    CheckResult,
    RuleInputs,
)
from dji_audit.flights import Flight

#: Share of the time in the air that a log must cover whose name plate counts for the flight.
_MOST_OF_FLIGHT = 0.5
#: Heavier than any aircraft that the limits of small drones concern, grams.
LIGHTEST_LARGE_G = 150_000.0


def inventory_supplied_data_need() -> DataNeed:
    """Return the need that the unit gives its inventory."""
    return supplied_input_data_need(
        "inventory", "inventory", "Give the list of aircraft with --inventory."
    )


def stated_constant_fact_data_need(fact: str) -> DataNeed:
    """Return the need that a log of most of the flight states a fact that never changes in it."""
    return fact_in_air_data_need(fact, min_share=_MOST_OF_FLIGHT)


def inventory_row_or_reason(
    flight: Flight, inputs: RuleInputs
) -> tuple[SuppliedRow[InventoryAircraft] | None, str]:
    """Return the inventory row of the aircraft of a flight, or ``None`` and the reason."""
    inventory = inputs.context.inventory
    if inventory is None:
        return None, "No inventory was given."
    serials = aircraft_serials_in_logs_of_flight(flight)
    if not serials:
        return None, "No log of the flight names its aircraft by a serial number."
    rows, named = inventory.rows_that_may_be_of_aircraft(flight), ", ".join(sorted(serials))
    if not rows:
        of = "" if any(log.aircraft.serial for log in flight.logs) else " of its flight controller"
        return None, f"The inventory holds no aircraft with the serial {named}{of}."
    if len(rows) > 1:
        return None, (
            f"The log states the serial {named}, which may be that of any of "
            f"{len(rows):,} aircraft of the inventory cut short."
        )
    return rows[0], ""


def inventory_row_or_stop_check(
    flight: Flight, inputs: RuleInputs
) -> SuppliedRow[InventoryAircraft]:
    """Return the inventory row of the aircraft of a flight.

    Raises:
        CheckEndedEarlyWithResultError: If there is none.
    """
    row, reason = inventory_row_or_reason(flight, inputs)
    if row is None:
        raise CheckEndedEarlyWithResultError(CheckResult.not_assessable_because(reason))
    return row


def inventory_finding(
    flight: Flight,
    row: SuppliedRow[InventoryAircraft],
    inputs: RuleInputs,
    *,
    field: str,
    summary: str,
    further_evidence: tuple[Evidence, ...] = (),
) -> Finding:
    """Return a finding about one field of an inventory row."""
    inventory = inputs.context.inventory
    if inventory is None:
        raise ValueError("a row without an inventory")
    value = getattr(row.record, field)
    row_bytes = evidence_of_user_supplied_row(
        inventory.table, row, field, "not given" if value in (None, ()) else value
    )
    return inputs.finding(
        summary,
        grade="reported",
        evidence=(row_bytes, *further_evidence),
        start=flight.start,
        end=flight.end,
    )


def not_applicable_result_for_crewed_aircraft(
    flight: Flight, inputs: RuleInputs, law: str, *, is_for_large_drones: bool = False
) -> CheckResult | None:
    """Return that a rule does not concern a helicopter or another aircraft; ``None``: it may.

    The type stands in the log, or the inventory says that the aircraft carries a crew or weighs
    more than 150 kg.

    Args:
        flight: The flight.
        inputs: The inventory.
        law: End of the sentence that says why, such as "the limit is one of small drones".
        is_for_large_drones: Whether the rule concerns drones however large.
    """
    kind, model = flight.aircraft.larger_type, flight.aircraft.model
    if kind is not None and not (is_for_large_drones and kind == "large drone"):
        article = "an" if kind.startswith("a") else "a"
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            f"By its log the aircraft is of the type {model}, {article} {kind}: {law}.",
            stated_by_log=True,
        )
    row, _ = inventory_row_or_reason(flight, inputs)
    if row is None:
        return None
    mass_g = row.record.mass_g
    if row.record.crewed:
        words = "The inventory says that the aircraft carries a crew"
    elif mass_g is not None and mass_g > LIGHTEST_LARGE_G and not is_for_large_drones:
        words = f"The inventory gives a mass of {mass_g / 1000:g} kg"
    else:
        return None
    return CheckResult(Outcome.NOT_APPLICABLE, f"{words}: {law}.")
