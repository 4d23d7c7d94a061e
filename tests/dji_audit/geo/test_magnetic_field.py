"""The magnetic field of a place and a date equals the published test values of its model."""

import numpy as np
import pytest

from dji_audit.geo.magnetic_field import magnetic_field

#: Year, height in km, latitude, longitude; north, east and down in nT; dip and declination.
#: Source: WMM2025_TEST_VALUES.txt and WMM2020_TEST_VALUES.txt, published with the models by NOAA.
PUBLISHED = [
    (2025.0, 0.0, 80.0, 0.0, 6521.6, 145.9, 54791.5, 83.21, 1.28),
    (2025.0, 0.0, 0.0, 120.0, 39677.8, -109.6, -10580.2, -14.93, -0.16),
    (2025.0, 0.0, -80.0, 240.0, 6117.5, 15751.9, -52022.5, -72.0, 68.78),
    (2025.0, 100.0, 80.0, 0.0, 6216.0, 92.4, 52598.8, 83.26, 0.85),
    (2025.0, 100.0, 0.0, 120.0, 37688.6, -96.2, -10152.1, -15.08, -0.15),
    (2025.0, 100.0, -80.0, 240.0, 5907.6, 14780.3, -49540.7, -72.19, 68.21),
    (2027.5, 0.0, 80.0, 0.0, 6500.8, 294.5, 54869.4, 83.24, 2.59),
    (2027.5, 0.0, 0.0, 120.0, 39701.6, -167.4, -10381.8, -14.65, -0.24),
    (2027.5, 0.0, -80.0, 240.0, 6200.7, 15730.3, -51783.7, -71.92, 68.49),
    (2027.5, 100.0, 80.0, 0.0, 6196.7, 233.8, 52670.5, 83.29, 2.16),
    (2027.5, 100.0, 0.0, 120.0, 37711.5, -148.7, -9969.8, -14.81, -0.23),
    (2027.5, 100.0, -80.0, 240.0, 5984.0, 14760.1, -49317.7, -72.1, 67.93),
    (2020.0, 28.0, 89.0, -121.0, -575.7, -1396.0, 56082.3, 88.46, -112.41),
    (2020.0, 39.0, -59.0, -8.0, 14369.9, -4063.3, -24679.0, -58.82, -15.79),
    (2020.5, 6.0, -36.0, -137.0, 23948.6, 8791.9, -32897.6, -52.21, 20.16),
    (2020.5, 8.0, -66.0, 17.0, 15247.0, -9734.8, -31062.0, -59.78, -32.56),
    (2021.0, 74.0, -57.0, 3.0, 13228.0, -5423.3, -23859.2, -59.07, -22.29),
    (2021.0, 62.0, -14.0, 99.0, 33213.0, -990.3, -33354.0, -45.11, -1.71),
    (2021.5, 14.0, 0.0, 80.0, 39246.6, -2338.9, -12258.0, -17.32, -3.41),
    (2021.5, 12.0, 33.0, -145.0, 24301.2, 5327.4, 32429.3, 52.51, 12.36),
    (2022.0, 37.0, -66.0, -5.0, 16404.3, -5011.2, -28849.5, -59.27, -16.99),
    (2022.0, 44.0, -43.0, -111.0, 20646.1, 9330.1, -29747.5, -52.71, 24.32),
    (2022.5, 8.0, 62.0, 53.0, 12336.1, 4236.6, 54498.1, 76.54, 18.95),
    (2022.5, 73.0, -72.0, 95.0, -2661.0, -13095.2, -55423.4, -76.44, -101.49),
    (2023.0, 49.0, 20.0, 167.0, 30099.4, 2737.4, 15301.2, 26.85, 5.2),
    (2023.0, 75.0, 79.0, 125.0, 2605.8, -676.0, 57085.9, 87.3, -14.54),
    (2023.5, 28.0, 54.0, -120.0, 14556.6, 4230.3, 52945.6, 74.02, 16.2),
    (2023.5, 72.0, -62.0, 65.0, 6836.8, -16092.9, -44111.8, -68.38, -66.98),
    (2024.0, 95.0, -60.0, -59.0, 18099.3, 2821.2, -26193.2, -55.03, 8.86),
    (2024.0, 38.0, -76.0, 49.0, 8218.0, -16491.7, -44260.7, -67.4, -63.51),
    (2024.5, 31.0, 13.0, -132.0, 28046.9, 4548.8, 17417.2, 31.51, 9.21),
    (2024.5, 66.0, -21.0, 32.0, 15510.7, -3677.9, -24502.7, -56.95, -13.34),
]


def _time(year: float) -> np.datetime64:
    begin, end = (np.datetime64(f"{int(year) + more}-01-01", "s") for more in (0, 1))
    return begin + np.timedelta64(round((year % 1) * (end - begin).astype(int)), "s")


@pytest.mark.parametrize("row", PUBLISHED)
def test_the_published_test_values_are_met(row: tuple[float, ...]) -> None:
    year, height_km, latitude, longitude, north, east, down, dip, declination = row
    field = magnetic_field(_time(year), latitude, longitude, height_km * 1000)
    assert field is not None
    assert [field.north_nt, field.east_nt, field.down_nt] == pytest.approx(
        [north, east, down], abs=0.06
    )
    assert field.dip_deg == pytest.approx(dip, abs=0.0051)
    assert field.declination_deg == pytest.approx(declination, abs=0.0051)


def test_a_date_without_a_model_has_no_field() -> None:
    for day in ("2009-12-31T23:59:59", "2030-01-01", "1970-01-01"):
        assert magnetic_field(np.datetime64(day), 51.0, 0.0) is None
    for day, model in (("2010-01-01", "WMM2010"), ("2029-12-31T23:59:59", "WMM2025")):
        field = magnetic_field(np.datetime64(day), 51.0, 0.0)
        assert field is not None
        assert field.model == model


def test_the_poles_and_the_date_line_are_places_like_others() -> None:
    day = np.datetime64("2026-06-01")
    pole, east, west = (
        magnetic_field(day, *place) for place in ((90.0, 12.0), (10.0, 180.0), (10.0, -180.0))
    )
    assert pole is not None and east is not None and west is not None
    assert pole.total_nt == pytest.approx(57_000, abs=1_000)
    assert east.north_nt == pytest.approx(west.north_nt)
    assert pole.declination_error_deg > 1 > east.declination_error_deg
