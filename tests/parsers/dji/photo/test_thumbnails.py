"""The small picture in a photo: only a checked JPEG without its metadata is passed on."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import parsers
from parsers import Content, PhotoPreview
from parsers._model import Thumbnail
from sample_logs import jpeg
from sample_logs.dji_photo import Tags, exif, photo, segment, tiff

DJI: Tags = {"IFD0": {0x010E: "IronRed", 0x010F: "DJI", 0x0110: "M4T"}}
PICTURE = jpeg.blocks([[(200, 30, 30), (30, 200, 30)], [(30, 30, 200), (240, 240, 240)]])


def picture_of(thumbnail: bytes, *more: bytes, tags: Tags = DJI) -> PhotoPreview:
    data = photo([exif(tags, thumbnail=thumbnail), *more])
    content = Content("DJI_0001_T.JPG", data)
    (picture,) = parsers.identify(content).read(content, ()).pictures
    return picture


def shown(picture: PhotoPreview) -> Thumbnail:
    assert picture.thumbnail is not None, picture.no_thumbnail_reason
    return picture.thumbnail


def changed(at: bytes, after: int, value: int) -> bytes:
    """Return the picture with one byte changed, some bytes after a marker."""
    data = bytearray(PICTURE)
    data[PICTURE.index(at) + after] = value
    return bytes(data)


def test_a_thumbnail_is_passed_on_byte_for_byte_with_its_place() -> None:
    data = photo([exif(DJI, thumbnail=PICTURE)])
    found = shown(picture_of(PICTURE))
    assert found.jpeg == PICTURE
    assert (found.width_px, found.height_px) == (16, 16)
    assert data[found.source_offset :][: found.source_size] == PICTURE


def test_metadata_and_what_follows_the_picture_are_left_out() -> None:
    hidden = segment(0xE1, b"Exif\0\0<svg onload=alert(1)>") + segment(0xFE, b"<script>")
    data = PICTURE[:2] + hidden + PICTURE[2:] + b"<html><script>alert(1)</script>"
    found = shown(picture_of(data))
    assert found.jpeg == PICTURE
    assert found.source_size == len(PICTURE) + len(hidden)


@pytest.mark.parametrize(
    ("thumbnail", "reason"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "it is not a JPEG"),
        (b"<html><body>", "it is not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "it is not a JPEG"),
        (b"\xff\xd8<svg onload=alert(1)>", "cut short"),
        (PICTURE[:-2], "it has no end"),
        (PICTURE[:60], "cut short"),
        (PICTURE[:-2] + PICTURE, "another picture begins"),
        (PICTURE[:-2] + b"\xff\xe1\0\4ab\xff\xd9", "its picture is broken"),
        (changed(b"\xff\xc0", 1, 0xC2), "a segment 0xc2"),
        (changed(b"\xff\xc0", 4, 12), "8 bits"),
        (changed(b"\xff\xc0", 5, 2), "pixels is not 8 to 320"),
        (changed(b"\xff\xc0", 8, 0), "pixels is not 8 to 320"),
        (jpeg.tiny(7, 8), "its size of 7 x 8 pixels is not 8 to 320"),
        (changed(b"\xff\xc0", 9, 4), "8 bits"),
        (changed(b"\xff\xc0", 11, 0x51), "components are broken"),
        (changed(b"\xff\xdb", 4, 0x20), "quantisation tables"),
        (changed(b"\xff\xdb", 4, 4), "quantisation tables"),
        (changed(b"\xff\xc4", 5, 3), "Huffman tables"),
        (changed(b"\xff\xc4", 8, 200), "Huffman tables"),
        (changed(b"\xff\xda", 4, 1), "the whole picture"),
        (changed(b"\xff\xda", 12, 5), "the whole picture"),
        (PICTURE[:-2] + bytes(60_000) + b"\xff\xd9", "larger than 48 kB"),
    ],
)
def test_what_is_no_small_baseline_jpeg_is_not_passed_on(thumbnail: bytes, reason: str) -> None:
    picture = picture_of(thumbnail)
    assert picture.thumbnail is None
    assert reason in picture.no_thumbnail_reason
    assert "at byte" in picture.no_thumbnail_reason


def test_a_photo_without_a_preview_says_so() -> None:
    assert picture_of(b"").no_thumbnail_reason == "the file points to no preview picture"


@pytest.mark.parametrize("start", [0, 12, 1 << 20, (1 << 32) - 1])
def test_a_pointer_to_elsewhere_gives_no_picture(start: int) -> None:
    entries = {0x0201: start, 0x0202: 0xFFFFFFFF}
    picture = picture_of(b"", tags={"IFD0": {**DJI["IFD0"], **entries}})
    assert picture.thumbnail is None
    assert picture.no_thumbnail_reason


def test_the_largest_of_several_pictures_is_taken() -> None:
    small = jpeg.tiny(8, 8)
    tags = {"IFD0": {**DJI["IFD0"]}}
    plain = tiff(tags, thumbnail=PICTURE)
    tags["IFD0"] |= {0x0201: len(plain) + 24, 0x0202: len(small)}
    whole = tiff(tags, thumbnail=PICTURE) + small
    data = photo([segment(0xE1, b"Exif\0\0" + whole)])
    content = Content("DJI_0001_T.JPG", data)
    (picture,) = parsers.identify(content).read(content, ()).pictures
    assert shown(picture).jpeg == PICTURE


@given(st.data())
def test_damage_anywhere_gives_a_jpeg_or_a_reason(data: st.DataObject) -> None:
    damaged = bytearray(PICTURE)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(PICTURE) - 1))] = data.draw(st.integers(0, 255))
    picture = picture_of(bytes(damaged[: data.draw(st.integers(1, len(PICTURE)))]))
    if picture.thumbnail is None:
        assert picture.no_thumbnail_reason
        return
    found = picture.thumbnail.jpeg
    assert found.startswith(b"\xff\xd8\xff")
    assert found.endswith(b"\xff\xd9")
    assert 0 < picture.thumbnail.width_px <= 320
    assert 0 < picture.thumbnail.height_px <= 320


def test_the_palette_is_that_which_the_camera_names() -> None:
    assert picture_of(b"").palette == "IronRed"
    plain: Tags = {"IFD0": {0x010E: "default", 0x010F: "DJI", 0x0110: "M4T"}}
    assert picture_of(b"", tags=plain).palette is None


def flir(record: bytes, *, order: str = ">", parts: int = 1, count: int = 1) -> list[bytes]:
    """Return the segments of FLIR's data with one record on the camera."""
    head = b"FFF\0" + bytes(16) + struct.pack(f"{order}III", 101, 64, count) + bytes(32)
    entry = struct.pack(f"{order}HHIIII", 0x20, 1, 100, 1, 96, len(record)) + bytes(12)
    whole = head + entry + record
    cut = -(-len(whole) // parts)
    return [
        segment(0xE1, b"FLIR\0" + bytes([1, n, parts - 1]) + whole[n * cut : (n + 1) * cut])
        for n in range(parts)
    ]


def camera_record(lowest: float, highest: float, order: str = "<") -> bytes:
    return struct.pack(f"{order}H", 2) + bytes(142) + struct.pack(f"{order}ff", highest, lowest)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("parts", [1, 3])
def test_the_range_that_flirs_camera_was_set_to_is_stated(order: str, parts: int) -> None:
    segments = flir(camera_record(248.15, 408.15, order), order=order, parts=parts)
    assert picture_of(b"", *segments).temperature_range_c == (-25.0, 135.0)


@pytest.mark.parametrize(
    "segments",
    [
        flir(camera_record(408.15, 248.15)),
        flir(camera_record(float("nan"), 408.15)),
        flir(camera_record(-1.0, 408.15)),
        flir(camera_record(248.15, 408.15)[:-1]),
        flir(camera_record(248.15, 408.15), count=1 << 30),
        [segment(0xE1, b"FLIR\0\1\0\0FFF\0")],
        [segment(0xE1, b"FLIR\0")],
    ],
)
def test_a_range_that_is_none_is_not_stated(segments: list[bytes]) -> None:
    assert picture_of(b"", *segments).temperature_range_c is None


def test_thumbnails_of_real_thermal_photos(samples: Path) -> None:
    photos = sorted((samples / "dji_media").glob("*.[jJ][pP][gG]"))
    pictures = {path.name: parsers.read(path).pictures[0] for path in photos}
    sizes = {
        name: (it.thumbnail.width_px, it.thumbnail.height_px)
        for name, it in pictures.items()
        if it.thumbnail is not None
    }
    assert len(sizes) == 13
    assert set(sizes.values()) == {(160, 128), (160, 120)}
    (broken,) = set(pictures) - set(sizes)
    assert "M2EA" in broken
    assert "breaks off" in pictures[broken].no_thumbnail_reason
    palettes = {name: it.palette for name, it in pictures.items() if it.palette}
    assert len(palettes) == 4
    assert palettes["thermalparser_M4T_DJI_0001_R.JPG"] == "IronRed"
    assert all(it.temperature_range_c is None for it in pictures.values())
