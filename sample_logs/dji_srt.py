"""Write the subtitles of the story's video, as a Mavic 3 writes them beside its MP4.

From descriptions of the format; no reader is imported.  A real file has a cue for each frame; this
one has a cue a second, so that it stays small.  The wall clock is local (British Summer Time) and
nothing in the file says so.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sample_logs.facts import file_facts
from sample_logs.story import RATE_HZ, Sample, Story

ZONE = timedelta(hours=1)
STEM = "DJI_20260514100443_0001_D"
#: What the aircraft's barometer says at the take-off point; no altitude above the sea.
_PRESSURE_ALTITUDE_M = 398.6


def write_dji_srt(folder: Path, story: Story) -> dict[str, Any]:
    """Write the subtitles of the video; return what is true of them."""
    start, stop = story.video
    shown = story.samples[start : stop + 1 : RATE_HZ]
    cues = [cue(number, sample, shown[0]) for number, sample in enumerate(shown, 1)]
    offsets = [0]
    for text in cues:
        offsets.append(offsets[-1] + len(text))
    data = b"".join(cues)
    name = f"{STEM}.SRT"
    (folder / name).write_bytes(data)
    return {name: _truth(data, shown, offsets)}


def cue(number: int, sample: Sample, first: Sample, ahead: timedelta = ZONE) -> bytes:
    """Return one cue: number, time code, frame and wall clock, and what the camera did."""
    begin = sample.utc_ms - first.utc_ms
    lines = [
        str(number),
        f"{timecode(begin)} --> {timecode(begin + 1000)}",
        f'<font size="28">FrameCnt: {30 * (number - 1) + 1}, DiffTime: 1000ms',
        local(sample, ahead).strftime("%Y-%m-%d %H:%M:%S.") + f"{sample.utc_ms % 1000:03d}",
        f"[iso: 100] [shutter: 1/{400 + 25 * (number % 9)}.0] [fnum: 2.8] [ev: 0] [ct: 5400] "
        f"[color_md : default] [focal_len: 24.00] [latitude: {sample.latitude_deg:.6f}] "
        f"[longitude: {sample.longitude_deg:.6f}] [rel_alt: {sample.height_m:.3f} "
        f"abs_alt: {sample.height_m + _PRESSURE_ALTITUDE_M:.3f}] </font>",
    ]
    return ("\n".join(lines) + "\n\n").encode()


def local(sample: Sample, ahead: timedelta = ZONE) -> datetime:
    """Return the aircraft's wall clock, to the second."""
    return datetime.fromtimestamp(sample.utc_ms // 1000, UTC) + ahead


def timecode(milliseconds: int) -> str:
    """Return a time code."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{rest:03d}"


def utc_text(milliseconds: int) -> str:
    """Return an instant as the truth file writes it."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def _truth(data: bytes, shown: tuple[Sample, ...], offsets: list[int]) -> dict[str, Any]:
    first, last = shown[0], shown[-1]
    return {
        **file_facts("DJI subtitle telemetry", "bracket-rel-abs", data),
        "clock": {
            "first_utc": utc_text(first.utc_ms),
            "last_utc": utc_text(last.utc_ms),
            "first_local": _local_text(first),
            "last_local": _local_text(last),
            "zone": "+01:00, which nothing in the file says",
        },
        "cues": len(shown),
        "captures": [
            {
                "kind": "video",
                "start": utc_text(first.utc_ms),
                "end": utc_text(last.utc_ms + 1000),
                "offset": 0,
            }
        ],
        "fixes": [
            {
                "utc": utc_text(sample.utc_ms),
                "latitude_deg": round(sample.latitude_deg, 6),
                "longitude_deg": round(sample.longitude_deg, 6),
                "height_m": sample.height_m,
                "offset": offset,
            }
            for sample, offset in list(zip(shown, offsets, strict=False))[::25]
        ],
        "damage": [],
    }


def _local_text(sample: Sample) -> str:
    return f"{local(sample):%Y-%m-%d %H:%M:%S}.{sample.utc_ms % 1000:03d}"
