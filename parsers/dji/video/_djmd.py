"""Telemetry in the ``djmd`` track of DJI's videos: one message a frame, by schema or by shape.

Facts: field numbers as ExifTool 13.58 (DJI.pm) has them by name of schema, and DJI's own schema
02.01.16 as AdrianEddy/telemetry-parser carries it.  The two disagree on whether the aircraft's
attitude is roll, pitch, yaw or pitch, roll, yaw, so only its yaw is used.  A zero is not written:
a value that lacks in a message that is there is 0, and in one that is not there unknown.

A schema that nobody has described is read by shape: a message of two doubles that can be a latitude
and a longitude and that change little from frame to frame is a position.  The first sample alone
says which schema it is, and copies that were cut lack it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._bytes import Content
from ._djmd_schemas import SCHEMAS, Schema, by_shape
from ._protobuf import MalformedError, Plan, Value, fields, pick, tree
from ._tracks import Samples

Floats = npt.NDArray[np.float64]

#: A longer sample is no message of a frame.
_MOST_BYTES = 1 << 20
_TRIED = 12


_CLIP: Plan = {
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
class Clip:
    """What the first sample says of the clip."""

    schema: str | None = None
    serial: str | None = None
    firmware: str | None = None
    product: str | None = None
    since_power_on_s: float | None = None
    audio_streams: int | None = None
    frame_size: tuple[int, int] = (0, 0)


@dataclass(eq=False)
class Telemetry:
    """The messages of a track, read by a schema."""

    content: Content = field(repr=False)
    samples: Samples
    clip: Clip
    #: ``None``: no position could be found in it.
    schema: Schema | None
    columns: dict[str, Floats]
    gps_times: list[str | None]
    malformed: int

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self.samples)

    def frame(self) -> pd.DataFrame:
        """Return one row for each message, with every value under its path."""
        rows: list[dict[str, Any]] = []
        offsets, sizes = self.samples.offsets.tolist(), self.samples.sizes.tolist()
        for offset, size, start in zip(offsets, sizes, self.samples.start_s.tolist(), strict=True):
            row: dict[str, Any] = {"offset": offset, "length": size, "start_s": start}
            found = _tree(self.content, offset, size)
            rows.append(row | {path: _shown(each) for path, each in found.items()})
        return pd.DataFrame(rows)


def read(content: Content, samples: Samples) -> Telemetry:
    """Read the messages of a ``djmd`` track."""
    clip = clip_of(content, *_place(samples, 0)) if len(samples) else Clip()
    short = (clip.schema or "").removeprefix("dvtm_").removesuffix(".proto")
    schema = SCHEMAS.get(short) or by_shape(_some(content, samples))
    columns, times, malformed = _columns(content, samples, schema)
    return Telemetry(content, samples, clip, schema, columns, times, malformed)


def clip_of(content: Content, offset: int, size: int) -> Clip:
    """Return what a sample says of its clip; nothing if it is not the first."""
    found: dict[str, Value] = {}
    data = content.data[offset : offset + min(size, _MOST_BYTES)]
    try:
        pick(data, 0, len(data), _CLIP, found)
    except MalformedError:
        return Clip()
    since, audio = found.get("since_power_on_us"), found.get("audio_streams")
    if audio is None and "1-2" in found:
        audio = 0
    width = found.get("width", found.get("width_3", 0))
    height = found.get("height", found.get("height_3", 0))
    return Clip(
        _word(found.get("schema")),
        _word(found.get("serial")),
        _word(found.get("firmware")),
        _word(found.get("product")),
        since / 1e6 if isinstance(since, int) else None,
        audio if isinstance(audio, int) else None,
        (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0),
    )


def _word(raw: Value | None) -> str | None:
    """Return a short text; ``None`` if it is none."""
    if not isinstance(raw, bytes) or not 0 < len(raw) <= 64:
        return None
    text = raw.decode("utf-8", "replace")
    return text if text.isprintable() and text.strip() else None


def _place(samples: Samples, row: int) -> tuple[int, int]:
    return int(samples.offsets[row]), int(samples.sizes[row])


def _tree(content: Content, offset: int, size: int) -> dict[str, Value]:
    data = content.data[offset : offset + min(size, _MOST_BYTES)]
    try:
        return tree(data, 0, len(data))
    except MalformedError:
        return {}


def _some(content: Content, samples: Samples) -> list[dict[str, Value]]:
    """Return the values of some messages that lie apart, the first included."""
    rows = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), _TRIED)).astype(int))
    found = [_tree(content, *_place(samples, row)) for row in rows.tolist()]
    return [each for each in found if each]


def _shown(found: Value) -> object:
    if not isinstance(found, bytes):
        return found
    text = found.decode("ascii", "replace")
    return text if text.isprintable() and found.isascii() else found.hex()


# By schema

_NAMES = ("unit", "lat", "lon", "altitude", "status", "type", "height", "yaw",
          "gimbal_pitch", "gimbal_roll", "gimbal_yaw")  # fmt: skip


def _plan(schema: Schema) -> Plan:
    wanted = {
        f"{schema.place}-1-1": "unit",
        f"{schema.place}-1-2": "lat",
        f"{schema.place}-1-3": "lon",
        f"{schema.place}-2": "altitude",
        f"{schema.place}-3": "status",
        f"{schema.place}-4": "type",
        f"{schema.place}-6-1": "time",
        schema.height: "height",
        schema.attitude and f"{schema.attitude}-3": "yaw",
        schema.gimbal and f"{schema.gimbal}-1": "gimbal_pitch",
        schema.gimbal and f"{schema.gimbal}-2": "gimbal_roll",
        schema.gimbal and f"{schema.gimbal}-3": "gimbal_yaw",
    }
    plan: dict[int, Any] = {}
    for path, name in wanted.items():
        if path:
            *outer, last = map(int, path.split("-"))
            inner = plan
            for number in outer:
                inner = inner.setdefault(number, {})
            inner[last] = name
    return plan


def _columns(
    content: Content, samples: Samples, schema: Schema | None
) -> tuple[dict[str, Floats], list[str | None], int]:
    """Return the wanted values of every message, the GPS times, and how many are no messages."""
    rows: list[tuple[float, ...]] = []
    times: list[str | None] = []
    malformed = 0
    plan = _plan(schema) if schema else {}
    offsets, sizes = samples.offsets.tolist(), samples.sizes.tolist()
    for offset, size in zip(offsets, sizes, strict=True):
        found: dict[str, Value] = {}
        data = content.data[offset : offset + min(size, _MOST_BYTES)]
        try:
            pick(data, 0, len(data), plan, found)
        except MalformedError:
            malformed += 1
            found = {}
        if schema:
            _fill(schema, found)
        rows.append(tuple(_float(found.get(name)) for name in _NAMES))
        times.append(_word(found.get("time")))
    table = np.array(rows, np.float64).reshape(-1, len(_NAMES))
    return dict(zip(_NAMES, table.T, strict=True)), times, malformed


def _fill(schema: Schema, found: dict[str, Value]) -> None:
    """Put in the zeros that are not written, where the message around them is."""
    within = {
        schema.place + "-1": ("unit", "lat", "lon"),
        schema.place: ("altitude", "status", "type"),
        schema.gimbal: ("gimbal_pitch", "gimbal_roll", "gimbal_yaw"),
        schema.attitude: ("yaw",),
        schema.height and schema.height.rpartition("-")[0]: ("height",),
    }
    for path, names in within.items():
        if path and path in found:
            for name in names:
                found.setdefault(name, 0)


def _float(found: Value | None) -> float:
    return float(found) if isinstance(found, int | float) else float("nan")


def positions(told: Telemetry) -> tuple[Floats, Floats]:
    """Return latitude and longitude of each message in degrees."""
    columns = told.columns
    scale = np.where(columns["unit"] == 1, 1.0, 180 / np.pi)
    return columns["lat"] * scale, columns["lon"] * scale


def find_first(content: Content, begin: int, end: int) -> tuple[int, int] | None:
    """Return place and size of a first sample that lies near the start of media data.

    For files whose index was never written: the first sample names its schema in clear.
    """
    data = content.data[begin : min(end, begin + _MOST_BYTES)]
    at = data.find(b"dvtm_")
    for first in range(max(0, at - 10), max(0, at - 4)):
        if data[first : first + 1] != b"\x0a":
            continue
        size = _message_size(data[first : first + 65536])
        if size and clip_of(content, begin + first, size).schema:
            return begin + first, size
    return None


def _message_size(data: bytes) -> int:
    """Return how many bytes from the start are fields 1, 2 and 3 of a message."""
    last, seen = 0, 0
    try:
        for number, wire, _, until in fields(data, 0, len(data)):
            if wire != 2 or number not in (1, 2, 3) or number <= seen:
                break
            last, seen = until, number
    except MalformedError:
        pass
    return last
