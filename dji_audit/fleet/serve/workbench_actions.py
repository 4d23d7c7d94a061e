"""The work that a browser may ask for: run, acknowledge, make a dossier; one thing at a time."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

import parsers
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.case_details import CaseDetails, CaseDetailsError, checked_case_details
from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.safe_text import whole_visible_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError
from dji_audit.fleet.dashboard import draw_fleet_page
from dji_audit.fleet.output_folder import INDEX_FILE, OutputError
from dji_audit.fleet.run import FinishedRun, Progress, RunOptions, audit_paths
from dji_audit.fleet.serve.acknowledgements_file import AcknowledgementError, add_acknowledgements
from dji_audit.fleet.serve.auditable_folders import AllowedEvidenceFolders
from dji_audit.fleet.serve.evidence_uploads import EvidenceUploads, UploadLimits
from dji_audit.fleet.serve.open_findings import (
    OPEN,
    SETTLED,
    figures_and_findings_of_state,
    findings_by_fingerprint,
)
from dji_audit.fleet.state.state_folder import open_state_folder

#: What lies below a state for the browser: pages, dossiers, and what it settled.
PAGES_FOLDER, DOSSIERS_FOLDER = "served-results", "dossiers"
ACKNOWLEDGED_FILE, FLEET_PAGE_FILE = "acknowledged.csv", "fleet.html"
#: What the last run for the browser read, for the next start of the server.
LAST_RUN_FILE = "last-served-run.json"
#: Findings that are acknowledged at once.
MAX_ACKNOWLEDGED = 200
#: Seconds that the end of the server waits for a run to keep what it found out.
_END_OF_RUN_S = 60.0


class WorkbenchError(Exception):
    """What was asked for cannot be done; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierOrder:
    """A dossier that a browser asks for."""

    paths: Sequence[Path]
    #: The options of the run, with the details of the case, and without state and output.
    run: RunOptions
    #: The archive to write.
    out: Path
    with_originals: bool


class _InputsOfLastRun(BaseModel):
    """What the last run read; without a file nothing."""

    folders: list[str] = Field(default_factory=list)
    delivered_files: int = 0


#: Makes a dossier, and raises `WorkbenchError` where it cannot be made.
MakeDossier = Callable[[DossierOrder, Progress], None]


@dataclass(slots=True)
class _BackgroundJob:
    """What is being done, or was done last."""

    kind: str
    state: str = "running"
    done: int = 0
    total: int = 0
    name: str = ""
    message: str = ""
    is_stopped: threading.Event = field(default_factory=threading.Event)

    def as_shown_on_page(self) -> dict[str, object]:
        """Return what a person sees of it."""
        return {
            "kind": self.kind,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "name": self.name,
            "message": self.message,
        }

    def note_progress(self, done: int, total: int, name: str) -> None:
        """Note how far it is; end it if somebody stopped it.

        Raises:
            KeyboardInterrupt: If somebody did: a run then ends as one that is interrupted.
        """
        if self.is_stopped.is_set():
            raise KeyboardInterrupt
        self.done, self.total, self.name = done, total, whole_visible_text(name)


