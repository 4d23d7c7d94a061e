"""A file is read by the one format that claims it, and refused with a reason otherwise."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

import parsers
from parsers import (
    Content,
    CorruptLogError,
    CoverageSpan,
    Format,
    Issue,
    Keychains,
    Log,
    LogError,
    Source,
    UnknownFormatError,
)
from parsers import _formats as machinery
from sample_logs import dji_txt


def test_formats_are_found_by_the_file_they_live_in() -> None:
    families = Path(parsers.__file__).parent
    public = [
        path
        for family in machinery.FAMILIES
        for path in (families / family).glob("*")
        if not path.name.startswith("_") and (path.suffix == ".py" or path.is_dir())
    ]
    assert len(parsers.formats()) == len(public) >= 1


def test_names_of_formats_are_unique_and_sorted() -> None:
    names = [known.name for known in parsers.formats()]
    assert names == sorted(set(names))


def test_a_format_is_found_by_its_name_and_no_other_word_is_one() -> None:
    assert all(parsers.format_by_name(known.name) is known for known in parsers.formats())
    assert parsers.format_by_name("no such format") is parsers.format_by_name(None) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (bytes(5000), "all its 5,000 bytes are zeros: erased, or never written"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "it is a JPEG picture"),
        (b"PK\x03\x04" + bytes(500), "it is a ZIP archive"),
        (bytes(4) + b"ftypmp42" + bytes(500), "it is an MP4 or MOV video"),
        (b"a,b,c,d\n1,2,3,4\n", "it is a table (CSV) that begins 'a,b,c,d'"),
        (b"One, two, three, four.\n", "it is a text that begins 'One, two"),
        (b'{"a":1,"b":2,"c":3,"d":4}', "it is a text in JSON that begins '{"),
        (b'<?xml version="1.0"?><a b="1,2,3,4"/>\n', "it is an XML or HTML document that begins"),
        (b"\xef\xbb\xbfsep=,\r\nhello\r\n", "it is a text that begins 'sep=,'"),
        (
            b"1\r\n00:00:01,000 --> 00:00:02,500\r\nGood morning.\r\n",
            "it is subtitles without telemetry;",
        ),
        (b"\x01\x02\x03\x04" * 200, "it begins with 01 02 03 04"),
    ],
)
def test_a_file_that_is_no_log_is_refused_and_told_what_it_looks_like(
    data: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "DJIFlightRecord_2026-05-14_[10-01-58].txt"
    path.write_bytes(data)
    with pytest.raises(UnknownFormatError) as refused:
        parsers.read(path)
    assert str(refused.value).startswith(says)
    assert str(refused.value).endswith(f"any of the {len(parsers.formats())} known formats")


def test_of_two_formats_that_claim_a_file_the_one_that_accounts_for_it_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def double(name: str, known: int) -> Format:
        def read(content: Content, keys: Sequence[Keychains]) -> Log:
            spans = (CoverageSpan(0, known, "records"), CoverageSpan(known, 9 - known, "gap"))
            source = Source.from_content(content, name)
            return Log(source, issues=(Issue(known, 9 - known, "damaged"),), coverage=spans)

        return Format(name, f"{name} file", "here", lambda content: True, read)

    monkeypatch.setattr(machinery, "formats", lambda: (double("first", 2), double("second", 7)))
    content = Content("a", b"123456789")
    assert parsers.identify(content).name == "second"
    reading = machinery.read_content(content)
    (log,) = reading.logs
    assert (reading.account.format, log.source.format) == ("second", "second")
    for issues in (reading.account.issues, log.issues):
        assert issues[0].reason == (
            "it begins as 2 kinds of file do: read as second file, which accounts for 7 of 9 "
            "bytes, and not as first file (2 bytes)"
        )


def test_brackets_in_a_name_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "SD[1]"
    folder.mkdir()
    path = folder / "DJIFlightRecord_2026-05-14_[10-01-58].txt"
    path.write_bytes(dji_txt.encode(11, [(1, bytes(55))]))
    log = parsers.read(str(path))
    assert log.source.name == path.name
    assert parsers.read(path, name="week 47/a.txt").source.name == "week 47/a.txt"


def test_a_directory_and_a_missing_path_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        parsers.read(tmp_path)
    with pytest.raises(FileNotFoundError):
        parsers.read(tmp_path / "none")


def test_an_error_with_an_offset_crosses_a_process_boundary_whole() -> None:
    error: LogError = pickle.loads(pickle.dumps(CorruptLogError(16, "four bytes", "two")))  # noqa: S301
    assert isinstance(error, CorruptLogError)
    assert (error.offset, error.expected, error.found) == (16, "four bytes", "two")
    assert str(error) == "at byte 16 (0x10): expected four bytes, found two"


@pytest.mark.parametrize("name", ["UnknownFormatError", "InvalidKeysError", "CorruptLogError"])
def test_every_error_is_a_log_error(name: str) -> None:
    assert issubclass(getattr(parsers, name), LogError)


def test_a_word_at_the_place_of_a_mark_withholds_no_file(sample_logs: Path) -> None:
    table = (sample_logs / "May-14th-2026-10-01AM-Flight-Airdata.csv").read_bytes()
    archive = next(iter(sorted(sample_logs.rglob("*.har")))).read_bytes()
    begin = archive.index(b"{", archive.index(b"log")) + 1
    marked = b'{"log":{"_": "  BUILD", ' + archive[begin:].lstrip()
    assert marked[16:21] == b"BUILD"
    for data, expected in (
        (table[:4] + b"ftyp" + table[4:], "dji-csv"),
        (table[:4] + b"moov" + table[4:], "dji-csv"),
        (marked, "har"),
        (marked.replace(b"BUILD", b"BUILD May 24 2017 10:00:00"), "har"),
    ):
        reading = machinery.read_content(Content("a", data))
        assert (reading.account.format, reading.account.error) == (expected, None)
        assert len(reading.logs[0].track) + len(reading.logs[0].contacts) > 0
    assert any("it begins as 2 kinds of file do" in each.reason for each in reading.account.issues)
