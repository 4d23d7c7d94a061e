"""``dji-audit keys request``, ``import`` and ``list``: offline, all of them."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._table import format_table, terminal_width
from dji_audit.cli._terminal import expand_paths, fail, links_message, print_message, safe_text
from dji_audit.cli._user_data import open_key_store, user_key_store
from dji_audit.fleet.discovery import LINK_NOT_FOLLOWED, find_inputs
from dji_audit.fleet.run import check_keychains
from dji_audit.fleet.worker import write_atomically
from dji_audit.keys.broker_files import (
    ANSWERS_SCHEMA,
    KeyAnswers,
    KeysError,
    parse_keychains,
    checked_request_hash,
    key_count,
    dump_requests,
    ciphertext_count,
    load_answers,
    request_bytes,
)
from dji_audit.keys.collect import CollectedRequests, collect_requests
from dji_audit.keys.store import FILE_ENDING, SCHEMA, KeyStore

NOTHING, PARTIAL = 3, 4
_CONTENT_NOTE = (
    "Each request holds the RSA ciphertexts of the keys, a version and a department. It holds no\n"
    "telemetry, no position, no time, no serial number, no name and no path."
)


def request_command(
    paths: Sequence[Path], out: Path | None, everything: bool, key_store: str | None
) -> int:
    """Gather requests, tell what they hold, and write them; return the exit code."""
    given = expand_paths(paths)
    if out is not None:
        _check_output(out, given)
    found = find_inputs(given)
    store = open_key_store(key_store)
    beside, bad = check_keychains(found.keychains)
    chains = (parsers.load_keychains(path.read_bytes()) for path in beside)
    ring = parsers.Keyring(chains, store.find if store else None)
    files = ((item.path, item.name) for item in found.inputs)
    collected = collect_requests(files, ring, include_decrypted=everything)
    collected.unread += [(row.name, row.reason) for row in bad if row.status == "unread"]
    links = sum(lost.reason == LINK_NOT_FOLLOWED for lost in found.unreadable)
    collected.unread += [
        (lost.name, lost.reason) for lost in found.unreadable if lost.reason != LINK_NOT_FOLLOWED
    ]
    _print_collected(collected)
    if links:
        print_message(links_message(links))
    if not collected.requests:
        return NOTHING
    if out is not None:
        try:
            write_atomically(out, dump_requests(collected.requests))
        except OSError as error:
            raise fail(f"{out}: {(error.strerror or str(error)).lower()}") from error
        print_message(
            f"Wrote    {safe_text(out)}; nothing was sent. Next: dji-audit keys fetch {safe_text(out)}"
        )
    return PARTIAL if collected.unread or collected.without_ciphertext else 0


def _check_output(out: Path, paths: Sequence[Path]) -> None:
    written = out.resolve()
    for path in paths:
        place = path.resolve()
        if place == written or (path.is_dir() and written.is_relative_to(place)):
            raise fail(f"{out} lies in {path}: nothing is written into evidence")
    if out.is_dir():
        raise fail(f"{out} is a folder; name the file to write")


def _print_collected(found: CollectedRequests) -> None:
    rows = [("REQUEST", "VERSION", "DEPARTMENT", "GROUPS", "KEYS", "BYTES", "LOGS")]
    for digest in sorted(found.requests):
        request = found.requests[digest]
        rows.append(
            (
                digest[:12],
                str(request.version),
                str(request.department),
                str(len(request.groups)),
                str(ciphertext_count(request)),
                str(len(request_bytes(request))),
                ", ".join(safe_text(name) for name in found.logs[digest]),
            )
        )
    if found.requests:
        typer.echo(
            format_table(rows, right_aligned=frozenset({1, 2, 3, 4, 5}), width=terminal_width())
        )
        typer.echo(f"\n{_CONTENT_NOTE}")
    for name in found.without_ciphertext:
        print_message(
            f"without  {safe_text(name)}: encrypted, and holds no ciphertext of a key to ask with"
        )
    for name, reason in found.unread:
        print_message(f"unread   {safe_text(name)}: {safe_text(reason)}")
    covered = sum(len(names) for names in found.logs.values())
    print_message(
        f"{len(found.requests)} requests for {covered} encrypted logs; not asked for: "
        f"{len(found.already_decrypted)} whose keys are here, {found.unencrypted} that need none, "
        f"{len(found.without_ciphertext)} without ciphertexts; {found.not_logs} files are no logs"
    )


def import_command(files: Sequence[Path], case: Path | None, log: Path | None) -> int:
    """Put keychains into a store; return the exit code."""
    if case is not None and not case.is_dir():
        raise fail(f"case {case}: no such folder")
    store = KeyStore.in_case_folder(case) if case is not None else user_key_store()
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
    print_message(f"{new} keychains imported, {kept} kept already, in {safe_text(store.folder)}")
    return 0


def _answers(path: Path, log: Path | None) -> KeyAnswers:
    """Return what a file answers: many requests, one of a store, or that of a log."""
    text = path.read_bytes()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeysError("not JSON, so not keychains") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == ANSWERS_SCHEMA:
        return load_answers(text)
    if schema == SCHEMA:
        return KeyAnswers({checked_request_hash(str(document.get("request"))): parse_keychains(document, path.name)})
    return _bare_answer(path, log, text)


def _bare_answer(path: Path, log: Path | None, text: bytes) -> KeyAnswers:
    """Return a bare answer as that to the request of a log which it opens."""
    chains = parsers.load_keychains(text)
    if log is None:
        log = path.with_name(path.name.removesuffix(FILE_ENDING))
        if log == path or not log.is_file():
            raise KeysError("names no request: say with --log which log it belongs to")
    read = parsers.read(log, keys=[chains])
    if read.key_request is None:
        raise KeysError(f"{log.name} holds no ciphertext of a key, so no request")
    if read.keychain_sha256 is None:
        raise KeysError(f"does not open {log.name}")
    return KeyAnswers({read.key_request.sha256: chains})


def list_command(case: Path | None, format_: str) -> int:
    """Print what a store holds; return the exit code."""
    store = KeyStore.in_case_folder(case) if case is not None else user_key_store()
    try:
        kept = {digest: store.find(digest) or () for digest in store.requests()}
    except (parsers.EncryptedLogError, OSError) as error:
        raise fail(f"{store.folder}: {error}") from error
    rows = [
        (digest, parsers.keychains_sha256(chains), len(chains), key_count(chains))
        for digest, chains in kept.items()
    ]
    if format_ == "json":
        names = ("request", "keychain", "groups", "keys")
        typer.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
    elif rows:
        head = ("REQUEST", "KEYCHAIN", "GROUPS", "KEYS")
        shown = [(a[:16], b[:16], str(c), str(d)) for a, b, c, d in rows]
        typer.echo(format_table([head, *shown], right_aligned=frozenset({2, 3})))
    print_message(f"{len(rows)} keychains in {safe_text(store.folder)}")
    return 0
