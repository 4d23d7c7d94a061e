"""``dji-audit signing-key``: a key pair to sign dossiers with, where there is no openssl."""

import os
from pathlib import Path

import typer

from dji_audit.cli._terminal import exit_with_error, exit_with_os_error
from dji_audit.dossier.signature import new_signing_key, private_key_pem, public_key_hex
from dji_audit.keys.private_files import write_private_file

PASSWORD_VARIABLE = "DJI_AUDIT_SIGNING_PASSWORD"  # noqa: S105 - its name


def signing_key_password() -> bytes | None:
    """Return the password of a private key; ``None``: none is set."""
    password = os.environ.get(PASSWORD_VARIABLE)
    return password.encode() if password else None


def signing_key_command(path: Path) -> int:
    """Write a new private key, never over a file; print its public key; return the exit code."""
    if path.exists():
        raise exit_with_error(f"{path} is there already; a key is never replaced")
    key = new_signing_key()
    try:
        write_private_file(path, private_key_pem(key, signing_key_password()))
    except OSError as error:
        raise exit_with_os_error(path, error) from error
    typer.echo(public_key_hex(key.public_key()))
    return 0
