"""Evidence in containers is audited as in a folder; what of it was left is named."""

import base64
import hashlib
import io
import os
import plistlib
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import dji_audit
import parsers
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.containers.container_process import ContainerUnpackingProcess
from dji_audit.fleet.containers.member_copies import MAX_IN_MEMORY, MemberCopies
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.ingest import (
    DEFAULT_SETTINGS,
    IngestSettings,
    PasswordFileError,
    ingest_evidence_paths,
    load_passwords,
    read_log,
)
from dji_audit.ingest.input_files import (
    InputFile,
    container_and_member_of_path,
    find_duplicates_and_hashes,
    find_inputs,
)
from tests.conftest import ROOT
from tests.dji_audit.comparing_reports import (
    differences,
    files_below,
    in_each_packing,
    without_names,
    zip_folder,
)
from tests.parsers.containers.made import noise, tarred, zipped
from tests.parsers.containers.test_passwords import INFO_ZIP

CASES = ROOT.parent / "shared" / "cases"
SMALL = (
    "DJIFlightRecord_2026-05-14_[10-01-58].txt",
    "DJIFlightRecord_2026-05-14_[10-01-58]_v14.txt",
    "DJIFlightRecord_2026-05-14_[10-01-58]_v14.txt.keychains.json",
    "DJI_202605141001_001_Timestamp.MRK",
    "DJI_20260514100443_0001_D.MP4",
    "DJI_20260514100443_0001_D.SRT",
    "DJI_20260514100915_0002_T.JPG",
    "DJI_20260514100915_0002_W.JPG",
    "00000042.BIN",
)


def audit(*paths: Path, **options: object) -> FinishedRun:
    return audit_paths(paths, RunOptions(load_policy(), **options))  # type: ignore[arg-type]


def statuses(run: FinishedRun) -> dict[str, str]:
    return {row.name: row.status for row in run.contents.files}


