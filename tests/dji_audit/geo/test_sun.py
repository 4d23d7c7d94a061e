"""The sun stands where others say it does."""

import numpy as np
import pytest

from dji_audit.geo.sun import (
    CIVIL_TWILIGHT_DEG,
    SUNRISE_DEG,
    dates_by_mean_solar_time,
    sun_azimuths_and_elevations_deg,
    sun_rise_and_set_times,
)


def at(text: str) -> np.ndarray:
    return np.array([text], "datetime64[ns]")


def seconds_between(found: np.ndarray, published: str) -> float:
    return abs(float((found[0] - np.datetime64(published, "ns")) / np.timedelta64(1, "s")))


def test_position_agrees_with_the_worked_example_of_nrel() -> None:
    """Reda and Andreas, "Solar Position Algorithm", NREL/TP-560-34302, table A5.

    Their elevation before refraction; Golden, Colorado.
    """
    azimuth, elevation = sun_azimuths_and_elevations_deg(
        at("2003-10-17T19:30:30"), 39.742476, -105.1786
    )
    assert azimuth[0] == pytest.approx(194.340241, abs=0.02)
    assert elevation[0] == pytest.approx(39.872046, abs=0.01)


def test_declination_agrees_with_the_worked_example_of_meeus() -> None:
    """Example 25.a: 13 October 1992, 0 h TD.  At a pole elevation is declination."""
    _, elevation = sun_azimuths_and_elevations_deg(at("1992-10-12T23:58:51"), 90, 0)
    assert elevation[0] == pytest.approx(-7.78507, abs=0.001)


def test_sunrise_and_sunset_agree_with_the_worked_example_of_nrel() -> None:
    """The tester of the same report gives 06:12:43 and 17:20:19 of UTC-7.

    Both are of the day in UTC, whose sunset is that of the evening before.
    """
    rise, _ = sun_rise_and_set_times(at("2003-10-17"), 39.742476, -105.1786)
    _, fall = sun_rise_and_set_times(at("2003-10-16"), 39.742476, -105.1786)
    assert seconds_between(rise, "2003-10-17T13:12:43") < 10
    assert seconds_between(fall, "2003-10-17T00:20:19") < 10


@pytest.mark.parametrize("latitude, longitude", [(0, 0), (56, -3), (-35, 179.9), (64, -170)])
def test_at_its_events_the_sun_has_their_elevation(latitude: float, longitude: float) -> None:
    days = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")
    for wanted in (SUNRISE_DEG, CIVIL_TWILIGHT_DEG):
        for instants in sun_rise_and_set_times(days, latitude, longitude, wanted):
            there = ~np.isnat(instants)
            assert there.sum() > 300
            _, elevation = sun_azimuths_and_elevations_deg(instants[there], latitude, longitude)
            assert np.abs(elevation - wanted).max() < 1e-4


@pytest.mark.parametrize("longitude", [-179.9, -75, 0, 75, 179.9])
def test_the_sun_rises_before_and_sets_after_noon_of_the_solar_day(longitude: float) -> None:
    days = np.arange("2025-03-01", "2025-04-01", dtype="datetime64[D]")
    rise, fall = sun_rise_and_set_times(days, 51, longitude)
    assert (dates_by_mean_solar_time(rise, longitude) == days).all()
    assert (dates_by_mean_solar_time(fall, longitude) == days).all()
    assert (rise < fall).all()


def test_the_midnight_sun_neither_rises_nor_sets() -> None:
    rise, fall = sun_rise_and_set_times(at("2025-06-21"), 78.2, 15.6)
    assert np.isnat(rise).all()
    assert np.isnat(fall).all()


def test_an_unknown_time_has_no_sun() -> None:
    azimuth, elevation = sun_azimuths_and_elevations_deg(at("NaT"), 51, 0)
    assert np.isnan(azimuth).all()
    assert np.isnan(elevation).all()
