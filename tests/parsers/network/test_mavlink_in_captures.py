"""MAVLink in a capture is the telemetry log of the same frames, at the offsets of the capture."""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers.network import pcap
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

VEHICLE, STATION = ("10.0.0.7", 14555), ("10.0.0.2", 14550)
#: Bytes of a segment, which frames straddle.
SEGMENT = 700


def _frames_of(data: bytes) -> list[tuple[int, bytes]]:
    """Return time in microseconds and bytes of the frames at the beginning of a telemetry log."""
    frames, at = [], 0
    while at + 16 < len(data) and data[at + 8] in (0xFE, 0xFD):
        length = data[at + 9]
        size = length + (8 if data[at + 8] == 0xFE else 12 + 13 * (data[at + 10] & 1))
        frames.append((int.from_bytes(data[at : at + 8]), data[at + 8 : at + 8 + size]))
        at += 8 + size
    return frames


@pytest.fixture(scope="module")
def frames(samples: Path) -> list[tuple[int, bytes]]:
    """Frames of a real flight, both of the vehicle and of the ground station."""
    path = samples / "mavlink" / "LiDRON7+Competition-2025" / "mav.tlog"
    found = _frames_of(path.read_bytes())[:1500]
    assert len(found) == 1500
    return found


def _datagrams(frames: Sequence[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Return a datagram for each frame: those of the ground station go the other way."""
    packets = []
    for time, frame in frames:
        system = frame[3] if frame[0] == 0xFE else frame[5]
        ends = (STATION, VEHICLE) if system == 255 else (VEHICLE, STATION)
        packets.append((time, wire.udp(*ends, frame)))
    return packets


def _segments(frames: Sequence[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Return segments that frames straddle, some late and some sent twice."""
    stream, times = b"".join(frame for _, frame in frames), []
    for time, frame in frames:
        times += [time] * len(frame)
    connection = made.Connection(port=5760)
    packets = [(times[0], each) for each in connection.opened()]
    for at in range(0, len(stream), SEGMENT):
        packets.append((times[at], connection.down(stream[at : at + SEGMENT])))
    packets[10], packets[11] = packets[11], packets[10]
    packets.insert(20, packets[15])
    return packets


def _pcap(packets: Sequence[tuple[int, bytes]]) -> bytes:
    records = []
    for time, packet in packets:
        frame = made.ethernet(packet)
        head = struct.pack("<IIII", time // 10**6, time % 10**6, len(frame), len(frame))
        records.append(head + frame)
    return made.header() + b"".join(records)


def _pcapng(packets: Sequence[tuple[int, bytes]]) -> bytes:
    blocks = [made.section(), made.interface()]
    return b"".join([*blocks, *(made.enhanced_packet(packet, time) for time, packet in packets)])


def _mavlink_logs(path: Path) -> list[parsers.Log]:
    logs = parsers.read_file(path).logs
    return [log for log in logs if log.source.format == "mavlink-tlog"]


def _written(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def _messages(log: parsers.Log) -> dict[str, pd.DataFrame]:
    return {name: log.records(name).drop(columns="offset") for name in log.record_counts}


def _assert_same_messages(log: parsers.Log, other: parsers.Log, *, times: bool = True) -> None:
    one, two = _messages(log), _messages(other)
    assert one.keys() == two.keys()
    for name, rows in one.items():
        without = [] if times else [each for each in rows.columns if "time" in each]
        pd.testing.assert_frame_equal(
            rows.drop(columns=without), two[name].drop(columns=without), obj=name
        )


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_datagrams_equal_the_telemetry_log_message_for_message(
    frames: list[tuple[int, bytes]], tmp_path: Path, form: str
) -> None:
    tlog = b"".join(time.to_bytes(8) + frame for time, frame in frames)
    expected = parsers.read(_written(tmp_path, "flight.tlog", tlog))
    write = {"pcap": _pcap, "pcapng": _pcapng}[form]
    capture = write(_datagrams(frames))
    (log,) = _mavlink_logs(_written(tmp_path, f"capture.{form}", capture))
    _assert_same_messages(log, expected)
    pd.testing.assert_frame_equal(
        log.track.drop(columns="source_offset"), expected.track.drop(columns="source_offset")
    )
    pd.testing.assert_frame_equal(
        log.events.drop(columns="source_offset"), expected.events.drop(columns="source_offset")
    )
    assert log.source.stream == "mavlink"
    assert [issue.reason for issue in log.issues] == [issue.reason for issue in expected.issues]
    # Offsets are those of the frames in the capture.
    for offset in log.track["source_offset"].tolist():
        assert capture[offset] in (0xFE, 0xFD)


def test_a_connection_whose_segments_frames_straddle_gives_every_message(
    frames: list[tuple[int, bytes]], tmp_path: Path
) -> None:
    tlog = b"".join(time.to_bytes(8) + frame for time, frame in frames)
    expected = parsers.read(_written(tmp_path, "flight.tlog", tlog))
    path = _written(tmp_path, "capture.pcap", _pcap(_segments(frames)))
    (log,) = _mavlink_logs(path)
    _assert_same_messages(log, expected, times=False)


def test_a_frame_that_is_lost_or_damaged_costs_itself_only(
    frames: list[tuple[int, bytes]], tmp_path: Path
) -> None:
    packets = _datagrams(frames)
    (whole,) = _mavlink_logs(_written(tmp_path, "whole.pcap", _pcap(packets)))
    damaged = bytearray(packets[400][1])
    damaged[-3] ^= 0xFF
    packets[400] = packets[400][0], bytes(damaged)
    capture = _pcap([*packets[:700], *packets[702:]])
    (log,) = _mavlink_logs(_written(tmp_path, "capture.pcap", capture))
    of_good = {name: count for name, count in log.record_counts.items() if name != "BAD_CHECKSUM"}
    assert sum(of_good.values()) == sum(whole.record_counts.values()) - 3
    assert log.records("BAD_CHECKSUM")["offset"].tolist() == [capture.index(bytes(damaged)[28:])]


def test_ground_stations_apart_are_streams_of_their_own(
    frames: list[tuple[int, bytes]], tmp_path: Path
) -> None:
    other = [
        (time, wire.udp(("10.0.9.7", 14555), ("10.0.9.2", 14551), frame)) for time, frame in frames
    ]
    packets = sorted([*_datagrams(frames), *other], key=lambda packet: packet[0])
    logs = _mavlink_logs(_written(tmp_path, "capture.pcap", _pcap(packets)))
    assert [log.source.stream for log in logs] == ["mavlink-1", "mavlink-2"]
    (alone,) = _mavlink_logs(_written(tmp_path, "alone.pcap", _pcap(other)))
    assert [log.record_counts for log in logs] == [alone.record_counts] * 2


def test_random_payloads_are_no_mavlink(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"no frame").digest(40 * 3000)
    packets = [
        (10**15 + number, wire.udp(VEHICLE, STATION, b"\xfd" + noise[40 * number :][:40]))
        for number in range(3000)
    ]
    reading = parsers.read_file(_written(tmp_path, "capture.pcap", _pcap(packets)))
    assert [log.source.format for log in reading.logs] == ["pcap"]
    assert not reading.account.parts


def test_a_capture_cut_or_damaged_anywhere_is_read_or_refused(
    frames: list[tuple[int, bytes]],
) -> None:
    capture = _pcap(_segments(frames[:500]))
    for number in range(40):
        noise = hashlib.sha256(number.to_bytes(2)).digest()
        data = bytearray(capture[: 25 + int.from_bytes(noise[:2]) % (len(capture) - 24)])
        for at in (int.from_bytes(noise[each : each + 2]) for each in range(2, 12, 2)):
            data[-1 - at % (len(data) - 24)] = noise[0]
        content = parsers.Content("capture.pcap", bytes(data))
        reading = pcap.read_capture_and_cut_out_embedded_logs(content)
        assert sum(span.size for span in reading.coverage) == len(data)
        for part in reading.parts:
            assert part.carried_runs is not None
            runs = part.carried_runs
            for start, offset, size in zip(runs.starts, runs.offsets, runs.sizes, strict=True):
                assert part.data[start : start + size] == data[offset : offset + size]
