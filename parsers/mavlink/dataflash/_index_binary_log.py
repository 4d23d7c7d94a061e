"""The index of a binary DataFlash log: FMT definitions, linked records, messages by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import CoverageSpan
from ..._model import Issue
from ..._record_layout import ByteArray
from .._shared._copied_as_text_issues import issues_if_log_was_copied_as_text
from .._shared._record_framing import (
    BLOCK,
    ChainedRecordsAndGaps,
    Flags,
    Offsets,
    byte_kind_code_per_record,
    bytes_at_offsets,
    chunks_with_offset_and_candidates,
    issue_of_records_right_before_damage,
    narrowest_offset_dtype,
    record_coverage,
    rows_of_each_key,
    select_chained_records_and_gaps,
)
from ._message_columns import (
    WIRE_TYPES,
    BinaryMessagesOfDefinition,
    DataflashMessages,
    FmtDefinition,
    distinct_field_labels,
    messages_with_stated_units,
)

#: Number of the definition of each candidate.
DefinitionNumbers = npt.NDArray[np.int16]

HEADER = b"\xa3\x95"
FMT = 128
FMT_SIZE = 89
FMT_DEFINITION = FmtDefinition(
    FMT, FMT_SIZE, "FMT", "BBnNZ", ("Type", "Length", "Name", "Format", "Columns")
)

#: A length has one byte.
LONGEST_RECORD = 255

#: A block written to flash is this long at most; what remains of the last one
#: is filling, or what an earlier log left there.
LARGEST_LAST_BLOCK = 528

#: As many bytes of filling behind a record are memory that was never written.
UNWRITTEN_BYTES = 16

#: Possible definitions that are looked at together, which bounds the memory this takes.
_JUDGED_TOGETHER = 1 << 14
#: Where a definition has its name, its letters and its labels.
_TEXTS = (slice(5, 9), slice(9, 25), slice(25, FMT_SIZE))

_VISIBLE_ASCII = bytes(range(0x21, 0x7F))

#: As many records of one type and length in gaps are of a type whose definition is lost.
LEAST_GAPS_OF_LOST_TYPE = 3


@dataclass(frozen=True, slots=True)
class DataflashIndex:
    """What a log holds, by name of the message, and what it does not account for."""

    messages: Mapping[str, DataflashMessages]
    issues: tuple[Issue, ...]
    coverage: tuple[CoverageSpan, ...]
    #: The messages without those that damage may reach into.
    trusted: Mapping[str, DataflashMessages]


def parse_fmt_definition(record: bytes, offset: int) -> FmtDefinition | None:
    """Return what a FMT record defines, or ``None`` if it is not believable."""
    kind, length = record[3], record[4]
    name, chars, listed = (record[place].split(b"\0", 1)[0] for place in _TEXTS)
    if (
        not name
        or not name.replace(b"_", b"").isalnum()
        or (chars + listed.replace(b" ", b"")).translate(None, _VISIBLE_ASCII)
    ):
        return None
    letters = chars.decode("ascii")
    if kind == FMT:
        return FMT_DEFINITION if length == FMT_SIZE and name == b"FMT" else None
    return FmtDefinition(
        kind,
        length,
        name.decode("ascii"),
        letters,
        distinct_field_labels(letters, listed.decode("ascii")),
        offset,
    )


def index_binary(array: ByteArray) -> DataflashIndex:
    """Return the messages of a binary log."""
    starts, types = _candidate_offsets_and_types(array)
    defined, issues = _read_definitions_and_issues(array, starts, types)
    which, table = _definition_numbers_and_list_of_definitions(starts, types, defined)
    starts, which, chain = _defined_candidates_and_their_record_chain(
        starts, which, table, len(array)
    )
    # Without any definition nothing could be decoded, which is no log but a fault to be named.
    lost = _infer_undefined_message_types(array, chain, defined) if len(defined) > 1 else []
    if lost:
        issues += [
            Issue(made.offset, 0, f"type {made.type} has no definition in the log; kept as bytes")
            for made in lost
        ]
        starts, types = _candidate_offsets_and_types(array)
        which, table = _definition_numbers_and_list_of_definitions(starts, types, [*defined, *lost])
        starts, which, chain = _defined_candidates_and_their_record_chain(
            starts, which, table, len(array)
        )
    doubtful = _indices_of_records_damage_may_reach(array, starts, which, table, chain)
    if doubtful:
        issues.append(issue_of_records_right_before_damage(starts[doubtful].tolist()))
    trust = np.ones(len(starts), np.bool_)
    trust[doubtful] = False
    trust = trust[chain.is_record]
    starts, which = starts[chain.is_record], which[chain.is_record]
    spans, lacks = _coverage_and_issues(array, starts, which, table)
    if lacks:
        issues += issues_if_log_was_copied_as_text(array)
    messages = _messages_by_name(array, starts, which, table)
    trusted = messages
    if doubtful:
        trusted = _messages_by_name(array, starts[trust], which[trust], table)
    return DataflashIndex(messages, (*issues, *lacks), spans, trusted)


def _candidate_offsets_and_types(array: ByteArray) -> tuple[Offsets, ByteArray]:
    """Return every offset at which a record could begin, and the type given there."""
    narrow = narrowest_offset_dtype(len(array))
    starts, types = [np.empty(0, narrow)], [np.empty(0, np.uint8)]
    for begin, block, offsets in chunks_with_offset_and_candidates(array, 3, _record_header_mask):
        types.append(block[offsets + 2])
        offsets += begin
        starts.append(offsets.astype(narrow))
    return np.concatenate(starts), np.concatenate(types)


def _record_header_mask(block: ByteArray) -> Flags:
    flags: Flags = block[:-2] == HEADER[0]
    flags &= block[1:-1] == HEADER[1]
    return flags


def _read_definitions_and_issues(
    array: ByteArray, starts: Offsets, types: ByteArray
) -> tuple[list[FmtDefinition], list[Issue]]:
    """Return the definitions in file order, each repetition left out, and what is odd."""
    offsets = starts[types == FMT]
    offsets = offsets[offsets + FMT_SIZE <= len(array)]
    parts = [
        _plausible_fmt_offsets_and_bytes(array, offsets[first : first + _JUDGED_TOGETHER])
        for first in range(0, max(1, len(offsets)), _JUDGED_TOGETHER)
    ]
    offsets = np.concatenate([those for those, _ in parts])
    rows = np.concatenate([those for _, those in parts])
    _, firsts = np.unique(rows[:, 3:], axis=0, return_index=True)
    latest: dict[int, FmtDefinition] = {FMT: FMT_DEFINITION}
    definitions, issues = [FMT_DEFINITION], []
    repeats = len(firsts) < len(rows)
    # A definition that comes back after another of the same type counts again.
    changing = _redefined_message_types(rows) if repeats else frozenset[int]()
    keep = np.zeros(len(rows), bool)
    keep[firsts] = True
    keep |= np.isin(rows[:, 3], list(changing))
    for row in np.flatnonzero(keep).tolist():
        definition = parse_fmt_definition(rows[row].tobytes(), int(offsets[row]))
        if definition is None or (
            definition.type in latest and latest[definition.type].is_same(definition)
        ):
            continue
        if definition.length < 3:
            issues.append(
                Issue(
                    definition.offset,
                    0,
                    f"{definition.name} is defined with length {definition.length}",
                )
            )
            continue
        if not definition.can_decode_every_field:
            issues.append(Issue(definition.offset, 0, _undecodable_definition_text(definition)))
        latest[definition.type] = definition
        definitions.append(definition)
    return definitions, issues


def _plausible_fmt_offsets_and_bytes(
    array: ByteArray, offsets: Offsets
) -> tuple[Offsets, ByteArray]:
    """Return the offsets that hold texts where a definition has them, and their bytes.

    What merely begins as a definition does has none, so that few are looked at one by one,
    whatever a file holds.
    """
    rows = bytes_at_offsets(array, offsets, FMT_SIZE)
    is_text = rows[:, _TEXTS[0].start] != 0
    for text in (rows[:, place] for place in _TEXTS):
        # What follows the end of a text is of no account.
        is_over = np.logical_or.accumulate(text == 0, axis=1)
        is_text &= (is_over | ((text >= 0x20) & (text < 0x7F))).all(axis=1)
    return offsets[is_text], rows[is_text]


def _undecodable_definition_text(made: FmtDefinition) -> str:
    odd = sorted({char for char in made.chars if char not in WIRE_TYPES})
    why = f"its format has {', '.join(odd)}" if odd else "its length is not that of its fields"
    return f"{made.name} is kept as bytes: {why}"


def _redefined_message_types(rows: ByteArray) -> frozenset[int]:
    kinds = np.unique(rows[:, 3:], axis=0)[:, 0]
    values, counts = np.unique(kinds, return_counts=True)
    return frozenset(values[counts > 1].tolist())


def _definition_numbers_and_list_of_definitions(
    starts: Offsets, types: ByteArray, defined: Sequence[FmtDefinition]
) -> tuple[DefinitionNumbers, list[FmtDefinition]]:
    """Return for each candidate which definition is in force there, -1 for none.

    A definition applies from its offset on; the first of a type applies before
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


