"""Write a case: one flight as eight kinds of file tell it, each with its own clock.

It lies in ``case/``, a card, a tablet and a ground station as a unit hands them over.  It is the
flight of the samples beside it again, told more thinly: once or twice a second, and with a small
raw frame in each thermal photo.

The controller's record (UTC), the video's subtitles (local clock, zone not said), the video itself
(with sound; creation time in UTC), every photo as a wide and a thermal camera took it (only the
wide one says UTC), and a ground station's log whose clock is 40 s ahead and in which nothing says
so.  The truth that is returned says what an account of all of them must come to.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from sample_logs import dji_bodies as body
from sample_logs import dji_photo, dji_srt, dji_video, mavlink_tlog
from sample_logs.dji_flight import ANDROID, App, Entry, entries, summarise
from sample_logs.dji_txt import lay_out
from sample_logs.story import (
    HOME_ALTITUDE_M,
    RATE_HZ,
    Sample,
    Story,
    tell,
)
from sample_logs.truth import TRUTH_SCHEMA

RECORD = "record/DJIFlightRecord_2026-05-14_[10-01-58].txt"
GROUND_STATION = "ground station/2026-05-14 10-02-38.tlog"
CARD = "DCIM/100MEDIA"
ZONE = timedelta(hours=1)
AHEAD_S = 40.0
_APP = App(ANDROID, (4, 3, 64))
_AUTOPILOT = (1, 1)
#: Records that the app writes at every tick, of which the case keeps each fifth and those
#: around what happened.
_OFTEN = frozenset({body.OSD, body.GIMBAL, body.CUSTOM, body.RC})
_KEPT = 5
#: Pixels of the raw frame of a thermal photo.
_RAW = (32, 26)


def write_case(folder: Path, *, story: Story | None = None) -> dict[str, Any]:
    """Write the case, and ``truth.json`` beside it; return what is true of it."""
    story = story or tell()
    files = {
        RECORD: record(story),
        GROUND_STATION: ground_station(story),
        **dict(photos(story)),
        **dict(video(story)),
    }
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    truth = state(story, sorted(files))
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8", newline="\n")
    return truth


def told_by_app(story: Story) -> list[Entry]:
    """Return the entries of the controller's record in file order."""
    happened = {*story.photos, *story.video, *(line.tick for line in story.texts)}
    happened |= set(story.starts.values())
    kept = {tick + near for tick in happened for near in (-1, 0, 1)}
    return [
        entry
        for entry in entries(story, _APP)
        if entry.tick % _KEPT == 0 or entry.tick in kept or entry.type not in _OFTEN
    ]


def record(story: Story, told: list[Entry] | None = None) -> bytes:
    """Return the controller's record: of its entries, or of those given."""
    told = told_by_app(story) if told is None else told
    return lay_out(
        11, [(entry.type, entry.body) for entry in told], details=summarise(story, _APP)
    ).data


def numbers(story: Story) -> dict[int, int]:
    """Return the number that the camera gave each recording, by the tick it began at."""
    begun = sorted((*story.photos, story.video[0]))
    return {tick: number for number, tick in enumerate(begun, 1)}


def photos(story: Story) -> Iterator[tuple[str, bytes]]:
    """Yield each photo as both cameras took it, with its name."""
    for tick in story.photos:
        sample = story.samples[tick]
        stem = _stem(story, tick)
        yield f"{CARD}/{stem}_W.JPG", dji_photo.wide(sample)
        yield f"{CARD}/{stem}_T.JPG", dji_photo.thermal(sample, _RAW)


def video(story: Story, *, clock_ahead: timedelta = ZONE) -> Iterator[tuple[str, bytes]]:
    """Yield the video and its subtitles, with their names.

    Args:
        story: The flight.
        clock_ahead: How far the subtitles' clock is ahead of UTC.
    """
    start, stop = story.video
    stem = f"{CARD}/{_stem(story, start)}_D"
    shown = story.samples[start : stop + 1]
    texts = [dji_video.text_sample(one) for one in shown[:: dji_video.EVERY_S * RATE_HZ]]
    lasting_ms = shown[-1].utc_ms - shown[0].utc_ms
    yield f"{stem}.MP4", dji_video.lay_out(texts, shown[0].utc_ms // 1000, lasting_ms)[0]
    cues = [
        dji_srt.cue(number, sample, shown[0], clock_ahead)
        for number, sample in enumerate(shown[::RATE_HZ], 1)
    ]
    yield f"{stem}.SRT", b"".join(cues)


def ground_station(story: Story) -> bytes:
    """Return the ground station's log: positions, and whether the aircraft is in the air."""
    log = mavlink_tlog.Writer()
    for sample in story.samples[::RATE_HZ]:
        log.at(sample.utc_ms)
        boot = sample.utc_ms - story.samples[0].utc_ms + 30_000
        mode = 0x51 | (0x80 if sample.motors_on else 0)
        log.send(_AUTOPILOT, dialect.MAVLink_heartbeat_message(2, 3, mode, 5, 4, 3))
        landed = 2 if sample.airborne else 1
        log.send(_AUTOPILOT, dialect.MAVLink_extended_sys_state_message(0, landed))
        log.send(_AUTOPILOT, _position(boot, sample))
    return bytes(log.data)


def _position(boot: int, sample: Sample) -> Any:
    return dialect.MAVLink_global_position_int_message(
        boot,
        round(sample.latitude_deg * 1e7),
        round(sample.longitude_deg * 1e7),
        round((HOME_ALTITUDE_M + sample.height_m) * 1000),
        round(sample.height_m * 1000),
        *(round(speed * 100) for speed in sample.velocity_mps),
        round(sample.yaw_deg % 360 * 100) % 36_000,
    )


def _stem(story: Story, tick: int) -> str:
    local = datetime.fromtimestamp(story.samples[tick].utc_ms // 1000, UTC) + ZONE
    return f"DJI_{local:%Y%m%d%H%M%S}_{numbers(story)[tick]:04d}"


def state(story: Story, names: list[str]) -> dict[str, Any]:
    """Return what an account of the case must come to."""
    start, stop = (dji_srt.utc_text(story.samples[tick].utc_ms) for tick in story.video)
    taken = [dji_srt.utc_text(story.samples[tick].utc_ms) for tick in story.photos]
    captures = [
        {"kind": "photo", "sensor": sensor, "start": utc, "end": utc}
        for utc in taken
        for sensor in ("thermal", "visible")
    ]
    captures += [
        {"kind": "video", "sensor": "visible", "start": start, "end": stop},
        {"kind": "audio", "sensor": "unknown", "start": start, "end": stop},
    ]
    return {
        "schema": TRUTH_SCHEMA,
        "about": "What an account of the synthetic case must come to. Written by case.py.",
        "files": names,
        "flights": 1,
        "subtitles_zone_s": ZONE.total_seconds(),
        "ground_station_ahead_s": AHEAD_S,
        "captures": sorted(captures, key=lambda one: (one["start"], one["kind"], one["sensor"])),
    }
