"""The table of captures that media files tell, for the index of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dji_audit.mapper.html._escape import escaped
from dji_audit.mapper.html._times import day, instant, milliseconds, zone

#: Captures shown; the report holds all.
_SHOWN = 500


def media_section(captures: Sequence[Mapping[str, Any]], local_zone: str) -> str:
    """Return the section of captures; empty without any.

    Args:
        captures: As `dji_audit.report.rows.capture_row` gives them.
        local_zone: The IANA time zone shown beside UTC.
    """
    if not captures:
        return ""
    rows = "".join(_row(capture, local_zone) for capture in captures[:_SHOWN])
    rest = len(captures) - _SHOWN
    more = f'<p class="note">{rest:,} more are in report.json.</p>' if rest > 0 else ""
    return (
        f'<section aria-label="Media files"><h2>{_count(len(captures))} told by media files</h2>'
        '<div class="scroll"><table><thead><tr><th scope="col">Capture</th>'
        '<th scope="col">When (UTC, local)</th><th scope="col">Where</th>'
        '<th scope="col">What, by which sensor</th><th scope="col">Files</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
        '<p class="note">Files of one name are one capture. A clock without a zone is no UTC: '
        "such a capture has no time here.</p></section>"
    )


def _count(number: int) -> str:
    return f"{number:,} capture{'s' * (number != 1)}"


def _row(capture: Mapping[str, Any], local_zone: str) -> str:
    streams: Sequence[Mapping[str, Any]] = capture["streams"]
    recorded = [
        f"{stream['kind']}, {_sensor(stream['sensor'])}" for stream in streams if stream["kind"]
    ]
    what = "<br>".join(escaped(text) for text in dict.fromkeys(recorded)) or "not stated"
    files = "<br>".join(escaped(name) for name in dict.fromkeys(s["file"] for s in streams))
    return (
        f"<tr><td>{escaped(str(capture['name']))}</td><td>{_when(streams, local_zone)}</td>"
        f"<td>{_where(streams)}</td><td>{what}</td><td>{files}</td></tr>"
    )


def _sensor(name: str | None) -> str:
    return "sensor not stated" if name in (None, "unknown") else str(name)


def _when(streams: Sequence[Mapping[str, Any]], local_zone: str) -> str:
    starts = sorted(stream["start"] for stream in streams if stream["start"])
    if not starts:
        return "not known"
    begun = milliseconds(pd.Timestamp(starts[0]))
    if begun is None:
        return "not known"
    local = escaped(zone(local_zone, begun, begun).local(begun))
    return f'{day(begun)} {instant(begun):%H:%M:%S}<span class="sub">{local}</span>'


def _where(streams: Sequence[Mapping[str, Any]]) -> str:
    for stream in streams:
        latitude, longitude = stream["latitude_deg"], stream["longitude_deg"]
        if latitude is not None and longitude is not None:
            height = stream["height_ato_m"]
            above = "" if height is None else f"{height:.0f} m above take-off"
            return f'{latitude:.6f}, {longitude:.6f}<span class="sub">{above}</span>'
    return "not stated"
