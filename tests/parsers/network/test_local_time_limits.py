"""Local times without zone or year: what is a time, of which year, and what is said of it."""

from collections.abc import Sequence

import pandas as pd
import pytest

from parsers import parse_declared_clock
from parsers._model import Clock
from parsers.network._text._parse_timestamps import NO_TIME
from parsers.network._text._wall_clock_to_utc import WallClockToUtc

NOT_DECLARED = (
    "the log's times have no zone and it is not declared, so that those rows have no time; they "
    "stand in the records"
)
NEITHER_DECLARED = (
    "the log's times have neither year nor zone and are not declared, so that its rows have no "
    "time; wall_clock in the records shows them"
)


def clock(declared: str | None = "2026-05-14T10:00:00Z") -> WallClockToUtc:
    """Return a reader of times by what a person declared of a file."""
    return WallClockToUtc(None if declared is None else parse_declared_clock(f"*={declared}"))


def utc(text: str, declared: str = "2026-05-14T10:00:00Z") -> str | None:
    """Return the instant of a time as text, to the nanosecond."""
    return as_text(clock(declared).local_time_to_utc_ns(text))


def as_text(ns: int) -> str | None:
    return None if ns == NO_TIME else pd.Timestamp(ns).isoformat()


def reasons(made: WallClockToUtc) -> list[str]:
    return [issue.reason for issue in made.issues()]


# One time


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("May 14 10:02:11", "2026-05-14T10:02:11"), ("May  4 10:02:11", "2026-05-04T10:02:11"),
        ("May 14 10:02:11.5", "2026-05-14T10:02:11.500000"),
        ("May 14 10:02:11.000000007", "2026-05-14T10:02:11.000000007"),
        ("2026-05-14 10:02:11", "2026-05-14T10:02:11"),
        ("2026-05-14T10:02:11", "2026-05-14T10:02:11"),
        ("2026-05-14 10:02:11,25", "2026-05-14T10:02:11.250000"),
        ("2026-05-14 10:02:11.123456789", "2026-05-14T10:02:11.123456789"),
        ("14-May-2026 10:02:11.123", "2026-05-14T10:02:11.123000"),
        ("05-Jan-2025 00:00:00", "2025-01-05T00:00:00"),
        # The bounds of a time of day; a leap second is one.
        ("2026-05-14 00:00:00", "2026-05-14T00:00:00"),
        ("2026-05-14 23:59:59", "2026-05-14T23:59:59"),
        ("2026-05-14 23:59:60", "2026-05-15T00:00:00"),
        ("2026-05-14 23:59:61", None), ("2026-05-14 23:60:00", None), ("2026-05-14 24:00:00", None),
        # The bounds of years, and of months.
        ("1990-01-01 00:00:00", "1990-01-01T00:00:00"), ("1989-12-31 23:59:59", None),
        ("2099-12-31 23:59:59", "2099-12-31T23:59:59"), ("2100-01-01 00:00:00", None),
        ("2026-00-14 10:02:11", None), ("2026-13-14 10:02:11", None), ("2026-02-29 10:00:00", None),
        ("14-Foo-2026 10:02:11", None), ("31-Jun-2026 10:02:11", None), ("Foo 14 10:02:11", None),
        ("May 14 24:00:00", None), ("May 14 10:60:00", None), ("May 14 10:00:61", None),
        # With a zone it needs no declaration.
        ("2026-05-14T10:02:11+02:00", "2026-05-14T08:02:11"), ("yesterday", None),
    ],
)  # fmt: skip
def test_a_text_is_a_time_or_none(text: str, instant: str | None) -> None:
    assert utc(text) == instant


@pytest.mark.parametrize(
    ("declared", "instant"),
    [
        ("2026-05-14T10:00:00+02:00", "2026-05-14T08:02:11"),
        ("2026-05-14T10:00:00-09:30", "2026-05-14T19:32:11"),
        # The clock showed five minutes more than it was, or less.
        ("2026-05-14T10:05:00=2026-05-14T10:00:00+01:00", "2026-05-14T08:57:11"),
        ("2026-05-14T09:55:00=2026-05-14T10:00:00+01:00", "2026-05-14T09:07:11"),
    ],
)
@pytest.mark.parametrize("text", ["May 14 10:02:11", "2026-05-14 10:02:11", "14-May-2026 10:02:11"])
def test_zone_and_error_of_the_clock_move_each_kind_of_time(
    text: str, declared: str, instant: str
) -> None:
    assert utc(text, declared) == instant


