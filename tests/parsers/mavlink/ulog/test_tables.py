"""The tables of a ULog, with logs written by hand: what no public log shows is tested here."""

import hashlib
import json
import lzma
import struct

import numpy as np
import pandas as pd
import pytest

from parsers import Log
from parsers.mavlink.ulog import _fit_boot_clock, _ulog_context
from tests.parsers.mavlink.ulog.test_writer import (
    ACK,
    ACK_PACKED,
    BOOT_US,
    COMMAND,
    COMMAND_PACKED,
    GPS,
    GPS_PACKED,
    STATUS,
    STATUS_PACKED,
    Writer,
    flight,
)

EVENT = (
    "uint64_t timestamp;uint32_t id;uint16_t event_sequence;uint8_t[25] arguments;"
    "uint8_t log_levels;"
)
EVENT_PACKED = "<QIH25sB"


def instant(second: float) -> pd.Timestamp:
    return pd.Timestamp(BOOT_US * 1000 + int(second * 1e9), tz="UTC")


def with_trigger() -> Writer:
    made = flight()
    made.topic("camera_trigger", "uint64_t timestamp;uint32_t seq;bool feedback;", "<QI?")
    return made


def of_kind(log: Log, kind: str) -> pd.DataFrame:
    return log.events[log.events.kind == kind].reset_index(drop=True)


def command(made: Writer, second: float, number: int, result: int | None = 0, **p: float) -> None:
    """Add a command of the ground station and, unless there is none, its answer."""
    if ("vehicle_command", 0) not in made._ids:
        made.topic("vehicle_command", COMMAND, COMMAND_PACKED)
        made.topic("vehicle_command_ack", ACK, ACK_PACKED)
    at = int(second * 1e6)
    params = [p.get(f"p{place}", 0.0) for place in (5, 6, 1, 2, 3, 4, 7)]
    made.add("vehicle_command", at, *params, number, 255, True)
    if result is not None:
        made.add("vehicle_command_ack", at + 50_000, number, result)


# Clock and track


def test_the_clock_comes_from_the_receiver_and_one_wrong_fix_does_not_move_it() -> None:
    made = flight()
    made.add("vehicle_gps_position", 61_000_000, 7 * 10**14 * 2, 50.1, 8.0, 1.0, 0, 0, 0, 3, 9)
    clock = made.log().clock
    assert clock.source == "satellite receiver"
    assert clock.offset_s == BOOT_US / 1e6
    assert clock.uncertainty_s is not None
    assert clock.uncertainty_s < 0.001
    assert any("stepped" in note for note in clock.notes)


def test_without_a_fix_the_name_of_the_file_gives_the_date() -> None:
    made = Writer()
    made.parameter("SDLOG_UTC_OFFSET", 120)
    made.topic("vehicle_status", STATUS, STATUS_PACKED)
    made.text(
        3_000_000, 6, "[logger] Opened full log file: /fs/microsd/log/2024-02-24/19_51_00.ulg"
    )
    made.add("vehicle_status", 4_000_000, 2, 2, 2, 1, 0, False)
    log = made.log()
    assert log.clock.source == "name of the log file"
    armed = of_kind(log, "mode").time[0]
    assert armed == pd.Timestamp("2024-02-24 17:51:01", tz="UTC")


def test_a_log_without_a_date_has_no_times_and_says_so() -> None:
    made = Writer()
    made.topic("vehicle_status", STATUS, STATUS_PACKED)
    made.add("vehicle_status", 4_000_000, 2, 2, 2, 1, 0, False)
    log = made.log()
    assert log.clock.source is None
    assert log.events.time.isna().all()


def test_a_clock_that_restarts_is_told_and_each_run_has_its_own_shift() -> None:
    made = flight()
    for second in range(1, 61):
        made.add(
            "vehicle_gps_position",
            second * 1_000_000,
            BOOT_US + (second + 600) * 1_000_000,
            51.0,
            8.0,
            100.0,
            0,
            0,
            0,
            3,
            9,
        )
    log = made.log()
    assert len(log.track) == 120
    assert list(log.track.time[[0, 59, 60, 119]]) == [instant(s) for s in (1, 60, 601, 660)]
    assert len(of_kind(log, "clock")) == 1


