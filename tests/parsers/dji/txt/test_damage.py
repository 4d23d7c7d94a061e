"""Damage costs what it touches, is told, and never makes a row."""

import struct
import zlib

import numpy as np
import pandas as pd
import pytest

from parsers import Log, LogError
from sample_logs import dji_bodies, dji_txt, jpeg
from sample_logs.dji_txt import Details, Encoded
from tests.parsers.dji.txt.made import flight, keychains, only, read_bytes

DETAILS = Details(
    aircraft_name="MOOR 7",
    aircraft_serial="SYNTHETIC0000001",
    start_ms=1_747_213_318_242,
    latitude_deg=50.6,
    longitude_deg=-3.96,
    product=42,
)
FIXES = 100


def whole(version: int = 11) -> Encoded:
    return dji_txt.lay_out(version, flight(FIXES), details=DETAILS)


def reasons(log: Log) -> str:
    return "; ".join(issue.reason for issue in log.issues)


def check(log: Log) -> None:
    at = 0
    for span in log.coverage:
        assert span.offset == at
        at += span.size
    assert at == log.source.size


@pytest.mark.parametrize("stated", [0, 10, 1 << 33])
def test_details_are_found_where_the_prefix_does_not_place_them(stated: int) -> None:
    data = whole().data
    log = read_bytes(struct.pack("<Q", stated) + data[8:])
    pd.testing.assert_frame_equal(log.track, read_bytes(data).track)
    assert log.aircraft.serial == "SYNTHETIC0000001"
    assert "; found at " in reasons(log)
    assert ("never finished" in reasons(log)) == (stated == 0)
    check(log)


