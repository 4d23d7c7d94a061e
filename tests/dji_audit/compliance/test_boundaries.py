"""The numbers of every rule: defaults, thresholds on both sides, and how findings are grouped."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    ExampleFlight,
    RuleInputs,
    build_example_flight_and_audit_context,
    night_flight,
    rules_by_id,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    example_network_log_as_context_fields,
    example_tls_contact,
    hover_example_track_at_heights,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import example_supplied_zones
from dji_audit.geo.sun import sun_azimuths_and_elevations_deg
from parsers import Aircraft, Geofence, Issue, LogHeaderTotals, MonotonicCounter, NamedPosition
from tests.dji_audit.compliance.one_rule import east, result_on_track

NETWORK = {
    "before_takeoff_s": 600.0,
    "after_landing_s": 86_400.0,
    "min_coverage": 0.95,
    "clock_offset_s": 0.0,
    "upload_bytes": 100_000,
    "low_confidence": False,
    "max_unnamed": 0.25,
    "allowed_hosts": [],
}
PRECISION = {
    "gap_s": 10.0,
    "reach_mps": 30.0,
    "hysteresis_m": 3.0,
    "horizontal_error_m": 5.0,
    "vertical_error_m": 10.0,
    "error_factor": 2.0,
}
#: Rule -> its parameters where a policy gives none.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "clock_consistency": {"difference_s": 60.0, "computer_s": 600.0, "step_s": 300.0},
    "clock_jump": {"step_s": 2.0},
    "data_sync_endpoint": NETWORK
    | {
        "categories": [
            *("cloud_storage", "fleet_cloud", "flight_record_sync", "media_sync"),
            *("regulator_reporting", "telemetry_analytics"),
        ]
    },
    "distance_limit": {"limit_m": 500.0, "device_within_m": 2000.0, "known_share": 0.9},
    "fence_disagreement": PRECISION | {"within_s": 5.0, "least_s": 2.0, "near_m": 500.0},
    "header_mismatch": {
        "height_tolerance_m": 0.1,
        "speed_tolerance_mps": 0.1,
        "count_tolerance": 9,
        "start_tolerance_s": 10.0,
        "duration_tolerance_s": 10.0,
        "place_tolerance_m": 100.0,
        "name_tolerance_s": 60.0,
    },
    "country_of_production": {
        "home_country": "US",
        "authorised_after": None,
        "exempt_from": None,
        "exempt_until": None,
    },
    "dock_distance": {"limit_m": None, "known_share": 0.9},
    "flight_profile": {"profiles": []},
    "height_limit": {"limit_m": 120.0, "datum": "above_takeoff", "known_share": 0.9},
    "implausible_motion": {
        "multirotor_mps": 45.0,
        "winged_mps": 90.0,
        "vertical_mps": 25.0,
        "tolerance_m": 25.0,
    },
    "live_stream": NETWORK,
    "local_data_mode": NETWORK | {"declared": False, "exempt": []},
    "log_upload": NETWORK,
    "maker_of_concern": {
        "lists": ["dod_1260h", "fcc_covered", "ndaa_1709"],
        "own": [],
        "authorised_after": None,
        "acceptance_suffices": True,
    },
    "missing_log": {"tolerance_s": 10.0},
    "night_flight": {"sun_below_deg": 6.0, "light_suffices": True},
    "log_integrity": {
        "lost_share": 0.01,
        "missing_share": 0.03,
        "stretch_s": 2.0,
        "decoded_share": 0.95,
    },
    "occurrence": {
        "link_lost_s": 10.0,
        "fault_s": 3.0,
        "motors_off_above_m": 5.0,
        "fly_away_m": 100.0,
    },
    "operator_identity": {
        "thresholds": [
            {
                "since": "2020-12-31",
                "minimum_mass_g": 250.0,
                "id": "both",
                "with_camera": False,
            }
        ],
        "flyer_id": True,
        "officer": False,
    },
    "operating_area": PRECISION,
    "record_chain": {"back_s": 2.0, "repeated_records": 10},
    "recording_without_purpose": {"purposes": [], "incident_ref_required": True},
    "remote_id": {
        "required": [
            {
                "since": "2026-01-01",
                "until": None,
                "classes": [],
                "minimum_mass_g": 0.0,
                "with_camera": False,
            }
        ],
        "renewal_s": 1.5,
    },
    "remote_id_contradiction": {
        "maximum_mps": 90.0,
        "maximum_vertical_mps": 25.0,
        "margin_mps": 12.0,
        "vertical_margin_mps": 6.0,
        "tolerance_m": 25.0,
        "height_tolerance_m": 10.0,
    },
    "rtk_position_disclosure": NETWORK,
    "lifetime_totals": {"tolerance_s": 60.0, "tolerance_share": 0.1},
    "location_consistency": {
        "dip_deg": 15.0,
        "strength_share": 0.3,
        "declination_deg": 10.0,
        "expected_dip_deg": 5.0,
        "looked_up_declination_deg": 5.0,
    },
    "log_completeness": {"link_share": 0.001, "silence_s": 1.5, "height_m": 5.0},
    "sensor_consistency": {
        "position_m": 25.0,
        "lag_s": 1.0,
        "height_m": 6.0,
        "satellite_height_m": 18.0,
        "height_share": 0.1,
        "held_height_m": 2.5,
        "motion_m": 20.0,
        "velocity_mps": 0.3,
        "charge_mah": 150.0,
    },
    "spoofing_signs": {"window_s": 10.0, "drift_m": 40.0, "height_m": 40.0},
    "third_party_sdk": NETWORK | {"allowed_categories": []},
    "track_gap": {"gap_s": 5.0, "intervals": 10.0},
    "unknown_host": NETWORK,
    "zone_entry": PRECISION
    | {"effects": ["prohibited", "authorisation", "conditional", "fence", "not stated"]},
    "zones_stale": {"max_age_days": 28},
}


@pytest.mark.parametrize("rule", sorted(rules_by_id()))
def test_the_defaults_of_a_rule_are_these(rule: str) -> None:
    parameters = rules_by_id()[rule].parameters
    assert parameters().model_dump(mode="json") == dict(DEFAULTS.get(rule, {}))


#: The most extreme value of a parameter that is accepted -> one that is not.
Range = Mapping[float, float]
POSITIVE, NOT_NEGATIVE, AT_MOST_1 = {0.001: 0.0}, {0.0: -0.001}, {1.0: 1.001}
#: Rule -> its parameters and their ranges.
RANGES: Mapping[str, Mapping[str, Range]] = {
    "clock_consistency": {"difference_s": POSITIVE, "computer_s": POSITIVE, "step_s": POSITIVE},
    "clock_jump": {"step_s": POSITIVE},
    "lifetime_totals": {"tolerance_s": POSITIVE, "tolerance_share": NOT_NEGATIVE},
    "location_consistency": {
        "dip_deg": POSITIVE,
        "strength_share": POSITIVE,
        "declination_deg": POSITIVE,
        "expected_dip_deg": POSITIVE,
        "looked_up_declination_deg": POSITIVE,
    },
    "log_completeness": {
        "link_share": NOT_NEGATIVE | AT_MOST_1,
        "silence_s": POSITIVE,
        "height_m": POSITIVE,
    },
    "sensor_consistency": {
        "position_m": POSITIVE,
        "lag_s": NOT_NEGATIVE,
        "height_m": POSITIVE,
        "satellite_height_m": POSITIVE,
        "height_share": NOT_NEGATIVE,
        "held_height_m": POSITIVE,
        "motion_m": POSITIVE,
        "velocity_mps": NOT_NEGATIVE,
        "charge_mah": POSITIVE,
    },
    "distance_limit": {
        "limit_m": POSITIVE,
        "device_within_m": POSITIVE,
        "known_share": POSITIVE | AT_MOST_1,
    },
    "dock_distance": {"limit_m": POSITIVE, "known_share": POSITIVE | AT_MOST_1},
    "height_limit": {"limit_m": POSITIVE, "known_share": POSITIVE | AT_MOST_1},
    "fence_disagreement": {"within_s": POSITIVE, "least_s": NOT_NEGATIVE, "near_m": NOT_NEGATIVE},
    "zone_entry": {
        "gap_s": POSITIVE,
        "reach_mps": POSITIVE,
        "hysteresis_m": NOT_NEGATIVE,
        "horizontal_error_m": POSITIVE,
        "vertical_error_m": POSITIVE,
        "error_factor": POSITIVE,
    },
    "header_mismatch": {
        "height_tolerance_m": NOT_NEGATIVE,
        "speed_tolerance_mps": NOT_NEGATIVE,
        "count_tolerance": {0: -1},
        "start_tolerance_s": NOT_NEGATIVE,
        "duration_tolerance_s": NOT_NEGATIVE,
        "place_tolerance_m": NOT_NEGATIVE,
        "name_tolerance_s": NOT_NEGATIVE,
    },
    "implausible_motion": {
        "multirotor_mps": POSITIVE,
        "winged_mps": POSITIVE,
        "vertical_mps": POSITIVE,
        "tolerance_m": POSITIVE,
    },
    "missing_log": {"tolerance_s": NOT_NEGATIVE},
    "night_flight": {"sun_below_deg": {0.0: -0.001, 18.0: 18.001}},
    "log_integrity": {
        "lost_share": NOT_NEGATIVE | AT_MOST_1,
        "missing_share": POSITIVE | AT_MOST_1,
        "stretch_s": POSITIVE,
        "decoded_share": POSITIVE | AT_MOST_1,
    },
    "occurrence": {
        "link_lost_s": NOT_NEGATIVE,
        "fault_s": NOT_NEGATIVE,
        "motors_off_above_m": NOT_NEGATIVE,
        "fly_away_m": POSITIVE,
    },
    "record_chain": {"back_s": POSITIVE, "repeated_records": {2: 1}},
    "remote_id_contradiction": {
        "maximum_mps": POSITIVE,
        "maximum_vertical_mps": POSITIVE,
        "margin_mps": POSITIVE,
        "vertical_margin_mps": POSITIVE,
        "tolerance_m": POSITIVE,
        "height_tolerance_m": POSITIVE,
    },
    "spoofing_signs": {"window_s": POSITIVE, "drift_m": POSITIVE, "height_m": POSITIVE},
    "track_gap": {"gap_s": POSITIVE, "intervals": {1.0: 0.999}},
    "zones_stale": {"max_age_days": {1: 0}},
    "live_stream": {
        "before_takeoff_s": NOT_NEGATIVE,
        "after_landing_s": NOT_NEGATIVE,
        "min_coverage": NOT_NEGATIVE | AT_MOST_1,
        "upload_bytes": {1: 0},
        "max_unnamed": NOT_NEGATIVE | AT_MOST_1,
    },
}
EXTREMES = [
    (rule, name, accepted, rejected)
    for rule, ranges in RANGES.items()
    for name, extremes in ranges.items()
    for accepted, rejected in extremes.items()
]


@pytest.mark.parametrize(("rule", "name", "accepted", "rejected"), EXTREMES)
def test_a_parameter_has_its_range(rule: str, name: str, accepted: float, rejected: float) -> None:
    parameters = rules_by_id()[rule].parameters
    parameters.model_validate({name: accepted})
    with pytest.raises(ValidationError):
        parameters.model_validate({name: rejected})


def outcome_of(rule: str, track: Mapping[str, Sequence[Any]], **fields: Any) -> str:
    return result_on_track(rule, track, **fields).outcome.value


def takeoff_and_landing(last: float) -> Sequence[Mapping[str, Any]]:
    """Return a take-off at second 0 and a landing."""
    return ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": last})


# heights and distances


@pytest.mark.parametrize(
    ("height", "outcome"), [(120.0, "pass"), (120.01, "fail"), (119.99, "pass")]
)
def test_a_height_may_reach_its_limit(height: float, outcome: str) -> None:
    track = hover_example_track_at_heights(0.0, height, 0.0)
    assert outcome_of("height_limit", track, events=takeoff_and_landing(2)) == outcome


@pytest.mark.parametrize("rule", ["height_limit", "distance_limit"])
@pytest.mark.parametrize(("known", "outcome"), [(19, "pass"), (18, "not_assessable")])
def test_nine_tenths_of_the_time_must_be_known_for_a_pass(
    rule: str, known: int, outcome: str
) -> None:
    """Of 20 s in the air, from the first known fix to the last."""
    values = [50.0] * known + [None] * (21 - known)
    track = hover_example_track_at_heights(*[0.0] * 21)
    if rule == "height_limit":
        track = {**track, "height_ato_m": values}
    else:
        track = {**track, "latitude_deg": [51.5 if value else None for value in values]}
    home = NamedPosition("home", None, 51.5, -1.0, None, "Home", 77)
    fields = {"named_positions": (home,)}
    assert outcome_of(rule, track, events=takeoff_and_landing(20), log_fields=fields) == outcome


@pytest.mark.parametrize(("distance", "outcome"), [(499.99, "pass"), (500.01, "fail")])
def test_a_distance_may_reach_its_limit(distance: float, outcome: str) -> None:
    home = NamedPosition("home", None, 0.0, 0.0, None, "Home", 77)
    fields = {"named_positions": (home,)}
    track = east(0.0, distance, 0.0)
    result = result_on_track(
        "distance_limit", track, events=takeoff_and_landing(2), log_fields=fields
    )
    assert result.outcome.value == outcome


@pytest.mark.parametrize(
    ("device_m", "name"),
    [(1999.9, "the pilot's device"), (2000.1, "stands in for the pilot (the device")],
)
def test_a_device_farther_from_home_than_two_kilometres_is_not_used(
    device_m: float, name: str
) -> None:
    (longitude,) = east(device_m)["longitude_deg"]
    places = (
        NamedPosition("home", None, 0.0, 0.0, None, "Home", 77),
        NamedPosition("pilot", None, 0.0, longitude, None, "App", 88),
    )
    fields = {"named_positions": places}
    result = result_on_track(
        "distance_limit", east(0.0, 1.0), events=takeoff_and_landing(1), log_fields=fields
    )
    assert name in result.reason


# clocks and counters


def clock_log(clock: Sequence[float], counter: Sequence[float]) -> dict[str, Any]:
    offsets = np.arange(100, 100 + 20 * len(clock), 20)
    start = 1_778_749_200
    return {
        "monotonic_counters": (
            MonotonicCounter("Custom", "time_ms", "clock", offsets, start + np.array(clock)),
            MonotonicCounter("OSD", "time_s", "count", offsets - 10, np.array(counter)),
        )
    }


SECONDS = [float(second) for second in range(60)]


@pytest.mark.parametrize(
    ("step", "outcome"), [(2.0, "pass"), (2.1, "fail"), (-3.0, "pass"), (-3.1, "fail")]
)
def test_a_clock_may_step_by_two_seconds(step: float, outcome: str) -> None:
    clock = [second + step * (second > 30) for second in SECONDS]
    assert outcome_of("clock_jump", {}, log_fields=clock_log(clock, SECONDS)) == outcome


@pytest.mark.parametrize(("leap", "outcome"), [(4.0, "fail"), (4.1, "pass")])
def test_a_counter_that_leaps_by_more_than_five_seconds_measures_no_short_step(
    leap: float, outcome: str
) -> None:
    clock = [second + 60 * (second > 30) for second in SECONDS]
    counter = [second + leap * (second > 30) for second in SECONDS]
    assert outcome_of("clock_jump", {}, log_fields=clock_log(clock, counter)) == outcome


def test_twenty_steps_of_clocks_are_listed_and_all_are_counted() -> None:
    clock = [second + 3600 * (second // 2) for second in SECONDS]
    result = result_on_track("clock_jump", {}, log_fields=clock_log(clock, SECONDS))
    assert len(result.findings) == 20
    assert result.reason == "29 clock steps."
    first = result.findings[0]
    assert first.summary == (
        "inconsistent: the clock Custom.time_ms steps by +3600.0 s while the aircraft counts "
        "1.0 s, more than 2 s allowed, at 09:00:01 UTC"
    )
    assert [part.offset for part in first.evidence] == [120, 140]
    assert first.start == pd.Timestamp("2026-05-14T09:00:01Z")


def counter_log(seconds: Sequence[float]) -> dict[str, Any]:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return {
        "monotonic_counters": (
            MonotonicCounter("POS", "TimeUS", "count", offsets, np.array(seconds)),
        )
    }


@pytest.mark.parametrize(("fall", "outcome"), [(2.0, "pass"), (2.1, "fail")])
def test_a_counter_may_fall_by_two_seconds(fall: float, outcome: str) -> None:
    seconds = [10.0, *(10.0 - fall + second for second in range(30))]
    assert outcome_of("record_chain", {}, log_fields=counter_log(seconds)) == outcome


@pytest.mark.parametrize(("fall", "outcome"), [(3.0, "pass"), (3.1, "fail")])
def test_a_counter_that_goes_on_as_before_had_one_damaged_record(fall: float, outcome: str) -> None:
    seconds = [8.0, 9.0, *(9.0 - fall + second for second in range(30))]
    assert outcome_of("record_chain", {}, log_fields=counter_log(seconds)) == outcome


@pytest.mark.parametrize(("count", "outcome"), [(9, 1), (10, 2), (11, 2)])
def test_ten_repeated_records_are_a_repetition(count: int, outcome: int) -> None:
    seconds = [*SECONDS[:40], *SECONDS[20 : 20 + count], *SECONDS[45:]]
    result = result_on_track("record_chain", {}, log_fields=counter_log(seconds))
    assert len(result.findings) == outcome
    if outcome == 2:
        assert f"{count} POS records repeat the records from byte 300 on" in (
            result.findings[1].summary
        )
        assert [part.offset for part in result.findings[1].evidence] == [500, 300]


def test_ten_falls_of_a_counter_are_listed_and_the_others_counted() -> None:
    seconds = [0.01 * part + second for part in range(13) for second in (0.0, 10.0, 20.0)]
    result = result_on_track("record_chain", {}, log_fields=counter_log(seconds))
    falls = [finding for finding in result.findings if "falls" in finding.summary]
    assert len(falls) == 11
    assert falls[-1].summary == "inconsistent: the counter POS.TimeUS falls 2 more times"


def test_failed_checks_are_one_remark_with_the_first() -> None:
    issues = (Issue(200, 8, "checksum is wrong"), Issue(500, 1_000, "no trailer"), Issue(9, 2, "x"))
    result = result_on_track(
        "record_chain", {}, log_fields={**counter_log(SECONDS), "issues": issues}
    )
    (remark,) = result.findings
    assert remark.summary == "2 failed checks, 1,008 bytes in all; first: checksum is wrong"
    assert (remark.severity, remark.evidence[0].offset) == (Severity.REMARK, 200)
    assert result.reason == "POS.TimeUS rises, and no record is repeated. 1 remark."


# headers

START = pd.Timestamp("2026-05-14T09:00:00Z")


@pytest.mark.parametrize(
    ("stated", "within", "beyond"),
    [
        ("max_height_ato_m", 30.09, 30.11),
        ("max_ground_speed_mps", 5.09, 5.11),
        ("fix_count", 39, 40),
        ("duration_s", 39.0, 39.1),
        ("photo_count", 0, 1),
    ],
)
def test_a_total_may_differ_by_its_tolerance(stated: str, within: float, beyond: float) -> None:
    track = hover_example_track_at_heights(*[30.0] * 30, ground_speed_mps=[5.0] * 30)
    for value, outcome in ((within, "pass"), (beyond, "fail")):
        total: dict[str, Any] = {stated: value}
        fields = {"header_summary": LogHeaderTotals("Details", 900, **total)}
        assert outcome_of("header_mismatch", track, log_fields=fields) == outcome


@pytest.mark.parametrize(("delay", "outcome"), [(10.0, "pass"), (10.1, "fail"), (-10.1, "fail")])
def test_the_first_fix_comes_within_ten_seconds_of_the_stated_start(
    delay: float, outcome: str
) -> None:
    summary = LogHeaderTotals("Details", 900, start=START - pd.Timedelta(seconds=delay))
    fields = {"header_summary": summary}
    assert (
        outcome_of("header_mismatch", hover_example_track_at_heights(1.0, 2.0), log_fields=fields)
        == outcome
    )


@pytest.mark.parametrize(("metres", "outcome"), [(99.9, "pass"), (100.1, "fail")])
def test_the_stated_start_is_within_a_hundred_metres(metres: float, outcome: str) -> None:
    (longitude,) = east(metres)["longitude_deg"]
    place = NamedPosition("start", None, 0.0, longitude, None, "Details", 900)
    fields = {"named_positions": (place,)}
    assert outcome_of("header_mismatch", east(0.0, 1.0), log_fields=fields) == outcome


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("10-01-00", "pass"),
        ("10-01-01", "fail"),
        ("09-59-00", "pass"),
        ("09-58-59", "fail"),
        ("09-45-00", "pass"),
        ("23-00-00", "pass"),
        ("23-15-00", "fail"),
    ],
)
def test_the_time_in_a_name_is_a_quarter_of_an_hour_off_within_a_minute(
    name: str, outcome: str
) -> None:
    found = outcome_of(
        "header_mismatch",
        hover_example_track_at_heights(1.0, 2.0),
        file_name=f"DJIFlightRecord_2026-05-14_[{name}].txt",
        log_fields={"header_summary": LogHeaderTotals("Details", 900, start=START)},
    )
    assert found == outcome


def test_a_wrong_number_of_photos_weighs_little() -> None:
    summary = LogHeaderTotals("Details", 900, photo_count=2, max_height_ato_m=50.0)
    fields = {"header_summary": summary}
    result = result_on_track(
        "header_mismatch", hover_example_track_at_heights(1.0, 30.0), log_fields=fields
    )
    assert [finding.severity for finding in result.findings] == [Severity.MEDIUM, Severity.LOW]


# motion


@pytest.mark.parametrize(
    ("model", "metres", "outcome"),
    [
        (None, 69.9, "pass"),
        (None, 70.1, "fail"),
        ("fixed wing", 114.9, "pass"),
        ("fixed wing", 115.1, "fail"),
    ],
)
def test_a_move_is_as_far_as_the_class_of_the_aircraft_can(
    model: str | None, metres: float, outcome: str
) -> None:
    track = east(*[0.0] * 10, *[metres] * 10)
    aircraft = {"aircraft": Aircraft(model=model)}
    assert outcome_of("implausible_motion", track, log_fields=aircraft) == outcome


@pytest.mark.parametrize(("metres", "outcome"), [(50.0, "pass"), (50.1, "fail")])
def test_a_rise_is_at_most_twenty_five_metres_a_second(metres: float, outcome: str) -> None:
    track = hover_example_track_at_heights(*[0.0] * 10, *[metres] * 10)
    assert outcome_of("implausible_motion", track) == outcome


@pytest.mark.parametrize(("between", "count"), [(10, 1), (11, 2)])
def test_jumps_within_ten_seconds_are_one_disturbance(between: int, count: int) -> None:
    track = east(*[0.0] * 10, *[900.0] * between, *[0.0] * 10)
    result = result_on_track("implausible_motion", track)
    assert len(result.findings) == count
    assert ("the greatest of 2 such moves" in result.findings[0].summary) == (count == 1)
    first = result.findings[0]
    assert first.start == START + pd.Timedelta(seconds=9)
    assert first.end == START + pd.Timedelta(seconds=10 + between * (count == 1))


def test_twenty_disturbances_are_listed_and_all_are_counted() -> None:
    metres = [900.0 * (second // 12 % 2) for second in range(12 * 26)]
    result = result_on_track("implausible_motion", east(*metres))
    assert len(result.findings) == 20
    assert result.reason == "25 moves beyond what a multirotor can do (45 m/s)."


@pytest.mark.parametrize(("fixes", "outcome"), [(10, "pass"), (9, "not_assessable")])
@pytest.mark.parametrize("rule", ["implausible_motion", "track_gap"])
def test_ten_fixes_make_a_track(rule: str, fixes: int, outcome: str) -> None:
    assert outcome_of(rule, hover_example_track_at_heights(*[1.0] * fixes)) == outcome


def climbing(extra_m: float) -> dict[str, Any]:
    """Return a track whose altitude rises by so much more than its height above take-off."""
    return hover_example_track_at_heights(
        *[50.0] * 40,
        altitude_amsl_m=[200.0] * 20 + [200.0 + extra_m] * 20,
        ground_speed_mps=[0.0] * 40,
    )


@pytest.mark.parametrize(("extra_m", "outcome"), [(40.0, "pass"), (40.1, "fail")])
def test_two_heights_may_part_by_forty_metres(extra_m: float, outcome: str) -> None:
    assert outcome_of("spoofing_signs", climbing(extra_m)) == outcome


def drifting(extra_m: float) -> dict[str, Any]:
    """Return a track that goes east at 5 m/s and shifts by so much at half time."""
    metres = [5.0 * second + extra_m * (second >= 20) for second in range(40)]
    return {
        **east(*metres),
        "height_ato_m": [50.0] * 40,
        "ground_speed_mps": [5.0] * 40,
        "course_deg": [90.0] * 40,
    }


@pytest.mark.parametrize(("extra_m", "outcome"), [(39.9, "pass"), (40.1, "fail")])
def test_position_may_drift_from_velocity_by_forty_metres(extra_m: float, outcome: str) -> None:
    result = result_on_track("spoofing_signs", drifting(extra_m))
    assert result.outcome.value == outcome
    if outcome == "fail":
        (finding,) = result.findings
        assert finding.start == START + pd.Timedelta(seconds=10)
        assert finding.end == START + pd.Timedelta(seconds=29)
        assert finding.summary.startswith(
            "inconsistent: position and velocity differ by 40.1 m over 10 s, more than the 40 m "
        )


@pytest.mark.parametrize(("hole_s", "outcome"), [(2.5, "fail"), (2.6, "not_assessable")])
def test_over_a_hole_of_more_than_two_and_a_half_seconds_nothing_is_compared(
    hole_s: float, outcome: str
) -> None:
    times = [second + (hole_s - 1) * (second >= 20) for second in range(40)]
    track = climbing(100.0) | {"time": times}
    assert outcome_of("spoofing_signs", track) == outcome


# gaps


@pytest.mark.parametrize(
    ("interval", "gap", "outcome"),
    [(1.0, 9.9, "not_assessable"), (1.0, 10.0, "fail"), (0.1, 4.9, "pass"), (0.1, 5.0, "fail")],
)
def test_a_gap_is_five_seconds_and_ten_intervals(interval: float, gap: float, outcome: str) -> None:
    times = [interval * number + (gap - interval) * (number >= 15) for number in range(30)]
    assert (
        outcome_of("track_gap", hover_example_track_at_heights(*[1.0] * 30, time=times)) == outcome
    )


def test_a_gap_says_how_long_it_was_and_what_lay_in_it() -> None:
    times = [float(second) + 60 * (second >= 15) for second in range(30)]
    issues = (Issue(235, 7, "x"), Issue(245, 40, "y"), Issue(255, 9, "z"))
    result = result_on_track(
        "track_gap",
        hover_example_track_at_heights(*[1.0] * 30, time=times),
        log_fields={"issues": issues},
    )
    (gap,) = result.findings
    assert gap.summary == (
        "no fix in the air for 61.0 s from 09:00:14 UTC, at SU 6950 7836; the usual "
        "interval is 1 s; 40 bytes between them could not be decoded"
    )
    assert (gap.start, gap.end) == (
        START + pd.Timedelta(seconds=14),
        START + pd.Timedelta(seconds=75),
    )
    assert [part.offset for part in gap.evidence] == [240, 250]


@pytest.mark.parametrize(("after_s", "known"), [(0.0, True), (5.0, True), (5.1, False)])
def test_a_position_stands_for_five_seconds(after_s: float, known: bool) -> None:
    flight, _ = build_example_flight_and_audit_context(
        ExampleFlight(Outcome.PASS, "", hover_example_track_at_heights(1.0, 2.0))
    )
    time = START + pd.Timedelta(seconds=1 + after_s)
    assert lat_lon_of_last_fix_before(flight, time) == ((51.5, -1.0) if known else None)
    assert lat_lon_of_last_fix_before(flight, START - pd.Timedelta(seconds=1)) is None


@pytest.mark.parametrize(("lacks_s", "outcome"), [(10, "pass"), (11, "fail")])
@pytest.mark.parametrize("at_start", [True, False])
def test_a_record_may_lack_ten_seconds_at_either_end(
    lacks_s: int, outcome: str, at_start: bool
) -> None:
    record = northbound_example_track(60 - lacks_s, lacks_s * at_start)
    seconds = [second + 0.5 for second in range(60)]
    second_record = northbound_example_track(
        60, time=seconds, latitude_deg=[51.5 + 9e-5 * second for second in seconds]
    )
    others = (FurtherExampleLog("b.txt", track=second_record),)
    result = result_on_track(
        "missing_log", record, events=takeoff_and_landing(59), other_logs=others
    )
    assert result.outcome.value == outcome
    if outcome == "fail":
        (finding,) = result.findings
        edge = "begins at 09:00:11" if at_start else "ends at 09:00:48"
        assert finding.summary.startswith(
            f"example.txt {edge} UTC and lacks 11 s in the air that b.txt shows"
        )
        assert finding.summary.endswith("; that record holds it")


# events


def reported(*events: Mapping[str, Any], landing: float = 29.0) -> Sequence[Mapping[str, Any]]:
    return ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": landing}, *events)


def lost(seconds: float, **more: Any) -> dict[str, Any]:
    event = {"kind": "link.lost", "time": 5, "end": 5 + seconds, "text": "lost"}
    return event | {"severity": "warning"} | more


@pytest.mark.parametrize(("seconds", "outcome"), [(9.9, "pass"), (10.0, "fail")])
def test_a_link_lost_for_ten_seconds_is_an_occurrence(seconds: float, outcome: str) -> None:
    events = reported(lost(seconds))
    assert (
        outcome_of("occurrence", hover_example_track_at_heights(*[20.0] * 30), events=events)
        == outcome
    )


def test_a_lost_link_that_is_inferred_is_none() -> None:
    events = reported(lost(20.0, grade="inferred"))
    assert (
        outcome_of("occurrence", hover_example_track_at_heights(*[20.0] * 30), events=events)
        == "pass"
    )


@pytest.mark.parametrize(("height", "outcome"), [(5.0, "pass"), (5.1, "fail")])
def test_motors_may_stop_five_metres_above_take_off(height: float, outcome: str) -> None:
    events = (*takeoff_and_landing(29), {"kind": "disarm", "time": 9, "text": "off"})
    assert (
        outcome_of("occurrence", hover_example_track_at_heights(*[height] * 30), events=events)
        == outcome
    )


@pytest.mark.parametrize(("after_s", "outcome"), [(10.0, "fail"), (10.1, "pass")])
def test_a_crash_is_reported_up_to_ten_seconds_after_the_landing(
    after_s: float, outcome: str
) -> None:
    fault = {"kind": "fault", "time": 20 + after_s, "severity": "serious", "text": "crash"}
    events = reported(fault, landing=20.0)
    assert (
        outcome_of("occurrence", hover_example_track_at_heights(*[1.0] * 40), events=events)
        == outcome
    )


def test_another_fault_weighs_less_than_a_grave_one() -> None:
    faults = [
        {"kind": "fault", "time": 3, "severity": "serious", "text": "motor 2 failed"},
        {"kind": "fault", "time": 4, "severity": "serious", "text": "fan"},
        {"kind": "fault", "time": 5, "severity": "notice", "text": "motor is warm"},
    ]
    result = result_on_track(
        "occurrence", hover_example_track_at_heights(*[1.0] * 40), events=reported(*faults)
    )
    assert [finding.severity for finding in result.findings] == [Severity.MEDIUM, Severity.LOW]


# dates and masses


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({"mass_g": 250.0}, "pass"),
        ({"mass_g": 249.9}, "not_applicable"),
        ({"mass_g": None}, "not_assessable"),
        ({"operator_id_until": dt.date(2026, 5, 14)}, "pass"),
        ({"operator_id_until": dt.date(2026, 5, 13)}, "fail"),
        ({"operator_id": None}, "fail"),
    ],
)
def test_an_operator_id_is_needed_from_250_g_and_valid_on_its_last_day(
    row: Mapping[str, Any], outcome: str
) -> None:
    aircraft = {"serial": "S1", "mass_g": 900.0, "operator_id": "OP"}
    operation = {"operation": "1", "start": -60, "end": 600, "pilot": "PC", "flyer_id": "F"}
    found = outcome_of(
        "operator_identity",
        hover_example_track_at_heights(*[10.0] * 9),
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({**aircraft, **row},),
        operations=(operation,),
    )
    assert found == outcome


#: An aircraft that needs an operator's ID, and has one.
HEAVY: Mapping[str, Any] = {
    "log_fields": {"aircraft": Aircraft(serial="S1")},
    "inventory": ({"serial": "S1", "mass_g": 900.0, "operator_id": "OP"},),
}


@pytest.mark.parametrize(
    ("start", "outcome"),
    [("2020-12-31T09:00:00Z", "pass"), ("2020-12-30T09:00:00Z", "not_applicable")],
)
def test_ids_are_needed_from_the_day_of_the_law(start: str, outcome: str) -> None:
    operation = {"operation": "1", "start": -60, "end": 600, "pilot": "PC", "flyer_id": "F"}
    found = outcome_of(
        "operator_identity",
        hover_example_track_at_heights(*[10.0] * 9),
        **HEAVY,
        operations=(operation,),
        start=start,
    )
    assert found == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"flyer_id_until": dt.date(2026, 5, 14)}, "pass"),
        ({"flyer_id_until": dt.date(2026, 5, 13)}, "fail"),
        ({"flyer_id": None}, "fail"),
        ({"pilot": None}, "fail"),
    ],
)
def test_a_pilot_has_an_id_that_is_valid_on_its_last_day(
    changes: Mapping[str, Any], outcome: str
) -> None:
    operation = {"operation": "1", "start": -60, "end": 600, "pilot": "PC", "flyer_id": "F"}
    result = result_on_track(
        "operator_identity",
        hover_example_track_at_heights(*[10.0] * 9),
        **HEAVY,
        operations=({**operation, **changes},),
    )
    assert result.outcome.value == outcome


@pytest.mark.parametrize(
    ("row", "required", "outcome"),
    [
        ({"mass_g": 100.0}, {"minimum_mass_g": 100.0}, "fail"),
        ({"mass_g": 99.9}, {"minimum_mass_g": 100.0}, "not_applicable"),
        ({}, {"minimum_mass_g": 100.0}, "not_assessable"),
        ({"camera": True}, {"with_camera": True}, "fail"),
        ({"camera": False}, {"with_camera": True}, "not_applicable"),
        ({}, {"with_camera": True}, "not_assessable"),
        ({"class_mark": "C1"}, {"classes": ("C1", "C2")}, "fail"),
        ({"class_mark": "C0"}, {"classes": ("C1", "C2")}, "not_applicable"),
        ({"class_mark": "C0"}, {"classes": ("C1",), "minimum_mass_g": 1.0}, "not_applicable"),
        ({}, {"since": dt.date(2026, 5, 14)}, "fail"),
        ({}, {"since": dt.date(2026, 5, 15)}, "not_applicable"),
    ],
)
def test_remote_id_is_required_by_class_mass_camera_and_date(
    row: Mapping[str, Any], required: Mapping[str, Any], outcome: str
) -> None:
    requirement = {"since": dt.date(2026, 1, 1), **required}
    found = outcome_of(
        "remote_id",
        hover_example_track_at_heights(*[10.0] * 9),
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({"serial": "S1", "remote_id": False, **row},),
        parameters={"required": (requirement,)},
    )
    assert found == outcome


@pytest.mark.parametrize(("day", "outcome"), [(14, "pass"), (15, "fail")])
def test_a_file_may_be_kept_to_its_last_day(day: int, outcome: str) -> None:
    result = result_on_track(
        "retention_overdue",
        hover_example_track_at_heights(*[10.0] * 9),
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({"serial": "S1", "retention_days": 31},),
        context={"today": dt.date(2026, 6, day)},
    )
    assert result.outcome.value == outcome
    if outcome == "fail":
        assert result.reason == "Overdue by 1 day; 31 are allowed."
        assert result.findings[0].summary == (
            "1 file of the flight of 2026-05-14 kept 1 day too long: 31 days are allowed, to "
            "2026-06-14; known from the inventory and the date of the flight."
        )


def utc(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("dates", "outcome"),
    [
        ({"effective_from": utc(4, 16)}, "pass"),
        ({"effective_from": utc(4, 15)}, "fail"),
        ({"effective_from": utc(5, 14)}, "pass"),
        ({"effective_from": utc(5, 15)}, "fail"),
        ({"issued": utc(4, 15)}, "fail"),
        ({"effective_from": utc(5, 1), "effective_to": utc(5, 14)}, "pass"),
        ({"effective_from": utc(5, 1), "effective_to": utc(5, 13)}, "fail"),
        ({"effective_from": utc(5, 1), "issued": utc(1, 1)}, "pass"),
    ],
)
def test_zones_are_current_for_28_days_and_to_their_last(
    dates: Mapping[str, Any], outcome: str
) -> None:
    context = {"zones": example_supplied_zones(**dates)}
    assert (
        outcome_of("zones_stale", hover_example_track_at_heights(0.0), context=context) == outcome
    )


@pytest.mark.parametrize(("beyond", "outcome"), [(0.01, "not_applicable"), (-0.01, "fail")])
def test_night_begins_where_the_sun_is_lower_than_the_policy_says(
    beyond: float, outcome: str
) -> None:
    start = "2026-05-14T20:45:00Z"
    time = np.array([np.datetime64("2026-05-14T20:45:00", "ns")])
    _, elevation = sun_azimuths_and_elevations_deg(time, np.array([51.5]), np.array([-1.0]))
    found = outcome_of(
        "night_flight",
        hover_example_track_at_heights(0.0),
        start=start,
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({"serial": "S1", "green_light": False},),
        parameters={"sun_below_deg": float(-elevation[0]) + beyond},
    )
    assert found == outcome


@pytest.mark.parametrize(
    ("start", "fields", "outcome"),
    [
        # Night ends shortly before 07:30 UTC, and begins shortly after 16:30.
        ("2026-12-21T07:30:00Z", {"begins_in_air": True}, "not_assessable"),
        ("2026-12-21T08:20:00Z", {"begins_in_air": True}, "not_assessable"),
        ("2026-12-21T08:40:00Z", {"begins_in_air": True}, "not_applicable"),
        ("2026-12-21T07:30:00Z", {"begins_in_air": None}, "not_applicable"),
        ("2026-12-21T07:30:00Z", {"ends_in_air": True}, "not_applicable"),
        ("2026-12-21T16:30:00Z", {"ends_in_air": True}, "not_assessable"),
        ("2026-12-21T15:45:00Z", {"ends_in_air": True}, "not_assessable"),
        ("2026-12-21T15:20:00Z", {"ends_in_air": True}, "not_applicable"),
        ("2026-12-21T16:30:00Z", {"begins_in_air": True}, "not_applicable"),
    ],
)
def test_night_near_an_end_that_a_log_does_not_show_is_not_ruled_out(
    start: str, fields: dict[str, Any], outcome: str
) -> None:
    flight, context = build_example_flight_and_audit_context(
        ExampleFlight(Outcome.PASS, "", hover_example_track_at_heights(10.0, 10.0), start=start)
    )
    flight = replace(flight, takeoff=None, landing=None, **fields)
    result = night_flight.check(
        flight,
        night_flight.NightFlightParameters(),
        RuleInputs(rule="night_flight", context=context, severity=Severity.LOW),
    )
    assert result.outcome == outcome
    if outcome == "not_assessable":
        assert "in the air by day, and it was night within the hour" in result.reason


# fences

AWAY = [51.5, 51.5, *[51.502] * 4, 51.5]
FENCE = Geofence("inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM", 200)


def flown(latitudes: Sequence[float], **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return hover_example_track_at_heights(*[50.0] * len(latitudes), latitude_deg=latitudes, **more)


@pytest.mark.parametrize(("second", "outcome"), [(10, "pass"), (11, "fail")])
def test_a_breach_is_reported_within_five_seconds(second: int, outcome: str) -> None:
    track = flown([*AWAY, *[51.5] * 13])
    event = {"kind": "geofence.breach", "time": second, "text": "fence breached"}
    events = (*takeoff_and_landing(19), event)
    found = outcome_of("fence_disagreement", track, events=events, log_fields={"fences": (FENCE,)})
    assert found == outcome


@pytest.mark.parametrize(("seconds", "outcome"), [(2, "pass"), (4, "fail")])
def test_a_breach_of_two_seconds_need_not_be_reported(seconds: int, outcome: str) -> None:
    # Out and back in 0.05 of a second each, so that the breach lasts what its fixes do.
    out = [10.05, 10.0 + seconds - 0.1]
    times = [0.0, 5.0, 10.0, *out, out[1] + 0.05, 16.0, 20.0]
    track = flown([51.502 if time in out else 51.5 for time in times], time=times)
    parameters = {"gap_s": 30.0, "reach_mps": 1e5}
    events = takeoff_and_landing(20)
    fields: dict[str, Any] = {"events": events, "log_fields": {"fences": (FENCE,)}}
    found = outcome_of("fence_disagreement", track, parameters=parameters, **fields)
    assert found == outcome


@pytest.mark.parametrize(("pause_s", "outcome"), [(4.0, "fail"), (8.0, "not_assessable")])
def test_silence_says_something_only_while_a_report_would_be_recorded(
    pause_s: float, outcome: str
) -> None:
    # Outside of its fence a second before the pause and after it, at most 8 s in 300 s.
    times = [*np.arange(0.0, 150.0, 0.5), *np.arange(149.5 + pause_s, 300.0, 0.5)]
    away = [51.502 if 148.5 <= time <= 150.5 + pause_s else 51.5 for time in times]
    result = result_on_track(
        "fence_disagreement",
        flown(away, time=times),
        events=takeoff_and_landing(299),
        log_fields={"fences": (FENCE,)},
    )
    assert result.outcome == outcome, result.reason
    assert len(result.findings) == (outcome == "fail")
    assert ("a report could not have been seen then" in result.reason) == (outcome != "fail")
    assert all(each.is_met for each in result.observations)


def test_a_log_that_records_no_breaches_contradicts_nothing_by_its_silence() -> None:
    result = result_on_track(
        "fence_disagreement",
        flown(AWAY),
        events=takeoff_and_landing(6),
        log_fields={"fences": (FENCE,)},
        without_facts=("fence_breach",),
    )
    assert (result.outcome, result.findings) == (Outcome.NOT_ASSESSABLE, ())
    assert result.reason.startswith("Breaches of a fence could not have been seen")


@pytest.mark.parametrize(("metres", "outcome"), [(499.0, "pass"), (501.0, "fail")])
def test_a_report_belongs_to_a_zone_within_five_hundred_metres(metres: float, outcome: str) -> None:
    warning = {"kind": "geofence.warning", "time": 1, "severity": "warning", "text": "Zone"}
    centre = (51.5 + (100.0 + metres) / 111_266.0, -1.0)
    found = outcome_of(
        "fence_disagreement",
        flown([51.5] * 5),
        events=(*takeoff_and_landing(4), warning),
        context={"zones": example_supplied_zones(centre=centre)},
    )
    assert found == outcome


# captures and media files


def photos(count: int, start: int = 10) -> list[dict[str, Any]]:
    return [
        {"kind": "photo", "start": start + number, "end": start + number} for number in range(count)
    ]


def media(name: str, second: int, camera: str = "") -> FurtherExampleLog:
    file = f"{name}{camera}.JPG"
    row = {"kind": "photo", "start": second, "end": second, "file": file}
    return FurtherExampleLog(
        file, "dji-photo", track=northbound_example_track(1, second), captures=(row,)
    )


@pytest.mark.parametrize(("lacking", "count", "shown"), [(5, 5, 1), (6, 1, 6), (25, 1, 20)])
def test_more_than_five_recordings_without_a_file_are_one_finding(
    lacking: int, count: int, shown: int
) -> None:
    result = result_on_track(
        "recording_files",
        northbound_example_track(90),
        captures=(*photos(lacking, 30), {"kind": "photo", "start": 5, "end": 5}),
        other_logs=(media("DJI_0001", 5),),
    )
    assert len(result.findings) == count
    assert len(result.findings[0].evidence) == shown
    assert result.reason == f"{lacking} recordings without a file."


@pytest.mark.parametrize(("pairs", "outcome"), [(3, "fail"), (2, "pass")])
def test_a_camera_is_missed_where_most_photos_have_its_file(pairs: int, outcome: str) -> None:
    names = [f"DJI_{number:04}" for number in range(1, pairs + 2)]
    files = [media(name, 5 * number, "_W") for number, name in enumerate(names, 1)]
    files += [media(name, 5 * number, "_T") for number, name in enumerate(names[:-1], 1)]
    result = result_on_track(
        "recording_files",
        northbound_example_track(60),
        captures=[
            {"kind": "photo", "start": 5 * number, "end": 5 * number}
            for number in range(1, pairs + 2)
        ],
        other_logs=tuple(files),
    )
    assert result.outcome.value == outcome
    if outcome == "fail":
        assert result.findings[0].summary == (
            "DJI_0004_W.JPG has no _T file beside it, but 3 other photos of the flight have one; "
            "known from the names of the files."
        )


def test_recordings_for_one_reason_are_one_finding_with_the_first_five_as_evidence() -> None:
    operation = {"operation": "OP-1", "start": 60, "end": 3600, "purpose": "x"}
    result = result_on_track(
        "recording_without_purpose",
        hover_example_track_at_heights(*[10.0] * 90),
        captures=[*photos(7), *photos(2, 70)],
        operations=(operation,),
    )
    first, second = result.findings
    assert first.summary == (
        "7 photos for 6.0 s from 09:00:10 UTC, at SU 6950 7836: no operation at that time; "
        "known from example.txt."
    )
    assert (len(first.evidence), len(second.evidence)) == (5, 3)
    assert first.start == START + pd.Timedelta(seconds=10)
    assert first.end == START + pd.Timedelta(seconds=16)
    assert ": operation OP-1 names no incident; known from example.txt" in second.summary
    assert result.reason == "9 photos of 9 photos without a purpose."


# contacts


def flight_with(*contacts: Mapping[str, Any], **window: Any) -> dict[str, Any]:
    events = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 4})
    return {"events": events, "context": example_network_log_as_context_fields(*contacts, **window)}


LANDED = hover_example_track_at_heights(0.0, 10.0, 20.0, 10.0, 0.0)


@pytest.mark.parametrize(
    ("sent", "claim"), [(100_000, "probable_upload"), (99_999, "contact"), (0, "contact")]
)
def test_an_upload_is_from_a_hundred_thousand_bytes_on(sent: int, claim: str) -> None:
    contact = example_tls_contact("mydjiflight.dji.com", bytes_up=sent)
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(contact))
    assert result.findings[0].grade == claim


@pytest.mark.parametrize(("time", "claim"), [(-1.0, "contact"), (0.5, "probable_upload")])
def test_what_ended_before_take_off_is_no_upload(time: float, claim: str) -> None:
    contact = example_tls_contact("mydjiflight.dji.com", time=-30, end=time, bytes_up=3_000_000)
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(contact))
    assert result.findings[0].grade == claim


@pytest.mark.parametrize(
    ("time", "count"),
    [(-600.0, 1), (-600.1, 0), (4 + 86_400.0, 1), (4 + 86_400.1, 0)],
)
def test_the_window_reaches_from_ten_minutes_before_to_a_day_after(time: float, count: int) -> None:
    contact = example_tls_contact("mydjiflight.dji.com", time=time, end=time)
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(contact))
    assert len(result.findings) == count


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (0, "during the flight"),
        (3, "during the flight"),
        (4, "during the flight"),
        (4 + 119, "119 s after the flight"),
        (4 + 120, "2 min after the flight"),
        (4 + 7199, "120 min after the flight"),
        (4 + 7200, "2.0 h after the flight"),
        (-30, "30 s before the flight"),
    ],
)
def test_a_contact_says_when_it_was(time: float, words: str) -> None:
    contact = example_tls_contact("mydjiflight.dji.com", time=time, end=time)
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(contact))
    summary = result.findings[0].summary
    assert ": 900 bytes sent, at " in summary
    assert summary.endswith(
        f" UTC, {words}; matched to this flight by its time alone; known from capture.pcap "
        "(tls.server_name)."
    )


@pytest.mark.parametrize(("unnamed", "outcome"), [(1, "pass"), (2, "not_assessable")])
def test_a_quarter_of_the_conversations_may_have_no_name(unnamed: int, outcome: str) -> None:
    named = [example_tls_contact("a.tiles.mapbox.com") for _ in range(4 - unnamed)]
    bare = [example_tls_contact(None, address=f"203.0.113.{number}") for number in range(unnamed)]
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(*named, *bare))
    assert result.outcome.value == outcome


@pytest.mark.parametrize(("sent", "outcome"), [(99_999, "pass"), (100_000, "not_assessable")])
def test_much_sent_to_an_address_without_a_name_passes_nothing(sent: int, outcome: str) -> None:
    named = [example_tls_contact("a.tiles.mapbox.com") for _ in range(9)]
    bare = example_tls_contact(None, address="203.0.113.99", bytes_up=sent)
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(*named, bare))
    assert result.outcome.value == outcome


@pytest.mark.parametrize(("hours", "outcome"), [(22.95, "not_assessable"), (23.2, "pass")])
def test_95_per_cent_of_the_window_must_be_recorded(hours: float, outcome: str) -> None:
    contact = example_tls_contact("a.tiles.mapbox.com")
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(contact, hours=hours))
    assert result.outcome.value == outcome


@pytest.mark.parametrize(("snap_length", "counts"), [(512, True), (511, False)])
def test_a_capture_keeps_at_least_512_bytes_of_a_packet(snap_length: int, counts: bool) -> None:
    contact = example_tls_contact("a.tiles.mapbox.com")
    result = result_on_track(
        "data_sync_endpoint", LANDED, **flight_with(contact, snap_length=snap_length)
    )
    assert (result.outcome is Outcome.PASS) == counts


@pytest.mark.parametrize(
    ("rule", "port", "sent", "outcome"),
    [
        ("live_stream", 1935, 100_000, "fail"),
        ("live_stream", 1935, 99_999, "pass"),
        ("live_stream", 554, 100_000, "fail"),
        ("live_stream", 555, 99_999, "pass"),
        ("rtk_position_disclosure", 2101, 1, "fail"),
        ("rtk_position_disclosure", 2101, 0, "pass"),
        ("rtk_position_disclosure", 2102, 1, "pass"),
    ],
)
def test_a_port_is_a_sign_where_enough_was_sent(
    rule: str, port: int, sent: int, outcome: str
) -> None:
    named = [example_tls_contact("a.tiles.mapbox.com") for _ in range(9)]
    bare = example_tls_contact(
        None, address="203.0.113.9", port=port, protocol="tcp", bytes_up=sent
    )
    assert outcome_of(rule, LANDED, **flight_with(*named, bare)) == outcome


def test_the_first_five_contacts_of_a_host_are_its_evidence() -> None:
    contacts = [
        example_tls_contact("mydjiflight.dji.com", time=10 + n, end=20 + n) for n in range(8)
    ]
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(*contacts))
    (finding,) = result.findings
    assert [part.offset for part in finding.evidence] == [100, 110, 120, 130, 140]
    assert finding.summary.endswith(
        ": 7,200 bytes sent, between 09:00:10 and 09:00:27 UTC, 6 s after the flight; matched to "
        "this flight by its time alone; known from 8 records of capture.pcap."
    )


def test_contacts_within_a_second_are_at_one_time_and_a_byte_is_one() -> None:
    contacts = [
        example_tls_contact("mydjiflight.dji.com", time=10 + n / 4, end=10 + n / 4, bytes_up=n)
        for n in range(2)
    ]
    result = result_on_track("data_sync_endpoint", LANDED, **flight_with(*contacts))
    (finding,) = result.findings
    assert ": 1 byte sent, at 09:00:10 UTC" in finding.summary


def test_four_hosts_are_named_and_the_others_counted() -> None:
    hosts = [f"{letter}.tiles.mapbox.com" for letter in "abcdef"]
    contacts = [example_tls_contact(host) for host in hosts]
    result = result_on_track("third_party_sdk", LANDED, **flight_with(*contacts))
    assert f": {', '.join(hosts[:4])} and 2 more." in result.reason


# what authorisations can cover, and what findings say


def test_these_rules_can_be_authorised() -> None:
    assert {rule.id for rule in rules_by_id().values() if not rule.authorisable} == {
        "clock_consistency",
        "clock_jump",
        "fence_disagreement",
        "header_mismatch",
        "implausible_motion",
        "lifetime_totals",
        "location_consistency",
        "log_completeness",
        "log_integrity",
        "missing_log",
        "occurrence",
        "operator_identity",
        "record_chain",
        "recording_files",
        "remote_id",
        "remote_id_contradiction",
        "sensor_consistency",
        "serial_consistency",
        "sources_disagree",
        "spoofing_signs",
        "track_gap",
        "zones_stale",
    }


def test_the_maker_is_that_of_the_inventory_where_no_log_names_it() -> None:
    result = result_on_track(
        "maker_of_concern",
        hover_example_track_at_heights(0.0),
        log_fields={"aircraft": Aircraft(serial="S1")},
        inventory=({"serial": "S1", "maker": "DJI"},),
    )
    assert result.outcome is Outcome.FAIL
    assert {part.file for finding in result.findings for part in finding.evidence} == {
        "aircraft.csv"
    }


@pytest.mark.parametrize(
    ("parameters", "row", "outcome"),
    [
        ({"authorised_after": dt.date(2025, 1, 1)}, {}, "not_assessable"),
        (
            {"authorised_after": dt.date(2025, 1, 1)},
            {"radio_authorised": dt.date(2025, 1, 1)},
            "pass",
        ),
        (
            {"authorised_after": dt.date(2025, 1, 1)},
            {"radio_authorised": dt.date(2025, 1, 2)},
            "fail",
        ),
        ({}, {"risk_acceptance": "RA"}, "pass"),
        ({"acceptance_suffices": False}, {"risk_acceptance": "RA"}, "fail"),
        ({"lists": ()}, {}, "not_applicable"),
        ({"lists": (), "own": ({"maker": "dji", "source": "x"},)}, {}, "fail"),
        ({"lists": (), "own": ({"maker": "x", "aliases": ("DJI",), "source": "x"},)}, {}, "fail"),
        ({"lists": (), "own": ({"maker": "Autelis", "source": "x"},)}, {}, "pass"),
        (
            {"lists": (), "own": ({"maker": "DJI", "since": dt.date(2026, 5, 14), "source": "x"},)},
            {},
            "fail",
        ),
        (
            {"lists": (), "own": ({"maker": "DJI", "since": dt.date(2026, 5, 15), "source": "x"},)},
            {},
            "pass",
        ),
    ],
)
def test_a_list_of_makers_has_its_dates_and_exceptions(
    parameters: Mapping[str, Any], row: Mapping[str, Any], outcome: str
) -> None:
    found = outcome_of(
        "maker_of_concern",
        hover_example_track_at_heights(*[10.0] * 9),
        log_fields={"aircraft": Aircraft(maker="DJI", serial="S1")},
        inventory=({"serial": "S1", **row},),
        parameters=parameters,
    )
    assert found == outcome


def test_a_sound_recording_says_how_long_it_was() -> None:
    captures = ({"kind": "audio", "start": 2, "end": 8},)
    result = result_on_track(
        "audio_recorded", hover_example_track_at_heights(*[10.0] * 9), captures=captures
    )
    (finding,) = result.findings
    assert finding.summary == (
        "Sound was recorded for 6.0 s from 09:00:02 UTC, at SU 6950 7836, and no operation "
        "allowed it; known from the track of sound in example.txt."
    )
    assert result.reason == "1 sound recording that no operation allowed."
    assert (finding.start, finding.end) == (
        START + pd.Timedelta(seconds=2),
        START + pd.Timedelta(seconds=8),
    )


@pytest.mark.parametrize(
    ("videos", "files", "outcome"), [(1, 1, "pass"), (2, 1, "not_assessable"), (0, 0, "pass")]
)
def test_each_video_needs_its_file_to_show_whether_there_is_sound(
    videos: int, files: int, outcome: str
) -> None:
    rows = [
        {"kind": "video", "start": 10 * number, "end": 10 * number + 5} for number in range(videos)
    ]
    others = tuple(
        FurtherExampleLog(
            f"DJI_{number}.MP4", "video", track=northbound_example_track(5, 10 * number)
        )
        for number in range(files)
    )
    found = outcome_of(
        "audio_recorded",
        northbound_example_track(60),
        captures=rows,
        other_logs=others,
        without_facts=("audio",),
    )
    assert found == outcome


@pytest.mark.parametrize(
    ("texts", "second", "outcome"),
    [
        (("FENCE_ENABLE = 1",), 5, "fail"),
        (("FENCE_ENABLE = 1",), 9, "fail"),
        (("FENCE_ENABLE = 1",), 9.5, "pass"),
        (("FENCE_ENABLE = 1",), 1, "fail"),
        (("FENCE_ENABLE = 1",), 0.5, "pass"),
        (("FENCE_ENABLE = 0",), 9.5, "not_applicable"),
        (("fence on",), 9.5, "pass"),
        (("fence off",), 9.5, "not_applicable"),
        (("FENCE_ENABLE = 0", "FENCE_ENABLE = 2"), 9.5, "pass"),
        ((), 9.5, "not_assessable"),
    ],
)
def test_a_fence_that_was_on_must_stay_on_in_the_air(
    texts: Sequence[str], second: float, outcome: str
) -> None:
    events = [
        {"kind": "takeoff", "time": 1},
        {"kind": "landing", "time": 9},
        {"kind": "geofence.disable", "time": second, "text": "fence off"},
        *({"kind": "geofence.config", "time": 0, "text": text} for text in texts),
    ]
    track = hover_example_track_at_heights(*[10.0] * 12)
    assert outcome_of("fence_disabled_in_flight", track, events=events) == outcome


def test_a_command_to_switch_a_fence_off_weighs_less_than_a_report() -> None:
    commanded = {"kind": "geofence.disable", "time": 2, "text": "off", "grade": "commanded"}
    result = result_on_track(
        "fence_disabled_in_flight", hover_example_track_at_heights(*[10.0] * 5), events=(commanded,)
    )
    assert result.findings[0].severity is Severity.LOW
    assert result.findings[0].summary == (
        "It was asked to switch the fence off at 09:00:02 UTC, at SU 6950 7836 (off); "
        "whether it took effect is not shown."
    )


def test_the_last_listed_fall_of_a_counter_has_its_bytes() -> None:
    seconds = [0.01 * part + second for part in range(13) for second in (0.0, 10.0, 20.0)]
    result = result_on_track("record_chain", {}, log_fields=counter_log(seconds))
    falls = [finding for finding in result.findings if "falls" in finding.summary]
    assert [part.offset for part in falls[0].evidence] == [120, 130]
    assert [part.offset for part in falls[-1].evidence] == [430]


@pytest.mark.parametrize(
    ("restart", "severity"), [(120, "remark"), (131, "medium"), (119, "medium")]
)
def test_a_counter_that_starts_again_after_a_restart_is_a_remark(
    restart: int, severity: str
) -> None:
    seconds = [0.0, 10.0, 20.0, 0.5, 10.5, 20.5]
    events = ({"kind": "clock", "source_offset": restart},)
    result = result_on_track("record_chain", {}, log_fields=counter_log(seconds), events=events)
    (finding,) = [each for each in result.findings if "falls" in each.summary]
    assert finding.severity.value == severity
