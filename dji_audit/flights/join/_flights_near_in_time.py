"""The flights not long before and after each flight, of whatever aircraft and wherever.

A network log lies beside flights and names no aircraft: what it holds may be of any flight of that
time.  Who reads such a log must know which there were.
"""

from bisect import bisect_left
from collections.abc import Sequence

import pandas as pd

from dji_audit.flights._model import MAX_FLIGHTS_NEAR_IN_TIME, FlightNearInTime
from dji_audit.flights.join._flight_assembly import FlightCandidate

#: Farther apart, no contact is matched to both: a policy asks for hours, or for days.
_NEAR_S = 7 * 86_400.0


def flights_near_in_time_by_flight_index(
    candidates: Sequence[FlightCandidate],
) -> dict[int, tuple[FlightNearInTime, ...]]:
    """Return the flights near each flight in time, in order of their starts, by its index.

    Aircraft that were only received are nobody's of the unit, and flights without a time are left
    out.
    """
    flights = sorted(
        (
            (candidate.start, candidate.end, number)
            for number, candidate in enumerate(candidates)
            if candidate.start is not None
            and candidate.end is not None
            and not all(summary.is_from_receiver for summary in candidate.summaries)
        ),
    )
    starts = [start for start, _, _ in flights]
    # One object for each flight, however many list it.
    listed = [_flight_near_in_time(candidates[number]) for _, _, number in flights]
    half = MAX_FLIGHTS_NEAR_IN_TIME // 2
    found = {}
    for place, (start, end, number) in enumerate(flights):
        first = max(place - half, bisect_left(starts, start - _NEAR_S))
        last = min(place + 1 + half, bisect_left(starts, end + _NEAR_S))
        near = (*listed[first:place], *listed[place + 1 : last])
        if near:
            found[number] = near
    return found


def _flight_near_in_time(candidate: FlightCandidate) -> FlightNearInTime:
    of_aircraft = [summary for summary in candidate.summaries if not summary.is_media]
    return FlightNearInTime(
        start=pd.Timestamp(round((candidate.start or 0.0) * 1e9), tz="UTC"),
        end=pd.Timestamp(round((candidate.end or 0.0) * 1e9), tz="UTC"),
        # Photos and videos name the maker of the camera.
        maker=next((summary.maker for summary in of_aircraft if summary.maker), None),
        larger_type=next(
            (summary.larger_type for summary in candidate.summaries if summary.larger_type), None
        ),
        serials=tuple(sorted({it for each in candidate.summaries for it in each.serials})),
    )
