"""One file may hold several logs: a made carrier, its parts, their accounts and names."""

import hashlib
import pickle
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from parsers import (
    Content,
    CorruptLogError,
    CoverageSpan,
    FileAccount,
    FileContainsNoLogError,
    FileContainsSeveralLogsError,
    FileReading,
    Format,
    Issue,
    Keychains,
    Log,
    LogsAndParts,
    Source,
    UnknownFormatError,
    _formats,
)

MAGIC = b"CARRIER\n"
TRACE = b"TRACE\n"


def box(*members: tuple[str, bytes], tail: bytes = b"") -> bytes:
    """Return a carrier: magic, then name, length and bytes of each member."""
    out = MAGIC
    for name, data in members:
        out += struct.pack("<HI", len(name), len(data)) + name.encode() + data
    return out + tail


def read_box(content: Content, keys: Sequence[Keychains]) -> LogsAndParts:
    """Return the members of a carrier; what follows the last whole one is an issue."""
    at, size = len(MAGIC), len(content)
    spans, parts, issues = [CoverageSpan(0, at, "header")], [], []
    while at < size:
        name_size, length = struct.unpack_from("<HI", content.data[at : at + 6].ljust(6, b"\xff"))
        begin = at + 6 + name_size
        if begin + length > size:
            issues.append(Issue(at, size - at, "the carrier is cut short"))
            spans.append(CoverageSpan(at, size - at, "gap"))
            break
        name = content.data[at + 6 : begin].decode()
        parts.append(content.sub_content([(begin, length)], member=name))
        spans += [CoverageSpan(at, begin - at, "header"), CoverageSpan(begin, length, "member")]
        at = begin + length
    return LogsAndParts((), tuple(parts), spans, tuple(issues))


def read_no_log(content: Content, keys: Sequence[Keychains]) -> Log:
    """Raise: a carrier has no log of its own."""
    raise FileContainsNoLogError(f"{content.name} holds parts and no log of its own")


def read_trace(content: Content, keys: Sequence[Keychains]) -> LogsAndParts:
    """Return a log for each letter of a text whose letters belong to different aircraft."""
    letters = sorted(set(content.data[len(TRACE) :].decode()))
    logs = [
        Log(Source(content.name, len(content), content.sha256, "trace", stream=f"aircraft {one}"))
        for one in letters
    ]
    body = CoverageSpan(len(TRACE), len(content) - len(TRACE), "records")
    return LogsAndParts(tuple(logs), (), [CoverageSpan(0, len(TRACE), "header"), body])


