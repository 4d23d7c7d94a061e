"""``dji-audit audit``."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import parsers
from dji_audit.cli._logs import ingest_settings
from dji_audit.cli._table import shorten_middle
from dji_audit.cli._terminal import (
    INTERRUPTED,
    check_timezone,
    expand_paths,
    fail,
    print_data,
    print_message,
    run_time,
    safe_text,
)
from dji_audit.cli.audit._summary import print_file_notes, print_tables
from dji_audit.compliance.context import NO_CONTEXT, ContextFiles
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.policy import PolicyError, load_policy
from dji_audit.fleet.output_folder import INDEX_FILE, OutputError
from dji_audit.fleet.run import RunOptions, run
from dji_audit.report.documents import flights_csv
from dji_audit.supplied_tables import ContextError


def audit_command(
    paths: Sequence[Path],
    out: Path | None,
    keys: Sequence[Path],
    policy: str,
    jobs: int,
    fail_on: str,
    allow_partial: bool,
    format_: str,
    timeout_s: float,
    timezone: str,
    now: str | None,
    key_store: str | None = None,
    context_files: ContextFiles = NO_CONTEXT,
    camera_timezone: str | None = None,
) -> int:
    """Audit, write, print; return the exit code."""
    try:
        options = RunOptions(
            policy=load_policy(policy),
            ingest=ingest_settings(keys, key_store),
            out=out,
            jobs=jobs or os.cpu_count() or 1,
            timeout_s=timeout_s,
            fail_on=Severity(fail_on),
            allow_partial=allow_partial,
            generated=run_time(now),
            timezone=check_timezone(timezone),
            context_files=context_files,
            camera_timezone=check_timezone(camera_timezone) if camera_timezone else None,
        )
        finished = run(
            expand_paths(paths), options, _show_progress if sys.stderr.isatty() else None
        )
    except (PolicyError, ContextError, OutputError, parsers.EncryptedLogError) as error:
        raise fail(str(error)) from error
    except OSError as error:
        # A file that cannot be read is a result; all other errors concern the output.
        raise fail(f"cannot write: {error}") from error
    except KeyboardInterrupt:
        print_message("dji-audit: interrupted; run the command again for a result")
        return INTERRUPTED
    print_file_notes(finished)
    if format_ == "json":
        print_data(finished.report)
    elif format_ == "csv":
        print_data(flights_csv(finished.contents.flights))
    else:
        print_tables(finished, ZoneInfo(options.timezone))
    verdict = finished.verdict
    print_message(f"\nVERDICT  {safe_text(verdict.line)}. Exit {verdict.exit_code}.")
    if finished.basis.as_of is not None:
        print_message(f"Rules    as of {finished.basis.as_of}, not of each flight's own date")
    if out is not None:
        print_message(f"Open     {out / INDEX_FILE}")
    return verdict.exit_code


def _show_progress(done: int, total: int, name: str) -> None:
    """Show progress on one line of the terminal."""
    room = shutil.get_terminal_size().columns - 1
    line = shorten_middle(f"{done}/{total} {safe_text(name)}", room)
    blank = " " * room
    sys.stderr.write(f"\r{blank}\r{line}" if done < total else f"\r{blank}\r")
    sys.stderr.flush()
