"""The output folder of a run: a folder of its own, never inside evidence."""

import csv
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from dji_audit.common.atomic_files import remove_unfinished_files
from dji_audit.common.os_errors import os_error_reason
from dji_audit.report.schema_version import SCHEMA_NAME

PAGES_FOLDER, INDEX_FILE, REPORT_FILE, FLIGHTS_FILE = (
    "flights",
    "index.html",
    "report.json",
    "flights.csv",
)
#: The report as JSON Lines: one row to a line.
REPORT_LINES_FILE = "report.jsonl"
#: The sheets of a run, and those of a flight beside its page, where PDF is asked for.
REPORT_PDF_FILE, PDF_SUFFIX = "report.pdf", ".pdf"
#: Tables of the fixes of redacted flights.
REDACTED_FIXES_FOLDER = "redacted-fixes"
#: Lies in the folder from the first page to the last file, and stays if a run is stopped.
UNFINISHED_FILE = "UNFINISHED.txt"
_UNFINISHED_TEXT = (
    b"dji-audit started to write results into this folder and did not finish: the files here\n"
    b"are not a result.  Run the same command again.\n"
)
#: Bytes of a report that is read whole to see what it is.
_MAX_REPORT_READ_WHOLE = 1 << 23
#: How the name of a flight's page ends: the id of the flight, four hexadecimal digits.
_PAGE = re.compile(r"-[0-9a-f]{8}-[0-9]+-[0-9a-f]{4}\.html\Z")


class OutputError(Exception):
    """The output folder cannot be used; the message says why."""


def raise_first_failure(failures: Iterable[str]) -> None:
    """Go through what workers say of what they wrote.

    Args:
        failures: Of each document why it could not be written; empty: it is there.

    Raises:
        OutputError: With the first reason.
    """
    for failure in failures:
        if failure:
            raise OutputError(failure)


def prepare_pages_folder_and_list_earlier_pages(
    out: Path, paths: Sequence[Path]
) -> tuple[Path, frozenset[str]]:
    """Return the folder for pages, never inside the evidence, and the pages of an earlier run."""
    # The folder for pages may be a link to another folder.
    targets = out.resolve(), (out / PAGES_FOLDER).resolve()
    for path in paths:
        if path.is_dir() and any(target.is_relative_to(path.resolve()) for target in targets):
            raise OutputError(f"{out} lies inside {path}: nothing is written into evidence")
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file, not a folder")
        earlier_pages = (
            _page_names_of_earlier_run(out) if out.is_dir() and any(out.iterdir()) else frozenset()
        )
        pages = out / PAGES_FOLDER
        pages.mkdir(parents=True, exist_ok=True)
        (out / UNFINISHED_FILE).write_bytes(_UNFINISHED_TEXT)
    except OSError as error:
        raise OutputError(f"{out}: {os_error_reason(error)}") from error
    return pages, earlier_pages


def remove_unfinished_marker_file(out: Path) -> None:
    """Remove the mark of an unfinished run: all results are written, and on the disk.

    What workers left that were killed while they wrote goes too.
    """
    for folder in (out, out / PAGES_FOLDER):
        remove_unfinished_files(folder)
    if hasattr(os, "sync"):
        os.sync()
    (out / UNFINISHED_FILE).unlink(missing_ok=True)


def _holds_unfinished_marker_file(out: Path) -> bool:
    """Return whether a run was stopped before it had written all its results."""
    mark = out / UNFINISHED_FILE
    return mark.is_file() and mark.read_bytes() == _UNFINISHED_TEXT


def _page_names_of_earlier_run(out: Path) -> frozenset[str]:
    """Return the names of an earlier run's pages; refuse a folder that holds anything else."""
    if _holds_unfinished_marker_file(out):
        pages = (out / PAGES_FOLDER).iterdir() if (out / PAGES_FOLDER).is_dir() else ()
        return frozenset(page.name for page in pages if _PAGE.search(page.name))
    try:
        schema, names = _schema_and_pages_of_report(out)
    except (OSError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit") from error
    # Of any version: results of an earlier one may be replaced too.
    if not str(schema).startswith(f"{SCHEMA_NAME}/"):
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit")
    # Only the name is used: a report is a file like any other and may be forged.
    return frozenset(
        Path(name).name for name in names if isinstance(name, str) and name.endswith(".html")
    )


def _schema_and_pages_of_report(out: Path) -> tuple[object, list[object]]:
    """Return what the results in a folder say of their schema, and the pages that they name.

    Raises:
        OSError: If a file cannot be read.
        ValueError: If it is no result.
        TypeError: If it is no result.
        AttributeError: If it is no result.
        csv.Error: If the table of flights is none.
    """
    if (out / REPORT_FILE).stat().st_size <= _MAX_REPORT_READ_WHOLE:
        report = json.loads((out / REPORT_FILE).read_bytes())
        return report.get("schema"), [it.get("page") for it in report.get("flights", [])]
    # The report of a large run takes more memory than the run may; its lines begin with the run.
    with (out / REPORT_LINES_FILE).open("rb") as lines:
        first = json.loads(lines.readline(_MAX_REPORT_READ_WHOLE))
    with (out / FLIGHTS_FILE).open(encoding="utf-8", errors="replace", newline="") as table:
        pages: list[object] = [row.get("page") for row in csv.DictReader(table)]
    return first.get("row").get("schema"), pages


def redacted_fixes_csv_path(out: Path, flight_id: str) -> Path:
    """Return the table of the moved fixes of a redacted flight, from which its shape is checked."""
    return out / REDACTED_FIXES_FOLDER / f"{flight_id}.csv"
