"""Which fields a record has, what unknown values become, and the events that follow from them.

No public log holds an airport zone, a refused start or an unlocking licence: those here are made.
"""

import struct

import numpy as np
import pytest

from parsers import Log
from parsers._record_layout import EqualLengthRecords
from parsers.dji.txt._details_section import decode_battery_serial
from parsers.dji.txt._record_layouts import LAYOUTS, NAMES, OSD
from parsers.dji.txt._text_and_list_records import (
    AVOID_BITS,
    LIST_DECODERS,
    decode_obstacle_avoidance_rows_and_statuses,
)
from sample_logs import dji_bodies, dji_txt
from sample_logs.dji_txt import Details
from tests.parsers.dji.txt.made import custom, flight, home, only, osd, patched, read, read_bytes

OSD_SIZES = (42, 44, 48, 49, 50, 53, 55)


def test_a_body_is_two_bytes_shorter_than_its_payload_and_no_byte_of_it_is_lost() -> None:
    for version, shorter in ((6, 0), (11, 2), (12, 2)):
        text = "GEO: the last letter counts"
        log = read(version, [*flight(2), (10, text.encode())])
        told = log.records("AppWarn")
        assert told.text.tolist() == [text]
        assert told.length.tolist() == [len(text)]
        (framed,) = [span for span in log.coverage if span.kind == "records"]
        bodies = 2 * (18 + 55 + 12) + len(text)
        assert framed.size == bodies + 7 * (3 + shorter)


@pytest.mark.parametrize("size", OSD_SIZES)
def test_the_length_of_an_osd_decides_its_fields_and_those_it_lacks_are_missing(size: int) -> None:
    whole = osd(3.0)
    log = read(11, [(1, whole[:size]), (5, custom(0))])
    row = log.records("OSD").iloc[0]
    for field in OSD.fields:
        present = field.offset + field.size <= size
        assert np.isfinite(row[field.name]) == present, field.name
    if size < 44:
        assert np.isnan(row["flight_time_s"])


@pytest.mark.parametrize("size", [32, 34, 40, 41, 68, 69, 73, 74])
def test_the_length_of_a_home_decides_its_fields(size: int) -> None:
    log = read(11, [*flight(3), (2, home()[:size])])
    row = log.records("Home").iloc[0]
    limits = log.events[log.events.record == "Home.height_limit_m"]
    assert len(limits) == (size >= 41)
    assert (row["height_limit_m"] == 120) == (size >= 41)
    assert np.isnan(row["height_limit_m"]) == (size < 41)
    serial = log.aircraft.flight_controller_serial
    assert serial == ("SYNTHETIC0000001" if size >= 68 else None)
    assert row["flight_controller_serial"] == serial


def test_records_of_two_lengths_keep_their_order() -> None:
    log = read(
        11, [(5, custom(0)), (1, osd(0.0)), (1, osd(0.1)[:50]), (1, osd(0.2)), (5, custom(200))]
    )
    frame = log.records("OSD")
    assert frame.length.tolist() == [55, 50, 55]
    assert frame.flight_time_s.tolist() == pytest.approx([0.0, 0.1, 0.2])
    assert np.isnan(frame.control_device[1])


@pytest.mark.parametrize("kind", [23, 37, 50, 57, 60, 63])
def test_a_type_without_a_layout_stays_as_bytes(kind: int) -> None:
    log = read(11, [*flight(2), (kind, b"\x01\x02\x03")])
    name = NAMES.get(kind, f"type {kind}")
    assert log.records(name).raw.tolist() == ["010203"]
    assert [span.size for span in log.coverage if span.kind == "unknown"] == [8]


def test_values_without_a_word_stay_numbers() -> None:
    body = patched(patched(osd(), 30, 99), 37, 77)
    log = read(11, [*flight(3), (1, body), (5, custom(900))], Details(product=250, platform=9))
    assert log.track.flight_mode.iloc[-1] == "unknown 99"
    assert log.aircraft.model == "product 250"
    assert log.aircraft.app == "unknown 9 0.0.0"
    actions = log.events[log.events.record == "OSD.flight_action"]
    assert actions.text.tolist() == ["unknown 77"]
    assert actions.value.tolist() == [77]


def test_a_position_before_the_first_fix_is_missing_and_never_0_0() -> None:
    nowhere = bytes(16) + osd()[16:]
    garbage = struct.pack("<2d", -9.7e119, 800000.0) + osd()[16:]
    log = read(11, [(5, custom(0)), (1, nowhere), (1, garbage), (1, osd()), (5, custom(300))])
    assert log.track.latitude_deg.isna().tolist() == [True, True, False]
    assert log.track.longitude_deg.isna().tolist() == [True, True, False]
    assert log.track.height_ato_m.notna().all()
    (issue,) = log.issues
    assert (issue.size, issue.reason) == (0, "1 OSD records hold a position that is not on Earth")


