"""The logs of a flight agree on position, height, time, captures and aircraft.

Two values may differ by as much as their errors allow, and the finding states that tolerance: the
errors of both logs, the resolution of the numbers, and the movement of the aircraft within the
uncertainty of the clocks.  A larger difference is an inconsistency, with the bytes of every side;
logs that differ from one log in the same way are one finding.  The logs do not show which side is
right, or why: a barometer drifts, a clock is set wrongly, a file is edited.

A track that the unit supplied of a device on the aircraft (``--track FILE=aircraft``) is compared
with the path in the same way.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.declared_tracks import (
    DeclaredTrack,
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
)
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_row_mask
from dji_audit.compliance.rules._shared._event_episodes import merge_findings_into_one
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    FurtherExampleLog,
    example_declared_track,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import finding_sentence
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_in_flight_or_network_log,
    evidence_of_one_side_of_disagreement,
    evidence_of_track_value,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    is_neither_copy_nor_export,
    is_reencoded_copy_of_log,
)
from dji_audit.compliance.rules._shared._received_remote_id import disagreement_involves_broadcast
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import DISAGREEMENT_KINDS, Disagreement, Flight, FlightSource
from parsers import Aircraft


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List the disagreements between the logs of the flight."""
    others = _logs_comparable_with_first(flight)
    # What was broadcast is judged by `remote_id_contradiction`.
    own = [
        each for each in flight.disagreements if not disagreement_involves_broadcast(flight, each)
    ]
    alike = defaultdict[tuple[str, frozenset[int]], list[Disagreement]](list)
    for disagreement in own:
        between = frozenset(side.source_index for side in disagreement.sides)
        alike[disagreement.kind, between].append(disagreement)
    findings = [
        finding
        for disagreements in alike.values()
        for finding in _merged_disagreement_findings(flight, disagreements, inputs)
    ]
    supplied = _declared_onboard_track_comparisons(flight, inputs.context)
    apart = [each for each in supplied if not each.agrees]
    findings += [_declared_track_disagreement_finding(flight, each, inputs) for each in apart]
    kinds = [
        kind
        for kind in DISAGREEMENT_KINDS
        if any(d.kind == kind for d in own) or (kind == "position" and apart)
    ]
    agreeing = f"{1 + len(others)} logs of the flight agree within their errors."
    if supplied:
        names = " and ".join(each.track.source.name for each in supplied)
        agreeing = (
            f"{agreeing if others else ''} The path agrees with {names}, of a device on the "
            "aircraft, which the unit supplied."
        ).strip()
    first = flight.sources[0]
    if others and not any(
        is_neither_copy_nor_export(source) and not is_reencoded_copy_of_log(source, first)
        for source in others
    ):
        agreeing += (
            " The others are exports or versions of the same record: only an edit could have shown."
        )
    return CheckResult.from_findings(
        findings,
        agreeing,
        f"{len(findings)} inconsistenc{'y' if len(findings) == 1 else 'ies'} between "
        f"{len(flight.logs)} logs: {', '.join(kinds)}.",
    )


def _declared_onboard_track_comparisons(
    flight: Flight, context: AuditContext
) -> list[DeclaredTrackFlightComparison]:
    """Return the tracks of devices on the aircraft that the unit supplied and that compare."""
    tracks = [track for track in context.tracks if track.owner == "aircraft"]
    beside = compare_declared_tracks_with_flight(
        flight, tracks, airborne_row_mask(flight, flight.track)
    )
    return [each for each in beside if each.agrees is not None]


def _declared_track_disagreement_finding(
    flight: Flight, beside: DeclaredTrackFlightComparison, inputs: RuleInputs
) -> Finding:
    row, fix, track = beside.farthest_row, beside.farthest_fix, beside.track
    time = flight.track["time"].iloc[row]
    summary = finding_sentence(
        f"inconsistent position: a device on the aircraft ({track.source.name}) was up to "
        f"{beside.greatest_distance_m:.0f} m from where the log has the aircraft,",
        flight,
        time,
        time,
    )
    return inputs.finding(
        summary,
        grade="measured",
        evidence=(
            evidence_of_track_value(
                flight,
                row,
                "latitude_deg",
                field="latitude_deg",
                value=str(flight.track["latitude_deg"].iloc[row]),
            ),
            evidence_in_flight_or_network_log(
                track.source,
                int(track.offsets[fix]),
                track.record,
                "position",
                f"{track.latitude_deg[fix]:.6f}, {track.longitude_deg[fix]:.6f}",
            ),
        ),
        start=time,
        position=lat_lon_of_last_fix_before(flight, time),
    )


def _logs_comparable_with_first(flight: Flight) -> list[FlightSource]:
    """Return the logs of a flight that can be compared with its first one."""
    return [
        source
        for source in flight.sources[1:]
        if source.copy_of is None
        and not source.is_from_receiver
        and source.alignment.is_aligned
        and (len(source.track) or len(source.log.captures))
    ]


