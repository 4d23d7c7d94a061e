"""What a flight's cameras recorded, as plain values: one row a capture, with its bytes."""

from typing import Any

from dji_audit.flights import Flight
from dji_audit.report.rows import Plain, iso_utc

#: Captures of a flight that are listed; a survey takes some thousands of photos.
MAX_CAPTURES = 5000


def capture_list(flight: Flight) -> Plain | None:
    """Return the captures of a flight in order of time; ``None``: none of its logs can tell.

    Of more than ``MOST`` the first are listed, and ``left_out`` says how many are not.
    """
    found = flight.captures
    if not len(found) and not flight.covers("captures"):
        return None
    listed = found.head(MAX_CAPTURES).to_dict("records")
    return {
        "rows": [_capture_row(flight, capture) for capture in listed],
        "left_out": len(found) - len(listed),
    }


def _capture_row(flight: Flight, capture: dict[Any, Any]) -> Plain:
    told_by = flight.logs[int(capture["source_index"])].source
    return {
        "start": iso_utc(capture["start"]),
        "end": iso_utc(capture["end"]),
        "sensor": text_or_none(capture["sensor"]),
        "kind": text_or_none(capture["kind"]),
        "grade": text_or_none(capture["grade"]),
        "source": text_or_none(capture["source"]),
        "media_file": text_or_none(capture["file"]),
        "file": told_by.name,
        "sha256": told_by.sha256,
        "offset": int(capture["source_offset"]),
    }


def text_or_none(value: object) -> str | None:
    """Return a text of a table; ``None`` where it is missing."""
    return value if isinstance(value, str) else None
