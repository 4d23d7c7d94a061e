"""Cues of a subtitle file: where each begins, its time code, and where its text lies.

A cue begins with a line that holds its number and a line that holds its time code.  The text may
hold empty lines and a line of a lone 0, so a cue ends only where the next begins.  Some files have
no time codes at all: there the number is followed by the wall clock.
"""

import mmap
import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._subtitles_digits import seconds_of

Buffer = mmap.mmap | bytes
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BOM = b"\xef\xbb\xbf"
#: More than nine hours of a cue for every one of 60 frames a second.
MOST_CUES = 2_000_000

_TIMECODE = rb"\d{1,3}:\d\d:\d\d[,.]\d{1,4}"
_CUE = re.compile(
    rb"(?<![^\n])(?:\xef\xbb\xbf)?(\d{1,9})[ \t]{0,4}\r?\n"
    rb"(" + _TIMECODE + rb")[ \t]{0,4}-->[ \t]{0,4}(" + _TIMECODE + rb")[ \t]{0,8}\r?(?:\n|\Z)"
)
_CUE_WITHOUT_TIMECODE = re.compile(
    rb"(?<![^\n])(?:\xef\xbb\xbf)?(\d{1,9})[ \t]{0,4}\r?\n(?=\d{4}[.-]\d)"
)


@dataclass(frozen=True, slots=True)
class Cues:
    """Cues in file order; ``data[bodies[i]:ends[i]]`` is the text of cue ``i``."""

    data: Buffer = field(repr=False)
    #: Byte where each cue begins, and where the next begins or nothing is known.
    offsets: Ints
    ends: Ints
    bodies: Ints
    #: Where the text ends; before ``ends`` only where a cue carries more than text.
    text_ends: Ints
    numbers: Ints
    #: Time code, seconds; NaN where there is none.
    start_s: Floats
    end_s: Floats

    def __len__(self) -> int:
        """Return the number of cues."""
        return len(self.offsets)

    def text(self, row: int) -> bytes:
        """Return the text of a cue as it stands in the file."""
        return bytes(self.data[int(self.bodies[row]) : int(self.text_ends[row])])


def begins_a_cue(head: bytes) -> bool:
    """Return whether some bytes hold the beginning of a cue."""
    return bool(_CUE.search(head) or _CUE_WITHOUT_TIMECODE.search(head))


def find_cues(data: Buffer) -> Cues:
    """Return the cues of a subtitle file."""
    found = [(m.start(), m.end(), *m.groups()) for m in _bounded(_CUE, data)]
    if not found:
        bare = _bounded(_CUE_WITHOUT_TIMECODE, data)
        found = [(m.start(), m.end(), m[1], b"", b"") for m in bare]
    columns = list(zip(*found, strict=True)) or [()] * 5
    offsets = np.array(columns[0], np.int64)
    offsets[:1] += len(BOM) if len(offsets) and data[offsets[0] : offsets[0] + 3] == BOM else 0
    ends = np.append(offsets[1:], len(data))[: len(offsets)]
    return Cues(
        data,
        offsets,
        ends,
        np.array(columns[1], np.int64),
        _whole_until(data, ends),
        np.array(columns[2], "S9").astype(np.int64) if found else np.zeros(0, np.int64),
        seconds_of(columns[3]),
        seconds_of(columns[4]),
    )


def _bounded(pattern: re.Pattern[bytes], data: Buffer) -> list[re.Match[bytes]]:
    out: list[re.Match[bytes]] = []
    for match in pattern.finditer(data):
        out.append(match)
        if len(out) == MOST_CUES:
            break
    return out


def _whole_until(data: Buffer, ends: Ints) -> Ints:
    """Return where each text ends; the last one before a value that the end of the file may cut."""
    whole = ends.copy()
    if len(whole):
        tail = bytes(data[max(0, len(data) - 64) :])
        cut = re.search(rb"[^\s>\])]*\Z", tail)
        whole[-1] -= len(cut[0]) if cut else 0
    return whole
