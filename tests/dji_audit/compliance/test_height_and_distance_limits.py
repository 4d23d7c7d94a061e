"""Where a height over a terrain model, and a distance from pilot, home or dock, stop to count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.rules import (
    CheckResult,
    ExampleFlight,
    build_example_flight_and_audit_context,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    LevelGroundElevation,
    example_declared_track,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules.height_limit import MODEL_ERROR_M, heights_over_terrain_model
from dji_audit.geo.geodesy import distances_between_point_pairs_m
from parsers import Aircraft, LogHeaderTotals, NamedPosition
from tests.dji_audit.compliance.one_rule import DEGREE_M, east, result_on_track
from tests.dji_audit.conftest import BEGIN

Floats = npt.NDArray[np.float64]


def in_air(last: float, first: float = 0) -> tuple[Mapping[str, Any], ...]:
    return {"kind": "takeoff", "time": first}, {"kind": "landing", "time": last}


def place(kind: str, metres: float, second: int | None = None, offset: int = 77) -> NamedPosition:
    """Return a named position on the equator, so many metres east of longitude 0."""
    time = None if second is None else BEGIN + pd.Timedelta(seconds=second)
    return NamedPosition(kind, time, 0.0, metres / DEGREE_M, None, kind, offset)


# heights over a model of the ground


@dataclass(frozen=True)
class Hill(LevelGroundElevation):
    """Ground that lies at these heights at whole thousandths of a degree north of 51.5."""

    ground_m: Sequence[float] = field(default=(100.0, 130.0, 80.0, np.nan))

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        del longitude_deg
        steps = np.round((latitude_deg - 51.5) * 1000).astype(int)
        return np.asarray(np.array(self.ground_m)[steps], np.float64)


HILL = Hill(0.0)
LEVEL = LevelGroundElevation(20.0)


def northward(*heights: float | None, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return a track that goes a thousandth of a degree north in each second."""
    latitudes = [51.5 + 0.001 * row for row in range(len(heights))]
    return {
        "height_ato_m": heights,
        "latitude_deg": latitudes,
        "longitude_deg": [-1.0] * len(heights),
    } | more


def over_model(
    track: Mapping[str, Sequence[Any]], model: LevelGroundElevation | None, *places: NamedPosition
) -> list[float] | None:
    example = ExampleFlight(Outcome.PASS, "", track, log_fields={"named_positions": places})
    flight, _ = build_example_flight_and_audit_context(example)
    found = heights_over_terrain_model(flight, AuditContext(elevation=model))
    return None if found is None else found.heights_m.tolist()


def start_at(latitude: float, kind: str) -> NamedPosition:
    return NamedPosition(kind, None, latitude, -1.0, None, kind, 77)


def test_the_height_over_a_model_is_less_by_how_much_the_ground_rises() -> None:
    track = northward(0.0, 50.0, 60.0, 70.0)
    at_home = over_model(track, HILL, start_at(51.5, "home"))
    assert at_home == pytest.approx([0.0, 20.0, 80.0, np.nan], nan_ok=True)
    # 130 m there.
    higher = over_model(track, HILL, start_at(51.501, "home"))
    assert higher == pytest.approx([30.0, 50.0, 110.0, np.nan], nan_ok=True)
    blind = northward(0.0, 50.0, 60.0, latitude_deg=[51.5, 51.501, None])
    assert over_model(blind, HILL, start_at(51.5, "home")) == pytest.approx(
        [0.0, 20.0, np.nan], nan_ok=True
    )


def test_without_a_model_a_start_or_ground_there_is_no_height_over_it() -> None:
    track = northward(0.0, 50.0)
    assert over_model(track, None, start_at(51.5, "home")) is None
    assert over_model(track, HILL) is None
    assert over_model(track, HILL, start_at(51.503, "home")) is None
    assert over_model(track, LevelGroundElevation(np.nan), start_at(51.5, "home")) is None


