"""A pass says what was compared, what was lost and what was not seen, and nothing more."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    hover_example_track_at_heights,
    northbound_example_track,
)
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from parsers import CoverageSpan, Issue, LogHeaderTotals, MonotonicCounter, NamedPosition
from tests.dji_audit.compliance.one_rule import result_on_track

FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 59})


# the ends of a log


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (FLOWN, ""),
        (FLOWN[:1], "The log ends in the air; what followed is not known."),
    ],
)
def test_a_pass_over_the_time_in_the_air_says_that_the_log_ends_there(
    events: Sequence[Mapping[str, Any]], sentence: str
) -> None:
    result = result_on_track("track_gap", northbound_example_track(60), events=events)
    assert result.outcome is Outcome.PASS
    assert result.reason == f"No gap of 10 s or more in 1 log. {sentence}".strip()


def test_a_pass_over_a_whole_log_says_nothing_of_where_it_ends() -> None:
    counter = MonotonicCounter("POS", "TimeUS", "count", np.arange(60), np.arange(60.0))
    fields = {"monotonic_counters": (counter,)}
    result = result_on_track(
        "record_chain", northbound_example_track(60), events=FLOWN[:1], log_fields=fields
    )
    assert result.reason == "POS.TimeUS rises, and no record is repeated."


# the device of the pilot


def test_where_the_pilots_device_is_lost_the_home_point_stands_in() -> None:
    def place(kind: str, second: int | None, east_m: float, offset: int) -> NamedPosition:
        instant = None if second is None else pd.Timestamp(f"2026-05-14T09:00:{second:02}Z")
        degrees = -1.0 + east_m / float(metres_per_latitude_and_longitude_degree(51.5)[1])
        return NamedPosition(kind, instant, 51.5, degrees, None, kind, offset)

    places = (
        place("home", None, 0.0, 77),
        place("pilot", 0, 100.0, 80),
        place("pilot", 56, 5_000.0, 90),
    )
    track = northbound_example_track(60, 0, latitude_deg=[51.5] * 60)
    fields = {"named_positions": places}
    result = result_on_track("distance_limit", track, events=FLOWN, log_fields=fields)
    assert result.outcome is Outcome.PASS
    assert result.reason == (
        "Farthest 100 m from the pilot's device or the home point, which stands in for it; the "
        "limit is 500 m. For 6.6 % of the time in the air the pilot's device says that it is up to "
        "5.0 km from the home point, which is not believed."
    )
    beyond = result_on_track(
        "distance_limit",
        northbound_example_track(60, 0, latitude_deg=[51.5] * 57 + [51.51] * 3),
        events=FLOWN,
        log_fields=fields,
    )
    (finding,) = beyond.findings
    # Measured from the home point, 1,113 m, and shown by its bytes.
    assert finding.peak == pytest.approx(1113, abs=2)
    assert finding.evidence[1].offset == 77


# logs that break off, and lost bytes


def coverage(*spans: tuple[int, str]) -> tuple[CoverageSpan, ...]:
    offsets = np.cumsum([0, *(size for size, _ in spans)]).tolist()
    return tuple(
        CoverageSpan(offset, size, kind)
        for offset, (size, kind) in zip(offsets[:-1], spans, strict=True)
    )


BROKEN_OFF = {
    "coverage": coverage((100_000, "records")),
    "issues": (Issue(99_972, 0, "the log ends 28 bytes into a record, as when the power goes"),),
}


def test_a_log_that_breaks_off_in_the_air_is_a_note_that_says_where() -> None:
    track = hover_example_track_at_heights(*[1.0] * 30, *[9.8] * 30)
    result = result_on_track("log_integrity", track, events=FLOWN[:1], log_fields=BROKEN_OFF)
    (finding,) = result.findings
    assert (result.outcome, finding.severity) == (Outcome.FAIL, Severity.LOW)
    assert "breaks off in the air, 9.8 m above take-off, 28 bytes into a record" in finding.summary
    assert finding.evidence[0].offset == 99_972


def test_a_log_that_breaks_off_on_the_ground_does_not_account_for_every_byte() -> None:
    track = hover_example_track_at_heights(*[9.8] * 59, 0.0)
    result = result_on_track("log_integrity", track, events=FLOWN, log_fields=BROKEN_OFF)
    assert (result.outcome, result.findings) == (Outcome.PASS, ())
    assert result.reason.startswith("Every byte is accounted for but the last 28, the beginning")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        # Between the rows 5 and 6, 40 and 41, of 60, whose bytes are 10 apart.
        (5, "none of them written in the air."),
        (40, "8 of them written in the air (less than 0.1 % of what was): too few to weigh."),
    ],
)
def test_bytes_were_lost_in_the_air_where_the_rows_beside_them_are(row: int, where: str) -> None:
    lost = 100 + 10 * row + 1
    fields = {
        "coverage": coverage((lost, "records"), (8, "gap"), (100_000 - 8 - lost, "records")),
        "issues": (Issue(lost, 8, "damaged"),),
    }
    # The events stand at the end of the file, as a reader that works them out writes them.
    events = [
        {"kind": "takeoff", "time": 20, "source_offset": 0},
        {"kind": "landing", "time": 59, "source_offset": 99_000},
    ]
    result = result_on_track(
        "log_integrity", northbound_example_track(60), events=events, log_fields=fields
    )
    assert result.outcome is Outcome.PASS
    assert result.reason == f"8 of 100,000 bytes (less than 0.1 %) could not be decoded, {where}"


# sensors


def test_two_heights_that_are_one_and_a_constant_are_not_said_to_agree() -> None:
    motion = {"ground_speed_mps": [10.0] * 60, "course_deg": [0.0] * 60}
    heights = np.linspace(0, 40, 60)
    made = {"height_ato_m": heights.tolist(), "altitude_amsl_m": (heights + 99.8).tolist()}
    same = result_on_track(
        "spoofing_signs", northbound_example_track(60, 0, **motion, **made), events=FLOWN
    )
    assert same.outcome is Outcome.PASS
    assert same.reason.endswith("more than the height above take-off and a constant.")
    drifting = made | {"altitude_amsl_m": (heights * 1.05 + 99.8).tolist()}
    both = result_on_track(
        "spoofing_signs", northbound_example_track(60, 0, **motion, **drifting), events=FLOWN
    )
    assert "differ by at most 0.3 m (40 m allowed)" in both.reason


def test_how_far_position_and_velocity_part_is_said() -> None:
    seconds = np.arange(60)
    # A jump by 35 m that stays is under the limit of 40 m and is told.
    latitudes = 51.5 + (10 * seconds + 35 * (seconds >= 30)) / 111_260
    motion = {"ground_speed_mps": [10.0] * 60, "course_deg": [0.0] * 60}
    track = northbound_example_track(60, 0, latitude_deg=latitudes.tolist(), **motion)
    result = result_on_track("spoofing_signs", track, events=FLOWN)
    assert result.reason.startswith("Position and velocity differ by at most 35 m over 10 s (40 m")


# counters and clocks


def test_falls_that_are_allowed_are_counted_and_times_that_cannot_be_are_named() -> None:
    seconds = np.arange(60.0)
    seconds[20], seconds[40] = 18.2, 1.7e13
    counter = MonotonicCounter("POS", "TimeUS", "count", np.arange(60), seconds)
    fields = {"monotonic_counters": (counter,)}
    result = result_on_track("record_chain", {}, log_fields=fields)
    assert result.outcome is Outcome.PASS
    assert result.reason == (
        "POS.TimeUS rises but for falls of up to 2 s (POS.TimeUS falls once, by at most 0.8 s; 1 "
        "value of POS.TimeUS cannot be true), and no record is repeated."
    )


@pytest.mark.parametrize(
    ("lead_s", "stood_s", "outcome"),
    [(1.9, 0, "pass"), (2.1, 0, "fail"), (9.0, 9, "pass"), (70.0, 0, "pass")],
)
def test_a_counter_that_runs_ahead_of_the_clock_is_a_note_with_both_readings(
    lead_s: float, stood_s: int, outcome: str
) -> None:
    clock = np.arange(60.0)
    counter = clock + lead_s * (clock > 30)
    if stood_s:
        # It stands for so long, and then catches up.
        counter = np.where((clock > 30 - stood_s) & (clock <= 30), 30.0 - stood_s, clock)
    fields = {
        "monotonic_counters": (
            MonotonicCounter(
                "Custom", "time_ms", "clock", np.arange(100, 1300, 20), 1_778_749_200 + clock
            ),
            MonotonicCounter("OSD", "flight_time_s", "count", np.arange(90, 1290, 20), counter),
        )
    }
    result = result_on_track("clock_jump", {}, log_fields=fields)
    assert result.outcome.value == outcome
    for finding in result.findings:
        assert finding.severity is Severity.LOW
        assert "late records that caught up, or a clock that was set back" in finding.summary


# headers


@pytest.mark.parametrize(("without", "count"), [((), 2), (("photo",), 1)])
def test_no_photo_agrees_with_none_only_where_a_camera_was_recorded(
    without: tuple[str, ...], count: int
) -> None:
    stated = LogHeaderTotals("Details", 900, max_height_ato_m=30.0, photo_count=0)
    result = result_on_track(
        "header_mismatch",
        hover_example_track_at_heights(1.0, 30.0),
        log_fields={"header_summary": stated},
        without_facts=without,
    )
    assert result.reason.startswith(f"{count} value")


def test_a_photo_in_the_header_alone_is_told_whatever_the_records_are() -> None:
    stated = LogHeaderTotals("Details", 900, photo_count=5)
    result = result_on_track(
        "header_mismatch",
        hover_example_track_at_heights(1.0, 30.0),
        log_fields={"header_summary": stated},
        without_facts=("photo",),
    )
    assert result.outcome is Outcome.FAIL


# several logs of one record


def test_versions_of_one_record_and_encrypted_logs_show_no_lack() -> None:
    moved = northbound_example_track(60, time=[second + 0.5 for second in range(60)])
    for track, more, outcome in (
        (northbound_example_track(60), {}, Outcome.NOT_ASSESSABLE),
        (moved, {"encrypted": True}, Outcome.NOT_ASSESSABLE),
        (moved, {}, Outcome.PASS),
    ):
        other = FurtherExampleLog("b.txt", track=track, log_fields=more)
        result = result_on_track(
            "missing_log", northbound_example_track(60), events=FLOWN, other_logs=(other,)
        )
        assert result.outcome is outcome, result.reason


def test_what_would_show_an_occurrence_is_said() -> None:
    result = result_on_track(
        "occurrence", hover_example_track_at_heights(*[20.0] * 60), events=FLOWN
    )
    assert result.reason == (
        "No occurrence was reported in the air; this is not proof. Faults of motors and "
        "propulsion, losses of the control link, fail-safes and forced landings would show in "
        "example."
    )
