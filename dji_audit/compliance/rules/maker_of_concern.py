"""The maker of the aircraft is on no list of concern that the policy names.

The lists ship as data, each row with its dates and source; a unit adds its own makers as a
parameter.  Some lists concern only models that a regulator authorised after a given date: for
those the inventory must give the date of the model.  That a maker is on a list is a fact about
the list; it says nothing about what the aircraft did.
"""

import datetime as dt
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator

from dji_audit.compliance.findings import Evidence, Finding, evidence_of_user_supplied_row
from dji_audit.compliance.makers_of_concern import (
    MakerListing,
    all_shipped_maker_listings,
    maker_list_names,
)
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    inventory_row_or_reason,
    stated_constant_fact_data_need,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._rule import (
    CheckResult,
    Rule,
    RuleInputs,
    flight_date_or_stop_check,
)
from dji_audit.flights import Flight
from parsers import Aircraft


class OwnListedMaker(BaseModel):
    """A maker on the list of the unit itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    maker: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    since: dt.date | None = None
    source: str = Field(min_length=1)


class MakerOfConcernParameters(Parameters):
    """Parameters of the rule."""

    lists: Annotated[tuple[str, ...], Strict(False)] = parameter_field(
        ("dod_1260h", "fcc_covered", "ndaa_1709"), "Lists that ship with dji-audit."
    )
    own: Annotated[tuple[OwnListedMaker, ...], Strict(False)] = parameter_field(
        (), "Makers on the list of the unit: maker, aliases, since, source."
    )
    authorised_after: dt.date | None = parameter_field(
        None, "Only models count whose radio was authorised after this date."
    )
    acceptance_suffices: bool = parameter_field(
        True, "Whether a risk acceptance in the inventory suffices for a pass."
    )

    @field_validator("lists")
    @classmethod
    def _refuse_unknown_lists(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = maker_list_names(all_shipped_maker_listings())
        if unknown := [name for name in given if name not in known]:
            raise ValueError(f"no list {', '.join(unknown)}; there are {', '.join(known)}")
        return given


def check(flight: Flight, parameters: MakerOfConcernParameters, inputs: RuleInputs) -> CheckResult:
    """Look up the maker in each list, as of the date of the flight."""
    if not parameters.lists and not parameters.own:
        return CheckResult(Outcome.NOT_APPLICABLE, "The policy names no list and no maker.")
    maker_evidence = _evidence_of_record_that_names_maker(flight, inputs)
    if maker_evidence is None:
        return CheckResult.not_assessable_because(
            "Neither a log nor the inventory names the maker of the aircraft."
        )
    maker = maker_evidence.value
    day = flight_date_or_stop_check(inputs)
    listings = [
        row
        for row in _maker_rows_of_lists_named_by_policy(parameters)
        if row.matches_maker(maker) and row.applies_on(day)
    ]
    if not listings:
        return CheckResult(Outcome.PASS, f"{maker} was on none of the lists on {day}.")
    row, reason = inventory_row_or_reason(flight, inputs)
    findings = [_maker_finding(flight, listing, maker_evidence, inputs) for listing in listings]
    if parameters.authorised_after is not None:
        since = row.record.radio_authorised if row else None
        if since is None:
            reason = reason or "the inventory does not say when its radio was authorised"
            return CheckResult.not_assessable_because(
                f"{maker} is listed, but only newer models count: {reason}"
            )
        if since <= parameters.authorised_after:
            return CheckResult(
                Outcome.PASS, f"Its radio was authorised on {since}, before the list."
            )
    accepted = row.record.risk_acceptance if row else None
    if accepted and parameters.acceptance_suffices:
        remarks = tuple(
            replace(finding, severity=Severity.REMARK, informational=True) for finding in findings
        )
        reason = f"{maker} is listed; the risk is accepted: {accepted}."
        return CheckResult(Outcome.PASS, reason, remarks)
    names = ", ".join(dict.fromkeys(entry.list for entry in listings))
    return CheckResult.from_findings(findings, "", f"{maker} was listed on {day}: {names}.")


def _maker_rows_of_lists_named_by_policy(
    parameters: MakerOfConcernParameters,
) -> list[MakerListing]:
    own = [
        MakerListing(
            list="own",
            maker=entry.maker,
            aliases=entry.aliases,
            valid_from=entry.since,
            valid_to=None,
            verified=True,
            source=entry.source,
        )
        for entry in parameters.own
    ]
    return [*(row for row in all_shipped_maker_listings() if row.list in parameters.lists), *own]


def _evidence_of_record_that_names_maker(flight: Flight, inputs: RuleInputs) -> Evidence | None:
    """Return what names the maker, with the name as its value: a log, else the inventory."""
    for index, log in enumerate(flight.logs):
        maker = log.aircraft.maker
        if maker:
            return evidence_of_record_in_flight_log(
                flight,
                offset=None,
                record="aircraft",
                field="maker",
                value=maker,
                source_index=index,
            )
    row, _ = inventory_row_or_reason(flight, inputs)
    inventory = inputs.context.inventory
    if row is None or inventory is None or row.record.maker is None:
        return None
    return evidence_of_user_supplied_row(inventory.table, row, "maker", row.record.maker)


def _maker_finding(
    flight: Flight, row: MakerListing, maker: Evidence, inputs: RuleInputs
) -> Finding:
    since = f" since {row.valid_from}" if row.valid_from else ""
    doubt = "" if row.verified else " (unverified)"
    return inputs.finding(
        f"The maker of the aircraft, {maker.value}, is on the list {row.list}{since}{doubt}: "
        f"{row.source}; the maker is known from {maker.file}.",
        grade="reported",
        evidence=(maker,),
        start=flight.start,
        end=flight.end,
        subject=row.list,
    )


_HOVER = hover_example_track_at_heights(*[10.0] * 5)
_DJI = {"aircraft": Aircraft(maker="DJI", serial="S1")}

_NEEDS = (stated_constant_fact_data_need("aircraft_identity"),)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "an aircraft of a maker on no list",
        _HOVER,
        log_fields={"aircraft": Aircraft(maker="Parrot")},
    ),
    ExampleFlight(
        Outcome.PASS,
        "an aircraft before its maker was listed",
        _HOVER,
        log_fields=_DJI,
        start="2020-05-14T09:00:00Z",
    ),
    ExampleFlight(Outcome.FAIL, "an aircraft of a listed maker", _HOVER, log_fields=_DJI),
    ExampleFlight(
        Outcome.PASS,
        "an aircraft of a listed maker with a risk acceptance",
        _HOVER,
        log_fields=_DJI,
        inventory=({"serial": "S1", "risk_acceptance": "RA-7"},),
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log that names no maker", _HOVER),
)
RULE = Rule(
    id="maker_of_concern",
    title="The maker of the aircraft is on no list of concern",
    parameters=MakerOfConcernParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="The maker in a log or the inventory; dated lists; the inventory.",
    not_assessable=(
        "The maker is not known; or a list concerns newer models only, and the date is not known."
    ),
)
