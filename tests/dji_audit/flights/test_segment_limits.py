"""Logs of a flight side by side: their clocks, times in the air, events, places and heights."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights._split_logs import split_by_flight
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from dji_audit.flights.join._flight_assembly import (
    AlternativeAlignment,
    AssembledFlight,
    FileNumberGap,
    LifetimeTotalsOfFollowingLog,
    LogPartInFlight,
    log_part_in_flight,
)
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from dji_audit.flights.merge._aligned_segments import AlignedSegment, align_segments
from dji_audit.flights.merge._clock_conflicts import clock_conflicts
from dji_audit.flights.merge._conflict_groups import ConflictOfTwoLogs
from dji_audit.flights.merge._disagreements import _media_capture_bound_conflicts, _track_conflicts
from dji_audit.flights.merge._identity_disagreements import identity_disagreements
from dji_audit.flights.merge._merge_flight import (
    _file_number_gaps,
    _first_track_position,
    _lifetime_totals_of_next_logs,
    _merge_events,
    _named_position_and_its_log_index,
    _time_span_of_source,
    _time_span_of_track,
)
from dji_audit.flights.merge._merge_media_captures import merge_media_captures
from dji_audit.flights.merge._merge_tracks import merge_track_columns_into_first_track
from dji_audit.flights.merge._takeoff_and_landing_times import (
    TakeoffAndLandingTimes,
    find_takeoff_and_landing_times,
)
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_join import media, on_its_own_clock, path, sha

UTC = ClockAlignment("a clock", "utc", 0.0, 0.5)
REFERENCE = replace(UTC, method="reference")
UNALIGNED = ClockAlignment("a clock", "unaligned", None, None)


def at(second: float | None) -> pd.Timestamp | None:
    return None if second is None else BEGIN + pd.Timedelta(seconds=second)


def on(
    log: parsers.Log, index: int = 0, alignment: ClockAlignment = UTC, **member: Any
) -> AlignedSegment:
    """Return the first part of a log on the clock of a flight."""
    one = summarise_each_part_of_log(log, index)[0]
    known = replace(log_part_in_flight(one, alignment), **member)
    return AlignedSegment(known, split_by_flight(log)[0], alignment)


# Clocks


def off(lead_s: float, uncertainty_s: float | None = 0.5) -> ClockAlignment:
    """Return the alignment of a clock that is ahead by some seconds, as its track shows."""
    return ClockAlignment("a clock", "track", -lead_s, uncertainty_s)


def clocks(*segments: AlignedSegment) -> list[tuple[str, int, float, float]]:
    """Return of each conflict its key, the log that differs, the difference and the tolerance."""
    return [
        (it.key, it.other.source_index, it.difference, it.tolerance)
        for it in clock_conflicts(segments)
    ]


@pytest.mark.parametrize(
    ("lead_s", "side"),
    [(3.5, None), (3.51, "ahead of"), (-3.5, None), (-3.51, "behind")],
)
def test_a_clock_is_off_by_more_than_both_errors_and_two_seconds(
    make_log: MakeLog, lead_s: float, side: str | None
) -> None:
    """It states a second, and its track shows the offset within half of one."""
    log = make_log(path(9), clock=parsers.Clock("a clock", 1.0))
    first = on(log, 0, REFERENCE)
    found = clocks(first, on(log, 1, off(lead_s)))
    assert found == ([] if side is None else [(side, 1, abs(lead_s), 3.5)])
    # What is not stated adds nothing; an offset of unknown error may be a second off.
    silent = make_log(path(9), clock=parsers.Clock("a clock", None))
    assert clocks(first, on(silent, 1, off(9.0)))[0][3] == 2.5
    assert clocks(first, on(silent, 1, off(9.0, None)))[0][3] == 3.0


def test_only_a_clock_that_states_utc_and_is_not_the_reference_is_off(make_log: MakeLog) -> None:
    log = make_log(path(9))
    first, second = on(log, 0, off(30.0)), on(log, 1, off(30.0))
    # Without a reference clock, the first log's is compared with.
    assert [it[1] for it in clocks(first, second)] == [1]
    assert [it[1] for it in clocks(first, on(log, 1, REFERENCE))] == [0]
    assert clocks(on(log), on(log, 1, replace(off(30.0), method="utc"))) == []
    assert clocks(on(log), on(on_its_own_clock(log, "wall", 9.0), 1, off(30.0))) == []
    assert clocks(on(log), on(log, 1, off(30.0), copy_of=(0, 1))) == []
    assert clocks(on(log), on(log, 1, UNALIGNED)) == []


def test_of_a_clock_with_a_drift_the_largest_lead_counts(make_log: MakeLog) -> None:
    """It gains a tenth of a second each second from a lead of 5 s at 9:00 on."""
    log = make_log(path(101))
    drift = ClockDrift(360.0, 1.0, BEGIN.timestamp())
    (found,) = clocks(on(log, 0, REFERENCE), on(log, 1, replace(off(5.0), drift=drift)))
    assert found[2] == pytest.approx(15.0)
    (found,) = clocks(on(log, 0, REFERENCE), on(log, 1, replace(off(-20.0), drift=drift)))
    assert found[0] == "behind"
    assert found[2] == pytest.approx(20.0)
    timeless = on(make_log(path(9, time=[None] * 9)), 1, replace(off(5.0), drift=drift))
    assert timeless.segment.clock_kind == "none"


@pytest.mark.parametrize(("offset_s", "count"), [(13.5, 0), (13.51, 1), (6.5, 0), (6.49, 1)])
def test_two_alignments_of_a_clock_differ_beyond_both_errors_and_two_seconds(
    make_log: MakeLog, offset_s: float, count: int
) -> None:
    log = make_log(path(9))
    other = AlternativeAlignment("declared", offset_s, 1.0, "so declared", 7)
    used = ClockAlignment("a clock", "span", 10.0, 0.5, reason="by its span")
    local = on(on_its_own_clock(log, "wall", 0.0), 5, used, alternative_alignments=(other,))
    found = list(clock_conflicts([on(log, 3), local, on(log, 7)]))
    assert len(found) == count
    for it in found:
        assert (it.key, it.reference.source_index, it.other.source_index) == ("span declared", 2, 1)
        assert it.words == {"reason": "by its span", "alternative": "so declared"}
        assert it.tolerance == 3.5
        alone = next(clock_conflicts([on(log, 3), local]))
        assert alone.reference.source_index == 1
        undone = replace(used, offset_s=None)
        assert clocks(on(log, 3), on(log, 5, undone, alternative_alignments=(other,))) == []


def test_a_clock_that_is_right_is_compared_with_another_alignment_of_it(
    make_log: MakeLog,
) -> None:
    log = on_its_own_clock(make_log(path(9)), "wall", 0.0)
    used = ClockAlignment("a clock", "span", 0.0, 0.5)
    for offset_s, count in ((3.5, 0), (3.51, 1), (-3.5, 0), (-3.51, 1)):
        other = AlternativeAlignment("declared", offset_s, 1.0, "so declared", None)
        assert len(clocks(on(log, 0, used, alternative_alignments=(other,)))) == count


def readings(log: parsers.Log) -> tuple[Any, ...]:
    it = next(clock_conflicts([on(log, 0, REFERENCE), on(log, 1, off(60.0))])).other
    return it.offset, it.record, it.field, it.value


def test_a_clock_is_shown_by_its_first_fix_else_its_first_capture(make_log: MakeLog) -> None:
    shot = {"start": 4.25, "end": 5.0, "kind": "photo", "sensor": "visible", "source_offset": 77}
    both = make_log(path(9), captures=[shot])
    assert readings(both) == (100, "track", "time", "2026-05-14 09:00:00.000")
    only = make_log(captures=[shot])
    assert readings(only) == (77, "capture", "start", "2026-05-14 09:00:04.250")
    events = [{"time": 1.0, "kind": "warning", "text": "low"}]
    assert readings(make_log(events=events)) == (None, "track", "start", "a clock")
    late = make_log(path(2, time=[None, 5.0]))
    assert readings(late) == (100, "track", "time", "a clock")


def member(log: parsers.Log, index: int, alignment: ClockAlignment, **more: Any) -> LogPartInFlight:
    return on(log, index, alignment, **more).member


def test_each_log_is_aligned_by_its_track_with_the_reference_clock(make_log: MakeLog) -> None:
    """The clock of the first is 3 s behind, which was found to the second only."""
    seconds = np.arange(200.0)
    slow = make_log(path(200, time=(seconds - 3).tolist()), name="a", sha256=sha(1))
    true, copy = make_log(path(200), name="b", sha256=sha(2)), make_log(path(200), name="c")
    rough = ClockAlignment("a clock", "track", 2.5, 1.0)
    members = (
        member(slow, 0, rough), member(true, 1, REFERENCE),
        member(copy, 2, replace(rough, method="copy"), copy_of=(0, 1)),
    )  # fmt: skip
    logs = {0: slow, 1: true, 2: copy}
    first, second, third = align_segments(AssembledFlight(members=members), logs)
    assert first.alignment.offset_s == pytest.approx(3.0, abs=0.05)
    assert first.alignment.uncertainty_s is not None
    assert first.alignment.uncertainty_s < 0.5
    assert second.alignment == REFERENCE
    assert (third.alignment.method, third.alignment.offset_s) == ("copy", first.alignment.offset_s)
    assert third.alignment.uncertainty_s == first.alignment.uncertainty_s
    # Without a reference clock, the first log's stays as it is.
    alone = align_segments(AssembledFlight(members=members[:1]), logs)
    assert alone[0].alignment == rough
    # What cannot be aligned stays so, and nothing is aligned to it.
    lost = (member(slow, 0, UNALIGNED), member(true, 1, rough))
    assert [it.alignment for it in align_segments(AssembledFlight(members=lost), logs)] == [
        UNALIGNED,
        rough,
    ]


def test_known_times_are_those_of_rows_that_have_one(make_log: MakeLog) -> None:
    segment = on(make_log(path(4, time=[0.0, None, 2.0, 3.0])))
    found = segment.non_missing_times_ns("track", "time") - BEGIN.value
    assert (found / 1e9).tolist() == [0.0, 2.0, 3.0]
    assert segment.uncertainty_s == 0.5
    assert on(make_log(path(4)), 0, replace(UTC, uncertainty_s=None)).uncertainty_s == 1.0
    seconds, (heights,) = segment.times_and_columns_of_complete_rows(("height_ato_m",))
    assert seconds[:, 1].tolist() == [0, 2, 3]
    assert len(heights) == 3


# Times in the air


def flown(make_log: MakeLog, *spans: tuple[float, float, bool, bool], **more: Any) -> parsers.Log:
    """Return a log whose aircraft was in the air, seconds after 9:00."""
    judged = [
        parsers.AirborneSpan(
            BEGIN.value + round(start * 1e9), BEGIN.value + round(end * 1e9), up, down
        )
        for start, end, up, down in spans
    ]
    return replace(make_log(path(100), **more), airborne=parsers.AirborneTime(tuple(judged)))


def air(*segments: AlignedSegment) -> tuple[Any, ...]:
    it = find_takeoff_and_landing_times(segments)
    return it.takeoff, it.landing, it.duration_s, it.begins_in_air, it.ends_in_air


def test_take_off_and_landing_are_those_of_the_first_log_that_shows_them(
    make_log: MakeLog,
) -> None:
    whole, cut = flown(make_log, (10, 90, True, True)), flown(make_log, (20, 80, False, False))
    assert air(on(whole)) == (at(10), at(90), 80.0, False, False)
    # One that shows neither bounds the time in the air by what it shows.
    assert air(on(cut)) == (None, None, 60.0, True, True)
    assert air(on(cut), on(whole, 1)) == (at(10), at(90), 80.0, False, False)
    up, down = flown(make_log, (10, 70, True, False)), flown(make_log, (15, 90, False, True))
    assert air(on(up)) == (at(10), None, 60.0, False, True)
    assert air(on(down), on(cut, 1)) == (None, at(90), 75.0, True, False)
    assert air(on(up), on(cut, 1)) == (at(10), None, 70.0, False, True)
    # On the clock of the flight, and without what is not aligned.
    late = on(whole, 1, off(5.0))
    assert air(late) == (at(5), at(85), 80.0, False, False)
    assert air(on(whole, 0, UNALIGNED), late) == (at(5), at(85), 80.0, False, False)
    assert air(on(make_log(path(9)))) == (None, None, None, None, None)


def test_a_landing_before_the_take_off_is_of_another_flight(make_log: MakeLog) -> None:
    up, early = flown(make_log, (50, 90, True, False)), flown(make_log, (10, 40, False, True))
    assert air(on(up), on(early, 1)) == (at(50), None, 40.0, False, True)
    equal = flown(make_log, (10, 50, False, True))
    assert air(on(up), on(equal, 1)) == (at(50), at(50), 0.0, False, False)


def test_a_recording_is_in_the_air_only_where_nothing_else_is(make_log: MakeLog) -> None:
    film = media(flown(make_log, (0, 99, True, True)), "video")
    film = replace(film, airborne=flown(make_log, (0, 99, True, True)).airborne)
    record = flown(make_log, (10, 90, True, True))
    assert air(on(film), on(record, 1)) == (at(10), at(90), 80.0, False, False)
    assert air(on(film))[2] == 99.0


def local(make_log: MakeLog, kind: str, *spans: tuple[float, float, bool, bool]) -> AlignedSegment:
    log = flown(make_log, *spans)
    own = on_its_own_clock(log, kind, 0.0)
    return on(replace(own, airborne=log.airborne), 0, UNALIGNED)


def test_without_utc_times_are_those_of_the_local_clock(make_log: MakeLog) -> None:
    def naive(second: float) -> pd.Timestamp:
        return (BEGIN + pd.Timedelta(seconds=second)).tz_localize(None)

    whole = local(make_log, "wall", (10, 90, True, True))
    assert find_takeoff_and_landing_times([whole]) == TakeoffAndLandingTimes(
        None, None, 80.0, False, False, naive(0), naive(10), naive(90)
    )
    cut = local(make_log, "wall", (20, 95, False, False))
    assert find_takeoff_and_landing_times([cut]) == TakeoffAndLandingTimes(
        None, None, 75.0, True, True, naive(0)
    )
    # Of two logs of one clock, from the first instant to the last.
    assert find_takeoff_and_landing_times([cut, whole]) == TakeoffAndLandingTimes(
        None, None, 85.0, False, True, naive(0), naive(10)
    )
    counted = local(make_log, "elapsed", (10, 90, True, True))
    assert find_takeoff_and_landing_times([counted]) == TakeoffAndLandingTimes(
        None, None, 80.0, False, False
    )
    assert find_takeoff_and_landing_times([whole, counted]) == find_takeoff_and_landing_times(
        [whole]
    )
    grounded = local(make_log, "wall")
    assert find_takeoff_and_landing_times([grounded]) == TakeoffAndLandingTimes(
        None, None, None, None, None, naive(0)
    )


# Events


def merged(*logs: Sequence[tuple[float, str]], make_log: MakeLog, **clock: Any) -> list[Any]:
    """Return time, text and log of each event that is kept."""
    rows = [[{"time": it[0], "kind": "warning", "text": it[1]} for it in log] for log in logs]
    alignment = replace(UTC, **clock)
    segments = [on(make_log(events=it), index, alignment) for index, it in enumerate(rows)]
    found = _merge_events(segments)
    since = (found["time"] - BEGIN).dt.total_seconds()
    return list(zip(since, found["text"], found["source_index"], strict=True))


def test_an_event_of_two_logs_stands_once_within_two_seconds_and_the_error_of_the_clock(
    make_log: MakeLog,
) -> None:
    first, near = [(10.0, "low")], [(12.5, "low")]
    assert merged(first, near, make_log=make_log) == [(10.0, "low", 0)]
    assert len(merged(first, [(12.51, "low")], make_log=make_log)) == 2
    assert len(merged(first, [(7.5, "low")], make_log=make_log)) == 2
    assert len(merged(first, [(10.0, "high")], make_log=make_log)) == 2
    assert len(merged(first, near, make_log=make_log, uncertainty_s=0.4)) == 2
    # Of one log, both stand, however near.
    assert len(merged([], [(10.0, "low"), (10.1, "low")], make_log=make_log)) == 2
    # The ninth before is not looked at.
    many = [(10.0, "low"), *[(10.0 + n / 10, "low") for n in range(1, 9)]]
    found = merged(many[:1], many[1:], [(11.0, "low")], make_log=make_log)
    assert [it[2] for it in found] == [0]


def test_rows_of_several_logs_stand_in_order_to_the_nanosecond_and_those_without_a_time_last(
    make_log: MakeLog,
) -> None:
    def warned(text: str, *ns: int | None) -> parsers.Log:
        log = make_log(
            events=[{"time": 1, "kind": "warning", "text": f"{text}{n}"} for n in range(len(ns))]
        )
        times = [pd.NaT if it is None else BEGIN + pd.Timedelta(it, "ns") for it in ns]
        return replace(
            log, events=log.events.assign(time=pd.DatetimeIndex(times, dtype="datetime64[ns, UTC]"))
        )

    logs = [warned("a", 7, 101, None), warned("b", None), warned("c", 100, 101, -1)]
    segments = [on(log, index) for index, log in enumerate(logs)]
    found = _merge_events(segments)
    assert found["text"].tolist() == ["c2", "a0", "c0", "a1", "c1", "a2", "b0"]
    assert found["source_index"].tolist() == [2, 0, 2, 0, 2, 0, 1]
    # A copy has nothing of its own.
    copies = [*segments[:2], on(logs[2], 2, copy_of=(0, 1))]
    assert _merge_events(copies)["text"].tolist() == ["a0", "a1", "a2", "b0"]


# The track


def test_a_flight_lasts_from_the_first_to_the_last_time_of_its_track_else_its_events(
    make_log: MakeLog,
) -> None:
    events = [
        {"time": 3.0, "kind": "mode", "text": "a"},
        {"time": 8.0, "kind": "mode", "text": "b"},
    ]
    log = make_log(path(5, time=[None, 1.0, 2.0, 4.0, None]), events=events)
    assert _time_span_of_track(log.track, log.events) == (at(1), at(4))
    assert _time_span_of_track(log.track[:0], log.events) == (at(3), at(8))
    assert _time_span_of_track(log.track[:0], log.events[:0]) == (None, None)


@pytest.mark.parametrize(
    ("fixes", "captures", "bounds"),
    [(2, [(50, 70)], (0, 1)), (1, [(50, 70)], (0, 70)), (0, [(50, None)], (50, 50)),
     (0, [], (None, None))],
)  # fmt: skip
def test_a_source_lasts_from_its_first_fix_to_its_last_else_over_its_captures(
    make_log: MakeLog,
    fixes: int,
    captures: list[tuple[float, float | None]],
    bounds: tuple[float | None, float | None],
) -> None:
    shots = [{"start": start, "end": end, "kind": "video"} for start, end in captures]
    log = make_log(path(fixes) if fixes else None, captures=shots)
    assert _time_span_of_source(on(log)) == tuple(map(at, bounds))


def test_the_first_position_is_the_first_fix_that_has_both_coordinates(make_log: MakeLog) -> None:
    track = path(4, longitude_deg=[np.nan, -4.0, -4.1, -4.2])
    track["latitude_deg"] = [50.0, np.nan, 50.2, 50.3]
    log = make_log(track)
    found = _first_track_position(log, log.track)
    assert found is not None
    assert (found.latitude_deg, found.longitude_deg, found.time) == (50.2, -4.1, at(2))
    assert (found.source_offset, found.record, found.kind) == (120, "track", "start")
    assert _first_track_position(log, log.track[:2]) is None
    timeless = make_log(path(2, time=[None, None]))
    position = _first_track_position(timeless, timeless.track)
    assert position is not None
    assert position.time is None


def named(second: float | None, latitude: float, kind: str = "home") -> parsers.NamedPosition:
    return parsers.NamedPosition(kind, at(second), latitude, -4.0, None, "HOME", 0)


@pytest.mark.parametrize(
    ("seconds", "latitude"),
    [
        ([5.0, 20.0], 51.0), ([5.0, 34.9], 51.0), ([5.0, 35.0], 50.0), ([None, 50.0], 50.0),
        ([5.0, None], 51.0), ([50.0, 60.0], 50.0),
    ],
)  # fmt: skip
def test_of_a_log_the_last_position_before_its_next_flight_counts(
    make_log: MakeLog, seconds: list[float | None], latitude: float
) -> None:
    """The first flight ends at 35 s; where all are later, the first one counts."""
    two = flown(make_log, (10, 30, True, True), (40, 60, True, True))
    positions = tuple(named(second, 50.0 + n) for n, second in enumerate(seconds))
    log = replace(two, named_positions=(*positions, named(1.0, 80.0, "controller")))
    first = on(log)
    found, index = _named_position_and_its_log_index([on(make_log(path(9))), first], "home")
    assert found is not None
    assert (found.latitude_deg, index) == (latitude, 1)
    assert _named_position_and_its_log_index([first], "pilot") == (None, 0)
    moved, _ = _named_position_and_its_log_index([on(log, 0, off(1.0))], "controller")
    assert moved is not None
    assert moved.time == at(0)
    kept, _ = _named_position_and_its_log_index([on(log, 0, UNALIGNED)], "controller")
    assert kept is not None
    assert kept.time == at(1)


def test_gaps_of_numbers_and_the_next_log_are_shown_by_the_first_part_of_their_log(
    make_log: MakeLog,
) -> None:
    segments = [on(make_log(path(9)), index) for index in (3, 7, 7, 2)]
    totals = (parsers.LifetimeTotal("boots", 7.0, "PARM", 3),)
    assembly = AssembledFlight(
        members=tuple(each.member for each in segments),
        number_gaps=tuple(
            FileNumberGap(log_index=index, kind="log_number", text=f"{index}") for index in (7, 3)
        ),
        following_totals=(
            LifetimeTotalsOfFollowingLog(2, "next", "ab", BEGIN.timestamp() + 5.5, totals),
        ),
    )
    assert [(it.text, it.source_index) for it in _file_number_gaps(assembly, segments)] == [
        ("7", 1), ("3", 0),
    ]  # fmt: skip
    (following,) = _lifetime_totals_of_next_logs(assembly, segments)
    assert (following.source_index, following.name, following.sha256) == (3, "next", "ab")
    assert (following.start, following.totals) == (at(5.5), totals)
    assert (assembly.id, assembly.log_indices) == (segments[0].member.segment_id, (3, 7, 2))


def test_a_column_is_lent_by_the_first_log_that_has_a_value_near(make_log: MakeLog) -> None:
    """The second has none near, the third is a copy, the fourth not aligned."""
    first = on(make_log(path(9)))
    far = on(make_log(path(9, start=500.0, battery_pct=[1.0] * 9)), 1)
    copy = on(make_log(path(9, battery_pct=[2.0] * 9)), 2, copy_of=(0, 1))
    lost = on(make_log(path(9, battery_pct=[3.0] * 9)), 3, UNALIGNED)
    near = on(make_log(path(9, battery_pct=[4.0] * 9)), 4)
    last = on(make_log(path(9, battery_pct=[5.0] * 9, satellites=[7.0] * 9)), 5)
    whole = merge_track_columns_into_first_track([first, far, copy, lost, near, last])
    assert whole.track["battery_pct"].tolist() == [4.0] * 9
    assert whole.column_sources == {"battery_pct": 4, "satellites": 5}
    assert whole.source_offsets[4].tolist() == [100 + 10 * n for n in range(9)]
    assert sorted(whole.source_offsets) == [4, 5]
    alone = merge_track_columns_into_first_track([first])
    assert (alone.column_sources, alone.source_offsets) == ({}, {})
    assert alone.track is first.track


# Places and heights


def differing(one: AlignedSegment, other: AlignedSegment, kind: str) -> list[ConflictOfTwoLogs]:
    return [it for it in _track_conflicts([one, other], 1) if it.kind == kind]


def test_the_tolerance_of_a_place_is_the_sum_of_all_errors(make_log: MakeLog) -> None:
    """5 m for each, their steps, and the way flown within the errors of both clocks."""
    north = [it + 0.001 for it in path(100)["latitude_deg"]]
    one = on(make_log(path(100)), 0, REFERENCE)
    for unsure_s, speed in ((0.5, 9.0), (0.25, 2.0)):
        other = on(
            make_log(path(100, latitude_deg=north)), 1, replace(UTC, uncertainty_s=unsure_s)
        )  # fmt: skip
        first = on(make_log(path(100, ground_speed_mps=[speed] * 100)), 0, REFERENCE)
        (found,) = differing(first, other, "position")
        steps_m = 2 * one.timed_track.position_resolution_m
        assert found.tolerance == pytest.approx(10.0 + steps_m + speed * (0.5 + unsure_s))
        assert found.difference == pytest.approx(111.2, abs=0.1)
        assert (found.rows, found.reference.source_index, found.other.source_index) == (100, 0, 1)
        assert found.other.field == "latitude_deg, longitude_deg"


def test_the_denser_log_is_compared_with_the_sparser_and_the_first_stays_first(
    make_log: MakeLog,
) -> None:
    """Of 100 rows and of 50, which lie 60 m higher, the heights of all 99 seconds differ."""
    dense = make_log(path(100, vertical_speed_mps=[-4.0] * 100))
    sparse_rows = {name: values[::2] for name, values in path(100).items()}
    sparse_rows["height_ato_m"] = [it + 60 for it in sparse_rows["height_ato_m"]]
    sparse = make_log(sparse_rows)
    for one, other in ((dense, sparse), (sparse, dense)):
        (found,) = differing(on(one, 0), on(other, 1), "height")
        assert (found.rows, found.reference.source_index, found.other.source_index) == (99, 0, 1)
        # 3 m for each, and what it climbs or sinks within a second.
        assert found.tolerance == pytest.approx(6.0 + 4.0)
        assert found.words == {"quantity": " in height above take-off"}
    # Of equal length, the speeds of the first count.
    level = make_log(path(100, height_ato_m=[500.0] * 100))
    (found,) = differing(on(dense, 0), on(level, 1), "height")
    assert found.tolerance == pytest.approx(10.0)
    (found,) = differing(on(level, 0), on(dense, 1), "height")
    assert found.tolerance == pytest.approx(7.0)


def test_the_row_where_two_logs_differ_most_beyond_their_tolerance_is_shown(
    make_log: MakeLog,
) -> None:
    """20 m at a vertical speed of 0 m/s are more than 25 m at 10 m/s."""
    higher = [it + {40: 20, 41: 25}.get(n, 0) for n, it in enumerate(path(100)["height_ato_m"])]
    speeds = [{40: 0.0}.get(n, 10.0) for n in range(100)]
    one = on(make_log(path(100, vertical_speed_mps=speeds)), 0)
    (found,) = differing(one, on(make_log(path(100, height_ato_m=higher)), 1), "height")
    assert found.difference == pytest.approx(20.0)
    assert found.rows == 2
    assert (found.start, found.end) == (at(40), at(41))
    assert found.tolerance == pytest.approx(6.0)
    assert found.reference.value == f"{path(100)['height_ato_m'][40]:.1f}"
    assert found.other.offset == 500


# Captures and names


def filmed(
    make_log: MakeLog, *files: tuple[float, float], kind: str = "video"
) -> list[ConflictOfTwoLogs]:
    """Return what a log of 100 s that shows one capture from 30 to 60 s and files differ on."""
    shot = {"kind": kind, "sensor": "unknown", "source": "s"}
    record = make_log(path(100), captures=[{**shot, "start": 30.0, "end": 60.0}])
    parts = [on(record, 0, REFERENCE)]
    for number, (start, end) in enumerate(files, 1):
        shots = [{**shot, "sensor": "visible", "start": start, "end": end}]
        part = make_log(captures=shots, name=f"DJI_{number}.MP4", sha256=sha(number))
        parts.append(on(media(part, "video"), number, REFERENCE))
    groups = merge_media_captures(parts).groups
    return list(_media_capture_bound_conflicts(parts, groups))


def test_a_recording_of_one_file_has_its_bounds_and_one_of_several_has_not(
    make_log: MakeLog,
) -> None:
    """The clocks of both may be half a second off, and five seconds are tolerated."""
    assert filmed(make_log, (36.0, 66.0)) == []
    first, last = filmed(make_log, (36.1, 66.1))
    assert (first.key, last.key) == ("video begins", "video ends")
    assert first.difference == pytest.approx(6.1)
    assert first.tolerance == 6.0
    assert first.reference.value == "2026-05-14 09:00:30.000"
    assert first.other.value == "2026-05-14 09:00:36.100"
    assert (first.start, last.end) == (at(30), at(60))
    # One of two parts ends where the other begins, and a photo has no bounds.
    assert filmed(make_log, (36.1, 45.0), (45.0, 66.1)) == []
    assert filmed(make_log, (36.1, 66.1), kind="photo") == []


def names(make_log: MakeLog, *aircraft: parsers.Aircraft) -> list[str]:
    """Return what logs of some aircraft differ on."""
    logs = [on(make_log(path(9), name=f"log {n}", aircraft=it), n) for n, it in enumerate(aircraft)]
    return [it.text for it in identity_disagreements(logs)]


def test_logs_name_one_aircraft_if_they_share_a_name(make_log: MakeLog) -> None:
    def known(
        serial: str | None = None, controller: str | None = None, model: str | None = None
    ) -> parsers.Aircraft:
        return parsers.Aircraft(serial=serial, flight_controller_serial=controller, model=model)

    assert names(make_log, known("A1", "F1"), known("A1", "F2"), known("B2", "F2")) == []
    assert names(make_log, known("A1"), known(), known("B2"), known("A1")) == [
        "the aircraft's serial number is given as A1 by log 0 and log 3, as B2 by log 2"
    ]
    models = [known(model=it) for it in ("Mini 3", "Mini 3 Pro", "Mini 3 Cine")]
    # What each of them shares with the first is enough.
    assert names(make_log, *models) == []
    assert names(make_log, *models[1:]) == [
        "the aircraft's model is given as Mini 3 Pro by log 0, as Mini 3 Cine by log 1"
    ]
