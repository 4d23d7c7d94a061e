"""Shutter marks: two real lines, the sample file, and lines made for one point each."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from parsers import Log
from sample_logs.dji_mrk import NAME, mark
from sample_logs.story import tell
from tests.parsers.read_as_file import read_as_file


def read(data: bytes) -> Log:
    return read_as_file(data, "DJI_Timestamp.MRK")


#: File -> UTC by GPS week and second less 18 s (by hand), place, ellipsoid height, quality, sigmas.
REAL = {
    "single_line_Q16_Timestamp.MRK": (
        "2023-06-01T15:12:35.488877Z", 44.42824637, 1.26196331, 359.494, 16, (0.028, 0.031, 0.055),
    ),
    "single_line_Q50_Timestamp.MRK": (
        "2026-02-04T06:26:23.669089Z", 22.77995359, 114.10089118, 139.231, 50,
        (0.002967, 0.003104, 0.007622),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_real_mark_is_read_to_the_last_digit(samples: Path, name: str) -> None:
    log = parsers.read(samples / "dji_media" / "mrk_excerpts" / name)
    utc, latitude, longitude, height, quality, sigmas = REAL[name]
    (row,), (record,) = log.track.to_dict("records"), log.records("Mark").to_dict("records")
    assert row["time"] == log.captures.start[0] == pd.Timestamp(utc)
    assert (row["latitude_deg"], row["longitude_deg"]) == (latitude, longitude)
    assert pd.isna(row["altitude_amsl_m"]), "a height above the ellipsoid is no altitude"
    assert (record["height_ellipsoid_m"], record["quality"]) == (height, quality)
    assert tuple(record[f"sigma_{side}_m"] for side in ("north", "east", "up")) == sigmas
    assert record["offset_down_mm"] == (86 if quality == 16 else 129)
    assert not log.issues


def test_the_sample_marks_say_what_truth_says(sample_logs: Path, truths: dict[str, Any]) -> None:
    told = truths[NAME]
    log = parsers.read(sample_logs / NAME)
    assert [pd.Timestamp(row["start"]) for row in told["captures"]] == log.captures.start.tolist()
    for fix, row, record in zip(
        told["fixes"],
        log.track.to_dict("records"),
        log.records("Mark").to_dict("records"),
        strict=True,
    ):
        assert (row["latitude_deg"], row["longitude_deg"]) == (
            fix["latitude_deg"],
            fix["longitude_deg"],
        )
        assert record["height_ellipsoid_m"] == fix["ellipsoid_height_m"]
        assert row["source_offset"] == record["offset"] == fix["offset"]


@pytest.mark.parametrize(
    ("week", "tow_s", "utc"),
    [
        (2034, 86418, "2018-12-31T00:00:00Z"),
        (2024, 0, "2018-10-20T23:59:42Z"),
        (2100, 604799.999999, "2020-04-11T23:59:41.999999Z"),
    ],
)
def test_gps_weeks_become_utc_less_leap_seconds(week: int, tow_s: float, utc: str) -> None:
    line = f"1\t{tow_s:.6f}\t[{week}]\t50.0,Lat\t-3.0,Lon\t10.0,Ellh\t50,Q\n"
    assert read(line.encode()).track.time[0] == pd.Timestamp(utc)


def test_a_line_of_older_firmware_with_fewer_columns_is_read() -> None:
    log = read(b"7\t18.000000\t[2100]\t50.5,Lat\t-3.5,Lon\r\n")
    assert log.track.latitude_deg[0] == 50.5
    assert log.track.fix_ok.isna().all()
    assert log.records("Mark")[["quality", "sigma_up_m"]].isna().all(axis=None)


def test_the_quality_tells_whether_the_position_holds() -> None:
    sample = tell().samples[0]
    data = b"".join(mark(number, sample, quality) for number, quality in enumerate((0, 16, 34, 50)))
    assert read(data).track.fix_ok.tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    "broken",
    [
        b"no mark at all\n",
        b"9\t700000.0\t[2400]\t5.0,Lat\t6.0,Lon\n",
        b"9\t1.0\t[3]\t5.0,Lat\t6.0,Lon\n",
        b"9\t1.0\t[2400]\t5.0,Lat\n",
        b"9\t1.0\t[2400]\t5.0,Lat\t6.0,Lon" + b" " * 600 + b"x\n",
    ],
)
def test_a_line_that_is_no_mark_is_a_gap_and_told(broken: bytes) -> None:
    good = mark(1, tell().samples[0])
    log = read(good + broken + good)
    assert len(log.track) == 2
    assert [(issue.offset, issue.size) for issue in log.issues] == [(len(good), len(broken))]
    assert [span.kind for span in log.coverage] == ["records", "gap", "records"]


def test_blank_lines_are_filling() -> None:
    good = mark(1, tell().samples[0])
    log = read(good + b"\r\n\r\n" + good)
    assert [span.kind for span in log.coverage] == ["records", "padding", "records"]
    assert not log.issues


@pytest.mark.parametrize(
    "data", [b"1\t2\t3\n", b"1,2.5,[abc]\n", b"", b"\x00" * 40, b"Lat,Lon\n1,2\n"]
)
def test_other_text_is_not_claimed(data: bytes) -> None:
    with pytest.raises(parsers.UnknownFormatError):
        read(data)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_are_read_in_any_unicode_and_with_any_line_ends(
    samples: Path, encoding: str, end: str
) -> None:
    folder = samples / "dji_media" / "mrk_excerpts"
    lines = [(folder / name).read_text("utf-8").strip() for name in REAL]
    data = (end.join(lines) + end).encode(encoding)
    log = read(data)
    assert log.track.latitude_deg.tolist() == [44.42824637, 22.77995359]
    codec = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    second = int(log.track.source_offset[1])
    assert data[second:].decode(codec).startswith(lines[1][:20])
    assert sum(span.size for span in log.coverage) == len(data)
    assert not log.issues
