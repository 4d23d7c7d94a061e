"""Whatever happens to a telemetry log, it reads or is refused, and every byte is accounted for."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from parsers import Log
from parsers.mavlink.tlog import FORMAT
from tests.parsers.mavlink.reading import assert_every_byte_is_accounted_for, read_or_refuse


def build(*, stamped: bool) -> bytes:
    """Return a log of many kinds of messages, among them all that the tables look at."""
    sender = dialect.MAVLink(None, 1, 1)
    data = bytearray()
    kinds = [dialect.mavlink_map[number] for number in sorted(dialect.mavlink_map)]
    few = [kind for kind in kinds if kind.msgname in ("HEARTBEAT", "GLOBAL_POSITION_INT")]
    for turn, kind in enumerate([*few * 3, *kinds]):
        values: list[Any] = []
        lengths = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
        for name, wire in zip(kind.fieldnames, kind.fieldtypes, strict=True):
            if wire == "char":
                values.append(b"http://a.b/c" if lengths[name] > 12 else b"a")
            else:
                values.append([1] * lengths[name] if lengths[name] else 1 + turn % 3)
        frame = kind(*values).pack(sender, force_mavlink1=kind.id < 256 and turn % 2 == 0)
        sender.seq = (sender.seq + 1) % 256
        if stamped:
            data += struct.pack(">Q", 1_700_000_000_000_000 + turn * 10_000)
        data += frame
    return bytes(data)


WHOLE = {stamped: build(stamped=stamped) for stamped in (True, False)}


def try_to_read(data: bytes) -> Log | None:
    log = read_or_refuse(FORMAT, data)
    if log is not None:
        assert_every_byte_is_accounted_for(log, len(data))
        gaps = {(span.offset, span.size) for span in log.coverage if span.kind == "gap"}
        assert gaps == {(issue.offset, issue.size) for issue in log.issues if issue.size}
    return log


def known(log: Log | None) -> int:
    if log is None:
        return 0
    counts = log.record_counts
    return sum(counts[name] for name in counts if name in NAMES)


#: Every message is there once, and two of them three times more.
MOST = len(dialect.mavlink_map) + 6
NAMES = {kind.msgname for kind in dialect.mavlink_map.values()}


@pytest.mark.parametrize("stamped", [True, False])
def test_every_message_that_pymavlink_can_pack_is_read(stamped: bool) -> None:
    log = try_to_read(WHOLE[stamped])
    assert log is not None
    assert set(log.record_counts) == NAMES
    assert known(log) == MOST
    for name in log.record_counts:
        assert len(log.records(name)) == log.record_counts[name]


@settings(deadline=None, max_examples=60)
@given(data=st.data(), stamped=st.booleans())
def test_every_prefix_holds_no_more_than_the_whole(data: st.DataObject, stamped: bool) -> None:
    size = data.draw(st.integers(0, len(WHOLE[stamped])))
    log = try_to_read(WHOLE[stamped][:size])
    assert known(log) <= MOST


@settings(deadline=None, max_examples=100)
@given(data=st.data(), stamped=st.booleans())
def test_every_mutation_reads_and_loses_only_what_it_touches(
    data: st.DataObject,
    stamped: bool,
) -> None:
    whole = WHOLE[stamped]
    at = data.draw(st.integers(400, len(whole) - 1))
    cut = data.draw(st.integers(0, 300))
    instead = data.draw(st.binary(max_size=300))
    log = try_to_read(whole[:at] + instead + whole[at + cut :])
    assert log is not None
    # The shortest frame has 8 bytes; the one before and the one behind may be hit.
    assert known(log) >= MOST - (cut // 8 + 2)


@settings(deadline=None, max_examples=60)
@given(data=st.binary(max_size=2000))
def test_any_bytes_are_refused_or_accounted_for(data: bytes) -> None:
    try_to_read(data)
    try_to_read(WHOLE[True][:200] + data)
    try_to_read(WHOLE[False][:200] + data)


def test_samples_cut_and_broken_anywhere_are_accounted_for(samples: Path) -> None:
    whole = (samples / "mavlink/sitl/sitl_copter357_fence_cam.tlog").read_bytes()[:200_000]
    most = known(try_to_read(whole))
    for at in range(997, len(whole), 19 * 997):
        assert known(try_to_read(whole[:at])) <= most
        broken = bytearray(whole)
        broken[at] ^= 0x5A
        assert most - 2 <= known(try_to_read(bytes(broken))) <= most