def test_without_a_declaration_only_a_time_with_a_zone_is_an_instant() -> None:
    made = clock(None)
    for text in ("May 14 10:02:11", "2026-05-14 10:02:11", "14-May-2026 10:02:11"):
        assert made.local_time_to_utc_ns(text) == NO_TIME
    assert as_text(made.local_time_to_utc_ns("2026-05-14T10:02:11Z")) == "2026-05-14T10:02:11"
    assert (made.without_year, made.without_zone, made.impossible) == (1, 2, 0)


# The year


@pytest.mark.parametrize(
    ("declared", "text", "year"),
    [
        # Of three years the day that is nearest.
        ("2026-05-14", "May 14 00:00:00", 2026), ("2026-01-05", "Dec 31 00:00:00", 2025),
        ("2026-12-20", "Jan  3 00:00:00", 2027), ("2026-12-31", "Dec 31 00:00:00", 2026),
        ("2026-01-01", "Jan  1 00:00:00", 2026), ("2026-05-14", "Nov 12 00:00:00", 2026),
        ("2026-05-14", "Nov 15 00:00:00", 2025), ("2026-08-01", "Jan 29 00:00:00", 2027),
        ("2026-08-01", "Feb  1 00:00:00", 2026),
        # A leap day is that of a year beside it, if one has it.
        ("2025-02-01", "Feb 29 00:00:00", 2024), ("2023-12-01", "Feb 29 00:00:00", 2024),
        ("2026-02-28", "Feb 29 00:00:00", None),
    ],
)  # fmt: skip
def test_the_year_is_the_one_next_to_the_declared_time(
    declared: str, text: str, year: int | None
) -> None:
    made = clock(f"{declared}T00:00:00Z")
    found = as_text(made.local_time_to_utc_ns(text))
    assert (None if found is None else int(found[:4])) == year
    assert made.impossible == (1 if year is None else 0)


def test_the_year_is_that_which_the_clock_showed() -> None:
    """A clock that stands two years back."""
    made = clock("2024-05-14T10:00:00=2026-05-14T10:00:00+00:00")
    assert as_text(made.local_time_to_utc_ns("May 14 10:00:30")) == "2026-05-14T10:00:30"
    assert made.clock("syslog").declared == (
        "year 2024 and zone UTC+00:00, and the clock showing 2024-05-14T10:00:00 at "
        "2026-05-14T10:00:00+00:00"
    )


def test_each_further_time_has_the_year_next_to_the_one_before() -> None:
    """A log of more than a year, of which each month has one line."""
    made = clock("2024-11-02T00:00:00Z")
    months = ["Nov", "Dec", "Jan", "Mar", "May", "Jul", "Sep", "Nov", "Jan", "Apr"]
    found = [as_text(made.local_time_to_utc_ns(f"{month}  3 00:00:00")) for month in months]
    assert [(each or "")[:7] for each in found] == [
        "2024-11", "2024-12", "2025-01", "2025-03", "2025-05", "2025-07", "2025-09", "2025-11",
        "2026-01", "2026-04",
    ]  # fmt: skip
    assert reasons(made) == []
    # The first year is said.
    assert made.clock("syslog").declared == "year 2024 and zone UTC+00:00"


def test_two_times_of_one_day_are_of_one_year() -> None:
    made = clock("2026-05-14T00:00:00Z")
    found = [made.local_time_to_utc_ns(f"May 14 {hour:02}:00:00") for hour in (9, 8, 23)]
    assert [(as_text(each) or "")[:13] for each in found] == [
        "2026-05-14T09", "2026-05-14T08", "2026-05-14T23",
    ]  # fmt: skip
    assert made.without_year == 3


# What is said


