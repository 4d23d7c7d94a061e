"""The clock of a flight: that of its logs which is best known, and which all others are set to."""

from dataclasses import replace

from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights.join._plan import Clue, Member, Seed
from dji_audit.flights.join._source_priority import trust


def refer(seed: Seed) -> None:
    """Set the clocks of a flight's logs to the best of those that say UTC.

    While logs are joined, the first one's clock is the flight's; a ground station's,
    which somebody set, is not what photos and videos with UTC are to be laid beside.
    """
    stated = [
        place
        for place, digest in enumerate(seed.digests)
        if digest.kind == "utc" and not digest.media and seed.members[place].placing.placed
    ]
    if not stated or seed.offset_s is None:
        return
    best = min(stated, key=lambda place: (trust(seed.digests[place]), place))
    chosen = seed.members[best].placing
    shift = chosen.offset_s or 0.0
    seed.members = [
        _moved(member, shift, chosen, best=place == best)
        for place, member in enumerate(seed.members)
    ]
    seed.offset_s = 0.0 - shift


def _moved(member: Member, shift: float, chosen: Placing, *, best: bool) -> Member:
    placing = member.placing
    if best:
        placing = replace(placing, method="reference", offset_s=0.0, reason="")
    elif placing.offset_s is not None:
        moved = 0.0 + round(placing.offset_s - shift, 3)
        placing = replace(placing, offset_s=moved)
        if placing.method == "reference":
            placing = _no_reference(placing, moved, chosen)
    return replace(
        member,
        placing=placing,
        clues=tuple(_clue(clue, shift) for clue in member.clues),
    )


def _no_reference(placing: Placing, moved: float, chosen: Placing) -> Placing:
    """Return how the clock is placed that was the flight's until a better one was found."""
    if not moved:
        return replace(placing, method="utc")
    why = f"its path fits that of the flight if its clock is {-moved:+.1f} s off"
    return replace(placing, method="path", uncertainty_s=chosen.uncertainty_s, reason=why)


def _clue(clue: Clue, shift: float) -> Clue:
    return replace(clue, offset_s=clue.offset_s - shift)