def _availability_of_second_log(
    flight: Flight, _parameters: Parameters, context: AuditContext
) -> DataNeedObservation:
    """Return whether the flight has a second log to compare the first one with."""
    subject = "a second log of the flight"
    if supplied := _declared_onboard_track_comparisons(flight, context):
        return DataNeedObservation.for_subject_seen_in_full(
            subject, *(it.track.source.name for it in supplied)
        )
    if sum(not source.is_from_receiver for source in flight.sources) < 2:
        return DataNeedObservation.for_subject_not_seen(
            subject, "The flight has only one log: there is nothing to compare it with."
        )
    others = _logs_comparable_with_first(flight)
    if not others:
        return DataNeedObservation.for_subject_not_seen(
            subject,
            "The other logs repeat the first, or their clocks could not be aligned with it.",
        )
    return DataNeedObservation.for_subject_seen_in_full(
        subject, *(source.log.source.name for source in others)
    )


def _merged_disagreement_findings(
    flight: Flight, disagreements: Sequence[Disagreement], inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield what the same logs disagree on as one, with the largest difference.

    Identities differ in what they identify: each stands by itself.
    """
    findings = [
        _disagreement_finding(flight, disagreement, inputs) for disagreement in disagreements
    ]
    if len(findings) == 1 or disagreements[0].kind == "identity":
        yield from findings
        return
    excess = [(it.difference or 0.0) - (it.tolerance or 0.0) for it in disagreements]
    worst = findings[excess.index(max(excess))]
    more = len(findings) - 1
    summary = f"{worst.summary}; {pluralised_count(more, 'further such interval')}"
    yield merge_findings_into_one(findings, summary)


def _disagreement_finding(
    flight: Flight, disagreement: Disagreement, inputs: RuleInputs
) -> Finding:
    limit, start = "", disagreement.start
    if disagreement.difference is not None and disagreement.tolerance is not None:
        tolerance = f"{disagreement.tolerance:g} {disagreement.unit}"
        limit = f"; {tolerance} allowed ({disagreement.tolerance_basis})"
    told = finding_sentence(
        f"inconsistent {disagreement.kind}: {disagreement.text}", flight, start, disagreement.end
    )
    return inputs.finding(
        f"{told}{limit}",
        severity=Severity.LOW if disagreement.sides[0].field == "aircraft's model" else None,
        grade="measured" if disagreement.kind in ("position", "height") else "reported",
        evidence=tuple(
            evidence_of_one_side_of_disagreement(flight, side) for side in disagreement.sides
        ),
        start=disagreement.start,
        end=disagreement.end,
        position=lat_lon_of_last_fix_before(flight, disagreement.start),
    )


#: Longitudes of a track along a meridian with one fix 300 m to the east.
_ASIDE = [-1.0] * 30 + [-0.9957] + [-1.0] * 29

_NEEDS = (DataNeed("tracks or other log", _availability_of_second_log),)


def _example_track_of_device_on_aircraft(degrees_east: float) -> DeclaredTrack:
    """Return the track of a device on the aircraft that goes north, beside its path."""
    return example_declared_track(
        "aircraft",
        "tracker.gpx",
        [(51.5 + 9e-5 * second, -1.0 + degrees_east) for second in range(60)],
    )


_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "two logs of one track",
        northbound_example_track(60),
        other_logs=(FurtherExampleLog("b.txt", track=northbound_example_track(60)),),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "two logs, one with a fix 300 m away",
        northbound_example_track(60),
        other_logs=(
            FurtherExampleLog("b.txt", track=northbound_example_track(60, longitude_deg=_ASIDE)),
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "two logs of one track that name two aircraft",
        northbound_example_track(60),
        log_fields={"aircraft": Aircraft(serial="A1")},
        other_logs=(
            FurtherExampleLog(
                "b.txt",
                track=northbound_example_track(60),
                log_fields={"aircraft": Aircraft(serial="B2")},
            ),
        ),
    ),
    ExampleFlight(
        Outcome.PASS,
        "one log, and the track of a device on the aircraft",
        northbound_example_track(60),
        context={"tracks": (_example_track_of_device_on_aircraft(0.0),)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "one log, and the track of a device on the aircraft 300 m away",
        northbound_example_track(60),
        context={"tracks": (_example_track_of_device_on_aircraft(0.0043),)},
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "one log", northbound_example_track(60)),
)
RULE = Rule(
    id="sources_disagree",
    title="The logs of the flight agree with one another",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Position, height, time, captures and identity in every log of the flight; tracks of "
        "devices on the aircraft that the unit supplied."
    ),
    not_assessable="The flight has only one log, or the clocks of the others could not be aligned.",
)
