"""Secrets taken out of everything that a reader gives a ``Log``: where no reader can forget it.

``Log`` calls ``redact_log_fields_and_list_secrets`` when it is made, so that it never holds a
secret, whoever made it.  What was looked at before, and was not replaced since, is not looked at
again.  Records are decoded when they are asked for, and redacted then (``redact_data_frame``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ._redact_secrets import (
    ColumnSecrets,
    RedactedText,
    distinct_texts,
    iterate_enclosing_dataclasses_and_texts,
    redact_column_and_list_redacted_rows,
    redact_contact_paths_and_list_redacted_rows,
    redact_nested_texts_and_list_secrets,
    redacted_form_of_each_text_with_secrets,
)

#: Secrets whose places are listed; a log that holds more says so.
MAX_LISTED_SECRETS = 10_000
_MAX_SHOWN_PLACES = 8
#: Table -> the column that names the record of a row; of the track it is the log's.
_RECORD_COLUMNS: Mapping[str, str | None] = {
    "track": None, "events": "record", "captures": "source", "contacts": "evidence",
}  # fmt: skip
#: Fields without any text of a log: numbers, and words of closed sets.
_FIELDS_WITHOUT_TEXTS = frozenset({"coverage", "local_times"})


@dataclass(frozen=True, slots=True)
class RedactedSecret:
    """That a text of a log held a secret, which is redacted everywhere; and where it stands."""

    #: What gave it away: "password", "stream key" …
    kind: str
    #: The record, or the field of the log, that holds it.
    record: str
    #: Byte in the file of that record, so that who may look can find it.
    source_offset: int


@dataclass(frozen=True, slots=True)
class _FoundSecret:
    secret: RedactedSecret
    #: The secret itself, to count one that stands in several tables once; never stored.
    value: str


def redact_log_fields_and_list_secrets(
    values: Mapping[str, Any], redacted: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[RedactedSecret, ...]]:
    """Return the fields of a log that held secrets, without them, and what was found.

    Args:
        values: The fields of a log by name.
        redacted: Fields that this function saw before.
    """
    fresh = {
        name: value
        for name, value in values.items()
        if name not in _FIELDS_WITHOUT_TEXTS and redacted.get(name) is not value
    }
    secrets = redacted_form_of_each_text_with_secrets(
        dict.fromkeys(_iterate_field_texts(fresh.values()))
    )
    replaced: dict[str, Any] = {}
    found: list[_FoundSecret] = []
    for name, value in fresh.items():
        if isinstance(value, pd.DataFrame):
            record = str(values.get(f"{name}_record", name))
            clean = _redact_table_and_collect_secrets(
                value, secrets, _RECORD_COLUMNS.get(name), record, found
            )
        elif secrets:
            clean, places = redact_nested_texts_and_list_secrets(value, secrets)
            found += _found_secrets_of_objects(name, places)
        else:
            continue
        if clean is not value:
            replaced[name] = clean
    return replaced, _distinct_redacted_secrets(found, secrets)


def _iterate_field_texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, pd.DataFrame):
            for name in _text_column_names(value):
                yield from distinct_texts(value[name])
        else:
            yield from (text for _, text in iterate_enclosing_dataclasses_and_texts(value))


def _text_column_names(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns of a table that hold texts; none of one without rows."""
    if not len(frame):
        return []
    dtypes = zip(frame.columns, frame.dtypes, strict=True)
    return [str(name) for name, dtype in dtypes if isinstance(dtype, pd.StringDtype)]


def _redact_table_and_collect_secrets(
    frame: pd.DataFrame,
    redacted: Mapping[str, RedactedText],
    record_column: str | None,
    record: str,
    found: list[_FoundSecret],
) -> pd.DataFrame:
    """Return a table without secrets: itself where it holds none."""
    columns: dict[str, Any] = {}
    for name in _text_column_names(frame) if redacted else ():
        clean, secrets = redact_column_and_list_redacted_rows(frame[name], redacted)
        if secrets:
            columns[name] = clean
            found += _found_secrets_of_rows(frame, secrets, record_column, record)
    if "protocol" in frame and len(frame):
        paths, secrets = redact_contact_paths_and_list_redacted_rows(
            frame.assign(**columns) if columns else frame
        )
        if secrets:
            columns["path"] = paths
            found += _found_secrets_of_rows(frame, secrets, record_column, record)
    return frame.assign(**columns) if columns else frame


def _found_secrets_of_rows(
    frame: pd.DataFrame, secrets: ColumnSecrets, record_column: str | None, record: str
) -> Iterator[_FoundSecret]:
    offsets = frame["source_offset"].to_numpy()
    records = None if record_column is None else frame[record_column].to_numpy(object)
    for row, each in secrets:
        name = record if records is None or not isinstance(records[row], str) else records[row]
        yield from _found_secrets_of_redacted_text(each, name, int(offsets[row]))


def _found_secrets_of_objects(
    field: str, secrets: Sequence[tuple[Any, RedactedText]]
) -> Iterator[_FoundSecret]:
    for owner, each in secrets:
        record = getattr(owner, "record", None)
        offset = getattr(owner, "source_offset", getattr(owner, "offset", 0))
        yield from _found_secrets_of_redacted_text(
            each,
            record if isinstance(record, str) and record else field,
            offset if isinstance(offset, int) else 0,
        )


def _found_secrets_of_redacted_text(
    each: RedactedText, record: str, offset: int
) -> Iterator[_FoundSecret]:
    for value, (_, _, kind) in zip(each.values, each.secrets, strict=True):
        yield _FoundSecret(RedactedSecret(kind, record, offset), value)


def _distinct_redacted_secrets(
    found: Iterable[_FoundSecret], redacted: Mapping[str, RedactedText]
) -> tuple[RedactedSecret, ...]:
    """Return each secret of a record once, in the order of the file."""
    distinct: dict[tuple[int, str], RedactedSecret] = {}
    for each in found:
        secret = each.secret
        if secret.record in redacted:
            secret = replace(secret, record=redacted[secret.record].text)
        distinct.setdefault((secret.source_offset, each.value), secret)
    in_order = sorted(distinct.values(), key=lambda secret: (secret.source_offset, secret.record))
    return tuple(in_order)


def describe_secrets(secrets: Sequence[RedactedSecret]) -> str:
    """Return what an issue says about secrets: how many of what kind, and where they stand."""
    kinds = Counter(secret.kind for secret in secrets)
    counted = ", ".join(
        kind if number == 1 else f"{kind}: {number}" for kind, number in sorted(kinds.items())
    )
    places = list(dict.fromkeys((secret.record, secret.source_offset) for secret in secrets))
    shown = ", ".join(f"{record} at byte {at}" for record, at in places[:_MAX_SHOWN_PLACES])
    more = len(places) - _MAX_SHOWN_PLACES
    rest = f" and {more} more places" if more > 0 else ""
    count = "a secret is" if len(secrets) == 1 else f"{len(secrets)} secrets are"
    return f"{count} redacted ({counted}): {shown}{rest}"
