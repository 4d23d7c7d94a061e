"""Packs the track of a flight on the map of all flights into the bytes of a table."""

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dji_audit.fleet.tables.packed_columns import PackedTrackError, column_head_and_packed_bytes
from dji_audit.fleet.tables.packed_track_layout import (
    BREAK_NUMBER,
    CAMERA_COLUMNS,
    CAMERA_HEAD,
    CAPTURE_RECORD,
    CHECKED_FROM,
    LARGEST_PACKED_TRACK,
    MAGIC,
    PHOTO_COLUMNS,
    PHOTOS_RECORD,
    TRACK_COLUMNS,
    TRACK_HEAD,
    VERSION,
    ZOOM_STEP_RECORD,
)
from dji_audit.mapper import FlightMapTrack

Half = tuple[float, float]
_NO_HALF = (np.nan, np.nan)


def pack_track(map_track: FlightMapTrack) -> bytes:
    """Return the track of a flight on the map of all flights as bytes of a table.

    Raises:
        PackedTrackError: If it is larger than any that is read.
    """
    data: Mapping[str, Any] = json.loads(map_track.json)
    camera = data["camera"]
    packed_camera = b"" if not camera or camera["why_not"] else _pack_camera(camera)
    breaks = np.array(data["breaks"], BREAK_NUMBER)
    head = np.zeros((), TRACK_HEAD)
    head["magic"], head["version"], head["is_timed"] = MAGIC, VERSION, data["timed"]
    head["fixes"], head["breaks"] = data["kept"], len(breaks)
    head["camera_bytes"] = len(packed_camera)
    head["columns"], columns = _pack_columns_into_heads_and_bytes(data, TRACK_COLUMNS, data["kept"])
    checked = b"".join([head.tobytes()[CHECKED_FROM:], columns, breaks.tobytes(), packed_camera])
    if CHECKED_FROM + len(checked) > LARGEST_PACKED_TRACK:
        raise PackedTrackError("a track is larger than any that is read")
    head["crc32"] = zlib.crc32(checked)
    return head.tobytes()[:CHECKED_FROM] + checked


def _pack_columns_into_heads_and_bytes(
    data: Mapping[str, Any], names: tuple[str, ...], count: int
) -> tuple[list[Any], bytes]:
    """Return the heads of columns, of which the first holds times, and their bytes together."""
    packed = [
        column_head_and_packed_bytes(data[name], count, may_be_in_runs=number > 0)
        for number, name in enumerate(names)
    ]
    return [head for head, _ in packed], b"".join(column for _, column in packed)


def _pack_camera(camera: Mapping[str, Any]) -> bytes:
    words: dict[str, int] = {}
    # Not those that captures name: two that are one word are two here.
    first_words = [camera["sensor"], camera["source"]]
    captures = np.zeros(len(camera["captures"]), CAPTURE_RECORD)
    zoom_steps: list[tuple[int, Half]] = []
    for number, row in enumerate(camera["captures"]):
        start, end, kind, sensor, half, ground, steps = row
        captures[number] = (
            start, end, half or _NO_HALF, np.nan if ground is None else ground,
            _index_of_word_added_if_new(words, kind), _index_of_word_added_if_new(words, sensor),
            len(steps),
        )  # fmt: skip
        zoom_steps += [(at, (across, up)) for at, across, up in steps]
    photos = np.zeros(len(camera["photos"]), PHOTOS_RECORD)
    photo_columns = []
    for number, group in enumerate(camera["photos"]):
        heads, columns = _pack_columns_into_heads_and_bytes(group, PHOTO_COLUMNS, group["count"])
        sensor = _index_of_word_added_if_new(words, group["sensor"])
        photos[number] = (group["count"], sensor, group["half"] or _NO_HALF, heads)
        photo_columns.append(columns)
    packed_words = "\0".join(it.replace("\0", "") for it in [*first_words, *words]).encode()
    head = np.zeros((), CAMERA_HEAD)
    head["directions"], head["shallow_deg"] = camera["kept"], camera["shallow_deg"]
    halves = np.array([_NO_HALF, *_half_fovs_of_captures(camera)])
    head["widest_half"] = np.fmax.reduce(halves)
    grounds = [row[5] for row in camera["captures"]] + [it["ground"] for it in camera["photos"]]
    head["has_own_ground"] = any(it is not None for it in grounds)
    head["from_corners"] = camera["from_corners"]
    head["captures"], head["zoom_steps"] = len(captures), len(zoom_steps)
    head["photos"], head["word_bytes"] = len(photos), len(packed_words)
    head["columns"], columns = _pack_columns_into_heads_and_bytes(
        camera, CAMERA_COLUMNS, camera["kept"]
    )
    return b"".join(
        [
            head.tobytes(), columns, captures.tobytes(),
            np.array(zoom_steps, ZOOM_STEP_RECORD).tobytes(), photos.tobytes(), *photo_columns,
            packed_words,
        ]
    )  # fmt: skip


def _index_of_word_added_if_new(words: dict[str, int], word: str) -> int:
    """Return the number of a word that captures name; sensor and source come before these."""
    return 2 + words.setdefault(word, len(words))


def _half_fovs_of_captures(camera: Mapping[str, Any]) -> Iterator[Half]:
    """Yield every half field of view that a capture states."""
    for _, _, _, _, half, _, zoom_steps in camera["captures"]:
        if half is not None:
            yield tuple(half)
        yield from ((across, up) for _, across, up in zoom_steps)
    yield from (tuple(it["half"]) for it in camera["photos"] if it["half"] is not None)
