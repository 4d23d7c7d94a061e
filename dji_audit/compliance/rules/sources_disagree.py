"""The logs of a flight agree on where, how high, when, what was recorded, and by which aircraft.

Every pair of values is held to what their errors allow, which the finding states: the
errors of both logs, the steps in which numbers are written, and what the aircraft moves
while clocks are unsure.  A difference beyond that is an inconsistency, with the bytes of
every side; logs that differ from one log alike are one finding.  Which side is right, and
why, the logs do not say: a barometer drifts, a clock is set wrongly, a file is edited.
"""

from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Beside, Example, fly
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    evidence,
    judged,
    position_at,
    unknowable,
)
from dji_audit.flights import DISAGREEMENTS, Disagreement, Flight, Said
from parsers import Aircraft


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List what the logs of the flight disagree on."""
    if len(flight.logs) == 1:
        return unknowable("One log tells of the flight: there is nothing to hold it against.")
    others = [
        telling
        for telling in flight.tellings[1:]
        if telling.copy_of is None and telling.placing.placed
    ]
    found = [_finding(flight, one, inputs.severity) for one in flight.disagreements]
    if not found and not any(len(one.track) or len(one.log.captures) for one in others):
        return unknowable("The other logs repeat the first, or could not be laid beside it.")
    kinds = [kind for kind in DISAGREEMENTS if any(d.what == kind for d in flight.disagreements)]
    return judged(
        found,
        f"{1 + len(others)} logs tell of the flight and agree within their errors.",
        f"{len(found)} inconsistenc{'y' if len(found) == 1 else 'ies'} between "
        f"{len(flight.logs)} logs: {', '.join(kinds)}.",
    )


def _finding(flight: Flight, one: Disagreement, severity: Severity) -> Finding:
    limit = ""
    if one.apart is not None and one.allowed is not None:
        limit = f"; {one.allowed:g} {one.unit} allowed ({one.allowance})"
    return Finding(
        RULE.id,
        # A name is spelt in many ways; a serial number is not.
        Severity.LOW if one.sides[0].field == "aircraft's model" else severity,
        f"inconsistent {one.what}: {one.text}{limit}",
        "measured" if one.what in ("position", "height") else "reported",
        tuple(_shown(flight, said) for said in one.sides),
        one.start,
        one.end,
        *(position_at(flight, one.start) or (None, None)),
    )


def _shown(flight: Flight, said: Said) -> Evidence:
    return evidence(flight, said.offset, said.record, said.field, said.value, said.told_by)


#: A path along a meridian with one fix 300 m to its east.
_ASIDE = [-1.0] * 30 + [-0.9957] + [-1.0] * 29

RULE = Rule(
    "sources_disagree",
    "The logs of the flight agree with one another",
    "Position, height, time, captures and identity in every log of the flight.",
    "One log tells of the flight, or the others could not be laid beside it.",
    Parameters,
    check,
    examples=(
        Example(
            Outcome.PASS, "two logs of one path", fly(60), beside=(Beside("b.txt", track=fly(60)),)
        ),
        Example(
            Outcome.FAIL,
            "two logs of which one has a fix 300 m off",
            fly(60),
            beside=(Beside("b.txt", track=fly(60, longitude_deg=_ASIDE)),),
        ),
        Example(
            Outcome.FAIL,
            "two logs of one path that name two aircraft",
            fly(60),
            log={"aircraft": Aircraft(serial="A1")},
            beside=(Beside("b.txt", track=fly(60), log={"aircraft": Aircraft(serial="B2")}),),
        ),
        Example(Outcome.NOT_ASSESSABLE, "one log", fly(60)),
    ),
)
