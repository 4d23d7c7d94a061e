"""``dji-audit signing-key``: a key pair to sign dossiers with, where there is no openssl."""

import os
from pathlib import Path

import typer

from dji_audit.cli._terminal import print_error_and_return_exit, print_os_error_and_return_exit
from dji_audit.dossier.signature import new_signing_key, private_key_pem, public_key_hex
from dji_audit.keys.private_files import write_private_file

PASSWORD_VARIABLE = "DJI_AUDIT_SIGNING_PASSWORD"  # noqa: S105 - its name


def signing_key_password_from_environment() -> bytes | None:
    """Return the password of a private key; ``None``: none is set."""
    password = os.environ.get(PASSWORD_VARIABLE)
    return password.encode() if password else None


def create_signing_key_command(path: Path) -> int:
    """Write a new private key, never over a file; print its public key; return the exit code."""
    if path.exists():
        raise print_error_and_return_exit(f"{path} is there already; a key is never replaced")
    key = new_signing_key()
    try:
        write_private_file(path, private_key_pem(key, signing_key_password_from_environment()))
    except OSError as error:
        raise print_os_error_and_return_exit(path, error) from error
    typer.echo(public_key_hex(key.public_key()))
    return 0
