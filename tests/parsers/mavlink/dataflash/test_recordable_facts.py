"""Which facts a DataFlash log carries: a failure would have stood in this file."""

import pytest

from parsers import Log, find_carried_facts
from parsers.mavlink.dataflash import FORMAT
from tests.parsers.mavlink.dataflash.test_log import Writer


def facts(log: Log) -> set[str]:
    return set(find_carried_facts(FORMAT.facts, log))


def made(
    parameters: dict[str, float] | None = None, *, errors: bool = True, reports: bool = True
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
        writer.write("MSG", 2000, "ArduCopter V4.5.1 (abcdef12)")
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
