"""Remote ID: the aircraft's own, in messages and in packs as they go over the air, and others'."""

import struct

import pytest

import parsers
from tests.parsers.mavlink.tlog.test_log import Station, heard

SERIAL, OPERATOR = b"1581F5FKD22A00000001", b"GBR-OP-1234"


def air(kind: int, body: bytes) -> bytes:
    """Return a message of 25 bytes of protocol version 2."""
    return bytes([kind << 4 | 2]) + body.ljust(24, b"\0")


def pack(station: Station, *messages: bytes, mac: int = 0) -> None:
    station.hear(
        "open_drone_id_message_pack", 1, 236, single_message_size=25,
        msg_pack_size=len(messages), id_or_mac=[mac] * 20,
        messages=list(b"".join(messages).ljust(225, b"\0")),
    )  # fmt: skip


def test_a_pack_tells_who_flew_and_where_the_operator_stood() -> None:
    station = heard()
    system = struct.pack("<Bii", 0, 515_000_000, -1_000_000)
    for _ in range(3):
        pack(
            station, air(0, bytes([0x12]) + SERIAL), air(3, b"\0training"), air(4, system),
            air(5, b"\0" + OPERATOR),
        )  # fmt: skip
    log = station.read()
    assert log.aircraft.serial == SERIAL.decode()
    told = log.events[log.events.kind == "remote_id"]
    assert sorted(told["text"]) == [
        "Remote ID pack: 3 messages",
        "Remote ID transmitter: 3 messages without a break",
        "description: training",
        "operator id: GBR-OP-1234",
        f"serial number: {SERIAL.decode()}",
    ]
    assert [(one.kind, one.latitude_deg, one.longitude_deg) for one in log.named_positions] == [
        ("pilot", 51.5, -0.1)
    ]


def test_a_transmitter_is_told_in_unbroken_stretches_and_its_faults_with_their_ends() -> None:
    station = heard()
    for number, (component, wait_s) in enumerate(
        [(236, 1.0), (236, 2.9), (236, 3.2), (236, 1.0), (1, 1.0), (255, 1.0)]
    ):
        station.hear("open_drone_id_location", 1, component)
        error = "no GPS" if number in (1, 2, 4) else ""
        station.hear("open_drone_id_arm_status", 1, 236, error=error.encode())
        station.wait(wait_s)
    told = station.read().events.query("kind == 'remote_id'")
    stretches = told[told["record"] == "OPEN_DRONE_ID_LOCATION.transmitter"]
    assert stretches["text"].tolist() == [
        "Remote ID transmitter: 3 messages without a break",
        "Remote ID transmitter: 1 messages without a break",
    ]
    assert (stretches["end"] - stretches["time"]).dt.total_seconds().tolist() == pytest.approx(
        [3.9, 0.0], abs=0.2
    )
    assert told.loc[told["record"] == "OPEN_DRONE_ID_ARM_STATUS.error", "text"].tolist() == [
        "error: empty", "error: no GPS", "error: empty", "error: no GPS", "error: empty",
    ]  # fmt: skip


def test_the_operator_is_where_the_last_update_says() -> None:
    station = heard()
    station.hear("open_drone_id_system", 1, 236, operator_latitude=515_000_000,
                 operator_longitude=-1_000_000)  # fmt: skip
    for _ in range(2):
        station.hear("open_drone_id_system_update", 255, 190, operator_latitude=516_000_000,
                     operator_longitude=-1_000_000)  # fmt: skip
    assert [one.latitude_deg for one in station.read().named_positions] == [51.5, 51.6]


def test_what_another_aircraft_broadcast_is_traffic_and_not_this_one() -> None:
    station = heard()
    station.hear(
        "open_drone_id_basic_id", 1, 236, id_type=1, ua_type=2, id_or_mac=[7] * 20,
        uas_id=list(SERIAL),
    )  # fmt: skip
    pack(station, air(0, bytes([0x12]) + SERIAL), mac=7)
    log = station.read()
    assert log.aircraft.serial is None
    assert not (log.events.kind == "remote_id").any()
    assert log.events[log.events.kind == "traffic"]["text"].tolist() == [
        f"Remote ID of another aircraft was received: {SERIAL.decode()}"
    ]


def test_a_pack_that_says_it_holds_more_than_it_can_is_read_as_far_as_it_goes() -> None:
    station = heard()
    station.hear("open_drone_id_message_pack", 1, 236, single_message_size=25,
                 msg_pack_size=255, messages=[0xFF] * 225)  # fmt: skip
    assert station.read().named_positions == ()


def test_another_aircraft_that_was_received_is_a_log_of_its_own() -> None:
    station = heard()
    mac, serial = [7, 6, 5, 4, 3, 2, *[0] * 14], list(b"1588E040445AC004418\0")
    for second in range(4):
        common = {"target_system": 0, "target_component": 0, "id_or_mac": mac}
        station.hear(
            "open_drone_id_basic_id", 1, 236, **common, id_type=1, ua_type=2, uas_id=serial
        )
        station.hear(
            "open_drone_id_location", 1, 236, **common, status=2, direction=20_100,
            speed_horizontal=725, speed_vertical=-150, latitude=515_000_000 + 1000 * second,
            longitude=-1_250_000, altitude_barometric=-1000, altitude_geodetic=180.5,
            height_reference=0, height=42.5, horizontal_accuracy=10, vertical_accuracy=4,
            barometer_accuracy=0, speed_accuracy=3, timestamp=131.5 + second,
            timestamp_accuracy=1,
        )  # fmt: skip
        station.hear(
            "open_drone_id_system", 1, 236, **common, operator_location_type=1,
            classification_type=1, operator_latitude=515_010_000, operator_longitude=-1_260_000,
            area_count=1, area_radius=0, area_ceiling=-1000, area_floor=-1000, category_eu=1,
            class_eu=2, operator_altitude_geo=100, timestamp=0,
        )  # fmt: skip
        station.wait(0.9)
    reading = parsers.read_content(parsers.Content("two.tlog", bytes(station.data)))
    own, other = reading.logs
    assert own.source.format == "mavlink-tlog"
    assert not own.named_positions
    assert (other.source.format, other.aircraft.serial) == (
        "remote-id-broadcast", "1588E040445AC004418",
    )  # fmt: skip
    fix = other.track.iloc[0]
    assert (fix["latitude_deg"], fix["longitude_deg"]) == (51.5, -0.125)
    assert (fix["height_ato_m"], fix["ground_speed_mps"]) == (42.5, 7.25)
    assert (fix["vertical_speed_mps"], fix["course_deg"]) == (-1.5, 201.0)
    assert {place.latitude_deg for place in other.named_positions} == {51.501}
    assert other.records("Location")["geodetic_altitude_m"].iloc[0] == 180.5
    # Offsets are those of the MAVLink frames.
    assert station.data[int(fix["source_offset"]) + 8] == 0xFD  # behind the time
    assert other.source.size == len(station.data)
