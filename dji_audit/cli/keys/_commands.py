"""``dji-audit keys request``, ``import`` and ``list``: offline, all of them."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._table import columns, width_of_terminal
from dji_audit.cli._terminal import fail, links_line, paths_from, plain, say
from dji_audit.cli.keys._store import store_of, user_store
from dji_audit.fleet.inputs import LINK, find
from dji_audit.fleet.run import usable
from dji_audit.fleet.worker import write_atomically
from dji_audit.keys.collect import Collected, collect
from dji_audit.keys.documents import (
    ANSWERS,
    Answers,
    KeysError,
    chains_of,
    checked,
    count,
    dump_requests,
    items,
    load_answers,
    sent_bytes,
)
from dji_audit.keys.store import ENDING, SCHEMA, Store

NOTHING, PARTIAL = 3, 4
_CONTENT = (
    "Each request holds the RSA ciphertexts of the keys, a version and a department. It holds no\n"
    "telemetry, no position, no time, no serial number, no name and no path."
)


def request_command(
    paths: Sequence[Path], out: Path | None, everything: bool, key_store: str | None
) -> int:
    """Gather requests, tell what they hold, and write them; return the exit code."""
    given = paths_from(paths)
    if out is not None:
        _check_output(out, given)
    found = find(given)
    store = store_of(key_store)
    beside, bad = usable(found.keychains)
    chains = (parsers.load_keychains(path.read_bytes()) for path in beside)
    ring = parsers.Keyring(chains, store.find if store else None)
    files = ((item.path, item.name) for item in found.inputs)
    collected = collect(files, ring, everything=everything)
    collected.unread += [(row.name, row.reason) for row in bad if row.status == "unread"]
    links = sum(lost.reason == LINK for lost in found.missing)
    collected.unread += [(lost.name, lost.reason) for lost in found.missing if lost.reason != LINK]
    _tell_collected(collected)
    if links:
        say(links_line(links))
    if not collected.requests:
        return NOTHING
    if out is not None:
        try:
            write_atomically(out, dump_requests(collected.requests))
        except OSError as error:
            raise fail(f"{out}: {(error.strerror or str(error)).lower()}") from error
        say(f"Wrote    {plain(out)}; nothing was sent. Next: dji-audit keys fetch {plain(out)}")
    return PARTIAL if collected.unread or collected.hopeless else 0


def _check_output(out: Path, paths: Sequence[Path]) -> None:
    written = out.resolve()
    for path in paths:
        place = path.resolve()
        if place == written or (path.is_dir() and written.is_relative_to(place)):
            raise fail(f"{out} lies in {path}: nothing is written into evidence")
    if out.is_dir():
        raise fail(f"{out} is a folder; name the file to write")


def _tell_collected(found: Collected) -> None:
    rows = [("REQUEST", "VERSION", "DEPARTMENT", "GROUPS", "KEYS", "BYTES", "LOGS")]
    for digest in sorted(found.requests):
        request = found.requests[digest]
        rows.append(
            (
                digest[:12],
                str(request.version),
                str(request.department),
                str(len(request.groups)),
                str(items(request)),
                str(len(sent_bytes(request))),
                ", ".join(plain(name) for name in found.logs[digest]),
            )
        )
    if found.requests:
        typer.echo(columns(rows, right=frozenset({1, 2, 3, 4, 5}), width=width_of_terminal()))
        typer.echo(f"\n{_CONTENT}")
    for name in found.hopeless:
        say(f"without  {plain(name)}: encrypted, and holds no ciphertext of a key to ask with")
    for name, reason in found.unread:
        say(f"unread   {plain(name)}: {plain(reason)}")
    covered = sum(len(names) for names in found.logs.values())
    say(
        f"{len(found.requests)} requests for {covered} encrypted logs; not asked for: "
        f"{len(found.opened)} whose keys are here, {found.clear} that need none, "
        f"{len(found.hopeless)} without ciphertexts; {found.others} files are no logs"
    )


def import_command(files: Sequence[Path], case: Path | None, log: Path | None) -> int:
    """Put keychains into a store; return the exit code."""
    if case is not None and not case.is_dir():
        raise fail(f"case {case}: no such folder")
    store = Store.of_case(case) if case is not None else user_store()
    new = kept = 0
    for path in files:
        try:
            for digest, chains in _answers(path, log).answered.items():
                fresh = store.add(digest, chains)
                new, kept = new + fresh, kept + (not fresh)
        except (KeysError, parsers.LogError) as error:
            raise fail(f"{path}: {error}") from error
        except OSError as error:
            where = error.filename or path
            raise fail(f"{where}: {(error.strerror or str(error)).lower()}") from error
    say(f"{new} keychains imported, {kept} kept already, in {plain(store.folder)}")
    return 0


def _answers(path: Path, log: Path | None) -> Answers:
    """Return what a file answers: many requests, one of a store, or that of a log."""
    text = path.read_bytes()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeysError("not JSON, so not keychains") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == ANSWERS:
        return load_answers(text)
    if schema == SCHEMA:
        return Answers({checked(str(document.get("request"))): chains_of(document, path.name)})
    return _bare(path, log, text)


def _bare(path: Path, log: Path | None, text: bytes) -> Answers:
    """Return a bare answer as that to the request of a log which it opens."""
    chains = parsers.load_keychains(text)
    if log is None:
        log = path.with_name(path.name.removesuffix(ENDING))
        if log == path or not log.is_file():
            raise KeysError("names no request: say with --log which log it belongs to")
    read = parsers.read(log, keys=[chains])
    if read.key_request is None:
        raise KeysError(f"{log.name} holds no ciphertext of a key, so no request")
    if read.keychain_sha256 is None:
        raise KeysError(f"does not open {log.name}")
    return Answers({read.key_request.sha256: chains})


def list_command(case: Path | None, format_: str) -> int:
    """Print what a store holds; return the exit code."""
    store = Store.of_case(case) if case is not None else user_store()
    try:
        kept = {digest: store.find(digest) or () for digest in store.requests()}
    except (parsers.EncryptedLogError, OSError) as error:
        raise fail(f"{store.folder}: {error}") from error
    rows = [
        (digest, parsers.keychains_sha256(chains), len(chains), count(chains))
        for digest, chains in kept.items()
    ]
    if format_ == "json":
        names = ("request", "keychain", "groups", "keys")
        typer.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
    elif rows:
        head = ("REQUEST", "KEYCHAIN", "GROUPS", "KEYS")
        shown = [(a[:16], b[:16], str(c), str(d)) for a, b, c, d in rows]
        typer.echo(columns([head, *shown], right=frozenset({2, 3})))
    say(f"{len(rows)} keychains in {plain(store.folder)}")
    return 0
