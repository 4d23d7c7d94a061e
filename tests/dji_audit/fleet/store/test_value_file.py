"""A value that is kept is the value that comes back, and nothing in a file is run."""

import datetime as dt
import io
import json
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parsers
from dji_audit.compliance.outcomes import Severity
from dji_audit.fleet.store import StoredValueError, decode_stored_value, encode_value_to_stream
from dji_audit.flights import summarise_each_part_of_log
from tests.conftest import ROOT

LOGS = sorted(
    path
    for path in (ROOT / "sample_logs").iterdir()
    if path.suffix in (".txt", ".BIN", ".tlog", ".ulg", ".DAT", ".SRT", ".MP4", ".JPG", ".csv")
)


def written(value: object) -> bytes:
    stream = io.BytesIO()
    encode_value_to_stream(value, stream)
    return stream.getvalue()


def assert_same(first: Any, second: Any) -> None:
    """Compare two values of any kind, tables and arrays by their values and dtypes."""
    assert type(first) is type(second)
    if isinstance(first, pd.DataFrame):
        pd.testing.assert_frame_equal(first, second)
    elif isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    elif isinstance(first, tuple | list):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    elif hasattr(first, "__dataclass_fields__"):
        for field in fields(first):
            if field.compare:
                assert_same(getattr(first, field.name), getattr(second, field.name))
    else:
        assert first == second or (first != first and second != second)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_a_log_and_its_summary_come_back(path: Path) -> None:
    for log in parsers.read_file(path).logs:
        kept = replace(log, _records={})
        assert_same(decode_stored_value(written(kept)), kept)
        summaries = tuple(summarise_each_part_of_log(log, 7))
        assert_same(decode_stored_value(written(summaries)), summaries)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.sampled_from(Severity)
)


@given(
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.lists(inner, max_size=4).map(tuple)
            | st.dictionaries(st.text(max_size=5), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_any_value_comes_back(value: object) -> None:
    assert_same(decode_stored_value(written(value)), value)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2026-05-14T10:00:00.123456789Z"),
        pd.Timestamp("2026-05-14T10:00:00.123456789"),
        pd.NaT,
        pd.Timedelta(5, "ns"),
        np.float32(0.1),
        np.int64(-3),
        dt.date(2026, 5, 14),
        Path("a/b"),
        frozenset({"a", "b"}),
        MappingProxyType({"a": 1}),
        np.array([[1, 2], [3, 4]], np.uint16),
        np.array(["NaT", "2026-05-14"], "datetime64[ns]"),
        parsers.NamedPosition("home", None, 1.5, float("nan"), None, "OSD", 12),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_every_kind_come_back(value: object) -> None:
    assert_same(decode_stored_value(written(value)), value)


TIMES = np.array(["2026-05-14T10:00:00", "NaT", "1969-01-01T00:00:00"], "datetime64[ns]")


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_of_every_dtype_comes_back(rows: int) -> None:
    frame = pd.DataFrame(
        {
            "time": pd.DatetimeIndex(TIMES).tz_localize("UTC"),
            "microseconds": pd.DatetimeIndex(TIMES.astype("datetime64[us]")).tz_localize("UTC"),
            "local": pd.DatetimeIndex(TIMES).tz_localize("Europe/London"),
            "wall": TIMES.astype("datetime64[ms]"),
            "lasts": TIMES - TIMES[0],
            "number": [1.5, np.nan, -0.0],
            "whole": np.array([1, 2, 3], np.int32),
            "maybe": pd.array([1, None, 3], dtype="UInt8"),
            "is_so": pd.array([True, None, False], dtype="boolean"),
            "yes": [True, False, True],
            "text": pd.array(["a", None, "\x00\ud7ff"], dtype="str"),
            "things": [(1, "a"), None, ()],
        }
    ).head(rows)
    assert_same(decode_stored_value(written(frame)), frame)


def test_every_cut_and_most_changes_are_noticed_or_harmless() -> None:
    data = written((pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), {"k": (1, 2.5)}, b"raw"))
    for end in range(0, len(data) - 64, 7):
        with pytest.raises(StoredValueError):
            decode_stored_value(data[:end])
    rng = np.random.default_rng(5)
    for _ in range(300):
        changed = bytearray(data)
        changed[rng.integers(len(changed))] ^= 1 << rng.integers(8)
        try:
            decode_stored_value(bytes(changed))
        except StoredValueError:
            continue


@pytest.mark.parametrize(
    "tree",
    [
        {"object": ["os:system", {}]},
        {"object": ["pathlib:Path", {}]},
        {"object": ["builtins:eval", {}]},
        {"object": ["dji_audit.cli._app:audit", {}]},
        {"object": ["dji_audit.fleet.store._value_file:io", {}]},
        {"object": ["parsers:Log", {}]},
        {"named": ["parsers:Source", []]},
        {"enum": ["parsers:Source", "x"]},
        {"array": ["|O", [1], [0, 8]]},
        {"array": ["<f8", [1], [0, 800]]},
        {"array": ["<f8", [-1], [-8, 8]]},
        {"run": "anything"},
        {"tuple": 5},
    ],
    ids=str,
)
def test_nothing_but_values_of_the_packages_is_made(tree: object) -> None:
    text = json.dumps(tree).encode()
    data = b"dji-audit value 1\n" + len(text).to_bytes(8, "little") + text + bytes(200)
    with pytest.raises(StoredValueError):
        decode_stored_value(data)


@pytest.mark.parametrize("value", [object(), lambda: None, {1, 2}, np.array([object()])])
def test_what_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="keeps no"):
        written(value)
