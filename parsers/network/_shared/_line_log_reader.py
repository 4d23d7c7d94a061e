"""A text whose lines are records: what all such formats share of reading it.

A format subclasses ``LineLogReader``: it returns the kind of each line and adds its contacts.
Coverage, issues, capture window and records on demand follow from that.
"""

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._formats import Format
from ..._model import Clock, HostReference, Issue, Log, Source
from .._text._text_lines import (
    FLIGHT_TABLES,
    LineBatch,
    LineKinds,
    RecordsParsedFromLinesOnDemand,
    TextFile,
    classify_lines_into_byte_coverage,
)
from .._text._wall_clock_to_utc import WallClockToUtc
from ._contact_rows import ContactRows, contacts_capture_window
from ._which_facts_logs_record import CONTACT_FACTS

#: Kinds of record that a log has at most; what is of a further one is of this.
_MAX_KINDS, OTHER_KIND = 1000, "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockVersionAndIssuesOfLineLog:
    """What holds for a text as a whole, known once all its lines are read."""

    #: Where times come from, if there are any.
    clock: Clock
    #: Which form of the format it is.
    version: str | None = None
    #: Conversations seen, and those of them without a host name; ``None``: such a log does not
    #: see them.
    flow_count: int | None = None
    unnamed_flow_count: int | None = None
    #: Conversations that such a log leaves out, in words.
    excluded_traffic: str = ""
    #: Hosts that are named and no contacts.
    host_references: Sequence[HostReference] = ()
    issues: Sequence[Issue] = ()


@dataclass(eq=False)
class LineLogReader(ABC):
    """Reads the lines of one text, batch by batch."""

    #: What the text lacks if no line of it is a record, for the error.
    expected: ClassVar[str]
    #: Why a line is no record, for the issue.
    not_a_record: ClassVar[str]

    contacts: ContactRows = field(default_factory=ContactRows)
    #: Kind of record -> numbers of its lines, rising.
    lines: dict[str, "array[int]"] = field(default_factory=dict)
    #: What hid names -> how often.
    blind_spots: Counter[str] = field(default_factory=Counter)

    @abstractmethod
    def read_lines(self, batch: LineBatch) -> LineKinds:
        """Read the lines of a batch; return what each is."""

    @abstractmethod
    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a record, by its number and text."""

    @abstractmethod
    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        """Return what holds for the text as a whole, after its last batch."""

    @property
    def is_full(self) -> bool:
        """Whether no more records can be held, so that the rest of the text is not read."""
        return self.contacts.is_full

    def has_no_records(self) -> bool:
        """Return whether nothing of the text belongs to the format."""
        return not self.lines

    def add_record_line(self, kind: str, number: int) -> None:
        """Note that a line is a record of a kind."""
        self.add_record_lines(kind, (number,))

    def add_record_lines(self, kind: str, numbers: Iterable[int]) -> None:
        """Note that some lines, by their numbers, are records of a kind.

        A text chooses the names of its kinds: after very many of them, others are ``other``.
        """
        if kind not in self.lines and len(self.lines) >= _MAX_KINDS:
            kind = OTHER_KIND
        self.lines.setdefault(kind, array("q")).extend(numbers)


@dataclass(eq=False)
class WallClockLogReader(LineLogReader):
    """Reads the lines of a text whose times lack their zone, or their year too."""

    wall_clock: WallClockToUtc = field(default_factory=lambda: WallClockToUtc(None))

    @classmethod
    def for_content_with_declared_clock(cls, content: Content) -> Self:
        """Return the reader of a text, whose times are as a person declared its clock."""
        return cls(wall_clock=WallClockToUtc(content.declared_clock))


def read_line_log(content: Content, format_name: str, reader: LineLogReader) -> Log:
    """Return the log of a text; a line that is no record is an issue.

    Raises:
        CorruptLogError: If nothing of the text belongs to the format.
    """
    coverage = classify_lines_into_byte_coverage(
        TextFile(content),
        reader.read_lines,
        reader.not_a_record,
        lambda: reader.is_full,
    )
    if reader.has_no_records():
        raise CorruptLogError(0, reader.expected, repr(content.head[:20]))
    summary = reader.summary()
    table = reader.contacts.table()
    spans = coverage.coverage_spans()
    issues = [*coverage.issues, *summary.issues]
    return Log(
        Source.from_content(content, format_name, summary.version),
        clock=summary.clock if table["time"].notna().any() else replace(summary.clock, source=None),
        contacts=table,
        host_references=tuple(summary.host_references),
        capture_window=contacts_capture_window(
            table,
            summary.flow_count,
            summary.unnamed_flow_count,
            reader.blind_spots,
            summary.excluded_traffic,
        ),
        issues=tuple(sorted(issues, key=lambda issue: issue.offset)),
        coverage=spans,
        unrecorded_tables=FLIGHT_TABLES,
        _records=_line_records_by_kind(coverage.text, reader.lines, reader.fields_of_line),
    )


def _line_records_by_kind(
    text: TextFile,
    lines: "Mapping[str, array[int]]",
    fields: Callable[[int, str], dict[str, Any]],
) -> dict[str, RecordsParsedFromLinesOnDemand]:
    return {
        # Lines of several kinds may be gathered under one name: they stay in their order.
        kind: RecordsParsedFromLinesOnDemand(text, np.sort(np.array(numbers, np.int64)), fields)
        for kind, numbers in sorted(lines.items())
        if numbers
    }


def build_line_log_format(
    name: str,
    title: str,
    reference: str,
    claims: Callable[[Content], bool],
    reader_of: Callable[[Content], LineLogReader],
) -> Format:
    """Return the format of a text, from what claims it and what reads its lines."""

    def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
        return read_line_log(content, name, reader_of(content))

    # The documentation of a format is that of the module of its functions.
    read.__module__ = claims.__module__
    return Format(name, title, reference, claims, read, facts=CONTACT_FACTS, skips_filled_tail=True)
