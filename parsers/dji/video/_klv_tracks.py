"""Tracks of a video that hold KLV, as cameras of helicopters write it: each is a part of the file.

Facts: SMPTE ST 336 (every packet begins with ``06 0E 2B 34``); MISB ST 1402 for carriage.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from ..._file_content import Content, PartToCarrierByteRanges
from ._media_tracks import MediaTrack, MediaTrackSamples

_LABEL = bytes.fromhex("060e2b34")
#: Samples whose first bytes are looked at.
_LOOKED_AT = 8
#: Bytes of all such tracks of a file: more than any recording has.
_MOST_BYTES = 1 << 29


def holds_klv(content: Content, track: MediaTrack, samples: MediaTrackSamples) -> bool:
    """Return whether a track is neither picture nor sound and a sample begins with a label."""
    if track.handler_type in ("vide", "soun"):
        return False
    firsts = samples.offsets[:_LOOKED_AT].tolist()
    return any(content.data[at : at + len(_LABEL)] == _LABEL for at in firsts)


def klv_tracks_as_file_parts(
    content: Content, tracks: Iterable[tuple[MediaTrack, MediaTrackSamples]]
) -> Iterator[Content]:
    """Yield the samples of each track with KLV, end to end, as a part of a file."""
    left = _MOST_BYTES
    for number, (_, samples) in enumerate(tracks, 1):
        size = int(samples.sizes.sum())
        if size > left:
            return
        left -= size
        ranges = list(zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True))
        starts = np.cumsum(samples.sizes) - samples.sizes
        yield content.sub_content(
            stream=f"KLV track {number}",
            data=b"".join(content.read_bytes(at, length, "a sample") for at, length in ranges),
            carried_runs=PartToCarrierByteRanges(
                starts.astype(np.int64),
                samples.offsets.astype(np.int64),
                samples.sizes.astype(np.int64),
            ),
        )
