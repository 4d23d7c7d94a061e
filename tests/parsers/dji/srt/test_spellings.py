"""The same cues in other clothes: WebVTT, UTF-16, tags, times of other forms, missing lines."""

from pathlib import Path

import pytest

import parsers
from parsers import Log
from tests.conftest import required
from tests.parsers.read_as_file import read_as_file

VALUES = "[latitude: 51.5000{n}0] [longitude: -0.1200{n}0] [rel_alt: 1{n}.500 abs_alt: 67.000]"


def body(n: int) -> str:
    return f"FrameCnt: {n + 1}, DiffTime: 33ms\n2025-06-14 10:30:0{n}.000\n{VALUES.format(n=n)}"


def read(data: str | bytes, encoding: str = "utf-8") -> Log:
    raw = data.encode(encoding) if isinstance(data, str) else data
    log = read_as_file(raw, "DJI_0001.SRT")
    assert sum(span.size for span in log.coverage) == len(raw)
    assert log.source.size == len(raw)
    return log


def subrip(first: str = "00:00:0{n},000", last: str = "00:00:0{n},900", number: bool = True) -> str:
    cues = []
    for n in range(5):
        line = f"{n + 1}\n" if number else ""
        cues.append(f"{line}{first.format(n=n)} --> {last.format(n=n)}\n{body(n)}\n")
    return "\n".join(cues)


def check(log: Log) -> None:
    assert log.track.latitude_deg.tolist() == [51.5, 51.50001, 51.50002, 51.50003, 51.50004]
    assert log.track.height_ato_m.tolist() == [10.5, 11.5, 12.5, 13.5, 14.5]
    assert log.issues == ()
    assert len(log.captures) == 1
    assert "2025-06-14 10:30:00.000 to" in " ".join(log.clock.notes)


VTT = "WEBVTT - DJI\n\n" + subrip("00:00:0{n}.000", "00:00:0{n}.900", number=False)


@pytest.mark.parametrize(
    "text",
    [
        VTT,
        VTT.replace("00:00:", "00:"),
        VTT.replace(".900\n", ".900 align:start position:10% line:84%\n"),
        "WEBVTT\n\n" + subrip("00:00:0{n}.000", "00:00:0{n}.900"),
        subrip(number=False),
        subrip("00:00:0{n}.000", "00:00:0{n}.900"),
        subrip("00:00:0{n}:000", "00:00:0{n}:900"),
        subrip("101:00:0{n},000", "101:00:0{n},900"),
        subrip("1234:00:0{n},000", "1234:00:0{n},900"),
        subrip("0:00:0{n},00", "0:00:0{n},90"),
        subrip().replace("\n", "\r\n"),
        subrip().replace("\n", "\r\r\n"),
        subrip().replace("FrameCnt", '<font size="28" color="#ffffff"><b>FrameCnt')
        .replace("67.000]", "67.000]</b></font>"),
        subrip().replace("FrameCnt", "{\\an8}<c.yellow.bg_blue>FrameCnt"),
        subrip().replace("2025-06-14", "2025/06/14"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_the_same_cues_are_read_however_they_are_written(text: str, encoding: str) -> None:
    log = read(text, encoding)
    check(log)
    mark = {"utf-8": 0, "utf-8-sig": 3, "utf-16": 2, "utf-16-be": 0}[encoding]
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    # Where a cue begins in the file, its heading stands.
    at = int(log.track.source_offset.iloc[2])
    heading = text.encode(codec)[at - mark :].decode(codec)
    assert "-->" in heading[:40]


def test_what_a_vtt_file_begins_with_is_its_header() -> None:
    log = read(VTT)
    assert log.coverage[0] == (0, VTT.index("00:00:00"), "header")


def test_angles_of_a_group_of_the_gimbal_are_read_and_said_to_be_weak() -> None:
    group = " [gimbal_yaw: -91.4 gimbal_pitch: -{n}0.0 gimbal_roll: 0.0]"
    text = subrip()
    for n in range(5):
        text = text.replace(VALUES.format(n=n), VALUES.format(n=n) + group.format(n=n + 1))
    log = read(text)
    assert log.track.gimbal_yaw_deg.tolist() == pytest.approx([268.6] * 5)
    assert log.track.gimbal_pitch_deg.tolist() == [-10, -20, -30, -40, -50]
    (issue,) = log.issues
    assert "weak source" in issue.reason


@pytest.mark.parametrize(
    ("values", "latitude", "height"),
    [
        (
            "GPS(39.906217,116.391305,69.8) BAROMETER(91.2) HOME(39.906206,116.391400)",
            39.906217, 91.2,
        ),
        ("GPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M", 36.6146, 0.3),
        ("GPS(-6.1120,36.6146,17) BAROMETER:5.5", 36.6146, 5.5),
        ("HOME(-6.1120,36.6146) GPS(-6.1120,36.6146,17) Hb:2.5", 36.6146, 2.5),
    ],
)  # fmt: skip
def test_cues_without_a_date_give_position_and_height(
    values: str, latitude: float, height: float
) -> None:
    text = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{values}\n\n" for n in range(1, 4))
    log = read(text)
    assert log.track.latitude_deg.iloc[0] == latitude
    assert log.track.height_ato_m.iloc[0] == height
    assert log.track.time.isna().all()
    assert log.local_times is not None
    assert log.local_times.kind == "elapsed"


def test_an_arrow_in_a_text_is_no_heading() -> None:
    text = subrip().replace("DiffTime", "to --> there DiffTime")
    log = read(text)
    assert log.record_counts["cue"] == 5


@pytest.mark.parametrize(
    ("case", "rows"),
    [("dji_srt_vtt", 40), ("dji_srt_gimbal_group", 40), ("peer_srt_gps_without_date", 4)],
)
def test_the_shared_cases_are_read(samples: Path, case: str, rows: int) -> None:
    folder = samples.parent / "cases" / case
    required(f"the case {case}", folder.is_dir())
    logs = [parsers.read(path) for path in sorted(folder.iterdir())]
    assert len(logs[0].track) == rows
    for log in logs:
        assert log.track[["latitude_deg", "longitude_deg", "height_ato_m"]].notna().all(axis=None)
