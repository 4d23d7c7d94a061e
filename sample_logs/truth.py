"""State what is true of an encoded flight record, for tests of a reader to compare with."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sample_logs import dji_bodies as body
from sample_logs.dji_flight import Entry
from sample_logs.dji_txt import Encoded, Frame
from sample_logs.facts import file_facts, first_change
from sample_logs.story import Sample, Story

LIMIT_M = 120
FIX_EVERY = 500


#: What marks a document of ours: it is no evidence.
TRUTH_SCHEMA = "dji-audit/truth"


class Damage(NamedTuple):
    """One thing done to a file: ``offset`` and ``size`` count in the file as it was before."""

    kind: str
    offset: int
    size: int
    note: str


_TEXT_RECORDS = {body.APP_TIP: "AppTip", body.APP_WARN: "AppWarn"}


def state(
    version: int,
    data: bytes,
    story: Story,
    entries: Sequence[Entry],
    encoded: Encoded,
    damage: Sequence[Damage] = (),
) -> dict[str, Any]:
    """Return what a reader can know of ``data``: what whole records still say.

    ``entries`` and ``encoded.frames`` go together, one by one.  A record counts if none of its
    bytes was touched; offsets are of its type byte.
    """
    pairs = zip(entries, encoded.frames, strict=True)
    whole = [(entry, frame) for entry, frame in pairs if _survives(frame, damage)]
    fixes = [(story.samples[e.tick], frame) for e, frame in whole if e.type == body.OSD]
    customs = {e.tick: frame for e, frame in whole if e.type == body.CUSTOM}
    photos = [_photo(story, tick, customs[tick]) for tick in story.photos if tick in customs]
    top, top_frame = max(fixes, key=lambda fix: body.tenths([fix[0].height_m]))
    return {
        **file_facts("DJI app flight record", version, data),
        "clock": {
            "first_utc": _utc(story.samples[min(customs)]),
            "last_utc": _utc(story.samples[max(customs)]),
        },
        "osd_records": len(fixes),
        "records_by_type": {
            str(kind): count for kind, count in sorted(Counter(e.type for e, _ in whole).items())
        },
        "takeoff": _change(fixes, True),
        "landing": _change(fixes, False),
        "captures": sorted([*photos, *_videos(story, customs)], key=lambda row: str(row["start"])),
        "photo_times": [photo["start"] for photo in photos],
        "texts": [
            {
                "utc": _utc(story.samples[entry.tick]),
                "record": _TEXT_RECORDS[entry.type],
                "text": entry.body.rstrip(b"\0").decode(),
                "offset": frame.offset,
            }
            for entry, frame in whole
            if entry.type in _TEXT_RECORDS
        ],
        "max_height": {
            "utc": _utc(top),
            "height_m": body.tenths([top.height_m])[0] / 10,
            "offset": top_frame.offset,
        },
        "above_120_m": _above(fixes),
        "max_home_distance_m": round(max((s.north_m**2 + s.east_m**2) ** 0.5 for s, _ in fixes), 1),
        "fixes": [_fix(*fix) for fix in fixes[::FIX_EVERY]],
        "damage": [row._asdict() for row in damage],
    }


def _survives(frame: Frame, damage: Sequence[Damage]) -> bool:
    end = frame.offset + frame.size
    return not any(d.offset < end and frame.offset < d.offset + d.size for d in damage)


def _change(fixes: Sequence[tuple[Sample, Frame]], airborne: bool) -> dict[str, Any] | None:
    fix = first_change(fixes, airborne=airborne)
    return _fix(*fix) if fix else None


def _fix(sample: Sample, frame: Frame) -> dict[str, Any]:
    return {
        "utc": _utc(sample),
        "latitude_deg": sample.latitude_deg,
        "longitude_deg": sample.longitude_deg,
        "height_m": body.tenths([sample.height_m])[0] / 10,
        "offset": frame.offset,
    }


def _photo(story: Story, tick: int, frame: Frame) -> dict[str, Any]:
    utc = _utc(story.samples[tick])
    return {"kind": "photo", "start": utc, "end": utc, "offset": frame.offset}


def _videos(story: Story, customs: dict[int, Frame]) -> list[dict[str, Any]]:
    """Return the video if both its records are whole."""
    start, stop = story.video
    if start not in customs or stop not in customs:
        return []
    return [
        {
            "kind": "video",
            "start": _utc(story.samples[start]),
            "end": _utc(story.samples[stop]),
            "offset": customs[start].offset,
        }
    ]


def _above(fixes: Sequence[tuple[Sample, Frame]]) -> dict[str, Any] | None:
    """Return the first and the last fix above 120 m over take-off; the flight goes there once."""
    high = [fix for fix in fixes if body.tenths([fix[0].height_m])[0] > 10 * LIMIT_M]
    if not high:
        return None
    first, last = high[0][0], high[-1][0]
    return {
        "start": _utc(first),
        "end": _utc(last),
        "seconds": (last.utc_ms - first.utc_ms) / 1000,
        "fixes": len(high),
    }


def _utc(sample: Sample) -> str:
    moment = datetime.fromtimestamp(sample.utc_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{sample.utc_ms % 1000:03d}Z"
