"""The aircraft was not produced in a country that a list bars.

Some lists go by the country in which an aircraft was produced and not by its maker.  The inventory
states the country; no log does.  Such a list may concern only models that a regulator authorised
after a date, and may know exemptions for a time: the inventory gives both.

It does not concern a helicopter or another aircraft with a crew.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared import _aircraft_inventory_row as inventory_row
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    example_flight_with_inventory,
)
from dji_audit.compliance.rules._shared._rule import (
    CheckResult,
    Rule,
    RuleInputs,
    flight_date_or_stop_check,
)
from dji_audit.flights import Flight


class CountryOfProductionParameters(Parameters):
    """Parameters of the rule."""

    home_country: str = parameter_field(
        "US",
        "Country whose own production is not barred, two letters of ISO 3166.",
        pattern=r"^[A-Z]{2}$",
    )
    authorised_after: dt.date | None = parameter_field(
        None, "Only models count whose radio was authorised after this date."
    )
    exempt_from: dt.date | None = parameter_field(
        None, "First day on which an exemption in the inventory counts; none: from the first."
    )
    exempt_until: dt.date | None = parameter_field(
        None,
        "Last day on which an exemption in the inventory counts; none: exemptions do not count.",
    )

    def exemption_counts_on(self, day: dt.date) -> bool:
        """Return whether an exemption counts on a date."""
        has_begun = self.exempt_from is None or day >= self.exempt_from
        return has_begun and self.exempt_until is not None and day <= self.exempt_until


def check(
    flight: Flight, parameters: CountryOfProductionParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare the country in the inventory with the list, as of the date of the flight."""
    larger = inventory_row.not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the lists are those of drones", is_for_large_drones=True
    )
    if larger is not None:
        return larger
    day = flight_date_or_stop_check(inputs)
    row = inventory_row.inventory_row_or_stop_check(flight, inputs)
    aircraft = row.record
    country = aircraft.country_of_production
    if country is None:
        return CheckResult.not_assessable_because(
            "The inventory does not say in which country the aircraft was produced."
        )
    if country == parameters.home_country:
        return CheckResult(Outcome.PASS, f"The aircraft was produced in {country}.")
    if parameters.authorised_after is not None:
        authorised = aircraft.radio_authorised
        if authorised is None:
            return CheckResult.not_assessable_because(
                f"The aircraft was produced in {country}, but only newer models count: the "
                "inventory does not say when its radio was authorised."
            )
        if authorised <= parameters.authorised_after:
            return CheckResult(
                Outcome.PASS, f"Its radio was authorised on {authorised}, before the list."
            )
    exemption = aircraft.production_exemption
    if exemption and parameters.exemption_counts_on(day):
        return CheckResult(
            Outcome.PASS,
            f"The aircraft was produced in {country} and is exempt until "
            f"{parameters.exempt_until}: {exemption}.",
        )
    lapsed = f", and its exemption {exemption} does not count on {day}" if exemption else ""
    finding = inventory_row.inventory_finding(
        flight,
        row,
        inputs,
        field="country_of_production",
        summary=f"The aircraft was produced in {country}{lapsed}; known from the inventory.",
    )
    return CheckResult.from_findings(
        [finding], "", f"The aircraft was produced in {country}, not in {parameters.home_country}."
    )


_LISTED = {
    "authorised_after": dt.date(2025, 12, 22),
    "exempt_from": dt.date(2026, 1, 7),
    "exempt_until": dt.date(2026, 12, 31),
}
_ABROAD: dict[str, object] = {
    "serial": "S1", "country_of_production": "CN", "radio_authorised": dt.date(2026, 3, 1),
}  # fmt: skip


def _example_flight_of_inventory_aircraft(
    outcome: Outcome,
    description: str,
    row: Mapping[str, Any],  # fields of the inventory
    start: str = "2026-05-14T09:00:00Z",
) -> ExampleFlight:
    """Return a flight of an aircraft of the inventory."""
    return example_flight_with_inventory(outcome, description, row, parameters=_LISTED, start=start)


_NEEDS = (
    inventory_row.inventory_supplied_data_need(),
    inventory_row.stated_constant_fact_data_need("aircraft_identity"),
)
_EXAMPLES = (
    _example_flight_of_inventory_aircraft(
        Outcome.PASS,
        "an aircraft produced at home",
        {"serial": "S1", "country_of_production": "US"},
    ),
    _example_flight_of_inventory_aircraft(
        Outcome.PASS,
        "an aircraft whose radio was authorised before the list",
        {**_ABROAD, "radio_authorised": dt.date(2025, 12, 22)},
    ),
    _example_flight_of_inventory_aircraft(
        Outcome.PASS,
        "an aircraft with an exemption",
        {**_ABROAD, "production_exemption": "Blue UAS list"},
    ),
    _example_flight_of_inventory_aircraft(
        Outcome.FAIL,
        "an exemption that has ended",
        {**_ABROAD, "production_exemption": "Blue UAS list"},
        start="2027-01-01T09:00:00Z",
    ),
    _example_flight_of_inventory_aircraft(
        Outcome.FAIL,
        "an exemption that does not count yet",
        {
            **_ABROAD,
            "radio_authorised": dt.date(2025, 12, 23),
            "production_exemption": "Blue UAS list",
        },
        start="2026-01-06T09:00:00Z",
    ),
    _example_flight_of_inventory_aircraft(Outcome.FAIL, "a newer model produced abroad", _ABROAD),
    _example_flight_of_inventory_aircraft(
        Outcome.NOT_ASSESSABLE,
        "an inventory without the country",
        {"serial": "S1"},
    ),
    _example_flight_of_inventory_aircraft(
        Outcome.NOT_ASSESSABLE,
        "a model whose radio has no date",
        {"serial": "S1", "country_of_production": "CN"},
    ),
)
RULE = Rule(
    id="country_of_production",
    title="The aircraft was not produced where a list bars it",
    parameters=CountryOfProductionParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="The inventory: country_of_production, radio_authorised, production_exemption.",
    not_assessable="The inventory lacks the aircraft, its country, or the date of its radio.",
)