def test_positions_up_to_v1_13_are_integers_and_give_the_same_track() -> None:
    old = Writer()
    old.topic(
        "vehicle_gps_position",
        "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;"
        "uint8_t fix_type;uint8_t satellites_used;",
        "<QQiiiBB",
    )
    for second in (1, 2):
        at = second * 1_000_000
        old.add("vehicle_gps_position", at, BOOT_US + at, 500_000_000, 80_000_000, 123_456, 3, 9)
    track = old.log().track
    assert list(track.latitude_deg) == [50.0, 50.0]
    assert list(track.altitude_amsl_m) == [123.456, 123.456]
    assert list(track.satellites) == [9, 9]


def test_the_fused_position_leads_and_the_receiver_fills_its_gaps() -> None:
    made = flight()
    made.topic(
        "vehicle_global_position", "uint64_t timestamp;double lat;double lon;float alt;", "<Qddf"
    )
    for tenth in range(200, 300):
        made.add("vehicle_global_position", tenth * 100_000, 50.5, 8.5, 111.0)
    track = made.log().track
    fused = track.latitude_deg == 50.5
    assert fused.sum() == 100
    # From 20 s to a second after 29.9 s.
    assert (~fused).sum() == 60 - 11
    assert list(track.satellites[fused].unique()) == [14]
    assert (track.altitude_amsl_m[fused] == 111.0).all()


def test_no_fix_is_no_position() -> None:
    made = flight()
    made.add("vehicle_gps_position", 61_000_000, 0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0)
    made.add("vehicle_gps_position", 62_000_000, 0, 91.0, 0.0, 0.0, 0, 0, 0, 3, 0)
    assert len(made.log().track) == 60


def test_height_is_above_the_take_off_and_attitude_in_degrees() -> None:
    made = flight()
    made.topic("vehicle_local_position", "uint64_t timestamp;float z;bool z_valid;", "<Qf?")
    made.topic("vehicle_land_detected", "uint64_t timestamp;bool landed;", "<Q?")
    made.topic("vehicle_attitude", "uint64_t timestamp;float[4] q;", "<Q4f")
    half = np.sqrt(0.5)
    made.add("vehicle_land_detected", 1_000_000, True)
    for tenth in range(10, 610):
        up = max(0.0, (tenth - 200) / 10)
        made.add("vehicle_local_position", tenth * 100_000, -(3.0 + up), True)
        made.add("vehicle_attitude", tenth * 100_000, half, 0, 0, half)
        if tenth == 200:
            made.add("vehicle_land_detected", 20_000_000, False)
    log = made.log()
    assert log.track.height_ato_m[0] == pytest.approx(0.0, abs=1e-4)
    assert log.track.height_ato_m.iloc[-1] == pytest.approx(40.0, abs=1e-4)
    assert log.track.heading_deg[5] == pytest.approx(90.0, abs=1e-3)
    assert log.track.pitch_deg[5] == pytest.approx(0.0, abs=1e-3)
    reports = of_kind(log, "airborne.report")
    assert list(reports.time[reports.value == 1]) == [instant(20)]


def test_a_gimbal_in_the_frame_of_the_vehicle_turns_with_it() -> None:
    made = flight()
    half = np.sqrt(0.5)
    made.topic("vehicle_attitude", "uint64_t timestamp;float[4] q;", "<Q4f")
    made.topic(
        "gimbal_device_attitude_status",
        "uint64_t timestamp;float[4] q;uint16_t device_flags;",
        "<Q4fH",
    )
    for second in range(1, 61):
        made.add("vehicle_attitude", second * 1_000_000 - 1, half, 0, 0, half)
        at = second * 1_000_000 - 1
        flags = 32 if second < 30 else 64
        made.add("gimbal_device_attitude_status", at, half, 0, -half, 0, flags)
    track = made.log().track
    assert track.gimbal_pitch_deg[5] == pytest.approx(-90, abs=0.1)
    assert (track.gimbal_yaw_deg[40] - track.gimbal_yaw_deg[5]) % 360 == pytest.approx(270, abs=1)


