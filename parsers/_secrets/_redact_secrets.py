"""Secrets that logs hold by mistake: taken out of every text on its way into a ``Log``.

``Log`` calls this for everything that a reader gives it, and for its records when they are asked
for, so that no reader can forget it.  A secret is replaced by ``(redacted)``, the rest of its text
stays, and its place in the file is counted (``Log.redacted_secrets``).

Distinct texts are looked at once, all together: only where one of the plain words stands that
secrets are found by are the patterns tried.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from itertools import accumulate
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._named_secret_values import REDACTED
from ._secret_patterns import (
    SECRET_PATTERNS,
    SecretPattern,
    find_secrets_of_pattern,
    is_secret_or_personal_field_name,
)

__all__ = [
    "REDACTED",
    "RedactedText",
    "distinct_texts",
    "is_secret_or_personal_field_name",
    "is_secret_setting",
    "iterate_enclosing_dataclasses_and_texts",
    "redact_column_and_list_redacted_rows",
    "redact_contact_paths_and_list_redacted_rows",
    "redact_data_frame",
    "redact_dataclass_text_fields",
    "redact_email_addresses_and_count",
    "redact_nested_texts_and_list_secrets",
    "redact_secrets",
    "redact_text_and_count",
    "redacted_form_of_each_text_with_secrets",
    "text_without_secrets",
]

Value = TypeVar("Value")

#: Characters of texts that are looked at together.
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A text that held secrets."""

    #: The text without them.
    text: str
    #: Where each secret began and ended, in order, and its kind.
    secrets: tuple[tuple[int, int, str], ...]
    #: The secrets themselves, to count each once; never stored or shown.
    values: tuple[str, ...] = field(repr=False)


def _pattern_indexes_by_hint_word() -> Mapping[str, tuple[int, ...]]:
    numbers: dict[str, list[int]] = {}
    for number, secret in enumerate(SECRET_PATTERNS):
        for hint in secret.hints:
            numbers.setdefault(hint, []).append(number)
    return {hint: tuple(each) for hint, each in numbers.items()}


_HINTS = _pattern_indexes_by_hint_word()


def redacted_form_of_each_text_with_secrets(texts: Iterable[str]) -> dict[str, RedactedText]:
    """Return those of some texts that hold secrets, without them."""
    redacted: dict[str, RedactedText] = {}
    chunk: list[str] = []
    size = 0
    for text in texts:
        chunk.append(text)
        size += len(text) + 1
        if size > _CHUNK:
            redacted |= _redacted_forms_of_texts_in_chunk(chunk)
            chunk, size = [], 0
    return redacted | _redacted_forms_of_texts_in_chunk(chunk)


def _redacted_forms_of_texts_in_chunk(texts: Sequence[str]) -> dict[str, RedactedText]:
    redacted: dict[str, RedactedText] = {}
    if not texts:
        return redacted
    for index, numbers in sorted(_candidate_patterns_by_text_index(texts).items()):
        text = texts[index]
        found = _redact_by_patterns(text, (SECRET_PATTERNS[number] for number in sorted(numbers)))
        if found is not None:
            redacted[text] = found
    return redacted


def _candidate_patterns_by_text_index(texts: Sequence[str]) -> dict[int, set[int]]:
    """Return for each text in which a hint stands the patterns that may match it."""
    lowered = [text.lower() for text in texts]
    ends = list(accumulate(len(text) + 1 for text in lowered))
    joined = "\n".join(lowered)
    patterns: dict[int, set[int]] = {}
    for hint, numbers in _HINTS.items():
        at = joined.find(hint)
        while at >= 0:
            index = bisect_right(ends, at)
            patterns.setdefault(index, set()).update(numbers)
            at = joined.find(hint, ends[index])
    return patterns


_COLOUR = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]")


def _redact_by_patterns(text: str, patterns: Iterable[SecretPattern]) -> RedactedText | None:
    # Colours of a console are as good as spaces, and as long.
    shown = _COLOUR.sub(lambda match: " " * len(match[0]), text) if "\x1b" in text else text
    spans = sorted(
        (begin, end, secret.kind)
        for secret in patterns
        for begin, end in find_secrets_of_pattern(secret, shown)
    )
    merged: list[tuple[int, int, str]] = []
    for begin, end, kind in spans:
        if merged and begin < merged[-1][1]:
            first, last, known = merged[-1]
            merged[-1] = first, max(last, end), known
        else:
            merged.append((begin, end, kind))
    merged = [span for span in merged if text[span[0] : span[1]].strip() != REDACTED]
    if not merged:
        return None
    parts, at = list[str](), 0
    for begin, end, _ in merged:
        parts += text[at:begin], REDACTED
        at = end
    values = tuple(text[begin:end] for begin, end, _ in merged)
    return RedactedText("".join([*parts, text[at:]]), tuple(merged), values)


