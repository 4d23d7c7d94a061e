"""A time line is one that Timesketch and plaso take: in UTC, in order, each row with its bytes."""

import csv
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.exports import FORMAT_NAMES, ExportedFlight, is_timeline_format
from dji_audit.exports.timeline import CSV_COLUMNS
from tests.dji_audit.exports.conftest import (
    CAPTURES,
    EVENTS,
    HOSTILE,
    ExportOf,
    event,
    exported_bytes,
    flown_track,
)

#: What Timesketch refuses to be without (``timesketch/lib/utils.py``, ``mandatory_fields``).
MANDATORY = {"message", "datetime", "timestamp_desc"}
#: The columns of psort (``plaso/output/dynamic.py``, ``_DEFAULT_NAMES``).
PSORT = [
    "datetime", "timestamp_desc", "source", "source_long", "message", "parser", "display_name",
    "tag",
]  # fmt: skip


def json_rows(*flights: Any) -> list[dict[str, Any]]:
    lines = exported_bytes("timeline-jsonl", *flights).decode("ascii").splitlines()
    return [json.loads(line) for line in lines]


def csv_rows(*flights: Any) -> list[dict[str, str]]:
    text = exported_bytes("timeline-csv", *flights).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def assert_timesketch_takes(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert row.keys() >= MANDATORY
        assert all(isinstance(row[name], str) and row[name] for name in MANDATORY)
        # Of the two times Timesketch takes the number where there is one: microseconds.
        assert isinstance(row["timestamp"], int)
        assert pd.Timestamp(row["datetime"]) == pd.Timestamp(row["timestamp"], unit="us", tz="UTC")
        assert row["datetime"].endswith("+00:00")
        # Names that Timesketch keeps for itself.
        assert not any(name.startswith("__ts") for name in row)
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)


def test_timesketch_takes_every_row(export_of: ExportOf) -> None:
    rows = json_rows(export_of())
    assert_timesketch_takes(rows)
    # Of the events one lasts; of the captures two last, and one is an instant.
    assert sum(row["data_type"] == "dji-audit:event" for row in rows) == len(EVENTS) + 1
    assert sum(row["data_type"] == "dji-audit:capture" for row in rows) == 2 * len(CAPTURES) - 1


def test_each_row_names_its_file_byte_and_record(export_of: ExportOf) -> None:
    flight = export_of()
    for row in json_rows(flight):
        assert row["source_file"] == row["display_name"] == "flight.txt"
        assert row["source_sha256"] == flight.sources[0].sha256
        assert row["source_offset"] >= 0
        assert row["source_record"]
        assert row["flight"] == flight.id


def test_what_lasts_has_a_row_for_its_start_and_one_for_its_end(export_of: ExportOf) -> None:
    rows = [row for row in json_rows(export_of()) if row["message"] == "In a warning zone"]
    assert [(row["timestamp_desc"], row["datetime"]) for row in rows] == [
        ("Start Time", "2026-05-14T09:00:45.000000+00:00"),
        ("End Time", "2026-05-14T09:00:48.000000+00:00"),
    ]


def test_a_row_says_where_the_aircraft_was(export_of: ExportOf) -> None:
    flight = export_of()
    (row,) = [row for row in json_rows(flight) if row["message"] == "Strong wind"]
    fix = flight.track.fixes.iloc[200]
    assert row["latitude"] == pytest.approx(fix["latitude_deg"], abs=1e-7)
    assert row["longitude"] == pytest.approx(fix["longitude_deg"], abs=1e-7)
    assert row["height_ato_m"] == 40.0
    assert row["altitude_amsl_m"] == 252.4


def test_microseconds_are_kept(export_of: ExportOf) -> None:
    rows = json_rows(export_of(events=[event(5.123456, "tip", "a")], captures=()))
    (row,) = [row for row in rows if row["message"] == "a"]
    assert row["datetime"] == "2026-05-14T09:00:05.123456+00:00"
    assert row["timestamp"] % 1_000_000 == 123_456


def test_logs_of_several_flights_are_merged_by_time(export_of: ExportOf) -> None:
    first = export_of(name="a.txt", sha256="ab" * 32)
    second = export_of(name="b.txt", sha256="cd" * 32)
    rows = json_rows(first, second)
    assert_timesketch_takes(rows)
    assert len(rows) == len(json_rows(first)) + len(json_rows(second))
    assert [row["source_file"] for row in rows if row["message"] == "Landed"] == ["a.txt", "b.txt"]


def test_the_csv_is_that_of_psort_with_columns_behind(export_of: ExportOf) -> None:
    flight = export_of()
    text = exported_bytes("timeline-csv", flight).decode("utf-8")
    assert text.splitlines()[0].split(",") == list(CSV_COLUMNS)
    assert list(CSV_COLUMNS[: len(PSORT)]) == PSORT
    rows, same = csv_rows(flight), json_rows(flight)
    assert len(rows) == len(same)
    for row, other in zip(rows, same, strict=True):
        for name in ("datetime", "message", "timestamp_desc", "source_file", "kind"):
            assert row[name] == other[name]
        assert int(row["timestamp"]) == other["timestamp"]
        assert row["tag"] == "-"
        assert None not in row.values()


def test_what_has_no_utc_is_in_no_time_line(export_of: ExportOf) -> None:
    track = {**flown_track(np.arange(0, 60, 0.2)), "time": [None] * 300}
    flight = export_of(track, events=[event(None, "tip", "a")], captures=())
    assert [row for row in json_rows(flight) if row["data_type"] == "dji-audit:event"] == []
    assert exported_bytes("timeline-csv", flight).decode().startswith("datetime,")


def test_a_hostile_text_is_text(hostile_flight: ExportedFlight) -> None:
    assert_timesketch_takes(json_rows(hostile_flight))
    rows = csv_rows(hostile_flight)
    assert len(rows) >= 2 * len(HOSTILE)
    for row in rows:
        for column, cell in row.items():
            assert cell.isprintable()
            if column not in ("latitude", "longitude") and cell != "-":
                assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell


def test_time_lines_are_told_from_other_formats() -> None:
    assert [name for name in FORMAT_NAMES if is_timeline_format(name)] == [
        "timeline-jsonl",
        "timeline-csv",
    ]
