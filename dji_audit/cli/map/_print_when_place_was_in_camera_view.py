"""When a place was in view, on a terminal or as a table for other programs."""

from collections.abc import Sequence

import pandas as pd

from dji_audit.camera_view import CERTAINTIES
from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stdout
from dji_audit.cli._text_table import format_table, terminal_width_or_none
from dji_audit.cli.inspect._inspect_log import data_frame_in_output_format
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.flights import SIGHTING_COLUMNS, PointSightingsInFlight, point_sighting_rows

Position = tuple[float, float]


def parse_position(text: str) -> Position:
    """Return latitude and longitude from a text such as ``54.6412,-2.2275``.

    Raises:
        typer.Exit: If it is not a position.
    """
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise print_error_and_return_exit(
            f"--place {text}: use latitude,longitude in degrees, such as 54.6412,-2.2275"
        )
    return latitude, longitude


def print_times_in_view(results: Sequence[PointSightingsInFlight], format_: str) -> None:
    """Print when a place was in view of each flight's camera, and for which flights is unknown."""
    rows = list(point_sighting_rows(results))
    if format_ != "table":
        print_to_stdout(
            data_frame_in_output_format(pd.DataFrame(rows, columns=list(SIGHTING_COLUMNS)), format_)
        )
        return
    head = (
        "FLIGHT",
        "START (UTC)",
        "FOR",
        "SENSOR",
        "RECORDED",
        "HOW",
        "ERROR",
        "DISTANCE",
        "FILE",
    )
    lines = [
        (
            row["flight"] or "none",
            f"{row['start']:%Y-%m-%d %H:%M:%S}",
            f"{(row['end'] - row['start']).total_seconds():.1f} s",
            row["sensor"],
            row["recorded"] or "not recorded",
            row["certainty"],
            "unknown" if row["error_m"] is None else f"{row['error_m']:.0f} m",
            f"{row['range_m']:.0f} m",
            terminal_safe_text(row["file"]),
        )
        for row in rows
        if not row["unknown_reason"]
    ]
    output = (
        [
            format_table(
                [head, *lines], right_aligned=frozenset({2, 6, 7}), width=terminal_width_or_none()
            )
        ]
        if lines
        else []
    )
    output += [
        f"{terminal_safe_text(row['file'])}: {row['unknown_reason']}"
        for row in rows
        if row["unknown_reason"]
    ]
    never = sum(not entry.sightings and not entry.unknown_reason for entry in results)
    unknown = sum(bool(entry.unknown_reason) for entry in results)
    seen = len(results) - never - unknown
    output.append(
        f"Flights and single recordings: {len(results)}. "
        f"The camera viewed the place or its direction "
        f"in {seen}, never in {never}; unknown for {unknown}."
    )
    certainties = {row["certainty"] for row in rows if not row["unknown_reason"]}
    output += [
        f"  {word}: {meaning}" for word, meaning in CERTAINTIES.items() if word in certainties
    ]
    output += sorted({f"  ground: {entry.ground_source}" for entry in results if entry.sightings})
    output += sorted(
        {
            f"  field of view [{entry.fov_grade}]: {terminal_safe_text(entry.fov_source)}"
            for entry in results
            if entry.sightings and entry.fov_grade
        }
    )
    print_to_stdout("\n".join(output) + "\n")
