"""Clips, clocks, axes and damage: on cues written for the purpose."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from tests.parsers.read_as_file import read_as_file


def read(data: bytes | str, name: str = "DJI_0001.SRT") -> Log:
    return read_as_file(data, name)


def code(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d},{ms % 1000:03d}"


def bracket(number: int, start_s: float, clock: str, lat: float = 50.0, camera: bool = True) -> str:
    settings = "[iso: 100] [shutter: 1/60.0] [fnum: 2.8] " if camera else ""
    return (
        f"{number}\n{code(start_s)} --> {code(start_s + 1)}\n"
        f'<font size="28">FrameCnt: {number}, DiffTime: 1000ms\n{clock}\n'
        f"{settings}[latitude: {lat:.6f}] [longitude: -3.500000]"
        f" [rel_alt: {number}.000 abs_alt: 400.000] </font>\n\n"
    )


def clips(gaps_s: list[float], cues: int = 10, restart: bool = False) -> str:
    """Return clips of ``cues`` seconds, joined: the wall clock jumps by a gap between two."""
    clock = pd.Timestamp("2024-05-20 10:00:00.123")
    out, number = "", 0
    for gap in [*gaps_s, 0.0]:
        for each in range(cues):
            number += 1
            start = each if restart else number - 1
            out += bracket(number, start, f"{clock:%Y-%m-%d %H:%M:%S}.123", 50 + number * 1e-5)
            clock += pd.Timedelta(seconds=1)
        clock += pd.Timedelta(seconds=gap)
    return out


@pytest.mark.parametrize("restart", [False, True])
def test_clips_that_were_joined_are_one_recording_each(restart: bool) -> None:
    gaps = [14.0, 960.0, 31.0, 20.0, 60.0, 15.0, 90.0, 14.0, 300.0, 40.0, 25.0]
    log = read(clips(gaps, restart=restart))
    recordings = log.records("recording")
    assert len(log.captures) == len(recordings) == 12
    assert recordings.duration_s.tolist() == [10.0] * 12
    began = recordings.wall_start.diff().dropna().dt.total_seconds()
    assert began.tolist() == [10 + gap for gap in gaps]
    assert log.events.value.dropna().tolist() == gaps
    assert log.records("cue").groupby("recording").size().tolist() == [10] * 12
    assert "2024-05-20 10:00:00.123 to 2024-05-20 10:00:10.123" in log.captures.source.iloc[0]


def test_a_clip_that_the_camera_cut_into_files_is_one_recording(samples: Path) -> None:
    log = parsers.read(samples / "dji_srt" / "srtviewer_sample1.SRT")
    cues = log.records("cue")
    assert (cues.start_s.diff() < 0).sum() == 1  # the time code begins again, the clock runs on
    assert log.records("recording").duration_s.tolist() == [811.0]


def test_one_spoilt_clock_makes_no_recording() -> None:
    text = clips([]).replace("10:00:05.123", "13:00:05.123")
    assert len(read(text).captures) == 1


def test_local_time_is_never_passed_off_as_utc(sample_logs: Path, truths: dict[str, Any]) -> None:
    log = parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT")
    told = truths["DJI_20260514100443_0001_D.SRT"]
    assert log.track.time.isna().all()
    assert log.captures[["start", "end"]].isna().all(axis=None)
    assert log.clock.source == "local wall clock, zone not known"
    cues = log.records("cue")
    assert len(cues) == told["cues"]
    assert str(cues.wall_clock.iloc[0])[:23] == told["clock"]["first_local"]
    assert str(cues.wall_clock.iloc[-1])[:23] == told["clock"]["last_local"]
    assert told["clock"]["first_local"] in log.captures.source.iloc[0]
    rows = cues.set_index("offset")
    for fix in told["fixes"]:
        row = rows.loc[fix["offset"]]
        assert (row.latitude_deg, row.longitude_deg) == (fix["latitude_deg"], fix["longitude_deg"])
        assert row.rel_alt_m == fix["height_m"]


def gps(pairs: list[str], home: str = "") -> str:
    return "".join(
        f"{number}\n{code(number)} --> {code(number + 1)}\n{home}2021.01.01 10:00:{number:02d}\n"
        f"GPS({pair}) BAROMETER:{number}.5\n\n"
        for number, pair in enumerate(pairs, 1)
    )


@pytest.mark.parametrize(
    ("third", "place"),
    [
        (",17", (48.5, -3.25)),  # satellites: longitude first
        (",0.0M", (-3.25, 48.5)),  # an altitude: latitude first
    ],
)
def test_a_mark_decides_the_order_of_the_axes(third: str, place: tuple[float, float]) -> None:
    log = read(gps([f"-3.25,48.5{third}"] * 3))
    row = log.track.iloc[0]
    assert (row.latitude_deg, row.longitude_deg) == place


@pytest.mark.parametrize(
    ("pair", "place"),
    [("148.5,-3.25", (-3.25, 148.5)), ("-3.25,148.5", (-3.25, 148.5))],
)
def test_the_range_decides_where_no_mark_does(pair: str, place: tuple[float, float]) -> None:
    row = read(gps([pair] * 3)).track.iloc[0]
    assert (row.latitude_deg, row.longitude_deg) == place


@pytest.mark.parametrize("pair", ["-3.25,48.5", "-3.25,48.5,120.5", "-3.25,148.5,17", "148.5,-3.25,0.0M"])  # fmt: skip  # noqa: E501
def test_an_ambiguous_order_is_declared_and_no_position_is_taken(pair: str) -> None:
    log = read(gps([pair] * 3))
    assert len(log.track) == 3
    assert log.track.latitude_deg.isna().all()
    assert log.track.height_ato_m.tolist() == [1.5, 2.5, 3.5]
    assert any("ambiguous" in issue.reason for issue in log.issues)
    assert not log.named_positions


def test_zero_zero_is_no_place() -> None:
    text = clips([], cues=3).replace("[latitude: 50.000020] [longitude: -3.500000]", "[latitude: 0.000000] [longitude: 0.000000]")  # fmt: skip  # noqa: E501
    track = read(text).track
    assert track.latitude_deg.isna().tolist() == [False, True, False]
    assert track.fix_ok.tolist() == [True, False, True]


def test_cues_that_stand_twice_give_one_row_each() -> None:
    text = clips([], cues=5)
    once, twice = read(text), read(text + text)
    assert len(once.track) == len(twice.track) == 5
    assert any("repeats of earlier cues" in issue.reason for issue in twice.issues)


def test_a_value_that_the_end_of_the_file_may_have_cut_is_not_used() -> None:
    text = gps(["148.5,-3.25,17"] * 2).rstrip()
    log = read(text[:-2])  # BAROMETER:2
    assert log.track.height_ato_m.tolist()[:1] == [1.5]
    assert 2.0 not in log.track.height_ato_m.tolist()
    assert log.coverage[-1].kind == "gap"


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = clips([20.0])
    plain = read(text)
    windows = read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    left, right = (log.track.drop(columns="source_offset") for log in (plain, windows))
    pd.testing.assert_frame_equal(left, right)
    assert windows.coverage[0].kind == "header"
    assert not windows.issues


def test_what_stands_between_values_and_is_of_no_known_form_is_told() -> None:
    text = clips([], cues=3).replace("[rel_alt: 2.000", "\0\0<<?? rel [rel_alt: 2.000")
    log = read(text)
    (issue,) = [one for one in log.issues if one.size]
    assert text.encode()[issue.offset : issue.offset + issue.size].strip() == b"\0\0<<?? rel"
    assert len(log.track) == 3


def test_a_cue_that_lacks_values_gives_no_row_and_stays_in_the_records() -> None:
    """A cue may be the beginning of one and the end of another: a place that never was."""
    text = clips([], cues=6).replace("[longitude: -3.500000] [rel_alt: 3.000", "[rel_alt: 3.000")
    log = read(text)
    assert len(log.track) == 5
    assert any("incomplete" in issue.reason for issue in log.issues)
    assert log.records("cue").rel_alt_m.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_number_that_is_none_is_missing_and_told() -> None:
    text = clips([], cues=3).replace("[rel_alt: 2.000", "[rel_alt: 2.0x0")
    log = read(text)
    assert np.isnan(log.records("cue").rel_alt_m.iloc[1])
    assert any("rel_alt" in issue.reason for issue in log.issues)


def test_a_name_that_says_thermal_and_an_exposure_that_says_not_leave_the_sensor_unknown() -> None:
    capture = read(clips([]), "DJI_0001_T.SRT").captures.iloc[0]
    assert capture.sensor == "unknown"
    assert "_T" in capture.source
    without = "".join(bracket(n, n, f"2024-01-01 10:00:{n:02d}.000", camera=False) for n in range(1, 4))  # fmt: skip  # noqa: E501
    capture = read(without, "DJI_0001_T.SRT").captures.iloc[0]
    assert capture.sensor == "thermal"
    assert "no ISO" in capture.source


def test_a_hostile_text_takes_little_time_and_no_telemetry_is_made_of_it() -> None:
    hostile = clips([], cues=2) + "3\n00:00:02,000 --> 00:00:03,000\n" + "[iso: " * 200_000
    log = read(hostile)
    assert len(log.track) == 2
    assert any("too long for a cue" in issue.reason for issue in log.issues)


def cues_with_jump_of_clock(gap_s: float, north_deg: float = 0.0) -> str:
    """Return 20 cues a second apart, each that much farther north; the clock jumps after ten."""
    text = ""
    clock = pd.Timestamp("2024-05-20 10:00:00")
    for number in range(1, 21):
        stamp = clock + pd.Timedelta(seconds=number + (gap_s if number > 10 else 0))
        text += bracket(
            number, number - 1, f"{stamp:%Y-%m-%d %H:%M:%S}.{stamp.microsecond:06d}",
            50 + number * north_deg,
        )  # fmt: skip
    return text


@pytest.mark.parametrize(
    ("gap_s", "interval_ms", "recordings"),
    [(3.0, 1000, 1), (3.1, 1000, 2), (2.0, 33, 1), (2.1, 33, 2)],
)
def test_a_recording_ends_at_a_jump_of_two_seconds_or_three_frames(
    gap_s: float, interval_ms: int, recordings: int
) -> None:
    text = cues_with_jump_of_clock(gap_s)
    log = read(text.replace("DiffTime: 1000ms", f"DiffTime: {interval_ms}ms"))
    assert len(log.captures) == recordings


@pytest.mark.parametrize(("gap_s", "longest_s"), [(2.0, 1.0), (2.5, 3.5)])
def test_the_time_code_is_the_finer_count_within_two_seconds(
    gap_s: float, longest_s: float
) -> None:
    log = read(cues_with_jump_of_clock(gap_s, north_deg=1e-5))
    assert len(log.captures) == 1
    assert log.local_times is not None
    steps = np.diff(log.local_times.track) / np.timedelta64(1, "s")
    assert steps.max() == longest_s


@pytest.mark.parametrize("clocked", [True, False])
def test_a_position_left_over_in_the_first_cues_is_none_of_the_recording(clocked: bool) -> None:
    text = ""
    for number in range(1, 21):
        clock = f"2024-05-20 10:00:{number:02d}.000" if clocked else ""
        text += bracket(number, number - 1, clock, 47.0 if number <= 4 else 50 + number * 1e-5)
    log = read(text)
    assert log.track.latitude_deg.dropna().between(50.0, 50.1).all()
    assert log.track.latitude_deg.notna().sum() == 16
    assert [i.reason for i in log.issues if "left over" in i.reason] == [
        "4 cues hold a position left over from another place: left out"
    ]
