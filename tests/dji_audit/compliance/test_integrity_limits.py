"""What a log lost, where in the flight, and how much that weighs: each number from both sides."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.rules.log_integrity import (
    LogIntegrityParameters,
    _bytes_written_in_air_mask,
    _last_height_is_in_air_or_unknown,
    _longest_airborne_row_gap_s_and_start,
    _lost_bytes_sentence,
    _lost_bytes_severity,
    _missing_frame_share_and_text,
    _text_of_reader_issues_and_counts,
)
from parsers import Issue
from tests.dji_audit.compliance.hand_made_values import data_loss
from tests.dji_audit.compliance.one_rule import apply_rule, flown, hover
from tests.dji_audit.compliance.test_log_comparisons import of_flight
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_join import path, serial, sha

SECOND_NS = 10**9
BEGIN = pd.Timestamp("2026-05-14T09:00:00Z")


# Of 10,000 bytes, 5,000 were written in the air.
loss = partial(data_loss, airborne_size=5000)


def sized(size: int = 10_000) -> Any:
    return SimpleNamespace(source=SimpleNamespace(size=size, name="a.txt"))


FULL, LOW, REMARK = Severity.MEDIUM, Severity.LOW, Severity.REMARK


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, REMARK),
        # A hundredth of the bytes in the air; a fifth of that is light.
        ({"airborne_byte_count": 50}, FULL), ({"airborne_byte_count": 49}, LOW),
        ({"airborne_byte_count": 10}, LOW), ({"airborne_byte_count": 9}, REMARK),
        ({"airborne_byte_count": 50, "airborne_size": 0}, REMARK),
        # Two seconds without a row count beside any byte lost in the air, or many frames.
        ({"longest_step_s": 2.0, "airborne_byte_count": 1}, FULL),
        ({"longest_step_s": 1.9, "airborne_byte_count": 1}, REMARK),
        ({"longest_step_s": 2.0}, REMARK),
        ({"longest_step_s": 2.0, "missing_share": 0.03}, FULL),
        ({"longest_step_s": 2.0, "missing_share": 0.029}, REMARK),
        ({"longest_step_s": 2.0, "missing_share": 0.03, "airborne_size": 0}, REMARK),
        # Half of the log, and a twentieth of it.
        ({"byte_count": 5000}, FULL), ({"byte_count": 4999}, LOW), ({"byte_count": 501}, LOW),
        ({"byte_count": 499}, REMARK),
        ({"ends_airborne": True, "is_cut_short": True}, FULL), ({"is_cut_short": True}, LOW),
        ({"breaks_off_airborne": True}, LOW),
        # No loss of a media file weighs in full.
        ({"is_media": True, "byte_count": 9000}, LOW),
        ({"is_media": True, "airborne_byte_count": 50}, LOW), ({"is_media": True}, REMARK),
    ],
)  # fmt: skip
def test_a_loss_weighs_by_where_it_lies_and_how_large_it_is(
    more: dict[str, Any], severity: Severity
) -> None:
    found = _lost_bytes_severity(sized(), loss(**more), LogIntegrityParameters(), FULL)
    assert found is severity
    # Never more than the policy gives.
    remark = _lost_bytes_severity(sized(), loss(**more), LogIntegrityParameters(), REMARK)
    assert remark is REMARK


def test_a_log_without_a_size_and_a_policy_without_a_share_weigh_little() -> None:
    parameters = LogIntegrityParameters()
    assert _lost_bytes_severity(sized(0), loss(byte_count=9), parameters, FULL) is REMARK
    none = LogIntegrityParameters(lost_share=0.0)
    assert _lost_bytes_severity(sized(), loss(airborne_byte_count=4000), none, FULL) is LOW


def test_a_loss_is_told_in_one_sentence() -> None:
    one = (Issue(10, 20, "a hole"),)
    three = (*one, Issue(90, 5, "noise"), Issue(95, 5, "noise"))
    for more, text in (
        (
            {"issues": one, "byte_count": 20, "airborne_byte_count": 7},
            "20 of 10,000 bytes (0.2 %) could not be decoded, in 1 place, 7 of them written in "
            "the air (first: a hole)",
        ),
        (
            {"issues": three, "byte_count": 1200, "is_air_known": False},
            "1,200 of 10,000 bytes (12 %) could not be decoded, in 3 places (first: a hole)",
        ),
        ({"missing_share": 0.25}, "25 % of the frames are missing by their counter"),
        (
            {"missing_share": 0.5, "is_cut_short": True},
            "50 % of the frames are missing by their counter; the file is cut short",
        ),
        ({"is_cut_short": True, "ends_airborne": True}, "the file is cut short in the air"),
        (
            {"breaks_off_airborne": True, "broken_off_count": 7, "last_height_m": 12.34},
            "the log breaks off in the air, 12.3 m above take-off, 7 bytes into a record, as when "
            "the power goes: what followed is not known",
        ),
        (
            {"breaks_off_airborne": True, "broken_off_count": 7},
            "the log breaks off in the air, 7 bytes into a record, as when the power goes: what "
            "followed is not known",
        ),
    ):
        found = loss(**more)
        assert found.has_loss
        assert _lost_bytes_sentence(sized(), found, is_step_told=False) == f"a.txt: {text}"
    paused = loss(longest_step_s=4.0, step_start=BEGIN)
    told = _lost_bytes_sentence(sized(), paused, is_step_told=True)
    assert told == "a.txt: nothing was recorded in the air for 4.0 s from 09:00:00 UTC"
    assert _lost_bytes_sentence(sized(), paused, is_step_told=False) == "a.txt: "
    assert not paused.has_loss


# Which bytes are of the air


def in_air(*offsets: int, rows: Any = None, spans: Any = None, ranges: Any = None) -> list[bool]:
    """Return which bytes are of the air, by rows at 100, 200, … that are a second apart."""
    at, seconds = rows or ([100, 200, 300, 400, 500], [0, 1, 2, 3, 4])
    return _bytes_written_in_air_mask(
        np.array(offsets, np.int64), np.array(at, np.int64),
        np.array(seconds, np.int64) * SECOND_NS,
        np.array([(1, 2)] if spans is None else spans, np.int64).reshape(-1, 2) * SECOND_NS,
        np.array([] if ranges is None else ranges, np.int64).reshape(-1, 2),
    ).tolist()  # fmt: skip


def test_a_byte_is_of_the_air_if_the_row_before_or_after_it_is() -> None:
    """From take-off to landing one second passes: the rows at 200 and 300."""
    assert in_air(50, 99, 100, 150, 199) == [False, False, True, True, True]
    assert in_air(200, 250, 300, 350, 399) == [True] * 5
    assert in_air(400, 450, 500, 550) == [False] * 4
    # Before the first row and after the last only one of the two exists.
    assert in_air(50, 150, 450, 550, spans=[(0, 0)]) == [True, True, False, False]
    assert in_air(50, 150, 450, 550, spans=[(4, 4)]) == [False, False, True, True]
    assert in_air(150, 250, 350, 450, spans=[(0, 0), (3, 4)]) == [True, False, True, True]
    # Rows in another order in the table than in the file.
    assert in_air(150, 450, rows=([500, 100, 300], [4, 0, 2]), spans=[(0, 0)]) == [True, False]


def test_without_times_or_flights_ranges_of_bytes_tell_what_is_of_the_air() -> None:
    missing: tuple[dict[str, Any], ...] = ({"rows": ([], [])}, {"spans": []})
    for more in missing:
        found = in_air(99, 100, 200, 201, 299, 300, 401, ranges=[(100, 200), (300, 400)], **more)
        assert found == [False, True, True, False, False, True, False]
        assert in_air(99, 100, **more) == [False, False]


def test_the_longest_pause_is_of_any_stretch_in_the_air() -> None:
    offsets = np.array([100, 200, 300, 400, 500, 600])
    times = np.array([0, 1, 4, 9, 30, 32], np.int64) * SECOND_NS + BEGIN.value

    def longest(*ranges: tuple[int, int]) -> tuple[float | None, float | None]:
        found, start = _longest_airborne_row_gap_s_and_start(
            offsets, times, np.array(ranges, np.int64).reshape(-1, 2)
        )
        return found, None if start is None else (start - BEGIN).total_seconds()

    assert longest((100, 400), (500, 600)) == (5.0, 4.0)
    assert longest((100, 300), (500, 600)) == (3.0, 1.0)
    assert longest((100, 200), (500, 600)) == (2.0, 30.0)
    assert longest((101, 399), (500, 600)) == (3.0, 1.0)
    assert longest((100, 199), (401, 599)) == (None, None)
    assert longest() == (None, None)


@pytest.mark.parametrize(
    ("heights", "is_in_air"),
    [
        ([9.0, 2.0], False), ([0.0, 2.1], True), ([9.0, 2.0, np.nan], False), ([np.nan], True),
        ([], True),
    ],
)  # fmt: skip
def test_a_log_ends_in_the_air_above_two_metres(heights: list[float], is_in_air: bool) -> None:
    log: Any = SimpleNamespace(track=pd.DataFrame({"height_ato_m": np.array(heights, float)}))
    assert _last_height_is_in_air_or_unknown(log) == is_in_air


# Frames and remarks


def missing(*signals: tuple[str, float]) -> tuple[float, str]:
    texts = np.array([text for text, _ in signals], object)
    values = np.array([value for _, value in signals], float)
    events: Any = SimpleNamespace(
        rows_of_kinds=lambda *_: np.arange(len(signals)),
        column_values=lambda name, _rows: texts if name == "text" else values,
    )
    return _missing_frame_share_and_text(events)


def test_the_share_of_missing_frames_is_that_of_the_sender_of_most() -> None:
    vehicle = "system 1: 900 frames, 4 % missing by their counter"
    station = "system 255: 90 frames, 50 % missing by their counter"
    assert missing((station, 50.0), (vehicle, 4.0)) == (0.04, vehicle)
    assert missing((vehicle, 4.0), (station, 50.0)) == (0.04, vehicle)
    assert missing(("signal lost", 50.0)) == (0.0, "")
    uncounted = "some missing by their counter"
    assert missing((uncounted, 3.0)) == (0.03, uncounted)
    assert missing((uncounted, 3.0), ("x: 1 frames missing by their counter", 2.0))[0] == 0.02
    assert missing((vehicle, np.nan)) == (0.0, vehicle)


def test_remarks_are_quoted_three_at_most_the_most_frequent_first() -> None:
    def told(*reasons: str) -> str:
        return _text_of_reader_issues_and_counts([Issue(0, 0, reason) for reason in reasons])

    assert told("a", "b", "b") == "b (2 times); a"
    assert told("a", "b", "c") == "a; b; c"
    assert told("a", "b", "c", "d") == "a; b; c; 1 further remark"
    assert told("a", "b", "c", "d", "e") == "a; b; c; 2 further remarks"


# The rule


def test_the_result_says_how_many_of_the_logs_lost_something(make_log: MakeLog) -> None:
    track = hover([50.0] * 4)
    lost = (Issue(110, 6000, "a hole"),)
    one = apply_rule(make_log(track, events=flown(3), issues=lost), "log_integrity")
    assert one.reason == "Parts of the log are lost; 6,000 of 10,000 bytes (60 %) not decoded."
    missing_frames = {
        "kind": "link.signal", "time": 1, "value": 50.0,
        "text": "system 1: 900 frames, 50 % missing by their counter",
    }  # fmt: skip
    takeoff, landing = flown(5)
    events = [takeoff, landing | {"source_offset": 9000}, missing_frames]
    log = make_log(hover([50.0] * 4, time=[0, 1, 4, 5]), events=events)
    link = apply_rule(log, "log_integrity")
    assert link.reason == "Parts of the log are lost; all that is there was read."
    (finding,) = link.findings
    assert finding.start == BEGIN + pd.Timedelta(seconds=1)
    assert finding.end == BEGIN + pd.Timedelta(seconds=4)
    assert finding.severity is Severity.MEDIUM


def test_of_several_logs_the_result_counts_those_that_lost_something(make_log: MakeLog) -> None:
    more = {"aircraft": serial("A1"), "clock": parsers.Clock("GPS", 0.0, from_gnss=True)}
    holes = (Issue(110, 6000, "a hole"),)
    logs = [
        make_log(path(100), name=name, sha256=sha(number), issues=issues, **more)
        for number, (name, issues) in enumerate((("a", holes), ("b", ()), ("c", ())), 1)
    ]
    assert of_flight("log_integrity", *logs).reason == (
        "Parts of 1 of 3 logs are lost; 6,000 of 30,000 bytes (20 %) not decoded."
    )
