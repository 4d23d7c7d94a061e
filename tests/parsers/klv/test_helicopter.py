"""A helicopter's recording is a flight: where it was, what it filmed, and no limit of drones."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import parsers
from dji_audit import api
from dji_audit.compliance.outcomes import Outcome
from parsers.klv._build_log import camera_sensor_from_source_name
from parsers.klv._columns_for_log_tables import camera_azimuth_and_elevation_deg
from parsers.klv._crewed_aircraft_designations import aircraft_type
from sample_logs import klv, story
from tests.dji_audit.compliance.one_rule import apply_rule

SAMPLE = f"{klv.FOLDER}/{klv.NAME}"


@pytest.fixture(scope="module")
def log(sample_logs: Path) -> parsers.Log:
    return parsers.read(sample_logs / SAMPLE)


def test_the_sample_is_read_as_it_was_written(log: parsers.Log) -> None:
    assert len(log.track) == klv.COUNT
    assert not log.issues
    assert log.track["time"].iloc[0].value == klv.START_MS * 1_000_000
    assert np.allclose(log.track["altitude_amsl_m"], klv.ALTITUDE_M, atol=0.2)
    bearing_home = (np.arange(klv.COUNT) * 360 / klv.CIRCLE_S + 180) % 360
    turned = (log.track["gimbal_yaw_deg"] - bearing_home + 180) % 360 - 180
    assert np.abs(turned).max() < 0.01
    assert (log.aircraft.serial, log.aircraft.name, log.aircraft.model) == (
        klv.TAIL_NUMBER,
        klv.CALL_SIGN,
        klv.MODEL,
    )
    assert log.captures["sensor"].tolist() == ["visible", "thermal"]
    lasted = (log.captures["end"] - log.captures["start"]).dt.total_seconds().tolist()
    assert lasted == [klv.INFRARED_FROM, klv.COUNT - 1 - klv.INFRARED_FROM]
    assert log.captures["file"].tolist() == [klv.NAME] * 2
    markings = [text for text in log.events["text"] if text.startswith("security")]
    assert markings == [
        "security marking: classification UNCLASSIFIED, classifying country //GBR, "
        "object countries GBR"
    ]


def test_the_bare_local_sets_say_the_same(log: parsers.Log, sample_logs: Path) -> None:
    bare = parsers.read(sample_logs / klv.FOLDER / klv.BARE_NAME)
    columns = ["time", "latitude_deg", "longitude_deg", "gimbal_pitch_deg"]
    assert bare.track[columns].equals(log.track[columns].head(klv.BARE_COUNT))


def test_the_attitude_of_the_platform_turns_the_camera() -> None:
    def direction(*angles: float) -> tuple[float, float]:
        yaw, pitch = camera_azimuth_and_elevation_deg(*(np.array([each]) for each in angles))
        return round(float(yaw[0]), 6) % 360, round(float(pitch[0]), 6)

    # Heading, pitch, roll; azimuth and elevation of the camera.
    assert direction(90, 0, 0, 0, -30) == (90, -30)
    assert direction(90, 10, 0, 0, -30) == (90, -20)
    assert direction(0, 0, 20, 90, 0) == (90, -20)
    assert direction(0, 10, 0, 180, 0) == (180, -10)


@pytest.mark.parametrize(
    ("name", "sensor"),
    [
        ("EO", "visible"), ("EO Nose", "visible"), ("IR", "thermal"), ("MWIR", "thermal"),
        ("EO/IR", "unknown"), ("Daylight TV", "visible"), ("HD_EO", "visible"),
        ("Infrared", "thermal"), ("SAR", "unknown"), ("", "unknown"), ("MX-15", "unknown"),
    ],
)  # fmt: skip
def test_the_sensor_by_the_name_of_the_image_source(name: str, sensor: str) -> None:
    assert camera_sensor_from_source_name(name) == sensor


@pytest.mark.parametrize(
    ("designation", "kind"),
    [
        ("EC135", "helicopter"), ("EC 135 T2+", "helicopter"), ("Airbus H145", "helicopter"),
        ("AW139", "helicopter"), ("MQ-9", "large drone"), ("Predator", "large drone"),
        ("BN-2T", None), ("Islander", "aeroplane"), ("Matrice 30T", None), ("", None),
        ("Skydio X10", None), ("Mavic 3T", None), (None, None),
    ],
)  # fmt: skip
def test_what_a_platform_is_by_its_designation(designation: str | None, kind: str | None) -> None:
    assert aircraft_type(designation) == kind


def test_the_height_limit_of_drones_does_not_concern_it(log: parsers.Log) -> None:
    result = apply_rule(log, "height_limit")
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert "EC135, a helicopter" in result.reason


def test_a_place_was_in_view_of_a_drone_and_of_a_helicopter(sample_logs: Path) -> None:
    names = (SAMPLE, "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    rows = api.in_view(
        [sample_logs / name for name in names], story.HOME_LATITUDE, story.HOME_LONGITUDE
    )
    seen = rows.dropna(subset=["start"])
    helicopter = seen[seen["file"] == klv.NAME]
    assert {"visible", "thermal"} <= set(helicopter["sensor"])
    assert set(helicopter["recorded"].dropna()) == {"video"}
    assert helicopter["range_m"].between(1400, 1600).all()
    assert set(seen["file"]) == {Path(name).name for name in names}


@pytest.mark.parametrize("rule", ["log_completeness", "implausible_motion"])
def test_nothing_is_held_against_a_recording_that_ends_in_the_air_or_is_fast(
    log: parsers.Log, rule: str
) -> None:
    # A helicopter at 70 m/s, as its positions show: twice the circle in the same time.
    faster = replace(log, track=log.track.assign(time=log.track["time"].iloc[0] + (
        log.track["time"] - log.track["time"].iloc[0]
    ) / 1.8))  # fmt: skip
    for each in (log, faster):
        assert apply_rule(each, rule).outcome in (Outcome.PASS, Outcome.NOT_ASSESSABLE)


SOUND_TYPES = {0x0F: b"", 0x03: b"", 0x81: b"", 0x06: b"\x05\x04BSSD"}


def stream_with(kind: int, descriptors: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the first minute of the sample with one more stream in its map table."""

    def map_table(is_synchronous: bool) -> bytes:
        del is_synchronous
        body = struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 0xE000 | klv.VIDEO_PID, 0xF000)
        body += struct.pack(">BHH", 0x1B, 0xE000 | klv.VIDEO_PID, 0xF000)
        body += struct.pack(">BHH", 0x06, 0xE000 | klv.KLV_PID, 0xF006) + b"\x05\x04KLVA"
        body += struct.pack(">BHH", kind, 0xE110, 0xF000 | len(descriptors)) + descriptors
        return klv.section(2, body)

    monkeypatch.setattr(klv, "map_table", map_table)
    sets = (klv.local_set(klv.items(number)) for number in range(klv.COUNT))
    return b"".join(klv.transport_packets(sets))


