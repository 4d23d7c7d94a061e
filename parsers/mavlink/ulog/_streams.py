"""What the index of a ULog holds: its records, its subscriptions, and the data of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._layout import Bytes
from ..._model import Issue
from .._shared._framing import Flags, Offsets
from ._definitions import Format, Structure


@dataclass(frozen=True, slots=True)
class Subscription:
    """From here on, data records of this id are of this topic."""

    offset: int
    id: int
    multi_id: int
    topic: str
    structure: Structure | None


@dataclass(frozen=True, slots=True)
class Stream:
    """The data records of one subscription, in file order."""

    subscription: Subscription
    structure: Structure
    offsets: Offsets


@dataclass(frozen=True, slots=True)
class Index:
    """Every record of a log."""

    #: First byte, size without the head, and type of every record, in file order.
    starts: Offsets
    sizes: npt.NDArray[np.uint16]
    types: Bytes
    #: Records that are framed and not understood.
    unknown: Flags
    formats: Mapping[str, Format]
    subscriptions: tuple[Subscription, ...]
    streams: tuple[Stream, ...]
    issues: tuple[Issue, ...]

    @property
    def ends(self) -> Offsets:
        """The byte after the last of every record."""
        return self.starts + 3 + self.sizes

    def of(self, letter: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of every record of a type."""
        found = np.flatnonzero(self.types == ord(letter))
        for start, size in zip(
            self.starts[found].tolist(), self.sizes[found].tolist(), strict=True
        ):
            yield start, start + 3 + size

    def count(self, letter: str) -> int:
        """Return the number of records of a type."""
        return int((self.types == ord(letter)).sum())


def split(
    those: list[Subscription], places: Offsets, lengths: Offsets
) -> Iterator[tuple[Stream, Offsets]]:
    """Yield the records of each subscription of one message id, and which these are."""
    bounds = np.searchsorted(places, [each.offset for each in those] + [np.iinfo(np.int64).max])
    for each, first, last in zip(those, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        made = each.structure
        if made is None or first == last:
            continue
        part = lengths[first:last]
        fits = part == made.size
        if fits.all():
            yield Stream(each, made, places[first:last]), np.arange(first, last)
            continue
        rows = np.flatnonzero(fits | (part == made.padded)) + first
        if len(rows):
            yield Stream(each, made, places[rows]), rows
