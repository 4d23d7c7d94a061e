"""Remote ID by every way it travels, in every kind of capture that holds it."""

import struct
import time
from collections.abc import Callable

import numpy as np
import pytest

import parsers
from parsers import Content, Log
from parsers.remote_id import _build_log_per_aircraft
from sample_logs import remote_id as written

WIFI, PRISM, RADIOTAP, PPI, BLE, BLE_WITH_HEADER, NORDIC = 105, 119, 127, 192, 251, 256, 272
SERIAL = "1581F5FKD22A00000001"
HEARD = written.Heard(1_778_749_400_000, 51.5, -0.125, 42.5, 7.25, -1.5, 200.0, True)
TIME_MS = HEARD.utc_ms


def messages(*more: bytes) -> bytes:
    return written.pack(written.basic_id(SERIAL), written.location(HEARD), *more)


def wifi_frame(body: bytes | None = None) -> bytes:
    """Return a beacon as the radio sends it, without what a receiver puts before it."""
    beacon = written.beacon(7, messages() if body is None else body, -50)
    return beacon[struct.unpack_from("<H", beacon, 2)[0] :]


def nan_frame() -> bytes:
    info = b"\x05" + messages()
    service = b"\x88\x69\x19\x9d\x92\x09\x01\x00\x10" + bytes([len(info)]) + info
    attribute = b"\x03" + struct.pack("<H", len(service)) + service
    header = b"\xd0\x00\x00\x00" + b"\x51\x6f\x9a\x01\x00\x00" + b"\x02\0\0\0\0\x09" * 2 + b"\0\0"
    return header + b"\x04\x09\x50\x6f\x9a\x13" + b"\x0e\x02\x00\x01\x02" + attribute


def long_range_packet() -> bytes:
    data = b"\x16\xfa\xff\x0d\x09" + messages()
    data = bytes([len(data)]) + data
    header = b"\x09\x09" + b"\x06\x05\x04\x03\x02\xc1" + b"\x75\x0e"
    pdu = b"\x07" + bytes([len(header) + len(data)]) + header + data
    return struct.pack("<I", 0x8E89BED6) + b"\x00" + pdu + written.checksum(pdu)


def nordic_packet() -> bytes:
    held = b"\x0a\x21\x0a\x35\0\0" + bytes(4) + long_range_packet()
    return b"\x03" + struct.pack("<H", len(held)) + b"\x03\x01\x00\x02" + held


def read(link: int, *packets: bytes, step_ms: int = 500) -> list[Log]:
    timed = iter([(TIME_MS + step_ms * number, each) for number, each in enumerate(packets)])
    content = Content("air.pcap", written.capture(link, timed))
    return [
        log
        for log in parsers.read_content(content).logs
        if log.source.format == "remote-id-broadcast"
    ]


