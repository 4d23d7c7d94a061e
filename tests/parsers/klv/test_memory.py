"""What a local set costs in memory, and that nothing of a long stream is held twice."""

import tracemalloc
from pathlib import Path

import pytest

from parsers import open_content
from parsers._file_content import Content
from parsers.klv import (
    _build_log,
    _find_local_sets,
    _klv_bytes_from_packets,
    _transport_stream_packets,
    local_sets,
    mpeg_ts,
)
from sample_logs import klv

#: Bytes that the tables and the index take of one local set, with room for one column more.
MOST_BYTES_A_SET = 600


COUNT = klv.INFRARED_FROM


def local_sets_of_circle() -> list[bytes]:
    """Return local sets of one sensor: where its name changes, an event is kept."""
    return [klv.local_set(klv.items(number)) for number in range(COUNT)]


def peak_of_reading(content: Content, is_transport_stream: bool) -> int:
    reader = mpeg_ts if is_transport_stream else local_sets
    tracemalloc.start()
    try:
        log = reader.FORMAT.read(content, ())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert log.record_counts


def bytes_of_memory_per_added_set(
    folder: Path, sets: bytes, times: tuple[int, int], is_transport_stream: bool
) -> float:
    """Return what one more local set takes: of a file of the same sets so many times, or more."""
    peaks = []
    for count in times:
        path = folder / f"{count}.klv"
        path.write_bytes(sets * count)
        peaks.append(peak_of_reading(open_content(path), is_transport_stream))
    fewer, more = times
    return (peaks[1] - peaks[0]) / ((more - fewer) * COUNT)


@pytest.mark.parametrize("is_transport_stream", [False, True])
def test_memory_grows_by_the_tables_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_transport_stream: bool
) -> None:
    # So that parts of a stream that are read at a time are small beside it.
    monkeypatch.setattr(_klv_bytes_from_packets, "_MOST_IN_MEMORY", 1 << 16)
    monkeypatch.setattr(_klv_bytes_from_packets, "_AT_ONCE", 1 << 10)
    monkeypatch.setattr(_transport_stream_packets, "_MOST_AT_ONCE", 1 << 10)
    monkeypatch.setattr(_find_local_sets, "_BATCH_SETS", 1 << 9)
    sets = local_sets_of_circle()
    once = b"".join(klv.transport_packets(iter(sets)) if is_transport_stream else sets)
    added = bytes_of_memory_per_added_set(tmp_path, once, (40, 120), is_transport_stream)
    assert added < MOST_BYTES_A_SET


def test_unfitting_checksums_are_no_object_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_build_log, "_MOST_ISSUES", 100)
    sets = b"".join(each[:-1] + bytes([each[-1] ^ 1]) for each in local_sets_of_circle())
    assert bytes_of_memory_per_added_set(tmp_path, sets, (60, 140), False) < MOST_BYTES_A_SET
    log = local_sets.FORMAT.read(open_content(tmp_path / "140.klv"), ())
    assert f"the checksums of {140 * COUNT} local sets do not fit" in log.issues[-1].reason
