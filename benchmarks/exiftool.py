"""What ExifTool finds of place, time, angles and heights in photos and videos, and dji-audit not.

    python benchmarks/exiftool.py FOLDER

Needs ExifTool (Debian: libimage-exiftool-perl).  Each tag that speaks of a place, a time, an angle,
a height, a speed or a distance is looked for among all values of the records of the same file; a
number counts as found if one is equal to ten significant digits, in degrees also as whole minutes
and seconds.  ``docs/exiftool.md`` lists what is left and who is right.
"""

import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import parsers

SUFFIXES = {".jpg", ".jpeg", ".dng", ".tif", ".tiff", ".xmp", ".mp4", ".mov", ".lrf", ".osv"}
COMPARED_TAGS = re.compile(
    r"latitude|longitude|altitude|height|yaw|pitch|roll|speed|date|time|direction|bearing|track|distance"
    r"|gps|degree|serial|sensor_id",
    re.IGNORECASE,
)
#: Tags that describe the container, or that ExifTool makes of others.
IGNORED = re.compile(
    r"^(File|System|ExifTool|Composite|ICC|JFIF|MPF|MPImage)|TrackID|TrackLayer|TrackVolume"
    r"|TrackHeaderVersion|NextTrackID|TimeScale|TimeToSample|GPSVersionID|PreviewTime|PosterTime"
    r"|SelectionTime|CurrentTime|ExposureTime|SampleTime|CalibrationDistance"
)


def main(folder: Path) -> int:
    """Print each tag that was not found, and how many were; return 1 if one was not."""
    counts: Counter[str] = Counter()
    for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in SUFFIXES):
        told = exiftool_tags(path)
        known = list(values_of_records(path))
        for tag, value in told.items():
            found = is_among(value, known)
            counts["found" if found else "not found"] += 1
            if not found:
                print(f"{path.name}: {tag} = {value!r}")
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return 1 if counts["not found"] else 0


def exiftool_tags(path: Path) -> dict[str, Any]:
    """Return the tags of ExifTool that speak of place, time, angles and heights."""
    command = ["exiftool", "-j", "-n", "-G1", "-a", "-u", "-ee", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (tags,) = json.loads(done.stdout)
    return {
        tag: value
        for tag, value in tags.items()
        if COMPARED_TAGS.search(tag.rpartition(":")[2])
        and not IGNORED.search(tag)
        and not IGNORED.search(tag.rpartition(":")[2])
        and value not in ("", "0000:00:00 00:00:00", "undef")
        and not str(value).startswith("(Binary data")
    }


def values_of_records(path: Path) -> Iterator[Any]:
    """Yield every value of every record and table of a file, as text or number."""
    for log in parsers.read_file(path).logs:
        frames = [log.track, *(log.records(name) for name in log.record_counts)]
        for frame in frames:
            for column in frame.columns:
                for value in frame[column].tolist():
                    yield from value if isinstance(value, tuple) else (value,)
        yield from (text for text in (log.aircraft.serial, log.aircraft.camera_serial) if text)
        for position in log.named_positions:
            yield from (position.latitude_deg, position.longitude_deg)
        yield from re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", " ".join(log.clock.notes))


def is_among(value: Any, known: list[Any]) -> bool:
    """Return whether a value of ExifTool is one of the values of the records."""
    numbers = [each for each in map(as_number, known) if each is not None]
    wanted = as_number(value)
    if wanted is not None:
        degrees = {abs(wanted), math.floor(abs(wanted))}
        return any(
            math.isclose(wanted, each, rel_tol=1e-9, abs_tol=1e-9)
            or math.isclose(wanted % 360, each, rel_tol=1e-9, abs_tol=1e-9)
            for each in numbers
        ) or (wanted % 1 != 0 and degrees <= set(numbers) | {abs(wanted)})
    text = plain(value)
    return any(text in plain(each) for each in known if isinstance(each, str | pd.Timestamp))


def as_number(value: Any) -> float | None:
    """Return a number, or a text that is one; ``None``: it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def plain(value: Any) -> str:
    """Return digits and letters of a text, so that dates compare however they are written."""
    return re.sub(r"[^0-9a-z]", "", re.sub(r"(?<=\d)T(?=\d)", "", str(value)).lower())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
