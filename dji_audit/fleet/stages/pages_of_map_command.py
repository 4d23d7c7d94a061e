"""The last stage of ``map``: the page of one flight, or the index of several with their pages.

Nothing else is written.  Pages of several flights lie in a folder beside their index.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.audit_flight_in_worker import WorkerSettings
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import OutputError, raise_first_failure
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.write_index_and_report import (
    WRITE_RUN_DOCUMENT,
    IndexAndReportInputs,
    RunDocumentKind,
)
from dji_audit.fleet.worker_pool import WorkerPool

#: What the name of the folder of pages has beyond that of their index.
_FOLDER_SUFFIX = "-flights"
#: Where the page of a single flight is drawn, in the folder of temporary files.
_SINGLE_PAGE_FOLDER = "single-page"


def pages_folder_beside_index(map_file: Path) -> Path:
    """Return the folder beside an index of several flights that holds their pages."""
    return map_file.with_name(f"{map_file.stem}{_FOLDER_SUFFIX}")


def refuse_unsuitable_output_map_file(map_file: Path, paths: Sequence[Path]) -> None:
    """Refuse a file that cannot be written, or that lies among the evidence.

    Raises:
        OutputError: If it is a folder, a log, or in a folder of logs.
    """
    if map_file.is_dir():
        raise OutputError(f"{map_file} is a folder; name the HTML file to write")
    if not map_file.parent.is_dir():
        raise OutputError(f"{map_file.parent}: no such file or directory")
    if map_file.resolve() in {path.resolve() for path in paths}:
        raise OutputError(f"{map_file} is the log itself; nothing is written over evidence")
    for target in (map_file, pages_folder_beside_index(map_file)):
        for path in paths:
            if path.is_dir() and target.resolve().is_relative_to(path.resolve()):
                raise OutputError(f"{target} lies inside {path}: nothing is written into evidence")


def worker_settings_for_map(
    settings: WorkerSettings, map_file: Path, flights: int
) -> WorkerSettings:
    """Return where the pages of so many flights are drawn, and how they lead to their index.

    Args:
        settings: Those of the run.
        map_file: The page of one flight, or the index of several.
        flights: How many there are.

    Raises:
        OutputError: If the folder for the pages cannot be made.
    """
    if flights < 2:
        folder, link = settings.spool / _SINGLE_PAGE_FOLDER, None
    else:
        folder, link = pages_folder_beside_index(map_file), f"../{map_file.name}"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {os_error_reason(error)}") from error
    return replace(settings, pages_folder=folder, index_link=link)


def write_map_page_or_index(
    run: IndexAndReportInputs,
    audited: FlightsAudited,
    pages_folder: Path,
    pool: WorkerPool | DaskPool,
) -> None:
    """Write the page of the only flight, or the index, and remove pages that it links no more.

    Args:
        run: What the index is made from.
        audited: What came of the flights.
        pages_folder: Where their pages were drawn.
        pool: The workers.

    Raises:
        OSError: If a file cannot be written.
        OutputError: If a page could not be drawn; the message says why.
    """
    map_file = run.index_file
    if len(audited.ids) == 1:
        for failure in (*audited.failures.values(), *audited.page_failures.values()):
            raise OutputError(f"the page of flight {audited.ids[0]} is not drawn: {failure}")
        (page,) = audited.page_file_names()
        write_atomically(map_file, ((pages_folder / page).read_bytes(),))
        return
    earlier = _page_names_linked_by_earlier_index(map_file, pages_folder)
    raise_first_failure(pool.results_of_each(WRITE_RUN_DOCUMENT, [RunDocumentKind.INDEX_PAGE], run))
    for name in earlier - set(audited.page_file_names()):
        (pages_folder / name).unlink(missing_ok=True)


def _page_names_linked_by_earlier_index(map_file: Path, folder: Path) -> set[str]:
    """Return the names of the pages that an index links to which is to be replaced."""
    if not map_file.is_file():
        return set()
    links = re.findall(r'href="([^"#]+\.html)["#]', map_file.read_text("utf-8", errors="replace"))
    paths = (PurePosixPath(unquote(link)) for link in links)
    # Only the name is used: an index is a file like any other and may be forged.
    return {path.name for path in paths if path.parent == PurePosixPath(folder.name)}
