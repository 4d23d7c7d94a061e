"""Media data that no table refers to, and telemetry in it.

One wrong bit in a table of samples hides all samples of a track.  What no track refers to is
therefore told apart from media, and messages of telemetry (``djmd``) are searched for in it: each
lies whole, and fields 1, 2 and 3 of a message follow one another, so the first that is not greater
than the one before begins the next message.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..._file_content import Content
from ._djmd_telemetry import djmd_message_size
from ._media_tracks import MediaTrackSamples

Ints = npt.NDArray[np.int64]

#: Stretches that are searched for messages, and messages that are found, at most.
_MOST_STRETCHES, _MOST_MESSAGES = 200_000, 1_000_000
#: A message of a frame has some hundred bytes; one of no frame is longer or shorter.
_SMALLEST, _LARGEST = 16, 1 << 16
#: Messages must fill so much of the stretches they were found in, else they are chance.
_FILLED_SHARE = 0.9
_LEAST_MESSAGES = 3


class ByteRanges(NamedTuple):
    """Stretches of a file, in order and apart."""

    begins: Ints
    ends: Ints

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return int((self.ends - self.begins).sum())


def media_ranges_outside_samples(
    media: Sequence[tuple[int, int]], samples: Sequence[MediaTrackSamples]
) -> ByteRanges:
    """Return the parts of media data that no sample covers.

    Args:
        media: Begin and end of the content of each box of media data.
        samples: Of all tracks.
    """
    offsets = np.concatenate([np.zeros(0, np.int64), *(each.offsets for each in samples)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(each.sizes for each in samples)])
    order = np.argsort(offsets, kind="stable")
    begins, ends = offsets[order], np.maximum.accumulate((offsets + sizes)[order])
    free_begins, free_ends = [], []
    for first, last in media:
        inside = (ends > first) & (begins < last)
        edges_of = np.concatenate([[first], np.minimum(ends[inside], last)])
        edges_until = np.concatenate([np.maximum(begins[inside], first), [last]])
        is_free = edges_until > edges_of
        free_begins.append(edges_of[is_free])
        free_ends.append(edges_until[is_free])
    nothing = np.zeros(0, np.int64)
    return ByteRanges(
        np.concatenate([nothing, *free_begins]), np.concatenate([nothing, *free_ends])
    )


def ranges_without_padding(content: Content, stretches: ByteRanges) -> ByteRanges:
    """Return the stretches that hold anything but zeros."""
    array = content.array
    keep = [
        bool(array[begin:end].any())
        for begin, end in zip(stretches.begins.tolist(), stretches.ends.tolist(), strict=True)
    ]
    return ByteRanges(stretches.begins[keep], stretches.ends[keep])


def find_unreferenced_djmd_samples(
    content: Content, stretches: ByteRanges, duration_s: float
) -> MediaTrackSamples:
    """Return messages of telemetry that lie end to end in stretches; none if these hold others.

    Args:
        content: The file.
        stretches: What no track refers to.
        duration_s: How long the clip lasts, over which the messages are spread evenly; NaN: they
            all stand at its begin.
    """
    offsets: list[int] = []
    sizes: list[int] = []
    searched = 0
    spans = zip(stretches.begins.tolist(), stretches.ends.tolist(), strict=True)
    for number, (begin, end) in enumerate(spans):
        if number >= _MOST_STRETCHES or len(offsets) >= _MOST_MESSAGES:
            break
        at = begin
        while at + _SMALLEST <= end and len(offsets) < _MOST_MESSAGES:
            size = djmd_message_size(content.data[at : min(end, at + _LARGEST)])
            if size < _SMALLEST:
                break
            offsets.append(at)
            sizes.append(size)
            at += size
        searched += end - begin
    if len(offsets) < _LEAST_MESSAGES or sum(sizes) < _FILLED_SHARE * searched:
        offsets, sizes = [], []
    count = len(offsets)
    step = 0.0 if np.isnan(duration_s) or not count else duration_s / count
    start_s = np.arange(count, dtype=np.float64) * step
    return MediaTrackSamples(
        np.array(offsets, np.int64), np.array(sizes, np.int64), start_s, np.full(count, step)
    )
