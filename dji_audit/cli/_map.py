"""``dji-audit map``: the pages of some logs without the report, and when a place was in view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer

import parsers
from dji_audit import mapper
from dji_audit.cli._audit import keychains
from dji_audit.cli._logs import read_logs
from dji_audit.cli._place import place_of, tell_sightings
from dji_audit.cli._terminal import check_zone, fail, paths_from, plain, time_of_run
from dji_audit.cli.inspect._log import NOTHING_AUDITABLE
from dji_audit.cli.keys._store import store_of
from dji_audit.compliance.audit import audit_flight, check_policy, yardstick
from dji_audit.compliance.camera_view import declared_for, look_of
from dji_audit.compliance.context import NOTHING, Brief, load_case, zones_of
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.worker import write_atomically
from dji_audit.flights import assemble, find_sightings, lone_recordings
from dji_audit.supplied_tables import CaseError

PARTLY_READ = 4


@dataclass(frozen=True, slots=True)
class MapOptions:
    """What was asked of ``dji-audit map``."""

    out: Path | None
    keys: Sequence[Path]
    policy: str
    zone: str
    now: str | None
    key_store: str | None
    place: str | None
    format_: str
    brief: Brief = NOTHING


def map_command(paths: Sequence[Path], asked: MapOptions) -> int:
    """Write a page for each flight, print when a place was in view; return the exit code."""
    if asked.out is None and asked.place is None:
        raise fail("name the HTML file to write with --out, or a place with --place")
    place = None if asked.place is None else place_of(asked.place)
    try:
        pack = load_policy(asked.policy)
        check_policy(pack)
        chains, store = keychains(asked.keys), store_of(asked.key_store)
        given = paths_from(paths)
        generated = time_of_run(asked.now)
        case = load_case(asked.brief, generated.date() if generated else None)
        logs, unread = read_logs(given, chains, store)
    except (PolicyError, CaseError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    flights = assemble(*logs)
    case = replace(case, network=tuple(log for log in logs if log.watch is not None))
    lone = lone_recordings(logs, flights)
    if not flights and (asked.out is not None or not lone):
        raise fail("no flight was found", NOTHING_AUDITABLE)
    if asked.out is not None:
        drawn = (
            mapper.draw(
                audit_flight(flight, pack, case),
                yardstick=yardstick(pack, case),
                generated=generated,
                local_zone=check_zone(asked.zone),
                found=look_of(flight, case),
                place=place,
                zones=zones_of(flight, case),
            )
            for flight in flights
        )
        _write(drawn, asked.out, given)
    if place is not None:
        told = find_sightings(
            flights,
            *place,
            case.elevation,
            recordings=lone,
            declared=lambda one: declared_for(one, case),
        )
        tell_sightings(list(told), asked.format_)
    return PARTLY_READ if unread else 0


def _write(pages: Iterator[str], out: Path, logs: Sequence[Path]) -> None:
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
        typer.echo(plain(path))
