"""Layouts decode what struct packs, and what a record is too short for is missing."""

import struct
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import BitField, Layout, LayoutField
from parsers._record_layout import EqualLengthRecords, LayoutRecords

LAYOUT = Layout(
    "Sample",
    "made up",
    (
        LayoutField("count", 0, "<u2"),
        LayoutField("height_m", 2, "<i2", "m", 0.1, "above something"),
        LayoutField("state", 4, "u1", enum={0: "off", 1: "on"}),
        LayoutField("name", 6, "S4"),
        LayoutField("wide", 10, "<f8"),
    ),
    (BitField("flag", "state", 0x80), BitField("level", "state", 0x0E, enum={2: "two"})),
)
WIRE = "<HhBx4sd"


def records_of(bodies: list[bytes]) -> LayoutRecords:
    groups = []
    for size in sorted({len(body) for body in bodies}):
        rows = [row for row, body in enumerate(bodies) if len(body) == size]
        matrix = np.frombuffer(b"".join(bodies[row] for row in rows), np.uint8)
        groups.append(EqualLengthRecords(np.array(rows, np.int64), matrix.reshape(len(rows), size)))
    return LayoutRecords(LAYOUT, np.arange(len(bodies), dtype=np.int64) * 100, groups)


NUMBERS = st.tuples(
    st.integers(0, 65535),
    st.integers(-32768, 32767),
    st.integers(0, 255),
    st.binary(min_size=4, max_size=4),
    st.floats(allow_nan=False),
)


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 22)), min_size=1, max_size=12))
def test_a_field_that_fits_is_what_was_packed_and_one_that_does_not_is_missing(
    rows: list[tuple[tuple[int, int, int, bytes, float], int]],
) -> None:
    bodies = [(struct.pack(WIRE, *numbers) + b"more")[:length] for numbers, length in rows]
    found = records_of(bodies)
    assert found.lengths.tolist() == [len(body) for body in bodies]
    for row, ((count, height, state, name, wide), length) in enumerate(rows):
        expected = {
            "count": (2, count),
            "height_m": (4, height * 0.1),
            "state": (5, state),
            "flag": (5, state >> 7),
            "level": (5, (state & 0x0E) >> 1),
            "wide": (18, wide),
        }
        for field, (needed, value) in expected.items():
            decoded = float(found[field][row])
            if length >= needed:
                assert decoded == value, field
            else:
                assert np.isnan(decoded), f"{field} is {decoded}, which the bytes do not hold"
            assert found.records_holding_field_mask(field)[row] == (length >= needed)
        text = name.split(b"\0")[0].decode("utf-8", "replace") if length >= 10 else None
        assert found["name"][row] == text


def test_a_number_without_a_word_stays_a_number() -> None:
    bodies = [struct.pack(WIRE, 0, 0, state, b"", 0.0) for state in (0, 1, 4, 200)] + [b"\0\0"]
    found = records_of(bodies)
    assert found.enum_words_of_field("state") == ["off", "on", "unknown 4", "unknown 200", None]
    assert found.enum_words_of_field("level") == [
        "unknown 0",
        "unknown 0",
        "two",
        "unknown 4",
        None,
    ]


def test_one_bit_is_a_truth_value_and_several_are_a_number() -> None:
    found = records_of([struct.pack(WIRE, 0, 0, 0x8E, b"", 0.0)])
    assert found["flag"].dtype == bool
    assert found["level"].tolist() == [7]


def test_a_frame_has_every_field_words_and_the_bytes_no_field_explains() -> None:
    frame = records_of([struct.pack(WIRE, 1, 2, 1, b"ab", 0.5) + b"\xfe\x01"]).to_dataframe()
    assert frame.columns.tolist() == [
        *("offset", "length", "count", "height_m", "state", "state_word", "name", "wide"),
        *("flag", "level", "level_word", "raw"),
    ]
    assert frame.loc[0, "raw"] == "fe01"


def test_a_damaged_number_that_overflows_its_unit_is_infinite_and_no_warning() -> None:
    layout = Layout("Big", "made up", (LayoutField("deg", 0, "<f8", "deg", 57.3),))
    body = np.frombuffer(struct.pack("<d", 1e308), np.uint8)[None, :]
    found = LayoutRecords(layout, np.array([0]), [EqualLengthRecords(np.array([0]), body)])
    assert np.isinf(found["deg"]).all()


def test_no_records_give_columns_without_rows() -> None:
    found = LayoutRecords(LAYOUT, np.array([], np.int64), [])
    assert len(found.to_dataframe()) == 0
    assert found.enum_words_of_field("state") == []


def test_fields_that_overlap_and_bits_of_no_field_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        Layout("X", "", (LayoutField("a", 0, "<u4"), LayoutField("b", 2, "u1")))
    with pytest.raises(ValueError, match="unknown fields"):
        Layout("X", "", (LayoutField("a", 0, "<u4"),), (BitField("b", "c", 1),))


def test_the_description_lists_every_field_and_bit() -> None:
    table = LAYOUT.to_markdown()
    assert all(f"`{row.name}`" in table for row in LAYOUT.fields_and_bits)
    assert "0.1 m" in table


@pytest.mark.parametrize("order", ["<", ">"])
def test_one_record_is_unpacked_in_the_byte_order_of_its_file(order: Literal["<", ">"]) -> None:
    layout = Layout("header", "here", (LayoutField("a", 0, "<u2"), LayoutField("b", 4, "<i4")))
    record = struct.pack(f"{order}HHi", 0x0102, 9, -7)
    assert layout.unpack_record(record, order) == {"a": 0x0102, "b": -7}
    with pytest.raises(ValueError, match="buffer"):
        layout.unpack_record(record[:6], order)
