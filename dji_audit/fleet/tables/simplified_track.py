"""Simplified tracks as the tables keep them: where an aircraft was at any instant."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pydantic_core

from dji_audit.fleet.tables.packed_columns import unpack_columns

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

#: No packed track is larger than this when it is unpacked, in bytes.
_LARGEST = 256 << 20
_POSITION_COLUMNS = ("ms", "lat", "lon", "height")
#: What reading the bytes of a damaged track may raise.
PACKED_TRACK_DAMAGE = (zlib.error, ValueError, KeyError, TypeError, AttributeError, OverflowError)


class PackedTrackError(Exception):
    """The bytes of a table are no track; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class SimplifiedTrack:
    """Fixes between which the aircraft flew in straight lines, evenly in time.

    At every fix of the log it is within the tolerance, which the table states, of where the log
    puts it at that instant.
    """

    #: Whether ``ms`` is milliseconds since 1970; else it counts fixes.
    is_timed: bool
    ms: Longs
    latitude_deg: Floats
    #: Continuous: beyond 180 across the date line.
    longitude_deg: Floats
    #: Above take-off; NaN: not known.
    height_ato_m: Floats
    #: Stretches between which the log is silent.
    parts: tuple[slice, ...]
    #: What is kept of the camera (``camera_of_tracks``); ``None``: it is not known where it looked.
    camera: Mapping[str, Any] | None


def unpack_track(packed: bytes) -> SimplifiedTrack:
    """Return the track in the bytes of a table.

    Raises:
        PackedTrackError: If they are none of this version.
    """
    try:
        return _tracks_of_objects([_unpack_object(packed)])[0]
    except PACKED_TRACK_DAMAGE as error:
        raise PackedTrackError(f"a track of the tables is damaged: {error}") from error


def unpack_tracks(packed: Sequence[bytes]) -> list[SimplifiedTrack | None]:
    """Return the tracks in the bytes of a table, all at once; ``None``: one is damaged."""
    try:
        return list(_tracks_of_objects([_unpack_object(it) for it in packed]))
    except PACKED_TRACK_DAMAGE:
        return [_track_or_none(it) for it in packed]


def _track_or_none(packed: bytes) -> SimplifiedTrack | None:
    try:
        return unpack_track(packed)
    except PackedTrackError:
        return None


def _unpack_object(packed: bytes) -> Mapping[str, Any]:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, _LARGEST)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("it is cut short or too large")
    # Twice as fast as ``json``, which is half of what a question about a place costs.
    found: Mapping[str, Any] = pydantic_core.from_json(text)
    return found


def _tracks_of_objects(objects: Sequence[Mapping[str, Any]]) -> list[SimplifiedTrack]:
    """Return the tracks that unpacked objects hold.

    Raises:
        ValueError: If one is no track; others of ``PACKED_TRACK_DAMAGE`` too.
    """
    counts = np.array([int(it["kept"]) for it in objects], np.int64)
    if (counts < 1).any():
        raise ValueError("it has no fix")
    ms, latitude, longitude, height = (
        unpack_columns([it[name] for it in objects], counts) for name in _POSITION_COLUMNS
    )
    if not np.isfinite(ms).all():
        raise ValueError("a fix has no time")
    whole_ms = ms.astype(np.int64)
    ends = np.cumsum(counts).tolist()
    tracks = []
    for found, start, end in zip(objects, [0, *ends], ends, strict=False):
        edges = [0, *(int(it) + 1 for it in found["breaks"]), end - start]
        camera = found["camera"]
        tracks.append(
            SimplifiedTrack(
                is_timed=bool(found["timed"]),
                ms=whole_ms[start:end],
                latitude_deg=latitude[start:end],
                longitude_deg=longitude[start:end],
                height_ato_m=height[start:end],
                parts=tuple(slice(first, last) for first, last in pairwise(edges) if first < last),
                camera=None if not camera or camera.get("why_not") else camera,
            )
        )
    return tracks
