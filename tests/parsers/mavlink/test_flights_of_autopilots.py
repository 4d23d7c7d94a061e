"""Take-off and landing in logs of autopilots that state neither."""

import pytest

from dji_audit.flights import assemble_flights
from parsers import Log
from parsers._track_values._find_airborne_time import log_with_airborne_time
from tests.parsers.mavlink.dataflash.test_log import Writer
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.mavlink.ulog.test_writer import BOOT_US
from tests.parsers.mavlink.ulog.test_writer import Writer as UlogWriter


@pytest.mark.parametrize(("kind", "flights"), [(1, 1), (10, 0)])
def test_a_telemetry_log_of_a_plane_has_its_flight_and_a_rover_none(
    kind: int, flights: int
) -> None:
    station = Station()
    for second in range(60):
        station.beat(armed=10 <= second < 50, type=kind)
        station.tell_time()
        height = 30_000 if 20 <= second < 40 else 0
        station.hear("global_position_int", lat=515000000, lon=-1000000, relative_alt=height)
        station.wait(1)
    log = log_with_airborne_time(station.read())
    assert (log.events["kind"] == "takeoff").sum() == flights
    found = assemble_flights(log)
    assert len(found) == flights
    for flight in found:
        assert flight.takeoff is not None
        assert flight.duration_s == pytest.approx(20, abs=2)