def above_ground(
    track: Mapping[str, Sequence[Any]],
    model: LevelGroundElevation | None = LEVEL,
    limit_m: float = 120.0,
    **fields: Any,
) -> CheckResult:
    """Return the result for a limit above the ground, of a flight from home to a landing."""
    last = len(next(iter(track.values()))) - 1
    fields.setdefault("events", in_air(last))
    home = NamedPosition("home", None, 51.5, -1.0, None, "Home", 77)
    given = {"log_fields": {"named_positions": (home,)}} | fields
    return result_on_track(
        "height_limit",
        track,
        context={} if model is None else {"elevation": model},
        parameters={"datum": "agl", "limit_m": limit_m},
        **given,
    )


def test_a_height_over_a_model_has_an_error_of_eight_and_a_half_metres() -> None:
    assert MODEL_ERROR_M == 8.5


@pytest.mark.parametrize(
    ("height_m", "outcome", "reason"),
    [
        (
            111.5,
            "pass",
            "Highest 111.5 m above the ground (by elevation model terrain.tif, within 8.5 m); the "
            "limit is 120 m.",
        ),
        (
            111.625,
            "not_assessable",
            "Highest 111.6 m above the ground (by elevation model terrain.tif, within 8.5 m): this "
            "does not show whether the limit of 120 m was kept.",
        ),
        (
            128.5,
            "not_assessable",
            "Highest 128.5 m above the ground (by elevation model terrain.tif, within 8.5 m): this "
            "does not show whether the limit of 120 m was kept.",
        ),
        (
            128.75,
            "fail",
            "1 interval above 120 m; highest 128.8 m above the ground (by elevation model "
            "terrain.tif, within 8.5 m).",
        ),
    ],
)
def test_a_height_over_a_model_shows_only_what_lies_beyond_its_error(
    height_m: float, outcome: str, reason: str
) -> None:
    result = above_ground(hover_example_track_at_heights(0.0, height_m, height_m, 0.0))
    assert (result.outcome, result.reason) == (outcome, reason)


def test_what_lies_beyond_its_error_is_at_least_so_high() -> None:
    track = hover_example_track_at_heights(0.0, 140.0, *[0.0] * 5, 141.0, 0.0)
    result = above_ground(track)
    assert result.reason.startswith("2 intervals above 120 m; highest 141.0 m above the ground (by")
    first, second = result.findings
    assert first.summary.startswith(
        "at least 131.5 m above the ground (by elevation model terrain.tif, within 8.5 m), over "
        "120 m, "
    )
    assert (first.grade, second.peak) == ("inferred", 132.5)


def test_a_measured_height_above_the_ground_has_no_error() -> None:
    """The model concerns the fixes whose height above the ground was not measured."""

    def measured(*heights: float | None) -> CheckResult:
        track = hover_example_track_at_heights(*[200.0] * len(heights), height_agl_m=heights)
        # The ground lies 150 m lower than there is a height above take-off.
        return above_ground(track, model=LEVEL, limit_m=230.0)

    kept = measured(1.0, 229.0, 229.0, 1.0)
    assert (kept.outcome, kept.reason) == (
        Outcome.PASS,
        "Highest 229.0 m above the ground; the limit is 230 m.",
    )
    partly = measured(1.0, 229.0, None, 1.0)
    assert (partly.outcome, partly.reason) == (
        Outcome.PASS,
        "Highest 229.0 m above the ground (by elevation model terrain.tif, within 8.5 m); the "
        "limit is 230 m.",
    )
    beyond = measured(1.0, 231.0, None, 1.0)
    assert beyond.findings[0].summary.startswith("231.0 m above the ground, 1.0 m over 230 m, ")
    assert (beyond.findings[0].grade, beyond.findings[0].peak) == ("measured", 231.0)
    assert beyond.reason.startswith("1 interval above 230 m; highest 231.0 m above the ground (")


