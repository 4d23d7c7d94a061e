"""Logs to flights in one call."""

import parsers
from dji_audit.flights._model import Flight
from dji_audit.flights._split_logs import is_log_of_flight
from dji_audit.flights.join._join_logs import join_logs
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from dji_audit.flights.merge._merge_flight import merge_flight


def assemble_flights(*logs: parsers.Log, timezone: str | None = None) -> tuple[Flight, ...]:
    """Return the flights of some logs, in order of the logs that give their tracks.

    A log of a flight, or a recording with a track, that matches no other is a flight by
    itself; other recordings that match none, network logs, and tracks that do not say whose they
    are, are no flights.

    Args:
        logs: The logs, each once.
        timezone: IANA time zone that the user declares for local clocks of unknown zone.
    """
    flight_logs = {index: log for index, log in enumerate(logs) if is_log_of_flight(log)}
    summaries = [
        summary
        for index, log in flight_logs.items()
        for summary in summarise_each_part_of_log(log, index)
    ]
    return tuple(
        merge_flight(plan, flight_logs) for plan in join_logs(summaries, timezone).assemblies
    )
