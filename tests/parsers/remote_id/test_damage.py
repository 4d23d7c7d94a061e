"""Damaged captures and tables: read or refused, every byte accounted for, nothing invented."""

from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Content, FileReading, LogError
from parsers._shared._remote_id_frame_stream import MAGIC
from parsers.remote_id import broadcast
from tests.parsers.test_conformance import check_coverage

NAMES = ("receiver_mon0.pcap", "receiver_ble.pcap", "receiver_remoteID_log.csv")
#: Bytes of a sample that are damaged: a part of it shows as much as the whole.
SIZE = 3_000


def read(name: str, data: bytes) -> FileReading:
    reading = parsers.read_content(Content(name, data))
    for log in reading.logs:
        check_coverage(log)
        assert log.source.size == len(data)
        assert log.track["latitude_deg"].dropna().abs().le(90).all()
        assert log.track["longitude_deg"].dropna().abs().le(180).all()
        assert log.track["source_offset"].between(0, len(data) - 1).all()
        for record in log.record_counts:
            log.records(record)
    return reading


def fixes(reading: FileReading) -> int:
    return sum(len(log.track) for log in reading.logs)


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest, sample_logs: Path) -> tuple[str, bytes]:
    name: str = request.param
    return name, (sample_logs / "remote_id" / name).read_bytes()[:SIZE]


def test_flipped_bits_invent_no_fix(sample: tuple[str, bytes]) -> None:
    name, whole = sample
    before = fixes(read(name, whole))
    random = np.random.default_rng(20)
    for _ in range(2):
        data = bytearray(whole)
        for at in random.integers(0, len(data), 8).tolist():
            data[at] ^= 1 << int(random.integers(0, 8))
        # A flipped bit may make a message of another type into a position: no more than there are.
        assert fixes(read(name, bytes(data))) <= before + 8


def test_cut_ends_and_lost_pieces_are_told(sample: tuple[str, bytes]) -> None:
    name, whole = sample
    before = fixes(read(name, whole))
    random = np.random.default_rng(21)
    for cut in random.integers(30, len(whole), 1).tolist():
        reading = read(name, whole[:cut])
        assert fixes(reading) <= before
        piece = whole[:cut] + whole[cut + 37 :]
        assert fixes(read(name, piece)) <= before


def test_a_stream_that_is_cut_or_noise_is_read_or_refused(sample_logs: Path) -> None:
    path = sample_logs / "remote_id" / NAMES[0]
    found = parsers.read_file(path)
    assert found.account.parts
    stream = MAGIC + bytes(range(256)) * 8
    for cut in (0, 1, 17, 30, len(stream)):
        content = Content("x", stream[: len(MAGIC) + cut])
        try:
            log = broadcast.read(content)
        except LogError as error:
            assert str(error)
        else:
            check_coverage(log)
