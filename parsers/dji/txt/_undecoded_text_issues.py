"""Texts of a flight record that could not be decoded, or that stand in records of unknown types."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..._model import Issue
from ..._record_layout import ByteArray
from ._indexed_record_file import RecordFile, record_name
from ._record_layouts import LAYOUTS
from ._text_and_list_records import LIST_DECODERS

#: Records that hold a message of the app.
_MESSAGE_KINDS = (9, 10, 18, 24, 28)
#: A body is text if it is so long and so many of its bytes before the last NULs are printable.
_LEAST_TEXT, _PRINTABLE_SHARE = 16, 0.9
_PRINTABLE = np.isin(np.arange(256), [9, 10, 13, *range(32, 127)])
_MOST_ISSUES = 100


def undecoded_text_issues(file: RecordFile) -> Iterator[Issue]:
    """Yield an issue for each message that is no UTF-8, and for types that hold unread text."""
    yield from _undecodable_message_issues(file)
    yield from _unread_text_issues(file)


def _undecodable_message_issues(file: RecordFile) -> Iterator[Issue]:
    for kind in _MESSAGE_KINDS:
        _, records = file.frame_indices_and_list_records(kind)
        count = 0
        for _, offset, row in records.rows():
            if "\ufffd" not in str(row.get("text", "")):
                continue
            count += 1
            if count > _MOST_ISSUES:
                break
            reason = f"{record_name(kind)} holds text that is not UTF-8: its bytes stand as U+FFFD"
            yield Issue(offset, 0, reason)


def _unread_text_issues(file: RecordFile) -> Iterator[Issue]:
    for kind in file.bodies.present_record_types:
        if kind in LAYOUTS or kind in LIST_DECODERS:
            continue
        frames, count, first = file.readable_frame_indices(kind), 0, -1
        for group in file.bodies_by_length(kind):
            is_text = _text_body_mask(group.bodies)
            if is_text.any():
                row = int(group.rows[is_text].min())
                first = row if first < 0 else min(first, row)
                count += int(is_text.sum())
        if count:
            offset = file.index.frame_offset(int(frames[first]))
            reason = (
                f"{count} records {record_name(kind)} hold text in a form that is not known: "
                "kept as bytes and not looked into, but for names of hosts"
            )
            yield Issue(offset, 0, reason)


def _text_body_mask(bodies: ByteArray) -> npt.NDArray[np.bool_]:
    """Return which bodies are text: printable up to the NULs that fill them."""
    if not bodies.shape[1]:
        return np.zeros(len(bodies), bool)
    is_filled = bodies[:, ::-1] != 0
    sizes = np.where(is_filled.any(axis=1), bodies.shape[1] - is_filled.argmax(axis=1), 0)
    printable = _PRINTABLE[bodies].sum(axis=1)
    return np.asarray((sizes >= _LEAST_TEXT) & (printable >= _PRINTABLE_SHARE * sizes), bool)
