"""What a merge says of two logs: which differs, by how much, where, and in which words."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.flights.join._join_logs import join_logs
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from dji_audit.flights.merge._aligned_segments import align_segments
from dji_audit.flights.merge._conflict_sentences import (
    CAPTURE_BOUNDS,
    TRACK_DISTANCE,
    TWO_ALIGNMENTS,
    UTC_CLOCK_OFF,
    ConflictSentenceTemplates,
    describe_conflict,
)
from dji_audit.flights.merge._disagreements import (
    _paired_track_values_at_same_instants,
    _track_span_of_flight_record_ns,
)
from dji_audit.flights.merge._merge_flight import rows_between_times
from dji_audit.flights.merge._merge_tracks import _rows_nearest_in_time
from dji_audit.flights.merge._takeoff_and_landing_times import find_takeoff_and_landing_times
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_join import media, path, serial, sha

A1: dict[str, Any] = {"aircraft": serial("A1")}
GPS = parsers.Clock("GPS", 0.0, from_gnss=True)
NAT = np.iinfo(np.int64).min
SECOND_NS = 10**9


# Words


@pytest.mark.parametrize(
    ("text", "others", "words", "sentence"),
    [
        (TRACK_DISTANCE, "b", {"quantity": ""}, "a and b are 12.3 m apart, in 1 row"),
        (TRACK_DISTANCE, "bc", {"quantity": ""}, "a lies up to 12.3 m from b and c, in 1 row"),
        (CAPTURE_BOUNDS, "b", {"edge": "video ends"}, "one video ends 12.3 s apart in a and in b"),
        (CAPTURE_BOUNDS, "bc", {"edge": "video ends"},
         "one video ends up to 12.3 s apart in a and in b and c"),
        (UTC_CLOCK_OFF, "bc", {"side": "behind"},
         "the clocks of b and c are 12 s behind that of the flight, as the tracks show"),
        (TWO_ALIGNMENTS, "bc", {"reason": "one", "alternative": "two"},
         "the clocks of b and c are aligned in two ways that differ by 12 s: one; but two"),
    ],
)  # fmt: skip
def test_a_contradiction_of_several_logs_is_in_the_plural(
    text: ConflictSentenceTemplates, others: str, words: dict[str, str], sentence: str
) -> None:
    """Nothing is said of further intervals where there is none."""
    assert describe_conflict(text, words, "a", list(others), 12.34, 1) == sentence
    assert describe_conflict(text, words, "a", list(others), 12.34, 1, 1) == (
        f"{sentence}; 1 further interval"
    )


# Clocks


@pytest.mark.parametrize(("late_s", "side"), [(30.0, "behind"), (-30.0, "ahead of")])
def test_a_clock_that_states_utc_and_is_off_is_named_with_its_first_instant(
    make_log: MakeLog, late_s: float, side: str
) -> None:
    one = make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1)
    moved = [at - late_s + 0.25 for at in path(100)["time"]]
    two = make_log(
        path(100, time=moved), name="b", sha256=sha(2), clock=parsers.Clock("a computer's"), **A1
    )
    (flight,) = assemble_flights(one, two)
    (found,) = (it for it in flight.disagreements if it.kind == "time")
    assert found.text == f"the clock of b is 30 s {side} that of the flight, as the tracks show"
    assert found.difference == pytest.approx(29.75 if late_s > 0 else 30.25, abs=0.1)
    begin = pd.Timestamp("2026-05-14T09:00:00Z")
    instants = [begin, begin + pd.Timedelta(seconds=moved[0])]
    assert [value.value for value in found.sides] == [
        f"{instant:%Y-%m-%d %H:%M:%S}.{instant.microsecond // 1000:03}" for instant in instants
    ]
    assert [value.record for value in found.sides] == ["track", "track"]
    assert [value.field for value in found.sides] == ["time", "time"]


def test_a_clock_of_unknown_error_may_be_a_second_off(make_log: MakeLog) -> None:
    """At 9 m/s, two clocks of unknown error add 18 m to what two exact ones allow."""
    aside = [it + 0.003 * (n == 50) for n, it in enumerate(path(100)["longitude_deg"])]
    tolerances = []
    for clock in (GPS, parsers.Clock("GPS", None, from_gnss=True)):
        one = make_log(path(100), name="a", sha256=sha(1), clock=clock, **A1)
        two = make_log(path(100, longitude_deg=aside), name="b", sha256=sha(2), clock=clock, **A1)
        (flight,) = assemble_flights(one, two)
        (found,) = flight.disagreements
        tolerances.append(found.tolerance or 0.0)
    assert tolerances[1] - tolerances[0] == pytest.approx(18.0, abs=0.01)


# Rows


def segments(*logs: parsers.Log) -> Any:
    """Return logs as a merge has them, on one clock."""
    summaries = [
        it for index, log in enumerate(logs) for it in summarise_each_part_of_log(log, index)
    ]
    (assembly,) = join_logs(summaries).assemblies
    return align_segments(assembly, dict(enumerate(logs)))


def test_rows_are_compared_from_the_first_of_the_other_log_to_its_last(make_log: MakeLog) -> None:
    """The one has a row each second, the other from 10 to 80 s and each two seconds."""
    whole = path(100)
    part = {name: values[10:81:2] for name, values in whole.items()}
    found = segments(
        make_log(whole, name="a", sha256=sha(1), clock=GPS, **A1),
        make_log(part, name="b", sha256=sha(2), clock=GPS, **A1),
    )
    compared = _paired_track_values_at_same_instants(found[0], found[1], ("height_ato_m",))
    assert compared is not None
    assert compared.rows.tolist() == list(range(10, 81))
    # Between two rows the earlier counts where both are equally near.
    assert compared.nearest.tolist() == [n // 2 for n in range(71)]
    assert compared.other_columns[0][1] == pytest.approx(
        (part["height_ato_m"][0] + part["height_ato_m"][1]) / 2
    )
    assert _paired_track_values_at_same_instants(found[0], found[1], ("altitude_amsl_m",)) is None
    begin_ns = pd.Timestamp("2026-05-14T09:00:00Z").value
    assert _track_span_of_flight_record_ns(found[1]) == (
        begin_ns + 10 * SECOND_NS,
        begin_ns + 80 * SECOND_NS,
    )


@pytest.mark.parametrize(
    ("after", "before", "rows"),
    [
        (None, None, [0, 5, 2, 7, None]),
        (2, None, [5, 2, 7]),
        (2, 7, [5, 2]),
        (5, None, [5, 7]),
        (None, 5, [0, 2, None]),
        (8, None, []),
    ],
)
def test_rows_between_two_times_are_from_the_first_and_before_the_last(
    after: float | None, before: float | None, rows: list[float | None]
) -> None:
    """Rows without a time are none from a time on; row 2 is out of order."""
    begin = pd.Timestamp("2026-05-14T09:00:00Z")
    seconds = np.array([0, 5, 2, 7, np.nan])
    frame = pd.DataFrame({"time": begin + pd.to_timedelta(seconds, unit="s"), "row": range(5)})
    bounds = [None if it is None else begin + pd.Timedelta(seconds=it) for it in (after, before)]
    found = rows_between_times(frame, "time", *bounds)
    known = [None if it is None else float(it) for it in rows]
    since = (found["time"] - begin).dt.total_seconds()
    assert [None if np.isnan(it) else it for it in since] == known
    assert found.index.tolist() == list(range(len(rows)))
    assert found.columns.tolist() == ["time", "row"]


def test_the_nearest_row_is_the_earlier_of_two_and_none_without_a_time() -> None:
    times = np.array([0, 1, 3, NAT, 99]) * np.array([*[SECOND_NS // 4] * 3, 1, SECOND_NS])
    others = np.array([NAT, 0, SECOND_NS // 2], np.int64)
    assert _rows_nearest_in_time(times, others).tolist() == [1, 1, 2, -1, -1]
    assert _rows_nearest_in_time(times, others[:1]).tolist() == [-1] * 5
    # Of two rows of one instant the earlier; a single row is as near as any.
    at = np.array([0, SECOND_NS // 10, SECOND_NS], np.int64)
    assert _rows_nearest_in_time(at, np.array([0, 0], np.int64)).tolist() == [0, 0, -1]
    assert _rows_nearest_in_time(at, np.array([1], np.int64)).tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("step_s", "most_s"),
    [(None, 0.6), (0.1, 0.6), (0.8, 0.6), (1.0, 0.75), (2.0, 1.5), (2.6, 1.95), (9.0, 2.0)],
)
def test_a_row_is_near_within_three_quarters_of_the_usual_step_and_two_seconds(
    step_s: float | None, most_s: float
) -> None:
    others = np.array([0] if step_s is None else [0, step_s * SECOND_NS, 2 * step_s * SECOND_NS])
    times = others[-1] + np.array([most_s * SECOND_NS, most_s * SECOND_NS + 1])
    found = _rows_nearest_in_time(times.astype(np.int64), others.astype(np.int64))
    assert found.tolist() == [len(others) - 1, -1]


def test_a_value_of_the_first_row_of_another_log_has_its_byte(make_log: MakeLog) -> None:
    one = make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1)
    two = make_log(path(50, battery_pct=[77.0] * 50), name="b", sha256=sha(2), clock=GPS, **A1)
    (flight,) = assemble_flights(one, two)
    offsets = [flight.track_value_in_log(row, "battery_pct").offset for row in (0, 1, 49, 60)]
    assert offsets == [100, 110, 590, None]


def test_a_photo_is_compared_as_one_and_a_video_in_intervals(make_log: MakeLog) -> None:
    """Of photos that lie higher, the contradictions are one; of a recording, they are two."""
    record = make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1)
    shots = []
    for number, second in enumerate((30, 60), 2):
        where = {name: [values[second]] for name, values in path(100).items()}
        where["height_ato_m"][0] += 60
        photo = make_log(where, name=f"DJI_{number:04}.JPG", sha256=sha(number), clock=GPS, **A1)
        shots.append(media(photo, "dji-photo"))
    (flight,) = assemble_flights(record, *shots)
    (found,) = flight.disagreements
    assert (found.kind, found.count, len(found.sides)) == ("height", 2, 4)
    odd = [it + 60 * (n in (30, 60)) for n, it in enumerate(path(100)["height_ato_m"])]
    video = make_log(path(100, height_ato_m=odd), name="x.MP4", sha256=sha(9), clock=GPS, **A1)
    (flight,) = assemble_flights(record, media(video, "video"))
    assert [it.count for it in flight.disagreements] == [1, 1]


def test_the_first_flight_of_a_log_is_marked_in_it(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1))
    assert [source.is_first_of_log for source in flight.sources] == [True]
    assert flight.log_indices_whose_first_flight_it_is == (0,)


def test_time_in_the_air_is_from_take_off_to_landing(make_log: MakeLog) -> None:
    events = [
        {"time": 10.0, "kind": "takeoff", "text": "up"},
        {"time": 90.5, "kind": "landing", "text": "down"},
    ]
    log = make_log(path(100), name="a", sha256=sha(1), clock=GPS, events=events, **A1)
    air = find_takeoff_and_landing_times(segments(log))
    assert air.duration_s == 80.5
