"""The flights below some paths, with what they are audited with: for commands that show them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import parsers
from dji_audit.cli._options import PolicyAndContextOptions
from dji_audit.cli._terminal import (
    checked_timezone_name,
    generation_time_of_option_or_env_or_none,
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
)
from dji_audit.cli.evidence._read_logs import (
    ingest_settings_from_options,
    read_joined_evidence_and_unread_files,
)
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.audit import check_policy
from dji_audit.compliance.context import AuditContext, load_audit_context
from dji_audit.compliance.policy import Policy, PolicyError, load_policy
from dji_audit.ingest.evidence_joined_into_flights import EvidenceJoinedIntoFlights
from dji_audit.report.rows import FileRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAndAuditContext:
    """Flights whose logs were joined, and what they are audited with."""

    evidence: EvidenceJoinedIntoFlights
    #: Files that were not read and may hold evidence.
    unread: Sequence[FileRow]
    #: The paths that the user named, those of standard input among them.
    given: Sequence[Path]
    policy: Policy
    #: With the network logs among the evidence.
    context: AuditContext
    #: Time of the run; ``None``: none is stated.
    generated: dt.datetime | None


def read_flights_to_show(
    paths: Sequence[Path], options: PolicyAndContextOptions
) -> EvidenceAndAuditContext:
    """Return the flights below some paths, with the policy and the context that a user chose.

    Raises:
        typer.Exit: If a path or a supplied file cannot be used (2), or there is no log (3).
    """
    try:
        policy = load_policy(options.policy)
        check_policy(policy)
        settings = ingest_settings_from_options(options)
        given = paths_with_those_listed_on_stdin(paths)
        generated = generation_time_of_option_or_env_or_none(options.now)
        context = load_audit_context(
            options.context_files(), generated.date() if generated else None
        )
        zone = options.camera_timezone and checked_timezone_name(options.camera_timezone)
        evidence, unread = read_joined_evidence_and_unread_files(given, settings, zone)
    except (PolicyError, SuppliedFileError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    return EvidenceAndAuditContext(
        evidence=evidence,
        unread=unread,
        given=given,
        policy=policy,
        context=replace(context, network=evidence.network_logs),
        generated=generated,
    )
