"""A flight and what came of the rules, without positions, serial numbers and names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

import parsers
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.findings import RuleResult
from dji_audit.flights import Flight, FlightSource
from dji_audit.redaction._moved_positions import PositionMover, build_position_mover
from dji_audit.redaction._redact_values_of_any_shape import redact_table, redact_value
from dji_audit.redaction._redaction_method import PositionRedactionMethod, RedactionMethodAndKey
from dji_audit.redaction._search_for_leaks import SensitiveValues, sensitive_values
from dji_audit.redaction._sensitive_texts import (
    PRIVATE_EVENTS,
    TEXT_REMOVED,
    SensitiveTexts,
    build_sensitive_texts,
    kinds_and_names_of_mentioned_zones,
    kinds_and_sensitive_names_in_context,
    sensitive_kinds_and_texts_in_logs,
)
from dji_audit.redaction._track_shape_hash import TrackShapeHash, shape_hash_of_track

#: Columns of the track by which a place could be found again, or the ground that was in view.
_REMOVED_COLUMNS = (
    "altitude_amsl_m",
    "gimbal_yaw_deg",
    "gimbal_pitch_deg",
    "gimbal_roll_deg",
)


@dataclass(frozen=True, slots=True, eq=False)
class RedactedFlight:
    """A redacted flight, and by what its reader can check it."""

    audit: FlightAudit
    #: Of the track in the evidence, which is that of the moved track too; ``None``: it has no
    #: position, or was not moved as a whole.
    shape: TrackShapeHash | None
    texts: SensitiveTexts
    #: What must be nowhere in what is made of it.
    sensitive_values: SensitiveValues


def redact_flight_audit(
    audit: FlightAudit, context: AuditContext, redaction: RedactionMethodAndKey
) -> RedactedFlight:
    """Return a flight with its results as they may leave the unit.

    The outcomes are those of the true flight.  Every text is without the names and serial numbers
    of the logs and of what the unit supplied, and without anything that looks like a position; no
    camera's direction, no height above the sea, no zone, fence or record is left.
    """
    flight = audit.flight
    moved = build_position_mover(redaction.method, flight.track)
    results_text = "\n".join(_all_texts_of_results(audit.results))
    texts = build_sensitive_texts(
        redaction,
        (
            *sensitive_kinds_and_texts_in_logs(flight.logs),
            *sensitive_kinds_and_texts_in_logs(
                audit.network.logs if audit.network is not None else ()
            ),
            *kinds_and_sensitive_names_in_context(context),
            *kinds_and_names_of_mentioned_zones(
                supplied_zones_then_fences_of_flight(flight, context), results_text
            ),
        ),
    )
    network = audit.network
    if network is not None:
        kept_logs = tuple(_redact_log(log, texts, moved) for log in network.logs)
        network = replace(redact_value(replace(network, logs=()), texts, moved), logs=kept_logs)
    redacted = FlightAudit(
        _redact_flight(flight, texts, moved), redact_value(audit.results, texts, moved), network
    )
    return RedactedFlight(
        redacted,
        shape_hash_of_track(flight.track)
        if redaction.method is PositionRedactionMethod.OFFSET
        else None,
        texts,
        sensitive_values(redaction.method, flight.track, texts.replacements),
    )


def _all_texts_of_results(results: Sequence[RuleResult]) -> list[str]:
    texts = []
    for result in results:
        texts.append(result.reason)
        for finding in result.findings:
            texts += [finding.summary, finding.subject or ""]
            texts += [f"{each.value} {each.record}" for each in finding.evidence]
    return texts


def _redact_flight(flight: Flight, texts: SensitiveTexts, moved: PositionMover) -> Flight:
    return replace(
        flight,
        sources=tuple(_redact_source(source, texts, moved) for source in flight.sources),
        track=_redact_track(flight.track, texts, moved),
        events=_redact_events(flight.events, texts, moved),
        captures=redact_table(flight.captures, texts, moved),
        contacts=redact_table(flight.contacts, texts, moved),
        home=redact_value(flight.home, texts, moved) if moved.origin is not None else None,
        home_positions=redact_value(flight.home_positions, texts, moved)
        if moved.origin is not None
        else (),
        takeoff_position=redact_value(flight.takeoff_position, texts, moved)
        if moved.origin is not None
        else None,
        # Where a person stood is nobody's business but the unit's.
        pilot=None,
        disagreements=redact_value(flight.disagreements, texts, moved),
        sequence_gaps=redact_value(flight.sequence_gaps, texts, moved),
        # Names of files of other flights.
        following_log_totals=(),
        # Aircraft of others, and where their operators stood.
        nearby_aircraft=(),
        flights_near_in_time=(),
        positions_moved=True,
    )


def _redact_source(
    source: FlightSource, texts: SensitiveTexts, moved: PositionMover
) -> FlightSource:
    return replace(
        source,
        log=_redact_log(source.log, texts, moved),
        track=_redact_track(source.track, texts, moved),
        alignment=redact_value(source.alignment, texts, moved),
    )


def _redact_log(log: parsers.Log, texts: SensitiveTexts, moved: PositionMover) -> parsers.Log:
    """Return a log with what may leave and nothing else.

    Whatever is not named here is left out: records, cameras, fences, pictures, other positions.
    """
    return parsers.Log(
        source=redact_value(log.source, texts, moved),
        aircraft=redact_value(log.aircraft, texts, moved),
        clock=redact_value(log.clock, texts, moved),
        track=_redact_track(log.track, texts, moved),
        events=_redact_events(log.events, texts, moved),
        captures=redact_table(log.captures, texts, moved),
        contacts=redact_table(log.contacts, texts, moved),
        host_references=redact_value(log.host_references, texts, moved),
        header_summary=log.header_summary,
        airborne=log.airborne,
        local_times=log.local_times,
        capture_window=redact_value(log.capture_window, texts, moved),
        issues=redact_value(log.issues, texts, moved),
        coverage=log.coverage,
        encrypted=log.encrypted,
        unrecorded_tables=log.unrecorded_tables,
        facts=log.facts,
        track_record=log.track_record,
    )


def _redact_track(track: pd.DataFrame, texts: SensitiveTexts, moved: PositionMover) -> pd.DataFrame:
    without = track.assign(**{name: np.nan for name in _REMOVED_COLUMNS if name in track})
    return redact_table(without, texts, moved)


def _redact_events(
    events: pd.DataFrame, texts: SensitiveTexts, moved: PositionMover
) -> pd.DataFrame:
    """Return events; of those that name people, parts or places, only that they happened."""
    private = events["kind"].isin(PRIVATE_EVENTS)
    if private.any():
        kept = events["text"].mask(private, TEXT_REMOVED).astype(events["text"].dtype)
        values = events["value"].mask(private)
        events = events.assign(text=kept, value=values)
    return redact_table(events, texts, moved)
