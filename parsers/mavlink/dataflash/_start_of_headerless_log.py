"""Where a DataFlash log begins in a file that does not begin with its definitions.

A definition (FMT) proves itself: its name and letters are text, and its length is that of its
fields.  Where all definitions are lost, records still show by their headers, each as far from the
next as others of its type; they cannot be decoded, which is named.
"""

import re

import numpy as np

from ..._file_content import Content
from ..._log_in_file._log_start_offset import (
    SEARCH_WINDOW,
    LogStartOffset,
    offsets_of_byte_pattern,
    windows_to_search_with_offsets,
)
from ..._record_layout import ByteArray
from ._index_binary_log import FMT_SIZE, HEADER, LONGEST_RECORD, parse_fmt_definition

#: A definition as text logs list it: "FMT, 128, 89, FMT, BBnNZ, Type,...".
_TEXT_DEFINITION = re.compile(
    rb"^FMT, ?\d{1,3}, ?\d{1,3}, ?[A-Z0-9a-z_]{1,4}, ?[A-Za-z]*,", re.MULTILINE
)
#: A message as text logs list it, and names that nearly every log has.
_TEXT_MESSAGE = re.compile(rb"^(?P<name>[A-Z][A-Z0-9]{1,3}), ?-?\d", re.MULTILINE)
_FREQUENT_NAMES = frozenset(
    b"GPS ATT IMU BARO CTUN NTUN RCIN RCOU MODE MSG PARM CURR MAG POS AHR2 CMD PM CAM".split()
)
_BINARY_DEFINITION = HEADER + b"\x80"
#: Records without any definition that are those of a log, and the share of the bytes from the
#: first on that they must fill.
LEAST_RECORDS, LEAST_SHARE = 64, 0.8
#: Types and lengths of these that must differ: repetition has one.
_LEAST_DIFFERENT = 3


def has_binary_fmt_definition(data: bytes) -> bool:
    """Return whether some bytes hold a definition."""
    return _fmt_definition_offset(data) is not None


def has_text_fmt_definition(data: bytes) -> bool:
    """Return whether some bytes are a text that holds a definition."""
    return b"\0" not in data and _TEXT_DEFINITION.search(data) is not None


def is_text_log(content: Content) -> bool:
    """Return whether a log is text: by its first bytes or, behind others, by its definitions."""
    if has_binary_fmt_definition(content.head):
        return False
    if has_text_fmt_definition(content.head):
        return True
    return (
        _offset_of_first_binary_fmt_message(content) is None
        and _offset_of_first_text_fmt_definition(content) is not None
    )


def find_log_start(content: Content) -> LogStartOffset | None:
    """Return where the definitions or, without any, the records of a log begin."""
    searches = (
        _offset_of_first_binary_fmt_message,
        _offset_of_first_text_fmt_definition,
        find_start_of_records_without_fmt,
        find_start_of_lines_without_fmt,
    )
    for find in searches:
        at = find(content)
        if at is not None:
            return LogStartOffset(at, 0.8)
    return None


def _offset_of_first_binary_fmt_message(content: Content) -> int | None:
    for begin, window in windows_to_search_with_offsets(content.array, FMT_SIZE):
        at = _fmt_definition_offset(window.tobytes())
        if at is not None:
            return begin + at
    return None


def _fmt_definition_offset(data: bytes) -> int | None:
    at = data.find(_BINARY_DEFINITION)
    while at >= 0:
        record = data[at : at + FMT_SIZE]
        if len(record) == FMT_SIZE and parse_fmt_definition(record, at) is not None:
            return at
        at = data.find(_BINARY_DEFINITION, at + 1)
    return None


def _offset_of_first_text_fmt_definition(content: Content) -> int | None:
    for at in offsets_of_byte_pattern(content, b"\nFMT,"):
        line = content.data[at + 1 : at + FMT_SIZE]
        if _TEXT_DEFINITION.match(line):
            return at + 1
    return None


def find_start_of_records_without_fmt(content: Content) -> int | None:
    """Return where records begin of which the file holds no definition; ``None``: nowhere."""
    for begin, window in windows_to_search_with_offsets(content.array, LONGEST_RECORD):
        at = _start_of_records_without_fmt_in_window(window)
        if at is not None:
            return begin + at
    return None


def _start_of_records_without_fmt_in_window(window: ByteArray) -> int | None:
    """Return the first header of a window in which each type has one length."""
    starts = np.flatnonzero((window[:-2] == HEADER[0]) & (window[1:-1] == HEADER[1]))
    if len(starts) <= LEAST_RECORDS:
        return None
    sizes, types = np.diff(starts), window[starts[:-1] + 2]
    near = sizes <= LONGEST_RECORD
    # The most frequent distance of a type is its length.
    counts = np.zeros((256, LONGEST_RECORD + 1), np.int64)
    np.add.at(counts, (types[near], sizes[near]), 1)
    steady = near & (sizes == counts.argmax(axis=1)[types])
    filled = int(sizes[steady].sum())
    is_varied = min(len(np.unique(types[steady])), len(np.unique(sizes[steady])))
    if is_varied < _LEAST_DIFFERENT:
        return None
    if int(steady.sum()) < LEAST_RECORDS or filled < LEAST_SHARE * int(starts[-1] - starts[0]):
        return None
    return int(starts[0])


def find_start_of_lines_without_fmt(content: Content) -> int | None:
    """Return where the messages of a text log begin that holds no definition; ``None``: nowhere."""
    text = content.data[:SEARCH_WINDOW].lstrip(b"\0\xff")
    found = list(_TEXT_MESSAGE.finditer(text))
    names = {match["name"] for match in found} & _FREQUENT_NAMES
    lines = text.count(b"\n", found[0].start()) + 1 if found else 0
    if len(found) < max(LEAST_RECORDS, LEAST_SHARE * lines) or len(names) < _LEAST_DIFFERENT:
        return None
    return min(len(content), SEARCH_WINDOW) - len(text) + found[0].start()