def _defined_candidates_and_their_record_chain(
    starts: Offsets, which: DefinitionNumbers, table: Sequence[FmtDefinition], size: int
) -> tuple[Offsets, DefinitionNumbers, ChainedRecordsAndGaps]:
    if (which < 0).any():
        starts, which = starts[which >= 0], which[which >= 0]
    lengths = np.array([made.length for made in table], starts.dtype)
    return starts, which, select_chained_records_and_gaps(starts, starts + lengths[which], 0, size)


def _infer_undefined_message_types(
    array: ByteArray, chain: ChainedRecordsAndGaps, defined: Sequence[FmtDefinition]
) -> list[FmtDefinition]:
    """Return types without a definition that headers in gaps reveal, as far apart as their length.

    A length that most records of a type have between them, or up to the end of their gap, is that
    of the type.
    """
    known = np.zeros(256, np.bool_)
    known[[made.type for made in defined]] = True
    seen: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], int] = {}
    total: Counter[int] = Counter()
    for start, end in chain.gaps:
        gap = array[start:end]
        if len(gap) < 3:
            continue
        heads = np.flatnonzero(_record_header_mask(gap)).tolist()
        for head, after in pairwise([*heads, end - start]):
            kind = int(gap[head + 2])
            if known[kind] or after - head > LONGEST_RECORD:
                continue
            seen[kind, after - head] += 1
            total[kind] += 1
            first.setdefault((kind, after - head), start + head)
    lost: dict[int, FmtDefinition] = {}
    for (kind, length), count in seen.most_common():
        if count >= LEAST_GAPS_OF_LOST_TYPE and kind not in lost and 2 * count > total[kind]:
            lost[kind] = FmtDefinition(
                kind, length, f"type{kind}", "?", ("raw",), first[kind, length]
            )
    return list(lost.values())


