"""The definitions of a ULog: its formats, and the structures they describe.

A format message reads ``name:type field;type[n] field;…``; a type is one of
`WIRE` or the name of another format.  A data message is the fields one after
another, without gaps; fields named ``_padding…`` at the very end of the
outermost format are not written.

A format names other formats, so 160 bytes can describe a structure of
gigabytes.  Sizes are therefore counted before anything is built: no data
message is longer than 65,535 bytes, so no structure that is longer can be real.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

#: Type of a field -> its numpy type in the file.  Booleans are one byte.
WIRE: Mapping[str, str] = MappingProxyType(
    {
        "int8_t": "i1",
        "uint8_t": "u1",
        "int16_t": "<i2",
        "uint16_t": "<u2",
        "int32_t": "<i4",
        "uint32_t": "<u4",
        "int64_t": "<i8",
        "uint64_t": "<u8",
        "float": "<f4",
        "double": "<f8",
        "bool": "u1",
        "char": "S1",
    }
)

#: Bytes of the longest data message: a 16-bit length less the message id.
LONGEST = 0xFFFF - 2
#: Fields and nested structures of one structure; the widest of PX4 has a few hundred.
MOST_FIELDS = 8192
#: Structures within structures; PX4 uses one level.
DEEPEST = 16

_FORMAT = re.compile(r"([A-Za-z0-9_/\-]+):(.*)", re.DOTALL)
_MEMBER = re.compile(r"([A-Za-z0-9_/\-]+)(?:\[(\d{1,5})\])? ([A-Za-z0-9_.\-]+)")


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a format; ``count`` is ``None`` unless it is an array."""

    type: str
    count: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format message: a name and its fields."""

    name: str
    members: tuple[Member, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a structure, at a place; ``count`` is ``None`` unless it is an array."""

    name: str
    type: str
    count: int | None
    at: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy type of the field in the file."""
        if self.type == "char":
            return np.dtype(f"S{self.count or 1}")
        wire = np.dtype(WIRE[self.type])
        return wire if self.count is None else np.dtype((wire, (self.count,)))


@dataclass(frozen=True, slots=True)
class Structure:
    """The fields of a data message; nested ones are named ``outer.inner``."""

    name: str
    columns: tuple[Column, ...]
    #: Bytes of the message without its id.
    size: int
    #: The same if the padding at its end was written too.
    padded: int
    dtype: np.dtype[np.void]


def parse_format(text: str, offset: int) -> Format:
    """Return the format that a format message describes.

    Raises:
        ValueError: If the text is not a name and a list of fields.
    """
    found = _FORMAT.fullmatch(text.rstrip("\0"))
    if found is None:
        raise ValueError("not a name and a list of fields")
    members = []
    for part in filter(None, found[2].split(";")):
        member = _MEMBER.fullmatch(part.strip())
        if member is None:
            raise ValueError(f"not a field: {part[:60]!r}")
        count = None if member[2] is None else int(member[2])
        members.append(Member(member[1], count, member[3]))
    return Format(found[1], tuple(members), offset)


def lay_out(name: str, formats: Mapping[str, Format]) -> Structure:
    """Return the structure of a format, nested formats laid out in it.

    Raises:
        ValueError: If it names a format that is not there or that holds itself,
            has no field, or is larger than any message can be.
    """
    size, _ = _Measure(formats).of(name, 0)
    if size == 0:
        raise ValueError(f"format {name} has no fields")
    columns: list[Column] = []
    at = 0
    for member, prefix in _flat(formats[name], formats, ""):
        columns.append(Column(prefix + member.name, member.type, member.count, at))
        at += _width(member)
    padded = at
    while columns and columns[-1].name.startswith("_padding"):
        at = columns.pop().at
    if not columns:
        raise ValueError(f"format {name} has nothing but padding")
    named = _named_apart(columns)
    dtype = np.dtype(
        {
            "names": [column.name for column in named],
            "formats": [column.dtype for column in named],
            "offsets": [column.at for column in named],
            "itemsize": at,
        }
    )
    return Structure(name, named, at, padded, dtype)


class _Measure:
    """Bytes and fields of formats, each counted once, before anything is built."""

    def __init__(self, formats: Mapping[str, Format]) -> None:
        self._formats = formats
        self._known: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()

    def of(self, name: str, depth: int) -> tuple[int, int]:
        if name in self._known:
            return self._known[name]
        if name not in self._formats:
            raise ValueError(f"there is no format {name}")
        if name in self._open:
            raise ValueError(f"format {name} holds itself")
        if depth > DEEPEST:
            raise ValueError(f"formats are nested more than {DEEPEST} deep")
        self._open.add(name)
        size, fields = 0, 1
        for member in self._formats[name].members:
            if member.type in WIRE:
                size += _width(member)
                fields += 1
            else:
                inner_size, inner_fields = self.of(member.type, depth + 1)
                times = 1 if member.count is None else member.count
                size += times * inner_size
                fields += times * inner_fields
            if size > LONGEST or fields > MOST_FIELDS:
                raise ValueError(f"format {name} is larger than any message can be")
        self._open.discard(name)
        self._known[name] = size, fields
        return size, fields


def _width(member: Member) -> int:
    times = 1 if member.count is None else member.count
    return np.dtype(WIRE[member.type]).itemsize * times


def _flat(
    outer: Format, formats: Mapping[str, Format], prefix: str
) -> Iterator[tuple[Member, str]]:
    for member in outer.members:
        if member.type in WIRE:
            if member.count != 0:
                yield member, prefix
            continue
        inner = formats[member.type]
        if member.count is None:
            yield from _flat(inner, formats, f"{prefix}{member.name}.")
            continue
        for index in range(member.count):
            yield from _flat(inner, formats, f"{prefix}{member.name}[{index}].")


def _named_apart(columns: list[Column]) -> tuple[Column, ...]:
    """Return the columns with different names, were two of them called the same."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        again = seen[column.name] = seen.get(column.name, 0) + 1
        name = column.name if again == 1 else f"{column.name}#{again}"
        named.append(Column(name, column.type, column.count, column.at))
    if len({column.name for column in named}) != len(named):
        raise ValueError("two fields have one name")
    return tuple(named)
