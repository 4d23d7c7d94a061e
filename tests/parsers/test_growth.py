"""Hostile bytes between records cost time that grows with their number, and no faster."""

import time
from pathlib import Path

import numpy as np
import pytest

from parsers import Content, _formats
from tests.parsers.test_log_start import CHAINED

#: What begins a record of each format.
MARKS = {
    "app flight record": b"\x01\x02\x00\x00\xff",
    "encrypted app flight record": b"\x01\x02\x00\x00\x00\xff",
    "on-board log": b"\x55\x0e\x00",
    "DataFlash log": b"\xa3\x95\x80",
    "telemetry log": b"\xfe\x09\x00",
    "ULog": b"\x05\x00D",
}
ATTACKS = ("marks", "marks in noise", "torn records", "flipped bytes", "pieces", "zeros")


def hostile(attack: str, what: str, log: bytes, size: int) -> bytes:
    """Return bytes that look like records again and again."""
    rng = np.random.default_rng(size)
    mark = MARKS[what]

    def repeated(block: bytes) -> bytes:
        return (block * (size // len(block) + 1))[:size]

    if attack == "zeros":
        return bytes(size)
    if attack == "marks":
        return repeated(mark)
    if attack == "torn records":
        return repeated(log[20_000:20_300])
    if attack == "marks in noise":
        width = len(mark) + 3
        noise = rng.integers(0, 256, (size // width, width), dtype=np.uint8)
        noise[:, : len(mark)] = np.frombuffer(mark, np.uint8)
        return bytes(noise)
    if attack == "flipped bytes":
        data = np.frombuffer(repeated(log[10_000 : len(log) // 2]), np.uint8).copy()
        data[rng.integers(0, size, size // 40)] ^= 0xFF
        return bytes(data)
    begins = rng.integers(1000, len(log) - 100, size // 40)
    return bytes(np.frombuffer(log, np.uint8)[begins[:, None] + np.arange(39)])


def seconds(name: str, data: bytes) -> float:
    """Return the processor time that reading takes."""
    began = time.process_time()
    reading = _formats.read_content(Content(name, data))
    assert reading.logs
    return time.process_time() - began


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("what", CHAINED)
@pytest.mark.parametrize(
    ("small", "large"),
    [(10_000, 120_000), pytest.param(1_000_000, 10_000_000, marks=pytest.mark.slow)],
)
def test_the_cost_grows_no_faster_than_the_hostile_bytes(
    sample_logs: Path, what: str, attack: str, small: int, large: int
) -> None:
    name = CHAINED[what]
    log = (sample_logs / name).read_bytes()
    half = len(log) // 2
    seconds(name, log)  # what is made once only is made
    alone = seconds(name, log)
    first, second = (
        seconds(name, log[:half] + hostile(attack, what, log, size) + log[half:])
        for size in (small, large)
    )
    # Three times n log n, and a second for a busy computer.
    factor = 3 * (large / small) * 1.3
    assert second <= factor * max(first - alone, 0.02) + alone + 1.0, (alone, first, second)
