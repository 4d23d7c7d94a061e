"""Media to flights: each camera's clock is read where a file says UTC, and lent to the others.

Strongest first: UTC in the file; a file of the same capture, or of the same camera, that
states UTC beside its wall clock; the path of subtitles laid on that of the flight; a zone
that the user declares.  Where two ways differ the one that fits the flight is used, and
the other is kept as a clue for a reviewer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights._model import Match, Rival
from dji_audit.flights.join._camera_clock import CameraClock, camera_clocks, lent
from dji_audit.flights.join._local_time import declared_ahead_s, place_wall, say_zone, zone_of
from dji_audit.flights.join._log_summary import Digest
from dji_audit.flights.join._match_score import LEAST, MARGIN, fits, match, same_serial
from dji_audit.flights.join._plan import Clue, Member, Seed, alone
from dji_audit.flights.join._source_priority import precedence
from dji_audit.flights.join._spatial_index import Index
from dji_audit.flights.join._untimed_tracks import place_way

#: A clock that states no error is known within so many seconds.
_UNSURE_S = 1.0
#: A recording may begin so long before a log does, or end after it.
_AROUND_S = 60.0
#: Two ways to place a clock that differ by more than their errors and this do not agree.
APART_S = 2.0


@dataclass(frozen=True, slots=True)
class _Place:
    """A way to place a media file: the offset, how it was found, the flight it fits."""

    placing: Placing
    log: int | None
    seed: Seed | None
    match: Match | None
    rivals: tuple[Rival, ...] = ()


def join_media(
    media: Sequence[Digest], index: Index, seeds: list[Seed], zone: str | None
) -> tuple[Member, ...]:
    """Join media to flights, and begin flights of those that tell a path and fit none.

    Returns:
        The parts that are in no flight.
    """
    clocks = camera_clocks(media)
    joined: dict[str, list[Seed]] = defaultdict(list)
    left: list[tuple[Digest, _Place | None]] = []
    for digest in media:
        best = _settled(digest, clocks, index, zone)
        if best is not None and best[0].seed is not None:
            _take(best[0].seed, digest, best[0], best[1])
            joined[digest.capture_name].append(best[0].seed)
        else:
            left.append((digest, best[0] if best is not None else None))
    return _leftovers(left, joined, index, seeds)


def _settled(
    digest: Digest, clocks: dict[str, CameraClock], index: Index, zone: str | None
) -> tuple[_Place, tuple[Clue, ...]] | None:
    """Return how a media file is placed, and the other ways that there were."""
    places = list(_places(digest, clocks, index, zone))
    if not places:
        return None
    best = next((place for place in places if place.seed is not None), places[0])
    others: list[_Place] = []
    for place in places:
        # Ways that agree with one another are one way: the strongest of them is told.
        if (
            place is not best
            and place.placing.placed
            and not any(_agree(place, it) for it in others)
        ):
            others.append(place)
    return best, tuple(
        Clue(
            other.placing.method,
            other.placing.offset_s or 0.0,
            other.placing.uncertainty_s or 0.0,
            other.placing.reason,
            other.log,
        )
        for other in others
    )


def _agree(one: _Place, other: _Place) -> bool:
    apart = abs((one.placing.offset_s or 0.0) - (other.placing.offset_s or 0.0))
    unsure = (one.placing.uncertainty_s or 0.0) + (other.placing.uncertainty_s or 0.0)
    return apart <= unsure + APART_S


def _places(
    digest: Digest, clocks: dict[str, CameraClock], index: Index, zone: str | None
) -> Iterable[_Place]:
    """Yield the ways to place a media file, the strongest first."""
    if digest.kind == "utc":
        placing = Placing(digest.source, "utc", 0.0, digest.uncertainty_s, _stated_zone(digest))
        yield _fitted(digest, placing, None, index)
        return
    if digest.kind == "wall" and digest.start is not None:
        for placing, log in lent(digest, clocks):
            yield _fitted(digest, placing, log, index)
    if len(digest.path) > 1:
        placed = place_wall(digest, index.near(digest), None)
        if placed is not None and placed.rivals:
            why = "its path fits more than one flight alike"
            unplaced = Placing(digest.source, "unplaced", None, None, None, why)
            yield _Place(unplaced, None, None, placed.rivals[0].match, placed.rivals)
        elif placed is not None:
            member = placed.members[0]
            yield _Place(member.placing, None, placed.seeds[0], member.match)
    if digest.kind == "wall" and zone is not None and digest.start is not None:
        ahead = declared_ahead_s(digest.start, zone)
        why = f"the user declared {zone}: {say_zone(ahead)}"
        placing = Placing(digest.source, "declared", -ahead, None, ahead, why)
        yield _fitted(digest, placing, None, index)


def _stated_zone(digest: Digest) -> float | None:
    return None if digest.ahead_s is None else zone_of(digest.ahead_s)


def _fitted(digest: Digest, placing: Placing, log: int | None, index: Index) -> _Place:
    """Return a way to place a media file with the flight that it fits, if one does."""
    offset = placing.offset_s or 0.0
    within = _UNSURE_S if placing.uncertainty_s is None else placing.uncertainty_s
    found = [
        (match(digest, seed.digest, offset - (seed.offset_s or 0.0), within_s=within), seed)
        for seed in index.met(digest, offset)
        if _while(digest, seed, offset)
    ]
    good = [(how, seed) for how, seed in found if _belongs(digest, seed, how)]
    good.sort(key=lambda item: (-item[0].score, item[1].digest.id))
    if not good:
        return _Place(placing, log, None, None)
    best, seed = good[0]
    rivals = tuple(
        Rival(other.digest.id, how) for how, other in good[1:] if best.score - how.score < MARGIN
    )
    return _Place(placing, log, None if rivals else seed, best, rivals)


def _while(digest: Digest, seed: Seed, offset_s: float) -> bool:
    """Return whether a recording lies in the time of a flight, or a minute around it."""
    if digest.start is None or digest.end is None or seed.start is None or seed.end is None:
        return False
    start, end = digest.start + offset_s, digest.end + offset_s
    return start <= seed.end + _AROUND_S and end >= seed.start - _AROUND_S


def _belongs(digest: Digest, seed: Seed, how: Match) -> bool:
    """Return whether a media file belongs to a flight that it was made during.

    One that says neither where it was made nor by which aircraft belongs to the flight
    of its time, if there was but one.
    """
    if how.distance_m is None and same_serial(digest, seed.digest) is None:
        return how.score >= LEAST
    return fits(how, digest, seed.digest)


def _take(seed: Seed, digest: Digest, place: _Place, clues: tuple[Clue, ...]) -> None:
    seed.join(
        digest,
        Member(digest.log, digest.number, digest.id, place.placing, place.match, clues=clues),
    )


def _leftovers(
    left: Sequence[tuple[Digest, _Place | None]],
    joined: dict[str, list[Seed]],
    index: Index,
    seeds: list[Seed],
) -> tuple[Member, ...]:
    """Let the files of one capture stay together, and begin flights of those with a path.

    A file that says neither when nor where follows the others of its capture.
    """
    unjoined: list[Member] = []
    for digest, place in sorted(left, key=lambda item: _begins(item[0])):
        kin = joined[digest.capture_name]
        if len(kin) == 1 and place is None:
            why = "another file of the same capture tells when"
            placing = Placing(digest.source, "unplaced", None, None, None, why)
            kin[0].join(digest, Member(digest.log, digest.number, digest.id, placing))
        elif len(kin) == 1 and place is not None and kin[0].digest.media and place.placing.placed:
            _take(kin[0], digest, place, ())
        elif len(digest.path) > 1:
            seed = alone(digest)
            if place is not None and place.placing.placed:
                seed.offset_s = place.placing.offset_s
                seed.members[0] = replace(seed.members[0], placing=place.placing)
            if place is not None and place.rivals:
                seed.members[0] = replace(seed.members[0], rivals=place.rivals)
            seeds.append(seed)
            joined[digest.capture_name].append(seed)
        elif len(digest.way) > 1:
            home, member = place_way(digest, index)
            if home is not None:
                home.join(digest, member)
            else:
                unjoined.append(member)
        else:
            unjoined.append(_unjoined(digest, place))
    return tuple(unjoined)


def _begins(digest: Digest) -> tuple[object, ...]:
    return (len(digest.path) < 2, precedence(digest))


def _unjoined(digest: Digest, place: _Place | None) -> Member:
    if place is not None:
        rivals = place.rivals
        why = "it fits more than one flight alike" if rivals else "it fits no flight"
        placing = place.placing
        reason = f"{placing.reason}; {why}" if placing.reason else why
        placing = replace(placing, reason=reason)
        return Member(digest.log, digest.number, digest.id, placing, place.match, rivals)
    why = "nothing says which zone its clock is of" if digest.kind == "wall" else "it says no time"
    placing = Placing(digest.source, "unplaced", None, None, None, why)
    return Member(digest.log, digest.number, digest.id, placing)
