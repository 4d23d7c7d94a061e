"""Which flight a recording joins, and when recordings that match none are a flight."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.clock._track_alignment import median_distance_m
from dji_audit.flights.join._align_local_clocks import match_flight_by_local_clock
from dji_audit.flights.join._flight_assembly import FlightCandidate, LogPartInFlight
from dji_audit.flights.join._flight_index import FlightIndex
from dji_audit.flights.join._join_logs import join_logs
from dji_audit.flights.join._join_media import (
    _media_alignment_with_matching_flight,
    _recording_sort_key,
    join_media_and_return_unjoined_log_parts,
)
from dji_audit.flights.join._log_summary import LogSummary, summarise_each_part_of_log
from dji_audit.flights.join._match_score import score_match, track_distance_while_moving_m
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_join import media, on_its_own_clock, path
from tests.dji_audit.flights.test_thresholds import straight, summary, wave

HOUR = 3600.0
A1, B2 = frozenset({"A1"}), frozenset({"B2"})


def clip(start: float, end: float, north_m: float = 0.0, **more: Any) -> LogSummary:
    """Return a recording with a local clock on a way north at 10 m/s."""
    track = straight(np.linspace(start, end, 11).tolist(), north_m=north_m)
    values: dict[str, Any] = {
        "format": "dji-srt", "is_media": True, "clock_kind": "wall", "track": track
    } | more  # fmt: skip
    return summary(start, end, **values)


def file(**more: Any) -> LogSummary:
    """Return a media file that states neither time nor position."""
    return summary(None, None, **({"is_media": True, "clock_kind": "none"} | more))


def joined(
    *files: LogSummary, flights: Sequence[LogSummary] = (), timezone: str | None = None
) -> tuple[list[FlightCandidate], tuple[LogPartInFlight, ...]]:
    """Return the flights after media were joined to some, and the media of none."""
    index, candidates = FlightIndex(), list[FlightCandidate]()
    for number, one in enumerate(flights):
        candidates.append(known(replace(one, log_index=50 + number, id=f"known-{number}")))
        index.add_flight(candidates[-1])
    numbered = [replace(it, log_index=number) for number, it in enumerate(files)]
    return candidates, join_media_and_return_unjoined_log_parts(
        numbered, index, candidates, timezone
    )


def known(one: LogSummary) -> FlightCandidate:
    return FlightCandidate(one, 0.0, [], [one])


# Recordings that go on


@pytest.mark.parametrize(
    ("pause_s", "away_m", "flights"),
    [
        (0.0, 29.5, 1), (0.0, 30.5, 2), (4.0, 129.5, 1), (4.0, 130.5, 2),
        # An overlap of a second is one of clocks, and allows no way.
        (-1.0, 29.5, 1), (-1.0, 30.5, 2), (-1.1, 0.0, 2),
        (120.0, 3000.0, 1), (120.1, 0.0, 2),
    ],
)  # fmt: skip
def test_a_recording_goes_on_within_two_minutes_and_reach(
    pause_s: float, away_m: float, flights: int
) -> None:
    """30 m, and 25 m for each second of the pause."""
    first = clip(5000.0, 5100.0, name="x/a")
    found, unjoined = joined(
        clip(5100.0 + pause_s, 5200.0, 1000.0 + away_m, name="x/b"), first
    )  # fmt: skip
    assert (len(found), unjoined) == (flights, ())
    if flights == 1:
        (flight,) = found
        assert [member.log_index for member in flight.members] == [1, 0]
        assert flight.members[1].alignment.reason == "it goes on where x/a ends"
        assert not flight.members[1].alignment.is_aligned


@pytest.mark.parametrize(
    ("odd", "flights"),
    [
        ({}, 1), ({"name": "y/b"}, 2), ({"clock_kind": "elapsed"}, 2), ({"serials": B2}, 2),
        ({"serials": A1}, 1), ({"serials": frozenset()}, 1), ({"camera_serial": "C1"}, 2),
    ],
)  # fmt: skip
def test_a_recording_goes_on_in_one_folder_by_one_camera_and_clock(
    odd: dict[str, Any], flights: int
) -> None:
    first = clip(5000.0, 5100.0, name="x/a", serials=A1)
    second = clip(5101.0, 5200.0, 1000.0, **({"name": "x/b", "serials": A1} | odd))
    assert len(joined(first, second)[0]) == flights


@pytest.mark.parametrize(
    ("end", "start", "is_further_file"),
    [
        (5100.0, 5102.0, True), (5100.0, 5102.1, False), (5100.0, 5099.0, True),
        # A local clock may show 1970.
        (0.0, 2.5, False), (-2.5, 0.0, False), (-1.5, 0.0, True),
    ],
)  # fmt: skip
def test_a_recording_that_begins_within_two_seconds_is_a_further_file(
    end: float, start: float, is_further_file: bool
) -> None:
    first = clip(end - 100, end, name="a", segment_number=3)
    (flight,), _ = joined(first, clip(start, start + 50, 1000.0, name="b"))
    assert flight.members[1].next_file_of == ((0, 3) if is_further_file else None)


def test_recordings_go_on_one_after_another() -> None:
    """Given out of order; each begins 20 s after the one before it ends."""
    parts = [clip(5000.0 + 120 * n, 5100.0 + 120 * n, 1200.0 * n, name=f"{n}") for n in range(3)]
    (flight,), _ = joined(parts[1], parts[2], parts[0])
    assert [member.log_index for member in flight.members] == [2, 0, 1]
    # The last is too far from the first, which is not before it.
    assert len(joined(parts[0], parts[2])[0]) == 2


def test_recordings_are_joined_in_order_of_time_and_those_with_a_track_first() -> None:
    late, early = clip(200.0, 300.0), clip(0.0, 100.0)
    two = summary(50.0, 60.0, track=straight([50, 60]))
    one, none = summary(10.0, 10.0, track=straight([10])), file()
    timeless = summary(None, None, track=straight([0, 9]))
    ordered = [early, two, late, timeless, one, none]
    assert sorted(reversed(ordered), key=_recording_sort_key) == ordered


# Captures of several files


@pytest.mark.parametrize(
    ("start", "is_of_capture"),
    [
        (5000.0, True),
        (5160.0, True),
        (5160.5, False),
        (4940.0, True),
        (4939.5, False),
        (9e7, False),
    ],
)
def test_a_file_of_the_same_name_made_at_another_time_is_another_capture(
    start: float, is_of_capture: bool
) -> None:
    """Cameras count to 9999 and begin again, and a card may hold both."""
    track = clip(5000.0, 5100.0, name="DJI_0001_W.SRT", clock_kind="wall")
    photo = summary(start, start, name="DJI_0001_T.JPG", is_media=True, clock_kind="wall")
    (flight,), unjoined = joined(photo, track)
    assert (len(flight.members), len(unjoined)) == ((2, 0) if is_of_capture else (1, 1))
    # A clock without a date says nothing of it.
    elapsed = replace(photo, start=9e7, end=9e7, clock_kind="elapsed")
    assert joined(elapsed, track)[1] == ()


def test_of_two_captures_of_one_name_a_file_follows_the_one_of_its_time() -> None:
    tracks = [
        clip(start, start + 100.0, name=f"DJI_0001_{lens}.SRT", clock_kind="wall")
        for start, lens in ((5000.0, "W"), (900_000.0, "Z"))
    ]
    at = 900_050.0
    photo = summary(at, at, name="DJI_0001_T.JPG", is_media=True, clock_kind="wall")
    flights, unjoined = joined(photo, *tracks)
    assert unjoined == ()
    assert [[member.log_index for member in flight.members] for flight in flights] == [[1], [2, 0]]


def test_a_file_without_time_follows_the_only_flight_of_its_capture() -> None:
    track = clip(5000.0, 5100.0, name="DJI_0001_W.SRT")
    (flight,), unjoined = joined(file(name="DJI_0001_T.MP4"), track)
    assert unjoined == ()
    assert flight.members[1].alignment.reason == "another file of the same capture gives the time"
    shown = [
        summary(at, at, name=name, is_media=True)
        for at, name in ((550.0, "DJI_0001_W.JPG"), (9050.0, "DJI_0001_Z.JPG"))
    ]
    two = [summary(500.0, 600.0), summary(9000.0, 9100.0)]
    flights, (alone,) = joined(file(name="DJI_0001_T.MP4"), *shown, flights=two)
    assert [len(it.members) for it in flights] == [1, 1]
    assert alone.alignment.reason == "it states no time"
    flights, (alone,) = joined(file(name="DJI_0002_T.MP4"), track)
    assert (len(flights), alone.alignment.reason) == (1, "it states no time")


def test_a_file_with_a_time_follows_a_flight_of_recordings_and_not_of_records() -> None:
    """A photo half a minute after the flight, of the same number; and one two hours after it."""
    photo = summary(630.0, 630.0, name="DJI_0001_T.JPG", is_media=True)
    track = clip(500.0, 600.0, name="DJI_0001_W.SRT", clock_kind="utc")
    (flight,), unjoined = joined(photo, track)
    assert unjoined == ()
    assert [(it.log_index, it.alignment.method) for it in flight.members] == [
        (1, "utc"), (0, "utc"),
    ]  # fmt: skip
    later = replace(photo, start=9000.0, end=9000.0)
    assert [it.log_index for it in joined(later, track)[1]] == [0]
    record = summary(500.0, 600.0, track=track.track)
    (flight,), (left,) = joined(later, track, flights=[record])
    assert [it.log_index for it in flight.members] == [1]
    assert (left.log_index, left.alignment.reason) == (0, "it matches no flight")


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"clock_kind": "none"}, "it states no time"),
        ({"clock_kind": "wall"}, "the time zone of its clock is not known"),
        ({"clock_kind": "utc", "start": 9.0, "end": 9.0}, "it matches no flight"),
        ({"not_flown_because": "it shows the ground"}, "did not fly: it shows the ground"),
    ],
)
def test_a_file_of_no_flight_says_why(odd: dict[str, Any], reason: str) -> None:
    flights, (left,) = joined(replace(file(), **odd))
    assert (flights, left.alignment.reason) == ([], reason)


def test_a_file_whose_declared_time_matches_no_flight_says_both() -> None:
    photo = summary(9 * HOUR, 9 * HOUR, is_media=True, clock_kind="wall")
    _, (left,) = joined(photo, timezone="Etc/GMT-1")
    assert left.alignment.reason == "the user declared Etc/GMT-1: UTC+01:00; it matches no flight"
    assert (left.alignment.offset_s, left.alignment.timezone_s) == (-HOUR, HOUR)


def test_one_fix_starts_no_flight_and_two_do() -> None:
    one = replace(clip(0.0, 0.0), track=straight([0]))
    flights, (left,) = joined(one)
    assert (flights, left.alignment.reason) == ([], "the time zone of its clock is not known")
    flights, unjoined = joined(replace(one, track=straight([0, 1])))
    assert (len(flights), unjoined) == (1, ())


def test_a_recording_that_matches_no_flight_starts_one_by_its_declared_time() -> None:
    (flight,), _ = joined(clip(9 * HOUR, 9 * HOUR + 100), timezone="Etc/GMT-1")
    assert (flight.offset_s, flight.start) == (-HOUR, 8 * HOUR)
    assert flight.members[0].alignment.method == "declared"
    (flight,), _ = joined(clip(9 * HOUR, 9 * HOUR + 100))
    assert (flight.offset_s, flight.members[0].alignment.method) == (None, "unaligned")


def test_a_recording_that_matches_two_flights_alike_starts_its_own_and_names_both() -> None:
    way = wave(np.arange(0.0, 400.0))
    record = summary(0.0, 400.0, track=way)
    part = wave(np.arange(100.0, 300.0)).shifted(HOUR)
    film = summary(part.start, part.end, track=part, is_media=True, clock_kind="wall")
    flights, _ = joined(film, flights=[record, record])
    assert [it.summary.id for it in flights] == ["known-0", "known-1", "a-1"]
    (member,) = flights[2].members
    assert [it.flight_id for it in member.alternative_flights] == ["known-0", "known-1"]
    # With one flight there is no doubt.
    (flight,), _ = joined(film, flights=[record])
    (member,) = flight.members
    assert member.alignment.offset_s == pytest.approx(-HOUR, abs=0.1)
    assert member.alternative_flights == ()


def test_a_clock_of_unknown_error_may_be_a_second_off() -> None:
    """A fix 15 m ahead on a way at 10 m/s lies 5 m from where it was within a second."""
    record = summary(0.0, 100.0, track=straight(range(101)))
    index = FlightIndex()
    index.add_flight(known(record))
    for unsure_s, distance_m in ((None, 5.0), (1.0, 5.0), (0.0, 15.0), (1.5, 0.0)):
        photo = summary(
            50.0, 50.0, track=straight([50], north_m=515.0), is_media=True, log_index=1
        )  # fmt: skip
        found = _media_alignment_with_matching_flight(
            photo, ClockAlignment("a", "utc", 0.0, unsure_s), None, index
        )
        assert found.match is not None
        assert found.match.distance_m == pytest.approx(distance_m, abs=0.05)


def test_a_file_of_another_aircraft_is_of_no_flight_though_all_else_agrees() -> None:
    """It states no position; with the serial number missing or the same it is of the flight."""
    record = summary(0.0, 100.0, serials=A1, power_on=0.0, track=straight(range(101)))
    for serials, is_joined in ((A1, True), (frozenset(), True), (B2, False)):
        photo = summary(50.0, 50.0, serials=serials, power_on=0.0, is_media=True)
        _, unjoined = joined(photo, flights=[record])
        assert (unjoined == ()) == is_joined


@pytest.mark.parametrize(("start", "is_joined"), [(10.0, True), (10.2, False), (-10.0, True)])
def test_of_a_file_without_position_nine_tenths_must_lie_in_the_flight(
    start: float, is_joined: bool
) -> None:
    """Time alone allows a score of two thirds, and 0.6 is the least that joins."""
    record = summary(0.0, 100.0, track=straight(range(101)))
    film = summary(start, start + 100, is_media=True)
    _, unjoined = joined(film, flights=[record])
    assert (unjoined == ()) == is_joined


def photo_and_flights(
    at: float, times: Sequence[float], east_m: Sequence[float], **photo: Any
) -> tuple[LogSummary, list[LogSummary]]:
    """Return a photo, and flights at some times that passed it so far in the east."""
    flights = [
        summary(time - 50, time + 50, track=straight((time + np.arange(-50.0, 51)).tolist(),
                                                     east_m=away_m))
        for time, away_m in zip(times, east_m, strict=True)
    ]  # fmt: skip
    return (
        summary(at, at, track=straight([at], north_m=500.0), is_media=True, name="x.JPG", **photo),
        flights,
    )


@pytest.mark.parametrize(
    ("east_m", "joins"),
    [((0.0, 22.0), 0), ((22.0, 0.0), 1), ((0.0, 17.5), 0), ((0.0, 17.0), None),
     ((17.0, 0.0), None), ((0.0, 14.0), None), ((0.0, 5000.0), 0)],
)  # fmt: skip
def test_a_photo_joins_the_flight_that_it_matches_better_by_a_tenth(
    east_m: tuple[float, float], joins: int | None
) -> None:
    """Fixes are ten metres apart: beyond 15 m each metre takes 0.044 from the score."""
    photo, records = photo_and_flights(1000.0, (1000.0, 1000.0), east_m)
    flights, unjoined = joined(photo, flights=records)
    assert [len(it.members) for it in flights] == [int(joins == number) for number in range(2)]
    if joins is None:
        (left,) = unjoined
        assert left.alignment.reason == "it matches more than one flight equally well"
        # The better match is the file's own; the other one is the alternative.
        assert [it.flight_id for it in left.alternative_flights] == [f"known-{int(not east_m[0])}"]
        assert left.match is not None
        assert left.match.score == 1.0


@pytest.mark.parametrize(
    ("east_m", "joins"),
    [((0.0, 22.0), 0), ((22.0, 0.0), 1), ((0.0, 17.0), None), ((17.0, 0.0), None)],
)
def test_of_a_time_that_occurs_twice_the_one_that_matches_better_by_a_tenth_is_used(
    east_m: tuple[float, float], joins: int | None
) -> None:
    """Half past one, before and after the clocks were put back."""
    local = pd.Timestamp("2026-10-25 01:30", tz="UTC").timestamp()
    photo, records = photo_and_flights(local, (local - HOUR, local), east_m, clock_kind="wall")
    flights, unjoined = joined(photo, flights=records, timezone="Europe/London")
    assert [len(it.members) for it in flights] == [int(joins == number) for number in range(2)]
    if joins is None:
        (left,) = unjoined
        assert [it.flight_id for it in left.alternative_flights] == ["known-0", "known-1"]
        assert left.match is not None
        assert left.match.score == 1.0
    else:
        (member,) = flights[joins].members
        assert member.alignment.timezone_s == (HOUR, 0.0)[joins]


# Logs with a local clock over several flights


def test_a_local_log_over_two_flights_of_one_log_is_divided_between_them() -> None:
    way = wave(np.arange(0.0, 1000.0))
    parts = [
        summary(start, end, segment_number=number, id=f"a-{number}",
                track=wave(np.arange(start, end + 1)))
        for number, (start, end) in enumerate(((0.0, 400.0), (500.0, 900.0)), 1)
    ]  # fmt: skip
    flights = [known(part) for part in parts]

    def windows(start: float, end: float) -> list[tuple[str, tuple[float | None, float | None]]]:
        track = wave(np.arange(start, end + 1)).shifted(HOUR)
        local = summary(track.start, track.end, track=track, clock_kind="wall", log_index=1)
        found = match_flight_by_local_clock(local, flights, None)
        assert found is not None
        return [
            (it.summary.id, member.window)
            for it, member in zip(found.candidates, found.members, strict=True)
        ]

    (_, (nothing, middle)), (_, (same, end)) = both = windows(0.0, 900.0)
    assert [id_ for id_, _ in both] == ["a-1", "a-2"]
    assert (nothing, end) == (None, None)
    assert middle == same == pytest.approx(HOUR + 450.0, abs=0.2)
    assert windows(50.0, 350.0) == [("a-1", (None, None))]
    assert windows(550.0, 850.0) == [("a-2", (None, None))]
    assert len(way) == 1000


# Spans of logs


def stated(start_s: float | None = 5.0, duration_s: float | None = 60.0) -> Any:
    start = None if start_s is None else BEGIN + pd.Timedelta(seconds=start_s)
    return parsers.LogHeaderTotals("header", 0, start=start, duration_s=duration_s)


def span_of(log: parsers.Log) -> tuple[str, float | None, float | None]:
    """Return clock, start and end of a log, the latter in seconds after 9:00."""
    (one,) = summarise_each_part_of_log(log, 0)
    begin = BEGIN.timestamp()
    return (
        one.clock_kind,
        None if one.start is None else one.start - begin,
        None if one.end is None else one.end - begin,
    )


@pytest.mark.parametrize(
    ("fixes", "captures", "header", "span"),
    [
        # Two fixes are the flight; one is as good as any other row.
        (2, [(50, 70)], None, ("utc", 0.0, 1.0)), (1, [(50, 70)], None, ("utc", 0.0, 70.0)),
        (0, [(50, 70)], None, ("utc", 50.0, 70.0)),
        # Without a track, what the header states counts, before captures.
        (0, [(50, 70)], stated(), ("utc", 5.0, 65.0)), (0, [], stated(), ("utc", 5.0, 65.0)),
        (2, [], stated(), ("utc", 0.0, 1.0)), (0, [], stated(5.0, None), ("utc", 5.0, 5.0)),
        (0, [], stated(None), ("none", None, None)), (0, [], None, ("none", None, None)),
    ],
)  # fmt: skip
def test_a_log_spans_its_fixes_else_what_its_header_states_else_its_rows(
    make_log: MakeLog,
    fixes: int,
    captures: list[tuple[float, float]],
    header: Any,
    span: tuple[str, float | None, float | None],
) -> None:
    shots = [
        {"start": start, "end": end, "kind": "video", "sensor": "visible"}
        for start, end in captures
    ]
    log = make_log(path(fixes) if fixes else None, captures=shots)
    assert span_of(replace(log, header_summary=header)) == span


def test_a_local_clock_is_not_that_of_the_header(make_log: MakeLog) -> None:
    shot = {"start": 50, "end": 70, "kind": "video", "sensor": "visible"}
    local = on_its_own_clock(make_log(captures=[shot]), "wall", HOUR)
    local = replace(local, header_summary=stated())
    assert span_of(local) == ("wall", HOUR + 50, HOUR + 70)


@pytest.mark.parametrize(
    ("kind", "own_clock", "lead_s"),
    [("utc", "wall", HOUR), ("utc", "elapsed", None), ("wall", "wall", None), ("utc", None, None)],
)
def test_a_local_time_beside_utc_shows_the_lead_of_a_clock(
    make_log: MakeLog, kind: str, own_clock: str | None, lead_s: float | None
) -> None:
    """The median of three photos, of which one has no local time and one is 2 s off."""
    shots = [{"start": at, "end": at, "kind": "photo", "sensor": "visible"} for at in (1, 3, 5, 7)]
    log = make_log(captures=shots)
    own = None
    if own_clock is not None:
        own = on_its_own_clock(log, own_clock, HOUR).local_times
        assert own is not None
        captures = own.captures.copy()
        captures[0], captures[1] = np.datetime64("NaT"), captures[1] + np.timedelta64(2, "s")
        own = replace(own, captures=captures)
    log = replace(log, local_times=own)
    if kind == "wall":
        log = replace(on_its_own_clock(log, "wall", HOUR), local_times=own)
    (one,) = summarise_each_part_of_log(media(log, "dji-photo"), 0)
    assert (one.clock_kind, one.wall_clock_lead_s) == (kind, lead_s)


# Scores


@pytest.mark.parametrize("speed", [0.99, 1.01])
def test_an_aircraft_moves_from_a_metre_a_second_on(speed: float) -> None:
    slow = straight((np.arange(20.0) * speed / 10).tolist())
    slow = replace(slow, seconds=np.arange(20.0))
    found = track_distance_while_moving_m(slow, slow, 0.0)
    assert found == (None if speed < 1 else pytest.approx(0.0, abs=1e-6))


def test_the_worse_of_two_distances_of_moving_tracks_counts() -> None:
    """The one moves for its first half only, where the two are together; the other all along."""
    seconds = np.arange(60.0)
    north = np.where(seconds < 20, 10 * seconds, 200.0)
    one = replace(straight(seconds.tolist()), latitude_deg=50 + north / 111_229.0)
    other = straight(seconds.tolist())
    found = track_distance_while_moving_m(one, other, 0.0)
    assert found == track_distance_while_moving_m(other, one, 0.0)
    assert found is not None
    # The median over the minute of 0 m for 20 s, and up to 390 m then.
    assert found == pytest.approx(90.0, abs=10.0)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [(5.0, 8.5, 3.5), (None, 8.5, None), (5.0, None, None), (None, None, None)],
)
def test_two_instants_of_power_on_are_needed_to_compare_them(
    one: float | None, other: float | None, difference: float | None
) -> None:
    match = score_match(summary(power_on=one), summary(power_on=other), 0.0)
    assert match.power_on_difference_s == difference


def test_the_numbers_of_a_match_are_rounded() -> None:
    """To a thousandth; distances to a hundredth."""
    way = straight(np.arange(20.0).tolist())
    aside = replace(way, longitude_deg=way.longitude_deg + 1.23456 / 71_696.0)
    one = summary(0.0, 61.23456, track=way, power_on=1.23456, serials=A1)
    other = summary(20.0, 300.0, track=aside, power_on=0.0, serials=B2)
    match = score_match(one, other, 0.0, 5.678912)
    assert match.overlap == round(41.23456 / 61.23456, 3) == 0.673
    assert (match.distance_m, match.power_on_difference_s) == (5.68, 1.235)
    assert match.score == 0.735
    assert match.moving_distance_m == 1.23


def test_two_clocks_of_utc_without_tracks_are_taken_as_they_are() -> None:
    one = summary(0.0, 100.0, serials=A1, name="a")
    (flight,) = join_logs([one, replace(one, name="b", log_index=1)]).assemblies
    match = flight.members[1].match
    assert match is not None
    assert (match.overlap, flight.members[1].alignment.offset_s) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("uncertainty_s", "away_s", "distance_m"),
    [
        # Steps of a quarter of a second at most, as many to each side ...
        (0.5, 0.25, 0.0), (0.5, -0.25, 0.0), (1.5, 0.25, 0.0), (0.0, 0.25, 2.5), (0.1, 0.25, 1.5),
        # ... and no more than twenty.
        (6.0, 0.3, 0.0), (6.0, 0.15, 1.5), (5.0, 5.0, 0.0), (5.0, 5.5, 5.0),
    ],
)  # fmt: skip
def test_a_distance_is_the_least_at_steps_within_the_uncertainty(
    uncertainty_s: float, away_s: float, distance_m: float
) -> None:
    """A way at 10 m/s."""
    long, fixes = straight(range(101)), straight([40, 41, 42], north_m=400 + 10 * away_s)
    found = median_distance_m(fixes, long, 0.0, uncertainty_s)
    assert found == pytest.approx(distance_m, abs=0.05)


@pytest.mark.parametrize(("away_s", "is_found"), [(87_449.0, True), (87_451.0, False)])
def test_a_flight_that_a_damaged_log_states_for_ever_lasts_a_day(
    away_s: float, is_found: bool
) -> None:
    """In quarters of an hour, and within the error of clocks."""
    index = FlightIndex()
    index.add_flight(known(summary(0.0, 1e9, serials=A1)))
    asked = summary(away_s, away_s, serials=A1, log_index=1)
    assert len(index.candidates_near_in_time_and_place(asked, 0.0)) == is_found


@pytest.mark.parametrize("east_m", [0.0, 500.0, -500.0])
def test_a_flight_that_passed_beside_a_track_is_not_found_by_it(east_m: float) -> None:
    index = FlightIndex()
    index.add_flight(known(summary(0.0, 100.0, track=straight(range(101)))))
    way = straight(range(101), east_m=east_m)
    asked = summary(0.0, 100.0, track=way, clock_kind="elapsed", log_index=1)
    assert len(index.candidates_near_track(asked)) == (east_m == 0)


def test_copies_join_the_flight_of_their_original_and_say_so() -> None:
    """Of records the same to the byte, the part of the same number, start and aircraft."""
    way = straight(range(100))
    first = summary(0.0, 99.0, name="a", track=way, records_sha256="r", serials=A1)
    copy = replace(first, name="b", log_index=1)
    other = replace(first, name="c", log_index=2, serials=frozenset({"A1B2C3"}))
    (flight,) = join_logs([copy, other, first]).assemblies
    members = {it.log_index: it for it in flight.members}
    assert [members[index].copy_of for index in range(3)] == [None, (0, 1), None]
    # The third is of the flight by its track.
    assert [members[index].alignment.method for index in range(3)] == ["reference", "copy", "utc"]
    assert members[1].alignment.reason == "its records are byte for byte those of a"
    match = members[1].match
    assert match is not None
    assert (match.serials_agree, match.overlap, match.score) == (True, 1.0, 1.0)
    grounded = [replace(it, not_flown_because="it stood") for it in (first, copy)]
    found = join_logs(grounded)
    assert (found.assemblies, [it.log_index for it in found.unjoined]) == ((), [0, 1])
