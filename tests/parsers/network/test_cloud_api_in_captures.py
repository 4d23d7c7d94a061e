"""Messages of DJI's Cloud API in a capture are those of the log of the server, at its offsets."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers.network import pcap
from sample_logs import dji_cloud
from sample_logs import network_wire as wire
from tests.parsers.network import captures_made as made

SEGMENT = 900
CONNECT = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc"


def _publish(topic: str, text: bytes, *, quality: int = 0, properties: bytes = b"") -> bytes:
    """Return a PUBLISH packet."""
    name = topic.encode()
    body = len(name).to_bytes(2) + name + (b"\x00\x01" if quality else b"") + properties + text
    size, length = len(body), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([0x30 | quality << 1]) + length + body


def _published(sample: Path, *, quality: int = 0, properties: bytes = b"") -> bytes:
    lines = map(json.loads, sample.read_text("utf-8").splitlines())
    return b"".join(
        _publish(
            each["topic"], json.dumps(each["payload"]).encode(), quality=quality,
            properties=properties,
        )
        for each in lines
    )  # fmt: skip


def _capture(streams: Sequence[bytes], port: int = 1883, skip: int = 0) -> bytes:
    """Return a capture of one connection for each stream, the segments of each in order."""
    packets = []
    for number, stream in enumerate(streams):
        connection = made.Connection(port=port, source=40_000 + number)
        opened = [*connection.opened(), connection.up(CONNECT)]
        sent = [connection.up(stream[at : at + SEGMENT]) for at in range(0, len(stream), SEGMENT)]
        packets += opened[:] + sent if not skip else sent[skip:]
    return made.pcap(packets, step=0.01)


def _cloud_logs(tmp_path: Path, data: bytes) -> list[parsers.Log]:
    path = tmp_path / "capture.pcap"
    path.write_bytes(data)
    logs = parsers.read_file(path).logs
    return [log for log in logs if log.source.format == "dji-cloud-api"]


@pytest.fixture
def sample(sample_logs: Path) -> Path:
    return sample_logs / dji_cloud.FOLDER / dji_cloud.NAME


def _assert_same(log: parsers.Log, expected: parsers.Log) -> None:
    for name in ("track", "events", "captures"):
        pd.testing.assert_frame_equal(
            getattr(log, name).drop(columns="source_offset"),
            getattr(expected, name).drop(columns="source_offset"),
        )


@pytest.mark.parametrize(
    ("quality", "properties", "port"), [(0, b"", 1883), (1, b"", 1883), (0, b"\x00", 31883)]
)
def test_published_messages_equal_the_log_of_the_server(
    sample: Path, tmp_path: Path, quality: int, properties: bytes, port: int
) -> None:
    data = _capture([_published(sample, quality=quality, properties=properties)], port)
    (log,) = _cloud_logs(tmp_path, data)
    _assert_same(log, parsers.read(sample))
    assert log.source.stream == "cloud-api"
    assert not log.issues
    for offset in log.track["source_offset"].tolist():
        assert data[offset : offset + 1] in (b"t", b"{")


def test_a_message_that_the_broker_passes_on_is_taken_once(sample: Path, tmp_path: Path) -> None:
    stream = _published(sample)
    (log,) = _cloud_logs(tmp_path, _capture([stream, stream]))
    _assert_same(log, parsers.read(sample))


def test_a_capture_that_begins_late_gives_what_follows(sample: Path, tmp_path: Path) -> None:
    (log,) = _cloud_logs(tmp_path, _capture([_published(sample)], skip=20))
    whole = parsers.read(sample)
    assert 0 < len(log.track) < len(whole.track)
    assert log.track["time"].iloc[-1] == whole.track["time"].iloc[-1]


def test_a_lost_segment_costs_its_messages_only(sample: Path, tmp_path: Path) -> None:
    data = _capture([_published(sample)])
    begin = 24
    for _ in range(34):
        begin += 16 + int.from_bytes(data[begin + 8 : begin + 12], "little")
    size = 16 + int.from_bytes(data[begin + 8 : begin + 12], "little")
    (log,) = _cloud_logs(tmp_path, data[:begin] + data[begin + size :])
    lost = len(parsers.read(sample).track) - len(log.track)
    assert 0 < lost <= 2


def test_other_topics_and_texts_are_no_messages(tmp_path: Path) -> None:
    stream = _publish("home/kitchen", b'{"t": 20}') + b"thing/product/ABCD1234/osd {}"
    assert not _cloud_logs(tmp_path, _capture([stream]))
    packet = wire.udp(("10.0.0.1", 1883), ("10.0.0.2", 1883), b"thing/product/ABCD1234/osd {}")
    assert not _cloud_logs(tmp_path, made.pcap([packet]))


def test_lengths_that_lie_take_no_byte_twice(tmp_path: Path) -> None:
    topic = b"thing/product/ABCD1234/osd"
    lie = b"\x30\xff\xff\xff\x7f" + len(topic).to_bytes(2) + topic + b'{"mode_code": 3}'
    path = tmp_path / "capture.pcap"
    path.write_bytes(_capture([lie * 20_000]))
    content = parsers.open_content(path)
    (part,) = pcap.read_capture_and_cut_out_embedded_logs(content).parts
    assert len(part) < 2 * len(content)
