"""Telemetry logs written here, frame by frame, and what is read from them."""

import struct
import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pymavlink.dialects.v20 import all as dialect
from pymavlink.generator.mavcrc import x25crc

from parsers import Content, CorruptLogError, Log
from parsers.mavlink._shared._mavlink_message_definitions import message_definitions
from parsers.mavlink.tlog import FORMAT
from parsers.mavlink.tlog._frame_header_columns import outlier_indices_and_running_medians
from tests.conftest import ROOT

#: UTC of the vehicle's start, and what the ground station's clock is behind it.
START_US = 1_700_000_000_000_000
BEHIND_US = 90_000_000
#: Seeds of messages that pymavlink lacks, as in the C headers that MAVLink publishes.
PUBLISHED_SEEDS = {
    8: 117, 334: 72, 336: 245, 380: 232, 395: 0, 396: 50, 397: 182, 410: 160, 411: 106, 412: 33,
    413: 77,
}  # fmt: skip


class Station:
    """A ground station that writes what it hears."""

    def __init__(self, *, stamped: bool = True) -> None:
        self.data = bytearray()
        self.stamped = stamped
        self.boot_ms = 1000
        self.offsets: list[int] = []
        self.senders: dict[tuple[int, int], Any] = {}

    def sender(self, system: int, component: int) -> Any:
        return self.senders.setdefault(
            (system, component), dialect.MAVLink(None, system, component)
        )

    def hear(self, name: str, system: int = 1, component: int = 1, /, **fields: Any) -> bytes:
        """Write one message, its fields zero unless given, ten milliseconds after the last."""
        kind = getattr(dialect, f"MAVLink_{name.lower()}_message")
        types = dict(zip(kind.fieldnames, kind.fieldtypes, strict=True))
        lengths = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
        values = []
        for field in kind.fieldnames:
            value = fields.pop(field, None)
            if value is None:
                value = self.boot_ms if field == "time_boot_ms" else 0
                if types[field] == "char":
                    value = b""
                elif lengths[field]:
                    value = [0] * lengths[field]
            values.append(value.encode() if isinstance(value, str) else value)
        assert not fields, fields
        sender = self.sender(system, component)
        frame = bytes(kind(*values).pack(sender))
        sender.seq = (sender.seq + 1) % 256
        self.write(frame)
        return frame

    def write(self, frame: bytes) -> None:
        self.offsets.append(len(self.data))
        if self.stamped:
            self.data += struct.pack(">Q", START_US + self.boot_ms * 1000 - BEHIND_US)
        self.data += frame
        self.boot_ms += 10

    def wait(self, seconds: float) -> None:
        self.boot_ms += int(seconds * 1000)

    def beat(self, *, armed: bool = False, mode: int = 0, **more: Any) -> None:
        fields = {"type": 2, "autopilot": 3, "mavlink_version": 3, "system_status": 3} | more
        self.hear("heartbeat", base_mode=0x81 if armed else 1, custom_mode=mode, **fields)

    def tell_time(self) -> None:
        self.hear("system_time", time_unix_usec=START_US + self.boot_ms * 1000)

    def order(self, number: int, *params: float, result: int | None = 0) -> None:
        values = dict(zip((f"param{n}" for n in range(1, 8)), params, strict=False))
        self.hear("command_long", 255, 190, target_system=1, command=number, **values)
        if result is not None:
            self.hear("command_ack", command=number, result=result)

    def read(self) -> Log:
        content = Content("flight.tlog", bytes(self.data))
        assert FORMAT.claims(content)
        log = FORMAT.read(content, ())
        spans = [(span.offset, span.offset + span.size) for span in log.coverage]
        assert spans[0][0] == 0
        assert spans[-1][1] == len(self.data)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
        return log


def heard() -> Station:
    """Return a station that hears of a vehicle and its clock."""
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
    return station


@pytest.fixture
def station() -> Station:
    """A station that has heard a vehicle tell its state, time and position."""
    station = Station()
    for _ in range(3):
        station.beat()
        station.tell_time()
        station.hear("global_position_int", lat=515000000, lon=-1000000, alt=80_000, hdg=9000)
    return station


def when(boot_ms: int) -> pd.Timestamp:
    return pd.Timestamp(START_US + boot_ms * 1000, unit="us", tz="UTC")


def events(log: Log, kind: str) -> pd.DataFrame:
    return log.events[log.events["kind"] == kind].reset_index(drop=True)


def frame(number: int, payload: bytes, seed: int) -> bytes:
    """Return a MAVLink 2 frame with the checksum that another decoder's code computes."""
    head = struct.pack("<BBBBBB", len(payload), 0, 0, 0, 1, 1) + number.to_bytes(3, "little")
    crc = x25crc(head + payload + bytes([seed])).crc
    return b"\xfd" + head + payload + struct.pack("<H", crc)


def test_the_layouts_that_pymavlink_lacks_have_the_published_seeds() -> None:
    assert {
        number: message_definitions()[number].crc_extra for number in PUBLISHED_SEEDS
    } == PUBLISHED_SEEDS


def test_every_layout_has_the_size_of_pymavlinks_own() -> None:
    sizes = {number: kind.unpacker.size for number, kind in dialect.mavlink_map.items()}
    assert {number: message_definitions()[number].size for number in sizes} == sizes


def test_times_are_the_vehicles_and_the_clock_says_how_far_the_stations_is(
    station: Station,
) -> None:
    log = station.read()
    assert log.track["time"].iloc[0] == when(1020)
    assert log.clock.offset_s == pytest.approx(90.0)
    assert "behind" in log.clock.notes[0]


