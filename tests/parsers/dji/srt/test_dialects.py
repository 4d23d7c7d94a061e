"""Each dialect of DJI's subtitles: exact values, axis order and units, against the cue's text."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Content, Log


def read(samples: Path, name: str) -> Log:
    return parsers.read(samples / "dji_srt" / name)


def first(log: Log) -> dict[str, object]:
    row = log.track.iloc[0]
    return {name: row[name] for name in log.track.columns if pd.notna(row[name])}


#: File, dialect, cues, and the first row of the track; every number stands in the first cue.
DIALECTS = [
    (
        "srtviewer_sample1.SRT",  # GPS(174.8943,-38.4271,14): longitude, latitude, satellites
        "home-gps",
        811,
        {"latitude_deg": -38.4271, "longitude_deg": 174.8943, "height_ato_m": 0, "satellites": 14},
    ),
    (
        "juanirache_old_format.SRT",  # GPS(149.0251,-20.2533,16) Hb:1.9
        "home-gps",
        468,
        {
            "latitude_deg": -20.2533,
            "longitude_deg": 149.0251,
            "height_ato_m": 1.9,
            "satellites": 16,
        },
    ),
    (
        "juanirache_matrice_300.srt",  # GPS(36.6146,-6.1120,0.0M): latitude, longitude
        "gps-barometer",
        381,
        {"latitude_deg": 36.6146, "longitude_deg": -6.112, "height_ato_m": 0.3},
    ),
    (
        "juanirache_mavic_mini.SRT",  # GPS (-121.7458, 48.0771, 17), H 200.70m
        "compact",
        117,
        {
            "latitude_deg": 48.0771,
            "longitude_deg": -121.7458,
            "height_ato_m": 200.7,
            "satellites": 17,
        },
    ),
    (
        "juanirache_broken_incomplete2.SRT",  # one altitude, whose datum is not stated
        "bracket-altitude, bracket-camera",
        6,
        {"latitude_deg": -34.86995, "longitude_deg": -57.823395},
    ),
    (
        "juanirache_mavic_2_style.SRT",  # no time codes
        "bracket-altitude",
        468,
        {"latitude_deg": -20.2533, "longitude_deg": 149.0251},
    ),
    (
        "juanirache_MAVIC3.srt",
        "bracket-rel-abs",
        12_318,
        {"latitude_deg": 3.41531, "longitude_deg": -3.3744, "height_ato_m": -2.4},
    ),
    (
        "ruz76_DJI_MAVIC_ENTERPRISE_ADVANCED.SRT",  # [Drone: Yaw:…] is the airframe
        "bracket-rel-abs",
        10,
        {
            "latitude_deg": 49.128048,
            "longitude_deg": 14.63563,
            "height_ato_m": 4.134,
            "heading_deg": 17.9,
            "pitch_deg": -1.4,
            "roll_deg": 1.1,
        },
    ),
    (
        "ruz76_DJI.SRT",  # several lines, an empty one and a lone 0 among them
        "payload",
        7,
        {
            "latitude_deg": 49.379442,
            "longitude_deg": 15.032166,
            "height_ato_m": 43.225,
            "ground_speed_mps": 0,
            "heading_deg": 359.3,
            "pitch_deg": -1.2,
            "roll_deg": 2.7,
            "gimbal_yaw_deg": 351.4,
            "gimbal_pitch_deg": -86.7,
            "gimbal_roll_deg": 0,
        },
    ),
    (
        "ruz76_DJI_MAVIC_3T.SRT",
        "bracket-gimbal",
        12,
        {
            "latitude_deg": 50.106373,
            "longitude_deg": 14.495168,
            "height_ato_m": 80.504,
            "gimbal_yaw_deg": 252.7,
            "gimbal_pitch_deg": -10.7,
            "gimbal_roll_deg": 0,
        },
    ),
]


@pytest.mark.parametrize(
    ("name", "dialect", "cues", "row"), DIALECTS, ids=[case[0] for case in DIALECTS]
)
def test_a_dialect_gives_its_first_cue_in_the_right_order_and_units(
    samples: Path, name: str, dialect: str, cues: int, row: dict[str, float]
) -> None:
    log = read(samples, name)
    assert log.source.format_version == dialect
    assert log.record_counts["cue"] == cues
    told = first(log)
    assert told.pop("fix_ok") is np.True_ or told.get("fix_ok") is None
    told.pop("source_offset")
    assert told == {key: pytest.approx(value, abs=1e-9) for key, value in row.items()}


def test_every_cue_of_a_long_file_gives_the_numbers_that_stand_in_it(samples: Path) -> None:
    log = read(samples, "juanirache_MAVIC3.srt")
    text = (samples / "dji_srt" / "juanirache_MAVIC3.srt").read_text()
    cues = log.records("cue")
    for key, column in (("latitude", "latitude_deg"), ("rel_alt", "rel_alt_m"), ("ct", "colour_temperature_k")):  # fmt: skip  # noqa: E501
        stated = [float(value) for value in re.findall(rf"\b{key}: (-?[\d.]+)", text)]
        assert cues[column].tolist() == stated
    clocks = re.findall(r"\n(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\n", text)
    assert (cues.wall_clock == pd.to_datetime(clocks)).all()
    assert cues.start_s.iloc[-1] == 246.34
    assert cues.shutter_s.iloc[0] == 1 / 8000
    assert not log.issues


def test_a_row_stands_for_each_change_and_leads_back_to_its_cue(samples: Path) -> None:
    log = read(samples, "juanirache_MAVIC3.srt")
    cues = log.records("cue").set_index("offset")
    columns = ["latitude_deg", "longitude_deg", "rel_alt_m"]
    values = cues[columns]
    changed = (values != values.shift()).any(axis=1)
    assert log.track.source_offset.tolist() == values.index[changed].tolist()
    rows = log.track.set_index("source_offset")
    assert (rows.height_ato_m == cues.rel_alt_m[changed]).all()


def test_whole_numbers_of_older_cameras_come_in_the_same_units(samples: Path) -> None:
    cue = read(samples, "ruz76_DJI_MAVIC_ENTERPRISE_ADVANCED.SRT").records("cue").iloc[0]
    assert (cue.f_number, cue.focal_length_35mm_mm, cue.digital_zoom) == (2.8, 24.0, 1.0746)
    modern = read(samples, "ruz76_DJI_MAVIC_3T.SRT").records("cue").iloc[0]
    assert (modern.f_number, modern.focal_length_35mm_mm, modern.digital_zoom) == (4.4, 643.3, 4.0)
    compact = read(samples, "juanirache_mavic_mini.SRT").records("cue").iloc[0]
    assert (compact.shutter_s, compact.f_number, compact.home_distance_m) == (1 / 30.15, 2.8, 221.21)  # fmt: skip  # noqa: E501


def test_altitudes_of_unknown_datum_stay_in_the_records(samples: Path) -> None:
    for name, column, value in (
        ("djiembed_Mini5PRO_clip.SRT", "abs_alt_m", -122.769),
        ("juanirache_broken_incomplete2.SRT", "altitude_m", 74.725998),
        ("juanirache_matrice_300.srt", "gps_3", 0.0),
    ):
        log = read(samples, name)
        assert log.records("cue")[column].iloc[0] == value
        assert log.track.altitude_amsl_m.isna().all()


def test_a_fix_that_is_not_there_is_missing_and_said_to_be_none(samples: Path) -> None:
    log = read(samples, "juanirache_mavic_pro_buggy.SRT")
    text = (samples / "dji_srt" / "juanirache_mavic_pro_buggy.SRT").read_text()
    cues = log.records("cue")
    assert cues.latitude_deg.isna().sum() == text.count("GPS(N/A,N/A,") == 16
    lost = log.track[log.track.fix_ok.eq(False).fillna(False)]
    assert len(lost)
    assert lost.latitude_deg.isna().all()
    assert (log.track[log.track.latitude_deg.notna()].fix_ok == True).all()  # noqa: E712


def test_goggles_tell_of_the_link_and_of_no_place(samples: Path) -> None:
    log = read(samples, "busheezy_DJIG0004_fpv_goggles.srt")
    assert log.source.format_version == "goggles"
    assert not len(log.track)
    cue = log.records("cue").iloc[0]
    assert (cue.aircraft_battery_v, cue.goggles_battery_pct, cue.video_delay_ms) == (16.2, 79, 25)
    assert log.captures.sensor.tolist() == ["unknown"]


def test_camera_settings_without_a_place_give_a_capture_and_no_row(samples: Path) -> None:
    log = read(samples, "juanirache_mavic_air.SRT")
    assert log.source.format_version == "bracket-camera"
    assert not len(log.track)
    assert log.captures.kind.tolist() == ["video"]


def test_the_home_point_has_the_order_of_the_position(samples: Path) -> None:
    place = read(samples, "srtviewer_sample3.SRT").named_positions[0]
    assert (place.kind, place.latitude_deg, place.longitude_deg) == ("home", 42.0258, -1.0556)


def test_two_dialects_in_one_file_are_both_read_and_are_two_recordings(samples: Path) -> None:
    log = read(samples, "juanirache_mix_p4rtk_mavic2pro.srt")
    assert log.source.format_version == "bracket-altitude, compact"
    assert len(log.captures) == 2
    track = log.track
    assert track.latitude_deg.between(-34.652, -34.649).all()
    assert track.longitude_deg.between(-59.410, -59.408).all()
    row = track.iloc[0]
    assert (row.heading_deg, row.gimbal_pitch_deg, row.ground_speed_mps) == (285.0, -27.3, 1.84)


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("M3T_thermal.SRT", ["no ISO", "40 mm"]),
        ("H20T_thermal.SRT", ["no ISO", "58 mm", "f/1.0"]),
        ("H20N_thermal.SRT", ["no ISO", "52 mm", "f/1.0"]),
        ("M2E_Dual_thermal.SRT", ["no ISO"]),
    ],
)
def test_a_thermal_camera_shows_in_the_keys_and_the_reasons_are_given(
    samples: Path, name: str, reasons: list[str]
) -> None:
    capture = read(samples, f"thermal_excerpts/{name}").captures.iloc[0]
    assert capture.sensor == "thermal"
    assert all(reason in capture.source for reason in ["by inference", *reasons])


def test_what_nothing_distinguishes_is_of_unknown_sensor(samples: Path) -> None:
    log = read(samples, "thermal_excerpts/M300_XT2_thermal.SRT")
    assert log.captures.sensor.tolist() == ["unknown"]


@pytest.mark.parametrize("name", ["juanirache_broken_empty.SRT", "juanirache_broken_empty2.SRT"])
def test_a_file_without_a_cue_is_named_for_what_it_is(samples: Path, name: str) -> None:
    with pytest.raises(parsers.UnknownFormatError, match=r"empty|a text"):
        read(samples, name)


def test_a_last_cue_that_is_cut_is_told_and_not_guessed(samples: Path) -> None:
    log = read(samples, "juanirache_broken_incomplete.SRT")
    assert log.record_counts["cue"] == 20
    assert [issue.reason for issue in log.issues] == ["cue 20 holds no telemetry"]
    log = read(samples, "juanirache_broken_incomplete2.SRT")
    assert log.records("cue").longitude_deg.isna().tolist() == [False] * 2 + [True, False, False, True]  # fmt: skip  # noqa: E501


def test_ordinary_subtitles_are_not_claimed() -> None:
    film = b"1\n00:00:01,000 --> 00:00:04,000\nWe lost the GPS.\n\n2\n00:00:05,000 --> 00:00:06,000\n[sighs: 3]\n"  # fmt: skip  # noqa: E501
    with pytest.raises(parsers.UnknownFormatError):
        parsers.identify(Content("film.srt", film))


@pytest.mark.parametrize(
    ("name", "sensor", "diagonal"),
    [
        ("juanirache_MAVIC3.srt", "visible", 84.1),  # [focal_len: 24.00]
        ("thermal_excerpts/M3T_thermal.SRT", "thermal", 56.8),  # [focal_len: 40.00]
    ],
)
def test_a_stated_focal_length_gives_the_field_of_view(
    samples: Path, name: str, sensor: str, diagonal: float
) -> None:
    log = read(samples, name)
    (lens,) = log.fields_of_view
    halves = [np.tan(np.radians(d) / 2) for d in (lens.horizontal_fov_deg, lens.vertical_fov_deg)]
    assert 2 * np.degrees(np.arctan(np.hypot(*halves))) == pytest.approx(diagonal, abs=0.1)
    assert lens.sensor == sensor
    assert lens.source_offset == log.captures.source_offset[0]


def test_the_zoom_of_a_recording_is_followed(sample_logs: Path, tmp_path: Path) -> None:
    data = (sample_logs / "DJI_20260514100443_0001_D.SRT").read_bytes()
    cues = data.split(b"\n\n")
    for n, cue in enumerate(cues):
        zoom = b"1.00" if n < 40 or n >= 80 else b"2.00" if n < 60 else b"4.00"
        cues[n] = cue.replace(b" [latitude", b" [dzoom_ratio: " + zoom + b"] [latitude")
    path = tmp_path / "DJI_0001_D.SRT"
    path.write_bytes(b"\n\n".join(cues))
    log = parsers.read(path)
    told = log.records("cue")
    assert [lens.source_offset for lens in log.fields_of_view] == told.offset.iloc[
        [0, 40, 60, 80]
    ].tolist()
    assert [lens.local_time for lens in log.fields_of_view] == told.wall_clock.iloc[
        [0, 40, 60, 80]
    ].tolist()
    halves = [np.tan(np.radians(lens.horizontal_fov_deg) / 2) for lens in log.fields_of_view]
    assert halves == pytest.approx([halves[0] / zoom for zoom in (1, 2, 4, 1)])
    assert {lens.time for lens in log.fields_of_view} == {None}
