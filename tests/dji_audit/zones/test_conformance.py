"""What every zone format promises, on every sample of it: one test each.

Formats are found, not listed, and one without a sample fails.
"""

import ast
import math
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import parsers
from dji_audit import zones
from dji_audit.zones import (
    Circle,
    Corridor,
    Point,
    Polygon,
    VerticalDatum,
    ZoneError,
    ZoneFile,
    load_zones,
    read_zone_content,
    read_zones_of_file,
    zone_formats,
)
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from tests.conftest import ROOT, SAMPLES, required

#: Files beside the real samples that hold no zones, and what the refusal says of each.
REFUSED = {
    "MANIFEST.tsv": "unknown format",
    "mavsdk_qgc_WRONG_version.plan": r"version: input should be 1, found '42'",
    "qgc_PolygonBadXml.kml": "begins b'Incorrectly formed XML",
    "uk_ahsparrow_airspace.yaml": "YAML",
    "uk_ahsparrow_rat.yaml": "YAML",
}
#: A file without a zone: the path of a proposed flight, with a comma in its polygon that belongs to
#: no position.
WITHOUT_ZONE = "uk_test-flight.kml"
SYNTHETIC = sorted((ROOT / "sample_logs" / "zones").iterdir())
REAL = [
    path
    for path in sorted((SAMPLES / "zones").glob("*"))
    if path.name not in (*REFUSED, WITHOUT_ZONE) and not path.name.startswith("ed318_Schema")
]


