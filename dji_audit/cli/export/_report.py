"""``dji-audit report``: the results of a run in one document."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit import mapper
from dji_audit.cli._terminal import (
    INTERRUPTED,
    exit_with_error,
    paths_including_stdin,
    print_to_stderr,
    print_to_stdout,
    time_of_run,
)
from dji_audit.cli.export._export import run_for_documents
from dji_audit.cli.export._options import ReportOptions
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.exports import ExportError, refuse_writing_into_evidence
from dji_audit.fleet.dashboard.monthly_report import (
    MONTHLY_FORMATS,
    monthly_document,
    monthly_report,
)
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.questions import QuestionError
from dji_audit.fleet.run import FinishedRun
from dji_audit.report.documents import flights_csv
from dji_audit.report.markdown import run_markdown
from dji_audit.report.workbook import WorkbookError, check_workbook_writer, run_workbook


def report_command(paths: Sequence[Path], options: ReportOptions) -> int:
    """Audit and write one document; return the exit code."""
    if options.template == "monthly":
        return monthly_report_command(paths, options)
    if options.month is not None:
        raise exit_with_error("--month belongs to --template monthly")
    out = options.out
    given = paths_including_stdin(paths)
    try:
        if options.format == "xlsx":
            check_workbook_writer()
            if out is None:
                raise exit_with_error("a workbook is no text: name the file to write with --out")
        if out is not None:
            if out.is_dir():
                raise exit_with_error(f"{out} is a folder; name the file to write")
            refuse_writing_into_evidence(out, given)
    except (WorkbookError, ExportError) as error:
        raise exit_with_error(str(error)) from error
    finished = run_for_documents(given, options, None)
    if finished is None:
        return INTERRUPTED
    document = report_document(finished, options, time_of_run(options.now))
    _write_document(document, out)
    print_to_stderr(terminal_safe_text(f"VERDICT  {finished.verdict.line}"))
    return finished.verdict.exit_code


def monthly_report_command(paths: Sequence[Path], options: ReportOptions) -> int:
    """Write a month of the fleet of a state; return the exit code."""
    if len(paths) != 1:
        raise exit_with_error("--template monthly needs one path: the state of an audit")
    # Where no format is given, text that people read.
    chosen = "md" if options.format == "json" and _suffix(options.out) != "json" else options.format
    if chosen not in MONTHLY_FORMATS:
        raise exit_with_error(f"--template monthly is written as {', '.join(MONTHLY_FORMATS)}")
    try:
        document = monthly_document(monthly_report(paths[0], options.month), chosen)
    except (QuestionError, OutputError) as error:
        raise exit_with_error(str(error)) from error
    _write_document(document, options.out)
    return 0


def _suffix(out: Path | None) -> str:
    return "" if out is None else out.suffix.lower().removeprefix(".")


def _write_document(document: bytes, out: Path | None) -> None:
    if out is None:
        print_to_stdout(document.decode("utf-8"))
        return
    try:
        write_atomically(out, (document,))
    except OSError as error:
        raise exit_with_error(f"{out}: {os_error_reason(error)}") from error
    typer.echo(terminal_safe_text(out))


def report_document(
    finished: FinishedRun, options: ReportOptions, generated: dt.datetime | None
) -> bytes:
    """Return the document of a run in the format that a user chose."""
    contents, case = finished.contents, options.case_details()
    line = finished.verdict.line
    if options.format == "xlsx":
        return run_workbook(
            contents, basis=finished.basis, generated=generated, verdict_line=line, case=case
        )
    if options.format == "csv":
        return flights_csv(contents.flights).encode("utf-8")
    if options.format == "md":
        text = run_markdown(
            contents, basis=finished.basis, generated=generated, verdict_line=line, case=case
        )
        return text.encode("utf-8")
    if options.format == "html":
        page = mapper.draw_index_page(
            contents,
            basis=finished.basis,
            generated=generated,
            verdict_line=line,
            local_zone=options.timezone,
            case=case,
        )
        return page.encode("utf-8")
    return finished.report.encode("utf-8")
