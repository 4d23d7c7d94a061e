"""Telemetry in the ``djmd`` track of DJI's videos: one message a frame, by schema or by shape.

Facts: field numbers as ExifTool 13.58 (DJI.pm) has them by name of schema, and DJI's own schema
02.01.16 as AdrianEddy/telemetry-parser carries it.  The two disagree on whether the aircraft's
attitude is roll, pitch, yaw or pitch, roll, yaw, so only its yaw is used.  A zero is not written:
a value that lacks in a message that is there is 0, and in one that is not there unknown.

A schema that nobody has described is read by shape: a message of two doubles that can be a latitude
and a longitude and that change little from frame to frame is a position.  The first sample alone
says which schema it is, and copies that were cut lack it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._file_content import Content
from ._media_tracks import MediaTrackSamples
from ._schemaless_protobuf import (
    FieldPlan,
    MalformedProtobufError,
    ProtobufValue,
    add_decoded_planned_fields_to_mapping,
    iterate_field_numbers_types_and_spans,
    protobuf_fields_by_path,
)

#: A longer sample is no message of a frame.
_MOST_BYTES = 1 << 20
#: Samples that an inferred schema is checked against.
_MOST_SAMPLED = 12
_LARGEST_STEP_DEG = 0.01

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DjmdSchema:
    """Where in a message the values stand; a path is of numbers of fields."""

    name: str
    #: Of the message that holds position (1), altitude (2), status (3) and GPS time (6-1).
    position_path: str
    #: Height above take-off, millimetres.
    height_path: str | None
    attitude_path: str | None
    gimbal_path: str | None
    #: Degrees in one unit of the gimbal's angles.
    gimbal_unit_deg: float = 0.1
    inferred: bool = False


def _build_aircraft_schema(name: str, gimbal_unit: float = 0.1) -> DjmdSchema:
    return DjmdSchema(name, "3-3-4", "3-3-5-1", "3-3-3", "3-4-3", gimbal_unit)


def _build_small_aircraft_schema(name: str) -> DjmdSchema:
    return DjmdSchema(name, "3-4-4", "3-4-5-1", "3-4-3", None)


def _build_handheld_schema(name: str) -> DjmdSchema:
    return DjmdSchema(name, "3-4-2", None, None, None)


#: Name of the schema in the first sample, without ``dvtm_`` and ``.proto``.
SCHEMAS: Mapping[str, DjmdSchema] = {
    schema.name: schema
    for schema in (
        *(_build_handheld_schema(name) for name in ("ac203", "ac204", "ac206")),
        *(_build_small_aircraft_schema(name) for name in ("AVATA2", "dji_neo")),
        *(
            _build_aircraft_schema(name)
            for name in ("wm265e", "pm320", "Mini4_Pro", "Air3", "Air3s")
        ),
        *(_build_aircraft_schema(name) for name in ("PP-101", "oq101", "wa345e", "wm261")),
        *(_build_aircraft_schema(name, 1.0) for name in ("Mavic4", "Mini5Pro")),
    )
}


def find_djmd_schema_by_positions_in_messages(
    trees: Sequence[Mapping[str, ProtobufValue]],
) -> DjmdSchema | None:
    """Return a schema for the first path that holds a position in all of some messages."""
    first = trees[0] if trees else {}
    for path in first:
        outer, _, last = path.rpartition("-")
        if last == "2" and outer.count("-") >= 2 and _is_path_of_position(outer, trees):
            position_path = outer.rpartition("-")[0]
            body = position_path.rpartition("-")[0]
            height = f"{body}-5-1" if f"{body}-5-1" in first else None
            gimbal = "3-4-3" if body != "3-4" and _holds_gimbal_angles("3-4-3", trees) else None
            return DjmdSchema("inferred", position_path, height, None, gimbal, inferred=True)
    return None


def _is_path_of_position(path: str, trees: Sequence[Mapping[str, ProtobufValue]]) -> bool:
    points: list[tuple[float, float]] = []
    for message in trees:
        unit, lat, lon = (message.get(f"{path}-{number}") for number in (1, 2, 3))
        if not isinstance(lat, float) or not isinstance(lon, float) or unit not in (None, 0, 1):
            return False
        scale = 1.0 if unit == 1 else 180 / np.pi
        if not abs(lat * scale) <= 90 or not abs(lon * scale) <= 180:
            return False
        if abs(lat) > 1e-6 or abs(lon) > 1e-6:
            points.append((lat * scale, lon * scale))
    steps = pairwise(points)
    return bool(points) and all(
        abs(b[0] - a[0]) < _LARGEST_STEP_DEG and abs(b[1] - a[1]) < _LARGEST_STEP_DEG
        for a, b in steps
    )


def _holds_gimbal_angles(path: str, trees: Sequence[Mapping[str, ProtobufValue]]) -> bool:
    """Return whether a message holds tenths of degrees: whole numbers no greater than 3600."""
    angles = [message.get(f"{path}-{number}", 0) for message in trees for number in (1, 2, 3)]
    some = any(f"{path}-{number}" in message for message in trees for number in (1, 2, 3))
    return some and all(isinstance(value, int) and abs(value) <= 3600 for value in angles)


_CLIP: FieldPlan = {
    1: {
        1: {1: "schema", 5: "serial", 6: "firmware", 9: "since_power_on_us", 10: "product"},
        2: {2: "audio_streams"},
    },
    2: {
        2: {1: "width", 2: "height", 3: "frames_per_s"},
        3: {1: "width_3", 2: "height_3", 3: "frames_per_s_3"},
    },
}


@dataclass(frozen=True, slots=True)
class DjmdClipMetadata:
    """What the first sample says of the clip."""

    schema: str | None = None
    #: Width and height, pixels; 0: not stated.
    frame_size: tuple[int, int] = (0, 0)
    audio_streams: int | None = None
    product: str | None = None
    serial: str | None = None
    firmware: str | None = None
    since_power_on_s: float | None = None


@dataclass(eq=False)
class DjmdTelemetry:
    """The messages of a track, read by a schema."""

    content: Content = field(repr=False)
    samples: MediaTrackSamples
    clip: DjmdClipMetadata
    #: ``None``: no position could be found in it.
    schema: DjmdSchema | None
    columns: dict[str, Floats]
    gps_times: list[str | None]
    malformed_count: int

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self.samples)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each message, with every value under its path."""
        rows: list[dict[str, Any]] = []
        offsets, sizes = self.samples.offsets.tolist(), self.samples.sizes.tolist()
        for offset, size, start in zip(offsets, sizes, self.samples.start_s.tolist(), strict=True):
            row: dict[str, Any] = {"offset": offset, "length": size, "start_s": start}
            values = _protobuf_tree_of_message(self.content, offset, size)
            rows.append(row | {path: _text_or_hex(value) for path, value in values.items()})
        return pd.DataFrame(rows)


