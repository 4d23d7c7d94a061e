"""Aircraft that the law of drones does not concern: crewed ones, and those too large for it."""

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._shared._aircraft_inventory_row import inventory_row_or_reason
from dji_audit.compliance.rules._shared._rule import CheckResult, RuleInputs
from dji_audit.flights import Flight

#: Heavier than any aircraft that the limits of small drones concern, grams.
LIGHTEST_LARGE_G = 150_000.0


def larger_aircraft_result(
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
