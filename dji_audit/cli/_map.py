"""``dji-audit map``: the pages of one log, without the report."""

from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit import mapper
from dji_audit.cli._audit import keychains
from dji_audit.cli._inspect import read_log
from dji_audit.cli._key_store import store_of
from dji_audit.cli._terminal import check_zone, fail, plain, time_of_run
from dji_audit.compliance.audit import audit_flight, check_policy, yardstick
from dji_audit.compliance.case import Case
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.worker import write_atomically
from dji_audit.flights import assemble


def map_command(
    log: Path,
    out: Path,
    keys: Sequence[Path],
    policy: str,
    zone: str,
    now: str | None,
    key_store: str | None,
) -> int:
    """Write a page for each flight of a log, the second and later ones numbered."""
    try:
        pack = load_policy(policy)
        check_policy(pack)
        flights = assemble(read_log(log, keychains(keys), store_of(key_store)))
    except (PolicyError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    generated, shown_zone = time_of_run(now), check_zone(zone)
    if out.is_dir():
        raise fail(f"{out} is a folder; name the HTML file to write")
    for number, flight in enumerate(flights, 1):
        page = mapper.draw(
            audit_flight(flight, pack, Case()),
            yardstick=yardstick(pack, Case()),
            generated=generated,
            local_zone=shown_zone,
        )
        path = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
        if path.resolve() == log.resolve():
            raise fail(f"{path} is the log itself; nothing is written over evidence")
        try:
            write_atomically(path, page)
        except OSError as error:
            raise fail(f"{path}: {(error.strerror or str(error)).lower()}") from error
        typer.echo(plain(path))
    return 0
