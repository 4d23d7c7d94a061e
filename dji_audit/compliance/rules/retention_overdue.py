"""No log or recording is kept longer than its retention class allows.

How long the unit keeps what an aircraft recorded the inventory says; the day of
the run must be given (``--now``), for the tool reads no clock.  The rule lists what
is overdue and erases nothing.
"""

import datetime as dt

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._inventory import aircraft_row, row_finding
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    day_of,
    evidence,
    judged,
    unknowable,
)
from dji_audit.flights import Flight
from parsers import Aircraft


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Hold the age of a flight's files against the days they may be kept."""
    row, why = aircraft_row(flight, inputs)
    if row is None:
        return unknowable(why)
    days = row.said.retention_days
    if days is None:
        return unknowable("The inventory does not say how long its files may be kept.")
    today, flown = inputs.case.today, day_of(flight)
    if today is None:
        return unknowable("The day of the run is not given; give it with --now.")
    if flown is None:
        return unknowable("The date of the flight is not known.")
    last = flown + dt.timedelta(days=days)
    if today <= last:
        return Verdict(Outcome.PASS, f"Its files may be kept until {last}.")
    over = (today - last).days
    files = tuple(
        evidence(flight, None, "file", "flown", str(flown), place)
        for place in range(len(flight.logs))
    )
    summary = f"{len(files)} file{'s' * (len(files) > 1)} kept {over} days too long, since {last}"
    found = row_finding(flight, row, RULE.id, inputs, "retention_days", summary, files)
    return judged([found], "", f"Overdue by {over} days; {days} are allowed.")


_LOG = {"aircraft": Aircraft(serial="S1")}
_ROW = {"serial": "S1", "retention_days": 31}

RULE = Rule(
    "retention_overdue",
    "No file is kept longer than it may be",
    "The date of the flight, the day of the run, the inventory.",
    "No inventory tells how long files may be kept, or the day of the run is not given.",
    Parameters,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "files of a week ago, of which a month may be kept",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
            case={"today": dt.date(2026, 5, 21)},
        ),
        Example(
            Outcome.FAIL,
            "files of two months ago",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
            case={"today": dt.date(2026, 7, 14)},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a run without a day",
            hover(0.0),
            log=_LOG,
            inventory=(_ROW,),
        ),
    ),
)
