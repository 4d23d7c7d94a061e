"""``dji-audit dossier``: audit, and put everything into one archive that can be checked."""

import os
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import JsonValue

import parsers
from dji_audit.cli._options import DossierOptions
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.cli.audit._run_options_from_cli import run_options_from_cli
from dji_audit.cli.audit._run_summary_lines import run_summary_lines
from dji_audit.cli.audit._show_run_progress import call_with_run_progress
from dji_audit.cli.dossier._print_labelled_text import print_wrapped_beside_label
from dji_audit.cli.dossier._signing_key_command import signing_key_password_from_environment
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError, unshipped_pack_files
from dji_audit.dossier.build import BuiltDossier, DossierRequest, build_dossier
from dji_audit.dossier.read_me import UNSIGNED
from dji_audit.dossier.rfc3161_request_and_response_files import (
    TimestampError,
    create_timestamp_request,
)
from dji_audit.dossier.signature import SignatureKeyFileError, load_signing_key
from dji_audit.dossier.write_archive import DossierError
from dji_audit.fleet.output_folder import OutputError
from dji_audit.redaction import PositionRedactionMethod

#: Options that change no byte of a dossier, name the dossier itself, or stand in the manifest
#: under another name.
_WITHOUT_EFFECT = frozenset(
    {
        "out",
        "jobs",
        "timeout",
        "now",
        "case_ref",
        "exhibit",
        "by",
        "timestamp_request",
        "sign",
    }
    | {"progress", "quiet"}
)


def dossier_command(paths: Sequence[Path], options: DossierOptions) -> int:
    """Make a dossier; return the exit code."""
    given = paths_with_those_listed_on_stdin(paths)
    try:
        method = PositionRedactionMethod(options.redact) if options.redact is not None else None
        run = run_options_from_cli(options, None, redaction=method)
        request = DossierRequest(
            paths=given,
            run=run,
            policy=options.policy,
            policy_files=unshipped_pack_files(options.policy),
            declared_clocks=tuple(options.clock or ()),
            options=_options_other_than_default(options),
            time_stated_by=_name_of_option_or_env_var_setting_time(options.now),
            with_originals=options.with_originals,
            signing_key=_load_signing_key_or_exit(options.sign)
            if options.sign is not None
            else None,
        )
        built = call_with_run_progress(
            partial(build_dossier, request, options.out), options, run.jobs
        )
        if options.timestamp_request is not None:
            _write_timestamp_request(built, options.timestamp_request)
    except (
        DossierError,
        PolicyError,
        SuppliedFileError,
        OutputError,
        TimestampError,
        parsers.InvalidKeysError,
    ) as error:
        raise print_error_and_return_exit(str(error)) from error
    except KeyboardInterrupt:
        print_to_stderr("dji-audit: interrupted; no dossier was made")
        return ExitCode.INTERRUPTED
    _print_built_dossier(built, given)
    is_empty = built.run.verdict.exit_code is ExitCode.NOTHING
    return ExitCode.NOTHING if is_empty else ExitCode.DONE


def _load_signing_key_or_exit(path: Path) -> Ed25519PrivateKey:
    try:
        return load_signing_key(path, signing_key_password_from_environment())
    except SignatureKeyFileError as error:
        raise print_error_and_return_exit(f"--sign: {error}") from error
    except OSError as error:
        raise print_error_and_return_exit(f"--sign {path}: {os_error_reason(error)}") from error


def _options_other_than_default(options: DossierOptions) -> dict[str, JsonValue]:
    """Return the options that differ from their defaults, by their names in the command."""
    given: dict[str, JsonValue] = {}
    for option in fields(options):
        value = getattr(options, option.name)
        if option.name in _WITHOUT_EFFECT or value == option.default or value is None:
            continue
        name = option.name.replace("_", "-")
        if isinstance(value, list | tuple):
            given[name] = list(parsers.redact_secrets(tuple(map(str, value))))
        else:
            given[name] = value if isinstance(value, bool | int | float) else str(value)
    return given


def _name_of_option_or_env_var_setting_time(now: str | None) -> str | None:
    if now is not None:
        return "--now"
    return "SOURCE_DATE_EPOCH" if os.environ.get("SOURCE_DATE_EPOCH") else None


def _write_timestamp_request(built: BuiltDossier, path: Path) -> None:
    request = create_timestamp_request(built.archive.manifest.to_bytes())
    try:
        write_atomically(path, (request,))
    except OSError as error:
        raise print_os_error_and_return_exit(path, error) from error
    print_to_stderr(
        f"Time stamp request: {terminal_safe_text(path)}. Take it to a time stamp authority, then: "
        f"dji-audit timestamp {terminal_safe_text(built.archive.path)} --response RESPONSE"
    )


def _print_built_dossier(built: BuiltDossier, paths: Sequence[Path]) -> None:
    archive, manifest = built.archive, built.archive.manifest
    for line in run_summary_lines(built.run, paths, None):
        # Its last line says which page to open; here that is the archive.
        if not line.startswith("OPEN"):
            typer.echo(line)
    print_wrapped_beside_label("DOSSIER", f"{archive.path}: {len(manifest.files):,} files")
    print_wrapped_beside_label("NOTE", f"SHA-256 of manifest.json: {archive.manifest_sha256}")
    if manifest.signature is None:
        print_wrapped_beside_label("NOTE", UNSIGNED)
    else:
        print_wrapped_beside_label("SIGNED", f"Ed25519, public key {manifest.signature.public_key}")
    if manifest.run.clock.time is None:
        print_wrapped_beside_label(
            "NOTE", "The dossier states no time: none was given (--now TIME)."
        )
    for remark in manifest.remarks:
        print_wrapped_beside_label("NOTE", remark)
