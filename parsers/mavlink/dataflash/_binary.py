"""The index of a binary DataFlash log: definitions, chain, messages by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._coverage import Span
from ..._layout import Bytes
from ..._model import Issue
from .._shared._framing import (
    BLOCK,
    Chain,
    Flags,
    Offsets,
    blocks,
    cover,
    follow,
    gather,
    groups,
    offset_type,
)
from ._messages import WIRE, BinaryPart, Definition, Messages, labels_for
from ._units import with_units

#: Number of the definition of each candidate.
Numbers = npt.NDArray[np.int16]

HEADER = b"\xa3\x95"
FMT = 128
FMT_SIZE = 89
FMT_ITSELF = Definition(
    FMT, FMT_SIZE, "FMT", "BBnNZ", ("Type", "Length", "Name", "Format", "Columns")
)

#: A block written to flash is this long at most; what remains of the last one
#: is filling, or what an earlier log left there.
LARGEST_TAIL = 528

#: As many bytes of filling behind a record are memory that was never written.
UNWRITTEN = 16

#: As many gaps that begin with the same type and are of one length are records
#: of a type whose definition is lost.
LOST_TYPE = 3


@dataclass(frozen=True, slots=True)
class Index:
    """What a log holds, by name of the message, and what it does not account for."""

    messages: Mapping[str, Messages]
    issues: tuple[Issue, ...]
    coverage: tuple[Span, ...]
    #: The messages without those that damage may reach into.
    trusted: Mapping[str, Messages]


def definition(record: bytes, offset: int) -> Definition | None:
    """Return what a FMT record defines, or ``None`` if it is not believable."""
    kind, length = record[3], record[4]
    name, chars, listed = (record[a:b].split(b"\0", 1)[0] for a, b in ((5, 9), (9, 25), (25, 89)))
    if (
        not name
        or not name.replace(b"_", b"").isalnum()
        or not all(0x20 < byte < 0x7F for byte in chars + listed.replace(b" ", b""))
    ):
        return None
    letters = chars.decode("ascii")
    if kind == FMT:
        return FMT_ITSELF if length == FMT_SIZE and name == b"FMT" else None
    return Definition(
        kind,
        length,
        name.decode("ascii"),
        letters,
        labels_for(letters, listed.decode("ascii")),
        offset,
    )


def index(array: Bytes) -> Index:
    """Return the messages of a binary log."""
    starts, types = _candidates(array)
    defined, issues = _definitions(array, starts, types)
    which, table = _resolved(starts, types, defined)
    starts, which, chain = _chained(starts, which, table, len(array))
    lost = _lost_types(array, chain, defined)
    if lost:
        issues += [
            Issue(made.offset, 0, f"type {made.type} is nowhere defined; kept as bytes")
            for made in lost
        ]
        starts, types = _candidates(array)
        which, table = _resolved(starts, types, [*defined, *lost])
        starts, which, chain = _chained(starts, which, table, len(array))
    doubtful = _doubtful(array, starts, which, table, chain)
    issues += [
        Issue(int(starts[one]), 0, "damage follows and may reach into it: not used in any table")
        for one in doubtful
    ]
    trust = np.ones(len(starts), np.bool_)
    trust[doubtful] = False
    trust = trust[chain.kept]
    starts, which = starts[chain.kept], which[chain.kept]
    spans, lacks = _account(array, starts, which, table)
    messages = _messages(array, starts, which, table)
    trusted = messages
    if doubtful:
        trusted = _messages(array, starts[trust], which[trust], table)
    return Index(messages, (*issues, *lacks), spans, trusted)


def _candidates(array: Bytes) -> tuple[Offsets, Bytes]:
    """Return every place where a record could begin, and the type that stands there."""
    narrow = offset_type(len(array))
    starts, types = [np.empty(0, narrow)], [np.empty(0, np.uint8)]
    for begin, block, places in blocks(array, 3, _begins):
        types.append(block[places + 2])
        places += begin
        starts.append(places.astype(narrow))
    return np.concatenate(starts), np.concatenate(types)


def _begins(block: Bytes) -> Flags:
    flags: Flags = block[:-2] == HEADER[0]
    flags &= block[1:-1] == HEADER[1]
    return flags


def _definitions(
    array: Bytes, starts: Offsets, types: Bytes
) -> tuple[list[Definition], list[Issue]]:
    """Return the definitions in file order, each repetition left out, and what is odd."""
    places = starts[types == FMT]
    places = places[places + FMT_SIZE <= len(array)]
    rows = gather(array, places, FMT_SIZE)
    _, firsts = np.unique(rows[:, 3:], axis=0, return_index=True)
    latest: dict[int, Definition] = {FMT: FMT_ITSELF}
    found, issues = [FMT_ITSELF], []
    repeats = len(firsts) < len(rows)
    # A definition that comes back after another of the same type counts again.
    changing = _changing(rows) if repeats else frozenset[int]()
    keep = np.zeros(len(rows), bool)
    keep[firsts] = True
    keep |= np.isin(rows[:, 3], list(changing))
    for row in np.flatnonzero(keep).tolist():
        made = definition(rows[row].tobytes(), int(places[row]))
        if made is None or (made.type in latest and latest[made.type].same(made)):
            continue
        if made.length < 3:
            issues.append(
                Issue(made.offset, 0, f"{made.name} is defined with length {made.length}")
            )
            continue
        if not made.known:
            issues.append(Issue(made.offset, 0, _unreadable(made)))
        latest[made.type] = made
        found.append(made)
    return found, issues


def _unreadable(made: Definition) -> str:
    odd = sorted({char for char in made.chars if char not in WIRE})
    why = f"its format has {', '.join(odd)}" if odd else "its length is not that of its fields"
    return f"{made.name} is kept as bytes: {why}"


def _changing(rows: Bytes) -> frozenset[int]:
    kinds = np.unique(rows[:, 3:], axis=0)[:, 0]
    values, counts = np.unique(kinds, return_counts=True)
    return frozenset(values[counts > 1].tolist())


def _resolved(
    starts: Offsets, types: Bytes, defined: Sequence[Definition]
) -> tuple[Numbers, list[Definition]]:
    """Return for each candidate which definition is in force there, -1 for none.

    A definition counts from where it stands; the first of a type counts before
    it too, since the one that came earlier may be lost.
    """
    table = list(defined)
    first = np.full(256, -1, np.int16)
    for number, made in reversed(list(enumerate(table))):
        first[made.type] = number
    which = first[types]
    for number, made in enumerate(table):
        if first[made.type] != number:
            which[(types == made.type) & (starts >= made.offset)] = number
    return which, table


def _chained(
    starts: Offsets, which: Numbers, table: Sequence[Definition], size: int
) -> tuple[Offsets, Numbers, Chain]:
    if (which < 0).any():
        starts, which = starts[which >= 0], which[which >= 0]
    lengths = np.array([made.length for made in table], starts.dtype)
    return starts, which, follow(starts, starts + lengths[which], 0, size)


def _lost_types(array: Bytes, chain: Chain, defined: Sequence[Definition]) -> list[Definition]:
    """Return types that no definition tells of, and that gaps of one length show."""
    known = {made.type for made in defined}
    seen: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], int] = {}
    for start, end in chain.gaps:
        head = array[start : start + 3].tobytes()
        if end - start <= 255 and head[:2] == HEADER and len(head) == 3 and head[2] not in known:
            seen[head[2], end - start] += 1
            first.setdefault((head[2], end - start), start)
    lost: dict[int, Definition] = {}
    for (kind, length), count in seen.most_common():
        if count >= LOST_TYPE and kind not in lost:
            lost[kind] = Definition(kind, length, f"type{kind}", "?", ("raw",), first[kind, length])
    return list(lost.values())


def _doubtful(
    array: Bytes, starts: Offsets, which: Numbers, table: Sequence[Definition], chain: Chain
) -> list[int]:
    """Return records that damage may reach into."""
    ends = ((one, int(starts[one]) + table[which[one]].length) for one in chain.doubtful)
    return [one for one, end in ends if not _ends_well(array, end)]


def _ends_well(array: Bytes, end: int) -> bool:
    """Return whether what follows a record shows that it was written to its end."""
    if end + LARGEST_TAIL >= len(array) or array[end : end + 2].tobytes() == HEADER:
        return True
    # Filling that begins right there, and not within the record.
    filled = _filled(array, Span(end, UNWRITTEN, "gap"))
    return filled and bool(array[end - 1] != array[end])


def _account(
    array: Bytes, starts: Offsets, which: Numbers, table: Sequence[Definition]
) -> tuple[tuple[Span, ...], list[Issue]]:
    """Return what every byte is, and an issue for each gap."""
    lengths = np.array([made.length for made in table], starts.dtype)
    known: Flags = np.array([made.known for made in table])
    ends = starts + lengths[which]
    spans = list(cover(starts, ends, len(array), None if known.all() else known[which]))
    issues = []
    for number, span in enumerate(spans):
        if span.kind != "gap":
            continue
        last = number == len(spans) - 1
        if _filled(array, span):
            spans[number] = Span(span.offset, span.size, "padding")
            if last and span.size <= LARGEST_TAIL:
                continue
            reason = "filled with one byte: nothing was written here"
        elif last and _begins_record(array[span.offset :].tobytes(), table):
            # Logs are written in blocks, and end with one when the power goes.
            spans[number] = Span(span.offset, span.size, "opaque")
            reason = f"the log ends {span.size} bytes into a record, as when the power goes"
            issues.append(Issue(span.offset, 0, reason))
            continue
        elif last and span.size < LARGEST_TAIL:
            reason = "the rest of the last block written, or damage"
        else:
            reason = "no record begins here: damaged, or of a type that is nowhere defined"
        issues.append(Issue(span.offset, span.size, reason))
    return tuple(spans), issues


def _begins_record(rest: bytes, table: Sequence[Definition]) -> bool:
    """Return whether the last bytes of a log are the first of a record."""
    if len(rest) < 3:
        return HEADER.startswith(rest[:2])
    return rest[:2] == HEADER and any(
        made.type == rest[2] and made.length > len(rest) for made in table
    )


def _filled(array: Bytes, span: Span) -> bool:
    """Return whether all bytes are those of memory that was never written."""
    first = array[span.offset]
    ends = range(span.offset, span.offset + span.size, BLOCK)
    return int(first) in (0, 0xFF) and all(
        bool((array[at : min(at + BLOCK, span.offset + span.size)] == first).all()) for at in ends
    )


def _messages(
    array: Bytes, starts: Offsets, which: Numbers, table: Sequence[Definition]
) -> Mapping[str, Messages]:
    narrow = np.uint8 if len(table) <= 256 else np.uint16
    parts: dict[str, list[BinaryPart]] = {}
    for number, rows in groups(which.astype(narrow)).items():
        made = table[number]
        parts.setdefault(made.name, []).append(BinaryPart(array, made, starts[rows]))
    return with_units({name: Messages(name, found) for name, found in parts.items()})