# State


def test_arming_modes_and_reasons_are_told_by_the_version_of_the_firmware() -> None:
    for version, reason in (((1, 12), 7), ((1, 15), 6)):
        made = flight(version=version)
        made.add("vehicle_status", 50_000_000, 5, 4, 2, 1, 0, False)
        made.add("vehicle_status", 60_000_000, 4, 4, 1, 1, reason, False)
        log = made.log()
        assert of_kind(log, "arm").text[0].endswith("when the log begins")
        assert list(of_kind(log, "disarm").text) == ["Disarmed: automatic after landing"]
        assert [text.split(":")[1].split("(")[0].strip() for text in of_kind(log, "mode").text] == [
            "Position",
            "Return",
            "Hold",
        ]
        assert "by itself" in of_kind(log, "action").text[0]


@pytest.mark.parametrize(
    ("version", "number", "name"),
    [((1, 8), 6, "RC Recovery"), ((1, 15), 6, "Position Slow"), ((1, 13), 99, "nav_state 99")],
)
def test_a_number_of_a_mode_means_what_it_did_in_its_version(
    version: tuple[int, int], number: int, name: str
) -> None:
    made = flight(version=version)
    made.add("vehicle_status", 50_000_000, number, number, 2, 1, 0, False)
    assert made.log().track.flight_mode.iloc[-1] == name


# Fence


def test_the_fence_of_v1_13_is_a_flag_of_the_status() -> None:
    made = flight(version=(1, 13))
    made.parameter("GF_ACTION", 3)
    for tenth in range(200, 260):
        made.add("vehicle_status", tenth * 100_000, 2, 2, 2, 1, 0, 210 <= tenth < 250)
    log = made.log()
    breach = of_kind(log, "geofence.breach")
    assert list(breach.time) == [instant(21)]
    assert list(breach.end) == [instant(25)]
    assert list(breach.grade) == ["reported"]
    assert "GF_ACTION = 3 (return)" in set(of_kind(log, "geofence.config").text)


@pytest.mark.parametrize("field", ["geofence_breached", "primary_geofence_breached"])
def test_the_fence_of_later_versions_is_a_flag_of_the_fail_safes(field: str) -> None:
    made = flight()
    made.topic("failsafe_flags", f"uint64_t timestamp;bool {field};", "<Q?")
    for second in range(10, 30):
        made.add("failsafe_flags", second * 1_000_000, 15 <= second < 20)
    breach = of_kind(made.log(), "geofence.breach")
    assert (list(breach.time), list(breach.end)) == ([instant(15)], [instant(20)])
    assert list(breach.record) == [f"failsafe_flags.{field}"]


def test_a_logged_result_names_the_fence_the_action_and_what_followed() -> None:
    made = flight()
    made.parameter("GF_ACTION", 3)
    made.topic(
        "geofence_result",
        "uint64_t timestamp;bool geofence_max_dist_triggered;bool geofence_max_alt_triggered;"
        "bool geofence_custom_fence_triggered;uint8_t geofence_action;",
        "<Q???B",
    )
    made.topic("failsafe_flags", "uint64_t timestamp;bool geofence_breached;", "<Q?")
    made.add("geofence_result", 10_000_000, False, False, False, 3)
    made.add("failsafe_flags", 10_000_000, False)
    made.add("geofence_result", 20_000_000, False, True, False, 3)
    made.add("failsafe_flags", 20_100_000, True)
    made.add("vehicle_status", 20_400_000, 5, 2, 2, 1, 0, False)
    made.text(20_200_000, 2, "Geofence violation: exceeding maximum altitude above Home")
    made.add("geofence_result", 31_000_000, False, False, False, 3)
    log = made.log()
    breach = of_kind(log, "geofence.breach")
    assert list(breach.text) == ["Geofence breached (maximum altitude above home)"]
    assert list(breach.value) == [1]  # ArduPilot's bit of the maximum altitude
    assert list(breach.end) == [instant(31)]
    actions = of_kind(log, "geofence.action")
    assert list(actions.grade) == ["reported", "inferred"]
    assert "Return 0.4 s after" in actions.text[1]
    # The sentence is about the same breach and is not a second one.
    assert list(of_kind(log, "geofence.warning").record) == ["TEXT"]


