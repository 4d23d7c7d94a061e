"""When a place was in view, told on a terminal or as a table for other programs."""

from collections.abc import Sequence

import pandas as pd

from dji_audit.cli._table import format_table, terminal_width
from dji_audit.cli._terminal import fail, safe_text, print_data
from dji_audit.cli.inspect._log import format_frame
from dji_audit.flights import SIGHTING_COLUMNS, FlightSightings, sighting_rows
from dji_audit.view import CERTAINTIES

Position = tuple[float, float]


def parse_position(text: str) -> Position:
    """Return latitude and longitude from a text such as ``54.6412,-2.2275``.

    Raises:
        typer.Exit: If it is no place.
    """
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise fail(f"--place {text}: write latitude,longitude in degrees, such as 54.6412,-2.2275")
    return latitude, longitude


def print_sightings(told: Sequence[FlightSightings], format_: str) -> None:
    """Print when a place was in view of each flight's camera, and which flights cannot tell."""
    rows = list(sighting_rows(told))
    if format_ != "table":
        print_data(format_frame(pd.DataFrame(rows, columns=list(SIGHTING_COLUMNS)), format_))
        return
    head = ("FLIGHT", "START (UTC)", "FOR", "SENSOR", "RECORDED", "HOW", "ERROR", "AWAY", "FILE")
    lines = [
        (
            row["flight"] or "none",
            f"{row['start']:%Y-%m-%d %H:%M:%S}",
            f"{(row['end'] - row['start']).total_seconds():.1f} s",
            row["sensor"],
            row["recorded"] or "not shown",
            row["certainty"],
            "no place" if row["error_m"] is None else f"{row['error_m']:.0f} m",
            f"{row['range_m']:.0f} m",
            safe_text(row["file"]),
        )
        for row in rows
        if not row["unknown_reason"]
    ]
    out = (
        [format_table([head, *lines], right_aligned=frozenset({2, 6, 7}), width=terminal_width())]
        if lines
        else []
    )
    out += [f"{safe_text(r['file'])}: {r['unknown_reason']}" for r in rows if r["unknown_reason"]]
    never = sum(not one.sightings and not one.unknown_reason for one in told)
    silent = sum(bool(one.unknown_reason) for one in told)
    seen = len(told) - never - silent
    out.append(
        f"Flights and single recordings: {len(told)}. The place was in view or in the direction "
        f"of it in {seen}, never in {never}; {silent} cannot tell."
    )
    used = {row["certainty"] for row in rows if not row["unknown_reason"]}
    out += [f"  {word}: {meaning}" for word, meaning in CERTAINTIES.items() if word in used]
    out += sorted({f"  ground: {one.ground_source}" for one in told if one.sightings})
    out += sorted(
        {
            f"  field of view [{one.fov_grade}]: {safe_text(one.fov_source)}"
            for one in told
            if one.sightings and one.fov_grade
        }
    )
    print_data("\n".join(out) + "\n")
