"""Message formats of a ULog, and the structures they describe.

A format message reads ``name:type field;type[n] field;…``; a type is one of
`WIRE_TYPES` or the name of another format.  A data message holds the fields one after
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
WIRE_TYPES: Mapping[str, str] = MappingProxyType(
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
LONGEST_MESSAGE = 0xFFFF - 2
#: Fields and nested structures of one structure; the widest of PX4 has a few hundred.
MOST_FIELDS = 8192
#: Structures within structures; PX4 uses one level.
DEEPEST = 16

_FORMAT = re.compile(r"([A-Za-z0-9_/\-]+):(.*)", re.DOTALL)
_MEMBER = re.compile(r"([A-Za-z0-9_/\-]+)(?:\[(\d{1,5})\])? ([A-Za-z0-9_.\-]+)")


@dataclass(frozen=True, slots=True)
class FormatField:
    """One field of a format; ``count`` is ``None`` unless it is an array."""

    type: str
    count: int | None
    name: str


@dataclass(frozen=True, slots=True)
class MessageFormat:
    """A format message: a name and its fields."""

    name: str
    fields: tuple[FormatField, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class StructureField:
    """A field of a structure, at an offset; ``count`` is ``None`` unless it is an array."""

    name: str
    type: str
    count: int | None
    offset: int

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy type of the field in the file."""
        if self.type == "char":
            return np.dtype(f"S{self.count or 1}")
        wire = np.dtype(WIRE_TYPES[self.type])
        return wire if self.count is None else np.dtype((wire, (self.count,)))


@dataclass(frozen=True, slots=True)
class RecordStructure:
    """The fields of a data message; nested ones are named ``outer.inner``."""

    name: str
    fields: tuple[StructureField, ...]
    dtype: np.dtype[np.void]
    #: Bytes of the message without its id.
    size: int
    #: The same if the padding at its end was written too.
    padded: int


def parse_format(text: str, offset: int) -> MessageFormat:
    """Return the format that a format message describes.

    Raises:
        ValueError: If the text is not a name and a list of fields.
    """
    match = _FORMAT.fullmatch(text.rstrip("\0"))
    if match is None:
        raise ValueError("not a name and a list of fields")
    members = []
    for part in filter(None, match[2].split(";")):
        member = _MEMBER.fullmatch(part.strip())
        if member is None:
            raise ValueError(f"not a field: {part[:60]!r}")
        count = None if member[2] is None else int(member[2])
        members.append(FormatField(member[1], count, member[3]))
    return MessageFormat(match[1], tuple(members), offset)


def build_structure(name: str, formats: Mapping[str, MessageFormat]) -> RecordStructure:
    """Return the structure of a format, nested formats laid out in it.

    Raises:
        ValueError: If it names a format that is not there or that holds itself,
            has no field, or is larger than any message can be.
    """
    size, _ = _FormatSizesAndFieldCounts(formats).size_and_field_count(name, 0)
    if size == 0:
        raise ValueError(f"format {name} has no fields")
    columns: list[StructureField] = []
    at = 0
    for member, prefix in _flatten_fields(formats[name], formats, ""):
        columns.append(StructureField(prefix + member.name, member.type, member.count, at))
        at += _field_size(member)
    padded = at
    while columns and columns[-1].name.startswith("_padding"):
        at = columns.pop().offset
    if not columns:
        raise ValueError(f"format {name} has nothing but padding")
    named = _columns_with_unique_names(columns)
    dtype = np.dtype(
        {
            "names": [column.name for column in named],
            "formats": [column.dtype for column in named],
            "offsets": [column.offset for column in named],
            "itemsize": at,
        }
    )
    return RecordStructure(name, named, dtype, at, padded)


class _FormatSizesAndFieldCounts:
    """Bytes and fields of formats, each counted once, before anything is built."""

    def __init__(self, formats: Mapping[str, MessageFormat]) -> None:
        self._formats = formats
        self._known: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()

    def size_and_field_count(self, name: str, depth: int) -> tuple[int, int]:
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
        for member in self._formats[name].fields:
            if member.type in WIRE_TYPES:
                size += _field_size(member)
                fields += 1
            else:
                inner_size, inner_fields = self.size_and_field_count(member.type, depth + 1)
                times = 1 if member.count is None else member.count
                size += times * inner_size
                fields += times * inner_fields
            if size > LONGEST_MESSAGE or fields > MOST_FIELDS:
                raise ValueError(f"format {name} is larger than any message can be")
        self._open.discard(name)
        self._known[name] = size, fields
        return size, fields


def _field_size(member: FormatField) -> int:
    times = 1 if member.count is None else member.count
    return np.dtype(WIRE_TYPES[member.type]).itemsize * times


def _flatten_fields(
    outer: MessageFormat, formats: Mapping[str, MessageFormat], prefix: str
) -> Iterator[tuple[FormatField, str]]:
    for member in outer.fields:
        if member.type in WIRE_TYPES:
            if member.count != 0:
                yield member, prefix
            continue
        inner = formats[member.type]
        if member.count is None:
            yield from _flatten_fields(inner, formats, f"{prefix}{member.name}.")
            continue
        for index in range(member.count):
            yield from _flatten_fields(inner, formats, f"{prefix}{member.name}[{index}].")


def _columns_with_unique_names(columns: list[StructureField]) -> tuple[StructureField, ...]:
    """Return the columns with different names, were two of them called the same."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        again = seen[column.name] = seen.get(column.name, 0) + 1
        name = column.name if again == 1 else f"{column.name}#{again}"
        named.append(StructureField(name, column.type, column.count, column.offset))
    if len({column.name for column in named}) != len(named):
        raise ValueError("two fields have one name")
    return tuple(named)
