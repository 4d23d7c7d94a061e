"""Tables that a spreadsheet saved again: encodings, separators, marks in numbers, dates, words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Content, Log
from parsers.dji.csv_export._parse_datetimes import parse_datetimes
from parsers.dji.csv_export._parse_numbers import decimal_mark_of_positions, parse_numbers
from tests.conftest import required
from tests.parsers.read_as_file import read_as_file

TITLES = (
    "time(millisecond)", "datetime(utc)", "latitude", "longitude", "height_above_takeoff(feet)",
    "speed(m/s)", "isPhoto", "isVideo", "message",
)  # fmt: skip
ROWS = (
    ("0", "2025-06-14 10:30:00", "51.5000000", "-0.1200000", "1000.0", "5.0", "0", "0", ""),
    ("500", "2025-06-14 10:30:00", "51.5000100", "-0.1199900", "1010.5", "5.0", "0", "1", "Höhe"),
    ("1000", "2025-06-14 10:30:01", "51.5000200", "-0.1199800", "1021.0", "5.0", "0", "1", ""),
)


def read(data: bytes, name: str = "flight.csv") -> Log:
    log = read_as_file(data, name)
    # Whatever the text is stored in, every byte is accounted for and offsets are the file's.
    assert log.coverage[0].offset == 0
    assert sum(span.size for span in log.coverage) == len(data)
    assert (log.source.size, log.source.sha256) == (len(data), Content(name, data).sha256)
    return log


def table(
    separator: str = ",", mark: str = ".", rows: tuple[tuple[str, ...], ...] = ROWS, end: str = "\n"
) -> str:
    lines = [TITLES, *([each.replace(".", mark) for each in row] for row in rows)]
    return end.join([*(separator.join(line) for line in lines), ""])


def check(log: Log) -> None:
    assert log.track.latitude_deg.tolist() == [51.5, 51.50001, 51.50002]
    assert log.track.longitude_deg.tolist() == [-0.12, -0.11999, -0.11998]
    assert log.track.height_ato_m.tolist() == pytest.approx([304.8, 308.0004, 311.2008])
    assert str(log.track.time.iloc[2]) == "2025-06-14 10:30:01+00:00"
    assert (log.captures.kind == "video").sum() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("separator", "mark"), [(",", "."), (";", ","), ("\t", ","), (";", ".")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_as_any_spreadsheet_saves_it(
    encoding: str, separator: str, mark: str, end: str
) -> None:
    data = table(separator, mark, end=end).encode(encoding)
    log = read(data)
    check(log)
    assert log.issues == ()
    assert log.events.text.tolist() == ["Höhe"]
    for row, offset in zip(ROWS, log.track.source_offset.tolist(), strict=True):
        codec = encoding if encoding[-2:] in ("le", "be") else encoding.replace("-sig", "")
        codec = "utf-16-le" if codec == "utf-16" else codec
        assert data[offset:].decode(codec).startswith(row[0] + separator)


def test_what_a_mac_wrote_with_lone_returns_keeps_its_hash_and_offsets() -> None:
    data = table(end="\r").encode()
    log = read(data)
    check(log)
    assert bytes(data[log.track.source_offset.iloc[1] :]).startswith(b"500,")


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234,5", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("1.234.567,8", ",", 1234567.8),
        ("12,5", ",", 12.5),
        # No group of three: the mark can only be a decimal one.
        ("12.5", ",", 12.5),
        ("12,5", ".", 12.5),
        ("1,234", ".", 1234.0),
        ("1.234", ",", 1234.0),
        ("-0,12", ",", -0.12),
        ("1,5E+03", ",", 1500.0),
        ("", ",", None),
        ("n/a", ".", None),
        ("1.2.3", ".", None),
        ("1e13", ".", None),
    ],
)
def test_marks_in_numbers_are_those_of_the_country(
    text: str, mark: str, number: float | None
) -> None:
    (value,) = parse_numbers(pd.Series([text], dtype="str"), mark)
    assert np.isnan(value) if number is None else value == number


def test_positions_show_which_mark_is_the_decimal_one() -> None:
    assert decimal_mark_of_positions(pd.Series(["", "51,5"]), ".") == ","
    assert decimal_mark_of_positions(pd.Series(["51.5"]), ",") == "."
    assert decimal_mark_of_positions(pd.Series(["51"]), ",") == ","


def test_decimal_commas_in_quotes_between_commas_are_read() -> None:
    quoted = tuple(tuple(f'"{each.replace(".", ",")}"' for each in row) for row in ROWS)
    check(read(table(rows=quoted).encode()))


def test_fields_that_are_no_numbers_are_named() -> None:
    rows = (*ROWS[:2], (*ROWS[2][:4], "#####", *ROWS[2][5:]))
    log = read(table(rows=rows).encode())
    assert log.track.height_ato_m.isna().tolist() == [False, False, True]
    (issue,) = log.issues
    assert issue.reason.endswith("1 of its fields are not numbers, such as '#####'")
    assert issue.offset == log.track.source_offset.iloc[2]


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("14.06.2025 10:30:00", "2025-06-14T10:30:00"),
        ("03.04.2025 10:30:00", "2025-04-03T10:30:00"),
        ("14/06/2025 10:30", "2025-06-14T10:30:00"),
        ("14/06/25 10:30:01", "2025-06-14T10:30:01"),
        ("14-Jun-2025 10:30:00", "2025-06-14T10:30:00"),
        ("3-Apr-25 10:30", "2025-04-03T10:30:00"),
        ("14.06.2025 10.30.05", "2025-06-14T10:30:05"),
        ("14.06.2025 10.30", "2025-06-14T10:30:00"),
        ("6/14/2025 3:30 p.m.", "2025-06-14T15:30:00"),
        ("2025-06-14 10:30:00,250", "2025-06-14T10:30:00.250"),
        ("2025/06/14 10:30:00.25", "2025-06-14T10:30:00.250"),
        ("14/06/2025, 10:30:00", "2025-06-14T10:30:00"),
        ("6/14/2025\x1f 3:30:05 PM", "2025-06-14T15:30:05"),
        ("14 Jun 2025 10:30:00", "2025-06-14T10:30:00"),
        ("Saturday, June 14, 2025 3:30:00 PM", "2025-06-14T15:30:00"),
        ("2025/6/14 下午 3:30:05", "2025-06-14T15:30:05"),
        ("2025. 6. 14. 오전 10:30:05", "2025-06-14T10:30:05"),
        # Days since 1899, with either decimal mark.
        ("45822.4375", "2025-06-14T10:30:00"),
        ("45822,645833333333", "2025-06-14T15:30:00"),
        ("45822", None),
        ("14.5", None),
        # Minutes and tenths that a spreadsheet left of a time are none.
        ("2025-06-14 12:30.5", None),
    ],
)
def test_dates_are_read_as_countries_write_them(stamp: str, expected: str | None) -> None:
    parsed = parse_datetimes(pd.Series([stamp], dtype="str"))
    assert not parsed.is_ambiguous
    told = np.datetime64(int(parsed.ns[0]), "ns")
    assert np.isnat(told) if expected is None else told == np.datetime64(expected)


def test_a_table_whose_times_are_of_no_known_form_says_so() -> None:
    log = read(table(rows=stamped(*["30:00.0"] * 3)).encode())
    assert log.track.time.isna().all()
    assert log.clock.notes == ("its times are not in a known form ('30:00.0')",)


def stamped(*stamps: str) -> tuple[tuple[str, ...], ...]:
    return tuple((row[0], stamp, *row[2:]) for row, stamp in zip(ROWS, stamps, strict=True))


def test_a_day_and_a_month_that_could_be_either_way_round_are_said() -> None:
    rows = stamped(*["04/06/2025 10:30:00"] * 2, "04/06/2025 10:30:01")
    log = read(table(rows=rows).encode())
    assert str(log.track.time.iloc[0]) == "2025-04-06 10:30:00+00:00"
    (issue,) = log.issues
    assert "could be either way round ('04/06/2025 10:30:00'): read month first" in issue.reason
    for name in ("Jun-4th-2025-10-30AM-Flight-Airdata.csv", "DJIFlightRecord_2025-06-04_1.csv"):
        named = read(table(rows=rows).encode(), name)
        assert str(named.track.time.iloc[0]) == "2025-06-04 10:30:00+00:00"
        assert named.issues == ()


def test_a_spreadsheet_that_drops_the_seconds_leaves_a_minute_of_doubt() -> None:
    log = read(table(rows=stamped(*["14.06.2025 10:30"] * 3)).encode())
    assert str(log.track.time.iloc[2]) == "2025-06-14 10:30:01+00:00"
    assert log.clock.uncertainty_s == pytest.approx(59.0)


@pytest.mark.parametrize("true", ["WAHR", "VRAI", "VERDADERO", "VERO", "TRUE", "1"])
def test_flags_are_read_in_the_words_of_the_spreadsheet(true: str) -> None:
    rows = tuple((*row[:7], true if row[7] == "1" else "FALSCH", row[8]) for row in ROWS)
    check(read(table(rows=rows).encode()))


def test_a_text_in_no_stated_encoding_is_read_and_said() -> None:
    data = table().encode("cp1252")
    log = read(data)
    assert log.events.text.tolist() == ["Höhe"]
    (issue,) = log.issues
    assert (issue.offset, issue.size) == (data.index(b"\xf6"), 0)
    assert "read as Windows-1252" in issue.reason


@pytest.mark.parametrize(
    ("message", "encoding", "name"),
    [
        ("飞行器处于禁飞区", "gb18030", "GB 18030"),
        ("機体は飛行禁止エリアの中です", "cp932", "Shift JIS"),
        ("Fluggerät über der Höhe", "cp1252", "Windows-1252"),
        ("Vous êtes à côté", "cp1252", "Windows-1252"),
    ],
)
def test_the_code_page_of_a_country_is_recognised_and_said_to_be_a_guess(
    message: str, encoding: str, name: str
) -> None:
    log = read(table().replace("Höhe", message).encode(encoding))
    assert log.events.text.tolist() == [message]
    assert [f"read as {name}" in issue.reason for issue in log.issues] == [True]


def test_a_byte_that_is_no_text_is_an_issue_where_it_stands() -> None:
    data = table().replace("Höhe", "ÄÖÜ Höhe").encode()
    broken = data.replace("ö".encode(), b"\xff\xf6")
    log = read(broken)
    assert log.events.text.tolist() == ["ÄÖÜ H\ufffd\ufffdhe"]
    offsets = [issue.offset for issue in log.issues]
    assert offsets == [broken.index(b"\xff"), broken.index(b"\xff") + 1]
    assert all("not UTF-8" in issue.reason for issue in log.issues)


def test_half_a_character_of_utf_16_is_an_issue_where_it_stands() -> None:
    data = bytearray(table().encode("utf-16"))
    at = data.index("ö".encode("utf-16-le"))
    data[at : at + 2] = b"\x00\xd8"
    log = read(bytes(data))
    check(log)
    assert [(issue.offset, issue.size) for issue in log.issues] == [(at, 0)]


@pytest.mark.parametrize("case", ["excel_semicolon", "utf16_tab"])
def test_the_shared_tables_that_a_spreadsheet_saved_are_read(samples: Path, case: str) -> None:
    folder = samples.parent / "cases" / f"dji_csv_airdata_{case}"
    required(f"the case {folder.name}", folder.is_dir())
    (path,) = folder.glob("*.csv")
    log = parsers.read(path)
    assert len(log.track) == 300
    assert log.track.height_ato_m.max() == 110.0
    assert log.issues == ()
