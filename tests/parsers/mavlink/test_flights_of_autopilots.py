"""Take-off and landing in logs of autopilots that state neither."""

import pytest

from dji_audit.flights import assemble_flights
from parsers._airborne import with_airborne_time
from tests.parsers.mavlink.dataflash.test_log import Writer
from tests.parsers.mavlink.tlog.test_log import Station


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
    log = with_airborne_time(station.read())
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
    assert (with_airborne_time(log.read()).events["kind"] == "takeoff").sum() == flights
