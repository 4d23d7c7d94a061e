"""Logs written by hand, byte by byte from the specification: what the tests of ULog read."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parsers import Content, Log
from parsers.mavlink.ulog import FORMAT

SYNC = bytes.fromhex("2f731320250cbb12")

GPS = (
    "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;"
    "double altitude_msl_m;float vel_n_m_s;float vel_e_m_s;float vel_d_m_s;"
    "uint8_t fix_type;uint8_t satellites_used;uint8_t[6] _padding0;"
)
GPS_PACKED = "<QQdddfffBB"
STATUS = (
    "uint64_t timestamp;uint8_t nav_state;uint8_t nav_state_user_intention;uint8_t arming_state;"
    "uint8_t latest_arming_reason;uint8_t latest_disarming_reason;bool geofence_violated;"
    "uint8_t[2] _padding0;"
)
STATUS_PACKED = "<QBBBBB?"
COMMAND = (
    "uint64_t timestamp;double param5;double param6;float param1;float param2;float param3;"
    "float param4;float param7;uint32_t command;uint8_t source_system;bool from_external;"
    "uint8_t[2] _padding0;"
)
COMMAND_PACKED = "<QddfffffIB?"
ACK = "uint64_t timestamp;uint32_t command;uint8_t result;uint8_t[3] _padding0;"
ACK_PACKED = "<QIB"

#: 2024-05-01 10:00:00 UTC in microseconds: boot of the logs that the tests write.
BOOT_US = 1_714_557_600_000_000


class Writer:
    """A log, record after record."""

    def __init__(self, *, start_us: int = 1_000_000, version: int = 1) -> None:
        self.data = bytearray(b"ULog\x01\x12\x35" + struct.pack("<BQ", version, start_us))
        self._ids: dict[tuple[str, int], tuple[int, str]] = {}

    def record(self, letter: str, body: bytes) -> int:
        """Add a record and return where it begins."""
        at = len(self.data)
        self.data += struct.pack("<HB", len(body), ord(letter)) + body
        return at

    def flags(self, *appended: int, incompatible: int | None = None) -> int:
        offsets = [*appended, 0, 0, 0][:3]
        flag = (1 if appended else 0) if incompatible is None else incompatible
        return self.record("B", bytes(8) + bytes([flag]) + bytes(7) + struct.pack("<3Q", *offsets))

    def format(self, name: str, fields: str) -> int:
        return self.record("F", f"{name}:{fields}".encode())

    def info(self, kind: str, key: str, value: bytes) -> int:
        head = f"{kind} {key}".encode()
        return self.record("I", bytes([len(head)]) + head + value)

    def release(self, major: int, minor: int) -> int:
        return self.info("uint32_t", "ver_sw_release", bytes([255, 0, minor, major]))

    def more(self, kind: str, key: str, value: bytes, *, continued: bool = False) -> int:
        head = f"{kind} {key}".encode()
        return self.record("M", bytes([continued, len(head)]) + head + value)

    def parameter(self, name: str, value: float, *, default_of: int | None = None) -> int:
        kind = "int32_t" if isinstance(value, int) else "float"
        head = f"{kind} {name}".encode()
        body = bytes([len(head)]) + head + struct.pack("<i" if kind == "int32_t" else "<f", value)
        if default_of is not None:
            return self.record("Q", bytes([default_of]) + body)
        return self.record("P", body)

    def subscribe(self, topic: str, packed: str, *, instance: int = 0, number: int = -1) -> int:
        mid = len(self._ids) if number < 0 else number
        self._ids[topic, instance] = mid, packed
        return self.record("A", struct.pack("<BH", instance, mid) + topic.encode())

    def topic(self, name: str, fields: str, packed: str, *, instance: int = 0) -> None:
        self.format(name, fields)
        self.subscribe(name, packed, instance=instance)

    def add(self, topic: str, *values: Any, instance: int = 0) -> int:
        """Add a data record; its first value is the time in microseconds."""
        mid, packed = self._ids[topic, instance]
        return self.record("D", struct.pack("<H", mid) + struct.pack(packed, *values))

    def text(self, time_us: int, level: int, text: str) -> int:
        return self.record("L", struct.pack("<BQ", ord("0") + level, time_us) + text.encode())

    def tagged(self, time_us: int, level: int, tag: int, text: str) -> int:
        head = struct.pack("<BHQ", ord("0") + level, tag, time_us)
        return self.record("C", head + text.encode())

    def sync(self) -> int:
        return self.record("S", SYNC)

    def dropout(self, lasted_ms: int) -> int:
        return self.record("O", struct.pack("<H", lasted_ms))

    def fix(self, time_us: int, north: float = 50.0, up: float = 100.0, **more: float) -> int:
        """Add a fix of the receiver; its clock is right."""
        speeds = more.get("vn", 1.0), more.get("ve", 0.0), more.get("vd", 0.0)
        return self.add(
            "vehicle_gps_position", time_us, BOOT_US + time_us, north, 8.0, up, *speeds, 3, 14
        )

    def log(self, name: str = "made.ulg") -> Log:
        """Return what the reader makes of it."""
        return FORMAT.read(Content(name, bytes(self.data)), ())


def flight(*, version: tuple[int, int] = (1, 15)) -> Writer:
    """Return a log with a fix each second for a minute, and a status that is armed."""
    made = Writer()
    made.flags()
    made.release(*version)
    made.format("vehicle_gps_position", GPS)
    made.format("vehicle_status", STATUS)
    made.subscribe("vehicle_gps_position", GPS_PACKED)
    made.subscribe("vehicle_status", STATUS_PACKED)
    made.add("vehicle_status", 1_000_000, 2, 2, 2, 1, 0, False)
    for second in range(1, 61):
        made.fix(second * 1_000_000, 50.0 + second * 1e-5)
    return made


def test_pyulog_reads_what_the_writer_writes(tmp_path: Path) -> None:
    pyulog = pytest.importorskip("pyulog")
    path = tmp_path / "made.ulg"
    made = flight()
    made.text(5_000_000, 4, "mind the gap")
    path.write_bytes(made.data)
    theirs = pyulog.ULog(str(path))
    found = {each.name: each for each in theirs.data_list}
    assert set(found) == {"vehicle_gps_position", "vehicle_status"}
    latitudes = found["vehicle_gps_position"].data["latitude_deg"]
    np.testing.assert_allclose(latitudes, 50 + np.arange(1, 61) * 1e-5)
    assert theirs.logged_messages[0].message == "mind the gap"
    assert not theirs.file_corruption
