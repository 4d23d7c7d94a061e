"""A flight before its logs are merged: which parts of which logs, and how each clock is aligned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import parsers
from dji_audit.flights._model import (
    AlternativeFlight,
    FlightNearInTime,
    LogToFlightMatch,
    NearbyAircraft,
)
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.join._log_summary import LogSummary


@dataclass(frozen=True, slots=True)
class AlternativeAlignment:
    """Another alignment of a clock, which may differ from the one that was used."""

    method: str
    offset_s: float
    uncertainty_s: float
    reason: str
    #: Of the log that shows it; ``None``: the aligned log itself, or the user.
    log_index: int | None


@dataclass(frozen=True, slots=True)
class LogPartInFlight:
    """One part of one log in a flight."""

    log_index: int
    segment_number: int
    segment_id: str
    alignment: ClockAlignment
    match: LogToFlightMatch | None = None
    alternative_flights: tuple[AlternativeFlight, ...] = ()
    #: Index of the log and number of the part of which it is a copy.
    copy_of: tuple[int, int] | None = None
    alternative_alignments: tuple[AlternativeAlignment, ...] = ()
    #: Of a log that spans several flights without showing where each ends: the seconds,
    #: by the log's own clock, from which and until which its rows belong to this one.
    window: tuple[float | None, float | None] = (None, None)
    #: Index of the log and number of the part whose recording it is a further file of.
    next_file_of: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNumberGap:
    """A gap in numbers that count up from flight to flight, or from file to file."""

    #: Of the log that shows it.
    log_index: int
    #: ``log_number`` or ``media_number``.
    kind: Literal["log_number", "media_number"]
    text: str


@dataclass(frozen=True, slots=True)
class LifetimeTotalsOfFollowingLog:
    """What the next log of a vehicle states of its life, to compare with the log before it."""

    #: Of the log before it.
    log_index: int
    #: The next log.
    name: str
    sha256: str
    start: float
    totals: tuple[parsers.LifetimeTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledFlight:
    """One flight: its members, the first of which gives the track."""

    members: tuple[LogPartInFlight, ...]
    number_gaps: tuple[FileNumberGap, ...] = ()
    following_totals: tuple[LifetimeTotalsOfFollowingLog, ...] = ()
    nearby_aircraft: tuple[NearbyAircraft, ...] = ()
    flights_near_in_time: tuple[FlightNearInTime, ...] = ()

    @property
    def id(self) -> str:
        """The id of the flight: that of its first part."""
        return self.members[0].segment_id

    @property
    def log_indices(self) -> tuple[int, ...]:
        """The logs that are needed to merge it, the one of the track first, each once."""
        return tuple(dict.fromkeys(member.log_index for member in self.members))


@dataclass(frozen=True, slots=True)
class AssembledFlightsAndUnjoinedLogParts:
    """The flights that logs were joined to, and the parts of logs that are in none."""

    assemblies: tuple[AssembledFlight, ...]
    #: Parts that are no flight by themselves and joined none, each with its alignment.
    unjoined: tuple[LogPartInFlight, ...]


@dataclass(slots=True)
class FlightCandidate:
    """A flight while logs are joined: its first part, and the parts that joined it so far."""

    summary: LogSummary
    #: Seconds added to the summary's own clock to give UTC; ``None``: its time is not known.
    offset_s: float | None
    members: list[LogPartInFlight] = field(default_factory=list)
    summaries: list[LogSummary] = field(default_factory=list)

    @property
    def start(self) -> float | None:
        """First instant, UTC."""
        if self.summary.start is None or self.offset_s is None:
            return None
        return self.summary.start + self.offset_s

    @property
    def end(self) -> float | None:
        """Last instant, UTC."""
        if self.summary.end is None or self.offset_s is None:
            return None
        return self.summary.end + self.offset_s

    def add_log_segment(self, summary: LogSummary, member: LogPartInFlight) -> None:
        """Add a part."""
        self.summaries.append(summary)
        self.members.append(member)


def log_part_in_flight(
    summary: LogSummary,
    alignment: ClockAlignment,
    match: LogToFlightMatch | None = None,
    alternative_flights: tuple[AlternativeFlight, ...] = (),
    *,
    alternative_alignments: tuple[AlternativeAlignment, ...] = (),
    copy_of: tuple[int, int] | None = None,
    window: tuple[float | None, float | None] = (None, None),
) -> LogPartInFlight:
    """Return a part of a log as a member of a flight."""
    return LogPartInFlight(
        summary.log_index, summary.segment_number, summary.id, alignment, match,
        alternative_flights, copy_of, alternative_alignments, window,
    )  # fmt: skip


def alignment_of_unaligned_clock(summary: LogSummary, reason: str) -> ClockAlignment:
    """Return the alignment of a clock that could not be aligned, with the reason."""
    return ClockAlignment(summary.clock_source, "unaligned", None, None, None, reason)


def log_part_without_flight(summary: LogSummary) -> LogPartInFlight:
    """Return a part of a log in which nothing flew, with what it shows instead."""
    shown = summary.not_flown_because
    # What shows nothing does not show that it stayed on the ground.
    reason = shown if shown == parsers.NO_SIGN_OF_FLIGHT_OR_GROUND else f"did not fly: {shown}"
    return log_part_in_flight(summary, alignment_of_unaligned_clock(summary, reason))


def flight_candidate_from_log(
    summary: LogSummary,
    alternative_flights: tuple[AlternativeFlight, ...] = (),
    declared: ClockAlignment | None = None,
) -> FlightCandidate:
    """Return a flight that one part of a log starts, by its own clock.

    Args:
        summary: The part.
        alternative_flights: Flights that it matches equally well, so that it joined none.
        declared: Its alignment by a time zone that the user declared; ``None``: none is declared,
            or it does not apply.
    """
    if declared is not None and not alternative_flights:
        alignment = declared
    elif summary.clock_kind == "utc":
        alignment = ClockAlignment(summary.clock_source, "reference", 0.0, summary.uncertainty_s)
    elif alternative_flights:
        alignment = alignment_of_unaligned_clock(
            summary, "it matches more than one flight equally well"
        )
    elif summary.clock_kind == "none":
        alignment = alignment_of_unaligned_clock(summary, "it has no clock")
    else:
        alignment = alignment_of_unaligned_clock(summary, "no log with UTC covers its flight")
    member = log_part_in_flight(summary, alignment, alternative_flights=alternative_flights)
    return FlightCandidate(summary, alignment.offset_s, [member], [summary])


def time_windows_of_flights_in_one_log(
    candidates: Sequence[FlightCandidate], offsets: Sequence[float]
) -> list[tuple[float | None, float | None]] | None:
    """Return from when to when a log that spans several flights is of each.

    By the log's own clock, so that each of its rows is in one flight, however its clock is
    aligned in each later.

    Args:
        candidates: The flights.
        offsets: Seconds added to the log's clock to give that of each flight.

    Returns:
        ``None`` if two of the flights overlap in time, so that its rows cannot be divided.
    """
    order = sorted(range(len(candidates)), key=lambda row: candidates[row].start or 0.0)
    edges: list[float | None] = [None]
    for before, after in pairwise(order):
        end = (candidates[before].end or 0.0) - offsets[before]
        start = (candidates[after].start or 0.0) - offsets[after]
        if end > start:
            return None
        edges.append((end + start) / 2)
    edges.append(None)
    out: list[tuple[float | None, float | None]] = [(None, None)] * len(candidates)
    for row, window in zip(order, pairwise(edges), strict=True):
        out[row] = window
    return out
