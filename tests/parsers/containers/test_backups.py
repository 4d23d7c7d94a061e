"""What a backup of iTunes or Finder says of the names of its files."""

import hashlib
import plistlib
import sqlite3
from pathlib import Path

import pytest

from parsers import Content, backup_file_hash, read_backup_manifest

FILES = {
    ("AppDomain-com.dji.go", "Documents/FlightRecords/a.txt"): 1,
    ("HomeDomain", "Library/folder"): 2,
    ("HomeDomain", "../../evil.txt"): 1,
}


def file_hash(domain: str, path: str) -> str:
    return hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()


def manifest(folder: Path, files: dict[tuple[str, str], int] = FILES) -> Content:
    path = folder / "Manifest.db"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, "
            "flags INTEGER, file BLOB)"
        )
        rows = [(file_hash(*key), *key, flags, b"") for key, flags in files.items()]
        database.executemany("INSERT INTO Files VALUES (?, ?, ?, ?, ?)", rows)
    database.close()
    return Content("Manifest.db", path.read_bytes())


def plist(encrypted: bool) -> Content:
    return Content("Manifest.plist", plistlib.dumps({"IsEncrypted": encrypted}))


def test_files_get_the_names_that_they_had(tmp_path: Path) -> None:
    found = read_backup_manifest(manifest(tmp_path), plist(False), None)
    assert found is not None and found.left_kind is None
    assert found.names == {
        file_hash(*key): f"{key[0]}/{key[1]}" for key, flags in FILES.items() if flags == 1
    }


def test_an_encrypted_backup_is_locked_by_name(tmp_path: Path) -> None:
    for database in (manifest(tmp_path), Content("Manifest.db", b"\x81" * 4096), None):
        found = read_backup_manifest(database, plist(True), None)
        assert found is not None and found.left_kind == "locked"
        assert "decrypt it" in found.left_reason


def test_an_old_backup_is_named(tmp_path: Path) -> None:
    found = read_backup_manifest(None, None, Content("Manifest.mbdb", b"mbdb\x05\x00"))
    assert found is not None and found.left_kind == "unsupported"


def test_other_databases_of_that_name_are_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "Manifest.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE Files (name TEXT)")
    database.close()
    assert read_backup_manifest(Content("Manifest.db", path.read_bytes()), None, None) is None
    assert read_backup_manifest(Content("Manifest.db", b"no database"), None, None) is None
    assert read_backup_manifest(None, plist(False), None) is None
    assert read_backup_manifest(None, Content("Manifest.plist", b"<plist>"), None) is None


@pytest.mark.parametrize(("name", "is_one"), [
    ("ab/ab" + "0" * 38, True), ("ab" + "0" * 38, True), ("cd/ab" + "0" * 38, False),
    ("ab/ab" + "0" * 37, False), ("ab/AB" + "0" * 38, False),
])  # fmt: skip
def test_where_a_backup_keeps_files(name: str, is_one: bool) -> None:
    assert (backup_file_hash(name) is not None) == is_one
