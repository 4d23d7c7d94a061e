"""Records of a log that can be changed and written again; nothing of the product is used here.

Each reader below splits one format into its records and puts them together again with correct
lengths, checksums and scramble.  It knows the few fields that the edits change: positions, heights,
clocks, serial numbers.  The facts are those of the pages of docs/formats; the code shares nothing
with ``parsers``, so that one mistake cannot hide another.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

#: Returns the new value of a field from the old one and the seconds since the log began.
Change = Callable[[float, float], float]


@dataclass
class Record:
    """One record: its kind, its time by the counter of the aircraft, and its plain body."""

    kind: str
    seconds: float
    body: bytearray
    #: What stands around the body in the file: header, time stamp, seed.
    frame: Any = None


@dataclass(frozen=True)
class FieldPlace:
    """Where a number stands in the body of a record."""

    offset: int
    code: str
    #: Value in the unit of the edit (degrees, metres, seconds) for one unit of the number.
    scale: float = 1.0

    def scaled(self, scale: float) -> "FieldPlace":
        """Return the same place, whose number counts by another unit."""
        return FieldPlace(self.offset, self.code, scale)

    def read(self, body: bytes | bytearray) -> float | None:
        """Return the value; ``None``: the body does not hold it."""
        if self.offset + struct.calcsize(self.code) > len(body):
            return None
        return float(struct.unpack_from(self.code, body, self.offset)[0] * self.scale)

    def write(self, body: bytearray, value: float) -> None:
        """Put a value in its place, rounded where the number is whole."""
        number = value / self.scale
        if self.code[-1] not in "fd":
            size = 8 * struct.calcsize(self.code)
            signed = self.code[-1].islower()
            low, high = (-(1 << size - 1), (1 << size - 1) - 1) if signed else (0, (1 << size) - 1)
            number = min(max(round(number), low), high)
        struct.pack_into(self.code, body, self.offset, number)


@dataclass(frozen=True)
class PositionPlace:
    """Latitude and longitude of one kind of record, degrees."""

    kind: str
    latitude: FieldPlace
    longitude: FieldPlace
    #: ``satellite``, ``fused``, ``home``, ``other``.
    source: str


@dataclass(frozen=True)
class HeightPlace:
    """A height of one kind of record, metres."""

    kind: str
    place: FieldPlace
    #: ``takeoff``: above take-off; ``sea``: above sea level, ``barometer``, ``range``.
    source: str


@dataclass(frozen=True)
class ClockPlace:
    """A clock that can be set, in one kind of record; ``week`` the place of a week number."""

    kind: str
    place: FieldPlace | None
    week: FieldPlace | None = None


@dataclass(frozen=True)
class SerialPlace:
    """A serial number as text: its kind of record, and the text."""

    kind: str
    text: bytes


@dataclass
class EditableLog:
    """A log as a list of records, and where the things stand that an edit may change."""

    format: str
    records: list[Record]
    write: Callable[["EditableLog"], bytes]
    positions: list[PositionPlace] = field(default_factory=list)
    heights: list[HeightPlace] = field(default_factory=list)
    clocks: list[ClockPlace] = field(default_factory=list)
    #: Kind of record and place of each counter of the aircraft, seconds.
    counters: list[tuple[str, FieldPlace]] = field(default_factory=list)
    serials: list[SerialPlace] = field(default_factory=list)
    #: Kinds of records that tell of events.
    event_kinds: tuple[str, ...] = ()
    #: What else a second source may be: names of kinds of records or fields.
    witnesses: frozenset[str] = frozenset()
    head: bytes = b""
    tail: bytes = b""
    #: Of the file.
    name: str = ""

    def with_records(self, records: list[Record]) -> "EditableLog":
        """Return the log with other records."""
        return replace(self, records=records)

    def copied(self) -> "EditableLog":
        """Return the log with records of its own, which may be changed."""
        return self.with_records(
            [Record(r.kind, r.seconds, bytearray(r.body), r.frame) for r in self.records]
        )

    def to_bytes(self) -> bytes:
        """Return the file."""
        return self.write(self)

    def series(self, kind: str, place: FieldPlace) -> tuple[np.ndarray, np.ndarray]:
        """Return seconds and values of one field."""
        pairs = [
            (r.seconds, value)
            for r in self.records
            if r.kind == kind and (value := place.read(r.body)) is not None
        ]
        array = np.array(pairs, float).reshape(-1, 2)
        return array[:, 0], array[:, 1]

    def change_field(self, kind: str, place: FieldPlace, change: Change) -> int:
        """Change one field of every record of a kind; return in how many it became another."""
        count = 0
        for record in self.records:
            if record.kind == kind:
                value = place.read(record.body)
                if value is not None:
                    place.write(record.body, change(value, record.seconds))
                    count += place.read(record.body) != value
        return count


def fill_seconds(values: list[float | None]) -> list[float]:
    """Return times where every missing one is that of the record before."""
    last = next((v for v in values if v is not None), 0.0)
    out = []
    for value in values:
        last = last if value is None else value
        out.append(last)
    return out


FieldTable = Mapping[str, FieldPlace]
