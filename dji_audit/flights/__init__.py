"""Logs to flights: one flight is one take-off to landing, from every log that recorded it.

A log holds no flight (the aircraft stayed on the ground), one, or several.  A log
without a take-off is still one ``Flight``, so that nothing a file holds is left out
of an audit; its ``takeoff`` is missing and its times are the log's.

This is the only import surface: the modules with an underscore are its parts.
"""

from dji_audit.flights._assemble_flights import assemble_flights
from dji_audit.flights._cache_per_flight import cache_for_last_flight, clear_flight_caches
from dji_audit.flights._events_by_kind import EventsByKind, events_by_kind, log_events_by_kind
from dji_audit.flights._model import (
    DISAGREEMENT_KINDS,
    AlternativeFlight,
    Disagreement,
    FileNumberGapInFlight,
    Flight,
    FlightSource,
    LifetimeTotalsOfNextLog,
    LogToFlightMatch,
    NearbyAircraft,
    ValueInLog,
)
from dji_audit.flights._record_times_by_offset import times_of_records_at_offsets
from dji_audit.flights._serial_numbers import may_be_serial_of_same_aircraft, normalised_serial
from dji_audit.flights._split_logs import (
    is_log_of_flight,
    names_of_formats_made_from_other_logs,
    names_of_formats_that_state_no_owner,
    names_of_media_formats,
)
from dji_audit.flights._times_in_view import (
    SIGHTING_COLUMNS,
    PointSightingsInFlight,
    UnjoinedMediaAsFlight,
    find_point_sightings_in_flight,
    find_point_sightings_in_flights,
    logs_of_unjoined_media,
    point_sighting_rows,
)
from dji_audit.flights.clock._clock_alignment_result import (
    ALIGNMENT_METHODS,
    ClockAlignment,
    ClockDrift,
)
from dji_audit.flights.clock._track_comparisons import TrackComparisons
from dji_audit.flights.clock._track_on_disk import TemporaryFileOfTracks
from dji_audit.flights.join._flight_assembly import (
    AssembledFlight,
    AssembledFlightsAndUnjoinedLogParts,
    LogPartInFlight,
)
from dji_audit.flights.join._join_logs import join_logs
from dji_audit.flights.join._log_summary import (
    LogSummary,
    shared_name_of_capture_files,
    summarise_each_part_of_log,
)
from dji_audit.flights.merge._merge_flight import merge_flight

__all__ = [
    "ALIGNMENT_METHODS",
    "DISAGREEMENT_KINDS",
    "SIGHTING_COLUMNS",
    "AlternativeFlight",
    "AssembledFlight",
    "AssembledFlightsAndUnjoinedLogParts",
    "ClockAlignment",
    "ClockDrift",
    "Disagreement",
    "EventsByKind",
    "FileNumberGapInFlight",
    "Flight",
    "FlightSource",
    "LifetimeTotalsOfNextLog",
    "LogPartInFlight",
    "LogSummary",
    "LogToFlightMatch",
    "NearbyAircraft",
    "PointSightingsInFlight",
    "TemporaryFileOfTracks",
    "TrackComparisons",
    "UnjoinedMediaAsFlight",
    "ValueInLog",
    "assemble_flights",
    "cache_for_last_flight",
    "clear_flight_caches",
    "events_by_kind",
    "find_point_sightings_in_flight",
    "find_point_sightings_in_flights",
    "is_log_of_flight",
    "join_logs",
    "log_events_by_kind",
    "logs_of_unjoined_media",
    "may_be_serial_of_same_aircraft",
    "merge_flight",
    "names_of_formats_made_from_other_logs",
    "names_of_formats_that_state_no_owner",
    "names_of_media_formats",
    "normalised_serial",
    "point_sighting_rows",
    "shared_name_of_capture_files",
    "summarise_each_part_of_log",
    "times_of_records_at_offsets",
]