def test_a_breach_at_the_end_of_the_log_is_said_to_be_open() -> None:
    made = flight()
    made.topic("failsafe_flags", "uint64_t timestamp;bool geofence_breached;", "<Q?")
    made.add("failsafe_flags", 50_000_000, False)
    made.add("failsafe_flags", 55_000_000, True)
    assert "not cleared" in of_kind(made.log(), "geofence.breach").text[0]


def test_without_flags_the_text_tells_the_breach_and_refusals_are_no_breach() -> None:
    made = flight()
    made.text(20_000_000, 2, "Geofence violation: exceeding maximum distance to Home")
    made.text(30_000_000, 4, "Reposition is outside geofence")
    made.text(40_000_000, 4, "Preflight Fail: Geofence RTL requires valid home")
    log = made.log()
    assert list(of_kind(log, "geofence.breach").time) == [instant(20)]
    assert list(of_kind(log, "geofence.refused").time) == [instant(30)]
    wish = of_kind(log, "geofence.warning")
    assert list(zip(wish.time, wish.severity, strict=True)) == [(instant(40), "info")]


def test_a_fence_whose_action_is_taken_away_in_flight_is_switched_off() -> None:
    made = Writer()
    made.release(1, 15)
    made.parameter("GF_ACTION", 2)
    made.parameter("GF_MAX_HOR_DIST", 250.0)
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    for second in range(1, 30):
        made.fix(second * 1_000_000)
    made.parameter("GF_ACTION", 0)
    made.fix(30_000_000)
    log = made.log()
    assert list(of_kind(log, "geofence.disable").time) == [instant(29)]
    config = of_kind(log, "geofence.config")
    assert config[config.text == "GF_MAX_HOR_DIST = 250 m"].value.tolist() == [250.0]


# Captures


def test_an_accepted_video_runs_from_start_to_stop_and_a_denied_one_is_none() -> None:
    made = flight()
    command(made, 10, 2500)
    command(made, 25, 2501)
    command(made, 30, 2500, result=2)
    log = made.log()
    assert list(log.captures.start) == [instant(10)]
    assert list(log.captures.end) == [instant(25)]
    assert list(log.captures[["kind", "sensor", "grade"]].iloc[0]) == [
        "video",
        "unknown",
        "reported",
    ]
    assert [text for text in of_kind(log, "capture.command").text if "denied" in text]


def test_a_video_without_a_stop_is_closed_where_the_aircraft_is_disarmed() -> None:
    made = flight()
    command(made, 10, 2500, result=None)
    made.add("vehicle_status", 40_000_000, 2, 2, 1, 1, 6, False)
    row = made.log().captures.iloc[0]
    assert (row.end, row.grade) == (instant(40), "commanded")
    assert "closed at disarming" in row.source


def test_a_video_without_a_stop_or_disarming_is_closed_at_the_end() -> None:
    made = flight()
    command(made, 10, 2500)
    row = made.log().captures.iloc[0]
    assert row.end == instant(60)
    assert "closed at the end of the log" in row.source


def test_the_source_of_the_camera_makes_a_capture_thermal_from_then_on() -> None:
    made = flight()
    command(made, 5, 2000, p3=1.0)
    command(made, 10, 534, p2=2.0)
    command(made, 15, 2000, p3=1.0)
    command(made, 20, 534, p2=1.0)
    command(made, 25, 2000, p3=1.0)
    command(made, 30, 534, p2=3.0)
    command(made, 35, 2000, p3=1.0)
    sensors = ["unknown", "thermal", "visible", "multispectral"]
    assert list(made.log().captures.sensor) == sensors


