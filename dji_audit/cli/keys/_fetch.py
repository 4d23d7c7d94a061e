"""``dji-audit keys fetch``: the only command that opens a connection."""

import getpass
import os
import sys
from pathlib import Path

import typer

import parsers
from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.cli._text_table import format_table
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.keys._server_connection import (
    KeyServerAddress,
    ServerUrlError,
    parse_server_url,
    post_and_return_status_and_body,
)
from dji_audit.keys.broker_files import (
    AnswersToKeyRequests,
    KeyBrokerFileError,
    count_key_ciphertexts,
    encode_key_request_as_json,
    load_key_answers,
    parse_key_requests_by_hash,
)
from dji_audit.keys.request_keychains import KeychainRequester

API_KEY = "DJI_API_KEY"
_LONGEST_KEY = 512


def fetch_command(
    path: Path, out: Path, yes: bool, timeout_s: float, pause_s: float, url: str
) -> int:
    """Show the request, ask, send, store the answers; return the exit code."""
    try:
        destination = parse_server_url(url)
        requests = parse_key_requests_by_hash(path.read_bytes())
        answers = _load_earlier_answers(out, path)
    except ServerUrlError as error:
        raise print_error_and_return_exit(f"endpoint: {error}") from error
    except KeyBrokerFileError as error:
        raise print_error_and_return_exit(str(error)) from error
    except OSError as error:
        raise print_os_error_and_return_exit(error.filename, error) from error
    unanswered = {
        digest: request
        for digest, request in sorted(requests.items())
        if digest not in answers.answered or digest in answers.missing
    }
    if not unanswered:
        print_to_stderr("Every request is answered already; nothing was sent.")
        return 0
    _print_request_summary(destination, unanswered, len(requests))
    try:
        _exit_unless_sending_is_confirmed(destination, yes)
        api_key = _api_key()
    except (KeyboardInterrupt, EOFError, typer.Abort):
        print_to_stderr("\nNothing was sent.")
        return ExitCode.INTERRUPTED
    requester = KeychainRequester(
        lambda body: post_and_return_status_and_body(destination, body, api_key, timeout_s),
        destination.url,
        out,
        tuple(pause_s * factor for factor in (1, 2, 4)),
        f"dji-audit {tool_version()}",
    )
    return _fetch_keychains_and_return_exit_code(requester, unanswered, answers)


def _fetch_keychains_and_return_exit_code(
    requester: KeychainRequester, todo: dict[str, parsers.KeyRequest], answers: AnswersToKeyRequests
) -> int:
    def print_progress(number: int, digest: str, result: str) -> None:
        print_to_stderr(f"{number}/{len(todo)} {digest[:12]} {terminal_safe_text(result)}")

    try:
        stopped = requester.store_keychains_return_stop_reason(todo, answers, print_progress)
    except KeyboardInterrupt:
        print_to_stderr("dji-audit: interrupted; the answers received are stored")
        return ExitCode.INTERRUPTED
    except OSError as error:
        raise print_error_and_return_exit(f"cannot write: {error}") from error
    complete = sum(digest in answers.answered and digest not in answers.missing for digest in todo)
    partial = sum(digest in answers.missing for digest in todo)
    print_to_stderr(
        f"\n{complete} answered, {partial} answered in part, "
        f"{len(todo) - complete - partial} unanswered, "
        f"in {terminal_safe_text(requester.output)}\n"
        f"What was disclosed, when and to whom: {terminal_safe_text(requester.disclosure_log_path)}"
    )
    if stopped:
        print_to_stderr(f"dji-audit: stopped: {terminal_safe_text(stopped)}")
        return ExitCode.USAGE_OR_IO
    return ExitCode.DONE if complete == len(todo) else ExitCode.INCOMPLETE


def _load_earlier_answers(out: Path, requests: Path) -> AnswersToKeyRequests:
    """Return the answers of an earlier run, to be completed.

    Raises:
        KeyBrokerFileError: If the output is anything else.
    """
    if out.resolve() == requests.resolve():
        raise KeyBrokerFileError(f"{out} is the file of the requests")
    if out.is_dir():
        raise KeyBrokerFileError(f"{out} is a folder; name the file to write")
    if not out.exists():
        return AnswersToKeyRequests()
    try:
        return load_key_answers(out.read_bytes())
    except KeyBrokerFileError as error:
        raise KeyBrokerFileError(f"{out} exists and is not an earlier answer: {error}") from error


def _print_request_summary(
    destination: KeyServerAddress, unanswered: dict[str, parsers.KeyRequest], in_all: int
) -> None:
    sizes = [len(encode_key_request_as_json(request)) for request in unanswered.values()]
    kinds = sorted({(request.version, request.department) for request in unanswered.values()})
    kinds_text = ", ".join(
        f"version {version} and department {department}" for version, department in kinds
    )
    answered = (
        f"; {in_all - len(unanswered)} more are answered already"
        if in_all > len(unanswered)
        else ""
    )
    print_to_stderr(
        format_table(
            [
                ("To", f"{destination.host}  ({destination.url})"),
                ("Requests", f"{len(unanswered)}, one for each distinct log{answered}"),
                ("Bytes", f"{sum(sizes):,} in their bodies, none larger than {max(sizes):,}"),
                (
                    "Items",
                    f"{sum(map(count_key_ciphertexts, unanswered.values()))} "
                    "RSA ciphertexts of keys; "
                    f"{kinds_text}",
                ),
                ("Also sent", "your API key; the address of this computer; the time"),
                ("Not sent", "telemetry, positions, serial numbers, names, paths, hashes of logs"),
            ]
        )
    )


def _exit_unless_sending_is_confirmed(destination: KeyServerAddress, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise print_error_and_return_exit(
            "nothing was sent: there is no terminal for the question; --yes sends without asking"
        )
    if not typer.confirm(f"Send this to {destination.host}?", default=False, err=True):
        raise print_error_and_return_exit("nothing was sent")


def _api_key() -> str:
    """Return the API key of the user's account with DJI; it is never shown.

    Raises:
        typer.Exit: If there is none, or it is not valid.
    """
    api_key = os.environ.get(API_KEY, "")
    if not api_key:
        if not sys.stdin.isatty():
            raise print_error_and_return_exit(f"nothing was sent: no API key; set {API_KEY}")
        api_key = getpass.getpass("API key (not shown): ")
    api_key = api_key.strip()
    if (
        not api_key
        or len(api_key) > _LONGEST_KEY
        or not (api_key.isascii() and api_key.isprintable())
    ):
        raise print_error_and_return_exit("nothing was sent: the API key is not valid")
    return api_key
