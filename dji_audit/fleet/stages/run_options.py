"""What a user may choose for a run."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.context import NO_CONTEXT, ContextFiles
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import Policy
from dji_audit.exports import ExportTarget
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.ingest import DEFAULT_SETTINGS, IngestSettings
from dji_audit.redaction import PositionRedactionMethod


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user may choose for a run."""

    policy: Policy
    #: How files are found and opened.
    ingest: IngestSettings = DEFAULT_SETTINGS
    out: Path | None = None
    #: Worker processes; 0: everything is done in this one.
    jobs: int = 0
    timeout_s: float = 600.0
    fail_on: Severity = Severity.MEDIUM
    allow_partial: bool = False
    generated: dt.datetime | None = None
    #: IANA time zone shown beside UTC; ``None``: that of the place flown.
    timezone: str | None = None
    #: Files that the unit supplies besides the logs.
    context_files: ContextFiles = NO_CONTEXT
    #: IANA time zone that the user declares for local clocks of unknown zone.
    camera_timezone: str | None = None
    #: What a person states of the case.
    case: CaseDetails = NO_CASE_DETAILS
    #: Whether flights and run are drawn as PDF too.
    pdf: bool = False
    #: Whether the tables of the run are written as Parquet beside the report.
    parquet: bool = False
    #: Records, or ``RECORD.FIELD``, whose numbers can be plotted on pages.
    plots: tuple[str, ...] = ()
    #: What is exported besides, and where to; ``None``: nothing.
    exports: ExportTarget | None = None
    #: What becomes of positions, names and serial numbers before anything is written; ``None``:
    #: they stay.
    redaction: PositionRedactionMethod | None = None
    #: Folder where what a run finds out is kept for the next; ``None``: it goes with the run.
    state: Path | None = None
    #: Whether files are not hashed again that the disk states to be what they were in the state.
    trust_mtime: bool = False
    #: Address of the scheduler of a cluster that does the work; ``None``: this computer does.
    scheduler: str | None = None
    #: The HTML file of the page of one flight, or of the index of several whose pages lie in a
    #: folder beside it: nothing else is written then, and ``out`` is not used.
    map_file: Path | None = None
    #: Latitude and longitude whose times in view are found, WGS 84 degrees; ``None``: none are.
    place: tuple[float, float] | None = None
    #: Of which flights pages are drawn; ``None``: of all where there are few, else of those that
    #: need a look.
    pages: PagesToDraw | None = None

    @property
    def run_date(self) -> dt.date | None:
        """The date of the run, if the user gave a time."""
        return self.generated.date() if self.generated is not None else None
