"""What a pass rests on: when something would have been recorded, had it happened.

A rule passes only over what was looked at.  It declares its needs: facts of the logs
(``parsers.FACTS``) or things that the unit supplies, each with the share of a stretch of time that
must be observed.  The observation of a need says when the thing would have been recorded, by
which logs, and what was not; ``apply_rule_to_flight`` of the rules decides from it.

A log observes a fact while it carries it (``Log.facts``) and records without a pause.  Of a
measured value, such as a position or a height, that is between two neighbouring values no farther
apart than ``MAX_STEP_S``, however slow the log is: what lay between is not known.  Of messages and
events it is while the log shows in its own rhythm that it was recording: up to ``RHYTHM_STEPS``
times its usual step, if that is more, but never more than ``LONGEST_STEP_S``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import percent_text, sentence_case
from dji_audit.common.time_columns_to_unix_numbers import unix_ns_of_times, unix_seconds_of_times
from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    Intervals,
    interval_complement,
    interval_intersection,
    interval_union,
    join_touching_intervals,
    total_duration_s,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import DataNeedObservation, share_suffices
from dji_audit.compliance.policy import Parameters
from dji_audit.flights import Flight, FlightSource, cache_for_last_flight
from parsers import FACTS, format_by_name

#: Share of a stretch that must be observed for a pass, unless a need or a policy says otherwise.
MIN_SHARE = 0.95
#: Seconds between two values, or two rows, within which a log counts as recording without a pause:
#: in so much an aircraft at 10 to 20 m/s may go 25 to 50 m out and come back, which is no more than
#: the tolerances of the rules.
MAX_STEP_S = 5.0
#: Usual steps of a log within which it shows that it was recording messages: one or two rows may be
#: lost by chance, more in a row are a pause.
RHYTHM_STEPS = 3.0
#: Seconds that no usual step of a log can extend: what happens in between is seen by nobody.
LONGEST_STEP_S = 15.0
#: Ends of a stretch within which a missing part is no gap: a row later, a row earlier.
_EDGE_S = 1.0


#: Why nothing of an encrypted log was observed.
ENCRYPTED_REASON = "The log is encrypted and no key for it was given."
#: Facts of a log as a whole, or of the aircraft: for them it does not matter where a log ends.
_WHOLE_LOG_FACTS = frozenset(
    {
        "aircraft_identity", "clock_utc", "contact", "data_mode", "firmware", "flight_totals",
        "host_name", "operator_identity", "record_framing", "record_sequence", "upload_mark",
    }
)  # fmt: skip
#: Names of needs that are about the time in the air; "bytes" and "other log" are of its records.
_TIME_IN_AIR = (frozenset(FACTS) - _WHOLE_LOG_FACTS) | {"bytes", "other log"}

Observe = Callable[[Flight, Any, AuditContext], DataNeedObservation]  # Any: parameters of any rule


@dataclass(frozen=True, slots=True)
class DataNeed:
    """One thing that must have been observed before a rule may pass."""

    #: Fact of ``parsers.FACTS``, or the name of what the unit supplies.
    name: str
    observe: Observe
    #: Share of the stretch that must be observed.
    min_share: float = MIN_SHARE
    #: The need in words, for `rules explain` and the page of the rule; empty: its name.
    words: str = ""

    @property
    def is_about_time_in_air(self) -> bool:
        """Whether it asks for the time in the air, and not for a whole log or for an aircraft."""
        return bool(_TIME_IN_AIR.intersection(self.name.split(" or ")))

    def is_met(self, observation: DataNeedObservation) -> bool:
        """Return whether an observation suffices for a pass."""
        return share_suffices(observation.share, self.min_share)


def fact_in_air_data_need(*facts: str, min_share: float = MIN_SHARE) -> DataNeed:
    """Return the need that a fact, or any of several, is observed while the aircraft is airborne.

    Raises:
        KeyError: If one of them is no fact.
    """
    subject = " or ".join(FACTS[fact] for fact in facts)
    return DataNeed(
        " or ".join(facts),
        lambda flight, _parameters, _context: availability_of_facts_in_air(flight, facts),
        min_share,
        f"{subject}, for {min_share:.0%} of the time in the air".replace("%", " %"),
    )


def supplied_input_data_need(
    name: str, subject: str, remedy: str, supplied: Observe | None = None
) -> DataNeed:
    """Return the need that the unit supplied something: a field of ``AuditContext``."""

    def observe(
        flight: Flight, parameters: Parameters, context: AuditContext
    ) -> DataNeedObservation:
        if getattr(context, name) in (None, ()):
            return DataNeedObservation.for_subject_not_seen(
                subject, f"No {subject} was given.", remedy
            )
        if supplied is not None:
            return supplied(flight, parameters, context)
        return DataNeedObservation.for_subject_seen_in_full(subject)

    return DataNeed(name, observe, words=f"{subject}, which the unit gives")


def airborne_span(flight: Flight) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Return the stretch in the air; a missing end is that of the flight; ``None``: not known."""
    start, end = flight.takeoff or flight.start, flight.landing or flight.end
    return (start, end) if start is not None and end is not None and start <= end else None


