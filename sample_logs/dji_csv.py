"""Write the story as a table, as Airdata gives it out: feet, miles an hour, once a second.

From the header as it is quoted in public; no reader is imported.
"""

import csv
import io
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sample_logs.dji_srt import utc_text
from sample_logs.facts import file_facts
from sample_logs.story import HOME_ALTITUDE_M, RATE_HZ, Sample, Story

NAME = "May-14th-2026-10-01AM-Flight-Airdata.csv"
FOOT_M, MPH_MPS = 0.3048, 0.44704
_COLUMNS = (
    "time(millisecond)", "datetime(utc)", "latitude", "longitude", "height_above_takeoff(feet)",
    "height_above_ground_at_drone_location(feet)", "ground_elevation_at_drone_location(feet)",
    "altitude_above_seaLevel(feet)", "height_sonar(feet)", "speed(mph)", "distance(feet)",
    "mileage(feet)", "satellites", "gpslevel", "voltage(v)", "max_altitude(feet)",
    "max_ascent(feet)", "max_speed(mph)", "max_distance(feet)", " xSpeed(mph)", " ySpeed(mph)",
    " zSpeed(mph)", " compass_heading(degrees)", " pitch(degrees)", " roll(degrees)", "isPhoto",
    "isVideo", "gimbal_heading(degrees)", "gimbal_pitch(degrees)", "gimbal_roll(degrees)",
    "battery_percent", "current(A)", "battery_temperature(f)", "altitude(feet)", "ascent(feet)",
    "flycStateRaw", "flycState", "message",
)  # fmt: skip


def write_dji_csv(folder: Path, story: Story) -> dict[str, Any]:
    """Write a row for each second of the flight; return what is true of them."""
    ticks = range(0, len(story.samples), RATE_HZ)
    lines = [_line(dict(zip(_COLUMNS, _COLUMNS, strict=True)))]
    lines += [_line(row(story, tick)) for tick in ticks]
    data = b"".join(lines)
    (folder / NAME).write_bytes(data)
    offsets = [sum(map(len, lines[:number])) for number in range(1, len(lines))]
    return {NAME: _truth(story, data, list(ticks), offsets)}


def row(story: Story, tick: int) -> dict[str, str]:
    """Return a row: the state at a tick, and what was said and taken in the second after it."""
    sample = story.samples[tick]
    second = range(tick, tick + RATE_HZ)
    north, east, down = (speed / MPH_MPS for speed in sample.velocity_mps)
    heading = sample.yaw_deg % 360
    return {
        "time(millisecond)": str(sample.utc_ms - story.samples[0].utc_ms),
        "datetime(utc)": f"{datetime.fromtimestamp(sample.utc_ms // 1000, UTC):%Y-%m-%d %H:%M:%S}",
        "latitude": f"{sample.latitude_deg:.9f}",
        "longitude": f"{sample.longitude_deg:.9f}",
        "height_above_takeoff(feet)": _feet(sample.height_m),
        "altitude_above_seaLevel(feet)": _feet(HOME_ALTITUDE_M + sample.height_m),
        "height_sonar(feet)": "0",
        "speed(mph)": f"{math.hypot(north, east):.4f}",
        "satellites": str(sample.satellites),
        "gpslevel": "5",
        " xSpeed(mph)": f"{north:.4f}",
        " ySpeed(mph)": f"{east:.4f}",
        " zSpeed(mph)": f"{down:.4f}",
        " compass_heading(degrees)": f"{heading:.1f}",
        " pitch(degrees)": f"{sample.pitch_deg:.1f}",
        " roll(degrees)": f"{sample.roll_deg:.1f}",
        "isPhoto": str(int(any(shot in second for shot in story.photos))),
        "isVideo": str(int(story.filming(tick))),
        "gimbal_heading(degrees)": f"{heading:.1f}",
        "gimbal_pitch(degrees)": f"{sample.gimbal_pitch_deg:.1f}",
        "gimbal_roll(degrees)": "0",
        "battery_percent": str(sample.battery_pct),
        "flycState": "P-GPS" if sample.motors_on else "",
        "message": "; ".join(text.text for text in story.texts if text.tick in second),
    }


def _line(fields: dict[str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([fields.get(name, "") for name in _COLUMNS])
    return out.getvalue().encode()


def _feet(metres: float) -> str:
    return f"{metres / FOOT_M:.3f}"


def _truth(story: Story, data: bytes, ticks: list[int], offsets: list[int]) -> dict[str, Any]:
    rows = [(story.samples[tick], offset) for tick, offset in zip(ticks, offsets, strict=True)]
    high = max(rows, key=lambda pair: pair[0].height_m)
    photos = [
        pair for tick, pair in zip(ticks, rows, strict=True)
        if any(tick <= shot < tick + RATE_HZ for shot in story.photos)
    ]  # fmt: skip
    filming = [pair for tick, pair in zip(ticks, rows, strict=True) if story.filming(tick)]
    return {
        **file_facts("DJI flight as a table", "airdata", data),
        "clock": {
            "first_utc": utc_text(rows[0][0].utc_ms),
            "last_utc": utc_text(rows[-1][0].utc_ms),
        },
        "rows": len(rows),
        "photo_times": [utc_text(sample.utc_ms) for sample, _ in photos],
        "video_rows": {
            "first_utc": utc_text(filming[0][0].utc_ms),
            "last_utc": utc_text(filming[-1][0].utc_ms),
            "offset": filming[0][1],
        },
        "texts": [text.text for text in story.texts],
        "max_height": _fix(*high),
        "fixes": [_fix(*pair) for pair in rows[::50]],
        "damage": [],
    }


def _fix(sample: Sample, offset: int) -> dict[str, Any]:
    return {
        "utc": utc_text(sample.utc_ms),
        "latitude_deg": sample.latitude_deg,
        "longitude_deg": sample.longitude_deg,
        "height_m": sample.height_m,
        "offset": offset,
    }