def test_a_model_is_used_for_a_limit_above_the_ground_only() -> None:
    track = hover_example_track_at_heights(0.0, 115.0, 115.0, 0.0)
    result = result_on_track(
        "height_limit", track, events=in_air(3), context={"elevation": LevelGroundElevation(20.0)}
    )
    assert result.reason == "Highest 115.0 m above take-off; the limit is 120 m."
    assert result.observations[0].subject.startswith("height")
    assert "above the ground" not in result.observations[0].subject


def test_a_model_that_knows_no_ground_under_the_flight_shows_nothing() -> None:
    # Known on the ground before the take-off alone.
    track = hover_example_track_at_heights(
        *[10.0] * 4, latitude_deg=[51.5, None, None, None], longitude_deg=[-1.0, None, None, None]
    )
    result = above_ground(track, events=in_air(3, 1))
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason == "No height above the ground is known in the air."


@pytest.mark.parametrize(
    ("known", "share", "outcome"), [(19, 0.9, "pass"), (18, 0.85, "not_assessable"), (11, 0.5, "")]
)
def test_heights_over_a_model_must_be_known_for_nine_tenths_of_the_time(
    known: int, share: float, outcome: str
) -> None:
    latitudes = [51.5] * known + [None] * (21 - known)
    track = hover_example_track_at_heights(*[50.0] * 21, latitude_deg=latitudes)
    result = above_ground(track)
    observation = result.observations[0]
    assert observation.share == pytest.approx(share)
    assert observation.subject == "heights above the ground"
    assert f"elevation model terrain.tif, are known for {share:.0%}"[:-1] in observation.reason
    assert result.outcome == (outcome or "not_assessable")


def test_a_flight_of_one_instant_shows_nothing() -> None:
    result = above_ground(hover_example_track_at_heights(50.0))
    assert result.observations[0].share == 0.0
    assert result.outcome is Outcome.NOT_ASSESSABLE


def test_a_log_must_carry_position_and_height_together() -> None:
    track = hover_example_track_at_heights(*[50.0] * 21)
    for without in ("position", "height_above_takeoff"):
        result = above_ground(track, without_facts=(without,))
        assert result.outcome is Outcome.NOT_ASSESSABLE
        assert "elevation model" not in result.observations[0].reason
    # One log that does suffices.
    other = FurtherExampleLog("b.csv", track={"latitude_deg": [51.5] * 21})
    assert above_ground(track, other_logs=(other,)).outcome is Outcome.PASS


def test_a_log_that_shows_another_height_takes_the_pass_away_whichever_comes_first() -> None:
    low = hover_example_track_at_heights(0.0, *[100.0] * 19, 0.0)
    high = {"height_ato_m": [0.0, *[150.0] * 19, 0.0]}
    result = result_on_track(
        "height_limit",
        low,
        events=in_air(20),
        other_logs=(FurtherExampleLog("z.csv", track=low | high),),
    )
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason == (
        "The logs of the flight disagree on height. By z.csv: 1 interval above 120 m; highest "
        "150.0 m above take-off."
    )
    # One that differs and stays below the limit does not.
    lower = {"height_ato_m": [0.0, *[60.0] * 19, 0.0]}
    kept = result_on_track(
        "height_limit",
        low,
        events=in_air(20),
        other_logs=(FurtherExampleLog("z.csv", track=low | lower),),
    )
    assert kept.outcome is Outcome.PASS


# heights that a header states


@pytest.mark.parametrize(
    ("height_m", "more", "words"),
    [
        (120.0, {}, None),
        (120.125, {}, "120.1 m above take-off, 0.1 m over 120 m, at some time of the flight; the"),
        (150.0, {"start": BEGIN}, " 30.0 m over 120 m, at some time of the flight on 2026-05-14; "),
        (None, {}, None),
    ],
)
def test_a_header_that_states_more_than_the_limit_is_reported(
    height_m: float | None, more: Mapping[str, Any], words: str | None
) -> None:
    totals = LogHeaderTotals("Details", 900, max_height_ato_m=height_m, **more)
    result = result_on_track("height_limit", {}, log_fields={"header_summary": totals})
    assert len(result.findings) == (words is not None)
    if words is not None:
        (finding,) = result.findings
        assert words in finding.summary
        assert result.reason.startswith(
            f"1 interval above 120 m; highest {height_m:.1f} m, as the header of the log states."
        )


