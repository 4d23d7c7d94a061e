"""When a place was in view of the cameras of simplified tracks, of many at once.

Most tracks have no instant at which it was: one computation over the poses of many finds these,
and only the others are looked at one by one, with the field of view of each capture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
from dji_audit.fleet.tables.packed_columns import PackedTrackError
from dji_audit.fleet.tables.simplified_track import SimplifiedTrack

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
        except PackedTrackError:
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
    except PackedTrackError:
        return TrackSightings(is_damaged=True)


def _sightings_of_group(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float
) -> list[TrackSightings]:
    cameras = cameras_of_tracks(tracks)
    places = [turned_longitude_deg(it, longitude_deg) for it in tracks]
    seen = _visibility_at_widest(cameras, places, latitude_deg, longitude_deg)
    heads = cameras.heads
    # Where no capture states a field of view, the widest is that of the camera itself.
    is_same = np.isnan(heads["widest_half"]).all(axis=1)
    is_same &= heads["shallow_deg"] == cameras.poses.min_depression_deg
    has_own_ground, located = (heads["has_own_ground"] != 0).tolist(), seen.is_located
    found = []
    for index, (place, rows, same) in enumerate(
        zip(places, cameras.rows, is_same.tolist(), strict=True)
    ):
        # Where a laser measured the ground of a capture, the plane of the take-off says nothing.
        if not (has_own_ground[index] or located[rows].any()):
            found.append(TrackSightings())
            continue
        poses = cameras.poses_of_track(index)
        sightings = sightings_of_point(
            poses, latitude_deg, place, seen.of_rows(rows) if same else None, with_bearings=False
        )
        found.append(TrackSightings(sightings, poses.fov_and_angles_source_text))
    return found


def _visibility_at_widest(
    cameras: CamerasOfTracks,
    places: Sequence[float],
    latitude_deg: float,
    longitude_deg: float,
) -> PointVisibility:
    """Return how the place lay in pictures as wide as the widest of each track."""
    counts = [it.stop - it.start for it in cameras.rows]
    turned = np.repeat(np.array(places) - longitude_deg, counts)
    poses = replace(cameras.poses, longitude_deg=cameras.poses.longitude_deg - turned)
    across, up = poses.half_fov
    widest = (
        np.fmax(across, np.repeat(cameras.heads["widest_half"][:, 0], counts)),
        np.fmax(up, np.repeat(cameras.heads["widest_half"][:, 1], counts)),
    )
    return point_visibility(poses, latitude_deg, longitude_deg, widest)
