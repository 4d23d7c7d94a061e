"""Hostile subtitles and tables cost no more than their size: n log n, from 10 kB on."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from parsers import Content, LogError
from parsers.dji import csv_export, srt

CUE = b"1\n00:00:00,000 --> 00:00:00,033\n[latitude: 51.5] [longitude: 1] [rel_alt: 1.0]\n\n"
TABLE = (
    b"time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),speed(mph),"
    b"isPhoto,isVideo,message\n0,2025-06-14 10:30:00,51.5,-0.12,1000,5,0,0,\n"
)
Lines = Callable[[int], bytes]


def numbered(line: str) -> Lines:
    """Return what makes a text of lines that each have a number of their own."""
    return lambda size: "".join(line.format(n=n, s=n % 60) for n in range(size // 80)).encode()


def repeated(text: bytes) -> Lines:
    return lambda size: (text * (size // len(text) + 1))[:size]


SUBTITLES = {
    "arrows": repeated(b"-->"),
    "lines with arrows": repeated(b"1\n0:0 -->\n"),
    "headings without text": repeated(b"00:00:00,000 --> 00:00:00,000\n"),
    "keys of their own": numbered(
        "{n}\n00:00:{s:02d},000 --> 00:00:{s:02d},900\n"
        "[k{n}: 1] [latitude: 5.{n}] [longitude: 1]\n\n"
    ),
    "recordings of one cue": numbered(
        "{n}\n00:00:00,000 --> 00:00:00,900\n2025-06-14 10:{s:02d}:{s:02d}.0\n"
        "[latitude: 5.{n}] [longitude: 1]\n\n"
    ),
    "one long cue": repeated(b"[iso : 100] "),
    "tags": repeated(b"<a {\\an8 "),
}
TABLES = {
    "quotes": repeated(b'"'),
    "quoted rows": repeated(b'"0","2025-06-14 10:30:00","51,5","-0,12","1.000",5,0,0,"a,b"\n'),
    "bytes that are no text": repeated(b"0,2025-06-14 10:30:00,51.5,-0.12,1000,5,0,0,\xff\n"),
    "numbers that are none": numbered("{n},2025-06-14 10:30:00,51.5,-0.12,1.2.{n}.3,5,0,0,\n"),
    "messages of their own": numbered(
        "{n},2025-06-14 10:30:00,51.5,-0.12,1000,5,{n},0,RC signal lost www.a{n}.com\n"
    ),
}


def cost_s(read: Callable[..., object], data: bytes) -> float:
    """Return the least time that reading took of two times."""
    taken = []
    for _ in range(2):
        begun = time.process_time()
        with suppress(LogError):
            read(Content("x", data))
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize(
    ("read", "head", "lines"),
    [(srt.read, CUE, each) for each in SUBTITLES.values()]
    + [(csv_export.read, TABLE, each) for each in TABLES.values()],
    ids=[*SUBTITLES, *TABLES],
)
def test_reading_costs_no_more_than_the_size_of_a_hostile_file(
    read: Callable[..., object], head: bytes, lines: Lines
) -> None:
    small, large = (cost_s(read, head + lines(size)) for size in (20_000, 320_000))
    # Sixteen times the size: 16 times, 20 for n log n, 256 if each part were compared with each.
    assert large < 0.2 + 40 * small
    assert large < 5.0
