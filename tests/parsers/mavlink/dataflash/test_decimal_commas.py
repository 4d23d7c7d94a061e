"""Text logs of a computer that writes decimal commas are read where fields can be told apart."""

from pathlib import Path

import pytest

import parsers
from parsers import Content, Log
from parsers._formats import read_content

DEFINITIONS = (
    "FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns\n"
    "FMT, 131, 35, POS, QLLf, TimeUS,Lat,Lng,Alt\n"
    "FMT, 132, 80, MSG, QZ, TimeUS,Message\n"
    "FMT, 133, 80, PARM, QNf, TimeUS,Name,Value\n"
)


def read(text: str) -> Log:
    (log,) = read_content(Content("a.log", (DEFINITIONS + text).encode())).logs
    return log


def positions(comma: str, between: str) -> str:
    rows = [
        ("POS", f"{1000 * row}", f"51{comma}50000{row}", f"-0{comma}100000{row}", f"30{comma}5")
        for row in range(5)
    ]
    return "".join(between.join(row) + "\n" for row in rows)


def test_numbers_with_decimal_commas_are_those_with_points() -> None:
    log, points = read(positions(",", ", ")), read(positions(".", ", "))
    assert log.track["latitude_deg"].tolist() == points.track["latitude_deg"].tolist()
    assert log.track["latitude_deg"].iloc[1] == 51.500001
    assert log.track["longitude_deg"].iloc[1] == -0.1000001
    assert log.track["source_offset"].tolist() == points.track["source_offset"].tolist()
    assert [issue.size for issue in log.issues if "decimal commas in 5 lines" in issue.reason] == [
        0
    ]
    assert not any("decimal" in issue.reason for issue in points.issues)


def test_free_texts_keep_their_commas() -> None:
    log = read(positions(",", ", ") + "MSG, 9000, Limit 1,5 of 2,5\nPARM, 9000, A_B, 0,25\n")
    assert log.records("MSG")["Message"].tolist() == ["Limit 1,5 of 2,5"]
    assert log.records("PARM")["Value"].tolist() == [0.25]


def test_without_spaces_between_fields_the_cause_is_named_and_nothing_is_guessed() -> None:
    log = read(positions(",", ","))
    assert len(log.track) == 0
    assert any("which is which is not clear" in issue.reason for issue in log.issues)


def test_fields_without_spaces_and_with_points_are_read_as_ever() -> None:
    log = read(positions(".", ",") + "POS,1,2,3,4,5,6\n")
    assert len(log.track) == 5
    assert not any("decimal" in issue.reason for issue in log.issues)


def test_lines_whose_definition_is_lost_are_kept_and_said_once() -> None:
    log = read(positions(".", ", ") + "".join(f"GPS, {row}, 3, 4\nodd\n" for row in range(50)))
    said = [issue.reason for issue in log.issues if "no definition" in issue.reason]
    assert said == ["50 messages GPS have no definition in the log; kept as bytes"]
    assert log.coverage_sizes["unknown"] == sum(len(f"GPS, {row}, 3, 4\n") for row in range(50))


def test_a_text_log_without_definitions_is_named_as_that() -> None:
    lines = [f"{name}, {row}, 3, 4\n" for row in range(40) for name in ("GPS", "ATT", "CTUN")]
    reading = read_content(Content("a.log", bytes(300) + "".join(lines).encode()))
    assert (reading.account.format, reading.logs) == ("dataflash", ())
    assert "the definitions are gone" in str(reading.account.error)


def test_the_shared_case_is_read(samples: Path) -> None:
    folder = samples.parent / "cases" / "mav_comma_locale"
    if not folder.is_dir():
        pytest.skip("the shared cases are not here")
    log = parsers.read(folder / "comma.log")
    assert len(log.track) == 100
    assert log.track["latitude_deg"].iloc[:2].tolist() == [51.5, 51.50001]