def test_a_confirmed_photo_is_counted_once_and_a_failed_one_not_at_all() -> None:
    made = flight()
    made.topic("camera_capture", "uint64_t timestamp;uint32_t seq;int8_t result;", "<QIb")
    made.topic("camera_trigger", "uint64_t timestamp;uint32_t seq;bool feedback;", "<QI?")
    command(made, 10, 203, p5=1.0)
    made.add("camera_trigger", 10_100_000, 1, False)
    made.add("camera_capture", 10_200_000, 1, 1)
    made.add("camera_capture", 20_000_000, 2, 0)
    made.add("camera_capture", 25_000_000, 3, -1)
    made.add("camera_trigger", 30_000_000, 4, True)
    log = made.log()
    assert list(log.captures.start) == [instant(10.2), instant(25), instant(30)]
    assert list(log.captures.grade) == ["reported", "commanded", "measured"]
    assert (log.captures.start == log.captures.end).all()
    assert len(of_kind(log, "fault")) == 1


def test_formatting_the_storage_and_starting_a_log_download_are_told() -> None:
    made = flight()
    command(made, 10, 526, p1=1.0, p2=1.0)
    command(made, 11, 2510)
    command(made, 12, 207, p1=0.0)
    log = made.log()
    assert list(of_kind(log, "capture.storage").severity) == ["serious"]
    assert len(of_kind(log, "log.transfer")) == 1
    assert len(of_kind(log, "geofence.disable")) == 1


# Links


def test_contacts_are_partners_and_ports_that_were_set_and_hosts_in_texts_only_mentions() -> None:
    made = Writer()
    made.parameter("MAV_2_CONFIG", 1000)
    made.parameter("MAV_2_REMOTE_PRT", 14550)
    made.parameter("UXRCE_DDS_CFG", 1000)
    made.parameter("UXRCE_DDS_AG_IP", -1062731775)
    made.parameter("UXRCE_DDS_PRT", 8888)
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.fix(1_000_000)
    made.text(2_000_000, 6, "[mavlink] partner IP: 10.41.1.2")
    made.text(
        3_000_000, 6, "mode: Onboard, data rate: 4000000 B/s on udp port 14540 remote port 14541"
    )
    made.text(4_000_000, 6, "stream at rtsp://pilot:secret@cam.example.org:554/live")
    made.text(5_000_000, 6, "Mission Planner 1.0.0.0 connected")
    log = made.log()
    assert set(log.contacts.address.dropna()) == {"10.41.1.2", "192.168.0.1"}
    assert set(log.contacts.port.dropna()) == {14550, 8888, 14541}
    by_port = log.contacts.set_index("port").grade
    assert (by_port[14550], by_port[14541]) == ("commanded", "reported")
    assert [mention.host for mention in log.host_references] == ["cam.example.org"]


def test_passwords_are_redacted_and_counted() -> None:
    made = flight()
    made.text(2_000_000, 6, "wifi ssid unit7 password: hunter22")
    made.text(3_000_000, 6, "ntrip http://user:pa55@caster.example.org:2101/MOUNT")
    log = made.log()
    whole = " ".join([*log.events.text, *log.records("TEXT").text, *map(str, log.host_references)])
    assert "hunter22" not in whole
    assert "pa55" not in whole
    assert "caster.example.org" in whole
    assert any(issue.reason.startswith("2 secrets are redacted") for issue in log.issues)


def test_a_lost_link_has_a_beginning_and_an_end() -> None:
    made = Writer()
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.topic("vehicle_status", "uint64_t timestamp;bool gcs_connection_lost;", "<Q?")
    for second in range(1, 31):
        made.fix(second * 1_000_000)
        made.add("vehicle_status", second * 1_000_000, 10 <= second < 14)
    lost = of_kind(made.log(), "link.lost")
    assert (list(lost.time), list(lost.end)) == ([instant(10)], [instant(14)])


