"""The track of a ULog of Hivemind, the firmware of drones that fly shows.

It has none of PX4's topics.  ``RSSI`` holds latitude and longitude, once a second; ``Vehicle``
holds the place in the frame of the show, four times a second, up positive, and the quality of its
fix, in the numbers of MAVLink's GPS_FIX_TYPE.  Read from logs of four aircraft: on the ground the
height reads 0 within the error of the fix, so it is taken for that above take-off.  That of
a plain fix wanders by tens of metres while the aircraft lies still: only a height that is
corrected by another receiver (differential or RTK) is one.
"""

from typing import Any

import numpy as np

from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from ._topic_series import TopicSeries, latest_rows_and_validity
from ._ulog_context import UlogContext

VEHICLE, POSITION = "Vehicle", "RSSI"
#: Least quality of a fix that is corrected: 4 differential, 5 and 6 RTK.
CORRECTED_FIX = 4
#: Microseconds for which a position holds.
POSITION_VALID_US = 2_500_000


def read_show_drone_positions(log: UlogContext) -> dict[str, Any] | None:
    """Return columns of the track, one row for each record with a corrected fix."""
    vehicle, position = log.series(VEHICLE), log.series(POSITION)
    if vehicle is None:
        return None
    place, fix = vehicle.vectors_of_field("localPos", 3), vehicle.integers_of_field("positionLock")
    if place is None or fix is None:
        return None
    rows = np.flatnonzero(fix >= CORRECTED_FIX)
    if not len(rows):
        return None
    latitude, longitude = _latest_latitudes_and_longitudes(log, vehicle, position)
    missing = np.full(len(rows), np.nan)
    return {
        "ticks": vehicle.ticks[rows],
        "source_offset": vehicle.offsets[rows],
        "latitude_deg": latitude[rows],
        "longitude_deg": longitude[rows],
        "altitude_amsl_m": missing,
        "height_ato_m": place[rows, 2],
        "north": missing,
        "east": missing.copy(),
        "vertical_speed_mps": missing.copy(),
        "fix_ok": np.ones(len(rows)),
    }


def _latest_latitudes_and_longitudes(
    log: UlogContext, vehicle: TopicSeries, position: TopicSeries | None
) -> tuple[Any, Any]:
    """Return latitude and longitude as of each record, NaN where none is recent."""
    missing = np.full(len(vehicle), np.nan)
    if position is None:
        return missing, missing
    latitude, longitude = (
        position.first_present_field_as_floats("latitude"),
        position.first_present_field_as_floats("longitude"),
    )
    if latitude is None or longitude is None:
        return missing, missing
    fixes = replace_false_positions_with_nan(latitude, longitude, position.ticks * 1000)
    log.issues += fixes.issues(f"{POSITION} records", position.offsets)
    rows, recent = latest_rows_and_validity(vehicle.ticks, position.ticks, POSITION_VALID_US)
    return (
        np.where(recent, fixes.latitude_deg[rows], np.nan),
        np.where(recent, fixes.longitude_deg[rows], np.nan),
    )
