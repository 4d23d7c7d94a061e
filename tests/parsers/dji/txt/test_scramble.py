"""The scramble in columns, against the few lines of plain Python that it stands for."""

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.dji.txt._unscramble_bodies import (
    payload_trailer_match_mask,
    scramble_key_table,
    unscramble_payloads,
)


def plain_key(kind: int, first: int) -> bytes:
    crc = (first + kind) & 0xFF
    for byte in struct.pack("<Q", (0x123456789ABCDEF0 * first) & 0xFFFFFFFFFFFFFFFF):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return struct.pack("<Q", crc)


def scrambled(kind: int, first: int, body: bytes) -> bytes:
    key = plain_key(kind, first)
    clear = body + bytes([(first + kind) & 0xFF])
    return bytes([first]) + bytes(byte ^ key[place % 8] for place, byte in enumerate(clear))


def test_every_key_of_the_table_is_that_of_the_plain_loop() -> None:
    table = scramble_key_table()
    for kind in range(256):
        for first in range(0, 256, 5):
            assert table[kind, first].tobytes() == plain_key(kind, first)
    assert not table.flags.writeable


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=60))
def test_a_body_comes_back_two_bytes_shorter_than_its_payload_and_its_trailer_holds(
    kind: int, first: int, body: bytes
) -> None:
    payload = np.frombuffer(scrambled(kind, first, body), np.uint8)[None, :]
    assert payload.shape[1] == len(body) + 2
    assert unscramble_payloads(payload, kind).tobytes() == body
    assert holds(kind, payload[0])


@given(st.integers(0, 255), st.integers(0, 255), st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_trailer_never_holds(
    kind: int, first: int, body: bytes, data: st.DataObject
) -> None:
    payload = np.frombuffer(scrambled(kind, first, body), np.uint8).copy()
    payload[-1] ^= data.draw(st.integers(1, 255))
    assert not holds(kind, payload)


def holds(kind: int, payload: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> bool:
    kinds = np.array([kind], np.uint8)
    return bool(
        payload_trailer_match_mask(kinds, payload[:1], payload[-1:], np.array([len(payload)]))[0]
    )


def test_a_payload_too_short_for_a_trailer_has_no_body() -> None:
    for size in (0, 1):
        assert unscramble_payloads(np.zeros((3, size), np.uint8), 1).shape == (3, 0)
    one = np.array([1], np.uint8)
    assert payload_trailer_match_mask(one, one, one, np.array([1])).all()
