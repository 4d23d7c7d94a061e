"""The options of a run, as the commands that audit share them."""

import os
from collections.abc import Sequence
from pathlib import Path

from dji_audit.cli._options import RunCommandOptions
from dji_audit.cli._terminal import checked_timezone_name, generation_time_of_option_or_env_or_none
from dji_audit.cli.evidence._read_logs import ingest_settings_from_options
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import PagesToDraw, RunOptions
from dji_audit.redaction import PositionRedactionMethod


def run_options_from_cli(
    options: RunCommandOptions,
    out: Path | None,
    *,
    pdf: bool = False,
    parquet: bool = False,
    plots: Sequence[str] = (),
    redaction: PositionRedactionMethod | None = None,
    state: Path | None = None,
    trust_mtime: bool = False,
    scheduler: str | None = None,
    pages: str | None = None,
) -> RunOptions:
    """Return what a user chose for a run.

    Raises:
        typer.Exit: If a time, a time zone, a file or a store cannot be used.
        PolicyError: If there is no such policy.
        SuppliedFileError: If a declared clock cannot be used.
        parsers.InvalidKeysError: If a file holds no keychains.
    """
    camera_timezone = options.camera_timezone
    return RunOptions(
        policy=load_policy(options.policy),
        ingest=ingest_settings_from_options(options),
        out=out,
        jobs=options.jobs or os.cpu_count() or 1,
        timeout_s=options.timeout,
        fail_on=Severity(options.fail_on),
        allow_partial=options.allow_partial,
        generated=generation_time_of_option_or_env_or_none(options.now),
        timezone=checked_timezone_name(options.timezone) if options.timezone else None,
        context_files=options.context_files(),
        case=options.case_details(),
        pdf=pdf,
        parquet=parquet,
        plots=tuple(plots),
        redaction=redaction,
        state=state,
        trust_mtime=trust_mtime,
        pages=PagesToDraw(pages) if pages is not None else None,
        scheduler=scheduler,
        camera_timezone=checked_timezone_name(camera_timezone) if camera_timezone else None,
    )
