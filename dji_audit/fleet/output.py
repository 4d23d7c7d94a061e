"""Where the results of a run go: a folder of its own, never inside evidence."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from dji_audit.report.documents import SCHEMA

PAGES, INDEX, REPORT, TABLE = "flights", "index.html", "report.json", "flights.csv"
#: Lies in the folder from the first page to the last file, and stays if a run is stopped.
UNFINISHED = "UNFINISHED.txt"
_UNFINISHED_TEXT = (
    b"dji-audit began to write results into this folder and did not come to an end: what lies\n"
    b"here is no result.  Run the same command again.\n"
)
#: How a page of a flight ends: its log's name, the id of the flight, four digits.
_PAGE = re.compile(r"-[0-9a-f]{8}-[0-9]+-[0-9a-f]{4}\.html\Z")


class OutputError(Exception):
    """The folder for the results cannot be used; the message says why."""


def prepare(out: Path, paths: Sequence[Path]) -> tuple[Path, frozenset[str]]:
    """Return the folder for pages, never inside the evidence, and an earlier run's pages."""
    # The folder for pages may be a link that leads elsewhere.
    written = out.resolve(), (out / PAGES).resolve()
    for path in paths:
        if path.is_dir() and any(place.is_relative_to(path.resolve()) for place in written):
            raise OutputError(f"{out} lies inside {path}: nothing is written into evidence")
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file, not a folder")
        earlier = _earlier(out) if out.is_dir() and any(out.iterdir()) else frozenset()
        pages = out / PAGES
        pages.mkdir(parents=True, exist_ok=True)
        (out / UNFINISHED).write_bytes(_UNFINISHED_TEXT)
    except OSError as error:
        raise OutputError(f"{out}: {(error.strerror or str(error)).lower()}") from error
    return pages, earlier


def finish(out: Path) -> None:
    """Take the mark of an unfinished run away: all results are written."""
    (out / UNFINISHED).unlink(missing_ok=True)


def _stopped(out: Path) -> bool:
    """Return whether a run was stopped before it had written all into a folder."""
    mark = out / UNFINISHED
    return mark.is_file() and mark.read_bytes() == _UNFINISHED_TEXT


def _earlier(out: Path) -> frozenset[str]:
    """Return the names of an earlier run's pages; refuse a folder with anything else's work."""
    if _stopped(out):
        pages = (out / PAGES).iterdir() if (out / PAGES).is_dir() else ()
        return frozenset(page.name for page in pages if _PAGE.search(page.name))
    try:
        report = json.loads((out / REPORT).read_bytes())
        earlier = report.get("schema") == SCHEMA
        names = [flight.get("page") for flight in report.get("flights", [])]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit") from error
    if not earlier:
        raise OutputError(f"{out} is not empty and not an earlier result of dji-audit")
    # Only the name counts: a report is a file like any other and may be forged.
    return frozenset(
        Path(name).name for name in names if isinstance(name, str) and name.endswith(".html")
    )
