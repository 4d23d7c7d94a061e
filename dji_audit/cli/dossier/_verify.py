"""``dji-audit verify``: is a dossier as it was made, and does the audit give the same again?"""

import os
import re
from pathlib import Path

import parsers
from dji_audit.cli._options import LogReadingOptions, VerifyOptions
from dji_audit.cli._progress import show_progress_of_run
from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.cli.dossier._print_labelled_text import print_wrapped_beside_label
from dji_audit.cli.evidence._read_logs import ingest_settings_from_options
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.dossier.read_me import UNSIGNED
from dji_audit.dossier.repeat_audit import RepeatAuditSettingsNotInDossier
from dji_audit.dossier.rfc3161_request_and_response_files import CheckedTimestamp
from dji_audit.dossier.signature import SignatureKeyFileError, load_public_key, public_key_hex
from dji_audit.dossier.verify import DossierCheckResult, VerifySettings, verify_dossier

#: Exit codes: something differs; something could not be compared.
#: Faults that are printed; more are counted.
_MAX_FAULTS = 200
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def verify_command(path: Path, options: VerifyOptions) -> int:
    """Check a dossier and print what differs; return the exit code."""
    try:
        repeat = None
        if not options.no_audit:
            repeat = RepeatAuditSettingsNotInDossier(
                ingest=ingest_settings_from_options(
                    LogReadingOptions(
                        keys=options.keys,
                        key_store=options.key_store,
                        password_file=options.password_file,
                    )
                ),
                basemap=options.basemap,
                jobs=options.jobs or os.cpu_count() or 1,
                timeout_s=options.timeout,
            )
        settings = VerifySettings(
            manifest_sha256=_parse_expected_manifest_hash(options.manifest_sha256),
            public_key=_parse_expected_public_key(options.signed_by),
            timestamp_roots=options.timestamp_root,
            repeat=repeat,
        )
        with show_progress_of_run() as meter:
            check = verify_dossier(
                path, settings, meter.note_items_done if meter is not None else None
            )
    except parsers.InvalidKeysError as error:
        raise print_error_and_return_exit(str(error)) from error
    except OSError as error:
        name = error.filename if error.filename is not None else path
        raise print_os_error_and_return_exit(name, error) from error
    except KeyboardInterrupt:
        print_to_stderr("dji-audit: interrupted; nothing was decided")
        return ExitCode.INTERRUPTED
    _print_faults_and_remarks(path, check)
    if check.faults:
        return ExitCode.NOT_AS_SEALED
    is_incomplete = check.repeated is not None and not check.repeated.is_complete
    return ExitCode.INCOMPLETE if is_incomplete else ExitCode.DONE


def _parse_expected_manifest_hash(text: str | None) -> str | None:
    if text is None:
        return None
    digits = re.sub(r"[\s:]", "", text)
    if not _SHA256.fullmatch(digits):
        raise print_error_and_return_exit("--manifest-sha256: a SHA-256 has 64 hexadecimal digits")
    return digits.lower()


def _parse_expected_public_key(text: str | None) -> str | None:
    """Return the key that a user names: 64 hexadecimal digits, or a PEM file."""
    if text is None:
        return None
    if _SHA256.fullmatch(text):
        return text.lower()
    try:
        return public_key_hex(load_public_key(Path(text)))
    except SignatureKeyFileError as error:
        raise print_error_and_return_exit(f"--signed-by: {error}") from error
    except OSError as error:
        raise print_error_and_return_exit(
            f"--signed-by {text}: {os_error_reason(error)}"
        ) from error


def _print_faults_and_remarks(path: Path, check: DossierCheckResult) -> None:
    for fault in check.faults[:_MAX_FAULTS]:
        print_wrapped_beside_label("DIFFERS", f"{fault.name}: {fault.reason}")
    if len(check.faults) > _MAX_FAULTS:
        print_wrapped_beside_label("DIFFERS", f"and {len(check.faults) - _MAX_FAULTS:,} more")
    manifest = check.manifest
    if manifest is not None:
        if (case := manifest.case) is not None:
            texts = [case.reference, case.exhibit, case.made_by]
            print_wrapped_beside_label("CASE", ", ".join(filter(None, texts)))
        time = manifest.run.clock.time or "at a time that is not stated"
        print_wrapped_beside_label("MADE", f"by dji-audit {manifest.tool.version}, {time}")
        if manifest.signature is None:
            print_wrapped_beside_label("NOTE", UNSIGNED)
        else:
            key = manifest.signature.public_key
            print_wrapped_beside_label(
                "SIGNED", f"Ed25519, public key {key}; compare it with that of who signed"
            )
    if check.timestamp is not None:
        _print_timestamp(check.timestamp)
    for remark in check.remarks:
        print_wrapped_beside_label("NOTE", remark)
    if check.manifest_sha256 is not None:
        print_wrapped_beside_label("NOTE", f"SHA-256 of manifest.json: {check.manifest_sha256}")
    print_wrapped_beside_label("VERDICT", _dossier_verdict_text(path, check))


def _print_timestamp(stamp: CheckedTimestamp) -> None:
    trust = (
        "its signature was checked up to the root certificate given"
        if stamp.is_trusted
        else "its signature was not checked: name the root certificate with --timestamp-root"
    )
    authority = stamp.authority or "an authority that is not named"
    print_wrapped_beside_label(
        "STAMPED", f"{stamp.time:%Y-%m-%d %H:%M:%S} UTC by {authority}; {trust}"
    )


def _dossier_verdict_text(path: Path, check: DossierCheckResult) -> str:
    name = path.name
    if check.faults:
        parts = len({fault.name for fault in check.faults})
        differ = "differs" if parts == 1 else "differ"
        counted = pluralised_count(parts, "part")
        return f"{name} is not as it was made: {counted} {differ}. Exit {ExitCode.NOT_AS_SEALED}."
    files = len(check.manifest.files) if check.manifest is not None else 0
    text = f"{name}: {pluralised_count(files, 'file')} as the manifest lists them"
    repeated = check.repeated
    if repeated is None:
        return f"{text}; the audit was not repeated."
    if not repeated.is_complete:
        return (
            f"{text}; the repeated audit could not be compared in full. Exit {ExitCode.INCOMPLETE}."
        )
    return f"{text}; the audit was repeated and gives the same {repeated.compared:,} results."
