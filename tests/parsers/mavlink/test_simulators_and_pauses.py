"""A log of a simulated vehicle says so; a logger that pauses while disarmed loses nothing."""

from pathlib import Path
from typing import Any

import pytest

import parsers
from parsers import Log
from tests.parsers.mavlink.dataflash.test_log import Writer as DataflashWriter
from tests.parsers.mavlink.dataflash.test_log import flight, fly
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.mavlink.ulog.test_writer import Writer as UlogWriter

GROUNDTRUTH = "uint64_t timestamp;double lat;double lon;"


def simulator_events(log: Log) -> list[str]:
    return log.events[log.events["kind"] == "simulator"]["record"].tolist()


@pytest.mark.parametrize(
    ("name", "chars", "labels", "values"),
    [("SIM", "Qf", "TimeUS,Roll", (1.0,)), ("SIM2", "Qf", "TimeUS,PN", (1.0,))],
)
def test_records_of_the_simulator_show_it(
    name: str, chars: str, labels: str, values: tuple[float, ...]
) -> None:
    log = flight()
    log.define(name, chars, labels)
    assert simulator_events(log.read()) == []
    log.write(name, 11_000_000, *values)
    assert simulator_events(log.read()) == [f"{name}.TimeUS"]


@pytest.mark.parametrize("name", ["SIM_SPEEDUP", "SIM_DRIFT_SPEED", "SIM_OPOS_LAT"])
def test_parameters_of_the_simulator_show_it(name: str) -> None:
    log = flight()
    log.write("PARM", 10_000_000, name, 1.0, 1.0)
    log.write("PARM", 10_000_001, "SIMPLE", 1.0, 1.0)
    assert simulator_events(log.read()) == ["PARM.Name"]


@pytest.mark.parametrize("name", ["simstate", "sim_state", "hil_sensor"])
def test_messages_of_the_simulator_show_it(name: str) -> None:
    station = Station()
    for _ in range(5):
        station.beat()
    assert simulator_events(station.read()) == []
    station.hear(name)
    assert simulator_events(station.read()) == [name.upper()]


def test_the_state_of_another_vehicle_is_not_that_of_this_one() -> None:
    station = Station()
    for _ in range(5):
        station.beat()
    station.hear("simstate", 9)
    assert simulator_events(station.read()) == []


def test_a_heartbeat_with_simulated_sensors_shows_it() -> None:
    station = Station()
    for _ in range(5):
        station.hear("heartbeat", base_mode=0x21, type=2, autopilot=12)
    assert simulator_events(station.read()) == ["HEARTBEAT.base_mode"]


def test_true_positions_in_a_ulog_show_it() -> None:
    made = UlogWriter()
    made.topic("vehicle_global_position_groundtruth", GROUNDTRUTH, "<Qdd")
    assert simulator_events(made.log()) == []
    made.add("vehicle_global_position_groundtruth", 1_000_000, 50.0, 8.0)
    assert simulator_events(made.log()) == ["vehicle_global_position_groundtruth.timestamp"]


def test_real_logs_of_simulators_are_told_from_others(samples: Path) -> None:
    folder = samples / "mavlink"
    simulated = [
        *folder.glob("sitl/*"),
        *folder.glob("MACS-Research-Lab+uav-cyber-sim/**/*.BIN"),
        *folder.glob("Alexishere01+mavrik-control/**/*.BIN"),
        *folder.glob("LucaGemma+MasterThesis/**/*.tlog"),
    ]
    flown = [
        *folder.glob("joeydouglas+dataflash_logs/**/*.bin"),
        *folder.glob("CanberraUAV+cuav/**/*.tlog"),
        *folder.glob("PX4+flight-review-rs/**/*.ulg"),
    ]
    logs = [".bin", ".tlog", ".ulg"]
    assert len(simulated) >= 6
    assert len(flown) >= 4
    for paths, expected in ((simulated, True), (flown, False)):
        for path in paths:
            if path.suffix.lower() in logs:
                for log in parsers.read_file(path).logs:
                    assert bool(simulator_events(log)) is expected, path


#: `EV.Id` of arming and disarming.
ARMED, DISARMED = 10, 11


def paused(setting: int | None, *, off: int = DISARMED, on: int = ARMED) -> DataflashWriter:
    """Return a log with ten minutes of silence between two events."""
    log = flight(0)
    if setting is not None:
        log.write("PARM", 9_000_000, "LOG_DISARMED", float(setting), 0.0)
    fly(log, 20)
    log.write("EV", 14_000_000, off)
    log.write("EV", 614_000_000, on)
    for number in range(20):
        at = 614_000_000 + number * 200_000
        log.write("ATT", at, 150, -250, 35_999)
        log.write("POS", at, 520_000_000, 130_000_000, 123.5, 30.25, 30.0)
    return log


def pauses(log: Log) -> list[Any]:
    return log.events[log.events["kind"] == "log.pause"].to_dict("records")


def test_a_logger_that_pauses_while_disarmed_says_from_when_to_when() -> None:
    (pause,) = pauses(paused(0).read())
    assert pause["value"] == pytest.approx(600.2, abs=0.3)
    assert (pause["end"] - pause["time"]).total_seconds() == pytest.approx(pause["value"])
    assert (pause["record"], pause["grade"]) == ("EV.Id", "reported")
    assert pauses(paused(None).read())[0]["grade"] == "inferred"


@pytest.mark.parametrize(
    "log",
    [paused(1), paused(0, off=ARMED), paused(0, on=DISARMED), paused(0, off=25)],
    ids=["logs while disarmed", "armed before", "disarmed after", "no event before"],
)
def test_any_other_silence_is_no_pause(log: DataflashWriter) -> None:
    assert pauses(log.read()) == []


def test_the_pause_of_a_real_log_is_known(samples: Path) -> None:
    (path,) = (samples / "mavlink").glob("BeastAyyG*/**/sample.bin")
    (pause,) = pauses(parsers.read(path))
    assert pause["value"] == pytest.approx(627.9, abs=0.1)


def test_a_dual_camera_of_which_both_streams_run_is_not_called_thermal(samples: Path) -> None:
    log = parsers.read(samples.parent / "cases" / "mav_dual_stream_thermal" / "log.tlog")
    # The camera was asked for infrared before the photos, and nobody answered.
    assert log.captures["sensor"].tolist() == ["unknown"] * 4
