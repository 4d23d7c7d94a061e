"""Records are found by their two checksums, wherever they lie and however long they are."""

import numpy as np
import pytest

from parsers.dji.dat._find_record_frames import _LENGTH_CRC
from sample_logs import dji_dat
from sample_logs.dji_dat import Record

from .made import START, flight, gps, osd, read, read_bytes


# unhcfreg/DROP 80dac9dc lists these as sub-types; they are checksums of real aircraft.
@pytest.mark.parametrize(
    ("length", "checksum"),
    [(132, 0xCF), (46, 0xC6), (55, 0x98), (89, 0x1E), (247, 0x2C), (62, 0x2A), (57, 0x44)],
)
def test_the_checksum_of_a_length_is_that_of_real_aircraft(length: int, checksum: int) -> None:
    assert _LENGTH_CRC[length] == checksum
    assert dji_dat.crc8(bytes([0x55, length, 0])) == checksum


@pytest.mark.parametrize("size", [0, 1, 243, 244, 245, 499, 500, 1011])
def test_a_payload_of_any_size_is_read(size: int) -> None:
    payload = bytes(range(256)) * 4
    log = read([Record(777, 1000 + n, payload[n : n + size]) for n in range(3)])
    assert log.record_counts == {"type 777": 3}
    frame = log.records("type 777")
    assert frame["length"].eq(size).all()
    if size:
        assert frame["raw"].tolist() == [payload[n : n + size].hex() for n in range(3)]


def test_any_byte_that_changes_takes_its_record_and_no_other() -> None:
    records = list(flight(1))
    data = bytearray(dji_dat.encode(records))
    begin = 256 + 62
    length = len(records[1].payload) + 12
    for at in range(begin, begin + length):
        data[at] ^= 0x10
        log = read_bytes(bytes(data))
        data[at] ^= 0x10
        assert sum(log.record_counts.values()) == len(records) - 1
        assert [(one.offset, one.size) for one in log.issues] == [(begin, length)]


def test_records_are_found_in_an_image_of_other_bytes() -> None:
    noise = np.random.default_rng(5).integers(0, 256, 50_000, np.uint8).tobytes()
    body = dji_dat.encode(flight(2), b"")
    log = read_bytes(body[:700] + noise + body[700:] + noise, "image.bin")
    assert log.source.format_version == "carved"
    assert log.record_counts == {"OSD": 19, "GPS": 10} or log.record_counts == {"OSD": 20, "GPS": 9}
    assert sum(span.size for span in log.coverage if span.kind == "gap") > 90_000


def test_filling_is_padding_and_no_gap() -> None:
    body = dji_dat.encode(flight(1))
    for value in (b"\0", b"\xff"):
        log = read_bytes(body + value * 4000 + dji_dat.encode([osd(31)], b"") + value * 70_000)
        assert [span.kind for span in log.coverage] == [
            "header", "records", "padding", "records", "padding",
        ]  # fmt: skip
        assert log.issues == ()


def test_zeros_that_cut_into_records_are_told_as_a_lost_block() -> None:
    data = bytearray(dji_dat.encode(flight(3)))
    data[1030:1530] = bytes(500)
    reasons = [issue.reason for issue in read_bytes(bytes(data)).issues]
    assert any("interrupt the records: a lost block" in reason for reason in reasons)


def test_a_record_cut_short_by_the_end_says_so() -> None:
    data = dji_dat.encode([osd(1), osd(2), gps(2, START)])
    (issue,) = (one for one in read_bytes(data[:-5]).issues if one.size)
    assert issue.reason == "a record of type 2096, 78 bytes, is cut short: 73 are present"