def redact_text_and_count(text: str) -> tuple[str, int]:
    """Return a text without its secrets, and how many there were."""
    found = redacted_form_of_each_text_with_secrets([text]).get(text)
    return (text, 0) if found is None else (found.text, len(found.secrets))


def text_without_secrets(text: str) -> str:
    """Return a text without its secrets."""
    return redact_text_and_count(text)[0]


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def redact_email_addresses_and_count(text: str) -> tuple[str, int]:
    """Return a text without the e-mail addresses in it, and how many there were."""
    return _EMAIL.subn(REDACTED, text)


# Values of any kind


def redact_nested_texts_and_list_secrets(
    value: Any, redacted: Mapping[str, RedactedText]
) -> tuple[Any, list[tuple[Any, RedactedText]]]:
    """Return a value with every text in it free of secrets, and what was found.

    Args:
        value: A text, a dataclass, a sequence or a mapping, or any of them within another; what
            is none of these is taken as it is.
        redacted: Texts with secrets, from ``redacted_form_of_each_text_with_secrets``.

    Returns:
        The value itself where it holds no secret, so that it can be compared by identity; and
        for each text with a secret the innermost dataclass that it stands in, which may name its
        record and offset, with the text.
    """
    found = [
        (owner, redacted[text])
        for owner, text in iterate_enclosing_dataclasses_and_texts(value)
        if text in redacted
    ]
    if not found:
        return value, []
    return _replace_texts_in_nested_value(
        value, {text: each.text for text, each in redacted.items()}
    ), found


def redact_secrets(value: Value) -> Value:
    """Return a value with every text in it, of any depth, free of secrets.

    Args:
        value: A text, a dataclass, a sequence or a mapping, or any of them within another; what
            is none of these is taken as it is.
    """
    texts = redacted_form_of_each_text_with_secrets(
        dict.fromkeys(text for _, text in iterate_enclosing_dataclasses_and_texts(value))
    )
    redacted: Value = redact_nested_texts_and_list_secrets(value, texts)[0] if texts else value
    return redacted


def redact_dataclass_text_fields(items: Sequence[Value]) -> tuple[Value, ...]:
    """Return dataclasses with the texts among their own fields free of secrets.

    Other fields, which may hold very many numbers, are not looked into.
    """
    texts = redacted_form_of_each_text_with_secrets(
        dict.fromkeys(
            text for item in items for text in _text_field_names_and_values(item).values()
        )
    )
    if not texts:
        return tuple(items)
    return tuple(_dataclass_with_redacted_text_fields(item, texts) for item in items)


def _text_field_names_and_values(item: Any) -> dict[str, str]:
    values = {each.name: getattr(item, each.name) for each in fields(item)}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _dataclass_with_redacted_text_fields(item: Any, redacted: Mapping[str, RedactedText]) -> Any:
    changed = {
        name: redacted[text].text
        for name, text in _text_field_names_and_values(item).items()
        if text in redacted
    }
    return replace(item, **changed) if changed else item


