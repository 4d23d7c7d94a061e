"""Bombs, hostile names, links, devices, damage and nesting: named, bounded and harmless."""

import io
import stat
import struct
import subprocess
import sys
import tarfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import parsers
from parsers import ContainerWalk, Content, OpenedMember, identify_container
from tests.conftest import ROOT
from tests.parsers.containers.made import (
    COMPRESSIONS,
    DEVICE,
    LINK,
    Walked,
    android_backup,
    noise,
    tar_entry,
    tarred,
    zip_entry,
    zipped,
)

HUGE = 256 << 20


def zeros_compressed(pack: str, size: int = HUGE) -> bytes:
    """Return many zeros, compressed piece by piece."""
    piece = COMPRESSIONS[pack](bytes(1 << 26))
    return piece * (size >> 26)


def zip_of_zeros() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body, crc32 = b"", 0
    for _ in range(HUGE >> 24):
        body += packer.compress(bytes(1 << 24))
        crc32 = zlib.crc32(bytes(1 << 24), crc32)
    body += packer.flush()
    return _zip_of(body, crc32, HUGE)


def _zip_of(body: bytes, crc32: int, stated: int, repeat: int = 1) -> bytes:
    """Return an archive whose directory names one member so many times."""
    fields = (20, 0, 8, 0, 0, crc32, len(body), stated, 1, 0)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + b"z" + body
    directory = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, 0) + b"z"
        for _ in range(repeat)
    )
    end = (0, 0, repeat, repeat, len(directory), len(local), 0)
    return local + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", *end)


def zip_that_lies() -> bytes:
    """A member that states ten bytes and unpacks to many."""
    data = bytearray(zip_of_zeros())
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


def overlapping_zip() -> bytes:
    """Many members that share the same bytes, as in David Fifield's bomb."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(bytes(1 << 20)) + packed.flush()
    return _zip_of(body, zlib.crc32(bytes(1 << 20)), 1 << 20, 5000)


def nested_zip() -> bytes:
    """Archives of sixteen archives each, five levels deep, as in 42.zip."""
    data = zipped({"z": bytes(4 << 20)})
    for _ in range(5):
        data = zipped({f"{number}.zip": data for number in range(16)})
    return data


def many_highly_packed() -> bytes:
    """Members that are each small enough and together are not."""
    return zipped({f"{number}": bytes(8 << 20) for number in range(60)})


def flood_of_members() -> bytes:
    return zipped({f"{number}": b"" for number in range(60_000)}, zipfile.ZIP_STORED)


def flood_in_tar_gz() -> bytes:
    block = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    return COMPRESSIONS["gz"](block * 200_000)


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip of zeros": zip_of_zeros,
    "zip that lies": zip_that_lies,
    "overlapping zip": overlapping_zip,
    "nested zip": nested_zip,
    "many highly packed": many_highly_packed,
    "flood of members": flood_of_members,
    "flood in tar.gz": flood_in_tar_gz,
    "tar.gz of zeros": lambda: (
        COMPRESSIONS["gz"](
            tarfile_header("a", 10) + b"0123456789".ljust(512, b"\0") + tarfile_header("z", HUGE)
        )
        + zeros_compressed("gz")
    ),
    "android backup": lambda: android_backup({"z": bytes(HUGE)}),
    "zip in gz in zip": lambda: zipped({"a.gz": COMPRESSIONS["gz"](zip_of_zeros())}),
    **{pack: partial(zeros_compressed, pack) for pack in COMPRESSIONS},
}


def tarfile_header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


_MEASURE = """
import pathlib, sys, time, parsers

for path in sys.argv[1:]:
    start = time.process_time()
    reading = parsers.read_file(path)
    took = time.process_time() - start
    # Not that of getrusage, which begins with the memory of the process that started it.
    status = pathlib.Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) >> 10
    words = [
        issue.reason
        for part in (reading.account, *reading.account.parts)
        for issue in part.issues
    ]
    print(took, peak, " / ".join(words).replace(chr(10), " "), flush=True)