def test_charge_comes_from_the_battery_and_not_from_osd_byte_40() -> None:
    def battery(percent: int) -> tuple[int, bytes]:
        return 8, dji_bodies.smart_battery(percent, 15000, 900, 60, 30)

    bare = read(11, flight(4))
    assert bare.track.battery_pct.isna().all()
    log = read(11, flight(6, {1: [battery(77)], 3: [battery(0)]}))
    charge = log.track.battery_pct.tolist()
    assert charge[2:4] == [77, 77]
    assert np.isnan([*charge[:2], *charge[4:]]).all()


def of_record(log: Log, record: str) -> list[tuple[str, str]]:
    told = log.events[log.events.record == record]
    return list(zip(told.kind, told.severity, strict=True))


@pytest.mark.parametrize(
    ("at", "value", "record", "kind"),
    [
        (37, 20, "OSD.flight_action", "geofence.action"),
        (37, 15, "OSD.flight_action", "action"),
        (38, 23, "OSD.motor_refusal", "geofence.refused"),
        (38, 4, "OSD.motor_refusal", "geofence.refused"),
        (38, 46, "OSD.motor_refusal", "geofence.refused"),
        (38, 2, "OSD.motor_refusal", "fault"),
        (35, 0x80, "OSD.out_of_limit", "geofence.breach"),
        (35, 0x10, "OSD.not_enough_force", "fault"),
        (35, 0x01, "OSD.accelerometer_over_range", "fault"),
    ],
)
def test_a_state_of_the_aircraft_becomes_its_event(
    at: int, value: int, record: str, kind: str
) -> None:
    fixes = flight(4)
    fixes.insert(4, (1, patched(osd(0.1), at, value)))
    log = read(11, fixes)
    assert [one[0] for one in of_record(log, record)] == [kind]


def test_out_of_limit_at_a_height_limit_is_told_as_such() -> None:
    near = patched(home(), 20, 0x21)
    log = read(11, [*flight(2), (2, near), (1, patched(osd(0.2), 35, 0x80)), (5, custom(300))])
    assert [kind for kind, _ in of_record(log, "OSD.out_of_limit")] == ["limit.height"]
    assert [kind for kind, _ in of_record(log, "Home.near_height_limit")] == ["limit.height"]


@pytest.mark.parametrize("version", [9, 11])
@pytest.mark.parametrize(("flag", "kind"), [("airport_limit", "geofence.limit"),
                                            ("radius_limit", "geofence.limit"),
                                            ("horizontal_near_boundary", "geofence.limit"),
                                            ("vertical_airport_limit", "geofence.limit"),
                                            ("force_landing", "failsafe")])  # fmt: skip
def test_a_limit_of_the_avoidance_status_is_one_event_from_first_to_last(
    version: int, flag: str, kind: str
) -> None:
    def status(bits: int) -> bytes:
        wide = dji_bodies.avoid_status(bits)
        return wide if version == 11 else bytes([8]) + wide[4:]

    on, off = (17, status(AVOID_BITS[flag] | 1)), (17, status(1))
    log = read(version, flight(8, {1: [off], 2: [on], 4: [on], 5: [off]}))
    row = only(log.events[log.events.record == f"VisionGroup.{flag}"])
    assert row.kind == kind
    assert 0.15 <= (row.end - row.time).total_seconds() <= 0.25


def test_the_avoidance_status_is_found_by_columns_where_it_is_found_row_by_row() -> None:
    random = np.random.default_rng(5)
    blocks = [bytes([8, 2, 0x40, 0x12, 0xFE]), bytes([0, 3, 1, 2, 3, 0xFE]), bytes([8, 1, 9, 0xFE])]
    for length in (5, 11, 16, 20):
        bodies = []
        for _ in range(200):
            picked = b"".join(blocks[i] for i in random.integers(0, 3, 5))
            body = bytearray(picked[:length].ljust(length, b"\0"))
            if random.random() < 0.5:
                body[int(random.integers(0, length))] = int(random.integers(0, 256))
            bodies.append(bytes(body))
        slow = [
            (number, sum(bit for name, bit in AVOID_BITS.items() if row[name]))
            for number, body in enumerate(bodies)
            for row in LIST_DECODERS[17](body)
            if "radius_limit" in row
        ]
        known = sum(AVOID_BITS.values())
        matrix = np.frombuffer(b"".join(bodies), np.uint8).reshape(len(bodies), length)
        halves = [
            EqualLengthRecords(rows, matrix[rows])
            for rows in (np.arange(1, len(bodies), 2), np.arange(0, len(bodies), 2))
        ]
        numbers, statuses = decode_obstacle_avoidance_rows_and_statuses(halves)
        fast = [
            (number, status & known)
            for number, status in zip(numbers.tolist(), statuses.tolist(), strict=True)
        ]
        assert fast == slow
        assert len(slow) > 20


def test_zone_data_and_licences_are_told_but_their_meaning_is_not_made_up() -> None:
    records = [
        (28, b"0123456789abcdef0123456789abcdef"),
        (51, bytes([1]) + bytes(13)),
        (52, b"any licence"),
        (53, b"hub"),
    ]
    log = read(11, flight(4, {1: records}))
    told = dict(zip(log.events.record, log.events.text, strict=True))
    assert "0123456789abcdef0123456789abcdef" in told["FlyForbidDatabase"]
    assert "not proven" in told["FlySafeLimitInfo.state"]
    assert "keeps its bytes" in told["FlySafeUnlock"]
    assert log.records("FlySafeUnlock").raw.tolist() == [b"any licence".hex()]
    assert set(log.events[log.events.record == "FlightHub"].kind) == {"sync"}


