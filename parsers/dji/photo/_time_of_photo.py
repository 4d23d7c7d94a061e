"""The instant of a photo: UTC where the file says UTC, and else the camera's wall clock as such."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._model import Clock
from ._photo_file import Photo

_STAMP = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"\s?(Z|[+-]\d\d:?\d\d)?$"
)
#: A photo of a drone is not older, and a later one is damage.
_EARLIEST, _LATEST = pd.Timestamp("2005-01-01"), pd.Timestamp("2100-01-01")
_QUARTER_S = 900.0
#: Zones there are, seconds ahead of UTC, and how far the clock of a camera may be off besides.
_ZONES_S, _LARGEST_ERROR_S = (-12 * 3600.0, 14 * 3600.0), 900.0
_OWN_CLOCK = "the camera's own clock"
#: A camera's clock that is further from UTC, apart from its zone, is reported as fast or slow.
_CLOCK_ERROR_S = 2.0


@dataclass(frozen=True, slots=True)
class PhotoUtcAndWallClock:
    """What a photo says of its time."""

    #: Aware UTC; ``None``: the file does not say UTC.
    utc: pd.Timestamp | None
    #: The camera's wall clock, without a zone.
    wall_clock: pd.Timestamp | None
    #: Seconds that the wall clock is ahead of UTC, in whole quarters of an hour; ``None`` too where
    #: they are further apart than any zone.
    zone_s: float | None
    clock: Clock
    #: Why the two are further apart than any zone; empty: they are not.
    contradiction: str = ""

    @property
    def utc_or_wall_clock(self) -> pd.Timestamp | None:
        """UTC, else the wall clock as if it were; missing without either."""
        if self.utc is not None or self.wall_clock is None:
            return self.utc
        return self.wall_clock.tz_localize("UTC")


@dataclass(frozen=True, slots=True)
class _ParsedDateTime:
    wall_clock: pd.Timestamp
    #: Seconds ahead of UTC; ``None``: no zone stands with it.
    zone_s: float | None

    @property
    def utc(self) -> pd.Timestamp:
        return self.wall_clock - pd.Timedelta(seconds=self.zone_s or 0.0)


def time_of_photo(photo: Photo) -> PhotoUtcAndWallClock:
    """Return the time of a photo, by the strongest source that says UTC."""
    local = _camera_wall_clock_time(photo)
    best = next(_utc_candidates_with_source_and_uncertainty(photo), None)
    if best is None:
        if local is None:
            return PhotoUtcAndWallClock(None, None, None, Clock())
        note = f"the camera's wall clock says {_timestamp_as_wall_clock_text(local)}"
        return PhotoUtcAndWallClock(
            None, local, None, Clock("local wall clock, zone not known", notes=(note,))
        )
    source, utc, uncertainty_s = best
    zone_s: float | None = None
    notes: tuple[str, ...] = ()
    contradiction = ""
    if local is not None:
        ahead = (local - utc).total_seconds()
        if not _ZONES_S[0] - _LARGEST_ERROR_S <= ahead <= _ZONES_S[1] + _LARGEST_ERROR_S:
            contradiction = _clock_contradiction_text(source, local, utc, ahead)
            notes = (contradiction,)
        else:
            zone_s = round(ahead / _QUARTER_S) * _QUARTER_S
            notes = (_camera_clock_note(local, zone_s, ahead - zone_s),)
    return PhotoUtcAndWallClock(
        utc.tz_localize("UTC"),
        local,
        zone_s,
        Clock(source, uncertainty_s, None, notes),
        contradiction,
    )


def _clock_contradiction_text(
    source: str, local: pd.Timestamp, utc: pd.Timestamp, ahead_s: float
) -> str:
    """Return what it means that wall clock and UTC are further apart than any zone."""
    days = round(abs(ahead_s) / 86400)
    error = f"{days} days" if days > 1 else f"{abs(ahead_s) / 3600:.1f} h"
    if _OWN_CLOCK not in source:
        how = "fast" if ahead_s > 0 else "slow"
        clock = _timestamp_as_wall_clock_text(local)
        return f"the camera's wall clock says {clock}: it is {error} {how}"
    # Both are the camera's own: which of the two was right the photo does not say.
    how = "slow" if ahead_s > 0 else "fast"
    name = source.removesuffix(f" with its zone, {_OWN_CLOCK}")
    return (
        f"the photo states two dates of its camera: {name} {_timestamp_as_wall_clock_text(utc)} "
        f"UTC, which is used, and {_timestamp_as_wall_clock_text(local)} in EXIF; by that the "
        f"camera's clock is {error} {how}"
    )


def _utc_candidates_with_source_and_uncertainty(
    photo: Photo,
) -> Iterator[tuple[str, pd.Timestamp, float | None]]:
    """Yield source, UTC and its uncertainty in seconds, strongest first."""
    exposed = _parse_datetime(photo.xmp.first_dji_property_text("UTCAtExposure"))
    if exposed is not None:
        yield "UTCAtExposure", exposed.utc, None
    day, clock = photo.exif.tag_text("GPSDateStamp"), photo.exif.tag_numbers("GPSTimeStamp", 3)
    if day and clock and all(0 <= part < 61 for part in clock):
        gps = _parse_datetime(f"{day} {clock[0]:02.0f}:{clock[1]:02.0f}:{clock[2]:09.6f}")
        if gps is not None:
            yield "EXIF GPSTimeStamp", gps.utc, 1.0
    for name in ("xmp:CreateDate", "xmp:ModifyDate"):
        created = _parse_datetime(photo.xmp.others.get(name))
        if created is not None and created.zone_s is not None:
            yield f"{name} with its zone, {_OWN_CLOCK}", created.utc, None
    taken = _parse_datetime(
        f"{photo.exif.tag_text('DateTimeOriginal')}{photo.exif.tag_text('OffsetTimeOriginal')}"
    )
    if taken is not None and taken.zone_s is not None:
        yield f"EXIF DateTimeOriginal with its zone, {_OWN_CLOCK}", taken.utc, None


def _camera_wall_clock_time(photo: Photo) -> pd.Timestamp | None:
    """Return the camera's wall clock."""
    texts = (
        photo.exif.tag_text("DateTimeOriginal"),
        photo.exif.tag_text("DateTime"),
        photo.xmp.others.get("xmp:CreateDate"),
        photo.xmp.first_dji_property_text("CreateDate"),
    )
    stamp = next((stamp for stamp in map(_parse_datetime, texts) if stamp is not None), None)
    if stamp is None:
        return None
    part = photo.exif.tag_text("SubSecTimeOriginal") or ""
    if stamp.wall_clock.microsecond == 0 and part.isascii() and part.isdigit():
        return stamp.wall_clock + pd.Timedelta(seconds=float(f"0.{part[:6]}"))
    return stamp.wall_clock