@pytest.mark.parametrize("version", [7, 11, 13, 14])
def test_a_file_that_ends_between_two_records_is_cut_short(version: int) -> None:
    made = whole(version)
    assert not read_bytes(made.data).is_truncated
    log = read_bytes(made.data[: made.frames[len(made.frames) // 2].offset])
    assert log.is_truncated
    assert not any(issue.size for issue in log.issues)
    assert log.encrypted == (version >= 13)
    assert len(log.track) < FIXES


@pytest.mark.parametrize("stated", [0, 1 << 33])
def test_without_details_all_records_are_read_all_the_same(stated: int) -> None:
    data = whole().data
    log = read_bytes(struct.pack("<Q", stated) + data[8:-404])
    pd.testing.assert_frame_equal(log.track, read_bytes(data).track)
    assert log.header_summary is None
    assert log.aircraft.name is None
    assert log.issues
    check(log)


def test_a_cut_file_tells_the_records_before_the_cut_and_where_it_ends() -> None:
    made = whole()
    for number in (5, 50, 150):
        frame = made.frames[number]
        cut = frame.offset + 5
        log = read_bytes(made.data[:cut])
        assert sum(log.record_counts.values()) == number
        assert log.coverage[-1].kind == "gap"
        assert (log.coverage[-1].offset, log.coverage[-1].size) == (frame.offset, 5)
        assert "cut short" in reasons(log)
        assert f"the file ends at byte {cut}" in reasons(log)


def test_one_flipped_length_costs_one_record() -> None:
    made = whole()
    for number in range(6, 60, 9):
        frame = made.frames[number]
        data = bytearray(made.data)
        data[frame.offset + 1] ^= 0x10
        log = read_bytes(bytes(data))
        assert sum(log.record_counts.values()) == len(made.frames) + 1 - 1
        gap = [span for span in log.coverage if span.kind == "gap"]
        assert [(span.offset, span.size) for span in gap] == [(frame.offset, frame.size)]


def test_a_zeroed_block_costs_what_it_touches_and_no_more() -> None:
    made = whole()
    data, begin, end = bytearray(made.data), 3000, 3600
    data[begin:end] = bytes(end - begin)
    log = read_bytes(bytes(data))
    touched = [
        frame for frame in made.frames if frame.offset < end and frame.offset + frame.size > begin
    ]
    assert sum(log.record_counts.values()) == len(made.frames) + 1 - len(touched)
    (gap,) = [span for span in log.coverage if span.kind == "gap"]
    assert gap.offset == touched[0].offset
    assert gap.offset + gap.size == touched[-1].offset + touched[-1].size
    assert [(issue.offset, issue.size) for issue in log.issues] == [(gap.offset, gap.size)]


@pytest.mark.parametrize("version", [7, 11, 12, 14])
def test_no_flip_of_a_bit_makes_a_fix_that_was_not_there(version: int) -> None:
    """From version 7 on the trailer forbids it; before, a byte may turn a type into another."""
    groups = [dji_txt.fake_keys(version, (1, 3, 5))] if version >= 13 else []
    data = dji_txt.encode(version, flight(20), details=DETAILS, keys=groups)
    keys = [keychains(groups)] if groups else []
    random = np.random.default_rng(zlib.crc32(f"flip {version}".encode()))
    fewer = 0
    for at in random.integers(0, len(data), 150).tolist():
        hurt = bytearray(data)
        hurt[at] ^= 1 << int(random.integers(0, 8))
        try:
            log = read_bytes(bytes(hurt), keys)
        except LogError:
            assert at < 100
            continue
        assert len(log.track) <= 20
        fewer += len(log.track) < 20
        check(log)
    assert fewer > 0


def test_two_segments_in_one_file_are_both_read() -> None:
    first, second = flight(30), flight(60)[90:]
    head = dji_txt.encode(11, first)[:-400]
    rest = dji_txt.lay_out(11, second, details=DETAILS)
    data = head + rest.data[100:]
    data = struct.pack("<Q", len(data) - 400) + data[8:]
    log = read_bytes(data)
    assert len(log.track) == 60
    assert log.issues == ()
    check(log)


def test_what_is_appended_after_details_is_read_and_lies_outside_the_flight() -> None:
    made = whole()
    firmware = dji_bodies.firmware([(3, 0, (9, 9, 9, 9))])
    framed = dji_txt.scramble(15, firmware, 0x11)
    log = read_bytes(made.data + struct.pack("<BB", 15, len(framed)) + framed + b"\xff")
    row = only(log.events[log.events.kind == "firmware"])
    assert "9.9.9.9" in row.text
    assert row.time is pd.NaT
    pd.testing.assert_frame_equal(log.track, read_bytes(made.data).track)
    assert log.issues == ()


def test_the_two_digests_that_old_apps_append_are_kept_and_no_gap() -> None:
    digests = (b"0123456789ABCDEF0123456789ABCDEF01234567".ljust(64, b"\0")) * 2
    log = read_bytes(whole(10).data + digests)
    assert log.coverage[-1].kind == "opaque"
    assert log.coverage[-1].size == 128
    assert log.issues == ()


def test_bytes_of_no_known_use_after_details_are_a_gap() -> None:
    log = read_bytes(whole().data + b"what is this" * 3)
    assert (log.coverage[-1].kind, log.coverage[-1].size) == ("gap", 36)
    assert [issue.size for issue in log.issues] == [36]


def test_pictures_are_kept_as_what_they_are() -> None:
    pictures = [jpeg.tiny(8, 8), jpeg.tiny(1, 1)]
    data = dji_txt.encode(11, flight(5), details=DETAILS, pictures=pictures)
    log = read_bytes(data)
    media = [span for span in log.coverage if span.kind == "media"]
    assert sum(span.size for span in media) == sum(map(len, pictures))
    assert data[media[0].offset : media[0].offset + 2] == b"\xff\xd8"


def test_a_picture_without_an_end_is_taken_to_the_end_and_not_beyond() -> None:
    data = dji_txt.encode(11, flight(5), details=DETAILS)[:-400] + b"\xff\xd8\xff\xe0" + bytes(50)
    log = read_bytes(struct.pack("<Q", 0) + data[8:])
    check(log)
    assert len(log.track) == 5


def test_a_file_that_is_all_prefix_reads_as_a_log_of_nothing() -> None:
    log = read_bytes(whole().data[:100])
    assert log.track.empty
    assert log.record_counts == {}
    assert log.issues
    assert log.clock.source is None


def test_much_damage_is_told_and_does_not_take_long() -> None:
    """Random bytes after a good prefix: no length of theirs is believed."""
    random = np.random.default_rng(1)
    data = struct.pack("<QHBB", 0, 400, 11, 0).ljust(100, b"\0") + random.bytes(300_000)
    log = read_bytes(data)
    check(log)
    assert len(log.track) < 5
    assert sum(span.size for span in log.coverage if span.kind == "gap") > 290_000
