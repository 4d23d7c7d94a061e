"""Where the picture lies on the ground, held against others who worked it out."""

import math

import numpy as np
import pytest
from pyproj import Transformer

from dji_audit.camera_view import (
    footprint_corners_m,
    footprint_outline_m_and_whether_clipped,
)
from dji_audit.camera_view._camera_footprint import MIN_DEPRESSION_DEG
from dji_audit.camera_view._ground_point_error import radius_of_95_percent_m
from dji_audit.geo.local_plane import east_north_m, position_from_east_north

# Height, yaw, pitch, roll, field of view across and up; then east and north of the four
# corners.  Worked out with matrices Rz(yaw) Ry(pitch) Rx(roll) in north, east, down at 40
# digits (mpmath); cameratransform 1.2.1 gives the same to the last digit shown where there
# is no roll, and with the roll of the other sign where there is: it counts left down.
GOLDEN = [
    ((60, 0, -90, 0, 73.74, 53.13),
     [(-45.000167, 29.999933), (45.000167, 29.999933), (45.000167, -29.999933),
      (-45.000167, -29.999933)]),
    ((60, 30, -60, 0, 73.74, 53.13),
     [(-17.825444, 115.223708), (108.69938, 42.174567), (36.720451, -17.041978),
      (-33.119012, 23.279855)]),
    ((93.7, 215.4, -47.3, 0, 38.2, 30.9),
     [(-39.063536, -157.275712), (-135.680772, -88.613416), (-56.630069, -18.958915),
      (0.71939, -59.715053)]),
    ((120, 302.5, -35, 0, 57, 44),
     [(-582.666813, 52.784142), (-294.084315, 505.767928), (-27.02229, 102.621595),
      (-104.426864, -18.879248)]),
    ((41.5, 88.8, -71.25, 7.5, 69.9, 42.8),
     [(39.899237, 34.44128), (30.145617, -35.647106), (-4.499891, -24.286804),
      (0.967706, 29.647278)]),
    ((100, 150, -55, -12, 60, 45),
     [(147.53004, -56.980975), (16.87662, -214.056383), (-40.05806, -63.080735),
      (43.392827, 10.278113)]),
    ((80, 12, -89.9, 180, 40, 32),
     [(23.729109, -28.341488), (-33.205142, -16.23974), (-23.694783, 28.643158),
      (33.296483, 16.52929)]),
]  # fmt: skip


@pytest.mark.parametrize(("pose", "corners"), GOLDEN)
def test_the_corners_of_the_picture_lie_where_others_put_them(
    pose: tuple[float, ...], corners: list[tuple[float, float]]
) -> None:
    height, yaw, pitch, roll, wide, high = pose
    half = math.tan(math.radians(wide) / 2), math.tan(math.radians(high) / 2)
    found = footprint_corners_m(height, yaw, pitch, roll, half)
    np.testing.assert_allclose(found, corners, atol=1e-4)


def test_a_corner_above_the_horizon_meets_no_ground() -> None:
    found = footprint_corners_m(60, 0, -10, 0, (0.7, 0.5))
    assert np.isnan(found[:2]).all()
    assert np.isfinite(found[2:]).all()


def test_an_outline_ends_where_the_line_of_sight_gets_flat() -> None:
    outline, clipped = footprint_outline_m_and_whether_clipped(60, 40, -25, 0, (0.7, 0.5))
    assert clipped
    far = np.hypot(*outline.T)
    assert far.max() == pytest.approx(60 / math.tan(math.radians(MIN_DEPRESSION_DEG)))
    whole, clipped = footprint_outline_m_and_whether_clipped(60, 40, -80, 0, (0.7, 0.5))
    assert not clipped
    assert len(whole) == 4


@pytest.mark.parametrize(("latitude", "longitude"), [(54.6, -2.2), (-33.9, 151.2), (0.3, 179.99)])
def test_offsets_on_the_ground_agree_with_proj(latitude: float, longitude: float) -> None:
    topocentric = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart "
        f"+ellps=WGS84 +step +proj=topocentric +ellps=WGS84 +lon_0={longitude} +lat_0={latitude}"
    )
    rng = np.random.default_rng(3)
    to_latitude = latitude + rng.uniform(-0.02, 0.02, 50)
    to_longitude = longitude + rng.uniform(-0.02, 0.02, 50)
    east, north, _ = topocentric.transform(to_longitude, to_latitude, np.zeros(50))
    here = np.array(latitude), np.array(longitude)
    found = east_north_m(here[0], here[1], to_latitude, to_longitude)
    np.testing.assert_allclose(found, [east, north], atol=1e-6)
    back = position_from_east_north(latitude, longitude, np.asarray(east), np.asarray(north))
    np.testing.assert_allclose(back, [to_latitude, to_longitude], atol=1e-10)


@pytest.mark.parametrize(("one", "other"), [(10.0, 10.0), (10.0, 4.0), (10.0, 0.01), (3.0, 9.0)])
def test_the_radius_holds_95_in_a_hundred(one: float, other: float) -> None:
    rng = np.random.default_rng(5)
    apart = np.hypot(rng.normal(0, one, 400_000), rng.normal(0, other, 400_000))
    radius = radius_of_95_percent_m(np.array([one]), np.array([other]))[0]
    assert radius == pytest.approx(np.percentile(apart, 95), rel=0.01)
