"""The numbers of the clocks of tables: stamps, years, and the fit of a finer count."""

from typing import cast

import numpy as np
import pandas as pd
import pytest

from parsers import Clock
from parsers.dji.csv_export import _times_of_rows
from parsers.dji.csv_export._export_rows import ExportRows
from parsers.dji.csv_export._parse_datetimes import NAT, parse_datetimes
from tests.parsers.read_as_file import read_as_file

SECOND_NS = 10**9


def parsed(*texts: str) -> list[str]:
    instants = parse_datetimes(pd.Series(texts, dtype="str")).ns
    return [
        "" if ns == NAT else str(np.datetime64(int(ns), "ns").astype("datetime64[s]"))
        for ns in instants.tolist()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-01-01 00:00:00", ""),
        ("2010-01-01 00:00:01", "2010-01-01T00:00:01"),
        ("2099-12-31 23:59:59", "2099-12-31T23:59:59"),
        ("2100-01-01 00:00:00", ""),
        ("2018-06-21 24:00:00", ""),
        ("2018-06-21 10:60:00", ""),
        ("2018-06-21 10:00:60.9", "2018-06-21T10:01:00"),
        ("2018-06-21 10:00:61", ""),
        ("6/21/2018 12:30:00 PM", "2018-06-21T12:30:00"),
        ("6/21/2018 12:30:00 AM", "2018-06-21T00:30:00"),
        ("6/21/2018 1:30:00 PM", "2018-06-21T13:30:00"),
        # Twelve can be a month and is one; thirteen is a day.
        ("12/5/2018 10:00:00", "2018-12-05T10:00:00"),
        ("13/5/2018 10:00:00", "2018-05-13T10:00:00"),
        ("31/5/2018 10:00:00", "2018-05-31T10:00:00"),
    ],
)
def test_a_stamp_is_read_up_to_its_limits(text: str, expected: str) -> None:
    assert parsed(text) == [expected]


def fitted(offsets_s: list[float]) -> _times_of_rows.TimesOfRows:
    """Return the times of rows, a second apart, that miss their stamps by some seconds."""
    count = np.arange(len(offsets_s), dtype=np.float64)
    stamps = np.array([(1_600_000_000 + n + off) * 1e9 for n, off in enumerate(offsets_s)])
    return _times_of_rows._times_from_finer_counter("UTC", np.round(stamps).astype(np.int64), count)


def first_s(times: _times_of_rows.TimesOfRows) -> float:
    return float(times.utc_ns[0] - 1_600_000_000 * SECOND_NS) / SECOND_NS


def test_the_greatest_offset_within_three_seconds_counts() -> None:
    assert first_s(fitted([0.0] * 10 + [3.0])) == 3
    assert first_s(fitted([0.0] * 10 + [3.5])) == 0
    assert first_s(fitted([0.0] * 10 + [-3.0])) == 0


def test_nine_rows_of_ten_must_follow_the_count() -> None:
    assert first_s(fitted([0.5] * 9 + [60.0])) == 0.5
    loose = fitted([0.5] * 8 + [60.0] * 2)
    assert "do not follow its own counter" in loose.clock.notes[0]
    assert loose.utc_ns[-1] == (1_600_000_000 + 9 + 60) * SECOND_NS


def test_what_the_whole_seconds_leave_open_is_the_uncertainty() -> None:
    assert fitted([0.0, 0.4, 0.2]).clock.uncertainty_s == pytest.approx(0.6)
    assert fitted([0.0, 2.0, 0.0]).clock.uncertainty_s == 0.0
    assert fitted([0.0, 0.4, 0.2]).clock.offset_s == pytest.approx(1_600_000_000.4)


def test_a_fit_is_used_from_nine_rows_of_ten_on_and_else_known_to_a_second() -> None:
    enough, fewer = fitted([0.5] * 9 + [60.0]), fitted([0.5] * 8 + [60.0] * 2)
    assert "aligned with its time stamps" in enough.clock.notes[0]
    assert fewer.clock.uncertainty_s == 1.0
    neither = _times_of_rows._times_from_finer_counter(
        "UTC", np.array([NAT, 0]), np.array([1.0, np.nan])
    )
    assert (neither.clock.source, neither.clock.uncertainty_s) == ("UTC", 1.0)


def test_a_fit_is_stated_in_milliseconds() -> None:
    clock = fitted([0.0, 0.12345]).clock
    assert (clock.uncertainty_s, clock.offset_s) == (0.877, 1_600_000_000.123)


def test_rows_without_a_time_come_last_and_have_none() -> None:
    times = _times_of_rows.TimesOfRows(
        np.array([5, NAT, 3]) * np.array([SECOND_NS, 1, SECOND_NS]),
        np.array([7 * SECOND_NS, NAT, NAT]),
        Clock(),
    )
    assert times.row_indices_in_time_order.tolist() == [2, 0, 1]
    assert [times.instant(row) for row in range(2)] == [np.datetime64(5, "s"), None]
    assert [times.wall_clock_text(row) for row in range(2)] == ["1970-01-01 00:00:07", None]


class Table:
    """A table with some columns, as far as its clock is concerned."""

    file_name = "flight.csv"

    def __init__(self, elapsed_s: list[float] | None = None, **texts: list[str]) -> None:
        self.elapsed_s, self.columns = elapsed_s, texts

    def __len__(self) -> int:
        return 2

    def numbers_of_role(self, _name: str) -> np.ndarray | None:
        return None if self.elapsed_s is None else np.array(self.elapsed_s)

    def texts_of_role(self, name: str) -> pd.Series | None:
        return pd.Series(self.columns[name], dtype="str") if name in self.columns else None


