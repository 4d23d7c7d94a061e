"""A capture that a recorder cut into files shows what the whole of it shows."""

import struct
from pathlib import Path

import pytest

from dji_audit.api import audit
from dji_audit.report.rows import FindingRow

LOG = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
CAPTURE = "network/2026-05-14_router_wlan0.pcap"
HEADER = 24


def packets(capture: bytes) -> list[bytes]:
    found, at = [], HEADER
    while at < len(capture):
        (size,) = struct.unpack_from("<I", capture, at + 8)
        found.append(capture[at : at + 16 + size])
        at += 16 + size
    return found


def uploads(folder: Path, sample_logs: Path, parts: list[bytes]) -> list[FindingRow]:
    """Return the findings of an upload, of a flight beside captures."""
    folder.mkdir()
    (folder / LOG).write_bytes((sample_logs / LOG).read_bytes())
    for number, part in enumerate(parts):
        (folder / f"{number:03d}.pcap").write_bytes(part)
    found = audit([folder], jobs=0).run.contents.findings
    return [it for it in found if it.summary.startswith("Probable upload to mydjiflight")]


@pytest.mark.parametrize("count", [197, 60, 15])
def test_an_upload_over_several_files_is_one(tmp_path: Path, sample_logs: Path, count: int) -> None:
    capture = (sample_logs / CAPTURE).read_bytes()
    every = packets(capture)
    (whole,) = uploads(tmp_path / "whole", sample_logs, [capture])
    assert "3,145,728 bytes sent" in whole.summary
    parts = [
        capture[:HEADER] + b"".join(every[first : first + count])
        for first in range(0, len(every), count)
    ]
    (found,) = uploads(tmp_path / "parts", sample_logs, parts)
    assert "3,145,728 bytes sent" in found.summary
    assert (found.severity, found.start) == (whole.severity, whole.start)


def test_two_captures_of_the_same_time_are_not_added(tmp_path: Path, sample_logs: Path) -> None:
    capture = (sample_logs / CAPTURE).read_bytes()
    every = packets(capture)
    # Another recorder, which missed some packets.
    other = capture[:HEADER] + b"".join(every[:60] + every[61:])
    (found,) = uploads(tmp_path / "both", sample_logs, [capture, other])
    assert "3,145,728 bytes sent" in found.summary
