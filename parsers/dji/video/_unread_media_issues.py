"""What of the media data of a video is not looked into, and which tables of samples are wrong."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..._file_content import Content
from ..._model import Issue
from ._djmd_telemetry import samples_contain_position
from ._media_tracks import MediaTrack, MediaTrackSamples
from ._unreferenced_media import ByteRanges


class ClassifiedMediaTrack(NamedTuple):
    """A track, where its samples lie, and what was made of it."""

    track: MediaTrack
    samples: MediaTrackSamples
    #: Whether its code is neither that of picture, sound, text, time code nor telemetry.
    is_of_unknown_code: bool
    #: Whether the telemetry of the video was read from it.
    is_telemetry: bool


def unread_media_issues(
    content: Content, tracks: Iterable[ClassifiedMediaTrack], unreferenced: ByteRanges
) -> Iterator[Issue]:
    """Yield an issue for each track whose tables are wrong, or that is not looked into.

    The bytes of an issue are the first of those that are not looked into: so the file counts as
    read in part.
    """
    for track in tracks:
        yield from _issues_of_track(content, track)
    if len(unreferenced.begins):
        begin, end = int(unreferenced.begins[0]), int(unreferenced.ends[0])
        reason = (
            f"{unreferenced.size} bytes of media data in {len(unreferenced.begins)} places, from "
            "here on, belong to no track: not looked into"
        )
        yield Issue(begin, end - begin, reason)


def _issues_of_track(content: Content, as_read: ClassifiedMediaTrack) -> Iterator[Issue]:
    track, samples = as_read.track, as_read.samples
    contradiction = track.table_contradiction()
    if samples.misplaced_count:
        reason = (
            f"{samples.misplaced_count} samples of the {track.codec} track "
            "do not lie where its tables place them"
        )
        yield Issue(track.box.offset, 0, reason)
    elif contradiction:
        reason = f"the tables of the {track.codec or 'unnamed'} track {contradiction}"
        yield Issue(track.box.offset, 0, reason)
    if as_read.is_of_unknown_code and not as_read.is_telemetry and track.sample_count:
        reason = (
            f"a track of the unknown code {track.codec!r} (handler {track.handler_type!r}, "
            f"{track.sample_count} samples): not looked into"
        )
        if len(samples):
            yield Issue(int(samples.offsets[0]), int(samples.sizes[0]), reason)
        else:
            yield Issue(track.box.offset, 0, reason)
    if track.codec == "dbgi" and samples_contain_position(content, samples):
        reason = "the debug track (dbgi) holds positions: not looked into"
        yield Issue(track.box.offset, 0, reason)