def availability_of_facts_in_air(flight: Flight, facts: Sequence[str]) -> DataNeedObservation:
    """Return how much of the time in the air any of some facts would have been recorded."""
    return _observation_of_facts(flight, tuple(facts))


def observation_of_encrypted_flight(flight: Flight, subject: str) -> DataNeedObservation | None:
    """Return why nothing was observed of an encrypted flight; ``None``: it is not encrypted."""
    if not flight.has_only_encrypted_logs:
        return None
    remedy = f"dji-audit keys request {flight.log.source.name}"
    return DataNeedObservation.for_subject_not_seen(subject, ENCRYPTED_REASON, remedy)


def observation_from_logs_showing_subject(
    flight: Flight, subject: str, names: Sequence[str], reason: str
) -> DataNeedObservation:
    """Return that some logs of a flight show something in full; of no log, why none does."""
    if names:
        return DataNeedObservation.for_subject_seen_in_full(subject, *names)
    encrypted = observation_of_encrypted_flight(flight, subject)
    return encrypted or DataNeedObservation.for_subject_not_seen(subject, reason)


@cache_for_last_flight
def _observation_of_facts(flight: Flight, facts: tuple[str, ...]) -> DataNeedObservation:
    subject = " or ".join(FACTS[fact] for fact in facts)
    carrying = [
        (index, source.log.facts[fact].columns)
        for index, source in enumerate(flight.sources)
        for fact in facts
        if fact in source.log.facts and not source.log.facts[fact].not_understood
    ]
    if not carrying:
        return DataNeedObservation.for_subject_not_seen(
            subject, *_reason_and_remedy_for_missing_facts(flight, facts, subject)
        )
    span = airborne_span(flight) or _log_span_by_own_clock(flight.sources[0])
    if span is None:
        return DataNeedObservation.for_subject_not_seen(
            subject,
            f"{sentence_case(subject)}: no row has a time, so what lies between is not known.",
        )
    start_s, end_s = (time.value / 1e9 for time in span)
    if start_s == end_s:
        return DataNeedObservation.for_subject_not_seen(
            subject,
            f"{sentence_case(subject)}: the logs show one instant of the flight, so what came "
            "before and after is not known.",
        )
    observed = interval_intersection(
        interval_union(
            *(
                _cached_intervals_recording_columns(flight, index, names)
                for index, names in carrying
            )
        ),
        np.array([[start_s, end_s]]),
    )
    duration_s = end_s - start_s
    share = min(1.0, total_duration_s(observed) / duration_s)
    return DataNeedObservation(
        subject=subject,
        share=share,
        intervals=tuple(_intervals_to_timestamp_pairs(observed)),
        sources=tuple(dict.fromkeys(flight.logs[index].source.name for index, _ in carrying)),
        reason=_unobserved_share_reason(
            subject, share, interval_complement(observed, start_s, end_s)
        ),
    )


@cache_for_last_flight
def _cached_intervals_recording_columns(
    flight: Flight, index: int, columns: tuple[str, ...]
) -> Intervals:
    return intervals_recording_columns(flight.sources[index], columns)


def intervals_recording_columns(source: FlightSource, columns: Sequence[str]) -> Intervals:
    """Return when one log of a flight would have recorded a fact, seconds since 1970 UTC.

    Args:
        source: The log.
        columns: Those of its track without which a row does not carry the fact; none: it would
            have been recorded whenever the log recorded anything.
    """
    seconds = track_row_times_s(source)
    known = np.isfinite(seconds)
    for column in columns:
        known &= ~source.track[column].array.isna()
    instants = [seconds[known]]
    if not columns:
        # A message or a photo shows that the log was recording as well as a fix does.
        instants += _event_and_media_capture_times_s(source)
    return intervals_without_recording_pause(
        np.unique(np.concatenate(instants)), is_of_messages=not columns
    )


