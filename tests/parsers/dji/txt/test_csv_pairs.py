"""Real records against what PhantomHelp and Flight Reader wrote of the same flights.

A row of a table and an OSD record are the same where both carry the same flight time: the
n-th row of that time and the n-th record of it where both have as many, and else (the tables
drop about a row in twenty) one of the records of that time.  Values agree to half a unit of
the last decimal that the column uses.  Tables of version 14 come from decrypted records that
we have no keys for: of those only what is in clear can be compared.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers

FOOT_M = 0.3048
METRES = {"ft": FOOT_M, "m": 1.0}


@dataclass(frozen=True)
class Column:
    """Numbers of a column in SI, and what half a unit of their last decimal is."""

    numbers: np.ndarray[tuple[int], np.dtype[np.float64]]
    rounding: float


@dataclass(frozen=True)
class Table:
    """A table of Flight Reader: some have ``sep=,`` first, or spaces after their commas."""

    head: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> Column:
        """Return a column by its name without the unit, which stands in brackets."""
        title = next(t for t in self.head if t == name or t.startswith(f"{name} ["))
        unit = title.partition("[")[2].rstrip("]")
        factor = METRES.get(unit, 1.0)
        texts = [row[self.head.index(title)].strip() for row in self.rows]
        decimals = max(len(text.partition(".")[2]) for text in texts)
        values = np.array([float(text) if text else np.nan for text in texts]) * factor
        # A spreadsheet rounded some of the tables again, from eight decimals of a degree to seven.
        again = 0.5e-8 if decimals == 7 else 0.0
        return Column(values, (0.5 * 10.0**-decimals + again) * factor)


@cache
def read_table(path: Path) -> Table:
    lines = path.read_text("utf-8-sig", errors="replace").splitlines()
    start = 1 if lines[0].startswith("sep=") else 0
    head, *rows = csv.reader(lines[start:], skipinitialspace=True)
    return Table([title.strip() for title in head], [row for row in rows if len(row) >= 100])


def pairs(samples: Path) -> list[tuple[Path, Path]]:
    logs = {path.stem: path for path in (samples / "dji_txt").rglob("*.txt")}
    tables = sorted((samples / "dji_csv").rglob("*.csv"))
    found = [(logs[path.stem], path) for path in tables if path.stem in logs]
    return [(log, table) for log, table in found if "OSD.flyTime [s]" in read_table(table).head]


def decided(table: Table, osd: pd.DataFrame) -> tuple[list[tuple[int, list[int]]], int]:
    """Return for each row the records that may be it, and how many rows have exactly one."""
    theirs = np.round(table.column("OSD.flyTime [s]").numbers * 10)
    ours = np.round(osd.flight_time_s.to_numpy() * 10)
    records = {time: np.flatnonzero(ours == time).tolist() for time in np.unique(ours)}
    out, sure = [], 0
    for time in np.unique(theirs[np.isfinite(theirs)]):
        rows, candidates = np.flatnonzero(theirs == time).tolist(), records.get(time, [])
        if len(rows) == len(candidates):
            out += [(row, [one]) for row, one in zip(rows, candidates, strict=True)]
            sure += len(rows)
        elif candidates:
            out += [(row, candidates) for row in rows]
    return out, sure


def test_every_joined_row_agrees_in_place_and_height_to_its_own_rounding(samples: Path) -> None:
    compared, certain, flights = 0, 0, 0
    for path, beside in pairs(samples):
        log = parsers.read(path)
        if log.encrypted:
            continue
        osd, table = log.records("OSD"), read_table(beside)
        joined, sure = decided(table, osd)
        assert len(joined) >= 0.97 * len(table.rows), f"{beside.name}: {len(joined)} rows joined"
        for name, field in (
            ("OSD.latitude", "latitude_deg"),
            ("OSD.longitude", "longitude_deg"),
            ("OSD.height", "height_ato_m"),
        ):
            theirs, ours = table.column(name), osd[field].to_numpy()
            for row, candidates in joined:
                off = np.abs(ours[candidates] - theirs.numbers[row]).min()
                assert off <= theirs.rounding * (1 + 1e-6) + 1e-12, f"{beside.name} {row} {name}"
        compared, certain, flights = compared + len(joined), certain + sure, flights + 1
    assert flights >= 15
    assert compared >= 14_000
    assert certain >= 13_700


def test_the_roundings_are_too_fine_for_a_neighbouring_record_to_pass(samples: Path) -> None:
    """A check of the check: shifted by one record, the flights that move disagree."""
    path = next(log for log, _ in pairs(samples) if "2018-06-19" in log.name)
    beside = next(table for log, table in pairs(samples) if log == path)
    osd, table = parsers.read(path).records("OSD"), read_table(beside)
    theirs, ours = table.column("OSD.latitude"), osd.latitude_deg.to_numpy()
    wrong = [
        abs(ours[one[0] - 1] - theirs.numbers[row]) > theirs.rounding
        for row, one in decided(table, osd)[0]
        if len(one) == 1 and one[0]
    ]
    assert np.mean(wrong) > 0.5


def test_recording_is_what_the_tables_show(samples: Path) -> None:
    """Where a table shows a video it lies in a capture, and where it shows none so do we.

    The tables follow the camera's state, once a second and from "starting" on; ours begin
    with the app's mark, which may come seconds later.
    """
    shown = 0
    for path, beside in pairs(samples):
        log, table = parsers.read(path), read_table(beside)
        if log.encrypted:
            continue
        at = table.head.index("CAMERA.isVideo")
        recording = [row[at].strip().upper() == "TRUE" for row in table.rows]
        videos = log.captures[log.captures.kind == "video"]
        assert any(recording) == (len(videos) > 0), beside.name
        fixes = log.track.sort_values("source_offset", ignore_index=True).time
        margin = pd.Timedelta(seconds=3)
        for row, one in decided(table, log.records("OSD"))[0]:
            if recording[row] and len(one) == 1:
                inside = (videos.start - margin <= fixes[one[0]]) & (
                    videos.end + margin >= fixes[one[0]]
                )
                assert inside.any(), f"{beside.name} row {row}"
                shown += 1
    assert shown >= 4000


def test_charge_is_that_of_the_tables(samples: Path) -> None:
    """Within the second between two battery records: not OSD byte 40, which is no charge.

    Left out: the Mavic Pro, whose battery group the tables misread (3 % in all the flight).
    """
    compared = 0
    for path, beside in pairs(samples):
        log, table = parsers.read(path), read_table(beside)
        if log.encrypted or log.aircraft.model == "Mavic Pro":
            continue
        ours = log.track.sort_values("source_offset").battery_pct.to_numpy()
        theirs = table.column("BATTERY.chargeLevel").numbers
        joined = [
            (row, one[0]) for row, one in decided(table, log.records("OSD"))[0] if len(one) == 1
        ]
        off = np.array([abs(ours[mine] - theirs[row]) for row, mine in joined])
        known = np.isfinite(off)
        assert known.mean() > 0.9
        assert off[known].max() <= 2
        assert (off[known] == 0).mean() > 0.97
        compared += int(known.sum())
    assert compared >= 11_000


@pytest.mark.parametrize("column", ["DETAILS.aircraftSerial", "RECOVER.aircraftSerial"])
def test_serial_numbers_are_those_of_the_tables(samples: Path, column: str) -> None:
    compared = 0
    for path, beside in pairs(samples):
        table, log = read_table(beside), parsers.read(path)
        if column not in table.head:
            continue
        place = table.head.index(column)
        for text in {row[place].strip() for row in table.rows} - {""}:
            assert log.aircraft.serial == text
            compared += 1
    assert compared >= 10


def test_tables_of_encrypted_records_have_as_many_rows_as_those_hold_fixes(samples: Path) -> None:
    compared = 0
    for path, beside in pairs(samples):
        log = parsers.read(path)
        if not log.encrypted:
            continue
        rows = len(read_table(beside).rows)
        assert abs(log.record_counts["OSD (encrypted)"] - rows) <= 5
        assert log.header_summary is not None
        assert log.header_summary.fix_count is not None
        assert abs(log.header_summary.fix_count - rows) <= 10
        compared += 1
    assert compared == 3
