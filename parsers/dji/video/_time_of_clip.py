"""When a video was recorded: what its clocks state, and whether that is UTC.

The standard wants the creation time in UTC; DJI's newer models obey, the older wrote local time.
It is taken for UTC where the local wall clock, of subtitles or in the file's name, stands a whole
zone apart from it, or where the file has a ``djmd`` track, which only the newer models write.
Where clock and creation time agree to the second and the longitude forbids it, it is local time.
Undecided times are stated in the text and fill no column.
"""

import re
from dataclasses import dataclass

import numpy as np

from ..._model import Clock
from .._subtitles._vectorised_parsing import Floats, Instants, parse_wall_clocks

_NAME_PATTERN = re.compile(r"DJI_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_")
_QUARTER_S = 900.0
_ZONE_TOLERANCE_S = 20.0
_ZONE_RANGE_S = (-12 * 3600, 14 * 3600)
#: How far a zone may lie from the sun's.
_SOLAR_TOLERANCE_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class TimeOfClip:
    """The instant at which a clip begins, in UTC, and how it is known."""

    clock: Clock
    #: Nanoseconds since 1970; ``None``: not known.
    start_ns: int | None
    #: What the file says of it, in words.
    stated_clocks: str
    #: Start by a clock of unknown zone; NaT if there is none.
    wall_start: np.datetime64


@dataclass(frozen=True, slots=True)
class ClipTimeEvidence:
    """What may say when a clip was recorded."""

    name: str
    #: Seconds since 1970 by the file's clock; ``None``: not stated.
    created_s: int | None
    #: Local wall clock of the subtitles at second 0 of the clip; NaT if there is none.
    wall_start: np.datetime64
    #: GPS time of frames, and where in the clip these stand.
    gps_times: list[str | None]
    start_s: Floats
    longitude_deg: float
    has_djmd: bool


def time_of_clip(clues: ClipTimeEvidence) -> TimeOfClip:
    """Return when a clip began."""
    words = _clock_readings_text(clues)
    by_gps = _clip_start_from_gps_time_ns(clues)
    if by_gps is not None:
        clock = Clock("GPS time in djmd", 1.0, None, (words,) if words else (), from_gnss=True)
        return TimeOfClip(clock, by_gps, words or "by GPS time", _local_clip_start_time(clues))
    if clues.created_s is None:
        clock = Clock(None, notes=(words or "the file states no time",))
        return TimeOfClip(clock, None, words, _best_local_clip_start_time(clues))
    utc, reason, uncertainty = _creation_is_utc_reason_and_error_s(clues)
    if utc:
        clock = Clock("creation time of the file, UTC", uncertainty, None, (words, reason))
        return TimeOfClip(
            clock, clues.created_s * 1_000_000_000, words, _local_clip_start_time(clues)
        )
    clock = Clock("creation time of the file, zone not known", notes=(words, reason))
    return TimeOfClip(clock, None, f"{words}, {reason}", _best_local_clip_start_time(clues))


def _best_local_clip_start_time(clues: ClipTimeEvidence) -> np.datetime64:
    """Return the start by the best clock of unknown zone; NaT if there is none."""
    local = _local_clip_start_time(clues)
    if np.isnat(local) and clues.created_s is not None:
        return np.datetime64(clues.created_s, "s")
    return local


def _local_clip_start_time(clues: ClipTimeEvidence) -> np.datetime64:
    """Return the start by the local clock of subtitles, else of the name; NaT if there is none."""
    return _time_in_file_name(clues.name) if np.isnat(clues.wall_start) else clues.wall_start


def _creation_is_utc_reason_and_error_s(clues: ClipTimeEvidence) -> tuple[bool, str, float | None]:
    """Return whether the creation time is UTC, why, and how well it is known in seconds."""
    for what, local in (("subtitles", clues.wall_start), ("name", _time_in_file_name(clues.name))):
        if np.isnat(local) or clues.created_s is None:
            continue
        epoch = np.datetime64("1970-01-01", "us")
        apart = float((local - epoch) / np.timedelta64(1, "s")) - clues.created_s
        zone = round(apart / _QUARTER_S) * _QUARTER_S
        if (
            abs(apart - zone) > _ZONE_TOLERANCE_S
            or not _ZONE_RANGE_S[0] <= zone <= _ZONE_RANGE_S[1]
        ):
            continue
        sun = clues.longitude_deg / 15 * 3600
        fits = np.isnan(sun) or abs(zone - sun) <= _SOLAR_TOLERANCE_S
        if zone and fits:
            hours = f"{zone / 3600:+g} h"
            reason = f"UTC, since the local clock of the {what} differs from it by {hours}"
            return True, reason, round(abs(apart - zone), 1) + 1
        if not zone and not fits:
            return False, f"local time, since it agrees with the local clock of the {what}", None
    if clues.has_djmd:
        return True, "taken as UTC, as models that write djmd state UTC", None
    return False, "UTC by the standard, but local time on older models: not known which", None


def _clip_start_from_gps_time_ns(clues: ClipTimeEvidence) -> int | None:
    """Return the start by GPS time, stated in whole seconds; the changes of second are exact."""
    texts = [text.encode("ascii", "replace") if text else None for text in clues.gps_times]
    instants: Instants = parse_wall_clocks(texts) if any(texts) else np.zeros(0, "datetime64[us]")
    known = ~np.isnat(instants)
    if not known.any():
        return None
    epoch = np.datetime64("1970-01-01", "us")
    since = (instants[known] - epoch) / np.timedelta64(1, "s") - clues.start_s[known]
    near = since[abs(since - np.median(since)) <= 1.5]
    return round(float(near.max()) * 1000) * 1_000_000 if len(near) else None


def _time_in_file_name(name: str) -> np.datetime64:
    match = _NAME_PATTERN.search(name)
    if match is None:
        return np.datetime64("NaT", "us")
    year, month, day, hour, minute, second = match.groups()
    text = f"{year}-{month}-{day} {hour}:{minute}:{second}".encode()
    return np.datetime64(parse_wall_clocks([text])[0], "us")


def _clock_readings_text(clues: ClipTimeEvidence) -> str:
    """Return what the file's clocks say, as they say it."""
    clocks: list[str] = []
    if clues.created_s is not None:
        stated = np.datetime_as_string(np.datetime64(clues.created_s, "s")).replace("T", " ")
        clocks.append(f"created {stated} by the file")
    if not np.isnat(clues.wall_start):
        local = np.datetime_as_string(clues.wall_start, "ms").replace("T", " ")
        clocks.append(f"start {local} by the local clock of its subtitles")
    named = _time_in_file_name(clues.name)
    if not np.isnat(named):
        local = np.datetime_as_string(named, "s").replace("T", " ")
        clocks.append(f"named {local}")
    return ", ".join(clocks)
