"""An audit that ends in documents other than its own: a map, an export, a report."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import parsers
from dji_audit.cli._options import RunCommandOptions
from dji_audit.cli._terminal import print_error_and_return_exit, print_to_stderr
from dji_audit.cli.audit._show_run_progress import call_with_run_progress
from dji_audit.common.supplied_tables import SuppliedFileError
from dji_audit.compliance.policy import PolicyError
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths


def audit_with_progress(
    paths: Sequence[Path], options: RunCommandOptions, choose: Callable[[], RunOptions]
) -> FinishedRun | None:
    """Audit, with progress shown as a user wants it; ``None``: it was interrupted.

    Args:
        paths: Files and folders.
        options: What the command line says.
        choose: Gives the options of the run.

    Raises:
        typer.Exit: If an option, a context file or the target cannot be used.
    """
    try:
        chosen = choose()
        return call_with_run_progress(partial(audit_paths, paths, chosen), options, chosen.jobs)
    except (PolicyError, SuppliedFileError, OutputError, parsers.InvalidKeysError) as error:
        raise print_error_and_return_exit(str(error)) from error
    except KeyboardInterrupt:
        print_to_stderr("dji-audit: interrupted; run the command again for a result")
        return None
