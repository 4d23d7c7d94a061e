"""The index method the MAVLink formats share, against a walk one byte at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.mavlink._shared import _record_framing
from parsers.mavlink._shared._record_framing import (
    BLOCK,
    bytes_at_offsets,
    find_candidate_offsets,
    record_coverage,
    rows_of_each_key,
    select_chained_records_and_gaps,
    structures_at_offsets,
)

# A toy format: 0xAA, the whole length, then filling.
HEAD = 0xAA


def record(size: int, fill: int = 1) -> bytes:
    return bytes([HEAD, size]) + bytes([fill]) * (size - 2)


def found(data: bytes, **more: object) -> tuple[list[tuple[int, int]], tuple[tuple[int, int], ...]]:
    array = np.frombuffer(data, np.uint8)
    starts = find_candidate_offsets(array, 2, lambda block: (block[:-1] == HEAD) & (block[1:] >= 2))
    ends = starts + array[starts + 1] if len(starts) else starts
    chain = select_chained_records_and_gaps(starts, ends, 0, len(data), **more)  # type: ignore[arg-type]
    kept = list(zip(starts[chain.is_record].tolist(), ends[chain.is_record].tolist(), strict=True))
    return kept, chain.gaps


def test_a_clean_file_is_one_chain_without_gaps() -> None:
    data = record(5) + record(9) + record(2)
    assert found(data) == ([(0, 5), (5, 14), (14, 16)], ())


def test_a_look_alike_inside_a_payload_is_stepped_over() -> None:
    inside = record(12)[:2] + bytes([HEAD, 4, 1, 1, HEAD, 7]) + bytes(4)
    data = record(5) + inside + record(6)
    assert found(data) == ([(0, 5), (5, 17), (17, 23)], ())


def test_reading_goes_on_behind_damage() -> None:
    data = record(5) + b"\0" * 7 + record(6) + record(6) + record(6)
    assert found(data) == ([(0, 5), (12, 18), (18, 24), (24, 30)], ((5, 12),))


def test_a_torn_record_does_not_swallow_the_one_behind_it() -> None:
    data = record(5) + record(20)[:9] + record(6) + record(6) + record(6) + record(6)
    kept, gaps = found(data)
    assert kept == [(0, 5), (14, 20), (20, 26), (26, 32), (32, 38)]
    assert gaps == ((5, 14),)


def test_a_lone_look_alike_in_damage_is_not_believed() -> None:
    data = record(5) + b"\0" * 7 + record(3) + b"\0" * 7 + record(6) + record(6)
    assert found(data) == ([(0, 5), (22, 28), (28, 34)], ((5, 22),))


def test_a_proven_record_needs_no_followers() -> None:
    data = record(5) + b"\0" * 7 + record(3) + b"\0" * 7
    kept, gaps = found(data, proven=np.array([True, True]))
    assert (kept, gaps) == ([(0, 5), (12, 15)], ((5, 12), (15, 22)))


def test_a_record_that_is_cut_off_is_a_gap() -> None:
    data = record(5) + record(9)[:7]
    assert found(data) == ([(0, 5)], ((5, 12),))


def test_a_record_before_a_gap_is_kept_and_called_doubtful() -> None:
    data = record(5) + b"\0" * 7
    array = np.frombuffer(data, np.uint8)
    chain = select_chained_records_and_gaps(np.array([0]), np.array([5]), 0, len(array))
    assert chain.doubtful == (0,)


def test_a_file_without_a_candidate_is_one_gap() -> None:
    assert found(b"\0" * 9) == ([], ((0, 9),))
    assert found(b"") == ([], ())


def test_a_record_without_a_length_is_refused_instead_of_walked_for_ever() -> None:
    with pytest.raises(ValueError, match="without a length"):
        select_chained_records_and_gaps(np.array([0, 4]), np.array([0, 8]), 0, 8)


def test_candidates_are_found_across_blocks() -> None:
    array = np.zeros(2 * BLOCK + 10, np.uint8)
    for place in (0, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 2 * BLOCK + 8):
        array[place : place + 2] = (HEAD, 7)
    places = find_candidate_offsets(array, 2, lambda block: (block[:-1] == HEAD) & (block[1:] == 7))
    # The second overwrites half of the first at the edge of a block.
    assert places.tolist() == [0, BLOCK, 2 * BLOCK - 1, 2 * BLOCK + 8]


@given(
    st.lists(
        st.one_of(
            st.integers(2, 40).map(record),
            st.binary(min_size=1, max_size=30),
            st.builds(
                lambda size, keep: record(size)[:keep], st.integers(3, 40), st.integers(1, 39)
            ),
        ),
        max_size=30,
    )
)
def test_every_byte_is_in_a_record_or_in_a_gap(parts: list[bytes]) -> None:
    data = b"".join(parts)
    kept, gaps = found(data)
    spans = sorted([*kept, *gaps])
    edges = [0, *(end for _, end in spans)]
    assert [start for start, _ in spans] == edges[:-1]
    assert edges[-1] == len(data)
    array = np.array(kept, np.int64).reshape(-1, 2)
    covered = record_coverage(array[:, 0], array[:, 1], len(data))
    assert [span.offset for span in covered] == [
        0,
        *np.cumsum([span.size for span in covered]).tolist(),
    ][: len(covered)]
    assert sum(span.size for span in covered) == len(data)


@given(st.lists(st.integers(2, 60).map(record), min_size=3, max_size=40), st.data())
def test_records_outside_the_damage_are_kept(parts: list[bytes], data: st.DataObject) -> None:
    clean = b"".join(parts)
    at = data.draw(st.integers(0, len(clean) - 1))
    size = data.draw(st.integers(1, 50))
    harmed = clean[:at] + b"\0" * len(clean[at : at + size]) + clean[at + size :]
    kept, _ = found(harmed)
    whole, start = [], 0
    for part in parts:
        if start + len(part) <= at or start >= at + size:
            whole.append((start, start + len(part)))
        start += len(part)
    # Behind the damage a record is believed when two follow it, or all that are left.
    assert set(whole) <= set(kept)


def test_groups_list_the_places_of_each_key() -> None:
    keys = np.array([3, 1, 3, 2, 1, 3], np.uint8)
    assert {key: places.tolist() for key, places in rows_of_each_key(keys).items()} == {
        1: [1, 4],
        2: [3],
        3: [0, 2, 5],
    }
    assert rows_of_each_key(np.empty(0, np.uint8)) == {}


def test_gathering_copies_and_never_reads_beyond_the_end() -> None:
    array = np.arange(20, dtype=np.uint8)
    assert bytes_at_offsets(array, np.array([0, 17]), 3).tolist() == [[0, 1, 2], [17, 18, 19]]
    with pytest.raises(IndexError):
        bytes_at_offsets(array, np.array([18]), 3)
    with pytest.raises(IndexError):
        bytes_at_offsets(array, np.array([-1]), 3)
    row = structures_at_offsets(array, np.array([4]), np.dtype([("a", "u1"), ("b", "<u2")]))
    assert (row["a"][0], row["b"][0]) == (4, 5 + 256 * 6)


def test_structures_that_are_asked_for_out_of_order_come_in_the_order_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    array = np.random.default_rng(3).integers(0, 256, 5000).astype(np.uint8)
    offsets = np.random.default_rng(4).integers(0, 4990, 700)
    straight = bytes_at_offsets(array, offsets, 7)
    monkeypatch.setattr(_record_framing, "RESIDENT_SIZE", 0)
    monkeypatch.setattr(_record_framing, "COPY_BYTES", 64)
    np.testing.assert_array_equal(bytes_at_offsets(array, offsets, 7), straight)
    np.testing.assert_array_equal(straight, [array[at : at + 7] for at in offsets])