@pytest.mark.parametrize(
    ("declared", "text", "days"),
    [
        ("2026-05-14T00:00:00Z", "Jun 14 23:59:59", None),
        ("2026-05-14T00:00:00Z", "Jun 15 00:00:00", 32),
        ("2026-05-14T12:00:00Z", "Jun 15 11:59:59", None),
        ("2026-05-14T00:00:00Z", "Apr 12 00:00:01", None),
        ("2026-05-14T00:00:00Z", "Apr 12 00:00:00", 32),
        ("2026-05-14T12:30:30Z", "Jun 15 12:30:30", 32),
        ("2026-05-14T12:30:31Z", "Jun 15 12:30:30", None),
        ("2026-05-14T12:31:00Z", "Jun 15 12:30:59", None),
    ],
)
def test_a_first_time_more_than_31_days_from_the_declared_one_is_doubtful(
    declared: str, text: str, days: int | None
) -> None:
    made = clock(declared)
    made.local_time_to_utc_ns(text)
    # Of the first time only.
    made.local_time_to_utc_ns("Aug 30 00:00:00")
    expected = f"its first time is {days} days from the declared one: the declared year is doubtful"
    assert reasons(made) == ([] if days is None else [expected])


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (["May 14 10:00:00", "May 13 10:00:00"], None),
        (["May 14 10:00:00", "May 13 09:59:59"],
         "its clock goes back by more than a day once: the year is doubtful"),
        (["May 14 10:00:00", "May 12 10:00:00", "May 20 10:00:00", "May 12 10:00:00"],
         "its clock goes back by more than a day 2 times: the year is doubtful"),
        (["May 14 10:00:00", "May 18 10:00:00"], None),
    ],
)  # fmt: skip
def test_a_clock_that_goes_back_by_more_than_a_day_is_said(
    times: Sequence[str], reason: str | None
) -> None:
    made = clock()
    for text in times:
        made.local_time_to_utc_ns(text)
    assert reasons(made) == ([] if reason is None else [reason])


def test_days_that_no_year_has_are_counted() -> None:
    made = clock("2026-03-01T00:00:00Z")
    for text in ("Feb 30 10:00:00", "Mar  1 10:00:00", "Jun 31 10:00:00"):
        made.local_time_to_utc_ns(text)
    assert reasons(made) == ["2 times are of a day that no year next to the declared one has"]
    assert made.without_year == 3
    # Neither is a time whose month is none, and a date in full says its year itself.
    made = clock()
    for text in ("Foo 14 10:00:00", "2026-02-30 10:00:00"):
        assert made.local_time_to_utc_ns(text) == NO_TIME
    assert reasons(made) == []


@pytest.mark.parametrize(
    ("texts", "unstated", "issues"),
    [
        ([], "", []), (["2026-05-14T10:00:00Z"], "", []),
        (["2026-05-14 10:00:00"], "zone", [NOT_DECLARED]),
        (["May 14 10:00:00"], "year and zone", [NEITHER_DECLARED]),
        (["2026-05-14 10:00:00", "May 14 10:00:00"], "year and zone", [NEITHER_DECLARED]),
    ],
)  # fmt: skip
def test_what_is_not_declared_is_said_once(
    texts: Sequence[str], unstated: str, issues: Sequence[str]
) -> None:
    made = clock(None)
    for text in texts:
        made.local_time_to_utc_ns(text)
    assert made.unstated_parts_text == unstated
    assert reasons(made) == issues
    assert [(issue.offset, issue.size) for issue in made.issues()] == [(0, 0)] * len(issues)
    assert made.clock("syslog") == Clock("syslog", notes=tuple(issues), unstated=unstated)


@pytest.mark.parametrize(
    ("texts", "declared"),
    [
        # A log that states everything uses nothing of a declaration.
        ([], ""), (["2026-05-14T10:00:00Z"], ""),
        (["2026-05-14 10:00:00"], "zone UTC+01:00"),
        (["May 14 10:00:00"], "year 2026 and zone UTC+01:00"),
        # None of its times could be read.
        (["Feb 30 10:00:00"], "zone UTC+01:00"),
    ],
)  # fmt: skip
def test_the_clock_says_what_of_a_declaration_was_used(texts: Sequence[str], declared: str) -> None:
    made = clock("2026-05-14T10:00:00+01:00")
    for text in texts:
        made.local_time_to_utc_ns(text)
    found = made.clock("syslog")
    assert (found.declared, found.unstated, made.unstated_parts_text) == (declared, "", "")
    assert found.source == (f"syslog; declared: {declared}" if declared else "syslog")


# Summer time


def as_read(texts: Sequence[str], declared: str) -> tuple[WallClockToUtc, list[str | None]]:
    made = clock(declared)
    return made, [as_text(made.local_time_to_utc_ns(text)) for text in texts]


def lines_each_minute(last: str, count: int = 21) -> list[str]:
    """Return local times a minute apart, as a syslog writes them."""
    times = pd.date_range(end=last, periods=count, freq="min")
    return [f"{time:%b %d %H:%M:%S}" for time in times]


