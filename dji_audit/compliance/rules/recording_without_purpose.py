"""Every recording lies within an operation with a purpose.

The operations log gives the purpose of each operation.  A photo or video taken outside every
operation, or in an operation without a purpose or incident, is a finding.  The sensor does not
matter.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Strict

from dji_audit.common.supplied_tables import SuppliedRow
from dji_audit.compliance.data_needs import fact_in_air_data_need
from dji_audit.compliance.findings import Finding, evidence_of_user_supplied_row
from dji_audit.compliance.inventory import aircraft_serials_in_logs_of_flight
from dji_audit.compliance.operations_log import Operation, OperationsLog
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, parameter_field
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._media_recordings import (
    MediaRecordingWithEvidence,
    media_recordings_of_flight,
    names_of_evidence_files_text,
    recording_counts_text,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

#: Recordings in the evidence of one finding; its summary counts all.
_SHOWN = 5


class RecordingWithoutPurposeParameters(Parameters):
    """Parameters of the rule."""

    purposes: Annotated[tuple[str, ...], Strict(False)] = parameter_field(
        (), "Allowed purposes; empty: any."
    )
    incident_ref_required: bool = parameter_field(
        True, "Whether the operation must name an incident."
    )


def check(
    flight: Flight, parameters: RecordingWithoutPurposeParameters, inputs: RuleInputs
) -> CheckResult:
    """Look for the operation of each recording."""
    recordings = media_recordings_of_flight(flight)
    if not recordings:
        return CheckResult(Outcome.PASS, "The logs show no recording.")
    operations = inputs.context.operations
    if operations is None:
        return CheckResult.not_assessable_because(
            f"{recording_counts_text(recordings)}, and no operations log was given."
        )
    undated = [recording for recording in recordings if recording.start is None]
    if operation_names := _operations_unmatched_for_lack_of_serial(flight, recordings, operations):
        return CheckResult.not_assessable_because(
            f"No log of the flight names its aircraft, and {', '.join(operation_names)} lists "
            "certain aircraft."
        )
    runs = _group_recordings_by_reason_for_no_purpose(flight, recordings, operations, parameters)
    findings = [
        _recording_without_purpose_finding(
            flight, lack, run=run, operations=operations, inputs=inputs
        )
        for lack, run in runs
    ]
    undated_text = f" The time of {recording_counts_text(undated)} is not known." if undated else ""
    if undated and not findings:
        return CheckResult.not_assessable_because(undated_text.strip())
    bad_text = recording_counts_text([recording for _, run in runs for recording in run])
    return CheckResult.from_findings(
        findings,
        f"{recording_counts_text(recordings)}, each within an operation with a purpose.",
        f"{bad_text} of {recording_counts_text(recordings)} without a purpose.{undated_text}",
    )


def _operations_unmatched_for_lack_of_serial(
    flight: Flight, recordings: list[MediaRecordingWithEvidence], operations: OperationsLog
) -> list[str]:
    """Return the operations at the time of a recording that depend on the aircraft."""
    if aircraft_serials_in_logs_of_flight(flight):
        return []
    times = [
        (recording.start, recording.end)
        for recording in recordings
        if recording.start and recording.end
    ]
    return [
        row.record.operation
        for row in operations.table.rows
        if row.record.aircraft
        and any(row.record.start <= start and end <= row.record.end for start, end in times)
    ]


_LackReason = tuple[str, SuppliedRow[Operation] | None]


def _group_recordings_by_reason_for_no_purpose(
    flight: Flight,
    recordings: list[MediaRecordingWithEvidence],
    operations: OperationsLog,
    parameters: RecordingWithoutPurposeParameters,
) -> list[tuple[_LackReason, list[MediaRecordingWithEvidence]]]:
    """Return recordings without a purpose, consecutive ones with the same reason as one group."""
    serials, runs = (
        aircraft_serials_in_logs_of_flight(flight),
        list[tuple[_LackReason, list[MediaRecordingWithEvidence]]](),
    )
    broken = True
    for recording in recordings:
        if recording.start is None or recording.end is None:
            continue
        rows = list(
            operations.operations_containing_interval(recording.start, recording.end, serials)
        )
        whys = [(_missing_operation_details_text(row.record, parameters), row) for row in rows]
        if any(not lack for lack, _ in whys):
            broken = True
            continue
        lack: _LackReason = whys[0] if whys else ("no operation at that time", None)
        if not broken and runs and runs[-1][0] == lack:
            runs[-1][1].append(recording)
        else:
            runs.append((lack, [recording]))
        broken = False
    return runs


def _missing_operation_details_text(
    operation: Operation, parameters: RecordingWithoutPurposeParameters
) -> str:
    """Return what an operation lacks; empty: nothing."""
    name = f"operation {operation.operation}"
    if not operation.purpose:
        return f"{name} names no purpose"
    if parameters.purposes and operation.purpose not in parameters.purposes:
        return f"{name} has the purpose “{operation.purpose}”, which is not on the list"
    if parameters.incident_ref_required and not operation.incident_ref:
        return f"{name} names no incident"
    return ""


def _recording_without_purpose_finding(
    flight: Flight,
    lack: _LackReason,
    *,
    run: list[MediaRecordingWithEvidence],
    operations: OperationsLog,
    inputs: RuleInputs,
) -> Finding:
    reason, row = lack
    evidence = tuple(recording.evidence for recording in run[:_SHOWN])
    if row is not None:
        evidence += (
            evidence_of_user_supplied_row(operations.table, row, "operation", row.record.operation),
        )
    where = position_relative_to_takeoff_text(flight, run[0].start)
    return inputs.finding(
        f"{recording_counts_text(run)} {interval_text(run[0].start, run[-1].end)}"
        f"{f', {where}' if where else ''}: {reason}; known from "
        f"{names_of_evidence_files_text(evidence[:_SHOWN])}.",
        grade="reported",
        evidence=evidence,
        start=run[0].start,
        end=run[-1].end,
        position=lat_lon_of_last_fix_before(flight, run[0].start),
    )


_PHOTO = ({"kind": "photo", "start": 5, "end": 5},)
_HOUR = {
    "operation": "OP-1", "start": -60, "end": 3600, "purpose": "missing person",
    "incident_ref": "I-9",
}  # fmt: skip


def _example_flight_with_photo(
    outcome: Outcome, description: str, operation: Mapping[str, object] | None
) -> ExampleFlight:
    """Return an example: one photo, with or without an operations log of one operation."""
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(*[10.0] * 9),
        captures=_PHOTO,
        operations=None if operation is None else (operation,),
    )


_NEEDS = (fact_in_air_data_need("photo"), fact_in_air_data_need("video"))
_EXAMPLES = (
    _example_flight_with_photo(Outcome.PASS, "a photo within an operation", _HOUR),
    ExampleFlight(
        Outcome.PASS, "a flight without recordings", hover_example_track_at_heights(*[10.0] * 9)
    ),
    _example_flight_with_photo(
        Outcome.FAIL, "a photo before the operation", {**_HOUR, "start": 60}
    ),
    _example_flight_with_photo(
        Outcome.FAIL,
        "a photo in an operation without an incident",
        {**_HOUR, "incident_ref": None},
    ),
    _example_flight_with_photo(
        Outcome.NOT_ASSESSABLE,
        "a photo of an unnamed aircraft, in an operation that lists its aircraft",
        {**_HOUR, "aircraft": ("S1",)},
    ),
    _example_flight_with_photo(Outcome.NOT_ASSESSABLE, "a photo, and no operations log", None),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log that shows photos and no videos",
        hover_example_track_at_heights(*[10.0] * 9),
        without_facts=("video",),
    ),
)
RULE = Rule(
    id="recording_without_purpose",
    title="Every recording has a purpose",
    parameters=RecordingWithoutPurposeParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Recordings of all logs and media of the flight; the operations log.",
    not_assessable=(
        "There are recordings but no operations log, or they have no time; or the logs do not show "
        "whether photos and videos were taken."
    ),
)
