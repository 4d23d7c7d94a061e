"""What the track says of the aircraft at an instant, in words and as rows of a table."""

import numpy as np
import pandas as pd

from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distance_m

#: What stands for a value that is not known.
UNKNOWN = "-"
#: Seconds before an instant within which a fix still says where the aircraft was.
MAX_FIX_AGE_S = 2.0
#: Seconds from the moment of which the table of states has a row.
STATE_SECONDS = (-120, -60, -30, -20, -10, -5, -2, 0, 2, 5, 10, 30, 60)
#: What each column of the table of states shows: heading, column of the track, format.
_STATE_COLUMNS = (
    ("Height, m", "height_ato_m", "{:.1f}"),
    ("Speed, m/s", "ground_speed_mps", "{:.1f}"),
    ("Climb, m/s", "vertical_speed_mps", "{:+.1f}"),
    ("Heading, °", "heading_deg", "{:.0f}"),
    ("Pitch, °", "pitch_deg", "{:+.0f}"),
    ("Roll, °", "roll_deg", "{:+.0f}"),
    ("Battery, %", "battery_pct", "{:.0f}"),
    ("Satellites", "satellites", "{}"),
    ("Mode", "flight_mode", "{}"),
)


def row_index_of_last_fix_at_or_before(flight: Flight, instant: pd.Timestamp) -> int | None:
    """Return the row of the last fix at or before an instant; ``None``: none is near enough."""
    times = flight.track["time"].to_numpy("datetime64[ns]")
    timed = np.flatnonzero(~np.isnat(times))
    at = instant.tz_convert("UTC").tz_localize(None).to_datetime64()
    before = timed[(times[timed] <= at) & (times[timed] >= at - _to_timedelta64(MAX_FIX_AGE_S))]
    return int(before[np.argmax(times[before])]) if len(before) else None


def _to_timedelta64(seconds: float) -> np.timedelta64:
    return np.timedelta64(round(seconds * 1e9), "ns")


def position_of_fix(flight: Flight, row: int) -> tuple[float, float] | None:
    """Return latitude and longitude of a fix, WGS 84 degrees; ``None``: it states none."""
    fix = flight.track.iloc[row]
    position = float(fix["latitude_deg"]), float(fix["longitude_deg"])
    return position if np.isfinite(position).all() else None


def home_distance_text(flight: Flight, position: tuple[float, float] | None) -> str:
    """Return metres from the home point, else from the take-off; empty: not known."""
    origin = flight.home or flight.takeoff_position
    if origin is None or position is None:
        return ""
    metres = distance_m((origin.latitude_deg, origin.longitude_deg), position)
    return f"{metres:.0f}"


def aircraft_state_table(
    flight: Flight, moment: pd.Timestamp
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return headings and rows: the state of the aircraft at ``STATE_SECONDS`` about a moment.

    A column that no row fills is left out; a value that is not known is a dash.
    """
    rows = []
    for after in STATE_SECONDS:
        row = row_index_of_last_fix_at_or_before(flight, moment + pd.Timedelta(after, "s"))
        if row is not None:
            fix = flight.track.iloc[row]
            values = [_format_state_cell(fix[column], form) for _, column, form in _STATE_COLUMNS]
            distance = home_distance_text(flight, position_of_fix(flight, row)) or UNKNOWN
            clock = f"{fix['time']:%H:%M:%S.%f}"[:-5]
            rows.append([f"{after:+d} s" if after else "0", clock, distance, *values])
    headings = ["Second", "UTC", "Home, m", *(heading for heading, _, _ in _STATE_COLUMNS)]
    used = [
        index
        for index in range(len(headings))
        if any(row[index] != UNKNOWN for row in rows) or not rows
    ]
    return (
        tuple(headings[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in rows),
    )


def _format_state_cell(value: object, form: str) -> str:
    is_unknown = pd.isna(value) or value == ""  # type: ignore[call-overload]
    text = UNKNOWN if is_unknown else form.format(value)
    return text.lstrip("+-") if text.strip("+-0.") == "" and text != UNKNOWN else text