def test_without_a_time_from_the_vehicle_times_are_the_stations() -> None:
    station = Station()
    for _ in range(4):
        station.beat()
        station.hear("global_position_int", lat=515000000, lon=1)
    log = station.read()
    assert log.track["time"].iloc[0] == when(1010) - pd.Timedelta(BEHIND_US, "us")
    assert log.clock.offset_s is None
    assert "ground station" in str(log.clock.source)


def test_a_restart_of_the_vehicle_keeps_times_right(station: Station) -> None:
    station.wait(10)
    station.hear("attitude")
    before = station.boot_ms
    station.boot_ms = 500
    global_start = START_US + (before + 5000) * 1000
    for _ in range(5):
        stamp = global_start + station.boot_ms * 1000 - BEHIND_US
        frame_ = station.hear("system_time", time_unix_usec=global_start + station.boot_ms * 1000)
        station.data[-len(frame_) - 8 : -len(frame_)] = struct.pack(">Q", stamp)
        station.hear("attitude")
    log = station.read()
    assert len(events(log, "clock")) == 1
    times = log.records("ATTITUDE")["time"]
    assert times.iloc[1] == pd.Timestamp(global_start + 510_000, unit="us", tz="UTC")


def test_a_raw_stream_after_boot_text_has_the_vehicles_times() -> None:
    station = Station(stamped=False)
    station.data += b"ArduCopter V4.5.7 starting\r\n"
    for _ in range(3):
        station.beat()
        station.tell_time()
        station.hear("global_position_int", lat=515000000, lon=1)
    log = station.read()
    assert log.track["time"].iloc[0] == when(1020)
    assert log.issues[0].reason == "28 bytes of text between frames, in one place"
    assert (log.issues[0].offset, log.issues[0].size) == (0, 0)
    assert log.coverage_sizes["opaque"] == 28


def test_a_raw_stream_that_never_tells_utc_has_no_times() -> None:
    station = Station(stamped=False)
    for _ in range(5):
        station.hear("global_position_int", lat=515000000, lon=1)
    log = station.read()
    assert log.track["time"].isna().all()
    assert log.clock.source is None


def test_both_versions_are_read_and_zeros_that_were_not_sent_are_zeros(station: Station) -> None:
    message = dialect.MAVLink_attitude_message(5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)
    station.write(message.pack(station.sender(1, 1), force_mavlink1=True))
    station.write(message.pack(station.sender(1, 1)))
    found = station.read().records("ATTITUDE")
    assert found["roll"].tolist() == [0.5, 0.5]
    assert found["yawspeed"].tolist() == [0.0, 0.0]
    assert found["length"].iloc[0] > found["length"].iloc[1]


def test_signed_frames_are_read_and_counted(station: Station) -> None:
    sender = dialect.MAVLink(None, 1, 1)
    sender.signing.secret_key = b"k" * 32
    sender.signing.sign_outgoing = True
    station.write(dialect.MAVLink_attitude_message(5, 0.5, 0, 0, 0, 0, 0).pack(sender))
    log = station.read()
    assert log.records("ATTITUDE")["roll"].tolist() == [0.5]
    assert any("1 of 10 frames are signed" in text for text in log.events["text"])


def test_a_frame_with_a_wrong_checksum_is_kept_counted_and_an_issue(station: Station) -> None:
    at = len(station.data)
    frame_ = station.hear("attitude", roll=0.5)
    station.data[at + 8 + 12] ^= 0xFF
    station.hear("attitude", roll=0.25)
    log = station.read()
    assert log.records("ATTITUDE")["roll"].tolist() == [0.25]
    assert log.record_counts["BAD_CHECKSUM"] == 1
    gap = next(issue for issue in log.issues if issue.offset == at)
    assert (gap.size, gap.reason) == (8 + len(frame_), "a frame (ATTITUDE) whose checksum is wrong")


def test_the_number_of_a_torn_frame_is_no_message(station: Station) -> None:
    at = len(station.data)
    station.hear("attitude", roll=0.5)
    # The number of a message in version 2 lies behind sync, length, flags, sequence and sender.
    station.data[at + 8 + 7 : at + 8 + 10] = b"\xaa\xbb\xcc"
    station.hear("attitude", roll=0.25)
    log = station.read()
    (torn,) = (issue for issue in log.issues if issue.size)
    assert (torn.offset, torn.reason) == (at, "a torn frame")
    assert not any("definition" in issue.reason for issue in log.issues)
    assert not any(name.startswith("UNKNOWN") for name in log.record_counts)


def hear_damaged_heartbeat_of_ground_station(station: Station) -> None:
    at = len(station.data)
    station.hear("heartbeat", 255, 190, type=6, autopilot=8)
    station.data[at + 8 + 12] ^= 0xFF


def test_what_a_proxy_wrote_with_a_wrong_checksum_is_no_loss_of_the_vehicle(
    station: Station,
) -> None:
    station.hear("heartbeat", 255, 190, type=6, autopilot=8)
    for _ in range(3):
        station.hear("attitude", roll=0.5)
        hear_damaged_heartbeat_of_ground_station(station)
        station.hear("attitude", roll=0.25)
    log = station.read()
    assert "gap" not in log.coverage_sizes
    (remark,) = log.issues
    assert (remark.size, remark.reason) == (
        0, "3 frames of a ground station with a wrong checksum: nothing of the vehicle is lost",
    )  # fmt: skip