ADVERTISEMENTS = [
    written.advertisement(number, message)
    for number, message in enumerate((written.basic_id(SERIAL), written.location(HEARD)))
]
WAYS: dict[str, tuple[int, list[bytes], str]] = {
    "Wi-Fi": (WIFI, [wifi_frame()], "Wi-Fi beacon"),
    "radiotap": (RADIOTAP, [written.beacon(7, messages(), -50)], "Wi-Fi beacon"),
    "Prism": (PRISM, [struct.pack("<II", 0x44, 144) + bytes(136) + wifi_frame()], "Wi-Fi beacon"),
    "PPI": (PPI, [struct.pack("<BBHI", 0, 0, 8, WIFI) + wifi_frame()], "Wi-Fi beacon"),
    "probe response": (WIFI, [b"\x50" + wifi_frame()[1:]], "Wi-Fi beacon"),
    "NAN": (WIFI, [nan_frame()], "Wi-Fi NAN"),
    "Bluetooth": (BLE_WITH_HEADER, ADVERTISEMENTS, "Bluetooth"),
    "Bluetooth without header": (BLE, [each[10:] for each in ADVERTISEMENTS], "Bluetooth"),
    "long range": (NORDIC, [nordic_packet()], "Bluetooth long range"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_message_is_read_whatever_way_it_came(way: str) -> None:
    link, packets, transport = WAYS[way]
    (log,) = read(link, *packets)
    (row,) = log.records("Location").to_dict("records")
    assert row["transport"] == transport
    assert log.aircraft.serial == SERIAL
    fix = log.track.iloc[0]
    assert (fix["latitude_deg"], fix["longitude_deg"]) == (51.5, -0.125)
    assert (fix["height_ato_m"], fix["ground_speed_mps"]) == (42.5, 7.25)
    assert (fix["vertical_speed_mps"], fix["course_deg"]) == (-1.5, 200.0)
    assert (fix["horizontal_error_m"], fix["vertical_error_m"]) == (10.0, 25.0)
    assert fix["flight_mode"] == "airborne"
    assert abs(fix["time"].timestamp() * 1000 - TIME_MS) <= 500


def location(**fields: int) -> bytes:
    """Return a Location message with some of its bytes replaced, by the name of the field."""
    places = {
        "status": (1, "B"), "direction": (2, "B"), "speed": (3, "B"), "climb": (4, "b"),
        "latitude": (5, "<i"), "longitude": (9, "<i"), "pressure": (13, "<H"),
        "geodetic": (15, "<H"), "height": (17, "<H"), "accuracy": (19, "B"), "tenths": (21, "<H"),
    }  # fmt: skip
    raw = bytearray(written.location(HEARD))
    for name, value in fields.items():
        place, form = places[name]
        struct.pack_into(form, raw, place, value)
    return bytes(raw)


UNKNOWN = {
    "climb": (126, "vertical_speed_mps"),
    "height": (0, "height_ato_m"),
    "accuracy": (0, "horizontal_error_m"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_means_unknown_is_missing_and_not_a_number(name: str) -> None:
    value, column = UNKNOWN[name]
    body = written.pack(written.basic_id(SERIAL), location(**{name: value}))
    (log,) = read(WIFI, wifi_frame(body))
    assert np.isnan(log.track[column][0])


def test_a_fast_aircraft_and_one_whose_speed_is_not_known() -> None:
    rows = []
    for speed in (40, 254, 255):
        body = written.pack(written.basic_id(SERIAL), location(status=0x21, speed=speed))
        (log,) = read(WIFI, wifi_frame(body))
        rows.append(log.track["ground_speed_mps"][0])
    assert rows[:2] == [63.75 + 0.75 * 40, 63.75 + 0.75 * 254]
    assert np.isnan(rows[2])


def test_a_height_above_ground_and_altitudes_that_are_not_above_the_sea() -> None:
    body = written.pack(
        written.basic_id(SERIAL), location(status=0x24, height=2100, geodetic=2400, pressure=2300)
    )
    (log,) = read(WIFI, wifi_frame(body))
    fix, row = log.track.iloc[0], log.records("Location").iloc[0]
    assert fix["height_agl_m"] == 50.0
    assert np.isnan(fix["height_ato_m"])
    assert np.isnan(fix["altitude_amsl_m"])
    assert (row["geodetic_altitude_m"], row["pressure_altitude_m"]) == (200.0, 150.0)


def test_a_position_off_the_earth_is_refused_at_its_byte_and_not_clipped() -> None:
    body = written.pack(written.basic_id(SERIAL), location(latitude=901_000_000))
    frame = wifi_frame(body)
    (log,) = read(WIFI, frame)
    assert not len(log.track)
    (issue,) = [each for each in log.issues if "refused" in each.reason]
    assert issue.offset == 24 + 16 + frame.index(location(latitude=901_000_000))
    assert issue.size == 25
    assert "90.1000000, -0.1250000" in issue.reason


def test_no_position_is_no_fix_and_no_refusal() -> None:
    body = written.pack(written.basic_id(SERIAL), location(latitude=0, longitude=0))
    (log,) = read(WIFI, wifi_frame(body))
    assert not len(log.track)
    assert len(log.records("Location")) == 1
    assert not log.issues


def test_a_frame_that_the_radio_received_damaged_gives_no_position() -> None:
    good = written.advertisement(1, written.location(HEARD))
    bad = bytearray(written.advertisement(2, written.location(HEARD)))
    bad[-20] ^= 0x10
    (log,) = read(BLE_WITH_HEADER, ADVERTISEMENTS[0], good, bytes(bad))
    assert len(log.track) == 1
    assert len(log.records("Location")) == 2
    assert any("checksum" in issue.reason for issue in log.issues)


DAMAGED_PACKS: dict[str, Callable[[bytes], bytes]] = {
    "messages of 24 bytes": lambda body: body[:1] + b"\x18" + body[2:],
    "more messages than nine": lambda body: body[:2] + b"\x46" + body[3:],
    "more messages than it holds": lambda body: body[:2] + b"\x04" + body[3:],
    "cut off in its head": lambda body: body[:2],
    "cut off in a message": lambda body: body[:40],
}


@pytest.mark.parametrize("damage", DAMAGED_PACKS)
def test_a_damaged_pack_is_told_with_its_byte_and_reads_no_more_than_it_holds(damage: str) -> None:
    frame = wifi_frame(DAMAGED_PACKS[damage](messages()))
    logs = read(WIFI, wifi_frame(), frame)
    assert len(logs) == 1
    assert 1 <= len(logs[0].track) <= 2
    start = 24 + 16 + len(wifi_frame()) + 16
    assert any(start < issue.offset < start + len(frame) for issue in logs[0].issues)


def test_two_aircraft_are_two_logs_and_single_messages_belong_to_their_transmitter() -> None:
    other = b"\xc2\x00\x00\x09\x01\x02"
    far = HEARD._replace(latitude_deg=51.6)
    logs = read(
        BLE_WITH_HEADER,
        written.advertisement(0, written.location(HEARD)),
        written.advertisement(0, written.location(far), other),
        written.advertisement(1, written.basic_id(SERIAL)),
        written.advertisement(1, written.basic_id("1588E040445AC004418"), other),
        written.advertisement(2, written.location(HEARD)),
    )
    assert {log.aircraft.serial: len(log.track) for log in logs} == {
        SERIAL: 2,
        "1588E040445AC004418": 1,
    }
    assert {log.aircraft.maker for log in logs} == {"DJI", "Parrot"}
    assert len({log.source.name for log in logs}) == 2


def test_an_aircraft_without_an_identity_is_named_by_its_transmitter() -> None:
    (log,) = read(WIFI, wifi_frame(written.pack(written.location(HEARD))))
    assert log.aircraft.serial is None
    assert log.source.stream == "remote-id#" + written.ADDRESS.hex(":")


def test_a_capture_without_remote_id_is_the_log_that_it_was() -> None:
    content = Content("air.pcap", written.capture(WIFI, iter([(TIME_MS, b"\x80" + bytes(80))])))
    reading = parsers.read_content(content)
    assert [log.source.format for log in reading.logs] == ["pcap"]
    assert reading.account.file_class == "log"


def test_a_flood_of_made_up_aircraft_is_bounded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_build_log_per_aircraft, "_MOST_AIRCRAFT", 6)
    frames = []
    for number in range(16):
        body = written.pack(written.basic_id(f"FAKE{number:08}"), written.location(HEARD))
        frames.append(written.beacon(number, body, -50, b"\x02" + number.to_bytes(5, "big")))
    logs = read(RADIOTAP, *frames, step_ms=10)
    assert len(logs) == 6
    assert any("10 more identities" in issue.reason for log in logs for issue in log.issues)


def read_seconds(frames: list[bytes]) -> float:
    content = Content("air.pcap", written.capture(RADIOTAP, iter(enumerate(frames, TIME_MS))))
    begin = time.process_time()
    parsers.read_content(content)
    return time.process_time() - begin


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one transmitter", "addresses that change", "identities"])
def test_four_times_the_frames_take_little_more_than_four_times_as_long(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_build_log_per_aircraft, "_MOST_AIRCRAFT", 3)

    def frames(count: int) -> list[bytes]:
        out = []
        for number in range(count):
            serial = f"FAKE{number:08}" if kind == "identities" else SERIAL
            address = number if kind == "addresses that change" else 1
            body = written.pack(written.basic_id(serial), written.location(HEARD))
            out.append(written.beacon(number, body, -50, b"\x02" + address.to_bytes(5, "big")))
        return out

    few, many = frames(150), frames(600)
    read_seconds(few)
    assert min(read_seconds(many) for _ in range(2)) < 8 * max(
        0.05, min(read_seconds(few) for _ in range(2))
    )
