"""The result of a run."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.flights import PointSightingsInFlight
from dji_audit.ingest.input_files import DiscoveredFiles
from dji_audit.redaction import HowRunWasRedacted
from dji_audit.report.report_json_and_csv import report_json_pieces
from dji_audit.report.rows import RunContents
from dji_audit.report.run_verdict import RunVerdict
from dji_audit.report.triage import RunTriage


@dataclass(frozen=True, slots=True)
class ReusedAndNewCounts:
    """How much of a run was known from earlier runs, and what these found that is gone."""

    known_files: int
    read_files: int
    known_flights: int
    audited_flights: int
    #: Files that the last run over the same paths found.
    removed_files: tuple[str, ...]
    #: Files that were not hashed, because the disk states that they did not change.
    trusted_files: int = 0
    #: Results that no run used any more, and that were removed from the state.
    swept_results: int = 0
    #: Whether nothing has changed since the last run, so that its results stand.
    stands_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The result of a run; rows of a large one lie on disk until nothing refers to them."""

    contents: RunContents
    verdict: RunVerdict
    #: What a person reads first of it.
    triage: RunTriage
    basis: AuditInputProvenance
    #: The files that were found below the paths; ``None``: nothing has changed since an earlier
    #: run, and none of them was opened but to be hashed.
    evidence: DiscoveredFiles | None
    #: Time of the run, if the user gave one, and what a person states of the case.
    generated: dt.datetime | None = None
    case: CaseDetails = NO_CASE_DETAILS
    #: The exports that were written.
    exports: tuple[Path, ...] = ()
    #: When the place was in view that was asked for: of each flight, and of each recording that
    #: is in none; empty: no place was.
    in_view: Sequence[PointSightingsInFlight] = ()
    #: How it was redacted; ``None``: it was not.
    redaction: HowRunWasRedacted | None = None
    #: What of it was known from earlier runs; ``None``: nothing is kept from run to run.
    kept: ReusedAndNewCounts | None = None
    #: Flights of which no page was drawn because it was not asked for; 0: of none, or no results
    #: were written.
    flights_without_page: int = 0

    @property
    def report_json_text(self) -> str:
        """The report as one text: of a large run it may not fit into memory."""
        return "".join(self.report_json_pieces())

    def report_json_pieces(self, lines: BinaryIO | None = None) -> Iterator[str]:
        """Yield the report row by row.

        Args:
            lines: Where the same goes as JSON Lines.
        """
        return report_json_pieces(
            self.basis, self.generated, self.contents, self.verdict, self.case, lines
        )
