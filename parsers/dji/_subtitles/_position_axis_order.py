"""Which of the two numbers of a ``GPS(…)`` is the latitude.

DJI writes both orders.  Marks decide: a third number with the unit M is an altitude and stands
after latitude and longitude; a third that is a whole number from 0 to 40 counts satellites and
stands after longitude and latitude.  What no mark decides the range may: beyond 90 it can only be
a longitude.  Where a mark and the range disagree, or neither says anything, the order is ambiguous
and no position is taken from it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._cue_field_units import parse_number_or_nan
from ._subtitle_telemetry import SubtitleTelemetry
from ._vectorised_parsing import Floats

LATITUDE_FIRST, LONGITUDE_FIRST, AMBIGUOUS = "latitude first", "longitude first", "ambiguous"
#: Cues that damage may have spoilt do not decide.
_MOST_CONTRADICTING = 0.05


@dataclass(frozen=True, slots=True)
class GpsPositionOfEachCueAndAxisOrderBasis:
    """A position for each cue, and how it is known which number is which."""

    latitude_deg: Floats
    longitude_deg: Floats
    #: Whether a cue says in so many words that there is no position.
    says_none: npt.NDArray[np.bool_]
    satellites: Floats
    #: Dialect -> the order of its pairs; dialects that name their numbers are left out.
    axis_orders: dict[str, str]
    #: Dialect -> (first, second) of the home point of each cue, in the same order.
    home_pairs: dict[str, tuple[Floats, Floats]]


def find_gps_position_of_each_cue(
    subtitles: SubtitleTelemetry,
) -> GpsPositionOfEachCueAndAxisOrderBasis:
    """Return the position of each cue; NaN if missing or if the order is ambiguous."""
    latitude = subtitles.number_of_first_key_in_each_cue("latitude").copy()
    longitude = subtitles.number_of_first_key_in_each_cue("longitude").copy()
    satellites = np.full(len(subtitles), np.nan)
    refused = (latitude == 0) & (longitude == 0)
    orders: dict[str, str] = {}
    homes: dict[str, tuple[Floats, Floats]] = {}
    if subtitles.has_key("gps_1") or subtitles.has_key("rtk_1"):
        first, second = (
            subtitles.number_of_first_key_in_each_cue("gps_1", "rtk_1"),
            subtitles.number_of_first_key_in_each_cue("gps_2", "rtk_2"),
        )
        refused |= _cues_stating_no_position_mask(subtitles) | ((first == 0) & (second == 0))
        for number, name in enumerate(subtitles.dialects):
            rows = (subtitles.dialect_index_of_each_cue == number) & subtitles.any_key_mask(
                "gps_1", "rtk_1"
            )
            if not rows.any():
                continue
            thirds = _third_values_of_gps_triples(subtitles, rows)
            orders[name] = _latitude_or_longitude_first(first[rows], second[rows], thirds)
            homes[name] = (
                np.where(rows, subtitles.number_of_first_key_in_each_cue("home_1"), np.nan),
                np.where(rows, subtitles.number_of_first_key_in_each_cue("home_2"), np.nan),
            )
            if orders[name] != AMBIGUOUS:
                north, east = _latitude_longitude_from_known_order(
                    first[rows], second[rows], orders[name]
                )
                latitude[rows], longitude[rows] = north, east
            if orders[name] == LONGITUDE_FIRST:
                satellites[rows] = [_parse_satellite_count(text) for text in thirds]
    return GpsPositionOfEachCueAndAxisOrderBasis(
        latitude, longitude, refused, satellites, orders, homes
    )


def home_latitudes_and_longitudes(
    positions: GpsPositionOfEachCueAndAxisOrderBasis, name: str
) -> tuple[Floats, Floats] | None:
    """Return latitude and longitude of the home points of a dialect; ``None``: order unknown."""
    first, second = positions.home_pairs[name]
    if positions.axis_orders[name] == AMBIGUOUS:
        return None
    return _latitude_longitude_from_known_order(first, second, positions.axis_orders[name])


def _latitude_longitude_from_known_order(
    first: Floats, second: Floats, order: str
) -> tuple[Floats, Floats]:
    return (first, second) if order == LATITUDE_FIRST else (second, first)


def _latitude_or_longitude_first(first: Floats, second: Floats, thirds: list[bytes]) -> str:
    altitudes = sum(text.endswith((b"M", b"m")) for text in thirds)
    counts = sum(not np.isnan(_parse_satellite_count(text)) for text in thirds)
    enough = (1 - _MOST_CONTRADICTING) * len(thirds)
    by_mark = ""
    if thirds and altitudes >= enough:
        by_mark = LATITUDE_FIRST
    elif thirds and counts >= enough:
        by_mark = LONGITUDE_FIRST
    known = np.isfinite(first) & np.isfinite(second)
    allowed = _MOST_CONTRADICTING * int(known.sum())
    beyond_first = int((known & (abs(first) > 90)).sum()) > allowed
    beyond_second = int((known & (abs(second) > 90)).sum()) > allowed
    if beyond_first and beyond_second:
        return AMBIGUOUS
    by_range = LONGITUDE_FIRST if beyond_first else LATITUDE_FIRST if beyond_second else ""
    if by_mark and by_range and by_mark != by_range:
        return AMBIGUOUS
    return by_mark or by_range or AMBIGUOUS


def _third_values_of_gps_triples(
    subtitles: SubtitleTelemetry, rows: npt.NDArray[np.bool_]
) -> list[bytes]:
    gps, rtk = subtitles.value_texts("gps_3"), subtitles.value_texts("rtk_3")
    return [gps[row] or rtk[row] or b"" for row in np.flatnonzero(rows).tolist()]


def _parse_satellite_count(text: bytes) -> float:
    """Return a number of satellites; NaN if the text is not one."""
    value = parse_number_or_nan(text) if text.isdigit() else np.nan
    return value if value <= 40 else np.nan


def _cues_stating_no_position_mask(subtitles: SubtitleTelemetry) -> npt.NDArray[np.bool_]:
    """Return which cues say that there is no position."""
    gps, rtk = subtitles.value_texts("gps_1"), subtitles.value_texts("rtk_1")
    return np.array(
        [(a or b or b"").upper() == b"N/A" for a, b in zip(gps, rtk, strict=True)], bool
    )
