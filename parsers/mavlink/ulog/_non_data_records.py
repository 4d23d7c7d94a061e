"""Records of a ULog other than data: information, parameters, text, dropouts."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._file_content import Content
from .._shared._redact_chunked_text import changed_chunks_after_redaction
from ._index_records import UlogIndex
from ._message_formats import WIRE_TYPES


@dataclass(frozen=True, slots=True)
class LoggedText:
    """A line that the autopilot logged; ``level`` as in syslog: 0 emergency to 7 debug."""

    offset: int
    time_us: int
    level: int
    tag: int | None
    text: str


@dataclass(frozen=True, slots=True)
class UlogKeyValue:
    """A key with a value: information or a parameter."""

    offset: int
    type: str
    key: str
    value: Any
    #: For "more info": whether it continues the one before; for a default: of what it is one.
    extra: int = 0


@dataclass(eq=False, slots=True)
class NonDataRecords:
    """Records that are decoded one by one, when asked for."""

    count: int
    rows: Callable[[], list[dict[str, Any]]]

    def __len__(self) -> int:
        """Return the number of records."""
        return self.count

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record."""
        return pd.DataFrame(self.rows())


#: Records of one type that go into the tables; all of them are in the records.
MOST_RECORDS = 100_000

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def text_without_colours(text: str) -> str:
    """Return a text without colours and line ends."""
    return _ESCAPES.sub("", text).strip("\0 \t\r\n")


def iterate_key_values_of_record_type(
    content: Content, index: UlogIndex, letter: str, ending: tuple[bytes, ...] = (b"",)
) -> Iterator[UlogKeyValue]:
    """Yield the information or parameters of a type: I, M, P or Q.

    Only those whose key ends in one way or another, where that is asked for.

    What holds no key and whole value has an empty key, or bytes for a value.
    """
    prefixed = letter in "MQ"
    for start, end in index.iterate_record_spans_of_type(letter):
        body = content.data[start + 3 : end]
        extra = body[0] if prefixed else 0
        body = body[1:] if prefixed else body
        if not body or len(body) < 1 + body[0]:
            yield UlogKeyValue(start, "", "", body, extra)
            continue
        if not body[1 : 1 + body[0]].endswith(ending):
            continue
        declared, _, key = body[1 : 1 + body[0]].decode("utf-8", "replace").partition(" ")
        yield UlogKeyValue(
            start, declared, key, _decode_value(declared, body[1 + body[0] :]), extra
        )


def _decode_value(declared: str, raw: bytes) -> Any:
    if declared.startswith("char"):
        return raw.decode("utf-8", "replace")
    if declared not in WIRE_TYPES:
        return raw
    wire = np.dtype(WIRE_TYPES[declared])
    return np.frombuffer(raw, wire)[0].item() if len(raw) == wire.itemsize else raw


def read_multi_part_info(
    content: Content, index: UlogIndex, ending: tuple[bytes, ...]
) -> Mapping[str, list[tuple[int, bytes]]]:
    """Return for some keys of "more info" their values, continued ones joined, and offsets."""
    parts_by_key: dict[str, list[tuple[int, list[bytes]]]] = {}
    for value in iterate_key_values_of_record_type(content, index, "M", ending):
        raw = value.value if isinstance(value.value, bytes) else str(value.value).encode()
        those = parts_by_key.setdefault(value.key, [])
        if value.extra and those:
            those[-1][1].append(raw)
        else:
            those.append((value.offset, [raw]))
    return {key: [(at, b"".join(raw)) for at, raw in those] for key, those in parts_by_key.items()}


def read_logged_texts(content: Content, index: UlogIndex) -> Iterator[LoggedText]:
    """Yield the logged lines, those with a tag after those without."""
    for letter, head in (("L", 9), ("C", 11)):
        for start, end in index.iterate_record_spans_of_type(letter):
            body = content.data[start + 3 : end]
            if len(body) < head:
                yield LoggedText(
                    start, 0, 7, None, text_without_colours(body.decode("utf-8", "replace"))
                )
                continue
            yield LoggedText(
                start,
                int.from_bytes(body[head - 8 : head], "little"),
                (body[0] - ord("0")) & 0xFF,
                int.from_bytes(body[1:3], "little") if letter == "C" else None,
                text_without_colours(body[head:].decode("utf-8", "replace")),
            )


