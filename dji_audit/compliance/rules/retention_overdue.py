"""No log or recording is kept longer than its retention period.

The inventory gives the retention period of each aircraft.  The date of the run must be given
(``--now``), because the tool reads no clock.  The rule lists overdue files and erases nothing.
"""

import datetime as dt

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.data_needs import supplied_input_data_need
from dji_audit.compliance.findings import DATE_NOT_KNOWN
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared import _aircraft_inventory_row as inventory_row
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    example_flight_with_inventory,
)
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    utc_date_of_flight,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """Compare the age of the files of a flight with their retention period."""
    row = inventory_row.inventory_row_or_stop_check(flight, inputs)
    days = row.record.retention_days
    if days is None:
        return CheckResult.not_assessable_because(
            "The inventory does not give the retention period of its files."
        )
    today, flown = inputs.context.today, utc_date_of_flight(flight)
    if today is None:
        return CheckResult(Outcome.PASS, "No file is known to be overdue.")
    if flown is None:
        return CheckResult.not_assessable_because(DATE_NOT_KNOWN)
    last = flown + dt.timedelta(days=days)
    if today <= last:
        return CheckResult(Outcome.PASS, f"Its files may be kept until {last}.")
    overdue_days = (today - last).days
    files = tuple(
        evidence_of_record_in_flight_log(
            flight,
            offset=None,
            record="file",
            field="flown",
            value=str(flown),
            source_index=index,
        )
        for index in range(len(flight.logs))
    )
    overdue = pluralised_count(overdue_days, "day")
    summary = (
        f"{pluralised_count(len(files), 'file')} of the flight of {flown} kept {overdue} too "
        f"long: {days} days are allowed, to {last}; known from the inventory and the date of the "
        "flight."
    )
    findings = inventory_row.inventory_finding(
        flight, row, inputs, field="retention_days", summary=summary, further_evidence=files
    )
    return CheckResult.from_findings([findings], "", f"Overdue by {overdue}; {days} are allowed.")


def _example_flight_with_run_date(
    outcome: Outcome, description: str, today: dt.date | None
) -> ExampleFlight:
    """Return a flight of 14 May 2026 and the date of the run."""
    row = {"serial": "S1", "retention_days": 31}
    return example_flight_with_inventory(outcome, description, row, context={"today": today})


_NEEDS = (
    inventory_row.inventory_supplied_data_need(),
    inventory_row.stated_constant_fact_data_need("aircraft_identity"),
    supplied_input_data_need("today", "date of the run", "Give it with --now."),
)
_EXAMPLES = (
    _example_flight_with_run_date(
        Outcome.PASS,
        "files a week old with a retention period of a month",
        dt.date(2026, 5, 21),
    ),
    _example_flight_with_run_date(Outcome.FAIL, "files two months old", dt.date(2026, 7, 14)),
    _example_flight_with_run_date(Outcome.NOT_ASSESSABLE, "a run without a date", None),
)
RULE = Rule(
    id="retention_overdue",
    title="No file is kept longer than its retention period",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="The date of the flight, the date of the run, the inventory.",
    not_assessable="The inventory gives no retention period, or the date of the run is not given.",
)
