"""The earth's magnetic field at a place and a date, by the World Magnetic Model.

Source: A. Chulliat and others, "The US/UK World Magnetic Model for 2025-2030" (NOAA technical
report, 2025), section 1.2: spherical harmonics up to degree 12 in geocentric coordinates, turned to
the horizontal of the WGS 84 ellipsoid.  The coefficients of the models of 2010 to 2025 are in
``data/magnetic_models``; each is meant for five years.  The model knows the field of the core:
rocks, buildings and power lines differ from it, by 138 nT and 0.2 degrees in the mean over the
earth, and by far more beside iron.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

#: Radius to which the coefficients refer, km.
_REFERENCE_RADIUS_KM = 6371.2
_WGS84_RADIUS_KM = 6378.137
_WGS84_FLATTENING = 1 / 298.257223563
_DEGREE = 12
_EPOCHS = (2010, 2015, 2020, 2025)
_YEARS_OF_A_MODEL = 5


@dataclass(frozen=True, slots=True)
class MagneticField:
    """The field at one place, in nanotesla."""

    north_nt: float
    east_nt: float
    down_nt: float
    #: Name of the model: "WMM2025".
    model: str

    @property
    def horizontal_nt(self) -> float:
        """Strength of the part in the horizontal."""
        return float(np.hypot(self.north_nt, self.east_nt))

    @property
    def total_nt(self) -> float:
        """Strength."""
        return float(np.hypot(self.horizontal_nt, self.down_nt))

    @property
    def declination_deg(self) -> float:
        """Angle from true to magnetic north, east positive, -180 to 180."""
        return float(np.degrees(np.arctan2(self.east_nt, self.north_nt)))

    @property
    def dip_deg(self) -> float:
        """Angle below the horizontal, down positive."""
        return float(np.degrees(np.arctan2(self.down_nt, self.horizontal_nt)))

    @property
    def declination_error_deg(self) -> float:
        """Standard error of the model's declination: it grows where the horizontal part is weak."""
        return float(np.hypot(0.26, 5417 / self.horizontal_nt))


def magnetic_field(
    time: np.datetime64, latitude_deg: float, longitude_deg: float, height_m: float = 0.0
) -> MagneticField | None:
    """Return the field at a place, or ``None`` where no model is meant for the date.

    Args:
        time: UTC.
        latitude_deg: Geodetic, WGS 84; at the poles themselves a place beside them is taken.
        longitude_deg: East positive.
        height_m: Above the ellipsoid.  A hundred metres change the field by 3 nT.
    """
    year = _decimal_year(time)
    epoch = int(year // _YEARS_OF_A_MODEL) * _YEARS_OF_A_MODEL
    if epoch not in _EPOCHS:
        return None
    latitude = float(np.radians(np.clip(latitude_deg, -89.9999, 89.9999)))
    radius_km, geocentric = _geocentric_radius_and_latitude(latitude, height_m / 1000)
    north, east, down = _geocentric_field_north_east_down_nt(
        _gauss_coefficients(epoch, year - epoch), radius_km, geocentric, np.radians(longitude_deg)
    )
    tilt = geocentric - latitude
    return MagneticField(
        north_nt=float(north * np.cos(tilt) - down * np.sin(tilt)),
        east_nt=east,
        down_nt=float(north * np.sin(tilt) + down * np.cos(tilt)),
        model=f"WMM{epoch}",
    )


def _decimal_year(time: np.datetime64) -> float:
    year = time.astype("datetime64[Y]")
    begin, end = (each.astype("datetime64[s]") for each in (year, year + np.timedelta64(1, "Y")))
    return 1970 + int(year.astype(np.int64)) + float((time - begin) / (end - begin))


def _geocentric_radius_and_latitude(latitude: float, height_km: float) -> tuple[float, float]:
    """Return the distance from the earth's centre, km, and the geocentric latitude, radians."""
    eccentricity2 = _WGS84_FLATTENING * (2 - _WGS84_FLATTENING)
    across = _WGS84_RADIUS_KM / np.sqrt(1 - eccentricity2 * np.sin(latitude) ** 2)
    from_axis = (across + height_km) * np.cos(latitude)
    from_equator = (across * (1 - eccentricity2) + height_km) * np.sin(latitude)
    radius = float(np.hypot(from_axis, from_equator))
    return radius, float(np.arctan2(from_equator, from_axis))


def _gauss_coefficients(epoch: int, years: float) -> tuple[Numbers, Numbers]:
    """Return g and h by degree and order, nT, shapes ``(13, 13)``, some years after an epoch."""
    begin, change = _read_coefficients_and_yearly_changes(epoch)
    g, h = begin + years * change
    return g, h


@cache
def _read_coefficients_and_yearly_changes(epoch: int) -> tuple[Numbers, Numbers]:
    """Return the coefficients at an epoch and their change a year, shapes ``(2, 13, 13)``."""
    text = files("dji_audit.data").joinpath(f"magnetic_models/WMM{epoch}.COF").read_text("ascii")
    begin, change = np.zeros((2, 2, _DEGREE + 1, _DEGREE + 1))
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) == 6:
            degree, order = int(fields[0]), int(fields[1])
            begin[:, degree, order] = float(fields[2]), float(fields[3])
            change[:, degree, order] = float(fields[4]), float(fields[5])
    return begin, change


