"""Tracks whose owner the unit declares: read, with their error, held against a flight."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.context import AuditContext, ContextFiles, load_audit_context
from dji_audit.compliance.declared_tracks import (
    DeclaredTrack,
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
    load_declared_tracks,
    parse_track_path_and_owner,
)
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.flights import Flight, assemble_flights
from dji_audit.supplied_tables import SuppliedFileError
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