class WorkbenchActions:
    """What a browser may do with a state."""

    def __init__(
        self,
        options: RunOptions,
        evidence: Sequence[Path],
        make_dossier: MakeDossier,
        limits: UploadLimits | None = None,
    ) -> None:
        """Prepare the folders of a state.

        Args:
            options: How runs are made; its state must be named, its output folder is not used.
            evidence: Folders of this computer that may be audited.
            make_dossier: Makes a dossier.
            limits: How much a browser may write.

        Raises:
            OutputError: If the state cannot be used.
        """
        if options.state is None:
            raise OutputError("name the folder of a state")
        self.state = options.state
        self.results = self.state / PAGES_FOLDER
        self.dossiers = self.state / DOSSIERS_FOLDER
        self.folders = AllowedEvidenceFolders(self.state, evidence)
        _make_state_if_missing(self.state)
        try:
            self.deliveries = EvidenceUploads(self.state, limits)
            self.dossiers.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.state}: {os_error_reason(error)}") from error
        supplied = options.context_files.acknowledged
        self.acknowledged = supplied or self.state / ACKNOWLEDGED_FILE
        self._options = replace(options, out=self.results)
        self._make_dossier = make_dossier
        self._lock = threading.Lock()
        self._job: _BackgroundJob | None = None
        self._thread: threading.Thread | None = None
        self._dossier_hashes: dict[str, str] = {}

    def as_shown_on_page(self) -> dict[str, object]:
        """Return everything that the page shows."""
        amount, job = self.deliveries.uploaded_file_count_and_size, self._job
        try:
            results, fault = figures_and_findings_of_state(self.state, self.results), ""
        except OutputError as error:
            results, fault = None, str(error)
        return {
            "job": None if job is None else job.as_shown_on_page(),
            "delivered": {
                "files": amount.files,
                "size": amount.size,
                "new": max(
                    amount.files - self._folders_and_uploads_of_last_run().delivered_files, 0
                ),
            },
            "folders": self.folders.display_texts_by_folder_name(),
            "results": results,
            "fault": fault,
            "has_index": (self.results / INDEX_FILE).is_file(),
            "has_fleet": (self.results / FLEET_PAGE_FILE).is_file(),
            "acknowledged_file": whole_visible_text(self.acknowledged),
            "dossiers": self._dossier_files_with_hashes(),
        }

    def begin_audit(self, folders: Sequence[str]) -> None:
        """Audit what was delivered, and folders of this computer.

        Args:
            folders: Names of `AllowedEvidenceFolders`.

        Raises:
            WorkbenchError: If there is nothing to audit, or something else is being done.
        """
        paths = self._paths_of_chosen_folders(folders)
        self._begin_job("audit", lambda job: self._audit_and_draw_dashboard(paths, job))

    def _folders_and_uploads_of_last_run(self) -> "_InputsOfLastRun":
        try:
            return _InputsOfLastRun.model_validate_json((self.state / LAST_RUN_FILE).read_bytes())
        except (OSError, ValidationError):
            return _InputsOfLastRun()

    def acknowledge_findings(self, fingerprints: Sequence[str], by: str, reason: str) -> None:
        """Write that a person settled findings, and judge again.

        Raises:
            WorkbenchError: If one of them is not a finding that counts, the file cannot be written,
                or something else is being done.
        """
        self._write_decision_and_judge_again(fingerprints, by, reason, OPEN)

    def take_back_acknowledgements(self, fingerprints: Sequence[str], by: str, reason: str) -> None:
        """Write that a person takes acknowledgements of findings back, and judge again.

        Raises:
            WorkbenchError: If one of them is not a finding that is acknowledged, the file cannot be
                written, or something else is being done.
        """
        self._write_decision_and_judge_again(fingerprints, by, reason, SETTLED)

    def _write_decision_and_judge_again(
        self, fingerprints: Sequence[str], by: str, reason: str, outcome: str
    ) -> None:
        chosen = tuple(dict.fromkeys(fingerprints))
        if not chosen:
            raise WorkbenchError("choose findings first")
        if len(chosen) > MAX_ACKNOWLEDGED:
            raise WorkbenchError(f"choose at most {MAX_ACKNOWLEDGED} findings at once")
        day = dt.datetime.now().astimezone().date()
        with self._lock:
            self._refuse_second_job()
            read = self._folders_and_uploads_of_last_run().folders
            # A run of the command line is not known here: then all that is allowed is read.
            chosen_folders = (
                self.folders.folder_names_of_paths(read)
                if read
                else list(self.folders.display_texts_by_folder_name())
            )
            paths = self._paths_of_chosen_folders(chosen_folders)
            try:
                known = findings_by_fingerprint(self.state, chosen, outcome)
                if len(known) < len(chosen):
                    raise WorkbenchError(
                        "a finding that was chosen is not in its list any more: look again"
                    )
                add_acknowledgements(
                    self.acknowledged,
                    [known[it] for it in chosen],
                    by,
                    reason,
                    day,
                    taken_back=outcome == SETTLED,
                )
            except (AcknowledgementError, OutputError) as error:
                raise WorkbenchError(str(error)) from error
            self._begin_job_while_locked(
                "judge", lambda job: self._audit_and_draw_dashboard(paths, job)
            )

    def begin_dossier(
        self, folders: Sequence[str], case: Mapping[str, str], *, with_originals: bool
    ) -> None:
        """Make a dossier of what was delivered, and of folders of this computer.

        Args:
            folders: Names of `AllowedEvidenceFolders`.
            case: What is stated of the case: ``reference``, ``exhibit``, ``made_by``.
            with_originals: Whether the evidence itself is inside.

        Raises:
            WorkbenchError: If there is nothing to put inside, a detail cannot be printed, or
                something else is being done.
        """
        paths = self._paths_of_chosen_folders(folders)
        try:
            details = checked_case_details(
                case.get("reference"), case.get("exhibit"), case.get("made_by")
            )
        except CaseDetailsError as error:
            raise WorkbenchError(str(error)) from error
        self._begin_job(
            "dossier",
            lambda job: self._write_dossier_and_return_message(paths, details, with_originals, job),
        )

    def stop_job(self) -> None:
        """Stop what is being done at the next file; what was found out is kept."""
        job = self._job
        if job is not None and job.state == "running":
            job.is_stopped.set()

    def stop_job_and_wait(self) -> None:
        """Stop what is being done, and wait until it ended."""
        self.stop_job()
        if self._thread is not None:
            self._thread.join(_END_OF_RUN_S)

    def wait_for_job(self, timeout_s: float) -> None:
        """Wait until nothing is being done."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _paths_of_chosen_folders(self, folders: Sequence[str]) -> tuple[Path, ...]:
        paths = self.folders.paths_of_folder_names(folders)
        if paths is None:
            raise WorkbenchError("a folder that was chosen is not there any more")
        if self.deliveries.uploaded_file_count_and_size.files:
            paths = (self.deliveries.folder, *paths)
        if not paths:
            raise WorkbenchError("drop files or choose a folder first")
        return paths

    def _begin_job(self, kind: str, work: Callable[[_BackgroundJob], str]) -> None:
        with self._lock:
            self._refuse_second_job()
            self._begin_job_while_locked(kind, work)

    def _refuse_second_job(self) -> None:
        if self._job is not None and self._job.state == "running":
            raise WorkbenchError("wait until what is being done has ended")

    def _begin_job_while_locked(self, kind: str, work: Callable[[_BackgroundJob], str]) -> None:
        self._job = job = _BackgroundJob(kind)
        self._thread = threading.Thread(
            target=_run_job_and_record_outcome, args=(job, work), name=kind, daemon=True
        )
        self._thread.start()

    def _audit_and_draw_dashboard(self, paths: tuple[Path, ...], job: _BackgroundJob) -> str:
        delivered = self.deliveries.uploaded_file_count_and_size.files
        finished = audit_paths(paths, self._run_options(), job.note_progress)
        last = _InputsOfLastRun(folders=[str(path) for path in paths], delivered_files=delivered)
        try:
            write_atomically(self.state / LAST_RUN_FILE, last.model_dump_json())
            fleet_page = self.results / FLEET_PAGE_FILE
            fleet_page.write_text(draw_fleet_page(self.state, self.results), "utf-8")
        except OSError as error:
            raise OutputError(f"{self.results}: {os_error_reason(error)}") from error
        return _verdict_line_of_run(finished)

    def _run_options(self) -> RunOptions:
        files = self._options.context_files
        acknowledged = self.acknowledged if self.acknowledged.is_file() else files.acknowledged
        return replace(self._options, context_files=replace(files, acknowledged=acknowledged))

    def _write_dossier_and_return_message(
        self, paths: Sequence[Path], case: CaseDetails, with_originals: bool, job: _BackgroundJob
    ) -> str:
        numbers = [
            int(it.stem.rpartition("-")[2])
            for it in self.dossiers.glob("dossier-*.zip")
            if it.stem.rpartition("-")[2].isdecimal()
        ]
        out = self.dossiers / f"dossier-{max(numbers, default=0) + 1:04}.zip"
        run = replace(
            self._run_options(), out=None, state=None, case=case or self._options.case, pages=None
        )
        order = DossierOrder(paths=paths, run=run, out=out, with_originals=with_originals)
        self._make_dossier(order, job.note_progress)
        return f"{out.name} is made"

    def _dossier_files_with_hashes(self) -> list[dict[str, object]]:
        made: list[dict[str, object]] = []
        for path in sorted(self.dossiers.glob("dossier-*.zip"), reverse=True):
            if path.is_symlink() or not path.is_file():
                continue
            if path.name not in self._dossier_hashes:
                self._dossier_hashes[path.name] = file_sha256(path)
            made.append(
                {
                    "name": path.name,
                    "size": path.stat().st_size,
                    "sha256": self._dossier_hashes[path.name],
                }
            )
        return made


def _run_job_and_record_outcome(job: _BackgroundJob, work: Callable[[_BackgroundJob], str]) -> None:
    """Do a job in its own thread; however it ends, the page says how."""
    state, message = "failed", "it ended by an error of dji-audit; its terminal says which"
    try:
        state, message = "done", work(job)
    except KeyboardInterrupt:
        state, message = "stopped", "stopped; what was found out is kept"
    except (
        WorkbenchError,
        OutputError,
        PolicyError,
        SuppliedFileError,
        parsers.InvalidKeysError,
    ) as error:
        state, message = "failed", whole_visible_text(error)
    finally:
        # Any other error is a fault of ours: the page names it, and the thread prints its trace.
        job.message, job.state = message, state


def _verdict_line_of_run(finished: FinishedRun) -> str:
    return whole_visible_text(finished.verdict.line)


def _make_state_if_missing(state: Path) -> None:
    """Make a state that is not there; one that is stays as it is.

    Raises:
        OutputError: If it is no state, cannot be made, or is used by a run.
    """
    with open_state_folder(state):
        pass
