"""What one log of a flight shows and another lacks: parts, recordings and files."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules.missing_log import _airborne_span
from dji_audit.compliance.rules.recording_files import (
    _MediaCaptureInLogOrFile,
    _pairs_of_missing_and_other_lens_files,
)
from dji_audit.flights import Flight
from tests.dji_audit.compliance.one_rule import result_on_track
from tests.dji_audit.conftest import BEGIN

FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 59})


def after(seconds: float) -> pd.Timestamp:
    return BEGIN + pd.Timedelta(seconds=seconds)


def result_of(rule: str, seconds: int, start: int = 0, **fields: Any) -> CheckResult:
    """Return the result of a rule on a flight of a minute and a record of some seconds of it."""
    track = northbound_example_track(seconds, start)
    return result_on_track(rule, track, **{"events": FLOWN} | fields)


# Parts that a record lacks


def video(seconds: int, start: int = 0, name: str = "DJI.MP4") -> FurtherExampleLog:
    return FurtherExampleLog(name, "video", track=northbound_example_track(seconds, start))


def record(seconds: int, start: int = 0, name: str = "b.txt", **fields: Any) -> FurtherExampleLog:
    """Return another record, by a clock of its own: no fix is one of the first."""
    times = [start + second + 0.5 for second in range(seconds)]
    latitudes = [51.5 + 9e-5 * second for second in times]
    track = northbound_example_track(seconds, time=times, latitude_deg=latitudes)
    return FurtherExampleLog(name, track=track, log_fields=fields)


def missing(seconds: int, start: int, *others: FurtherExampleLog) -> CheckResult:
    return result_of("missing_log", seconds, start, other_logs=others)


@pytest.mark.parametrize(("last", "count"), [(49, 0), (50, 1)])
def test_a_log_that_shows_more_than_ten_seconds_of_a_part_shows_that_it_is_missing(
    last: int, count: int
) -> None:
    """The record ends at second 39, and the flight at 59."""
    result = missing(40, 0, video(last - 19, 20))
    assert len(result.findings) == count
    for finding in result.findings:
        assert finding.summary == (
            "example.txt ends at 09:00:39 UTC and lacks 20 s in the air that DJI.MP4 shows, "
            "beginning 391 m north of take-off, SU 6950 7875; no record holds it"
        )
        assert finding.severity is Severity.MEDIUM
        assert (finding.start, finding.end) == (after(39), after(59))
        assert [(each.file, each.offset, each.value) for each in finding.evidence] == [
            ("example.txt", 490, "2026-05-14 09:00:39+00:00"),
            ("DJI.MP4", 400, "2026-05-14 09:00:50+00:00"),
        ]
        assert result.reason.startswith("1 interval in the air that a record lacks.")


def test_a_part_is_missed_at_both_ends_and_held_by_the_other_record() -> None:
    result = missing(20, 20, record(60))
    first, last = result.findings
    assert result.reason.startswith("2 intervals in the air that a record lacks.")
    assert first.summary.startswith("example.txt begins at 09:00:20 UTC and lacks 20 s in the air")
    assert last.summary.startswith("example.txt ends at 09:00:39 UTC and lacks 20 s in the air")
    assert [each.offset for each in first.evidence] == [100, 100]
    assert [each.offset for each in last.evidence] == [290, 690]
    for finding in (first, last):
        assert finding.summary.endswith("; that record holds it")
        assert finding.severity is Severity.LOW


def test_a_record_that_shows_a_part_is_named_before_media_files_and_the_first_of_those() -> None:
    files = (video(60), video(60, name="DJI_2.MP4"))
    (held,) = missing(40, 0, *files, record(60)).findings
    assert "that b.txt shows" in held.summary
    (lost,) = missing(40, 0, *files).findings
    assert "that DJI.MP4 shows" in lost.summary


@pytest.mark.parametrize(
    ("seconds", "start", "reason"),
    [
        # What a record may lack at its ends counts as covered.
        (40, 10, "No log shows time in the air that a record lacks."),
        (38, 11, "A second log covers 98.3 % of the time in the air"),
        (20, 20, "A second log covers 66.1 % of the time in the air, so a lack could not have"),
    ],
)  # fmt: skip
def test_a_second_log_shows_a_lack_for_as_long_as_it_covers_the_flight(
    seconds: int, start: int, reason: str
) -> None:
    result = missing(60, 0, video(seconds, start))
    assert result.findings == ()
    share = result.observations[0].share
    expected = min(1.0, (min(59, start + seconds + 9) - max(0, start - 10)) / 59)
    assert share == pytest.approx(expected)
    assert result.outcome is (Outcome.PASS if expected > 0.95 else Outcome.NOT_ASSESSABLE)
    if expected in (1.0, 39 / 59):
        assert result.reason.startswith(reason)


def test_a_record_that_needs_a_key_is_said_not_to_be_compared() -> None:
    clean = "No log shows time in the air that a record lacks."
    assert missing(60, 0, record(60)).reason == clean
    locked = record(60, name="c.txt", encrypted=True)
    result = missing(60, 0, record(60), locked)
    assert result.reason == f"{clean} One record could not be read far enough to compare."
    # Alone beside the first it could show nothing.
    assert missing(60, 0, locked).outcome is Outcome.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("changes", "span"),
    [
        ({"takeoff": 5, "landing": 50}, (5, 50)),
        ({"takeoff": 5}, None), ({"landing": 50}, None), ({}, None),
        ({"takeoff": 5, "ends_in_air": True}, (5, 60)),
        ({"landing": 50, "begins_in_air": True}, (0, 50)),
        ({"begins_in_air": True, "ends_in_air": True}, (0, 60)),
        ({"takeoff": 5, "landing": 50, "begins_in_air": True, "ends_in_air": True}, (5, 50)),
        ({"takeoff": 50, "landing": 50}, None), ({"takeoff": 50, "landing": 49}, None),
        ({"takeoff": 49, "landing": 50}, (49, 50)),
    ],
)  # fmt: skip
def test_the_time_in_the_air_is_between_take_off_and_landing_or_the_ends_of_the_logs(
    changes: dict[str, Any], span: tuple[float, float] | None
) -> None:
    values: dict[str, Any] = {"takeoff": None, "landing": None, "start": 0, "end": 60}
    values |= {"begins_in_air": False, "ends_in_air": None} | changes
    for name in ("takeoff", "landing", "start", "end"):
        values[name] = None if values[name] is None else after(values[name])
    found = _airborne_span(cast("Flight", SimpleNamespace(**values)))
    assert found == (None if span is None else (after(span[0]), after(span[1])))


# Recordings and their files


def taken(kind: str, *seconds: float, lasts: float = 0.0) -> list[dict[str, Any]]:
    return [{"kind": kind, "start": second, "end": second + lasts} for second in seconds]


def photo_file(name: str, second: int) -> FurtherExampleLog:
    row = {"kind": "photo", "start": second, "end": second, "file": name}
    return FurtherExampleLog(
        name, "dji-photo", track=northbound_example_track(1, second), captures=(row,)
    )


def recordings(
    captures: Sequence[Mapping[str, Any]],
    *files: FurtherExampleLog,
    seconds: int = 60,
    start: int = 0,
) -> CheckResult:
    fields: dict[str, Any] = {"captures": captures, "other_logs": files, "events": ()}
    return result_of("recording_files", seconds, start, **fields)


FIRST = photo_file("DJI_0001.JPG", 15)


@pytest.mark.parametrize(("second", "count"), [(11, 0), (12, 1), (40, 1), (47, 1), (48, 0)])
def test_a_file_is_missed_in_a_record_that_covers_its_time(second: int, count: int) -> None:
    """The record begins at second 12 and ends at 47."""
    file = photo_file("DJI_0002.JPG", second)
    result = recordings(taken("photo", 15), FIRST, file, seconds=36, start=12)
    assert len([each for each in result.findings if not each.informational]) == count
    for finding in result.findings:
        assert finding.summary.startswith(f"A photo was taken at 09:00:{second} UTC, at SU 6950")
        assert finding.summary.endswith(
            ": no record shows it, although one covers its time; known from DJI_0002.JPG."
        )
        assert [(each.file, each.offset) for each in finding.evidence] == [("DJI_0002.JPG", 100)]


def test_photos_and_videos_without_a_file_are_told_by_kind() -> None:
    captures = [
        *taken("video", 5, lasts=4),
        *taken("photo", 15, *range(20, 26)),
        *taken("audio", 8),
    ]
    result = recordings(captures, FIRST)
    photos, film = result.findings
    assert photos.summary == (
        "6 photos were taken for 5.0 s from 09:00:20 UTC, at SU 6950 7856: no file of it is among "
        "the media files; known from example.txt."
    )
    assert film.summary.startswith("A video was taken for 4.0 s from 09:00:05 UTC, at SU 6950 7841")
    assert (photos.start, photos.end) == (after(20), after(25))
    assert (film.start, film.end) == (after(5), after(9))
    assert [each.offset for each in film.evidence] == [100]
    assert film.evidence[0].value == "2026-05-14 09:00:05+00:00"
    assert result.reason == "7 recordings without a file."


def test_the_reason_counts_recordings_files_and_what_no_record_covers() -> None:
    captures = taken("photo", 15, 25, 26)
    files = [photo_file(f"DJI_000{n}.JPG", second) for n, second in ((2, 40), (3, 41))]
    result = recordings(captures, FIRST, *files)
    assert result.reason == "2 recordings without a file, 2 files without a recording."
    # A record that cannot show photos goes on for a second longer.
    late, other = photo_file("DJI_0004.JPG", 59), record(60, facts={})
    result = recordings(captures, FIRST, files[0], late, other, seconds=59)
    assert result.reason == (
        "2 recordings without a file, 1 file without a recording. 1 more at times that no record "
        "covers."
    )
    passed = recordings(taken("photo", 15), FIRST, late, other, seconds=59)
    assert passed.reason == (
        "1 recording, with its file and in a record. 1 more at times that no record covers."
    )


def test_without_any_file_of_the_flight_none_is_missing() -> None:
    result = recordings(taken("photo", 15, 25))
    assert (result.outcome, result.findings) == (Outcome.NOT_ASSESSABLE, ())


def presses(*seconds: float | None) -> list[_MediaCaptureInLogOrFile]:
    return [
        _MediaCaptureInLogOrFile("photo", time, time, ((0, number),))
        for number, second in enumerate(seconds)
        for time in (None if second is None else after(second),)
    ]


@pytest.mark.parametrize(
    ("lacking", "alone", "pairs"),
    [
        ([10], [10], [(0, 0)]), ([10], [9], [(0, 0)]), ([10], [11], [(0, 0)]),
        ([10], [8.9], []), ([10], [11.1], []),
        # Each file is of one press, in the order of time.
        ([10, 10.5], [10], [(0, 0)]), ([10.5, 10], [10, 11], [(1, 0), (0, 1)]),
        ([10, 20], [5, 20], [(1, 1)]), ([10, 12], [11, 13], [(0, 0), (1, 1)]),
        ([10, 20], [20.5, 10.5, 30], [(0, 1), (1, 0)]),
        ([None, 10], [None, 10], [(1, 1)]), ([None], [None], []),
    ],
)  # fmt: skip
def test_a_recording_and_a_file_within_a_second_are_of_one_press(
    lacking: list[float | None], alone: list[float | None], pairs: list[tuple[int, int]]
) -> None:
    found = _pairs_of_missing_and_other_lens_files(presses(*lacking), presses(*alone))
    assert [(one.source_rows[0][1], other.source_rows[0][1]) for one, other in found] == pairs


@pytest.mark.parametrize(
    ("photos", "without", "count"),
    [(4, 1, 1), (7, 1, 1), (7, 2, 0), (8, 2, 2), (8, 3, 0), (3, 1, 0)],
)  # fmt: skip
def test_a_camera_is_missed_where_at_most_a_quarter_of_the_photos_lack_it(
    photos: int, without: int, count: int
) -> None:
    seconds = [5 * number for number in range(1, photos + 1)]
    names = [f"DJI_{number:04}" for number in range(1, photos + 1)]
    files = [photo_file(f"{name}_W.JPG", at) for name, at in zip(names, seconds, strict=True)]
    files += [
        photo_file(f"{name}_T.JPG", at)
        for name, at in zip(names[without:], seconds[without:], strict=True)
    ]
    result = recordings(taken("photo", *seconds), *files)
    told = [each for each in result.findings if not each.informational]
    assert [each.summary for each in told] == [
        f"{name}_W.JPG has no _T file beside it, but {photos - without} other photos of the flight "
        "have one; known from the names of the files."
        for name in names[:count]
    ]
    assert [(each.start, each.end) for each in told] == [
        (after(s), after(s)) for s in seconds[:count]
    ]
    assert result.reason.startswith(
        f"{pluralised_count(count, 'photo')} without the file of one camera"
        if count
        else f"{photos} recordings"
    )


# Disagreements


def beside(name: str = "b.txt", **columns: Sequence[Any]) -> FurtherExampleLog:
    return FurtherExampleLog(name, track=northbound_example_track(60) | columns)


def east_of_path(*spans: tuple[int, int, float]) -> list[float]:
    """Return longitudes that lie aside between some seconds, by degrees."""
    return [-1.0 + sum(more for a, b, more in spans if a <= n < b) for n in range(60)]


@pytest.mark.parametrize(
    ("spans", "metres", "start", "more"),
    [
        ([(10, 15, 0.01)], "694.4", 10, ""),
        ([(10, 15, 0.01), (30, 35, 0.02)], "1388.7", 30, "; 1 further such interval"),
        ([(10, 15, 0.01), (30, 35, 0.02), (50, 55, 0.005)], "1388.7", 30,
         "; 2 further such intervals"),
        ([(10, 15, 0.02), (30, 35, 0.01)], "1388.8", 10, "; 1 further such interval"),
    ],
)  # fmt: skip
def test_what_two_logs_disagree_on_is_one_finding_with_the_largest_difference(
    spans: list[tuple[int, int, float]], metres: str, start: int, more: str
) -> None:
    others = (beside(longitude_deg=east_of_path(*spans)),)
    result = result_of("sources_disagree", 60, other_logs=others)
    (finding,) = result.findings
    assert result.reason == "1 inconsistency between 2 logs: position."
    assert finding.summary.startswith(
        f"inconsistent position: b.txt and example.txt are {metres} m apart, in 5 rows for 4.0 s "
        f"from 09:00:{start} UTC"
    )
    assert finding.summary.endswith(
        "; 50.026 m allowed (the position errors and step sizes of both logs, and their clock "
        f"uncertainty){more}"
    )
    assert (finding.start, finding.end) == (after(spans[0][0]), after(spans[-1][1] - 1))
    assert (finding.severity, finding.grade) == (Severity.MEDIUM, "measured")
    offsets = [each.offset for each in finding.evidence]
    assert offsets == [100 + 10 * first for first, _, _ in spans for _ in range(2)]


def test_the_kinds_of_disagreement_are_named_in_their_order() -> None:
    heights = [20.0] * 30 + [80.0] * 30
    both = beside(height_ato_m=heights, longitude_deg=east_of_path((10, 15, 0.01)))
    result = result_of("sources_disagree", 60, other_logs=(both,))
    assert result.reason == "2 inconsistencies between 2 logs: position, height."
    alone = result_of("sources_disagree", 60, other_logs=(beside(height_ato_m=heights),))
    assert alone.reason == "1 inconsistency between 2 logs: height."


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([record(60)], "2 logs of the flight agree within their errors."),
        ([record(60), beside("c.txt")], "3 logs of the flight agree within their errors."),
        ([beside()], "2 logs of the flight agree within their errors. The others are exports or "
                     "versions of the same record: only an edit could have shown."),
    ],
)  # fmt: skip
def test_logs_that_agree_are_counted(others: list[FurtherExampleLog], reason: str) -> None:
    result = result_of("sources_disagree", 60, other_logs=tuple(others))
    assert (result.outcome, result.reason) == (Outcome.PASS, reason)
