"""Reads are bounded and the file cannot be written through them."""

import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import Content, CorruptLogError, open_content


@given(st.binary(max_size=64), st.integers(-70, 70), st.integers(-70, 70))
def test_a_read_gives_exactly_the_bytes_asked_for_or_raises(
    data: bytes, offset: int, size: int
) -> None:
    content = Content("a", data)
    if offset >= 0 and size >= 0 and offset + size <= len(data):
        assert content.read_bytes(offset, size, "it") == data[offset : offset + size]
    else:
        with pytest.raises(CorruptLogError):
            content.read_bytes(offset, size, "it")


def test_numbers_are_read_only_where_they_are_whole() -> None:
    content = Content("a", struct.pack("<HI", 7, 9))
    assert content.unpack("<HI", 0, "head") == (7, 9)
    with pytest.raises(CorruptLogError, match="expected 6 bytes of head, found 5"):
        content.unpack("<HI", 1, "head")


def test_a_file_is_mapped_whole_and_hashed(tmp_path: Path) -> None:
    data = os.urandom(100_000)
    path = tmp_path / "log"
    path.write_bytes(data)
    content = open_content(path)
    assert (len(content), content.head) == (100_000, data[:4096])
    assert content.array.tobytes() == data
    assert content.sha256 == hashlib.sha256(data).hexdigest()


def test_nothing_can_be_written_through_a_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"evidence")
    content = open_content(path)
    with pytest.raises(TypeError):
        content.data[0] = 0  # type: ignore[index]
    assert not content.array.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        content.array[0] = np.uint8(0)
    assert path.read_bytes() == b"evidence"


def test_an_empty_file_opens_and_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    content = open_content(path)
    assert (len(content), content.head, len(content.array)) == (0, b"", 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        open_content(path)


def test_a_device_is_refused() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_content(Path(os.devnull))


def test_what_was_forgotten_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(bytes(range(256)) * 4096)
    content = open_content(path)
    before = content.sha256
    content.release_pages()
    content.release_pages(5000, 10_000_000)
    content.release_pages(len(content) + 1)
    assert content.read_bytes(70_000, 3, "bytes") == bytes([112, 113, 114])
    assert open_content(path).sha256 == before == hashlib.sha256(path.read_bytes()).hexdigest()
    Content("made", b"abc").release_pages()
