"""Damaged and hostile maps: a clear error or a remark, in bounded time and memory."""

import gzip
import sqlite3
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dji_audit.basemap.supplied_map import (
    SuppliedMapError,
    _mbtiles,
    clip_best_supplied_map,
    read_supplied_maps,
)
from dji_audit.basemap.supplied_map._limited_decompression import gunzip, unzstd
from dji_audit.basemap.supplied_map._picture_size_and_type import (
    picture_media_type,
    picture_width_and_height,
)
from dji_audit.basemap.supplied_map._tile_archive import attribution_as_plain_text
from dji_audit.basemap.supplied_map._varints import decode_varints
from dji_audit.basemap.supplied_map._vector_tile import decode_vector_tile
from tests.dji_audit.basemap.unit_map_files import (
    BOX,
    png,
    tile_of,
    tiles_around,
    vector_tile,
    write_mbtiles,
    write_pmtiles,
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "neither MBTiles, PMTiles nor GeoTIFF"),
        (b"hello", "neither MBTiles, PMTiles nor GeoTIFF"),
        (b"SQLite format 3\x00" + bytes(500), "not an MBTiles file, or damaged"),
        (b"PMTiles", "not a PMTiles file"),
        (b"PMTiles\x02" + bytes(200), "PMTiles of version 2"),
        (b"PMTiles\x03" + b"\xff" * 200, "kind 255"),
    ],
)
def test_what_is_no_map_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "map.mbtiles"
    path.write_bytes(content)
    with pytest.raises(SuppliedMapError, match=r"^map\.mbtiles: ") as raised:
        read_supplied_maps(path)
    assert words in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuppliedMapError, match=r"nowhere\.pmtiles"):
        read_supplied_maps(tmp_path / "nowhere.pmtiles")


def test_a_view_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mbtiles, "_MAX_THOUSAND_STEPS", 2000)
    path = tmp_path / "endless.mbtiles"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name text, value text)")
        base.execute(
            "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS zoom_level, i AS tile_column, i AS tile_row, NULL AS tile_data FROM n "
            "WHERE i < 0"
        )
    base.close()
    began = time.monotonic()
    with pytest.raises(SuppliedMapError, match="interrupted"):
        read_supplied_maps(path)
    assert time.monotonic() - began < 60


def test_a_damaged_tile_is_left_out_and_counted(tmp_path: Path) -> None:
    damaged = (15, *tile_of(53.481, -2.243, 15))
    tiles = dict.fromkeys(tiles_around([15]), png()) | {damaged: b"\x89PNG\r\n\x1a\nshort"}
    (source,) = read_supplied_maps(write_mbtiles(tmp_path / "a.mbtiles", tiles))
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None and clip.pictures
    assert any("1 of its tiles cannot be read" in remark for remark in clip.remarks)


def test_a_picture_that_would_fill_the_memory_of_a_browser_is_left_out(tmp_path: Path) -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + bytes(40)
    (source,) = read_supplied_maps(
        write_mbtiles(tmp_path / "a.mbtiles", dict.fromkeys(tiles_around([15]), bomb))
    )
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None and clip.is_empty
    assert "60,000 by 60,000 pixels" in " ".join(clip.remarks)


def test_what_unpacks_to_more_than_a_tile_is_refused() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(SuppliedMapError, match="more than 1,000,000 bytes"):
        gunzip(bomb, 1_000_000)
    with pytest.raises(SuppliedMapError, match="cut short"):
        gunzip(gzip.compress(b"abc" * 1000)[:-12], 1_000_000)
    with pytest.raises(SuppliedMapError, match="damaged"):
        gunzip(b"\x1f\x8b\x08\x00" + b"\xff" * 40, 1000)
    assert gunzip(zlib.compress(b"abc"), 3) == b"abc"
    with pytest.raises(SuppliedMapError, match="damaged"):
        unzstd(b"not zstd at all", 1000)


def test_a_directory_that_states_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "a.pmtiles", {(15, 100, 100): png()})
    content = bytearray(path.read_bytes())
    root, length = struct.unpack_from("<QQ", content, 8)
    packed = gzip.compress(b"\xff\xff\xff\xff\x0f" + b"\x01" * 8)
    content[root : root + length] = packed
    struct.pack_into("<Q", content, 16, len(packed))
    path.write_bytes(content)
    with pytest.raises(SuppliedMapError, match=r"states 4,294,967,295 entries"):
        read_supplied_maps(path)


@pytest.mark.parametrize("cut", [130, 200, 0.5, 0.9])
def test_a_file_that_is_cut_short_is_refused_or_drawn_in_part(tmp_path: Path, cut: float) -> None:
    tiles = {key: png(colour=(key[1] % 256, 0, key[2] % 256)) for key in tiles_around([15, 16])}
    path = write_pmtiles(tmp_path / "a.pmtiles", tiles)
    content = path.read_bytes()
    path.write_bytes(content[: int(cut if cut > 1 else cut * len(content))])
    try:
        (source,) = read_supplied_maps(path)
    except SuppliedMapError as error:
        assert str(error).startswith("a.pmtiles: ")
        return
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None
    assert clip.remarks


@given(st.binary(max_size=400))
@settings(max_examples=150)
def test_no_bytes_break_the_reading_of_tiles_and_headers(data: bytes) -> None:
    for read in (decode_vector_tile, decode_varints, picture_width_and_height):
        try:
            read(data)
        except SuppliedMapError as error:
            assert str(error)


@given(st.integers(0, 2000), st.integers(0, 255))
@settings(max_examples=150)
def test_a_vector_tile_with_a_changed_byte_is_read_or_refused(place: int, value: int) -> None:
    tile = bytearray(vector_tile())
    tile[place % len(tile)] = value
    try:
        layers = decode_vector_tile(bytes(tile))
    except SuppliedMapError as error:
        assert str(error)
    else:
        assert len(layers) <= 20


@pytest.mark.parametrize(
    ("head", "media_type", "size"),
    [
        (png(12, 34)[:30], "image/png", (12, 34)),
        (
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x22\x00\x0c" + bytes(9),
            "image/jpeg",
            (12, 34),
        ),
        (
            b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x21\x00\x00",
            "image/webp",
            (12, 34),
        ),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_header(
    head: bytes, media_type: str, size: tuple[int, int]
) -> None:
    assert picture_media_type(head) == media_type
    assert picture_width_and_height(head) == size


@pytest.mark.parametrize(
    ("stated", "plain"),
    [
        ('<a href="https://x">© Someone</a>', "© Someone"),
        ("&copy; OSM  contributors", "© OSM contributors"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a < b", "a < b"),
        ("x" * 900, "x" * 500),
        (None, ""),
        (7, ""),
    ],
)
def test_an_attribution_is_plain_text_and_short(stated: object, plain: str) -> None:
    assert attribution_as_plain_text(stated) == plain