def read_djmd_telemetry(content: Content, samples: MediaTrackSamples) -> DjmdTelemetry:
    """Read the messages of a ``djmd`` track."""
    clip = (
        parse_djmd_clip_metadata(content, *_sample_offset_and_size(samples, 0))
        if len(samples)
        else DjmdClipMetadata()
    )
    short = (clip.schema or "").removeprefix("dvtm_").removesuffix(".proto")
    schema = SCHEMAS.get(short) or find_djmd_schema_by_positions_in_messages(
        _protobuf_trees_of_some_messages(content, samples)
    )
    columns, times, malformed = _columns_gps_times_and_malformed_count(content, samples, schema)
    return DjmdTelemetry(content, samples, clip, schema, columns, times, malformed)


def parse_djmd_clip_metadata(content: Content, offset: int, size: int) -> DjmdClipMetadata:
    """Return what a sample says of its clip; nothing if it is not the first."""
    values: dict[str, ProtobufValue] = {}
    data = content.data[offset : offset + min(size, _MOST_BYTES)]
    try:
        add_decoded_planned_fields_to_mapping(data, 0, len(data), _CLIP, values)
    except MalformedProtobufError:
        return DjmdClipMetadata()
    since, audio = values.get("since_power_on_us"), values.get("audio_streams")
    if audio is None and "1-2" in values:
        audio = 0
    width = values.get("width", values.get("width_3", 0))
    height = values.get("height", values.get("height_3", 0))
    frame_size = (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)
    return DjmdClipMetadata(
        schema=_short_text_or_none(values.get("schema")),
        frame_size=frame_size,
        audio_streams=audio if isinstance(audio, int) else None,
        product=_short_text_or_none(values.get("product")),
        serial=_short_text_or_none(values.get("serial")),
        firmware=_short_text_or_none(values.get("firmware")),
        since_power_on_s=since / 1e6 if isinstance(since, int) else None,
    )


def _short_text_or_none(raw: ProtobufValue | None) -> str | None:
    """Return a short text; ``None`` if it is not one."""
    if not isinstance(raw, bytes) or not 0 < len(raw) <= 64:
        return None
    # A field may be filled up behind the text.
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace")
    return text if text.isprintable() and text.strip() else None


def _sample_offset_and_size(samples: MediaTrackSamples, row: int) -> tuple[int, int]:
    return int(samples.offsets[row]), int(samples.sizes[row])


def _protobuf_tree_of_message(content: Content, offset: int, size: int) -> dict[str, ProtobufValue]:
    data = content.data[offset : offset + min(size, _MOST_BYTES)]
    try:
        return protobuf_fields_by_path(data, 0, len(data))
    except MalformedProtobufError:
        return {}


def _protobuf_trees_of_some_messages(
    content: Content, samples: MediaTrackSamples
) -> list[dict[str, ProtobufValue]]:
    """Return the values of some messages that lie apart, the first included."""
    rows = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), _MOST_SAMPLED)).astype(int))
    trees = [
        _protobuf_tree_of_message(content, *_sample_offset_and_size(samples, row))
        for row in rows.tolist()
    ]
    return [message for message in trees if message]


def _text_or_hex(value: ProtobufValue) -> object:
    if not isinstance(value, bytes):
        return value
    text = value.decode("ascii", "replace")
    return text if text.isprintable() and value.isascii() else value.hex()


# By schema

