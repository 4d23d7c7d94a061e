"""Every recording lies within an operation with a purpose.

The operations log says which flights were flown for what.  A photo or video that
was taken outside any operation, or in one that names no purpose or incident, is a
finding.  Which sensor recorded does not matter.
"""

from typing import Annotated

from pydantic import Field, Strict

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.inventory import serials
from dji_audit.compliance.operations import Operation, Operations
from dji_audit.compliance.rules._captures import Recording, counted, recordings, untold
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    position_at,
    unknowable,
)
from dji_audit.flights import Flight
from dji_audit.supplied_tables import Row

#: Recordings that are given as the evidence of one finding; its summary counts all.
_SHOWN = 5


class RecordingWithoutPurpose(Parameters):
    """Parameters of the rule."""

    purposes: Annotated[tuple[str, ...], Strict(False)] = Field(
        (), description="Purposes that are allowed; none given: any."
    )
    incident_ref_required: bool = Field(
        True, description="Whether the operation must name an incident."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Look for the operation of each recording."""
    if not isinstance(parameters, RecordingWithoutPurpose):
        raise TypeError("recording_without_purpose takes RecordingWithoutPurpose")
    taken = recordings(flight)
    if not taken:
        if reason := untold(flight):
            return unknowable(reason)
        return Verdict(Outcome.PASS, "The logs show no recording.")
    operations = inputs.case.operations
    if operations is None:
        return unknowable(f"{counted(taken)}, and no operations log was given.")
    undated = [each for each in taken if each.start is None]
    if others := _of_unnamed_aircraft(flight, taken, operations):
        return unknowable(
            f"No log of the flight names its aircraft, and {', '.join(others)} was flown with "
            "one that is named."
        )
    runs = _runs(flight, taken, operations, parameters)
    found = [_finding(flight, why, run, operations, inputs) for why, run in runs]
    lost = f" The time of {counted(undated)} is not known." if undated else ""
    if undated and not found:
        return unknowable(lost.strip())
    bad = counted([each for _, run in runs for each in run])
    return judged(
        found,
        f"{counted(taken)}, each within an operation with a purpose.",
        f"{bad} of {counted(taken)} without a purpose.{lost}",
    )


def _of_unnamed_aircraft(
    flight: Flight, taken: list[Recording], operations: Operations
) -> list[str]:
    """Return the operations at the time of a recording, if only their aircraft decides."""
    if serials(flight):
        return []
    times = [(each.start, each.end) for each in taken if each.start and each.end]
    return [
        row.said.operation
        for row in operations.table.rows
        if row.said.aircraft
        and any(row.said.start <= start and end <= row.said.end for start, end in times)
    ]


_Why = tuple[str, Row[Operation] | None]


def _runs(
    flight: Flight,
    taken: list[Recording],
    operations: Operations,
    parameters: RecordingWithoutPurpose,
) -> list[tuple[_Why, list[Recording]]]:
    """Return what lacks a purpose, recordings that follow one another for one reason as one."""
    named, runs = serials(flight), list[tuple[_Why, list[Recording]]]()
    broken = True
    for each in taken:
        if each.start is None or each.end is None:
            continue
        rows = list(operations.during(each.start, each.end, named))
        whys = [(_lacks(row.said, parameters), row) for row in rows]
        if any(not why for why, _ in whys):
            broken = True
            continue
        why: _Why = whys[0] if whys else ("no operation at that time", None)
        if not broken and runs and runs[-1][0] == why:
            runs[-1][1].append(each)
        else:
            runs.append((why, [each]))
        broken = False
    return runs


def _lacks(operation: Operation, parameters: RecordingWithoutPurpose) -> str:
    """Return what an operation lacks; empty if nothing."""
    name = f"operation {operation.operation}"
    if not operation.purpose:
        return f"{name} names no purpose"
    if parameters.purposes and operation.purpose not in parameters.purposes:
        return f"{name} has the purpose “{operation.purpose}”, which is not on the list"
    if parameters.incident_ref_required and not operation.incident_ref:
        return f"{name} names no incident"
    return ""


def _finding(
    flight: Flight, why: _Why, run: list[Recording], operations: Operations, inputs: Inputs
) -> Finding:
    reason, row = why
    shown = tuple(each.shown for each in run[:_SHOWN])
    if row is not None:
        shown += (operations.table.evidence(row, "operation", row.said.operation),)
    return Finding(
        RULE.id,
        inputs.severity,
        f"{counted(run)}: {reason}",
        "reported",
        shown,
        run[0].start,
        run[-1].end,
        *(position_at(flight, run[0].start) or (None, None)),
    )


_PHOTO = ({"kind": "photo", "start": 5, "end": 5},)
_HOUR = {
    "operation": "OP-1", "start": -60, "end": 3600, "purpose": "missing person",
    "incident_ref": "I-9",
}  # fmt: skip

RULE = Rule(
    "recording_without_purpose",
    "Everything was recorded for a purpose",
    "Recordings of all logs and media of the flight; the operations log.",
    "There are recordings and no operations log, or they have no time; "
    "or no log tells of recordings.",
    RecordingWithoutPurpose,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a photo within an operation",
            hover(*[10.0] * 9),
            captures=_PHOTO,
            operations=(_HOUR,),
        ),
        Example(Outcome.PASS, "a flight without recordings", hover(*[10.0] * 9)),
        Example(
            Outcome.FAIL,
            "a photo before the operation",
            hover(*[10.0] * 9),
            captures=_PHOTO,
            operations=({**_HOUR, "start": 60},),
        ),
        Example(
            Outcome.FAIL,
            "a photo in an operation without an incident",
            hover(*[10.0] * 9),
            captures=_PHOTO,
            operations=({**_HOUR, "incident_ref": None},),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a photo of an aircraft that no log names, in an operation of one that is named",
            hover(*[10.0] * 9),
            captures=_PHOTO,
            operations=({**_HOUR, "aircraft": ("S1",)},),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a photo, and no operations log",
            hover(*[10.0] * 9),
            captures=_PHOTO,
        ),
    ),
)
