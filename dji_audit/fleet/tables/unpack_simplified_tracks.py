"""Simplified tracks as the tables keep them: where an aircraft was at any instant."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dji_audit.fleet.tables.packed_columns import (
    PackedTrackError,
    Records,
    packed_column_sizes_bytes,
    refuse_inexact_times,
    refuse_run_length_encoded_columns,
    slice_each_byte_string,
    unpack_columns,
)
from dji_audit.fleet.tables.packed_track_layout import (
    BREAK_NUMBER,
    CHECKED_FROM,
    LARGEST_PACKED_TRACK,
    MAGIC,
    TRACK_COLUMNS,
    TRACK_HEAD,
    VERSION,
)

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


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
    #: The camera as it is packed (``camera_of_tracks``); ``None``: it is not known where it looked.
    camera: bytes | None


def unpack_track(packed: bytes) -> SimplifiedTrack:
    """Return the track in the bytes of a table.

    Raises:
        PackedTrackError: If they are none of this version.
    """
    return _unpack_checked_tracks([packed])[0]


def unpack_tracks(packed: Sequence[bytes]) -> list[SimplifiedTrack | None]:
    """Return the tracks in the bytes of a table, all at once; ``None``: one is damaged."""
    try:
        return list(_unpack_checked_tracks(packed))
    except PackedTrackError:
        return [_unpack_track_or_none(it) for it in packed]


def _unpack_track_or_none(packed: bytes) -> SimplifiedTrack | None:
    try:
        return unpack_track(packed)
    except PackedTrackError:
        return None


def _unpack_checked_tracks(packed: Sequence[bytes]) -> list[SimplifiedTrack]:
    """Return tracks.

    Raises:
        PackedTrackError: If one is none of this version.
    """
    if not packed:
        return []
    heads = _checked_track_headers(packed)
    fixes, columns = heads["fixes"].astype(np.int64), heads["columns"]
    # Columns stand one after another behind the head, then the breaks, then the camera.
    stops = TRACK_HEAD.itemsize + np.cumsum(packed_column_sizes_bytes(columns), axis=1)
    starts = np.column_stack([np.full(len(packed), TRACK_HEAD.itemsize), stops[:, :-1]])
    breaks_stop = stops[:, -1] + heads["breaks"].astype(np.int64) * BREAK_NUMBER.itemsize
    if (breaks_stop + heads["camera_bytes"] != [len(it) for it in packed]).any():
        raise PackedTrackError("a track of the tables is cut short, or longer than it says")
    refuse_run_length_encoded_columns(columns[:, 0], fixes)
    ms, latitude, longitude, height = (
        unpack_columns(
            columns[:, index],
            fixes,
            slice_each_byte_string(packed, starts[:, index], stops[:, index]),
        )
        for index in range(len(TRACK_COLUMNS))
    )
    refuse_inexact_times(ms)
    if not np.isfinite(latitude + longitude).all():
        raise PackedTrackError("a fix of a track has no position")
    whole_ms = ms.astype(np.int64)
    parts = _track_parts_between_gaps(
        fixes, heads["breaks"].tolist(), slice_each_byte_string(packed, stops[:, -1], breaks_stop)
    )
    ends = np.cumsum(fixes).tolist()
    return [
        SimplifiedTrack(
            is_timed=is_timed,
            ms=whole_ms[start:end],
            latitude_deg=latitude[start:end],
            longitude_deg=longitude[start:end],
            height_ato_m=height[start:end],
            parts=own_parts,
            camera=blob[camera_start:] or None,
        )
        for blob, is_timed, start, end, own_parts, camera_start in zip(
            packed, (heads["is_timed"] != 0).tolist(), [0, *ends[:-1]], ends, parts,
            breaks_stop.tolist(), strict=True,
        )
    ]  # fmt: skip


def _checked_track_headers(packed: Sequence[bytes]) -> Records:
    """Return the heads of tracks whose bytes are as they were written."""
    for blob in packed:
        if not isinstance(blob, bytes) or len(blob) < TRACK_HEAD.itemsize:
            raise PackedTrackError("a track of the tables is missing or cut short")
        if len(blob) > LARGEST_PACKED_TRACK:
            raise PackedTrackError("a track of the tables is larger than any that was written")
    heads = np.frombuffer(b"".join([it[: TRACK_HEAD.itemsize] for it in packed]), TRACK_HEAD)
    if (heads["magic"] != MAGIC).any() or (heads["version"] != VERSION).any():
        raise PackedTrackError("the bytes of a table are not a track of this version")
    if [zlib.crc32(memoryview(it)[CHECKED_FROM:]) for it in packed] != heads["crc32"].tolist():
        raise PackedTrackError("a track of the tables is damaged: its checksum differs")
    return heads


def _track_parts_between_gaps(
    fixes: Longs, break_counts: Sequence[int], packed: Sequence[bytes]
) -> list[tuple[slice, ...]]:
    """Return the stretches of each track between which the log is silent."""
    parts: list[tuple[slice, ...]] = []
    for count, break_count, own in zip(fixes.tolist(), break_counts, packed, strict=True):
        if not break_count:
            parts.append((slice(0, count),))
            continue
        edges = [0, *(np.frombuffer(own, BREAK_NUMBER).astype(np.int64) + 1).tolist(), count]
        if any(first > last for first, last in pairwise(edges)):
            raise PackedTrackError("the gaps of a track are out of order")
        parts.append(tuple(slice(first, last) for first, last in pairwise(edges) if first < last))
    return parts
