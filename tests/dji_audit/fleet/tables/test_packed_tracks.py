"""Tracks as bytes of a table: what was packed comes back, and damage or malice is said."""

import json
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.fleet.tables import camera_of_tracks, packed_columns
from dji_audit.fleet.tables.camera_of_tracks import cameras_of_tracks
from dji_audit.fleet.tables.pack_track import pack_track
from dji_audit.fleet.tables.packed_columns import (
    COLUMN_HEAD,
    PackedTrackError,
    column_head_and_packed_bytes,
    packed_column_sizes_bytes,
    slice_each_byte_string,
    unpack_columns,
)
from dji_audit.fleet.tables.packed_track_layout import CHECKED_FROM, TRACK_COLUMNS, TRACK_HEAD
from dji_audit.fleet.tables.unpack_simplified_tracks import unpack_track, unpack_tracks
from dji_audit.mapper import FlightMapTrack
from dji_audit.mapper.flight_page._delta_encoding import encode_column
from dji_audit.mapper.html._folium import Bounds
from tests.dji_audit.fleet.made_fleet import instant, packed_track

column_values = st.lists(
    st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**52), 2**52)), min_size=1, max_size=12
)


def expected_values(values: list[int | None], per: int) -> list[float]:
    return [np.nan if it is None else it / per for it in values]


@given(st.lists(column_values, min_size=1, max_size=6), st.booleans())
def test_columns_come_back_as_they_were_packed(
    columns: list[list[int | None]], may_be_in_runs: bool
) -> None:
    per = [10**6 if number % 2 else 1 for number in range(len(columns))]
    packed = []
    for values, unit in zip(columns, per, strict=True):
        # In whole units, so that nothing is rounded here.
        encoded: Any = encode_column([np.nan if it is None else it for it in values], 1)
        if encoded is not None:
            encoded["per"] = unit
        packed.append(
            column_head_and_packed_bytes(encoded, len(values), may_be_in_runs=may_be_in_runs)
        )
    heads = np.array([head for head, _ in packed], COLUMN_HEAD)
    assert packed_column_sizes_bytes(heads).tolist() == [len(column) for _, column in packed]
    counts = np.array([len(it) for it in columns], np.int64)
    found = unpack_columns(heads, counts, [column for _, column in packed])
    wanted = [
        it for own, unit in zip(columns, per, strict=True) for it in expected_values(own, unit)
    ]
    np.testing.assert_array_equal(found, np.array(wanted))
    if not may_be_in_runs:
        assert (heads["items"] == counts).all()
    with pytest.raises(PackedTrackError, match="another length"):
        unpack_columns(heads, counts + 1, [column for _, column in packed])


def track_with_camera() -> FlightMapTrack:
    """A track of five fixes with a gap, and a camera with a video, its zoom, and photos."""
    plain = packed_track(
        instant("05-01T10:00"), [0, 1, 2, 60, 61], [0, 10, 20, 30, 40], [0] * 5, breaks=(2,)
    )
    data = json.loads(plain.json)
    ms = int(np.cumsum(data["ms"]["delta"])[0])
    constant = {name: encode_column([value] * 3, 100) for name, value in (
        ("height", 80.0), ("yaw", 90.0), ("pitch", -90.0), ("half_across", 0.7), ("half_up", 0.5),
    )}  # fmt: skip
    data["camera"] = {
        "why_not": "", "sensor": "visible", "source": "a table of cameras", "shallow_deg": 10.0,
        "from_corners": False, "kept": 3, "ms": encode_column([ms, ms + 1000, ms + 2000], 1),
        **constant, "roll": None,
        "captures": [
            [ms + 500, ms + 1500, "video", "thermal", [0.4, 0.3], None, []],
            [ms, ms + 9000, "video", "visible", None, 12.5, [[ms, 0.9, 0.2], [ms + 7, 0.1, 0.1]]],
        ],
        "photos": [
            {"sensor": "visible", "half": None, "count": 2, "ms": encode_column([ms, ms + 3], 1),
             "ground": encode_column([np.nan, 3.5], 10)},
        ],
    }  # fmt: skip
    return FlightMapTrack(json.dumps(data), Bounds(*plain.bounds), plain.fixes, plain.kept)


