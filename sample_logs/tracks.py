"""Write where the pilot of the story stood, as a watch and a phone record it: GPX and KML.

From the schemas of GPX 1.1 and KML 2.2; no reader is imported.  The pilot walks a few steps around
the place that the story names.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs.facts import write_files_of_track
from sample_logs.story import (
    HOME_LATITUDE,
    HOME_LONGITUDE,
    METRES_PER_DEGREE_EAST,
    METRES_PER_DEGREE_NORTH,
    PILOT_EAST,
    PILOT_NORTH,
    START_MS,
)

FOLDER = "tracks"
WATCH, PHONE = "pilot_watch.gpx", "observer_phone.kml"
#: A minute before the log of the story begins, a fix every five seconds.
COUNT, STEP_S, EARLIER_S = 132, 5, 60
ACCURACY_M = 4.0


class Fix(NamedTuple):
    """Where a person is."""

    time: datetime
    latitude: float
    longitude: float


def fixes(north: float = PILOT_NORTH, east: float = PILOT_EAST) -> Iterator[Fix]:
    """Yield where somebody is who walks around a place within three metres."""
    begin = datetime.fromtimestamp(START_MS // 1000, UTC) - timedelta(seconds=EARLIER_S)
    for number in range(COUNT):
        angle = 2 * math.pi * number / 40
        yield Fix(
            begin + timedelta(seconds=number * STEP_S),
            round(HOME_LATITUDE + (north + 3 * math.sin(angle)) / METRES_PER_DEGREE_NORTH, 7),
            round(HOME_LONGITUDE + (east + 3 * math.cos(angle)) / METRES_PER_DEGREE_EAST, 7),
        )


def write_tracks(folder: Path) -> dict[str, Any]:
    """Write both files; return what is true of them."""
    files = (
        (WATCH, "track in GPX", "1.1", _gpx()),
        (PHONE, "track in KML", "2.2", _kml()),
    )
    return write_files_of_track(folder / FOLDER, files, COUNT)


def _gpx() -> bytes:
    points = "".join(
        f'<trkpt lat="{fix.latitude}" lon="{fix.longitude}"><ele>410.0</ele>'
        f"<time>{fix.time:%Y-%m-%dT%H:%M:%SZ}</time><hdop>1.1</hdop></trkpt>\n"
        for fix in fixes()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="Example Watch" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<trk><name>Training</name><trkseg>\n{points}</trkseg></trk>\n</gpx>\n"
    ).encode()


def _kml() -> bytes:
    walk = list(fixes(PILOT_NORTH + 12.0, PILOT_EAST - 20.0))
    whens = "".join(f"<when>{fix.time:%Y-%m-%dT%H:%M:%SZ}</when>\n" for fix in walk)
    coordinates = "".join(
        f"<gx:coord>{fix.longitude} {fix.latitude} 410.0</gx:coord>\n" for fix in walk
    )
    errors = "".join(f"<gx:value>{ACCURACY_M}</gx:value>" for _ in walk)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2">\n'
        "<Document><name>Observer</name><Placemark><name>Walk</name><gx:Track>\n"
        f"<altitudeMode>clampToGround</altitudeMode>\n{whens}{coordinates}"
        '<ExtendedData><SchemaData schemaUrl="#fix"><gx:SimpleArrayData name="accuracy">'
        f"{errors}</gx:SimpleArrayData></SchemaData></ExtendedData>\n"
        "</gx:Track></Placemark></Document></kml>\n"
    ).encode()
