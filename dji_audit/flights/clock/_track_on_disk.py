"""Tracks in a temporary file: joining looks at few of many at a time."""

import hashlib
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO, cast

import numpy as np

from dji_audit.flights.clock._track_alignment import C, Floats, TimedTrack
from dji_audit.flights.clock._track_comparisons import TrackComparisons

#: Columns of a track, and bytes of each number.
_COLUMNS, _BYTES = 4, 8
#: Tracks that stay in memory: those that are compared with one another are often the same.
_TRACKS_IN_MEMORY = 256


class TemporaryFileOfTracks:
    """A temporary file of tracks, without a name: it is gone with the process."""

    def __init__(self, comparisons: TrackComparisons | None = None) -> None:
        """Make it.

        Args:
            comparisons: What came of earlier comparisons of such tracks, if anything is known;
                those of its own are added.

        Raises:
            OSError: If no temporary file can be made.
        """
        self.comparisons = TrackComparisons() if comparisons is None else comparisons
        self._stream = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - see __del__
        self._end = 0
        self._loaded: OrderedDict[int, Floats] = OrderedDict()

    def __del__(self) -> None:
        """Close the file with the last of its tracks."""
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()

    def store(self, track: TimedTrack) -> TimedTrack:
        """Put a track into the file, and return it as one that reads itself when it is looked at.

        Raises:
            OSError: If it cannot be written.
        """
        if not len(track):
            return track
        columns = (track.seconds, track.latitude_deg, track.longitude_deg, track.height_m)
        data = np.ascontiguousarray(columns, np.float64).tobytes()
        self._stream.seek(self._end)
        self._stream.write(data)
        digest = hashlib.blake2b(data, digest_size=16).digest()
        stored = TrackOnDisk(self, self._end, len(track), track.start, track.end, digest)
        self._end += len(data)
        return stored

    def load(self, offset: int, count: int) -> Floats:
        """Return the columns of a track.

        Raises:
            OSError: If it cannot be read.
        """
        columns = self._loaded.pop(offset, None)
        if columns is None:
            self._stream.seek(offset)
            data = self._stream.read(count * _COLUMNS * _BYTES)
            columns = np.frombuffer(data, np.float64).reshape(_COLUMNS, count)
        self._loaded[offset] = columns
        if len(self._loaded) > _TRACKS_IN_MEMORY:
            self._loaded.popitem(last=False)
        return columns


class TrackOnDisk(TimedTrack):
    """A track in a file: number of fixes, first and last instant are in memory, no fix is."""

    def __init__(
        self,
        file: TemporaryFileOfTracks,
        offset: int,
        count: int,
        start: float,
        end: float,
        digest: bytes,
    ) -> None:
        """Refer to a track that was stored; ``digest`` tells its fixes from any others."""
        # The base is frozen: nobody else may set what it holds.
        self.__dict__["_place"] = file, offset, count, start, end, digest

    def __len__(self) -> int:
        """Return the number of fixes."""
        count: int = self.__dict__["_place"][2]
        return count

    @property
    def start(self) -> float:
        """The first instant."""
        start: float = self.__dict__["_place"][3]
        return start

    @property
    def end(self) -> float:
        """The last instant."""
        end: float = self.__dict__["_place"][4]
        return end

    def compare_with_or_recall_result(
        self, other: TimedTrack, question: bytes, compare: Callable[[], C]
    ) -> C:
        """Compare it with another track, once for all with one that lies in a file too."""
        if not isinstance(other, TrackOnDisk):
            return compare()
        file, *_, digest = self.__dict__["_place"]
        other_digest: bytes = other.__dict__["_place"][-1]
        comparisons: TrackComparisons = file.comparisons
        return comparisons.known_or_new_result((digest, other_digest, question), compare)

    def _column(self, number: int) -> Floats:
        file, offset, count, *_ = self.__dict__["_place"]
        column: Floats = file.load(offset, count)[number]
        return column

    @property
    def seconds(self) -> Floats:
        """Seconds by some clock."""
        return self._column(0)

    @property
    def latitude_deg(self) -> Floats:
        """Latitude of each fix."""
        return self._column(1)

    @property
    def longitude_deg(self) -> Floats:
        """Longitude of each fix."""
        return self._column(2)

    @property
    def height_m(self) -> Floats:
        """Height above take-off, or NaN."""
        return self._column(3)
