"""A long log is read in portions whose pages are given back; it tells what it told before."""

import mmap
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import _bytes
from parsers.mavlink import _chain

LOGS = ("00000042.BIN", "2026-05-14 12-01-58.tlog", "log_42_2026-5-14-14-01-58.ulg")


@pytest.mark.parametrize("name", LOGS)
def test_a_log_read_in_portions_tells_the_same(
    name: str, sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = parsers.read(sample_logs / name)
    given_back: list[tuple[int, int]] = []
    release = _bytes._release

    def watch(data: mmap.mmap, start: int, end: int) -> None:
        given_back.append((start, end))
        release(data, start, end)

    monkeypatch.setattr(_bytes, "_release", watch)
    monkeypatch.setattr(_bytes, "SMALL", 0)
    monkeypatch.setattr(_chain, "SMALL", 0)
    monkeypatch.setattr(_chain, "PORTION", 4096)
    portions = parsers.read(sample_logs / name)
    for table in parsers.TABLES:
        pd.testing.assert_frame_equal(getattr(portions, table), getattr(whole, table))
    assert portions.coverage == whole.coverage
    assert portions.issues == whole.issues
    assert portions.record_counts == whole.record_counts
    for record in whole.record_counts:
        pd.testing.assert_frame_equal(portions.records(record), whole.records(record))
    assert any(0 < end - start <= 3 * 4096 for start, end in given_back)
