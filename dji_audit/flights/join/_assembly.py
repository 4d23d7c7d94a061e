"""A flight before its logs are merged: which parts of which logs, and how each is placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dji_audit.flights._model import AlternativeFlight, LogMatch
from dji_audit.flights.clock._clock_alignment import ClockAlignment
from dji_audit.flights.join._log_summary import LogSummary


@dataclass(frozen=True, slots=True)
class AlternativeAlignment:
    """Another way to place a clock, which need not agree with the one that was used."""

    method: str
    offset_s: float
    uncertainty_s: float
    reason: str
    #: Which log gives the alternative; ``None``: none but the one placed.
    log_index: int | None


@dataclass(frozen=True, slots=True)
class FlightMember:
    """One part of one log in a flight."""

    log_index: int
    segment_number: int
    segment_id: str
    alignment: ClockAlignment
    match: LogMatch | None = None
    alternative_flights: tuple[AlternativeFlight, ...] = ()
    #: Log and part whose records it repeats.
    copy_of: tuple[int, int] | None = None
    alternative_alignments: tuple[AlternativeAlignment, ...] = ()
    #: Of a log that tells of several flights without saying where each ends: the
    #: seconds, by the log's own clock, from and until which rows belong to this one.
    window: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class NumberGap:
    """Something that shows only across flights: a gap in numbers that count up."""

    #: ``log_number`` or ``media_number``.
    kind: str
    text: str
    #: Which log shows it.
    log_index: int


@dataclass(frozen=True, slots=True)
class FlightAssembly:
    """One flight: its members, the first of which gives the track."""

    members: tuple[FlightMember, ...]
    number_gaps: tuple[NumberGap, ...] = ()

    @property
    def id(self) -> str:
        """The id of the flight: that of its first part."""
        return self.members[0].segment_id

    @property
    def log_indices(self) -> tuple[int, ...]:
        """Which logs are needed to merge it, the first first, each once."""
        return tuple(dict.fromkeys(member.log_index for member in self.members))


@dataclass(frozen=True, slots=True)
class JoinResult:
    """What came of joining logs: flights, and what belongs to none."""

    assemblies: tuple[FlightAssembly, ...]
    #: Parts that are no flight by themselves and joined none, each with its alignment.
    unjoined: tuple[FlightMember, ...]


@dataclass(slots=True)
class FlightCandidate:
    """A flight that grows while logs are joined: its first part, and who joined so far."""

    summary: LogSummary
    #: Seconds added to the summary's own clock to give UTC; ``None``: it has no place in time.
    offset_s: float | None
    members: list[FlightMember] = field(default_factory=list)
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

    def add(self, summary: LogSummary, member: FlightMember) -> None:
        """Take in a part."""
        self.summaries.append(summary)
        self.members.append(member)


def member_of(
    summary: LogSummary,
    alignment: ClockAlignment,
    match: LogMatch | None = None,
    alternative_flights: tuple[AlternativeFlight, ...] = (),
    *,
    alternative_alignments: tuple[AlternativeAlignment, ...] = (),
    copy_of: tuple[int, int] | None = None,
    window: tuple[float | None, float | None] = (None, None),
) -> FlightMember:
    """Return a part of a log as a member of a flight."""
    return FlightMember(
        summary.log_index, summary.segment_number, summary.id, alignment, match,
        alternative_flights, copy_of, alternative_alignments, window,
    )  # fmt: skip


def unaligned(summary: LogSummary, reason: str) -> ClockAlignment:
    """Return the alignment of a clock that could not be aligned, with the reason."""
    return ClockAlignment(summary.clock_source, "unaligned", None, None, None, reason)


def start_candidate(
    summary: LogSummary, alternative_flights: tuple[AlternativeFlight, ...] = ()
) -> FlightCandidate:
    """Return a flight that one part begins, by its own clock.

    Args:
        summary: The part.
        alternatives: Flights that it fits alike, and so joined none of.
    """
    timed = summary.clock_kind == "utc"
    source, uncertainty = summary.clock_source, summary.uncertainty_s
    if timed:
        alignment = ClockAlignment(source, "reference", 0.0, uncertainty)
    else:
        why = (
            "it matches more than one flight equally well"
            if alternative_flights
            else _unaligned_reason(summary)
        )
        alignment = ClockAlignment(source, "unaligned", None, None, None, why)
    member = FlightMember(
        summary.log_index,
        summary.segment_number,
        summary.id,
        alignment,
        alternative_flights=alternative_flights,
    )
    return FlightCandidate(summary, 0.0 if timed else None, [member], [summary])


def _unaligned_reason(summary: LogSummary) -> str:
    """Return why a log without UTC was not placed."""
    if summary.clock_kind == "none":
        return "it has no clock"
    return "no log with UTC covers its flight"


def time_windows(
    candidates: Sequence[FlightCandidate], offsets: Sequence[float]
) -> list[tuple[float | None, float | None]] | None:
    """Return from and until when a log that spans several flights tells of each.

    By the log's own clock, so that each of its rows is in one flight, whatever is then
    found out about its clock in each.

    Args:
        candidates: The flights.
        offsets: Seconds added to the log's clock to give that of each flight.

    Returns:
        ``None`` if two of the flights lie in one time, and which it tells of is not known.
    """
    order = sorted(range(len(candidates)), key=lambda place: candidates[place].start or 0.0)
    edges: list[float | None] = [None]
    for before, after in pairwise(order):
        end = (candidates[before].end or 0.0) - offsets[before]
        start = (candidates[after].start or 0.0) - offsets[after]
        if end > start:
            return None
        edges.append((end + start) / 2)
    edges.append(None)
    out: list[tuple[float | None, float | None]] = [(None, None)] * len(candidates)
    for number, place in enumerate(order):
        out[place] = (edges[number], edges[number + 1])
    return out
