"""A binary log that was copied as text says so, once."""

from pathlib import Path

import pytest

import parsers
from parsers import Log
from tests.parsers.mavlink.dataflash.test_log import flight
from tests.parsers.mavlink.tlog.test_log import Station
from tests.parsers.read_as_file import read_as_file


def tlog() -> bytes:
    # Without times, of which each would hold a line feed.
    station = Station(stamped=False)
    for number in range(400):
        station.hear("attitude", roll=0.5, pitch=0.25, time_boot_ms=10 if number % 8 == 7 else 300)
    return bytes(station.data)


def dataflash() -> bytes:
    log = flight(60)
    for number in range(60):
        log.write("ATT", 22_000_000 + number, 10, 10, 10)
    return bytes(log.data)


def read(data: bytes) -> Log:
    return read_as_file(data, "copied")


def remarks(log: Log) -> list[str]:
    return [issue.reason for issue in log.issues if "copied as text" in issue.reason]


@pytest.mark.parametrize("data", [tlog(), dataflash()], ids=["tlog", "dataflash"])
def test_a_copy_in_which_each_line_feed_grew_is_named(data: bytes) -> None:
    assert remarks(read(data)) == []
    plain = data.replace(b"\r\n", b"\n")
    assert plain.count(b"\n") > 32
    (remark,) = remarks(read(plain.replace(b"\n", b"\r\n")))
    assert remark.startswith(f"each of {plain.count(bytes([10]))} line feeds")


def test_other_damage_is_not_called_that() -> None:
    data = bytearray(tlog())
    for place in range(60, len(data), 700):
        data[place] ^= 0xFF
    log = read(bytes(data))
    assert any(issue.size for issue in log.issues)
    assert remarks(log) == []


def test_a_real_copy_as_text_is_named(samples: Path) -> None:
    log = parsers.read(samples / "mavlink" / "LucaGemma+MasterThesis" / "mav.tlog")
    assert remarks(log) == [
        "each of 1,782 line feeds follows a carriage return: the file was copied as text, "
        "which damages it; copy the original again, as binary"
    ]
