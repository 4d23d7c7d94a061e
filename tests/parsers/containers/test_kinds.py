"""Every kind of container is claimed by its structure, and gives the bytes that went into it."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

import parsers
from parsers import Content, identify_appended_container, identify_container
from tests.parsers.containers.made import (
    COMPRESSIONS,
    Walked,
    android_backup,
    noise,
    tarred,
    zip_of_packed_members,
    zipped,
    zstd_compressed,
)

MEMBERS = {"a.txt": b"one", "folder/b.bin": noise(300_000), "empty": b"", "c.txt": b"c" * 5000}
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
TAR_LAYOUTS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def zip_with_method(members: dict[str, bytes], method: int, packed: list[bytes]) -> bytes:
    """Return a ZIP archive whose members were packed by hand."""
    each = zip(members, members.values(), packed, strict=True)
    return zip_of_packed_members([*each], method)


@pytest.mark.parametrize("method", ZIP_METHODS)
def test_zip_of_each_method_of_the_standard_library(method: int) -> None:
    walked = Walked(zipped(MEMBERS, method))
    assert walked.members == MEMBERS
    assert (walked.whole.kind.name, walked.whole.member_count) == ("zip", 4)
    assert not walked.left and not walked.whole.issues and not walked.errors


@pytest.mark.parametrize(("method", "codec"), [(93, "zst"), (95, "xz")])
def test_zip_of_newer_methods(method: int, codec: str) -> None:
    packed = [COMPRESSIONS[codec](data) for data in MEMBERS.values()]
    assert Walked(zip_with_method(MEMBERS, method, packed)).members == MEMBERS


@pytest.mark.parametrize(("method", "word"), [(9, "deflate64"), (98, "PPMd"), (77, "method 77")])
def test_zip_of_methods_that_are_not_read_is_left_by_name(method: int, word: str) -> None:
    walked = Walked(zip_with_method({"a.txt": b"abc"}, method, [b"xyz"]))
    (left,) = walked.left
    assert (left.name, left.kind) == ("case.bin!/a.txt", "unsupported")
    assert word in left.reason


def test_zip64_is_read_with_its_wide_sizes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert Walked(out.getvalue()).members == MEMBERS


def test_zip_written_to_a_pipe_has_its_sizes_behind_the_data() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
    walked = Walked(pipe.data)
    assert walked.members == MEMBERS and not walked.whole.issues
    # Cut before its directory, the members are found one by one.
    cut = Walked(pipe.data[: pipe.data.index(b"PK\x01\x02")])
    assert cut.members == MEMBERS
    assert "its directory is missing" in cut.whole.issues[0].reason


@pytest.mark.parametrize("layout", TAR_LAYOUTS)
def test_tar_of_each_layout(layout: int) -> None:
    long = {("folder/" * 30) + "é.txt": b"long", **MEMBERS} if layout != 0 else MEMBERS
    walked = Walked(tarred(long, layout))
    assert walked.members == long
    assert not walked.left and not walked.whole.issues


def test_tar_older_than_posix_is_known_by_its_checksum() -> None:
    data = bytearray(tarred({"a.txt": b"one"}, tarfile.USTAR_FORMAT))
    data[257:512] = bytes(255)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert Walked(bytes(data)).members == {"a.txt": b"one"}


@pytest.mark.parametrize("codec", COMPRESSIONS)
def test_tar_in_each_compression_is_one_container(codec: str) -> None:
    walked = Walked(COMPRESSIONS[codec](tarred(MEMBERS)), f"case.tar.{codec}")
    assert walked.members == MEMBERS
    assert list(walked.containers) == [""]
    assert walked.whole.kind.name == f"tar.{codec}"


@pytest.mark.parametrize("codec", COMPRESSIONS)
def test_one_compressed_file_is_a_container_of_one_member(codec: str) -> None:
    data = noise(2_000_000) + b"abc" * 100_000
    walked = Walked(COMPRESSIONS[codec](data), f"log.ulg.{codec}")
    assert walked.members == {"log.ulg": data}
    assert walked.whole.kind.name == codec
    assert walked.whole.sha256 == hashlib.sha256(COMPRESSIONS[codec](data)).hexdigest()


@pytest.mark.parametrize("codec", COMPRESSIONS)
def test_streams_one_after_another_are_one_file(codec: str) -> None:
    pack = COMPRESSIONS[codec]
    walked = Walked(pack(b"first,") + pack(b"second") + bytes(512), f"x.{codec}")
    assert walked.members == {"x": b"first,second"}
    assert not walked.left


@pytest.mark.parametrize("codec", COMPRESSIONS)
def test_bytes_behind_a_compressed_file_are_said(codec: str) -> None:
    walked = Walked(COMPRESSIONS[codec](b"data") + b"something else", f"x.{codec}")
    assert walked.members == {"x": b"data"}
    assert "14 bytes from byte" in walked.left[0].reason


@pytest.mark.parametrize("compressed", [True, False])
def test_android_backup(compressed: bool) -> None:
    walked = Walked(android_backup(MEMBERS, compressed=compressed), "phone.ab")
    assert walked.members == MEMBERS
    assert walked.whole.kind.name == "android-backup"


def test_android_backup_with_a_password_is_locked_by_name() -> None:
    walked = Walked(android_backup(MEMBERS, encryption="AES-256"), "phone.ab")
    assert walked.members == {}
    (left,) = walked.left
    assert left.kind == "locked" and "AES-256" in left.reason and "Backup Extractor" in left.reason


def test_cellebrite_report_is_a_zip_with_its_own_name() -> None:
    walked = Walked(zipped(MEMBERS), "Phone.UFDR")
    assert walked.whole.kind.name == "ufdr" and walked.members == MEMBERS


UNREAD = {
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "rar": b"Rar!\x1a\x07\x01\x00",
    "e01": b"EVF\x09\x0d\x0a\xff\x00\x01",
    "dmg": bytes(4096) + b"koly\x00\x00\x00\x04" + bytes(504),
    "iso": bytes(32769) + b"CD001\x01",
    "disk": bytes(512) + b"EFI PART" + bytes(512),
    "vmdk": b"KDMV\x01\x00\x00\x00",
    "bitlocker": b"\xeb\x58\x90-FVE-FS-" + bytes(500),
    "cpio": b"070701" + b"0" * 104,
    "ext": bytes(1080) + b"\x53\xef\x01\x00" + bytes(200),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_archives_that_are_not_read_are_named_with_what_to_do(kind: str) -> None:
    walked = Walked(UNREAD[kind])
    assert walked.whole.kind.name == kind
    (left,) = walked.left
    right = "locked" if kind == "bitlocker" else "unsupported"
    assert (left.name, left.kind) == ("case.bin", right)
    assert "name the folder" in left.reason


@pytest.mark.parametrize("kind", UNREAD)
def test_archives_that_are_not_read_are_named_inside_others(kind: str) -> None:
    if kind in ("dmg", "iso"):
        return  # known by bytes that lie far from the beginning
    walked = Walked(zipped({"inner": UNREAD[kind]}))
    right = "locked" if kind == "bitlocker" else "unsupported"
    assert [(left.name, left.kind) for left in walked.left] == [("case.bin!/inner", right)]
    assert walked.containers["inner"].sha256 == hashlib.sha256(UNREAD[kind]).hexdigest()


@pytest.mark.parametrize(
    "data",
    [
        b"a log that mentions PK\x03\x04 and PK\x05\x06 somewhere" * 100,
        b"PK\x03\x04" + b"\xff" * 200,
        b"PK\x03\x04",
        b"\x1f\x8b\x08\x00" + b"\x00" * 200,
        b"\x1f\x8b\x08 only begins so",
        b"BZh9 is a word",
        b"\x28\xb5\x2f\xfd" + b"\xff" * 50,
        b"ustar".rjust(300) + bytes(300),
        b"070707,14:15:16,52.1,0.3\n" * 10,
        bytes(1024),
        b"",
    ],
)
def test_bytes_that_only_resemble_a_container_are_none(data: bytes) -> None:
    assert identify_container(Content("log.bin", data)) is None


def test_no_log_of_the_samples_is_a_container(sample_logs: Path, samples: Path) -> None:
    checked = 0
    for folder in (sample_logs, samples):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in (".zip", ".gz", ".kmz", ".pyc"):
                content = parsers.open_content(path)
                assert identify_container(content) is None, path
                checked += 1
    assert checked > 100


def test_a_zip_behind_a_program_is_found_at_the_end() -> None:
    content = Content("setup.exe", b"MZ" + noise(1000) + zipped(MEMBERS))
    assert identify_container(content) is None
    kind = identify_appended_container(content)
    assert kind is not None and kind.name == "zip"
    reading = parsers.read_content(content)
    assert {part.name for part in reading.account.parts} >= {"setup.exe!/a.txt"}
    assert "before the archive" in reading.account.issues[0].reason


def test_a_log_with_a_zip_behind_it_stays_a_log(sample_logs: Path) -> None:
    path = next(iter(sorted(sample_logs.rglob("*.MRK"))))
    reading = parsers.read_content(Content(path.name, path.read_bytes() + zipped(MEMBERS)))
    assert reading.account.format == "dji-mrk"
    size = path.stat().st_size
    assert any(
        issue.offset == size and "ZIP archive stands behind" in issue.reason
        for issue in reading.account.issues
    )


def test_an_empty_zip_is_a_container_without_members() -> None:
    walked = Walked(zipped({}))
    assert walked.whole.member_count == 0 and not walked.left


def test_zstd_needs_no_stated_size() -> None:
    assert Walked(zstd_compressed(b""), "x.zst").members == {"x": b""}
