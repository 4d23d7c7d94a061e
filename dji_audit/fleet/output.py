"""Where the results of a run go: a folder of its own, never inside evidence."""

import json
from collections.abc import Sequence
from pathlib import Path

from dji_audit.report.documents import SCHEMA

PAGES, INDEX, REPORT, TABLE = "flights", "index.html", "report.json", "flights.csv"


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
    except OSError as error:
        raise OutputError(f"{out}: {(error.strerror or str(error)).lower()}") from error
    return pages, earlier


def _earlier(out: Path) -> frozenset[str]:
    """Return the names of an earlier run's pages; refuse a folder with anything else's work."""
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
