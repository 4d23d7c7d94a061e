"""When a network log shows that it was recording, and what it could not show."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from parsers import NetworkCaptureWindow, NetworkRecordingTimes
from parsers.network._shared._times_log_was_recording import (
    one_burst_for_each_record,
    recording_times_from_record_bursts,
)
from sample_logs import network_wire as wire
from sample_logs import network_zeek
from tests.parsers.network import captures_made as made

START = pd.Timestamp(made.SECONDS, unit="s", tz="UTC")
YEAR = 365 * 86_400
NONE = one_burst_for_each_record(np.empty(0, np.int64))


def window_of(data: bytes) -> NetworkCaptureWindow:
    window = made.read(data).capture_window
    assert window is not None
    return window


def recorded(data: bytes) -> NetworkRecordingTimes:
    times = window_of(data).recorded
    assert times is not None
    return times


def lengths(times: NetworkRecordingTimes) -> list[float]:
    return [(each.end - each.start).total_seconds() for each in times.intervals]


def question_frame(source: str = made.DEVICE) -> bytes:
    packet = wire.udp((source, 50_000), ("192.0.2.53", 53), wire.dns_question(7, "example.org", 1))
    return made.ethernet(packet)


def capture_at(*seconds: float, link: int = 1) -> bytes:
    frames = [made.record(question_frame(), second) for second in seconds]
    return made.header(link) + b"".join(frames)


def test_two_packets_years_apart_record_two_instants() -> None:
    times = recorded(capture_at(0, YEAR))
    assert lengths(times) == [0, 0]
    assert (times.read_count, times.unread_count) == (2, 0)


@pytest.mark.parametrize("pause", [301, 3600, 86_400])
def test_a_pause_that_no_rhythm_explains_parts_two_intervals(pause: float) -> None:
    steady = [10.0 * index for index in range(60)]
    times = recorded(capture_at(*steady, *[590 + pause + second for second in steady]))
    assert lengths(times) == [590, 590]


def test_a_busy_capture_is_silent_for_a_minute_at_most() -> None:
    busy = [0.5 * index for index in range(100)]
    assert lengths(recorded(capture_at(*busy, *[130 + second for second in busy]))) == [49.5, 49.5]
    assert len(lengths(recorded(capture_at(*busy, *[100 + second for second in busy])))) == 1


def test_a_device_that_speaks_every_two_minutes_is_recorded_without_a_break() -> None:
    times = recorded(capture_at(*range(0, 3600, 120)))
    assert lengths(times) == [3480]
    assert times.longest_silence_s == 300


@pytest.mark.parametrize("link", [9, 105, 127, 150, 239])
def test_packets_of_a_link_type_that_is_not_read_record_nothing(link: int) -> None:
    window = window_of(capture_at(*range(100), link=link))
    assert window.recorded is not None
    assert window.recorded.intervals == ()
    assert window.recorded.unread_count == 100
    assert sum(window.unread.values()) == 100
    assert f"link type {link}" in next(iter(window.unread))


def test_packets_inside_a_tunnel_record_nothing_and_are_counted() -> None:
    tunnel = wire.udp((made.DEVICE, 40_000), ("203.0.113.9", 51_820), bytes(64))
    frames = [made.record(made.ethernet(tunnel), second) for second in range(30)]
    window = window_of(made.header() + b"".join(frames))
    assert window.recorded is not None
    assert window.recorded.intervals == ()
    assert window.unread == {"packets inside a tunnel": 30}
    assert window.by_device[made.DEVICE].intervals == ()


def test_conversations_with_a_tunnel_in_a_table_are_not_understood() -> None:
    names = ("ts", "uid", "id.orig_h", "id.resp_h", "id.resp_p", "proto")
    fields = [(name, "string") for name in names]
    rows = [
        [f"{made.SECONDS + 60 * row}.000000", f"C{row}", made.DEVICE, "203.0.113.9", port, "udp"]
        for row, port in enumerate(["51820", "443", "1194", "443"])
    ]
    window = made.read(network_zeek.table("conn", fields, rows).encode(), "conn.log").capture_window
    assert window is not None
    assert window.recorded is not None
    assert (window.recorded.read_count, window.recorded.unread_count) == (2, 2)
    assert window.unread == {"conversations inside a tunnel": 2}


def test_what_was_not_understood_is_counted_in_each_interval() -> None:
    tunnel = made.ethernet(wire.udp((made.DEVICE, 40_000), ("203.0.113.9", 1194), bytes(64)))
    frames = [
        *(made.record(question_frame(), second) for second in range(10)),
        *(made.record(tunnel, second + 0.5) for second in range(4)),
        *(made.record(question_frame(), 5000 + second) for second in range(10)),
    ]
    times = recorded(made.header() + b"".join(frames))
    assert [(each.read_count, each.unread_count) for each in times.intervals] == [(10, 4), (10, 0)]


def test_frames_that_keep_a_link_up_are_neither() -> None:
    spanning_tree = made.MAC_B + made.MAC_A + b"\x00\x26" + bytes(38)
    frames = [made.record(spanning_tree, second) for second in range(20)]
    window = window_of(made.header() + b"".join(frames) + made.record(question_frame(), 20))
    assert window.recorded is not None
    assert (window.recorded.read_count, window.recorded.unread_count) == (1, 0)
    assert window.unread == {}


def test_each_device_has_its_own_intervals() -> None:
    other = "192.168.7.99"
    frames = [made.record(question_frame(), second) for second in range(0, 600, 10)]
    frames += [made.record(question_frame(other), 600 + second) for second in range(3)]
    devices = window_of(made.header() + b"".join(frames)).by_device
    assert list(devices) == [made.DEVICE, other]
    assert lengths(devices[made.DEVICE]) == [590]
    assert lengths(devices[other]) == [2]


def test_a_device_that_only_speaks_to_everybody_is_not_recorded() -> None:
    packet = wire.udp(("192.168.7.99", 5353), ("224.0.0.251", 5353), bytes(12))
    announced = [made.record(made.ethernet(packet), second) for second in range(0, 600, 10)]
    window = window_of(made.header() + b"".join(announced) + made.record(question_frame(), 600))
    assert list(window.by_device) == [made.DEVICE]
    assert window.flow_count == 0


def test_each_interface_has_its_own_intervals() -> None:
    micros = made.SECONDS * 10**6
    data = made.section() + made.interface(1) + made.interface(105)
    data += made.enhanced_packet(question_frame(), micros)
    data += made.enhanced_packet(question_frame(), micros + 10**6, source=1)
    by_interface = window_of(data).by_interface
    counts = [(each.read_count, each.unread_count) for each in by_interface.values()]
    assert counts == [(1, 0), (0, 1)]


def test_stretches_without_a_device_in_common_are_a_sign_of_a_merged_capture() -> None:
    here = made.record(question_frame(), 0)
    assert window_of(made.header() + here + made.record(question_frame(), YEAR)).merge_signs == ()
    elsewhere = made.record(question_frame("10.9.8.7"), YEAR)
    (sign,) = window_of(made.header() + here + elsewhere).merge_signs
    assert "no device in common (1 of 1 breaks)" in sign


def test_a_clock_that_steps_back_by_hours_is_a_sign_of_a_merged_capture() -> None:
    (sign,) = window_of(capture_at(50_000, 50_001, 0, 1)).merge_signs
    assert sign == "The times of its packets step back by more than an hour once."
    assert window_of(capture_at(100, 0, 1)).merge_signs == ()


def test_sections_of_several_computers_are_a_sign_of_a_merged_capture() -> None:
    data = b"".join(
        made.section(options=made.option(3, system) + made.option(0, b""))
        + made.interface(1)
        + made.enhanced_packet(question_frame(), made.SECONDS * 10**6)
        for system in (b"Linux", b"macOS")
    )
    (sign,) = window_of(data).merge_signs
    assert sign == "Its 2 sections were written by 2 computers or programs."


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=60))
def test_intervals_are_disjoint_and_hold_every_record_once(seconds: list[int]) -> None:
    starts = np.array(seconds, np.int64) * 10**9
    times = recording_times_from_record_bursts(one_burst_for_each_record(starts), NONE)
    edges = [edge for each in times.intervals for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    assert sum(each.read_count for each in times.intervals) == len(seconds)
    silences = [
        (after.start - before.end).total_seconds()
        for before, after in zip(times.intervals, times.intervals[1:], strict=False)
    ]
    assert all(silence > times.longest_silence_s for silence in silences)
    assert 60 <= times.longest_silence_s <= 300


def test_the_longest_of_very_many_intervals_are_kept() -> None:
    starts = np.arange(3_000, dtype=np.int64) * 1000 * 10**9
    ends = starts + np.where(np.arange(3_000) % 2, 50, 10) * 10**9
    times = recording_times_from_record_bursts(one_burst_for_each_record(starts, ends), NONE)
    assert (len(times.intervals), times.omitted_interval_count) == (2_000, 1_000)
    assert sum(length == 50 for length in lengths(times)) == 1_500


def test_a_table_of_conversations_shows_the_time_of_each() -> None:
    fields = "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\n"
    rows = [(0, 900.0), (950, 10.0), (90_000, 5.0)]
    lines = "".join(
        f"{made.SECONDS + at}.0\tC{at}\t192.0.2.20\t40000\t203.0.113.7\t443\ttcp\t{lasts}\n"
        for at, lasts in rows
    )
    header = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
    window = window_of_text(header + "#path\tconn\n" + fields + lines, "conn.log")
    assert window.recorded is not None
    assert lengths(window.recorded) == [960, 5]
    assert lengths(window.by_device["192.0.2.20"]) == [960, 5]


def window_of_text(text: str, name: str) -> NetworkCaptureWindow:
    content = parsers.Content(name, text.encode())
    window = parsers.identify(content).read(content, ()).capture_window
    assert window is not None
    return window


def test_real_packets_two_years_apart_record_nothing_in_between(samples: Path) -> None:
    (path,) = (samples.parent / "cases" / "network_two_packets").glob("*.pcap")
    window = parsers.read(path).capture_window
    assert window is not None
    assert window.recorded is not None
    assert lengths(window.recorded) == [0, 0]


@pytest.mark.parametrize(
    ("name", "count"), [("ndpi_1kxun.pcap", 2), ("ndpi_rtmp.pcap", 2), ("ndpi_android.pcap", 1)]
)
def test_real_captures_of_several_years_are_intervals(samples: Path, name: str, count: int) -> None:
    window = parsers.read(samples / "network" / name).capture_window
    assert window is not None
    assert window.recorded is not None
    assert len(window.recorded.intervals) == count
    assert bool(window.merge_signs) == (count > 1)


def test_a_log_carries_contacts_only_where_it_shows_that_it_recorded_them() -> None:
    def facts(data: bytes) -> set[str]:
        log = made.read(data)
        format_ = next(each for each in parsers.formats() if each.name == log.source.format)
        return set(parsers.find_carried_facts(format_.facts, log))

    assert {"contact", "clock_utc"} <= facts(capture_at(0, 10))
    assert facts(capture_at(0, 10, link=105)) == set()
