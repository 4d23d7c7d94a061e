"""Sticks, link and battery come out in one unit, whatever the format."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import Flight, assemble_flights
from dji_audit.incident._document_sections import stick_input_section
from dji_audit.incident._stick_link_and_battery_series import (
    _FIELDS_OF_FORMAT,
    QUANTITIES,
    QuantitySeries,
    _dji_stick_percent,
    _rc_pulse_percent,
    _scaling_conversion,
    iterate_series_of_each_quantity,
)
from tests.conftest import ROOT

FOLDER = ROOT / "sample_logs"
DJI = FOLDER / "DJIFlightRecord_2026-05-14_[10-01-58].txt"


def flight_of(path: Path) -> Flight:
    return assemble_flights(parsers.read(path))[0]


def series_of(flight: Flight) -> list[QuantitySeries]:
    assert flight.start is not None
    assert flight.end is not None
    return list(iterate_series_of_each_quantity(flight.sources, flight.start, flight.end))


def test_sticks_are_percent_of_full_deflection() -> None:
    assert _dji_stick_percent(np.array([364.0, 1024.0, 1684.0])).tolist() == [-100, 0, 100]
    assert _rc_pulse_percent(np.array([1000.0, 1500.0, 2000.0])).tolist() == [-100, 0, 100]


def test_what_a_field_calls_not_known_is_no_number() -> None:
    assert np.isnan(_dji_stick_percent(np.array([0.0]))).all()
    assert np.isnan(_rc_pulse_percent(np.array([0.0, 65535.0]))).all()
    scaled = _scaling_conversion(0.001, 65535)(np.array([65535.0, 12000.0]))
    assert np.isnan(scaled[0])
    assert scaled[1] == 12


@pytest.mark.parametrize(
    ("path", "quantities"),
    [
        (DJI, {"sticks", "link", "voltage"}),
        (next(FOLDER.glob("*.tlog")), {"voltage"}),
        (next(FOLDER.glob("*.BIN")), {"voltage"}),
    ],
    ids=lambda value: value.suffix if isinstance(value, Path) else "",
)
def test_each_format_tells_what_its_records_hold(path: Path, quantities: set[str]) -> None:
    found = series_of(flight_of(path))
    assert quantities <= {one.field.quantity for one in found} <= set(QUANTITIES)
    for one in found:
        assert np.isfinite(one.numbers).all()
        assert one.times.is_monotonic_increasing
        assert len(one.times) == len(one.numbers) == len(one.offsets)
    volts = np.concatenate([one.numbers for one in found if one.field.quantity == "voltage"])
    assert volts.min() > 3
    assert volts.max() < 60


def test_values_equal_those_of_the_records_at_their_bytes() -> None:
    flight = flight_of(DJI)
    (throttle,) = [one for one in series_of(flight) if one.field.label == "throttle"]
    records = flight.log.records(throttle.field.record).set_index("offset")
    raw = records.loc[throttle.offsets, "throttle"].to_numpy(float)
    assert np.allclose(throttle.numbers, (raw - 1024) / 6.6)


def test_only_the_time_asked_for_is_told() -> None:
    flight = flight_of(DJI)
    assert flight.start is not None
    start, end = flight.start + pd.Timedelta("60s"), flight.start + pd.Timedelta("70s")
    found = list(iterate_series_of_each_quantity(flight.sources, start, end))
    assert found
    for one in found:
        assert one.times.min() >= start
        assert one.times.max() <= end


def test_a_real_ulog_tells_every_quantity(samples: Path) -> None:
    (path,) = samples.glob("mavlink/**/esc_status_log.ulg")
    assert {one.field.quantity for one in series_of(flight_of(path))} == set(QUANTITIES)


def test_a_thrust_of_nothing_is_not_a_stick_that_was_let_go() -> None:
    fields = {
        (field.record, field.field): field
        for fields_of_format in _FIELDS_OF_FORMAT.values()
        for field in fields_of_format
        if field.quantity == "sticks"
    }
    at_rest = {name for name, field in fields.items() if field.is_zero_at_rest}
    assert fields.keys() - at_rest == {("MANUAL_CONTROL", "z"), ("manual_control_setpoint", "z")}
    thrust = QuantitySeries(
        fields["MANUAL_CONTROL", "z"],
        0,
        pd.DatetimeIndex(["2026-05-14T09:00:00Z"]),
        np.array([0.0]),
        np.array([0]),
    )
    (said,) = stick_input_section([thrust], pd.Timestamp("2026-05-14T09:00:01Z")).items
    assert "released" not in said
    assert "thrust: at +0 % at the moment" in said
