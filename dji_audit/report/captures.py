"""What a flight's cameras recorded, as plain values: one row a capture, with its bytes."""

from typing import Any

from dji_audit.flights import Flight
from dji_audit.report.rows import Plain, iso

#: Captures of a flight that are listed; a survey takes some thousands of photos.
MOST = 5000


def captures_row(flight: Flight) -> Plain | None:
    """Return the captures of a flight in order of time; ``None``: none of its logs can tell.

    Of more than ``MOST`` the first are listed, and ``left_out`` says how many are not.
    """
    found = flight.captures
    if not len(found) and not flight.can_tell("captures"):
        return None
    listed = found.head(MOST).to_dict("records")
    return {
        "rows": [_row(flight, capture) for capture in listed],
        "left_out": len(found) - len(listed),
    }


def _row(flight: Flight, capture: dict[Any, Any]) -> Plain:
    told_by = flight.logs[int(capture["told_by"])].source
    return {
        "start": iso(capture["start"]),
        "end": iso(capture["end"]),
        "sensor": _said(capture["sensor"]),
        "kind": _said(capture["kind"]),
        "grade": _said(capture["grade"]),
        "source": _said(capture["source"]),
        "media_file": _said(capture["file"]),
        "file": told_by.name,
        "sha256": told_by.sha256,
        "offset": int(capture["source_offset"]),
    }


def _said(value: object) -> str | None:
    """Return a text of a table; ``None`` where it is missing."""
    return value if isinstance(value, str) else None
