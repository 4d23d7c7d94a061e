"""When a place was in view of the cameras of simplified tracks, of many at once.

Most tracks have no instant at which it was: one computation over the poses of many finds these,
and only the others are looked at one by one, with the field of view of each capture.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dji_audit.camera_view import (
    CameraPoses,
    PointInPictureAtEachFix,
    PointSighting,
    certainty_of_point_in_view_at_each_fix,
    sightings_of_point,
)
from dji_audit.fleet.questions.passages_near_place import longitude_unwrapped_to_track_deg
from dji_audit.fleet.tables.camera_of_tracks import (
    CamerasOfTracks,
    cameras_of_tracks,
    max_camera_instant_count,
)
from dji_audit.fleet.tables.packed_columns import PackedTrackError
from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack

#: Tangents of half a field of view, across and up.
HalfFov = tuple[float, float]

#: Instants of tracks that are looked at together: what is in memory at a time.
_MOST_SECONDS = 100_000
#: Tracks whose captures have more fields of view than this are looked at by themselves.
_MOST_FIELDS_OF_VIEW = 4


@dataclass(frozen=True, slots=True)
class SightingsOfPlaceFromTrack:
    """When a place was in view of one camera, without mere bearings."""

    sightings: tuple[PointSighting, ...] = ()
    #: What the view rests on, in words.
    rests_on: str = ""
    is_damaged: bool = False


def sightings_of_place_from_each_track(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float
) -> list[SightingsOfPlaceFromTrack]:
    """Return when a place was in view of the camera of each track.

    Args:
        tracks: Those of which it is known where the camera looked.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: The same.
    """
    found: list[SightingsOfPlaceFromTrack] = []
    for group in _track_groups_of_bounded_duration(tracks):
        try:
            found += _sightings_of_place_from_track_group(group, latitude_deg, longitude_deg)
        except PackedTrackError:
            found += [
                _place_in_view_of_maybe_damaged_track(it, latitude_deg, longitude_deg)
                for it in group
            ]
    return found


def _track_groups_of_bounded_duration(
    tracks: Sequence[SimplifiedTrack],
) -> Iterator[list[SimplifiedTrack]]:
    group: list[SimplifiedTrack] = []
    seconds = 0
    for track in tracks:
        own = min(max_camera_instant_count(track), _MOST_SECONDS)
        if group and seconds + own > _MOST_SECONDS:
            yield group
            group, seconds = [], 0
        group.append(track)
        seconds += own
    if group:
        yield group


def _place_in_view_of_maybe_damaged_track(
    track: SimplifiedTrack, latitude_deg: float, longitude_deg: float
) -> SightingsOfPlaceFromTrack:
    try:
        return _sightings_of_place_from_track_group([track], latitude_deg, longitude_deg)[0]
    except PackedTrackError:
        return SightingsOfPlaceFromTrack(is_damaged=True)


def _sightings_of_place_from_track_group(
    tracks: Sequence[SimplifiedTrack], latitude_deg: float, longitude_deg: float
) -> list[SightingsOfPlaceFromTrack]:
    cameras = cameras_of_tracks(tracks)
    places = [longitude_unwrapped_to_track_deg(it, longitude_deg) for it in tracks]
    seen = _place_in_picture_at_each_fix_at_widest_fov(cameras, places, latitude_deg, longitude_deg)
    heads = cameras.heads
    # Where no capture states a field of view, the widest is that of the camera itself.
    is_same = np.isnan(heads["widest_half"]).all(axis=1)
    is_same &= heads["shallow_deg"] == cameras.poses.min_depression_deg
    has_own_ground, located = (heads["has_own_ground"] != 0).tolist(), seen.point_located_mask
    # Where a laser measured the ground of a capture, the plane of the take-off says nothing.
    poses = {
        index: cameras.poses_of_track(index)
        for index, rows in enumerate(cameras.rows)
        if has_own_ground[index] or located[rows].any()
    }
    same = {index for index in poses if is_same[index]}
    views: dict[int, dict[HalfFov | None, PointInPictureAtEachFix]] = {
        index: {None: seen.at_fixes_in_slice(cameras.rows[index])} for index in same
    }
    differing = {index: own for index, own in poses.items() if index not in same}
    views |= _visibilities_by_field_of_view(cameras, differing, places, latitude_deg, longitude_deg)
    found = []
    for index, place in enumerate(places):
        if index not in poses:
            found.append(SightingsOfPlaceFromTrack())
            continue
        own = views.get(index, {})
        sightings = sightings_of_point(
            poses[index], latitude_deg, place, own.get(None),
            in_captures={half: it for half, it in own.items() if half is not None},
            with_bearings=False,
        )  # fmt: skip
        found.append(SightingsOfPlaceFromTrack(sightings, poses[index].fov_and_angles_source_text))
    return found


def _visibilities_by_field_of_view(
    cameras: CamerasOfTracks,
    poses: Mapping[int, CameraPoses],
    places: Sequence[float],
    latitude_deg: float,
    longitude_deg: float,
) -> dict[int, dict[HalfFov | None, PointInPictureAtEachFix]]:
    """Return how the place lay in pictures of each field of view of some tracks.

    Together, since each computation by itself takes longer than its numbers.

    Returns:
        Number of the track -> half field of view of captures without zoom over the ground of the
        track, ``None``: that of the camera -> how the place lay. Tracks with many are left out.
    """
    wanted: dict[float, list[tuple[int, HalfFov | None]]] = defaultdict(list)
    for index, own in poses.items():
        halves = {
            it.half_fov for it in own.captures if it.ground_ato_m is None and not it.zoom_steps
        }
        if len(halves) <= _MOST_FIELDS_OF_VIEW:
            # In an order that is the same in every run.
            known = sorted(it for it in halves if it is not None)
            wanted[own.min_depression_deg] += [(index, half) for half in (None, *known)]
    found: dict[int, dict[HalfFov | None, PointInPictureAtEachFix]] = defaultdict(dict)
    for shallow_deg, pairs in wanted.items():
        counts = [cameras.rows[it].stop - cameras.rows[it].start for it, _ in pairs]
        rows = np.concatenate(
            [np.arange(cameras.rows[it].start, cameras.rows[it].stop) for it, _ in pairs]
        )
        turned = np.repeat(np.array([places[it] for it, _ in pairs]) - longitude_deg, counts)
        together = cameras.poses_of_rows(rows, min_depression_deg=shallow_deg)
        together = replace(together, longitude_deg=together.longitude_deg - turned)
        is_stated = np.repeat([half is not None for _, half in pairs], counts)
        stated = np.repeat([half or (np.nan, np.nan) for _, half in pairs], counts, axis=0)
        across, up = (
            np.where(is_stated, stated[:, side], together.half_fov[side]) for side in range(2)
        )
        seen = certainty_of_point_in_view_at_each_fix(
            together, latitude_deg, longitude_deg, (across, up)
        )
        stops = np.cumsum(counts).tolist()
        for (index, half), stop, count in zip(pairs, stops, counts, strict=True):
            found[index][half] = seen.at_fixes_in_slice(slice(stop - count, stop))
    return found


def _place_in_picture_at_each_fix_at_widest_fov(
    cameras: CamerasOfTracks,
    places: Sequence[float],
    latitude_deg: float,
    longitude_deg: float,
) -> PointInPictureAtEachFix:
    """Return how the place lay in pictures as wide as the widest of each track."""
    counts = [it.stop - it.start for it in cameras.rows]
    turned = np.repeat(np.array(places) - longitude_deg, counts)
    poses = replace(cameras.poses, longitude_deg=cameras.poses.longitude_deg - turned)
    across, up = poses.half_fov
    widest = (
        np.fmax(across, np.repeat(cameras.heads["widest_half"][:, 0], counts)),
        np.fmax(up, np.repeat(cameras.heads["widest_half"][:, 1], counts)),
    )
    return certainty_of_point_in_view_at_each_fix(poses, latitude_deg, longitude_deg, widest)