_COLUMN_NAMES = ("unit", "lat", "lon", "altitude", "status", "type", "height", "yaw",
          "gimbal_pitch", "gimbal_roll", "gimbal_yaw")  # fmt: skip


def _protobuf_field_plan_of_schema(schema: DjmdSchema) -> FieldPlan:
    names_by_path = {
        f"{schema.position_path}-1-1": "unit",
        f"{schema.position_path}-1-2": "lat",
        f"{schema.position_path}-1-3": "lon",
        f"{schema.position_path}-2": "altitude",
        f"{schema.position_path}-3": "status",
        f"{schema.position_path}-4": "type",
        f"{schema.position_path}-6-1": "time",
        schema.height_path: "height",
        schema.attitude_path and f"{schema.attitude_path}-3": "yaw",
        schema.gimbal_path and f"{schema.gimbal_path}-1": "gimbal_pitch",
        schema.gimbal_path and f"{schema.gimbal_path}-2": "gimbal_roll",
        schema.gimbal_path and f"{schema.gimbal_path}-3": "gimbal_yaw",
    }
    plan: dict[int, Any] = {}
    for path, name in names_by_path.items():
        if path:
            *outer, last = map(int, path.split("-"))
            inner = plan
            for number in outer:
                inner = inner.setdefault(number, {})
            inner[last] = name
    return plan


def _columns_gps_times_and_malformed_count(
    content: Content, samples: MediaTrackSamples, schema: DjmdSchema | None
) -> tuple[dict[str, Floats], list[str | None], int]:
    """Return the values of every message, the GPS times, and the number of malformed messages."""
    rows: list[tuple[float, ...]] = []
    times: list[str | None] = []
    malformed = 0
    plan = _protobuf_field_plan_of_schema(schema) if schema else {}
    offsets, sizes = samples.offsets.tolist(), samples.sizes.tolist()
    for offset, size in zip(offsets, sizes, strict=True):
        values: dict[str, ProtobufValue] = {}
        data = content.data[offset : offset + min(size, _MOST_BYTES)]
        try:
            add_decoded_planned_fields_to_mapping(data, 0, len(data), plan, values)
        except MalformedProtobufError:
            malformed += 1
            values = {}
        if schema:
            _fill_default_zeros(schema, values)
        rows.append(tuple(_float_or_nan(values.get(name)) for name in _COLUMN_NAMES))
        times.append(_short_text_or_none(values.get("time")))
    table = np.array(rows, np.float64).reshape(-1, len(_COLUMN_NAMES))
    return dict(zip(_COLUMN_NAMES, table.T, strict=True)), times, malformed


def _fill_default_zeros(schema: DjmdSchema, values: dict[str, ProtobufValue]) -> None:
    """Put in the zeros that are not written, where the message around them is."""
    within = {
        schema.position_path + "-1": ("unit", "lat", "lon"),
        schema.position_path: ("altitude", "status", "type"),
        schema.gimbal_path: ("gimbal_pitch", "gimbal_roll", "gimbal_yaw"),
        schema.attitude_path: ("yaw",),
        schema.height_path and schema.height_path.rpartition("-")[0]: ("height",),
    }
    for path, names in within.items():
        if path and path in values:
            for name in names:
                values.setdefault(name, 0)


def _float_or_nan(value: ProtobufValue | None) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def samples_contain_position(content: Content, samples: MediaTrackSamples) -> bool:
    """Return whether samples are messages that hold a position, by their shape."""
    if not len(samples):
        return False
    if parse_djmd_clip_metadata(content, *_sample_offset_and_size(samples, 0)).schema is not None:
        return True
    return (
        find_djmd_schema_by_positions_in_messages(
            _protobuf_trees_of_some_messages(content, samples)
        )
        is not None
    )


def djmd_latitudes_and_longitudes(telemetry: DjmdTelemetry) -> tuple[Floats, Floats]:
    """Return latitude and longitude of each message in degrees."""
    columns = telemetry.columns
    scale = np.where(columns["unit"] == 1, 1.0, 180 / np.pi)
    return columns["lat"] * scale, columns["lon"] * scale


def find_first_sample_offset_and_size(
    content: Content, begin: int, end: int
) -> tuple[int, int] | None:
    """Return offset and size of a first sample that lies near the start of media data.

    For files without an index: the first sample names its schema in clear.
    """
    data = content.data[begin : min(end, begin + _MOST_BYTES)]
    at = data.find(b"dvtm_")
    for first in range(max(0, at - 10), max(0, at - 4)):
        if data[first : first + 1] != b"\x0a":
            continue
        size = djmd_message_size(data[first : first + 65536])
        if size and parse_djmd_clip_metadata(content, begin + first, size).schema:
            return begin + first, size
    return None


def djmd_message_size(data: bytes) -> int:
    """Return how many bytes from the start are fields 1, 2 and 3 of a message."""
    last, seen = 0, 0
    try:
        for number, wire, _, until in iterate_field_numbers_types_and_spans(data, 0, len(data)):
            if wire != 2 or number not in (1, 2, 3) or number <= seen:
                break
            last, seen = until, number
    except MalformedProtobufError:
        pass
    return last
