"""Where a lost, repeated or missing part of a log begins to weigh: from both sides."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules.log_integrity import (
    LogIntegrityParameters,
    _airborne_byte_ranges,
    _airborne_spans_ns,
    _bytes_written_in_air_mask,
    _longest_airborne_row_gap_s_and_start,
    _lost_bytes_sentence,
    _lost_bytes_severity,
    _missing_frame_share_and_text,
    _text_of_reader_issues_and_counts,
)
from dji_audit.compliance.rules.record_chain import (
    _counters_read_text,
    _falls_into_skipped_values,
)
from dji_audit.flights import EventsByKind
from parsers import CarriedFact, CoverageSpan, Issue, MonotonicCounter
from tests.dji_audit.compliance.hand_made_values import data_loss
from tests.dji_audit.compliance.one_rule import hover, result_on_track
from tests.dji_audit.conftest import BEGIN, MakeLog

NAN = math.nan
BEGIN_NS = BEGIN.as_unit("ns").value
SECOND_NS = 1_000_000_000


def event(kind: str, offset: int, text: str = "x", second: float | None = None) -> dict[str, Any]:
    return {"kind": kind, "time": second, "text": text, "source_offset": offset}


# Which bytes and times are of the air


@pytest.mark.parametrize(
    ("events", "ranges"),
    [
        ([("arm", 100), ("disarm", 200)], [[100, 200]]),
        ([("takeoff", 100), ("landing", 200)], [[100, 200]]),
        # Where the motors are known they count, and not the ground.
        ([("arm", 100), ("takeoff", 150), ("landing", 180), ("disarm", 200)], [[100, 200]]),
        ([("disarm", 200), ("takeoff", 50), ("landing", 300)], [[0, 200]]),
        ([("arm", 100), ("arm", 150), ("disarm", 200), ("disarm", 300)], [[100, 200]]),
        ([("arm", 300), ("disarm", 400), ("arm", 500)], [[300, 400], [500, 10_000]]),
        ([("disarm", 400), ("arm", 300)], [[300, 400]]),
        ([("disarm", 200), ("disarm", 300)], [[0, 200]]),
        ([("disarm", 200, "disarmed when the log begins")], []),
        ([("disarm", 200, "disarmed when the log begins"), ("arm", 300)], [[300, 10_000]]),
        ([("mode", 200)], []),
    ],
)
def test_bytes_between_the_start_and_the_stop_of_the_motors_are_of_the_air(
    make_log: MakeLog, events: list[Any], ranges: list[list[int]]
) -> None:
    log = make_log(hover([1.0]), events=[event(*each) for each in events])
    assert _airborne_byte_ranges(log, EventsByKind(log.events)).tolist() == ranges


@pytest.mark.parametrize(
    ("heights", "is_all"),
    [([2.0], False), ([2.01, 0.0], True), ([NAN, 1.0], False), ([NAN], True), ([0.0, 9.0], True)],
)
def test_without_events_a_log_is_of_the_air_unless_it_stays_within_two_metres(
    make_log: MakeLog, heights: list[float], is_all: bool
) -> None:
    log = make_log(hover(heights))
    ranges = _airborne_byte_ranges(log, EventsByKind(log.events)).tolist()
    assert ranges == ([[0, 10_000]] if is_all else [])


FIRST, LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@pytest.mark.parametrize(
    ("moves", "spans"),
    [
        ([("takeoff", 5), ("landing", 20)], [(5, 20)]),
        ([("landing", 20), ("takeoff", 5)], [(5, 20)]),
        ([("landing", 20)], [(FIRST, 20)]),
        ([("landing", 20), ("landing", 30)], [(FIRST, 20)]),
        ([("takeoff", 5)], [(5, LAST)]),
        ([("takeoff", 5), ("takeoff", 8), ("landing", 20), ("takeoff", 30)], [(5, 20), (30, LAST)]),
        ([("takeoff", None), ("landing", 20)], [(FIRST, 20)]),
        ([("arm", 5), ("disarm", 20)], []),
    ],
)
def test_the_times_in_the_air_are_between_take_offs_and_landings(
    make_log: MakeLog, moves: list[tuple[str, float | None]], spans: list[tuple[int, int]]
) -> None:
    events = [event(kind, 1, second=second) for kind, second in moves]
    log = make_log(hover([1.0]), events=events)
    expected = [
        [each if each in (FIRST, LAST) else BEGIN_NS + each * SECOND_NS for each in span]
        for span in spans
    ]
    assert _airborne_spans_ns(EventsByKind(log.events)).tolist() == expected


def in_air(
    offsets: Sequence[int],
    *,
    rows: Sequence[int] = (),
    times: Sequence[int] = (),
    spans: Sequence[tuple[int, int]] = (),
    ranges: Sequence[tuple[int, int]] = (),
) -> list[bool]:
    tables = [np.array(each, np.int64).reshape(-1, 2) for each in (spans, ranges)]
    arrays = [np.array(each, np.int64) for each in (offsets, rows, times)]
    return _bytes_written_in_air_mask(*arrays, *tables).tolist()


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(1, 2)], [False, False, True, True, True, True, True, False, False]),
        ([(0, 0)], [True, True, True, True, False, False, False, False, False]),
        ([(3, 3)], [False, False, False, False, False, False, True, True, True]),
        ([(0, 0), (3, 3)], [True, True, True, True, False, False, True, True, True]),
        ([(FIRST, 0)], [True, True, True, True, False, False, False, False, False]),
    ],
)
def test_a_byte_is_of_the_air_where_the_row_before_it_or_after_it_is(
    spans: list[tuple[int, int]], expected: list[bool]
) -> None:
    """Rows at the bytes 100 to 400 were written at 0, 1, 2 and 3."""
    offsets = [50, 99, 100, 150, 200, 299, 399, 400, 450]
    for rows, times in (([100, 200, 300, 400], [0, 1, 2, 3]), ([400, 200, 300, 100], [3, 1, 2, 0])):
        assert in_air(offsets, rows=rows, times=times, spans=spans) == expected


@pytest.mark.parametrize("more", [{}, {"rows": [100], "times": [0]}, {"spans": [(0, 9)]}])
def test_without_times_or_a_take_off_the_ranges_of_bytes_tell_what_is_of_the_air(
    more: dict[str, Any],
) -> None:
    offsets = [99, 100, 200, 201, 300, 400, 401]
    expected = [False, True, True, False, True, True, False]
    assert in_air(offsets, ranges=[(100, 200), (300, 400)], **more) == expected
    assert in_air(offsets, **more) == [False] * 7


@pytest.mark.parametrize(
    ("ranges", "longest_s", "start"),
    [
        ([(100, 300)], 4.0, 1), ([(200, 300)], 4.0, 1), ([(100, 200)], 1.0, 0),
        ([(201, 499)], 1.0, 5), ([(100, 300), (400, 500)], 14.0, 6),
        ([(400, 500), (100, 300)], 14.0, 6), ([(100, 200), (300, 400)], 1.0, 0),
        ([(100, 150)], None, None), ([(100, 150), (300, 400)], 1.0, 5), ([], None, None),
    ],
)  # fmt: skip
def test_the_longest_time_without_a_row_is_within_a_stretch_in_the_air(
    ranges: list[tuple[int, int]], longest_s: float | None, start: int | None
) -> None:
    """Rows at the bytes 100 to 500 were written at 0, 1, 5, 6 and 20 seconds."""
    offsets = np.array([300, 100, 200, 400, 500])
    times_ns = BEGIN_NS + np.array([5, 0, 1, 6, 20]) * SECOND_NS
    found = _longest_airborne_row_gap_s_and_start(
        offsets, times_ns, np.array(ranges, np.int64).reshape(-1, 2)
    )
    assert found == (longest_s, None if start is None else BEGIN + pd.Timedelta(seconds=start))


MISSING = "missing by their counter"


@pytest.mark.parametrize(
    ("signals", "share", "told"),
    [
        ([(f"1/1: 5616 frames, 4114 {MISSING}", 42.0)], 0.42, 0),
        ([(f"1/1: 99 frames, 4 {MISSING}", 4.0), (f"2/1: 100 frames, 5 {MISSING}", 5.0)], 0.05, 1),
        ([(f"1/1: 99 frames, 4 {MISSING}", 4.0), (f"frames {MISSING}", 50.0)], 0.04, 0),
        ([(f"frames {MISSING}", 50.0), (f"1/1: 0 frames {MISSING}", 4.0)], 0.5, 0),
        ([(f"1/1: 9 frames {MISSING}", NAN)], 0.0, 0),
        ([("1/1: 5616 frames", 42.0)], 0.0, None),
        ([], 0.0, None),
    ],
)
def test_the_missing_frames_are_those_of_the_sender_of_most_frames(
    make_log: MakeLog, signals: list[tuple[str, float]], share: float, told: int | None
) -> None:
    events = [event("link.signal", n, text) | {"value": v} for n, (text, v) in enumerate(signals)]
    found = _missing_frame_share_and_text(
        EventsByKind(make_log(hover([1.0]), events=events).events)
    )
    assert found == (share, "" if told is None else signals[told][0])


# What a loss weighs


loss = partial(data_loss, airborne_size=1000)


def log_of(size: int) -> Any:
    return SimpleNamespace(source=SimpleNamespace(name="a.log", size=size))


LONG = {"longest_step_s": 2.0}


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({}, "remark"),
        # A hundredth of what was written in the air weighs in full, a fifth of that a little.
        ({"airborne_byte_count": 10}, "high"), ({"airborne_byte_count": 9}, "low"),
        ({"airborne_byte_count": 2}, "low"), ({"airborne_byte_count": 1}, "remark"),
        ({"airborne_byte_count": 10, "airborne_size": 0}, "remark"),
        # So does a stretch without a row, if anything was lost in the air.
        (LONG, "remark"), (LONG | {"airborne_byte_count": 1}, "high"),
        ({"longest_step_s": 1.9, "airborne_byte_count": 1}, "remark"),
        (LONG | {"missing_share": 0.03}, "high"), (LONG | {"missing_share": 0.029}, "remark"),
        ({"longest_step_s": 1.9, "missing_share": 0.03}, "remark"),
        (LONG | {"missing_share": 0.03, "airborne_size": 0}, "remark"),
        ({"missing_share": 1.0}, "remark"),
        # Half of the log weighs in full wherever it was written, and a twentieth a little.
        ({"byte_count": 5000}, "high"), ({"byte_count": 4999}, "low"),
        ({"byte_count": 501}, "low"), ({"byte_count": 499}, "remark"),
        ({"ends_airborne": True}, "high"),
        ({"is_cut_short": True}, "low"), ({"breaks_off_airborne": True}, "low"),
        # Of a media file nothing weighs in full.
        ({"is_media": True, "airborne_byte_count": 10}, "low"),
        ({"is_media": True, "byte_count": 5000}, "low"),
        (LONG | {"is_media": True, "airborne_byte_count": 1}, "remark"),
    ],
)  # fmt: skip
def test_a_loss_of_a_log_of_ten_thousand_bytes_weighs(
    changes: dict[str, Any], severity: str
) -> None:
    given = LogIntegrityParameters()
    found = _lost_bytes_severity(log_of(10_000), loss(**changes), given, Severity.HIGH)
    assert found.value == severity


def test_a_loss_never_weighs_more_than_the_policy_says() -> None:
    little, all_of_it = loss(airborne_byte_count=9), loss(airborne_byte_count=1000)
    given = LogIntegrityParameters()
    for full in (Severity.LOW, Severity.MEDIUM):
        assert _lost_bytes_severity(log_of(10_000), little, given, full) is Severity.LOW
        assert _lost_bytes_severity(log_of(10_000), all_of_it, given, full) is full
    # A share of 0 asks for no loss at all, and weighs nothing in full.
    none = LogIntegrityParameters.model_validate({"lost_share": 0.0})
    assert _lost_bytes_severity(log_of(10_000), all_of_it, none, Severity.HIGH) is Severity.LOW
    assert _lost_bytes_severity(log_of(0), loss(), given, Severity.HIGH) is Severity.REMARK


STEP: dict[str, Any] = {"longest_step_s": 19.0, "step_start": BEGIN}
TORN = (Issue(5, 40, "torn"), Issue(99, 60, "worn"))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"issues": TORN[:1], "byte_count": 40, "airborne_byte_count": 7},
            "40 of 10,000 bytes (0.4 %) could not be decoded, in 1 place, 7 of them written in the "
            "air (first: torn)",
        ),
        (
            {"issues": TORN, "byte_count": 100, "is_air_known": False},
            "100 of 10,000 bytes (1 %) could not be decoded, in 2 places (first: torn)",
        ),
        ({"missing_share": 0.042}, "4.2 % of the frames are missing by their counter"),
        (STEP, "nothing was recorded in the air for 19 s from 09:00:00 UTC"),
        (
            {"breaks_off_airborne": True, "last_height_m": 9.84, "broken_off_count": 28},
            "the log breaks off in the air, 9.8 m above take-off, 28 bytes into a record, as when "
            "the power goes: what followed is not known",
        ),
        (
            {"breaks_off_airborne": True, "broken_off_count": 28},
            "the log breaks off in the air, 28 bytes into a record, as when the power goes: what "
            "followed is not known",
        ),
        ({"is_cut_short": True}, "the file is cut short"),
        (
            STEP | {"missing_share": 0.5, "is_cut_short": True, "ends_airborne": True},
            "50 % of the frames are missing by their counter; nothing was recorded in the air for "
            "19 s from 09:00:00 UTC; the file is cut short in the air",
        ),
    ],
)
def test_a_loss_is_told_in_one_sentence(changes: dict[str, Any], text: str) -> None:
    assert _lost_bytes_sentence(log_of(10_000), loss(**changes), True) == f"a.log: {text}"


def test_a_stretch_that_is_short_is_not_told() -> None:
    told = _lost_bytes_sentence(log_of(10_000), loss(is_cut_short=True, **STEP), False)
    assert told == "a.log: the file is cut short"


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        ("a", "a"), ("aa", "a (2 times)"), ("abb", "b (2 times); a"), ("abc", "a; b; c"),
        ("abcd", "a; b; c; 1 further remark"), ("abcdee", "e (2 times); a; b; 2 further remarks"),
    ],
)  # fmt: skip
def test_three_remarks_of_the_reader_are_quoted_and_the_others_counted(
    reasons: str, text: str
) -> None:
    assert _text_of_reader_issues_and_counts([Issue(9, 0, each) for each in reasons]) == text


# The log as a whole

FROM_GROUND_TO_GROUND = (event("takeoff", 0, second=0), event("landing", 99_999, second=9))
WHOLE = {"coverage": (CoverageSpan(0, 100_000, "records"),)}


def damaged(*issues: Issue) -> dict[str, Any]:
    """Return the fields of a log whose bytes are known but for those of some issues."""
    lost = sum(issue.size for issue in issues)
    spans = (CoverageSpan(0, 100_000 - lost, "records"), CoverageSpan(100_000 - lost, lost, "gap"))
    return {"coverage": spans[: 1 + bool(lost)], "issues": issues}


def broken_off(count: str = "28") -> dict[str, Any]:
    return damaged(Issue(99_000, 0, f"the log ends {count} bytes into a record"))


def integrity(
    *others: Mapping[str, Any],
    heights: Sequence[float | None] = (1.0, 9.8),
    events: Sequence[Mapping[str, Any]] = FROM_GROUND_TO_GROUND[:1],
    times: Sequence[float] | None = None,
    **fields: Any,
) -> CheckResult:
    """Return what is said of a flight of one log, and of others beside it."""
    track: dict[str, Any] = {**hover_example_track_at_heights(1.0, 1.0), "height_ato_m": heights}
    track |= {"latitude_deg": [51.5] * len(heights), "longitude_deg": [-1.0] * len(heights)}
    track |= {} if times is None else {"time": times}
    logs = [FurtherExampleLog(f"{n}.txt", track=track, log_fields=f) for n, f in enumerate(others)]
    return result_on_track(
        "log_integrity", track, events=events, log_fields=WHOLE | fields, other_logs=tuple(logs)
    )


@pytest.mark.parametrize(
    ("fields", "others", "reason"),
    [
        (damaged(Issue(900, 4000, "z")), [],
         "Parts of the log are lost; 4,000 of 100,000 bytes (4 %) not decoded."),
        (damaged(Issue(900, 4000, "z")), [WHOLE],
         "Parts of 1 of 2 logs are lost; 4,000 of 200,000 bytes (2 %) not decoded."),
        (damaged(Issue(900, 4000, "z")), [damaged(Issue(900, 4000, "z")), WHOLE],
         "Parts of 2 of 3 logs are lost; 8,000 of 300,000 bytes (2.6 %) not decoded."),
        (damaged(Issue(0, 0, "cut short: the file ends early")), [],
         "Parts of the log are lost; all that is there was read."),
        (broken_off(), [],
         "The log breaks off in the air, within a record: what followed is not known."),
        (broken_off(), [WHOLE],
         "A log breaks off in the air, within a record: what followed is not known."),
        (damaged(*broken_off()["issues"], Issue(900, 4000, "z")), [],
         "Parts of the log are lost; 4,000 of 100,000 bytes (4 %) not decoded."),
        (broken_off(), [damaged(Issue(900, 4000, "z"))],
         "Parts of 2 of 2 logs are lost; 4,000 of 200,000 bytes (2 %) not decoded."),
    ],
)  # fmt: skip
def test_what_is_lost_of_how_many_logs_is_said(
    fields: dict[str, Any], others: list[dict[str, Any]], reason: str
) -> None:
    result = integrity(*others, **fields)
    assert (result.outcome, result.reason) == (Outcome.FAIL, reason)


PLAIN_TEXT = {
    **WHOLE,
    "facts": {"position": CarriedFact("rows", ("latitude_deg", "longitude_deg"))},
}


@pytest.mark.parametrize(
    ("fields", "others", "reason"),
    [
        (WHOLE, [WHOLE], "Every byte is accounted for."),
        (WHOLE, [PLAIN_TEXT, PLAIN_TEXT],
         "Every byte is accounted for. In 0.txt, 1.txt, plain text, a loss would leave no trace."),
        (broken_off("1,028"), [broken_off("28"), WHOLE],
         "Every byte is accounted for but the last 1,056, the beginning of a record that was not "
         "written to its end."),
        (damaged(Issue(99_999, 4, "z")), [],
         "4 of 100,000 bytes (less than 0.1 %) could not be decoded, 4 of them written in the air "
         "(less than 0.1 % of what was): too few to weigh."),
        (damaged(Issue(99_999, 4, "z")), [damaged(Issue(900, 190, "z"))],
         "194 of 200,000 bytes (less than 0.1 %) could not be decoded, 194 of them written in the "
         "air (less than 0.1 % of what was): too few to weigh."),
    ],
)  # fmt: skip
def test_a_pass_says_what_was_accounted_for(
    fields: dict[str, Any], others: list[dict[str, Any]], reason: str
) -> None:
    result = integrity(*others, events=FROM_GROUND_TO_GROUND, **fields)
    assert (result.outcome, result.reason) == (Outcome.PASS, reason)


@pytest.mark.parametrize(
    ("heights", "events", "where"),
    [
        ([9.0, 2.0], FROM_GROUND_TO_GROUND[:1], None),
        ([9.0, 2.1], FROM_GROUND_TO_GROUND[:1], ", 2.1 m above take-off"),
        ([9.0, None], FROM_GROUND_TO_GROUND[:1], ", 9.0 m above take-off"),
        ([None, None], FROM_GROUND_TO_GROUND[:1], ""),
        ([9.0, 9.0], (event("arm", 5, second=0),), ", 9.0 m above take-off"),
        # A landing ends it, and without any start the air is not shown.
        ([9.0, 9.0], FROM_GROUND_TO_GROUND, None),
        ([9.0, 9.0], (), None),
    ],
)
def test_a_log_breaks_off_in_the_air_more_than_two_metres_above_take_off(
    heights: list[float | None], events: Sequence[Mapping[str, Any]], where: str | None
) -> None:
    result = integrity(heights=heights, events=events, **broken_off())
    if where is None:
        assert (result.outcome, result.findings) == (Outcome.PASS, ())
    else:
        (finding,) = result.findings
        assert f"breaks off in the air{where}, 28 bytes into a record" in finding.summary
        assert [each.offset for each in finding.evidence] == [99_000]


@pytest.mark.parametrize(("size", "is_full"), [(100, True), (99, False)])
def test_a_loss_is_a_share_of_the_bytes_that_were_written_in_the_air(
    size: int, is_full: bool
) -> None:
    """Of 100,000 bytes the last 10,000."""
    events = (event("takeoff", 90_000, second=0),)
    (finding,) = integrity(events=events, **damaged(Issue(95_000, size, "z"))).findings
    assert finding.severity is (Severity.MEDIUM if is_full else Severity.LOW)


@pytest.mark.parametrize(("last", "is_told"), [(3.0, True), (2.9, False)])
def test_two_seconds_without_a_row_are_told_with_their_start_and_end(
    last: float, is_told: bool
) -> None:
    issues = damaged(*[Issue(900 + n, 200, "z") for n in range(30)])
    (finding,) = integrity(heights=[9.0] * 3, times=[0, 1, last], **issues).findings
    assert ("nothing was recorded in the air for 2.0 s from 09:00:01" in finding.summary) == is_told
    after = [BEGIN + pd.Timedelta(seconds=second) for second in (1, 3)]
    assert [finding.start, finding.end] == (after if is_told else [None, None])
    assert [each.offset for each in finding.evidence] == list(range(900, 920))
    assert finding.subject == "example.txt"


@pytest.mark.parametrize(
    ("heights", "events", "is_known"),
    [
        ([None, None], (), False), ([1.0, 1.0], (), True),
        ([None, None], FROM_GROUND_TO_GROUND[1:], True),
        ([None, None], (event("disarm", 5, second=0),), True),
        ([None, None], (event("mode", 5, second=0),), False),
    ],
)  # fmt: skip
def test_how_much_was_lost_in_the_air_is_told_where_the_log_shows_the_air(
    heights: list[float | None], events: Sequence[Mapping[str, Any]], is_known: bool
) -> None:
    result = integrity(heights=heights, events=events, **damaged(Issue(900, 60_000, "z")))
    assert ("of them written in the air" in result.findings[0].summary) == is_known


# The order of records


def counter(
    seconds: Sequence[float], record: str = "POS", kind: str = "count", **more: Any
) -> MonotonicCounter:
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return MonotonicCounter(record, "T", kind, offsets, np.array(seconds, float), **more)


def counted(*logs: Sequence[MonotonicCounter]) -> str:
    made: Any = [SimpleNamespace(log=SimpleNamespace(monotonic_counters=each)) for each in logs]
    return _counters_read_text(made, 2.0)


ALLOWED = "but for falls of up to 2 s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ([0, 1, 2], "POS.T rises"),
        ([0, 1, 1, 2], "POS.T rises"),
        ([0, 1, 0.6, 2], f"POS.T rises {ALLOWED} (POS.T falls once, by at most 0.4 s)"),
        ([0, 1, 0.6, 2, 0.5], f"POS.T rises {ALLOWED} (POS.T falls 2 times, by at most 1.5 s)"),
        # Nobody flies for ten years; a simulator counts from 1970.
        ([0, 3.19e8], "POS.T rises"),
        ([0, 3.2e8], f"POS.T rises {ALLOWED} (1 value of POS.T cannot be true)"),
        ([0, 5e8, 6e8], f"POS.T rises {ALLOWED} (2 values of POS.T cannot be true)"),
        ([1.1e9 + 1, 4.1e9 - 1], "POS.T rises"),
        ([1.1e9, 1.2e9], f"POS.T rises {ALLOWED} (1 value of POS.T cannot be true)"),
        ([1.2e9, 4.1e9], f"POS.T rises {ALLOWED} (1 value of POS.T cannot be true)"),
    ],
)
def test_a_pass_says_how_a_counter_rises(seconds: list[float], text: str) -> None:
    assert counted([counter(seconds)]) == text


def test_counters_of_one_name_are_told_once_and_clocks_are_not_told() -> None:
    rising = counter([0, 1, 2])
    assert counted([rising], [rising]) == "POS.T rises"
    assert counted([rising, counter([0, 1], "OSD")]) == "POS.T and OSD.T rise"
    assert counted([counter([0, 1], kind="clock")]) == counted() == "No counter is read"
    falling = counter([2, 1.5, 3])
    found = counted([rising, falling], [counter([5, 3.5], "OSD"), falling])
    assert found == (
        f"POS.T and OSD.T rise {ALLOWED} (POS.T falls 2 times, by at most 0.5 s; OSD.T falls once, "
        "by at most 1.5 s)"
    )


@pytest.mark.parametrize(
    ("step_s", "leap_s", "falls_to", "is_skipped"),
    [
        (1.0, 5.0, 12.0, False), (1.0, 5.1, 12.0, True),
        (0.1, 2.0, 1.5, False), (0.1, 2.1, 1.5, True),
        (1.0, 10.0, 9.0, False), (1.0, 10.0, 9.1, True),
        (1.0, 10.0, 19.0, False), (1.0, 10.0, 18.9, True), (1.0, 10.0, 0.0, False),
    ],
)  # fmt: skip
def test_a_counter_that_falls_to_where_it_had_leapt_ahead_was_not_restarted(
    step_s: float, leap_s: float, falls_to: float, is_skipped: bool
) -> None:
    """It rises for ten values, leaps, rises for nine more and falls."""
    rising = [step_s * n for n in range(10)]
    later = [rising[-1] + leap_s + step_s * n for n in range(10)]
    seconds = [*rising, *later, *(falls_to + step_s * n for n in range(10))]
    assert _falls_into_skipped_values(counter(seconds), 19, 2.0) == is_skipped
    # A leap that follows the fall is none that it can have fallen into.
    turned = [*rising, *(falls_to - 50 + step_s * n for n in range(10)), *later]
    assert not _falls_into_skipped_values(counter(turned), 9, 2.0)


RISING = [float(second) for second in range(40)]


def chain(*counters: MonotonicCounter, others: Sequence[Any] = (), **fields: Any) -> CheckResult:
    events = fields.pop("events", ())
    made = {"monotonic_counters": counters or (counter(RISING),)} | fields
    track = hover_example_track_at_heights(1.0, 9.8) if others else {}
    return result_on_track(
        "record_chain", track, events=events, log_fields=made, other_logs=tuple(others)
    )


@pytest.mark.parametrize(
    ("falls", "listed", "last"),
    [
        (1, 1, "the counter POS.T falls by 19.9 s"),
        (10, 10, "the counter POS.T falls by 19.9 s"),
        (11, 11, "the counter POS.T falls once more"),
    ],
)
def test_ten_falls_are_listed(falls: int, listed: int, last: str) -> None:
    seconds = [0.1 * part + second for part in range(falls + 1) for second in (0.0, 10.0, 20.0)]
    result = chain(counter(seconds))
    assert [len(result.findings), result.findings[-1].summary] == [listed, f"inconsistent: {last}"]
    positions = f"{listed} position{'s' if listed > 1 else ''}"
    assert result.reason == f"{positions} with records out of order, repeated or missing."


@pytest.mark.parametrize(
    ("offset", "severity"),
    [(119, "medium"), (120, "remark"), (130, "remark"), (131, "medium")],
)
def test_a_restart_lies_between_the_two_values(offset: int, severity: str) -> None:
    seconds = [0.0, 10.0, 20.0, 0.5, 10.5, 20.5]
    (finding,) = chain(counter(seconds), events=[event("clock", offset)]).findings
    assert finding.severity.value == severity
    assert finding.informational == (severity == "remark")
    ending = "the counter POS.T falls by 19.5 s"
    told = f"{ending}; the aircraft was restarted" if finding.informational else ending
    assert finding.summary == ("" if finding.informational else "inconsistent: ") + told


@pytest.mark.parametrize(
    ("issues", "remarks", "first"),
    [
        ([Issue(200, 8, "no trailer")], " 1 remark.", "1 failed check, 8 bytes in all; first: no"),
        ([Issue(9, 0, "bad CRC"), Issue(8, 5, "cannot decrypt")], " 1 remark.",
         "2 failed checks, 5 bytes in all; first: bad CRC"),
        ([Issue(9, 0, "CRCs")], "", ""),
    ],
)  # fmt: skip
def test_failed_checks_are_counted_and_the_first_is_told(
    issues: list[Issue], remarks: str, first: str
) -> None:
    result = chain(issues=tuple(issues))
    assert result.reason == f"POS.T rises, and no record is repeated.{remarks}"
    assert [each.summary.startswith(first) for each in result.findings] == [True] * bool(first)


def test_several_remarks_are_counted() -> None:
    failed = Issue(9, 8, "bad CRC")
    restarted = counter([*RISING, *RISING[:3]])
    result = chain(restarted, issues=(failed,), events=[event("clock", 500)])
    assert result.outcome is Outcome.PASS
    assert result.reason.endswith("and no record is repeated. 2 remarks.")


@pytest.mark.parametrize(
    ("count", "places", "shown"), [(1, "1 place", 1), (20, "20 places", 20), (21, "21 places", 20)]
)
def test_records_that_were_taken_out_are_one_finding_with_the_first_twenty(
    count: int, places: str, shown: int
) -> None:
    issues = tuple(Issue(500 + n, 16, "the chain of its cipher is broken") for n in range(count))
    result = chain(issues=issues)
    (finding,) = result.findings
    assert f"records are missing at {places} of example.txt, though no byte is" in finding.summary
    assert [each.offset for each in finding.evidence] == list(range(500, 500 + shown))
    assert result.reason == "1 position with records out of order, repeated or missing."


def test_logs_of_two_vehicles_are_counted_unless_more_is_wrong() -> None:
    mixed = {"issues": (Issue(500, 0, "two vehicles wrote into this log"),)}
    counters = {"monotonic_counters": (counter(RISING),)}
    track = hover_example_track_at_heights(1.0, 9.8)
    one = FurtherExampleLog("b.txt", track=track, log_fields=counters)
    other = FurtherExampleLog("c.txt", track=track, log_fields=counters | mixed)
    assert chain(**mixed).reason == "The log holds records of two vehicles."
    assert chain(**mixed, others=[one]).reason == "1 of 2 logs hold records of two vehicles."
    assert chain(**mixed, others=[one, other]).reason == "2 of 3 logs hold records of two vehicles."
    fallen = chain(counter([*RISING, *RISING]), **mixed)
    assert fallen.reason == "3 positions with records out of order, repeated or missing."


@pytest.mark.parametrize(("count", "is_told"), [(9, False), (10, True)])
def test_records_that_stand_twice_one_after_the_other_are_a_repetition(
    count: int, is_told: bool
) -> None:
    result = chain(counter(RISING[:count] * 2 + RISING[count:]))
    told = [each for each in result.findings if "repeat the records" in each.summary]
    assert len(told) == is_told
    for finding in told:
        assert f"{count} POS records repeat the records from byte 100 on" in finding.summary
        assert [each.offset for each in finding.evidence] == [200, 100]


def test_a_repetition_is_told_once_for_each_record_and_sender() -> None:
    twice = RISING[:20] + RISING[5:]
    one, clock = counter(twice), counter(twice, kind="clock")
    # A clock shows a repetition as well; its falls are those of another rule.
    assert [len(chain(*each).findings) for each in ((one, one), (one, clock), (one,))] == [3, 2, 2]
    assert len(chain(one, counter(twice, sender="2/1")).findings) == 4
    assert len(chain(one, counter(twice, "OSD")).findings) == 4
