"""A text log is the same log in whatever Unicode it is stored, and however its lines end."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import parsers
from parsers import Content, FileReading
from parsers._file_content import HEAD_SIZE
from parsers._formats import read_content
from parsers._model import TABLES
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"
#: States the length of each of its values, in bytes, or its encoding in itself.
NO_LINES = {"mitmproxy", "gpx", "kml"}
#: Bytes before the first line that holds something.
BLANK = b"\n \t\r\n\n"
STORED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "UTF-16": ("utf-16-le", lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le")),
    "UTF-16, the other way round": (
        "utf-16-be",
        lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    ),
    "lone CR": ("utf-8", lambda text: text.replace(b"\n", b"\r")),
    "blank lines first": ("utf-8", lambda text: BLANK + text),
    "UTF-16 and blank lines first": (
        "utf-16-le",
        lambda text: b"\xff\xfe" + (BLANK + text).decode().encode("utf-16-le"),
    ),
}


def read(name: str, data: bytes) -> FileReading:
    return read_content(Content(name, data))


def text_logs() -> list[Path]:
    """Return the synthetic logs that are lines of text."""
    logs = []
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}:
            data = path.read_bytes()
            claiming = parsers.claiming_formats(Content(path.name, data))
            is_text = b"\0" not in data and not data.startswith((b"\x1f\x8b", b"\xef\xbb\xbf"))
            if claiming and is_text and not NO_LINES & {known.name for known in claiming}:
                logs.append(path)
    return logs


def without_offsets(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="source_offset")


@pytest.mark.parametrize("how", STORED)
@pytest.mark.parametrize("path", text_logs(), ids=lambda path: path.name)
def test_a_text_log_is_the_same_however_it_is_stored(path: Path, how: str) -> None:
    plain = path.read_bytes().replace(b"\r\n", b"\n")
    codec, store = STORED[how]
    data = store(plain)
    expected, reading = read(path.name, plain), read(path.name, data)
    assert expected.logs
    assert [log.source.format for log in reading.logs] == [
        log.source.format for log in expected.logs
    ]
    assert sum(span.size for span in reading.account.coverage) == len(data)
    for log, same in zip(reading.logs, expected.logs, strict=True):
        assert log.source.sha256 == Content(path.name, data).sha256
        assert len(log.issues) == len(same.issues)
        for name in TABLES:
            table, wanted = getattr(log, name), getattr(same, name)
            pd.testing.assert_frame_equal(without_offsets(table), without_offsets(wanted))
            for at, there in zip(table["source_offset"], wanted["source_offset"], strict=True):
                shown = data[at:].decode(codec).replace("\r", "\n")[:20]
                assert shown == plain[there:].decode()[:20]


def test_only_what_is_text_is_read_as_text() -> None:
    binary = b"\r\r" + bytes(range(1, 200)) + b"\0" * 40
    assert not parsers.claiming_formats(Content("x.bin", binary))


def test_what_begins_as_a_text_does_is_not_decoded_whole_to_find_out() -> None:
    class Guarded(bytes):
        def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
            assert isinstance(key, slice)
            touched.append(key.indices(len(self))[1])
            return bytes(self).__getitem__(key)

    touched: list[int] = []
    data = Guarded(b"\xff\xfe" + "no log of any kind\n".encode("utf-16-le") * 10_000)
    assert not parsers.claiming_formats(Content("x.bin", data))
    assert max(touched) <= HEAD_SIZE
