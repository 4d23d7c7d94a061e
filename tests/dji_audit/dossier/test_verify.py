"""No byte of a dossier can be changed, removed, added or moved without being named."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dji_audit.dossier.manifest_model_and_reader import MANIFEST_FILE, SIGNATURE_FILE, SUMS_FILE
from dji_audit.dossier.stored_zip import StoredZipWriter
from dji_audit.dossier.verify import DossierCheckResult, VerifySettings, verify_dossier
from tests.dji_audit.dossier.small_archives import KEY, write_small_archive

PUBLIC_KEY = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("dossier") / "case.zip"
    write_small_archive(path)
    return path.read_bytes()


@pytest.fixture
def check(tmp_path: Path) -> Callable[[bytes], DossierCheckResult]:
    path = tmp_path / "changed.zip"

    def checked(data: bytes) -> DossierCheckResult:
        path.write_bytes(data)
        return verify_dossier(path)

    return checked


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(contents: list[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    writer = StoredZipWriter(stream)
    for name, content in contents:
        writer.add(name, len(content), (content,))
    writer.finish()
    return stream.getvalue()


def parts(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield begin, end and name of the headers and contents of members, and of what follows."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        end = 0
        for info in infos:
            begin = info.header_offset
            end = begin + 30 + len(info.filename) + info.file_size
            yield begin, end, info.filename
        for info in infos:
            begin, end = end, end + 46 + len(info.filename)
            yield begin, end, info.filename
        yield end, len(data), "(end of the archive)"


def flipped(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def test_as_it_was_made(whole: bytes, check: Callable[[bytes], DossierCheckResult]) -> None:
    result = check(whole)
    assert result.faults == ()
    assert result.manifest is not None
    assert result.manifest_sha256 is not None


@pytest.mark.parametrize("name", [MANIFEST_FILE, SUMS_FILE, SIGNATURE_FILE])
def test_every_byte_of_what_proves_the_rest(
    whole: bytes, check: Callable[[bytes], DossierCheckResult], name: str
) -> None:
    content = members(whole)[name]
    begin = whole.index(content)
    for at in range(begin, begin + len(content)):
        names = {fault.name for fault in check(flipped(whole, at, 1 << at % 8)).faults}
        assert name in names, f"byte {at - begin} of {name}"


def test_every_byte_of_what_proves_the_rest_where_the_archive_was_packed_again(
    whole: bytes, check: Callable[[bytes], DossierCheckResult]
) -> None:
    for name in (MANIFEST_FILE, SUMS_FILE, SIGNATURE_FILE):
        contents = members(whole)
        content = contents[name]
        for at in range(0, len(content), 1 if name == SIGNATURE_FILE else 7):
            contents[name] = flipped(content, at, 1)
            names = {fault.name for fault in check(archive_of([*contents.items()])).faults}
            assert names & {name, MANIFEST_FILE, SUMS_FILE}, f"byte {at} of {name}"


def test_a_thousand_bytes_anywhere_are_named(
    whole: bytes, check: Callable[[bytes], DossierCheckResult]
) -> None:
    places = list(parts(whole))
    assert [begin for begin, _, _ in places[1:]] == [end for _, end, _ in places[:-1]]
    chance = random.Random(2026)  # noqa: S311 - a seed, no secret
    for _ in range(1000):
        at, bits = chance.randrange(len(whole)), chance.randrange(1, 256)
        names = {fault.name for fault in check(flipped(whole, at, bits)).faults}
        name = next(name for begin, end, name in places if begin <= at < end)
        assert names & {name, "(directory of the archive)"}, f"byte {at}, {name}: {names}"


def test_every_byte_of_headers_directory_and_end(
    whole: bytes, check: Callable[[bytes], DossierCheckResult]
) -> None:
    contents = {whole.index(each) for each in members(whole).values() if each}
    for begin, end, name in parts(whole):
        stop = min([at for at in contents if begin <= at < end], default=end)
        for at in range(begin, stop):
            names = {fault.name for fault in check(flipped(whole, at, 0x10)).faults}
            assert names & {name, "(directory of the archive)"}, f"byte {at}, {name}: {names}"


def test_members_removed_added_moved_or_twice(
    whole: bytes, check: Callable[[bytes], DossierCheckResult]
) -> None:
    pairs = [*members(whole).items()]
    assert check(archive_of(pairs)).faults == ()
    for number, (name, content) in enumerate(pairs):
        without = pairs[:number] + pairs[number + 1 :]
        assert name in {fault.name for fault in check(archive_of(without)).faults}
        twice = [*pairs, (name, content)]
        assert name in {fault.name for fault in check(archive_of(twice)).faults}
        moved = [*without, (name, content)]
        if moved != pairs:
            assert check(archive_of(moved)).faults, f"{name} moved to the end"
    added = check(archive_of([*pairs, ("more.txt", b"more")])).faults
    assert ("more.txt", "the manifest does not list it") in [(it.name, it.reason) for it in added]
    swapped = [*pairs[:-2], pairs[-1], pairs[-2]]
    assert any("order" in fault.reason for fault in check(archive_of(swapped)).faults)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\0",
        lambda data: data + b"PK\x05\x06" + bytes(18),
        lambda data: b"MZ" + data,
        lambda data: data[:-2] + b"\x04\x00note",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"not a dossier" * 40,
        lambda data: data[: data.index(b"PK\x01\x02")] + b"gap" + data[data.index(b"PK\x01\x02") :],
    ],
)
def test_bytes_before_between_behind_and_missing(
    whole: bytes, check: Callable[[bytes], DossierCheckResult], change: Callable[[bytes], bytes]
) -> None:
    assert check(change(whole)).faults


def test_a_compressed_copy_with_the_same_files_is_not_the_dossier(
    whole: bytes, check: Callable[[bytes], DossierCheckResult]
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(whole).items():
            archive.writestr(name, content)
    assert check(stream.getvalue()).faults


def test_a_forger_who_makes_the_sums_agree_needs_the_key(tmp_path: Path) -> None:
    from dji_audit.dossier.action_record import RecordOfActionsTaken
    from dji_audit.dossier.write_archive import hashed_file_for_archive, write_archive
    from tests.dji_audit.dossier.small_archives import small_manifest

    honest = write_small_archive(tmp_path / "honest.zip")
    record = RecordOfActionsTaken()
    record.add_step("began")
    files = [
        hashed_file_for_archive("index.html", "page", b"<p>forged</p>"),
        hashed_file_for_archive("record.jsonl", "record", record.to_bytes()),
    ]
    forged = tmp_path / "forged.zip"
    write_archive(forged, small_manifest(record), files)
    # Nobody signed it and nothing in it contradicts itself: only what was written down tells.
    assert verify_dossier(forged).faults == ()
    written_down = VerifySettings(manifest_sha256=honest.manifest_sha256)
    assert [fault.name for fault in verify_dossier(forged, written_down).faults] == [MANIFEST_FILE]
    signed = VerifySettings(public_key=PUBLIC_KEY)
    assert [fault.name for fault in verify_dossier(forged, signed).faults] == [SIGNATURE_FILE]
    assert verify_dossier(honest.path, signed).faults == ()
    other = VerifySettings(public_key="00" * 32)
    assert [fault.name for fault in verify_dossier(honest.path, other).faults] == [SIGNATURE_FILE]
