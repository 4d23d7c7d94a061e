"""Which captures of a flight's logs are one, whose times it has, and how its sources are named."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights._columns_with_values import NAT_NS
from dji_audit.flights._split_logs import split_by_flight
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.join._flight_assembly import log_part_in_flight
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from dji_audit.flights.merge._aligned_segments import AlignedSegment
from dji_audit.flights.merge._merge_media_captures import (
    MediaCaptureGroup,
    MediaCaptureObservation,
    _capture_groups_by_duration,
    _capture_observations,
    _capture_rows_near_interval,
    _earlier_file_count_by_log,
    _files_cover_interval,
    _group_observations_of_kind,
    _interval_overlap_share,
    _longest_observation_of_each_shutter_event,
    _matching_group_of_each_photo,
    _matching_group_of_each_recording,
    _merged_rows_of_group,
    merge_media_captures,
)
from tests.dji_audit.conftest import BEGIN, MakeLog
from tests.dji_audit.flights.test_join import media, path, sha

BEST, *_, WORST = parsers.GRADES


def seen(
    start: float | None = 0.0,
    end: float | None = None,
    index: int = 0,
    *,
    unsure_s: float = 0.0,
    key: str = "",
    event: str = "",
    sensor: str = "unknown",
    **row: Any,
) -> MediaCaptureObservation:
    """Return a capture as a log shows it, seconds after 1970; without an end it is an instant."""
    start_ns, end_ns = (NAT_NS if it is None else round(it * 1e9) for it in (start, end))
    values: dict[str, Any] = {
        "start": pd.Timestamp(start_ns, tz="UTC"), "end": pd.NaT, "kind": "video",
        "sensor": sensor, "file": None, "source": f"log {index}", "grade": BEST,
        "source_offset": 10 * index,
    } | row  # fmt: skip
    return MediaCaptureObservation(
        index, key or f"log {index:06}", event or f"{start}", start_ns,
        start_ns if end is None else end_ns, unsure_s, values,
    )  # fmt: skip


def groups(*observations: MediaCaptureObservation, kind: str = "photo") -> list[MediaCaptureGroup]:
    return [MediaCaptureGroup(kind, [it]) for it in observations]


# Intervals


@pytest.mark.parametrize(
    ("one", "other", "unsure_s", "share"),
    [
        ((0, 10), (5, 25), 0.0, 0.5), ((0, 10), (2, 8), 0.0, 1.0), ((0, 10), (10, 20), 0.0, 0.0),
        ((0, 10), (12, 20), 0.0, -0.25), ((0, 40), (30, 50), 0.0, 0.5),
        # An instant is within an interval or not.
        ((5, 5), (0, 10), 0.0, 1.0), ((0, 10), (10, 10), 0.0, 1.0), ((0, 10), (11, 11), 0.0, 0.0),
        # An interval of no more than twice both errors is one with what it may touch.
        ((0, 4), (6, 16), 1.0, 1.0), ((0, 4), (6.1, 16), 1.0, 0.0), ((0, 4), (1, 16), 1.0, 1.0),
        ((0, 5), (6, 16), 1.0, -0.2), ((0, 5), (4, 16), 1.0, 0.2),
    ],
)  # fmt: skip
def test_two_intervals_share_a_part_of_the_shorter(
    one: tuple[float, float], other: tuple[float, float], unsure_s: float, share: float
) -> None:
    """Each of the two may be off by as much."""
    first, second = seen(*one, unsure_s=unsure_s), seen(*other, unsure_s=unsure_s)
    assert _interval_overlap_share(first, second) == pytest.approx(share)
    assert _interval_overlap_share(second, first) == pytest.approx(share)


def test_a_recording_is_one_with_that_of_which_it_shares_most() -> None:
    known = groups(seen(0, 10), seen(6, 16), seen(40, 50), kind="video")
    found = _matching_group_of_each_recording(
        known, [[seen(5, 15)], [seen(44, 46)], [seen(5, 11)], [seen(45, 55)], [seen(45.1, 55.1)]]
    )
    assert found == [known[1], known[2], known[0], known[2], None]
    # Of two that it shares alike, the first.
    assert _matching_group_of_each_recording(known, [[seen(3, 13)]]) == [known[0]]
    assert _matching_group_of_each_recording([], [[seen(3, 13)]]) == [None]


@pytest.mark.parametrize(
    ("files", "covers"),
    [
        ([(0, 80)], True), ([(0, 79.9)], False), ([(0, 40), (60, 100)], True),
        ([(0, 40), (60, 99.9)], False), ([(-50, 79.9)], False), ([(20, 150)], True),
        ([(-90, -10), (0, 79)], False), ([], False),
    ],
)  # fmt: skip
def test_files_that_show_four_fifths_of_an_interval_show_it(
    files: list[tuple[float, float]], covers: bool
) -> None:
    shown = [seen(*it) for it in files]
    assert _files_cover_interval(shown, seen(0, 100)) == covers
    assert _files_cover_interval(shown, seen(50))


def test_files_of_one_press_lie_over_one_another() -> None:
    short, long = seen(0, 40, event="a"), seen(0, 50, event="a")
    alike, other = seen(1, 51, event="a"), seen(90, 120, event="b")
    assert _longest_observation_of_each_shutter_event([short, long, alike, other]) == [long, other]
    assert not _files_cover_interval([short, long], seen(0, 90))
    assert _files_cover_interval([short, replace(long, shutter_event="b")], seen(0, 90))


# Photos


@pytest.mark.parametrize(
    ("unsure_s", "other_s", "most_s"), [(0, 0, 1.2), (1, 0, 2.2), (0, 1, 2.2), (1, 9, 11.2)]
)
@pytest.mark.parametrize("side", [-1, 1])
def test_photos_are_one_within_the_errors_of_both_clocks(
    unsure_s: float, other_s: float, most_s: float, side: int
) -> None:
    known = groups(seen(100, unsure_s=other_s))
    for away_s, found in ((most_s, known[0]), (most_s + 1e-6, None)):
        photo = seen(100 + side * away_s, unsure_s=unsure_s)
        assert _matching_group_of_each_photo(known, [[photo]]) == [found]


def test_a_photo_is_one_with_the_nearest_and_with_no_other() -> None:
    """Groups out of order: those at 10 and at 11 s are near both photos."""
    known = groups(seen(50), seen(11), seen(10))
    assert _matching_group_of_each_photo(known, [[seen(10.9)], [seen(10.8)]]) == [
        known[1],
        known[2],
    ]
    assert _matching_group_of_each_photo(known, [[seen(10.1)], [seen(10.2)], [seen(49.5)]]) == [
        known[2], known[1], known[0],
    ]  # fmt: skip
    assert _matching_group_of_each_photo(known, [[seen(10.0)], [seen(10.9)], [seen(10.95)]]) == [
        known[2], None, known[1],
    ]  # fmt: skip


def test_captures_are_grouped_log_by_log_and_files_last() -> None:
    files = [seen(10, index=it, key="files", event="DJI_1", sensor=f"{it}") for it in (3, 4)]
    record, other = seen(10.5, index=2), seen(10.2, index=1)
    timeless = seen(None, index=1)
    found = _group_observations_of_kind([*files, record, timeless, other], "photo")
    assert [it.observations for it in found] == [[other, record, *files], [timeless]]
    assert [it.kind for it in found] == ["photo", "photo"]
    # Two photos of one log are never one.
    alone = _group_observations_of_kind([seen(10, event="a"), seen(10.1, event="b")], "photo")
    assert [len(it.observations) for it in alone] == [1, 1]
    parts = [seen(0, 4, 1, key="files", event="a"), seen(5, 9, 1, key="files", event="b")]
    (whole,) = _group_observations_of_kind([seen(0, 9), *parts], "video")
    assert whole.observations == [seen(0, 9), *parts]


# Rows


def rows(*observations: MediaCaptureObservation) -> list[tuple[Any, ...]]:
    """Return sensor, start in seconds, file and sources of each row of a group."""
    return [
        (it.columns["sensor"], it.columns["start"].timestamp(), it.columns["file"],  # type: ignore[attr-defined]
         [index for index, _ in it.locations])
        for it in _merged_rows_of_group(MediaCaptureGroup("video", list(observations)))
    ]  # fmt: skip


def test_each_sensor_that_a_source_names_has_a_row() -> None:
    record = seen(0, 100, 0)
    wide = seen(1, 99, 1, key="files", event="a", sensor="wide", file="W")
    thermal = seen(2, 98, 2, key="files", event="a", sensor="thermal", file="T")
    # The record, which names no sensor, times both of them.
    assert rows(record, wide, thermal) == [
        ("thermal", 0.0, "T", [0, 2]), ("wide", 0.0, "W", [0, 1]),
    ]  # fmt: skip
    # A file that shows too little of it is timed by itself.
    short = replace(wide, start_ns=40 * 10**9, end_ns=60 * 10**9)
    short.row["start"] = pd.Timestamp(40, unit="s", tz="UTC")
    assert rows(record, short) == [("wide", 40.0, "W", [1, 0])]
    assert rows(record) == [("unknown", 0.0, None, [0])]
    # A record that names a sensor is no source of another.
    named = seen(0, 100, 0, sensor="wide")
    assert rows(named, wide, thermal) == [
        ("thermal", 2.0, "T", [2]), ("wide", 0.0, "W", [0, 1]),
    ]  # fmt: skip
    # Only a file gives the name of the file.
    assert rows(seen(0, 9, 0, file="as the log says"), seen(0, 9, 1))[0][2] == "as the log says"
    unnamed = seen(0, 9, 1, key="files", file=None)
    assert rows(seen(0, 9, 0, file="as the log says"), unnamed)[0][2] == "as the log says"


@pytest.mark.parametrize(
    ("count", "source"), [(1, "s0"), (3, "s0; also: s1; also: s2"),
                          (4, "s0; also: s1; also: s2; also: 1 more")],
)  # fmt: skip
def test_three_sources_are_named(count: int, source: str) -> None:
    shown = [seen(0, 9, it, source=f"s{it}", grade=WORST) for it in range(count)]
    repeated = seen(0, 9, 9, source="s0", grade=BEST)
    (row,) = _merged_rows_of_group(MediaCaptureGroup("video", [*shown, repeated]))
    assert (row.columns["source"], row.columns["grade"]) == (source, BEST)
    odd = seen(0, 9, source="s0", grade="of no kind")
    (row,) = _merged_rows_of_group(MediaCaptureGroup("video", [odd, *shown]))
    assert row.columns["grade"] == WORST


# Tables


def aligned(log: parsers.Log, index: int, **member: Any) -> AlignedSegment:
    """Return the only part of a log that states UTC, within a second and a half."""
    alignment = ClockAlignment("a clock", "utc", 0.0, 1.5)
    (one,) = summarise_each_part_of_log(log, index)
    return AlignedSegment(
        replace(log_part_in_flight(one, alignment), **member), split_by_flight(log)[0], alignment
    )


def shots(*bounds: tuple[float | None, float | None], **more: Any) -> list[dict[str, Any]]:
    base = {"kind": "video", "sensor": "visible", "source": "s"} | more
    return [{**base, "start": start, "end": end} for start, end in bounds]


@pytest.mark.parametrize(
    ("format_", "count", "key", "events"),
    [
        ("dji-photo", 2, "files", ["DJI_1", "DJI_1"]),
        ("dji-mrk", 3, "log 000000", ["000000", "000001", "000002"]),
        ("made-by-hand", 1, "log 000000", ["000000"]),
    ],
)
def test_a_media_file_shows_two_captures_at_most(
    make_log: MakeLog, format_: str, count: int, key: str, events: Sequence[str]
) -> None:
    """A table of shutter marks lists photos and is not the file of one."""
    bounds = [(10.0 * it, None) for it in range(count)]
    log = media(make_log(captures=shots(*bounds, kind="photo"), name="DJI_1_T.JPG"), format_)
    found = list(_capture_observations([aligned(log, 0)]))
    assert [it.source_key for it in found] == [key] * count
    assert [it.shutter_event for it in found] == events
    # Without an end it is an instant.
    assert [it.start_ns for it in found] == [it.end_ns for it in found]
    assert {it.uncertainty_s for it in found} == {1.5}
    copy = aligned(log, 0, copy_of=(1, 1))
    assert list(_capture_observations([copy])) == []


def test_captures_stand_in_order_of_time_and_those_without_one_last(make_log: MakeLog) -> None:
    log = make_log(captures=shots((None, None), (30.0, 40.0), (5.0, None), sensor="unknown"))
    whole = merge_media_captures([aligned(log, 7)])
    since = (whole.table["start"] - BEGIN).dt.total_seconds().tolist()
    assert since[:2] == [5.0, 30.0]
    assert pd.isna(whole.table["start"].iloc[2])
    assert whole.table["end"].isna().tolist() == [True, False, True]
    assert whole.table["source_index"].tolist() == [0, 0, 0]
    assert whole.table.dtypes["source_index"] == np.int16
    assert [it.kind for it in whole.groups] == ["video"] * 3
    assert whole.sources == (((0, 0),),) * 3
    nothing = merge_media_captures([aligned(make_log(path(9)), 0)])
    assert (len(nothing.table), nothing.sources, nothing.groups) == (0, (), ())
    assert list(nothing.table.columns) == [*parsers.CAPTURES, "source_index"]


@pytest.mark.parametrize("photo_sensor", ["zoom", "visible"])
def test_the_files_of_a_divided_recording_are_one_row_for_each_sensor(
    make_log: MakeLog, photo_sensor: str
) -> None:
    """The third goes on where the second ends, and that where the first does; a photo does not."""
    found = []
    for number, (start, end) in enumerate(((60.0, 90.0), (0.0, 30.0), (30.0, 60.0))):
        captures = shots((start, end), file=f"DJI_{number}")
        captures += shots((start, end), file=f"DJI_{number}", sensor="thermal")
        captures += shots((start + 1, None), kind="photo", file="photo", sensor=photo_sensor)
        log = make_log(captures=captures, name=f"DJI_{number}.MP4", sha256=sha(number))
        before = {0: (2, 1), 2: (1, 1)}.get(number)
        found.append(aligned(media(log, "video"), number, next_file_of=before))
    table = merge_media_captures(found).table
    videos = table[table["kind"] == "video"]
    assert sorted(videos["sensor"]) == ["thermal", "visible"]
    assert set(videos["file"]) == {"DJI_1; DJI_2; DJI_0"}
    assert set(videos["start"]) == {BEGIN}
    assert set(videos["end"]) == {BEGIN + pd.Timedelta(seconds=90)}
    assert len(table) - len(videos) == 3
    alone = merge_media_captures([found[1]]).table
    assert sorted(alone["file"].tolist()) == ["DJI_1", "DJI_1", "photo"]


def test_a_file_has_as_many_before_it_as_its_recording_has() -> None:
    assert _earlier_file_count_by_log({5: 2, 2: 9, 7: 4}) == {2: 1, 5: 2, 7: 1}
    assert _earlier_file_count_by_log({}) == {}
    # Files that go on in a circle have none that is the first.
    assert _earlier_file_count_by_log({1: 2, 2: 1}) == {}


# Cost


def test_recordings_near_one_another_are_matched_as_if_all_were_compared() -> None:
    random = np.random.default_rng(14)
    for _ in range(40):
        known = [
            seen(float(start), float(start + length), unsure_s=float(unsure))
            for start, length, unsure in zip(
                random.integers(0, 400, 50), random.integers(0, 120, 50),
                random.integers(0, 4, 50), strict=True,
            )
        ]  # fmt: skip
        mine = groups(*known, kind="video")
        intervals = [
            [seen(float(start), float(start + length), index=1, unsure_s=1.0)]
            for start, length in zip(
                random.integers(0, 400, 20), random.integers(0, 120, 20), strict=True
            )
        ]
        for interval, found in zip(
            intervals, _matching_group_of_each_recording(mine, intervals), strict=True
        ):
            shares = [
                _interval_overlap_share(interval[0], group.best_observation) for group in mine
            ]
            best = mine[int(np.argmax(shares))] if max(shares) >= 0.5 else None
            assert found is best


@pytest.mark.parametrize("apart_s", [0.0, 0.01, 20.0])
@pytest.mark.parametrize("kind", ["photo", "video"])
def test_each_capture_is_compared_with_a_bounded_number_of_others(
    monkeypatch: pytest.MonkeyPatch, kind: str, apart_s: float
) -> None:
    """Thousands of captures, at one instant or far apart: what is looked at grows with them."""
    looked_at = Counter[str]()

    def counted(group: MediaCaptureGroup) -> MediaCaptureObservation:
        looked_at[kind] += 1
        return group.observations[0]

    monkeypatch.setattr(MediaCaptureGroup, "best_observation", property(counted))
    length = 10.0 if kind == "video" else None
    costs = []
    for count in (500, 2000):
        looked_at.clear()
        made = [
            seen(apart_s * number, None if length is None else apart_s * number + length,
                 index=index, key=f"log {index}", event=f"{number:06}")
            for index in (0, 1)
            for number in range(count)
        ]  # fmt: skip
        found = _group_observations_of_kind(made, kind)
        costs.append(looked_at[kind])
        if kind == "photo" or apart_s == 20.0:
            assert len(found) == count
            assert all(len(group.observations) == 2 for group in found)
    assert costs[1] < 6 * costs[0]
    assert costs[1] < 2000 * 150


# Very many captures


@pytest.mark.parametrize(
    ("before", "after", "first", "last"),
    [
        (100, 100, 68, 131), (100, 10, 46, 109), (10, 100, 0, 63), (63, 1, 0, 63), (63, 2, 1, 64),
    ],
)  # fmt: skip
def test_a_photo_is_looked_for_among_the_64_groups_around_it(
    before: int, after: int, first: int, last: int
) -> None:
    """None is near but one, whose clock errs by nine seconds."""
    around = [-1.3 - 0.05 * n for n in reversed(range(before))]
    around += [1.3 + 0.05 * n for n in range(after)]
    for row, is_found in ((first, True), (last, True), (first - 1, False), (last + 1, False)):
        if 0 <= row < len(around):
            known = groups(
                *(seen(100 + at, unsure_s=9.0 * (n == row)) for n, at in enumerate(around))
            )
            expected = known[row] if is_found else None
            assert _matching_group_of_each_photo(known, [[seen(100)]]) == [expected]


def test_the_second_photo_of_an_instant_is_looked_for_one_group_later() -> None:
    around = [
        *(-1.3 - 0.05 * n for n in reversed(range(100))),
        *(1.3 + 0.05 * n for n in range(99)),
    ]
    known = groups(*(seen(100 + at, unsure_s=9.0 * (n == 132)) for n, at in enumerate(around)))
    found = _matching_group_of_each_photo(known, [[seen(100)], [seen(100)], [seen(100.01)]])
    assert found == [None, known[132], None]


def test_recordings_are_looked_for_by_the_power_of_two_of_their_length() -> None:
    lengths_s = (3e-9, 4e-9, 0.0, 7e-9, 8e-9)
    known = groups(*(seen(0, length) for length in lengths_s), kind="video")
    turned = MediaCaptureGroup("video", [seen(5, 4)])
    unsure = MediaCaptureGroup("video", [seen(-1, -1 + 5e-9, unsure_s=2.0)])
    found = _capture_groups_by_duration([*known, turned, unsure])
    assert [(each.longest_ns, each.error_ns, each.rows) for each in found] == [
        (1, 0, [2, 5]), (4, 0, [0]), (8, 2 * 10**9, [6, 1, 3]), (16, 0, [4]),
    ]  # fmt: skip
    assert found[2].starts.tolist() == [-(10**9), 0, 0]


@pytest.mark.parametrize(
    ("step_s", "start", "end", "first", "last"),
    [
        # Those that begin between the longest before its start, and its end.
        (1.0, 100.0, 110.0, 83, 110), (1.0, 100.0, 109.9, 83, 109), (1.0, 0.0, 5.0, 0, 5),
        # Of more than 64 those that begin next to it.
        (0.1, 10.0, 19.0, 68, 131), (1.0, 100.0, 199.0, 83, 146), (0.1, 19.0, 99.0, 136, 199),
    ],
)  # fmt: skip
def test_a_recording_is_looked_for_among_those_that_begin_near_it(
    step_s: float, start: float, end: float, first: int, last: int
) -> None:
    """Recordings of ten seconds: none of that power of two is longer than 17.2."""
    known = groups(*(seen(step_s * n, step_s * n + 10) for n in range(200)), kind="video")
    by_length = _capture_groups_by_duration(known)
    found = list(_capture_rows_near_interval(by_length, seen(start, end)))
    assert (found[0], found[-1], len(found)) == (first, last, last - first + 1)