def read_dropout_offsets_and_durations_ms(
    content: Content, index: UlogIndex
) -> Iterator[tuple[int, int]]:
    """Yield offset and milliseconds of each gap that the logger itself noted."""
    for start, _ in index.iterate_record_spans_of_type("O"):
        yield start, int.from_bytes(content.data[start + 3 : start + 5], "little")


def non_data_records(content: Content, index: UlogIndex) -> dict[str, NonDataRecords]:
    """Return the records that are no data, by a name in capitals."""

    def with_offset_and_length(offset: int, **fields: Any) -> dict[str, Any]:
        return {"offset": offset, "length": _record_length(content, offset), **fields}

    def key_value_rows(letter: str) -> Callable[[], list[dict[str, Any]]]:
        extra = {"M": "is_continued", "Q": "default_of"}.get(letter)

        def rows() -> list[dict[str, Any]]:
            made = [
                with_offset_and_length(
                    each.offset,
                    type=each.type,
                    key=each.key,
                    value=_hex_if_bytes(each.value),
                    **({extra: each.extra} if extra else {}),
                )
                for each in iterate_key_values_of_record_type(content, index, letter)
            ]
            if letter == "M":
                _redact_split_secrets_in_place(made)
            return made

        return rows

    def undecoded_row(start: int, end: int, header_size: int) -> dict[str, Any]:
        body = content.data[start + header_size : end]
        return {"offset": start, "length": end - start, "raw": body.hex()}

    def raw_record_rows(letters: str) -> Callable[[], list[dict[str, Any]]]:
        return lambda: [
            undecoded_row(start, end, 3)
            for letter in letters
            for start, end in index.iterate_record_spans_of_type(letter)
        ]

    def logged_text_rows() -> list[dict[str, Any]]:
        return [
            with_offset_and_length(
                line.offset,
                timestamp=line.time_us,
                level=line.level,
                tag=line.tag,
                text=line.text,
            )
            for line in read_logged_texts(content, index)
        ]

    def dropout_rows() -> list[dict[str, Any]]:
        return [
            with_offset_and_length(at, duration_ms=lasted)
            for at, lasted in read_dropout_offsets_and_durations_ms(content, index)
        ]

    def unknown_record_rows() -> list[dict[str, Any]]:
        return [
            undecoded_row(start, end, 2)
            for start, end in zip(
                index.starts[index.unknown].tolist(),
                index.ends[index.unknown].tolist(),
                strict=True,
            )
        ]

    made = {
        "INFO": NonDataRecords(index.count_of_type("I"), key_value_rows("I")),
        "INFO_MULTIPLE": NonDataRecords(index.count_of_type("M"), key_value_rows("M")),
        "PARAMETER": NonDataRecords(index.count_of_type("P"), key_value_rows("P")),
        "PARAMETER_DEFAULT": NonDataRecords(index.count_of_type("Q"), key_value_rows("Q")),
        "TEXT": NonDataRecords(
            index.count_of_type("L") + index.count_of_type("C"), logged_text_rows
        ),
        "DROPOUT": NonDataRecords(index.count_of_type("O"), dropout_rows),
        "FORMAT": NonDataRecords(index.count_of_type("F"), raw_record_rows("F")),
        "SUBSCRIPTION": NonDataRecords(
            index.count_of_type("A") + index.count_of_type("R"), raw_record_rows("AR")
        ),
        "SYNC": NonDataRecords(index.count_of_type("S"), raw_record_rows("S")),
        "FLAG_BITS": NonDataRecords(index.count_of_type("B"), raw_record_rows("B")),
        "UNKNOWN": NonDataRecords(int(index.unknown.sum()), unknown_record_rows),
    }
    return {name: listing for name, listing in made.items() if len(listing)}


def _record_length(content: Content, offset: int) -> int:
    return int.from_bytes(content.data[offset : offset + 2], "little") + 3


def _redact_split_secrets_in_place(rows: list[dict[str, Any]]) -> None:
    """Redact the secrets that lie in several parts of one "more info" text."""
    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        if not isinstance(row["value"], str):
            continue
        if groups and row["is_continued"] and groups[-1][-1]["key"] == row["key"]:
            groups[-1].append(row)
        else:
            groups.append([row])
    for group in groups:
        if len(group) > 1:
            for number, shown in changed_chunks_after_redaction([row["value"] for row in group]):
                group[number]["value"] = shown


def _hex_if_bytes(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