def test_a_header_counts_where_the_records_show_no_excess_and_for_its_own_datum() -> None:
    totals = {"header_summary": LogHeaderTotals("Details", 900, max_height_ato_m=158.0)}
    high = hover_example_track_at_heights(0.0, 131.0, 0.0)
    result = result_on_track("height_limit", high, events=in_air(2), log_fields=totals)
    assert result.reason == "1 interval above 120 m; highest 131.0 m above take-off."
    assert [finding.peak for finding in result.findings] == [131.0]
    low = hover_example_track_at_heights(0.0, 100.0, 0.0)
    stated = result_on_track("height_limit", low, events=in_air(2), log_fields=totals)
    assert [finding.grade for finding in stated.findings] == ["reported"]
    sea = {**low, "altitude_amsl_m": [50.0, 110.0, 50.0]}
    fields = {"events": in_air(2), "log_fields": totals, "parameters": {"datum": "amsl"}}
    above_sea = result_on_track("height_limit", sea, **fields)
    assert above_sea.reason == "Highest 110.0 m above sea level; the limit is 120 m."


# distances from the pilot


def pilot_track(name: str, *metres: float, owner: str = "pilot", **more: Any) -> Any:
    return example_declared_track(owner, name, [(0.0, each / DEGREE_M) for each in metres], **more)


def distance(
    track: Mapping[str, Sequence[Any]],
    *places: NamedPosition,
    tracks: Sequence[Any] = (),
    **fields: Any,
) -> CheckResult:
    fields.setdefault("events", in_air(len(track["latitude_deg"]) - 1))
    return result_on_track(
        "distance_limit",
        track,
        log_fields={"named_positions": places},
        context={"tracks": tuple(tracks)},
        **fields,
    )


HOME = place("home", 0.0)


def test_intervals_beyond_the_limit_are_counted() -> None:
    far = "farthest 650 m from the home point, which stands in for the pilot."
    one = distance(east(0, 501, 650, 0), HOME)
    assert one.reason == f"1 interval beyond 500 m; {far}"
    two = distance(east(0, 501, 0, 0, 0, 650, 0), HOME)
    assert two.reason == f"2 intervals beyond 500 m; {far}"


@pytest.mark.parametrize(
    ("device_km", "words"),
    [
        (2.0, "farthest 2000 m from the pilot's device."),
        (5.0, "which stands in for the pilot (the device says it is 5 km away from it); the limit"),
        (1500.0, "(the device says it is 1500 km away from it); the limit"),
    ],
)
def test_a_device_far_from_home_is_named_with_how_far(device_km: float, words: str) -> None:
    device = place("pilot", 1000 * device_km - 0.001)
    assert words in distance(east(0, 400, 0), HOME, device).reason


def test_a_device_that_is_lost_for_a_part_of_the_flight_is_believed_for_the_rest() -> None:
    places = (HOME, place("pilot", 100.0, 0, 80), place("pilot", 120_000.0, 19, 90))
    result = distance(east(*[0.0] * 20), *places)
    said = (
        "For 5 % of the time in the air the pilot's device says that it is up to 120.0 km from the "
        "home point, which is not believed."
    )
    assert result.outcome is Outcome.PASS
    assert result.reason.endswith(f"; the limit is 500 m. {said}")
    observation = result.observations[1]
    assert observation.share == pytest.approx(0.95)
    assert observation.reason == (
        "The position of the pilot's device can be believed for 95 % of the time in the air. "
        f"{said}"
    )
    # Believed throughout, it says no such thing.
    believed = distance(east(*[0.0] * 20), HOME, place("pilot", 100.0, 0, 80))
    assert believed.reason == "Farthest 100 m from the pilot's device; the limit is 500 m."
    assert (believed.observations[1].share, believed.observations[1].reason) == (1.0, "")


