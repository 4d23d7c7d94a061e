"""``dji-audit incident``: the minutes around one moment, for an inquiry."""

import datetime as dt
import re
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from dji_audit.cli._options import IncidentOptions
from dji_audit.cli._terminal import (
    checked_timezone_name,
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.cli.evidence._read_flights import read_flights_to_show
from dji_audit.cli.evidence._read_logs import reread_and_merge_flights_or_exit
from dji_audit.common.case_details import CaseDetails
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.audit import (
    AuditInputProvenance,
    audit_flight,
    provenance_of_policy_catalogue_and_context,
)
from dji_audit.flights import Flight
from dji_audit.incident import (
    SUMS_FILE,
    IncidentDocument,
    IncidentWindow,
    NoFlightAtThatTimeError,
    build_incident_document,
    flights_in_window,
    incident_bundle_files,
    incident_sheets_pdf,
)
from dji_audit.mapper.pdf_sheets import SheetsError

_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
#: A line of the list of hashes of an earlier bundle.
_SUMS_LINE = re.compile(r"[0-9a-f]{64}  ([A-Za-z0-9._-]+)")


def incident_command(paths: Sequence[Path], options: IncidentOptions) -> int:
    """Write the bundle of each flight at a moment; return the exit code."""
    zone = checked_timezone_name(options.timezone) if options.timezone else None
    window = IncidentWindow(
        moment=_parse_moment(options.time, zone),
        before_s=options.before,
        after_s=options.after,
    )
    if options.out is None:
        raise print_error_and_return_exit("name the folder to write with --out")
    read = read_flights_to_show(paths, options)
    policy, context, evidence = read.policy, read.context, read.evidence
    # Only flights of that time are read whole: logs of the others hold nothing of it.
    overlaps = [it.may_overlap(window.start, window.end) for it in evidence.flights]
    apart = [it for it, near in zip(evidence.flights, overlaps, strict=True) if not near]
    same_time = reread_and_merge_flights_or_exit(evidence, compress(evidence.flights, overlaps))
    try:
        chosen = flights_in_window(same_time, window, [(it.start, it.end) for it in apart])
    except NoFlightAtThatTimeError as error:
        raise print_error_and_return_exit(str(error), ExitCode.NOTHING) from error
    basis, case = (
        provenance_of_policy_catalogue_and_context(policy, context),
        options.case_details(),
    )
    folders = _output_folder_of_each_bundle(options.out, chosen)
    for folder in folders:
        _refuse_unsuitable_bundle_folder(folder, read.given)
    for flight, folder in zip(chosen, folders, strict=True):
        document = build_incident_document(
            audit_flight(flight, policy, context),
            same_time,
            window,
            unplaced_count=sum(not it.has_timed_position for it in apart),
            basis=basis,
            context=context,
            local_zone=zone,
            case=case,
        )
        _write_incident_bundle(
            folder,
            incident_bundle_files(
                document, _pdf_sheets_or_none(document, basis, case, read.generated)
            ),
        )
        typer.echo(terminal_safe_text(folder / "incident.html"))
    return ExitCode.INCOMPLETE if read.unread else ExitCode.DONE


def _pdf_sheets_or_none(
    document: IncidentDocument,
    basis: AuditInputProvenance,
    case: CaseDetails,
    generated: dt.datetime | None,
) -> bytes | None:
    """Return the two sheets; ``None``, with a warning, where they cannot be set."""
    try:
        return incident_sheets_pdf(
            document, tool_version=basis.tool_version, case=case, generated=generated
        )
    except SheetsError as error:
        print_to_stderr(f"warning  no sheets: {error}; the page prints them too")
        return None


def _parse_moment(text: str, zone: str | None) -> pd.Timestamp:
    """Return an instant; without an offset it is by the clock of the time zone that was named."""
    try:
        moment = dt.datetime.fromisoformat(text)
        is_whole = _DATE_AND_TIME.match(text) is not None
        has_zone = moment.tzinfo is not None or zone is not None
        if is_whole and has_zone:
            stamp = pd.Timestamp(moment)
            local = stamp if stamp.tzinfo is not None else stamp.tz_localize(ZoneInfo(zone or ""))
            return local.tz_convert("UTC")
    except ValueError:
        pass
    raise print_error_and_return_exit(
        f"--time {text} is not one instant; use 2026-05-14T10:04:30Z, or a local time that "
        "happened once, with --timezone"
    )


def _output_folder_of_each_bundle(out: Path, flights: Sequence[Flight]) -> list[Path]:
    """Return the folder of each flight: the one named, or below it one named after each."""
    if len(flights) == 1:
        return [out]
    return [out / re.sub(r"[^A-Za-z0-9._-]", "-", flight.id) for flight in flights]


def _refuse_unsuitable_bundle_folder(folder: Path, evidence: Sequence[Path]) -> None:
    """Refuse a folder inside the evidence, and one that holds anything but an earlier bundle."""
    target = folder.resolve()
    for path in evidence:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise print_error_and_return_exit(
                f"{folder} lies inside {path}: nothing is written into evidence"
            )
    try:
        if folder.exists() and not folder.is_dir():
            raise print_error_and_return_exit(f"{folder} is a file, not a folder")
        present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        if present - _file_names_of_earlier_bundle(folder):
            raise print_error_and_return_exit(
                f"{folder} is not empty and not an earlier bundle of dji-audit"
            )
    except OSError as error:
        raise print_os_error_and_return_exit(folder, error) from error


def _file_names_of_earlier_bundle(folder: Path) -> set[str]:
    sums = folder / SUMS_FILE
    if not sums.is_file():
        return set()
    lines = sums.read_text("utf-8", "replace").splitlines()
    return {SUMS_FILE} | {found[1] for line in lines if (found := _SUMS_LINE.fullmatch(line))}


def _write_incident_bundle(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files, the list of hashes last, and remove those of an earlier bundle."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _file_names_of_earlier_bundle(folder):
            (folder / name).unlink(missing_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise print_os_error_and_return_exit(folder, error) from error
