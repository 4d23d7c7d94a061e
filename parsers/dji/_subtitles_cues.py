"""Cues of a subtitle file: where each begins, its time code, and where its text lies.

A cue begins with a line that holds its number and a line that holds its time code.  The text may
hold empty lines and a line of a lone 0, so a cue ends only where the next begins.  Some files have
no time codes at all: there the number is followed by the wall clock.
"""

import mmap
import re
from dataclasses import dataclass, field
from itertools import islice

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
_NUMBER = rb"(\d{1,9})[ \t]{0,4}\r?\n"
_TIMES = rb"(" + _TIMECODE + rb")[ \t]{0,4}-->[ \t]{0,4}(" + _TIMECODE + rb")[ \t]{0,8}\r?(?=\n|\Z)"
_DATE = rb"(?=\d{4}[.-]\d)"
#: A cue at the start of a file, and one further on; a newline before it is found fast.
_CUE = (re.compile(_NUMBER + _TIMES), re.compile(rb"\n" + _NUMBER + _TIMES))
_CUE_WITHOUT_TIMECODE = (re.compile(_NUMBER + _DATE), re.compile(rb"\n" + _NUMBER + _DATE))


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
    return bool(_matches(_CUE, head, 1) or _matches(_CUE_WITHOUT_TIMECODE, head, 1))


def find_cues(data: Buffer) -> Cues:
    """Return the cues of a subtitle file."""
    found = _matches(_CUE, data, MOST_CUES)
    timed = bool(found)
    found = found or _matches(_CUE_WITHOUT_TIMECODE, data, MOST_CUES)
    offsets = np.array([match.start(1) for match in found], np.int64)
    ends = np.append(offsets[1:], len(data))[: len(offsets)]
    # The newline that ends the line of the time code.
    bodies = np.array([match.end() for match in found], np.int64) + timed
    return Cues(
        data,
        offsets,
        ends,
        np.minimum(bodies, ends),
        _whole_until(data, ends),
        np.array([match[1] for match in found], "S9").astype(np.int64),
        seconds_of([match[2] if timed else b"" for match in found]),
        seconds_of([match[3] if timed else b"" for match in found]),
    )


def _matches(
    patterns: tuple[re.Pattern[bytes], re.Pattern[bytes]], data: Buffer, most: int
) -> list[re.Match[bytes]]:
    first, further = patterns
    begin = len(BOM) if data[: len(BOM)] == BOM else 0
    at_start = first.match(data, begin)
    out = [at_start] if at_start else []
    out += islice(further.finditer(data, at_start.end() if at_start else begin), most - len(out))
    return out


def _whole_until(data: Buffer, ends: Ints) -> Ints:
    """Return where each text ends; the last one before a value that the end of the file may cut."""
    whole = ends.copy()
    if len(whole):
        tail = bytes(data[max(0, len(data) - 64) :])
        cut = re.search(rb"[^\s>\])]*\Z", tail)
        whole[-1] -= len(cut[0]) if cut else 0
    return whole
