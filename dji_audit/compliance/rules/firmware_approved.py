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
    for part, (versions, told_by) in running.items():
        if part not in approved:
            continue
        wanted = " or ".join(sorted(approved[part]))
        for version in versions:
            if version in approved[part]:
                continue
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
        f"{listed} version{'s' * (listed > 1)} not as approved.",
    )


def _running(flight: Flight) -> Mapping[str, tuple[tuple[str, ...], int]]:
    """Return part -> versions and place of the log that names it; the first log counts.

    An aircraft with two parts of a kind, such as batteries, may run two versions.
    """
    found: dict[str, tuple[tuple[str, ...], int]] = {}
    for place, log in enumerate(flight.logs):
        named = [*log.aircraft.firmware.items()]
        if log.aircraft.app:
            named.append(("app", log.aircraft.app))
        told: dict[str, dict[str, None]] = {}
        for part, version in named:
            # A number in brackets counts parts of one kind.
            told.setdefault(part.partition(" (")[0].lower(), {})[version] = None
        for part, versions in told.items():
            found.setdefault(part, (tuple(versions), place))
    return found


def _log(version: str, part: str = "flight controller (6)", **more: str) -> Mapping[str, Aircraft]:
    return {"aircraft": Aircraft(serial="S1", firmware={part: version, **more})}


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
            Outcome.FAIL,
            "two batteries of which one has another version",
            hover(0.0),
            log=_log("1.0", "battery (0)", **{"battery (1)": "2.0"}),
            inventory=({**_ROW, "firmware_approved": "battery=1.0"},),
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
