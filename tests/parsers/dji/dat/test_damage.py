"""Whatever is done to a log of any kind, it is read or refused, and every byte is accounted for."""

import zlib
from datetime import timedelta

import numpy as np
import pytest

import parsers
from parsers import Content, Log, LogError
from sample_logs import dji_dat
from tests.parsers.test_conformance import check_coverage

from .made import START, flight, line

_PAIR = [
    ("FLY001.DAT", dji_dat.encode([*flight(6), line(31, "fly limit")])),
    ("FLY002.DAT", dji_dat.encode(flight(6, start=START + timedelta(hours=1))) + bytes(900)),
]
MADE = {
    "V3": dji_dat.encode(flight(12)) + bytes(700),
    "V1": dji_dat.encode(flight(12, rate_hz=600, gps_kind=5), dji_dat.header(1, aircraft=6)),
    "packed export": dji_dat.export(_PAIR),
    "plain export": dji_dat.export(_PAIR, packed=False),
    "two streams": dji_dat.export(_PAIR[:1]) + dji_dat.export(_PAIR[1:]) + b"tail",
    "stream of one log": zlib.compress(_PAIR[0][1]),
    "locked entry": dji_dat.export([*_PAIR, ("x", dji_dat.locked("m", "s", bytes(range(256))))]),
    "image": bytes(5000) + _PAIR[0][1] + b"\xff" * 3000 + _PAIR[1][1] + b"rest",
}


def read(data: bytes) -> Log | None:
    content = Content("FLY001.DAT", data)
    try:
        return parsers.identify(content).read(content, ())
    except LogError:
        return None


def check(log: Log, data: bytes) -> None:
    assert log.source.size == len(data)
    check_coverage(log)
    for name, count in log.record_counts.items():
        frame = log.records(name)
        assert frame["offset"].nunique() == count <= len(frame)
        assert frame["offset"].between(0, len(data) - 1).all()


@pytest.mark.parametrize("kind", MADE)
def test_each_kind_reads_whole(kind: str) -> None:
    log = read(MADE[kind])
    assert log is not None
    check(log, MADE[kind])
    assert len(log.track) in (60, 120)


@pytest.mark.parametrize("kind", MADE)
def test_every_prefix_reads_or_is_refused(kind: str) -> None:
    data = MADE[kind]
    whole = read(data)
    assert whole is not None
    steps = np.random.default_rng(3).integers(1, len(data), 20).tolist()
    for cut in (*range(1, 300, 13), *steps):
        log = read(data[:cut])
        if log is not None:
            check(log, data[:cut])
            assert len(log.track) <= len(whole.track)


@pytest.mark.parametrize("kind", MADE)
def test_no_mutation_tells_more_or_leaves_a_byte_out(kind: str) -> None:
    data, random = MADE[kind], np.random.default_rng(11)
    whole = read(data)
    assert whole is not None
    for turn in range(50):
        changed = bytearray(data)
        reach = 600 if turn % 3 else len(data)
        for at in random.integers(0, min(reach, len(data)), 1 + turn % 5).tolist():
            changed[at] = int(random.integers(0, 256))
        if turn % 4 == 0:
            at = int(random.integers(0, len(data)))
            del changed[at : at + int(random.integers(1, 3000))]
        log = read(bytes(changed))
        if log is not None:
            check(log, bytes(changed))
            assert len(log.track) <= len(whole.track)
