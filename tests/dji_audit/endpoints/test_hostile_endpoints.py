"""Paths, bundles, tables and archives made to cost much: time grows no faster than n log n."""

import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.endpoints import CatalogueError, HostOccurrence, scan_file
from dji_audit.endpoints._catalogue_entry import _matches_any_path
from dji_audit.endpoints._endpoint_overlay_files import parse_overlay
from dji_audit.endpoints._normalise_host_names import normalise_host


def pattern(paths: str) -> re.Pattern[str]:
    """Return what `_matches_any_path` means, as an expression that may take long."""
    parts = [re.escape(path.rstrip("/")).replace(r"\*", ".*") for path in paths.split()]
    return re.compile(rf"(?:{'|'.join(parts)})(?:/.*)?", re.DOTALL)


@given(
    st.lists(st.text("/ab*", min_size=1, max_size=7).map(lambda text: "/" + text), min_size=1,
             max_size=2),
    st.text("/ab", max_size=10).map(lambda text: "/" + text),
)  # fmt: skip
def test_a_path_with_asterisks_matches_what_an_expression_would(
    paths: list[str], path: str
) -> None:
    wanted = " ".join(paths)
    assert _matches_any_path(wanted, path) is (pattern(wanted).fullmatch(path) is not None)


def cost_s(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def hold_growth(work: Callable[[int], Callable[[], object]], small: int, large: int) -> None:
    """Hold that the cost grows with the size, with room for a busy machine."""
    before = max(min(cost_s(work(small)) for _ in range(2)), 0.004)
    after = min(cost_s(work(large)) for _ in range(2))
    assert after < 4 * (large / small) * before


@pytest.mark.parametrize("path", ["a", "ab", "a/", "/"])
def test_the_cost_of_a_path_grows_with_its_length(path: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = "/" + path * (size // len(path)) + "x"
        return lambda: _matches_any_path("/*a*a*a*b /a*/a*/a*/y", text)

    hold_growth(work, 20_000, 2_000_000)


def stix(pattern_: str) -> bytes:
    indicator = {"type": "indicator", "id": "indicator--1", "pattern": pattern_}
    return json.dumps({"type": "bundle", "objects": [indicator]}).encode()


ROW = "indicator,source\n"


@pytest.mark.parametrize(
    ("whole", "unit"),
    [
        ("[domain-name:value = '#", "a"),
        ("[domain-name:value = '#", "\\\\"),
        ("[#]", "domain-name:value = "),
        ("[domain-name:value#]", " "),
        ("[#]", "url:value='"),
        ("[#]", "domain-name:value = 'a.example.org' OR "),
    ],
)
def test_the_cost_of_a_bundle_grows_with_its_patterns(whole: str, unit: str) -> None:
    before, after = whole.split("#")

    def work(size: int) -> Callable[[], object]:
        data = stix(before + unit * (size // len(unit)) + after)

        def read() -> None:
            try:
                parse_overlay(data, "bundle.json")
            except CatalogueError:
                return

        return read

    hold_growth(work, 10_000, 300_000)


@pytest.mark.parametrize(
    "unit", ["host#.example.org,me\n", "a.example.org,me\n", "a-.example.org,me\n", ",\n", '"'],
)  # fmt: skip
def test_the_cost_of_a_table_grows_with_its_rows(unit: str) -> None:
    def work(size: int) -> Callable[[], object]:
        rows = (unit.replace("#", str(number)) for number in range(size // len(unit)))
        data = (ROW + "".join(rows)).encode()

        def read() -> None:
            try:
                parse_overlay(data, "list.csv")
            except CatalogueError:
                return

        return read

    hold_growth(work, 10_000, 200_000)


@pytest.mark.parametrize("name", ["a" * 1_000_000, "." * 1_000_000, "\u3002" * 1_000_000,
                                  "xn--" + "a" * 999, "\u00e4" * 999, ":" * 1_000_000])  # fmt: skip
def test_a_long_name_is_no_host_at_once(name: str) -> None:
    assert cost_s(lambda: normalise_host(name)) < 0.5


def searched(path: Path) -> tuple[list[HostOccurrence], list[str]]:
    skipped: list[str] = []
    return list(scan_file(path, skipped.append)), skipped


def test_an_archive_of_many_bombs_is_looked_at_only_as_far_as_its_size_allows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bombs.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(40):
            archive.writestr(f"{number:02d}", bytes(1 << 20))
        archive.writestr("last", b"mydjiflight.dji.com")
    assert path.stat().st_size < 60_000
    begun = time.process_time()
    _, skipped = searched(path)
    assert time.process_time() - begun < 10
    assert skipped[-1] == "last: not unpacked: the archive unpacks to too many bytes"
    assert skipped[0].endswith("bytes were searched")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_whose_size_cannot_be_bounded_is_said_to_be_left_out(
    tmp_path: Path, method: int
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a", bytes(1 << 20))
    _, skipped = searched(path)
    assert skipped == ["a: not unpacked: packed by a method other than deflate"]