def _indices_of_records_damage_may_reach(
    array: ByteArray,
    starts: Offsets,
    which: DefinitionNumbers,
    table: Sequence[FmtDefinition],
    chain: ChainedRecordsAndGaps,
) -> list[int]:
    """Return records that damage may reach into."""
    ends = ((row, int(starts[row]) + table[which[row]].length) for row in chain.doubtful)
    return [row for row, end in ends if not _is_record_end_intact(array, end)]


def _is_record_end_intact(array: ByteArray, end: int) -> bool:
    """Return whether what follows a record shows that it was written to its end."""
    if end + LARGEST_LAST_BLOCK >= len(array) or array[end : end + 2].tobytes() == HEADER:
        return True
    # Filling that begins right there, and not within the record.
    filled = _is_unwritten_memory(array, CoverageSpan(end, UNWRITTEN_BYTES, "gap"))
    return filled and bool(array[end - 1] != array[end])


def _coverage_and_issues(
    array: ByteArray, starts: Offsets, which: DefinitionNumbers, table: Sequence[FmtDefinition]
) -> tuple[tuple[CoverageSpan, ...], list[Issue]]:
    """Return what every byte is, and an issue for each gap."""
    lengths = np.array([made.length for made in table], starts.dtype)
    known: Flags = np.array([made.can_decode_every_field for made in table])
    ends = starts + lengths[which]
    kinds = None if known.all() else byte_kind_code_per_record(known)[which]
    spans = list(record_coverage(starts, ends, len(array), kinds))
    issues = []
    for number, span in enumerate(spans):
        if span.kind != "gap":
            continue
        last = number == len(spans) - 1
        if _is_unwritten_memory(array, span):
            spans[number] = CoverageSpan(span.offset, span.size, "padding")
            if last and span.size <= LARGEST_LAST_BLOCK:
                continue
            reason = "filled with one byte: nothing was written here"
        elif last and _is_beginning_of_truncated_record(array[span.offset :].tobytes(), table):
            # Logs are written in blocks, and end with one when the power goes.
            spans[number] = CoverageSpan(span.offset, span.size, "opaque")
            reason = f"the log ends {span.size} bytes into a record, as when the power goes"
            issues.append(Issue(span.offset, 0, reason))
            continue
        elif last and span.size < LARGEST_LAST_BLOCK:
            reason = "the rest of the last written block, or damage"
        else:
            reason = "no record begins here: damaged, or of a type without a definition"
        issues.append(Issue(span.offset, span.size, reason))
    return tuple(spans), issues


def _is_beginning_of_truncated_record(rest: bytes, table: Sequence[FmtDefinition]) -> bool:
    """Return whether the last bytes of a log are the first of a record."""
    if len(rest) < 3:
        return HEADER.startswith(rest[:2])
    return rest[:2] == HEADER and any(
        made.type == rest[2] and made.length > len(rest) for made in table
    )


def _is_unwritten_memory(array: ByteArray, span: CoverageSpan) -> bool:
    """Return whether all bytes are those of memory that was never written."""
    first = array[span.offset]
    ends = range(span.offset, span.offset + span.size, BLOCK)
    return int(first) in (0, 0xFF) and all(
        bool((array[at : min(at + BLOCK, span.offset + span.size)] == first).all()) for at in ends
    )


def _messages_by_name(
    array: ByteArray, starts: Offsets, which: DefinitionNumbers, table: Sequence[FmtDefinition]
) -> Mapping[str, DataflashMessages]:
    narrow = np.uint8 if len(table) <= 256 else np.uint16
    parts: dict[str, list[BinaryMessagesOfDefinition]] = {}
    for number, rows in rows_of_each_key(which.astype(narrow)).items():
        definition = table[number]
        parts.setdefault(definition.name, []).append(
            BinaryMessagesOfDefinition(array, definition, starts[rows])
        )
    return messages_with_stated_units(
        {name: DataflashMessages(name, messages) for name, messages in parts.items()}
    )
