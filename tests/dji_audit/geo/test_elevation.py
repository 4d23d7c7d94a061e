"""Heights of the ground: tiles of SRTM and GeoTIFFs, and what is neither."""

import pickle
import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pyproj import Transformer

from dji_audit.camera_view import ElevationError, read_elevation_model
from tests.conftest import required


def heights(latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64]) -> Any:
    """Return a slope: between the points of a grid it is what it is at them."""
    return 100 + 2000 * (latitude - 54.5) - 900 * (longitude + 2.5)


def write_tile(path: Path, side: int = 1201) -> Path:
    latitude = np.linspace(55, 54, side)[:, None]
    longitude = np.linspace(-3, -2, side)[None, :]
    np.round(heights(latitude, longitude)).astype(">i2").tofile(path)
    return path


@pytest.mark.parametrize("side", [1201, 3601])
def test_a_tile_gives_heights_between_its_points(tmp_path: Path, side: int) -> None:
    found = read_elevation_model(write_tile(tmp_path / "N54W003.hgt", side))
    rng = np.random.default_rng(1)
    latitude, longitude = rng.uniform(54, 55, 200), rng.uniform(-3, -2, 200)
    np.testing.assert_allclose(
        found.height_m(latitude, longitude), heights(latitude, longitude), atol=0.6
    )


def test_a_folder_of_tiles_is_one_model_and_beyond_it_nothing_is_known(tmp_path: Path) -> None:
    write_tile(tmp_path / "N54W003.hgt")
    write_tile(tmp_path / "S01E179.HGT")
    found = read_elevation_model(tmp_path)
    known = found.height_m(np.array([54.5, -0.5, -0.5]), np.array([-2.5, 179.5, -180.5]))
    assert np.isfinite(known).all()
    assert np.isnan(found.height_m(np.array([53.5]), np.array([-2.5])))[0]


def test_two_tiles_of_one_place_are_refused(tmp_path: Path) -> None:
    write_tile(tmp_path / "N54W003.hgt")
    write_tile(tmp_path / "n54w003.HGT")
    with pytest.raises(ElevationError, match="more than one tile"):
        read_elevation_model(tmp_path)


def test_a_void_is_no_height(tmp_path: Path) -> None:
    path = write_tile(tmp_path / "N54W003.hgt")
    grid = np.fromfile(path, ">i2").reshape(1201, 1201)
    grid[600, 600] = -32768
    grid.tofile(path)
    found = read_elevation_model(path)
    beside = found.height_m(np.array([54.5, 54.5004, 54.6]), np.array([-2.5, -2.5004, -2.6]))
    assert np.isnan(beside).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("N54W003.hgt", 100, "not the size of an SRTM tile"),
        ("hill.hgt", 2 * 1201**2, "the name of a tile"),
        ("hill.tif", 100, "hill.tif"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, name: str, size: int, words: str) -> None:
    (tmp_path / name).write_bytes(bytes(size))
    with pytest.raises(ElevationError, match=words):
        read_elevation_model(tmp_path / name)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ElevationError, match="file in this folder"):
        read_elevation_model(tmp_path)


def write_geotiff(
    path: Path,
    epsg: int,
    *,
    projected: bool,
    vertical: tuple[tuple[int, int, int, int], ...] = (),
    **options: Any,
) -> Path:
    """Write the slope as a GeoTIFF whose values stand for the middle of their cells."""
    required("tifffile", find_spec("tifffile") is not None)
    import tifffile

    back = Transformer.from_crs(f"EPSG:{epsg}", "EPSG:4326", always_xy=True)
    forth = Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    west, north = forth.transform(-2.6, 54.7)
    step = 30.0 if projected else 0.0004
    x = west + (np.arange(300) + 0.5) * step
    y = north - (np.arange(260) + 0.5) * step
    longitude, latitude = back.transform(*np.meshgrid(x, y))
    key = (3072, 0, 1, epsg) if projected else (2048, 0, 1, epsg)
    keys: tuple[int, ...] = (
        1,
        1,
        0,
        3 + len(vertical),
        1024,
        0,
        1,
        1 if projected else 2,
        1025,
        0,
        1,
        1,
        *key,
    )
    keys += tuple(part for one in vertical for part in one)
    extra: list[Any] = [
        (33550, "d", 3, (step, step, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, west, north, 0.0), True),
        (34735, "H", len(keys), keys, True),
    ]
    grid = np.asarray(heights(np.asarray(latitude), np.asarray(longitude)), np.float32)
    grid[0, 0] = -9999
    extra.append((42113, "s", 0, "-9999", True))
    tifffile.imwrite(path, grid, extratags=extra, **options)
    return path


