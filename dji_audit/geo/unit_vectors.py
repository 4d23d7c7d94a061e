"""Positions as unit vectors: fast bounds of distances, and points between two positions."""

import numpy as np

from dji_audit.geo.geodesy import Floats

#: All radii of curvature of the ellipsoid lie between these.
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 6_335_000.0, 6_400_000.0


def lat_lon_to_vectors(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Return unit vectors from the centre of a sphere, shape ``(n, 3)``."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    level = np.cos(latitude)
    return np.stack(
        [level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)], axis=-1
    )


def vectors_to_lat_lon(vectors: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of vectors, which need not be of unit length."""
    x, y, z = vectors.T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def chord_lengths_between_unit_vectors(first: Floats, second: Floats) -> Floats:
    """Return the lengths of the chords between unit vectors."""
    # Three columns at once are several times as fast as a norm of each row.
    x, y, z = np.moveaxis(first - second, -1, 0)
    length: Floats = np.sqrt(x * x + y * y + z * z)
    return length


def max_ground_distances_of_chords_m(chord: Floats) -> Floats:
    """Return the largest ground distance that a chord between unit vectors may stand for.

    The vectors are formed from geodetic latitude, so a distance is an angle times a radius
    of curvature of the ellipsoid, which is at most ``LARGEST_RADIUS_M``.
    """
    arc: Floats = 2 * np.arcsin(np.minimum(chord / 2, 1)) * LARGEST_RADIUS_M * 1.001
    return arc


def min_ground_metres_from_chord_lengths(chord: Floats) -> Floats:
    """Return the least ground distance that a chord between unit vectors may stand for."""
    arc: Floats = 2 * np.arcsin(np.minimum(chord / 2, 1)) * SMALLEST_RADIUS_M * 0.995
    return arc
