"""What was in view by the corners of the picture that a stream states, in place of its angles."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import parsers
from dji_audit.camera_view import CameraPoses, camera_poses, footprint_corners_m, sightings_of_point
from dji_audit.camera_view._fit_camera_to_corners import _fit_camera_angles_fov_and_misfit
from dji_audit.flights._times_in_view import UnjoinedMediaAsFlight
from sample_logs import klv, story

Items = dict[int, bytes]


@pytest.mark.parametrize("yaw", [0.0, 77.0, 200.0])
@pytest.mark.parametrize("pitch", [-89.99, -60.0, -25.0])
@pytest.mark.parametrize("roll", [0.0, 8.0, -3.0])
def test_a_camera_is_found_again_by_its_corners(yaw: float, pitch: float, roll: float) -> None:
    flat = footprint_corners_m(300.0, yaw, pitch, roll, (0.2, 0.1))
    corners = np.column_stack([flat, np.full(4, -300.0)])[None]
    angles, half, misfit = _fit_camera_angles_fov_and_misfit(corners)
    assert half[:, 0] == pytest.approx([0.2, 0.1], abs=1e-6)
    assert misfit[0] < 1e-3
    if pitch > -89:
        assert (angles[:, 0] - [yaw, pitch, roll] + 180) % 360 - 180 == pytest.approx([0] * 3)
    backwards = corners[:, ::-1]
    assert _fit_camera_angles_fov_and_misfit(backwards)[2][0] < 1e-3, (
        "corners may go round either way"
    )


def test_corners_that_cross_are_no_picture() -> None:
    square = footprint_corners_m(300.0, 10.0, -60.0, 0.0, (0.2, 0.1))
    crossed = np.column_stack([square[[0, 2, 1, 3]], np.full(4, -300.0)])[None]
    same_place = np.zeros((1, 4, 3)) - 300.0
    for corners in (crossed, same_place):
        assert _fit_camera_angles_fov_and_misfit(corners)[2][0] > 50


@pytest.fixture
def poses_of(tmp_path: Path) -> Callable[..., CameraPoses]:
    """Return what reads a stream of the sample's local sets, changed by a function."""

    def read(change: Callable[[int, Items], None]) -> CameraPoses:
        sets = []
        for number in range(40):
            items = klv.items(number)
            change(number, items)
            sets.append(klv.local_set(items))
        path = tmp_path / "made.klv"
        path.write_bytes(b"".join(sets))
        return camera_poses(UnjoinedMediaAsFlight(parsers.read(path)))

    return read


def without(items: Items, *tags: int) -> None:
    for tag in tags:
        items.pop(tag, None)


def in_full(items: Items) -> None:
    """State the corners in full, as later versions of the standard do."""
    for tag in range(26, 34):
        most = (90, 180)[tag % 2]
        centre = int.from_bytes(items[23 + tag % 2], "big", signed=True) / (2**31 - 1) * most
        offset = int.from_bytes(items.pop(tag), "big", signed=True) / (2**15 - 1) * 0.075
        items[tag + 56] = klv.signed(centre + offset, most, 4)


def certainties(poses: CameraPoses, latitude: float, longitude: float) -> set[str]:
    return {one.certainty for one in sightings_of_point(poses, latitude, longitude)}


def test_what_was_in_view_rests_on_the_stated_corners(
    poses_of: Callable[..., CameraPoses],
) -> None:
    stated = poses_of(lambda _, items: None)
    assert "items 23, 24, 26 to 33" in stated.fov_and_angles_source_text
    assert "40 of 40 fixes" in stated.fov_and_angles_source_text
    assert "states no error" in stated.fov_and_angles_source_text
    # A line of sight of 18 degrees: too flat for logged angles, not for corners on the ground.
    place = story.HOME_LATITUDE, story.HOME_LONGITUDE
    assert certainties(stated, *place) == {"edge"}
    angles = poses_of(lambda _, items: without(items, *range(26, 34)))
    assert "logged angles" in angles.fov_and_angles_source_text
    assert certainties(angles, *place) == {"bearing"}
    assert np.abs(angles.yaw_deg - stated.yaw_deg).max() < 0.05


def test_corners_in_full_need_neither_angles_nor_field_of_view(
    poses_of: Callable[..., CameraPoses],
) -> None:
    def change(_: int, items: Items) -> None:
        in_full(items)
        without(items, 5, 6, 7, 16, 17, 18, 19, 20)

    poses = poses_of(change)
    assert "items 82 to 89" in poses.fov_and_angles_source_text
    assert "0.01 m" in poses.fov_and_angles_source_text
    assert poses.unknown_view_reason == ""
    assert certainties(poses, story.HOME_LATITUDE, story.HOME_LONGITUDE) == {"edge"}
    assert certainties(poses, story.HOME_LATITUDE + 0.02, story.HOME_LONGITUDE) == set()


def test_few_corners_do_not_speak_for_the_other_fixes(
    poses_of: Callable[..., CameraPoses],
) -> None:
    def change(number: int, items: Items) -> None:
        if number >= 10:
            without(items, *range(26, 34))

    poses = poses_of(change)
    assert "10 of 40 fixes" in poses.fov_and_angles_source_text
    assert "at other fixes logged angles" in poses.fov_and_angles_source_text
    assert poses.min_depression_deg == 20
    assert poses.view_computable_mask.all()


def test_a_fix_without_corners_among_many_has_no_view(poses_of: Callable[..., CameraPoses]) -> None:
    poses = poses_of(lambda number, items: without(items, *range(26, 34)) if number == 7 else None)
    assert "at other fixes it is not known" in poses.fov_and_angles_source_text
    assert not poses.view_computable_mask[7]
    assert poses.view_computable_mask.sum() == 39


def test_corners_far_from_any_picture_are_not_used(poses_of: Callable[..., CameraPoses]) -> None:
    def change(_: int, items: Items) -> None:
        items[26], items[28] = items[28], klv.signed(0.05, 0.075, 2)

    poses = poses_of(change)
    assert "corners" not in poses.fov_and_angles_source_text


def test_the_frame_centre_gives_the_direction_where_angles_are_missing(
    poses_of: Callable[..., CameraPoses],
) -> None:
    whole = poses_of(lambda _, items: without(items, *range(26, 34)))
    poses = poses_of(lambda _, items: without(items, *range(26, 34), 18, 19))
    assert np.abs(poses.yaw_deg - whole.yaw_deg).max() < 0.1
    assert np.abs(poses.pitch_deg - whole.pitch_deg).max() < 0.1
