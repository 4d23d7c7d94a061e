"""Gigabytes: a dossier of 2 GB in under 300 MB of memory, and members beyond 4 GB."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dji_audit.dossier.check_zip_archive_bytes import check_archive
from dji_audit.dossier.stored_zip import StoredZipWriter
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
MAX_MEMORY = 300 << 20


def peak_memory(*arguments: object) -> int:
    """Run a command and return the most memory that one of its processes had, in bytes."""
    script = (
        "import resource, subprocess, sys\n"
        "code = subprocess.run([sys.executable, '-c', 'from dji_audit.cli import main; main()', "
        "*sys.argv[1:]], stdout=subprocess.DEVNULL).returncode\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    )
    around = os.environ | {"PYTHONPATH": str(ROOT), "DJI_AUDIT_KEY_STORE": "none"}
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=around,
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak = map(int, done.stdout.split()[-2:])
    assert code == 0, done.stderr
    return peak


def test_two_gigabytes_of_originals(tmp_path: Path) -> None:
    evidence = tmp_path / "card"
    evidence.mkdir()
    (log,) = (ROOT / "sample_logs" / "case" / "record").iterdir()
    (evidence / log.name).write_bytes(log.read_bytes())
    block = os.urandom(1 << 20)
    for number in range(4):
        with (evidence / f"DJI_{number:04}.MP4").open("wb") as stream:
            for part in range(512):
                stream.write(head_of_block(number, part) + block[8:])
    out = tmp_path / "case.zip"
    made = peak_memory("dossier", evidence, "-o", out, "--with-originals", "--zone-store", "none")
    assert out.stat().st_size > 2 << 30
    checked = peak_memory("verify", out)
    assert made < MAX_MEMORY, f"{made / 2**20:.0f} MB"
    assert checked < MAX_MEMORY, f"{checked / 2**20:.0f} MB"


def head_of_block(number: int, part: int) -> bytes:
    return number.to_bytes(4, "big") + part.to_bytes(4, "big")


class SparseFile(io.RawIOBase):
    """A file in which blocks of zeros take no room on the disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        if len(piece) >= 1 << 20 and not piece.strip(b"\0"):
            self._file.seek(len(piece), os.SEEK_CUR)
        else:
            self._file.write(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


def test_members_and_offsets_beyond_four_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    zeros, size = bytes(1 << 22), (4 << 30) + 12345
    stream = SparseFile(path)
    writer = StoredZipWriter(stream)  # type: ignore[arg-type]
    writer.add("first.txt", 5, (b"first",))
    pieces = (zeros for _ in range(size >> 22))
    writer.add("large.bin", size, (*pieces, bytes(size % (1 << 22))))
    writer.add("behind.txt", 6, (b"behind",))
    writer.finish()
    stream.close()
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("large.bin").file_size == size
        assert archive.read("behind.txt") == b"behind"
    with path.open("rb") as opened:
        checked = check_archive(opened, path.stat().st_size)
    assert checked.faults == ()
    assert [member.size for member in checked.members] == [5, size, 6]
    # A byte of a number of 64 bits is as fixed as any other.
    with path.open("r+b") as opened:
        opened.seek(path.stat().st_size - 22 - 20 - 8)
        opened.write(b"\1")
    with path.open("rb") as opened:
        assert check_archive(opened, path.stat().st_size).faults