@pytest.fixture(scope="module", params=[*SYNTHETIC, *REAL], ids=lambda path: str(path.name))
def path(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


@pytest.fixture(scope="module")
def found(path: Path) -> ZoneFile:
    return read_zones_of_file(path)


def claims(path: Path) -> list[str]:
    document = ZoneFileAsTextJsonAndXml(parsers.open_content(path))
    return [known.name for known in zone_formats() if known.claims(document)]


def test_every_format_has_a_synthetic_sample() -> None:
    claimed = {name for path in SYNTHETIC for name in claims(path)}
    assert claimed == {known.name for known in zone_formats()}


def test_the_real_samples_are_here() -> None:
    required("the folder of zone samples", bool(REAL))
    assert len(REAL) > 20


def test_every_format_says_what_it_is_and_where_its_facts_come_from() -> None:
    for known in zone_formats():
        assert known.name == known.name.lower().strip()
        assert known.title.strip()
        assert known.reference.strip()


def test_a_format_imports_no_format() -> None:
    folder = Path(zones.__file__).parent / "formats"
    public = {one.stem for one in folder.glob("*.py") if not one.name.startswith("_")}
    assert len(public) == len(zone_formats())
    for name in public:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.rpartition(".")[2] not in public


def test_exactly_one_format_claims_a_sample(path: Path) -> None:
    assert len(claims(path)) == 1


def test_the_source_is_the_file(path: Path, found: ZoneFile) -> None:
    content = parsers.open_content(path)
    assert (found.source.name, found.source.sha256) == (path.name, content.sha256)
    assert [found.source.format] == claims(path)
    assert all(zone.source == found.source for zone in found.zones)


def points_of(found: ZoneFile) -> list[Point]:
    points: list[Point] = []
    for zone in found.zones:
        for shape in zone.shape:
            if isinstance(shape, Circle):
                points.append(shape.centre)
            elif isinstance(shape, Polygon):
                for ring in (shape.outer, *shape.holes):
                    points += ring.points
            else:
                points += shape.points
    return points


def test_every_point_is_on_the_earth_and_every_size_is_one(found: ZoneFile) -> None:
    for latitude, longitude in points_of(found):
        assert abs(latitude) <= 90
        assert abs(longitude) <= 180
    for zone in found.zones:
        assert zone.shape
        for shape in zone.shape:
            if isinstance(shape, Circle):
                assert 0 < shape.radius_m < math.inf
            elif isinstance(shape, Corridor):
                assert shape.half_width_m > 0
            else:
                for ring in (shape.outer, *shape.holes):
                    assert ring.points[0] != ring.points[-1]
                    assert all(0 <= arc.edge < len(ring.points) for arc in ring.arcs)


def test_a_limit_without_a_value_has_no_number(found: ZoneFile) -> None:
    for zone in found.zones:
        for limit in (zone.lower, zone.upper):
            valueless = limit.datum in (VerticalDatum.SURFACE, VerticalDatum.UNLIMITED)
            assert (limit.value is None) == (limit.unit is None)
            assert limit.value is None or not valueless
            assert limit.value is not None or valueless or limit.datum is VerticalDatum.NOT_STATED
            assert limit.value is None or limit.metres is not None


def test_every_zone_is_named_and_found_again(found: ZoneFile) -> None:
    paths = [zone.path for zone in found.zones]
    assert len(set(paths)) == len(paths)
    for zone in found.zones:
        assert zone.id.strip()
        assert zone.name.strip()
        for period in zone.schedule:
            for instant in (period.start, period.end):
                assert instant is None or instant.tzinfo is not None
    assert all(left.path and left.reason for left in found.skipped)


def test_reading_twice_gives_the_same(path: Path, found: ZoneFile) -> None:
    assert read_zones_of_file(path) == found


# Damage


def check(path: Path, data: bytes, most: int) -> None:
    """Hold that bytes are read whole or refused with the file's name and a reason."""
    try:
        again = read_zone_content(parsers.Content(path.name, data))
    except ZoneError as error:
        assert str(error).startswith(f"{path.name}: ")
        assert len(str(error)) > len(path.name) + 10
        return
    assert len(again.zones) <= most


def rng(path: Path, what: str) -> random.Random:
    seed = zlib.crc32(f"{path.name} {what}".encode())
    return random.Random(seed)  # noqa: S311 - the same every time is what is wanted


def rounds(path: Path) -> int:
    return 25 if path in SYNTHETIC else 1 if path.stat().st_size < 100_000 else 0


def test_every_prefix_reads_or_is_refused(path: Path, found: ZoneFile) -> None:
    data = path.read_bytes()
    for _ in range(rounds(path)):
        check(path, data[: rng(path, f"cut {_}").randrange(len(data))], len(found.zones))


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(4):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def delete_a_block(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.randrange(1, 200)]


def zero_a_block(data: bytearray, chance: random.Random) -> None:
    at, size = chance.randrange(len(data)), chance.randrange(1, 50)
    data[at : at + size] = bytes(len(data[at : at + size]))


def double_a_block(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = data[at : at + chance.randrange(1, 200)]


@pytest.mark.parametrize("mutate", [flip_bits, delete_a_block, zero_a_block, double_a_block])
def test_a_mutation_reads_or_is_refused(
    path: Path, found: ZoneFile, mutate: Callable[[bytearray, random.Random], None]
) -> None:
    chance = rng(path, mutate.__name__)
    for _ in range(rounds(path)):
        data = bytearray(path.read_bytes())
        mutate(data, chance)
        # A block that stands twice may hold one zone more, and a changed byte make one.
        check(path, bytes(data), len(found.zones) + 2)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_zone_file_is_refused_with_the_reason(name: str) -> None:
    required("the folder of zone samples", (SAMPLES / "zones").is_dir())
    with pytest.raises(ZoneError, match=REFUSED[name]):
        read_zones_of_file(SAMPLES / "zones" / name)


def test_a_file_of_which_all_is_left_out_says_what_it_was() -> None:
    required("the folder of zone samples", (SAMPLES / "zones").is_dir())
    path = SAMPLES / "zones" / WITHOUT_ZONE
    told = r"holds no zone; .* placemark 1: polygon 1, position 1: expected longitude,latitude"
    with pytest.raises(ZoneError, match=told):
        load_zones([path])


@pytest.mark.parametrize("data", [b"", b"{", b"<", b"PK", b"\xff\xfe", b"[]", b"{}", bytes(5000)])
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneError, match="nonsense: "):
        read_zone_content(parsers.Content("nonsense", data))
