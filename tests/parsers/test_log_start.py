"""A log is read although its head is lost or lies behind junk, and nothing else is made a log."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Content, FileReading, Keychains, _formats
from parsers._file_content import open_content
from parsers._log_in_file import _filler_bytes, _log_start_offset
from tests.conftest import ROOT

CHAINED = {
    "app flight record": "DJIFlightRecord_2026-05-14_[10-01-58].txt",
    "encrypted app flight record": "DJIFlightRecord_2026-05-14_[10-01-58]_v14.txt",
    "on-board log": "FLY042.DAT",
    "DataFlash log": "00000042.BIN",
    "telemetry log": "2026-05-14 12-01-58.tlog",
    "ULog": "log_42_2026-5-14-14-01-58.ulg",
}
#: Files of which some lines or blocks are enough, and a video.
OTHERS = (
    "DJI_20260514100443_0001_D.SRT",
    "DJI_20260514100443_0001_D.MP4",
    "May-14th-2026-10-01AM-Flight-Airdata.csv",
    "DJI_202605141001_001_Timestamp.MRK",
)


def junk(kind: str, size: int) -> bytes:
    """Return bytes that are no log."""
    if kind == "random":
        return np.random.default_rng(size).bytes(size)
    block = {"zeros": b"\0", "erased": b"\xff", "block": b"\x00\x01\x02\x03\xff"}[kind]
    return (block * (size // len(block) + 1))[:size]


def keys_of(path: Path) -> tuple[Keychains, ...]:
    beside = path.with_name(path.name + ".keychains.json")
    return (parsers.load_keychains(beside.read_bytes()),) if beside.exists() else ()


def read(name: str, data: bytes, keys: Sequence[Keychains] = ()) -> FileReading:
    reading = _formats.read_content(Content(name, data), keys)
    end = 0
    for span in reading.account.coverage:
        assert (span.offset, span.size > 0) == (end, True)
        end += span.size
    assert end == reading.account.size == len(data)
    gaps = reading.account.coverage_sizes.get("gap", 0)
    assert gaps <= sum(issue.size for issue in reading.account.issues)
    return reading


@pytest.mark.parametrize("kind", ["zeros", "random"])
@pytest.mark.parametrize("size", [16, 512, 4096])
@pytest.mark.parametrize("what", CHAINED)
def test_a_log_with_an_overwritten_head_is_read_from_its_first_records(
    sample_logs: Path, what: str, size: int, kind: str
) -> None:
    path = sample_logs / CHAINED[what]
    data, keys = path.read_bytes(), keys_of(path)
    whole = parsers.read(path, keys=keys)
    reading = read(path.name, junk(kind, size) + data[size:], keys)
    if (what, size) == ("DataFlash log", 4096):  # which is where all its definitions were
        assert "the definitions are gone" in str(reading.account.error)
        return
    (log,) = reading.logs
    assert log.source.format == whole.source.format
    assert log.source.sha256 == reading.account.sha256
    if size > 16:  # the date of the firmware, which makes an on-board log known, stands behind
        assert any(issue.offset <= size and issue.size for issue in log.issues)
    if log.track_record != whole.track_record:
        # The definitions of the positions were in the head: that is said, or what stands in.
        said = ("stands in for", "definitions are gone", "has no definition in the log")
        assert any(each in issue.reason for each in said for issue in log.issues)
        return
    # Each fix is one of the whole log, at the same byte; those behind the damage are all there.
    at = log.track["source_offset"].to_numpy()
    known = whole.track.set_index("source_offset")
    assert set(at) <= set(known.index)
    assert set(known.index[known.index > size + 1024]) <= set(at)
    for column in ("latitude_deg", "longitude_deg"):
        assert np.array_equal(
            log.track[column].to_numpy(), known.loc[at, column].to_numpy(), equal_nan=True
        )


@pytest.mark.parametrize(("kind", "size"), [("zeros", 70_000), ("erased", 5000), ("block", 7001)])
@pytest.mark.parametrize("name", [*CHAINED.values(), *OTHERS])
def test_a_log_behind_filling_is_read_whole_and_the_filling_is_listed(
    sample_logs: Path, name: str, kind: str, size: int
) -> None:
    path = sample_logs / name
    data, keys = path.read_bytes(), keys_of(path)
    whole = parsers.read(path, keys=keys)
    (log,) = read(name, junk(kind, size) + data, keys).logs
    assert log.record_counts == whole.record_counts
    for table in ("track", "events", "captures"):
        before, after = getattr(whole, table), getattr(log, table)
        columns = [each for each in before.columns if each not in ("source_offset", "text")]
        assert before[columns].equals(after[columns]), table
    moved = log.track["source_offset"] - whole.track["source_offset"]
    assert (moved == size).all()
    assert any(issue.offset == 0 and issue.size >= size for issue in log.issues)
    assert all(span.kind in ("padding", "gap") for span in log.coverage if span.offset < size - 8)


@pytest.mark.parametrize("kind", ["zeros", "random"])
@pytest.mark.parametrize("size", [20, 512, 4096])
@pytest.mark.parametrize("suffix", ["pcap", "pcapng"])
def test_a_capture_with_an_overwritten_head_is_read_from_its_first_packets(
    sample_logs: Path, suffix: str, size: int, kind: str
) -> None:
    path = sorted((sample_logs / "network").glob(f"*.{suffix}"))[0]
    data = path.read_bytes()
    whole = parsers.read(path)
    reading = read(path.name, junk(kind, size) + data[size:])
    (log,) = reading.logs
    assert log.source.format == whole.source.format
    assert log.source.format_version == "not known (its header is lost)"
    assert "lost" in log.issues[1].reason
    assert log.issues[0].offset + log.issues[0].size <= size + 2000
    ends = log.contacts["source_offset"], whole.contacts["source_offset"]
    behind = [set(offsets[offsets > size + 2000]) for offsets in ends]
    assert behind[0] == behind[1] != set()
    assert log.contacts["time"].max() == whole.contacts["time"].max()


def test_records_behind_junk_are_those_of_the_log_with_offsets_in_the_file(
    sample_logs: Path,
) -> None:
    path = sample_logs / CHAINED["ULog"]
    whole = parsers.read(path)
    (log,) = read(path.name, bytes(999) + path.read_bytes()).logs
    for name in whole.record_counts:
        before, after = whole.records(name), log.records(name)
        assert (after["offset"] - before["offset"] == 999).all()
    assert log.monotonic_counters[0].offsets[0] == whole.monotonic_counters[0].offsets[0] + 999


def test_a_dataflash_log_without_definitions_is_named_as_that(sample_logs: Path) -> None:
    path = sample_logs / CHAINED["DataFlash log"]
    log = parsers.read(path)
    data = bytearray(path.read_bytes())
    for at in log.records("FMT")["offset"]:
        data[at : at + 3] = b"\0\0\0"
    reading = read(path.name, bytes(data))
    assert (reading.logs, reading.account.format) == ((), "dataflash")
    assert "the definitions are gone" in str(reading.account.error)


def test_the_shared_case_without_definitions_is_named_as_that(samples: Path) -> None:
    reading = parsers.read_file(samples.parent / "cases" / "mav_ap26900_no_fmt" / "log.bin")
    assert reading.account.format == "dataflash"
    assert "the definitions are gone" in str(reading.account.error)


def test_the_shared_case_with_zeros_first_has_all_its_records(samples: Path) -> None:
    log = parsers.read(samples.parent / "cases" / "mav_dataflash_late_start" / "zero_first.bin")
    assert sum(log.record_counts.values()) == 5340
    assert any((issue.offset, issue.size) == (0, 70_000) for issue in log.issues)


NO_LOGS = {
    "random": np.random.default_rng(7).bytes(300_000),
    "letters": bytes(np.random.default_rng(8).integers(65, 91, 300_000, dtype=np.uint8)),
    "text": b"It was a quiet day; nothing flew, and nobody saw 12.5, 55.1 of it.\n" * 4000,
    "frames of one kind": b"\xff" + b"\x01\x01\x00\xff" * 60_000,
    "data of one kind": b"\x02\x00D\x01\x02" * 60_000,
    "headers of one kind": b"\xa3\x95\x01" * 60_000,
    "marks of frames": bytes(
        np.where(
            np.random.default_rng(9).random(300_000) < 0.3,
            0xFE,
            np.random.default_rng(10).integers(0, 256, 300_000),
        ).astype(np.uint8)
    ),
}


@pytest.mark.parametrize("what", NO_LOGS)
def test_bytes_that_are_no_log_stay_unknown(what: str) -> None:
    reading = read("image.bin", b"\x07\x03" + NO_LOGS[what])
    assert (reading.account.file_class, reading.logs) == ("unknown", ())


def test_a_log_that_is_too_large_to_be_copied_is_named(
    sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_formats, "MOST_COPIED", 1000)
    data = (sample_logs / CHAINED["ULog"]).read_bytes()
    reading = read("a.ulg", bytes(100) + data)
    assert "begins at byte 100; it is too large" in str(reading.account.error)


def test_filling_is_measured_exactly() -> None:
    for block, tail in itertools.product((b"\0", b"\xff", b"ab", b"abc" * 100), (b"", b"Z")):
        filling = block * 50
        array = np.frombuffer(filling + tail, np.uint8)
        period = len(block) if block != b"abc" * 100 else 3
        assert _filler_bytes.leading_filler_size_and_period(array) == (len(filling), period)
    assert _filler_bytes.leading_filler_size_and_period(
        np.frombuffer(b"no filling at all here", np.uint8)
    ) == (0, 0)
    assert _filler_bytes.leading_filler_size_and_period(np.empty(0, np.uint8)) == (0, 0)


def test_a_search_of_a_large_file_is_bounded_and_reaches_its_end(tmp_path: Path) -> None:
    path = tmp_path / "image.bin"
    size = 3 << 30
    with path.open("wb") as file:
        file.write(b"\x01\x02")
        file.truncate(size)
    array = open_content(path).array
    windows = list(_log_start_offset.windows_to_search_with_offsets(array, 100))
    assert [begin for begin, _ in windows] == [0]
    begins = range(0, size, _log_start_offset.SEARCH_WINDOW)
    assert len(begins) > 2 * _log_start_offset.SPREAD_WINDOWS


@pytest.mark.parametrize("kind", ["zeros", "erased", "block"])
@pytest.mark.parametrize("name", [*CHAINED.values(), OTHERS[0], OTHERS[2]])
def test_a_long_tail_of_filling_is_left_out_and_listed(
    sample_logs: Path, tmp_path: Path, name: str, kind: str
) -> None:
    source = sample_logs / name
    path, keys, size = tmp_path / name, keys_of(source), 3 << 20
    data = source.read_bytes()
    path.write_bytes(data + junk(kind, size))
    whole, reading = parsers.read(source, keys=keys), parsers.read_file(path, keys=keys)
    (log,) = reading.logs
    assert (log.source.size, log.source.sha256) == (len(data) + size, open_content(path).sha256)
    assert (reading.account.size, reading.account.sha256) == (log.source.size, log.source.sha256)
    # A subtitle may be cut by the filling behind it, and a table may end with a torn line.
    assert len(whole.track) - len(log.track) in (0, 1)
    assert (
        log.track["source_offset"].tolist()
        == whole.track["source_offset"].tolist()[: len(log.track)]
    )
    tail = reading.account.coverage[-1]
    assert (tail.kind, tail.offset + tail.size) == ("padding", len(data) + size)
    assert tail.size >= size - _filler_bytes.KEPT_OF_TAIL - 300
    assert any((issue.offset, issue.size) == tail[:2] for issue in log.issues)
    read(name, path.read_bytes(), keys)  # in memory, and with an account of every byte


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(9000))
    content = open_content(path)
    assert len(content.truncated_to_first_bytes(100)) == 100
    path.write_bytes(bytes(9001))
    with pytest.raises(OSError, match="changed"):
        content.truncated_to_first_bytes(100)


@pytest.mark.parametrize("size", [0, 15, 16, 17, 4096, 4097, 100_000])
@pytest.mark.parametrize("block", [b"\0", b"\xff", b"abc", bytes(range(1, 200))])
def test_a_tail_of_filling_is_measured_exactly(block: bytes, size: int) -> None:
    head = bytes(np.random.default_rng(1).integers(200, 250, 5000, dtype=np.uint8))
    tail = (block * (size // len(block) + 1))[:size]
    array = np.frombuffer(head + tail, np.uint8)
    least = max(16, 4 * len(block), 16 + len(block) if len(block) > 1 else 0)
    expected = (size, len(block)) if size >= least else (0, 0)
    assert _filler_bytes.trailing_filler_size_and_period(array) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAINED.values())
def test_two_gigabytes_of_zeros_cost_little_time_and_memory(
    sample_logs: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes((sample_logs / name).read_bytes())
    os.truncate(path, path.stat().st_size + (2 << 30))
    program = (
        "import re, sys, parsers; log = parsers.read_file(sys.argv[1]).logs[0];"
        # getrusage would count the memory of this process too, which started that one.
        "status = open('/proc/self/status').read();"
        r"print(len(log.track), int(re.search(r'VmHWM:\s*(\d+) kB', status)[1]) // 1024)"
    )
    began = time.monotonic()
    printed = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    ).stdout.split()  # fmt: skip
    assert int(printed[0]) == len(parsers.read(sample_logs / name).track)
    assert int(printed[1]) < 300
    # Most of it is the hash of the whole file.
    assert time.monotonic() - began < 60
