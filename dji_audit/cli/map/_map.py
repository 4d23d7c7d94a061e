"""``dji-audit map``: the pages of some logs without the report, and when a place was in view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer

import parsers
from dji_audit import mapper
from dji_audit.cli._logs import read_logs
from dji_audit.cli._terminal import check_timezone, expand_paths, fail, run_time, safe_text
from dji_audit.cli._user_data import open_key_store
from dji_audit.cli.audit._audit import keychain_files
from dji_audit.cli.inspect._log import NOTHING_AUDITABLE
from dji_audit.cli.map._sightings import parse_position, print_sightings
from dji_audit.compliance.audit import audit_basis, audit_flight, check_policy
from dji_audit.compliance.camera_view import camera_view, cameras_declared_for
from dji_audit.compliance.context import NO_CONTEXT, ContextFiles, flight_zones, load_context
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.worker import write_atomically
from dji_audit.flights import assemble, find_sightings, unjoined_recordings
from dji_audit.supplied_tables import ContextError

PARTLY_READ = 4


@dataclass(frozen=True, slots=True)
class MapOptions:
    """What was asked of ``dji-audit map``."""

    out: Path | None
    keys: Sequence[Path]
    policy: str
    timezone: str
    now: str | None
    key_store: str | None
    place: str | None
    format_: str
    context_files: ContextFiles = NO_CONTEXT


def map_command(paths: Sequence[Path], options: MapOptions) -> int:
    """Write a page for each flight, print when a place was in view; return the exit code."""
    if options.out is None and options.place is None:
        raise fail("name the HTML file to write with --out, or a place with --place")
    place = None if options.place is None else parse_position(options.place)
    try:
        pack = load_policy(options.policy)
        check_policy(pack)
        chains, store = keychain_files(options.keys), open_key_store(options.key_store)
        given = expand_paths(paths)
        generated = run_time(options.now)
        case = load_context(options.context_files, generated.date() if generated else None)
        logs, unread = read_logs(given, chains, store)
    except (PolicyError, ContextError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    flights = assemble(*logs)
    case = replace(
        case, network=tuple(log for log in logs if log.capture_window is not None)
    )
    lone = unjoined_recordings(logs, flights)
    if not flights and (options.out is not None or not lone):
        raise fail("no flight was found", NOTHING_AUDITABLE)
    if options.out is not None:
        drawn = (
            mapper.draw_flight_page(
                audit_flight(flight, pack, case),
                basis=audit_basis(pack, case),
                generated=generated,
                local_zone=check_timezone(options.timezone),
                camera_poses=camera_view(flight, case),
                target=place,
                zones=flight_zones(flight, case),
            )
            for flight in flights
        )
        _write_pages(drawn, options.out, given)
    if place is not None:
        told = find_sightings(
            flights,
            *place,
            case.elevation,
            recordings=lone,
            declared_cameras=lambda one: cameras_declared_for(one, case),
        )
        print_sightings(list(told), options.format_)
    return PARTLY_READ if unread else 0


def _write_pages(pages: Iterator[str], out: Path, logs: Sequence[Path]) -> None:
    """Write a page for each flight, the second and later ones numbered."""
    if out.is_dir():
        raise fail(f"{out} is a folder; name the HTML file to write")
    evidence = {log.resolve() for log in logs}
    for number, page in enumerate(pages, 1):
        path = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
        if path.resolve() in evidence:
            raise fail(f"{path} is the log itself; nothing is written over evidence")
        try:
            write_atomically(path, page)
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        typer.echo(safe_text(path))
