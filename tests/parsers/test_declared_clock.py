"""Clocks that a person declares for files that cannot state them."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, DeclaredClock, Log, parse_declared_clock
from parsers._clocks._apply_declared_clock import log_with_times_by_declared_clock, shift_log_times

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


@pytest.mark.parametrize(
    ("pattern", "is_pattern"),
    [("a.log", False), ("*.log", True), ("a?.log", True), ("a[12].log", True), ("a!b/c", False)],
)
def test_a_pattern_may_mean_several_names(pattern: str, is_pattern: bool) -> None:
    assert DeclaredClock(pattern, dt.datetime(2026, 5, 14, tzinfo=dt.UTC)).is_pattern == is_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "applies"),
    [
        # A pattern without a folder is compared with the last part of a name alone.
        ("b.log", "a/b.log", True), ("b.log", "a.zip!b.log", True), ("*.log", "a/b.log", True),
        ("b.log", "b.log", True), ("a", "a/b.log", False), ("log", "b.log", False),
        # One with a folder, or a container, with all of it.
        ("a/b.log", "a/b.log", True), ("a/b.log", "x/a/b.log", False),
        ("a/*", "a/x/b.log", True), ("a.zip!b.log", "a.zip!b.log", True),
        ("a.zip!b.log", "x/a.zip!b.log", False), ("*!b.log", "x/a.zip!b.log", True),
        ("A/B.LOG", "a/b.log", True), ("b[1].log", "b[1].log", True), ("b[1].log", "b1.log", True),
        ("b[1].log", "b2.log", False),
    ],
)  # fmt: skip
def test_a_pattern_with_a_folder_means_the_whole_name(
    pattern: str, name: str, applies: bool
) -> None:
    declared = DeclaredClock(pattern, dt.datetime(2026, 5, 14, tzinfo=dt.UTC))
    assert declared.applies_to_file_name(name) == applies


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("2026-05-14T10:00:00+14:00", None), ("2026-05-14T10:00:00-12:00", None),
        ("2026-05-14T10:00:00+14:01", "no place has such an offset"),
        ("2026-05-14T10:00:00-12:01", "no place has such an offset"),
        ("1990-01-01T00:00:00Z", None), ("1989-12-31T23:59:59Z", "between 1990 and 2099"),
        ("2099-12-31T23:59:59Z", None), ("2100-01-01T00:00:00Z", "between 1990 and 2099"),
        ("1990-01-01T00:00:00=2026-05-14T10:00:00Z", None),
        ("1989-12-31T23:59:59=2026-05-14T10:00:00Z", "1989-12-31T23:59:59 is not between"),
        ("2100-01-01T00:00:00=2026-05-14T10:00:00Z", "2100-01-01T00:00:00 is not between"),
    ],
)  # fmt: skip
def test_a_declared_time_lies_within_the_bounds_of_years_and_zones(
    time: str, message: str | None
) -> None:
    if message is None:
        assert parse_declared_clock(f"a.log={time}").pattern == "a.log"
    else:
        with pytest.raises(ValueError, match=message):
            parse_declared_clock(f"a.log={time}")


@pytest.mark.parametrize(
    ("offset", "text", "hours"),
    [
        ("Z", "UTC+00:00", 0.0), ("+01:00", "UTC+01:00", 1.0), ("+05:45", "UTC+05:45", 5.75),
        ("-09:30", "UTC-09:30", -9.5), ("-00:30", "UTC-00:30", -0.5), ("+14:00", "UTC+14:00", 14.0),
        ("-12:00", "UTC-12:00", -12.0),
    ],
)  # fmt: skip
def test_a_zone_in_words_and_as_nanoseconds(offset: str, text: str, hours: float) -> None:
    declared = parse_declared_clock(f"a.log=2026-05-14T10:00:00{offset}")
    assert declared.zone_text == text
    assert declared.utc_offset == dt.timedelta(hours=hours)
    assert declared.wall_to_utc_offset_ns == -round(hours * 3600) * 10**9
    assert declared.utc_correction_ns is None
    assert declared.moment_nearest_to_dates_without_year.isoformat() == "2026-05-14T10:00:00"
    assert declared.text.startswith("begun at 2026-05-14T10:00:00")


@pytest.mark.parametrize(
    ("shown", "wall_s", "utc_s"),
    [
        # Seven seconds fast, by the clock of the zone and by UTC.
        ("2026-05-14T10:00:07", -3607.0, -7.0), ("2026-05-14T09:59:53.25", -3593.25, 6.75),
        ("2026-05-13T10:00:00", 82_800.0, 86_400.0),
        # With a zone of its own, it is UTC that the clock shows.
        ("2026-05-14T09:00:07+00:00", -7.0, -7.0),
        ("2026-05-14T10:00:00.000001", -3600.000001, -0.000001),
    ],
)  # fmt: skip
def test_a_reading_of_a_clock_corrects_local_times_and_utc(
    shown: str, wall_s: float, utc_s: float
) -> None:
    declared = parse_declared_clock(f"a.log={shown}=2026-05-14T10:00:00+01:00")
    assert declared.utc_correction_ns == round(utc_s * 1e6) * 1000
    if "+" not in shown:
        assert declared.wall_to_utc_offset_ns == round(wall_s * 1e6) * 1000
        assert declared.moment_nearest_to_dates_without_year.isoformat() == shown.replace(
            ".25", ".250000"
        )
    assert declared.text == (
        f"showing {dt.datetime.fromisoformat(shown).isoformat()} at 2026-05-14T10:00:00+01:00"
    )


@pytest.mark.parametrize(
    ("text", "pattern", "shown"),
    [
        # A name may hold an equals sign; what is no time before the last one is part of it.
        ("a=b=2026-05-14T10:00:00Z", "a=b", None),
        ("a = 2026-05-14T10:03:20 = 2026-05-14T10:00:00Z ", "a", "2026-05-14T10:03:20"),
        ("=2026-05-14T10:03:20=2026-05-14T10:00:00Z", "=2026-05-14T10:03:20", None),
        ("  =2026-05-14T10:03:20=2026-05-14T10:00:00Z", "=2026-05-14T10:03:20", None),
    ],
)  # fmt: skip
def test_what_stands_before_the_last_time_is_a_time_or_a_name(
    text: str, pattern: str, shown: str | None
) -> None:
    declared = parse_declared_clock(text)
    assert declared.pattern == pattern
    assert (declared.shown and declared.shown.isoformat()) == shown


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
    assert any("1 time is of a day that no year" in issue.reason for issue in log.issues)
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
    assert log_with_times_by_declared_clock(log, None) is log


@pytest.mark.parametrize("note", ["", "the owner said so"])
def test_the_note_of_a_declaration_stands_with_what_was_used(sample_logs: Path, note: str) -> None:
    log = parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT")
    declared = replace(parse_declared_clock("a=2026-05-14T10:04:43+01:00"), note=note)
    found = log_with_times_by_declared_clock(log, declared).clock
    said = f"zone UTC+01:00 ({note})" if note else "zone UTC+01:00"
    assert found.declared == said
    assert found.source == f"{log.clock.source}; declared: {said}"
    assert (found.uncertainty_s, found.offset_s, found.unstated) == (None, None, "")
    # A clock whose source is not known is that of the file.
    unknown = replace(log, clock=replace(log.clock, source=None))
    source = log_with_times_by_declared_clock(unknown, declared).clock.source
    assert source == f"clock of the file; declared: {said}"
    # A second declaration changes nothing.
    once = log_with_times_by_declared_clock(log, declared)
    assert (
        log_with_times_by_declared_clock(once, parse_declared_clock("a=2020-01-01T00:00:00Z"))
        is once
    )


def test_a_local_clock_that_was_read_is_corrected_by_the_reading(sample_logs: Path) -> None:
    plain = parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT")
    assert plain.local_times is not None
    declared = parse_declared_clock("a=2026-05-14T10:05:00=2026-05-14T10:04:00+01:00")
    log = log_with_times_by_declared_clock(plain, declared)
    wall = pd.DatetimeIndex(plain.local_times.track).tz_localize("UTC")
    assert list(log.track.time) == list(wall - HOUR - pd.Timedelta(minutes=1))
    assert log.clock.declared == declared.text
    # Those that were missing stay so.
    starts = plain.local_times.captures
    assert log.captures.start.isna().tolist() == pd.isna(starts).tolist()


def counting_from_its_start(sample_logs: Path) -> Log:
    """Return a log whose times count from its own beginning."""
    plain = parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT")
    assert plain.local_times is not None
    return replace(plain, local_times=replace(plain.local_times, kind="elapsed"))


def test_times_since_the_beginning_are_dated_by_the_beginning_of_this_one_file(
    sample_logs: Path,
) -> None:
    plain = counting_from_its_start(sample_logs)
    assert plain.local_times is not None
    begun = parse_declared_clock("a=2026-05-14T10:00:00+01:00")
    log = log_with_times_by_declared_clock(plain, begun)
    own = pd.DatetimeIndex(plain.local_times.track).tz_localize("UTC")
    since = own - pd.Timestamp(0, tz="UTC")
    assert list(log.track.time) == list(pd.Timestamp("2026-05-14T09:00:00Z") + since)
    assert log.clock.declared == "begun at 2026-05-14T10:00:00+01:00"
    # What the clock showed, or the beginning of several files, says nothing of it.
    shown = parse_declared_clock("a=2026-05-14T10:05:00=2026-05-14T10:00:00+01:00")
    for other in (shown, replace(begun, serves_several_files=True)):
        kept = log_with_times_by_declared_clock(plain, other)
        assert kept.track is plain.track
        assert kept.issues[0].reason == (
            "it counts from its own beginning: declare when this one file was begun; "
            "the declared clock is not used"
        )


def test_a_log_without_any_time_says_that_a_declaration_is_not_used(sample_logs: Path) -> None:
    plain = replace(parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT"), local_times=None)
    later = parsers.Issue(9, 1, "damaged")
    log = log_with_times_by_declared_clock(
        replace(plain, issues=(later,)), parse_declared_clock("a=2026-05-14T10:00:00Z")
    )
    assert log.issues == (
        parsers.Issue(0, 0, "it has no time; the declared clock is not used"), later,
    )  # fmt: skip
    assert log.clock.declared == ""


def test_a_log_begins_with_the_first_time_of_any_of_its_tables(sample_logs: Path) -> None:
    """The earliest of track, events and captures is at the declared time; power-on moves too."""
    plain = parsers.read(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    first = min(plain.track.time.min(), plain.events.time.min(), plain.captures.start.min())
    on = first - HOUR
    plain = replace(plain, clock=replace(plain.clock, from_gnss=False, power_on=on))
    declared = parse_declared_clock("a=2026-05-15T09:00:00Z")
    log = log_with_times_by_declared_clock(plain, declared)
    begun = pd.Timestamp("2026-05-15T09:00:00Z")
    assert min(log.track.time.min(), log.events.time.min(), log.captures.start.min()) == begun
    assert log.clock.power_on == begun - HOUR
    moved_s = (begun - first).total_seconds()
    assert log.clock.offset_s == pytest.approx(moved_s)
    assert log.clock.declared == (
        f"begun at 2026-05-15T09:00:00+00:00, so that its times are moved by {moved_s:+g} s"
    )
    events = plain.events.assign(time=plain.events.time.mask(plain.events.index == 0, on))
    earlier = log_with_times_by_declared_clock(replace(plain, events=events), declared)
    assert earlier.events.time[0] == begun
    assert earlier.track.time.min() == begun + (plain.track.time.min() - on)
