"""Cut and damaged streams: what is left is read, the rest is an issue, and no value changes."""

from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Log
from sample_logs import klv
from tests.parsers.read_as_file import read_as_file
from tests.parsers.test_conformance import check_coverage

SETS = [klv.local_set(klv.items(number)) for number in range(24)]
STREAM = b"".join(klv.transport_packets(iter(SETS)))
#: Columns that say where the aircraft was and where it looked.
COLUMNS = ["time", "latitude_deg", "longitude_deg", "altitude_amsl_m", "gimbal_yaw_deg"]


def log_of(data: bytes, name: str = "x.ts") -> Log:
    return read_as_file(data, name)


def states(log: Log) -> set[tuple[object, ...]]:
    return set(log.track[COLUMNS].itertuples(index=False, name=None))


WHOLE = states(log_of(STREAM))


def assert_nothing_changed_silently(log: Log, lost: int) -> None:
    check_coverage(log)
    own = states(log)
    assert own <= WHOLE
    assert len(WHOLE) - len(own) <= lost
    if own < WHOLE:
        assert log.issues


def test_a_packet_that_is_missing_costs_its_own_local_set_only() -> None:
    assert len(WHOLE) == len(SETS)
    # Nothing shows that the last packet is missing.
    for at in range(klv.PACKET * 6, len(STREAM) - klv.PACKET, klv.PACKET):
        log = log_of(STREAM[:at] + STREAM[at + klv.PACKET :])
        # The first packet of a unit is the end of one and the begin of another.
        assert_nothing_changed_silently(log, 2)


def test_a_byte_that_is_damaged_in_every_packet() -> None:
    random = np.random.default_rng(11)
    for at in range(klv.PACKET * 6, len(STREAM), klv.PACKET):
        damaged = bytearray(STREAM)
        place = at + int(random.integers(0, klv.PACKET))
        damaged[place] ^= 1 << int(random.integers(0, 8))
        assert_nothing_changed_silently(log_of(bytes(damaged)), 3)


def test_every_cut_is_read_up_to_it() -> None:
    for cut in range(klv.PACKET * 6, len(STREAM), 331):
        log = log_of(STREAM[:cut])
        check_coverage(log)
        assert states(log) <= WHOLE
        if cut % klv.PACKET:
            assert log.issues


@pytest.mark.parametrize("stride", [188, 192, 204])
@pytest.mark.parametrize("is_synchronous", [False, True])
def test_packets_of_other_sizes_and_of_both_kinds(stride: int, is_synchronous: bool) -> None:
    packets = list(klv.transport_packets(iter(SETS), is_synchronous=is_synchronous))
    before = bytes(4) if stride == 192 else b""
    after = bytes(16) if stride == 204 else b""
    log = log_of(b"".join(before + each + after for each in packets))
    assert states(log) == WHOLE
    assert not log.issues


def test_a_packet_that_is_sent_twice_counts_once() -> None:
    packets = list(klv.transport_packets(iter(SETS)))
    log = log_of(b"".join(each + each for each in packets))
    assert states(log) == WHOLE
    assert len(log.track) == len(SETS)


def test_junk_between_packets_is_told_and_the_rest_is_read() -> None:
    middle = len(STREAM) // 2 // klv.PACKET * klv.PACKET
    junk = np.random.default_rng(3).bytes(5000)
    log = log_of(STREAM[:middle] + junk + STREAM[middle:])
    assert_nothing_changed_silently(log, 2)
    assert any("no packets" in issue.reason for issue in log.issues)


def test_a_checksum_that_does_not_fit_is_told_and_its_values_stay_in_the_records() -> None:
    sets = [bytearray(each) for each in SETS[:6]]
    sets[3][60] ^= 1
    log = log_of(b"".join(map(bytes, sets)), "x.klv")
    assert len(log.track) == 5
    (issue,) = log.issues
    assert issue.offset == sum(map(len, SETS[:3]))
    assert "does not fit" in issue.reason
    assert log.records("UasDatalink")["checksum_fits"].tolist() == [True] * 3 + [False] + [True] * 2


def test_a_value_out_of_its_range_is_not_given_and_counted() -> None:
    items = klv.items(0) | {13: b"\x80\0\0\0", 14: b"\x80\0\0\0"}
    log = log_of(klv.local_set(items) + SETS[1], "x.klv")
    assert log.track["latitude_deg"].isna().tolist() == [True, False]
    assert any("sensor_latitude_deg (item 13)" in issue.reason for issue in log.issues)


@pytest.mark.parametrize(
    "hostile",
    [
        klv.UAS_KEY + b"\x84\xff\xff\xff\xff" + bytes(300),
        klv.UAS_KEY + b"\xff" * 40,
        klv.UAS_KEY + b"\x82\x20\x00" + b"\x02\x00" * 4096,
        klv.UAS_KEY * 500,
        klv.UAS_KEY + b"\x80",
    ],
)
def test_hostile_lengths_cost_themselves_only(hostile: bytes) -> None:
    log = log_of(SETS[0] + hostile + SETS[1], "x.klv")
    check_coverage(log)
    assert len(log.track) == 2
    assert log.issues


def test_letters_and_other_texts_are_no_transport_stream(tmp_path: Path) -> None:
    for number, text in enumerate((b"G" * 4096, b"G".ljust(188) * 20)):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(text)
        assert parsers.read_file(path).account.format != "mpeg-ts"


@pytest.mark.slow
def test_ten_minutes_damaged_at_every_packet() -> None:
    sets = [klv.local_set(klv.items(number)) for number in range(600)]
    stream = b"".join(klv.transport_packets(iter(sets)))
    whole = states(log_of(stream))
    assert len(whole) == 600
    for at in range(klv.PACKET * 6, len(stream), klv.PACKET):
        damaged = bytearray(stream)
        damaged[at + at // klv.PACKET % klv.PACKET] ^= 0x15
        for data in (bytes(damaged), stream[:at], stream[:at] + stream[at + klv.PACKET :]):
            log = log_of(data)
            assert states(log) <= whole
            if len(log.track) < 600 and data is not stream[:at]:
                assert log.issues or len(data) == at
