"""DJI's own DroneID and the French beacon: what of them is in clear."""

import math
import struct

import numpy as np
import pytest

import parsers
from parsers import Content, Log
from sample_logs import remote_id as written

RADIANS_E7 = 1e7 * math.pi / 180.0
TIME_MS = 1_778_749_400_000


def beacon(oui: bytes, body: bytes) -> bytes:
    header = b"\x80\x00\x00\x00" + b"\xff" * 6 + written.ADDRESS * 2 + b"\0\0" + bytes(12)
    return header + b"\x00\x05MAVIC" + b"\xdd" + bytes([len(oui + body)]) + oui + body


def read(*frames: bytes) -> list[Log]:
    packets = iter([(TIME_MS + 1000 * number, frame) for number, frame in enumerate(frames)])
    reading = parsers.read_content(Content("air.pcap", written.capture(105, packets)))
    return [log for log in reading.logs if log.source.format == "remote-id-broadcast"]


def degrees(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}i", *(round(value * RADIANS_E7) for value in values))


def dji(version: int, serial: bytes = b"0ASDE1234567AB") -> bytes:
    head = b"\x58\x62\x13\x10" + struct.pack("<BHH", version, 5, 0x0FFF) + serial.ljust(16, b"\0")
    head += degrees(-0.125, 51.5) + struct.pack("<hhhhh", 120, 45, 300, 400, -50)
    if version == 1:
        return head + bytes(6) + degrees(-0.126, 51.499) + b"\x10\x00" + bytes(20)
    person = struct.pack("<hQ", 0, TIME_MS) + degrees(51.498, -0.127)
    return head + person + degrees(-0.126, 51.499) + b"\x10\x00" + bytes(20)


@pytest.mark.parametrize("version", [1, 2])
def test_the_telemetry_of_dji_gives_identity_position_and_people(version: int) -> None:
    (log,) = read(beacon(b"\x26\x37\x12", dji(version)))
    assert log.aircraft.serial == "0ASDE1234567AB"
    fix = log.track.iloc[0]
    assert fix["latitude_deg"] == pytest.approx(51.5, abs=1e-7 * 60)
    assert fix["longitude_deg"] == pytest.approx(-0.125, abs=1e-7 * 60)
    assert fix["ground_speed_mps"] == pytest.approx(5.0)
    assert fix["course_deg"] == pytest.approx(math.degrees(math.atan2(400, 300)))
    # Sources disagree on the unit of heights: none is made up.
    assert np.isnan(fix["height_ato_m"])
    kinds = {place.kind: round(place.latitude_deg, 4) for place in log.named_positions}
    assert kinds == ({"start": 51.499} if version == 1 else {"start": 51.499, "pilot": 51.498})


def test_an_element_of_dji_that_is_not_known_is_told_and_not_guessed() -> None:
    (log,) = read(
        beacon(b"\x26\x37\x12", dji(2)),
        beacon(b"\x26\x37\x12", dji(7)),
        beacon(b"\x26\x37\x12", b"\x58\x62\x13\x10\x02" + bytes(9)),
    )
    assert len(log.track) == 1
    assert sum("version is not known" in issue.reason for issue in log.issues) == 2


def french(**more: bytes) -> bytes:
    fields = {
        "version": (1, b"\x01"), "id": (2, b"ABC000000000000000000000000001"),
        "latitude": (4, struct.pack(">i", 4_850_000)), "longitude": (5, struct.pack(">i", 225_000)),
        "altitude": (6, struct.pack(">h", 130)), "height": (7, struct.pack(">h", 45)),
        "home_latitude": (8, struct.pack(">i", 4_849_000)),
        "home_longitude": (9, struct.pack(">i", 224_000)), "speed": (10, b"\x09"),
        "heading": (11, struct.pack(">H", 270)),
    }  # fmt: skip
    return b"".join(
        bytes([kind, len(more.get(name, value))]) + more.get(name, value)
        for name, (kind, value) in fields.items()
    )


def test_a_french_beacon_gives_identity_position_height_and_home() -> None:
    (log,) = read(beacon(b"\x6a\x5c\x35\x01", french()))
    fix = log.track.iloc[0]
    assert (fix["latitude_deg"], fix["longitude_deg"]) == pytest.approx((48.5, 2.25))
    assert (fix["altitude_amsl_m"], fix["height_ato_m"]) == (130.0, 45.0)
    assert (fix["ground_speed_mps"], fix["course_deg"]) == (9.0, 270.0)
    (home,) = log.named_positions
    assert home.kind == "start"
    assert (home.latitude_deg, home.longitude_deg) == pytest.approx((48.49, 2.24))
    assert "registration: ABC000000000000000000000000001" in set(log.events["text"])


def test_a_field_of_another_length_is_damage_and_left_out() -> None:
    (log,) = read(
        beacon(b"\x6a\x5c\x35\x01", french()),
        beacon(b"\x6a\x5c\x35\x01", french(height=b"\x01\x02\x03")),
        beacon(b"\x6a\x5c\x35\x01", french()[:-1]),
    )
    assert np.isnan(log.track["height_ato_m"][1])
    assert sum("French beacon" in issue.reason for issue in log.issues) == 2
