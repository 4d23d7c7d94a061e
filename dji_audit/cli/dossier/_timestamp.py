"""``dji-audit timestamp``: a request to take along, and a response to put into a dossier."""

from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit, print_os_error_and_return_exit
from dji_audit.cli.dossier._print_labelled_text import print_wrapped_beside_label
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.dossier.add_timestamp import add_and_return_checked_timestamp, read_manifest_bytes
from dji_audit.dossier.rfc3161_request_and_response_files import (
    TimestampError,
    create_timestamp_request,
)
from dji_audit.dossier.write_archive import DossierError


def timestamp_command(path: Path, request: Path | None, response: Path | None) -> int:
    """Write a request, or add a response; return the exit code."""
    if (request is None) == (response is None):
        raise print_error_and_return_exit(
            "name the request to write (--request) or the response (--response)"
        )
    try:
        if request is not None:
            write_atomically(request, (create_timestamp_request(read_manifest_bytes(path)),))
            typer.echo(terminal_safe_text(request))
        if response is not None:
            stamp = add_and_return_checked_timestamp(path, response)
            print_wrapped_beside_label("STAMPED", f"{stamp.time:%Y-%m-%d %H:%M:%S} UTC; {path}")
    except (DossierError, TimestampError) as error:
        raise print_error_and_return_exit(str(error)) from error
    except OSError as error:
        name = error.filename if error.filename is not None else path
        raise print_os_error_and_return_exit(name, error) from error
    return 0
