"""Whoever follows docs/write-a-format.md has a format that keeps its promises."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import parsers
from parsers._file_content import Content

PAGE = Path(__file__).parents[1] / "docs" / "write-a-format.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
FIXES = [(1_778_749_318_000_000_000 + 10**9 * n, 50.6 + n / 1e4, -3.96) for n in range(5)]


@pytest.fixture
def beacon(tmp_path: Path) -> ModuleType:
    """Return the module of the page, loaded as one of the family it names."""
    path = tmp_path / "beacon.py"
    path.write_text(BLOCKS[0], "utf-8")
    spec = importlib.util.spec_from_file_location("parsers.dji.beacon", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sample(tmp_path: Path) -> Content:
    encoder: dict[str, object] = {}
    exec(compile(BLOCKS[1], PAGE.name, "exec"), encoder)  # noqa: S102 - the code of our own page
    path = tmp_path / "flight.bcn"
    write = encoder["write_beacon"]
    assert callable(write)
    write(path, FIXES)
    return parsers.open_content(path)


def test_the_page_has_a_module_and_an_encoder() -> None:
    assert len(BLOCKS) == 2
    assert BLOCKS[0].startswith("# parsers/dji/beacon.py\n")


def test_its_format_reads_its_sample(beacon: ModuleType, sample: Content) -> None:
    assert beacon.FORMAT.claims(sample)
    assert not any(known.claims(sample) for known in parsers.formats())
    log = beacon.FORMAT.read(sample, ())
    assert list(log.track.columns) == list(parsers.TRACK)
    assert log.track["latitude_deg"].tolist() == [latitude for _, latitude, _ in FIXES]
    assert log.track["time"].astype("int64").tolist() == [time for time, _, _ in FIXES]
    assert log.records("Fix")["longitude_deg"].tolist() == [-3.96] * 5
    assert log.track["source_offset"].tolist() == [8 + 24 * n for n in range(5)]
    assert not log.issues


def test_it_accounts_for_every_byte_of_every_prefix(beacon: ModuleType, sample: Content) -> None:
    data = bytes(sample.data)
    for size in range(len(data) + 1):
        part = Content(sample.name, data[:size])
        try:
            log = beacon.FORMAT.read(part, ())
        except parsers.LogError:
            assert size < 8 + 24
            continue
        ends = np.cumsum([span.size for span in log.coverage])
        assert [span.offset for span in log.coverage] == [0, *ends[:-1]]
        assert ends[-1] == size
        assert {span.kind for span in log.coverage} <= set(parsers.COVERAGE_KINDS)
        assert len(log.track) == (size - 8) // 24
        assert sum(issue.size for issue in log.issues) == (size - 8) % 24