def test_another_aircraft_is_one_event_with_how_often_it_was_heard() -> None:
    clear = struct.pack("<7s2i2HBb", b"A68BB0", 40_061_000, -106_389_000, 2000, 900, 85, -1)
    hidden = bytes(byte ^ 0xA5 for byte in clear)
    log = read(11, flight(5, {1: [(27, hidden)], 3: [(27, hidden)]}))
    row = only(log.events[log.events.kind == "traffic"])
    assert "A68BB0" in row.text
    assert row.value == 2
    assert log.records("ADSB").latitude_deg.tolist() == pytest.approx([40.061, 40.061])


def test_a_simulated_flight_is_told_as_one() -> None:
    log = read(11, flight(4, {1: [(2, patched(home(), 32, 0x01))]}))
    row = only(log.events[log.events.kind == "simulator"])
    assert (row.severity, row.record) == ("warning", "Home.simulator")


@pytest.mark.parametrize("shift", [0, 1])
def test_the_battery_of_version_10_has_a_byte_more(shift: int) -> None:
    values = struct.pack("<4ih2B", 11400, -1382, 3626, 1382, 508, 3, 38)
    dynamic = b"\x02\x00" + bytes(shift) + values + bytes(10)
    cells = b"\x03\x00" + bytes(shift) + bytes([3]) + struct.pack("<3H", 3798, 3801, 3798)
    frame = read(10, [*flight(2), (22, dynamic), (22, cells)]).records("SmartBatteryGroup")
    assert frame.voltage_v[0] == pytest.approx(11.4)
    assert frame.battery_pct[0] == 38
    assert frame.cells_v[1] == pytest.approx([3.798, 3.801, 3.798])


def test_a_battery_of_the_inspire_1_is_read_as_text_or_as_digits_last_first() -> None:
    assert decode_battery_serial(1, b"6781073611") == "6781073611"
    assert decode_battery_serial(1, bytes([1, 1, 6, 3, 7, 0, 1, 8, 7, 6])) == "6781073611"
    assert decode_battery_serial(31, b"0KPAF1T231018F\0\0") == "0KPAF1T231018F"


def test_a_sensor_is_told_where_product_and_camera_have_one_only() -> None:
    def shot(camera_type: int, product: int = 31) -> str:
        camera = dji_bodies.camera(
            capturing=False, recording_s=None, video_mode=False, photos_left=10
        )
        records = flight(4, {1: [(25, patched(camera, 23, camera_type))]})
        records.insert(6, (5, custom(150, photo=1)))
        (sensor,) = read(11, records, Details(product=product)).captures.sensor
        return str(sensor)

    # A Matrice 200 with a Zenmuse XT, with an X4S, with an XT 2 of two sensors.
    assert [shot(7), shot(14), shot(26)] == ["thermal", "visible", "unknown"]
    # A Mavic Pro has no other camera than its own, whatever a damaged record says.
    assert [shot(9, 13), shot(99, 13), shot(7, 13)] == ["visible", "visible", "unknown"]
    # The Mavic 2 Enterprise may be one with a thermal camera beside the other.
    assert shot(99, 58) == "unknown"


def test_every_layout_and_list_has_a_name() -> None:
    assert set(LAYOUTS) | set(LIST_DECODERS) <= set(NAMES)
    assert len(set(NAMES.values())) == len(NAMES)


def test_components_of_later_versions_keep_their_own_names() -> None:
    data = dji_txt.encode(11, [*flight(2), (40, dji_bodies.component_serial(77, 0, "ABC"))])
    assert read_bytes(data).records("ComponentSerial").part.tolist() == ["unknown 77"]


def motor_events(heights: list[float], off: set[int]) -> list[tuple[str, str]]:
    """Return kind and text of what is told of the motors; they do not run in some records."""
    records = []
    for number, height in enumerate(heights):
        body = osd(number / 10, height, motors_on=number not in off)
        records += [(5, custom(100 * number)), (1, body)]
    events = read(11, records).events
    events = events[events.record == "OSD.motors_on"]
    return list(zip(events.kind, events.text, strict=True))


def test_a_flag_of_the_motors_that_drops_for_a_moment_in_the_air_is_no_stop() -> None:
    heights = [20.0] * 60
    running = [("arm", "motors on when the log begins")]
    assert motor_events(heights, {10, 20, 21, 22, 23}) == running
    assert motor_events(heights, set(range(20, 30))) == [
        *running,
        ("disarm", "motors stopped"),
        ("arm", "motors started"),
    ]


def test_motors_that_never_run_in_a_log_that_rises_are_not_known() -> None:
    every = set(range(60))
    assert motor_events([0.5 * number for number in range(60)], every) == []
    # Carried up a stair, or not moved at all.
    for rise in (0.05, 0.0):
        heights = [rise * number for number in range(60)]
        assert motor_events(heights, every) == [("disarm", "motors off when the log begins")]
