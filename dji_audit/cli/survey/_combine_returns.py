"""``dji-audit survey combine``: the national table."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit.cli._terminal import (
    generation_time_of_option_or_env_or_none,
    print_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli.survey._init_build_check_commands import police_body_register_from_options
from dji_audit.cli.survey._write_survey_documents import write_survey_documents_and_print_names
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.survey.declared_return import SurveyError
from dji_audit.fleet.survey.national_documents import (
    BODIES_CSV,
    NATIONAL_JSON,
    NATIONAL_MARKDOWN,
    NATIONAL_PDF,
    national_document,
    national_document_texts_by_file_name,
)
from dji_audit.fleet.survey.national_table import (
    NationalSurveyResults,
    combine_returns_into_national_table,
)
from dji_audit.fleet.survey.survey_return import find_survey_return_files, load_survey_return

_FILE_OF_FORMAT = {"json": NATIONAL_JSON, "csv": BODIES_CSV, "md": NATIONAL_MARKDOWN}


def combine_command(
    paths: Sequence[Path],
    *,
    survey: str | None,
    asked_on: str | None,
    closed_on: str | None,
    asked: str,
    bodies: Path | None,
    out: Path | None,
    format_: str,
    now: str | None,
) -> int:
    """Combine returns, and print or write the table; return the exit code."""
    generated = generation_time_of_option_or_env_or_none(now)
    listed = police_body_register_from_options(asked, bodies)
    try:
        table = combine_returns_into_national_table(
            [load_survey_return(path) for path in find_survey_return_files(paths)],
            listed,
            survey=survey,
            asked_on=_parse_day(asked_on, "--asked-on"),
            closed_on=_parse_day(closed_on, "--closed-on"),
        )
    except SurveyError as error:
        raise print_error_and_return_exit(str(error)) from error
    documents = national_document_texts_by_file_name(table)
    if out is not None:
        write_survey_documents_and_print_names(
            out, documents, NATIONAL_PDF, national_document(table), generated
        )
    elif format_ in _FILE_OF_FORMAT:
        print_to_stdout(documents[_FILE_OF_FORMAT[format_]])
    if out is not None or format_ == "table":
        _print_national_table(table)
    for each in table.uncounted:
        text = f"not counted  {each.file}: {each.reason}"
        print_to_stderr(terminal_safe_text(text))
    return ExitCode.NEEDS_LOOK if table.uncounted else ExitCode.DONE


def _print_national_table(table: NationalSurveyResults) -> None:
    """Print the figures, and who did not reply."""
    replied = table.figure("replied")
    typer.echo(terminal_safe_text(f"{replied.count} of {replied.of} bodies replied"))
    names = "; ".join(table.names_of_bodies_without_reply) or "none"
    typer.echo(terminal_safe_text(f"did not reply: {names}"))
    typer.echo(terminal_safe_text(f"drones: {table.fleet.value_text}"))
    for figure in table.figures:
        if figure.id not in ("replied", "not_replied") and (figure.of or figure.not_stated):
            typer.echo(terminal_safe_text(f"{figure.text}: {figure.value_text}"))
    for row in table.corrections:
        typer.echo(
            terminal_safe_text(
                f"corrected: {row.body}, {row.field}: {row.returned} -> {row.corrected}"
            )[:400]
        )


def _parse_day(text: str | None, option: str) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise print_error_and_return_exit(
            f"{option} {text} is not a date; use YYYY-MM-DD"
        ) from error
