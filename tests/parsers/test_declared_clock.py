"""Clocks that a person declares for files that cannot state them."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, DeclaredClock, Log, parse_declared_clock
from parsers._clocks._apply_declared_clock import log_with_declared_clock, shift_log_times

HOUR = pd.Timedelta(hours=1)


def read(text: str, name: str, *declared: str) -> Log:
    """Read a text under a name, with clocks declared."""
    content = Content(
        name, text.encode(), declared_clocks=tuple(map(parse_declared_clock, declared))
    )
    return parsers.read_content(content).logs[0]


def dnsmasq(*times: str) -> str:
    return "".join(f"{at} dnsmasq[1]: query[A] a.example.org from 192.0.2.20\n" for at in times)


def firewall(*times: str) -> str:
    rows = "".join(f"{at},192.0.2.20,203.0.113.1,443,allow\n" for at in times)
    return f"timestamp,src,dst,dstport,action\n{rows}"


def times_of(log: Log) -> list[str]:
    known = log.contacts.time.dropna()
    return [f"{one:%Y-%m-%d %H:%M:%S}" for one in known]


# What is declared


@pytest.mark.parametrize(
    ("text", "pattern", "time", "shown"),
    [
        ("pihole.log=2026-05-14T10:00:00+01:00", "pihole.log", "2026-05-14T10:00:00+01:00", None),
        ("a=b.log=2026-05-14T10:00:00Z", "a=b.log", "2026-05-14T10:00:00+00:00", None),
        (
            "tablet/*=2026-05-14T10:03:20=2026-05-14T10:00:00+01:00",
            "tablet/*",
            "2026-05-14T10:00:00+01:00",
            "2026-05-14T10:03:20",
        ),
    ],
)
def test_a_declaration_is_a_pattern_and_a_time(
    text: str, pattern: str, time: str, shown: str | None
) -> None:
    clock = parse_declared_clock(text)
    assert clock.pattern == pattern
    assert clock.time.isoformat() == time
    assert (clock.shown.isoformat() if clock.shown else None) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-05-14T10:00:00+01:00", "write FILES=TIME"),
        ("=2026-05-14T10:00:00+01:00", "write FILES=TIME"),
        ("a.log=yesterday", "yesterday is not a time"),
        ("a.log=2026-02-30T10:00:00+01:00", "is not a time"),
        ("a.log=2026-05-14T10:00:00", "has no UTC offset"),
        ("a.log=2026-05-14T10:00:00+19:00", "no place has such an offset"),
        ("a.log=1970-01-01T00:00:00Z", "is not between 1990 and 2099"),
        ("a.log=0026-05-14T10:00:00=2026-05-14T10:00:00Z", "is not between 1990 and 2099"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_declared_clock(text)


@pytest.mark.parametrize(
    ("patterns", "name"),
    [
        (("pihole.log", "PIHOLE*", "router/*"), "router/pihole.log"),
        (("pihole.log", "case.zip!*"), "case.zip!/router/pihole.log"),
        (("pihole.log",), "case.zip!pihole.log"),
        # The names that DJI's app gives hold brackets.
        (("DJIFlightRecord_[10-01-58].txt",), "DJIFlightRecord_[10-01-58].txt"),
    ],
)
def test_a_pattern_means_files_by_name(patterns: tuple[str, ...], name: str) -> None:
    declared = dt.datetime(2026, 5, 14, tzinfo=dt.UTC)
    for pattern in patterns:
        assert DeclaredClock(pattern, declared).applies_to_file_name(name), pattern
    for pattern in ("tablet/*", "*.lo"):
        assert not DeclaredClock(pattern, declared).applies_to_file_name(name), pattern


# Times without year and zone


def test_year_and_zone_of_a_syslog_are_taken_from_the_declaration() -> None:
    log = read(dnsmasq("May 14 10:02:11"), "pihole.log", "pihole.log=2026-05-14T09:00:00+01:00")
    assert times_of(log) == ["2026-05-14 09:02:11"]
    assert log.clock.declared == "year 2026 and zone UTC+01:00"
    assert "declared: year 2026 and zone UTC+01:00" in (log.clock.source or "")
    assert not log.issues


def test_without_a_declaration_it_has_no_time_and_says_what_is_lacking() -> None:
    log = read(dnsmasq("May 14 10:02:11"), "pihole.log", "other.log=2026-05-14T09:00:00+01:00")
    assert times_of(log) == []
    assert log.clock.unstated == "year and zone"
    assert log.clock.declared == ""


def test_what_the_clock_showed_at_a_true_time_corrects_it() -> None:
    declared = "*.log=2026-05-14T10:05:00=2026-05-14T10:00:00+01:00"
    log = read(dnsmasq("May 14 10:02:11"), "pihole.log", declared)
    assert times_of(log) == ["2026-05-14 08:57:11"], "it runs five minutes fast"


def test_a_log_runs_over_the_end_of_the_year_and_a_router_begins_in_january() -> None:
    declared = "*.log=2025-12-31T23:00:00+00:00"
    log = read(dnsmasq("Dec 31 23:59:59", "Jan  1 00:00:01"), "a.log", declared)
    assert times_of(log) == ["2025-12-31 23:59:59", "2026-01-01 00:00:01"]
    log = read(
        dnsmasq("May 14 10:00:00", "Jan  1 00:00:09", "May 15 10:00:00", "Jan  1 00:00:09",
                "May 16 10:00:00"),
        "a.log", "*.log=2026-05-14T10:00:00Z",
    )  # fmt: skip
    assert [at for at in times_of(log) if "-05-" in at] == [
        "2026-05-14 10:00:00", "2026-05-15 10:00:00", "2026-05-16 10:00:00"
    ]  # fmt: skip
    assert "goes back by more than a day twice" in " ".join(
        issue.reason.replace("2 times", "twice") for issue in log.issues
    )


def test_a_day_that_the_year_lacks_has_no_time_and_is_said() -> None:
    log = read(dnsmasq("Feb 30 10:00:00", "Mar  1 10:00:00"), "a.log", "a.log=2026-03-01T00:00:00Z")
    assert times_of(log) == ["2026-03-01 10:00:00"]
    assert any("1 times are of a day that no year" in issue.reason for issue in log.issues)
    leap = read(dnsmasq("Feb 29 10:00:00"), "a.log", "a.log=2024-02-28T00:00:00Z")
    assert times_of(leap) == ["2024-02-29 10:00:00"]


def test_a_declaration_far_from_the_log_is_doubtful_and_says_so() -> None:
    log = read(dnsmasq("May 14 10:00:00"), "a.log", "a.log=2026-01-01T00:00:00Z")
    assert times_of(log) == ["2026-05-14 10:00:00"]
    assert "133 days from the declared one" in log.issues[0].reason


@pytest.mark.parametrize("shown", ["2026-05-14 10:02:11", "2026/05/14 10:02:11.5"])
def test_a_table_of_local_times_gets_its_zone(shown: str) -> None:
    bare = read(firewall(shown), "fw.csv")
    assert times_of(bare) == []
    assert bare.clock.unstated == "zone"
    log = read(firewall(shown), "fw.csv", "fw.csv=2026-05-14T00:00:00+02:00")
    assert times_of(log) == ["2026-05-14 08:02:11"]
    assert log.clock.declared == "zone UTC+02:00"


# Clocks that state everything


def test_the_offset_of_a_tablets_clock_moves_every_time_of_its_log() -> None:
    text = firewall("2026-05-14T10:02:11+01:00", "2026-05-14T10:04:11+01:00")
    log = read(text, "tablet/fw.csv", "tablet/*=2026-05-14T10:03:00=2026-05-14T10:00:00+01:00")
    assert times_of(log) == ["2026-05-14 08:59:11", "2026-05-14 09:01:11"]
    assert log.capture_window is not None
    assert log.capture_window.start == pd.Timestamp("2026-05-14T08:59:11Z")
    assert log.capture_window.recorded is not None
    assert log.capture_window.recorded.intervals[0].start == log.capture_window.start
    assert log.clock.offset_s == -180
    assert "moved by -180 s" in log.clock.declared


def test_the_beginning_of_one_file_moves_it_and_that_of_several_moves_none() -> None:
    text = firewall("2026-05-14T10:02:11+01:00")
    log = read(text, "fw.csv", "fw.csv=2026-05-14T10:00:11+01:00")
    assert times_of(log) == ["2026-05-14 09:00:11"]
    clock = DeclaredClock("*", parse_declared_clock("a=2026-05-14T10:00:11+01:00").time,
                          serves_several_files=True)  # fmt: skip
    content = Content("fw.csv", text.encode(), declared_clocks=(clock,))
    untouched = parsers.read_content(content).logs[0]
    assert times_of(untouched) == ["2026-05-14 09:02:11"]
    assert any("the declared clock is not used" in issue.reason for issue in untouched.issues)


def test_time_of_satellites_is_never_moved(sample_logs: Path) -> None:
    path = sample_logs / "00000042.BIN"
    plain = parsers.read(path)
    assert plain.clock.from_gnss
    declared = parse_declared_clock("*.BIN=2030-01-01T00:00:00Z")
    log = parsers.read(path, clocks=[declared])
    assert log.track.equals(plain.track)
    assert any("come from satellites" in issue.reason for issue in log.issues)


def test_local_times_of_a_flight_become_utc_by_the_declared_zone(sample_logs: Path) -> None:
    path = sample_logs / "DJI_20260514100443_0001_D.SRT"
    plain = parsers.read(path)
    assert plain.local_times is not None
    assert plain.track.time.isna().all()
    log = parsers.read(path, clocks=[parse_declared_clock("*.SRT=2026-05-14T10:04:43+01:00")])
    wall = pd.DatetimeIndex(plain.local_times.track).tz_localize("UTC")
    assert list(log.track.time) == list(wall - HOUR)
    assert log.clock.declared == "zone UTC+01:00"


def test_a_shift_moves_every_time_and_nothing_else(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    moved = shift_log_times(log, HOUR.value)
    assert list(moved.track.time) == list(log.track.time + HOUR)
    assert list(moved.events.time) == list(log.events.time + HOUR)
    assert list(moved.captures.end) == list(log.captures.end + HOUR)
    assert moved.track.drop(columns="time").equals(log.track.drop(columns="time"))
    back = shift_log_times(moved, -HOUR.value)
    assert back.track.equals(log.track)
    assert back.named_positions == log.named_positions
    assert back.header_summary == log.header_summary


def test_a_log_without_a_declaration_is_left_alone(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "network" / "pihole.log")
    assert log_with_declared_clock(log, None) is log
