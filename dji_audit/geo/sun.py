"""Where the sun stands, and when it rises and sets: for night, twilight and schedules.

Method: the low-accuracy theory of the sun in J. Meeus, "Astronomical Algorithms",
2nd edition, chapters 12, 22 and 25 (0.01 degrees; the same that NOAA's solar
calculator uses), with the Earth's rotation as Greenwich mean sidereal time of the
same book.  UTC stands for UT1; terrestrial time is 69 s ahead of it.

Elevations are geometric: from the horizontal at the observer to the centre of the
disc, without refraction.  Sunrise and sunset, where the upper limb touches a level
horizon through a standard atmosphere, are an elevation of ``SUNRISE_DEG``.
"""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]

#: Elevation of the centre at sunrise and sunset: 34' of refraction and 16' of radius.
SUNRISE_DEG = -50 / 60
#: Elevation at which civil twilight begins and ends.
CIVIL_TWILIGHT_DEG = -6.0

_J2000 = np.datetime64("2000-01-01T12:00:00", "ns")
_DAY = np.timedelta64(86_400_000_000_000, "ns")
_TERRESTRIAL_LEAD_DAYS = 69 / 86_400


def sun_azimuths_and_elevations_deg(
    times: Instants, latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike
) -> tuple[Numbers, Numbers]:
    """Return the sun's azimuth (from true north, 0 to 360) and elevation, in degrees.

    Args:
        times: UTC, shape ``(n,)``; ``NaT`` gives NaN.
        latitude_deg: North positive; one, or one for each time.
        longitude_deg: East positive; likewise.
    """
    latitude = np.radians(np.asarray(latitude_deg, np.float64))
    days = _days_since_2000(times)
    ascension, declination = _right_ascension_and_declination(days)
    hour_angle = (
        np.radians(_greenwich_sidereal_angles_deg(days) + np.asarray(longitude_deg)) - ascension
    )
    up = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(
        hour_angle
    )
    east = -np.cos(declination) * np.sin(hour_angle)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(
        declination
    ) * np.cos(hour_angle)
    azimuth = np.degrees(np.arctan2(east, north)) % 360
    return azimuth, np.degrees(np.arcsin(np.clip(up, -1, 1)))


def sun_rise_and_set_times(
    days: Instants,
    latitude_deg: npt.ArrayLike,
    longitude_deg: npt.ArrayLike,
    elevation_deg: float = SUNRISE_DEG,
) -> tuple[Instants, Instants]:
    """Return when the sun climbs through an elevation and when it sinks through it.

    Both belong to the solar day of the place: the rise is the last before that
    day's noon, the setting the first after it.  ``NaT`` where the sun stays above
    or below all day.

    Args:
        days: Solar days of the place, ``datetime64`` of any unit, shape ``(n,)``;
            ``dates_by_mean_solar_time`` gives that of an instant.
        latitude_deg: North positive; one, or one for each day.
        longitude_deg: East positive; likewise.
        elevation_deg: Geometric elevation of the sun's centre.
    """
    noon = _mean_solar_noons_utc(days, longitude_deg)
    return (
        _times_sun_passes_elevation(noon, latitude_deg, longitude_deg, elevation_deg, -1),
        _times_sun_passes_elevation(noon, latitude_deg, longitude_deg, elevation_deg, 1),
    )


def dates_by_mean_solar_time(times: Instants, longitude_deg: npt.ArrayLike) -> Instants:
    """Return the day it is by mean solar time at a longitude, as ``datetime64[D]``."""
    local: Instants = _to_datetime64_ns(times) + _mean_solar_time_minus_utc(longitude_deg)
    return local.astype("datetime64[D]")


def _times_sun_passes_elevation(
    noon: Instants,
    latitude_deg: npt.ArrayLike,
    longitude_deg: npt.ArrayLike,
    elevation_deg: float,
    side: int,
) -> Instants:
    """Return when the sun passes an elevation before (-1) or after (1) true noon."""
    latitude = np.radians(np.asarray(latitude_deg, np.float64))

    def half_day_deg(declination: Numbers) -> Numbers:
        """Return how far the sky turns from there to noon; NaN where the sun never is there."""
        up = np.sin(np.radians(elevation_deg)) - np.sin(latitude) * np.sin(declination)
        with np.errstate(invalid="ignore"):
            turned: Numbers = np.arccos(up / (np.cos(latitude) * np.cos(declination)))
        return np.degrees(turned)

    _, declination = _right_ascension_and_declination(_days_since_2000(noon))
    found = _add_days(noon, side * half_day_deg(declination) / 360)
    # The sun moves a degree a day: three passes leave far less than a second.
    for _ in range(3):
        days = _days_since_2000(found)
        ascension, declination = _right_ascension_and_declination(days)
        hour_angle = (
            _greenwich_sidereal_angles_deg(days) + np.asarray(longitude_deg) - np.degrees(ascension)
        )
        left = (side * half_day_deg(declination) - hour_angle + 180) % 360 - 180
        found = _add_days(found, left / 360)
    return found


def _mean_solar_noons_utc(days: Instants, longitude_deg: npt.ArrayLike) -> Instants:
    """Return mean noon of solar days, UTC."""
    midnight: Instants = np.asarray(days, "datetime64[D]").astype("datetime64[ns]")
    noon: Instants = midnight + (_DAY // 2 - _mean_solar_time_minus_utc(longitude_deg))
    return noon


def _mean_solar_time_minus_utc(longitude_deg: npt.ArrayLike) -> npt.NDArray[np.timedelta64]:
    """Return how far mean solar time is ahead of UTC."""
    lead = np.asarray(longitude_deg, np.float64) / 360 * 86_400e9
    return lead.astype("timedelta64[ns]")


def _add_days(times: Instants, days: Numbers) -> Instants:
    missing = np.isnan(days)
    moved: Instants = times + (np.where(missing, 0, days) * 86_400e9).astype("timedelta64[ns]")
    moved[missing] = np.datetime64("NaT")
    return moved


def _to_datetime64_ns(times: Instants) -> Instants:
    return np.asarray(times, "datetime64[ns]")


def _days_since_2000(times: Instants) -> Numbers:
    since: Numbers = (_to_datetime64_ns(times) - _J2000) / _DAY
    return since


def _greenwich_sidereal_angles_deg(days: Numbers) -> Numbers:
    """Return Greenwich mean sidereal time as an angle (Meeus 12.4)."""
    centuries = days / 36_525
    return (
        280.46061837
        + 360.98564736629 * days
        + 0.000387933 * centuries**2
        - centuries**3 / 38_710_000
    )


def _right_ascension_and_declination(days: Numbers) -> tuple[Numbers, Numbers]:
    """Return the sun's apparent right ascension and declination, radians (Meeus 25)."""
    t = (days + _TERRESTRIAL_LEAD_DAYS) / 36_525
    mean_longitude = 280.46646 + 36_000.76983 * t + 0.0003032 * t**2
    anomaly = np.radians(357.52911 + 35_999.05029 * t - 0.0001537 * t**2)
    centre = (
        (1.914602 - 0.004817 * t - 0.000014 * t**2) * np.sin(anomaly)
        + (0.019993 - 0.000101 * t) * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    node = np.radians(125.04 - 1_934.136 * t)
    longitude = np.radians(mean_longitude + centre - 0.00569 - 0.00478 * np.sin(node))
    obliquity = np.radians(
        23.439291 - 0.0130042 * t - 1.64e-7 * t**2 + 5.04e-7 * t**3 + 0.00256 * np.cos(node)
    )
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    return ascension, np.arcsin(np.sin(obliquity) * np.sin(longitude))