def test_a_damaged_frame_of_an_unknown_sender_is_a_loss(station: Station) -> None:
    station.hear("attitude", roll=0.5)
    hear_damaged_heartbeat_of_ground_station(station)
    station.hear("attitude", roll=0.25)
    assert station.read().coverage_sizes["gap"] > 0


def test_frames_of_another_definition_are_whole_and_kept_as_bytes(station: Station) -> None:
    for _ in range(3):
        station.write(frame(180, b"\x01\x02\x03", 99))
    log = station.read()
    assert log.record_counts["UNKNOWN_180"] == 3
    assert log.records("UNKNOWN_180")["raw"].tolist() == ["010203"] * 3
    assert {span.kind for span in log.coverage} == {"records", "unknown"}


def test_no_intact_frame_is_lost_to_one_that_lost_bytes(station: Station) -> None:
    at = len(station.data)
    station.hear("attitude", roll=0.5)
    del station.data[at + 20 : at + 25]
    station.hear("attitude", roll=0.25)
    assert station.read().records("ATTITUDE")["roll"].tolist() == [0.25]


def test_a_frame_that_lost_its_time_is_found_and_has_that_of_the_one_before(
    station: Station,
) -> None:
    at = len(station.data)
    station.hear("heartbeat", 255, 190, type=6, autopilot=8)
    del station.data[at : at + 8]
    station.hear("attitude", roll=0.25)
    found = station.read().records("HEARTBEAT")
    assert found["system"].tolist()[-1] == 255
    assert found["time"].iloc[-1] == when(station.boot_ms - 30)


def test_frames_before_the_first_intact_time_take_it() -> None:
    """No SYSTEM_TIME: the station's clock is all there is."""
    only = Station()
    only.beat()
    only.hear("statustext", severity=4, text="before")
    for _ in range(8):
        only.hear("global_position_int", lat=515000000, lon=-1000000, alt=80_000)
    only.data[0] = 21  # no time of this age begins so
    only.data[only.offsets[1] + 2] ^= 0x40  # years away from those that follow
    log = only.read()
    assert log.events["time"].dropna().dt.year.eq(2023).all()
    (before,) = events(log, "warning")["time"]
    assert abs((before - log.track["time"].iloc[0]).total_seconds()) < 1


def test_a_frame_whose_last_bytes_pass_for_a_time_is_not_lost(station: Station) -> None:
    """As a station that writes some frames without a time leaves them."""
    station.stamped = False
    while True:  # until the checksum does not spoil the look of a time
        begin = len(station.data)
        station.hear("system_time", time_unix_usec=0, time_boot_ms=station.boot_ms << 16)
        station.beat()
        if station.data[begin + 15] == 0 and station.data[begin + 16] <= 8:
            break
    station.stamped = True
    for _ in range(6):
        station.beat()
    log = station.read()
    assert len(log.records("HEARTBEAT")) + len(log.records("SYSTEM_TIME")) == len(
        station.offsets
    ) - len(log.records("GLOBAL_POSITION_INT"))
    assert not [span for span in log.coverage if span.kind == "gap"]


@pytest.mark.parametrize("place", [0, 1, 2, 5, 8, 9])
def test_a_time_astray_is_seen_wherever_it_stands(place: int) -> None:
    values = np.arange(10, dtype=np.int64)
    values[place] = 10_000
    wrong, instead = outlier_indices_and_running_medians(values, 1000)
    assert wrong.tolist() == [place]
    assert abs(instead[0] - place) <= 4


def test_the_parts_of_a_text_are_joined(station: Station) -> None:
    long = "Fence breached: the vehicle is beyond the boundary of the field and returns home"
    for part in range(2):
        text = long[50 * part : 50 * part + 50]
        station.hear("statustext", severity=2, text=text, id=7, chunk_seq=part)
    texts = [text for text in station.read().events["text"] if "Fence breached" in text]
    assert texts == [long]


def test_frames_that_are_missing_are_counted_for_each_sender(station: Station) -> None:
    station.sender(1, 1).seq += 5
    station.beat()
    station.hear("heartbeat", 255, 190, type=6, autopilot=8)
    found = events(station.read(), "link.signal")
    assert any("1/1" in text and "5 missing" in text for text in found["text"])
    assert any("255/190" in text and "0 missing" in text for text in found["text"])


