"""Videos: clocks, sound, subtitles, telemetry by schema and by shape, and what is broken."""

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from parsers.dji.video import FORMAT
from sample_logs import dji_video
from tests.parsers.read_as_file import read_as_file

CREATED_S = 1_778_749_483  # 2026-05-14 09:04:43


def read(data: bytes, name: str = "DJI_0001.MP4") -> Log:
    return read_as_file(data, name)


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).tz_convert("UTC")


# The sample of the story


@pytest.fixture(scope="module")
def story(sample_logs: Path) -> Log:
    return parsers.read(sample_logs / "DJI_20260514100443_0001_D.MP4")


def test_a_video_gives_its_picture_and_its_sound_as_truth_tells_them(
    story: Log, truths: dict[str, Any]
) -> None:
    truth = truths[story.source.name]
    told = [
        {"kind": row.kind, "start": row.start, "end": row.end}
        for row in story.captures.itertuples()
    ]
    assert told == [
        one | {"start": utc(one["start"]), "end": utc(one["end"])} for one in truth["captures"]
    ]
    rows = story.track.set_index("source_offset")
    for fix in truth["fixes"]:
        row = rows.loc[fix["offset"]]
        assert row.time == utc(fix["utc"])
        assert (row.latitude_deg, row.longitude_deg) == (fix["latitude_deg"], fix["longitude_deg"])
        assert row.height_ato_m == fix["height_m"]
    assert story.source.format_version == truth["version"]
    assert story.captures.file.tolist() == [story.source.name] * 2


def test_subtitles_inside_a_video_are_read_as_those_beside_it(story: Log) -> None:
    cues = story.records("cue")
    assert cues.dialect.unique().tolist() == ["compact"]
    assert cues.start_s.tolist() == [10.0 * n for n in range(24)]
    assert story.track.satellites.notna().all()
    beside = "".join(
        f"{row.cue}\n00:00:00,000 --> 00:00:00,000\n{row.text}\n\n" for row in cues.itertuples()
    )
    log = read(beside.encode(), "x.srt")
    columns = ["latitude_deg", "longitude_deg", "height_ato_m", "ground_speed_mps", "satellites"]
    pd.testing.assert_frame_equal(log.track[columns], story.track[columns])


def test_the_media_is_not_read() -> None:
    """Of 30 MB of media, which are hashed, no byte but the header of the box is looked at."""
    small, _ = made()
    data = small + dji_video.box(b"mdat", bytes(30_000_000))

    class Guarded(bytes):
        def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
            assert isinstance(key, slice)
            begin, end, _ = key.indices(len(self))
            touched.append((begin, end))
            return bytes(self).__getitem__(key)

    touched: list[tuple[int, int]] = []
    log = FORMAT.read(Content("DJI_0001.MP4", Guarded(data)), ())
    assert len(log.track) == 5
    assert max(end for _, end in touched) <= 4096  # the head, by which it is claimed


# Clocks


def made(**named: int) -> tuple[bytes, list[int]]:
    texts = [
        struct.pack(">H", len(line)) + line
        for n in range(5)
        for line in [f"F/2.8, SS 60, ISO 100, EV 0, GPS (-3.5, 50.{n}, 9), D 1m, H {n}.5m".encode()]
    ]
    return dji_video.lay_out(texts, named.get("created_s", CREATED_S), 50_000)


@pytest.mark.parametrize(
    ("name", "source", "placed"),
    [
        ("DJI_20260514100443_0001_D.MP4", "creation time of the file, UTC", True),
        ("DJI_20260514090443_0001_D.MP4", "creation time of the file, zone not known", False),
        ("DJI_20260514150443_0001_D.MP4", "creation time of the file, zone not known", False),
        ("DJI_20260514100900_0001_D.MP4", "creation time of the file, zone not known", False),
        ("DJI_0001.MP4", "creation time of the file, zone not known", False),
    ],
)
def test_the_creation_time_is_utc_only_where_a_local_clock_shows_it(
    name: str, source: str, placed: bool
) -> None:
    """An hour from the name at 3.5 W is a zone; none, six hours, or minutes show nothing."""
    log = read(made()[0], name)
    assert log.clock.source == source
    assert log.captures.start.notna().all() == placed
    assert log.track.time.notna().all() == placed
    assert "created 2026-05-14 09:04:43" in log.captures.source.iloc[0]


def test_a_creation_time_of_zero_is_none() -> None:
    log = read(made(created_s=-dji_video.EPOCH_S)[0])
    assert log.clock.source is None
    assert log.captures.start.isna().all()


# Telemetry


