"""Write a tiny MP4 of the story's video: an index, a picture and a sound that are none, subtitles.

From ISO 14496-12 and 3GPP TS 26.245; no reader is imported.  Media data of a few bytes stands for
the picture and the sound: no player shows anything.  The subtitles are those that small aircraft
put inside the video, of which one stands for ten seconds.
"""

import math
import struct
from pathlib import Path
from typing import Any

from sample_logs.dji_srt import STEM, utc_text
from sample_logs.facts import file_facts
from sample_logs.story import RATE_HZ, Sample, Story

EPOCH_S = 2_082_844_800
"""Seconds from 1904 to 1970."""

SCALE = 1000
EVERY_S = 10
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def write_dji_video(folder: Path, story: Story) -> dict[str, Any]:
    """Write the video; return what is true of it."""
    start, stop = story.video
    shown = story.samples[start : stop + 1 : EVERY_S * RATE_HZ]
    lasting_ms = story.samples[stop].utc_ms - story.samples[start].utc_ms
    created_s = story.samples[start].utc_ms // 1000
    texts = [text_sample(sample) for sample in shown]
    data, offsets = lay_out(texts, created_s, lasting_ms)
    name = f"{STEM}.MP4"
    (folder / name).write_bytes(data)
    start_ms = 1000 * created_s
    return {
        name: {
            **file_facts("video", "isom; subtitles compact", data),
            "clock": {
                "first_utc": utc_text(start_ms),
                "last_utc": utc_text(start_ms + lasting_ms),
            },
            "cues": len(shown),
            "captures": [
                {"kind": kind, "start": utc_text(start_ms), "end": utc_text(start_ms + lasting_ms)}
                for kind in ("video", "audio")
            ],
            "fixes": [
                {
                    "utc": utc_text(start_ms + 1000 * EVERY_S * number),
                    "latitude_deg": round(sample.latitude_deg, 6),
                    "longitude_deg": round(sample.longitude_deg, 6),
                    "height_m": round(sample.height_m, 2),
                    "offset": offset,
                }
                for number, (sample, offset) in enumerate(zip(shown, offsets, strict=True))
            ][::5],
            "damage": [],
        }
    }


def text_sample(sample: Sample) -> bytes:
    """Return a sample of subtitles: its length and the line that small aircraft write."""
    north, east, _ = sample.velocity_mps
    away = math.sqrt(sample.north_m**2 + sample.east_m**2)
    line = (
        f"F/2.8, SS 640, ISO 100, EV 0, "
        f"GPS ({sample.longitude_deg:.6f}, {sample.latitude_deg:.6f}, {sample.satellites}), "
        f"D {away:.2f}m, H {sample.height_m:.2f}m, "
        f"H.S {math.sqrt(north * north + east * east):.2f}m/s, V.S 0.00m/s"
    ).encode()
    return struct.pack(">H", len(line)) + line


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box: its size, its type and its parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """Return a box with version 0 and flags."""
    return box(kind, struct.pack(">I", flags), *parts)


def lay_out(texts: list[bytes], created_s: int, lasting_ms: int) -> tuple[bytes, list[int]]:
    """Return the file and where each sample of subtitles lies in it."""
    head = box(b"ftyp", b"isom\0\0\2\0isommp42")
    picture, sound = bytes(range(64)), bytes(range(64, 96))
    at = len(head) + 8 + len(picture) + len(sound)
    offsets: list[int] = []
    for text in texts:
        offsets.append(at)
        at += len(text)
    media = box(b"mdat", picture, sound, *texts)
    first = len(head) + 8
    each = [1000 * EVERY_S] * (len(texts) - 1)
    spent = [*each, lasting_ms - sum(each)]
    times = (created_s + EPOCH_S, lasting_ms)
    tracks = [
        track(1, b"vide", "VideoHandler", visual(), [picture], [first], [lasting_ms], times),
        track(2, b"soun", "SoundHandler", aural(), [sound], [first + 64], [lasting_ms], times),
        track(3, b"text", "SubtitleHandler", timed(), texts, offsets, spent, times),
    ]
    stated = struct.pack(">IIII", times[0], times[0], SCALE, lasting_ms)
    rest = struct.pack(">IH", 0x10000, 0x100) + bytes(10) + _MATRIX + bytes(24)
    movie = box(b"moov", full(b"mvhd", stated, rest, struct.pack(">I", 4)), *tracks)
    return head + media + movie, offsets


def track(
    number: int,
    handler: bytes,
    name: str,
    entry: bytes,
    samples: list[bytes],
    offsets: list[int],
    lasting: list[int],
    times: tuple[int, int],
) -> bytes:
    """Return a track whose samples are a chunk each."""
    created, whole = times
    count = struct.pack(">I", len(samples))
    header = struct.pack(">IIIII", created, created, number, 0, whole) + bytes(16) + _MATRIX
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), entry),
        full(b"stts", count, *(struct.pack(">II", 1, ticks) for ticks in lasting)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        full(b"stsz", bytes(4), count, *(struct.pack(">I", len(one)) for one in samples)),
        full(b"stco", count, *(struct.pack(">I", at) for at in offsets)),
    )
    about = {b"vide": full(b"vmhd", bytes(8), flags=1), b"soun": full(b"smhd", bytes(4))}
    place = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
    return box(
        b"trak",
        full(b"tkhd", header, bytes(8), flags=3),
        box(
            b"mdia",
            full(b"mdhd", struct.pack(">IIIIHH", created, created, SCALE, whole, 0x55C4, 0)),
            full(b"hdlr", bytes(4), handler, bytes(12), name.encode() + b"\0"),
            box(b"minf", about.get(handler, full(b"nmhd")), place, table),
        ),
    )


def visual() -> bytes:
    """Return the description of a picture of 1920 by 1080."""
    sizes = struct.pack(">HHIIIH", 1920, 1080, 0x480000, 0x480000, 0, 1)
    return box(b"avc1", bytes(6) + b"\0\1", bytes(16), sizes, bytes(32), b"\0\x18\xff\xff")


def aural() -> bytes:
    """Return the description of a sound of 48 kHz."""
    return box(b"mp4a", bytes(6) + b"\0\1", bytes(8), struct.pack(">HHII", 2, 16, 0, 48000 << 16))


def timed() -> bytes:
    """Return the description of timed text."""
    style = struct.pack(">HHHBBI", 0, 0, 1, 0, 18, 0xFFFFFFFF)
    fonts = box(b"ftab", struct.pack(">HHB", 1, 1, 5) + b"Serif")
    return box(b"tx3g", bytes(6) + b"\0\1", bytes(18), style, fonts)
