"""Damaged DataFlash logs: read or refused, never more than the whole, every byte accounted for."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from parsers import Log
from parsers.mavlink.dataflash import FORMAT
from tests.parsers.mavlink.dataflash.test_log import command, flight
from tests.parsers.mavlink.reading import assert_every_byte_is_accounted_for, read_or_refuse


def small() -> bytes:
    log = flight(fixes=8)
    log.write("PARM", 11_000_000, "FENCE_ENABLE", 1.0, 0.0)
    log.write("MODE", 11_100_000, 6, 6, 10)
    log.write("ERR", 11_200_000, 9, 2)
    log.write("ERR", 11_300_000, 9, 0)
    log.write("FNCE", 11_300_000, 1, 0, 98, 520_000_000, 130_000_000, 1, 0.0)
    log.write("EV", 11_400_000, 11)
    command(log, 11_500_000, 2500)
    return bytes(log.data)


LOG = small()
TEXT = (
    b"1\r\n\r\nArduCopter V3.2 (abc)\r\n"
    b"FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format\r\n"
    b"FMT, 132, 67, MSG, Z, Message\r\n"
    b"FMT, 3, 6, MODE, Mh, Mode,ThrCrs\r\n"
    b"FMT, 4, 17, ATT, Iccc, TimeMS,Roll,Pitch,Yaw\r\n"
    + b"ATT, 100, 1.5, 2.5, 3.5\r\nMODE, RTL, 5\r\nMSG, hello, you\r\n"
    * 9
)


def read(data: bytes) -> Log | None:
    log = read_or_refuse(FORMAT, data)
    if log is not None:
        assert_every_byte_is_accounted_for(log, len(data))
        for name in log.record_counts:
            assert len(log.records(name)) == log.record_counts[name]
    return log


def rows(log: Log | None) -> int:
    return 0 if log is None else sum(log.record_counts.values())


@pytest.mark.parametrize("whole", [LOG, TEXT], ids=["binary", "text"])
def test_every_prefix_reads_and_has_no_more_than_the_whole(whole: bytes) -> None:
    limit = rows(read(whole))
    before = 0
    for size in range(0, len(whole), 13):
        count = rows(read(whole[:size]))
        assert count <= limit
        # A message that was whole in a shorter prefix is there in a longer one.
        assert count >= before - 1
        before = count


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([LOG, TEXT]),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=40)), max_size=6),
)
def test_every_mutation_reads_or_is_refused(whole: bytes, wounds: list[tuple[int, bytes]]) -> None:
    data = bytearray(whole)
    for at, piece in wounds:
        start = at % len(data)
        data[start : start + len(piece)] = piece
    read(bytes(data[: len(whole)]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([LOG, TEXT]), st.integers(0, 10**6), st.integers(1, 300))
def test_bytes_lost_in_the_middle_cost_only_what_they_touch(
    whole: bytes, at: int, size: int
) -> None:
    start = at % len(whole)
    log = read(whole[:start] + whole[start + size :])
    assert rows(log) <= rows(read(whole))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600))
def test_noise_behind_a_definition_is_never_an_error(noise: bytes) -> None:
    read(LOG[:89] + noise)
    read(TEXT[:200] + noise)


SAME_SIZE = ("bBM", "hHcCg", "iIefELn", "qQd", "aZ")


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_fields_of_another_kind_than_expected_are_no_error(random: Random) -> None:
    # The same sizes, but text where a number was, an array where a text was.
    data = bytearray(LOG)
    for at in range(89, 11 * 89, 89):
        for place in range(at + 9, at + 25):
            kinds = next((one for one in SAME_SIZE if chr(data[place]) in one), None)
            if kinds is not None and random.random() < 0.3:
                data[place] = ord(random.choice(kinds))
    log = read(bytes(data))
    assert log is not None


def test_headers_without_end_are_read_in_linear_time() -> None:
    # Every two bytes could begin a record, and none leads anywhere.
    data = LOG + b"\xa3\x95\xc7" * 300_000
    log = read(data)
    assert log is not None
    assert len(log.track) == 8


@pytest.mark.parametrize(
    "name",
    [
        "DaniGitman79+uav-sysid/logs/00000002.BIN",
        "h3ct0r+PX4_Tools/test_files/16-07-13_18-04-04.bin",
        "dronecrew+px4tools/test/log/01_07_59.px4log",
        "3drobotics+ardupilot-solo/Tools/LogAnalyzer/examples/mechanical_fail.log",
    ],
)
def test_real_logs_cut_anywhere_read_or_are_refused(samples: Path, name: str) -> None:
    whole = (samples / "mavlink" / name).read_bytes()
    limit = rows(read(whole))
    for size in range(997, len(whole), len(whole) // 12):
        assert rows(read(whole[:size])) <= limit


def test_records_right_before_damage_are_one_remark(samples: Path) -> None:
    (path,) = (samples / "mavlink").glob("MACS-Research-Lab+uav-cyber-sim/**/00000011.BIN")
    log = parsers.read(path)
    remarks = [issue.reason for issue in log.issues if "may reach back" in issue.reason]
    assert remarks == [
        "42 records right before damage, which may reach back: not used in any table"
    ]
    lost = log.coverage_sizes["gap"] + log.coverage_sizes["padding"]
    assert sum(issue.size for issue in log.issues) == lost