"""


@pytest.fixture(scope="module")
def costs_of_bombs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, int, str]]:
    """Return of each bomb the seconds and megabytes that reading took, and what it says."""
    folder = tmp_path_factory.mktemp("bombs")
    paths = [folder / str(number) for number in range(len(BOMBS))]
    for path, make in zip(paths, BOMBS.values(), strict=True):
        path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *paths],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert sorted(folder.iterdir()) == sorted(paths)
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    return {
        bomb: (float(took), int(peak), words)
        for bomb, (took, peak, words) in zip(BOMBS, lines, strict=True)
    }


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_named_and_costs_little(
    bomb: str, costs_of_bombs: dict[str, tuple[float, int, str]]
) -> None:
    took, peak_mb, words = costs_of_bombs[bomb]
    assert any(word in words for word in ("bomb", "flood", "holds more", "within")), words
    # Most take a tenth of a second, on a busy machine two; what is not bounded takes minutes.
    assert took < 10
    assert peak_mb < 300


HOSTILE = {
    "/etc/passwd": "absolute",
    "../../escaped.txt": "..",
    "a/../../b.txt": "..",
    "C:\\Windows\\evil.txt": "absolute",
    "line\nbreak\x1b[2J.txt": "control",
    "case.zip!/inner.txt": "!/",
    "right\u202eto-left.txt": "control",
}


@pytest.mark.parametrize("make", [zipped, tarred])
def test_hostile_names_are_said_and_their_bytes_are_read(
    make: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "case.bin"
    path.write_bytes(make({name: name.encode() for name in HOSTILE}))
    before = sorted(each.name for each in tmp_path.parent.iterdir())
    walked = Walked(path.read_bytes())
    assert sorted(walked.members.values()) == sorted(name.encode() for name in HOSTILE)
    remarks = {data: walked.remarks[name] for name, data in walked.members.items()}
    for name, word in HOSTILE.items():
        assert any(word in remark for remark in remarks[name.encode()]), name
    assert all(name.isprintable() and not name.startswith("/") for name in walked.members)
    reading = parsers.read_file(path)
    assert len(reading.account.parts) == len(HOSTILE)
    assert [each.name for each in tmp_path.iterdir()] == ["case.bin"]
    assert sorted(each.name for each in tmp_path.parent.iterdir()) == before


def test_names_that_are_equal_or_nearly_so_are_told_apart() -> None:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        for name in ("a.txt", "a.txt", "A.TXT", "a.txt (2)", "a.txt"):
            archive.writestr(name, name + "!")
    walked = Walked(out.getvalue())
    assert list(walked.members) == [
        "a.txt", "a.txt (2)", "A.TXT", "a.txt (2) (2)", "a.txt (3)",
    ]  # fmt: skip
    assert walked.remarks["a.txt"] == ()
    assert walked.remarks["a.txt (2)"] == ("another member has the same name",)
    assert "only in case" in walked.remarks["A.TXT"][0]


def test_links_and_devices_are_listed_and_do_nothing() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        zip_entry(archive, "link", LINK, b"/etc/passwd")
        zip_entry(archive, "null", DEVICE)
        zip_entry(archive, "file", stat.S_IFREG | 0o644, b"data")
    walked = Walked(out.getvalue())
    assert walked.members == {"file": b"data"}
    assert walked.left_kinds == {"case.bin!/link": "link", "case.bin!/null": "device"}

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar_entry(tar, "link", tarfile.SYMTYPE, "/etc/passwd")
        tar_entry(tar, "hard", tarfile.LNKTYPE, "link")
        tar_entry(tar, "null", tarfile.CHRTYPE)
        tar_entry(tar, "pipe", tarfile.FIFOTYPE)
        tar_entry(tar, "folder", tarfile.DIRTYPE)
    walked = Walked(out.getvalue())
    assert walked.members == {}
    assert list(walked.left_kinds.values()) == ["link", "link", "device", "device"]
    assert "/etc/passwd" in walked.left[0].reason


def nested(depth: int, inner: bytes) -> bytes:
    for number in range(depth):
        name = f"{number}.in"
        inner = (zipped, tarred)[number % 2]({name: inner})
    return inner


def test_nesting_is_opened_to_the_stated_depth() -> None:
    deepest = parsers.MAX_CONTAINER_DEPTH
    assert list(Walked(nested(deepest, b"data")).members.values()) == [b"data"]
    walked = Walked(nested(deepest + 1, b"data"))
    assert walked.members == {}
    (left,) = walked.left
    assert left.kind == "too_deep" and f"within {deepest} others" in left.reason


def test_members_of_nested_containers_have_names_and_hashes_of_their_own() -> None:
    inner = tarred({"x/log.txt": b"data"})
    walked = Walked(zipped({"a/inner.tar": inner, "b.txt": b"b"}))
    assert list(walked.members) == ["a/inner.tar!/x/log.txt", "b.txt"]
    assert walked.containers["a/inner.tar"].size == len(inner)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "gz", "ab", "zst"])
def test_what_a_cut_archive_still_holds_is_read_and_the_rest_is_named(
    kind: str, share: float
) -> None:
    members = {f"{number}.bin": noise(20_000, number) for number in range(10)}
    made = {
        "zip": lambda: zipped(members),
        "tar": lambda: tarred(members).rstrip(b"\0"),
        "tar.gz": lambda: COMPRESSIONS["gz"](tarred(members)),
        "gz": lambda: COMPRESSIONS["gz"](b"".join(members.values())),
        "ab": lambda: android_backup(members),
        "zst": lambda: COMPRESSIONS["zst"](b"".join(members.values())),
    }[kind]()
    walked = Walked(made[: int(len(made) * share)], "cut")
    if kind in ("gz", "zst"):
        (data,) = walked.members.values()
        assert b"".join(members.values()).startswith(data)
        assert kind == "zst" or len(data) > 200_000 * (share - 0.2)
    else:
        whole = [name for name, data in walked.members.items() if data == members[name]]
        assert len(whole) >= int(10 * share) - 1
    assert walked.errors or walked.left or walked.whole.issues
    reading = parsers.read_content(Content("cut", made[: int(len(made) * share)]))
    words = [issue.reason for part in (reading.account, *reading.account.parts)
             for issue in part.issues]  # fmt: skip
    assert any("cut short" in word or "not reached" in word for word in words), words


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "ab"])
def test_any_flipped_bytes_leave_a_result_and_never_an_exception(kind: str) -> None:
    members = {f"{number}.bin": noise(3_000, number) for number in range(5)}
    made = bytearray({
        "zip": lambda: zipped(members),
        "tar": lambda: tarred(members),
        "tar.gz": lambda: COMPRESSIONS["gz"](tarred(members)),
        "ab": lambda: android_backup(members),
    }[kind]())  # fmt: skip
    import random

    chance = random.Random(7)  # noqa: S311 - damage, not secrets
    for _ in range(300):
        data = bytearray(made)
        for _ in range(chance.choice((1, 3, 40))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        content = Content("damaged", bytes(data))
        container = identify_container(content)
        if container is None:
            continue
        for item in ContainerWalk(content, container):
            if isinstance(item, OpenedMember):
                item.data.skip()


def test_a_flipped_byte_in_a_stored_member_is_noticed() -> None:
    data = bytearray(zipped({"a.bin": noise(5000)}, zipfile.ZIP_STORED))
    data[1000] ^= 1
    walked = Walked(bytes(data))
    assert walked.errors == {"a.bin": "damaged"}
    reading = parsers.read_content(Content("x.zip", bytes(data)))
    (part,) = reading.account.parts
    assert any("checksum" in issue.reason and issue.is_truncated for issue in part.issues)


def test_a_member_of_which_damage_leaves_no_byte_is_not_taken_for_empty() -> None:
    data = bytearray(zipped({"a.csv": b"time,latitude\n" * 500}, zipfile.ZIP_DEFLATED))
    data[40] ^= 0xFF
    walked = Walked(bytes(data))
    assert walked.members == {}
    assert [(left.name, left.kind) for left in walked.left] == [("case.bin!/a.csv", "damaged")]
    reading = parsers.read_content(Content("x.zip", bytes(data)))
    assert reading.account.parts == ()
    assert any("x.zip!/a.csv was not read" in issue.reason for issue in reading.account.issues)


@pytest.mark.parametrize("codec", ["gz", "bz2", "xz"])
def test_a_compressed_file_of_which_damage_leaves_no_byte_is_not_taken_for_empty(
    codec: str,
) -> None:
    data = bytearray(COMPRESSIONS[codec](b"time,latitude\n" * 50))
    data[-3] ^= 0xFF
    reading = parsers.read_content(Content(f"a.csv.{codec}", bytes(data)))
    assert reading.account.parts == ()
    assert isinstance(reading.account.error, parsers.UnsupportedVersionError)
    assert "damaged" in str(reading.account.error)


@pytest.mark.parametrize("codec", ["gz", "bz2", "xz"])
def test_damage_at_the_end_of_a_compressed_file_costs_its_end_only(codec: str) -> None:
    whole = noise(200_000)
    data = bytearray(COMPRESSIONS[codec](whole))
    data[-3] ^= 0xFF
    (read,) = Walked(bytes(data), f"a.bin.{codec}").members.values()
    assert whole.startswith(read)
    assert len(read) > len(whole) - (1 << 15)


def test_members_that_the_directory_hides_are_found() -> None:
    data = zipped({"shown.txt": b"shown", "hidden.txt": b"hidden"}, zipfile.ZIP_STORED)
    shown = zipped({"shown.txt": b"shown"}, zipfile.ZIP_STORED)
    directory = shown[shown.index(b"PK\x01\x02") : shown.index(b"PK\x05\x06")]
    body = data[: data.index(b"PK\x01\x02")]
    end = (0, 0, 1, 1, len(directory), len(body), 0)
    made = body + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", *end)
    walked = Walked(made)
    assert walked.members == {"shown.txt": b"shown", "hidden.txt": b"hidden"}
    assert "does not list it" in walked.remarks["hidden.txt"][0]


def test_a_header_that_names_a_member_otherwise_is_said() -> None:
    data = zipped({"real.txt": b"x"}, zipfile.ZIP_STORED).replace(b"real.txt", b"fake.txt", 1)
    walked = Walked(data)
    assert "'fake.txt'" in walked.remarks["real.txt"][0]


def test_a_tar_with_damage_between_members_is_read_on_behind_it() -> None:
    data = bytearray(tarred({"a": b"a" * 600, "b": b"b" * 600, "c": b"c" * 600}))
    data[1536:2048] = noise(512)
    walked = Walked(bytes(data))
    assert walked.members == {"a": b"a" * 600, "c": b"c" * 600}
    (issue,) = walked.whole.issues
    assert (issue.offset, issue.size) == (1536, 1536)


def test_tars_one_after_another_are_all_read() -> None:
    walked = Walked(tarred({"a": b"1"}) + tarred({"b": b"2"}))
    assert walked.members == {"a": b"1", "b": b"2"}


def test_a_wide_dictionary_is_refused_instead_of_taking_memory() -> None:
    import lzma

    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20}]
    data = lzma.compress(b"abc", filters=filters)
    walked = Walked(data, "x.xz")
    assert {left.kind for left in walked.left} == {"unsupported"}
    assert "dictionary of more than 64 MB" in walked.left[0].reason


def test_time_grows_in_line_with_members() -> None:
    def seconds(count: int) -> float:
        data = zipped({f"{number}.txt": b"x" * 100 for number in range(count)})
        start = time.process_time()
        assert len(Walked(data).members) == count
        return time.process_time() - start

    def least_seconds(count: int) -> float:
        # Other work on the machine only ever adds time.
        return min(seconds(count) for _ in range(3))

    assert least_seconds(8000) < 24 * max(least_seconds(1000), 0.02)