def _parse_datetime(text: str | None) -> _ParsedDateTime | None:
    """Return date and time of a text in EXIF's or XMP's form; ``None``: it is neither."""
    match = _STAMP.match(text.strip()) if text else None
    if match is None:
        return None
    *numbers, fraction, zone = match.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        wall = pd.Timestamp(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    wall += np.timedelta64(int((fraction or "0").ljust(9, "0")), "ns")
    if not _EARLIEST < wall < _LATEST:
        return None
    if zone is None:
        return _ParsedDateTime(wall.as_unit("ns"), None)
    digits = zone.lstrip("+-").replace(":", "")
    ahead = 0.0 if zone == "Z" else int(digits[:2]) * 3600.0 + int(digits[2:]) * 60.0
    return _ParsedDateTime(wall.as_unit("ns"), -ahead if zone[0] == "-" else ahead)


def _camera_clock_note(local: pd.Timestamp, zone_s: float, off_s: float) -> str:
    sign, minutes = "-" if zone_s < 0 else "+", round(abs(zone_s) / 60)
    zone = f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    note = f"the camera's wall clock says {_timestamp_as_wall_clock_text(local)}, which is {zone}"
    if abs(off_s) <= _CLOCK_ERROR_S:
        return note
    return f"{note} and {abs(off_s):.1f} s {'fast' if off_s > 0 else 'slow'}"


def _timestamp_as_wall_clock_text(local: pd.Timestamp) -> str:
    return f"{local:%Y-%m-%d %H:%M:%S}"
