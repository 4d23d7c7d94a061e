"""``dji-audit report``: the results of a run in one document."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import typer

from dji_audit import mapper
from dji_audit.cli._terminal import (
    generation_time_of_option_or_env_or_none,
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli.export._export import audit_and_print_files_not_read_whole
from dji_audit.cli.export._options import ReportFormatName, ReportOptions
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.exports import ExportError, refuse_writing_into_evidence
from dji_audit.fleet.dashboard.monthly_report import (
    MONTHLY_FORMATS,
    gather_monthly_report_figures,
    render_monthly_report_in_format,
)
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.questions.answer import QuestionError
from dji_audit.fleet.run import FinishedRun
from dji_audit.mapper.is_typst_installed import TYPST_IS_MISSING, is_typst_installed
from dji_audit.mapper.pdf_sheets import SheetsError, typeset_run_sheets
from dji_audit.report.markdown import run_markdown
from dji_audit.report.report_json_and_csv import flights_csv
from dji_audit.report.workbook import WorkbookError, require_xlsxwriter_installed, run_workbook

#: Documents that no terminal can show, as a message calls them.
_NO_TEXT = {"xlsx": "a workbook", "pdf": "a PDF"}


def report_command(paths: Sequence[Path], options: ReportOptions) -> int:
    """Audit and write one document; return the exit code."""
    if options.template == "monthly":
        return monthly_report_command(paths, options)
    if options.month is not None:
        raise print_error_and_return_exit("--month belongs to --template monthly")
    out = options.out
    given = paths_with_those_listed_on_stdin(paths)
    chosen = _chosen_report_format(options, "json")
    _refuse_unwritable_output(chosen, out)
    try:
        if chosen == "xlsx":
            require_xlsxwriter_installed()
        if out is not None:
            refuse_writing_into_evidence(out, given)
    except (WorkbookError, ExportError) as error:
        raise print_error_and_return_exit(str(error)) from error
    if chosen == "pdf" and not is_typst_installed():
        raise print_error_and_return_exit(TYPST_IS_MISSING)
    finished = audit_and_print_files_not_read_whole(given, options, None)
    if finished is None:
        return ExitCode.INTERRUPTED
    try:
        document = render_run_document(
            finished, options, chosen, generation_time_of_option_or_env_or_none(options.now)
        )
    except SheetsError as error:
        raise print_error_and_return_exit(str(error)) from error
    _write_document_or_print(document, out)
    print_to_stderr(terminal_safe_text(f"VERDICT  {finished.verdict.line}"))
    return finished.verdict.exit_code


def monthly_report_command(paths: Sequence[Path], options: ReportOptions) -> int:
    """Write a month of the fleet of a state; return the exit code."""
    if len(paths) != 1:
        raise print_error_and_return_exit(
            "--template monthly needs one path: the state of an audit"
        )
    chosen = _chosen_report_format(options, "md")
    if chosen not in MONTHLY_FORMATS:
        raise print_error_and_return_exit(
            f"--template monthly is written as {', '.join(MONTHLY_FORMATS)}"
        )
    _refuse_unwritable_output(chosen, options.out)
    try:
        report = gather_monthly_report_figures(paths[0], options.month)
        document = render_monthly_report_in_format(
            report, chosen, generation_time_of_option_or_env_or_none(options.now)
        )
    except (QuestionError, OutputError, SheetsError) as error:
        raise print_error_and_return_exit(str(error)) from error
    _write_document_or_print(document, options.out)
    return 0


def _chosen_report_format(options: ReportOptions, default: str) -> str:
    """Return the format that ``--format`` names, else the name of the file, else the default."""
    if options.format is not None:
        return options.format
    suffix = "" if options.out is None else options.out.suffix.lower().removeprefix(".")
    return suffix if suffix in get_args(ReportFormatName) else default


def _refuse_unwritable_output(chosen: str, out: Path | None) -> None:
    """Refuse an output that cannot be written before anything is read.

    Raises:
        typer.Exit: If it is a folder, or none is named for a document that is no text.
    """
    if out is None and chosen in _NO_TEXT:
        words = _NO_TEXT[chosen]
        raise print_error_and_return_exit(f"{words} is not text: name the file to write with --out")
    if out is not None and out.is_dir():
        raise print_error_and_return_exit(f"{out} is a folder; name the file to write")


def _write_document_or_print(document: bytes, out: Path | None) -> None:
    if out is None:
        print_to_stdout(document.decode("utf-8"))
        return
    try:
        write_atomically(out, (document,))
    except OSError as error:
        raise print_os_error_and_return_exit(out, error) from error
    typer.echo(terminal_safe_text(out))


def render_run_document(
    finished: FinishedRun,
    options: ReportOptions,
    chosen: str,
    generated: dt.datetime | None,
) -> bytes:
    """Return the document of a run in the format that a user chose.

    Raises:
        SheetsError: If it is to be a PDF that cannot be set.
    """
    contents, case = finished.contents, options.case_details()
    line = finished.verdict.line
    if chosen == "xlsx":
        return run_workbook(
            contents, basis=finished.basis, generated=generated, verdict_line=line, case=case
        )
    if chosen == "csv":
        return flights_csv(contents.flights).encode("utf-8")
    if chosen == "md":
        text = run_markdown(
            contents, basis=finished.basis, generated=generated, verdict_line=line, case=case
        )
        return text.encode("utf-8")
    if chosen == "html":
        page = mapper.render_index_page_html(
            contents,
            mapper.IndexPageOptions(
                basis=finished.basis,
                generated=generated,
                verdict_line=line,
                local_zone=options.timezone,
                case=case,
            ),
        )
        return page.encode("utf-8")
    report = finished.report_json_text.encode("utf-8")
    if chosen == "pdf":
        return typeset_run_sheets(
            contents,
            basis=finished.basis,
            generated=generated,
            verdict_line=line,
            report_sha256=hashlib.sha256(report).hexdigest(),
            case=case,
        )
    return report
