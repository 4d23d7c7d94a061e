"""Which facts a ULog carries: a failure would have stood in this file."""

from parsers import Content, Log, find_carried_facts
from parsers.mavlink.ulog import FORMAT
from tests.parsers.mavlink.ulog.test_writer import Writer

STATUS = "uint64_t timestamp;uint8_t arming_state;bool failsafe;bool geofence_violated;"
FLAGS = "uint64_t timestamp;bool fd_motor_failure;bool manual_control_signal_lost;"


def facts(log: Log) -> set[str]:
    return set(find_carried_facts(FORMAT.facts, log))


def made(**parameters: float) -> Writer:
    writer = Writer()
    for name, value in parameters.items():
        writer.parameter(name, value)
    writer.topic("vehicle_status", STATUS, "<QB??")
    for number in range(3):
        writer.add("vehicle_status", 1_000_000 + number, 1, False, False)
    return writer


def test_the_status_carries_arming_and_fail_safes_and_no_motor_fault() -> None:
    carried = facts(made().log())
    assert {"motor_state", "failsafe", "takeoff_landing"} <= carried
    assert not {"motor_fault", "link_loss"} & carried
    writer = made()
    writer.topic("failsafe_flags", FLAGS, "<Q??")
    writer.add("failsafe_flags", 1_000_009, False, False)
    assert {"motor_fault", "link_loss"} <= facts(writer.log())


def test_a_breach_is_recorded_only_where_a_limit_is_set() -> None:
    limits = {"fence_breach", "limit_reached"}
    assert limits <= facts(made(GF_ACTION=2, GF_MAX_VER_DIST=120).log())
    assert not limits & facts(made(GF_ACTION=2, GF_MAX_VER_DIST=0, GF_MAX_HOR_DIST=0).log())
    assert not limits & facts(made(GF_ACTION=0, GF_MAX_VER_DIST=120).log())


def test_photos_need_a_trigger_or_their_records() -> None:
    assert "photo" not in facts(made(TRIG_MODE=0).log())
    assert "photo" in facts(made(TRIG_MODE=1).log())
    writer = made()
    writer.topic("camera_trigger", "uint64_t timestamp;uint32_t seq;bool feedback;", "<QI?")
    assert "photo" not in facts(writer.log())
    writer.add("camera_trigger", 1_000_009, 1, False)
    assert "photo" in facts(writer.log())


def test_a_parameter_of_no_known_type_is_no_number() -> None:
    writer = made(TRIG_MODE=1)
    key = b"flo`t TRIG_MODE"
    writer.record("P", bytes([len(key)]) + key + b"\x00\x00\x80\x3f")
    assert "photo" not in facts(writer.log())


def test_an_encrypted_log_carries_nothing() -> None:
    data = b"ULogEnc\x01" + bytes(10) + b"\x00\x00\x00\x00" + bytes(64)
    log = FORMAT.read(Content("a.ulge", data), ())
    assert log.encrypted
    assert facts(log) == set()
