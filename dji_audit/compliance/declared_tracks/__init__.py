"""Tracks of people and of other aircraft that a unit declares: whose they are, where, and when.

A watch or a phone of an officer records where its owner stood, and the file says nothing of whose
it is.  The unit declares that.  Such a track says where the pilot was, confirms or contradicts the
path of an aircraft that carried the device, or shows another aircraft nearby; it never becomes the
path of a flight.
"""

from dji_audit.compliance.declared_tracks._declared_track import (
    OWNERS,
    DeclaredTrack,
    declared_track_provenance,
    load_declared_tracks,
    parse_track_path_and_owner,
)
from dji_audit.compliance.declared_tracks._declared_track_flight_comparison import (
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
)

__all__ = [
    "OWNERS",
    "DeclaredTrack",
    "DeclaredTrackFlightComparison",
    "compare_declared_tracks_with_flight",
    "declared_track_provenance",
    "load_declared_tracks",
    "parse_track_path_and_owner",
]
