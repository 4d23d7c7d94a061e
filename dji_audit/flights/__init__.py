"""Logs to flights: one flight is one take-off to landing, told by every file that saw it.

A log holds no flight (the aircraft stayed on the ground), one, or several.  A log
without a take-off is still one ``Flight``, so that nothing a file holds is left out
of an audit; its ``takeoff`` is missing and its times are the log's.

This is the only import surface: the modules with an underscore are its parts.
"""

from dji_audit.flights._assemble import assemble
from dji_audit.flights._clock_alignment import METHODS, Drift, Placing
from dji_audit.flights._model import (
    DISAGREEMENTS,
    Disagreement,
    Flight,
    Match,
    Remark,
    Rival,
    Said,
    Telling,
)
from dji_audit.flights._places import (
    SIGHTING_COLUMNS,
    FlightSightings,
    find_sightings,
    lone_recordings,
    sighting_rows,
)
from dji_audit.flights.join._join import join
from dji_audit.flights.join._log_summary import Digest, capture_name, digests
from dji_audit.flights.join._plan import Joining, Member, Plan
from dji_audit.flights.merge._merge import merge
from dji_audit.geo.geodesy import WGS84, home_distance_m, path_length_m

__all__ = [
    "DISAGREEMENTS",
    "METHODS",
    "SIGHTING_COLUMNS",
    "WGS84",
    "Digest",
    "Disagreement",
    "Drift",
    "Flight",
    "FlightSightings",
    "Joining",
    "Match",
    "Member",
    "Placing",
    "Plan",
    "Remark",
    "Rival",
    "Said",
    "Telling",
    "assemble",
    "capture_name",
    "digests",
    "find_sightings",
    "home_distance_m",
    "join",
    "lone_recordings",
    "merge",
    "path_length_m",
    "sighting_rows",
]
