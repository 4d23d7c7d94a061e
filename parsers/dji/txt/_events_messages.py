"""What the app told its user, sorted by what it speaks of; and other aircraft heard."""

import re
from collections.abc import Iterator

from ._event_rows import Row, instant
from ._record_file import RecordFile

_ADSB = 27
#: Record type -> its name, and the rank of what it says.
_RANKS = {
    9: ("AppTip", "tip", "info"),
    10: ("AppWarn", "warning", "notice"),
    18: ("VisionWarning", "warning", "notice"),
    24: ("AppSeriousWarn", "warning", "serious"),
}
#: A text that speaks of a zone or a boundary.  ``GEO:`` opens DJI's own messages.
_ZONE = re.compile(
    r"\bGEO\b|no.?fly|restricted|authori[sz]ation zone|warning zone|altitude zone|geo.?fence"
    r"|\bNFZ\b|flight zone|airport|custom unlock",
    re.IGNORECASE,
)
_LIMITS = (
    ("limit.config", re.compile(r"\bset\b.*\b(altitude|height|distance|radius)\b", re.IGNORECASE)),
    ("limit.height", re.compile(r"max\w* (flight )?(altitude|height)", re.IGNORECASE)),
    ("limit.distance", re.compile(r"max\w* (flight )?(distance|radius)", re.IGNORECASE)),
)


def message_events(file: RecordFile) -> Iterator[Row]:
    """Yield the messages of the app, and the aircraft that ADS-B heard."""
    for kind, (name, event_kind, severity) in _RANKS.items():
        rows, listed = file.listed(kind)
        for number, offset, row in listed.rows():
            yield {
                "time": instant(int(file.times.ns[rows[number]])),
                "kind": kind_of(row["text"], event_kind),
                "severity": severity,
                "grade": "reported",
                "text": row["text"],
                "record": name,
                "source_offset": offset,
            }
    yield from _traffic(file)


def kind_of(text: str, otherwise: str) -> str:
    """Return the kind of event that a message is."""
    if _ZONE.search(text):
        return "geofence.warning"
    return next((kind for kind, pattern in _LIMITS if pattern.search(text)), otherwise)


def _traffic(file: RecordFile) -> Iterator[Row]:
    """Yield one event for each aircraft heard, from the first message of it to the last."""
    rows, listed = file.listed(_ADSB)
    heard: dict[str, Row] = {}
    for number, offset, row in listed.rows():
        time = instant(int(file.times.ns[rows[number]]))
        place = f"{row['latitude_deg']:.4f}, {row['longitude_deg']:.4f}"
        if row["icao"] in heard:
            heard[row["icao"]] |= {"end": time, "value": heard[row["icao"]]["value"] + 1}
            continue
        heard[row["icao"]] = {
            "time": time, "end": time, "kind": "traffic", "severity": "info",
            "grade": "reported", "record": "ADSB", "source_offset": offset, "value": 1.0,
            "text": f"another aircraft, ICAO {row['icao']}, first near {place}",
        }  # fmt: skip
    yield from heard.values()