@pytest.mark.parametrize(
    ("declared", "last", "following", "utc_time", "zone"),
    [
        ("2026-10-25T01:00:00+01:00", "2026-10-25 01:59:35", "Oct 25 01:00:00", "01:00:00",
         "UTC+00:00"),
        ("2026-10-25T02:00:00+02:00", "2026-10-25 02:59:35", "Oct 25 02:00:35", "01:00:35",
         "UTC+01:00"),
        ("2026-11-01T01:00:00-04:00", "2026-11-01 01:59:35", "Nov 01 01:00:00", "06:00:00",
         "UTC-05:00"),
    ],
)  # fmt: skip
def test_a_clock_that_goes_back_by_an_hour_at_night_shows_the_end_of_summer_time(
    declared: str, last: str, following: str, utc_time: str, zone: str
) -> None:
    made, found = as_read([*lines_each_minute(last), following], declared)
    assert (found[-1] or "")[11:] == utc_time
    assert reasons(made) == [
        f"its clock goes back by an hour after {last}, as at the end of summer time: later times "
        f"are taken to be in {zone}"
    ]


def test_an_hour_that_a_log_leaves_out_shows_the_start_of_summer_time() -> None:
    declared, lines = "2026-03-29T00:00:00+00:00", lines_each_minute("2026-03-29 00:59:35")
    made, found = as_read([*lines, "Mar 29 02:00:35", "Mar 29 02:01:00"], declared)
    assert found[-2:] == ["2026-03-29T01:00:35", "2026-03-29T01:01:00"]
    assert reasons(made) == [
        "its clock leaves out an hour after 2026-03-29 00:59:35, as at the start of summer time: "
        "later times are taken to be in UTC+01:00"
    ]


@pytest.mark.parametrize(
    ("last", "following", "count"),
    [
        # Silence that is longer than ever before, or that ends within the hour.
        ("2026-03-29 00:59:35", "2026-03-29 02:00:36", 21),
        ("2026-03-29 00:59:35", "2026-03-29 01:59:59", 21),
        # Another day, another month, another hour, too few lines.
        ("2026-03-28 00:59:35", "2026-03-28 02:00:00", 21),
        ("2026-05-31 00:59:35", "2026-05-31 02:00:00", 21),
        # Sundays of those months on which it changes nowhere, or the other way.
        ("2026-03-15 00:59:35", "2026-03-15 02:00:00", 21),
        ("2026-04-12 00:59:35", "2026-04-12 02:00:00", 21),
        ("2026-10-25 00:59:35", "2026-10-25 02:00:00", 21),
        ("2026-03-29 04:59:35", "2026-03-29 06:00:00", 21),
        ("2026-03-29 00:59:35", "2026-03-29 02:00:00", 20),
        ("2026-10-25 01:59:35", "2026-10-25 01:00:00", 20),
    ],
)
def test_another_silence_is_no_change_of_summer_time(last: str, following: str, count: int) -> None:
    lines = [*lines_each_minute(last, count), following]
    made, found = as_read(lines, f"{last[:10]}T00:00:00Z")
    assert (found[-1], reasons(made)) == (following.replace(" ", "T"), [])


@pytest.mark.parametrize(
    ("following", "is_doubtful"),
    [("01:00:36", True), ("00:59:34", True), ("01:49:36", False), ("01:49:34", True)],
)
def test_a_clock_that_goes_back_otherwise_is_doubtful(following: str, is_doubtful: bool) -> None:
    lines = [*lines_each_minute("2026-10-25 01:59:35"), f"Oct 25 {following}"]
    made, found = as_read(lines, "2026-10-25T01:00:00Z")
    assert found[-1] == f"2026-10-25T{following}"
    said = ["its clock goes back by more than 10 minutes once: its times are doubtful"]
    assert reasons(made) == (said if is_doubtful else [])


def test_a_table_with_its_newest_row_first_shows_no_change_of_summer_time() -> None:
    times = pd.date_range("2026-10-25 02:00", "2026-10-25 02:30", freq="min")[::-1]
    texts = [f"{time:%Y-%m-%d %H:%M:%S}" for time in times]
    made, found = as_read([*texts, "2026-10-25 01:00:00"], "2026-10-25T01:00:00Z")
    assert (found[-1], reasons(made)) == ("2026-10-25T01:00:00", [])


def test_where_the_clock_was_read_the_side_of_the_change_is_not_known() -> None:
    lines = [*lines_each_minute("2026-10-25 01:59:35"), "Oct 25 01:00:00"]
    made, found = as_read(lines, "2026-10-25T09:00:00=2026-10-25T09:00:00+00:00")
    assert found[-1] == "2026-10-25T01:00:00"
    assert reasons(made) == [
        "its clock goes back by an hour after 2026-10-25 01:59:35, as at the end of summer time: "
        "the times on one side of it are an hour wrong"
    ]
