"""Rows on disk: the same rows as in memory, in any order, and damage is never taken for rows."""

import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.rows_on_disk import (
    ROWS_FILE,
    EncodedRows,
    RowFile,
    RowKind,
    RowsOnDisk,
    encode_rows,
    iterate_rows_kind_by_kind,
    load_last_run_rows_of_state,
    row_type_of_kind,
    rows_of_kind,
)
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.store import StoredValueError
from dji_audit.fleet.tables.table_rows import RowsOfOneTable
from dji_audit.flights.clock._track_alignment import TimedTrack
from dji_audit.report.rows import FileRow
from tests.conftest import ROOT

SAMPLE = ROOT / "sample_logs" / "00000042.BIN"


def file_rows(count: int, first: int = 0) -> tuple[FileRow, ...]:
    return tuple(
        FileRow(f"{number}.txt", "read", size=number) for number in range(first, first + count)
    )


def test_rows_come_back_as_they_were_and_more_than_once() -> None:
    rows: RowsOnDisk[FileRow] = RowsOnDisk(RowFile())
    rows.add_rows(file_rows(150))
    assert rows == file_rows(150)
    assert list(rows) == list(rows)
    assert [row for row, _ in zip(rows, rows, strict=True)] == list(file_rows(150))
    assert (rows[0], rows[-1], rows[64]) == tuple(file_rows(150)[at] for at in (0, -1, 64))
    assert rows[60:70] == file_rows(150)[60:70]
    assert len(rows) == 150
    with pytest.raises(IndexError):
        rows[150]


def test_no_rows_are_an_empty_sequence() -> None:
    rows: RowsOnDisk[FileRow] = RowsOnDisk(RowFile())
    rows.add_block(encode_rows(()))
    assert not rows
    assert rows == ()
    assert list(rows.blocks()) == []
    assert rows.rows_of_block(0) == ()


def test_blocks_can_be_put_in_another_order_and_left_out() -> None:
    rows: RowsOnDisk[FileRow] = RowsOnDisk(RowFile())
    for first in (0, 10, 20):
        rows.add_block(encode_rows(file_rows(2, first)))
    ordered = rows.with_blocks_reordered([2, 0])
    assert ordered == file_rows(2, 20) + file_rows(2, 0)
    assert rows.rows_of_block(1) == file_rows(2, 10)


def test_rows_in_a_folder_can_be_sent_to_another_process_and_grow_there(tmp_path: Path) -> None:
    file = RowFile(tmp_path)
    rows: RowsOnDisk[FileRow] = RowsOnDisk(file)
    others: RowsOnDisk[FileRow] = RowsOnDisk(file)
    rows.add_rows(file_rows(150))
    others.add_rows(file_rows(3, 500))
    sent_rows, sent_others = pickle.loads(pickle.dumps((rows, others)))  # noqa: S301 - its own
    assert (sent_rows, sent_others) == (file_rows(150), file_rows(3, 500))
    sent_rows.add_rows(file_rows(2, 900))
    assert sent_rows == file_rows(150) + file_rows(2, 900)
    assert rows == file_rows(150)
    with pytest.raises(TypeError, match="without a name"):
        pickle.dumps(RowsOnDisk(RowFile()))


@pytest.mark.parametrize("data", [b"", b"no rows", encode_rows(file_rows(3)).data[:-4]])
def test_damaged_blocks_are_no_rows(data: bytes) -> None:
    with pytest.raises(StoredValueError):
        EncodedRows(3, data).decode()


def test_a_block_of_another_number_of_rows_is_damaged() -> None:
    with pytest.raises(StoredValueError, match="number of rows"):
        EncodedRows(4, encode_rows(file_rows(3)).data).decode()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows") / "state"


def test_a_state_keeps_the_rows_of_its_last_run(state: Path) -> None:
    with pytest.raises(OutputError, match="no finished run"):
        load_last_run_rows_of_state(state)
    finished = audit_paths([SAMPLE], RunOptions(load_policy("default"), state=state))
    kept = load_last_run_rows_of_state(state)
    for kind in RowKind:
        rows = rows_of_kind(kept, kind)
        assert rows == list(rows_of_kind(finished.contents, kind))
        assert all(type(row) is row_type_of_kind(kind) for row in rows)
    each = list(iterate_rows_kind_by_kind(kept))
    assert [it.row for it in each if it.kind is RowKind.FLIGHT] == list(finished.contents.flights)
    assert len(each) == sum(len(rows_of_kind(kept, kind)) for kind in RowKind)


@pytest.mark.parametrize("place", [0, -1, -30])
def test_damaged_rows_of_a_state_are_told(state: Path, place: int) -> None:
    path = state / ROWS_FILE
    whole = path.read_bytes()
    data = bytearray(whole)
    data[place] ^= 0xFF
    path.write_bytes(data)
    try:
        with pytest.raises(OutputError, match="damaged"):
            load_last_run_rows_of_state(state)
    finally:
        path.write_bytes(whole)


def test_bytes_and_columns_of_numbers_come_back_as_they_were() -> None:
    track = TimedTrack(
        *(np.array(it) for it in ([0.0, 1.5], [51.5, 51.6], [-0.1, -0.2], [np.nan, 30.0]))
    )
    component = RowsOfOneTable("about", (b"\x00\xff", None, 1.5, True, b"", "x", -2, False))
    (found_track, found_rows) = encode_rows((track, component)).decode()
    assert isinstance(found_track, TimedTrack)
    for name in ("seconds", "latitude_deg", "longitude_deg", "height_m"):
        mine, whole = getattr(found_track, name), getattr(track, name)
        np.testing.assert_array_equal(mine, whole)
        # What is read can be changed, as what was written could.
        assert mine.flags.writeable
    assert found_rows == component


@pytest.mark.parametrize("place", ["-7,0,3", "-7,9,3", "-7,-1,2", "-8,0,7", "-6,0,2"])
def test_what_lies_outside_the_bytes_is_damaged(place: str) -> None:
    text = f"[[],[[{place}]]]".encode()
    data = zlib.compress(len(text).to_bytes(4, "little") + text + b"ab")
    with pytest.raises(StoredValueError):
        EncodedRows(1, data).decode()
