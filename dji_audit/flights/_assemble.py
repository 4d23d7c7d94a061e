"""Logs to flights, all in one go."""

import parsers
from dji_audit.flights._model import Flight
from dji_audit.flights.join._join import join_logs
from dji_audit.flights.join._log_summary import summarise_log
from dji_audit.flights.merge._merge import merge_flight


def assemble(*logs: parsers.Log, timezone: str | None = None) -> tuple[Flight, ...]:
    """Return the flights that some logs tell of, in order of the logs that tell them best.

    A log of a flight, or a recording that tells a path, that fits no other is a flight by
    itself; other recordings that fit none, and logs of the network, are no flights.

    Args:
        logs: What was read; each once.
        zone: IANA zone that the user declares for wall clocks of no known zone.
    """
    flying = {place: log for place, log in enumerate(logs) if log.capture_window is None}
    found = [summary for place, log in flying.items() for summary in summarise_log(log, place)]
    return tuple(merge_flight(plan, flying) for plan in join_logs(found, timezone).assemblies)
