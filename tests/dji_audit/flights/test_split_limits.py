"""Where a log is divided: the instants between flights and recordings, and what lies at them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.flights._split_logs import (
    LogSegment,
    _airborne_span_between_instants,
    _instants_between_recordings_of_kind,
    _middles_of_track_pauses,
    _midpoints_between_landing_and_takeoff,
    _spans_from_takeoff_to_landing,
    clock_kind_of_log,
    row_times_ns,
    split_by_flight,
)
from dji_audit.flights._times_in_view import logs_of_unjoined_media
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_join import media, on_its_own_clock, path, sha

SECOND_NS = 10**9
NEVER = parsers.AirborneTime((), "its motors never ran")


def span(start_s: float, end_s: float, took_off: bool = True, landed: bool = True) -> Any:
    """Return a stay in the air, seconds after 9:00."""
    start, end = (BEGIN.value + round(it * 1e9) for it in (start_s, end_s))
    return parsers.AirborneSpan(start, end, took_off, landed)


def after_nine(instants_ns: Sequence[int | None]) -> list[float | None]:
    return [None if it is None else (it - BEGIN.value) / 1e9 for it in instants_ns]


def flown(make_log: MakeLog, *spans: Any, seconds: int = 100, **more: Any) -> parsers.Log:
    return replace(make_log(path(seconds), **more), airborne=parsers.AirborneTime(spans))


# Flights


def test_a_log_is_divided_half_way_between_landing_and_take_off(make_log: MakeLog) -> None:
    log = flown(make_log, span(10, 30), span(40, 60), span(61, 90))
    parts = split_by_flight(log)
    assert [part.number for part in parts] == [1, 2, 3]
    assert [after_nine([part.after_ns, part.before_ns]) for part in parts] == [
        [None, 35.0], [35.0, 60.5], [60.5, None],
    ]  # fmt: skip
    assert [int(part.rows_of_segment_mask("track").sum()) for part in parts] == [35, 26, 39]
    # The row at the instant itself is of the later flight.
    assert parts[1].rows_of_segment_mask("track")[35]
    assert [part.segment_id for part in parts] == ["abababab-1", "abababab-2", "abababab-3"]
    assert _midpoints_between_landing_and_takeoff([span(10, 30), span(30, 60)]) == [
        BEGIN.value + 30 * SECOND_NS
    ]


def test_rows_without_a_time_are_of_the_first_flight(make_log: MakeLog) -> None:
    track = path(100)
    track["time"][80] = None
    log = replace(make_log(track), airborne=parsers.AirborneTime((span(10, 30), span(40, 60))))
    first, second = split_by_flight(log)
    assert first.rows_of_segment_mask("track")[80]
    assert not second.rows_of_segment_mask("track")[80]


@pytest.mark.parametrize(
    ("moves", "spans"),
    [
        ([(10, "takeoff"), (30, "landing")], [(10, 30, True, True)]),
        # Without a take-off it was in the air from the first row on, without a landing to the last.
        ([(30, "landing")], [(0, 30, False, True)]),
        ([(10, "takeoff")], [(10, 99, True, False)]),
        ([(10, "takeoff"), (40, "takeoff"), (60, "landing")],
         [(10, 40, True, False), (40, 60, True, True)]),
        ([(10, "takeoff"), (30, "landing"), (60, "landing")], [(10, 30, True, True)]),
        ([(30, "landing"), (10, "takeoff")], [(10, 30, True, True)]),
        ([(-5, "takeoff"), (120, "landing"), (50, "warning")], [(-5, 120, True, True)]),
        ([(50, "warning")], []),
    ],
)  # fmt: skip
def test_a_log_that_was_not_judged_flew_between_its_events(
    make_log: MakeLog, moves: list[tuple[float, str]], spans: list[tuple[float, ...]]
) -> None:
    events = [{"time": at, "kind": kind, "text": kind} for at, kind in moves]
    assert _spans_from_takeoff_to_landing(make_log(path(100), events=events), "utc") == [
        span(start, end, bool(took_off), bool(landed)) for start, end, took_off, landed in spans
    ]


def test_events_without_a_time_are_no_flight(make_log: MakeLog) -> None:
    events = [{"time": None, "kind": "takeoff", "text": "up"},
              {"time": 30.0, "kind": "landing", "text": "down"}]  # fmt: skip
    assert _spans_from_takeoff_to_landing(make_log(path(100), events=events), "utc") == [
        span(0, 30, False, True)
    ]
    assert _spans_from_takeoff_to_landing(make_log(path(100), events=events[:1]), "utc") == []


@pytest.mark.parametrize(
    ("after", "before", "within"),
    [
        (None, None, (10, 90, True, True)),
        (10, None, (10, 90, True, True)), (10.5, None, (10.5, 90, False, True)),
        (30, None, (30, 90, False, True)), (30.5, None, (40, 90, True, True)),
        (90, None, (90, 90, False, True)), (90.5, None, None),
        (None, 90, (10, 90, True, False)), (None, 90.5, (10, 90, True, True)),
        (None, 40, (10, 30, True, True)), (None, 40.5, (10, 40.5, True, False)),
        (None, 10, None), (None, 10.5, (10, 10.5, True, False)),
        (31, 39, None), (20, 50, (20, 50, False, False)),
    ],
)  # fmt: skip
def test_between_two_instants_a_flight_is_cut(
    after: float | None, before: float | None, within: tuple[Any, ...] | None
) -> None:
    """It flew from 10 to 30 s and from 40 to 90 s.  The later instant does not belong to it."""
    bounds = [None if it is None else BEGIN.value + round(it * 1e9) for it in (after, before)]
    found = _airborne_span_between_instants([span(10, 30), span(40, 90)], *bounds)
    assert found == (None if within is None else span(*within))


@pytest.mark.parametrize(
    ("after", "before", "rows"),
    [
        (None, None, range(35, 65)), (40.0, None, range(40, 65)), (None, 50.0, range(35, 50)),
        (40.0, 50.0, range(40, 50)), (10.0, 90.0, range(35, 65)),
    ],
)  # fmt: skip
def test_a_part_is_restricted_to_a_window_and_never_widened(
    make_log: MakeLog, after: float | None, before: float | None, rows: range
) -> None:
    part = split_by_flight(flown(make_log, span(10, 30), span(40, 60), span(70, 90)))[1]
    window = [None if it is None else BEGIN.timestamp() + it for it in (after, before)]
    found = part.part_between_instants(*window)
    assert np.flatnonzero(found.rows_of_segment_mask("track")).tolist() == list(rows)
    assert (found is part) == (after is before is None)
    whole = LogSegment(part.log, 1, "utc", None, None, None).part_between_instants(*window)
    kept = range(round(after or 0), round(before or 100))
    assert np.flatnonzero(whole.rows_of_segment_mask("track")).tolist() == list(kept)
    assert whole.airborne is None
    if after == 40.0:
        assert found.airborne is not None
        assert (found.takeoff_ns, found.not_flown_reason) == (BEGIN.value + 40 * SECOND_NS, "")


def test_take_off_and_landing_are_known_only_where_they_are_recorded(make_log: MakeLog) -> None:
    (part,) = split_by_flight(flown(make_log, span(10, 30, False, False)))
    assert (part.takeoff_ns, part.landing_ns, part.not_flown_reason) == (None, None, "")
    (part,) = split_by_flight(flown(make_log, span(10, 30)))
    assert after_nine([part.takeoff_ns, part.landing_ns]) == [10.0, 30.0]
    (part,) = split_by_flight(replace(make_log(path(9)), airborne=NEVER))
    assert part.not_flown_reason == "its motors never ran"
    assert split_by_flight(make_log(path(9)))[0].not_flown_reason == ""


def exported(log: parsers.Log) -> parsers.Log:
    return replace(log, source=replace(log.source, format="dji-csv"))


def test_an_export_is_divided_only_where_it_states_utc(make_log: MakeLog) -> None:
    spans = (span(10, 30), span(40, 60, True, False))
    log = flown(make_log, *spans)
    assert len(split_by_flight(exported(log))) == 2
    local = replace(on_its_own_clock(log, "wall", 0.0), airborne=parsers.AirborneTime(spans))
    assert len(split_by_flight(local)) == 2
    (whole,) = split_by_flight(exported(local))
    assert (whole.number, whole.clock_kind) == (1, "wall")
    assert whole.airborne == span(10, 60, True, False)
    assert (whole.after_ns, whole.before_ns) == (None, None)


# Recordings


def recorded(
    make_log: MakeLog, *shots: tuple[float, float | None, str], track: Any = None
) -> parsers.Log:
    captures = [
        {"start": start, "end": end, "kind": kind, "sensor": "visible"}
        for start, end, kind in shots
    ]
    return media(make_log(track, captures=captures), "dji-mrk")


@pytest.mark.parametrize(
    ("shots", "cuts"),
    [
        # A video is a recording by itself, however soon it follows another capture ...
        ([(0, 10, "video"), (14, 20, "video")], [12.0]),
        ([(0, 10, "video"), (14, 14, "photo")], [12.0]),
        ([(0, 0, "photo"), (4, 14, "video")], [2.0]),
        # ... unless the two touch or overlap.
        ([(0, 10, "video"), (10, 20, "video")], []),
        ([(0, 10, "video"), (5, 5, "photo"), (14, 14, "photo")], []),
        ([(0, 10, "video"), (5, None, "photo"), (9, 9, "photo"), (20, 30, "video")], [15.0]),
        ([(14, 20, "video"), (0, 10, "video")], [12.0]),
        ([(0, 0, "photo"), (600, 600, "photo")], []),
        ([(0, 0, "photo"), (600.5, 600.5, "photo")], [300.25]),
        ([(0, 0, "photo"), (600.5, None, "photo"), (700, 700, "photo")], [300.25]),
        ([(0, 10, "video")], []),
    ],
)  # fmt: skip
def test_recordings_are_divided_in_the_middle_between_them(
    make_log: MakeLog, shots: list[tuple[float, float | None, str]], cuts: list[float]
) -> None:
    log = recorded(make_log, *shots)
    assert after_nine(_instants_between_recordings_of_kind(log, "utc")) == cuts
    assert len(split_by_flight(log)) == len(cuts) + 1


@pytest.mark.parametrize(("pause_s", "middles"), [(120.0, []), (120.000000002, [62.000000001])])
def test_a_track_that_pauses_for_more_than_two_minutes_is_of_two_recordings(
    make_log: MakeLog, pause_s: float, middles: list[float]
) -> None:
    """Rows are put in order of time, and one without a time is passed over."""
    log = make_log(path(6, time=[2 + pause_s, 3 + pause_s, None, 0.0, 1.0, 2.0]))
    assert after_nine(_middles_of_track_pauses(log, "utc")) == middles


@pytest.mark.parametrize(
    ("pause", "middle", "is_that_gap"),
    [
        ((250, 480), 365.0, False), ((250, 479), 364.5, True),
        ((130, 360), 245.0, False), ((131, 360), 245.5, True),
    ],
)  # fmt: skip
def test_a_pause_of_the_track_within_a_minute_of_a_gap_between_recordings_is_that_gap(
    make_log: MakeLog, pause: tuple[float, float], middle: float, is_that_gap: bool
) -> None:
    """Recordings to 10 s and from 600 s on, the middle at 305 s."""
    track = path(2) | {"time": list(pause)}
    log = recorded(make_log, (0, 10, "video"), (600, 700, "video"), track=track)
    cuts = [305.0] if is_that_gap else sorted([305.0, middle])
    assert after_nine(_instants_between_recordings_of_kind(log, "utc")) == cuts
    # Without two captures, every pause counts.
    alone = replace(log, captures=log.captures[:1])
    assert after_nine(_instants_between_recordings_of_kind(alone, "utc")) == [middle]


# Clocks


@pytest.mark.parametrize(("kind", "of_contacts"), [("utc", 5.0), ("wall", 5.0), ("none", 5.0)])
def test_contacts_have_utc_whatever_the_clock_of_the_rows(
    make_log: MakeLog, kind: str, of_contacts: float
) -> None:
    contact = {"time": 5.0, "end": 7.0, "host": "example.org"}
    log = make_log(path(3), contacts=[contact])
    if kind != "utc":
        own = on_its_own_clock(log, "wall", 3600.0)
        log = replace(own, contacts=log.contacts)
    if kind == "none":
        log = replace(log, local_times=None)
    assert clock_kind_of_log(log) == kind
    assert after_nine(row_times_ns(log, kind, "contacts").tolist()) == [of_contacts]


@pytest.mark.parametrize(
    ("alignment", "moved_s"),
    [
        (ClockAlignment("a", "utc", 0.0, None), 0.0),
        (ClockAlignment("a", "track", -2.5, None), -2.5),
        (ClockAlignment("a", "unaligned", None, None), 0.0),
        (ClockAlignment("a", "track", 0.0, None, drift=ClockDrift(36.0, 1.0, 0.0)), None),
    ],
)
def test_rows_of_a_part_are_moved_to_the_clock_of_the_flight(
    make_log: MakeLog, alignment: ClockAlignment, moved_s: float | None
) -> None:
    """Events and their ends as well; a row without a time stays without one."""
    track = path(100)
    track["time"][3] = None
    events = [{"time": 2.0, "end": 4.0, "kind": "warning", "text": "low"}]
    log = replace(
        make_log(track, events=events),
        airborne=parsers.AirborneTime((span(10, 30), span(40, 60))),
    )
    first, second = split_by_flight(log)
    rows = first.aligned_rows("track", alignment)
    assert rows.index.tolist() == list(range(len(rows)))
    assert len(rows) == 35
    assert np.flatnonzero(rows["time"].isna()).tolist() == [3]
    later = second.aligned_rows("track", alignment)
    assert later.index.tolist() == list(range(65))
    assert list(later.columns) == list(log.track.columns)
    own = later["time"].iloc[0] - BEGIN - pd.Timedelta(seconds=35)
    event = first.aligned_rows("events", alignment)
    if moved_s is None:
        # A hundredth of the time since 1970 is lost.
        assert own.total_seconds() == pytest.approx(-0.01 * (BEGIN.timestamp() + 35), rel=1e-6)
    else:
        assert own == pd.Timedelta(seconds=moved_s)
        since = (event[["time", "end"]].iloc[0] - BEGIN).dt.total_seconds().tolist()
        assert since == [2.0 + moved_s, 4.0 + moved_s]


@pytest.mark.parametrize(("s_per_h", "words"), [(0.5, "gains 0.50"), (-0.5, "loses 0.50")])
def test_a_drift_in_words(s_per_h: float, words: str) -> None:
    said = ClockDrift(s_per_h, 0.125, 0.0).description
    assert said == f"{words} s an hour, within 0.12 s"
    assert ClockDrift(0.0, 0.125, 0.0).description == "none, within 0.12 s an hour"


# A flight and its logs


def test_a_flight_shows_recordings_if_one_of_its_logs_would(make_log: MakeLog) -> None:
    video = {"video": parsers.CarriedFact("Camera records")}
    mute = make_log(path(100), name="a", sha256=sha(1), facts={})
    camera = make_log(path(100), name="b", sha256=sha(2), facts=video)
    for logs, shows in (((mute,), False), ((camera,), True), ((mute, camera), True)):
        (flight,) = assemble_flights(*logs)
        assert flight.would_show_recordings == shows


def test_a_flight_that_a_simulator_made_says_so(make_log: MakeLog) -> None:
    for kind, is_simulated in (("simulator", True), ("warning", False)):
        events = [{"time": 1.0, "kind": kind, "text": "it"},
                  {"time": 2.0, "kind": "mode", "text": "it"}]  # fmt: skip
        (flight,) = assemble_flights(make_log(path(100), events=events))
        assert flight.is_simulated == is_simulated
    (flight,) = assemble_flights(make_log(path(100)))
    assert not flight.is_simulated


def test_a_recording_of_no_flight_is_one_that_shows_captures(make_log: MakeLog) -> None:
    used = recorded(make_log, (10, 20, "video"), track=path(100))
    unused, empty = recorded(make_log, (10, 20, "video")), media(make_log(path(9)), "dji-mrk")
    flights = assemble_flights(used)
    assert [it.logs for it in flights] == [(used,)]
    assert logs_of_unjoined_media([used, unused, empty], flights) == [unused]


@pytest.mark.parametrize(("seconds", "is_simulated"), [(3, False), (49, False), (50, True)])
def test_a_simulator_bit_of_a_few_records_makes_no_simulated_flight(
    make_log: MakeLog, seconds: int, is_simulated: bool
) -> None:
    events = [
        {"kind": "takeoff", "time": 0},
        {"kind": "landing", "time": 100},
        {"kind": "simulator", "time": 10, "end": 10 + seconds},
    ]
    track = {"latitude_deg": [50.0] * 101, "longitude_deg": [8.0] * 101}
    (flight,) = assemble_flights(make_log(track, events=events))
    assert flight.is_simulated == is_simulated


@pytest.mark.parametrize(
    ("states", "is_simulated"),
    [
        # Two states count together; what lies outside of the flight does not.
        ([(10, 35), (50, 75)], True), ([(10, 35), (50, 74)], False),
        ([(-30, 49)], False), ([(-30, 50)], True), ([(51, 500)], False), ([(50, 500)], True),
        ([(-30, -10), (10, 60)], True), ([(120, 200), (10, 60)], True), ([(-30, -10)], False),
        # A statement without an end is of the whole flight.
        ([(10, None)], True), ([(10, 10)], True), ([(10, 20), (50, None)], True),
        ([(10, 5)], True), ([], False),
    ],
)  # fmt: skip
def test_states_of_a_simulator_are_added_up_between_take_off_and_landing(
    make_log: MakeLog, states: list[tuple[float, float | None]], is_simulated: bool
) -> None:
    """The flight lasts from 0 to 100 s, of which half must be simulated."""
    events = [{"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 100}]
    events += [{"kind": "simulator", "time": start, "end": end} for start, end in states]
    track = {"latitude_deg": [50.0] * 101, "longitude_deg": [8.0] * 101}
    (flight,) = assemble_flights(make_log(track, events=events))
    assert flight.is_simulated == is_simulated


@pytest.mark.parametrize(("end", "is_simulated"), [(49, False), (50, True)])
def test_without_take_off_and_landing_a_simulator_must_run_for_half_of_the_rows(
    make_log: MakeLog, end: int, is_simulated: bool
) -> None:
    events = [{"kind": "simulator", "time": 0, "end": end}]
    (flight,) = assemble_flights(make_log(path(101), events=events))
    assert (flight.takeoff, flight.landing) == (None, None)
    assert flight.is_simulated == is_simulated
    # A flight of one instant has no half.
    (instant,) = assemble_flights(make_log(path(1), events=events))
    assert instant.is_simulated


@pytest.mark.parametrize(
    ("encrypted", "of_media", "only"),
    [
        ((True, True), (False, False), True), ((True, False), (False, False), False),
        ((False, False), (False, False), False), ((True, True), (True, True), False),
        ((True, False), (False, True), True), ((False, True), (False, True), False),
    ],
)  # fmt: skip
def test_a_flight_was_read_in_part_only_where_each_of_its_records_lacks_a_key(
    make_log: MakeLog, encrypted: tuple[bool, bool], of_media: tuple[bool, bool], only: bool
) -> None:
    (flight,) = assemble_flights(make_log(path(9)))
    (source,) = flight.sources
    sources = tuple(
        replace(source, is_media=is_media, log=replace(source.log, encrypted=is_encrypted))
        for is_encrypted, is_media in zip(encrypted, of_media, strict=True)
    )
    assert replace(flight, sources=sources).has_only_encrypted_logs == only


def test_what_is_said_of_the_aircraft_and_its_log_is_said_by_the_first_that_does(
    make_log: MakeLog,
) -> None:
    (flight,) = assemble_flights(make_log(path(9)))
    (source,) = flight.sources
    totals = [parsers.LogHeaderTotals(name, 0) for name in ("first", "second")]
    logs = [
        replace(source.log, aircraft=aircraft, header_summary=stated)
        for aircraft, stated in (
            (parsers.Aircraft(model="", serial="A1"), None),
            (parsers.Aircraft(model="Mini", serial="B2", camera_serial="C3"), totals[0]),
            (parsers.Aircraft(model="Mavic", battery_serial="D4"), totals[1]),
        )
    ]
    made = replace(
        flight,
        sources=tuple(
            replace(source, log=log, is_first_of_log=bool(number), is_from_receiver=bool(number))
            for number, log in enumerate(logs)
        ),
    )
    # The second names another aircraft: nothing of it is taken.
    assert made.aircraft == parsers.Aircraft(model="Mavic", serial="A1", battery_serial="D4")
    assert made.header_summary is totals[0]
    assert (flight.header_summary, made.log, made.logs) == (None, logs[0], tuple(logs))
    assert made.log_indices_whose_first_flight_it_is == (1, 2)
    assert not made.is_known_only_from_receivers
    assert replace(made, sources=made.sources[1:]).is_known_only_from_receivers
