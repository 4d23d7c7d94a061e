"""Checksums of many frames at once are those that come byte by byte."""

import numpy as np
import pytest

from parsers.mavlink._shared._frame_checksums import LONGEST_CHECKED, matching_crc_extras_of_frames
from parsers.mavlink._shared._mavlink_message_definitions import accumulate_x25_checksum

MARK, CHECKSUM_SIZE = 1, 2


def frame_with_checksum(body: bytes, extra: int) -> bytes:
    """Return a mark, the bytes that are checked, and their checksum under a CRC_EXTRA."""
    checksum = accumulate_x25_checksum(accumulate_x25_checksum(0xFFFF, body), bytes([extra]))
    return b"\xfd" + body + checksum.to_bytes(CHECKSUM_SIZE, "little")


def frames_of_lengths(lengths: list[int]) -> tuple[bytearray, list[int], list[int]]:
    """Return frames one after the other, where the checked bytes of each begin, and its extra."""
    random = np.random.default_rng(5)
    data, starts, extras = bytearray(), list[int](), list[int]()
    for length in lengths:
        extra = int(random.integers(256))
        starts.append(len(data) + MARK)
        extras.append(extra)
        data += frame_with_checksum(random.bytes(length), extra)
    return data, starts, extras


def found_extras(data: bytearray, starts: list[int], lengths: list[int]) -> list[int]:
    """Return what `matching_crc_extras_of_frames` says of the frames."""
    array = np.frombuffer(bytes(data), np.uint8)
    lengths_16 = np.array(lengths, np.uint16)
    return [
        int(each)
        for each in matching_crc_extras_of_frames(array, np.array(starts, np.int64), lengths_16)
    ]


def test_a_frame_of_any_length_is_intact_under_its_own_extra() -> None:
    lengths = [*range(5, LONGEST_CHECKED + 1), *range(LONGEST_CHECKED, 4, -1)]
    data, starts, extras = frames_of_lengths(lengths)
    assert found_extras(data, starts, lengths) == extras


@pytest.mark.parametrize("length", [5, 6, 13, 14, 15, 30, 261, LONGEST_CHECKED])
def test_a_frame_that_is_the_whole_file_is_checked(length: int) -> None:
    data, starts, extras = frames_of_lengths([length])
    assert found_extras(data, starts, [length]) == extras


def test_a_changed_bit_changes_the_extra_or_leaves_none() -> None:
    lengths = [5, 14, 40]
    data, starts, extras = frames_of_lengths(lengths)
    for start, length, row in zip(starts, lengths, range(3), strict=True):
        for bit in range(8 * (length + CHECKSUM_SIZE)):
            data[start + bit // 8] ^= 1 << bit % 8
            assert found_extras(data, starts, lengths)[row] != extras[row]
            data[start + bit // 8] ^= 1 << bit % 8


def test_no_frames_have_no_extras() -> None:
    assert found_extras(bytearray(b"\xfd"), [], []) == []
