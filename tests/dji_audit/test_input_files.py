"""What a user points at: every file below it is accounted for, and none is opened that blocks."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.ingest.input_files import (
    DiscoveredFiles,
    InputFile,
    find_duplicates_and_hashes,
    find_inputs,
)


def names(found: DiscoveredFiles) -> list[str]:
    return [item.name for item in found.inputs]


def test_a_name_with_brackets_or_stars_is_taken_as_it_is(tmp_path: Path) -> None:
    for name in ("DJIFlightRecord_2018-06-20_[09-04-19].txt", "[bold]a*?.txt", "~x.txt", "-v.txt"):
        (tmp_path / name).write_bytes(b"x")
        found = find_inputs([tmp_path / name])
        assert names(found) == [name]
        assert found.inputs[0].named_by_user
    assert len(find_inputs([tmp_path]).inputs) == 4


def test_files_of_a_folder_are_called_by_their_path_below_it_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    found = find_inputs([tmp_path])
    assert names(found) == ["a/b/c.txt", "a/z.txt", "b.txt"]
    assert not any(item.named_by_user for item in found.inputs)


@pytest.mark.parametrize("again", ["", "./", "../{}/"])
def test_a_file_that_is_named_twice_is_one_file(tmp_path: Path, again: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    twin = Path(f"{tmp_path}/{again.format(tmp_path.name)}a.txt")
    assert len(find_inputs([tmp_path, path, twin]).inputs) == 1


def test_one_name_in_two_folders_gives_two_names(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a/x/y", "b/x/y", "c")]
    for number, folder in enumerate(folders):
        folder.mkdir(parents=True)
        (folder / "log.txt").write_bytes(b"%d" % number)
    assert names(find_inputs(folders)) == ["a/x/y/log.txt", "b/x/y/log.txt", "c/log.txt"]
    # A folder that holds the name by itself is told from one that got it.
    assert len(set(names(find_inputs([tmp_path, folders[0].parent / "y"])))) == 3


def test_a_name_in_bytes_that_are_no_text_is_written_out(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        with open(path, "wb"):  # noqa: PTH123 - pathlib takes no bytes
            pass
    except OSError:
        assert sys.platform != "linux"
        return
    assert names(find_inputs([tmp_path])) == [r"caf\xe9.txt"]
    whole = audit_paths([tmp_path], RunOptions(load_policy(), out=tmp_path.parent / "out"))
    assert [row.name for row in whole.contents.files] == [r"caf\xe9.txt"]


def test_links_in_a_folder_are_told_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"x")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file.txt").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "nowhere.txt").symlink_to(inside / "gone")
    found = find_inputs([inside])
    assert found.inputs == ()
    assert {(lost.name, lost.reason) for lost in found.unreadable} == {
        (name, "a link; not followed") for name in ("file.txt", "folder", "loop", "nowhere.txt")
    }


def test_a_link_that_the_user_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "log.txt")
    assert names(find_inputs([tmp_path / "link.txt"])) == ["link.txt"]


def test_a_pipe_is_told_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "x.keychains.json")
    command = "import sys, pathlib, dji_audit; dji_audit.audit(sys.argv[1:])"
    for paths in ([tmp_path], [tmp_path / "pipe.txt"]):
        # Opening a pipe that nobody writes to would block for ever.
        subprocess.run([sys.executable, "-c", command, *paths], check=True, timeout=60)
    assert {(lost.name, lost.reason) for lost in find_inputs([tmp_path]).unreadable} == {
        ("pipe.txt", "not a regular file"),
        ("x.keychains.json", "not a regular file"),
    }


def test_a_path_that_does_not_exist_is_missing_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    found = find_inputs([tmp_path / "gone.txt", tmp_path])
    assert names(found) == ["a.txt"]
    (lost,) = found.unreadable
    assert lost.name == str(tmp_path / "gone.txt")
    assert lost.reason == "no such file or directory"


def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.txt").write_bytes(b"x")
    listed = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find_inputs([tmp_path])
    assert names(found) == ["a.txt"]
    assert [(lost.name, lost.reason) for lost in found.unreadable] == [
        ("locked/", "permission denied")
    ]


def test_equal_bytes_are_copies_of_the_first_by_name(tmp_path: Path) -> None:
    for name, data in (("a", b"same"), ("b", b"same"), ("c", b"diff"), ("d", b""), ("e", b"")):
        (tmp_path / f"{name}.txt").write_bytes(data)
    found = find_inputs([tmp_path])
    twins = find_duplicates_and_hashes(found.inputs).originals
    # Empty files are equal and say nothing: each is told by itself.
    assert {name: first.name for name, first in twins.items()} == {"b.txt": "a.txt"}


def test_copies_of_files_that_vanish_are_no_error(tmp_path: Path) -> None:
    gone = [InputFile(tmp_path / name, name, True) for name in ("a", "b")]
    assert find_duplicates_and_hashes(gone).originals == {}


def test_every_file_that_goes_in_comes_out_as_one_row(
    tmp_path: Path, whole: Path, damaged: Path, sealed: Path
) -> None:
    data = {
        "a/log.txt": whole.read_bytes(),
        "b/log.txt": whole.read_bytes(),
        "b/damaged.txt": damaged.read_bytes(),
        "b/sealed.txt": sealed.read_bytes(),
        "notes.md": b"# notes",
        "empty.txt": b"",
        "broken.keychains.json": b"{",
        "other.keychains.json": b"[]",
        "picture.jpg": b"\xff\xd8\xff\xe0",
        "table.csv": b"a,b,c,d\n1,2,3,4\n",
        ".hidden": b"x",
    }
    for name, content in data.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    done = audit_paths([tmp_path, tmp_path / "gone"], RunOptions(load_policy()))
    assert {row.name: row.status for row in done.contents.files} == {
        "a/log.txt": "read",
        "b/log.txt": "copy",
        "b/damaged.txt": "partial",
        "b/sealed.txt": "encrypted",
        "notes.md": "no_evidence",
        "empty.txt": "unread",
        "broken.keychains.json": "unread",
        "other.keychains.json": "no_evidence",
        "picture.jpg": "no_evidence",
        "table.csv": "unread",
        ".hidden": "no_evidence",
        "pipe": "unopened",
        "link": "other",
        str(tmp_path / "gone"): "unopened",
    }
    assert all(row.reason for row in done.contents.files if row.status != "read")
    opened = [row for row in done.contents.files if row.name in data]
    assert {row.name: row.sha256 for row in opened} == {
        name: hashlib.sha256(content).hexdigest() for name, content in data.items()
    }
    # The three records tell of one flight; each file of it says so.
    (flight,) = done.contents.flights
    told = {row.name for row in done.contents.files if row.flights == (flight.id,)}
    assert told == {"a/log.txt", "b/damaged.txt", "b/sealed.txt"}
    assert {source.file for source in flight.sources} == told