def intervals_without_recording_pause(
    seconds: npt.NDArray[np.float64], *, is_of_messages: bool = False
) -> Intervals:
    """Return the stretches of rising times in which no step is a pause.

    Args:
        seconds: Rising times, seconds.
        is_of_messages: Whether they show only that a log was recording, and are no measured values.
    """
    if len(seconds) < 2:
        return NO_INTERVALS
    steps, bound_s = np.diff(seconds), MAX_STEP_S
    if is_of_messages:
        bound_s = min(max(bound_s, RHYTHM_STEPS * float(np.median(steps))), LONGEST_STEP_S)
    return join_touching_intervals(seconds[:-1], seconds[1:], steps <= bound_s)


def _event_and_media_capture_times_s(source: FlightSource) -> Iterator[npt.NDArray[np.float64]]:
    """Yield the times of events and captures of a flight, seconds since 1970 UTC."""
    if source.start is None or source.end is None or not source.alignment.is_aligned:
        return
    for table, columns in (("events", ("time",)), ("captures", ("start", "end"))):
        frame: pd.DataFrame = getattr(source.log, table)
        for column in columns:
            if not source.alignment.shifts_times:
                ns = unix_ns_of_times(frame[column])
                yield ns[(ns >= source.start.value) & (ns <= source.end.value)] / 1e9


def track_row_times_s(source: FlightSource) -> npt.NDArray[np.float64]:
    """Return the time of each row of the track; by the log's own clock where nothing aligns it."""
    own = source.log.local_times
    if own is not None and not source.alignment.is_aligned and len(own.track) == len(source.track):
        return unix_seconds_of_times(pd.Series(own.track))
    return unix_seconds_of_times(source.track["time"])


def _log_span_by_own_clock(source: FlightSource) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Return the stretch of a log that no clock aligns, by its own clock."""
    seconds = track_row_times_s(source)
    seconds = seconds[np.isfinite(seconds)]
    if not len(seconds):
        return None
    first, last = (
        pd.Timestamp(round(float(each) * 1e9), tz="UTC") for each in (seconds.min(), seconds.max())
    )
    return first, last


def _intervals_to_timestamp_pairs(
    intervals: Intervals,
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    for start, end in intervals.tolist():
        yield tuple(pd.Timestamp(round(each * 1e9), tz="UTC") for each in (start, end))  # type: ignore[misc]


def _reason_and_remedy_for_missing_facts(
    flight: Flight, facts: Sequence[str], subject: str
) -> tuple[str, str]:
    """Return why no log of a flight shows a fact, and what the unit can do about it."""
    could_not = f"{sentence_case(subject)} could not have been seen"
    if flight.captures["kind"].isin(facts).any():
        # Some are known, by what does not show that there were no more.
        could_not = f"Further {subject} could not have been seen"
    if flight.has_only_encrypted_logs:
        name = flight.log.source.name
        return ENCRYPTED_REASON, f"dji-audit keys request {name}"
    for source in flight.sources:
        for fact in facts:
            if fact in source.log.facts:
                return f"{could_not}: {source.log.facts[fact].not_understood}", ""
    declared = {
        fact_.fact: fact_
        for source in flight.sources
        if (format_ := format_by_name(source.log.source.format)) is not None
        for fact_ in format_.facts
    }
    possible = [declared[fact].basis for fact in facts if fact in declared]
    if possible:
        basis = " or ".join(dict.fromkeys(possible))
        logs = "log holds" if len(flight.logs) == 1 else "logs hold"
        return f"{could_not}: the {logs} no {basis}.", ""
    kinds = "this kind of log does" if len(flight.logs) == 1 else "these kinds of log do"
    return f"{could_not}: {kinds} not record them.", ""


def _unobserved_share_reason(subject: str, share: float, missing: Intervals) -> str:
    """Return what was not observed, a sentence; empty: everything was."""
    if not len(missing):
        return ""
    text = f"{sentence_case(subject)}: recorded for {percent_text(share)} of the time in the air"
    lengths = missing[:, 1] - missing[:, 0]
    longest = int(np.argmax(lengths))
    if lengths[longest] <= _EDGE_S:
        return f"{text}."
    moment = pd.Timestamp(round(float(missing[longest, 0]) * 1e9), tz="UTC")
    return f"{text}; nothing for {lengths[longest]:.0f} s from {moment:%H:%M:%S} UTC on."
