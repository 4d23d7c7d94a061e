"""Which facts a MAVLink stream carries: a failure would have stood in this file."""

from dataclasses import replace

import pytest

from parsers import Log, find_carried_facts
from parsers.mavlink.tlog import FORMAT
from tests.parsers.mavlink.tlog.test_log import Station


def facts(log: Log) -> set[str]:
    return set(find_carried_facts(FORMAT.facts, log))


def beating(**parameters: float) -> Station:
    station = Station()
    for _ in range(5):
        station.beat()
    for name, value in parameters.items():
        station.hear("param_value", param_id=name, param_value=value, param_type=9)
    return station


FENCE = {"FENCE_TYPE": 1.0, "FENCE_ALT_MAX": 120.0}


def test_heartbeats_carry_what_happens_to_the_aircraft() -> None:
    assert {"motor_state", "takeoff_landing", "failsafe", "link_loss"} <= facts(beating().read())
    station = Station()
    for _ in range(5):
        station.hear("global_position_int", lat=10**8, lon=10**8)
    assert not {"motor_state", "failsafe", "motor_fault"} & facts(station.read())


def test_faults_of_motors_are_told_only_where_the_firmware_looks_for_lost_thrust() -> None:
    log, switched_off = beating().read(), beating(FLIGHT_OPTIONS=1).read()

    def tells_motor_fault(told: Log, model: str, firmware: str) -> bool:
        stated = replace(log.aircraft, model=model, firmware={"autopilot": firmware})
        return "motor_fault" in facts(replace(told, aircraft=stated))

    # The name, or the number alone: of ArduPilot.
    for firmware in ("ArduCopter V4.5.7 (2a3dc4b7)", "4.5.7"):
        assert tells_motor_fault(log, "quadrotor", firmware), firmware
        assert not tells_motor_fault(switched_off, "quadrotor", firmware), firmware
    # An older one, that of PX4, none; and of a vehicle that is no copter.
    for firmware in ("APM:Copter V3.4-dev (bdddfae5)", "1.15.0", ""):
        assert not tells_motor_fault(log, "quadrotor", firmware), firmware
    assert not tells_motor_fault(log, "fixed wing", "4.5.7")


@pytest.mark.parametrize("text", ["Potential Thrust Loss (3)", "Yaw Imbalance 87%"])
def test_lost_thrust_is_a_fault(text: str) -> None:
    station = beating()
    station.hear("statustext", severity=0, text=text)
    events = station.read().events
    assert events["kind"][events["text"].str.startswith(text)].tolist() == ["fault"]


def test_a_breach_is_recorded_only_where_a_fence_is_on() -> None:
    assert {"fence_breach", "limit_reached"} <= facts(beating(FENCE_ENABLE=1, **FENCE).read())
    off = facts(beating(FENCE_ENABLE=0, **FENCE).read())
    assert "fence_setting" in off
    assert not off & {"fence_breach", "limit_reached"}
    station = beating()
    station.hear("fence_status")
    assert "fence_breach" in facts(station.read())


@pytest.mark.parametrize(
    "name", ["camera_feedback", "camera_image_captured", "camera_trigger", "camera_settings"]
)
def test_a_camera_message_shows_that_photos_are_recorded(name: str) -> None:
    assert "photo" not in facts(beating(CAM1_TYPE=0).read())
    station = beating()
    station.hear(name)
    assert "photo" in facts(station.read())


def test_a_camera_that_beats_or_is_set_up_shows_it_too() -> None:
    assert "photo" in facts(beating(CAM1_TYPE=6).read())
    station = beating()
    station.hear("heartbeat", 1, 100, type=30, autopilot=8)
    assert "photo" in facts(station.read())


def test_video_needs_a_camera_that_reports() -> None:
    station = beating()
    station.hear("camera_trigger")
    assert "video" not in facts(station.read())
    station.hear("camera_capture_status")
    assert "video" in facts(station.read())


def test_remote_identification_needs_its_messages() -> None:
    assert not {"remote_id_broadcast", "operator_identity"} & facts(beating(DID_ENABLE=1).read())
    station = beating()
    station.hear("open_drone_id_basic_id", id_type=1, uas_id=[65] * 20)
    # What the autopilot tells the transmitter is no broadcast.
    station.hear("open_drone_id_location", 1, 1)
    assert "remote_id_broadcast" not in facts(station.read())
    station.hear("open_drone_id_location", 1, 236)
    assert "remote_id_broadcast" in facts(station.read())
    assert "operator_identity" not in facts(station.read())


def test_sound_and_contacts_are_never_carried() -> None:
    declared = {each.fact for each in FORMAT.facts}
    assert not declared & {"audio", "contact", "upload_mark", "zone_warning"}