def test_djmd_by_a_schema_known_by_name_is_read_as_it_was_written(samples: Path) -> None:
    log = parsers.read(samples / "dji_media" / "synthetic" / "SYNTH_djmd_M30T_like_T.MP4")
    n = np.arange(300)
    track = log.track
    assert track.latitude_deg.to_numpy() == pytest.approx(51.4778 + n * 1e-6, abs=1e-9)
    assert track.longitude_deg.to_numpy() == pytest.approx(-0.0014 + n * 2e-6, abs=1e-9)
    assert track.height_ato_m.to_numpy() == pytest.approx(60 + n * 0.01, abs=1e-3)
    assert track.gimbal_pitch_deg.to_numpy() == pytest.approx(-45 - n % 30 * 0.1, abs=0.051)
    assert track.gimbal_yaw_deg.to_numpy() == pytest.approx(84.1)
    assert (track.gimbal_roll_deg == 0).all()  # a zero is not written
    assert track.heading_deg.to_numpy() == pytest.approx(80)
    assert track.pitch_deg.isna().all()
    assert track.altitude_amsl_m.isna().all()
    assert log.records("djmd")["3-3-4-2"].tolist() == [120_000 + 10 * k for k in range(300)]
    assert track.time.iloc[-1] - track.time.iloc[0] == pd.Timedelta(9_966_666_667)
    assert (log.aircraft.model, log.aircraft.serial) == ("DJI SYNTH", "SYNTHETIC0001")
    assert log.captures.sensor.tolist() == ["thermal"]
    assert log.source.format_version == "isom; djmd dvtm_pm320.proto"
    assert not log.issues


def test_djmd_of_an_unknown_schema_is_read_by_its_shape_and_says_so(samples: Path) -> None:
    known = parsers.read(samples / "dji_media" / "synthetic" / "SYNTH_djmd_M30T_like_T.MP4").track
    log = parsers.read(samples / "dji_media" / "synthetic" / "SYNTH_djmd_unknown_proto.MP4")
    assert "schema=inferred" in str(log.source.format_version)
    for name in ("latitude_deg", "longitude_deg", "height_ato_m", "gimbal_pitch_deg"):
        assert log.track[name].to_numpy() == pytest.approx(known[name].to_numpy(), abs=1e-9)
    assert any("schema=inferred" in issue.reason for issue in log.issues)


def test_a_real_clip_without_a_first_sample_gives_its_places_times_and_sound(
    samples: Path,
) -> None:
    name = "gpstitch_DJI_20260315180109_0003_D_5s_fixture.MP4"
    log = parsers.read(samples / "dji_media" / name)
    assert log.captures.kind.tolist() == ["video", "audio"]
    assert log.record_counts["djmd"] == 125
    row = log.track.iloc[0]
    assert row.latitude_deg == pytest.approx(50.890765)
    assert row.longitude_deg == pytest.approx(6.6743936)
    assert log.clock.source == "GPS time in djmd"
    stated = log.records("djmd")["3-4-2-6-1"]
    shown = log.records("djmd").start_s
    utc_of = log.captures.start.iloc[0] + pd.to_timedelta(shown, unit="s")
    late = utc_of.dt.tz_localize(None) - pd.to_datetime(stated)
    assert late.between(pd.Timedelta(milliseconds=-1), pd.Timedelta(seconds=1.1)).all()


def test_a_re_encoded_clip_has_a_zone_by_its_name_and_no_sound(samples: Path) -> None:
    log = parsers.read(samples / "dji_media" / "gpstitch_DJI_20250723102139_0001_D.MP4")
    assert log.captures.kind.tolist() == ["video"]
    assert log.captures.start.iloc[0] == utc("2025-07-23T07:21:39Z")
    assert "+3 h" in " ".join(log.clock.notes)
    assert not len(log.track)


# What is broken


def test_a_file_without_an_index_gives_its_first_telemetry_and_says_so(samples: Path) -> None:
    path = samples / "dji_media" / "synthetic" / "SYNTH_djmd_M30T_like_T.MP4"
    data = path.read_bytes()
    log = read(data[: data.index(b"moov") - 4], path.name)
    assert len(log.track) == 1
    assert log.track.latitude_deg.iloc[0] == pytest.approx(51.4778)
    assert log.aircraft.serial == "SYNTHETIC0001"
    assert log.captures.kind.tolist() == ["video"]
    assert any("no index (moov)" in issue.reason for issue in log.issues)
    assert log.is_truncated


@pytest.mark.parametrize("filling", [b"", b"\0"])
def test_a_video_of_which_the_end_is_lost_is_cut_short(filling: bytes) -> None:
    data, _ = made()
    whole = read(data)
    assert not whole.is_truncated
    size = data.index(b"moov") - 4
    assert read(data[:size] + filling * (len(data) - size)).is_truncated


