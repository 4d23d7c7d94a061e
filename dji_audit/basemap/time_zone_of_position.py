"""The time zone of a position, from the boundaries in the package tzfpy: no network.

tzfpy holds the boundaries of timezone-boundary-builder (OpenStreetMap, ODbL), simplified: within
some hundred metres of a boundary it may give the zone of the other side.  At sea it gives the
nautical zone, such as ``Etc/GMT+10``, which is ten hours behind UTC.
"""

import math
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzfpy


class UnknownTimeZoneNameError(LookupError):
    """The time zone database of this computer has no zone of that name."""


def time_zone_at(latitude_deg: float, longitude_deg: float) -> str | None:
    """Return the IANA name of the time zone in which a position lies.

    Args:
        latitude_deg: WGS 84.
        longitude_deg: WGS 84, of any turn.

    Returns:
        ``None`` if the position is not on the earth, or no zone holds it.

    Raises:
        UnknownTimeZoneNameError: If the time zone database is older than the boundaries.
    """
    if not (math.isfinite(longitude_deg) and abs(latitude_deg) <= 90):
        return None
    name: str = tzfpy.get_tz((longitude_deg + 180) % 360 - 180, latitude_deg)
    if not name:
        return None
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise UnknownTimeZoneNameError(name) from error
    return name
