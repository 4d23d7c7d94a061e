"""Tracks whose owner the unit declares: read, with their error, held against a flight."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.context import AuditContext, ContextFiles, load_audit_context
from dji_audit.compliance.declared_tracks import (
    DeclaredTrack,
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
    declared_track_provenance,
    load_declared_tracks,
    parse_track_path_and_owner,
)
from dji_audit.compliance.declared_tracks._declared_track import _build_declared_track
from dji_audit.compliance.declared_tracks._declared_track_flight_comparison import (
    _fix_times_ms_and_positions_around_flight,
)
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.flights import Flight, assemble_flights
from sample_logs import tracks as written
from tests.dji_audit.compliance.one_rule import apply_rule, flown

MakeLog = Callable[..., parsers.Log]
DEGREE_M = 111_319.49
#: East of where nobody measured anything, degrees.
ORIGIN_DEG = 10.0
START = dt.datetime(2026, 5, 14, 9, tzinfo=dt.UTC)


def point(second: float, metres: float, more: str = "", zone: str = "Z") -> str:
    time = START + dt.timedelta(seconds=second)
    return (
        f'<trkpt lat="0.00002" lon="{ORIGIN_DEG + metres / DEGREE_M:.9f}">'
        f"<time>{time:%Y-%m-%dT%H:%M:%S}{zone}</time>{more}</trkpt>"
    )


def write_gpx(folder: Path, points: Sequence[str], creator: str = "Watch") -> Path:
    path = folder / "watch.gpx"
    head = f'<gpx version="1.1" creator="{creator}"><trk><trkseg>'
    path.write_text(f"{head}{''.join(points)}</trkseg></trk></gpx>")
    return path


def load(path: Path, owner: str = "pilot", clock: str = "") -> DeclaredTrack:
    clocks = [parsers.parse_declared_clock(clock)] if clock else []
    (track,) = load_declared_tracks([path], [owner], clocks)
    return track


def away(metres: Sequence[float]) -> dict[str, Any]:
    """Return a track of one fix a second along the equator, so far from its zero."""
    return {
        "latitude_deg": [0.00002] * len(metres),
        "longitude_deg": [ORIGIN_DEG + each / DEGREE_M for each in metres],
        "ground_speed_mps": [5.0] * len(metres),
    }


def flight_of(make_log: MakeLog, metres: Sequence[float]) -> Flight:
    return assemble_flights(make_log(away(metres), events=flown(len(metres) - 1)))[0]


def beside(flight: Flight, track: DeclaredTrack) -> DeclaredTrackFlightComparison:
    (found,) = compare_declared_tracks_with_flight(
        flight, [track], np.ones(len(flight.track), bool)
    )
    return found


def distance_result(log: parsers.Log, *tracks: DeclaredTrack) -> RuleResult:
    return apply_rule(log, "distance_limit", AuditContext(tracks=tracks))


# Declaring


def test_a_declaration_names_a_file_and_whose_it_is() -> None:
    assert parse_track_path_and_owner("a=b/watch.gpx=Pilot") == (Path("a=b/watch.gpx"), "pilot")


@pytest.mark.parametrize("text", ["watch.gpx", "=pilot", "watch.gpx=", "watch.gpx=somebody"])
def test_a_declaration_without_file_or_owner_is_refused(text: str) -> None:
    with pytest.raises(SuppliedFileError, match="one of pilot, observer, aircraft"):
        parse_track_path_and_owner(text)


def test_a_file_that_holds_no_track_is_refused_with_what_it_is(
    tmp_path: Path, sample_logs: Path
) -> None:
    (tmp_path / "note.txt").write_text("hello")
    record = sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt"
    for path, what in (
        (tmp_path / "note.txt", "it is a text"),
        (sample_logs / "zones" / "airspace.kml", "XML"),
        (record, "it is dji-txt"),
        (tmp_path / "nowhere.gpx", "no such file"),
    ):
        with pytest.raises(SuppliedFileError, match=what):
            load(path)


def test_the_export_of_a_flight_is_nobodys_track(tmp_path: Path) -> None:
    path = write_gpx(tmp_path, [point(0, 0)], creator="dji-audit 0.1.0")
    with pytest.raises(SuppliedFileError, match="it is the path of an aircraft"):
        load(path)


def test_a_context_lists_each_track_with_its_hash_and_whose_it_is(sample_logs: Path) -> None:
    path = sample_logs / written.FOLDER / written.WATCH
    files = ContextFiles(tracks=(path,), track_owners=("pilot",))
    assert list(files.files_and_kinds()) == [(path, "supplied track")]
    (supplied,) = load_audit_context(files).supplied_files
    assert (supplied.kind, supplied.name, supplied.count) == (
        "supplied track",
        written.WATCH,
        written.COUNT,
    )
    assert supplied.sha256 == parsers.open_content(path).sha256
    assert supplied.note.startswith("track of the pilot; 132 fixes with time and position; error")


# Errors and clocks


@pytest.mark.parametrize(
    ("more", "error_m", "basis"),
    [
        ("", 20, "assumed"),
        ("<hdop>1.1</hdop>", 11, "HDOP"),
        ("<extensions><accuracy>4</accuracy></extensions>", 8, "accuracy"),
        ("<hdop>0</hdop>", 20, "assumed"),
    ],
)
def test_the_error_of_a_position_is_that_which_the_file_states_or_is_assumed(
    tmp_path: Path, more: str, error_m: float, basis: str
) -> None:
    track = load(write_gpx(tmp_path, [point(0, 0, more), point(1, 0, more)]))
    assert track.error_m.tolist() == pytest.approx([error_m] * 2)
    assert basis in track.error_basis


def test_between_fixes_a_person_may_walk_and_beyond_a_minute_nothing_is_known(
    tmp_path: Path,
) -> None:
    track = load(write_gpx(tmp_path, [point(0, 0), point(100, 100), point(500, 0)]))
    seconds = START.timestamp() + np.array([-61, -60, 0, 40, 50, 160, 161, 300, 501, np.nan])
    found = track.positions_at(seconds)
    known = np.isfinite(found.latitude_deg).tolist()
    assert known == [False, True, True, True, True, True, False, False, True, False]
    metres = (found.longitude_deg - ORIGIN_DEG) * DEGREE_M
    assert metres[[1, 2, 3, 4]].tolist() == pytest.approx([0, 0, 40, 50], abs=0.01)
    assert found.error_m[[1, 2, 3]].tolist() == pytest.approx([110, 20, 80])


def test_a_track_across_the_date_line_is_interpolated_the_short_way(tmp_path: Path) -> None:
    points = [point(0, 0), point(20, 0)]
    points = [points[0].replace('lon="10.000000000"', 'lon="179.9999"'),
              points[1].replace('lon="10.000000000"', 'lon="-179.9999"')]  # fmt: skip
    track = load(write_gpx(tmp_path, points))
    found = track.positions_at(np.array([START.timestamp() + 10]))
    assert abs(found.longitude_deg[0]) == pytest.approx(180, abs=1e-6)


def test_a_local_time_needs_a_declared_clock(tmp_path: Path, make_log: MakeLog) -> None:
    path = tmp_path / "walk.kml"
    path.write_text(
        "<kml><Placemark><Track><when>2026-05-14T10:00:00</when><coord>10 0.00002 0</coord>"
        "</Track></Placemark></kml>"
    )
    lost = beside(flight_of(make_log, [0, 10]), load(path))
    assert not lost.is_used
    assert lost.text == "Not used: its times state no zone: declare it with --clock."
    found = load(path, clock="walk.kml=2026-05-14T10:00:00+01:00")
    assert found.start == pd.Timestamp(START)
    assert beside(flight_of(make_log, [0, 10]), found).is_used


def test_a_flight_without_utc_cannot_be_related(tmp_path: Path, make_log: MakeLog) -> None:
    track = away([0, 10]) | {"time": [None, None]}
    flight = assemble_flights(make_log(track))[0]
    found = beside(flight, load(write_gpx(tmp_path, [point(0, 0)])))
    assert not found.is_used
    assert "the flight has no UTC" in found.text


# Beside a flight


def test_a_device_on_the_aircraft_confirms_its_path_or_contradicts_it(
    tmp_path: Path, make_log: MakeLog
) -> None:
    metres = [5.0 * n for n in range(40)]
    flight = flight_of(make_log, metres)
    same = beside(flight, load(write_gpx(tmp_path, [*map(point, range(40), metres)]), "aircraft"))
    assert same.agrees is True
    assert same.text.startswith("Confirms the path")
    moved = [each + 200 for each in metres]
    other = load(write_gpx(tmp_path, [*map(point, range(40), moved)]), "aircraft")
    found = beside(flight, other)
    assert found.agrees is False
    assert "200 m from the aircraft in the median" in found.text


def test_another_aircraft_is_told_by_how_near_it_came(tmp_path: Path, make_log: MakeLog) -> None:
    track = load(write_gpx(tmp_path, [point(0, 900), point(10, 300)]), "other-aircraft")
    found = beside(flight_of(make_log, [0] * 11), track)
    assert found.least_distance_m == pytest.approx(300, abs=1)
    assert "within 300 m over the ground (± 20 m)" in found.text


@pytest.mark.parametrize(("second", "metres"), [(86_400, 0), (0, 6000)])
def test_a_track_of_another_time_or_place_says_nothing(
    tmp_path: Path, make_log: MakeLog, second: float, metres: float
) -> None:
    track = load(write_gpx(tmp_path, [point(second, metres), point(second + 5, metres)]))
    flight = flight_of(make_log, [0, 10])
    assert compare_declared_tracks_with_flight(flight, [track], np.ones(2, bool)) == ()


# The rule


def test_the_distance_is_measured_from_the_pilots_own_track_with_its_error(
    tmp_path: Path, make_log: MakeLog
) -> None:
    log = make_log(away([0, 400, 800]), events=flown(2))
    track = load(write_gpx(tmp_path, [point(n, 400, "<hdop>1</hdop>") for n in range(3)]))
    result = distance_result(log, track)
    assert result.outcome is Outcome.PASS
    assert result.reason == (
        "Farthest 400 m from the pilot's own track (± 10 m); the limit is 500 m. Track of the "
        "pilot: watch.gpx; HDOP x 10 m."
    )
    assert distance_result(log).outcome is Outcome.FAIL


def test_a_breach_names_the_fix_of_the_pilot(tmp_path: Path, make_log: MakeLog) -> None:
    log = make_log(away([0, 200, 400]), events=flown(2))
    path = write_gpx(tmp_path, [point(n, -300) for n in range(3)])
    result = distance_result(log, load(path))
    (finding,) = result.findings
    assert finding.summary.startswith("700 m from the pilot's own track, 200 m beyond 500 m")
    (_, evidence) = finding.evidence
    assert evidence.file == "watch.gpx"
    assert evidence.offset is not None
    assert path.read_bytes()[evidence.offset :].startswith(b"<trkpt")


@pytest.mark.parametrize(
    ("metres", "outcome"),
    [
        (479, Outcome.PASS),
        (481, Outcome.NOT_ASSESSABLE),
        (519, Outcome.NOT_ASSESSABLE),
        (521, Outcome.FAIL),
    ],
)
def test_within_its_error_of_the_limit_nothing_is_decided(
    tmp_path: Path, make_log: MakeLog, metres: float, outcome: Outcome
) -> None:
    log = make_log(away([0, metres, 0]), events=flown(2))
    track = load(write_gpx(tmp_path, [point(n, 0) for n in range(3)]))
    assert distance_result(log, track).outcome is outcome


def test_a_track_that_covers_too_little_is_not_used_and_that_is_said(
    tmp_path: Path, make_log: MakeLog
) -> None:
    log = make_log(away([0, 10, 20] + [30] * 300), events=flown(302))
    result = distance_result(log, load(write_gpx(tmp_path, [point(0, 0)])))
    assert result.outcome is Outcome.PASS
    assert (
        "The track watch.gpx is not used: it says where the pilot was for 20.1 %" in result.reason
    )


def test_two_tracks_of_a_pilot_are_named(tmp_path: Path, make_log: MakeLog) -> None:
    log = make_log(away([0, 10, 20]), events=flown(2))
    track = load(write_gpx(tmp_path, [point(n, 0) for n in range(3)]))
    assert "are both tracks of a pilot here" in distance_result(log, track, track).reason


def test_an_observer_is_no_pilot(tmp_path: Path, make_log: MakeLog) -> None:
    log = make_log(away([0, 700, 0]), events=flown(2))
    track = load(write_gpx(tmp_path, [point(n, 700) for n in range(3)]), "observer")
    assert distance_result(log, track).outcome is Outcome.FAIL


# Where each of these stops


def declared(
    seconds: Sequence[float], metres: Sequence[float], owner: str = "pilot", **more: Any
) -> DeclaredTrack:
    """Return a track whose fixes are so many seconds after 9:00, so far east of the zero."""
    count = len(seconds)
    fields: dict[str, Any] = {
        "seconds": START.timestamp() + np.array(seconds, np.float64),
        "latitude_deg": np.full(count, 0.00002),
        "longitude_deg": ORIGIN_DEG + np.array(metres, np.float64) / DEGREE_M,
        "error_m": np.full(count, 20.0),
        "offsets": np.arange(count),
    }
    return DeclaredTrack(
        owner=owner, source=parsers.Source("watch.gpx", 1, "ab" * 32, "gpx"), clock="file",
        record="Track point", error_basis="assumed", **(fields | more),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("second", "fix", "metres", "error_m"),
    [
        (-60.5, None, None, None), (-60, 0, 0, 110), (0, 0, 0, 20), (4, 0, 4, 26),
        # Of two fixes at the same distance in time the earlier counts.
        (5, 0, 5, 27.5), (6, 1, 6, 16), (15, 1, 15, 17.5), (19, 2, 19, 31.5), (20, 2, 20, 30),
        (70, 2, 70, 105), (71, 3, 71, 113.5), (119, 3, 119, 41.5), (150, 3, 120, 85),
        (180, 3, 120, 130), (180.5, None, None, None),
    ],
)  # fmt: skip
def test_the_nearest_fix_gives_the_error_and_both_neighbours_the_place(
    second: float, fix: int | None, metres: float | None, error_m: float | None
) -> None:
    places = [0, 10, 20, 120]
    track = declared(places, places, error_m=np.array([20.0, 10.0, 30.0, 40.0]))
    found = track.positions_at(np.array([START.timestamp() + second]))
    if fix is None or metres is None:
        assert np.isnan([found.latitude_deg[0], found.longitude_deg[0], found.error_m[0]]).all()
    else:
        assert found.fix_index.tolist() == [fix]
        east_m = (found.longitude_deg[0] - ORIGIN_DEG) * DEGREE_M
        assert (east_m, found.error_m[0]) == (pytest.approx(metres, abs=1e-3), error_m)
        assert found.latitude_deg[0] == pytest.approx(0.00002)


@pytest.mark.parametrize(
    ("longitudes", "second", "expected"),
    [
        ([179.9999, -179.9999], 5, 179.99995), ([179.9999, -179.9999], 15, -179.99995),
        ([-179.9999, 179.9999], 5, -179.99995), ([-179.9999, 179.9999], 15, 179.99995),
        ([-4.0, -4.0], 5, -4.0), ([4.0, 4.0], 5, 4.0),
    ],
)  # fmt: skip
def test_a_longitude_stays_between_minus_180_and_180(
    longitudes: list[float], second: float, expected: float
) -> None:
    track = declared([0, 20], [0, 0], longitude_deg=np.array(longitudes))
    found = track.positions_at(np.array([START.timestamp() + second]))
    assert found.longitude_deg[0] == pytest.approx(expected, abs=1e-7)


def test_a_track_begins_with_its_first_fix_and_ends_with_its_last() -> None:
    track = declared([0, 7, 12.5], [0, 0, 0])
    assert (track.start, track.end) == tuple(
        pd.Timestamp(START) + pd.Timedelta(seconds=each) for each in (0, 12.5)
    )
    nothing = declared([], [])
    assert (nothing.start, nothing.end) == (None, None)
    found = nothing.positions_at(np.array([START.timestamp(), np.nan]))
    assert np.isnan([*found.latitude_deg, *found.longitude_deg, *found.error_m]).all()
    assert found.fix_index.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("stated", "errors_m", "basis"),
    [
        (["<hdop>0.5</hdop>", "", "<hdop>99.9</hdop>"], [5, 20, 999], "HDOP x 10 m"),
        (["<hdop>2</hdop>", "<hdop>100</hdop>", "<hdop>3</hdop>"], [20, 20, 30], "HDOP x 10 m"),
        (["<hdop>100</hdop>"] * 3, [20] * 3, "20 m assumed: the file states no error"),
        (["<hdop>1.1</hdop><extensions><accuracy>4</accuracy></extensions>", "<hdop>3</hdop>", ""],
         [8, 30, 20], "twice the accuracy that the device states"),
    ],
)  # fmt: skip
def test_each_fix_has_the_error_that_is_stated_of_it(
    tmp_path: Path, stated: list[str], errors_m: list[float], basis: str
) -> None:
    track = load(write_gpx(tmp_path, [point(n, 0, more) for n, more in enumerate(stated)]))
    assert track.error_m.tolist() == pytest.approx(errors_m)
    assert track.error_basis == basis


def test_of_fixes_at_one_instant_the_first_is_taken(tmp_path: Path) -> None:
    points = [point(5, 50, "<hdop>2</hdop>"), point(5, 90, "<hdop>3</hdop>"), point(9, 70)]
    path = write_gpx(tmp_path, points)
    track = load(path)
    assert (track.seconds - START.timestamp()).tolist() == [5, 9]
    assert (track.longitude_deg - ORIGIN_DEG) * DEGREE_M == pytest.approx([50, 70], abs=0.01)
    assert track.error_m.tolist() == [20, 20]
    assert path.read_bytes()[track.offsets[0] :].decode().startswith(points[0])


def test_a_fix_counts_that_has_time_and_place_and_is_not_said_to_be_none(tmp_path: Path) -> None:
    points = [point(n, 10 * n) for n in range(5)]
    points[3] = points[3].split("<time>")[0] + "</trkpt>"
    log = parsers.read(write_gpx(tmp_path, points))
    assert log.clock.source
    fix_ok = pd.array([True, False, None, True, True], dtype="boolean")
    last = log.track["time"] == pd.Timestamp(START) + pd.Timedelta(seconds=4)
    latitudes = log.track["latitude_deg"].mask(last)
    known = replace(log, track=log.track.assign(fix_ok=fix_ok, latitude_deg=latitudes))
    track = _build_declared_track(known, "pilot")
    assert (track.seconds - START.timestamp()).tolist() == [0, 2]
    assert (track.clock, track.unusable_because) == (log.clock.source, "")
    unknown = replace(known, clock=replace(log.clock, source=None))
    assert _build_declared_track(unknown, "pilot").clock == "none"
    nowhere = known.track.assign(latitude_deg=np.nan)
    lost = _build_declared_track(replace(known, track=nowhere), "pilot")
    assert lost.unusable_because == "its points have no times"


def test_three_remarks_about_zones_are_kept(tmp_path: Path) -> None:
    log = parsers.read(write_gpx(tmp_path, [point(0, 0)]))
    reasons = ["no zone a", "damaged", "no zone b", "no zone c", "no zone d"]
    noted = replace(log, issues=tuple(parsers.Issue(0, 1, reason) for reason in reasons))
    assert _build_declared_track(noted, "pilot").remarks == ("no zone a", "no zone b", "no zone c")


@pytest.mark.parametrize(
    ("count", "more", "note"),
    [
        (1, {}, "1 fix with time and position; error of positions: assumed"),
        (2, {}, "2 fixes with time and position; error of positions: assumed"),
        (1000, {}, "1,000 fixes with time and position; error of positions: assumed"),
        (2, {"remarks": ("a", "b")},
         "2 fixes with time and position; error of positions: assumed; a; b"),
        (0, {"unusable_because": "its points have no times", "remarks": ("a",)},
         "not used: its points have no times; a"),
    ],
)  # fmt: skip
def test_a_report_says_what_a_track_holds(count: int, more: dict[str, Any], note: str) -> None:
    supplied = declared_track_provenance(declared(range(count), [0] * count, "observer", **more))
    assert supplied.note == f"track of an observer; {note}"
    assert supplied.count == count


def test_each_file_has_an_owner_and_there_are_four(tmp_path: Path) -> None:
    path = write_gpx(tmp_path, [point(0, 0)])
    with pytest.raises(SuppliedFileError, match="somebody is none of pilot, observer, aircraft"):
        load_declared_tracks([path], ["somebody"])
    for owners in ([], ["pilot", "pilot"]):
        with pytest.raises(ValueError, match="zip"):
            load_declared_tracks([path], owners)


@pytest.mark.parametrize(("metres", "is_near"), [(4999, True), (5001, False)])
def test_a_track_is_beside_a_flight_from_5_km_on(
    make_log: MakeLog, metres: float, is_near: bool
) -> None:
    track = declared([0, 1], [metres, 9000])
    found = compare_declared_tracks_with_flight(
        flight_of(make_log, [0, 0]), [track], np.ones(2, bool)
    )
    assert len(found) == is_near


@pytest.mark.parametrize(
    ("speed_mps", "metres", "agrees"),
    # Its error of 20 m, 15 m of the aircraft, and 3 s of its speed.
    [(5.0, 49.5, True), (5.0, 50.5, False), (0.0, 34.5, True), (0.0, 35.5, False),
     (20.0, 94.5, True), (20.0, 95.5, False), (None, 79.5, True), (None, 80.5, False)],
)  # fmt: skip
def test_a_device_on_the_aircraft_may_be_as_far_away_as_errors_and_clocks_explain(
    make_log: MakeLog, speed_mps: float | None, metres: float, agrees: bool
) -> None:
    flown_track = away([0.0] * 20) | {"ground_speed_mps": [speed_mps or np.nan] * 20}
    if speed_mps == 0.0:
        flown_track["ground_speed_mps"] = [0.0] * 20
    flight = assemble_flights(make_log(flown_track, events=flown(19)))[0]
    assert beside(flight, declared(range(20), [metres] * 20, "aircraft")).agrees is agrees


@pytest.mark.parametrize(
    ("count", "outside", "agrees", "share"),
    [(10, 1, True, "10 %"), (18, 2, False, "11.1 %"), (10, 2, False, "20 %"), (10, 0, True, "0 %")],
)
def test_a_device_agrees_with_up_to_a_tenth_of_its_fixes_farther_away(
    make_log: MakeLog, count: int, outside: int, agrees: bool, share: str
) -> None:
    metres = [200.0] * outside + [10.0] * (count - outside)
    found = beside(flight_of(make_log, [0.0] * count), declared(range(count), metres, "aircraft"))
    assert found.agrees is agrees
    assert found.text == (
        f"{'Confirms' if agrees else 'Contradicts'} the path: the device was 10 m from the "
        f"aircraft in the median, and farther than both errors explain at {share} of the fixes. "
        "Known for 100 % of the fixes in the air."
    )


def test_a_comparison_names_the_farthest_fix_and_its_error(make_log: MakeLog) -> None:
    track = declared([1, 2, 3], [100, 700, 300], error_m=np.array([10.0, 11.0, 12.0]))
    flight = flight_of(make_log, [-50, 0, 0, 0, 100])
    found = beside(flight, track)
    assert (found.farthest_row, found.farthest_fix, found.error_m) == (2, 1, 11.0)
    assert (found.least_distance_m, found.greatest_distance_m) == pytest.approx(
        (100, 700), abs=0.01
    )
    assert (found.is_used, found.agrees, found.share) == (True, None, 1.0)
    assert found.text == (
        "The aircraft was up to 700 m away over the ground (± 11 m). "
        "Known for 100 % of the fixes in the air."
    )
    (landed,) = compare_declared_tracks_with_flight(
        flight, [track], np.array([False, False, False, True, True])
    )
    # Row 3, and of row 4 a second after the last fix.
    assert (landed.farthest_row, landed.farthest_fix) == (3, 2)
    (unknown,) = compare_declared_tracks_with_flight(flight, [track], np.zeros(5, bool))
    assert unknown.farthest_row == 2
    other = beside(flight, replace(track, owner="other-aircraft"))
    assert other.text.startswith("It came within 100 m over the ground (± 10 m) of the aircraft. ")


def test_the_share_of_a_comparison_is_of_the_fixes_in_the_air(make_log: MakeLog) -> None:
    flight = flight_of(make_log, [0] * 101)
    found = beside(flight, declared([0], [100]))
    assert found.share == pytest.approx(61 / 101)
    assert found.text.endswith("Known for 60.3 % of the fixes in the air.")


def test_a_track_that_is_not_used_says_nothing_of_distances(make_log: MakeLog) -> None:
    lost = declared([], [], unusable_because="its points have no times")
    timeless = assemble_flights(make_log(away([0, 10]) | {"time": [None, None]}))[0]
    for found in (beside(flight_of(make_log, [0, 0]), lost), beside(timeless, declared([0], [0]))):
        assert not found.is_used
        assert (found.share, found.farthest_row, found.farthest_fix) == (0.0, -1, -1)
        assert np.isnan([found.least_distance_m, found.greatest_distance_m, found.error_m]).all()
        assert (found.shown_ms, found.shown_positions, found.agrees) == ((), (), None)
    empty = assemble_flights(make_log())[0]
    assert compare_declared_tracks_with_flight(empty, [declared([0], [0])], np.ones(0, bool)) == ()


@pytest.mark.parametrize(
    ("start", "end", "fixes"),
    [
        (3, 5, range(2, 7)), (3.5, 4.5, range(3, 6)), (0, 9, range(10)), (1, 8, range(10)),
        (-5, -3, range(1)), (20, 30, range(9, 10)), (2, 8.5, range(1, 10)),
    ],
)  # fmt: skip
def test_the_fixes_of_a_flight_and_one_before_and_behind_it_are_shown(
    start: float, end: float, fixes: range
) -> None:
    track = declared(range(10), [10 * n for n in range(10)])
    begin = START.timestamp()
    ms, positions = _fix_times_ms_and_positions_around_flight(track, begin + start, begin + end)
    assert ms == tuple(round(begin * 1000) + 1000 * n for n in fixes)
    assert [longitude for _, longitude in positions] == pytest.approx(
        [ORIGIN_DEG + 10 * n / DEGREE_M for n in fixes]
    )
    assert {latitude for latitude, _ in positions} == {0.00002}


@pytest.mark.parametrize(("count", "shown"), [(1999, 1999), (2000, 2000), (2001, 2000)])
def test_of_a_long_track_2000_fixes_are_shown_with_the_first_and_the_last(
    count: int, shown: int
) -> None:
    track = declared(range(count), [0] * count)
    begin = START.timestamp()
    ms, positions = _fix_times_ms_and_positions_around_flight(track, begin, begin + count)
    assert len(ms) == len(positions) == shown
    assert (ms[0], ms[-1]) == (round(begin * 1000), round(begin * 1000) + 1000 * (count - 1))
