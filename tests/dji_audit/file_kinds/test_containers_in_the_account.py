"""Containers in the account of files: each is opened, or named with what it is; so are members."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.dry_run_scan import scan_evidence_paths
from dji_audit.report.file_status import FileStatus
from tests.dji_audit.file_kinds.look_alikes import look_alikes
from tests.parsers.containers.made import zipped

#: What is packed: a track, a picture, and bytes that nothing tells.
PACKED = {
    item.name: item for item in look_alikes() if item.name in ("run.tcx", "logo.png", "thing.xyz")
}


def tar_of(members: dict[str, bytes], mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{mode}") as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def locked_zip(members: dict[str, bytes]) -> bytes:
    """Return a ZIP archive whose members say that they are encrypted."""
    data = bytearray(zipped(members))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def made() -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, the bytes and the class of each container."""
    members = {name: item.data for name, item in PACKED.items()}
    yield "deflated.zip", zipped(members), "container"
    yield "stored.zip", zipped(members, zipfile.ZIP_STORED), "container"
    yield "plain.tar", tar_of(members, ""), "container"
    yield "packed.tar.gz", tar_of(members, "gz"), "container"
    yield "packed.tar.bz2", tar_of(members, "bz2"), "container"
    yield "packed.tar.xz", tar_of(members, "xz"), "container"
    yield "run.tcx.gz", gzip.compress(members["run.tcx"]), "container"
    yield "run.tcx.bz2", bz2.compress(members["run.tcx"]), "container"
    yield "run.tcx.xz", lzma.compress(members["run.tcx"]), "container"
    yield "nested.zip", zipped({"inner.tar": tar_of(members, "")}), "container"
    yield "no suffix", zipped(members), "container"
    yield "phone.ufdr", zipped({**members, "report.xml": b"<project/>"}), "container"
    yield "empty.zip", zipped({}), "container"
    yield "locked.zip", locked_zip(members), "container"
    yield "cut.zip", zipped(members, zipfile.ZIP_STORED)[:3000], "lost"
    yield "cut.tar.gz", tar_of(members, "gz")[:-40], "lost"
    yield "case.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(200), "lost"
    yield "case.rar", b"Rar!\x1a\x07\x01\x00" + bytes(200), "lost"
    yield "case.E01", b"EVF\x09\x0d\x0a\xff\x00" + bytes(200), "lost"
    yield "case.dmg", bytes(2000) + b"koly" + bytes(508), "lost"
    yield "case.vhdx", b"vhdxfile" + bytes(200), "lost"
    yield "case.cab", b"MSCF\x00\x00\x00\x00" + bytes(200), "lost"
    yield "torn.zip", b"PK\x03\x04" + bytes(200), "lost"
    yield "phone.ab", b"ANDROID BACKUP\n5\n1\nAES-256\n" + bytes(400), "lost"
    yield "volume.bin", b"LUKS\xba\xbe\x00\x02" + bytes(600), "lost"


CONTAINERS = {name: (data, status) for name, data, status in made()}
LOST = (FileStatus.UNREAD, FileStatus.ENCRYPTED, FileStatus.PARTIAL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("containers")
    for name, (data, _) in CONTAINERS.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> FinishedRun:
    return audit_paths([folder], RunOptions(load_policy()))


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_opened_or_named_with_what_it_is(run: FinishedRun, name: str) -> None:
    data, status = CONTAINERS[name]
    (row,) = (row for row in run.contents.files if row.name == name)
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert row.kind
    assert row.reason
    assert row.status in (LOST if status == "lost" else (FileStatus.CONTAINER,)), row


@pytest.mark.parametrize("name", ["deflated.zip", "packed.tar.xz", "nested.zip", "phone.ufdr"])
def test_a_member_has_the_class_of_the_file(run: FinishedRun, name: str) -> None:
    inner = f"{name}!/inner.tar" if name == "nested.zip" else name
    rows = {row.name: row for row in run.contents.files}
    for member, item in PACKED.items():
        row = rows[f"{inner}!/{member}"]
        kind = item.kind.lower()
        is_copy = row.status == FileStatus.COPY
        assert is_copy or (row.status == item.status and kind in (row.kind or "").lower()), row
        assert row.sha256 == hashlib.sha256(item.data).hexdigest()
        assert row.container_sha256 == hashlib.sha256(CONTAINERS[name][0]).hexdigest()


def test_members_that_need_a_password_are_named(run: FinishedRun) -> None:
    rows = [row for row in run.contents.files if row.name.startswith("locked.zip!/")]
    assert {row.name.rpartition("/")[2] for row in rows} == set(PACKED)
    assert all(row.status == FileStatus.ENCRYPTED and row.kind and row.reason for row in rows)


def test_nothing_is_silent(run: FinishedRun) -> None:
    rows = run.contents.files
    assert all(row.kind for row in rows), [row for row in rows if not row.kind]
    assert all(row.reason or row.status == FileStatus.READ for row in rows)
    assert "may hold flights or contacts and were not read: " in run.verdict.line
    assert run.verdict.exit_code == 3  # there is no log in them


def test_a_scan_gives_the_same_classes(folder: Path, run: FinishedRun) -> None:
    audited = {row.name: row.status for row in run.contents.files if row.status != FileStatus.COPY}
    scanned = {
        file.name: file.status for file in scan_evidence_paths([folder], IngestSettings()).files
    }
    assert audited.keys() <= scanned.keys()
    assert {name: scanned[name] for name in audited} == audited
