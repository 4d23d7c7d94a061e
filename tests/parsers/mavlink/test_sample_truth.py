"""The readers tell of the synthetic MAVLink logs, and of the simulated flight, what is true."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from sample_logs import mavlink_dataflash, mavlink_tlog, mavlink_ulog
from sample_logs.mavlink_tlog_once import SECRET
from sample_logs.story import Story, tell

NAMES = (mavlink_tlog.NAME, mavlink_dataflash.NAME, mavlink_ulog.NAME)
#: How often the log of each name tells of its fence, seconds.
TOLD_EVERY_S = dict(zip(NAMES, (0.5, 0.001, 0.001), strict=True))
#: Frames and records follow one another within a tick by less than this, seconds.
SAME_S = 0.005
SIZE_LIMIT = 700_000


@pytest.fixture(scope="module")
def logs(sample_logs: Path) -> dict[str, Log]:
    return {name: parsers.read(sample_logs / name) for name in NAMES}


def only(log: Log, kind: str) -> pd.DataFrame:
    return log.events[log.events["kind"] == kind].reset_index(drop=True)


def seconds(found: Any, told: str) -> float:
    """Return by how much a time is later than what is true."""
    return float((found - pd.Timestamp(told)).total_seconds())


@pytest.mark.parametrize(
    ("name", "write"),
    [
        (mavlink_tlog.NAME, mavlink_tlog.write_mavlink_tlog),
        (mavlink_dataflash.NAME, mavlink_dataflash.write_mavlink_dataflash),
        (mavlink_ulog.NAME, mavlink_ulog.write_mavlink_ulog),
    ],
)
def test_the_committed_log_is_what_its_writer_writes(
    sample_logs: Path,
    truths: dict[str, Any],
    tmp_path: Path,
    name: str,
    write: Callable[[Path, Story], dict[str, Any]],
) -> None:
    assert write(tmp_path, tell()) == {name: truths[name]}
    data = (tmp_path / name).read_bytes()
    assert data == (sample_logs / name).read_bytes(), "run sample_logs/make.py"
    assert len(data) < SIZE_LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_every_byte_is_read_and_times_are_utc(
    truths: dict[str, Any], logs: dict[str, Log], name: str
) -> None:
    truth, log = truths[name], logs[name]
    assert (log.source.size, log.source.sha256) == (truth["size"], truth["sha256"])
    assert {span.kind for span in log.coverage} <= {"records", "header"}
    assert all(issue.size == 0 for issue in log.issues)
    assert abs(seconds(log.track["time"].iloc[0], truth["clock"]["first_utc"])) < SAME_S
    assert abs(seconds(log.track["time"].iloc[-1], truth["clock"]["last_utc"])) < 0.2


@pytest.mark.parametrize("name", NAMES)
def test_the_track_goes_through_the_true_fixes(
    truths: dict[str, Any], logs: dict[str, Log], name: str
) -> None:
    track = logs[name].track
    assert len(track) == 2896
    for fix in truths[name]["fixes"]:
        row = track.iloc[(track["time"] - pd.Timestamp(fix["utc"])).abs().argmin()]
        assert abs(seconds(row["time"], fix["utc"])) < SAME_S
        assert row["latitude_deg"] == pytest.approx(fix["latitude_deg"], abs=1e-7)
        assert row["longitude_deg"] == pytest.approx(fix["longitude_deg"], abs=1e-7)
        assert row["height_ato_m"] == pytest.approx(fix["height_m"], abs=0.05)
        assert row["altitude_amsl_m"] == pytest.approx(412 + fix["height_m"], abs=0.01)
    top = truths[name]["max_height"]["height_m"]
    assert track["height_ato_m"].max() == pytest.approx(top, abs=0.1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["arm", "takeoff", "landing", "disarm"])
def test_flight_and_arming_begin_and_end_when_they_did(
    truths: dict[str, Any], logs: dict[str, Log], name: str, kind: str
) -> None:
    rows = only(logs[name], kind)
    (at,) = rows["time"][~rows["text"].str.contains("when the log begins")]
    assert abs(seconds(at, truths[name][kind])) < SAME_S


@pytest.mark.parametrize("name", NAMES)
def test_the_modes_are_those_that_were_in_force(
    truths: dict[str, Any], logs: dict[str, Log], name: str
) -> None:
    log, told = logs[name], truths[name]["modes"]
    found = only(log, "mode")
    assert len(found) == len(told)
    for row, mode in zip(found.itertuples(), told, strict=True):
        assert mode["mode"] in str(row.text)
        assert abs(seconds(row.time, mode["utc"])) < SAME_S
        after = log.track[log.track["time"] > pd.Timestamp(mode["utc"]) + pd.Timedelta(seconds=1)]
        assert after["flight_mode"].iloc[0] == mode["mode"]


@pytest.mark.parametrize("name", NAMES)
def test_the_one_breach_is_that_of_the_maximum_altitude(
    truths: dict[str, Any], logs: dict[str, Log], name: str
) -> None:
    truth, log = truths[name]["breach"], logs[name]
    (breach,) = only(log, "geofence.breach").itertuples()
    assert truth["boundary"] in str(breach.text)
    assert (breach.grade, breach.severity) == ("reported", "serious")
    assert abs(seconds(breach.time, truth["start"])) < SAME_S
    assert -SAME_S < seconds(breach.end, truth["end"]) < TOLD_EVERY_S[name] + SAME_S
    limits = only(log, "geofence.config")
    assert truth["limit_m"] in limits["value"].tolist()


@pytest.mark.parametrize("name", NAMES)
def test_captures_have_their_time_and_the_sensor_that_was_said(
    truths: dict[str, Any], logs: dict[str, Log], name: str
) -> None:
    found, told = logs[name].captures, truths[name]["captures"]
    assert len(found) == len(told)
    for row, capture in zip(found.itertuples(), told, strict=True):
        assert (row.kind, row.sensor) == (capture["kind"], capture["sensor"])
        assert abs(seconds(row.start, capture["start"])) < SAME_S
        assert abs(seconds(row.end, capture["end"])) < SAME_S
    assert set(found["grade"]) <= {"reported", "commanded"}


def test_the_ground_stations_clock_is_40_s_ahead(
    truths: dict[str, Any], logs: dict[str, Log]
) -> None:
    clock = logs[mavlink_tlog.NAME].clock
    assert clock.offset_s == pytest.approx(truths[mavlink_tlog.NAME]["clock_offset_s"], abs=1)
    assert clock.source is not None
    assert "SYSTEM_TIME" in clock.source
    assert any("40.0 s ahead" in note for note in clock.notes)


def test_the_camera_itself_says_when_it_recorded(logs: dict[str, Log]) -> None:
    captures = logs[mavlink_tlog.NAME].captures
    video = captures[captures["kind"] == "video"].iloc[0]
    assert (video["source"], video["grade"]) == ("CAMERA_CAPTURE_STATUS.video_status", "reported")
    photos = captures[captures["kind"] == "photo"]
    assert photos["file"].tolist() == [f"DCIM/100MEDIA/IMG_{n:04d}.JPG" for n in range(1, 13)]


def test_no_credentials_are_told_anywhere(logs: dict[str, Log]) -> None:
    log = logs[mavlink_tlog.NAME]
    frames = [log.events, log.captures, log.contacts]
    frames += [log.records(name) for name in log.record_counts]
    for frame in frames:
        for column in frame.columns[frame.dtypes.map(pd.api.types.is_string_dtype)]:
            assert not frame[column].astype(str).str.contains(SECRET).any(), column
    assert SECRET not in repr((log.issues, log.host_references, log.aircraft, log.clock))
    masked = [issue.reason for issue in log.issues if "secret" in issue.reason]
    assert [reason.partition(" (")[0] for reason in masked] == ["2 secrets are redacted"]
    assert {secret.record for secret in log.redacted_secrets} == {
        "STATUSTEXT.text",
        "VIDEO_STREAM_INFORMATION.uri",
    }
    thermal = log.contacts[log.contacts["path"] == "/thermal"]
    assert set(thermal["address"]) == {"198.51.100.20"}
    assert set(thermal["port"]) == {554}


def test_remote_id_is_told_with_the_operators_position(
    truths: dict[str, Any], logs: dict[str, Log]
) -> None:
    log, truth = logs[mavlink_tlog.NAME], truths[mavlink_tlog.NAME]["remote_id"]
    said = " ".join(only(log, "remote_id")["text"])
    assert truth["serial"] in said
    assert truth["operator"] in said
    assert log.aircraft.serial == truth["serial"]
    (pilot,) = (place for place in log.named_positions if place.kind == "pilot")
    assert pilot.latitude_deg == pytest.approx(truth["operator_latitude_deg"], abs=1e-9)
    assert pilot.longitude_deg == pytest.approx(truth["operator_longitude_deg"], abs=1e-9)


def test_a_log_that_was_downloaded_and_one_that_was_erased_are_told(
    truths: dict[str, Any], logs: dict[str, Log]
) -> None:
    download, erasure = only(logs[mavlink_tlog.NAME], "log.transfer").itertuples()
    assert download.value == truths[mavlink_tlog.NAME]["log_download"]["bytes"]
    assert "255/190" in str(download.text)
    assert (erasure.severity, erasure.grade) == ("serious", "commanded")
    assert "erased by 255/190" in str(erasure.text)


@pytest.mark.parametrize("name", [mavlink_tlog.NAME, mavlink_dataflash.NAME])
def test_the_fence_is_a_polygon_and_a_circle(logs: dict[str, Log], name: str) -> None:
    texts = only(logs[name], "geofence.config")["text"]
    assert texts.str.contains("inclusion POLYGON").sum() == 1
    assert "exclusion CIRCLE (-3.9600000 50.6130000, 60 m)" in texts.tolist()


def test_the_computers_that_each_log_names(truths: dict[str, Any], logs: dict[str, Log]) -> None:
    tlog, dataflash, ulog = (logs[name].contacts for name in NAMES)
    assert set(tlog["address"]) == set(truths[mavlink_tlog.NAME]["hosts"])
    (peer,) = dataflash.itertuples()
    assert f"{peer.address}:{peer.port}" == truths[mavlink_dataflash.NAME]["peer"]
    assert (peer.protocol, peer.grade) == ("udp", "commanded")
    assert ulog["address"].dropna().tolist() == [truths[mavlink_ulog.NAME]["peer"]]
    assert ulog["port"].dropna().tolist() == [truths[mavlink_ulog.NAME]["peer_port"]]


def test_the_autopilots_are_known(truths: dict[str, Any], logs: dict[str, Log]) -> None:
    tlog, dataflash, ulog = (logs[name].aircraft for name in NAMES)
    board = truths[mavlink_dataflash.NAME]["board"]
    assert tlog.flight_controller_serial == dataflash.flight_controller_serial == board
    assert tlog.firmware["autopilot"] == dataflash.firmware["autopilot"]
    assert tlog.model == dataflash.model == "quadrotor"
    assert "V4.5.7" in tlog.firmware["autopilot"]
    assert tlog.camera_model == "Synthetic Twin 640"
    assert ulog.flight_controller_serial == truths[mavlink_ulog.NAME]["uuid"]
    assert ulog.firmware["PX4"] == "1.15.4"


def test_the_gimbal_points_where_the_story_says(logs: dict[str, Log]) -> None:
    for name in NAMES:
        track = logs[name].track
        filming = track[track["time"].between(*logs[name].captures.iloc[10][["start", "end"]])]
        assert filming["gimbal_pitch_deg"].median() == pytest.approx(-35, abs=0.01)
        off = (filming["gimbal_yaw_deg"] - filming["heading_deg"] + 180) % 360 - 180
        assert off.abs().median() < 0.01


# The simulated flight of ArduCopter 3.5.7: a circle fence, 19 shots, a return


@pytest.fixture(scope="module")
def simulated(samples: Path) -> tuple[Log, Log]:
    stem = samples / "mavlink" / "sitl" / "sitl_copter357_fence_cam"
    return parsers.read(stem.with_suffix(".BIN")), parsers.read(stem.with_suffix(".tlog"))


def test_both_logs_of_the_simulated_flight_tell_the_same_breach(
    simulated: tuple[Log, Log],
) -> None:
    one, other = (only(log, "geofence.breach").iloc[0] for log in simulated)
    for column in ("time", "end"):
        assert abs((one[column] - other[column]).total_seconds()) <= 0.5


def test_both_logs_of_the_simulated_flight_tell_19_photos_and_the_return(
    simulated: tuple[Log, Log],
) -> None:
    returns = []
    for log in simulated:
        assert (log.captures["kind"] == "photo").sum() == 19
        modes = only(log, "mode")
        (back,) = modes[modes["text"].str.startswith("RTL")]["time"]
        returns.append(back)
        assert (only(log, "geofence.action")["time"] - back).abs().min() < np.timedelta64(1, "s")
    assert abs((returns[0] - returns[1]).total_seconds()) <= 1
