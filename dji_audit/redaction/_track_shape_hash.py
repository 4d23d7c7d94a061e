"""The shape of a track and its times as one digest: the same before and after it was moved."""

import csv
import hashlib
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.redaction._moved_positions import SHAPE_STEP_M, lat_lon_to_rounded_east_north_m


@dataclass(frozen=True, slots=True)
class TrackShapeHash:
    """The digest of a shape, and how many fixes it covers."""

    fixes: int
    #: SHA-256 over the fixes with time and position: nanoseconds since 1970, then hundredths of
    #: a metre east and north of the first, each as a signed integer of eight bytes, little-endian.
    sha256: str


def shape_hash_of_track(track: pd.DataFrame) -> TrackShapeHash | None:
    """Return the shape of a track, in the order of its rows; ``None``: no fix has a position.

    Args:
        track: ``time``, ``latitude_deg`` and ``longitude_deg``, of the evidence or as moved.
    """
    known = track[["time", "latitude_deg", "longitude_deg"]].dropna()
    known = known[(known["latitude_deg"].abs() <= 90) & (known["longitude_deg"].abs() <= 540)]
    if not len(known):
        return None
    latitude = known["latitude_deg"].to_numpy(np.float64)
    longitude = known["longitude_deg"].to_numpy(np.float64)
    metres = lat_lon_to_rounded_east_north_m(
        (float(latitude[0]), float(longitude[0])), latitude, longitude
    )
    times = known["time"].to_numpy("datetime64[ns]").astype(np.int64)
    steps = np.round(metres / SHAPE_STEP_M).astype(np.int64)
    rows = np.column_stack([times, steps]).astype("<i8")
    return TrackShapeHash(len(known), hashlib.sha256(rows.tobytes()).hexdigest())


def format_moved_track_as_csv(track: pd.DataFrame) -> str:
    """Return the fixes of a moved track with all digits: what its digest is computed from."""
    known = track[["time", "latitude_deg", "longitude_deg"]].dropna()
    times = known["time"].to_numpy("datetime64[ns]").astype(np.int64)
    rows = zip(times.tolist(), known["latitude_deg"], known["longitude_deg"], strict=True)
    lines = [f"{time},{latitude!r},{longitude!r}" for time, latitude, longitude in rows]
    return "\n".join(["time_ns,latitude_deg,longitude_deg", *lines, ""])


def shape_hash_of_moved_track_csv(text: str) -> TrackShapeHash | None:
    """Return the shape of a track written by ``format_moved_track_as_csv``.

    Raises:
        ValueError: If the text is no such table.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or rows[0] != ["time_ns", "latitude_deg", "longitude_deg"]:
        raise ValueError("not the columns of a moved track")
    times = np.array([int(row[0]) for row in rows[1:]], np.int64)
    positions = np.array([(float(row[1]), float(row[2])) for row in rows[1:]]).reshape(-1, 2)
    return shape_hash_of_track(
        pd.DataFrame(
            {
                "time": pd.DatetimeIndex(times.astype("datetime64[ns]"), tz="UTC"),
                "latitude_deg": positions[:, 0],
                "longitude_deg": positions[:, 1],
            }
        )
    )
