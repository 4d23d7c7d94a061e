"""The pages that ``map`` writes: one of one flight, or an index of several with their pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import typer

from dji_audit import mapper
from dji_audit.cli._terminal import exit_with_error
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.audit import audit_basis
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import Policy
from dji_audit.flights import Flight
from dji_audit.report.flight_location import locate_flight
from dji_audit.report.rows import (
    FileRow,
    RunContents,
    finding_rows,
    flight_row,
    page_name,
    page_name_of_flight,
    result_rows,
    rule_rows,
)
from dji_audit.report.run_verdict import judge_run

#: What the name of the folder of pages has beyond that of their index.
_FOLDER_SUFFIX = "-flights"


@dataclass(frozen=True, slots=True)
class AuditSetup:
    """What flights are audited with and how their pages are drawn."""

    policy: Policy
    context: AuditContext
    page_options: mapper.PageOptions


def write_pages(
    flights: Sequence[Flight],
    setup: AuditSetup,
    out: Path,
    given: Sequence[Path],
    unread: Sequence[FileRow],
) -> None:
    """Write the page of a flight, or the index of several with their pages in a folder beside it.

    Args:
        flights: At least one.
        setup: What they are audited with.
        out: The HTML file to write.
        given: The files and folders that hold the logs; nothing is written over or into them.
        unread: Files that were not read and may hold evidence: the index lists them.

    Raises:
        typer.Exit: If something cannot be written there.
    """
    if out.is_dir():
        raise exit_with_error(f"{out} is a folder; name the HTML file to write")
    if out.resolve() in {path.resolve() for path in given}:
        raise exit_with_error(f"{out} is the log itself; nothing is written over evidence")
    if len(flights) == 1:
        page = mapper.audit_and_draw(flights[0], setup.policy, setup.context, setup.page_options)
        _write_page(out, page.html or "")
        typer.echo(terminal_safe_text(out))
        return
    for target in (out, _pages_folder(out)):
        for path in given:
            if path.is_dir() and target.resolve().is_relative_to(path.resolve()):
                raise exit_with_error(
                    f"{target} lies inside {path}: nothing is written into evidence"
                )
    _write_index_and_pages(flights, setup, out, unread)
    typer.echo(terminal_safe_text(out))


def _write_index_and_pages(
    flights: Sequence[Flight], setup: AuditSetup, out: Path, unread: Sequence[FileRow]
) -> None:
    folder = _pages_folder(out)
    try:
        earlier = _pages_of_earlier_index(out, folder)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise exit_with_error(f"{folder}: {os_error_reason(error)}") from error
    ordered = sorted(flights, key=lambda it: (it.start is None, it.start or 0, it.log.source.name))
    links = [_page_link(flight) for flight in ordered]
    rows, results, findings, rules = [], [], [], []
    tracks: dict[str, mapper.FlightMapTrack] = {}
    for number, flight in enumerate(ordered):
        neighbours = mapper.Neighbours(
            links[number - 1] if number else None,
            links[number + 1] if number + 1 < len(links) else None,
        )
        options = replace(setup.page_options, index_link=f"../{out.name}", neighbours=neighbours)
        drawn = mapper.audit_and_draw(flight, setup.policy, setup.context, options)
        name = page_name(drawn.audit)
        _write_page(folder / name, drawn.html or "")
        location = locate_flight(flight, options.timezone)
        rows.append(flight_row(drawn.audit, f"{folder.name}/{name}", drawn.camera_poses, location))
        results += result_rows(drawn.audit)
        findings += finding_rows(drawn.audit, location.timezone)
        rules = rule_rows(drawn.audit)
        if (track := mapper.flight_map_track(flight, drawn.camera_poses)) is not None:
            tracks[flight.id] = track
    kept = mapper.most_urgent_tracks([(row.verdict, row.id) for row in rows if row.id in tracks])
    contents = RunContents(
        tuple(unread), tuple(rows), tuple(results), tuple(findings), rules=tuple(rules)
    )
    index = mapper.draw_index_page(
        contents,
        basis=audit_basis(setup.policy, setup.context),
        generated=setup.page_options.generated,
        verdict_line=judge_run(contents, Severity.MEDIUM, allow_partial=False).line,
        local_zone=setup.page_options.timezone,
        case=setup.page_options.case,
        tracks={flight: track for flight, track in tracks.items() if flight in kept},
        target=setup.page_options.target,
        basemaps=setup.context.basemaps,
    )
    _write_page(out, index)
    for page in earlier - {Path(row.page or "").name for row in rows}:
        (folder / page).unlink(missing_ok=True)


def _pages_of_earlier_index(out: Path, folder: Path) -> set[str]:
    """Return the names of the pages that an index links to which is to be replaced."""
    if not out.is_file():
        return set()
    links = re.findall(r'href="([^"#]+\.html)["#]', out.read_text("utf-8", errors="replace"))
    paths = (PurePosixPath(unquote(link)) for link in links)
    # Only the name is used: an index is a file like any other and may be forged.
    return {path.name for path in paths if path.parent == PurePosixPath(folder.name)}


def _pages_folder(out: Path) -> Path:
    return out.with_name(f"{out.stem}{_FOLDER_SUFFIX}")


def _page_link(flight: Flight) -> mapper.PageLink:
    name = flight.log.source.name
    start = "" if flight.start is None else f"{flight.start:%Y-%m-%d %H:%M} UTC, "
    words = f"{start}{name.rpartition('/')[2]}"
    return mapper.PageLink(page_name_of_flight(name, flight.id), words)


def _write_page(path: Path, page: str) -> None:
    try:
        write_atomically(path, page)
    except OSError as error:
        raise exit_with_error(f"{path}: {os_error_reason(error)}") from error
