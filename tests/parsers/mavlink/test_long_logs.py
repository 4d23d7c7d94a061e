"""A long log is read in portions whose pages are given back; it tells what it told before.

Offsets are 64 bits wide in logs of more than 4 GB: they are made so here in short ones.
"""

import mmap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import _file_content
from parsers.mavlink._shared import _record_framing
from parsers.mavlink.dataflash import _index_binary_log
from parsers.mavlink.tlog import _frame_header_columns

LOGS = ("00000042.BIN", "2026-05-14 12-01-58.tlog", "log_42_2026-5-14-14-01-58.ulg")


@pytest.mark.parametrize("name", LOGS)
def test_a_log_read_in_portions_tells_the_same(
    name: str, sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = parsers.read(sample_logs / name)
    given_back: list[tuple[int, int]] = []
    release = _file_content._release_mapped_memory_range

    def watch(data: mmap.mmap, start: int, end: int) -> None:
        given_back.append((start, end))
        release(data, start, end)

    monkeypatch.setattr(_file_content, "_release_mapped_memory_range", watch)
    monkeypatch.setattr(_file_content, "RESIDENT_SIZE", 0)
    monkeypatch.setattr(_record_framing, "RESIDENT_SIZE", 0)
    monkeypatch.setattr(_record_framing, "COPY_BYTES", 4096)
    monkeypatch.setattr(_record_framing, "_READ_AROUND_BYTES", 0)
    monkeypatch.setattr(_record_framing, "_LEAST_ROWS", 1)
    check_same(parsers.read(sample_logs / name), whole)
    assert any(0 < end - start <= 3 * 4096 for start, end in given_back)


@pytest.mark.parametrize("name", LOGS)
def test_a_log_read_with_wide_offsets_in_small_blocks_tells_the_same(
    name: str, sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = parsers.read(sample_logs / name)
    asked: list[int] = []

    def wide(size: int) -> type[np.int64]:
        asked.append(size)
        return np.int64

    for module in (_record_framing, _index_binary_log, _frame_header_columns):
        monkeypatch.setattr(module, "narrowest_offset_dtype", wide)
    monkeypatch.setattr(_record_framing, "BLOCK", 512)
    check_same(parsers.read(sample_logs / name), whole)
    assert asked


def test_offsets_are_wide_where_an_end_might_not_fit() -> None:
    assert _record_framing.narrowest_offset_dtype(4_200_000_000) is np.uint32
    assert _record_framing.narrowest_offset_dtype((1 << 32) - 1) is np.int64
    assert _record_framing.narrowest_offset_dtype(5_000_000_000) is np.int64


def test_places_of_keys_are_the_same_whatever_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = np.random.default_rng(1).integers(0, 40, 5000).astype(np.uint16)
    monkeypatch.setattr(_record_framing, "BLOCK", 64)
    found = _record_framing.rows_of_each_key(keys)
    assert list(found) == sorted(set(keys.tolist()))
    for key, places in found.items():
        np.testing.assert_array_equal(places, np.flatnonzero(keys == key))
    assert not _record_framing.rows_of_each_key(np.empty(0, np.uint8))


def check_same(portions: parsers.Log, whole: parsers.Log) -> None:
    """Hold a log to tell what another one tells."""
    for table in parsers.TABLES:
        pd.testing.assert_frame_equal(getattr(portions, table), getattr(whole, table))
    assert portions.coverage == whole.coverage
    assert portions.issues == whole.issues
    assert portions.record_counts == whole.record_counts
    for record in whole.record_counts:
        pd.testing.assert_frame_equal(portions.records(record), whole.records(record))
