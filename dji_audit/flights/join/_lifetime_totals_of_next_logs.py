"""The logs of one vehicle in the order of time, and what each states of the life of the vehicle.

Autopilots keep the number of boots and the time flown.  The next log of the same vehicle says what
the one before it must have added; whether it did is for the rule that compares them.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from dji_audit.flights.join._flight_assembly import FlightCandidate, LifetimeTotalsOfFollowingLog
from dji_audit.flights.join._log_summary import LogSummary


def find_next_log_lifetime_totals_by_flight_index(
    candidates: Sequence[FlightCandidate],
) -> dict[int, tuple[LifetimeTotalsOfFollowingLog, ...]]:
    """Return what the next log of a vehicle states, by the index of the first flight of each log.

    Logs of the same hash are one; logs without a time, a serial number or totals are left out.
    """
    by_vehicle: dict[tuple[str, str], dict[str, tuple[float, LogSummary, int]]] = defaultdict(dict)
    for flight, candidate in enumerate(candidates):
        summary, start = candidate.summary, candidate.start
        if start is None or not summary.lifetime_totals or not summary.serials:
            continue
        vehicle = (min(summary.serials), summary.format)
        known = by_vehicle[vehicle].get(summary.sha256)
        if known is None or start < known[0]:
            by_vehicle[vehicle][summary.sha256] = (start, summary, flight)
    found = dict[int, tuple[LifetimeTotalsOfFollowingLog, ...]]()
    for vehicle in sorted(by_vehicle):
        ordered = sorted(by_vehicle[vehicle].values(), key=lambda item: (item[0], item[1].id))
        for (_, before, flight), (start, after, _) in pairwise(ordered):
            following = LifetimeTotalsOfFollowingLog(
                before.log_index, after.name, after.sha256, start, after.lifetime_totals
            )
            found[flight] = (following,)
    return found