def test_a_track_of_the_pilot_says_for_how_many_fixes_it_knows() -> None:
    """From its last fix it is known for a minute more."""
    flown = east(*[0.0] * 100)
    whole = distance(flown, tracks=[pilot_track("watch.gpx", *[0.0] * 100)])
    observation = whole.observations[1]
    assert (observation.subject, observation.share, observation.reason) == (
        "the pilot's own track", 1.0, "",
    )  # fmt: skip
    most = distance(flown, tracks=[pilot_track("watch.gpx", *[0.0] * 35, error_m=1.0)])
    observation = most.observations[1]
    assert (observation.share, observation.reason) == (
        0.95,
        "The pilot's own track says where the pilot was for 95 % of the fixes in the air.",
    )


@pytest.mark.parametrize(("known_share", "is_used"), [(0.95, True), (0.96, False)])
def test_a_track_of_the_pilot_is_used_from_its_share_on(known_share: float, is_used: bool) -> None:
    track = pilot_track("watch.gpx", *[0.0] * 35, error_m=1.0)
    parameters = {"known_share": known_share}
    result = distance(east(*[0.0] * 100), HOME, tracks=[track], parameters=parameters)
    assert ("from the pilot's own track" in result.reason) == is_used
    assert (
        " The track watch.gpx is not used: it says where the pilot was for 95 % of the fixes in "
        "the air, of 96 % that are needed." in result.reason
    ) != is_used


@pytest.mark.parametrize(
    ("tracks", "first"),
    [
        # Which says most of the flight; else which was nearer; else by name.
        ([pilot_track("a.gpx", *[0.0] * 38), pilot_track("b.gpx", *[90.0] * 100)], "b.gpx"),
        ([pilot_track("a.gpx", *[90.0] * 100), pilot_track("b.gpx", *[5.0] * 100)], "b.gpx"),
        ([pilot_track("b.gpx", *[5.0] * 100), pilot_track("a.gpx", *[5.0] * 100)], "a.gpx"),
    ],
)
def test_of_several_tracks_of_a_pilot_the_best_is_used(tracks: Sequence[Any], first: str) -> None:
    result = distance(east(*[0.0] * 100), tracks=tracks)
    second = {"a.gpx": "b.gpx", "b.gpx": "a.gpx"}[first]
    assert f" Track of the pilot: {first}; HDOP x 10 m." in result.reason
    assert result.reason.endswith(
        f" {first} and {second} are both tracks of a pilot here: the first is used."
    )


def test_tracks_of_others_and_those_without_times_are_not_the_pilots() -> None:
    observer = pilot_track("o.gpx", *[5.0] * 3, owner="observer")
    result = distance(east(0, 400, 0), HOME, tracks=[observer])
    assert result.reason == (
        "Farthest 400 m from the home point, which stands in for the pilot; the limit is 500 m."
    )
    walk = pilot_track("walk.kml", unusable_because="its points have no times")
    unused = distance(east(0, 400, 0), HOME, tracks=[walk])
    assert "the limit is 500 m. The track walk.kml is not used: " in unused.reason
    assert "Not used" not in unused.reason


def test_a_track_that_the_device_in_the_log_contradicts_decides_nothing() -> None:
    track = pilot_track("watch.gpx", *[300.0] * 3)
    device = place("pilot", 0.0, 0, 80)
    result = distance(east(0, 600, 0), HOME, device, tracks=[track])
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason == (
        "Farthest 300 m from the pilot's own track (± 10 m); the limit is 500 m. From the pilot's "
        "device it is up to 600 m: one of the two is not where the pilot was. Track of the pilot: "
        "watch.gpx; HDOP x 10 m."
    )
    # A home point does not say where the pilot was, and a log without one says nothing.
    assert distance(east(0, 600, 0), HOME, tracks=[track]).outcome is Outcome.PASS
    alone = distance(east(0, 600, 0), tracks=[track], events=())
    assert "one of the two" not in alone.reason


