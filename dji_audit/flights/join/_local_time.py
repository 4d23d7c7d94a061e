"""Local wall clocks and counts without a date, placed in time by the flights they fit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from dji_audit.flights._clock_alignment import Placing
from dji_audit.flights._model import Match, Rival
from dji_audit.flights.clock._track_alignment import TRIED, Fit, Floats, joined, lay
from dji_audit.flights.join._log_summary import Digest
from dji_audit.flights.join._match_score import MARGIN, fits, match, same_serial
from dji_audit.flights.join._plan import Member, Seed, windows

#: Zones are whole quarters of an hour, from 12 h behind UTC to 14 h ahead.
QUARTER_S = 900.0
ZONES_S = np.arange(-12 * 3600, 14 * 3600 + QUARTER_S, QUARTER_S)
#: How far a camera's or tablet's clock may be off, its zone apart.
_OFF_S = 120.0
_STEP_S = 2.0
#: Steps tried where nothing says when within a flight a recording was.
_MOST_STEPS = 4000
#: What two spans must share, as a part of what they cover together, and how well that places.
_LEAST_ALIKE, _SPAN_S = 0.75, 5.0
#: What a fit is worth that makes a wall clock one of no zone.
_NO_ZONE = 0.75


@dataclass(frozen=True, slots=True)
class Placed:
    """A log that found its flight, or the flights of one log that it spans.

    One that fits several alike has none, and these as rivals.
    """

    seeds: tuple[Seed, ...]
    members: tuple[Member, ...]
    rivals: tuple[Rival, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    seeds: tuple[Seed, ...]
    whole: Digest
    offset_s: float
    match: Match
    placing: Placing


def place_wall(digest: Digest, seeds: list[Seed], zone: str | None) -> Placed | None:
    """Return the flight that a log without UTC fits best, and how its clock is placed there.

    Args:
        digest: The log.
        seeds: The flights to try.
        zone: IANA zone that the user declares for wall clocks.

    Returns:
        ``None`` if it fits none.
    """
    found = [one for group in _of_one_log(seeds) for one in _candidates(digest, group, zone)]
    found = [one for one in found if fits(one.match, digest, one.whole)]
    if not found:
        return None
    found.sort(key=lambda one: (-one.match.score, one.match.distance_m or 0.0, one.whole.id))
    best = found[0]
    others = [
        one
        for one in found[1:]
        if one.seeds is not best.seeds and best.match.score - one.match.score < MARGIN
    ]
    if others:
        alike = {one.whole.id: one.match for one in reversed([best, *others])}
        return Placed((), (), tuple(Rival(id_, alike[id_]) for id_ in sorted(alike)))
    start = (digest.start or 0.0) + best.offset_s
    end = (digest.end or 0.0) + best.offset_s
    told = [seed for seed in best.seeds if _meets(seed, start, end)] or list(best.seeds[:1])
    edges = windows(told, [best.offset_s] * len(told)) or [(None, None)] * len(told)
    members = tuple(
        Member(digest.log, digest.number, digest.id, best.placing, best.match, window=window)
        for window in edges
    )
    return Placed(tuple(told), members)


def _of_one_log(seeds: Iterable[Seed]) -> list[tuple[Seed, ...]]:
    """Return flights by the log that began them: one that spans several is laid on all at once."""
    groups: dict[int, list[Seed]] = defaultdict(list)
    for seed in seeds:
        groups[seed.digest.log].append(seed)
    return [
        tuple(sorted(groups[log], key=lambda seed: seed.digest.number)) for log in sorted(groups)
    ]


def _whole(seeds: tuple[Seed, ...]) -> Digest:
    """Return the flights of one log as one, on their own clock."""
    first = seeds[0].digest
    if len(seeds) == 1 and not seeds[0].offset_s:
        return first
    starts = [seed.start for seed in seeds if seed.start is not None]
    ends = [seed.end for seed in seeds if seed.end is not None]
    return replace(
        first,
        start=min(starts, default=None),
        end=max(ends, default=None),
        path=joined([seed.digest.path.moved(seed.offset_s or 0.0) for seed in seeds]),
    )


def _meets(seed: Seed, start: float, end: float) -> bool:
    if seed.start is None or seed.end is None:
        return False
    return start < seed.end and end > seed.start


def zone_of(ahead_s: float) -> float | None:
    """Return the zone of a clock so many seconds ahead of UTC; ``None``: none has that."""
    zone = round(ahead_s / QUARTER_S) * QUARTER_S
    inside = ZONES_S[0] <= zone <= ZONES_S[-1]
    return zone if inside and abs(ahead_s - zone) <= _OFF_S else None


def say_zone(zone_s: float) -> str:
    """Return a zone in words, as UTC+01:00."""
    minutes = round(abs(zone_s) / 60)
    return f"UTC{'-' if zone_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def declared_ahead_s(wall: float, zone: str) -> float:
    """Return how far the clock of a zone is ahead of UTC at an instant by that clock."""
    naive = datetime.fromtimestamp(wall, UTC).replace(tzinfo=None)
    offset = naive.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _candidates(digest: Digest, seeds: tuple[Seed, ...], zone: str | None) -> list[_Candidate]:
    if seeds[0].offset_s is None or digest.start is None or digest.end is None:
        return []
    whole = _whole(seeds)
    fit = _by_path(digest, whole)
    if fit is None:
        return [
            _Candidate(seeds, whole, offset, found, placing)
            for offset, found, placing in _by_span(digest, whole, zone)
        ]
    found = match(digest, whole, fit.offset_s, fit.distance_m)
    placing = _placing_by_path(digest, fit)
    if digest.kind == "wall" and placing.zone_s is None:
        # A clock set to no zone there is may be: it is less likely than one that is right.
        found = replace(found, score=round(_NO_ZONE * found.score, 3))
    return [_Candidate(seeds, whole, fit.offset_s, found, placing)]


def _by_path(digest: Digest, whole: Digest) -> Fit | None:
    """Lay a path on that of a flight: at the zones first, and anywhere if none of them fits."""
    one, other = digest.path, whole.path
    if len(one) < 2 or len(other) < 2:
        return None
    fit = None
    if digest.kind == "wall":
        fit = _best(lay(one, other, offsets, TRIED) for offsets in _zone_offsets(digest, whole))
        if fit is not None and fit.moving:
            return fit
        if not same_serial(digest, whole):
            return None
    first, last = other.start - one.end, other.end - one.start
    step = max(_STEP_S, (last - first) / _MOST_STEPS)
    anywhere = lay(one, other, np.arange(first, last + step, step), TRIED)
    if anywhere is not None and anywhere.moving and anywhere.uncertainty_s <= _OFF_S:
        return anywhere
    return None


def _zone_offsets(digest: Digest, whole: Digest) -> list[Floats]:
    """Return for each zone in which a log would meet a flight the offsets to try."""
    if digest.start is None or digest.end is None or whole.start is None or whole.end is None:
        return []
    fine = np.arange(-_OFF_S, _OFF_S + _STEP_S, _STEP_S)
    return [
        fine - zone
        for zone in ZONES_S.tolist()
        if digest.start - zone <= whole.end + _OFF_S and digest.end - zone >= whole.start - _OFF_S
    ]


def _best(found: Iterable[Fit | None]) -> Fit | None:
    known = [fit for fit in found if fit is not None]
    return min(known, key=lambda fit: fit.distance_m) if known else None


def _placing_by_path(digest: Digest, fit: Fit) -> Placing:
    """Return how a clock is placed by its path, and the zone if it is one."""
    if digest.kind != "wall":
        why = "it counts without a date: its path was laid on that of the flight wherever it fits"
        return Placing(digest.source, "path", fit.offset_s, fit.uncertainty_s, None, why)
    zone = zone_of(-fit.offset_s)
    if zone is None:
        why = f"its path fits {-fit.offset_s:.0f} s from UTC, which is no zone"
        return Placing(digest.source, "path", fit.offset_s, fit.uncertainty_s, None, why)
    off = -fit.offset_s - zone
    how = f"{abs(off):.1f} s {'fast' if off > 0 else 'slow'}" if abs(off) >= 1 else "right"
    why = f"its path fits that of the flight if its clock is {say_zone(zone)} and {how}"
    return Placing(digest.source, "path", fit.offset_s, fit.uncertainty_s, zone, why)


def _by_span(
    digest: Digest, whole: Digest, zone: str | None
) -> Iterator[tuple[float, Match, Placing]]:
    """Lay beginning and end on those of a flight, at each zone; only a serial number makes it."""
    if digest.kind != "wall" or digest.start is None:
        return
    if zone is None and not same_serial(digest, whole):
        return
    zones = ZONES_S.tolist()
    if zone is not None:
        zones = [declared_ahead_s(digest.start, zone)]
    for ahead in zones:
        alike = _alike(digest, whole, ahead)
        if alike < _LEAST_ALIKE:
            continue
        method = "span" if zone is None else "declared"
        why = f"it begins and ends with the flight if its clock is {say_zone(ahead)}"
        if zone is not None:
            why = f"the user declared {zone}: {say_zone(ahead)}"
        placing = Placing(digest.source, method, 0.0 - ahead, _SPAN_S, ahead, why)
        found = match(digest, whole, -ahead)
        # Of spans that both lie within one another, that which is more the same fits better.
        found = replace(found, overlap=round(alike, 3), score=round(found.score * alike, 3))
        yield 0.0 - ahead, found, placing


def _alike(digest: Digest, whole: Digest, ahead_s: float) -> float:
    """Return what two spans share, as a part of what they cover together."""
    if digest.start is None or digest.end is None or whole.start is None or whole.end is None:
        return 0.0
    start, end = digest.start - ahead_s, digest.end - ahead_s
    shared = min(end, whole.end) - max(start, whole.start)
    covered = max(end, whole.end) - min(start, whole.start)
    return max(0.0, shared / covered) if covered > 0 else 0.0