@pytest.fixture(scope="module")
def folder(sample_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence") / "X"
    (folder / "DCIM").mkdir(parents=True)
    for name in SMALL:
        shutil.copy(sample_logs / name, folder / ("DCIM" if name.startswith("DJI_") else "") / name)
    shutil.copy(folder / SMALL[0], folder / "copy of a record.txt")
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> FinishedRun:
    return audit(folder)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_and_the_same_in_containers_give_the_same(
    folder: Path, whole: FinishedRun, tmp_path: Path, jobs: int
) -> None:
    right = without_names(whole, "\0")
    assert right["flights"] and right["findings"]
    for path, prefix in in_each_packing(folder, tmp_path):
        if jobs == 1 or path.suffix == ".gz":
            packed = without_names(audit(path, jobs=jobs), prefix)
            assert list(differences(right, packed)) == []


def test_rows_carry_the_hash_of_the_member_and_of_its_container(
    folder: Path, tmp_path: Path
) -> None:
    path = zip_folder(folder, tmp_path / "case.zip")
    run = audit(path)
    outer = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = {row.name: row for row in run.contents.files}
    assert (rows["case.zip"].sha256, rows["case.zip"].container_sha256) == (outer, None)
    assert rows["case.zip"].kind == "ZIP archive"
    name = f"case.zip!/{SMALL[0]}"
    assert rows[name].sha256 == hashlib.sha256((folder / SMALL[0]).read_bytes()).hexdigest()
    assert all(row.container_sha256 == outer for row in rows.values() if "!/" in row.name)
    shown = [item for row in run.contents.findings for item in row.evidence if "!/" in item.file]
    assert shown
    for item in shown:
        assert item.container_sha256 == outer and item.sha256 == rows[item.file].sha256
    assert all(
        source.container_sha256 == outer
        for flight in run.contents.flights
        for source in flight.sources
    )


def test_a_log_stored_in_a_tar_does_not_make_the_tar_a_log(
    sample_logs: Path, tmp_path: Path
) -> None:
    records = {
        f"{number}.BIN": (sample_logs / "00000042.BIN").read_bytes() + bytes([number])
        for number in range(2)
    }
    (tmp_path / "two.tar").write_bytes(tarred(records))
    reading = parsers.read_file(tmp_path / "two.tar")
    assert [log.source.name for log in reading.logs] == ["two.tar!/0.BIN", "two.tar!/1.BIN"]
    assert reading.account.format == "tar"


@pytest.mark.parametrize("case", ["dji_folder_with_backup", "mav_left_alone"])
def test_the_shared_cases_of_containers(case: str) -> None:
    if not (CASES / case).is_dir():
        pytest.skip("the shared cases are not here")
    found = statuses(audit(CASES / case))
    if case == "dji_folder_with_backup":
        assert list(found.values()) == ["read", "container", "read"]
    else:
        assert found["unit.zip"] == found["log.ulg.gz"] == "container"
        assert found["log.ulg.gz!/log.ulg"] == "read"
        assert found["unit.zip!/1.BIN"] == "copy" and found["unit.zip!/2.BIN"] == "read"


def test_nothing_is_written_beside_the_evidence_and_nothing_stays_among_temporary_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, evidence = tmp_path / "tmp", tmp_path / "evidence"
    temporary.mkdir()
    evidence.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = zip_folder(folder, evidence / "case.zip")
    before = path.stat().st_mtime_ns, path.read_bytes()
    audit(evidence)
    ingest_evidence_paths([evidence], DEFAULT_SETTINGS)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert files_below(evidence) == [path]
    assert files_below(temporary) == []


def test_large_members_take_no_more_room_than_twice_the_largest(tmp_path: Path) -> None:
    size = MAX_IN_MEMORY + 1000
    (tmp_path / "spool").mkdir()
    path = tmp_path / "case.tar"
    path.write_bytes(tarred({f"{number}.bin": noise(size, number) for number in range(6)}))
    inputs = find_inputs([path]).inputs
    copies = MemberCopies(tmp_path / "spool", inputs, ContainerUnpackingProcess(0, 60.0))
    waiting = []
    most = 0
    for indexed in copies.inputs_with_index_and_copy(inputs, ()):
        waiting.append(indexed)
        most = max(most, sum(file.stat().st_size for file in files_below(tmp_path / "spool")))
        assert indexed.copy is not None
        content = indexed.copy.open_content(indexed.input, ())
        assert content.sha256 == indexed.input.member_sha256
        assert content.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        while not copies.has_room():
            copies.release(waiting.pop(0))
    for indexed in waiting:
        copies.release(indexed)
    assert size < most <= 2 * size
    assert files_below(tmp_path / "spool") == [] and copies.has_room()


def test_copies_are_found_across_containers(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "X")
    zip_folder(folder, tmp_path / "case.zip")
    found = find_inputs([tmp_path])
    copies = find_duplicates_and_hashes(found.inputs).originals
    names = [item.name for item in found.inputs if item.name.startswith("case.zip!/")]
    assert len(names) == len(SMALL)
    # "X/…" comes before "case.zip!/…", as in any list of names.
    assert all(copies[name].name.startswith("X/") for name in names)


def test_what_was_left_of_a_container_is_a_row_and_counts(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in (("inner.7z", b"7z\xbc\xaf\x27\x1c\x00\x04"), ("../up.txt", b"text")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    (tmp_path / "case.tar").write_bytes(out.getvalue())
    (tmp_path / "locked.zip").write_bytes(base64.b85decode(INFO_ZIP))
    run = audit(tmp_path)
    rows = {row.name: row for row in run.contents.files}
    assert rows["case.tar"].status == "container"
    assert rows["case.tar!/inner.7z"].status == "unread"
    assert rows["case.tar!/inner.7z"].kind == "7z archive"
    assert rows["case.tar!/link"].status == "other"
    assert rows["locked.zip!/log.txt"].status == "encrypted"
    assert rows["case.tar!/../up.txt"].size == 4
    assert "needs a key" in run.verdict.line and run.verdict.exit_code == 3


def test_a_password_file_opens_what_is_locked(
    tmp_path: Path, sample_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "case.zip").write_bytes(base64.b85decode(INFO_ZIP))
    (tmp_path / "words").write_bytes(b"\xef\xbb\xbfwrong\r\n\r\nsecret\r\n")
    assert load_passwords(tmp_path / "words") == (b"wrong", b"secret")
    settings = IngestSettings(passwords=load_passwords(tmp_path / "words"))
    assert "secret" not in repr(settings)
    assert [item.name for item in find_inputs([tmp_path / "case.zip"]).inputs] == []
    found = find_inputs([tmp_path / "case.zip"], passwords=settings.passwords)
    assert [item.name for item in found.inputs] == ["case.zip!/log.txt"]
    read = dji_audit.audit(tmp_path / "case.zip", password_file=tmp_path / "words")
    assert statuses(read.run)["case.zip!/log.txt"] != "encrypted"
    for bad in (b"", b"\n\n", b"x\n" * 10 + b"".join(b"%d\n" % it for it in range(200))):
        (tmp_path / "words").write_bytes(bad)
        with pytest.raises(PasswordFileError):
            load_passwords(tmp_path / "words")


def test_a_member_may_be_named_by_itself(folder: Path, tmp_path: Path) -> None:
    path = zip_folder(folder, tmp_path / "case.zip")
    name = f"case.zip!/{SMALL[0]}"
    (item,) = find_inputs([tmp_path / name]).inputs
    assert (item.name, item.named_by_user) == (name, True)
    assert len(find_inputs([Path(f"{path}!/DCIM")]).inputs) == 5
    found = find_inputs([Path(f"{path}!/gone.txt")])
    assert [(lost.name, lost.reason) for lost in found.unreadable] == [
        (f"{path}!/gone.txt", "no such member")
    ]
    assert len(find_inputs([path, tmp_path / name]).inputs) == len(SMALL)
    log = read_log(tmp_path / name, DEFAULT_SETTINGS)
    assert log.source.name == name
    assert len(log.track) == len(read_log(folder / SMALL[0], DEFAULT_SETTINGS).track)
    with pytest.raises(FileNotFoundError):
        read_log(Path(f"{path}!/gone.txt"), DEFAULT_SETTINGS)
    with pytest.raises(parsers.FileContainsSeveralLogsError):
        read_log(Path(f"{path}!/DCIM"), DEFAULT_SETTINGS)


def test_a_file_of_such_a_name_comes_before_a_member(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(zipped({"a.txt": b"member"}))
    assert container_and_member_of_path(tmp_path / "case.zip!/a.txt") == (
        tmp_path / "case.zip",
        "a.txt",
    )
    (tmp_path / "case.zip!").mkdir()
    (tmp_path / "case.zip!" / "a.txt").write_bytes(b"file")
    assert container_and_member_of_path(tmp_path / "case.zip!/a.txt") is None


def test_a_container_that_changes_while_it_is_read_loses_only_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(zipped({"a.txt": b"a", "b.txt": b"b"}))
    inputs = find_inputs([path]).inputs
    path.write_bytes(zipped({"a.txt": b"a"}))
    copies = MemberCopies(tmp_path, inputs, ContainerUnpackingProcess(0, 60.0))
    got = {
        indexed.input.name: indexed.copy
        for indexed in copies.inputs_with_index_and_copy(inputs, ())
    }
    kept, gone = got["case.zip!/a.txt"], got["case.zip!/b.txt"]
    assert kept is not None and not kept.failure
    assert gone is not None and "changed while it was read" in gone.failure


def test_a_supplied_archive_of_zones_is_no_evidence(tmp_path: Path) -> None:
    kml = b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'
    (tmp_path / "zones.kmz").write_bytes(zipped({"doc.kml": kml}))
    not_opened = {(tmp_path / "zones.kmz").resolve()}
    assert [it.name for it in find_inputs([tmp_path], not_opened=not_opened).inputs] == [
        "zones.kmz"
    ]
    assert [it.name for it in find_inputs([tmp_path]).inputs] == ["zones.kmz!/doc.kml"]


def backup(folder: Path, files: dict[tuple[str, str], bytes], *, encrypted: bool = False) -> Path:
    folder.mkdir(parents=True)
    (folder / "Manifest.plist").write_bytes(plistlib.dumps({"IsEncrypted": encrypted}))
    with sqlite3.connect(folder / "Manifest.db") as database:
        database.execute(
            "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, "
            "flags INTEGER, file BLOB)"
        )
        for (domain, path), data in files.items():
            name = hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()
            database.execute("INSERT INTO Files VALUES (?, ?, ?, 1, '')", (name, domain, path))
            if data:
                (folder / name[:2]).mkdir(exist_ok=True)
                (folder / name[:2] / name).write_bytes(data)
    database.close()
    return folder


IPHONE = "AppDomain-com.dji.go", f"Documents/FlightRecords/{SMALL[0]}"


def test_files_of_a_phone_backup_have_the_names_that_they_had(
    sample_logs: Path, tmp_path: Path
) -> None:
    record = (sample_logs / SMALL[0]).read_bytes()
    made = backup(tmp_path / "in" / "0000-phone", {IPHONE: record, ("Home", "gone.txt"): b""})
    zip_folder(tmp_path / "in", tmp_path / "phone.zip")
    tail = f"0000-phone!/{'/'.join(IPHONE)}"
    for path, name in (
        (made, tail),
        (tmp_path / "in", tail),
        (tmp_path / "phone.zip", f"phone.zip!/{tail}"),
    ):
        found = find_inputs([path])
        (item,) = [item for item in found.inputs if item.stored_as]
        assert item.name == name
        assert item.stored_as is not None and len(item.stored_as.rpartition("/")[2]) == 40
        (container,) = [it for it in found.containers if it.kind == "itunes-backup"]
        assert container.was_opened and container.member_count == 1
        run = audit(path)
        (row,) = [row for row in run.contents.files if row.name == name]
        assert row.status == "read" and row.flights and row.stored_as == item.stored_as


def test_an_encrypted_phone_backup_is_locked_by_name(tmp_path: Path) -> None:
    backup(tmp_path / "phone", {IPHONE: noise(5000)}, encrypted=True)
    run = audit(tmp_path)
    assert statuses(run)["phone"] == "encrypted"
    assert "1 file needs a key" in run.verdict.line and run.verdict.exit_code == 3


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder with a file below 1,200 others; neither shutil nor pytest can remove it."""
    deep = tmp_path / "deep"
    deep.mkdir()
    descriptor = os.open(deep, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    file = os.open("log.txt", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor)
    os.write(file, b"text")
    os.close(file)
    os.close(descriptor)
    yield deep
    lowest = deep / ("d/" * 1200)
    (lowest / "log.txt").unlink()
    for folder in (lowest, *lowest.parents):
        if folder == deep:
            break
        folder.rmdir()


def test_folders_within_folders_are_bounded_by_no_recursion(deep_folder: Path) -> None:
    start = time.process_time()
    found = find_inputs([deep_folder])
    (item,) = found.inputs
    assert item.name == "d/" * 1200 + "log.txt"
    assert item.path.read_bytes() == b"text"
    assert time.process_time() - start < 5


def test_folders_that_are_too_deep_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dji_audit.ingest.input_files._files_on_disk.MAX_FOLDER_DEPTH", 3)
    (tmp_path / "a/b/c/d/e").mkdir(parents=True)
    (tmp_path / "a/b/c/seen.txt").write_bytes(b"x")
    (tmp_path / "a/b/c/d/unseen.txt").write_bytes(b"x")
    found = find_inputs([tmp_path])
    assert [item.name for item in found.inputs] == ["a/b/c/seen.txt"]
    assert [lost.name for lost in found.unreadable] == ["a/b/c/d/"]
    assert "not opened" in found.unreadable[0].reason


def test_an_input_states_its_size_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"12345")
    assert InputFile(tmp_path / "a.txt", "a.txt", True).size() == 5
    assert InputFile(tmp_path / "a.txt", "x", False, "m", "", 7).size() == 7
