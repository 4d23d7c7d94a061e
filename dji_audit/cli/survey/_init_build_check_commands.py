"""``dji-audit survey init``, ``build`` and ``check``: one return."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit.cli._terminal import (
    generation_time_of_option_or_env_or_none,
    print_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
    write_new_file_and_print_path,
)
from dji_audit.cli.survey._write_survey_documents import write_survey_documents_and_print_names
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.survey.answers import HowAnswerIsKnown
from dji_audit.fleet.survey.check_answers import (
    conflicting_answer_sentences,
    missing_answer_sentences,
)
from dji_audit.fleet.survey.declared_return import SurveyError, load_declared_return
from dji_audit.fleet.survey.new_unanswered_survey_file import new_survey_toml
from dji_audit.fleet.survey.police_bodies import (
    PoliceBodyRegister,
    load_police_bodies,
    shipped_police_bodies,
)
from dji_audit.fleet.survey.survey_return import (
    SurveyReturn,
    build_survey_return,
    find_survey_return_files,
    load_survey_return,
)
from dji_audit.fleet.survey.survey_return_documents import (
    RETURN_CSV,
    RETURN_JSON,
    RETURN_MARKDOWN,
    RETURN_PDF,
    survey_return_documents,
    survey_return_sectioned_document,
)
from dji_audit.fleet.survey.surveyed_flights import read_flights_and_contacts_of_audits

_FILE_OF_FORMAT = {"json": RETURN_JSON, "csv": RETURN_CSV, "md": RETURN_MARKDOWN}


def init_command(path: Path) -> int:
    """Write the questions; return the exit code."""
    write_new_file_and_print_path(path, new_survey_toml())
    return 0


def build_command(
    answers: Path, audits: Sequence[Path], out: Path | None, format_: str, now: str | None
) -> int:
    """Build a return, and print or write it; return the exit code."""
    generated = generation_time_of_option_or_env_or_none(now)
    try:
        records = read_flights_and_contacts_of_audits(list(audits)) if audits else None
        built = build_survey_return(load_declared_return(answers), records)
    except SurveyError as error:
        raise print_error_and_return_exit(str(error)) from error
    documents = survey_return_documents(built)
    if out is not None:
        write_survey_documents_and_print_names(
            out,
            documents,
            RETURN_PDF,
            survey_return_sectioned_document(built),
            generated,
            inside_none_of=audits,
        )
    elif format_ in _FILE_OF_FORMAT:
        print_to_stdout(documents[_FILE_OF_FORMAT[format_]])
    else:
        _print_observed_and_declared(built)
    missing = missing_answer_sentences(built)
    _print_contradictions(built)
    _print_survey_return_summary(built, len(missing))
    if built.contradictions:
        return ExitCode.NEEDS_LOOK
    return ExitCode.INCOMPLETE if missing else ExitCode.DONE


def check_survey_returns_command(
    files: Sequence[Path], bodies_file: Path | None, format_: str
) -> int:
    """Say what returns lack and where they disagree; return the exit code."""
    bodies = police_body_register_from_options("commissioner", bodies_file)
    try:
        checked = [load_survey_return(path) for path in find_survey_return_files(files)]
    except SurveyError as error:
        raise print_error_and_return_exit(str(error)) from error
    rows = []
    for built in checked:
        conflicts = conflicting_answer_sentences(built, bodies)
        conflicts += tuple(f"{it.field}: {it.text}" for it in built.contradictions)
        rows.append(
            (built.name_in_messages, built.body, conflicts, missing_answer_sentences(built))
        )
    if format_ == "json":
        objects = [
            {"file": file, "body": body, "contradictions": conflicts, "missing": missing}
            for file, body, conflicts, missing in rows
        ]
        print_to_stdout(json.dumps(objects, indent=1, ensure_ascii=True) + "\n")
    else:
        for file, body, conflicts, missing in rows:
            typer.echo(terminal_safe_text(f"{file}: {body or 'body not given'}"))
            for text in conflicts:
                typer.echo(terminal_safe_text(f"  contradiction  {text}"))
            for text in missing:
                typer.echo(terminal_safe_text(f"  missing        {text}"))
            if not conflicts and not missing:
                typer.echo("  complete")
    if any(conflicts for _, _, conflicts, _ in rows):
        return ExitCode.NEEDS_LOOK
    return ExitCode.INCOMPLETE if any(missing for *_, missing in rows) else ExitCode.DONE


def police_body_register_from_options(asked: str, bodies_file: Path | None) -> PoliceBodyRegister:
    """Return the list of bodies that the options of a command name.

    Raises:
        typer.Exit: If it cannot be used.
    """
    if asked not in ("commissioner", "all", "listed"):
        raise print_error_and_return_exit(f"--asked {asked}: write commissioner, all or listed")
    if asked == "listed" and bodies_file is None:
        raise print_error_and_return_exit("--asked listed needs a list of bodies: --bodies FILE")
    try:
        if bodies_file is None:
            return shipped_police_bodies(asked)
        return load_police_bodies(bodies_file, asked)
    except SurveyError as error:
        raise print_error_and_return_exit(str(error)) from error


def _print_observed_and_declared(built: SurveyReturn) -> None:
    """Print each answer in a line or two, section by section."""
    section = ""
    for answer in built.answers:
        if answer.section != section:
            section = answer.section
            typer.echo(f"\n{section}" if answer is not built.answers[0] else section)
        if answer.basis is HowAnswerIsKnown.NOT_IN_LOGS:
            typer.echo(f"  {answer.field}: {answer.basis.value}; not declared")
            continue
        parts = [
            f"{name} {text}"
            for name, text in (("observed", answer.observed), ("declared", answer.declared))
            if text is not None
        ]
        typer.echo(terminal_safe_text(f"  {answer.field}: {'; '.join(parts)}"[:400]))
    typer.echo("")


def _print_contradictions(built: SurveyReturn) -> None:
    for found in built.contradictions:
        print_to_stderr(terminal_safe_text(f"CONTRADICTION  {found.field}: {found.text}"))


def _print_survey_return_summary(built: SurveyReturn, missing: int) -> None:
    if built.observed is None:
        print_to_stderr("no results of an audit were given: nothing is observed (--from, --state)")
    counts = {basis: sum(it.basis is basis for it in built.answers) for basis in HowAnswerIsKnown}
    text = ", ".join(f"{count} {basis.value}" for basis, count in counts.items())
    print_to_stderr(
        f"{pluralised_count(len(built.answers), 'answer')}: {text}; "
        f"{pluralised_count(len(built.contradictions), 'contradiction')}; "
        f"{missing} missing" + (" (survey check lists them)" if missing else "")
    )
