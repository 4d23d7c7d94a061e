"""``dji-audit keys fetch``: the only command that opens a connection."""

import getpass
import os
import sys
from pathlib import Path

import typer

import parsers
from dji_audit._version import tool_version
from dji_audit.cli._table import format_table
from dji_audit.cli._terminal import INTERRUPTED, fail, safe_text, print_message
from dji_audit.keys._connection import KeyServer, ServerUrlError, parse_server_url, post_request
from dji_audit.keys.broker import KeyBroker
from dji_audit.keys.broker_files import (
    KeyAnswers,
    KeysError,
    ciphertext_count,
    load_answers,
    load_requests,
    request_bytes,
)

USAGE, PARTIAL = 2, 4
API_KEY = "DJI_API_KEY"
_LONGEST_KEY = 512


def fetch_command(
    path: Path, out: Path, yes: bool, timeout_s: float, pause_s: float, url: str
) -> int:
    """Show, ask, send, keep; return the exit code."""
    try:
        where = parse_server_url(url)
        requests = load_requests(path.read_bytes())
        answers = _earlier_answers(out, path)
    except ServerUrlError as error:
        raise fail(f"endpoint: {error}") from error
    except KeysError as error:
        raise fail(str(error)) from error
    except OSError as error:
        raise fail(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    todo = {
        digest: request
        for digest, request in sorted(requests.items())
        if digest not in answers.answered or digest in answers.missing
    }
    if not todo:
        print_message("Every request is answered already; nothing was sent.")
        return 0
    _show_request(where, todo, len(requests))
    try:
        _confirm(where, yes)
        api_key = _api_key()
    except (KeyboardInterrupt, EOFError, typer.Abort):
        print_message("\nNothing was sent.")
        return INTERRUPTED
    broker = KeyBroker(
        lambda body: post_request(where, body, api_key, timeout_s),
        where.url,
        out,
        tuple(pause_s * factor for factor in (1, 2, 4)),
        f"dji-audit {tool_version()}",
    )
    return _fetch(broker, todo, answers)


def _fetch(broker: KeyBroker, todo: dict[str, parsers.KeyRequest], answers: KeyAnswers) -> int:
    def tell(number: int, digest: str, result: str) -> None:
        print_message(f"{number}/{len(todo)} {digest[:12]} {safe_text(result)}")

    try:
        stopped = broker.fetch(todo, answers, tell)
    except KeyboardInterrupt:
        print_message("dji-audit: interrupted; what was answered is kept")
        return INTERRUPTED
    except OSError as error:
        raise fail(f"cannot write: {error}") from error
    whole = sum(digest in answers.answered and digest not in answers.missing for digest in todo)
    part = sum(digest in answers.missing for digest in todo)
    print_message(
        f"\n{whole} answered, {part} answered in part, {len(todo) - whole - part} unanswered, "
        f"in {safe_text(broker.output)}\nWhat was disclosed, when and to whom: {safe_text(broker.trail)}"
    )
    if stopped:
        print_message(f"dji-audit: stopped: {safe_text(stopped)}")
        return USAGE
    return 0 if whole == len(todo) else PARTIAL


def _earlier_answers(out: Path, requests: Path) -> KeyAnswers:
    """Return what an earlier run got, to be completed.

    Raises:
        KeysError: If the output is anything else.
    """
    if out.resolve() == requests.resolve():
        raise KeysError(f"{out} is the file of the requests")
    if out.is_dir():
        raise KeysError(f"{out} is a folder; name the file to write")
    if not out.exists():
        return KeyAnswers()
    try:
        return load_answers(out.read_bytes())
    except KeysError as error:
        raise KeysError(f"{out} exists and is no earlier answer: {error}") from error


def _show_request(where: KeyServer, todo: dict[str, parsers.KeyRequest], in_all: int) -> None:
    sizes = [len(request_bytes(request)) for request in todo.values()]
    kinds = sorted({(request.version, request.department) for request in todo.values()})
    told = ", ".join(f"version {version} and department {place}" for version, place in kinds)
    answered = f"; {in_all - len(todo)} more are answered already" if in_all > len(todo) else ""
    print_message(
        format_table(
            [
                ("To", f"{where.host}  ({where.url})"),
                ("Requests", f"{len(todo)}, one for each distinct log{answered}"),
                ("Bytes", f"{sum(sizes):,} in their bodies, none larger than {max(sizes):,}"),
                ("Items", f"{sum(map(ciphertext_count, todo.values()))} RSA ciphertexts of keys; {told}"),
                ("Also told", "your API key; the address of this computer; the time"),
                ("Not sent", "telemetry, positions, serial numbers, names, paths, hashes of logs"),
            ]
        )
    )


def _confirm(where: KeyServer, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise fail("nothing was sent: there is no terminal to ask on; --yes sends without asking")
    if not typer.confirm(f"Send this to {where.host}?", default=False, err=True):
        raise fail("nothing was sent")


def _api_key() -> str:
    """Return the key of the user's account with DJI; it is shown nowhere.

    Raises:
        typer.Exit: If there is none, or it is no key.
    """
    given = os.environ.get(API_KEY, "")
    if not given:
        if not sys.stdin.isatty():
            raise fail(f"nothing was sent: no API key; set {API_KEY}")
        given = getpass.getpass("API key (not shown): ")
    given = given.strip()
    if not given or len(given) > _LONGEST_KEY or not (given.isascii() and given.isprintable()):
        raise fail("nothing was sent: what was given as the API key is none")
    return given
