"""The maker of the aircraft is on no list of concern that the policy names.

The lists ship as data, each row with its dates and source; a unit adds its own
makers as a parameter.  Some lists bar only models that a regulator authorised
after a day: for those the inventory must say when the model was.  That a maker is
on a list is a fact about the list and says nothing of what the aircraft did.
"""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator

from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.makers import Listing, list_names, listings
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._inventory import aircraft_row
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Aircraft


class Named(BaseModel):
    """A maker that a unit lists itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    maker: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    since: dt.date | None = None
    source: str = Field(min_length=1)


class MakerOfConcern(Parameters):
    """Parameters of the rule."""

    lists: Annotated[tuple[str, ...], Strict(False)] = Field(
        ("dod_1260h", "fcc_covered", "ndaa_1709"), description="Lists that ship with dji-audit."
    )
    own: Annotated[tuple[Named, ...], Strict(False)] = Field(
        (), description="Makers of the unit's own list: maker, aliases, since, source."
    )
    authorised_after: dt.date | None = Field(
        None, description="Only models are meant whose radio was authorised after this day."
    )
    acceptance_suffices: bool = Field(
        True, description="Whether a decision to accept the risk, in the inventory, suffices."
    )

    @field_validator("lists")
    @classmethod
    def _exist(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        known = list_names(listings())
        if unknown := [name for name in given if name not in known]:
            raise ValueError(f"no list {', '.join(unknown)}; there are {', '.join(known)}")
        return given


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Look the maker up in each list, as it was on the day."""
    if not isinstance(parameters, MakerOfConcern):
        raise TypeError("maker_of_concern takes MakerOfConcern")
    if not parameters.lists and not parameters.own:
        return Verdict(Outcome.NOT_APPLICABLE, "The policy names no list and no maker.")
    maker, shown = _maker(flight, inputs)
    if maker is None or shown is None:
        return unknowable("Neither a log nor the inventory names the maker of the aircraft.")
    if inputs.day is None:
        return unknowable("The date of the flight is not known.")
    listed = [row for row in _rows(parameters) if row.names(maker) and row.applies_on(inputs.day)]
    if not listed:
        return Verdict(Outcome.PASS, f"{maker} was on no list named on {inputs.day}.")
    row, why = aircraft_row(flight, inputs)
    found = [_finding(flight, each, maker, shown, inputs.severity) for each in listed]
    if parameters.authorised_after is not None:
        since = row.said.radio_authorised if row else None
        if since is None:
            why = why or "the inventory does not say when its radio was authorised"
            return unknowable(f"{maker} is listed, but only newer models are meant: {why}")
        if since <= parameters.authorised_after:
            return Verdict(Outcome.PASS, f"Its radio was authorised on {since}, before the list.")
    accepted = row.said.risk_acceptance if row else None
    if accepted and parameters.acceptance_suffices:
        told = tuple(_finding(flight, each, maker, shown, Severity.INFO) for each in listed)
        return Verdict(Outcome.PASS, f"{maker} is listed; the risk is accepted: {accepted}.", told)
    names = ", ".join(dict.fromkeys(each.list for each in listed))
    return judged(found, "", f"{maker} was listed on {inputs.day}: {names}.")


def _rows(parameters: MakerOfConcern) -> list[Listing]:
    own = [
        Listing("own", each.maker, each.aliases, each.since, None, True, each.source)
        for each in parameters.own
    ]
    return [*(row for row in listings() if row.list in parameters.lists), *own]


def _maker(flight: Flight, inputs: Inputs) -> tuple[str | None, Evidence | None]:
    """Return the maker and what names it: a log, else the inventory."""
    for place, log in enumerate(flight.logs):
        if log.aircraft.maker:
            return log.aircraft.maker, evidence(
                flight, None, "aircraft", "maker", log.aircraft.maker, place
            )
    row, _ = aircraft_row(flight, inputs)
    inventory = inputs.case.inventory
    if row is None or inventory is None or row.said.maker is None:
        return None, None
    return row.said.maker, inventory.table.evidence(row, "maker", row.said.maker)


def _finding(
    flight: Flight, row: Listing, maker: str, shown: Evidence, severity: Severity
) -> Finding:
    since = f" since {row.valid_from}" if row.valid_from else ""
    doubt = "" if row.verified else " (unverified)"
    return Finding(
        RULE.id,
        severity,
        f"{maker} is on the list {row.list}{since}{doubt}: {row.source}",
        "reported",
        (shown,),
        flight.start,
        flight.end,
        subject=row.list,
    )


_DJI = {"aircraft": Aircraft(maker="DJI", serial="S1")}

RULE = Rule(
    "maker_of_concern",
    "The maker of the aircraft is on no list of concern",
    "The maker as a log or the inventory names it; dated lists; the inventory.",
    "Nothing names the maker; or a list means newer models only, and their day is not known.",
    MakerOfConcern,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "an aircraft of a maker that is on no list",
            hover(0.0),
            log={"aircraft": Aircraft(maker="Parrot")},
        ),
        Example(Outcome.PASS, "an aircraft before its maker was listed", hover(0.0), log=_DJI,
                start="2020-05-14T09:00:00Z"),
        Example(Outcome.FAIL, "an aircraft of a listed maker", hover(0.0), log=_DJI),
        Example(
            Outcome.PASS,
            "an aircraft of a listed maker whose risk somebody accepted",
            hover(0.0),
            log=_DJI,
            inventory=({"serial": "S1", "risk_acceptance": "RA-7"},),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log that names no maker", hover(0.0)),
    ),
)  # fmt: skip