@pytest.mark.parametrize(
    ("epsg", "projected", "options"),
    [
        (4326, False, {}),
        (4326, False, {"compression": "deflate", "predictor": 3, "tile": (128, 128)}),
        (32630, True, {"compression": "lzw"}),
        (27700, True, {}),
    ],
)
def test_a_geotiff_gives_heights_between_its_values(
    tmp_path: Path, epsg: int, projected: bool, options: dict[str, Any]
) -> None:
    found = read_elevation_model(
        write_geotiff(tmp_path / "a.tif", epsg, projected=projected, **options)
    )
    rng = np.random.default_rng(2)
    latitude, longitude = rng.uniform(54.64, 54.68, 100), rng.uniform(-2.58, -2.5, 100)
    np.testing.assert_allclose(
        found.height_m(latitude, longitude), heights(latitude, longitude), atol=0.2
    )
    assert np.isnan(found.height_m(np.array([54.0]), np.array([-2.5])))[0]


def test_a_picture_without_a_place_is_no_geotiff(tmp_path: Path) -> None:
    required("tifffile", find_spec("tifffile") is not None)
    import tifffile

    tifffile.imwrite(tmp_path / "a.tif", np.zeros((20, 20), np.float32))
    with pytest.raises(ElevationError, match="states no position on the earth"):
        read_elevation_model(tmp_path / "a.tif")


def test_a_geotiff_is_handed_to_other_processes_by_a_file_and_stays_the_same(
    tmp_path: Path,
) -> None:
    found = read_elevation_model(write_geotiff(tmp_path / "a.tif", 27700, projected=True))
    (tmp_path / "spool").mkdir()
    handed = pickle.dumps(found.save_for_other_processes(tmp_path / "spool"))
    assert len(handed) < 2000
    here = np.array([54.65, 54.0]), np.array([-2.55, -2.5])
    np.testing.assert_array_equal(pickle.loads(handed).height_m(*here), found.height_m(*here))  # noqa: S301
    assert found.files == (tmp_path / "a.tif",)


def test_a_geotiff_says_what_its_heights_count_from_if_it_is_stated(tmp_path: Path) -> None:
    said = read_elevation_model(
        write_geotiff(tmp_path / "a.tif", 27700, projected=True, vertical=((4096, 0, 1, 5701),))
    )
    assert said.datum == "ODN height (EPSG:5701)"
    other = read_elevation_model(write_geotiff(tmp_path / "b.tif", 27700, projected=True))
    assert other.datum == "not stated"


def test_heights_in_feet_are_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", 27700, projected=True, vertical=((4099, 0, 1, 9002),))
    with pytest.raises(ElevationError, match="are not in metres"):
        read_elevation_model(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_damaged_geotiff_is_read_or_refused_by_name_and_takes_no_memory(
    tmp_path: Path, compression: str | None
) -> None:
    path = write_geotiff(tmp_path / "a.tif", 27700, projected=True, compression=compression)
    whole = path.read_bytes()
    chance = random.Random(3)  # noqa: S311 - the same damage every time
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 2, 4))):
            data[chance.randrange(min(len(data), 700))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        try:
            read_elevation_model(path)
        except ElevationError as error:
            assert str(error).startswith("a.tif: ")


def test_a_geotiff_that_states_more_heights_than_any_is_refused(tmp_path: Path) -> None:
    path = write_geotiff(tmp_path / "a.tif", 27700, projected=True)
    data = bytearray(path.read_bytes())
    # The tags of width and length: number, kind, count, value.
    for tag in (256, 257):
        heads = (tag.to_bytes(2, "little") + bytes((kind, 0, 1, 0, 0, 0)) for kind in (3, 4))
        at = next(data.index(head) for head in heads if head in data)
        data[at + 8 : at + 12] = (60_000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ElevationError, match="states 3,600,000,000 heights, which is too many"):
        read_elevation_model(path)