def read_stream(data: bytes, folder: Path) -> parsers.Log:
    path = folder / "x.ts"
    path.write_bytes(data)
    return parsers.read(path)


def test_the_tables_list_the_streams_and_show_that_there_is_no_sound(log: parsers.Log) -> None:
    listed = log.records("ElementaryStream")
    assert listed["content"].tolist() == ["video", "metadata"]
    assert listed["pid"].tolist() == [klv.VIDEO_PID, klv.KLV_PID]
    assert {"video", "audio"} <= set(log.facts)
    assert set(log.captures["kind"]) == {"video"}


@pytest.mark.parametrize("kind", SOUND_TYPES)
def test_a_stream_of_sound_is_a_recording_of_sound(
    kind: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = stream_with(kind, SOUND_TYPES[kind], monkeypatch)
    log = read_stream(data, tmp_path)
    (sound,) = log.captures[log.captures["kind"] == "audio"].to_dict("records")
    videos = log.captures[log.captures["kind"] == "video"]
    # Two sensors, one after the other, are one stretch of sound.
    assert len(videos) == 2
    assert (sound["start"], sound["end"]) == (videos["start"].min(), videos["end"].max())
    assert data[sound["source_offset"]] == kind
    assert "audio" in log.facts


@pytest.mark.parametrize(
    ("kind", "descriptors"), [(0x06, b""), (0x80, b""), (0xEA, b"\x05\x04WXYZ")]
)
def test_a_stream_of_unknown_content_may_be_of_sound(
    kind: int, descriptors: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = read_stream(stream_with(kind, descriptors, monkeypatch), tmp_path)
    assert log.records("ElementaryStream")["content"].tolist()[-1] == "unknown"
    assert "audio" not in log.facts
    assert "video" in log.facts
    assert set(log.captures["kind"]) == {"video"}