def test_remote_id_is_told_with_the_place_of_the_pilot() -> None:
    made = flight()
    made.topic("open_drone_id_basic_id", "uint64_t timestamp;char[20] uas_id;", "<Q20s")
    made.topic(
        "open_drone_id_system",
        "uint64_t timestamp;int32_t operator_latitude;int32_t operator_longitude;",
        "<Qii",
    )
    made.topic("open_drone_id_operator_id", "uint64_t timestamp;uint8_t[20] operator_id;", "<Q20s")
    made.add("open_drone_id_basic_id", 5_000_000, b"1596F3TESTSERIAL")
    made.add("open_drone_id_operator_id", 5_000_000, b"GBR-OP-0000")
    made.add("open_drone_id_system", 5_000_000, 515_000_000, -1_000_000)
    log = made.log()
    told = " ".join(of_kind(log, "remote_id").text)
    assert "1596F3TESTSERIAL" in told
    assert "GBR-OP-0000" in told
    pilot = next(place for place in log.named_positions if place.kind == "pilot")
    assert (pilot.latitude_deg, pilot.longitude_deg, pilot.time) == (51.5, -0.1, instant(5))


def test_the_serial_number_is_the_aircrafts_own_and_not_one_that_was_received() -> None:
    made = flight()
    fields = "uint64_t timestamp;uint8_t[20] id_or_mac;uint8_t id_type;char[20] uas_id;"
    made.topic("open_drone_id_basic_id", fields, "<Q20sB20s")
    made.add("open_drone_id_basic_id", 5_000_000, bytes(20), 1, b"1596F3TESTSERIAL")
    made.add("open_drone_id_basic_id", 6_000_000, b"\7" * 20, 1, b"1596F3ANOTHER")
    log = made.log()
    assert log.aircraft.serial == "1596F3TESTSERIAL"
    assert not of_kind(log, "remote_id").text.str.contains("ANOTHER").any()


# Events, parameters and identity


def test_events_are_decoded_with_the_definitions_inside_the_log() -> None:
    definitions = {
        "version": 1,
        "components": {
            "1": {
                "namespace": "px4",
                "enums": {
                    "why_t": {"type": "uint8_t", "entries": {"2": {"description": "the switch"}}}
                },
                "event_groups": {
                    "default": {
                        "events": {
                            "77": {
                                "name": "armed",
                                "message": "Armed by {1} at {2:.1m_v} \\{so\\}",
                                "arguments": [
                                    {"name": "why", "type": "why_t"},
                                    {"name": "up", "type": "float"},
                                ],
                            }
                        }
                    }
                },
            }
        },
    }
    packed = lzma.compress(json.dumps(definitions).encode())
    made = Writer()
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.info("char[64]", "metadata_events_sha256", hashlib.sha256(packed).hexdigest().encode())
    half = len(packed) // 2
    made.more(f"uint8_t[{half}]", "metadata_events", packed[:half])
    made.more(f"uint8_t[{half}]", "metadata_events", packed[half:], continued=True)
    made.topic("event", EVENT, EVENT_PACKED)
    made.fix(1_000_000)
    arguments = struct.pack("<Bf", 2, 12.345).ljust(25, b"\0")
    made.add("event", 2_000_000, 1 << 24 | 77, 0, arguments, 0x66)
    told = made.log().events
    assert list(told[told.record == "event"].text) == ["Armed by the switch at 12.3 m {so}"]


def test_definitions_that_unpack_without_end_are_told() -> None:
    made = flight()
    packed = lzma.compress(bytes(64 << 20))
    for start in range(0, len(packed), 1000):
        made.more(
            "uint8_t[1000]", "metadata_events", packed[start : start + 1000], continued=start > 0
        )
    made.topic("event", EVENT, EVENT_PACKED)
    made.add("event", 2_000_000, 1 << 24 | 77, 0, bytes(25), 0x66)
    assert any("too large" in issue.reason for issue in made.log().issues)


