"""Fences, cameras, links and secrets in DataFlash logs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from tests.parsers.mavlink.dataflash.test_log import (
    NOON,
    NOON_MS,
    WEEK,
    command,
    flight,
    fly,
    read,
    with_shutter,
)

BREACHES = (
    "DependableSystemsLab+DeLorean/data/00000129.BIN",
    "DependableSystemsLab+DeLorean/data/00000130.BIN",
    "DependableSystemsLab+DeLorean/data/00000139.BIN",
)


def sample(samples: Path, name: str) -> Log:
    return parsers.read(samples / "mavlink" / name)


def of(log: Log, kind: str) -> pd.DataFrame:
    return log.events[log.events["kind"] == kind]


@pytest.mark.parametrize("name", BREACHES)
def test_repeated_clears_of_a_fence_are_one_clear(samples: Path, name: str) -> None:
    log = sample(samples, name)
    errors = log.records("ERR")
    assert (errors["ECode"] == 0).sum() == 31
    breaches = of(log, "geofence.breach")
    assert len(breaches) == 1
    breach = breaches.iloc[0]
    assert breach["text"] == "fence breached: circle"
    seconds = (breach["end"] - breach["time"]).total_seconds()
    first_clear = errors["TimeUS"][errors["ECode"] == 0].iloc[0]
    assert seconds == pytest.approx((first_clear - errors["TimeUS"].iloc[0]) / 1e6)
    assert of(log, "geofence.action")["text"].tolist() == [
        "changed to RTL because of a breached fence"
    ]


def test_the_simulated_flight_has_its_breach_its_shots_and_its_return(samples: Path) -> None:
    log = sample(samples, "sitl/sitl_copter357_fence_cam.BIN")
    breach = of(log, "geofence.breach").iloc[0]
    assert str(breach["time"]).startswith("2026-11-23 03:48:30.93")
    assert (breach["end"] - breach["time"]).total_seconds() == pytest.approx(13.3, abs=0.01)
    assert breach["value"] == 2
    assert len(log.captures) == 19
    assert set(log.captures["kind"]) == {"photo"} and set(log.captures["grade"]) == {"reported"}
    assert of(log, "mode")["text"].tolist() == ["GUIDED (ground station)", "RTL (fence breached)"]
    config = of(log, "geofence.config")
    radii = config["value"][config["record"] == "PARM.Value (FENCE_RADIUS)"]
    assert radii.tolist() == [100.0, 60.0]
    for kind in ("arm", "takeoff", "landing", "disarm"):
        assert len(of(log, kind)) == 1


def test_a_real_breach_of_firmware_3_1_is_found_in_text(samples: Path) -> None:
    examples = "3drobotics+ardupilot-solo/Tools/LogAnalyzer/examples/"
    log = sample(samples, examples + "mechanical_fail.log")
    breach = of(log, "geofence.breach").iloc[0]
    assert breach["text"] == "fence breached: maximum altitude"
    assert str(breach["time"]) == "2014-01-06 06:21:26.048000+00:00"
    assert not pd.isna(breach["end"])


def test_a_real_polygon_is_given_as_a_shape(samples: Path) -> None:
    log = sample(samples, "ArduPilot+MethodicConfigurator/tests/fixtures/backend_log_80k.bin")
    shapes = [text for text in of(log, "geofence.config")["text"] if "POLYGON" in text]
    assert len(shapes) == 1
    assert shapes[0].startswith("inclusion POLYGON ((11.5252418 48.6885242, 11.5255588 48.6885978")
    assert shapes[0].count(",") == 5


def test_fence_switches_commands_and_refusals_are_events() -> None:
    log = flight()
    log.write("PARM", 10_000_000, "FENCE_ENABLE", 1.0, 0.0)
    log.write("EV", 11_000_000, 42)
    command(log, 11_500_000, 207, 0)
    log.write("EV", 12_000_000, 41)
    log.write("ERR", 12_500_000, 22, 5)
    log.write("PARM", 13_000_000, "FENCE_ENABLE", 0.0, 0.0)
    log.write("MSG", 13_500_000, "PreArm: vehicle outside fence")
    log.write("MSG", 13_600_000, "Max Alt fence breached")
    found = log.read()
    disabled = of(found, "geofence.disable")
    assert disabled["text"].tolist() == [
        "fence disabled",
        "command to disable the fence, accepted",
        "fence disabled by parameter",
    ]
    assert disabled["grade"].tolist() == ["reported", "reported", "reported"]
    assert len(of(found, "geofence.enable")) == 1
    assert of(found, "geofence.refused")["record"].tolist() == ["ERR.ECode", "MSG.Message"]
    assert of(found, "geofence.breach")["text"].tolist() == ["Max Alt fence breached"]


def test_a_breach_that_is_not_reported_as_over_stays_open() -> None:
    log = flight()
    log.write("ERR", 12_000_000, 9, 5)
    log.write("ERR", 12_100_000, 9, 5)
    breach = of(log.read(), "geofence.breach").iloc[0]
    assert pd.isna(breach["end"])
    assert breach["text"].startswith("fence breached: maximum altitude, polygon; not reported")


def test_circles_of_the_fence_are_shapes_and_a_second_listing_adds_none() -> None:
    log = flight()
    for at in (10_000_000, 13_000_000):
        log.write("FNCE", at, 2, 0, 93, 520_000_000, 130_000_000, 0, 75.5)
        log.write("FNCE", at, 2, 1, 92, 520_000_000, 130_000_000, 0, 150.0)
    log.write("FNCE", 13_500_000, 1, 0, 95, 520_000_000, 130_000_000, 0, 0.0)
    found = of(log.read(), "geofence.config")
    assert found["text"].tolist() == [
        "exclusion CIRCLE (13.0000000 52.0000000, 75.5 m)",
        "inclusion CIRCLE (13.0000000 52.0000000, 150 m)",
        "return POINT (13.0000000 52.0000000)",
    ]
    assert found["value"].tolist()[:2] == [75.5, 150.0]


def test_a_video_runs_from_its_command_to_the_next_and_infrared_is_thermal() -> None:
    log = flight()
    command(log, 10_500_000, 534, 0, 2)
    command(log, 11_000_000, 2500)
    command(log, 11_200_000, 2500)
    command(log, 12_000_000, 2501)
    command(log, 12_100_000, 534, 0, 1)
    command(log, 12_200_000, 2500, result=4)
    found = log.read().captures
    assert len(found) == 1
    video = found.iloc[0]
    assert (video["kind"], video["sensor"], video["grade"]) == ("video", "thermal", "commanded")
    assert video["start"].to_datetime64() == NOON + np.timedelta64(1, "s")
    assert video["end"].to_datetime64() == NOON + np.timedelta64(2, "s")


def test_an_open_video_ends_at_disarming_or_with_the_log_and_says_so() -> None:
    log = flight()
    command(log, 11_000_000, 2500)
    log.write("EV", 12_000_000, 11)
    command(log, 13_000_000, 2500)
    fly(log, 5, boot_us=14_000_000)
    found = log.read().captures
    assert found["source"].tolist() == [
        "MAVC.Cmd 2500; disarming is taken as its end",
        "MAVC.Cmd 2500; the end of the log is taken as its end",
    ]
    assert found["end"][0].to_datetime64() == NOON + np.timedelta64(2, "s")
    assert found["end"][1] > found["start"][1]


def test_a_shutter_and_the_command_for_it_are_one_photo() -> None:
    log = with_shutter("CAM", "TRIG")
    place = (520_000_000, 130_000_000, 100, 100, 100, 0.0, 0.0, 0.0)
    command(log, 11_000_000, 203, x=1)
    log.write("TRIG", 11_100_000, 0, 1, 1000, WEEK, *place)
    log.write("CAM", 11_300_000, 0, 1, 1000, WEEK, *place)
    log.write("TRIG", 19_000_000, 0, 2, 1000, WEEK, *place)
    command(log, 30_000_000, 2000, 0, 0, 1)
    found = log.read().captures
    assert found["source"].tolist() == ["CAM", "TRIG", "MAVC.Cmd 2000"]
    assert found["grade"].tolist() == ["reported", "commanded", "commanded"]
    assert set(found["sensor"]) == {"unknown"}


def test_ports_that_call_an_address_are_contacts_and_others_are_not() -> None:
    log = flight()
    for name, value in (
        ("NET_P1_TYPE", 1), ("NET_P1_IP0", 203), ("NET_P1_IP1", 0), ("NET_P1_IP2", 113),
        ("NET_P1_IP3", 7), ("NET_P1_PORT", 14550),
        ("NET_P2_TYPE", 4), ("NET_P2_IP0", 10), ("NET_P2_IP1", 0), ("NET_P2_IP2", 0),
        ("NET_P2_IP3", 1), ("LOG_BACKEND_TYPE", 3), ("WPNAV_SPEED", 500),
    ):  # fmt: skip
        log.write("PARM", 10_000_000, name, float(value), float(value))
    log.write("MSG", 11_000_000, "NTRIP: connected to http://rtk.example:2101/MOUNT")
    log.write("MSG", 11_100_000, "partner IP: 192.0.2.9")
    log.write("MSG", 11_200_000, "Mission Planner 1.3.80.0")
    found = log.read()
    contacts = found.contacts
    assert contacts["address"].fillna("").tolist() == ["203.0.113.7", "", "192.0.2.9"]
    assert contacts["port"].tolist()[:2] == [14550, 2101]
    assert contacts["host"].tolist()[1] == "rtk.example"
    assert contacts["grade"].tolist() == ["commanded", "reported", "reported"]
    config = of(found, "link.config")["text"].tolist()
    assert "LOG_BACKEND_TYPE = 3: logs are also sent over MAVLink" in config
    assert not any("WPNAV_SPEED" in text for text in found.events["text"])


def test_secrets_in_messages_are_taken_out_everywhere_and_counted() -> None:
    log = flight()
    log.write("MSG", 11_000_000, "rtsp://pilot:hunter2@192.0.2.4:8554/ir")
    log.write("MSG", 11_100_000, "wifi password: swordfish")
    found = log.read()
    everything = found.events.to_csv() + found.contacts.to_csv() + found.records("MSG").to_csv()
    assert "hunter2" not in everything and "swordfish" not in everything
    assert any(issue.reason.startswith("2 secrets") for issue in found.issues)
    assert found.contacts["address"].tolist() == ["192.0.2.4"]


def test_parts_of_a_long_message_are_joined() -> None:
    log = flight()
    log.define("MSG", "QBBZ", "TimeUS,ID,Seq,Message", kind=61)
    log.write("MSG", 11_000_000, 4, 0, "a message that is " + "long " * 9)
    log.write("MSG", 11_000_001, 4, 1, "and goes on")
    texts = of(log.read(), "tip")["text"].tolist()
    assert any(text.endswith("long and goes on") for text in texts)


def test_every_aircraft_that_was_received_is_listed() -> None:
    log = flight()
    log.define("ADSB", "QI", "TimeUS,ICAO_address")
    for number in range(1_100):
        log.write("ADSB", 11_000_000 + number, 0x400000 + number)
    texts = of(log.read(), "traffic")["text"].tolist()
    assert len(texts) == 1_100
    assert texts[-1] == "aircraft 40044B received"


def test_the_counters_of_the_ports_come_from_the_stored_file() -> None:
    log = flight()
    log.define("FILE", "NIBZ", "FileName,Offset,Length,Data")
    text = b"UARTV1\nSERIAL0 OTG1  TX*=  1234 RX*=   99\n"
    log.write("FILE", "@SYS/uarts.txt", 0, len(text), text)
    found = log.read()
    assert of(found, "link.signal")["text"].tolist() == ["SERIAL0 OTG1 TX*= 1234 RX*= 99"]
    assert found.records("FILE")["Data"][0].startswith(text.hex())


def test_how_much_went_over_each_link_is_summed_for_each_power_on() -> None:
    log = flight()
    log.define("MAV", "QBHHHBHH", "TimeUS,chan,txp,rxp,rxdp,flags,ss,tf")
    log.define("UART", "QBff", "TimeUS,I,Tx,Rx")
    log.define("RAD", "QBBBBBHH", "TimeUS,RSSI,RemRSSI,TxBuf,Noise,RemNoise,RxErrors,Fixed")
    for second, sent in ((10, 65_000), (11, 65_500), (12, 64)):  # 16 bits begin anew
        log.write("MAV", second * 1_000_000, 0, sent, 2 * second, 0, 0, 0, 0)
        log.write("UART", second * 1_000_000, 3, 100.0, 0.5 * second)
        log.write("RAD", second * 1_000_000, 200, 190, 0, 0, 0, 0, 0)
    told = log.read().events
    told = told[told.kind == "link.signal"]
    assert told["text"].tolist() == [
        "MAVLink channel 0: 600 packets sent, 4 received, 0 lost",
        "serial port 3: about 200 bytes sent, 12 received",
        "telemetry radio: median signal 200 here and 190 at the far end, of 254",
    ]
    assert set(told["grade"]) == {"measured"}
    assert ((told["end"] - told["time"]).dt.total_seconds() == 2).all()


def test_a_text_log_is_read_like_the_binary_one() -> None:
    lines = [
        "1",
        "",
        "ArduCopter V3.2 (abcdef12)",
        "FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format",
        "FMT, 130, 45, GPS, BIHBcLLeeEefI, "
        "Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T",
        "FMT, 132, 67, MSG, Z, Message",
        "FMT, 3, 6, MODE, Mh, Mode,ThrCrs",
        "FMT, 19, 5, ERR, BB, Subsys,ECode",
        f"GPS, 3, 129600000, {WEEK}, 9, 1.00, 52.0000001, 13.0, 5.00, 90.10, 1.5, 9.0, 0, 60000",
        "MSG, one, two, three",
        "MODE, RTL, 500",
        "ERR, 9, 2",
        "GPS, 3, torn",
        f"GPS, 3, 129601000, {WEEK}, 9, 1.00, 52.0000001, 13.0, 5.00, 90.10, 1.5, 9.0, 0, 61000",
    ]
    data = "\r\n".join(lines).encode()
    log = read(data, "flight.log")
    assert log.source.format_version == "text"
    assert log.track["latitude_deg"].tolist() == [52.0000001] * 2
    assert log.track["time"][0].to_datetime64() == NOON
    assert of(log, "geofence.breach")["value"].tolist() == [2.0]
    assert of(log, "mode")["text"].tolist() == ["RTL"]
    assert of(log, "tip")["text"].tolist() == ["one, two, three"]
    gap = next(span for span in log.coverage if span.kind == "gap")
    assert data[gap.offset : gap.offset + gap.size] == b"GPS, 3, torn\r\n"
    assert log.aircraft.firmware == {"autopilot": "ArduCopter V3.2 (abcdef12)"}


def test_parameters_that_differ_from_their_default_or_change_are_events() -> None:
    log = flight()
    log.write("PARM", 10_000_000, "ARMING_CHECK", 0.0, 1.0)
    log.write("PARM", 10_000_001, "RTL_ALT", 1500.0, 1500.0)
    log.write("PARM", 12_000_000, "RTL_ALT", 900.0, 1500.0)
    assert of(log.read(), "param")["text"].tolist() == [
        "ARMING_CHECK = 0 (default 1)",
        "RTL_ALT = 900 (was 1500)",
    ]


def test_disarming_says_how_and_whether_a_fence_was_the_reason() -> None:
    log = flight()
    log.define("ARM", "QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method")
    log.write("ARM", 10_500_000, 1, 0, 1, 1)
    log.write("EV", 10_500_001, 10)
    log.write("ARM", 13_000_000, 0, 0, 0, 15)
    found = log.read()
    assert of(found, "arm")["text"].tolist() == ["armed (MAVLink), forced"]
    assert of(found, "disarm")["text"].tolist() == ["disarmed (fence breach)"]
    assert of(found, "geofence.action")["record"].tolist() == ["ARM.Method"]


def test_a_log_of_px4s_first_logger_has_a_track_modes_and_a_flight(samples: Path) -> None:
    log = sample(samples, "dronecrew+px4tools/test/log/01_07_59.px4log")
    assert str(log.track["time"][0])[:19] == "2015-06-11 01:07:59"
    assert log.track["battery_pct"].between(50, 100).all()
    assert of(log, "mode")["text"].tolist() == ["MANUAL", "MISSION", "MANUAL"]
    assert len(of(log, "arm")) == 1 and len(of(log, "takeoff")) >= 1


def test_where_no_reason_is_stated_a_mode_right_after_a_breach_is_inferred_to_be_its_action() -> (
    None
):
    log = flight()
    log.define("MODE", "QMB", "TimeUS,Mode,ModeNum", kind=62)
    log.write("MODE", 11_000_000, 5, 5)
    log.write("ERR", 12_000_000, 9, 2)
    log.write("MODE", 12_400_000, 6, 6)
    log.write("MODE", 20_000_000, 9, 9)
    action = of(log.read(), "geofence.action")
    assert action["text"].tolist() == ["changed to RTL because of a breached fence"]
    assert action["grade"].tolist() == ["inferred"]


@pytest.mark.parametrize(
    ("chars", "labels"),
    [
        ("IHLLeccC", "GPSTime,GPSWeek,Lat,Lng,Alt,Roll,Pitch,Yaw"),
        ("IHLLeeccC", "GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,Roll,Pitch,Yaw"),
        ("QIHLLeeeccC", "TimeUS,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,Roll,Pitch,Yaw"),
        ("QBHIHLLeeeccC", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y"),
        ("QBHIHLLeeefff", "TimeUS,I,Img,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,R,P,Y"),
    ],
    ids=["3.1", "3.2", "3.3 to 4.3", "4.4 to 4.6", "4.7"],
)
def test_photos_of_every_firmware_have_their_time(chars: str, labels: str) -> None:
    log = flight()
    log.define("CAM", chars, labels)
    known = {
        "TimeUS": 12_000_000, "GPSTime": NOON_MS + 2000, "GPSWeek": WEEK,
        "Lat": 520_000_000, "Lng": 130_000_000,
    }  # fmt: skip
    log.write("CAM", *(known.get(label, 0) for label in labels.split(",")))
    found = log.read()
    assert found.captures["source"].tolist() == ["CAM"]
    assert found.captures["start"][0].to_datetime64() == NOON + np.timedelta64(2, "s")
    assert found.records("CAM")["Lat"].tolist() == [52.0]


def test_each_aircraft_that_was_received_has_its_path() -> None:
    log = flight()
    log.define(
        "ADSB", "QIiiiHHhH", "TimeUS,ICAO_address,Lat,Lng,Alt,Heading,Hor_vel,Ver_vel,Squark"
    )
    for number in range(4):
        at = 11_000_000 + number * 500_000
        log.write("ADSB", at, 0x400ABC, 521_000_000 + number, 131_000_000, 450_000, 0, 0, 0, 0)
    log.write("ADSB", 11_000_000, 0x400DEF, 0, 0, 0, 0, 0, 0, 0)
    (one,) = log.read().received_aircraft
    assert (one.identity, one.means, one.record) == ("400ABC", "ADS-B", "ADSB")
    assert one.latitude_deg.tolist() == pytest.approx([52.1 + n * 1e-7 for n in range(4)])
    assert one.altitude_m.tolist() == [450.0] * 4
    assert np.diff(one.times_ns).tolist() == [500_000_000] * 3
    assert bytes(log.data[int(one.offsets[0]) :][:2]) == b"\xa3\x95"
