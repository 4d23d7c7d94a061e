"""Needs of rules about whole flights and whole logs, besides facts in the air."""

from collections.abc import Mapping
from typing import Any

from dji_audit.common.plain_english import percent_text
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    MIN_SHARE,
    DataNeed,
    observation_from_logs_showing_subject,
)
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.flights import (
    Flight,
    FlightSource,
    events_by_kind,
    names_of_formats_made_from_other_logs,
)
from parsers import FACTS, Log

#: Any of these shows where the time in the air begins and ends.
_END_FACTS = ("takeoff_landing", "motor_state", "height_above_takeoff")


def takeoff_and_landing_data_need() -> DataNeed:
    """Return the need that the logs show take-off and landing, so that no part is missing.

    A log that begins or ends in the air says nothing of the rest of the flight; a log in which
    nothing flew has no time in the air at all.
    """

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        subject = "take-off and landing"
        carrying = [
            source.log.source.name
            for source in flight.sources
            if any(carries_fact_in_understood_form(source.log, fact) for fact in _END_FACTS)
        ]
        if not carrying:
            reason = "Take-off and landing could not have been seen: no log records them."
            return DataNeedObservation.for_subject_not_seen(subject, reason)
        kinds = events_by_kind(flight).kinds
        has_start = flight.begins_in_air is False or "takeoff" in kinds
        has_end = flight.ends_in_air is False or "landing" in kinds
        if has_start and has_end:
            return DataNeedObservation.for_subject_seen_in_full(subject, *carrying)
        if not has_start and not has_end:
            reason = "No log shows a take-off or a landing: the whole of a flight was not seen."
        elif has_start:
            reason = "The logs end before the landing: what followed is not known."
        else:
            reason = "The logs begin after the take-off: what came before is not known."
        return DataNeedObservation.for_subject_not_seen(subject, reason)

    return DataNeed(" or ".join(_END_FACTS), observe)


def begins_or_ends_in_air_text(flight: Flight) -> str:
    """Return that the logs of a flight begin or end in the air, a sentence; empty: they do not."""
    several = len([source for source in flight.sources if not source.log.encrypted]) > 1
    verb = "logs of the flight {0}" if several else "log {0}s"
    if flight.begins_in_air and flight.ends_in_air:
        both = verb.format("begin") + (" and end" if several else " and ends")
        return f"The {both} in the air; what came before and what followed are not known."
    if flight.ends_in_air:
        return f"The {verb.format('end')} in the air; what followed is not known."
    if flight.begins_in_air:
        return f"The {verb.format('begin')} in the air; what came before is not known."
    return ""


def record_counter_data_need() -> DataNeed:
    """Return the need that every log of the flight counts its records.

    The stretch is the log itself: its records on the ground count as well.
    """

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        logs = [source for source in flight.sources if source.is_first_of_log]
        counting = [
            source.log.source.name
            for source in logs
            if carries_fact_in_understood_form(source.log, "record_sequence")
            and any(counter.kind == "count" for counter in source.log.monotonic_counters)
        ]
        which = "the log has" if len(flight.sources) == 1 else "the logs have"
        return observation_from_logs_showing_subject(
            flight,
            "counters by which a missing record shows",
            counting,
            f"A missing or repeated record could not have been seen: {which} no counter.",
        )

    return DataNeed("record_sequence", observe)


def detectable_damage_data_need() -> DataNeed:
    """Return the need that damage of a log would show: by framing or checksums of its records."""

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        subject = FACTS["record_framing"]
        logs = [source.log for source in flight.sources if source.is_first_of_log]
        readable = [log for log in logs if not log.encrypted]
        framed = [log for log in readable if carries_fact_in_understood_form(log, "record_framing")]
        if framed or not readable:
            # That an encrypted log was not read is another need.
            return DataNeedObservation.for_subject_seen_in_full(
                subject, *(log.source.name for log in framed)
            )
        names = ", ".join(log.source.name for log in readable)
        reason = (
            f"{names} is plain text without framing or checksums: a loss leaves no trace in it."
        )
        return DataNeedObservation.for_subject_not_seen(subject, reason)

    return DataNeed("record_framing", observe)


def decoded_bytes_data_need(min_share: float = MIN_SHARE) -> DataNeed:
    """Return the need that the bytes of the logs were decoded, and not only framed."""

    def observe(flight: Flight, _parameters: Any, _context: AuditContext) -> DataNeedObservation:
        subject = "bytes of the log"
        logs = [source.log for source in flight.sources if source.is_first_of_log]
        if encrypted := [log.source.name for log in logs if log.encrypted]:
            return DataNeedObservation.for_subject_not_seen(
                subject,
                f"{encrypted[0]} is encrypted and no key for it was given; only the unencrypted "
                "part was read.",
                f"dji-audit keys request {encrypted[0]}",
            )
        # The log of which least was decoded: a small one must not hide behind a large one.
        worst = min(logs, key=lambda log: _decoded_share_of_bytes(log.coverage_sizes), default=None)
        if worst is None or not worst.coverage_sizes:
            return DataNeedObservation.for_subject_not_seen(
                subject, "It is not known which bytes were decoded."
            )
        share = _decoded_share_of_bytes(worst.coverage_sizes)
        unknown = worst.coverage_sizes.get("unknown", 0)
        return DataNeedObservation(
            subject=subject,
            share=share,
            sources=tuple(log.source.name for log in logs),
            reason=""
            if share == 1
            else f"{percent_text(share)} of the bytes of {worst.source.name} were decoded; "
            f"{unknown:,} are in records whose layout is not known.",
        )

    return DataNeed("bytes", observe, min_share)


def _decoded_share_of_bytes(sizes: Mapping[str, int]) -> float:
    total = sum(sizes.values())
    return 1 - sizes.get("unknown", 0) / total if total else 0.0


def carries_fact_in_understood_form(log: Log, fact: str) -> bool:
    """Return whether a log carries a fact in a form that is understood."""
    carried = log.facts.get(fact)
    return carried is not None and not carried.not_understood


def is_reencoded_copy_of_log(source: FlightSource, other: FlightSource) -> bool:
    """Return whether one log of a flight is the record of another in other bytes.

    An app that writes its record anew, or a tool that converts it, keeps each fix with its time;
    two logs of one flight by two clocks never share these.
    """
    if source.log.source.format != other.log.source.format:
        return False
    fixes, others = (
        each.track[_FIX_COLUMNS].dropna().drop_duplicates() for each in (source, other)
    )
    fewer = min(len(fixes), len(others))
    return fewer > 0 and len(fixes.merge(others)) >= _SAME_RECORD_SHARE * fewer


#: What is equal in each row of two versions of one record, and in how many of the shorter one.
_FIX_COLUMNS = ["time", "latitude_deg", "longitude_deg", "height_ato_m"]
_SAME_RECORD_SHARE = 0.9


def is_neither_copy_nor_export(source: FlightSource) -> bool:
    """Return whether a log of a flight shows more than a copy or an export of another one does."""
    export = source.log.source.format in names_of_formats_made_from_other_logs()
    return source.copy_of is None and source.alignment.is_aligned and not export
