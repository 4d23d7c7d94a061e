"""Every item that another decoder reads has the same value here: its vectors, ours, and streams."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stanag4609.st0601 import (
    FIELD_DEFINITIONS,
    DecodedField,
    FieldDecodingMode,
    IMAPFieldValue,
    SpecialValue,
    decode_uas_local_set,
    encode_uas_local_set,
)
from stanag4609.transport import TransportMuxer
from stanag4609.transport.metadata import asynchronous_klv_stream, synchronous_klv_stream
from stanag4609.transport.psi import ElementaryStreamInfo

import parsers
from parsers import Content
from parsers.klv._misb_st0601_tags import TAGS
from sample_logs import klv

#: Example "Dynamic Only" of MISB ST 0902.8, Annex C, which the other decoder has as its vector.
DYNAMIC_ONLY = bytes.fromhex(
    "060e2b34020b01010e0103010100000061020800046050584e0180050271c20602fd3d070208b80d045595b66d"
    "0e045b5360c40f02c2211002cd9c1102d9171204724a0a20130487f84b8614047dc55ece150403830926160212"
    "811704f101a229180414bc082b190234f341010601025c2b"
)
_NUMERIC = {"uint", "sint", "mapped", "imap"}
#: A laser code of digits that no laser has, and integers that are longer than they need be.
_REFUSED_FOR_THEIR_FORM = {62, 110, 111, 133, 136, 137}


def records_of(data: bytes) -> pd.DataFrame:
    return (
        parsers.identify(Content("x.klv", data))
        .read(Content("x.klv", data), ())
        .records("UasDatalink")
    )


def is_within_range(field: DecodedField) -> bool:
    """Return whether a value lies in the range of its item; the other decoder gives it anyhow."""
    low, high = field.definition.physical_min, field.definition.physical_max
    return bool(low is not None and high is not None and low <= field.value <= high)


def assert_equal_values(data: bytes, row: pd.Series, *, verify: bool = True) -> int:
    """Hold a row equal to what the other decoder reads; return how many items were compared."""
    other = decode_uas_local_set(
        data,
        verify_checksum=verify,
        field_decoding=FieldDecodingMode.PRESERVE,
        require_timestamp=False,
        require_version=False,
    )
    names = {number: tag.name for number, tag in TAGS.items()}
    for field in other.fields:
        tag, value = field.definition.tag, field.value
        own = row[names[tag]]
        if isinstance(value, SpecialValue) or value == "":
            assert pd.isna(own), tag
        elif isinstance(value, datetime):
            assert own == pd.Timestamp(value), tag
        elif field.definition.kind == "imap" and not is_within_range(field):
            assert pd.isna(own), tag
        elif field.definition.kind in _NUMERIC:
            assert own == pytest.approx(float(value), rel=1e-12, abs=1e-12), tag
        elif field.definition.kind == "text":
            assert own == value, tag
        else:
            assert own == field.raw, tag
    refused = {issue.tag for issue in other.issues if FIELD_DEFINITIONS[issue.tag].kind in _NUMERIC}
    assert row[[names[tag] for tag in sorted(refused - _REFUSED_FOR_THEIR_FORM)]].isna().all()
    return len(other.fields)


def test_both_published_packets(samples: Path) -> None:
    compared = 0
    for name in ("misb0601_dynamic_constant.bin", "misb0601_dynamic_only.bin"):
        data = (samples / "klv" / name).read_bytes()
        row = records_of(data).iloc[0]
        compared += assert_equal_values(data, row, verify=name.endswith("only.bin"))
    assert compared >= 40


def test_the_vector_of_the_other_decoder() -> None:
    assert assert_equal_values(DYNAMIC_ONLY, records_of(DYNAMIC_ONLY).iloc[0]) == 19


def random_sets(seed: int) -> Iterator[bytes]:
    """Yield local sets of every numeric item, random, at both ends, and out of range."""
    random = np.random.default_rng(seed)
    for kind in ("random", "zeros", "ones", "highest bit", "random", "random"):
        items: dict[int, bytes] = {2: struct.pack(">Q", 1_700_000_000_000_000)}
        for tag, definition in FIELD_DEFINITIONS.items():
            if tag <= 2 or definition.kind not in _NUMERIC:
                continue
            size = definition.length or definition.maximum_length or 4
            if definition.kind == "imap":
                size = int(random.integers(1, size + 1))
            items[tag] = {
                "random": random.bytes(size),
                "zeros": bytes(size),
                "ones": b"\xff" * size,
                "highest bit": b"\x80" + bytes(size - 1),
            }[kind]
        yield klv.local_set(items)


def test_every_numeric_item_at_random_and_at_its_ends() -> None:
    sets = list(random_sets(5))
    rows = records_of(b"".join(sets))
    assert len(rows) == len(sets)
    compared = sum(
        assert_equal_values(data, row) for data, (_, row) in zip(sets, rows.iterrows(), strict=True)
    )
    assert compared > 500


def muxed(sets: list[bytes], *, is_synchronous: bool) -> bytes:
    """Return a stream of the other program's: tables, and a unit for each local set."""
    stream = (
        synchronous_klv_stream(0x1F1, metadata_input_leak_rate=1, metadata_buffer_size=1)
        if is_synchronous
        else asynchronous_klv_stream(0x1F1)
    )
    muxer = TransportMuxer(
        transport_stream_id=1,
        program_number=1,
        program_map_pid=0x1000,
        pcr_pid=0x100,
        streams=(ElementaryStreamInfo(0x1B, 0x100, ()), stream),
    )
    packets: list[bytes] = []
    for number, each in enumerate(sets):
        if number % 10 == 0:
            packets += muxer.program_tables()
        if is_synchronous:
            packets += muxer.mux_sync_klv(0x1F1, each, pts=90_000 * number)
        else:
            packets += muxer.mux_async_klv(0x1F1, each)
    return b"".join(packets)


@pytest.mark.parametrize("is_synchronous", [False, True])
def test_streams_that_the_other_program_muxed(tmp_path: Path, is_synchronous: bool) -> None:
    sets = [klv.local_set(klv.items(number)) for number in range(30)]
    path = tmp_path / "muxed.ts"
    path.write_bytes(muxed(sets, is_synchronous=is_synchronous))
    log = parsers.read(path)
    rows = log.records("UasDatalink")
    assert len(log.track) == len(rows) == len(sets)
    assert not log.issues
    for data, (_, row) in zip(sets, rows.iterrows(), strict=True):
        assert_equal_values(data, row)


def test_values_that_the_encoder_of_the_other_gives() -> None:
    values: dict[int, Any] = {
        2: datetime(2026, 5, 14, 9, 5, tzinfo=UTC), 3: "Mission 12", 5: 123.4, 13: 50.6, 14: -3.9,
        15: 900.0, 104: IMAPFieldValue(955.5, 3), 113: IMAPFieldValue(480.0, 3), 136: 27, 65: 19,
    }  # fmt: skip
    data = encode_uas_local_set(values)
    assert assert_equal_values(data, records_of(data).iloc[0]) >= 10