def test_a_file_without_an_index_and_telemetry_is_still_a_recording() -> None:
    data, _ = made()
    log = read(data[: data.index(b"moov") - 4])
    assert log.captures.grade.tolist() == ["inferred"]
    assert {span.kind for span in log.coverage} == {"header", "media"}


def test_a_file_of_nothing_but_its_type_is_refused() -> None:
    with pytest.raises(parsers.CorruptLogError, match="moov or mdat"):
        read(dji_video.box(b"ftyp", b"isom\0\0\2\0"))


def patched(data: bytes, kind: bytes, at: int, number: int, which: int = 0) -> bytes:
    """Return a file with a 32-bit number changed behind the type of a box."""
    place = -1
    for _ in range(which + 1):
        place = data.index(kind, place + 1)
    return data[: place + at] + struct.pack(">I", number) + data[place + at + 4 :]


HUGE: Sequence[tuple[bytes, int]] = [
    (b"stsz", 8),
    (b"stsz", 12),
    (b"stsc", 8),
    (b"stsc", 16),
    (b"stts", 8),
    (b"stts", 16),
    (b"stco", 8),
    (b"stco", 12),
    (b"mdhd", 16),
    (b"mvhd", 20),
    (b"trak", -4),
    (b"stbl", -4),
    (b"moov", -4),
    (b"tx3g", -4),
]


@pytest.mark.parametrize(("kind", "at"), HUGE)
@pytest.mark.parametrize("number", [0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_hostile_number_is_read_no_further_than_the_file_reaches(
    kind: bytes, at: int, number: int
) -> None:
    data, _ = made()
    whole = len(read(data).track)
    for which in range(data.count(kind)):
        log = read(patched(data, kind, at, number, which))
        assert len(log.track) <= whole
        assert sum(span.size for span in log.coverage) == len(data)
        assert not (log.captures.end < log.captures.start).any()


def test_boxes_in_boxes_without_end_are_walked_to_a_bound() -> None:
    inner = b""
    for _ in range(2000):
        inner = dji_video.box(b"trak", inner)
    data = dji_video.box(b"ftyp", b"isom\0\0\2\0") + dji_video.box(b"moov", inner)
    log = read(data)
    assert log.record_counts["box"] < 50
    many = dji_video.box(b"moov", dji_video.box(b"free") * 50_000)
    assert read(many).record_counts["box"] <= 20_000


def test_a_64_bit_size_is_understood() -> None:
    data, _ = made()
    at = data.index(b"mdat") - 4
    (size,) = struct.unpack_from(">I", data, at)
    head = struct.pack(">I4sQ", 1, b"mdat", size)
    log = read(data[:at] + head + data[at + 8 :])
    (media,) = [span for span in log.coverage if span.kind == "media"]
    assert media.offset == at
    assert log.records("box").query("kind == 'mdat'").length.tolist() == [size]


def test_bytes_after_the_last_box_are_told() -> None:
    data, _ = made()
    log = read(data + b"\x01\x02\x03garbage")
    assert log.coverage[-1].kind == "gap"
    assert any(issue.offset == len(data) and issue.size == 10 for issue in log.issues)
    assert read(data + bytes(100)).coverage[-1].kind == "padding"


def test_a_place_in_the_file_s_own_words_is_a_start() -> None:
    data, _ = made()
    text = b"+50.6150-003.9650+412.000/"
    place = dji_video.box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7), text)
    extra = dji_video.box(b"udta", place)
    at = data.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", data, at)
    log = read(data[:at] + struct.pack(">I", size + len(extra)) + data[at + 4 :] + extra)
    (start,) = log.named_positions
    assert (start.kind, start.latitude_deg, start.longitude_deg) == ("start", 50.615, -3.965)


def test_pictures_in_boxes_are_not_claimed() -> None:
    for brand in (b"heic", b"avif", b"mif1"):
        content = Content("x.mp4", dji_video.box(b"ftyp", brand + bytes(4)) + made()[0])
        with pytest.raises(parsers.UnknownFormatError):
            parsers.identify(content)


def test_plain_subtitles_in_a_video_are_media_and_no_telemetry() -> None:
    line = b"We lost him."
    data, _ = dji_video.lay_out([struct.pack(">H", len(line)) + line] * 3, CREATED_S, 30_000)
    log = read(data)
    assert "cue" not in log.record_counts
    assert not len(log.track)
    assert not math.isnan(log.captures.source_offset.iloc[0])
    assert {span.kind for span in log.coverage} == {"header", "media"}
