"""The instant of a photo: UTC where the file says UTC, and else the camera's wall clock as such."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._model import Clock
from ._file import Photo

_STAMP = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"\s?(Z|[+-]\d\d:?\d\d)?$"
)
#: A photo of a drone is not older, and a later one is damage.
_EARLIEST, _LATEST = pd.Timestamp("2005-01-01"), pd.Timestamp("2100-01-01")
_QUARTER_S = 900.0
#: A camera's clock this far from UTC, its zone apart, is told as off.
_OFF_S = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a photo says of its time."""

    #: Aware UTC; ``None``: the file does not say UTC.
    utc: pd.Timestamp | None
    #: The camera's wall clock, without a zone.
    wall_clock: pd.Timestamp | None
    #: Seconds that the wall clock is ahead of UTC, in whole quarters of an hour.
    zone_s: float | None
    clock: Clock

    @property
    def own(self) -> pd.Timestamp | None:
        """UTC, else the wall clock as if it were; missing without either."""
        if self.utc is not None or self.wall_clock is None:
            return self.utc
        return self.wall_clock.tz_localize("UTC")


@dataclass(frozen=True, slots=True)
class _Stamp:
    wall: pd.Timestamp
    #: Seconds ahead of UTC; ``None``: no zone stands with it.
    zone_s: float | None

    @property
    def utc(self) -> pd.Timestamp:
        return self.wall - pd.Timedelta(seconds=self.zone_s or 0.0)


def told_time(photo: Photo) -> Told:
    """Return the time of a photo, by the strongest source that says UTC."""
    local = _local(photo)
    found = next(_utc(photo), None)
    if found is None:
        if local is None:
            return Told(None, None, None, Clock())
        note = f"the camera's wall clock says {_say(local)}"
        return Told(None, local, None, Clock("local wall clock, zone not known", notes=(note,)))
    source, utc, uncertainty_s = found
    zone_s: float | None = None
    notes: tuple[str, ...] = ()
    if local is not None:
        ahead = (local - utc).total_seconds()
        zone_s = round(ahead / _QUARTER_S) * _QUARTER_S
        notes = (_compare(local, zone_s, ahead - zone_s),)
    return Told(utc.tz_localize("UTC"), local, zone_s, Clock(source, uncertainty_s, None, notes))


def _utc(photo: Photo) -> Iterator[tuple[str, pd.Timestamp, float | None]]:
    """Yield source, UTC and its uncertainty in seconds, strongest first."""
    exposed = _stamp(photo.xmp.text("UTCAtExposure"))
    if exposed is not None:
        yield "UTCAtExposure", exposed.utc, None
    day, clock = photo.exif.text("GPSDateStamp"), photo.exif.numbers("GPSTimeStamp", 3)
    if day and clock and all(0 <= part < 61 for part in clock):
        whole = _stamp(f"{day} {clock[0]:02.0f}:{clock[1]:02.0f}:{clock[2]:09.6f}")
        if whole is not None:
            yield "EXIF GPSTimeStamp", whole.utc, 1.0
    for name in ("xmp:CreateDate", "xmp:ModifyDate"):
        created = _stamp(photo.xmp.others.get(name))
        if created is not None and created.zone_s is not None:
            yield f"{name} with its zone, the camera's own clock", created.utc, None
    taken = _stamp(f"{photo.exif.text('DateTimeOriginal')}{photo.exif.text('OffsetTimeOriginal')}")
    if taken is not None and taken.zone_s is not None:
        yield "EXIF DateTimeOriginal with its zone, the camera's own clock", taken.utc, None


def _local(photo: Photo) -> pd.Timestamp | None:
    """Return the camera's wall clock."""
    texts = (
        photo.exif.text("DateTimeOriginal"),
        photo.exif.text("DateTime"),
        photo.xmp.others.get("xmp:CreateDate"),
        photo.xmp.text("CreateDate"),
    )
    found = next((stamp for stamp in map(_stamp, texts) if stamp is not None), None)
    if found is None:
        return None
    part = photo.exif.text("SubSecTimeOriginal") or ""
    if found.wall.microsecond == 0 and part.isascii() and part.isdigit():
        return found.wall + pd.Timedelta(seconds=float(f"0.{part[:6]}"))
    return found.wall


def _stamp(text: str | None) -> _Stamp | None:
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
        return _Stamp(wall.as_unit("ns"), None)
    digits = zone.lstrip("+-").replace(":", "")
    ahead = 0.0 if zone == "Z" else int(digits[:2]) * 3600.0 + int(digits[2:]) * 60.0
    return _Stamp(wall.as_unit("ns"), -ahead if zone[0] == "-" else ahead)


def _compare(local: pd.Timestamp, zone_s: float, off_s: float) -> str:
    sign, minutes = "-" if zone_s < 0 else "+", round(abs(zone_s) / 60)
    zone = f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    said = f"the camera's wall clock says {_say(local)}, which is {zone}"
    if abs(off_s) <= _OFF_S:
        return said
    return f"{said} and {abs(off_s):.1f} s {'fast' if off_s > 0 else 'slow'}"


def _say(local: pd.Timestamp) -> str:
    return f"{local:%Y-%m-%d %H:%M:%S}"