def _geocentric_field_north_east_down_nt(
    coefficients: tuple[Numbers, Numbers], radius_km: float, latitude: float, longitude: float
) -> tuple[float, float, float]:
    """Return the field north, east and down in geocentric directions, nT."""
    g, h = coefficients
    legendre, slope = _schmidt_legendre_functions_and_slopes(latitude)
    orders = np.arange(_DEGREE + 1)
    cosine, sine = np.cos(orders * longitude), np.sin(orders * longitude)
    degrees = np.arange(_DEGREE + 1)
    ratio = (_REFERENCE_RADIUS_KM / radius_km) ** (degrees + 2)
    in_phase, out_of_phase = g * cosine + h * sine, g * sine - h * cosine
    north = -float(ratio @ (in_phase * slope).sum(axis=1))
    east = float(ratio @ (orders * out_of_phase * legendre).sum(axis=1) / np.cos(latitude))
    down = -float((ratio * (degrees + 1)) @ (in_phase * legendre).sum(axis=1))
    return north, east, down


def _schmidt_legendre_functions_and_slopes(latitude: float) -> tuple[Numbers, Numbers]:
    """Return Schmidt's semi-normalised functions of the sine of a latitude, and their slopes.

    The slopes are by the latitude in radians.  Both by degree and order, shape ``(13, 13)``.
    """
    # Numbers of Python, one by one, are many times faster than those of an array.
    sine, cosine = float(np.sin(latitude)), float(np.cos(latitude))
    p, dp = ([[0.0] * (_DEGREE + 1) for _ in range(_DEGREE + 1)] for _ in range(2))
    p[0][0] = 1.0
    for n in range(1, _DEGREE + 1):
        factor = 1.0 if n == 1 else math.sqrt((2 * n - 1) / (2 * n))
        p[n][n] = factor * cosine * p[n - 1][n - 1]
        dp[n][n] = factor * (cosine * dp[n - 1][n - 1] - sine * p[n - 1][n - 1])
        for m in range(n):
            below = math.sqrt(n * n - m * m)
            a, b = (2 * n - 1) / below, math.sqrt((n - 1) ** 2 - m * m) / below
            before, slope_before = (p[n - 2][m], dp[n - 2][m]) if n > 1 else (0.0, 0.0)
            p[n][m] = a * sine * p[n - 1][m] - b * before
            dp[n][m] = a * (sine * dp[n - 1][m] + cosine * p[n - 1][m]) - b * slope_before
    return np.array(p), np.array(dp)
