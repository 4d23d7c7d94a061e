"""The firmware and the app in use are ones that the unit approved.

The log names the versions of some parts; the inventory lists the approved ones.  A
part that the log names and the inventory does not list is told and judges nothing,
and one that the inventory lists and the log does not name cannot be assessed.
"""

from collections.abc import Mapping

from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._inventory import aircraft_row, row_finding
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


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Hold each version that a log names against the approved ones."""
    row, why = aircraft_row(flight, inputs)
    if row is None:
        return unknowable(why)
    approved = row.said.approved()
    if not approved:
        return unknowable("The inventory names no approved firmware for the aircraft.")
    running = _running(flight)
    found = []
    for part, (version, told_by) in running.items():
        if part not in approved or version in approved[part]:
            continue
        wanted = " or ".join(sorted(approved[part]))
        shown = evidence(flight, None, "aircraft", part, version, told_by)
        summary = f"{part} runs {version}; approved is {wanted}"
        found.append(
            row_finding(flight, row, RULE.id, inputs, "firmware_approved", summary, (shown,))
        )
    absent = [part for part in approved if part not in running]
    if not found and absent:
        return unknowable(f"No log names the version of: {', '.join(absent)}.")
    checked = ", ".join(part for part in running if part in approved)
    listed = len(found)
    return judged(
        found,
        f"Approved: {checked}.",
        f"{listed} part{'s' * (listed > 1)} of {len(approved)} not as approved.",
    )


def _running(flight: Flight) -> Mapping[str, tuple[str, int]]:
    """Return part -> version and place of the log that names it; the first log counts."""
    found: dict[str, tuple[str, int]] = {}
    for place, log in enumerate(flight.logs):
        told = dict(log.aircraft.firmware)
        if log.aircraft.app:
            told["app"] = log.aircraft.app
        for part, version in told.items():
            # A number in brackets counts parts of one kind.
            found.setdefault(part.partition(" (")[0].lower(), (version, place))
    return found


def _log(version: str) -> Mapping[str, Aircraft]:
    firmware = {"flight controller (6)": version}
    return {"aircraft": Aircraft(serial="S1", firmware=firmware)}


_ROW = {"serial": "S1", "firmware_approved": "flight controller=3.4.2.24"}

RULE = Rule(
    "firmware_approved",
    "Firmware and app were approved ones",
    "Versions that the log names; the approved ones of the inventory.",
    "No inventory tells of the aircraft or of approved versions, or the log does not name them.",
    Parameters,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "the approved version",
            hover(0.0),
            log=_log("3.4.2.24"),
            inventory=(_ROW,),
        ),
        Example(
            Outcome.FAIL, "another version", hover(0.0), log=_log("3.4.3.0"), inventory=(_ROW,)
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a log that names no version",
            hover(0.0),
            log={"aircraft": Aircraft(serial="S1")},
            inventory=(_ROW,),
        ),
    ),
)
