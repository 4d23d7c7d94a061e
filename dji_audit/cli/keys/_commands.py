"""``dji-audit keys request``, ``import`` and ``list``: offline, all of them."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
    skipped_symlinks_message,
)
from dji_audit.cli._text_table import format_table, terminal_width_or_none
from dji_audit.cli._user_data import key_store_in_user_data_folder, open_key_store
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.ingest import (
    DEFAULT_SETTINGS,
    FailedInput,
    OpenedFile,
    find_input_files_and_keychains,
    open_input_contents,
    open_keyring,
    read_opened_input,
)
from dji_audit.ingest.input_files import LINK_NOT_FOLLOWED
from dji_audit.keys.broker_files import (
    ANSWERS_SCHEMA,
    AnswersToKeyRequests,
    KeyBrokerFileError,
    count_key_ciphertexts,
    count_keys,
    encode_key_request_as_json,
    key_requests_as_json,
    load_key_answers,
    parse_keychains_of_answer,
    request_hash_checked_as_sha256,
)
from dji_audit.keys.collect_key_requests import CollectedKeyRequests, collect_key_requests
from dji_audit.keys.keychain_store import FILE_ENDING, SCHEMA, KeychainFolder

_CONTENT_NOTE = (
    "Each request holds the RSA ciphertexts of the keys, a version and a department. It holds no\n"
    "telemetry, no position, no time, no serial number, no name and no path."
)


def _reading_or_error_of_input(
    opened: OpenedFile | FailedInput, keyring: parsers.Keyring
) -> parsers.FileReading | OSError:
    if isinstance(opened, OpenedFile):
        return read_opened_input(opened, keyring)
    return opened.error if isinstance(opened.error, OSError) else OSError(str(opened.error))


def request_command(
    paths: Sequence[Path], out: Path | None, everything: bool, key_store: str | None
) -> int:
    """Collect requests, show what they hold, and write them; return the exit code."""
    paths_given = paths_with_those_listed_on_stdin(paths)
    if out is not None:
        _refuse_output_over_input(out, paths_given)
    store = open_key_store(key_store)
    files = find_input_files_and_keychains(paths_given, DEFAULT_SETTINGS)
    keyring = open_keyring(files.keychains, store.folder if store else None)
    readings = (
        (opened.input.name, _reading_or_error_of_input(opened, keyring))
        for opened in open_input_contents(files.discovered.inputs, ())
    )
    collected = collect_key_requests(readings, include_decrypted=everything)
    unreadable = files.discovered.unreadable
    links = sum(path.reason == LINK_NOT_FOLLOWED for path in unreadable)
    collected.unread += [
        (path.name, path.reason)
        for path in (*files.rejected_keychains, *unreadable)
        if path.reason != LINK_NOT_FOLLOWED
    ]
    collected.unread += [
        (left.name, left.reason)
        for container in files.discovered.containers
        for left in container.skipped_nonempty_members
    ]
    _print_collected_requests(collected)
    if links:
        print_to_stderr(skipped_symlinks_message(links))
    if not collected.requests:
        return ExitCode.NOTHING
    if out is not None:
        try:
            write_atomically(out, key_requests_as_json(collected.requests))
        except OSError as error:
            raise print_os_error_and_return_exit(out, error) from error
        print_to_stderr(
            f"Wrote    {terminal_safe_text(out)}; nothing was sent. "
            f"Next: dji-audit keys fetch {terminal_safe_text(out)}"
        )
    is_partial = collected.unread or collected.without_ciphertext
    return ExitCode.INCOMPLETE if is_partial else ExitCode.DONE


def _refuse_output_over_input(out: Path, paths: Sequence[Path]) -> None:
    target = out.resolve()
    for path in paths:
        resolved = path.resolve()
        if resolved == target or (path.is_dir() and target.is_relative_to(resolved)):
            raise print_error_and_return_exit(
                f"{out} lies in {path}: nothing is written into evidence"
            )
    if out.is_dir():
        raise print_error_and_return_exit(f"{out} is a folder; name the file to write")


def _print_collected_requests(collected: CollectedKeyRequests) -> None:
    rows = [("REQUEST", "VERSION", "DEPARTMENT", "GROUPS", "KEYS", "BYTES", "LOGS")]
    for digest in sorted(collected.requests):
        request = collected.requests[digest]
        rows.append(
            (
                digest[:12],
                str(request.version),
                str(request.department),
                str(len(request.groups)),
                str(count_key_ciphertexts(request)),
                str(len(encode_key_request_as_json(request))),
                ", ".join(terminal_safe_text(name) for name in collected.logs[digest]),
            )
        )
    if collected.requests:
        typer.echo(
            format_table(
                rows, right_aligned=frozenset({1, 2, 3, 4, 5}), width=terminal_width_or_none()
            )
        )
        typer.echo(f"\n{_CONTENT_NOTE}")
    for name in collected.without_ciphertext:
        print_to_stderr(
            f"without  {terminal_safe_text(name)}: encrypted, and holds no key ciphertext "
            "for a request"
        )
    for name, reason in collected.unread:
        print_to_stderr(f"unread   {terminal_safe_text(name)}: {terminal_safe_text(reason)}")
    covered = sum(len(names) for names in collected.logs.values())
    print_to_stderr(
        f"{len(collected.requests)} requests for {covered} encrypted logs; not requested: "
        f"{len(collected.already_decrypted)} whose keys are stored, "
        f"{collected.unencrypted} that need none, "
        f"{len(collected.without_ciphertext)} without ciphertexts; "
        f"{collected.not_logs} files are not logs"
    )


def import_command(files: Sequence[Path], case: Path | None, log: Path | None) -> int:
    """Store keychains; return the exit code."""
    if case is not None and not case.is_dir():
        raise print_error_and_return_exit(f"case {case}: no such folder")
    store = (
        KeychainFolder.of_case_folder(case) if case is not None else key_store_in_user_data_folder()
    )
    new = already = 0
    for path in files:
        try:
            for digest, chains in _read_key_answers_from_json_file(path, log).answered.items():
                fresh = store.store_keychains_and_tell_if_any_new(digest, chains)
                new, already = new + fresh, already + (not fresh)
        except (KeyBrokerFileError, parsers.LogError) as error:
            raise print_error_and_return_exit(f"{path}: {error}") from error
        except OSError as error:
            where = error.filename or path
            raise print_os_error_and_return_exit(where, error) from error
    print_to_stderr(
        f"{new} keychains imported, {already} stored already, in {terminal_safe_text(store.folder)}"
    )
    return 0


def _read_key_answers_from_json_file(path: Path, log: Path | None) -> AnswersToKeyRequests:
    """Return the answers in a file: to many requests, one of a store, or that of one log."""
    text = path.read_bytes()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeyBrokerFileError("not JSON, so not keychains") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == ANSWERS_SCHEMA:
        return load_key_answers(text)
    if schema == SCHEMA:
        return AnswersToKeyRequests(
            {
                request_hash_checked_as_sha256(
                    str(document.get("request"))
                ): parse_keychains_of_answer(document, path.name)
            }
        )
    return _answered_request_of_log_that_answer_opens(path, log, text)


def _answered_request_of_log_that_answer_opens(
    path: Path, log: Path | None, text: bytes
) -> AnswersToKeyRequests:
    """Return an answer without a request as the answer to the request of a log that it opens."""
    chains = parsers.load_keychains(text)
    if log is None:
        log = path.with_name(path.name.removesuffix(FILE_ENDING))
        if log == path or not log.is_file():
            raise KeyBrokerFileError("names no request: name the log it belongs to with --log")
    read = parsers.read(log, keys=[chains])
    if read.key_request is None:
        raise KeyBrokerFileError(f"{log.name} holds no key ciphertext, so no request")
    if read.keychain_sha256 is None:
        raise KeyBrokerFileError(f"does not open {log.name}")
    return AnswersToKeyRequests({read.key_request.sha256: chains})


def list_command(case: Path | None, format_: str) -> int:
    """List the keychains in a store; return the exit code."""
    store = (
        KeychainFolder.of_case_folder(case) if case is not None else key_store_in_user_data_folder()
    )
    try:
        stored = {
            digest: store.find_keychains(digest) or () for digest in store.stored_request_hashes()
        }
    except (parsers.InvalidKeysError, OSError) as error:
        raise print_error_and_return_exit(f"{store.folder}: {error}") from error
    rows = [
        (digest, parsers.keychains_sha256(chains), len(chains), count_keys(chains))
        for digest, chains in stored.items()
    ]
    if format_ == "json":
        names = ("request", "keychain", "groups", "keys")
        typer.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
    elif rows:
        head = ("REQUEST", "KEYCHAIN", "GROUPS", "KEYS")
        shown = [(a[:16], b[:16], str(c), str(d)) for a, b, c, d in rows]
        typer.echo(format_table([head, *shown], right_aligned=frozenset({2, 3})))
    print_to_stderr(f"{len(rows)} keychains in {terminal_safe_text(store.folder)}")
    return 0
