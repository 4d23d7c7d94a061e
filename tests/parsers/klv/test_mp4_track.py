"""KLV in a track of an MP4 is read as bare KLV is, at the offsets of the file."""

import struct
from pathlib import Path

import pytest

import parsers
from sample_logs import dji_video, klv
from tests.parsers.test_conformance import check_coverage

SETS = [klv.local_set(klv.items(number)) for number in range(6)]


def movie(sets: list[bytes]) -> bytes:
    """Return a video whose second track holds a local set in each sample."""
    head = dji_video.box(b"ftyp", b"isom\0\0\2\0isommp42")
    picture = bytes(range(64))
    offsets, at = [], len(head) + 8 + len(picture)
    for each in sets:
        offsets.append(at)
        at += len(each)
    times = (klv.START_MS // 1000 + dji_video.EPOCH_S, 1000 * len(sets))
    entry = dji_video.box(b"klva", bytes(6) + b"\0\1")
    visual = dji_video.visual(None)
    first = [len(head) + 8]
    tracks = [
        dji_video.track(
            1, b"vide", "VideoHandler", visual, [picture], first, list(times[1:]), times
        ),
        dji_video.track(2, b"meta", "MetaHandler", entry, sets, offsets, [1000] * len(sets), times),
    ]
    stated = struct.pack(">IIII", times[0], times[0], dji_video.SCALE, times[1])
    rest = struct.pack(">IH", 0x10000, 0x100) + bytes(70) + struct.pack(">I", 3)
    index = dji_video.box(b"moov", dji_video.full(b"mvhd", stated, rest), *tracks)
    return head + dji_video.box(b"mdat", picture, *sets) + index


@pytest.fixture
def reading(tmp_path: Path) -> parsers.FileReading:
    path = tmp_path / "flight.mp4"
    path.write_bytes(movie(SETS))
    return parsers.read_file(path)


def test_the_track_is_a_log_of_its_own_beside_the_video(reading: parsers.FileReading) -> None:
    video, metadata = reading.logs
    assert (video.source.format, metadata.source.format) == ("video", "klv")
    assert len(metadata.track) == len(SETS)
    assert metadata.track["latitude_deg"].notna().all()
    data = movie(SETS)
    for offset in metadata.track["source_offset"].tolist():
        assert data[offset : offset + 16] == klv.UAS_KEY
    assert metadata.captures["grade"].tolist() == ["reported"]
    assert video.coverage_sizes["member"] == sum(map(len, SETS))
    assert not any("not looked into" in issue.reason for issue in video.issues)
    check_coverage(video)


def test_a_damaged_local_set_costs_itself_only(tmp_path: Path) -> None:
    sets = [*SETS[:3], SETS[3][:17] + b"\xff" + SETS[3][18:], *SETS[4:]]
    path = tmp_path / "damaged.mp4"
    path.write_bytes(movie(sets))
    metadata = parsers.read_file(path).logs[1]
    assert len(metadata.track) == len(SETS) - 1
    assert any(issue.offset == movie(sets).find(sets[3]) for issue in metadata.issues)
