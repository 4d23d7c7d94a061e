"""Small on-board logs for these tests, written by the independent encoder of the sample logs."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers import Log
from sample_logs import dji_dat
from sample_logs.dji_dat import Record
from tests.parsers.read_as_file import read_as_file

START = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
RATE_HZ = 4_500_000
LATITUDE, LONGITUDE = 50.615, -3.965


def read_bytes(data: bytes, name: str = "FLY001.DAT") -> Log:
    """Read a log that is no file."""
    return read_as_file(data, name)


def read(records: Iterable[Record], head: bytes | None = None) -> Log:
    """Write records and read them back."""
    return read_bytes(dji_dat.encode(records, head))


def tick(second: float, rate_hz: float = RATE_HZ) -> int:
    """Return the ticks at a time since power-up."""
    return round(second * rate_hz)


def osd(second: float, height_m: float = 10.0, rate_hz: float = RATE_HZ, **changed: Any) -> Record:
    """Return an OSD record that moves north by a metre a second."""
    latitude = LATITUDE + second * 9e-6
    payload = dji_dat.osd(latitude, LONGITUDE, height_m, (1.0, 0.0, 0.0), **changed)
    return Record(dji_dat.OSD, tick(second, rate_hz), payload)


def gps(second: float, utc: datetime | None, rate_hz: float = RATE_HZ, kind: int = 2096) -> Record:
    """Return a GPS record; without ``utc`` it has no date."""
    latitude = LATITUDE + second * 9e-6
    payload = dji_dat.gps(utc, latitude, LONGITUDE, 422.0)
    return Record(kind, tick(second, rate_hz), payload)


def flight(
    seconds: int, on_since_s: float = 30, start: datetime = START, rate_hz: float = RATE_HZ,
    gps_kind: int = 2096, dated: bool = True,
) -> Iterator[Record]:  # fmt: skip
    """Yield OSD at 10 Hz and GPS at 5 Hz; UTC ``start`` is ``on_since_s`` after power-up."""
    for tenth in range(10 * seconds):
        at = on_since_s + tenth / 10
        yield osd(at, rate_hz=rate_hz)
        if tenth % 2 == 0:
            utc = start + timedelta(seconds=tenth / 10) if dated else None
            yield gps(at, utc, rate_hz, gps_kind)


def line(second: float, text: str) -> Record:
    """Return a line of the event log."""
    return Record(dji_dat.FLY_LOG, tick(second), dji_dat.text(text))