def test_the_frames_of_every_sender_are_counted_however_many_there_are(station: Station) -> None:
    for number in range(300):
        station.hear("heartbeat", 2 + number // 200, 1 + number % 200, type=6, autopilot=8)
    counted = events(station.read(), "link.signal")["text"].str.contains("missing by their")
    assert counted.sum() == 301


def test_the_track_is_that_of_the_vehicle_and_not_of_other_equipment(station: Station) -> None:
    station.hear("heartbeat", 2, 1, type=18, autopilot=8)
    station.hear("global_position_int", 2, 1, lat=10, lon=10)
    log = station.read()
    assert len(log.track) == 3
    assert any("1 positions sent by system 2" in issue.reason for issue in log.issues)
    assert log.record_counts["GLOBAL_POSITION_INT"] == 4


def test_unknown_marks_are_missing_and_not_numbers() -> None:
    station = Station()
    for _ in range(3):
        station.beat()
        station.hear("gps_raw_int", satellites_visible=255, fix_type=1)
        station.hear("sys_status", battery_remaining=-1)
        station.hear("global_position_int", hdg=0xFFFF)
    last = station.read().track.iloc[-1]
    for name in ("latitude_deg", "satellites", "battery_pct", "course_deg", "gimbal_pitch_deg"):
        assert pd.isna(last[name]), name
    assert not last["fix_ok"]


def test_what_drifts_from_nowhere_is_no_position() -> None:
    station = Station()
    for drift in (0, 500, -7000):
        station.beat()
        station.hear("global_position_int", lat=drift, lon=-drift)
    assert station.read().track["latitude_deg"].isna().all()


def test_a_height_that_nothing_reaches_is_missing_and_an_issue(station: Station) -> None:
    station.hear(
        "global_position_int", lat=515000000, lon=-1000000, alt=80_000, relative_alt=31_392_722
    )
    station.hear("global_position_int", lat=515000000, lon=-1000000, relative_alt=19_000_000)
    log = station.read()
    assert log.track["height_ato_m"].isna().tolist() == [False] * 3 + [True, False]
    assert log.track["altitude_amsl_m"].notna().all()
    assert [one.reason for one in log.issues if "height" in one.reason] == [
        "1 positions have a height beyond 20 km: left out"
    ]


def test_a_camera_that_looks_straight_down_has_a_yaw_and_no_roll(station: Station) -> None:
    half = np.sqrt(0.5)
    turn = [half * half, half * half, -half * half, half * half]  # yaw 90, pitch -90
    station.hear("gimbal_device_attitude_status", 1, 154, flags=80, q=turn)
    station.hear("global_position_int", lat=515000000, lon=-1000000)
    last = station.read().track.iloc[-1]
    assert last["gimbal_yaw_deg"] == pytest.approx(90, abs=0.01)
    assert last["gimbal_pitch_deg"] == pytest.approx(-90, abs=0.1)
    assert last["gimbal_roll_deg"] == 0


@pytest.mark.parametrize(
    ("flags", "yaw"), [(16, 90), (16 | 32, 120), (64, 90), (32, 120), (0, 120), (32 | 64, 90)]
)
def test_a_gimbals_yaw_is_from_what_its_flags_say(station: Station, flags: int, yaw: int) -> None:
    half = np.sqrt(0.5)
    for _ in range(2):
        station.hear("gimbal_device_attitude_status", 1, 154, flags=flags, q=[half, 0, 0, half])
    station.hear("gimbal_device_attitude_status", 1, 171, flags=64, q=[1, 0, 0, 0])  # another one
    station.hear("global_position_int", lat=515000000, lon=-1000000, hdg=3000)
    last = station.read().track.iloc[-1]
    assert last["gimbal_yaw_deg"] == pytest.approx(yaw, abs=0.01)


def test_a_fence_breach_is_one_interval_however_often_it_is_told(station: Station) -> None:
    station.beat(armed=True, mode=4, system_status=4)
    station.hear("fence_status")
    start = station.boot_ms
    for _ in range(3):
        station.hear("fence_status", breach_status=1, breach_count=1, breach_type=3)
    station.beat(armed=True, mode=6, system_status=4)
    end = station.boot_ms
    for _ in range(31):
        station.hear("fence_status", breach_count=1)
    log = station.read()
    found = events(log, "geofence.breach")
    assert len(found) == 1
    assert (found["time"][0], found["end"][0]) == (when(start), when(end))
    assert "boundary" in found["text"][0]
    assert found["value"].tolist() == [6]  # a circle or a polygon
    action = events(log, "geofence.action")
    assert action["severity"].tolist() == ["warning"]
    assert action["text"].str.startswith("RTL").tolist() == [True]


@pytest.mark.parametrize(("told", "types", "bits"), [(2, 7, 1), (1, 7, 8), (3, 3, 2), (3, 4, 4)])
def test_what_a_breach_crossed_is_ardupilots_bit_mask(
    station: Station, told: int, types: int, bits: int
) -> None:
    station.hear("param_value", param_id="FENCE_TYPE", param_value=types, param_type=9)
    station.hear("fence_status", breach_status=1, breach_count=1, breach_type=told)
    assert events(station.read(), "geofence.breach")["value"].tolist() == [bits]


def test_a_fence_that_lands_the_vehicle_is_serious(station: Station) -> None:
    station.beat(armed=True, mode=4, system_status=4)
    station.hear("fence_status")
    station.hear("fence_status", breach_status=1, breach_count=1, breach_type=3)
    station.beat(armed=True, mode=9, system_status=4)
    assert events(station.read(), "geofence.action")["severity"].tolist() == ["serious"]


def test_only_parameters_that_matter_or_change_are_events(station: Station) -> None:
    for name, value in (
        ("ATC_RAT", 1),
        ("CAM1_TYPE", 2),
        ("DID_ENABLE", 1),
        ("WPNAV", 5),
        ("WPNAV", 6),
    ):
        station.hear("param_value", param_id=name, param_value=value, param_type=9)
    log = station.read()
    assert events(log, "param")["text"].tolist() == ["CAM1_TYPE = 2", "WPNAV = 6 (was 5)"]
    assert events(log, "remote_id")["text"].tolist() == ["DID_ENABLE = 1"]
    assert len(log.records("PARAM_VALUE")) == 5


def test_a_text_with_an_address_twice_is_one_contact(station: Station) -> None:
    text = "At 192.0.2.7: rtsp://a:b@192.0.2.7:554/x."
    station.hear("statustext", severity=6, text=text)
    found = station.read().contacts
    assert found[["address", "port", "path"]].to_numpy().tolist() == [["192.0.2.7", 554, "/x"]]


def test_fences_that_are_sent_become_shapes(station: Station) -> None:
    corners = [(51.0, -1.0), (51.1, -1.0), (51.1, -0.9)]
    for number, (lat, lon) in enumerate(corners):
        station.hear(
            "mission_item_int", 255, 190, seq=number, command=5001, param1=3.0,
            x=int(lat * 1e7), y=int(lon * 1e7), mission_type=1,
        )  # fmt: skip
    station.hear(
        "mission_item_int", 255, 190, seq=3, command=5004, param1=50.0,
        x=510000000, y=-10000000, mission_type=1,
    )  # fmt: skip
    found = events(station.read(), "geofence.config")
    assert found["text"].tolist() == [
        "inclusion POLYGON ((-1.0000000 51.0000000, -1.0000000 51.1000000, "
        "-0.9000000 51.1000000, -1.0000000 51.0000000))",
        "exclusion CIRCLE (-1.0000000 51.0000000, 50 m)",
    ]
    assert found["value"].tolist()[1] == 50.0


def test_switching_the_fence_and_its_parameters_are_events(station: Station) -> None:
    for value in (100.0, 100.0, 60.0):
        station.hear("param_value", param_id="FENCE_RADIUS", param_value=value, param_type=9)
    station.order(207, 0)
    station.order(207, 1, result=4)
    log = station.read()
    texts = events(log, "geofence.config")["text"].tolist()
    assert texts == ["FENCE_RADIUS = 100", "FENCE_RADIUS = 60 (was 100)"]
    assert events(log, "geofence.disable")["grade"].tolist() == ["reported"]
    assert len(events(log, "geofence.enable")) == 0


def test_a_slow_link_tells_a_breach_by_its_flag(station: Station) -> None:
    for flags in (0, 2048, 2048 | 4, 0):
        station.hear("high_latency2", failure_flags=flags)
    found = events(station.read(), "geofence.breach")
    assert found["text"].tolist() == ["fence breached"]
    assert (found["end"] - found["time"]).dt.total_seconds().tolist() == [0.02]


def test_reading_leaves_pymavlinks_global_state_alone() -> None:
    code = (
        "import os, sys; before = dict(os.environ); import parsers; "
        "parsers.read(sys.argv[1]); "
        "print(dict(os.environ) == before, 'pymavlink.mavutil' in sys.modules)"
    )
    log = ROOT / "sample_logs" / "2026-05-14 12-01-58.tlog"
    done = subprocess.run(
        [sys.executable, "-c", code, log], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "True False\n"


def test_px4_tells_breaches_by_the_hash_of_their_name(station: Station) -> None:
    number = (1 << 24) | 143019  # check_gf_violation_custom_gf, in PX4's own metadata
    payload = struct.pack("<IIHBBB", number, station.boot_ms, 1, 0, 0, 0x22)
    station.write(frame(410, payload, PUBLISHED_SEEDS[410]))
    found = events(station.read(), "geofence.breach")
    assert found["text"].tolist() == ["geofence violation: approaching or outside geofence"]


def test_video_is_what_the_camera_says_of_itself(station: Station) -> None:
    station.hear("camera_capture_status", 1, 100)
    start = station.boot_ms
    for _ in range(2):
        station.hear("camera_capture_status", 1, 100, video_status=1)
    end = station.boot_ms
    station.hear("camera_capture_status", 1, 100)
    station.order(2500)
    log = station.read()
    assert len(log.captures) == 1
    row = log.captures.iloc[0]
    assert (row["start"], row["end"]) == (when(start), when(end))
    assert (row["kind"], row["grade"], row["sensor"]) == ("video", "reported", "unknown")


@pytest.mark.parametrize(("result", "grade"), [(0, "reported"), (None, "commanded"), (2, None)])
def test_a_video_command_proves_what_its_answer_says(
    station: Station, result: int | None, grade: str | None
) -> None:
    station.order(2500, result=result)
    station.wait(20)
    station.order(2501)
    found = station.read().captures
    assert found["grade"].tolist() == ([grade] if grade else [])
    if grade:
        assert (found["end"] - found["start"]).dt.total_seconds()[0] == pytest.approx(20, abs=0.1)


def stay_idle(station: Station, seconds: int, component: int = 100) -> None:
    for _ in range(seconds):
        station.wait(1)
        station.hear("camera_capture_status", 1, component)


NOT_BEGUN = (
    "VIDEO_START_CAPTURE from 255/190 (accepted) started no video: "
    "camera 1/100 reports that it is not recording"
)


def test_a_camera_that_stays_idle_prevails_over_a_command_that_was_accepted(
    station: Station,
) -> None:
    station.order(2500)
    stay_idle(station, 20)
    station.order(2501)
    log = station.read()
    assert not len(log.captures)
    told = events(log, "capture.command")
    (row,) = (row for _, row in told.iterrows() if row["text"] == NOT_BEGUN)
    assert (row["record"], row["grade"]) == ("CAMERA_CAPTURE_STATUS.video_status", "reported")
    assert any("VIDEO_START_CAPTURE" in text and "accepted" in text for text in told["text"])


def test_a_camera_may_take_a_moment_to_begin(station: Station) -> None:
    station.order(2500)
    stay_idle(station, 1)
    station.wait(10)
    station.order(2501)
    assert station.read().captures["kind"].tolist() == ["video"]


def test_an_order_that_another_follows_is_judged_by_itself(station: Station) -> None:
    station.order(2500)
    stay_idle(station, 20)
    start = station.boot_ms
    station.order(2500)
    station.wait(20)
    station.order(2501)
    log = station.read()
    assert log.captures["start"].tolist() == [when(start)]
    assert NOT_BEGUN in events(log, "capture.command")["text"].tolist()


def test_a_video_is_held_to_have_ended_when_the_camera_is_found_idle(station: Station) -> None:
    station.order(2500)
    station.wait(60)
    end = station.boot_ms
    station.hear("camera_capture_status", 1, 100)
    station.wait(60)
    station.beat()
    log = station.read()
    row = log.captures.iloc[0]
    assert row["end"] == when(end)
    assert "ended before the camera reports that it is not recording" in row["source"]
    assert NOT_BEGUN not in events(log, "capture.command")["text"].tolist()


def test_without_times_no_camera_contradicts_a_command() -> None:
    raw = Station(stamped=False)
    raw.beat()
    raw.order(2500)
    for _ in range(20):
        raw.hear("camera_capture_status", 1, 100)
    raw.order(2501)
    assert raw.read().captures["kind"].tolist() == ["video"]


def test_one_camera_says_nothing_of_another(station: Station) -> None:
    station.hear("heartbeat", 1, 101, type=30, autopilot=8)
    station.order(2500)
    stay_idle(station, 20)
    station.order(2501)
    log = station.read()
    assert log.captures["kind"].tolist() == ["video"]
    assert NOT_BEGUN not in events(log, "capture.command")["text"].tolist()


def test_the_answer_to_a_command_is_found_among_many_to_others(station: Station) -> None:
    station.order(2500, result=None)
    for _ in range(40):
        station.hear("command_ack", command=512, result=0)
    station.hear("command_ack", 2, 1, command=2500, result=0)
    station.hear("command_ack", command=2500, result=2)
    log = station.read()
    assert not len(log.captures)
    assert events(log, "capture.command")["text"].str.endswith(": denied").all()


def test_a_recording_without_an_end_is_closed_at_disarm_and_marked(station: Station) -> None:
    station.beat(armed=True)
    station.order(2500)
    station.wait(5)
    end = station.boot_ms
    station.beat()
    station.wait(30)
    station.beat()
    row = station.read().captures.iloc[0]
    assert row["end"] == when(end)
    assert "ended at disarm" in row["source"]


def stream_runs_thermal(station: Station) -> None:
    station.hear("video_stream_information", 1, 100, stream_id=1, flags=3, uri="rtsp://10.0.0.9/t")


def source_is_infrared(station: Station) -> None:
    station.order(534, 0, 2)


def range_is_told(station: Station) -> None:
    station.hear("camera_thermal_range", 1, 100, max=40.0)


@pytest.mark.parametrize("sign", [stream_runs_thermal, source_is_infrared, range_is_told])
def test_thermal_is_told_by_stream_source_or_range(station: Station, sign: Any) -> None:
    sign(station)
    station.hear("camera_image_captured", 1, 100, image_index=1, capture_result=1)
    assert station.read().captures["sensor"].tolist() == ["thermal"]


VISIBLE = {"stream_id": 1, "flags": 1, "uri": "rtsp://192.0.2.9/v"}
INFRARED = {"stream_id": 2, "flags": 3, "uri": "rtsp://192.0.2.9/t"}


@pytest.mark.parametrize(
    ("streams", "sensor"),
    [
        ([INFRARED], "thermal"),
        ([VISIBLE], "unknown"),
        ([VISIBLE, INFRARED], "unknown"),
        ([INFRARED, VISIBLE], "unknown"),
        ([VISIBLE, INFRARED, VISIBLE | {"flags": 0}], "thermal"),
        ([INFRARED | {"count": 2}], "unknown"),
    ],
)
def test_of_two_streams_that_run_it_is_not_known_which_is_recorded(
    station: Station, streams: list[dict[str, Any]], sensor: str
) -> None:
    for stream in streams:
        station.hear("video_stream_information", 1, 100, **stream)
    station.hear("camera_thermal_range", 1, 100, max=40.0)
    if streams == [VISIBLE]:
        station.wait(30)
    station.hear("camera_image_captured", 1, 100, image_index=1, capture_result=1)
    assert station.read().captures["sensor"].tolist() == [sensor]


@pytest.mark.parametrize(("result", "sensor"), [(None, "unknown"), (0, "thermal"), (4, "unknown")])
def test_of_two_running_streams_an_accepted_choice_names_the_sensor(
    station: Station, result: int | None, sensor: str
) -> None:
    for stream in (VISIBLE, INFRARED):
        station.hear("video_stream_information", 1, 100, **stream)
    station.order(534, 0, 2, result=result)
    station.hear("camera_image_captured", 1, 100, image_index=1, capture_result=1)
    assert station.read().captures["sensor"].tolist() == [sensor]


def test_a_photo_that_is_reported_twice_is_one(station: Station) -> None:
    for _ in range(2):
        station.hear("camera_feedback", time_usec=5, img_idx=1, flags=3)
    station.hear("camera_feedback", time_usec=9, img_idx=2, flags=4)
    found = station.read().captures
    assert found["grade"].tolist() == ["measured", "commanded"]
    assert (found["start"] == found["end"]).all()


def test_computers_are_named_without_their_passwords(station: Station) -> None:
    station.hear(
        "video_stream_information", 1, 100, stream_id=1, flags=1,
        uri="rtsp://pilot:hunter2@192.0.2.7:8554/live",
    )  # fmt: skip
    station.hear("statustext", severity=6, text="[mavlink] partner IP: 192.0.2.9")
    station.hear("statustext", severity=6, text="Mission Planner 1.3.80.0")
    log = station.read()
    found = log.contacts
    assert found["address"].tolist() == ["192.0.2.7", "192.0.2.9"]
    assert (found["port"][0], found["protocol"][0], found["path"][0]) == (8554, "rtsp", "/live")
    everything = log.events.to_csv() + found.to_csv()
    everything += log.records("VIDEO_STREAM_INFORMATION").to_csv()
    assert "hunter2" not in everything
    assert any("a secret is redacted" in issue.reason for issue in log.issues)


def test_secrets_of_networks_and_keys_are_masked_everywhere(station: Station) -> None:
    station.hear("wifi_config_ap", 255, 190, ssid="drone", password="hunter2")  # noqa: S106  # no password
    station.hear("setup_signing", 255, 190, target_system=1, secret_key=[77] * 32)
    payload = struct.pack("<BB16s16s32s16sBB", 1, 1, b"4321", b"", b"internet", b"98765", 0, 0)
    for _ in range(3):
        station.write(frame(336, payload, PUBLISHED_SEEDS[336]))
    log = station.read()
    tables = [log.events, log.contacts, *(log.records(name) for name in log.record_counts)]
    everything = "".join(table.to_csv() for table in tables)
    for secret in ("hunter2", "4321", "98765", "77, 77"):
        assert secret not in everything
    assert "access point 'internet'" in everything
    assert sum("is a secret" in issue.reason for issue in log.issues) == 4


def test_downloads_erasures_and_file_transfers_name_who_and_how_much(station: Station) -> None:
    station.hear("log_request_data", 255, 190, target_system=1, id=12, count=180)
    for place in (0, 90, 90):
        station.hear("log_data", id=12, ofs=place, count=90, data=[1] * 90)
    station.hear("log_erase", 255, 190, target_system=1)
    path = b"/fs/microsd/log/a.ulg"
    payload = list(struct.pack("<HBBBBBBI", 1, 0, 4, len(path), 0, 0, 0, 0) + path)
    payload += [0] * (251 - len(payload))
    station.hear("file_transfer_protocol", 255, 190, target_system=1, payload=payload)
    station.order(526, 1, 1)
    log = station.read()
    texts = events(log, "log.transfer")["text"].tolist()
    assert texts[0] == "log 12 of system 1: 180 bytes were sent to 255/190"
    assert "erased by 255/190" in texts[1]
    assert "/fs/microsd/log/a.ulg by 255/190" in texts[2]
    assert events(log, "capture.storage")["severity"].tolist() == ["serious"]


def test_logs_of_two_vehicles_are_told_apart_even_if_they_have_one_number(
    station: Station,
) -> None:
    station.hear("log_request_data", 255, 190, target_system=1, id=3, count=180)
    station.hear("log_request_data", 254, 190, target_system=2, id=3, count=90)
    station.hear("log_request_data", 253, 190, target_system=4, id=3, count=90)
    for place in (0, 90):
        station.hear("log_data", 1, 1, id=3, ofs=place, count=90, data=[1] * 90)
    station.hear("log_data", 2, 1, id=3, ofs=0, count=90, data=[1] * 90)
    for system in (1, 2, 2):
        station.hear("logging_data", system, 1, target_system=255, length=100, data=[1] * 249)
    for system in (1, 1, 2):
        payload = list(struct.pack("<HBBBBBBI", 1, 0, 128, 70, 5, 0, 0, 0)) + [0] * 239
        station.hear("file_transfer_protocol", system, 1, target_system=255, payload=payload)
    found = events(station.read(), "log.transfer")
    assert sorted(found["text"]) == [
        "file transfer: 140 bytes read from system 1",
        "file transfer: 70 bytes read from system 2",
        "log 3 of system 1: 180 bytes were sent to 255/190",
        "log 3 of system 2: 90 bytes were sent to 254/190",
        "log 3 of system 4 requested by 253/190; no data in this stream",
        "the log of system 1 was streamed to 255/0 as it was written: 100 bytes",
        "the log of system 2 was streamed to 255/0 as it was written: 200 bytes",
    ]


def test_a_log_that_is_asked_of_all_stands_at_those_who_send_it(station: Station) -> None:
    station.hear("log_request_data", 255, 190, id=3, count=90)
    for system in (1, 2):
        station.hear("log_data", system, 1, id=3, ofs=0, count=90, data=[1] * 90)
    assert sorted(events(station.read(), "log.transfer")["text"]) == [
        "log 3 of system 1: 90 bytes were sent to 255/190",
        "log 3 of system 2: 90 bytes were sent to 255/190",
    ]


def test_corrections_from_the_ground_are_summed(station: Station) -> None:
    for _ in range(4):
        station.hear("gps_rtcm_data", 255, 190, len=100, data=[1] * 180)
    found = events(station.read(), "link.config")
    assert found["text"].str.contains("4 messages, 400 bytes").any()


def test_remote_id_and_where_the_operator_was(station: Station) -> None:
    serial = b"1581F5FKD22A00000001"
    station.hear(
        "open_drone_id_basic_id", 1, 236, id_type=1, ua_type=2, id_or_mac=[0] * 20,
        uas_id=list(serial),
    )  # fmt: skip
    station.hear(
        "open_drone_id_system", 1, 236, operator_latitude=515000000, operator_longitude=-1000000
    )
    log = station.read()
    assert log.aircraft.serial == serial.decode()
    assert any(serial.decode() in text for text in events(log, "remote_id")["text"])
    place = next(place for place in log.named_positions if place.kind == "pilot")
    assert (place.latitude_deg, place.longitude_deg) == (51.5, -0.1)


def test_who_the_autopilot_is(station: Station) -> None:
    station.hear("statustext", severity=6, text="ArduCopter V4.5.7 (2a3dc4b7)")
    station.hear(
        "autopilot_version", flight_sw_version=0x040507FF, uid=5,
        uid2=[0x47, 0, 0x2B, 0, *range(1, 9), 0, 0, 0, 0, 0, 0],
    )  # fmt: skip
    aircraft = station.read().aircraft
    assert aircraft.firmware["autopilot"] == "ArduCopter V4.5.7 (2a3dc4b7)"
    assert aircraft.flight_controller_serial == "002B0047 04030201 08070605"


def test_modes_arming_and_flight_are_told_as_they_change(station: Station) -> None:
    station.beat(armed=True, mode=4)
    station.beat(armed=True, mode=4, system_status=4)
    station.beat(armed=True, mode=9, system_status=4)
    station.beat(mode=9)
    log = station.read()
    kinds = log.events.loc[log.events["record"].str.startswith("HEARTBEAT"), "kind"].tolist()
    report = "airborne.report"
    wanted = ["mode", "mode", "arm", report, report, "mode", "action", "disarm", report]
    wanted.append("disarm")  # when the log begins
    assert sorted(kind for kind in kinds if kind != "component") == sorted(wanted)
    assert events(log, "mode")["text"].tolist() == [
        "STABILIZE when the log begins",
        "GUIDED",
        "LAND",
    ]


def test_whole_parameters_of_px4_are_read_by_their_bytes() -> None:
    station = Station()
    for _ in range(3):
        station.hear("heartbeat", type=2, autopilot=12)
    value = struct.unpack("<f", struct.pack("<i", 3))[0]
    station.hear("param_value", param_id="GF_ACTION", param_value=value, param_type=6)
    found = events(station.read(), "geofence.config")
    assert found["text"].tolist() == ["GF_ACTION = 3"]


def test_other_files_are_not_claimed() -> None:
    for data in (
        b"",
        b"\xa3\x95\x80\x80\x59" * 100,
        b"ULog\x01\x12\x35" * 100,
        bytes(4096),
        b"\xfd" * 4096,
        b"\xd4\xc3\xb2\xa1" + bytes(500),
        np.random.default_rng(1).bytes(8192),
    ):
        assert not FORMAT.claims(Content("x.tlog", data))
    with pytest.raises(CorruptLogError):
        FORMAT.read(Content("x.tlog", bytes(100)), ())


def test_parameters_sent_as_a_packed_file_are_read_with_their_defaults(station: Station) -> None:
    def entry(kind: int, shared: int, rest: bytes, *values: bytes) -> bytes:
        return bytes([kind, shared | (len(rest) - 1) << 4]) + rest + b"".join(values)

    file = struct.pack("<HHH", 0x671C, 3, 3)
    file += entry(0x14, 0, b"FENCE_RADIUS", struct.pack("<f", 60), struct.pack("<f", 300))
    file += b"\0\0" + entry(1, 6, b"TYPE", b"\x03")
    file += entry(2, 0, b"NET_P1_PORT", struct.pack("<h", 14550))

    def transfer(sender: int, operation: int, asked: int, place: int, data: bytes) -> None:
        head = struct.pack("<HBBBBBBI", 1, 0, operation, len(data), asked, 0, 0, place)
        payload = list(head + data) + [0] * (251 - len(head) - len(data))
        station.hear(
            "file_transfer_protocol", sender, 190 if sender == 255 else 1,
            target_system=1 if sender == 255 else 255, payload=payload,
        )  # fmt: skip

    transfer(255, 4, 0, 0, b"@PARAM/param.pck?withdefaults=1")
    transfer(1, 128, 15, 20, file[20:])
    transfer(1, 128, 15, 0, file[:20])
    log = station.read()
    assert sorted(events(log, "geofence.config")["text"]) == [
        "FENCE_RADIUS = 60 (default 300)",
        "FENCE_TYPE = 3: maximum altitude, circle",
    ]
    assert "NET_P1_PORT = 14550" in events(log, "link.config")["text"].tolist()


def test_what_another_vehicle_says_and_is_told_is_not_this_ones(station: Station) -> None:
    station.hear("statustext", 2, 1, severity=2, text="Fence breached")
    station.hear("statustext", 2, 1, severity=6, text="ArduCopter V3.3 (d6053245)")
    station.hear("command_long", 255, 190, target_system=2, command=2500)
    station.hear("command_ack", 2, 1, command=2500)
    log = station.read()
    assert len(events(log, "geofence.breach")) == 0
    assert len(events(log, "geofence.warning")) == 1
    assert len(log.captures) == 0
    assert len(events(log, "capture.command")) == 1
    assert log.aircraft.firmware == {}


def test_the_field_of_view_is_told_whenever_it_changes() -> None:
    station = Station()
    station.beat()
    station.tell_time()
    nan = float("nan")
    for across in (60.0, 60.0, nan, 0.0, 20.0):
        station.wait(1)
        station.hear("camera_fov_status", 1, 100, hfov=across, vfov=across / 2)
    station.hear("camera_fov_status", 1, 101, hfov=99.0, vfov=50.0)
    for _ in range(5):
        station.beat()
    wide, narrow = station.read().fields_of_view
    assert (wide.horizontal_fov_deg, wide.vertical_fov_deg) == (60.0, 30.0)
    assert (narrow.horizontal_fov_deg, narrow.record) == (20.0, "CAMERA_FOV_STATUS.hfov")
    assert wide.time is not None
    assert narrow.time is not None
    assert (narrow.time - wide.time).total_seconds() == pytest.approx(4.04, abs=0.1)
    assert wide.source_offset == station.offsets[2]