def test_a_distance_that_reaches_the_limit_with_its_error_is_decided() -> None:
    def away_m(metres: float) -> float:
        place_there = metres / DEGREE_M
        return float(
            distances_between_point_pairs_m(np.zeros(1), np.array([place_there]), 0.0, 0.0)[0]
        )

    def outcome(limit_m: float, *places: NamedPosition, pilot_m: float) -> Outcome:
        track = pilot_track("watch.gpx", *[pilot_m] * 3, error_m=8.0)
        parameters = {"limit_m": limit_m}
        flown = east(0, 600, 0)
        return distance(flown, *places, tracks=[track], parameters=parameters).outcome

    # With the error of the track, and then from the device in the log.
    assert outcome(away_m(600) + 8.0, HOME, pilot_m=0.0) is Outcome.PASS
    assert outcome(away_m(600) + 7.75, HOME, pilot_m=0.0) is Outcome.NOT_ASSESSABLE
    device = place("pilot", 0.0, 0, 80)
    assert outcome(away_m(600), HOME, device, pilot_m=300.0) is Outcome.PASS
    assert outcome(away_m(600) - 0.25, HOME, device, pilot_m=300.0) is Outcome.NOT_ASSESSABLE


# distances from the dock

DOCK = {"serial": "S1", "dock_latitude_deg": 0.0, "dock_longitude_deg": 0.0}


def from_dock(*metres: float, row: Mapping[str, Any] | None = DOCK, **more: Any) -> CheckResult:
    fields: dict[str, Any] = {
        "events": in_air(len(metres) - 1),
        "log_fields": {"aircraft": Aircraft(serial="S1")},
        "inventory": None if row is None else (row,),
        "parameters": {"limit_m": 1000.0},
    }
    return result_on_track(
        "dock_distance", more.pop("track", None) or east(*metres), **fields | more
    )


def test_a_distance_from_the_dock_may_reach_what_is_declared() -> None:
    kept = from_dock(0, 999.9, 0)
    assert (kept.outcome, kept.reason) == (
        Outcome.PASS,
        "Farthest 1000 m from the dock; the declared distance is 1000 m.",
    )
    one = from_dock(0, 1000.1, 1500, 0)
    assert one.reason == "1 interval beyond 1000 m; farthest 1500 m from the dock."
    (finding,) = one.findings
    assert finding.summary.startswith("1500 m from the dock, 500 m beyond 1000 m, for 1.0 s from")
    two = from_dock(0, 1400, 0, 0, 0, 1500, 0)
    assert two.reason == "2 intervals beyond 1000 m; farthest 1500 m from the dock."


def test_a_distance_from_the_dock_shows_the_place_of_the_dock_in_the_inventory() -> None:
    row = DOCK | {"dock_latitude_deg": 0.5, "dock_longitude_deg": -0.25}
    (finding,) = from_dock(0, 0, row=row).findings
    part = finding.evidence[-1]
    assert (part.file, part.value) == ("aircraft.csv", "0.500000, -0.250000")


@pytest.mark.parametrize(
    ("more", "outcome", "reason"),
    [
        (
            {"parameters": {}}, "not_applicable",
            "The policy declares no distance from the dock.",
        ),
        ({"row": None}, "not_assessable", "No inventory was given."),
        (
            {"row": DOCK | {"serial": "S2"}}, "not_assessable",
            "The inventory holds no aircraft with the serial S1.",
        ),
        (
            {"row": {"serial": "S1"}}, "not_assessable",
            "The inventory gives no dock of the aircraft.",
        ),
        (
            {"track": {"height_ato_m": [1.0] * 3}}, "not_assessable",
            "Positions of the aircraft could not have been seen: this kind of log does not record "
            "them.",
        ),
    ],
)  # fmt: skip
def test_without_a_dock_or_a_distance_nothing_is_compared(
    more: Mapping[str, Any], outcome: str, reason: str
) -> None:
    result = from_dock(0, 2000, 0, **more)
    assert (result.outcome, result.reason) == (outcome, reason)
