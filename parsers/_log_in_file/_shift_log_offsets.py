"""A log that was read from its own first byte on, at the offsets of the file around it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._file_content import Content
from .._model import TABLES, FileAccount, Issue, Log, RecordsOfType


@dataclass(frozen=True, slots=True)
class ShiftToFileOffsets:
    """How offsets in the bytes that a reader read become offsets in the file."""

    #: The whole file.
    content: Content
    #: Byte of the file at which the log begins.
    begin: int
    #: Bytes before it that the reader read and the file does not hold: an assumed head.
    assumed: int

    def mapped_offset(self, offset: int) -> int:
        """Return an offset in the file; what lies in the assumed head begins with the log."""
        return max(0, offset - self.assumed) + self.begin

    def mapped_offsets(self, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return offsets in the file, as ``mapped_offset`` does each."""
        return np.maximum(offsets - self.assumed, 0) + self.begin

    def mapped_issue(self, issue: Issue) -> Issue:
        """Return an issue at its offset in the file."""
        hidden = min(max(0, self.assumed - issue.offset), issue.size)
        return replace(issue, offset=self.mapped_offset(issue.offset), size=issue.size - hidden)

    def mapped_spans(self, spans: Sequence[CoverageSpan]) -> tuple[CoverageSpan, ...]:
        """Return spans at their offsets in the file, without those of the assumed head."""
        moved = []
        for span in spans:
            end = span.offset + span.size
            if end > self.assumed:
                start = self.mapped_offset(span.offset)
                moved.append(CoverageSpan(start, self.mapped_offset(end) - start, span.kind))
        return tuple(moved)


class OffsetMapper(Protocol):
    """How offsets in the bytes that a reader read become offsets in others."""

    def mapped_offset(self, offset: int) -> int:
        """Return one offset."""

    def mapped_offsets(self, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return some offsets."""

    def mapped_issue(self, issue: Issue) -> Issue:
        """Return an issue at its offset."""

    def mapped_spans(self, spans: Sequence[CoverageSpan]) -> Sequence[CoverageSpan]:
        """Return spans at their offsets."""


@dataclass(frozen=True, slots=True)
class _ShiftedRecords:
    """Records with their offsets in the file."""

    records: RecordsOfType
    shift: OffsetMapper

    def __len__(self) -> int:
        return len(self.records)

    def to_dataframe(self) -> pd.DataFrame:
        frame = self.records.to_dataframe()
        if "offset" in frame.columns:
            offsets = frame["offset"].to_numpy(np.int64)
            frame = frame.assign(offset=self.shift.mapped_offsets(offsets))
        return frame


def log_with_shifted_offsets(
    log: Log, shift: ShiftToFileOffsets, lead: CoverageSpan, issues: Sequence[Issue]
) -> Log:
    """Return a log with every offset in the file.

    Args:
        log: As it was read from its own first byte.
        shift: Where that byte lies.
        lead: What the bytes before the log are.
        issues: What is to be said of them.
    """
    spans = (*((lead,) if lead.size else ()), *shift.mapped_spans(log.coverage))
    return log_with_replaced_offsets(log, shift, shift.content, spans, issues)


def log_with_replaced_offsets(
    log: Log,
    shift: OffsetMapper,
    content: Content,
    spans: Sequence[CoverageSpan],
    issues: Sequence[Issue] = (),
) -> Log:
    """Return a log with every offset in other bytes.

    Args:
        log: As it was read from its own first byte.
        shift: How its offsets become those in the other bytes.
        content: The other bytes.
        spans: What these are.
        issues: What is to be said of those outside the log.
    """
    changed: dict[str, Any] = {}
    for name in TABLES:
        table: pd.DataFrame = getattr(log, name)
        if len(table):
            offsets = table["source_offset"].to_numpy(np.int64)
            changed[name] = table.assign(source_offset=shift.mapped_offsets(offsets))
    for declared in fields(log):
        value = getattr(log, declared.name)
        if isinstance(value, tuple) and value and hasattr(value[0], "source_offset"):
            changed[declared.name] = tuple(
                _item_with_mapped_source_offset(each, shift) for each in value
            )
        elif isinstance(value, tuple) and value and hasattr(value[0], "offsets"):
            changed[declared.name] = tuple(
                replace(each, offsets=shift.mapped_offsets(each.offsets)) for each in value
            )
        elif is_dataclass(value) and hasattr(value, "source_offset"):
            changed[declared.name] = _item_with_mapped_source_offset(value, shift)
    source = replace(
        log.source,
        size=len(content),
        sha256=content.sha256,
        file_sha256=content.file_sha256,
    )
    return replace(
        log,
        source=source,
        issues=(*issues, *map(shift.mapped_issue, log.issues)),
        coverage=spans,
        _records={name: _ShiftedRecords(each, shift) for name, each in log._records.items()},
        **changed,
    )


def file_account_with_shifted_offsets(
    account: FileAccount, shift: ShiftToFileOffsets, lead: CoverageSpan, issues: Sequence[Issue]
) -> FileAccount:
    """Return the account of a file from that of the log behind its first bytes.

    The arguments are those of `log_with_shifted_offsets`.
    """
    spans = (*((lead,) if lead.size else ()), *shift.mapped_spans(account.coverage))
    return file_account_with_replaced_offsets(account, shift, shift.content, spans, issues)


def file_account_with_replaced_offsets(
    account: FileAccount,
    shift: OffsetMapper,
    content: Content,
    spans: Sequence[CoverageSpan],
    issues: Sequence[Issue],
) -> FileAccount:
    """Return the account of a file from that of other bytes.

    The arguments are those of `log_with_replaced_offsets`.
    """
    return replace(
        account,
        size=len(content),
        sha256=content.sha256,
        coverage=spans,
        issues=(*issues, *map(shift.mapped_issue, account.issues)),
    )


def _item_with_mapped_source_offset(value: Any, shift: OffsetMapper) -> Any:
    return replace(value, source_offset=shift.mapped_offset(value.source_offset))
