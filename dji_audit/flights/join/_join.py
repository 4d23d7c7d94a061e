"""Digests to flights: the records of flights first, then exports, then media."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights._model import Match, Rival
from dji_audit.flights.clock._track_alignment import TRIED, Fit, lay
from dji_audit.flights.join._join_media import join_media
from dji_audit.flights.join._local_time import place_wall
from dji_audit.flights.join._log_summary import Digest
from dji_audit.flights.join._match_score import MARGIN, fits, match, same_serial
from dji_audit.flights.join._plan import Joining, Member, Plan, Seed, alone, windows
from dji_audit.flights.join._reference_clock import refer
from dji_audit.flights.join._sequence_gaps import notes
from dji_audit.flights.join._source_priority import first_of, precedence
from dji_audit.flights.join._spatial_index import SLACK_S, Index
from dji_audit.flights.join._untimed_tracks import place_way

#: Seconds between two offsets that are tried where both clocks are UTC.
_STEP_S = 2.0
_NO_WINDOW = (None, None)


@dataclass(frozen=True, slots=True)
class _Found:
    """A flight that a log fits, how well, and how its path lies there."""

    seed: Seed
    match: Match
    fit: Fit | None


def join(digests: Sequence[Digest], zone: str | None = None) -> Joining:
    """Return which parts of logs tell of one flight.

    Every part is in exactly one flight, or in several if it spans them, or unjoined;
    none is lost.  The same digests in any order give the same flights.

    Args:
        digests: Of every part of every log.
        zone: IANA zone that the user declares for wall clocks of no known zone.
    """
    ordered = sorted(digests, key=precedence)
    copies, originals = _copies([one for one in ordered if not one.media])
    index, seeds = Index(), list[Seed]()
    ways = [digest for digest in originals if len(digest.way)]
    for digest in originals:
        if len(digest.way):
            continue
        rivals: tuple[Rival, ...] = ()
        if digest.kind == "utc":
            joined, rivals = _join_timed(digest, index.met(digest, 0.0))
        else:
            placed = place_wall(digest, index.near(digest), zone)
            joined = placed is not None and not placed.rivals
            if placed is not None:
                rivals = placed.rivals
                for one, member in zip(placed.seeds, placed.members, strict=True):
                    one.join(digest, member)
        if not joined:
            seed = alone(digest, rivals)
            seeds.append(seed)
            index.add(seed)
    for digest in ways:
        # Last, for only now every flight is known.
        home, member = place_way(digest, index)
        if home is not None:
            home.join(digest, member)
        else:
            seeds.append(Seed(digest, None, [member], [digest]))
    for seed in seeds:
        refer(seed)
    _join_copies(copies, seeds)
    media = [one for one in ordered if one.media]
    unjoined = join_media(media, index, seeds, zone)
    told = notes(seeds)
    plans = [
        Plan(
            tuple(seed.members[place] for place in first_of(seed.digests, _spanning(seed))),
            told.get(seed.members[0].id, ()),
        )
        for seed in seeds
    ]
    return Joining(tuple(sorted(plans, key=lambda plan: _order(plan.members[0]))), unjoined)


def _spanning(seed: Seed) -> frozenset[int]:
    """Return the places of the logs that tell of other flights without saying where each ends."""
    return frozenset(
        place for place, member in enumerate(seed.members) if member.window != _NO_WINDOW
    )


def _order(member: Member) -> tuple[int, int]:
    return (member.log, member.number)


def _copies(
    digests: Iterable[Digest],
) -> tuple[list[tuple[Digest, Digest]], list[Digest]]:
    """Part logs into copies, each with its original, and originals.

    The records of a copy are the same to the byte, and so are start and serial numbers;
    what an app added around them may differ.
    """
    first: dict[tuple[object, ...], Digest] = {}
    copies, originals = [], []
    for digest in digests:
        key = (digest.records_sha256, digest.number, digest.start, digest.serials)
        if digest.records_sha256 is None or first.setdefault(key, digest) is digest:
            originals.append(digest)
        else:
            copies.append((digest, first[key]))
    return copies, originals


def _join_copies(copies: Sequence[tuple[Digest, Digest]], seeds: Sequence[Seed]) -> None:
    """Let each copy tell of the flights that its original tells of."""
    if not copies:
        return
    homes: dict[tuple[int, int], list[tuple[Seed, Member]]] = {}
    for seed in seeds:
        for member in seed.members:
            homes.setdefault(_order(member), []).append((seed, member))
    for digest, original in copies:
        for seed, member in homes[original.log, original.number]:
            why = f"the bytes of its records are those of {original.name}"
            placing = replace(member.placing, method="copy", reason=why)
            how = Match(same_serial(digest, original), 1.0, None, None, 1.0)
            copy = Member(
                digest.log, digest.number, digest.id, placing, how,
                copy_of=_order(member), window=member.window,
            )  # fmt: skip
            seed.join(digest, copy)


def _join_timed(digest: Digest, candidates: Sequence[Seed]) -> tuple[bool, tuple[Rival, ...]]:
    """Join a log whose clock is UTC to the flight it fits, or to all that it spans.

    Returns:
        Whether it joined; if not, the flights that it fits alike.
    """
    found = [one for one in (_try(digest, seed) for seed in candidates) if one is not None]
    if not found:
        return False, ()
    found.sort(key=lambda one: (-one.match.score, one.seed.digest.id))
    alike = [one for one in found if found[0].match.score - one.match.score < MARGIN]
    placings = [_placing(digest, one.fit) for one in alike]
    edges = windows([one.seed for one in alike], [placing.offset_s or 0.0 for placing in placings])
    if edges is None:
        return False, tuple(Rival(one.seed.digest.id, one.match) for one in alike)
    for one, placing, window in zip(alike, placings, edges, strict=True):
        member = Member(digest.log, digest.number, digest.id, placing, one.match, window=window)
        one.seed.join(digest, member)
    return True, ()


def _try(digest: Digest, seed: Seed) -> _Found | None:
    fit = _laid(digest, seed.digest)
    offset = fit.offset_s if fit is not None else 0.0
    how = match(digest, seed.digest, offset, fit.distance_m if fit is not None else None)
    return _Found(seed, how, fit) if fits(how, digest, seed.digest) else None


def _laid(digest: Digest, reference: Digest) -> Fit | None:
    """Return the path of a log laid on another, both of UTC; ``None``: paths tell nothing."""
    offsets = np.arange(-SLACK_S, SLACK_S + _STEP_S, _STEP_S)
    fit = lay(digest.path, reference.path, offsets, TRIED)
    return fit if fit is not None and fit.moving else None


def _placing(digest: Digest, fit: Fit | None) -> Placing:
    """Return how a clock that says UTC is placed: as it is, unless the path shows it is off."""
    source, uncertainty = digest.source, digest.uncertainty_s
    if fit is None or abs(fit.offset_s) <= (uncertainty or 0.0) + fit.uncertainty_s + 1.0:
        return Placing(source, "utc", 0.0, uncertainty)
    why = f"its path fits that of the flight if its clock is {-fit.offset_s:+.1f} s off"
    return Placing(source, "path", fit.offset_s, fit.uncertainty_s, None, why)
