"""When a place was in view of the cameras of simplified tracks, of many at once.

Most tracks have no instant at which it was: one computation over the poses of many finds these,
and only the others are looked at one by one, with the field of view of each capture.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dji_audit.camera_view import (
    PointSighting,
    PointVisibility,
    point_visibility,
    sightings_of_point,
)
from dji_audit.fleet.questions.near_passages import turned_longitude_deg
from dji_audit.fleet.tables.camera_of_tracks import (
    CamerasOfTracks,
    cameras_of_tracks,
    second_count,
)
from dji_audit.fleet.tables.packed_columns import unpack_column
from dji_audit.fleet.tables.simplified_track import PACKED_TRACK_DAMAGE, SimplifiedTrack

#: Instants of tracks that are looked at together: what is in memory at a time.
_MOST_SECONDS = 100_000


@dataclass(frozen=True, slots=True)
class TrackSightings:
    """When a place was in view of one camera, without mere bearings."""

    sightings: tuple[PointSighting, ...] = ()
    #: What the view rests on, in words.
    rests_on: str = ""
    is_damaged: bool = False


def sightings_on_tracks(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float
) -> list[TrackSightings]:
    """Return when a place was in view of the camera of each track.

    Args:
        tracks: Those of which it is known where the camera looked.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: The same.
    """
    found: list[TrackSightings] = []
    for group in _groups_of_tracks(tracks):
        try:
            found += _sightings_of_group(group, latitude_deg, longitude_deg)
        except PACKED_TRACK_DAMAGE:
            found += [_sightings_or_damage(it, latitude_deg, longitude_deg) for it in group]
    return found


def _groups_of_tracks(tracks: Sequence[SimplifiedTrack]) -> Iterator[list[SimplifiedTrack]]:
    group: list[SimplifiedTrack] = []
    seconds = 0
    for track in tracks:
        own = min(second_count(track), _MOST_SECONDS)
        if group and seconds + own > _MOST_SECONDS:
            yield group
            group, seconds = [], 0
        group.append(track)
        seconds += own
    if group:
        yield group


def _sightings_or_damage(
    track: SimplifiedTrack, latitude_deg: float, longitude_deg: float
) -> TrackSightings:
    try:
        return _sightings_of_group([track], latitude_deg, longitude_deg)[0]
    except PACKED_TRACK_DAMAGE:
        return TrackSightings(is_damaged=True)


def _sightings_of_group(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float
) -> list[TrackSightings]:
    cameras = cameras_of_tracks(tracks)
    places = [turned_longitude_deg(it, longitude_deg) for it in tracks]
    bounds = [_widest_capture(it) for it in cameras.cameras]
    seen = _visibility_at_widest(cameras, places, bounds, latitude_deg, longitude_deg)
    found = []
    for index, (place, rows, bound) in enumerate(zip(places, cameras.rows, bounds, strict=True)):
        own = seen.of_rows(rows)
        # Where a laser measured the ground of a capture, the plane of the take-off says nothing.
        if not (own.is_located.any() or bound.has_own_ground):
            found.append(TrackSightings())
            continue
        poses = cameras.poses_of_track(index)
        is_same = not poses.captures and poses.min_depression_deg == (
            cameras.poses.min_depression_deg
        )
        located = sightings_of_point(
            poses, latitude_deg, place, own if is_same else None, with_bearings=False
        )
        found.append(TrackSightings(located, poses.fov_and_angles_source_text))
    return found


@dataclass(frozen=True, slots=True)
class _WidestCapture:
    """The widest half fields of view of the captures of a camera; NaN: none states any."""

    half_across: float
    half_up: float
    #: Whether the ground is measured for one of them.
    has_own_ground: bool


def _visibility_at_widest(
    cameras: CamerasOfTracks,
    places: Sequence[float],
    bounds: Sequence[_WidestCapture],
    latitude_deg: float,
    longitude_deg: float,
) -> PointVisibility:
    """Return how the place lay in pictures as wide as the widest of each track."""
    counts = [it.stop - it.start for it in cameras.rows]
    turned = np.repeat(np.array(places) - longitude_deg, counts)
    poses = replace(cameras.poses, longitude_deg=cameras.poses.longitude_deg - turned)
    across, up = poses.half_fov
    widest = (
        np.fmax(across, np.repeat([it.half_across for it in bounds], counts)),
        np.fmax(up, np.repeat([it.half_up for it in bounds], counts)),
    )
    return point_visibility(poses, latitude_deg, longitude_deg, widest)


def _widest_capture(camera: Mapping[str, Any]) -> _WidestCapture:
    halves: list[tuple[float, float]] = []
    has_own_ground = False
    for _, _, _, _, half, ground, zoom_steps in camera["captures"]:
        halves += [] if half is None else [half]
        halves += [(across, up) for _, across, up in zoom_steps]
        has_own_ground |= ground is not None
    for photos in camera["photos"]:
        halves += [] if photos["half"] is None else [photos["half"]]
        has_own_ground |= bool(np.isfinite(unpack_column(photos["ground"], photos["count"])).any())
    if not halves:
        return _WidestCapture(np.nan, np.nan, has_own_ground)
    return _WidestCapture(max(it[0] for it in halves), max(it[1] for it in halves), has_own_ground)
