"""Writes the documents of a return or a national table into a folder."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.mapper.pdf_sheets import SheetsError
from dji_audit.mapper.sectioned_document import SectionedDocument, document_pdf


def write_survey_documents_and_print_names(
    folder: Path,
    documents: Mapping[str, str],
    pdf_name: str,
    for_people: SectionedDocument,
    generated: dt.datetime | None,
    *,
    inside_none_of: Sequence[Path] = (),
) -> None:
    """Write documents, replace those of an earlier run, and print their names.

    Where typst is not installed, there is no PDF, and a warning says so.

    Args:
        folder: Where to; it is made.
        documents: File name -> text.
        pdf_name: File name of the PDF.
        for_people: What the PDF says.
        generated: Time to print in it; ``None``: none.
        inside_none_of: Folders in which nothing may be written.

    Raises:
        typer.Exit: If they cannot be written.
    """
    target = folder.resolve()
    for path in inside_none_of:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise print_error_and_return_exit(f"{folder} lies inside {path}: name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in documents.items():
            write_atomically(folder / name, text)
            typer.echo(terminal_safe_text(folder / name))
        try:
            write_atomically(folder / pdf_name, (document_pdf(for_people, generated),))
        except SheetsError as error:
            # One of an earlier run would not belong to the others.
            (folder / pdf_name).unlink(missing_ok=True)
            print_to_stderr(f"warning  no {pdf_name}: {terminal_safe_text(error)}")
        else:
            typer.echo(terminal_safe_text(folder / pdf_name))
    except OSError as error:
        raise print_os_error_and_return_exit(folder, error) from error
