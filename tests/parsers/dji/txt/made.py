"""Small flight records for these tests, written by the independent encoder of the sample logs."""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pydjirecord

import parsers
from parsers import Keychains, Log
from sample_logs import dji_bodies, dji_txt
from sample_logs.dji_txt import Details, FeatureKey, Record
from tests.parsers.read_as_file import read_as_file

START_MS = 1_747_213_318_242
NAME = "DJIFlightRecord_2025-05-14_[10-01-58].txt"


def keychains(groups: Sequence[Mapping[int, FeatureKey]]) -> Keychains:
    """Return the encoder's keys as the reader takes them: through their JSON."""
    return parsers.load_keychains(dji_txt.keychains_json(groups).encode())


def pydjirecord_keys(path: Path) -> list[list[pydjirecord.KeychainFeaturePoint]]:
    """Return the keys beside a record as pydjirecord takes them."""
    groups = json.loads(path.with_name(path.name + ".keychains.json").read_text("utf-8"))
    return [
        [
            pydjirecord.KeychainFeaturePoint(
                int(row["featurePoint"].rpartition("_")[2]), row["aesKey"], row["aesIv"]
            )
            for row in group
        ]
        for group in (groups["data"] if isinstance(groups, dict) else groups)
    ]


def read_bytes(data: bytes, keys: Sequence[Keychains] = ()) -> Log:
    """Read a log that is no file."""
    return read_as_file(data, NAME, keys)


def read(
    version: int,
    records: Iterable[Record],
    details: Details | bytes | None = None,
    groups: Sequence[Mapping[int, FeatureKey]] = (),
) -> Log:
    """Write records and read them back, with the keys they were written with."""
    data = dji_txt.encode(version, records, details=details, keys=groups)
    return read_bytes(data, [keychains(groups)] if groups else ())


def osd(second: float = 0.0, height_m: float = 10.0, **changed: Any) -> bytes:
    """Return a body of OSD: in the air over the moor, moving north by a metre each second."""
    usual: dict[str, Any] = {
        "velocity_mps": (1.0, 0.0, 0.0),
        "attitude_deg": (0.0, 0.0, 0.0),
        "mode": 6,
        "action": 0,
        "airborne": True,
        "motors_on": True,
        "go_home": 0,
        "satellites": 14,
        "battery_pct": 80,
        "flight_time_s": second,
    }
    return dji_bodies.osd(50.6 + second * 9e-6, -3.96, height_m, **(usual | changed))


def patched(body: bytes, at: int, value: int) -> bytes:
    """Return a body with one byte changed."""
    return body[:at] + bytes([value]) + body[at + 1 :]


def home(**changed: Any) -> bytes:
    """Return a body of Home."""
    usual: dict[str, Any] = {
        "go_home_height_m": 60,
        "height_limit_m": 120.0,
        "log_index": 7,
        "serial": "SYNTHETIC0000001",
    }
    return dji_bodies.home(50.6, -3.96, 300.0, **(usual | changed))


def custom(after_ms: int, photo: int = 0, video: int = 0) -> bytes:
    """Return a body of Custom so many milliseconds after the start."""
    return struct.pack("<2b2fq", photo, video, 1.0, 2.0, START_MS + after_ms)


def flight(fixes: int, more: Mapping[int, Sequence[Record]] | None = None) -> list[Record]:
    """Return OSD, Gimbal and Custom ten times a second, and other records after some of them."""
    records: list[Record] = []
    for number in range(fixes):
        records += [
            (dji_bodies.CUSTOM, custom(100 * number)),
            (dji_bodies.OSD, osd(number / 10)),
            (dji_bodies.GIMBAL, dji_bodies.gimbal(-30.0, 0.0, 90.0)),
        ]
        records += (more or {}).get(number, ())
    return records


def each(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, with its columns as attributes."""
    return list(frame.itertuples())


def only(frame: pd.DataFrame) -> Any:
    """Return the one row of a table that must have one."""
    (row,) = each(frame)
    return row
