"""``dji-audit doctor``."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import typer

import parsers
from dji_audit.cli._options import AuditOptions
from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stdout
from dji_audit.cli.configuration._apply_configuration import merge_configuration_into_options
from dji_audit.cli.configuration._find_configuration import choose_configuration
from dji_audit.cli.configuration._read_configuration import ConfigurationError, read_configuration
from dji_audit.cli.doctor._computer_checks import computer_check_findings
from dji_audit.cli.doctor._configuration_checks import ConfigurationChecker
from dji_audit.cli.doctor._doctor_finding import DoctorFinding
from dji_audit.cli.doctor._unused_configuration import findings_of_options_unused_in_report
from dji_audit.cli.dossier._print_labelled_text import print_wrapped_beside_label
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.report.json_values import as_json_value

SCHEMA = "dji-audit/doctor/1"


def doctor_command(config: str | None, as_of: str | None, report: Path | None, format_: str) -> int:
    """Print what is missing, out of date or unused; return the exit code: 1 for a problem."""
    try:
        day = dt.date.fromisoformat(as_of) if as_of is not None else dt.datetime.now(dt.UTC).date()
    except ValueError as error:
        raise print_error_and_return_exit(
            f"--as-of {as_of} is not a date; use YYYY-MM-DD"
        ) from error
    results = tuple(
        DoctorFinding(it.level, it.subject, parsers.redact_secrets(it.text))
        for it in _doctor_findings(config, day, report)
    )
    levels = Counter(it.level for it in results)
    if format_ == "json":
        document = {"schema": SCHEMA, "as_of": str(day), "checks": as_json_value(results)}
        print_to_stdout(json.dumps(document, indent=1, ensure_ascii=True) + "\n")
    else:
        for it in results:
            print_wrapped_beside_label(it.level.upper(), f"{it.subject}: {it.text}")
        typer.echo(
            f"{pluralised_count(levels['problem'], 'problem')}, "
            f"{pluralised_count(levels['note'], 'note')}, {levels['ok']:,} in order, as of {day}"
        )
    return ExitCode.NEEDS_LOOK if levels["problem"] else ExitCode.DONE


def _doctor_findings(
    config: str | None, day: dt.date, report: Path | None
) -> Iterator[DoctorFinding]:
    options, evidence = AuditOptions(), list[Path]()
    try:
        path = choose_configuration(config, ()).path
        configuration = None if path is None else read_configuration(path)
    except ConfigurationError as error:
        yield DoctorFinding("problem", "configuration", str(error))
        configuration = None
    else:
        if configuration is None:
            text = "none is used; dji-audit init writes one"
            yield DoctorFinding("note", "configuration", text)
    if configuration is not None:
        options = merge_configuration_into_options(options, configuration)
        keys = pluralised_count(len(configuration.keys_and_values_given_in_file()), "key")
        text = f"{configuration.path}: {keys}, SHA-256 {configuration.sha256}"
        yield DoctorFinding("ok", "configuration", text)
        evidence = [
            Path(text) for text in configuration.keys_and_values_given_in_file().get("paths", ())
        ]
        for each in evidence:
            is_there = each.exists()
            words = "is there" if is_there else "is missing"
            yield DoctorFinding("ok" if is_there else "problem", "paths", f"{each} {words}")
    yield from ConfigurationChecker(options, day).run_all_checks()
    if report is not None:
        try:
            yield from findings_of_options_unused_in_report(report, options)
        except (SuppliedFileError, parsers.InvalidKeysError) as error:
            yield DoctorFinding("problem", "report", str(error))
        except OSError as error:
            text = f"{error.filename or report}: {os_error_reason(error)}"
            yield DoctorFinding("problem", "report", text)
    yield from computer_check_findings(options.state, evidence)
