"""The pictures inside a flight record: their thumbnails and where they were taken."""

import math
import struct
from pathlib import Path

import pytest

import parsers
from parsers import Content, PhotoPreview
from sample_logs import dji_flight, jpeg, story
from sample_logs.dji_txt import lay_out

LARGE = jpeg.blocks([[(10, 20, 30)] * 50] * 50)
SMALL = [jpeg.blocks([[(20 * n, 90, 200)] * 4] * 3) for n in range(1, 5)]


APP = dji_flight.App(dji_flight.ANDROID, (4, 3, 64))


def record(thumbnails: list[bytes]) -> bytes:
    """Return the beginning of a flight record with as many pictures as thumbnails."""
    told = story.tell()
    entries = dji_flight.entries(told, APP)[:200]
    return lay_out(
        11,
        [(entry.type, entry.body) for entry in entries],
        details=dji_flight.summarise(told, APP),
        pictures=[LARGE] * len(thumbnails),
        thumbnails=thumbnails,
    ).data


def pictures_of(data: bytes) -> tuple[PhotoPreview, ...]:
    content = Content("DJIFlightRecord_2026-05-14_[10-01-58].txt", data)
    return parsers.identify(content).read(content, ()).pictures


@pytest.mark.parametrize("count", [1, 2, 4])
def test_each_thumbnail_is_shown_byte_for_byte_and_its_picture_is_not(count: int) -> None:
    data = record(SMALL[:count])
    found = pictures_of(data)
    assert [each.number for each in found] == list(range(1, count + 1))
    for each, small in zip(found, SMALL, strict=False):
        assert each.thumbnail is not None
        assert each.thumbnail.jpeg == small
        at = each.thumbnail.source_offset
        assert data[at : at + len(small)] == small
        assert (each.thumbnail.width_px, each.thumbnail.height_px) == (32, 24)


def test_a_record_without_pictures_has_none() -> None:
    assert pictures_of(record([])) == ()


def test_a_thumbnail_that_is_none_is_not_shown_and_the_next_one_is() -> None:
    broken = SMALL[0][:70] + bytes(len(SMALL[0]) - 72) + b"\xff\xd9"
    first, second = pictures_of(record([broken, SMALL[1]]))
    assert first.thumbnail is None
    assert "is not shown" in first.no_thumbnail_reason
    assert second.thumbnail is not None
    assert second.thumbnail.jpeg == SMALL[1]


def test_sizes_beyond_the_file_end_the_search() -> None:
    data = record(SMALL[:2])
    stated = struct.pack("<i", len(LARGE))
    at = data.rindex(stated)
    for size in (2**31 - 1, len(data), -5):
        changed = data[:at] + struct.pack("<i", size) + data[at + 4 :]
        for each in pictures_of(changed):
            assert each.thumbnail is not None or each.no_thumbnail_reason


def test_pictures_of_real_records(samples: Path) -> None:
    found: dict[str, tuple[PhotoPreview, ...]] = {}
    for path in sorted((samples / "dji_txt").rglob("*.txt")):
        data = path.read_bytes()
        if b"\xff\xd8\xff" not in data:
            continue
        content = Content(path.name, data)
        pictures = parsers.identify(content).read(content, ()).pictures
        if pictures:
            found[path.name] = pictures
    every = [each for pictures in found.values() for each in pictures]
    assert len(found) == 11
    assert len(every) == 19
    assert all(each.thumbnail is not None for each in every)
    assert {each.thumbnail.width_px for each in every if each.thumbnail} == {
        120, 128, 192, 256, 288,
    }  # fmt: skip
    placed = [each for each in every if each.latitude_deg is not None]
    assert len(placed) == 14
    first = found["testv3.txt"][0]
    assert first.latitude_deg is not None
    assert first.longitude_deg is not None
    assert math.isclose(first.latitude_deg, -22.162158, abs_tol=1e-6)
    assert math.isclose(first.longitude_deg, 166.878780, abs_tol=1e-6)