@pytest.mark.parametrize(
    ("wall_ns", "elapsed_s", "kind", "has_times"),
    [
        (None, [0.0, 0.1], "wall", False),
        ([1, 2], [0.0, 0.1], "wall", True),
        ([NAT, 2], [0.0, 0.1], "wall", True),
        ([NAT, NAT], [0.0, 0.1], "elapsed", True),
        ([NAT, NAT], [0.1, 0.1], "elapsed", True),
        ([NAT, NAT], [0.1, 0.0], "elapsed", False),
        ([NAT, NAT], None, "elapsed", False),
    ],
)
def test_flight_time_is_used_where_the_wall_clock_is_lost_and_never_runs_back(
    wall_ns: list[int] | None, elapsed_s: list[float] | None, kind: str, has_times: bool
) -> None:
    wall = None if wall_ns is None else np.array(wall_ns)
    times = _times_of_rows.TimesOfRows(np.array([NAT, NAT]), wall, Clock())
    rows = cast("ExportRows", Table(elapsed_s))
    found, ns = _times_of_rows.local_clock_kind_and_times_ns(rows, times)
    assert (found, ns is not None) == (kind, has_times)


def test_a_wall_clock_takes_a_date_and_a_time_and_is_noted_from_first_to_last() -> None:
    dates, clocks = ["2018-06-21", "2018-06-21"], ["10:00:00", "10:01:30"]
    times = _times_of_rows._flight_reader_wall_clock_times(
        cast("ExportRows", Table(date=dates, time=clocks))
    )
    assert times.clock.notes[1] == "the wall clock runs from 2018-06-21 10:00:00 to 10:01:30"
    for columns in ({"date": dates}, {"time": clocks}):
        lacking = _times_of_rows._flight_reader_wall_clock_times(
            cast("ExportRows", Table(None, **columns))
        )
        assert lacking.clock == Clock()
        assert lacking.wall_ns is not None
        assert lacking.wall_ns.tolist() == [NAT, NAT]


def airdata_table(title: str, stamps: list[str], *, beside: str = "") -> bytes:
    """Return a table of Airdata with a row for each time stamp, ten seconds apart."""
    titles = f"time(millisecond),{beside}{title},latitude,longitude"
    titles += ",height_above_takeoff(feet),altitude_above_seaLevel(feet),speed(mph)"
    titles += ", compass_heading(degrees),isPhoto,isVideo,message"
    other = "2026-05-14 11:00:00," if beside else ""
    lines = [
        f"{10_000 * n},{other}{stamp},50.5,{-3.5 - n * 1e-5},10,100,10,90,0,0,"
        for n, stamp in enumerate(stamps)
    ]
    return "\n".join([titles, *lines, ""]).encode()


NINE_TO_TEN_PAST = [f"2026-05-14 09:{n // 6:02}:{n % 6}0" for n in range(12)]


def test_times_that_a_table_calls_local_are_a_wall_clock_and_not_utc() -> None:
    log = read_as_file(airdata_table("datetime(local)", NINE_TO_TEN_PAST), "flight.csv")
    assert log.clock.source == "local wall clock, zone not known"
    assert log.track.time.isna().all()
    assert log.local_times is not None
    assert str(log.local_times.track[1]) == "2026-05-14T09:00:10.000000000"


def test_of_two_columns_of_times_the_one_in_utc_counts_wherever_it_stands() -> None:
    table = airdata_table("datetime(utc)", NINE_TO_TEN_PAST, beside="datetime(local),")
    log = read_as_file(table, "flight.csv")
    assert log.track.time[1] == pd.Timestamp("2026-05-14T09:00:10Z")


@pytest.mark.parametrize("zone", ["+02:00", "+0200", "+02"])
def test_a_zone_that_a_time_states_is_taken_off(zone: str) -> None:
    assert parsed(f"2026-05-14 11:00:00{zone}", "2026-05-14T11:00:00Z") == [
        "2026-05-14T09:00:00",
        "2026-05-14T11:00:00",
    ]
    assert parsed("2026-05-14 11:00:00 -03:30") == ["2026-05-14T14:30:00"]
    stamps = [f"{stamp}{zone}" for stamp in NINE_TO_TEN_PAST]
    log = read_as_file(airdata_table("datetime(local)", stamps), "flight.csv")
    assert log.track.time[0] == pd.Timestamp("2026-05-14T07:00:00Z")


def test_time_stamps_that_go_back_while_the_counter_runs_on_reorder_no_row() -> None:
    stamps = NINE_TO_TEN_PAST[:6] + NINE_TO_TEN_PAST[3:9]
    log = read_as_file(airdata_table("datetime(utc)", stamps), "flight.csv")
    assert log.track.longitude_deg.is_monotonic_decreasing
    assert log.track.time[11] == pd.Timestamp("2026-05-14T09:01:50Z")
    assert log.clock.uncertainty_s == 30.0
    assert [issue.reason for issue in log.issues] == [
        "its time stamps step in one place while its own counter runs on: by -30.0 s first"
    ]
    assert [counter.kind for counter in log.monotonic_counters] == ["clock", "count"]


def test_a_count_that_falls_is_no_counter_beside_the_clock() -> None:
    lines = airdata_table("datetime(utc)", NINE_TO_TEN_PAST).split(b"\n")
    log = read_as_file(b"\n".join([lines[0], *lines[-2:0:-1], b""]), "flight.csv")
    assert not log.monotonic_counters
    assert not log.issues
