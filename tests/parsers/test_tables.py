"""The four tables have exactly their columns, and what is not there is missing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Issue, Log, Source
from parsers._tables import (
    TRACK,
    build_table,
    contact_table_from_rows,
    empty_table,
    event_table_from_rows,
    media_capture_table_from_rows,
)

NAT = np.iinfo(np.int64).min
START = 1_747_213_318_242_000_000


@pytest.mark.parametrize("name", parsers.TABLES)
def test_an_empty_table_has_the_declared_columns(name: str) -> None:
    frame = empty_table(parsers.TABLES[name])
    declared = [column.dtype for column in parsers.TABLES[name].values()]
    assert [str(dtype) for dtype in frame.dtypes] == declared
    assert len(frame) == 0


@pytest.mark.parametrize("name", parsers.TABLES)
def test_every_column_says_what_it_means(name: str) -> None:
    for column in parsers.TABLES[name].values():
        assert column.meaning.strip()


def test_a_column_that_is_not_given_is_missing_and_never_zero() -> None:
    frame = build_table(TRACK, {"source_offset": np.arange(3)}, 3)
    assert frame.drop(columns="source_offset").isna().all(axis=None)


def test_a_column_that_is_not_declared_is_refused() -> None:
    with pytest.raises(ValueError, match="no such column: altitude"):
        build_table(TRACK, {"altitude": [1.0]}, 1)
    with pytest.raises(ValueError, match="no such column: colour"):
        event_table_from_rows([{"colour": "red"}])


def test_an_offset_is_never_made_up() -> None:
    with pytest.raises(ValueError, match="non-finite"):
        build_table(TRACK, {}, 2)


def test_nanoseconds_are_exact_and_the_smallest_integer_is_a_missing_time() -> None:
    times = np.array([START + 1, NAT], np.int64)
    frame = build_table(TRACK, {"time": times, "source_offset": np.arange(2)}, 2)
    assert frame.time[0].value == START + 1
    assert frame.time.isna().tolist() == [False, True]


def test_events_come_in_order_of_time_and_those_without_one_come_last() -> None:
    def row(offset: int, after: int | None) -> dict[str, object]:
        time = None if after is None else np.datetime64(START + after, "ns")
        return {"time": time, "kind": "tip", "source_offset": offset}

    frame = event_table_from_rows([row(5, None), row(9, 20), row(3, 10), row(2, 20)])
    assert frame.source_offset.tolist() == [3, 2, 9, 5]
    assert str(frame.time.dtype) == "datetime64[ns, UTC]"


def test_the_makers_of_tables_accept_no_rows() -> None:
    assert (
        len(event_table_from_rows([]))
        == len(media_capture_table_from_rows([]))
        == len(contact_table_from_rows([]))
        == 0
    )


def test_a_log_refuses_a_table_with_other_columns() -> None:
    log = Log(Source("a", 1, "", "x"))
    with pytest.raises(TypeError, match="track has columns"):
        replace(log, track=log.track.drop(columns="course_deg"))
    with pytest.raises(TypeError, match="track has columns"):
        replace(log, track=log.track.astype({"satellites": "float64"}))
    with pytest.raises(TypeError, match="events has columns"):
        replace(log, events=pd.DataFrame())


def test_a_log_without_records_says_so() -> None:
    log = Log(Source("a", 1, "", "x"), issues=(Issue(0, 1, "why"),))
    assert log.record_counts == {}
    with pytest.raises(KeyError, match="this log has none"):
        log.records("OSD")


def test_the_closed_sets_are_documented_word_by_word() -> None:
    for words in (parsers.EVENT_KINDS, parsers.GRADES, parsers.COVERAGE_KINDS):
        assert all(meaning.strip() for meaning in words.values())
        with pytest.raises(TypeError):
            words["new"] = "no"  # type: ignore[index]


def test_a_number_without_end_is_missing_and_what_was_given_stays_as_it_is() -> None:
    given = np.array([1.5, np.inf, -np.inf, np.nan])
    offsets = np.arange(4)
    made = build_table(TRACK, {"altitude_amsl_m": given, "source_offset": offsets}, 4)
    assert made.altitude_amsl_m.isna().tolist() == [False, True, True, True]
    assert np.isinf(given).sum() == 2


def test_an_end_before_its_beginning_is_not_known() -> None:
    told = {"kind": "mode", "severity": "info", "grade": "reported", "text": "a", "record": "b"}
    row: dict[str, object] = {**told, "source_offset": 0}
    early, late = np.datetime64(START, "ns"), np.datetime64(START + 1, "ns")
    made = event_table_from_rows(
        [
            row | {"time": late, "end": early},
            row | {"time": early, "end": late},
            row | {"end": late},
        ]
    )
    assert made.end.isna().tolist() == [False, True, False]
    assert str(made.end.dtype) == "datetime64[ns, UTC]"


def test_a_text_may_hold_bytes_of_a_file_name_that_are_no_utf_8() -> None:
    """Arrow, which pandas takes for texts where it is installed, would refuse it."""
    frame = build_table(parsers.TABLES["events"], {"text": ["\udcff"], "source_offset": [0]}, 1)
    assert frame["text"].tolist() == ["\udcff"]
    kept = frame["text"].dtype
    assert isinstance(kept, pd.StringDtype)
    assert kept.storage == "python"
