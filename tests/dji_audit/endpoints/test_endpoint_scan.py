"""Names of hosts are found in any file, in both encodings, at their place, however it is cut."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from dji_audit.endpoints import HostOccurrence, _host_name_scan, scan_file

HOSTS = ["mydjiflight.dji.com", "cloud.force.example.org", "dps.djiservice.org"]


def found(path: Path) -> list[HostOccurrence]:
    lost: list[str] = []
    names = list(scan_file(path, lost.append))
    assert lost == []
    return names


def test_a_name_is_found_at_its_offset_in_both_encodings(tmp_path: Path) -> None:
    data, wanted = bytearray(b"\x00\x01" * 40), []
    for host in HOSTS:
        for encoding in ("utf-8", "utf-16le"):
            for odd in (0, 1):
                data += bytes(8 + odd + len(data) % 2)
                wanted.append(HostOccurrence(len(data), encoding, host, host))
                data += host.encode(encoding) + b"\x00\x00"
    path = tmp_path / "firmware.bin"
    path.write_bytes(data)
    assert found(path) == wanted


def test_where_a_file_is_cut_into_pieces_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(7)  # noqa: S311 - noise, not secrets
    data = b""
    for number in range(400):
        data += noise.randbytes(noise.randrange(90)) + b"\x00\x00"
        text = f"https://h{number}.example.org/p?u={number}" if number % 3 else HOSTS[number % 2]
        data += text.encode("utf-8" if number % 2 else "utf-16le") + b"\x00\x00"
    path = tmp_path / "noise.bin"
    path.write_bytes(data)
    whole = found(path)
    assert len(whole) >= 400
    for piece in (700, 1001, 4096, 10_001):
        monkeypatch.setattr(_host_name_scan, "_CHUNK_BYTES", piece)
        monkeypatch.setattr(_host_name_scan, "_OVERLAP_AFTER", 1024)
        assert found(path) == whole, piece


def test_members_of_an_archive_are_unpacked_and_named(tmp_path: Path) -> None:
    path = tmp_path / "app.apk"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("classes.dex", b"\x00" * 5000 + HOSTS[0].encode() + b"\x00" * 5000)
        archive.writestr("stored.txt", HOSTS[2].encode(), zipfile.ZIP_STORED)
    names = found(path)
    assert HostOccurrence(5000, "utf-8", HOSTS[0], HOSTS[0], "classes.dex") in names
    assert HostOccurrence(0, "utf-8", HOSTS[2], HOSTS[2], "stored.txt") in names


def test_a_damaged_or_encrypted_member_is_said_to_be_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("classes.dex", bytes(range(256)) * 12 + HOSTS[0].encode())
    data = bytearray(buffer.getvalue())
    data[45:60] = bytes(15)
    path = tmp_path / "app.apk"
    path.write_bytes(data)
    lost: list[str] = []
    list(scan_file(path, lost.append))
    assert [line.partition(":")[0] for line in lost] == ["classes.dex"]


def test_a_bomb_is_looked_at_only_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_host_name_scan, "_MAX_MEMBER_BYTES", 1 << 20)
    monkeypatch.setattr(_host_name_scan, "_CHUNK_BYTES", 1 << 18)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", HOSTS[0].encode() + bytes(8 << 20) + HOSTS[1].encode())
    lost: list[str] = []
    names = list(scan_file(path, lost.append))
    assert [named.host for named in names] == [HOSTS[0]]
    assert lost == ["a: only the first 1,048,576 bytes were searched"]


def test_an_empty_file_names_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert found(path) == []
