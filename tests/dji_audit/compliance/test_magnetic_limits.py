"""Which numbers of the magnetic field in a log are relied on, and by how much they may differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules._shared._example_flights import LevelGroundElevation
from dji_audit.compliance.rules._shared._sensors._magnetic_field_comparisons import (
    LoggedPlaceAndExpectedMagneticField,
    MagneticFieldComparison,
    MagneticFieldTolerances,
    _agreeing_magnetometers,
    _comparison_with_model,
    _declination_comparison,
    _dip_and_strength_comparisons,
    _dip_and_strength_of_vectors,
    _ekf_magnetic_field_comparisons,
    _heading_turned_enough,
    _measured_dip_and_strength_of_magnetometers,
    _rotate_to_horizontal,
)
from dji_audit.geo.magnetic_field import MagneticField
from parsers import SensorReadings
from tests.dji_audit.compliance.one_rule import apply_rule, flown, hover
from tests.dji_audit.conftest import MakeLog

TOLERANCES = MagneticFieldTolerances(
    dip_deg=15.0, strength_share=0.3, declination_deg=10.0, expected_dip_deg=5.0,
    looked_up_declination_deg=4.0,
)  # fmt: skip
#: Declination 0, dip 53.13 degrees, strength 500 mG; error of its declination 0.319 degrees.
FIELD = MagneticField(30_000.0, 0.0, 40_000.0, "WMM2025")
DECLINATION_ERROR_DEG = np.hypot(0.26, 5417 / 30_000)


def place(*, has_date: bool = True) -> LoggedPlaceAndExpectedMagneticField:
    return LoggedPlaceAndExpectedMagneticField(
        pd.Timestamp("2026-05-14T09:00:00Z"), 51.5, -1.0, FIELD, has_date
    )


def readings(quantity: str, numbers: Sequence[Sequence[float]], **more: Any) -> SensorReadings:
    rows = len(numbers)
    values: dict[str, Any] = {
        "quantity": quantity, "source": "magnetometer", "record": "MAG", "field": "Value",
        "offsets": 100 + 10 * np.arange(rows), "seconds": np.arange(float(rows)),
        "numbers": np.array(numbers, float),
    }  # fmt: skip
    return SensorReadings(**values | more)


def of_dips(dips: Sequence[float], strengths: Sequence[float]) -> list[Any]:
    one = readings("magnetic field", [(0.0, 0.0, 0.0)] * len(dips))
    return [
        (each.quantity, each.in_log, each.by_model, each.allowed)
        for each in _dip_and_strength_comparisons(
            one, np.array(dips, float), np.array(strengths, float), place(), TOLERANCES
        )
    ]


def test_dip_and_strength_are_held_against_the_model() -> None:
    dip, strength = of_dips([60.0, 61.0, 65.0], [400.0, 410.0, 420.0])
    assert (dip[0], dip[1:]) == ("dip", pytest.approx((61.0, 53.1301, 15.0)))
    assert (strength[0], strength[1:]) == ("strength", pytest.approx((410.0, 500.0, 150.0)))


@pytest.mark.parametrize(
    ("dips", "strengths", "are_relied_on"),
    [
        # Spreads, by their standard deviation: 8 degrees of the dip, 12 % of the strength.
        ([52.0, 68.0], [400.0, 400.0], True), ([51.9, 68.1], [400.0, 400.0], False),
        ([60.0, 60.0], [352.0, 448.0], True), ([60.0, 60.0], [351.0, 449.0], False),
        # Strengths that the earth has.
        ([60.0, 60.0], [180.0, 180.0], False), ([60.0, 60.0], [180.5, 180.5], True),
        ([60.0, 60.0], [720.0, 720.0], False), ([60.0, 60.0], [719.5, 719.5], True),
        # The field of an old simulator.
        ([-66.0, -66.0], [399.0, 399.0], False), ([-65.6, -65.6], [400.9, 400.9], False),
        ([-66.4, -66.4], [397.1, 397.1], False), ([-65.5, -65.5], [399.0, 399.0], True),
        ([-66.5, -66.5], [399.0, 399.0], True), ([-66.0, -66.0], [401.0, 401.0], True),
        ([-66.0, -66.0], [397.0, 397.0], True), ([66.0, 66.0], [399.0, 399.0], True),
    ],
)  # fmt: skip
def test_a_field_is_relied_on_that_is_natural_steady_and_of_no_simulator(
    dips: list[float], strengths: list[float], are_relied_on: bool
) -> None:
    assert len(of_dips(dips, strengths)) == (2 if are_relied_on else 0)


@pytest.mark.parametrize(
    ("headings", "is_enough"),
    [
        ([0.0, 45.0, 90.0], True), ([0.0, 45.0, 89.9], False), ([350.0, 20.0, 80.0], True),
        ([350.0, 20.0, 79.0], False), ([0.0, np.nan, 90.0], False),
    ],
)  # fmt: skip
def test_a_turn_of_ninety_degrees_shows_the_iron_of_the_aircraft(
    headings: list[float], is_enough: bool
) -> None:
    attitude = readings("attitude", [(0.0, 0.0, each) for each in headings])
    assert _heading_turned_enough([attitude]) == is_enough
    assert not _heading_turned_enough([readings("velocity", attitude.numbers.tolist())])
    assert not _heading_turned_enough([])


@pytest.mark.parametrize(
    ("dip", "strength", "agree"),
    [
        (75.0, 400.0, True), (75.1, 400.0, False), (45.0, 400.0, True), (44.9, 400.0, False),
        (60.0, 519.0, True), (60.0, 521.0, False), (60.0, 281.0, True), (60.0, 279.0, False),
    ],
)  # fmt: skip
def test_two_magnetometers_confirm_each_other_within_the_tolerances(
    dip: float, strength: float, agree: bool
) -> None:
    one, other = (readings("magnetic field", [(0.0, 0.0, 1.0)]) for _ in range(2))
    measured = [
        (one, np.array([60.0, 60.0, 0.0]), np.array([400.0, 400.0, 0.0])),
        (other, np.array([dip, dip, 0.0]), np.array([strength, strength, 0.0])),
    ]
    # The strength is a share of its own: what confirms one need not confirm the other.
    found = [each[0] for each in _agreeing_magnetometers(measured, TOLERANCES)]
    assert (one in found) == agree
    assert not _agreeing_magnetometers(measured[:1], TOLERANCES)


def test_a_vector_is_turned_to_the_horizontal_by_roll_and_pitch() -> None:
    ahead, right, down = [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]]
    half = np.sqrt(0.5)

    def turned(body: list[list[float]], roll: float, pitch: float) -> list[float]:
        angles = (np.radians([each]) for each in (roll, pitch))
        return [round(float(each), 9) for each in _rotate_to_horizontal(np.array(body), *angles)[0]]

    h = round(float(half), 9)
    assert turned(ahead, 45, 0) == [1.0, 0.0, 0.0]
    assert turned(ahead, 0, 45) == [h, 0.0, -h]
    assert turned(right, 45, 0) == [0.0, h, h]
    assert turned(right, 90, 45) == [h, 0.0, h]
    assert turned(down, 45, 0) == [0.0, -h, h]
    assert turned(down, 0, 45) == [h, 0.0, h]


def test_dip_and_strength_are_the_angle_below_the_horizontal_and_the_length() -> None:
    dip, strength = _dip_and_strength_of_vectors(np.array([[3.0, 4.0, 5.0], [0.0, 12.0, -5.0]]))
    assert dip.tolist() == pytest.approx([45.0, -22.6199], abs=1e-3)
    assert strength.tolist() == pytest.approx([50**0.5, 13.0])


def test_a_magnetometer_is_read_at_the_attitude_beside_it() -> None:
    field = readings("magnetic field", [(300.0, 0.0, 400.0), (0.0, 0.0, 0.0), (-400.0, 0.0, 300.0)])
    attitude = readings("attitude", [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 90.0, 9.0)])
    ((kept, dip, strength),) = _measured_dip_and_strength_of_magnetometers([field, attitude])
    assert kept.offsets.tolist() == [100, 120]
    assert kept.seconds.tolist() == [0.0, 2.0]
    assert kept.numbers.tolist() == [[300.0, 0.0, 400.0], [-400.0, 0.0, 300.0]]
    assert dip.tolist() == pytest.approx([53.1301, 53.1301], abs=1e-3)
    assert strength.tolist() == pytest.approx([500.0, 500.0])
    assert not list(_measured_dip_and_strength_of_magnetometers([field]))
    none = readings("magnetic field", [(0.0, 0.0, 0.0)] * 3)
    assert not list(_measured_dip_and_strength_of_magnetometers([none, attitude]))


@pytest.mark.parametrize(
    ("values", "row", "in_log"),
    [
        ([12.0, 10.0, 11.0], 2, 11.0), ([-9.0, 3.0, 2.0], 2, 2.0),
        ([np.nan, -5.0, -8.0, -6.0], 3, -6.0), ([1.0, 9.0, 4.0, 7.0], 2, 5.5),
    ],
)  # fmt: skip
def test_the_reading_nearest_to_the_median_is_shown(
    values: list[float], row: int, in_log: float
) -> None:
    one = readings("expected magnetic field", [(each, 0.0) for each in values])
    found = _comparison_with_model("dip", "°", one, np.array(values), 53.0, 5.0)
    assert (found.row, found.in_log, found.by_model, found.allowed) == (row, in_log, 53.0, 5.0)


@pytest.mark.parametrize(("has_date", "more"), [(True, 0.0), (False, 3.0)])
def test_a_declination_may_differ_by_three_errors_of_the_model_and_by_an_unknown_date(
    has_date: bool, more: float
) -> None:
    one = readings("magnetic declination", [(2.0,)] * 3)
    found = _declination_comparison(one, one.numbers[:, 0], place(has_date=has_date), 4.0)
    assert found.allowed == pytest.approx(4.0 + 3 * DECLINATION_ERROR_DEG + more)
    assert (found.quantity, found.unit, found.in_log, found.by_model) == (
        "declination", "°", 2.0, 0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "in_log", "by_model", "difference", "is_beyond"),
    [
        ("declination", 175.0, -175.0, 10.0, False), ("declination", -176.0, 175.0, 9.0, False),
        ("declination", 10.1, 0.0, 10.1, True), ("dip", 80.0, 70.0, 10.0, False),
        ("dip", -60.0, 60.0, 120.0, True), ("strength", 100.0, 450.0, 350.0, True),
    ],
)  # fmt: skip
def test_declinations_differ_by_the_shorter_way_around(
    quantity: str, in_log: float, by_model: float, difference: float, is_beyond: bool
) -> None:
    found = MagneticFieldComparison(
        quantity=quantity, unit="°", source="filter", reading=readings("x", [(0.0,)]), row=0,
        in_log=in_log, by_model=by_model, allowed=10.0,
    )  # fmt: skip
    assert found.absolute_difference == pytest.approx(difference)
    assert found.is_beyond_tolerance == is_beyond
    assert found.text == (
        f"{quantity} of {in_log:.0f}° by the filter (MAG), {by_model:.0f}° by the model"
    )


def test_what_a_filter_estimated_counts_by_the_second_half_of_the_flight() -> None:
    early, late = (300.0, 300.0, -400.0), (300.0, 30.0, 400.0)
    odd = [early] * 2 + [late] * 3
    dip, strength, declination = _ekf_magnetic_field_comparisons(
        readings("earth's magnetic field", odd), place(), TOLERANCES
    )
    assert dip.in_log == pytest.approx(53.0, abs=0.1)
    assert strength.in_log == pytest.approx(500.9, abs=0.1)
    assert declination.in_log == pytest.approx(5.711, abs=1e-2)
    assert declination.allowed == pytest.approx(10.0 + 3 * DECLINATION_ERROR_DEG)
    assert declination.reading.offsets.tolist() == [120, 130, 140]
    for missing in ((0.0, 30.0, 400.0), (300.0, 0.0, 400.0), (300.0, 30.0, np.nan)):
        one = readings("earth's magnetic field", [late, late, missing, missing])
        assert not list(_ekf_magnetic_field_comparisons(one, place(), TOLERANCES))
        one = readings("earth's magnetic field", [late, missing, missing, late])
        assert len(list(_ekf_magnetic_field_comparisons(one, place(), TOLERANCES))) == 3
    weak = readings("earth's magnetic field", [(30.0, 3.0, 40.0)] * 4)
    assert not list(_ekf_magnetic_field_comparisons(weak, place(), TOLERANCES))


# The rule


def location(
    make_log: MakeLog, *found: SensorReadings, context: AuditContext | None = None, **columns: Any
) -> RuleResult:
    """Return what the rule says of a log over one place in Iowa: dip 68 degrees, about 530 mG."""
    track = hover([50.0] * 60, latitude_deg=[42.0] * 60, longitude_deg=[-93.0] * 60, **columns)
    log = make_log(track, events=flown(59), sensor_readings=found)
    return apply_rule(log, "location_consistency", context)


def expected(dip: float) -> SensorReadings:
    more = {"source": "model of the autopilot", "record": "XKY", "field": "Dip"}
    return readings("expected magnetic field", [(dip, 500.0)] * 60, **more)


def test_a_dip_far_from_the_model_is_a_place_that_the_earth_contradicts(make_log: MakeLog) -> None:
    fits = location(make_log, expected(68.0))
    assert fits.outcome is Outcome.PASS
    assert "(places with a dip between 63° and 73° fit too)" in fits.reason
    pole = location(make_log, expected(68.0), readings("magnetic declination", [(1.0,)] * 60))
    assert "declination of 1° by the magnetometer (MAG)" in pole.reason
    off = location(make_log, expected(20.0))
    assert off.outcome is Outcome.FAIL
    assert off.reason.startswith("1 place that the earth contradicts; what fits: nothing that ")
    (finding,) = off.findings
    assert "; more than 5° allowed, for 59 s" in finding.summary
    assert "at 42.0000, -93.0000; more" in finding.summary
    assert finding.peak == pytest.approx(48.0, abs=1.0)
    assert finding.evidence[0].value == "20.000, 500.000"
    assert finding.evidence[1].value == "42.0000000, -93.0000000"
    assert finding.subject == "magnetic field in flight.txt"


@pytest.mark.parametrize(
    ("altitude_m", "outcome"),
    [(250.0, "pass"), (249.0, "fail"), (750.0, "pass"), (751.0, "fail")],
)
def test_a_takeoff_lies_100_m_below_to_400_m_above_the_ground_of_the_model(
    make_log: MakeLog, altitude_m: float, outcome: str
) -> None:
    """The ground is at 300 m; the aircraft flies 50 m above its take-off."""
    context = AuditContext(elevation=LevelGroundElevation(300.0))
    found = location(make_log, context=context, altitude_amsl_m=[altitude_m] * 60)
    assert found.outcome == outcome
