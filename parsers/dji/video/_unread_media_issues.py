"""What of the media data of a video is not looked into, and which tables of samples are wrong."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._model import Issue
from ._djmd import holds_position
from ._media_tracks import MediaTrack

if TYPE_CHECKING:
    from ._video_file import VideoFile


def unread_media_issues(file: "VideoFile") -> Iterator[Issue]:
    """Yield an issue for each track whose tables are wrong, or that is not looked into.

    The bytes of an issue are the first of those that are not looked into: so the file counts as
    read in part.
    """
    for track in file.media_tracks:
        yield from _issues_of_track(file, track)
    free = file.unreferenced_media
    if len(free.begins):
        begin, end = int(free.begins[0]), int(free.ends[0])
        reason = (
            f"{free.size} bytes of media data in {len(free.begins)} places, from here on, "
            "belong to no track: not looked into"
        )
        yield Issue(begin, end - begin, reason)


def _issues_of_track(file: "VideoFile", track: MediaTrack) -> Iterator[Issue]:
    samples = file.samples_by_track[track.box.offset]
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
    read_at = -1 if file.telemetry is None else int(file.telemetry.samples.offsets[0])
    is_read = len(samples) > 0 and int(samples.offsets[0]) == read_at
    if file.is_of_unknown_code(track) and not is_read and track.sample_count:
        reason = (
            f"a track of the unknown code {track.codec!r} (handler {track.handler!r}, "
            f"{track.sample_count} samples): not looked into"
        )
        if len(samples):
            yield Issue(int(samples.offsets[0]), int(samples.sizes[0]), reason)
        else:
            yield Issue(track.box.offset, 0, reason)
    if track.codec == "dbgi" and holds_position(file.content, samples):
        reason = "the debug track (dbgi) holds positions: not looked into"
        yield Issue(track.box.offset, 0, reason)
