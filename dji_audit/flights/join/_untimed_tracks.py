"""Logs whose rows have no time at all: the way that they tell, held against those of flights.

A way shows where something went and in which order, not when.  A mission can be flown twice,
so a way alone joins nothing: it joins the one flight that it lies on if that is of the same
serial number, without a place in time; else the flights that it lies on are named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dji_audit.flights._model import AlternativeFlight, LogMatch
from dji_audit.flights.clock._clock_alignment import ClockAlignment
from dji_audit.flights.clock._track_alignment import Floats, to_local_metres
from dji_audit.flights.join._assembly import FlightCandidate, FlightMember
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import distance_limit_m, score_match
from dji_audit.flights.join._spatial_index import FlightIndex
from dji_audit.flights.merge._conflict_texts import join_names

#: Fixes of a way that are held against a path, and fewer are no way.
_LOOKED_AT, _FEWEST = 128, 10
#: Metres that a fix of a way may lie from the path, which is kept in some hundred fixes.
_ASIDE_M = 15.0
#: Part of the fixes that must, one after the other.
_NEARLY_ALL = 0.95
#: A way that many could have gone tells nothing: it must reach so far, and so far across that.
_LONG_M, _WIDE_M = 150.0, 30.0
_NO_CLOCK = "it has no clock"


@dataclass(frozen=True, slots=True)
class _TrackMatch:
    """A flight that a way lies on, and how well."""

    candidate: FlightCandidate
    match: LogMatch


def join_untimed_track(
    summary: LogSummary, index: FlightIndex
) -> tuple[FlightCandidate | None, FlightMember]:
    """Return the flight that a log without any clock tells of, and what it is there.

    Returns:
        The flight to join, ``None`` if there is none; the log as a member of it, or by itself.
    """
    found = sorted(_matching_flights(summary, index), key=lambda on: on.candidate.summary.id)
    if len(found) == 1 and found[0].match.serials_agree:
        why = (
            f"{_NO_CLOCK}; its way lies, in order, on that of this flight and of no other here, "
            "and the serial number is the same"
        )
        return found[0].candidate, replace(_unaligned_member(summary, why), match=found[0].match)
    if not found:
        return None, _unaligned_member(summary, _NO_CLOCK)
    ids = join_names([on.candidate.summary.id for on in found])
    flights = f"flight {ids}" if len(found) == 1 else f"flights {ids}"
    why = f"{_NO_CLOCK}; its way lies, in order, on that of {flights}: a way can be flown twice"
    alternatives = tuple(AlternativeFlight(on.candidate.summary.id, on.match) for on in found)
    return None, replace(_unaligned_member(summary, why), alternative_flights=alternatives)


def _unaligned_member(summary: LogSummary, why: str) -> FlightMember:
    alignment = ClockAlignment(summary.clock_source, "unaligned", None, None, None, why)
    return FlightMember(summary.log_index, summary.segment_number, summary.id, alignment)


def _matching_flights(summary: LogSummary, index: FlightIndex) -> Iterator[_TrackMatch]:
    """Yield the flights whose path a way lies on."""
    way = summary.untimed_track.thinned_to(_LOOKED_AT)
    if len(way) < _FEWEST:
        return
    for candidate in index.candidates_by_track(summary):
        if len(candidate.summary.track) < _FEWEST:
            continue
        here, there, _ = to_local_metres(way, candidate.summary.track)
        if not _is_distinctive(here[:2]):
            return
        aside = _distances_in_order_m(here[:2], there[:2])
        if len(aside) < _NEARLY_ALL * len(way):
            continue
        median = float(np.median(aside))
        if median <= distance_limit_m(summary, candidate.summary):
            yield _TrackMatch(candidate, score_match(summary, candidate.summary, 0.0, median))


def _is_distinctive(way: Floats) -> bool:
    """Return whether a way is so long and so wide that it is not gone by chance."""
    middle = way - way.mean(axis=1, keepdims=True)
    across = np.linalg.svd(middle, full_matrices=False)[0].T @ middle
    long, wide = np.ptp(across, axis=1)
    return bool(long >= _LONG_M and wide >= _WIDE_M)


def _distances_in_order_m(way: Floats, path: Floats) -> Floats:
    """Return how far fixes of a way lie from a path that is followed from its start on.

    Args:
        way: Metres east and north, shape ``(2, n)``.
        path: The same, shape ``(2, m)``.

    Returns:
        Of those fixes that lie near a part of the path no earlier than the fix before.
    """
    begin, step = path[:, :-1], np.diff(path, axis=1)
    square = np.maximum((step**2).sum(axis=0), 1e-9)
    apart = way[:, :, None] - begin[:, None, :]
    along = np.clip((apart * step[:, None, :]).sum(axis=0) / square, 0.0, 1.0)
    aside = np.sqrt(((apart - along * step[:, None, :]) ** 2).sum(axis=0))
    out: list[float] = []
    at = 0
    for row in aside:
        near = np.flatnonzero(row[at:] <= _ASIDE_M)
        if not len(near):
            continue
        # The first stretch of the path that is near; of that, where it is nearest.
        last = at + _end_of_first_run(near)
        at += int(near[0])
        at += int(np.argmin(row[at : last + 1]))
        out.append(float(row[at]))
    return np.array(out)


def _end_of_first_run(near: npt.NDArray[np.intp]) -> int:
    """Return where the first run of numbers that follow one another ends."""
    breaks = np.flatnonzero(np.diff(near) > 1)
    return int(near[breaks[0]] if len(breaks) else near[-1])
