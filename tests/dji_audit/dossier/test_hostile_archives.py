"""An archive that an adversary made costs no more than its size, and writes nothing anywhere."""

import io
import random
import struct
import time
import zipfile
from pathlib import Path

import pytest

from dji_audit.dossier import verify
from dji_audit.dossier.manifest_model_and_reader import ManifestError, read_manifest
from dji_audit.dossier.repeat_audit import (
    RepeatAuditError,
    RepeatAuditSettingsNotInDossier,
    path_of_unpacked_member,
)
from dji_audit.dossier.stored_zip import StoredZipWriter
from dji_audit.dossier.verify import VerifySettings, verify_dossier
from dji_audit.dossier.write_archive import hashed_file_for_archive, write_archive
from tests.dji_audit.dossier.small_archives import small_manifest, write_small_archive


def test_noise_with_the_marks_of_archives_ends(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - a seed, no secret
    marks = [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\xff" * 8]
    path = tmp_path / "noise.zip"
    for _ in range(300):
        path.write_bytes(
            b"".join(
                chance.choice(marks) if chance.random() < 0.3 else chance.randbytes(9)
                for _ in range(chance.randrange(90))
            )
        )
        assert verify_dossier(path).faults


def test_numbers_in_headers_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    write_small_archive(path)
    whole = path.read_bytes()
    end = len(whole) - 22
    for number in (0, 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF):
        for at in (18, 22, end + 12, end + 16):
            path.write_bytes(whole[:at] + struct.pack("<I", number) + whole[at + 4 :])
            assert verify_dossier(path).faults
    for at in (26, 28, end + 8, end + 10, end + 20):
        path.write_bytes(whole[:at] + b"\xff\xff" + whole[at + 2 :])
        assert verify_dossier(path).faults


def test_many_members_take_time_in_proportion(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        stream = io.BytesIO()
        writer = StoredZipWriter(stream)
        for number in range(count):
            writer.add(f"{number}", 0, ())
        writer.finish()
        path = tmp_path / f"{count}.zip"
        path.write_bytes(stream.getvalue())
        best = 9.0
        for _ in range(3):
            begin = time.process_time()
            assert verify_dossier(path).faults
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(8000) < 8 * max(seconds(2000), 0.01)


def test_a_manifest_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "case.zip"
    write_small_archive(path)
    monkeypatch.setattr(verify, "MAX_MANIFEST_BYTES", 100)
    reasons = [fault.reason for fault in verify_dossier(path).faults]
    assert any("at most 100 are read" in reason for reason in reasons)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 10_000,
        b'{"schema": "dji-audit/manifest/9"}',
        b"\xff\xfe",
        b'{"schema": NaN}',
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(data)


@pytest.mark.parametrize(
    "member",
    [
        "originals/../x", "originals//x", "originals/./x", "originals/a\\b", "/etc/passwd",
        "originals/C:x", "originals/..", "", "..",
    ],
)  # fmt: skip
def test_no_member_is_unpacked_elsewhere(member: str, tmp_path: Path) -> None:
    with pytest.raises(RepeatAuditError, match="not a path of a dossier"):
        path_of_unpacked_member(tmp_path, member)


def test_encoded_names_lead_nowhere_either(tmp_path: Path) -> None:
    for member in ("originals/%2E%2E/x", "originals/a%2Fb", "originals/%00", "originals/%2F"):
        path = path_of_unpacked_member(tmp_path, member)
        assert path.resolve().is_relative_to(tmp_path.resolve())
        assert len(path.relative_to(tmp_path).parts) == member.count("/") + 1
        assert ".." not in path.parts


def test_a_forged_dossier_that_would_write_elsewhere_is_named(tmp_path: Path) -> None:
    from dji_audit.dossier.action_record import RecordOfActionsTaken

    record = RecordOfActionsTaken()
    record.add_step("began")
    settings: dict[str, object] = {
        "roots": ["originals/1"], "policy": "default", "timezone": None, "camera_timezone": None,
        "as_of": None, "devices": [], "cameras": [], "declared_clocks": [], "fail_on": "medium",
        "allow_partial": False, "context_files": {}, "pdf": False,
    }  # fmt: skip
    manifest = small_manifest(record)
    run = manifest.run.model_copy(update={"command": "dossier", "settings": settings})
    manifest = manifest.model_copy(update={"run": run, "has_originals": True})
    files = [
        hashed_file_for_archive("originals/../../evil.txt", "original", b"evil"),
        hashed_file_for_archive("record.jsonl", "record", record.to_bytes()),
    ]
    path = tmp_path / "folder" / "case.zip"
    path.parent.mkdir()
    write_archive(path, manifest, files)
    check = verify_dossier(path, VerifySettings(repeat=RepeatAuditSettingsNotInDossier()))
    assert ["could not be repeated" in fault.reason for fault in check.faults] == [True]
    assert not list(tmp_path.rglob("evil.txt"))


def test_other_readers_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    write_small_archive(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("flights/a.html") == b"<p>two</p>" * 20
        info = archive.getinfo("index.html")
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert info.external_attr >> 16 == 0o100644
