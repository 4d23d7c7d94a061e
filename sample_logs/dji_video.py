"""Write a small MP4 of the story's video: an index, a clock as picture, silence, subtitles.

From ISO 14496-3, -12, -14 and -15 and 3GPP TS 26.245; no reader is imported.  The picture is a
clock, so that a player can be compared with the map beside it.  In other videos a few bytes stand
for picture and sound, and no player shows anything.  The subtitles are those that small aircraft
put inside the video, of which one stands for ten seconds.
"""

import math
import struct
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sample_logs import h264
from sample_logs.dji_srt import STEM, utc_text
from sample_logs.facts import file_facts
from sample_logs.story import RATE_HZ, Sample, Story

EPOCH_S = 2_082_844_800
"""Seconds from 1904 to 1970."""

SCALE = 1000
EVERY_S = 10
#: A frame of AAC that is silent: 1024 values at 8 kHz, mono; and the settings that say so.
_SILENCE, _SILENCE_MS, _SILENCE_SETTINGS = b"\0\0\0\7", 128, b"\x15\x88"
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def write_dji_video(folder: Path, story: Story) -> dict[str, Any]:
    """Write the video; return what is true of it."""
    start, stop = story.video
    shown = story.samples[start : stop + 1 : EVERY_S * RATE_HZ]
    lasting_ms = story.samples[stop].utc_ms - story.samples[start].utc_ms
    created_s = story.samples[start].utc_ms // 1000
    texts = [text_sample(sample) for sample in shown]
    clock = h264.clock_video(story.samples[start].utc_ms, lasting_ms)
    data, offsets = lay_out(texts, created_s, lasting_ms, clock)
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


def lay_out(
    texts: list[bytes], created_s: int, lasting_ms: int, video: h264.Video | None = None
) -> tuple[bytes, list[int]]:
    """Return the file and where each sample of subtitles lies in it.

    Args:
        texts: The samples of subtitles.
        created_s: Seconds since 1970 of its first picture.
        lasting_ms: How long it is.
        video: Its picture; ``None``: a few bytes that no player shows.
    """
    head = box(b"ftyp", b"isom\0\0\2\0isommp42")
    pictures, sounds = [bytes(range(64))], [bytes(range(64, 96))]
    shown = heard = [lasting_ms]
    if video is not None:
        pictures, sounds = list(video.pictures), [_SILENCE] * -(-lasting_ms // _SILENCE_MS)
        shown = _lengths(len(pictures), 1000 // h264.PICTURES_PER_S, lasting_ms)
        heard = [_SILENCE_MS] * len(sounds)
    picture, sound = b"".join(pictures), b"".join(sounds)
    first = len(head) + 8
    at = first + len(picture) + len(sound)
    offsets: list[int] = []
    for text in texts:
        offsets.append(at)
        at += len(text)
    media = box(b"mdat", picture, sound, *texts)
    spent = _lengths(len(texts), 1000 * EVERY_S, lasting_ms)
    times = (created_s + EPOCH_S, lasting_ms)
    keys = () if video is None else video.keys
    second = first + len(picture)
    tracks = [
        track(1, b"vide", "VideoHandler", visual(video), pictures, [first], shown, times, keys),
        track(2, b"soun", "SoundHandler", aural(video), sounds, [second], heard, times),
    ]
    if texts:
        about = (timed(), texts, offsets, spent, times)
        tracks.append(track(3, b"text", "SubtitleHandler", *about))
    stated = struct.pack(">IIII", times[0], times[0], SCALE, lasting_ms)
    rest = struct.pack(">IH", 0x10000, 0x100) + bytes(10) + _MATRIX + bytes(24)
    movie = box(b"moov", full(b"mvhd", stated, rest, struct.pack(">I", 4)), *tracks)
    return head + media + movie, offsets


def _lengths(count: int, each_ms: int, lasting_ms: int) -> list[int]:
    """Return how long each of some samples lasts: the last one as long as there is left."""
    return [each_ms] * (count - 1) + [lasting_ms - each_ms * (count - 1)]


def track(
    number: int,
    handler: bytes,
    name: str,
    entry: bytes,
    samples: list[bytes],
    offsets: list[int],
    lasting: list[int],
    times: tuple[int, int],
    keys: Sequence[int] = (),
) -> bytes:
    """Return a track.

    Args:
        number: Its number, from 1.
        handler: Four letters of what it holds.
        name: What its writer calls it.
        entry: The description of its samples.
        samples: What it holds.
        offsets: Where each sample lies, or where the one chunk of all of them does.
        lasting: How long each lasts.
        times: When it was made, and how long it is as a whole.
        keys: Samples that stand by themselves; none: all do.
    """
    created, whole = times
    count = struct.pack(">I", len(samples))
    header = struct.pack(">IIIII", created, created, number, 0, whole) + bytes(16) + _MATRIX
    runs = [(len(list(equal)), ticks) for ticks, equal in groupby(lasting)]
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), entry),
        full(b"stts", struct.pack(">I", len(runs)), *(struct.pack(">II", *run) for run in runs)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(samples) // len(offsets), 1)),
        full(b"stsz", bytes(4), count, *(struct.pack(">I", len(one)) for one in samples)),
        full(
            b"stco",
            struct.pack(">I", len(offsets)),
            *(struct.pack(">I", at) for at in offsets),
        ),
        *_key_box(keys),
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


def _key_box(keys: Sequence[int]) -> list[bytes]:
    if not keys:
        return []
    numbers = (struct.pack(">I", key + 1) for key in keys)
    return [full(b"stss", struct.pack(">I", len(keys)), *numbers)]


def visual(video: h264.Video | None = None) -> bytes:
    """Return the description of a picture; of none, of one of 1920 by 1080."""
    wide, high = (1920, 1080) if video is None else (video.width, video.height)
    sizes = struct.pack(">HHIIIH", wide, high, 0x480000, 0x480000, 0, 1)
    decoder = b"" if video is None else box(b"avcC", video.configuration)
    return box(b"avc1", bytes(6) + b"\0\1", bytes(16), sizes, bytes(32), b"\0\x18\xff\xff", decoder)


def aural(video: h264.Video | None = None) -> bytes:
    """Return the description of a sound of 48 kHz, or of the silence beside a real picture."""
    if video is None:
        sound = struct.pack(">HHII", 2, 16, 0, 48000 << 16)
        return box(b"mp4a", bytes(6) + b"\0\1", bytes(8), sound)
    decoder = b"\4\x11\x40\x15" + bytes(11) + b"\5\2" + _SILENCE_SETTINGS
    stream = b"\0\2\0" + decoder + b"\6\1\2"
    about = full(b"esds", b"\3", bytes([len(stream)]), stream)
    sound = struct.pack(">HHII", 1, 16, 0, 8000 << 16)
    return box(b"mp4a", bytes(6) + b"\0\1", bytes(8), sound, about)


def timed() -> bytes:
    """Return the description of timed text."""
    style = struct.pack(">HHHBBI", 0, 0, 1, 0, 18, 0xFFFFFFFF)
    fonts = box(b"ftab", struct.pack(">HHB", 1, 1, 5) + b"Serif")
    return box(b"tx3g", bytes(6) + b"\0\1", bytes(18), style, fonts)
