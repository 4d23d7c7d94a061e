"""A flight before its logs are merged: which parts of which logs, and how each is placed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights._model import Match, Rival
from dji_audit.flights.join._log_summary import Digest


@dataclass(frozen=True, slots=True)
class Clue:
    """Another way to place a clock, which need not agree with the one that was used."""

    method: str
    offset_s: float
    uncertainty_s: float
    reason: str
    #: Which log gives the clue; ``None``: none but the one placed.
    log: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One part of one log in a flight."""

    log: int
    number: int
    id: str
    placing: Placing
    match: Match | None = None
    rivals: tuple[Rival, ...] = ()
    #: Log and part whose records it repeats.
    copy_of: tuple[int, int] | None = None
    clues: tuple[Clue, ...] = ()
    #: Of a log that tells of several flights without saying where each ends: the
    #: seconds, by the log's own clock, from and until which rows belong to this one.
    window: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that shows only across flights: a gap in numbers that count up."""

    #: ``log_number`` or ``media_number``.
    kind: str
    text: str
    #: Which log shows it.
    log: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One flight: its members, the first of which gives the track."""

    members: tuple[Member, ...]
    notes: tuple[Note, ...] = ()

    @property
    def id(self) -> str:
        """The id of the flight: that of its first part."""
        return self.members[0].id

    @property
    def logs(self) -> tuple[int, ...]:
        """Which logs are needed to merge it, the first first, each once."""
        return tuple(dict.fromkeys(member.log for member in self.members))


@dataclass(frozen=True, slots=True)
class Joining:
    """What came of joining logs: flights, and what belongs to none."""

    plans: tuple[Plan, ...]
    #: Parts that are no flight by themselves and joined none, each with its placing.
    unjoined: tuple[Member, ...]


@dataclass(slots=True)
class Seed:
    """A flight that grows while logs are joined: its first part, and who joined so far."""

    digest: Digest
    #: Seconds added to the digest's own clock to give UTC; ``None``: it has no place in time.
    offset_s: float | None
    members: list[Member] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)

    @property
    def start(self) -> float | None:
        """First instant, UTC."""
        if self.digest.start is None or self.offset_s is None:
            return None
        return self.digest.start + self.offset_s

    @property
    def end(self) -> float | None:
        """Last instant, UTC."""
        if self.digest.end is None or self.offset_s is None:
            return None
        return self.digest.end + self.offset_s

    def join(self, digest: Digest, member: Member) -> None:
        """Take in a part."""
        self.digests.append(digest)
        self.members.append(member)


def alone(digest: Digest, rivals: tuple[Rival, ...] = ()) -> Seed:
    """Return a flight that one part begins, by its own clock.

    Args:
        digest: The part.
        rivals: Flights that it fits alike, and so joined none of.
    """
    timed = digest.kind == "utc"
    source, uncertainty = digest.source, digest.uncertainty_s
    if timed:
        placing = Placing(source, "reference", 0.0, uncertainty)
    else:
        why = "it fits more than one flight alike" if rivals else _why_alone(digest)
        placing = Placing(source, "unplaced", None, None, None, why)
    member = Member(digest.log, digest.number, digest.id, placing, rivals=rivals)
    return Seed(digest, 0.0 if timed else None, [member], [digest])


def _why_alone(digest: Digest) -> str:
    """Return why a log without UTC was not placed."""
    if digest.kind == "none":
        return "it has no clock"
    return "no log with UTC tells of its flight"


def windows(
    seeds: Sequence[Seed], offsets: Sequence[float]
) -> list[tuple[float | None, float | None]] | None:
    """Return from and until when a log that spans several flights tells of each.

    By the log's own clock, so that each of its rows is in one flight, whatever is then
    found out about its clock in each.

    Args:
        seeds: The flights.
        offsets: Seconds added to the log's clock to give that of each flight.

    Returns:
        ``None`` if two of the flights lie in one time, and which it tells of is not known.
    """
    order = sorted(range(len(seeds)), key=lambda place: seeds[place].start or 0.0)
    edges: list[float | None] = [None]
    for before, after in pairwise(order):
        end = (seeds[before].end or 0.0) - offsets[before]
        start = (seeds[after].start or 0.0) - offsets[after]
        if end > start:
            return None
        edges.append((end + start) / 2)
    edges.append(None)
    out: list[tuple[float | None, float | None]] = [(None, None)] * len(seeds)
    for number, place in enumerate(order):
        out[place] = (edges[number], edges[number + 1])
    return out
