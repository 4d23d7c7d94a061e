"""DataFlash logs written here, message by message, and what is read from them."""

import struct
from typing import Any

import numpy as np
import pytest

from parsers import Content, Log
from parsers.mavlink.dataflash import FORMAT
from tests.parsers.mavlink.reading import assert_every_byte_is_accounted_for

STRUCT = {
    "a": "64s", "b": "b", "B": "B", "h": "h", "H": "H", "i": "i", "I": "I", "q": "q", "Q": "Q",
    "g": "e", "f": "f", "d": "d", "n": "4s", "N": "16s", "Z": "64s", "c": "h", "C": "H",
    "e": "i", "E": "I", "L": "i", "M": "B",
}  # fmt: skip

#: GPS week of 2024-06-03.
WEEK = 2317
#: Its Monday 12:00:00 GPS time, milliseconds.
NOON_MS = (24 + 12) * 3_600_000
#: The same instant as UTC.
NOON = np.datetime64("2024-06-03T11:59:42", "ns")


class Writer:
    """A DataFlash log in the making."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.types: dict[str, tuple[int, str]] = {}
        self.offsets: list[int] = []
        self.define("FMT", "BBnNZ", "Type,Length,Name,Format,Columns", kind=128)

    def define(self, name: str, chars: str, labels: str, kind: int | None = None) -> int:
        kind = kind if kind is not None else 200 - len(self.types)
        size = 3 + struct.calcsize("<" + "".join(STRUCT[char] for char in chars))
        self.format(kind, size, name, chars, labels)
        self.types[name] = (kind, chars)
        return kind

    def format(self, kind: int, size: int, name: str, chars: str, labels: str) -> None:
        fields = struct.pack(
            "<BB4s16s64s", kind, size, name.encode(), chars.encode(), labels.encode()
        )
        self.raw(b"\xa3\x95\x80" + fields)

    def raw(self, record: bytes) -> None:
        self.offsets.append(len(self.data))
        self.data += record

    def write(self, name: str, *values: Any) -> None:
        kind, chars = self.types[name]
        layout = "<" + "".join(STRUCT[char] for char in chars)
        packed = [one.encode() if isinstance(one, str) else one for one in values]
        self.raw(b"\xa3\x95" + bytes([kind]) + struct.pack(layout, *packed))

    def read(self, name: str = "flight.BIN") -> Log:
        return read(bytes(self.data), name)


def read(data: bytes, name: str = "flight.BIN") -> Log:
    content = Content(name, data)
    assert FORMAT.claims(content)
    log = FORMAT.read(content, ())
    assert_every_byte_is_accounted_for(log, len(data))
    return log


def flight(fixes: int = 20, week: int = WEEK, boot_us: int = 10_000_000) -> Writer:
    """Return a copter's log with a fix every 200 ms from noon on."""
    log = Writer()
    log.define(
        "GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"
    )
    log.define("POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
    log.define("ATT", "QccC", "TimeUS,Roll,Pitch,Yaw")
    log.define("MSG", "QZ", "TimeUS,Message")
    log.define("PARM", "QNff", "TimeUS,Name,Value,Default")
    log.define("MODE", "QMBB", "TimeUS,Mode,ModeNum,Rsn")
    log.define("EV", "QB", "TimeUS,Id")
    log.define("ERR", "QBB", "TimeUS,Subsys,ECode")
    log.define("MAVC", "QBBBBBHffffiifBB", "TimeUS,TS,TC,SS,SC,Fr,Cmd,P1,P2,P3,P4,X,Y,Z,Res,WL")
    log.define("FNCE", "QBBBLLBf", "TimeUS,Tot,Seq,Type,Lat,Lng,Count,Radius")
    log.write("MSG", boot_us, "ArduCopter V4.5.7 (2a3dc4b7)")
    fly(log, fixes, week, boot_us)
    return log


def fly(log: Writer, fixes: int, week: int = WEEK, boot_us: int = 10_000_000) -> None:
    for number in range(fixes):
        at = boot_us + number * 200_000
        log.write(
            "GPS", at, 0, 3, NOON_MS + number * 200, week, 14, 80, 520_000_000 + number,
            130_000_000, 12_345, 5.5, 90.0, -1.5, 0.0, 1,
        )  # fmt: skip
        log.write("ATT", at + 1000, 150, -250, 35_999)
        log.write("POS", at + 2000, 520_000_000 + number, 130_000_000, 123.5, 30.25, 30.0)


def with_shutter(*names: str) -> Writer:
    """Return a log that can hold photos as the shutter (TRIG) or the camera (CAM) states them."""
    log = flight()
    for name in names:
        log.define(
            name, "QBHIHLLeeefff", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y"
        )
    return log


def command(log: Writer, at: int, number: int, *params: float, result: int = 0, x: int = 0) -> None:
    four = [*params, 0.0, 0.0, 0.0, 0.0][:4]
    log.write("MAVC", at, 1, 1, 255, 190, 3, number, *four, x, 0, 0.0, result, 1)


def test_every_format_character_is_decoded() -> None:
    log = flight()
    log.define("ONE", "QabBhHiIqgf", "TimeUS,a,b,B,h,H,i,I,q,g,f")
    log.define("TWO", "QdnNZcCeELM", "TimeUS,d,n,N,Z,c,C,e,E,L,M")
    array = struct.pack("<32h", *range(32))
    log.write("ONE", 1, array, -1, 255, -2, 65535, -3, 2**32 - 1, -(2**60), 0.5, 1.25)
    texts = ("abcd", "sixteen letters!", "text")
    log.write("TWO", 1, 2.5, *texts, -150, 250, -12345, 4_000_000_000, -353_632_620, 4)
    found = log.read()
    row = found.records("ONE").iloc[0]
    assert row["a"] == list(range(32))
    assert [row[one] for one in "bBhHiIq"] == [-1, 255, -2, 65535, -3, 2**32 - 1, -(2**60)]
    assert [row[one] for one in "gf"] == [0.5, 1.25]
    row = found.records("TWO").iloc[0]
    assert [row[one] for one in "nNZ"] == list(texts)
    assert [row[one] for one in "dcCeELM"] == [2.5, -1.5, 2.5, -123.45, 4e7, -35.363262, 4]


def test_hundredths_are_applied_once_where_a_factor_says_them_again() -> None:
    log = flight()
    log.define("FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds")
    log.define("UNIT", "QbZ", "TimeUS,Id,Label")
    log.define("MULT", "Qbd", "TimeUS,Id,Mult")
    kind = log.define("RFND", "QBCh", "TimeUS,Instance,Dist,Temp")
    for letter, unit in (("s", "s"), ("m", "m"), ("#", "instance"), ("O", "degC")):
        log.write("UNIT", 1, ord(letter), unit)
    for letter, factor in (("F", 1e-6), ("B", float(np.float32(0.01))), ("-", 0.0)):
        log.write("MULT", 1, ord(letter), factor)
    log.write("FMTU", 1, kind, "s#mO", "F-BB")
    log.write("RFND", 12_000_000, 1, 1234, 2150)
    frame = log.read().records("RFND")
    assert (frame["Dist"][0], frame["Temp"][0]) == (12.34, 2150)
    assert frame.attrs["units"] == {"TimeUS": "µs", "Dist": "m", "Temp": "cdegC"}
    assert frame.attrs["instance"] == "Instance"


def test_the_track_is_the_fused_position_with_the_rest_beside_it() -> None:
    track = flight().read().track
    assert len(track) == 20
    row = track.iloc[10]
    assert (row["latitude_deg"], row["longitude_deg"]) == (52.000001, 13.0)
    assert (row["altitude_amsl_m"], row["height_ato_m"]) == (123.5, 30.25)
    assert (row["ground_speed_mps"], row["vertical_speed_mps"], row["course_deg"]) == (5.5, 1.5, 90)
    assert (row["roll_deg"], row["pitch_deg"], row["heading_deg"]) == (1.5, -2.5, 359.99)
    assert (row["satellites"], row["fix_ok"]) == (14, True)
    assert row["time"].to_datetime64() == NOON + np.timedelta64(2002, "ms")
    assert np.isnan(row["gimbal_pitch_deg"]) and np.isnan(row["battery_pct"])


def test_the_first_receiver_in_use_counts() -> None:
    log = flight(fixes=3)
    log.write("GPS", 10_450_000, 1, 3, NOON_MS + 450, WEEK, 9, 80, 1, 1, 1, 99.0, 9.0, 9.0, 0.0, 0)
    log.write("POS", 10_460_000, 520_000_000, 130_000_000, 1.0, 1.0, 1.0)
    assert log.read().track["ground_speed_mps"].tolist() == [5.5] * 4


def test_a_position_that_drifts_from_zero_and_zero_is_no_position() -> None:
    log = flight(fixes=3)
    log.write("POS", 11_000_000, -410, 96, 0.0, 0.0, 0.0)
    assert len(log.read().track) == 3


def test_a_position_of_zero_and_zero_is_no_position() -> None:
    log = flight(fixes=2)
    log.write("POS", 10_500_000, 0, 0, 0.0, 0.0, 0.0)
    assert len(log.read().track) == 2


@pytest.mark.parametrize(
    ("week", "instant"),
    [(1814, "2014-10-13T11:59:44"), (1907, "2016-07-25T11:59:43"), (WEEK, "2024-06-03T11:59:42")],
)
def test_leap_seconds_are_those_of_the_date(week: int, instant: str) -> None:
    log = flight(week=week).read()
    assert log.clock.source == "GPS"
    assert log.clock.uncertainty_s == 0.0
    first = log.track["time"][0].to_datetime64()
    assert first == np.datetime64(instant, "ns") + np.timedelta64(2, "ms")


def test_one_fix_with_a_wrong_week_does_not_move_the_clock() -> None:
    log = flight()
    log.write("GPS", 14_000_000, 0, 3, 1000, 1500, 9, 80, 1, 1, 1, 1.0, 9.0, 9.0, 0.0, 1)
    assert log.read().track["time"][0].to_datetime64() == NOON + np.timedelta64(2, "ms")


def test_without_a_fix_times_are_missing_and_the_clock_says_so() -> None:
    log = flight(fixes=0)
    log.write("EV", 11_000_000, 10)
    found = log.read()
    assert found.clock.source is None
    assert found.events["time"].isna().all()
    assert "arm" in found.events["kind"].tolist()


def test_several_power_ons_have_a_clock_each() -> None:
    log = flight(boot_us=500_000_000)
    second = len(log.data)
    fly(log, 20, WEEK + 1, boot_us=5_000_000)
    log.write("EV", 9_000_000, 11)
    found = log.read()
    assert len(found.clock.notes) == 2
    restart = found.events[found.events["kind"] == "clock"].iloc[0]
    assert restart["source_offset"] == second
    week = np.timedelta64(7, "D")
    assert found.track["time"].iloc[-1].to_datetime64() == NOON + week + np.timedelta64(3802, "ms")
    disarmed = found.events[found.events["kind"] == "disarm"]["time"].iloc[0]
    assert disarmed.to_datetime64() == NOON + week + np.timedelta64(4, "s")


def test_one_damaged_time_is_no_restart() -> None:
    log = flight()
    log.write("ATT", 2**50, 0, 0, 0)
    fly(log, 5, boot_us=14_000_000)
    assert "clock" not in log.read().events["kind"].tolist()


def test_messages_without_time_take_that_of_the_message_before() -> None:
    log = Writer()
    log.define(
        "GPS", "BIHBcLLeeEefI", "Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T"
    )
    log.define("ERR", "BB", "Subsys,ECode")
    log.define("MODE", "Mh", "Mode,ThrCrs")
    log.write(
        "GPS", 3, NOON_MS, WEEK, 9, 100, 10_000_000, 20_000_000, 500, 9000, 100, 0, 0.0, 60_000
    )
    log.write("ERR", 9, 1)
    log.write(
        "GPS",
        3,
        NOON_MS + 1000,
        WEEK,
        9,
        100,
        10_000_000,
        20_000_000,
        500,
        9000,
        100,
        0,
        0.0,
        61_000,
    )
    log.write("ERR", 9, 0)
    log.write("MODE", 6, 500)
    found = log.read()
    breach = found.events[found.events["kind"] == "geofence.breach"].iloc[0]
    assert breach["time"].to_datetime64() == NOON
    assert breach["end"].to_datetime64() == NOON + np.timedelta64(1, "s")
    assert found.track["height_ato_m"].tolist() == [5.0, 5.0]


def test_a_definition_may_come_late_and_change_where_logs_were_joined() -> None:
    log = flight(fixes=5)
    kind = log.define("NEW", "QB", "TimeUS,A", kind=77)
    log.write("NEW", 11_000_000, 7)
    log.format(kind, 3 + 8 + 4, "NEW", "Qf", "TimeUS,B")
    log.types["NEW"] = (kind, "Qf")
    log.write("NEW", 12_000_000, 2.5)
    found = log.read()
    assert found.issues == ()
    frame = found.records("NEW")
    assert frame["A"].tolist()[0] == 7 and np.isnan(frame["A"][1])
    assert np.isnan(frame["B"][0]) and frame["B"].tolist()[1] == 2.5


def test_a_definition_of_length_zero_is_told_and_never_followed() -> None:
    log = flight(fixes=5)
    log.format(99, 0, "ZERO", "Q", "TimeUS")
    log.raw(b"\xa3\x95\x63")
    fly(log, 5, boot_us=12_000_000)
    found = log.read()
    assert any("ZERO is defined with length 0" in issue.reason for issue in found.issues)
    assert len(found.track) == 10


def test_an_unknown_format_character_keeps_the_message_as_bytes() -> None:
    log = flight(fixes=5)
    log.format(99, 3 + 5, "NEXT", "Q?", "TimeUS,New")
    log.raw(b"\xa3\x95\x63hello")
    fly(log, 5, boot_us=12_000_000)
    found = log.read()
    assert found.records("NEXT")["raw"].tolist() == [b"hello".hex()]
    assert [span.size for span in found.coverage if span.kind == "unknown"] == [8]
    assert any("NEXT is kept as bytes" in issue.reason for issue in found.issues)


def test_a_type_whose_definition_is_lost_is_framed_by_its_neighbours() -> None:
    log = flight(fixes=2)
    for _ in range(4):
        log.raw(b"\xa3\x95\x63" + bytes(30))
        fly(log, 1, boot_us=12_000_000)
    found = log.read()
    assert found.record_counts["type99"] == 4
    assert not [span for span in found.coverage if span.kind == "gap"]


def test_two_receivers_and_two_layouts_of_one_name_stay_in_file_order() -> None:
    log = flight(fixes=2)
    log.define("GPS", "QBB", "TimeUS,I,Status", kind=60)
    log.write("GPS", 11_000_000, 1, 3)
    frame = log.read().records("GPS")
    assert frame["offset"].is_monotonic_increasing
    assert np.isnan(frame["Lat"].tolist()[-1]) and frame["I"].tolist() == [0, 0, 1]


def test_a_record_that_damage_may_reach_into_is_listed_but_not_used() -> None:
    log = flight(fixes=5)
    log.write("EV", 11_000_000, 42)
    log.raw(b"\x5a" * 700)
    fly(log, 5, boot_us=12_000_000)
    found = log.read()
    assert found.records("EV")["Id"].tolist() == [42]
    assert "geofence.disable" not in found.events["kind"].tolist()
    assert any("may reach back" in issue.reason for issue in found.issues)


def test_filling_behind_the_last_record_is_no_damage() -> None:
    for filling in (b"\x00" * 300, b"\xff" * 5000):
        log = flight(fixes=5)
        log.write("EV", 11_000_000, 42)
        log.raw(filling)
        found = log.read()
        assert "geofence.disable" in found.events["kind"].tolist()
        assert [span.kind for span in found.coverage] == ["records", "padding"]


@pytest.mark.parametrize("size", [1, 2, 3, 20])
def test_a_log_that_ends_within_a_record_says_so_and_lost_nothing(size: int) -> None:
    log = flight(fixes=5)
    whole = len(log.data)
    log.write("MSG", 11_000_000, "never written to its end")
    found = read(bytes(log.data[: whole + size]))
    assert [(span.kind, span.size) for span in found.coverage][1:] == [("opaque", size)]
    (issue,) = found.issues
    assert (issue.offset, issue.size) == (whole, 0)
    assert f"{size} bytes into a record" in issue.reason


def test_a_file_that_defines_nothing_is_not_claimed() -> None:
    for data in (b"", b"\xa3\x95", b"\xa3\x95\x80\x80\x59", b"\xa3\x95\x80" * 900, b"FMT,", b"PK"):
        assert not FORMAT.claims(Content("flight.BIN", data))


@pytest.mark.parametrize("has_error", [False, True])
def test_a_message_states_a_crash_and_a_fail_safe_where_no_error_does(has_error: bool) -> None:
    log = Writer()
    log.define("MSG", "QZ", "TimeUS,Message")
    log.define("ERR", "QBB", "TimeUS,Subsys,ECode")
    texts = ("Crash detected", "Throttle failsafe on", "Throttle failsafe off", "Landing")
    for second, text in enumerate(texts):
        log.write("MSG", 1_000_000 * (second + 1), text)
    if has_error:
        log.write("ERR", 9_000_000, 11, 2)
    events = log.read().events
    kinds = dict(zip(events["text"], events["kind"], strict=True))
    second_kind = "warning" if has_error else "failsafe"
    assert [kinds[text] for text in texts] == ["fault", second_kind, "warning", "tip"]
