"""Logs of files that are no text of lines, and of decrypted requests among them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..._byte_coverage import CoverageSpan
from ..._file_content import Content
from ..._model import Clock, Issue, Log, NetworkCaptureWindow, RecordsOfType, Source
from ..._shared._sqlite_database import SqliteDatabase
from .._text._text_lines import FLIGHT_TABLES
from ._contact_rows import contacts_capture_window
from ._decrypted_requests import (
    DecryptedRequest,
    decrypted_request_contacts,
    decrypted_request_record,
)
from ._records_from_items import RecordsFromItems


def build_binary_log(
    content: Content,
    name: str,
    records: Mapping[str, RecordsOfType],
    window: NetworkCaptureWindow | None,
    **more: Any,
) -> Log:
    """Return the log of a file that is no text of lines."""
    return Log(
        Source.from_content(content, name, more.pop("version", None)),
        capture_window=window,
        unrecorded_tables=FLIGHT_TABLES,
        _records={kind: rows for kind, rows in sorted(records.items()) if len(rows)},
        **more,
    )


def build_database_log(
    content: Content,
    name: str,
    records: Mapping[str, RecordsOfType],
    window: NetworkCaptureWindow,
    database: SqliteDatabase,
    contacts: pd.DataFrame,
    clock: Clock,
    issues: Iterable[Issue] = (),
) -> Log:
    """Return the log of a database whose rows were read.

    Args:
        content: The file.
        name: Name of its format.
        records: Kind of record -> the records.
        window: How much of the time it can have seen.
        database: The database; what of it was read is its coverage.
        contacts: Its contacts.
        clock: Where their times come from, if any has one.
        issues: What was not read and why, beside what the database tells of itself.
    """
    spans = tuple(merge_adjacent_spans(database.coverage_spans()))
    found = sorted([*issues, *database.issues], key=lambda issue: issue.offset)
    return build_binary_log(
        content,
        name,
        records,
        window,
        clock=clock if contacts["time"].notna().any() else Clock(),
        contacts=contacts,
        issues=tuple(found),
        coverage=spans,
    )


def build_log_of_decrypted_requests(
    content: Content,
    name: str,
    record: str,
    requests: Sequence[DecryptedRequest],
    *,
    clock: Clock,
    excluded_traffic: str,
    secrets: int,
    issues: Iterable[Issue],
    spans: Iterable[CoverageSpan],
    version: str | None = None,
) -> Log:
    """Return the log of decrypted requests.

    Args:
        content: The file.
        name: Name of its format.
        record: Name of the records.
        requests: All that were read, in file order.
        clock: Where their times come from, if any has one.
        excluded_traffic: Conversations that such a file leaves out, in words.
        secrets: Cookies and credentials in headers, which are left out.
        issues: What was not read, and why.
        spans: What every byte is.
        version: Which form of the format it is.
    """
    rows = decrypted_request_contacts(requests)
    remarks = [*issues]
    if secrets:
        what = f"{secrets} cookies and credentials in headers left out"
        remarks.append(Issue(requests[0].offset, 0, what))
    table = rows.table()
    # A look-up is no conversation with the host that it names.
    flows = [request for request in requests if request.target.scheme != "dns"]
    unnamed = sum(request.target.host is None for request in flows)
    return build_binary_log(
        content,
        name,
        {record: RecordsFromItems(requests, decrypted_request_record)},
        contacts_capture_window(table, len(flows), unnamed, excluded_traffic=excluded_traffic),
        version=version,
        clock=clock if table["time"].notna().any() else Clock(),
        contacts=table,
        issues=tuple(sorted(remarks, key=lambda issue: issue.offset)),
        coverage=tuple(merge_adjacent_spans(spans)),
    )


def merge_adjacent_spans(spans: Iterable[CoverageSpan]) -> Iterator[CoverageSpan]:
    """Yield pieces that lie end to end, those of one kind that touch as one; empty ones are not."""
    current: CoverageSpan | None = None
    for span in spans:
        if current is not None and (current.kind == span.kind or not span.size):
            current = CoverageSpan(current.offset, current.size + span.size, current.kind)
            continue
        if current is not None and current.size:
            yield current
        current = span
    if current is not None and current.size:
        yield current
