"""Which facts a DataFlash log carries: a failure would have stood in this file."""

from dataclasses import replace

import pytest

from parsers import Log, find_carried_facts
from parsers.mavlink.dataflash import FORMAT
from tests.parsers.mavlink.dataflash.test_log import Writer


def facts(log: Log) -> set[str]:
    return set(find_carried_facts(FORMAT.facts, log))


def made(
    parameters: dict[str, float] | None = None,
    *,
    errors: bool = True,
    reports: bool = True,
    firmware: str = "ArduCopter V4.5.1 (abcdef12)",
) -> Writer:
    """Return a log with parameters, with definitions of records that nobody wrote."""
    writer = Writer()
    writer.define("PARM", "QNf", "TimeUS,Name,Value")
    writer.define("MSG", "QZ", "TimeUS,Message")
    writer.define("CAM", "QIHLLeeeccC", "TimeUS,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y")
    writer.define("ARM", "QB", "TimeUS,ArmState")
    if errors:
        writer.define("ERR", "QBB", "TimeUS,Subsys,ECode")
    for name, value in (parameters or {}).items():
        writer.write("PARM", 1000, name, value)
    if reports:
        writer.write("MSG", 2000, firmware)
    return writer


FENCE = {"FENCE_TYPE": 1.0, "FENCE_ALT_MAX": 120.0}


def test_a_breach_is_recorded_only_where_a_fence_is_on() -> None:
    assert {"fence_breach", "limit_reached"} <= facts(made({"FENCE_ENABLE": 1, **FENCE}).read())
    off = facts(made({"FENCE_ENABLE": 0, **FENCE}).read())
    assert "fence_setting" in off
    assert not off & {"fence_breach", "limit_reached"}
    assert not facts(made().read()) & {"fence_setting", "fence_breach", "limit_reached"}


def test_errors_are_recorded_only_where_they_are_defined_and_others_are_written() -> None:
    occurrences = {"failsafe", "motor_fault", "sensor_fault", "link_loss"}
    assert occurrences <= facts(made().read())
    assert not occurrences & facts(made(errors=False).read())
    assert not occurrences & facts(made({"RTL_ALT": 1}, reports=False).read())
    assert "fence_breach" not in facts(made({"FENCE_ENABLE": 1, **FENCE}, errors=False).read())


@pytest.mark.parametrize(
    ("firmware", "options", "carried"),
    [
        ("ArduCopter V3.1.3 (92cdd2a3)", 0, False),
        ("APM:Copter V3.6.12 (92cdd2a3)", 0, False),
        ("APM:Copter V3.7-dev (92cdd2a3)", 0, True),
        ("ArduCopter V4.0.0 (92cdd2a3)", 0, True),
        ("ArduCopter V10.0.0 (92cdd2a3)", 2, True),
        ("ArduCopter V4.5.1 (92cdd2a3)", 1, False),
        ("ArduPlane V4.5.1 (92cdd2a3)", 0, False),
    ],
)
def test_faults_of_motors_are_recorded_only_where_the_firmware_looks_for_lost_thrust(
    firmware: str, options: int, carried: bool
) -> None:
    found = facts(made({"FLIGHT_OPTIONS": options}, firmware=firmware).read())
    assert ("motor_fault" in found) is carried
    assert {"failsafe", "link_loss"} <= found


def test_only_messages_in_bytes_have_a_frame() -> None:
    log = made().read()
    assert "record_framing" in facts(log)
    text = replace(log, source=replace(log.source, format_version="text"))
    assert "record_framing" not in facts(text)


@pytest.mark.parametrize(
    ("twice", "east_m", "is_told"),
    [(2, 30.0, False), (3, 30.0, True), (3, 0.4, False), (3, 0.6, True)],
)
def test_one_satellite_time_at_two_places_shows_two_vehicles(
    twice: int, east_m: float, is_told: bool
) -> None:
    writer = Writer()
    writer.define("GPS", "QBBIHBLL", "TimeUS,I,Status,GMS,GWk,NSats,Lat,Lng")
    for number in range(20):
        time_us, week_ms = 1_000_000 + 200_000 * number, 247_000_000 + 200 * number
        writer.write("GPS", time_us, 0, 3, week_ms, 2356, 10, 0, 0)
        # Another receiver of the same vehicle, and a repetition at the same place, show nothing.
        writer.write("GPS", time_us + 100, 1, 3, week_ms, 2356, 10, 0, 90)
        writer.write("GPS", time_us + 200, 0, 3, week_ms, 2356, 10, 0, 0)
        if number < twice:
            writer.write("GPS", time_us - 900, 0, 3, week_ms, 2356, 10, 0, round(east_m * 89.93))
    told = [issue for issue in writer.read().issues if "two vehicles wrote" in issue.reason]
    assert bool(told) is is_told
    if told:
        assert told[0].size == 0
        assert f"{twice} satellite times stand twice, at places up to {east_m:.1f} m" in (
            told[0].reason
        )


@pytest.mark.parametrize(
    ("parameters", "carried"),
    [
        ({}, False),
        ({"CAM1_TYPE": 0, "CAM_TRIGG_TYPE": 0, "CAM_FEEDBACK_PIN": -1}, False),
        ({"CAM1_TYPE": 6}, True),
        ({"CAM_FEEDBACK_PIN": 54}, True),
        ({"SERVO9_FUNCTION": 10}, True),
        ({"SERVO9_FUNCTION": 33}, False),
    ],
)
def test_a_definition_of_photos_is_no_camera(parameters: dict[str, float], carried: bool) -> None:
    assert ("photo" in facts(made(parameters).read())) is carried


def test_a_photo_shows_that_photos_are_recorded() -> None:
    writer = made()
    writer.write("CAM", 3000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert "photo" in facts(writer.read())


def test_the_state_of_the_motors_needs_a_record_of_arming() -> None:
    assert not facts(made().read()) & {"motor_state", "takeoff_landing"}
    writer = made()
    writer.write("ARM", 3000, 1)
    assert {"motor_state", "takeoff_landing"} <= facts(writer.read())


def test_sound_video_and_contacts_are_never_carried() -> None:
    declared = {each.fact for each in FORMAT.facts}
    assert not declared & {"audio", "video", "contact", "upload_mark", "zone_warning"}
