"""Write the shutter marks of the story's survey photos, as an RTK camera writes them.

From the table in DJI's manuals; no reader is imported.
"""

from pathlib import Path
from typing import Any

from sample_logs.dji_srt import utc_text
from sample_logs.facts import file_facts
from sample_logs.story import HOME_ALTITUDE_M, Sample, Story

NAME = "DJI_202605141001_001_Timestamp.MRK"
#: 1980-01-06, in milliseconds since 1970; GPS is 18 s ahead of UTC since 2017.
_GPS_EPOCH_MS, _LEAP_MS, _WEEK_MS = 315_964_800_000, 18_000, 604_800_000
#: How far the ellipsoid lies below the sea there, about.
_UNDULATION_M = 52.7
_SHOTS = 10


def write_dji_mrk(folder: Path, story: Story) -> dict[str, Any]:
    """Write a mark for each photo of the first two survey legs; return what is true of them."""
    shown = [story.samples[tick] for tick in story.photos[:_SHOTS]]
    lines = [mark(number, sample) for number, sample in enumerate(shown, 1)]
    data = b"".join(lines)
    (folder / NAME).write_bytes(data)
    offsets = [sum(map(len, lines[:number])) for number in range(len(lines))]
    return {NAME: _truth(data, shown, offsets)}


def mark(number: int, sample: Sample, quality: int = 50) -> bytes:
    """Return the line of one shutter."""
    gps_ms = sample.utc_ms + _LEAP_MS - _GPS_EPOCH_MS
    week, within = divmod(gps_ms, _WEEK_MS)
    height = HOME_ALTITUDE_M + _UNDULATION_M + sample.height_m
    fields = (
        f"{number}",
        f"{within // 1000}.{within % 1000:03d}000",
        f"[{week}]",
        f"{-30 + number:6d},N",
        f"{12 - number:6d},E",
        f"{190:6d},V",
        f"{sample.latitude_deg:.8f},Lat",
        f"{sample.longitude_deg:.8f},Lon",
        f"{height:.3f},Ellh",
        "0.011234, 0.010987, 0.023456",
        f"{quality},Q",
    )
    return ("\t".join(fields) + "\n").encode()


def _truth(data: bytes, shown: list[Sample], offsets: list[int]) -> dict[str, Any]:
    rows = list(zip(shown, offsets, strict=True))
    return {
        **file_facts("DJI RTK shutter marks", None, data),
        "clock": {
            "first_utc": utc_text(shown[0].utc_ms),
            "last_utc": utc_text(shown[-1].utc_ms),
        },
        "captures": [
            {
                "kind": "photo",
                "start": utc_text(sample.utc_ms),
                "end": utc_text(sample.utc_ms),
                "offset": offset,
            }
            for sample, offset in rows
        ],
        "fixes": [
            {
                "utc": utc_text(sample.utc_ms),
                "latitude_deg": round(sample.latitude_deg, 8),
                "longitude_deg": round(sample.longitude_deg, 8),
                "ellipsoid_height_m": round(HOME_ALTITUDE_M + _UNDULATION_M + sample.height_m, 3),
                "offset": offset,
            }
            for sample, offset in rows
        ],
        "damage": [],
    }