def test_parameters_that_differ_from_their_default_are_told_and_changes_in_flight() -> None:
    made = Writer()
    made.topic("vehicle_gps_position", GPS, GPS_PACKED)
    made.parameter("COM_RC_LOSS_T", 0.5)
    made.parameter("MPC_XY_VEL_MAX", 20.0)
    made.parameter("MPC_XY_VEL_MAX", 12.0, default_of=1)
    made.parameter("NAV_DLL_ACT", 2)
    made.parameter("NAV_DLL_ACT", 2, default_of=3)
    made.fix(1_000_000)
    made.parameter("NAV_DLL_ACT", 0)
    told = list(of_kind(made.log(), "param").text)
    assert told == [
        "MPC_XY_VEL_MAX = 20; its default is 12",
        "NAV_DLL_ACT was changed from 2 to 0",
    ]


def test_a_system_without_a_version_has_no_firmware() -> None:
    made = Writer()
    made.info("char[3]", "sys_name", b"PX4")
    made.info("char[5]", "sys_os_name", b"NuttX")
    made.topic("pair", "uint64_t timestamp;float x;", "<Qf")
    made.add("pair", 1_000_000, 1.0)
    assert made.log().aircraft.firmware == {}


def test_the_log_says_which_autopilot_and_firmware_flew() -> None:
    made = flight(version=(1, 15))
    made.info("char[3]", "sys_name", b"PX4")
    made.info("char[8]", "ver_hw", b"PX4_SITL")
    made.info("char[4]", "sys_uuid", b"00ff")
    log = made.log()
    assert log.aircraft.firmware["PX4"].startswith("1.15.0")
    assert log.aircraft.flight_controller_serial == "00ff"
    assert log.aircraft.model is None
    assert len(of_kind(log, "simulator")) == 1


# Bounds


def left_out(log: Log) -> list[str]:
    return [one.reason for one in log.issues if "the tables" in one.reason]


def test_an_issue_says_of_how_many_records_the_tables_show_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_ulog_context, "MOST_CHANGES", 10)
    made = with_trigger()
    offsets = [
        made.add("camera_trigger", (10 + 5 * number) * 1_000_000, number, True)
        for number in range(12)
    ]
    for number in range(11):
        command(made, 100 + number, 526)
    log = made.log()
    assert len(log.captures) == 10
    assert len(of_kind(log, "capture.storage")) == 10
    assert sorted(left_out(log)) == [
        "11 answers of vehicle_command_ack; the tables show 10",
        "11 commands of vehicle_command; the tables show 10",
        "12 photos of camera_trigger; the tables show 10",
    ]
    assert any(one.offset == offsets[10] for one in log.issues)


def test_nothing_is_left_out_of_as_many_as_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ulog_context, "MOST_CHANGES", 10)
    made = with_trigger()
    for number in range(10):
        made.add("camera_trigger", (10 + 5 * number) * 1_000_000, number, True)
    log = made.log()
    assert len(log.captures) == 10
    assert not left_out(log)


def test_an_issue_says_how_many_texts_and_parameters_the_tables_are_not_made_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_ulog_context, "MOST_RECORDS", 5)
    made = flight()
    for number in range(7):
        made.parameter(f"GF_{number}", number)
        made.text(12_000_000, 4, f"text {number}")
    assert sorted(left_out(made.log())) == [
        "7 lines of text; the tables are made from 5",
        "7 values of parameters; the tables are made from 5",
    ]


def test_an_issue_says_that_not_all_steps_of_the_clock_were_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (_fit_boot_clock, _ulog_context):
        monkeypatch.setattr(module, "MOST_RESTARTS", 2)
    made = flight()
    for _ in range(3):
        for second in range(1, 20):
            made.fix(second * 1_000_000)
    reasons = [one.reason for one in made.log().issues]
    assert "the clock steps back 3 times; 2 were looked at" in reasons
