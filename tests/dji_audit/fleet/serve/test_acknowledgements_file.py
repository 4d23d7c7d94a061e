"""Rows are added to the unit's own file, in its own form, and nothing else of it changes."""

import datetime as dt
from pathlib import Path

import pytest

from dji_audit.compliance.acknowledgements import load_acknowledgements
from dji_audit.fleet.serve.acknowledgements_file import (
    AcknowledgementError,
    FindingAsAcknowledged,
    add_acknowledgements,
)

DAY = dt.date(2026, 11, 30)
FINDING = FindingAsAcknowledged("88b89ad1b2f2", "medium", 131.25)
OTHER = FindingAsAcknowledged("0123456789ab-2", "low", None)


@pytest.mark.parametrize("name", ["new.csv", "new.toml"])
def test_a_new_file_holds_what_the_person_saw(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    add_acknowledgements(path, [FINDING, OTHER], "Insp 12", 'said "go",\n  twice', DAY)
    rows = [row.record for row in load_acknowledgements(path).table.rows]
    assert [(it.fingerprint, str(it.severity), it.peak) for it in rows] == [
        ("88b89ad1b2f2", "medium", 131.25),
        ("0123456789ab-2", "low", None),
    ]
    assert {(it.by, it.day, it.reason, str(it.outcome)) for it in rows} == {
        ("Insp 12", DAY, 'said "go", twice', "fail")
    }


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbffingerprint;severity;peak;by;day;reason\r\n"
        b"000000000000;low;;A;2026-01-01;x\r\n",
        b"reason,by,day,severity,fingerprint,peak\nx,A,2026-01-01,low,000000000000,",
    ],
)
def test_what_stood_in_a_file_stays_byte_by_byte(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "acknowledged.csv"
    path.write_bytes(before)
    add_acknowledgements(path, [FINDING], "Insp 12", "pilot briefed; noted", DAY)
    assert path.read_bytes().startswith(before)
    rows = [row.record for row in load_acknowledgements(path).table.rows]
    assert [it.fingerprint for it in rows] == ["000000000000", "88b89ad1b2f2"]
    assert rows[1].reason == "pilot briefed; noted"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        # Only the line of column names grows, by the column that it lacked.
        (
            "a.csv",
            b"\xef\xbb\xbffingerprint;severity;peak;by;day;Reason\r\n"
            b"88b89ad1b2f2;low;;A;2026-01-01;x\r\n",
            b"\xef\xbb\xbffingerprint;severity;peak;by;day;Reason;taken_back\r\n"
            b"88b89ad1b2f2;low;;A;2026-01-01;x\r\n",
        ),
        (
            "a.csv",
            b"taken_back,reason,by,day,severity,fingerprint,peak\n,x,A,2026-01-01,low,88b89ad1b2f2,",
            b"taken_back,reason,by,day,severity,fingerprint,peak\n,x,A,2026-01-01,low,88b89ad1b2f2,",
        ),
        (
            "a.toml",
            b'[[acknowledgement]]\nfingerprint = "88b89ad1b2f2"\nseverity = "low"\nby = "A"\n'
            b'day = 2026-01-01\nreason = "x"\n',
            b'[[acknowledgement]]\nfingerprint = "88b89ad1b2f2"\nseverity = "low"\nby = "A"\n'
            b'day = 2026-01-01\nreason = "x"\n',
        ),
    ],
)
def test_an_acknowledgement_is_taken_back_by_another_row(
    tmp_path: Path, name: str, before: bytes, after: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(before)
    add_acknowledgements(path, [FINDING], "Sgt B", "not so", DAY, taken_back=True)
    assert path.read_bytes().startswith(after)
    rows = [row.record for row in load_acknowledgements(path).table.rows]
    assert [(it.by, it.taken_back) for it in rows] == [("A", False), ("Sgt B", True)]
    whole = path.read_bytes()
    with pytest.raises(AcknowledgementError, match="no row above it acknowledges 88b89ad1b2f2"):
        add_acknowledgements(path, [FINDING], "Sgt B", "not so", DAY, taken_back=True)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("by", "reason", "message"),
    [
        ("  ", "x", "give a name"),
        ("A", "", "give a reason"),
        ("A" * 121, "x", "has 121 characters"),
        ("A", "x\u202ey", "cannot be printed"),
        ("A", "=HYPERLINK(1)", "a spreadsheet would compute it"),
    ],
)
def test_words_that_a_table_cannot_hold_are_refused(
    tmp_path: Path, by: str, reason: str, message: str
) -> None:
    path = tmp_path / "acknowledged.csv"
    with pytest.raises(AcknowledgementError, match=message):
        add_acknowledgements(path, [FINDING], by, reason, DAY)
    assert not path.exists()


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (b"fingerprint,severity,by,day,reason\n", "no column peak"),
        (b"fingerprint,severity,peak,by,day,reason\nx,low,,A,2026-01-01,x\n", "line 2"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_take_the_row_stays_as_it_is(
    tmp_path: Path, before: bytes, message: str
) -> None:
    path = tmp_path / "acknowledged.csv"
    path.write_bytes(before)
    with pytest.raises(AcknowledgementError, match=message):
        add_acknowledgements(path, [FINDING], "A", "x", DAY)
    assert path.read_bytes() == before