BOX = Format(
    "box", "made carrier", "this test", lambda content: content.head.startswith(MAGIC),
    read_no_log, read_logs_and_parts=read_box,
)  # fmt: skip
TRACES = Format(
    "trace", "made log of several aircraft", "this test",
    lambda content: content.head.startswith(TRACE), read_no_log, read_logs_and_parts=read_trace,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _made_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (*parsers.formats(), BOX, TRACES)
    monkeypatch.setattr(_formats, "formats", lambda: known)


@pytest.fixture(scope="module")
def mrk(sample_logs: Path) -> bytes:
    """Return the bytes of a small log of a real format."""
    paths = sorted(sample_logs.rglob("*.MRK"))
    return paths[0].read_bytes()


def written(tmp_path: Path, data: bytes, name: str = "card.box") -> Path:
    """Write a file and return its path."""
    path = tmp_path / name
    path.write_bytes(data)
    return path


def check_account(account: FileAccount) -> None:
    """Check that spans lie end to end over all bytes, in a file and in each of its parts."""
    end = 0
    for span in account.coverage:
        assert span.offset == end
        end += span.size
    assert end == account.size
    gaps = sum(span.size for span in account.coverage if span.kind == "gap")
    assert gaps <= sum(issue.size for issue in account.issues)
    for part in account.parts:
        check_account(part)


def test_a_file_of_one_log_has_one_log_and_its_account(sample_logs: Path) -> None:
    path = next(iter(sorted(sample_logs.rglob("*.MRK"))))
    reading, log = parsers.read_file(path), parsers.read(path)
    assert [each.source for each in reading.logs] == [log.source]
    assert (log.source.member, log.source.stream) == (None, None)
    assert log.source.file_sha256 == log.source.sha256 == reading.account.sha256
    assert (reading.account.file_class, reading.account.format) == ("log", "dji-mrk")
    assert reading.account.coverage == log.coverage
    assert reading.account.issues == log.issues
    check_account(reading.account)


def test_each_member_is_a_log_with_its_own_name_offsets_and_hashes(
    tmp_path: Path, mrk: bytes
) -> None:
    data = box(("DCIM/a_Timestamp.MRK", mrk), ("notes.txt", b"no log"), ("b_Timestamp.MRK", mrk))
    reading = parsers.read_file(written(tmp_path, data))
    alone = Content("b_Timestamp.MRK", mrk)
    expected = parsers.identify(alone).read(alone, ())
    assert [log.source.name for log in reading.logs] == [
        "card.box!/DCIM/a_Timestamp.MRK",
        "card.box!/b_Timestamp.MRK",
    ]
    for log in reading.logs:
        assert log.source.sha256 == hashlib.sha256(mrk).hexdigest()
        assert log.source.size == len(mrk)
        assert log.source.file_sha256 == hashlib.sha256(data).hexdigest()
        assert log.captures["source_offset"].equals(expected.captures["source_offset"])
        assert log.track["source_offset"].equals(expected.track["source_offset"])
    assert [log.source.member for log in reading.logs] == [
        "DCIM/a_Timestamp.MRK",
        "b_Timestamp.MRK",
    ]


def test_the_account_holds_every_byte_of_the_file_and_of_each_part(
    tmp_path: Path, mrk: bytes
) -> None:
    data = box(("a_Timestamp.MRK", mrk), ("notes.txt", b"no log"), tail=b"\x04")
    account = parsers.read_file(written(tmp_path, data)).account
    check_account(account)
    assert (account.file_class, account.format, account.error) == ("carrier", "box", None)
    assert [part.file_class for part in account.parts] == ["log", "unknown"]
    assert isinstance(account.parts[1].error, UnknownFormatError)
    assert [issue.reason for issue in account.issues] == ["the carrier is cut short"]
    members = sum(span.size for span in account.coverage if span.kind == "member")
    assert members == sum(part.size for part in account.parts)


def test_members_within_members_are_opened_to_a_bounded_depth(tmp_path: Path, mrk: bytes) -> None:
    data, name = mrk, "a_Timestamp.MRK"
    for level in range(parsers.MAX_DEPTH):
        data, name = box((name, data)), f"{level}.box"
    reading = parsers.read_file(written(tmp_path, data))
    assert [log.source.name for log in reading.logs] == [
        "card.box!/2.box!/1.box!/0.box!/a_Timestamp.MRK"
    ]
    assert reading.logs[0].source.member == "2.box!/1.box!/0.box!/a_Timestamp.MRK"
    assert reading.logs[0].source.file_sha256 == hashlib.sha256(data).hexdigest()

    deeper = parsers.read_file(written(tmp_path, box(("3.box", data))))
    assert deeper.logs == ()
    check_account(deeper.account)
    account = deeper.account
    for _ in range(parsers.MAX_DEPTH + 1):
        (account,) = account.parts
    assert account.file_class == "too_deep"
    assert account.issues[0].size == len(mrk)


def test_a_file_of_several_aircraft_holds_a_log_for_each_stream(tmp_path: Path) -> None:
    data = TRACE + b"ABBA"
    reading = parsers.read_file(written(tmp_path, data, "both.trace"))
    assert [log.source.name for log in reading.logs] == [
        "both.trace#aircraft A",
        "both.trace#aircraft B",
    ]
    assert {log.source.sha256 for log in reading.logs} == {hashlib.sha256(data).hexdigest()}
    assert reading.account.file_class == "carrier"
    check_account(reading.account)
    inside = parsers.read_file(written(tmp_path, box(("both.trace", data))))
    assert inside.logs[1].source.name == "card.box!/both.trace#aircraft B"
    assert inside.logs[1].source.stream == "aircraft B"


def test_a_part_of_several_ranges_has_the_bytes_of_all() -> None:
    whole = Content("log.bin", b"0123456789")
    part = whole.sub_content([(1, 2), (7, 3)], stream="system 1")
    assert (part.data, part.name, part.base_name) == (b"12789", "log.bin#system 1", "log.bin")
    assert part.sub_content([(0, 2)], stream="b").name == "log.bin#system 1#b"
    with pytest.raises(CorruptLogError):
        whole.sub_content([(8, 3)])


@pytest.mark.parametrize(
    ("data", "file_class", "error"),
    [(b"", "unknown", UnknownFormatError), (b"a text", "unknown", UnknownFormatError)],
)
def test_a_file_that_is_no_log_is_accounted_for_and_read_raises(
    tmp_path: Path, data: bytes, file_class: str, error: type[Exception]
) -> None:
    path = written(tmp_path, data, "notes.txt")
    reading = parsers.read_file(path)
    assert reading.logs == ()
    assert reading.account.file_class == file_class
    assert reading.account.sha256 == hashlib.sha256(data).hexdigest()
    check_account(reading.account)
    with pytest.raises(error):
        parsers.read(path)


def test_damage_and_versions_have_classes_of_their_own(tmp_path: Path) -> None:
    short = parsers.read_file(written(tmp_path, b"\xd4\xc3\xb2\xa1\x02\x00", "a.pcap"))
    assert short.account.file_class == "corrupt"
    assert short.account.format == "pcap"
    newer = b"\n\r\r\n" + struct.pack("<IIHHqI", 28, 0x1A2B3C4D, 9, 0, -1, 28)
    assert parsers.read_file(written(tmp_path, newer, "b.pcapng")).account.file_class == (
        "unsupported"
    )


def test_read_says_so_where_a_file_holds_several_logs_or_none(tmp_path: Path, mrk: bytes) -> None:
    path = written(tmp_path, TRACE + b"AB", "both.trace")
    with pytest.raises(
        FileContainsSeveralLogsError, match=r"both\.trace#aircraft A.*read_file"
    ) as raised:
        parsers.read(path)
    assert raised.value.names == ("both.trace#aircraft A", "both.trace#aircraft B")
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - our own bytes
    assert (again.names, str(again)) == (raised.value.names, str(raised.value))

    with pytest.raises(FileContainsNoLogError, match=r"card\.box!/notes\.txt"):
        parsers.read(written(tmp_path, box(("notes.txt", b"no log"))))
    one = parsers.read(written(tmp_path, box(("a_Timestamp.MRK", mrk), ("b.txt", b"no log"))))
    assert one.source.name == "card.box!/a_Timestamp.MRK"


def test_a_reading_crosses_a_process_boundary(tmp_path: Path) -> None:
    reading = parsers.read_file(written(tmp_path, b"a text", "notes.txt"))
    again = pickle.loads(pickle.dumps(replace(reading)))  # noqa: S301 - our own bytes
    assert isinstance(again, FileReading)
    assert str(again.account.error) == str(reading.account.error)