def test_a_track_comes_back_with_its_gap_and_its_camera() -> None:
    source = track_with_camera()
    data = json.loads(source.json)
    track = unpack_track(pack_track(source))
    ms = np.cumsum(data["ms"]["delta"])
    assert track.is_timed
    np.testing.assert_array_equal(track.ms, ms)
    np.testing.assert_array_equal(track.latitude_deg, [data["lat"]["runs"][0] / 10**6] * 5)
    np.testing.assert_array_equal(
        track.longitude_deg, np.cumsum(data["lon"]["delta"]) / data["lon"]["per"]
    )
    assert [(it.start, it.stop) for it in track.parts] == [(0, 3), (3, 5)]
    cameras = cameras_of_tracks([track])
    assert cameras.heads["widest_half"].tolist() == [[0.9, 0.3]]
    assert cameras.heads["has_own_ground"].tolist() == [1]
    poses = cameras.poses_of_track(0)
    assert (poses.sensor, poses.fov_source) == ("visible", "a table of cameras")
    assert (poses.min_depression_deg, poses.is_from_stated_corners) == (10.0, False)
    assert np.isnan(poses.logged_roll_deg).all()
    start = int(ms[0])
    assert [
        (it.start_ms - start, it.end_ms - start, it.kind, it.sensor, it.half_fov, it.ground_ato_m)
        for it in poses.captures
    ] == [
        (0, 9000, "video", "visible", None, 12.5),
        (0, 0, "photo", "visible", None, None),
        (3, 3, "photo", "visible", None, 3.5),
        (500, 1500, "video", "thermal", (0.4, 0.3), None),
    ]
    assert poses.captures[0].zoom_steps == ((start, 0.9, 0.2), (start + 7, 0.1, 0.1))


def test_every_cut_and_every_wrong_byte_of_a_track_is_said() -> None:
    packed = pack_track(track_with_camera())
    damaged = [packed[:size] for size in range(len(packed))] + [packed + b"\0"]
    for place in range(len(packed)):
        damaged.append(packed[:place] + bytes([packed[place] ^ 0x10]) + packed[place + 1 :])
    found = unpack_tracks([packed, *damaged])
    assert [it is None for it in found] == [False] + [True] * len(damaged)


def signed(packed: bytes) -> bytes:
    """Return bytes with the checksum that belongs to them: as somebody with intent writes them."""
    return packed[:4] + zlib.crc32(packed[CHECKED_FROM:]).to_bytes(4, "little") + packed[8:]


@given(st.data())
def test_bytes_written_with_intent_give_an_error_or_a_track(data: st.DataObject) -> None:
    packed = bytearray(pack_track(track_with_camera()))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(CHECKED_FROM, len(packed) - 1))
        packed[place] = data.draw(st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF]))
    try:
        track = unpack_track(signed(bytes(packed)))
        if track.camera is not None:
            cameras_of_tracks([track]).poses_of_track(0)
    except PackedTrackError:
        return
    assert len(track.ms) == len(track.latitude_deg) == len(track.height_ato_m) == 5
    assert all(0 <= it.start < it.stop <= 5 for it in track.parts)


@pytest.mark.parametrize("column", range(len(TRACK_COLUMNS)))
def test_few_bytes_that_stand_for_many_values_take_no_memory(column: int) -> None:
    fixes = 2**32 - 1
    runs = b"\1" + fixes.to_bytes(4, "little")
    head = np.zeros((), TRACK_HEAD)
    head["magic"], head["version"], head["fixes"] = b"DJAT", 1, fixes
    head["columns"]["per"], head["columns"]["items"], head["columns"]["width"] = 1, 1, 1
    head["columns"]["in_runs"] = 1
    bodies = [runs] * len(TRACK_COLUMNS)
    if column:
        # The times say that they are as many as the fixes, and are not there.
        head["columns"]["in_runs"][0], head["columns"]["items"][0] = 0, fixes
    tracemalloc.start()
    with pytest.raises(PackedTrackError):
        unpack_track(signed(head.tobytes() + b"".join(bodies)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_more_values_or_photos_than_any_flight_has_are_damage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed = pack_track(track_with_camera())
    cameras = cameras_of_tracks([unpack_track(packed)])
    monkeypatch.setattr(camera_of_tracks, "_MOST_PHOTOS", 1)
    with pytest.raises(PackedTrackError, match="more photos"):
        cameras.poses_of_track(0)
    monkeypatch.setattr(packed_columns, "_MOST_VALUES", 4)
    with pytest.raises(PackedTrackError, match="more values"):
        unpack_track(packed)


@pytest.mark.parametrize("missing", [None, "", "x", 5])
def test_what_is_no_bytes_is_no_track(missing: Any) -> None:
    assert unpack_tracks([missing]) == [None]


def test_a_stretch_of_each_of_several_bytes() -> None:
    assert slice_each_byte_string([b"abc", b"defg"], np.array([1, 0]), np.array([3, 2])) == [
        b"bc",
        b"de",
    ]
