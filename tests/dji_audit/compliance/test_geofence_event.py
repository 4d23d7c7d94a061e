"""One happening at a fence, a zone or a limit is one sentence, and a pass says what would show."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import parsers
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.dji_geofencing_policy import (
    known_geofencing_changes,
    what_absent_geofence_refusal_proves_text,
)
from dji_audit.compliance.findings import Finding, RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules import ExampleFlight, build_example_flight_and_audit_context
from dji_audit.compliance.rules._shared._event_episodes import EventEpisode
from dji_audit.compliance.rules._shared._example_flights import hover_example_track_at_heights
from dji_audit.compliance.rules._shared._geofence_messages import DISTANCE_LIMIT, GeofenceMessage
from dji_audit.compliance.rules._shared._geofence_sentences import (
    greatest_height_or_distance_m,
    unlikely_height_limit_reason,
)
from dji_audit.flights import Flight, assemble_flights

POLICY = load_policy()
TAKEOFF, LANDING = {"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 29}
CEILING = parsers.Geofence(
    "inclusion", "ceiling", (), None, 100.0, True, None, None, "PARM.Value (FENCE_ALT_MAX)", 50
)
CIRCLE = parsers.Geofence(
    "inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM.Value", 60
)


def flight_with(
    *events: Mapping[str, Any], track: Mapping[str, Any] | None = None, **fields: Any
) -> Flight:
    """Return a flight of 30 seconds at 10 m, unless it has another track."""
    example = ExampleFlight(
        Outcome.PASS,
        "",
        track or hover_example_track_at_heights(*[10.0] * 30),
        events=(TAKEOFF, *events, LANDING),
        log_fields=fields,
    )
    return build_example_flight_and_audit_context(example)[0]


def result_of(flight: Flight, rule: str = "geofence_event") -> RuleResult:
    return apply_policy_entry_to_flight(flight, POLICY.rules[rule], AuditContext())


def failures(result: RuleResult) -> list[Finding]:
    return [finding for finding in result.findings if not finding.informational]


HIGH_TRACK = hover_example_track_at_heights(
    *[90.0] * 10, *[103.0, 107.0, 105.0, 102.0, 101.0], *[90.0] * 15
)
BREACH = {"kind": "geofence.breach", "time": 10, "end": 12, "value": 1.0,
          "text": "fence breached: maximum altitude", "record": "ERR.ECode"}  # fmt: skip


def test_a_breach_and_all_that_tells_of_it_is_one_finding_with_its_depth() -> None:
    flight = flight_with(
        {"kind": "geofence.warning", "time": 9, "severity": "notice", "text": "Fence near"},
        BREACH,
        {"kind": "geofence.action", "time": 10, "text": "changed to RTL because of a fence"},
        {"kind": "geofence.warning", "time": 14, "text": "Fence breach cleared"},
        track=HIGH_TRACK,
        fences=(CEILING,),
    )
    result = result_of(flight)
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.summary == (
        "Beyond the 100 m height fence by 7.0 m for 4.0 s from 09:00:10 UTC, at the place of "
        "take-off, SU 6950 7836; the aircraft changed to RTL."
    )
    assert (finding.severity, finding.peak, len(finding.evidence)) == (Severity.HIGH, 7.0, 4)
    assert finding.subject == "fence"


@pytest.mark.parametrize(("north_deg", "deepest_m"), [(0.0007, 17.9), (0.00056, 7.0)])
def test_a_breach_of_two_fences_is_as_deep_as_the_deeper_of_both(
    north_deg: float, deepest_m: float
) -> None:
    """By 7 m above one, and 78 or 62 m from the middle of the other, of 60 m."""
    track = {**HIGH_TRACK, "latitude_deg": [51.5 + north_deg] * 30}
    both = BREACH | {"value": 3.0, "text": "fence breached: maximum altitude, circle"}
    flight = flight_with(both, track=track, fences=(CEILING, replace(CIRCLE, radius_m=60.0)))
    (finding,) = result_of(flight).findings
    assert finding.peak == pytest.approx(deepest_m, abs=0.1)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("FENCE_ACTION = 0: report only", "the aircraft was set to report only"),
        ("GF_ACTION = 1 (warning)", "the aircraft was set to report only"),
        ("FENCE_ACTION = 1: return or land", "no reaction of the aircraft was recorded"),
    ],
)
def test_what_the_aircraft_did_or_was_set_to_do_is_said(setting: str, told: str) -> None:
    config = {"kind": "geofence.config", "time": 0, "text": setting}
    (finding,) = result_of(flight_with(config, BREACH, track=HIGH_TRACK)).findings
    assert finding.summary.endswith(f"{told}.")
    assert "Beyond the height fence for 2.0 s" in finding.summary


def test_a_fence_that_was_moved_to_the_aircraft_is_the_cause() -> None:
    away = hover_example_track_at_heights(*[10.0] * 30) | {
        "latitude_deg": [51.5 + 0.0007] * 30
    }  # 78 m
    tighter = replace(CIRCLE, radius_m=60.0, start=None)
    flight = flight_with(
        {"kind": "geofence.config", "time": 9.7, "text": "FENCE_RADIUS = 60 (was 100)"},
        {"kind": "geofence.breach", "time": 10, "end": 15, "value": 2.0,
         "text": "fence breached: circle"},
        track=away,
    )  # fmt: skip
    moved = flight.start
    assert moved is not None
    log = replace(
        flight.log,
        fences=(
            replace(CIRCLE, end=moved + dt.timedelta(seconds=9.7)),
            replace(tighter, start=moved + dt.timedelta(seconds=9.7)),
        ),
    )
    flight = replace(flight, sources=(replace(flight.sources[0], log=log),))
    (finding,) = result_of(flight).findings
    assert (
        "Beyond the 60 m circular fence by 18 m" in finding.summary
        and "0.3 s before, FENCE_RADIUS had been changed from 100 to 60" in finding.summary
    )
    # Beyond the new circle it was all the time, but that was in force from then on only.
    assert "from 09:00:10 UTC" in finding.summary


def test_a_setting_changed_long_before_is_no_cause() -> None:
    changed = {"kind": "geofence.config", "time": 2, "text": "FENCE_RADIUS = 60 (was 100)"}
    (finding,) = result_of(flight_with(changed, BREACH, track=HIGH_TRACK)).findings
    assert "FENCE_RADIUS" not in finding.summary


def test_two_breaches_far_apart_are_two() -> None:
    second = BREACH | {"time": 25, "end": 26}
    result = result_of(flight_with(BREACH, second, track=HIGH_TRACK, fences=(CEILING,)))
    assert len(failures(result)) == 2


def test_a_breach_on_the_ground_is_a_note() -> None:
    example = ExampleFlight(
        Outcome.PASS,
        "",
        hover_example_track_at_heights(*[0.0] * 30),
        events=({"kind": "takeoff", "time": 20}, BREACH, LANDING),
    )
    (finding,) = result_of(build_example_flight_and_audit_context(example)[0]).findings
    assert finding.severity is Severity.LOW


WARNING = {
    "kind": "geofence.warning",
    "severity": "notice",
    "record": "AppWarn",
    "text": "GEO: You are in a Warning Zone (Unpaved Airports). Fly with caution.",
}


def test_advice_is_told_once_a_flight() -> None:
    flight = flight_with(*({"time": second} | WARNING for second in (0, 12, 28)))
    (finding,) = result_of(flight).findings
    assert finding.severity is Severity.MEDIUM
    assert len(finding.evidence) == 3
    assert finding.summary.startswith('The app warned: "GEO: You are in a Warning Zone')
    assert finding.summary.endswith(
        "first at 09:00:00 UTC, at the place of take-off, SU 6950 7836."
    )


def test_a_message_that_two_logs_hold_is_counted_once() -> None:
    told = [
        {"kind": "limit.distance", "time": second, "severity": "notice", "record": record,
         "text": "Maximum Flight Distance Reached."}
        for second, record in ((5.0, "AppWarn"), (5.2, "APP.warning"), (20.0, "AppWarn"))
    ]  # fmt: skip
    (finding,) = result_of(flight_with(*told)).findings
    assert '" 2 times, first at 09:00:05 UTC' in finding.summary
    assert len(finding.evidence) == 3


def test_a_zone_that_was_entered_takes_its_warnings_with_it() -> None:
    flight = flight_with(
        {"kind": "geofence.warning", "time": 3, "end": 20, "severity": "notice",
         "text": "in a warning zone for 17.0 s"},
        {"kind": "geofence.breach", "time": 8, "end": 18, "text": "inside limited zone 1001 for "
         "10.0 s", "value": 1001.0},
        {"kind": "geofence.action", "time": 12, "text": "landing to leave an airport zone"},
    )  # fmt: skip
    (finding,) = result_of(flight).findings
    assert finding.subject == "zone"
    assert finding.summary == (
        "Inside limited zone 1001 for 10 s from 09:00:08 UTC, at the place of take-off, "
        "SU 6950 7836; with it: in a warning zone; landing to leave an airport zone."
    )


REACHED = {"kind": "limit.height", "time": 5, "severity": "notice", "record": "AppWarn",
           "text": "Maximum Flight Altitude Reached."}  # fmt: skip
LIMIT = {"kind": "limit.config", "time": 0, "end": 29, "value": 30.0,
         "text": "height limit 30 m above take-off (reason: no GPS)"}  # fmt: skip


@pytest.mark.parametrize(("height_m", "fails"), [(2.8, False), (29.0, True)])
def test_a_height_limit_is_reached_only_near_it(height_m: float, fails: bool) -> None:
    flight = flight_with(LIMIT, REACHED, track=hover_example_track_at_heights(*[height_m] * 30))
    result = result_of(flight)
    assert (result.outcome is Outcome.FAIL) is fails
    (finding,) = result.findings
    assert finding.informational is not fails
    assert ("far below the limit of 30 m" in finding.summary) is not fails


def test_a_limit_that_held_is_a_remark_however_often_it_is_flagged() -> None:
    flags = [
        {"kind": "geofence.limit", "time": second, "end": second, "severity": "warning",
         "text": "radius limit in force", "record": "VisionGroup.radius_limit"}
        for second in range(1, 15)
    ]  # fmt: skip
    result = result_of(flight_with(*flags))
    assert result.outcome is Outcome.PASS
    (finding,) = result.findings
    assert finding.informational and len(finding.evidence) == 14


def test_an_autopilot_without_a_fence_is_not_concerned(samples: Path) -> None:
    folder = samples / "mavlink" / "DaniGitman79+uav-sysid" / "logs"
    for flight in assemble_flights(parsers.read(folder / "00000001.BIN")):
        result = result_of(flight)
        assert result.outcome is Outcome.NOT_APPLICABLE, result.reason
        assert "no fence was on" in result.reason


def test_the_real_breach_stands_in_one_sentence(samples: Path) -> None:
    name = "mechanical_fail.log"
    (path,) = [each for each in (samples / "mavlink").rglob(name) if "3drobotics" in str(each)]
    (flight,) = assemble_flights(parsers.read(path))
    (finding,) = result_of(flight).findings
    assert finding.summary == (
        "Beyond the 100 m height fence by 7.3 m for 5.6 s from 06:21:26 UTC, 593 m north of "
        "take-off, 39.48986 S 176.75008 E; the aircraft was set to report only."
    )


#: The flights in which the app warns of a zone, or says that the farthest distance is reached.
LOOKED_AT = {
    *(f"mavic2_{number}.txt" for number in (0, 6, 8, 11, 15, 16, 17)),
    "DJIFlightRecord_2018-06-19_[14-50-34].txt",
    "DJIFlightRecord_2018-06-20_[09-04-19].txt",
}


def test_of_the_dji_flights_those_need_a_look_in_which_the_app_spoke_once_each(
    samples: Path,
) -> None:
    found: dict[str, int] = {}
    for path in sorted((samples / "dji_txt").rglob("*.txt")):
        for flight in assemble_flights(parsers.read(path)):
            if count := len(failures(result_of(flight))):
                found[path.name] = found.get(path.name, 0) + count
    assert found == dict.fromkeys(LOOKED_AT, 1)


@pytest.mark.parametrize(
    "case",
    [
        *(f"dji_txt_zone_warning_{language}" for language in ("zh", "fr", "ja")),
        *(f"dji_csv_zone_warning_{language}" for language in ("de", "zh")),
    ],
)
def test_a_warning_in_another_language_never_passes(samples: Path, case: str) -> None:
    (path,) = [each for each in (samples.parent / "cases" / case).iterdir() if each.is_file()]
    for flight in assemble_flights(parsers.read(path)):
        result = result_of(flight)
        assert result.outcome in (Outcome.FAIL, Outcome.NOT_ASSESSABLE), result.reason
        assert "which is not understood in full" in result.reason


def test_every_change_of_geofencing_has_its_date_and_its_source() -> None:
    changes = known_geofencing_changes()
    assert len(changes) > 10
    for change in changes:
        assert change.bounds.south_deg < change.bounds.north_deg
        assert change.bounds.west_deg < change.bounds.east_deg
        assert dt.date(2024, 1, 1) <= change.since <= change.retrieved
        assert change.sources and all(url.startswith("https://") for url in change.sources)
        assert change.certainty


DENVER, LONDON, SYDNEY = (39.74, -104.99), (51.5, -0.12), (-33.87, 151.2)


@pytest.mark.parametrize(
    ("place", "day", "said"),
    [
        (DENVER, dt.date(2025, 1, 13), "In or near the United States (48 states) DJI's apps (DJI "
         "Fly, DJI Pilot) warn instead of refusing since 13 January 2025"),
        (DENVER, dt.date(2025, 1, 12), ""),
        (LONDON, dt.date(2024, 6, 1), "In or near the United Kingdom"),
        (SYDNEY, dt.date(2025, 6, 1), "at this place on that day is not known"),
        (SYDNEY, dt.date(2023, 6, 1), ""),
        (None, dt.date(2025, 6, 1), "The place of the flight is not known"),
        (DENVER, None, "The day of the flight is not known"),
    ],
)  # fmt: skip
def test_what_the_absence_of_a_refusal_proves(
    place: tuple[float, float] | None, day: dt.date | None, said: str
) -> None:
    text = what_absent_geofence_refusal_proves_text(place, day, "DJI Fly 1.13.4")
    assert text.startswith(said) or (said and said in text)
    assert bool(text) is bool(said)


def test_an_app_for_which_no_change_is_stated_is_named() -> None:
    text = what_absent_geofence_refusal_proves_text(DENVER, dt.date(2025, 6, 1), "DJI GO 4 4.3.64")
    assert "and perhaps DJI GO 4 4.3.64," in text


@pytest.mark.parametrize(
    ("app", "told"),
    [("DJI Fly 1.13", ") warn"), ("DJI Pilot 2", ") warn"), ("Litchi 4", ") warn"), ("", ") warn"),
     ("DJI GO 4", "), and perhaps DJI GO 4, warn")],
)  # fmt: skip
def test_only_another_app_of_dji_is_perhaps_concerned(app: str, told: str) -> None:
    text = what_absent_geofence_refusal_proves_text(DENVER, dt.date(2025, 6, 1), app)
    assert f"DJI's apps (DJI Fly, DJI Pilot{told} instead of refusing" in text


def test_the_earliest_change_at_a_place_counts_from_its_day_on() -> None:
    changes, day = known_geofencing_changes(), dt.timedelta(days=1)
    for change in changes:
        box = change.bounds
        place = (box.south_deg + box.north_deg) / 2, (box.west_deg + box.east_deg) / 2
        here = [each for each in changes if each.contains_position(*place)]
        since = min(each.since for each in here)
        assert "proves nothing" in what_absent_geofence_refusal_proves_text(place, since, "")
        assert what_absent_geofence_refusal_proves_text(place, since - day, "") == ""
    first = min(change.since for change in changes)
    assert "is not known" in what_absent_geofence_refusal_proves_text(SYDNEY, first, "")
    assert what_absent_geofence_refusal_proves_text(SYDNEY, first - day, "") == ""


def test_a_pass_says_what_the_absence_of_a_refusal_proves() -> None:
    result = result_of(flight_with())
    assert result.outcome is Outcome.PASS
    assert "no refusal was reported proves nothing" in result.reason  # Oxfordshire in 2026


@pytest.mark.parametrize(
    ("events", "count", "severity"),
    [
        ([(5, "reported")], 1, Severity.MEDIUM),
        ([(5, "commanded"), (5.5, "reported")], 1, Severity.MEDIUM),
        ([(5, "commanded")], 1, Severity.LOW),
        ([(5, "reported"), (20, "reported")], 2, Severity.MEDIUM),
    ],
)
def test_a_fence_that_is_switched_off_is_one_finding_each_time(
    events: list[tuple[float, str]], count: int, severity: Severity
) -> None:
    off = [
        {"kind": "geofence.disable", "time": second, "text": "fence off", "grade": grade}
        for second, grade in events
    ]
    result = result_of(flight_with(*off), "fence_disabled_in_flight")
    assert result.outcome is Outcome.FAIL
    assert [finding.severity for finding in result.findings] == [severity] * count
    told = "09:00:05 UTC, at the place of take-off, SU 6950 7836 (fence off)"
    assert told in result.findings[0].summary


@pytest.mark.parametrize(
    ("height_m", "limits_m", "reason"),
    [
        (24.0, [30.0], ""), (23.9, [30.0], "the limit of 30 m"), (24.0, [500.0, 30.0], ""),
        (23.9, [500.0, 30.5], "the limit of 30.5 m"), (0.0, [], ""),
    ],
)  # fmt: skip
def test_a_height_is_near_a_limit_from_four_fifths_of_the_lowest_on(
    height_m: float, limits_m: list[float], reason: str
) -> None:
    limits = [LIMIT | {"value": each} for each in limits_m]
    flight = flight_with(*limits, track=hover_example_track_at_heights(*[height_m] * 30))
    found = unlikely_height_limit_reason(flight, reached_at(flight, 5, 6))
    assert (reason in found) if reason else found == ""
    # A distance says nothing about heights.
    assert unlikely_height_limit_reason(flight, reached_at(flight, 5, 6, DISTANCE_LIMIT)) == ""


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (0, 5, True), (0, 4.9, False), (8, 20, True), (8.1, 20, False), (6, 7, True), (0, 29, True),
        (0, None, True), (8, None, True), (9, None, False),
    ],
)  # fmt: skip
def test_a_limit_counts_that_was_in_force_while_it_was_reached(
    start: float, end: float | None, counts: bool
) -> None:
    """It was reached from 5 to 8 s, at 10 m."""
    flight = flight_with(LIMIT | {"time": start, "end": end})
    assert bool(unlikely_height_limit_reason(flight, reached_at(flight, 5, 8))) == counts
    other = flight_with(LIMIT | {"time": start, "end": end, "text": "distance limit 30 m"})
    assert unlikely_height_limit_reason(other, reached_at(other, 5, 8)) == ""


def reached_at(
    flight: Flight, first: float, last: float, subject: str = "height limit"
) -> EventEpisode[GeofenceMessage]:
    assert flight.start is not None
    start, end = (flight.start + dt.timedelta(seconds=each) for each in (first, last))
    return EventEpisode(subject, (), start, end)


def test_the_greatest_height_of_an_episode_is_within_a_second_of_it() -> None:
    heights = [10.0] * 10 + [50.0] + [20.0] * 2 + [60.0] + [10.0] * 16
    flight = flight_with(track=hover_example_track_at_heights(*heights))
    for first, last, greatest in ((11, 12, 60.0), (11, 11.9, 50.0), (11.1, 11.9, 20.0)):
        found = greatest_height_or_distance_m(flight, reached_at(flight, first, last))
        assert found == greatest
    untimed: EventEpisode[GeofenceMessage] = EventEpisode("height limit", (), None, None)
    assert greatest_height_or_distance_m(flight, untimed) is None
    unknown = reached_at(flight, 300, 310)
    assert greatest_height_or_distance_m(flight, unknown) is None


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (5.0, "; 5.0 s before, FENCE_RADIUS had been"), (4.9, None), (10.0, "; in the same moment"),
        (9.96, "; in the same moment"), (9.94, "; 0.1 s before"), (11.0, "; in the same moment"),
        (11.1, None),
    ],
)  # fmt: skip
def test_a_setting_changed_five_seconds_before_a_breach_is_its_cause(
    second: float, told: str | None
) -> None:
    changed = {"kind": "geofence.config", "time": second, "text": "FENCE_RADIUS = 60 (was 100)"}
    (finding,) = result_of(flight_with(changed, BREACH, track=HIGH_TRACK)).findings
    assert ("FENCE_RADIUS" in finding.summary) == (told is not None)
    assert told is None or told in finding.summary


@pytest.mark.parametrize(
    ("peak_m", "told"), [(109.94, "by 9.9 m for"), (109.96, "by 10 m for"), (112.6, "by 13 m for")]
)
def test_a_depth_is_told_in_tenths_of_a_metre_below_ten(peak_m: float, told: str) -> None:
    track = hover_example_track_at_heights(*[90.0] * 10, *[103.0, peak_m, 105.0], *[90.0] * 17)
    (finding,) = result_of(flight_with(BREACH, track=track, fences=(CEILING,))).findings
    assert told in finding.summary


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["Zone A."], 'warned: "Zone A." at'),
        (["Zone A.", "Zone B."], 'warned: "Zone A." and "Zone B." first at'),
        (["Zone A.", "Zone B.", "Zone C."], '"Zone A." and "Zone B." and 1 more first at'),
        (["Zone A.", "Zone B.", "Zone C.", "Zone D."], 'and "Zone B." and 2 more first at'),
    ],
)
def test_two_warnings_are_quoted_and_the_others_counted(texts: list[str], told: str) -> None:
    warnings = [WARNING | {"time": 5 * number, "text": text} for number, text in enumerate(texts)]
    (finding,) = result_of(flight_with(*warnings)).findings
    assert told in finding.summary


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ((5,), 'Reached." at 09:00:05 UTC'), ((5, 7), 'Reached." at 09:00:05 UTC'),
        ((5, 7.1), 'Reached." 2 times, first at 09:00:05 UTC'),
        ((5, 9, 14), 'Reached." 3 times, first at 09:00:05 UTC'),
    ],
)  # fmt: skip
def test_a_limit_said_to_be_reached_again_more_than_two_seconds_later_is_reached_twice(
    seconds: tuple[float, ...], told: str
) -> None:
    reached = [REACHED | {"time": second} for second in seconds]
    (finding,) = result_of(flight_with(*reached)).findings
    assert told in finding.summary
    assert "; at most 10 m above take-off" in finding.summary