@pytest.mark.parametrize(("firmware", "flights"), [("ArduPlane V4.5.7", 1), ("ArduRover V4.5", 0)])
def test_a_dataflash_log_of_a_plane_has_its_flight(firmware: str, flights: int) -> None:
    log = Writer()
    log.define("POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
    log.define(
        "GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"
    )
    log.define("MSG", "QZ", "TimeUS,Message")
    log.define("ARM", "QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method")
    log.write("MSG", 1, firmware)
    for second in range(60):
        at = 1_000_000 * (second + 1)
        if second in (10, 50):
            log.write("ARM", at - 1, second == 10, 0, 0, 0)
        log.write(
            "GPS", at, 0, 3, 1000 * second, 2300, 14, 80, 520_000_000, 130_000_000, 100, 0.0, 0.0,
            0.0, 0.0, 1,
        )  # fmt: skip
        height = 30.0 if 20 <= second < 40 else 0.0
        log.write("POS", at, 520_000_000, 130_000_000, 100.0, height, height)
    assert (log_with_airborne_time(log.read()).events["kind"] == "takeoff").sum() == flights


def old_copter(
    *, first_fix: int | None, beats: int = 600, throttle_ends: int = 600, spins: bool = False
) -> Log:
    """Return a log of ArduCopter 3.0: ten CTUN a second, and fixes with the time of the week.

    It takes off 10 s after the first record and is on the ground again after 50 s.

    Args:
        first_fix: Number of the record before which the first fix is; ``None``: there is none.
        beats: Number of CTUN records.
        throttle_ends: Number of the record from which on the throttle is 0.
        spins: Whether the firmware lets armed motors turn slowly.
    """
    log = Writer()
    log.define("CTUN", "hcefhhhhh", "ThrIn,SonAlt,BarAlt,WPAlt,NavThr,AngBst,CRate,ThrOut,DCRate")
    log.define("GPS", "BIBcLLeeEe", "Status,Time,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs")
    log.define("EV", "B", "Id")
    log.define("ERR", "BB", "Subsys,ECode")
    log.define("PARM", "Nf", "Name,Value")
    if spins:
        log.write("PARM", "MOT_SPIN_ARMED", 70.0)
    log.write("EV", 10)
    for beat in range(beats):
        height = max(0, min(2000, 40 * (beat - 100), 40 * (500 - beat)))
        if first_fix is not None and beat >= first_fix and beat % 2 == 0:
            time_ms = 200_000_000 + 100 * beat
            log.write(
                "GPS", 3, time_ms, 9, 100, 520_000_000, 130_000_000, height, 10_000 + height, 0, 0
            )
        if beat == 300:
            log.write("ERR", 6, 1)
        log.write("CTUN", 500, 0, height, 0.0, 0, 0, 0, 500 if beat < throttle_ends else 0, 0)
    return log_with_airborne_time(log.read())


def seconds(log: Log, kind: str) -> list[float]:
    """Return when events of a kind were, by the log's own clock."""
    assert log.local_times is not None
    times = log.local_times.events[(log.events["kind"] == kind).to_numpy()]
    return [float(it) for it in times.astype("datetime64[ns]").astype("int64") / 1e9]


@pytest.mark.parametrize("first_fix", [0, 60, None], ids=["fixes", "late fixes", "no fix"])
def test_a_log_whose_clock_has_no_week_or_none_has_the_flight_by_its_own_clock(
    first_fix: int | None,
) -> None:
    log = old_copter(first_fix=first_fix)
    assert log.clock.source is None
    begin = 0.0 if first_fix is None else 200_000.0
    assert seconds(log, "arm") == pytest.approx([begin], abs=0.5)
    assert seconds(log, "takeoff") == pytest.approx([begin + 10], abs=1.5)
    assert seconds(log, "battery") == pytest.approx([begin + 30], abs=0.5)
    assert seconds(log, "landing") == pytest.approx([begin + 50], abs=1.5)
    (flight,) = assemble_flights(log)
    assert flight.duration_s == pytest.approx(40, abs=2)
    assert flight.begins_in_air is False
    assert flight.ends_in_air is False
    assert log.track["latitude_deg"].notna().any() == (first_fix is not None)
    counted = [note for note in log.clock.notes if "counted" in note]
    assert bool(counted) == (first_fix is None)
    assert (log.track_record == "CTUN") == (first_fix is None)


@pytest.mark.parametrize("spins", [False, True])
def test_a_throttle_at_0_to_the_end_stopped_the_motors_of_old_firmware(spins: bool) -> None:
    log = old_copter(first_fix=0, beats=480, throttle_ends=450, spins=spins)
    stopped = log.events[log.events["kind"] == "disarm"]
    assert list(stopped["grade"]) == ([] if spins else ["inferred"])
    assert seconds(log, "landing") == ([] if spins else pytest.approx([200_045], abs=1))
    # A throttle that never falls to 0 stops nothing.
    assert not seconds(old_copter(first_fix=0), "disarm")


def show_drone(fix: int, *, texts_behind_s: int = 0) -> Log:
    """Return a log of a drone of a show that hovers at 100 m and falls after 60 s."""
    start = BOOT_US
    log = UlogWriter(start_us=start)
    log.flags()
    log.topic(
        "Vehicle",
        "uint64_t timestamp;uint32_t flags;float battery;int32_t positionLock;float[3] localPos;",
        "<QIfifff",
    )
    log.topic(
        "RSSI",
        "uint64_t timestamp;float rssi;double latitude;double longitude;double altitude;",
        "<Qfddd",
    )
    for quarter in range(320):
        at = start + quarter * 250_000
        up = 100.0 + (quarter % 2) if quarter < 240 else max(100.0 - 3.5 * (quarter - 240), -60.0)
        if quarter % 4 == 0:
            log.add("RSSI", at, -70.0, 53.5, 9.98, up)
        log.add("Vehicle", at, 7, 50.0, fix, 1.0, 2.0, up + 0.5 * (quarter % 2))
        if quarter % 80 == 40:
            log.text(at - texts_behind_s * 1_000_000, 4, "LOW BATTERY, RETURN ADVISED")
    return log_with_airborne_time(log.log())


def test_the_log_of_a_drone_of_a_show_has_its_track_and_its_fall() -> None:
    log = show_drone(6)
    assert log.track_record == "Vehicle"
    assert len(log.track) == 320
    assert (log.track["latitude_deg"] == 53.5).all()
    assert log.track["height_ato_m"].max() == pytest.approx(101.5)
    (flight,) = assemble_flights(log)
    assert flight.begins_in_air
    assert flight.landing is not None
    fell = (flight.landing - log.track["time"].iloc[0]).total_seconds()
    assert fell == pytest.approx(60 + 100 / 14, abs=2)


def test_the_height_of_a_plain_fix_is_no_height() -> None:
    log = show_drone(3)
    assert not len(log.track)
    assert assemble_flights(log) == ()


@pytest.mark.parametrize("behind_s", [0, 30, 2400, -3600])
def test_texts_of_another_clock_are_told_at_the_time_of_the_data(behind_s: int) -> None:
    log = show_drone(6, texts_behind_s=behind_s)
    first = log.events[log.events["kind"] == "battery"]["time"].iloc[0]
    after = (first - log.track["time"].iloc[0]).total_seconds()
    is_another = abs(behind_s) > 60
    assert after == pytest.approx(10 if is_another else 10 - behind_s, abs=1)
    said = [it.reason for it in log.issues if "clock of the texts" in it.reason]
    assert len(said) == int(is_another)
    if said:
        assert ("ahead of" in said[0]) == (behind_s < 0)