def iterate_enclosing_dataclasses_and_texts(
    value: Any, owner: Any = None
) -> Iterator[tuple[Any, str]]:
    """Yield every text in a value, with the innermost dataclass around it."""
    if isinstance(value, str):
        yield owner, value
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from iterate_enclosing_dataclasses_and_texts(item, owner)
    elif value is None or isinstance(value, int | float | np.ndarray):
        return
    elif is_dataclass(value) and not isinstance(value, type):
        for name in _field_names(type(value)):
            yield from iterate_enclosing_dataclasses_and_texts(getattr(value, name), value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from iterate_enclosing_dataclasses_and_texts(key, owner)
            yield from iterate_enclosing_dataclasses_and_texts(item, owner)


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _replace_texts_in_nested_value(value: Any, instead: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return instead.get(value, value)
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(_replace_texts_in_nested_value(item, instead) for item in value)
    if isinstance(value, tuple | list | frozenset | set):
        return type(value)(_replace_texts_in_nested_value(item, instead) for item in value)
    if isinstance(value, Mapping):
        replaced = {
            _replace_texts_in_nested_value(key, instead): _replace_texts_in_nested_value(
                item, instead
            )
            for key, item in value.items()
        }
        return replaced if isinstance(value, dict) else MappingProxyType(replaced)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: new
            for each in fields(value)
            if each.init
            and (new := _replace_texts_in_nested_value(old := getattr(value, each.name), instead))
            is not old
        }
        return replace(value, **changed) if changed else value
    return value


# Tables

#: A column of a table: its row numbers of texts with secrets, and what was found in each.
ColumnSecrets = list[tuple[int, RedactedText]]


def distinct_texts(column: "pd.Series[Any]") -> Iterator[str]:
    """Yield each distinct text of a column."""
    for value in dict.fromkeys(column.to_numpy(object).tolist()):
        if isinstance(value, str):
            yield value


def redact_column_and_list_redacted_rows(
    column: "pd.Series[Any]", redacted: Mapping[str, RedactedText]
) -> tuple["pd.Series[Any]", ColumnSecrets]:
    """Return a column of texts without their secrets, and the rows that held some.

    A column without secrets is returned itself.
    """
    values = column.to_numpy(object, copy=True)
    found: ColumnSecrets = []
    for row, value in enumerate(values.tolist()):
        if isinstance(value, str) and value in redacted:
            values[row] = redacted[value].text
            found.append((row, redacted[value]))
    return (_series_with_index_and_type_of(values, column), found) if found else (column, [])


def _series_with_index_and_type_of(values: Any, like: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.Series(values, index=like.index, name=like.name, dtype=like.dtype)


def redact_contact_paths_and_list_redacted_rows(
    contacts: pd.DataFrame,
) -> tuple["pd.Series[Any]", ColumnSecrets]:
    """Return the paths of contacts without secrets that protocol and host tell to be some.

    The path of a stream ends with its key, and some services give each user a path.
    """
    paths = contacts["path"]
    rows = np.flatnonzero(paths.notna().to_numpy()).tolist()
    urls = dict(
        zip(rows, _scheme_with_host_and_path_of_each_contact(contacts.iloc[rows]), strict=True)
    )
    redacted = redacted_form_of_each_text_with_secrets(
        dict.fromkeys("".join(url) for url in urls.values())
    )
    if not redacted:
        return paths, []
    values = paths.to_numpy(object, copy=True)
    found: ColumnSecrets = []
    for row, (host, path) in urls.items():
        secret = redacted.get(host + path)
        if secret is not None:
            values[row] = secret.text.removeprefix(host)
            found.append((row, secret))
    return _series_with_index_and_type_of(values, paths), found


def _scheme_with_host_and_path_of_each_contact(contacts: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield the URL of each contact: up to its path, and its path."""
    columns = (contacts[name].to_numpy(object) for name in ("protocol", "host", "address", "path"))
    for protocol, host, address, path in zip(*columns, strict=True):
        named = next((name for name in (host, address) if isinstance(name, str)), "host")
        scheme = protocol if isinstance(protocol, str) else "https"
        slash = "" if path.startswith("/") else "/"
        yield f"{scheme}://{named}{slash}", path


def redact_data_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the records of a log without the secrets in them.

    Texts of any depth; whole values whose column, or the name beside them, is that of a secret;
    texts in bytes that are shown in hexadecimal or as numbers.  A frame without secrets is
    returned itself.
    """
    replaced: dict[int, Any] = {}
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
            continue
        clean = _redact_record_column(str(frame.columns[place]), column)
        if clean is not column:
            replaced[place] = clean
    names = [
        text_without_secrets(name) if isinstance(name, str) else name for name in frame.columns
    ]
    renamed = names != list(frame.columns)
    if replaced or renamed:
        attrs = frame.attrs
        columns = [replaced.get(place, frame.iloc[:, place]) for place in range(frame.shape[1])]
        frame = pd.concat(columns, axis=1) if columns else frame
        frame.columns, frame.attrs = pd.Index(names), attrs
    return _redact_named_values_in_records(frame)


def _redact_record_column(name: str, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of records without secrets: itself where it holds none."""
    if is_secret_or_personal_field_name(name.rpartition(".")[2]):
        whole = column.map(lambda value: isinstance(value, str) and value not in ("", REDACTED))
        column = column.mask(whole.to_numpy(bool), REDACTED) if whole.any() else column
    kinds = {type(value) for value in column.to_numpy(object)}
    if kinds & {list, tuple, dict}:
        values = [_redact_record_value(name, value) for value in column.to_numpy(object)]
        if all(new is old for new, old in zip(values, column.to_numpy(object), strict=True)):
            return column
        array = np.empty(len(values), object)
        array[:] = values
        return pd.Series(array, index=column.index, name=column.name)
    if str not in kinds:
        return column
    return _redact_hex_encoded_secrets_in_column(
        redact_column_and_list_redacted_rows(
            column, redacted_form_of_each_text_with_secrets(distinct_texts(column))
        )[0]
    )


def _redact_record_value(name: str, value: Any) -> Any:
    """Return a value within a record without secrets: itself where it holds none."""
    if isinstance(value, str):
        if value and is_secret_or_personal_field_name(name.rpartition(".")[2]):
            return REDACTED
        return text_without_secrets(value)
    if isinstance(value, list | tuple):
        if len(value) >= _SHORTEST_BYTES and all(type(item) is int for item in value):
            return _byte_values_with_secrets_as_none(value)
        items = [_redact_record_value(name, item) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else type(value)(items)
    if isinstance(value, dict):
        inner = {key: _redact_record_value(str(key), item) for key, item in value.items()}
        return value if all(inner[key] is value[key] for key in value) else inner
    return value


#: Bytes shown as hexadecimal or as numbers are searched from this length on; a secret among them
#: has at least so many letters.
_SHORTEST_BYTES, _SHORTEST_SPELLED = 8, 3
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2}){8,}+\Z")


def _byte_values_with_secrets_as_none(value: Sequence[int]) -> Sequence[int | None]:
    """Return bytes shown as numbers, missing where they spell a secret."""
    if min(value) < 0 or max(value) > 255:
        return value
    text = bytes(value).decode("latin-1")
    found = redacted_form_of_each_text_with_secrets([text]).get(text)
    if found is None:
        return value
    shown: list[int | None] = list(value)
    for begin, end in _secret_spans_in_bytes(text, found):
        shown[begin:end] = [None] * (end - begin)
    return shown


def _secret_spans_in_bytes(text: str, found: RedactedText) -> Iterator[tuple[int, int]]:
    """Yield where the secrets stand in bytes that are a text there; by chance bytes spell any."""
    for begin, end, _ in found.secrets:
        secret = text[begin:end]
        if len(secret) >= _SHORTEST_SPELLED and secret.isascii() and secret.isprintable():
            yield begin, end


def _redact_hex_encoded_secrets_in_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column in which hexadecimal that spells a secret is redacted, as text would be."""
    values = [value for value in column.unique().tolist() if isinstance(value, str)]
    spelled = {
        value: bytes.fromhex(value).decode("latin-1")
        for value in values
        if _HEXADECIMAL.match(value)
    }
    redacted = redacted_form_of_each_text_with_secrets(dict.fromkeys(spelled.values()))
    instead = {
        value: _redact_hexadecimal_spans(value, _secret_spans_in_bytes(text, redacted[text]))
        for value, text in spelled.items()
        if text in redacted
    }
    return column.map(lambda value: instead.get(value, value)) if instead else column


def _redact_hexadecimal_spans(value: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, at = list[str](), 0
    for begin, end in spans:
        parts += value[2 * at : 2 * begin], REDACTED
        at = end
    return "".join([*parts, value[2 * at :]])


#: Columns that name what stands in another column of the same row.
_NAME_COLUMNS = ("name", "key", "param_id", "param", "parameter", "setting", "label", "field")
_VALUE_COLUMNS = ("value", "param_value", "setting_value", "text_value")
#: Names of settings whose text gives access, as autopilots write them.
_SECRET_SETTING = re.compile(
    r"PASS(?!ED|ENGER|IVE|THR|BAND)|PSK|PWD|SECRET|TOKEN|_KEY\b|PIN$|PUK$", re.IGNORECASE
)


def is_secret_setting(name: str) -> bool:
    """Return whether a setting of this name gives access, where its value is a text."""
    return _SECRET_SETTING.search(name) is not None or is_secret_or_personal_field_name(name)


def _redact_named_values_in_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records in which a text beside the name of a secret is redacted."""
    names = next((name for name in _NAME_COLUMNS if name in frame.columns), None)
    values = [name for name in _VALUE_COLUMNS if name in frame.columns]
    if names is None or not values or not frame.columns.is_unique:
        return frame
    secret = _secret_setting_name_mask(frame[names])
    if not secret.any():
        return frame
    for name in values:
        texts = np.array([isinstance(value, str) and value != "" for value in frame[name]], bool)
        if (secret & texts).any():
            frame = frame.assign(**{name: frame[name].mask(secret & texts, REDACTED)})
    return frame


def _secret_setting_name_mask(names: "pd.Series[Any]") -> npt.NDArray[np.bool_]:
    values = names.to_numpy(object).tolist()
    # A log repeats the few names it has thousands of times.
    distinct = {name for name in values if isinstance(name, str)}
    secret = {name for name in distinct if is_secret_setting(name)}
    return np.array([isinstance(name, str) and name in secret for name in values], np.bool_)
